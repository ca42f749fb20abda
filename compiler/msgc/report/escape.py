"""Text that comes from elsewhere, made safe to show.

A terminal obeys control characters, and a reader cannot see bidirectional and zero-width ones; a report
spells them out. The set is fixed here and not asked of Python's Unicode tables, so that every version shows
the same. Variation selectors stay: they only choose between the two faces of the character before them.
"""

from __future__ import annotations

import re

# Compiled when the first text is escaped: many reports have none.
_HIDDEN = (
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1, line breaks among them
    "\xad\u034f\u061c"  # soft hyphen, grapheme joiner, Arabic letter mark
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero-width, separators, bidirectional
    "\ud800-\udfff"  # halves of surrogate pairs, which no encoding can write
    "\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)


def is_hidden(character: str) -> bool:
    """Whether a character is one of those that `escape` spells out."""
    return re.match(_HIDDEN, character) is not None


def escape(text: str) -> str:
    r"""`text` with control (line breaks too), bidirectional and zero-width characters as `\u{…}`."""
    return re.sub(_HIDDEN, lambda match: f"\\u{{{ord(match[0]):x}}}", text)


def escape_json(text: str) -> str:
    r"""JSON text whose strings hold such characters as JSON's own `\uXXXX`: the same value, safe to print.

    Line feeds stay: JSON has them between values only.
    """
    return re.sub(_HIDDEN, lambda match: match[0] if match[0] == "\n" else _units(match[0]), text)


def _units(character: str) -> str:
    raw = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{raw[i] << 8 | raw[i + 1]:04x}" for i in range(0, len(raw), 2))
