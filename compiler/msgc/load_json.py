"""JSON becomes a document, strictly: what `json` lets through (doubled keys, NaN) is a finding.

`json` reads the text; our own scan, which is slower and knows places, runs only when something is wrong with
the text or somebody asks where a value stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NoReturn

from msgc.decode import decode_text
from msgc.diagnostic import Diagnostic, Rejected, Related
from msgc.document import Document, Node, Path, Style
from msgc.rules import finding
from msgc.scalars import MAX_INTEGER, MIN_INTEGER
from msgc.source import Source

MAX_JSON_BYTES: Final = 16 << 20
MAX_JSON_DEPTH: Final = 64
_MAX_FINDINGS: Final = 100
# The longest 64-bit integer has 20 characters, its sign included; int() refuses very long ones.
_MOST_DIGITS: Final = 20

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[-+]?[A-Za-z_$][\w$]*|[-+.]?[0-9][\w.+-]*|//[^\n]*|/\*|#[^\n]*|.", re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS: Final[tuple[tuple[str, bool | None], ...]] = (("true", True), ("false", False), ("null", None))


def load_json(data: bytes, name: str) -> Document:
    """The document in a JSON file's bytes; a BOM is accepted.

    `name` is the file's name in reports. Raises Rejected with located errors for all that is not
    strict JSON: other syntax, a key twice in one object, NaN and Infinity, numbers beyond 64 bits, lone
    surrogates, more than 64 levels, more than 16 MiB, bytes that are not UTF-8.
    """
    source = decode_text(data, name, MAX_JSON_BYTES)
    return Document(source, parse_json(source), _LazyNodes(source))


def parse_json(source: Source) -> Any:
    """The value of a JSON text. Raises Rejected as `load_json` does."""
    text = source.text
    # The fast way cannot see these two; a text that may hold them is scanned.
    if text.count("[") + text.count("{") <= MAX_JSON_DEPTH and not _SURROGATE_ESCAPE.search(text):
        try:
            return _DECODER.decode(text)
        except (ValueError, RecursionError):
            pass
    scan = _Scan(source)
    scan.run()
    if scan.findings:
        raise Rejected(*scan.findings)
    return scan.data


def locate_json(text: str, path: Path) -> tuple[int, int]:
    """Where the value at a path stands in a JSON text (offsets in code points, half open).

    A path that does not exist gives the nearest value above it; a text that is not JSON, all of it.
    """
    scan = _Scan(Source("", text))
    scan.run()
    while path and path not in scan.nodes:
        path = path[:-1]
    node = scan.nodes.get(path)
    return (node.start, node.end) if node is not None else (0, len(text))


class _NotStrictError(ValueError):
    """`json` would accept this, JSON does not; the scan will say what and where."""


def _strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _NotStrictError
    return result


def _strict_integer(text: str) -> int:
    value = int(text) if len(text) <= _MOST_DIGITS else MAX_INTEGER + 1
    if not MIN_INTEGER <= value <= MAX_INTEGER:
        raise _NotStrictError
    return value


def _strict_float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _NotStrictError
    return value


def _no_constant(_: str) -> Any:
    raise _NotStrictError


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_strict_object,
    parse_int=_strict_integer,
    parse_float=_strict_float,
    parse_constant=_no_constant,
)


# The strings of `json`: the function under its C accelerator, which the type stubs do not know.
_scan_string: Final[Callable[[str, int, bool], tuple[str, int]]] = json.decoder.scanstring  # type: ignore[attr-defined]


class _LazyNodes(Mapping[Path, Node]):
    """The side table of a JSON text that is known to be good, made when somebody first asks."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @cached_property
    def _nodes(self) -> Mapping[Path, Node]:
        scan = _Scan(self._source)
        scan.run()
        return scan.nodes

    def __getitem__(self, path: Path) -> Node:
        return self._nodes[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


class _Stop(Exception):  # noqa: N818 - a signal, not an error
    """Behind a syntax error nothing can be said."""


class _Frame:
    """An object or array that is being read."""

    __slots__ = ("data", "key", "key_end", "key_start", "path", "start")

    def __init__(self, data: Any, path: Path, start: int) -> None:
        self.data = data
        self.path = path
        self.start = start
        self.key = ""
        self.key_start = start
        self.key_end = start


class _Scan:
    """One pass over a JSON text, without recursion: `data`, `nodes` and `findings` are its results."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.data: Any = None
        self.nodes: dict[Path, Node] = {}
        self.findings: list[Diagnostic] = []
        self._frames: list[_Frame] = []

    def run(self) -> None:
        """Reads the whole text, or up to its first syntax error."""
        try:
            at = self._space(0)
            while True:
                opened = self.text[at : at + 1]
                if opened == "{" or opened == "[":
                    at = self._open(at, opened)
                    if self.text[at : at + 1] not in ("}", "]"):
                        at = self._key(at) if opened == "{" else at
                        continue
                else:
                    at = self._scalar(at)
                following = self._behind_value(at)
                if following is None:
                    return
                at = following
        except _Stop:
            return

    def _behind_value(self, at: int) -> int | None:
        """Closes what ends behind a value; where the next value begins, or None at the end of the text."""
        while self._frames:
            frame = self._frames[-1]
            is_map = isinstance(frame.data, dict)
            at = self._space(at)
            char = self.text[at : at + 1]
            if char == ("}" if is_map else "]"):
                at += 1
                self._frames.pop()
                self._place(frame.data, frame.start, at, None)
            elif char == ",":
                comma = at
                at = self._space(at + 1)
                if self.text[at : at + 1] in ("}", "]"):
                    self._fail("JSON allows no comma in front of a closing bracket", comma, comma + 1, "Remove it")
                return self._key(at) if is_map else at
            else:
                self._expected("a comma or `}`" if is_map else "a comma or `]`", at)
        at = self._space(at)
        if at < len(self.text):
            self._fail("The JSON value has ended before this", at, self._word_end(at), "Remove what follows it")
        return None

    def _space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def _open(self, at: int, opened: str) -> int:
        if len(self._frames) >= MAX_JSON_DEPTH:
            self._report(
                "json-depth",
                "Objects and arrays are nested too deeply here",
                at,
                at + 1,
                allowed=f"at most {MAX_JSON_DEPTH} levels",
            )
            raise _Stop
        path = self._path()
        self._frames.append(_Frame({} if opened == "{" else [], path, at))
        self.nodes[path] = Node(at, at + 1, at, at, "flow")  # keeps the order of the file; replaced at the end
        return self._space(at + 1)

    def _path(self) -> Path:
        if not self._frames:
            return ()
        frame = self._frames[-1]
        return (*frame.path, frame.key if isinstance(frame.data, dict) else len(frame.data))

    def _place(self, value: Any, start: int, end: int, text: str | None) -> None:
        path = self._path()
        style: Style = "flow" if text is None else "double" if isinstance(value, str) else "plain"
        key_start = key_end = start
        if not self._frames:
            self.data = value
        else:
            frame = self._frames[-1]
            if isinstance(frame.data, dict):
                frame.data[frame.key] = value
                key_start, key_end = frame.key_start, frame.key_end
            else:
                frame.data.append(value)
        self.nodes[path] = Node(start, end, key_start, key_end, style, text)

    def _key(self, at: int) -> int:
        """Reads a key and its colon; where the value begins."""
        frame = self._frames[-1]
        if self.text[at : at + 1] != '"':
            self._expected("a key in double quotes", at)
        key, end = self._string(at)
        if key in frame.data:
            first = self.nodes[(*frame.path, key)]
            self._report(
                "json-duplicate-key",
                "The key stands here a second time in one object",
                at,
                end,
                found=self.text[at : min(end, at + 60)],
                help="Remove one of the two",
                related=(Related(self.source.span(first.key_start, first.key_end), "it stands here first"),),
            )
        frame.key, frame.key_start, frame.key_end = key, at, end
        at = self._space(end)
        if self.text[at : at + 1] != ":":
            self._expected("a colon behind the key", at)
        return self._space(at + 1)

    def _scalar(self, at: int) -> int:
        text = self.text
        if text[at : at + 1] == '"':
            value, end = self._string(at)
            self._place(value, at, end, value)
            return end
        for word, constant in _WORDS:
            if text.startswith(word, at) and self._word_end(at) == at + len(word):
                self._place(constant, at, at + len(word), word)
                return at + len(word)
        number = _NUMBER.match(text, at)
        if number is None or self._word_end(at) > number.end():
            self._expected("a value", at)
        self._place(self._number(number), at, number.end(), number.group())
        return number.end()

    def _number(self, match: re.Match[str]) -> int | float:
        try:
            if match[1] is None and match[2] is None:
                return _strict_integer(match.group())
            return _strict_float(match.group())
        except _NotStrictError:
            digits = match.group()
            self._report(
                "json-number",
                "The number is too large for 64 bits",
                *match.span(),
                found=digits if len(digits) <= 60 else f"{digits[:59]}…",
                help="If it is an id, put it in double quotes",
            )
            return 0

    def _string(self, at: int) -> tuple[str, int]:
        """The string that begins at a quote, and where it ends."""
        try:
            value, end = _scan_string(self.text, at + 1, True)
        except json.JSONDecodeError as error:
            if error.msg.startswith("Unterminated"):
                self._fail("The string that begins here has no closing quote", at, at + 1, 'Close it with `"`')
            if error.msg.startswith("Invalid control character"):
                self._fail(
                    "A string holds a line break or another control character",
                    error.pos,
                    error.pos + 1,
                    "Close the string in front of it, or write an escape, such as `\\n` or `\\t`",
                )
            start = self.text.rfind("\\", at, error.pos + 1)
            self._fail(
                "The string holds an escape that JSON does not know",
                start,
                start + 2,
                'Write `\\\\` for a backslash; JSON has \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX',
            )
        if _SURROGATE.search(value):
            self._report(
                "lone-surrogate",
                "The string holds one half of a surrogate pair",
                at,
                end,
                help="Write the character itself, or both `\\u` escapes of the pair",
            )
        return value, end

    def _word_end(self, at: int) -> int:
        """Where the word, number or sign at `at` ends, as a reader sees it."""
        match = _WORD.match(self.text, at)
        return match.end() if match else at

    def _expected(self, what: str, at: int) -> NoReturn:
        """Raises: something else stands where `what` is due."""
        end = self._word_end(at)
        word = self.text[at:end]
        if not word:
            place = len(self.text.rstrip())
            message = f"The text ends where {what} is expected" if place else "The text is empty"
            self._fail(message, place, place, None)
        help_text = _ADVICE.get(word)
        if word in ("NaN", "Infinity", "-Infinity"):
            self._report("json-number", f"`{word}` is not JSON", at, end, help="Write null, or leave the key out")
            raise _Stop
        if word.startswith(("//", "/*", "#")):
            help_text = "JSON has no comments"
        elif word == "'":
            help_text = "JSON's strings stand in double quotes"
        elif help_text is None and word[0] in "+-.0123456789" and what == "a value":
            help_text = "JSON's numbers have no plus, no leading zeros, and digits on both sides of the point"
        self._fail(
            f"JSON expects {what} here",
            at,
            end,
            help_text,
            found=word if len(word) <= 60 else word[:59] + "…",
        )

    def _fail(self, message: str, start: int, end: int, help_text: str | None, **fields: Any) -> NoReturn:
        """Raises _Stop: a syntax error, and nothing can be read behind it."""
        self._report("json-syntax", message, start, end, help=help_text, **fields)
        raise _Stop

    def _report(self, rule: str, message: str, start: int, end: int, **fields: Any) -> None:
        self.findings.append(finding(rule, message, self.source.span(start, end), **fields))
        if len(self.findings) >= _MAX_FINDINGS:
            raise _Stop


_ADVICE: Final = {
    "True": "JSON writes true",
    "False": "JSON writes false",
    "None": "JSON writes null",
    "undefined": "JSON writes null",
}
