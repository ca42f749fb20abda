"""Strategies for what is known of values, each together with one that it is known of."""

import math
import sys

from hypothesis import strategies as st

from msgc.bounds.characters import SPACES, bit_of, mask_of
from msgc.bounds.contains import contains
from msgc.bounds.numbers import Number, of_range
from msgc.bounds.numbers import numbers as one_of
from msgc.bounds.patterns import text_of_pattern
from msgc.bounds.values import Value, of_text
from msgc.bounds.words import EMPTY, Run, Text, Word, clamp, literal, pieced
from msgc.validate import matches

_HUGE = sys.float_info.max
EXTREMES = [
    *(0, 1, -1, 2, 7, 10, 99, 100, 999, 1000, 1024, 1_000_000, 2**53 - 1, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1),
    *(0.0, -0.0, 0.5, -0.5, 1.0, 1.5, 2.5, 0.125, 0.1 + 0.2, 0.1, 99.995, 999.995, 999.9996, 1e-5, 1.5e-7, 9.99e-5),
    *(0.0001, 1e15, 1e16, math.nextafter(1e16, 0), 123456789012345.67, 2.0**53, 1e22, 1e23, _HUGE, -_HUGE, 5e-324),
]
SMALL = st.integers(-1200, 1200)
INTEGERS = SMALL | st.integers(-(2**63), 2**64 - 1)
FLOATS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-1e4, 1e4)
    | SMALL.map(float)
    | st.builds(lambda number, places: number / 10**places, st.integers(-(10**9), 10**9), st.integers(0, 6))
)
CONCRETE = INTEGERS | FLOATS | st.sampled_from(EXTREMES)


def _moved(number: float, by: float, direction: int) -> float:
    moved = number + direction * (int(by) if isinstance(number, int) else by)
    return moved if math.isfinite(moved) else number


@st.composite
def numbers(draw: st.DrawFn, concrete: st.SearchStrategy[float] = CONCRETE) -> tuple[Number, float]:
    """What is known of a number, and the number."""
    known = draw(st.lists(concrete, min_size=1, max_size=4))
    found = one_of(known)
    if draw(st.booleans()):
        ends = [found.least, found.most]
        for index, direction in ((0, -1), (1, 1)):
            loose = draw(st.sampled_from(["end", "end", "moved", "open"]))
            end = ends[index]
            assert end is not None
            if loose != "end":
                ends[index] = (
                    None if loose == "open" else _moved(end, draw(st.sampled_from([0, 0.25, 1, 50])), direction)
                )
        decimals = draw(st.sampled_from([None, found.decimals, found.decimals]))
        whole = found.whole and draw(st.booleans())
        if not whole and decimals is None and draw(st.booleans()):
            decimals = found.decimals or 0
        found = of_range(*ends, whole=whole, decimals=decimals)
    member = draw(st.sampled_from(known))
    if not contains(Value(number=found), member):
        raise AssertionError((found, member))
    return found, member


# ----------------------------------------------------------------------------------------------------------- texts

TOKENS = [
    *("a", "b", "B", "z", "1", "0", " ", "  ", "-", "_", "/", ".", ",", "%", "&", "+", '"', "\\", "(", "\x00", "~"),
    *("\t", "\n", "\r", "\r\n", "\n\r", "\v", "\f", "\x1c", "\x1f", "\u00a0", "\u0085", "\u3000", "\u2028", "\ufeff"),
    *("\ufffd", "ß", "İ", "ı", "ŉ", "ΐ", "ﬃ", "Σ", "σ", "ǆ", "é", "e\u0301", "\u0301", "\u212a", "漢", "ſ", "ﬁ"),
    *("👍", "👍🏽", "👩\u200d👩\u200d👧", "🇩🇪", "🇩", "\u200d", "𐐨", "…", "x" * 9, "Hello", "ok ok"),
]
"""Characters of every group, with those that turn into several, and rows of them that are one to the eye."""
_SOLID = [token for token in TOKENS if mask_of(token) & ~SPACES]
_PATTERNED = [
    ("^[A-Z][a-z]*( [A-Z][a-z]*)*$", ["Anna", "Anna Lena", "X"]),
    ("^[0-9]+(-[0-9]+)*$", ["1", "12-34", "2024-05-31"]),
    ("^( ?[a-c])+ *$", [" a b", "abc", "c  "]),
    ("^[0-9]{2}:[0-9]{2}$", ["14:30"]),
]


@st.composite
def runs(draw: st.DrawFn) -> tuple[Text, str]:
    """A run of characters, and one of its texts."""
    if draw(st.integers(0, 9)) == 0:
        pattern, members = draw(st.sampled_from(_PATTERNED))
        return text_of_pattern(pattern), draw(st.sampled_from(members))
    pool = draw(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=4))
    member = "".join(draw(st.lists(st.sampled_from(pool), max_size=draw(st.sampled_from([3, 3, 6, 12])))))
    size = len(member)
    most = draw(st.sampled_from([size, size, size + 1, size + 4, size + 40, None]))
    least = max(0, size - draw(st.sampled_from([0, 0, 1, 2, 50])))
    solid = bool(mask_of(member) & ~SPACES) and draw(st.booleans())
    found = Run(mask_of(member) | mask_of("".join(pool)), least, most, solid)
    if member and draw(st.integers(0, 5)) == 0:
        first, last = bit_of(member[0]), bit_of(member[-1])
        found = Run(found.mask, least, most, solid, first=first | (found.mask & mask_of("aB ")), last=last)
    return pieced(found), member


@st.composite
def texts(draw: st.DrawFn, most_words: int = 3) -> tuple[Text, str]:
    """What is known of a text, and the text."""
    words: list[Word] = []
    members: list[str] = []
    for _ in range(draw(st.integers(1, most_words))):
        known, member = EMPTY, ""
        for literally in draw(st.lists(st.booleans(), max_size=4)):
            if literally:
                piece = "".join(draw(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=3)))
                known, member = known + literal(piece), member + piece
            else:
                run, part = draw(runs())
                known, member = known + run, member + part
        if draw(st.integers(0, 3)) == 0:
            size = len(member)
            least = draw(st.sampled_from([0, max(0, size - 1), size]))
            known = clamp(known, least, draw(st.sampled_from([None, size, size + 1]))) or known
        words += known.words
        members.append(member)
    found = Text(tuple(words))
    member = draw(st.sampled_from(members))
    if not holds(of_text(found), member):
        raise AssertionError((found, member))
    return found, member


def holds(value: Value, concrete: object) -> bool:
    """As `contains`, and the patterns and the edges of runs are looked at as well."""
    if not isinstance(concrete, str) or value.special is not None:
        return contains(value, concrete)
    return value.text is not None and any(_holds(word, concrete) for word in value.text.words)


def _holds(word: Word, concrete: str) -> bool:
    size = len(concrete)
    if not (size >= word.least and (word.most is None or size <= word.most)):
        return False
    ends = {0}
    for piece in word.pieces:
        if isinstance(piece, str):
            ends = {start + len(piece) for start in ends if concrete.startswith(piece, start)}
            continue
        found = set()
        for start in ends:
            for end in range(start, size + 1):
                if end > start and not bit_of(concrete[end - 1]) & piece.mask:
                    break
                if _fits(piece, concrete[start:end]):
                    found.add(end)
        ends = found
    return size in ends


def _fits(run: Run, part: str) -> bool:
    if len(part) < run.least or (run.most is not None and len(part) > run.most):
        return False
    if run.solid and not mask_of(part) & ~SPACES:
        return False
    if run.pattern is not None and not matches(run.pattern, part):
        return False
    return not part or (
        (run.first is None or bool(bit_of(part[0]) & run.first))
        and (run.last is None or bool(bit_of(part[-1]) & run.last))
    )
