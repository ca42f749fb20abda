"""What the filters on texts can make: those that do not cut, fill, format or change letters; and the table of all."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgc.bounds.characters import (
    ASTRAL,
    DIGITS,
    LATIN,
    LOWER,
    UPPER,
    WIDE,
    mask_of,
)
from msgc.bounds.numbers import of_range
from msgc.bounds.values import ABSENT, NOTHING, UNKNOWN, Value, of_number, of_text
from msgc.bounds.words import ANY, Piece, Range, Run, Text, Word, each_word, pieced, run, text
from msgc.template.infer.call import Call, Transfer
from msgc.template.infer.transfer_cases import CASES
from msgc.template.infer.transfer_cutting import CUTTING
from msgc.template.infer.transfer_filling import FILLING, spelled
from msgc.template.infer.transfer_formats import FORMATS, formatted

__all__ = ["TEXTS", "first_of_text", "formatted", "last_of_text", "length_of_text", "reversed_text"]


def _text(call: Call) -> Text:
    assert call.value.text is not None
    return call.value.text


def _string(call: Call) -> Value:
    """`string`: a text as it is, a number as it prints; all else cannot be printed."""
    value = call.value
    if value.special == UNKNOWN:
        return of_text(ANY)
    found = spelled(value)
    wrong = value.kinds - {"text", "number"}
    if wrong:
        what = " or ".join(_WORDS[kind] for kind in sorted(wrong))
        call.asked.fail(f"{what} cannot be printed; only text and numbers can", certain=found is None)
    return NOTHING if found is None else of_text(found)


_WORDS = {
    "boolean": "true or false",
    "list": "a list",
    "null": "null",
    "object": "an object",
    "special": "what is no text",
}


# ------------------------------------------------------------------------------------- texts as rows of characters


def length_of_text(whole: Text) -> Range:
    """`length`: the number of code points."""
    return whole.points


def first_of_text(whole: Text) -> Value:
    """`first`: a character that a text may begin with; absent where it may be empty."""
    return _edge(whole, 0)


def last_of_text(whole: Text) -> Value:
    """`last`: a character that a text may end with; absent where it may be empty."""
    return _edge(whole, -1)


def _edge(whole: Text, index: int) -> Value:
    found = ABSENT if whole.points.least == 0 else NOTHING
    words: list[Word] = []
    for word in whole.words:
        if word.points.most == 0:
            continue
        piece = word.pieces[index]
        if isinstance(piece, str):
            words.append(Word((piece[index],)))
        elif word.edge(index):
            words += run(word.edge(index), 1, 1, solid=piece.solid and piece.most == 1).words
    return found | of_text(text(*words)) if words else found


def reversed_text(whole: Text) -> Text:
    """`reverse`: the same code points from the end to the beginning."""
    return each_word(whole, _reversed)


def _reversed(word: Word) -> Text:
    return pieced(*map(_turned, reversed(word.pieces)), least=word.least, most=word.most)


def _turned(piece: Piece) -> Piece:
    if isinstance(piece, str):
        return piece[::-1]
    return Run(piece.mask, piece.least, piece.most, piece.solid, first=piece.last, last=piece.first)


def _length(call: Call) -> Value:
    """`length` of a text: the number of code points."""
    points = length_of_text(_text(call))
    return of_number(of_range(points.least, points.most))


def _first(call: Call) -> Value:
    """`first` of a text: a character that it may begin with."""
    return first_of_text(_text(call))


def _last(call: Call) -> Value:
    """`last` of a text: a character that it may end with."""
    return last_of_text(_text(call))


def _reverse(call: Call) -> Value:
    """`reverse` of a text: the same code points from the end to the beginning."""
    return of_text(reversed_text(_text(call)))


# --------------------------------------------------------------------------------------------------- counting words

_WORD = re.compile(r"\w+")
_SURE_LETTERS = LOWER | UPPER | DIGITS | mask_of("_")
_LETTERS = _SURE_LETTERS | LATIN | WIDE | ASTRAL
"""Of the groups beyond ASCII, these hold letters among others."""


def _wordcount(call: Call) -> Value:
    """`wordcount`: the rows of letters, digits and underscores; in a run at most every second character."""
    found: Range | None = None
    for word in _text(call).words:
        count = _words(word)
        found = count if found is None else found | count
    assert found is not None
    return of_number(of_range(found.least, found.most))


def _words(word: Word) -> Range:
    least = 0
    most: int | None = 0
    joined = False
    for piece in word.pieces:
        if isinstance(piece, str):
            count = len(_WORD.findall(piece))
            # A word may go on that was counted before.
            begins = joined and _WORD.match(piece) is not None
            least += count - (1 if begins and count else 0)
            most = None if most is None else most + count
            joined = _WORD.match(piece[-1]) is not None or (joined and _WORD.fullmatch(piece) is not None)
            continue
        count_of_run = _words_of_run(piece)
        least = max(least, count_of_run.least)
        joined = joined or count_of_run.least > 0
        if not piece.mask & _LETTERS and piece.least > 0:
            joined = False
        most = None if most is None or count_of_run.most is None else most + count_of_run.most
    size = word.points.most
    ends = [end for end in (most, None if size is None else (size + 1) // 2) if end is not None]
    return Range(least, min(ends, default=None))


def _words_of_run(piece: Run) -> Range:
    if not piece.mask & _LETTERS:
        return Range(0, 0)
    if not piece.mask & ~_SURE_LETTERS:
        return Range(min(1, piece.least), 1)
    return Range(0, None if piece.most is None else (piece.most + 1) // 2)


TEXTS: Mapping[str, Transfer] = {
    **CASES,
    **CUTTING,
    **FILLING,
    **FORMATS,
    "string": _string,
    "wordcount": _wordcount,
    **dict.fromkeys(("length", "count"), _length),
    "first": _first,
    "last": _last,
    "reverse": _reverse,
}
"""By the names of the filters; of those that also take lists, the part for texts."""
