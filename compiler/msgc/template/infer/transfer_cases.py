"""What the filters can make that change letters: `capitalize`, `lower`, `title` and `upper`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jinja2.filters import FILTERS as JINJA

from msgc.bounds.characters import ASTRAL, LATIN, LOWER, SPACES, STRIPPED, UPPER, WIDE, Mask, mask_of
from msgc.bounds.values import Value, of_text
from msgc.bounds.words import Piece, Run, Text, Word, each_word, literal, pieced
from msgc.template.infer.call import Call, Transfer

_BETWEEN = ord("a") - ord("A")
_LETTERS = LATIN | WIDE | ASTRAL
"""The groups beyond ASCII that have letters of two cases; all others are left as they are."""
_SIGMA = "Σ"
"""The only letter whose small form depends on what stands around it; both of its forms are `LATIN`."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way to change a letter, and what is known of it for the groups beyond ASCII.

    `change` does it to one character. `images` are the characters that come from those of a group, where they can be
    others, and `growth` into how many one of them can turn. White space neither changes nor comes from anything else.
    """

    change: Callable[[str], str]
    changed: Mask
    images: Mapping[Mask, Mask]
    growth: Mapping[Mask, int]

    def image(self, mask: Mask) -> Mask:
        """What comes from the characters of a set."""
        found = mask & ~self.changed
        if self.changed & LOWER:
            found |= (mask & LOWER) >> _BETWEEN
        if self.changed & UPPER:
            found |= (mask & UPPER) << _BETWEEN
        for group, made in self.images.items():
            found |= made if mask & group else 0
        return found

    def grown(self, mask: Mask) -> int:
        """Into how many a character of a set can turn."""
        return max((size for group, size in self.growth.items() if mask & group), default=1)


UPPERCASE = Case(
    str.upper,
    LOWER | _LETTERS,
    {LATIN: LATIN | WIDE | mask_of("IJNS"), WIDE: LATIN | WIDE | mask_of("AFHILSTWY"), ASTRAL: ASTRAL},
    {LATIN: 3, WIDE: 3},
)
"""`ΐ` and `ﬃ` turn into three characters, `ŉ` and `ß` into two, `ı` and `ſ` into a letter of ASCII."""
LOWERCASE = Case(
    str.lower,
    UPPER | _LETTERS,
    {LATIN: LATIN | WIDE | mask_of("i"), WIDE: LATIN | WIDE | mask_of("k"), ASTRAL: ASTRAL},
    {LATIN: 2},
)
"""`İ` turns into two characters, the sign of kelvin into `k`."""
TITLECASE = Case(
    str.title,
    LOWER | _LETTERS,
    {LATIN: LATIN | WIDE | mask_of("IJNSs"), WIDE: LATIN | WIDE | mask_of("AFHSTWYfilt"), ASTRAL: ASTRAL},
    {LATIN: 3, WIDE: 3},
)
"""What `capitalize` does to the first character: `ﬃ` turns into `Ffi`."""


# ----------------------------------------------------------------------------------------------- all of the letters


def _upper(call: Call) -> Value:
    """`upper`: each character in its capital form, which is up to three characters beyond ASCII."""
    assert call.value.text is not None
    return of_text(each_word(call.value.text, lambda word: _all_in(UPPERCASE, word)))


def _lower(call: Call) -> Value:
    """`lower`: each character in its small form, which is up to two characters beyond ASCII."""
    assert call.value.text is not None
    return of_text(each_word(call.value.text, lambda word: _all_in(LOWERCASE, word)))


def _all_in(case: Case, word: Word) -> Text:
    if word.literal is not None:
        return literal(case.change(word.literal))
    pieces: list[Piece] = []
    for piece in word.pieces:
        pieces += _spelled(case, piece) if isinstance(piece, str) else [_run_in(case, piece)]
    most = None if word.most is None else word.most * case.grown(word.mask)
    return pieced(*pieces, least=word.least, most=most)


def _spelled(case: Case, text: str) -> list[Piece]:
    """A literal piece among others, which decide on the small form of a sigma."""
    if case is not LOWERCASE:
        return [case.change(text)]
    pieces: list[Piece] = []
    for index, part in enumerate(text.split(_SIGMA)):
        pieces += [Run(LATIN, 1, 1), part.lower()] if index else [part.lower()]
    return pieces


def _run_in(case: Case, run: Run) -> Run:
    if not run.mask & case.changed:
        return run
    most = None if run.most is None else run.most * case.grown(run.mask)
    return Run(case.image(run.mask), run.least, most, run.solid)


# -------------------------------------------------------------------------------------------- the first of each word

_START = 1
_INSIDE = 2
_BREAKS = mask_of("-({[<") | STRIPPED
"""Behind these `title` sees a new word."""


@dataclass(frozen=True, slots=True)
class _Titled:
    """A first letter in one case and the others small; `breaks` are the characters behind which it begins anew."""

    first: Case
    breaks: Mask
    whole: Callable[[str], str]


def _capitalize(call: Call) -> Value:
    """`capitalize`: the first character in its capital form, all others in their small form."""
    return _titled(call, _Titled(TITLECASE, 0, str.capitalize))


def _title(call: Call) -> Value:
    """`title`: the first character of each word in its capital form, all others in their small form."""
    return _titled(call, _Titled(UPPERCASE, _BREAKS, JINJA["title"]))


def _titled(call: Call, how: _Titled) -> Value:
    assert call.value.text is not None
    return of_text(each_word(call.value.text, lambda word: _titled_word(how, word)))


def _titled_word(how: _Titled, word: Word) -> Text:
    if word.literal is not None:
        return literal(how.whole(word.literal))
    pieces: list[Piece] = []
    state = _START
    for piece in word.pieces:
        if isinstance(piece, str):
            for character in piece:
                pieces += _letter(how, character, state)
                state = _START if mask_of(character) & how.breaks else _INSIDE
            continue
        pieces += _titled_run(how, piece, state)
        state = state if piece.least == 0 else 0
        state |= (_START if piece.mask & how.breaks else 0) | (_INSIDE if piece.mask & ~how.breaks else 0)
    return pieced(*pieces, least=word.least, most=_most(how, word.mask, word.most, _START))


def _letter(how: _Titled, character: str, state: int) -> list[Piece]:
    """One character, of which it may not be known whether it is the first of a word."""
    small = _spelled(LOWERCASE, character)
    capital: list[Piece] = [how.first.change(character)]
    if state == _START or small == capital:
        return capital
    if state == _INSIDE:
        return small
    sizes = [len(piece) if isinstance(piece, str) else 1 for piece in (*capital, "".join(map(_sample, small)))]
    return [Run(how.first.image(mask_of(character)) | LOWERCASE.image(mask_of(character)), min(sizes), max(sizes))]


def _sample(piece: Piece) -> str:
    return piece if isinstance(piece, str) else _SIGMA.lower()


def _titled_run(how: _Titled, run: Run, state: int) -> list[Piece]:
    if run.most == 0 or not run.mask & (how.first.changed | LOWERCASE.changed):
        return [run]
    most = _most(how, run.mask, run.most, state)
    small = LOWERCASE.image(run.mask)
    if state == _INSIDE and not run.mask & how.breaks:
        return [Run(small, run.least, most, run.solid)]
    capital = how.first.image(run.mask)
    if state == _START and not run.mask & how.breaks and not (run.solid and run.mask & SPACES):
        rest = None if run.most is None else (run.most - 1) * LOWERCASE.grown(run.mask)
        return [
            Run(capital, min(1, run.least), how.first.grown(run.mask)),
            Run(small, max(0, run.least - 1), rest),
        ]
    return [Run(capital | small, run.least, most, run.solid)]


def _most(how: _Titled, mask: Mask, most: int | None, state: int) -> int | None:
    """The most characters that so many of a set turn into: words with one character between each two."""
    if most is None or most == 0:
        return most
    capital, small = how.first.grown(mask), LOWERCASE.grown(mask)
    if not mask & how.breaks:
        return most * small + (max(0, capital - small) if state & _START else 0)
    if state & _START:
        words = {1, (most + 1) // 2}
        return max(most * small + small - 1 + count * (capital + 1 - 2 * small) for count in words)
    return max(most * small + count * (capital + 1 - 2 * small) for count in (0, most // 2))


CASES: Mapping[str, Transfer] = {
    "capitalize": _capitalize,
    "lower": _lower,
    "title": _title,
    "upper": _upper,
}
"""By the names of the filters."""
