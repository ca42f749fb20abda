"""What arithmetic on two numbers gives, for all that they can be, and what can go wrong with it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from msgc.bounds.numbers import (
    LIMIT,
    Number,
    Span,
    computed,
    floats,
    huge,
    integers,
    negated,
    of_range,
    spanned,
    times,
    total,
)
from msgc.template import operators
from msgc.template.budget import Budget, begin, end
from msgc.template.problem import TemplateProblem

__all__ = ["BY_ZERO", "NOT_REAL", "TOO_LARGE", "Result", "binary", "negated", "result"]

BY_ZERO, TOO_LARGE, NOT_REAL = "divides by zero", "makes a number that is too large", "has no real number as its result"
"""What can go wrong, as the real operators say it behind their name."""
_TINY = math.ulp(0.0)
_MOST_PAIRS = 4_096
_MOST_DECIMALS = 20
_EXACT = 2.0**51
"""Below this, the floor of a quotient of floats is exact."""
_STEPS = 4
"""How many floats the C library's power may be off, and Python's large quotients; good ones are off by one."""


@dataclass(frozen=True, slots=True)
class Result:
    """The results of an operation, None where it never has one; and all that can go wrong."""

    number: Number | None
    problems: frozenset[str] = frozenset()

    def __or__(self, other: Result) -> Result:
        if self.number is None or other.number is None:
            number = other.number if self.number is None else self.number
        else:
            number = self.number | other.number
        return Result(number, self.problems | other.problems)


def binary(sign: str, one: Number, two: Number) -> tuple[Number | None, bool]:
    """The results of `one sign two` for + - * / // % **, None where there never is one; whether some have none.

    Of an overflow to infinity, which Python's floats let pass, the result is none either.
    """
    found = result(sign, one, two)
    return found.number, bool(found.problems)


def result(sign: str, one: Number, two: Number) -> Result:
    """The results of `one sign two`, with what can go wrong."""
    if one.values is not None and two.values is not None and len(one.values) * len(two.values) <= _MOST_PAIRS:
        return _computed(sign, one, two)
    match sign:
        case "+":
            return _of(*total(one, two))
        case "-":
            return _of(*total(one, negated(two)))
        case "*":
            return _of(*times(one, two))
        case "**":
            return _power(one, two)
    return _divided(sign, one, two)


def _of(number: Number | None, beyond: bool) -> Result:
    return Result(number, frozenset({TOO_LARGE} if beyond else ()))


# ------------------------------------------------------------------------------------------------------- few values


class _NoResultError(Exception):
    """A pair of numbers without a result."""


def _computed(sign: str, one: Number, two: Number) -> Result:
    """What the real operator makes of each pair."""
    problems: set[str] = set()

    def compute(left: float, right: float) -> float:
        try:
            made: float = operators.binary(sign, left, right)
        except TemplateProblem as problem:
            problems.add(next((known for known in (BY_ZERO, NOT_REAL) if known in problem.message), TOO_LARGE))
            raise _NoResultError from problem
        if isinstance(made, float) and not math.isfinite(made):
            problems.add(TOO_LARGE)
            raise _NoResultError
        return made

    token = begin(Budget())
    try:
        number, _ = computed(one, two, compute, (_NoResultError,))
    finally:
        end(token)
    return Result(number, frozenset(problems))


# --------------------------------------------------------------------------------------------------------- division


def _divided(sign: str, one: Number, two: Number) -> Result:
    """`/`, `//` and `%`: by what is below zero, and by what is above it."""
    found = Result(None, frozenset({BY_ZERO} if two.zero else ()))
    for part in (_positive(two), _negative(two)):
        if part is None:
            continue
        if sign == "/":
            found = found | _quotient(one, part)
        else:
            found = found | (_floor(one, part) if sign == "//" else _remainder(one, part))
    return found


def _positive(number: Number) -> Number | None:
    return number.between(_step(number), None)


def _negative(number: Number) -> Number | None:
    return number.between(None, -_step(number))


def _step(number: Number) -> float:
    """What is closer to zero is zero."""
    if number.integral:
        return 1
    return _TINY if number.decimals is None else max(_TINY, float(f"1e-{number.decimals}"))


def _corners(one: Span, two: Span, compute: Callable[[float, float], float]) -> Span:
    found = [compute(left, right) for left, right in product(one, two)]
    return min(found), max(found)


def _mixed(one: Number, two: Number) -> bool:
    """Whether there is an operation with a float among them."""
    return not (one.whole and two.whole)


def _overflows(one: Number, two: Number) -> bool:
    """Whether there is an operation of a float and of an integer too large to be one."""
    return _mixed(one, two) and (huge(one) or huge(two))


def _quotient(one: Number, two: Number) -> Result:
    """From the corners of both ranges. Cents by 100 have two decimals, as every float closest to such a number."""
    spans = []
    left, right = integers(one), integers(two)
    if left is not None and right is not None:
        spans.append(_corners(left, right, _ratio))
    if _mixed(one, two):
        spans.append(_corners(floats(one), floats(two), operator.truediv))
    number, beyond = spanned(spans, whole=False, decimals=_quotient_decimals(one, two))
    return _of(number, beyond or _overflows(one, two))


def _ratio(left: float, right: float) -> float:
    try:
        return left / right
    except OverflowError:
        return math.inf if (left > 0) == (right > 0) else -math.inf


def _quotient_decimals(one: Number, two: Number) -> int | None:
    """The decimals of whole numbers divided by divisors of a power of ten."""
    if not one.integral or two.values is None or not two.integral:
        return None
    found = [next((n for n in range(_MOST_DECIMALS) if 10**n % int(divisor) == 0), None) for divisor in two.values]
    return None if None in found else max(decimals for decimals in found if decimals is not None)


def _floor(one: Number, two: Number) -> Result:
    """From the corners of both ranges; a float's quotient is a whole number too."""
    spans: list[Span] = []
    left, right = integers(one), integers(two)
    if left is not None and right is not None:
        spans.append(_corners(left, right, operator.floordiv))
    if _mixed(one, two):
        spans.append(_loosened(_corners(floats(one), floats(two), operator.floordiv), _EXACT))
    number, beyond = spanned(spans, whole=not _mixed(one, two), decimals=0 if _mixed(one, two) else None)
    return _of(number, beyond or _overflows(one, two))


def _loosened(span: Span, exact: float) -> Span:
    """A range of floats moved outwards by a few steps, where its ends are so large that they may not be exact."""
    low, high = span
    for _ in range(_STEPS):
        low = low if abs(low) < exact else math.nextafter(low, -math.inf)
        high = high if abs(high) < exact else math.nextafter(high, math.inf)
    return low, high


def _remainder(one: Number, two: Number) -> Result:
    """Between zero and the divisor; the dividend itself where it is less than any divisor.

    A float's remainder may be the divisor itself: what is a little below zero is rounded up to it.
    """
    if two.least is None or two.least < 0:
        turned = _remainder(negated(one), negated(two))
        assert turned.number is not None
        return Result(negated(turned.number), turned.problems)
    mixed = _mixed(one, two)
    low, high = _held(two, mixed=mixed)
    least, most = _held(one, mixed=mixed)
    problems = frozenset({TOO_LARGE} if _overflows(one, two) else ())
    if least is not None and least >= 0 and most is not None and low is not None and most < low:
        decimals = 0 if one.integral else one.decimals
        return Result(of_range(least, most, whole=one.whole and two.whole, decimals=decimals), problems)
    if high is not None and not mixed:
        high -= 1
    ends = [end for end in (high, most if least is not None and least >= 0 else None) if end is not None]
    decimals = 0 if one.integral and two.integral else None
    return Result(of_range(0, min(ends, default=None), whole=not mixed, decimals=decimals), problems)


def _held(number: Number, *, mixed: bool) -> tuple[float | None, float | None]:
    """The ends of a range, also where its integers are taken for floats."""
    if not mixed:
        return number.least, number.most
    low, high = floats(number)
    least = None if number.least is None else min(number.least, low)
    return least, None if number.most is None else max(number.most, high)


# ------------------------------------------------------------------------------------------------------------ power


def _power(one: Number, two: Number) -> Result:
    """The power of what is positive, of zero, and of what is negative in the base."""
    found = Result(None)
    positive, negative = _positive(one), _negative(one)
    if positive is not None:
        found = found | _raised(positive, two)
    if one.zero:
        found = found | _zero_raised(one, two)
    if negative is not None:
        found = found | _signed(_raised(negated(negative), two), two)
    return found


def _raised(base: Number, exponent: Number) -> Result:
    """From the corners: a power of a positive base grows or falls with each of the two, all the way."""
    spans: list[Span] = []
    left, natural = integers(base), exponent.between(0, None)
    right = None if natural is None else integers(natural)
    if left is not None and right is not None:
        spans.append(_corners(left, right, _integer_power))
    whole = not _mixed(base, exponent) and exponent.least is not None and exponent.least >= 0
    if not whole:
        low, high = _loosened(_corners(floats(base), floats(exponent), _float_power), 0)
        spans.append((max(0.0, low), high))
    number, beyond = spanned(spans, whole=whole)
    return _of(number, beyond or (not whole and (huge(base) or huge(exponent))))


def _integer_power(base: float, exponent: float) -> float:
    """The power of two integers; one that is more than the largest where the real one is refused."""
    if (int(base).bit_length() - 1) * exponent > LIMIT.bit_length():
        return LIMIT + 1
    made: int = int(base) ** int(exponent)
    return made


def _float_power(base: float, exponent: float) -> float:
    try:
        made: float = base**exponent
    except OverflowError:
        return math.inf
    return made


def _zero_raised(base: Number, exponent: Number) -> Result:
    """Zero; by zero it is one, and by what is less it cannot be raised."""
    whole = not _mixed(base, exponent)
    found = Result(None)
    if exponent.least is None or exponent.least < 0:
        found = found | Result(None, frozenset({BY_ZERO}))
    if exponent.most is None or exponent.most > 0:
        found = found | Result(of_range(0, 0, whole=whole, decimals=0))
    if exponent.zero:
        found = found | Result(of_range(1, 1, whole=whole, decimals=0))
    return found


def _signed(size: Result, exponent: Number) -> Result:
    """The power of a negative base, from that of its size: real for whole exponents, positive for even ones."""
    parities = {value % 2 for value in exponent.values} if exponent.values is not None else {0, 1}
    problems = size.problems
    if not exponent.integral:
        problems |= {NOT_REAL}
    if size.number is None:
        return Result(None, problems)
    found = Result(None, problems)
    if 0 in parities:
        found = found | Result(size.number)
    if 1 in parities:
        found = found | Result(negated(size.number))
    return found
