"""Two texts, word by word: what stays, what goes, what comes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from msgc.graphemes import graphemes

_MAX_PAIRS = 1_000_000
"""How many pairs of words are held against each other at most; what differs in longer texts is shown as a whole."""

# A word with its apostrophes and hyphens (`don't`), a number with its points (`09:30`), or any other character.
_TOKEN = re.compile(r"\w+(?:(?:['-]|(?<=\d)[.,:](?=\d))\w+)*|.", re.DOTALL)
_IN_WORDS = frozenset("'’-")
_IN_NUMBERS = frozenset(".,:")
# Ideographs and kana are written without spaces, so that each is a word of its own.
_ALONE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of two texts: in both (`same`), in the first only (`removed`) or in the second only (`added`)."""

    kind: Literal["same", "removed", "added"]
    text: str


def compare_words(before: str, after: str) -> tuple[Piece, ...]:
    """What stays and what differs, in order; what goes stands before what comes in its place.

    The pieces that are no `added` ones make up `before`, those that are no `removed` ones `after`.
    """
    left, right = _tokens(before), _tokens(after)
    head = _shared(left, right)
    tail = _shared(left[head:][::-1], right[head:][::-1])
    middle = left[head : len(left) - tail], right[head : len(right) - tail]
    found = [
        Piece("same", "".join(left[:head])),
        *_differing(*middle),
        Piece("same", "".join(left[len(left) - tail :])),
    ]
    return tuple(_joined(_without_islands([piece for piece in found if piece.text])))


def edits(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """What goes and what comes in its place, each time that something does, without what stays."""
    found: list[tuple[str, str]] = []
    is_open = False
    for piece in compare_words(before, after):
        if piece.kind == "removed":
            found.append((piece.text, ""))
        elif piece.kind == "added":
            found[len(found) - is_open :] = [(found[-1][0] if is_open else "", piece.text)]
        is_open = piece.kind == "removed"
    return tuple(found)


def _differing(left: Sequence[str], right: Sequence[str]) -> Iterator[Piece]:
    if len(left) * len(right) > _MAX_PAIRS:
        yield Piece("removed", "".join(left))
        yield Piece("added", "".join(right))
        return
    # White space belongs to the words around it: taken for itself, it would be all that unlike texts share.
    matcher = difflib.SequenceMatcher(str.isspace, left, right, autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        gone, come = "".join(left[start:end]), "".join(right[other_start:other_end])
        if kind == "equal":
            yield Piece("same", gone)
        else:
            yield Piece("removed", gone)
            yield Piece("added", come)


def _tokens(text: str) -> list[str]:
    if text.isascii():
        return _TOKEN.findall(text)
    # An emoji or a letter with marks is one thing, however many characters it takes.
    parts = graphemes(text)
    letters = [False, *map(_is_letter, parts), False]
    found: list[str] = []
    was_inside = False
    for index, part in enumerate(parts, 1):
        around = letters[index - 1] and letters[index + 1]
        is_inside = letters[index] or (
            around
            and (part in _IN_WORDS or (part in _IN_NUMBERS and _is_digit(parts[index - 2]) and _is_digit(parts[index])))
        )
        if is_inside and was_inside:
            found[-1] += part
        else:
            found.append(part)
        was_inside = is_inside
    return found


def _is_digit(grapheme: str) -> bool:
    return grapheme[-1].isdigit()


def _is_letter(grapheme: str) -> bool:
    return (grapheme[0].isalnum() or grapheme[0] == "_") and _ALONE.match(grapheme) is None


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words both begin with."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _without_islands(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """White space between two differences is part of them: whole phrases are read more easily than words apart."""
    for index, piece in enumerate(pieces):
        inside = 0 < index < len(pieces) - 1
        if piece.kind == "same" and piece.text.isspace() and "\n" not in piece.text and inside:
            yield Piece("removed", piece.text)
            yield Piece("added", piece.text)
        else:
            yield piece


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    gone = come = same = ""
    for piece in pieces:
        if not piece.text:
            continue
        if piece.kind == "same":
            yield from _change(gone, come)
            gone = come = ""
            same += piece.text
            continue
        if same:
            yield Piece("same", same)
            same = ""
        if piece.kind == "removed":
            gone += piece.text
        else:
            come += piece.text
    if same:
        yield Piece("same", same)
    yield from _change(gone, come)


def _change(gone: str, come: str) -> Iterator[Piece]:
    if gone:
        yield Piece("removed", gone)
    if come:
        yield Piece("added", come)
