"""Repairs for what authors forget to quote: one line of YAML, looked at with the author's eyes.

The file is broken or misread where this is needed, so nothing here relies on a parser: it works on the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from msgc.source import Source, Span

_SHOWN = 60
EXPRESSION_KEYS = ("$if", "$for")
_LINE = re.compile(
    r"[ \t]*(?:-[ \t]+)*(?:\?[ \t]+)?"
    r"(?:(?P<key>\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^\s:#'\"{\[](?:[^:\r\n]|:(?![ \t]|$))*?)"
    r":(?=[ \t]|$)[ \t]*)?"
)
# Longer lines are not looked at behind this: the patterns take quadratic time on hostile ones.
_LONGEST_LINE = 2000
_LONGEST_REPAIR = 200
_TEMPLATE = re.compile(r"\{[{%#]")
_EXPRESSION_IN_FLOW = re.compile(r"(?:[{,]|^)[ \t]*(\$if|\$for)[ \t]*:[ \t]+")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_TEMPLATE_PIECE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_COMMENT = re.compile(r"[ \t]+#.*$")


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A value that ought to be quoted: its key (None in a list), its text, and its place."""

    key: str | None
    value: str
    span: Span

    @property
    def advice(self) -> str:
        """What to do about it, as a sentence."""
        if self.key in EXPRESSION_KEYS and "{{" in self.value:
            bare = " ".join(self.value.replace("{{", " ").replace("}}", " ").split())
            return f"`{self.key}` takes an expression as it is, without braces: {replace(self, value=bare).repaired}"
        return f"Quote the whole value: {self.repaired}"

    @property
    def repaired(self) -> str:
        """The line as it should be: the key and the quoted value."""
        # An expression that goes on below cannot be shown repaired, and a very long one helps nobody.
        complete = self.value.count("{{") == self.value.count("}}") and len(self.value) <= _LONGEST_REPAIR
        value = self.value if complete else "…"
        whole = quoted(value) if self.key in EXPRESSION_KEYS else requoted(value)
        return f"{self.key}: {whole}" if self.key is not None else whole


def shown(text: str) -> str:
    """A text from the file as it stands in a message: on one line and not too long."""
    line = re.sub(r"[\r\n]+", " ", text)
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def requoted(value: str) -> str:
    """A single-line value as a quoted scalar; quotes that stand around it already are replaced, not wrapped.

    `"He said "hi" to you"` has such quotes; in `"Hi" and "bye"` they belong to the first word.
    """
    quote = value[:1]
    second = value.find(quote, 1) if quote and quote in "\"'" else -1
    if second < 0 or len(value) < 3 or not value.endswith(quote):
        return quoted(value)
    if second < len(value) - 1 and value[second + 1] in " \t" and value[second - 1] not in " \t":
        return quoted(value)
    inner = value[1:-1]
    if quote == "'":
        return quoted(inner.replace("''", "'"))
    plain = inner.replace('\\"', '"')
    if "\\" not in plain:
        return quoted(plain)
    return '"' + plain.replace('"', '\\"') + '"'  # its escapes mean something only in double quotes


def is_open_quote(value: str) -> bool:
    """Whether a value begins with a quote that is not closed on its line."""
    return value[:1] in ("'", '"') and _QUOTED.match(value) is None


def is_quoted(value: str) -> bool:
    """Whether a value is one quoted text as a whole."""
    return _QUOTED.fullmatch(value) is not None


def quoted(text: str) -> str:
    """A single-line text as a quoted YAML scalar, in double quotes where that needs no escapes."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def unquoted_value(source: Source, offset: int) -> Unquoted | None:
    """The value on the line of an offset if it holds an unquoted template, or belongs to `$if` or `$for`.

    None where the line's value is properly quoted, is no template, or is a block scalar.
    """
    key, value, start = value_of_line(source, offset)
    if not value or value[0] in "|>":
        return None
    is_expression = key in EXPRESSION_KEYS
    if value[0] in "{[" and not _TEMPLATE.match(value) and not is_expression:
        return _unquoted_in_flow(source, value, start, offset)
    if value[0] in "\"'":
        behind = _QUOTED.match(value)
        rest = value[behind.end() :].strip() if behind else ""
        if not rest or rest[0] == "#" or not (is_expression or _TEMPLATE.search(value)):
            return None
    elif not is_expression and not _TEMPLATE.search(value):
        return None
    # A `#` within the braces belongs to the expression; one behind them begins a comment.
    last = max(value.rfind("}}"), value.rfind("%}"), value.rfind("#}"), 0)
    comment = _COMMENT.search(value, last)
    value = value[: comment.start()] if comment else value
    return Unquoted(key, value, source.span(start, start + len(value)))


def value_of_line(source: Source, offset: int) -> tuple[str | None, str, int]:
    """Of the line of an offset: the key (or None), the text of the value, and where the value begins."""
    number, _ = source.position(offset)
    line = source.line(number)[:_LONGEST_LINE]
    match = _LINE.match(line)
    begin = match.end() if match else 0
    key = match["key"].rstrip() if match and match["key"] else None
    return key, line[begin:].rstrip(" \t"), source.line_start(number) + begin


def _unquoted_in_flow(source: Source, value: str, start: int, offset: int) -> Unquoted | None:
    """The unquoted template in a `{…}` or `[…]` on one line that is next before an offset, or the first."""
    # Quoted strings are blanked, at their length, so that offsets stay and braces in them do not count.
    bare = _QUOTED.sub(lambda match: " " * len(match.group()), value)
    comment = _COMMENT.search(bare)
    bare = bare[: comment.start()] if comment else bare
    pieces = list(_TEMPLATE_PIECE.finditer(bare, 1))
    if not pieces:
        return _expression_in_flow(source, value, bare, start, offset)
    piece = next((match for match in reversed(pieces) if start + match.start() <= offset), pieces[0])
    before = max(bare.rfind(mark, 0, piece.start()) for mark in ("{", "[", ",", ": "))
    begin = before + 1
    end = min((at for at in (bare.find(mark, piece.end()) for mark in ",]}") if at >= 0), default=len(bare))
    text = value[begin:end]
    begin += len(text) - len(text.lstrip())
    text = text.strip()
    name = re.search(r"([^\s,{\[]+)[ \t]*:[ \t]*$", value[:begin])
    return Unquoted(name[1] if name else None, text, source.span(start + begin, start + begin + len(text)))


def _expression_in_flow(source: Source, value: str, bare: str, start: int, offset: int) -> Unquoted | None:
    """The value of the `$if` or `$for` inside a `{…}` on one line that is next before an offset."""
    words = [match for match in _EXPRESSION_IN_FLOW.finditer(bare) if start + match.end() <= offset]
    if not words:
        return None
    depth = 0
    end = begin = words[-1].end()
    while end < len(bare) and not (depth == 0 and bare[end] in ",]}"):
        depth += {"[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1}.get(bare[end], 0)
        end += 1
    text = value[begin:end].rstrip()
    return Unquoted(words[-1][1], text, source.span(start + begin, start + begin + len(text)))
