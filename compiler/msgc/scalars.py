"""YAML scalars: what type a plain one has, and where in the file each character of a scalar stands.

Types are those of YAML 1.2's core schema, so `no`, `on`, `12:30`, `2024-01-01` and `1_000` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from msgc.diagnostic import Diagnostic
from msgc.document import Document, Node, Path
from msgc.quoting import quoted, shown
from msgc.rules import finding
from msgc.source import Source, Span

Scalar: TypeAlias = str | int | float | bool | None

MIN_INTEGER: Final = -(2**63)
MAX_INTEGER: Final = 2**64 - 1
EXACT_INTEGER: Final = 2**53

_WORDS: Final[dict[str, bool | None]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMBER_START: Final = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# As many as Python turns into an integer and back into text, which takes quadratic time. Leading zeros do not count.
_MOST_DIGITS: Final = {10: 4300, 16: 3570, 8: 4300}


class NumberError(ValueError):
    """A plain scalar is a number that JSON cannot carry; the text says why, as the end of a sentence."""


def resolve(text: str) -> Scalar:
    """The value of a plain scalar. Raises NumberError for `.inf`, `.nan` and what no program holds as a number.

    Integers beyond 64 bits are kept: where text is wanted, the scalar is its text (see `number_problem`).
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text.lstrip("+-").lstrip("0"), 10, negative=text[0] == "-")
    if _BASED.fullmatch(text):
        return _integer(text[2:].lstrip("0"), 8 if text[1] == "o" else 16, negative=False)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise NumberError("is too large for 64 bits")
        return value
    if _NOT_FINITE.fullmatch(text):
        raise NumberError("is not finite, and JSON has no such number")
    return text


def _integer(digits: str, base: int, *, negative: bool) -> int:
    if len(digits) > _MOST_DIGITS[base]:
        raise NumberError("needs more than 64 bits")
    return int(digits or "0", base) * (-1 if negative else 1)


def number_problem(document: Document, path: Path) -> Diagnostic | None:
    """The finding about the number at a path where it is used as one: too large, or beyond what doubles hold.

    None for whatever is no integer. Where the place takes text, an unquoted number is its literal text instead.
    """
    value: Any = document.data
    for step in path:
        value = value[step]
    if type(value) is not int or -EXACT_INTEGER <= value <= EXACT_INTEGER:
        return None
    node = document.node(path)
    span = document.source.span(node.start, node.end)
    text = node.text if node.text is not None else str(value)
    if not MIN_INTEGER <= value <= MAX_INTEGER:
        return bad_number(span, text, NumberError("needs more than 64 bits"))
    return finding(
        "large-integer",
        "The integer is beyond 2^53, so some programs change its last digits",
        span,
        found=text,
        allowed=f"-{EXACT_INTEGER} to {EXACT_INTEGER}",
        help=f"If it is an id, quote it: {quoted(text)}",
    )


def bad_number(span: Span, text: str, error: NumberError) -> Diagnostic:
    """A number that JSON cannot carry."""
    return finding(
        "yaml-number",
        f"The number {error}",
        span,
        found=shown(text),
        help="If it is a text such as an id, quote it",
    )


def content_offsets(source: Source, node: Node) -> list[int]:
    """For every code point of a scalar's text its offset in the file, and last the offset behind the text.

    The list has `len(node.text) + 1` ascending entries. A folded line break is where its first break stands,
    an escape where its backslash stands. A collection has no text and gives its own start.
    """
    text = node.text
    raw = source.text
    if not text:
        return [node.start if node.style in ("plain", "block", "flow") else min(node.start + 1, node.end)]
    if node.style == "plain" and node.end - node.start == len(text):
        return list(range(node.start, node.end + 1))
    if node.style in ("literal", "folded"):
        return _block_offsets(raw, text, node.start, node.end)
    inner = 1 if node.style in ("single", "double") else 0
    end = node.end - inner
    places = list(_flow_places(raw, node.start + inner, end, node.style))[: len(text)]
    return places + [end] * (len(text) + 1 - len(places))


def content_span(document: Document, path: Path, start: int, end: int) -> Span:
    """The place in the file of the characters `start` to `end` (half open) of the scalar at a path."""
    offsets = content_offsets(document.source, document.node(path))
    last = len(offsets) - 1
    start = min(max(start, 0), last)
    end = min(max(end, start), last)
    return Span(document.source, offsets[start], offsets[end])


_ESCAPE_LENGTH: Final = {"x": 4, "u": 6, "U": 10}
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_BREAKS: Final = ("\r", "\n")


def _flow_places(raw: str, at: int, end: int, style: str) -> Iterator[int]:
    """Where the characters of a plain or quoted scalar stand, whose content is `raw[at:end]`."""
    while at < end:
        char = raw[at]
        if char in " \t\r\n":
            resume, breaks = _breaks_ahead(raw, at, end)
            if breaks:
                # One break is a space; of several the first is dropped and each other one is a newline.
                yield from breaks[: max(1, len(breaks) - 1)]
                at = resume
                continue
        elif char == "\\" and style == "double":
            if raw[at + 1] in _BREAKS:  # the line is continued, and only empty lines behind it count
                resume, breaks = _breaks_ahead(raw, _skip_break(raw, at + 1), end)
                yield from breaks
                at = resume
            else:
                yield at
                pair = _PAIR.match(raw, at)  # JSON's way of writing one character beyond U+FFFF
                at = pair.end() if pair else at + _ESCAPE_LENGTH.get(raw[at + 1], 2)
            continue
        yield at
        at += 2 if char == "'" and style == "single" else 1


def _breaks_ahead(raw: str, at: int, end: int) -> tuple[int, list[int]]:
    """Where text goes on behind the blanks and line breaks at `at`, and where the breaks stand."""
    breaks: list[int] = []
    while True:
        at = _skip(raw, at, end, " \t")
        if at >= end or raw[at] not in _BREAKS:
            return at, breaks
        breaks.append(at)
        at = _skip_break(raw, at)


def _block_offsets(raw: str, text: str, start: int, end: int) -> list[int]:
    """Offsets in a literal or folded scalar; `start` is its `|` or `>`, `end` is behind its last text."""
    at = _skip_break(raw, _line_end(raw, start))
    indent = _block_indent(raw, text, at)
    at = _skip_indent(raw, at, indent)
    offsets: list[int] = []
    for char in text:
        if char not in " \n":
            # A break that stands for nothing: the one too many in a folded paragraph.
            while at < len(raw) and raw[at] in _BREAKS:
                at = _skip_indent(raw, _skip_break(raw, at), indent)
        offsets.append(min(at, len(raw)))
        if at < len(raw) and raw[at] in _BREAKS:
            at = _skip_indent(raw, _skip_break(raw, at), indent)
        else:
            at += 1
    # Behind the last character, not behind the indentation of whatever follows the scalar.
    offsets.append(min(offsets[-1] + 1, len(raw)) if text[-1] != "\n" else max(offsets[-1], end))
    return offsets


def _block_indent(raw: str, text: str, at: int) -> int:
    """By how many spaces a block scalar is indented: its first line of text has so many more in the file."""
    first = next((index for index, char in enumerate(text) if char not in " \n"), None)
    if first is None:
        return 0
    while True:
        text_at = _skip(raw, at, len(raw), " ")
        if text_at >= len(raw) or raw[text_at] not in _BREAKS:
            return max(0, text_at - at - (first - text.rfind("\n", 0, first) - 1))
        at = _skip_break(raw, text_at)


def _line_end(raw: str, at: int) -> int:
    while at < len(raw) and raw[at] not in _BREAKS:
        at += 1
    return at


def _skip(raw: str, at: int, end: int, chars: str) -> int:
    while at < end and raw[at] in chars:
        at += 1
    return at


def _skip_break(raw: str, at: int) -> int:
    """The offset behind the line break (LF, CR or CR LF) that stands here."""
    return at + 2 if raw.startswith("\r\n", at) else at + 1


def _skip_indent(raw: str, at: int, indent: int) -> int:
    """Skips at most `indent` spaces."""
    return _skip(raw, at, min(len(raw), at + indent), " ")
