"""What the filters can make that take something away: `shorten`, `trim`, `truncate` and `wordwrap`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

from msgc.bounds.characters import ASCII, LINE_ENDS, SPACES, STRIPPED, Mask, bit_of, mask_of
from msgc.bounds.values import NOTHING, Value, constants, of_text
from msgc.bounds.words import (
    EMPTY,
    Piece,
    Run,
    Text,
    Word,
    clamp,
    each_word,
    literal,
    pieced,
    text,
)
from msgc.graphemes import shorten
from msgc.template.infer.call import Call, Transfer

_SPACE = mask_of(" ")
_RETURN = mask_of("\r")
_MOST_COMBINATIONS = 24
Pieces = tuple[Piece, ...]


def _text(call: Call) -> Text:
    assert call.value.text is not None
    return call.value.text


def head(word: Word, size: int) -> Word:
    """The first characters of the texts of a word that have at least so many."""
    kept: list[Piece] = []
    left = size
    for index, piece in enumerate(word.pieces):
        if left == 0:
            break
        if isinstance(piece, str):
            kept.append(piece[:left])
            left -= min(left, len(piece))
        elif piece.least == piece.most and piece.least <= left:
            kept.append(piece)
            left -= piece.least
        elif piece.least >= left:
            kept.append(Run(piece.mask, left, left, first=piece.first))
            left = 0
        else:
            kept.append(Run(_reached(word.pieces[index:], left), left, left))
            left = 0
    return Word(tuple(kept))


def _reached(pieces: Pieces, size: int) -> Mask:
    """The characters that can be among the first so many."""
    mask = 0
    for piece in pieces:
        if size <= 0:
            break
        mask |= mask_of(piece[:size]) if isinstance(piece, str) else piece.mask
        size -= len(piece) if isinstance(piece, str) else piece.least
    return mask


# --------------------------------------------------------------------------------------------------------- trimming


@dataclass(frozen=True, slots=True)
class _Taken:
    """What is taken away at the ends: characters (None: white space) that may be among some groups, or are all."""

    characters: str | None
    may: Mask
    sure: Mask

    def strip(self, piece: str, *, behind: bool) -> str:
        """A literal piece without it at one of its ends."""
        return piece.rstrip(self.characters) if behind else piece.lstrip(self.characters)


_BLANK = _Taken(None, STRIPPED, STRIPPED)


def _taken(characters: str) -> _Taken:
    mask = mask_of(characters)
    return _Taken(characters, mask, mask & ASCII)


def _trim(call: Call) -> Value:
    """`trim`: without white space, or `chars`, at both ends: they begin and end with something else, or are empty."""
    whole = _text(call)
    given = call.arguments.get("chars")
    found = NOTHING
    if given is None or given.null:
        found = of_text(each_word(whole, lambda word: _trimmed(word, _BLANK)))
    characters = None if given is None else given.text
    if characters is None:
        return found
    if characters.literals is None:
        return found | of_text(each_word(whole, lambda word: _some_of(word, characters.mask)))
    for each in characters.literals:
        taken = _taken(each)
        found = found | of_text(each_word(whole, partial(_trimmed, taken=taken)))
    return found


def _some_of(word: Word, may: Mask) -> Text:
    """A text of which some characters out of a set are left away at both ends."""
    if not (word.edge(0) | word.edge(-1)) & may:
        return Text((word,))
    safe = not may & ~SPACES and word.solid
    kept = word.points.least if not word.mask & may else 0
    return pieced(Run(word.mask, max(kept, 1 if safe else 0), word.points.most, safe))


def _trimmed(word: Word, taken: _Taken) -> Text:
    if word.literal is not None:
        return literal(word.literal.strip(taken.characters))
    ends = {}
    for pieces in _stripped(word.pieces, taken, behind=False):
        ends.update(dict.fromkeys(_stripped(pieces, taken, behind=True)))
    return _of_rows(list(ends), word)


def _of_rows(rows: list[Pieces], word: Word) -> Text:
    """The texts of some rows of pieces that are what is left of a word."""
    if rows == [word.pieces]:
        return Text((word,))
    found = [pieces for pieces in rows if pieces]
    runs = [pieces[0] for pieces in found if len(pieces) == 1 and isinstance(pieces[0], Run)]
    if len(found) < len(rows) and len(found) == len(runs) == 1:
        # What may be empty is one word, not two, so that many of them can follow each other.
        return pieced(replace(runs[0], least=0, solid=False), most=word.most)
    return text(*(made for pieces in rows for made in pieced(*pieces, most=word.most).words))


def _stripped(pieces: Pieces, taken: _Taken, *, behind: bool) -> Iterator[Pieces]:
    """All that can be left of a row of pieces once one of its ends is stripped."""
    while pieces:
        piece, rest = (pieces[-1], pieces[:-1]) if behind else (pieces[0], pieces[1:])

        def row(left: Piece, rest: Pieces = rest) -> Pieces:
            return (*rest, left) if behind else (left, *rest)

        if isinstance(piece, str):
            left = taken.strip(piece, behind=behind)
            if left:
                yield row(left)
                return
        elif piece.most != 0:
            edge = piece.last if behind else piece.first
            if not (piece.mask if edge is None else edge) & taken.may:
                yield row(piece if piece.least > 0 else replace(piece, least=1))
                if piece.least > 0:
                    return
            elif piece.mask & ~taken.sure:
                yield row(_remaining(piece, taken, behind=behind))
                if _remains(piece, taken, behind=behind):
                    return
        pieces = rest
    yield ()


def _remains(run: Run, taken: _Taken, *, behind: bool) -> bool:
    """Whether something of a run is surely left."""
    other = run.first if behind else run.last
    blank = not taken.may & ~SPACES
    return (run.solid and blank) or (run.least > 0 and other is not None and not other & taken.may)


def _remaining(run: Run, taken: _Taken, *, behind: bool) -> Run:
    """What is left of a run that is not all stripped."""
    edge = run.mask & ~taken.sure
    solid = (run.solid and not taken.may & ~SPACES) or not edge & SPACES
    if behind:
        return Run(run.mask, 1, run.most, solid, first=run.first, last=edge)
    return Run(run.mask, 1, run.most, solid, first=edge, last=run.last)


def _without_spaces_behind(word: Word) -> list[Pieces]:
    return list(_stripped(word.pieces, _BLANK, behind=True))


# ------------------------------------------------------------------------------------------------------- shortening


def _shorten(call: Call) -> Value:
    """`shorten(n)`: what surely fits is not changed; else up to n - 1 characters without spaces behind, and `…`."""
    whole = _text(call)
    size = call.arguments["n"].number
    known = constants(call.arguments["n"], _MOST_COMBINATIONS)
    least, most = (None, None) if size is None else (size.least, size.most)
    if least is None or least < 1:
        certain = most is not None and most < 1
        call.asked.fail("`shorten` needs a length of at least 1", certain=certain)
        if certain:
            return NOTHING
    longest = whole.points.most
    if least is not None and longest is not None and longest <= least:
        return of_text(whole)
    if known is None:
        return of_text(_limited(whole, None if most is None else int(most), literal("…")))
    found = NOTHING
    for limit in known:
        if limit >= 1:
            found = found | of_text(each_word(whole, partial(_shortened, limit=limit)))
    return found


def _limited(whole: Text, most: int | None, end: Text) -> Text:
    """Any first characters of a text with an end behind them, or all of it; no more than so many in all."""
    found = clamp(whole, 0, most)
    longest = whole.points.most
    cut = clamp(pieced(Run(whole.mask, 0, longest)) + end, 0, most)
    if cut is None:
        return found or EMPTY
    return cut if found is None else found | cut


def _shortened(word: Word, limit: int) -> Text:
    return _fitting_or(word, limit, lambda: _cut(word, limit))


def _fitting_or(word: Word, limit: int, cut: Callable[[], Text]) -> Text:
    """The texts of a word that have no more than so many characters; and what is made of the others."""
    most = word.points.most
    if most is not None and most <= limit:
        return Text((word,))
    found = clamp(Text((word,)), 0, limit)
    return cut() if found is None else found | cut()


def _cut(word: Word, limit: int) -> Text:
    """What is longer, at the last border between graphemes that leaves room for the `…`."""
    first = word.pieces[0]
    if isinstance(first, str) and len(first) >= limit:
        # Which graphemes there are is decided by what stands before their end.
        return literal(shorten(first + _MORE, limit))
    kept = head(word, limit - 1)
    if not _splits(head(word, limit).mask):
        stable = _stable(first) if isinstance(first, str) else 0
        start = first[:stable] if isinstance(first, str) else ""
        rest = head(word, limit - 1).pieces
        mask = _reached((first[stable:], *rest[1:]), limit) if isinstance(first, str) else kept.mask
        kept = Word((*([start] if start else []), Run(mask, 0, limit - 1 - stable)))
    rows = _without_spaces_behind(kept)
    return text(*(made for pieces in rows for made in pieced(*pieces, "…").words))


_MORE = "xx"
"""What follows a literal: something, but no part of its last grapheme."""


def _splits(mask: Mask) -> bool:
    """Whether there is a border between all characters of a set."""
    return not mask & ~ASCII and not (mask & _RETURN and mask & mask_of("\n"))


def _stable(start: str) -> int:
    """How much of a text is surely kept, whatever follows it: up to a border inside that is not behind a space."""
    for size in range(len(start) - 1, 0, -1):
        if shorten(start + _MORE, size + 1) == start[:size] + "…":
            return size
    return 0


# ------------------------------------------------------------------------------------------------------- truncating


def _truncate(call: Call) -> Value:
    """`truncate(n)`: what has at most n characters and the leeway (5) is not changed; else n at most, with the end.

    These are whole words, or with `killwords` exactly n.
    """
    whole = _text(call)
    defaults: Mapping[str, Any] = {"length": 255, "killwords": False, "end": "...", "leeway": 5}
    given = [
        constants(call.arguments[name], _MOST_COMBINATIONS) if name in call.arguments else [default]
        for name, default in defaults.items()
    ]
    count = 1
    for each in given:
        count *= len(each or ())
    if count == 0 or count > _MOST_COMBINATIONS:
        return _truncated_anyhow(call, whole)
    found = NOTHING
    problems = []
    for length, kill, end, leeway in product(*(each or () for each in given)):
        if length < len(end):
            problems.append(_short(len(end)))
        elif leeway < 0:
            problems.append(_LEEWAY)
        else:
            found = found | of_text(_truncated(whole, length, leeway, end, kill=kill))
    for problem in dict.fromkeys(problems):
        call.asked.fail(problem, certain=len(problems) == count)
    return found


_LEEWAY = "the argument `leeway` of `truncate` must be at least 0"


def _short(size: int) -> str:
    return f"the argument `length` of `truncate` must be at least {size}, the length of `end`"


def _truncated(whole: Text, length: int, leeway: int, end: str, *, kill: bool) -> Text:
    def cut(word: Word) -> Text:
        kept = head(word, length - len(end))
        rows = [kept.pieces] if kill else list(_whole_words(kept.pieces))
        return text(*(made for pieces in rows for made in pieced(*pieces, end).words))

    return each_word(whole, lambda word: _fitting_or(word, length + leeway, lambda: cut(word)))


def _whole_words(pieces: Pieces) -> Iterator[Pieces]:
    """What stands before the last space, which may be in several pieces; all where there is none."""
    for index in reversed(range(len(pieces))):
        piece, before = pieces[index], pieces[:index]
        if isinstance(piece, str):
            if " " in piece:
                yield (*before, piece.rsplit(" ", 1)[0])
                return
        elif piece.mask & _SPACE and piece.most != 0:
            yield (*before, Run(piece.mask, 0, None if piece.most is None else piece.most - 1, first=piece.first))
            if piece.mask == _SPACE and piece.least > 0:
                return
    without = (piece if isinstance(piece, str) else _spaceless(piece) for piece in pieces)
    yield tuple(piece for piece in without if isinstance(piece, str) or piece.mask)


def _spaceless(run: Run) -> Run:
    return run if not run.mask & _SPACE else replace(run.plain, mask=run.mask & ~_SPACE, first=run.first)


def _truncated_anyhow(call: Call, whole: Text) -> Value:
    """With arguments of which only a range is known."""
    length, leeway = call.integers("length", 255), call.integers("leeway", 5)
    end = call.arguments["end"].text if "end" in call.arguments else literal("...")
    assert end is not None
    ends = end.points
    if length is None or ends.most is None or length.least < ends.most:
        certain = length is not None and length.most is not None and length.most < ends.least
        call.asked.fail(_short(ends.least), certain=certain)
        if certain:
            return NOTHING
    if leeway is None or leeway.least < 0:
        certain = leeway is not None and leeway.most is not None and leeway.most < 0
        call.asked.fail(_LEEWAY, certain=certain)
        if certain:
            return NOTHING
    known = length is not None and leeway is not None
    most = (length + leeway).most if known and length is not None and leeway is not None else None
    least = 0 if length is None or leeway is None else max(0, length.least) + max(0, leeway.least)
    longest = whole.points.most
    if longest is not None and longest <= least:
        return of_text(whole)
    return of_text(_limited(whole, most, end))


# --------------------------------------------------------------------------------------------------------- wrapping

_WRAPPED = 10_000
"""Longer texts are not wrapped."""
_PLAIN_BLANKS = mask_of(" \t")
"""What wrapping takes for one piece of white space."""


def _wordwrap(call: Call) -> Value:
    """`wordwrap(n)`: without white space at the ends of lines, and with `wrapstring` between each two.

    Two lines of one paragraph have more than n characters together.
    """
    whole = _text(call)
    width = call.integers("width", 79)
    if width is None or width.least < 1:
        certain = width is not None and width.most is not None and width.most < 1
        call.asked.fail("the argument `width` of `wordwrap` must be at least 1", certain=certain)
        if certain:
            return NOTHING
    points = whole.points
    if points.most is None or points.most > _WRAPPED:
        certain = points.least > _WRAPPED
        call.asked.fail(f"`wordwrap` is given a text of more than {_WRAPPED:,} characters", certain=certain)
        if certain:
            return NOTHING
    between = call.arguments["wrapstring"].text if "wrapstring" in call.arguments else literal("\n")
    assert between is not None
    least = 1 if width is None else max(1, width.least)
    kept = clamp(whole, 0, _WRAPPED)
    assert kept is not None
    return of_text(each_word(kept, lambda word: _wrapped(word, least, between)))


def _wrapped(word: Word, width: int, between: Text) -> Text:
    """The lines of a text, each at least so wide as the text allows."""
    size = word.points.most
    assert size is not None
    if size <= width and not word.mask & LINE_ENDS:
        if not word.edge(-1) & STRIPPED:
            return Text((word,))
        if not word.mask & STRIPPED & ~_PLAIN_BLANKS:
            return _of_rows(_without_spaces_behind(word), word)
        return pieced(Run(word.mask, _solid_points(word), size, word.solid))
    mask = word.mask & ~LINE_ENDS | between.mask
    most = None if between.points.most is None else _most_wrapped(word, size, width, between.points.most)
    return pieced(Run(mask, _solid_points(word), most, word.solid))


def _solid_points(word: Word) -> int:
    """How many characters are surely no white space."""
    least = 0
    for piece in word.pieces:
        if isinstance(piece, str):
            least += sum(not bit_of(character) & STRIPPED for character in piece)
        else:
            least += piece.least if not piece.mask & STRIPPED else min(piece.solid, 1)
    return least


def _most_wrapped(word: Word, size: int, width: int, between: int) -> int:
    if size == 0:
        return 0
    if not word.mask & LINE_ENDS:
        return size + (2 * size - 2) // (width + 1) * between
    # Some of the text are line ends, which are replaced, and some is wrapped.
    return max(size * between, size + 2 * size * between // (width + 1))


CUTTING: Mapping[str, Transfer] = {
    "shorten": _shorten,
    "trim": _trim,
    "truncate": _truncate,
    "wordwrap": _wordwrap,
}
"""By the names of the filters."""
