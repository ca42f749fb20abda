r"""Sets of characters as bit masks: one bit for each ASCII character, and one for each group of the others.

The groups are made so that all characters of one behave alike: for `\s`, `\w` and `.` in patterns, for what
Python calls white space, and in the room that they take as UTF-16, as UTF-8 and inside JSON.
"""

from __future__ import annotations

from functools import lru_cache

Mask = int

_ASCII_COUNT = 128
ASCII: Mask = (1 << _ASCII_COUNT) - 1
# Beyond ASCII: no white space of two bytes, U+00A0, U+0085, white space of three bytes, the line separators U+2028 and
# U+2029, U+FEFF, U+FFFD, everything else of three bytes, everything of four.
LATIN, NO_BREAK, NEXT_LINE, WIDE_SPACE, SEPARATOR, MARK, REPLACEMENT, WIDE, ASTRAL = (
    1 << (_ASCII_COUNT + index) for index in range(9)
)
ALL: Mask = (1 << (_ASCII_COUNT + 9)) - 1
_WIDE_SPACES = frozenset("\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000")
_TWO_BYTES = 0x800
_THREE_BYTES = 0x10000
SAMPLES = {
    LATIN: "é",
    NO_BREAK: "\u00a0",
    NEXT_LINE: "\u0085",
    WIDE_SPACE: "\u3000",
    SEPARATOR: "\u2028",
    MARK: "\ufeff",
    REPLACEMENT: "\ufffd",
    WIDE: "漢",
    ASTRAL: "👍",
}
"""One character of each group beyond ASCII."""


def bit_of(character: str) -> Mask:
    """The mask of one character."""
    code = ord(character)
    if code < _ASCII_COUNT:
        return 1 << code
    if code < _TWO_BYTES:
        return NO_BREAK if character == "\u00a0" else NEXT_LINE if character == "\u0085" else LATIN
    if code >= _THREE_BYTES:
        return ASTRAL
    if character in _WIDE_SPACES:
        return WIDE_SPACE
    return {"\u2028": SEPARATOR, "\u2029": SEPARATOR, "\ufeff": MARK, "\ufffd": REPLACEMENT}.get(character, WIDE)


@lru_cache(maxsize=4096)
def mask_of(text: str) -> Mask:
    """The mask of all characters of a text."""
    mask = 0
    for character in set(text):
        mask |= bit_of(character)
    return mask


DIGITS = mask_of("0123456789")
LOWER = mask_of("abcdefghijklmnopqrstuvwxyz")
UPPER = mask_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
NEWLINE = mask_of("\n")
LINE_ENDS = mask_of("\n\r\v\f\x1c\x1d\x1e") | NEXT_LINE | SEPARATOR
"""What Python's `splitlines` takes for the end of a line."""
SPACES = mask_of(" \t\n\r\v\f\x1c\x1d\x1e\x1f") | NO_BREAK | NEXT_LINE | WIDE_SPACE | SEPARATOR | MARK
"""Everything that is white space by anybody's count: Python's, or that of `\\s` in patterns."""
STRIPPED = SPACES & ~MARK
"""What Python's `strip` takes away."""

_CONTROL = ((1 << 32) - 1) & ~mask_of("\b\t\n\f\r")
_ESCAPED = mask_of('"\\\b\t\n\f\r')
# A group's weight as (UTF-16 units, UTF-8 bytes, bytes inside JSON), the heaviest first.
_WEIGHTS: tuple[tuple[Mask, tuple[int, int, int]], ...] = (
    (_CONTROL, (1, 1, 6)),
    (ASTRAL, (2, 4, 4)),
    (WIDE_SPACE | SEPARATOR | MARK | REPLACEMENT | WIDE, (1, 3, 3)),
    (LATIN | NO_BREAK | NEXT_LINE, (1, 2, 2)),
    (_ESCAPED, (1, 1, 2)),
    (ASCII & ~_CONTROL & ~_ESCAPED, (1, 1, 1)),
)


@lru_cache(maxsize=4096)
def heaviest(mask: Mask) -> tuple[int, int, int]:
    """The most UTF-16 units, UTF-8 bytes and bytes inside JSON that one character of a set takes."""
    found = [weights for group, weights in _WEIGHTS if group & mask]
    return (
        max((units for units, _, _ in found), default=0),
        max((octets for _, octets, _ in found), default=0),
        max((escaped for _, _, escaped in found), default=0),
    )


@lru_cache(maxsize=4096)
def lightest(mask: Mask) -> tuple[int, int, int]:
    """The fewest UTF-16 units, UTF-8 bytes and bytes inside JSON that one character of a set takes."""
    found = [weights for group, weights in _WEIGHTS if group & mask]
    return (
        min((units for units, _, _ in found), default=0),
        min((octets for _, octets, _ in found), default=0),
        min((escaped for _, _, escaped in found), default=0),
    )


@lru_cache(maxsize=4096)
def weigh(text: str) -> tuple[int, int, int]:
    """The UTF-16 units, UTF-8 bytes and bytes inside JSON (without the quotes) of a text."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return len(text), len(text), len(text)
    units = octets = escaped = 0
    for character in text:
        bit = bit_of(character)
        one, two, three = next(weights for group, weights in _WEIGHTS if group & bit)
        units, octets, escaped = units + one, octets + two, escaped + three
    return units, octets, escaped


def characters(mask: Mask) -> list[str]:
    """One character for every bit of a mask, printable ones first."""
    found = [chr(code) for code in range(_ASCII_COUNT) if mask >> code & 1]
    found.sort(key=lambda character: (not character.isalnum(), not character.isprintable()))
    return found + [sample for bit, sample in SAMPLES.items() if mask & bit]
