"""What a text can be: a few words, each of literal pieces and of runs of characters out of a set.

Everything that is asked of a text (its length in three units, what it begins and ends with, whether it can be blank) is
read from its words. Where there would be too many words they are drawn together, so that less is known, never more.
"""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from msgc.bounds.characters import ALL, SPACES, Mask, heaviest, lightest, mask_of, weigh

MAX_WORDS = 12
MAX_LITERALS = 64
_MAX_PIECES = 24
_KEPT_PIECES = 10


@dataclass(frozen=True, slots=True)
class Range:
    """From `least` to `most`, both included; `most` is None where there is no limit."""

    least: int
    most: int | None

    def __or__(self, other: Range) -> Range:
        most = None if self.most is None or other.most is None else max(self.most, other.most)
        return Range(min(self.least, other.least), most)

    def __add__(self, other: Range) -> Range:
        most = None if self.most is None or other.most is None else self.most + other.most
        return Range(self.least + other.least, most)

    def times(self, rounds: Range) -> Range:
        """The sum of so many of these."""
        if self.most == 0 or rounds.most == 0:
            return Range(0, 0)
        most = None if self.most is None or rounds.most is None else self.most * rounds.most
        return Range(self.least * rounds.least, most)

    def up_to(self, most: int | None) -> Range:
        """Cut off at the top."""
        if most is None or (self.most is not None and self.most <= most):
            return self
        return Range(min(self.least, most), most)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.least <= number and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        if self.most is None:
            return f"{self.least:,} and more"
        return f"{self.least:,}" if self.least == self.most else f"{self.least:,} to {self.most:,}"


@dataclass(frozen=True, slots=True)
class Run:
    """So many characters out of a set. `solid` promises one among them that is no white space.

    `pattern` is one that the whole run matches, where that says more than its set; `first` and `last` are then the
    characters that it may begin and end with.
    """

    mask: Mask
    least: int
    most: int | None
    solid: bool = False
    pattern: str | None = None
    first: Mask | None = None
    last: Mask | None = None

    @property
    def plain(self) -> Run:
        """The run without its pattern: what is left of it once its characters or their order change."""
        return Run(self.mask, self.least, self.most, self.solid)


Piece = str | Run


@dataclass(frozen=True, slots=True)
class Word:
    """Pieces in a row; `least` and `most` hold of the whole, where more is known of it than of its pieces."""

    pieces: tuple[Piece, ...]
    least: int = 0
    most: int | None = None

    @property
    def literal(self) -> str | None:
        """The text, where there is only one."""
        if not self.pieces:
            return ""
        return self.pieces[0] if len(self.pieces) == 1 and isinstance(self.pieces[0], str) else None

    @property
    def points(self) -> Range:
        """Its length in code points."""
        least = 0
        most: int | None = 0
        for piece in self.pieces:
            if isinstance(piece, str):
                least += len(piece)
                most = most if most is None else most + len(piece)
            else:
                least += piece.least
                most = None if most is None or piece.most is None else most + piece.most
        if self.most is not None:
            most = self.most if most is None else min(most, self.most)
        return Range(max(least, self.least), most)

    @property
    def mask(self) -> Mask:
        """The characters that it may hold."""
        mask = 0
        for piece in self.pieces:
            mask |= mask_of(piece) if isinstance(piece, str) else piece.mask if piece.most != 0 else 0
        return mask

    @property
    def solid(self) -> bool:
        """Whether it surely holds something else than white space."""
        for piece in self.pieces:
            if isinstance(piece, str):
                if mask_of(piece) & ~SPACES:
                    return True
            elif piece.solid or (piece.least > 0 and not piece.mask & SPACES):
                return True
        return self.least > 0 and not self.mask & SPACES

    def weight(self, unit: int) -> Range:
        """Its size in UTF-16 units (0), UTF-8 bytes (1), or bytes inside JSON (2)."""
        least = 0
        most: int | None = 0
        for piece in self.pieces:
            if isinstance(piece, str):
                size = weigh(piece)[unit]
                least += size
                most = most if most is None else most + size
            else:
                least += piece.least * lightest(piece.mask)[unit]
                more = None if piece.most is None else piece.most * heaviest(piece.mask)[unit]
                most = None if most is None or more is None else most + more
        points = self.points
        if points.most is not None:
            capped = points.most * heaviest(self.mask)[unit]
            most = capped if most is None else min(most, capped)
        return Range(max(least, points.least), most)

    def edge(self, index: int) -> Mask:
        """The characters that may stand first (0) or last (-1)."""
        mask = 0
        for piece in self.pieces if index == 0 else reversed(self.pieces):
            if isinstance(piece, str):
                return mask | mask_of(piece[index])
            known = piece.first if index == 0 else piece.last
            mask |= (piece.mask if known is None else known) if piece.most != 0 else 0
            if piece.least > 0:
                return mask
        return mask


def _word(pieces: Iterable[Piece], least: int = 0, most: int | None = None) -> Word:
    """A word in its simplest form: neighbouring literals are one, runs of one set too."""
    joined: list[Piece] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        if isinstance(piece, str):
            if not piece:
                continue
            if isinstance(before, str):
                joined[-1] = before + piece
                continue
        else:
            if piece.most == 0:
                continue
            if isinstance(before, Run) and before.mask == piece.mask and before.pattern is piece.pattern is None:
                together = Range(before.least, before.most) + Range(piece.least, piece.most)
                joined[-1] = Run(piece.mask, together.least, together.most, before.solid or piece.solid)
                continue
        joined.append(piece)
    if len(joined) > _MAX_PIECES:
        # The ends say most: what stands between them is drawn together.
        middle = _melted_whole([Word(tuple(joined[_KEPT_PIECES:-_KEPT_PIECES]))])
        joined[_KEPT_PIECES:-_KEPT_PIECES] = middle.pieces
    return Word(tuple(joined), least, most)


def _melted(words: Sequence[Word]) -> Word:
    """One word for several: piece by piece where they are built alike, else as a whole.

    What they begin and end with in common is kept, between it are all their characters.
    """
    kinds = {tuple(isinstance(piece, str) for piece in word.pieces) for word in words}
    if len(kinds) > 1 or len(words[0].pieces) < 2:
        return _melted_whole(words)
    points = _over([word.points for word in words])
    columns = zip(*(word.pieces for word in words), strict=True)
    pieces = [piece for column in columns for piece in _melted_whole([Word((each,)) for each in column]).pieces]
    return _word(pieces, points.least, points.most)


def _melted_whole(words: Sequence[Word]) -> Word:
    start = os.path.commonprefix([_literal_edge(word, 0) for word in words])  # noqa: RUF071 - texts, not paths
    rests = [_without(word, len(start), 0) for word in words]
    ends = [_literal_edge(word, -1)[::-1] for word in rests]
    end = os.path.commonprefix(ends)[::-1]  # noqa: RUF071
    points = words[0].points
    mask, solid = 0, True
    for word, rest in zip(words, rests, strict=True):
        points = points | word.points
        middle = _without(rest, len(end), -1)
        mask |= middle.mask
        solid = solid and middle.solid
    fixed = len(start) + len(end)
    run = Run(mask, max(0, points.least - fixed), None if points.most is None else points.most - fixed, solid)
    return Word(tuple(piece for piece in (start, run, end) if piece and piece != Run(0, 0, 0, solid)))


def _literal_edge(word: Word, index: int) -> str:
    """The text that a word begins (0) or ends (-1) with, as far as it is written out."""
    return piece if word.pieces and isinstance(piece := word.pieces[index], str) else ""


def _without(word: Word, length: int, index: int) -> Word:
    """A word without so many characters of the text that it begins (0) or ends (-1) with."""
    if length == 0:
        return word
    edge = _literal_edge(word, index)
    rest = edge[length:] if index == 0 else edge[:-length]
    others = word.pieces[1:] if index == 0 else word.pieces[:-1]
    kept = (rest,) if rest else ()
    pieces = (*kept, *others) if index == 0 else (*others, *kept)
    return Word(pieces, max(0, word.least - length), None if word.most is None else max(0, word.most - length))


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is one of its words; there is at least one."""

    words: tuple[Word, ...]

    @property
    def literals(self) -> tuple[str, ...] | None:
        """All texts that it can be, where they are few and known."""
        found = [word.literal for word in self.words]
        return None if None in found else tuple(text for text in found if text is not None)

    @property
    def points(self) -> Range:
        """Its length in code points."""
        return _over([word.points for word in self.words])

    @property
    def units(self) -> Range:
        """Its length in UTF-16 units."""
        return _over([word.weight(0) for word in self.words])

    @property
    def octets(self) -> Range:
        """Its length in UTF-8 bytes."""
        return _over([word.weight(1) for word in self.words])

    @property
    def escaped(self) -> Range:
        """Its length in bytes inside JSON, without the quotes."""
        return _over([word.weight(2) for word in self.words])

    @property
    def mask(self) -> Mask:
        """The characters that it may hold."""
        mask = 0
        for word in self.words:
            mask |= word.mask
        return mask

    @property
    def solid(self) -> bool:
        """Whether it surely holds something else than white space."""
        return all(word.solid for word in self.words)

    @property
    def first(self) -> Mask:
        """The characters that it may begin with."""
        mask = 0
        for word in self.words:
            mask |= word.edge(0)
        return mask

    @property
    def last(self) -> Mask:
        """The characters that it may end with."""
        mask = 0
        for word in self.words:
            mask |= word.edge(-1)
        return mask

    def __or__(self, other: Text) -> Text:
        return text(*self.words, *other.words)

    def __add__(self, other: Text) -> Text:
        if self is EMPTY:
            return other
        if other is EMPTY:
            return self
        return _joined(self, other)


def _over(ranges: Sequence[Range]) -> Range:
    found = ranges[0]
    for other in ranges[1:]:
        found = found | other
    return found


def text(*words: Word) -> Text:
    """A text of these words; too many are drawn together."""
    kept = tuple(dict.fromkeys(words))
    if len(kept) <= MAX_WORDS:
        return Text(kept)
    if len(kept) <= MAX_LITERALS and all(word.literal is not None for word in kept):
        return Text(kept)
    return Text((_melted(kept),))


def pieced(*pieces: Piece, least: int = 0, most: int | None = None) -> Text:
    """Pieces in a row; `least` and `most` hold of the whole."""
    return Text((_word(pieces, least, most),))


def each_word(whole: Text, change: Callable[[Word], Text]) -> Text:
    """What a change makes of each word."""
    return text(*(made for word in whole.words for made in change(word).words))


def literal(*texts: str) -> Text:
    """One of these texts."""
    return text(*(Word((each,) if each else ()) for each in texts))


def run(mask: Mask, least: int = 0, most: int | None = None, *, solid: bool = False) -> Text:
    """So many characters out of a set."""
    return Text((_word((Run(mask, least, most, solid and most != 0),)),))


EMPTY = literal("")
ANY = run(ALL)


@lru_cache(maxsize=8192)
def _joined(one: Text, two: Text) -> Text:
    made = []
    both_literal = one.literals is not None and two.literals is not None
    if len(one.words) * len(two.words) > (MAX_LITERALS if both_literal else MAX_WORDS):
        one, two = (Text((_melted(each.words),)) if len(each.words) > 1 else each for each in (one, two))
    for before in one.words:
        for after in two.words:
            least = before.points.least + after.points.least if before.least or after.least else 0
            most = (before.points + after.points).most if before.most is not None or after.most is not None else None
            made.append(_word((*before.pieces, *after.pieces), least, most))
    return text(*made)


def repeat(body: Text, rounds: Range) -> Text:
    """A text so many times in a row, another one of its kind each time."""
    if rounds.most == 0:
        return EMPTY
    if rounds.most is not None and rounds.most <= 3 and len(body.words) <= 2:
        made = [EMPTY]
        for _ in range(rounds.most):
            made.append(made[-1] + body)
        found = made[rounds.least]
        for other in made[rounds.least + 1 :]:
            found = found | other
        return found
    points = body.points.times(rounds)
    return Text((_word((Run(body.mask, points.least, points.most, body.solid and rounds.least > 0),)),))


def clamp(whole: Text, least: int = 0, most: int | None = None) -> Text | None:
    """The text as far as its length lies in a range; None where none does."""
    kept = []
    for word in whole.words:
        points = word.points
        if (most is not None and points.least > most) or (points.most is not None and points.most < least):
            continue
        if points.least >= least and (most is None or (points.most is not None and points.most <= most)):
            kept.append(word)
        else:
            kept.append(_clamped(word, least, most))
    return text(*kept) if kept else None


def _clamped(word: Word, least: int, most: int | None) -> Word:
    if len(word.pieces) == 1 and isinstance(word.pieces[0], Run):
        only = word.pieces[0]
        ends = [end for end in (only.most, most, word.most) if end is not None]
        return Word((replace(only, least=max(only.least, least, word.least), most=min(ends, default=None)),))
    ends = [end for end in (most, word.most) if end is not None]
    return replace(word, least=max(word.least, least), most=min(ends, default=None))
