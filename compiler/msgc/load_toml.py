"""A TOML file becomes a document, with the place of each of its keys.

tomllib tells what a file says but not where; a scan over its tokens finds the keys again. The scan only runs
on text that tomllib has accepted, so it need not judge.
"""

from __future__ import annotations

import re
import tomllib

from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Document, Node, Path
from msgc.rules import finding
from msgc.source import Source

MAX_BYTES = 1024 * 1024
"""Larger files are refused: no configuration needs that."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|\#[^\n]*"
    r"|[\[\]{},=.\n]"
    r"|[ \t\r]+"
    r"|[^\s\[\]{},=.\#\"']+",
    re.DOTALL,
)
_ERROR_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_HELP = (
    ("cannot overwrite a value", "keep one of the two lines: each key stands once in its table"),
    ("cannot declare", "keep one of the two headings: each table stands once"),
    ("invalid value", "write text in quotes; numbers, true and false stand without"),
    ("expected '='", "write `key = value`"),
)
_SECRET_LINE = re.compile(r"((?:key|token|secret|password)[\"']?[ \t]*=)(.*)", re.IGNORECASE)


def load_toml(data: bytes, name: str) -> Document:
    """The document of a TOML file, `name` being how reports show it.

    Raises `Rejected` (`configuration`) for a file that is too large, not UTF-8 or not TOML.
    """
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; a configuration may have {MAX_BYTES:,}"
        raise Rejected(finding("configuration", message, file=name))
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8: byte {error.start + 1} cannot be read"
        raise Rejected(finding("configuration", message, file=name, help="save it as UTF-8")) from None
    source = Source(name, text)
    try:
        content = tomllib.loads(text)
    except RecursionError:
        raise Rejected(finding("configuration", "the file is nested too deeply", file=name)) from None
    except ValueError as error:
        raise Rejected(_syntax_problem(source, str(error))) from None
    return Document(source, content, _Scan(text).nodes)


def _syntax_problem(source: Source, problem: str) -> Diagnostic:
    place = _ERROR_PLACE.search(problem)
    offset = len(source.text)
    if place and place[1]:
        offset = source.line_start(int(place[1])) + int(place[2]) - 1
    sentence = _ERROR_PLACE.sub("", problem)
    sentence = "a number is too long" if "set_int_max_str_digits" in sentence else sentence
    # The line may be that of a key whose quotes were forgotten; no excerpt shows it.
    masked = _SECRET_LINE.sub(lambda line: line[1] + "•" * len(line[2]), source.text)
    return finding(
        "configuration",
        f"the file is not TOML: {sentence[:1].lower()}{sentence[1:]}",
        Source(source.name, masked).span(offset),
        help=next((help_ for words, help_ in _HELP if sentence.lower().startswith(words)), None),
    )


class _Scan:
    """Walks the tokens of a valid TOML text once; `nodes` then has the place of every key and item."""

    def __init__(self, text: str) -> None:
        matches = _TOKEN.finditer(text)
        self._tokens = [match for match in matches if match[0][0] not in " \t\r#"]
        self._next = 0
        self.nodes: dict[Path, Node] = {(): Node(0, len(text), 0, 0, "block")}
        table: Path = ()
        while self._peek():
            if self._peek() == "[":
                table = self._header()
            elif self._peek() == "\n":
                self._next += 1
            else:
                self._pair(table)

    def _peek(self) -> str:
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def _here(self) -> int:
        return self._tokens[self._next].start()

    def _behind(self) -> int:
        return self._tokens[self._next - 1].end()

    def _header(self) -> Path:
        start = self._here()
        while self._peek() == "[":
            self._next += 1
        table = self._key("]")
        while self._peek() == "]":
            self._next += 1
        for length in range(1, len(table) + 1):
            self.nodes.setdefault(table[:length], Node(start, self._behind(), start, self._behind(), "block"))
        return table

    def _pair(self, table: Path) -> None:
        key_start = self._here()
        names = self._key("=")
        key_end = self._behind()
        self._next += 1
        start = self._here()
        path = table + names
        self._value(path)
        for length in range(len(table) + 1, len(path) + 1):
            self.nodes.setdefault(path[:length], Node(start, self._behind(), key_start, key_end, "plain"))

    def _key(self, stop: str) -> Path:
        names: list[str] = []
        while self._peek() != stop:
            word = self._peek()
            if word != ".":
                names.append(tomllib.loads(f"x = {word}")["x"] if word[0] in "\"'" else word)
            self._next += 1
        return tuple(names)

    def _value(self, path: Path) -> None:
        opened = self._peek()
        if opened not in ("[", "{"):
            while self._peek() not in (",", "]", "}", "\n", ""):
                self._next += 1
            return
        self._next += 1
        items = 0
        while self._peek() not in ("]", "}"):
            if self._peek() in (",", "\n"):
                self._next += 1
            elif opened == "{":
                self._pair(path)
            else:
                start = self._here()
                self._value((*path, items))
                self.nodes[(*path, items)] = Node(start, self._behind(), start, start, "plain")
                items += 1
        self._next += 1
