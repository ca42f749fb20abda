"""What a number can be: a range, whether it is whole, how many decimals it prints with; and how it prints."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from msgc.bounds.characters import DIGITS, mask_of
from msgc.bounds.words import EMPTY, Text, clamp, literal, run, text

MAX_VALUES = 64
LIMIT = (1 << 4096) - 1
"""The largest integer that a template may make. No parameter has more than 64 bits."""
LARGEST = sys.float_info.max
_FAR, _FAR_FLOAT = 1 << 4000, 1e300
"""What is as good as without an end."""
_EXPONENT = 1e16
"""From here on Python prints a float with an exponent."""
_SMALL = 1e-4
"""Below this too."""
_SIGNIFICANT = 17
"""The digits that tell any float from all others; Python prints no more."""
_MOST_DECIMALS = 20
"""`0.00012345678901234567`"""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a closed range; an end that is None is not known.

    `whole` says that it is an integer that prints without a decimal point. `decimals` says that a float among them is
    what the program makes of a number with so many decimals at most, so that it prints with no more; integers may be
    among them as well. `values` are all the numbers that it can be, where they are few: in their order.
    """

    least: float | None = None
    most: float | None = None
    whole: bool = False
    decimals: int | None = None
    values: tuple[float, ...] | None = None

    def __or__(self, other: Number) -> Number:
        if self.values is not None and other.values is not None:
            return numbers((*self.values, *other.values))
        decimals = [number.decimals for number in (self, other) if not number.whole]
        return Number(
            None if self.least is None or other.least is None else min(self.least, other.least),
            None if self.most is None or other.most is None else max(self.most, other.most),
            self.whole and other.whole,
            None if None in decimals else max((each for each in decimals if each is not None), default=None),
        )

    @property
    def zero(self) -> bool:
        """Whether it can be zero."""
        if self.values is not None:
            return 0 in self.values
        return (self.least is None or self.least <= 0) and (self.most is None or self.most >= 0)

    @property
    def only_zero(self) -> bool:
        """Whether it is nothing but zero."""
        return self.least == 0 and self.most == 0

    @property
    def integral(self) -> bool:
        """Whether it never has a fraction, though it may be a float."""
        return self.whole or self.decimals == 0

    def between(self, least: float | None, most: float | None) -> Number | None:
        """The number as far as it lies in a range; None where it does not."""
        if self.values is not None:
            kept = [n for n in self.values if (least is None or n >= least) and (most is None or n <= most)]
            return numbers(kept) if kept else None
        low = self.least if least is None else least if self.least is None else max(self.least, least)
        high = self.most if most is None else most if self.most is None else min(self.most, most)
        if self.whole:
            low = low if low is None else math.ceil(low)
            high = high if high is None else math.floor(high)
        if low is not None and high is not None and low > high:
            return None
        return of_range(low, high, whole=self.whole, decimals=self.decimals)


def _spelled(number: float) -> tuple[float, bool, float]:
    """What tells a number from those that are equal to it and print differently: 0, 0.0 and -0.0."""
    return number, isinstance(number, float), math.copysign(1, number) if number == 0 else 1


def numbers(values: Iterable[float]) -> Number:
    """One of these numbers; there is at least one."""
    known = {_spelled(value): value for value in values}
    found = tuple(known[each] for each in sorted(known))
    decimals = max((decimals_of(number) for number in found if isinstance(number, float)), default=None)
    return Number(found[0], found[-1], decimals is None, decimals, found if len(found) <= MAX_VALUES else None)


def decimals_of(number: float) -> int:
    """The decimals of a float as it is printed: 2 for 0.25, none for 5.0, 5 for 1e-05."""
    exponent = Decimal(repr(number)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def of_range(least: float | None, most: float | None, *, whole: bool = True, decimals: int | None = None) -> Number:
    """A number in a range; small ranges of whole numbers are spelled out."""
    if not whole:
        return Number(least, most, whole, decimals)
    if least is not None and most is not None and most - least < MAX_VALUES:
        known = range(math.ceil(least), math.floor(most) + 1)
        if known:
            return numbers(known)
    return Number(least, most, whole)


ANY_NUMBER = Number()
ANY_INTEGER = Number(whole=True)


# --------------------------------------------------------------------------------------------------- as it prints


def printed(number: Number) -> Text:
    """The texts as which a number prints."""
    if number.values is not None:
        return literal(*map(str, number.values))
    low, high = magnitudes(number)
    sign = run(mask_of("-"), 0, 1) if number.least is None or number.least < 0 else EMPTY
    forms = []
    if integers(number) is not None:
        forms.append(sign + run(DIGITS, _digits(low), _digits(high)))
    if not number.whole:
        if sign is EMPTY and number.zero:
            forms.append(literal("-0.0"))
        forms += [sign + form for form in _float_forms(number, low, high)]
    return text(*(word for form in forms for word in form.words))


def magnitudes(number: Number) -> Span:
    """The least and the greatest distance from zero."""
    least = -LIMIT if number.least is None else number.least
    most = LIMIT if number.most is None else number.most
    return max(0, least, -most), max(abs(least), abs(most))


def _digits(size: float) -> int:
    """The digits in front of the point; none of a number has more than the largest integer."""
    return len(str(min(int(size), LIMIT)))


def _float_forms(number: Number, low: float, high: float) -> list[Text]:
    """What a float without its sign prints as, from one distance from zero to another."""
    most = _MOST_DECIMALS if number.decimals is None else min(number.decimals, _MOST_DECIMALS)
    forms = []
    if low < _EXPONENT:
        form = (
            run(DIGITS, _digits(low), _digits(min(high, _EXPONENT - 1))) + literal(".") + run(DIGITS, 1, max(1, most))
        )
        forms.append(clamp(form, 0, _SIGNIFICANT + 1 if low >= 1 else _MOST_DECIMALS + 2) or form)
    mantissa = run(DIGITS, 1, 1) + (EMPTY | (literal(".") + run(DIGITS, 1, _SIGNIFICANT - 1)))
    if low < _SMALL and high > 0 and (number.decimals is None or number.decimals > 4):
        forms.append(mantissa + literal("e-") + run(DIGITS, 2, 3))
    if high >= _EXPONENT:
        forms.append(mantissa + literal("e+") + run(DIGITS, 2, 2 if high < 1e100 else 3))
    return forms


# ----------------------------------------------------------------------------------------------------- arithmetic


def integers(number: Number) -> tuple[int, int] | None:
    """The least and the greatest integer among them; None where there is none."""
    if number.values is not None:
        found = [value for value in number.values if isinstance(value, int)]
        return (found[0], found[-1]) if found else None
    least = -LIMIT if number.least is None else math.ceil(number.least)
    most = LIMIT if number.most is None else math.floor(number.most)
    return (least, most) if least <= most else None


def floats(number: Number) -> Span:
    """What the least and the greatest are where Python takes them for floats, as in an operation with one."""
    least = -LARGEST if number.least is None else _as_float(number.least)
    return least, LARGEST if number.most is None else _as_float(number.most)


def _as_float(number: float) -> float:
    return float(min(max(number, -LARGEST), LARGEST))


def huge(number: Number) -> bool:
    """Whether an integer among them is too large to be a float."""
    found = integers(number)
    return found is not None and (found[0] < -LARGEST or found[1] > LARGEST)


def spanned(spans: Iterable[Span], *, whole: bool, decimals: int | None = None) -> tuple[Number | None, bool]:
    """The number that lies in one of some ranges, and whether these reach beyond what is a number for a template.

    A range whose ends are integers holds integers alone. The number is None where all is beyond.
    """
    kept: list[tuple[float | None, float | None]] = []
    beyond = False
    for least, most in spans:
        limit, far = (LIMIT, _FAR) if isinstance(least, int) and isinstance(most, int) else (LARGEST, _FAR_FLOAT)
        beyond = beyond or least < -limit or most > limit
        if least <= limit and most >= -limit:
            kept.append((None if least < -far else least, None if most > far else most))
    if not kept:
        return None, beyond
    lows = [least for least, _ in kept if least is not None]
    highs = [most for _, most in kept if most is not None]
    low = min(lows) if len(lows) == len(kept) else None
    high = max(highs) if len(highs) == len(kept) else None
    return of_range(low, high, whole=whole, decimals=decimals), beyond


def _outcome(one: Number, two: Number, ends: Callable[[Span, Span], Span]) -> tuple[Number | None, bool]:
    """The results of an operation that is done on integers exactly, and on all else with floats."""
    spans = []
    whole = one.whole and two.whole
    left, right = integers(one), integers(two)
    if left is not None and right is not None:
        spans.append(ends(left, right))
    if not whole:
        spans.append(ends(floats(one), floats(two)))
    decimals = 0 if one.integral and two.integral and not whole else None
    found, beyond = spanned(spans, whole=whole, decimals=decimals)
    return found, beyond or (not whole and (huge(one) or huge(two)))


def _sum_ends(one: Span, two: Span) -> Span:
    return one[0] + two[0], one[1] + two[1]


def _product_ends(one: Span, two: Span) -> Span:
    corners = [left * right for left, right in product(one, two)]
    return min(corners), max(corners)


def total(one: Number, two: Number) -> tuple[Number | None, bool]:
    """The sum, and whether it can be too large."""
    return _outcome(one, two, _sum_ends)


def times(one: Number, two: Number) -> tuple[Number | None, bool]:
    """The product, and whether it can be too large."""
    return _outcome(one, two, _product_ends)


def added(one: Number, two: Number) -> Number:
    """The sum."""
    return total(one, two)[0] or Number(whole=one.whole and two.whole)


def multiplied(one: Number, two: Number) -> Number:
    """The product."""
    return times(one, two)[0] or Number(whole=one.whole and two.whole)


def negated(number: Number) -> Number:
    """The number with the other sign."""
    if number.values is not None:
        return numbers(-value for value in number.values)
    least = None if number.most is None else -number.most
    most = None if number.least is None else -number.least
    return Number(least, most, number.whole, number.decimals)


def computed(
    one: Number, two: Number, compute: Callable[[float, float], float], failures: tuple[type[Exception], ...]
) -> tuple[Number | None, bool]:
    """The results of an operation on few values, and whether some of the pairs have none; None where no pair has."""
    assert one.values is not None
    assert two.values is not None
    found: list[float] = []
    failed = False
    for left, right in product(one.values, two.values):
        try:
            found.append(compute(left, right))
        except failures:
            failed = True
    return (numbers(found) if found else None), failed
