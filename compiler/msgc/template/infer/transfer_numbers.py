"""What the filters on numbers can make: `abs`, `float`, `int`, `round` and `filesizeformat`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from msgc.bounds.characters import ASCII, DIGITS, mask_of
from msgc.bounds.numbers import (
    ANY_INTEGER,
    ANY_NUMBER,
    LARGEST,
    LIMIT,
    Number,
    Span,
    floats,
    huge,
    integers,
    magnitudes,
    numbers,
    of_range,
    spanned,
)
from msgc.bounds.patterns import verdict
from msgc.bounds.values import FALSE, NOTHING, TRUE, Value, constants, of_number, of_text
from msgc.bounds.words import EMPTY, Run, Text, Word, literal, run
from msgc.template.infer.call import Call, Transfer
from msgc.template.signature import PLAIN_NUMBER, is_number

_SURE = r"^[+-]?[0-9]+(\.[0-9]*)?$"
_SURE_DIGITS = 300
"""So many digits are surely no more than the largest float."""
_NUMERIC = DIGITS | mask_of("+-.")
_MOST_PRECISIONS = 8
_PRECISION = 100
_SURE_PRECISION = 16


def _number(call: Call) -> Number:
    assert call.value.number is not None
    return call.value.number


# -------------------------------------------------------------------------------------------------------- absolutes


def _abs(call: Call) -> Value:
    """`abs`: the distances from zero."""
    number = _number(call)
    if number.values is not None:
        return of_number(numbers(map(abs, number.values)))
    low, high = magnitudes(number)
    most = None if number.least is None or number.most is None else high
    return of_number(of_range(low, most, whole=number.whole, decimals=number.decimals))


# -------------------------------------------------------------------------------------------------------- rounding


def _round(call: Call) -> Value:
    """`round`: what becomes of the ends, as rounding keeps the order; with so many decimals at most."""
    number = _number(call)
    method = call.arguments.get("method")
    precision = call.arguments.get("precision")
    methods = ["common"] if method is None else constants(method)
    digits = [0] if precision is None else constants(precision, _MOST_PRECISIONS)
    _check_round(call, methods, digits)
    if methods is None or digits is None:
        return of_number(Number(whole=number.whole and methods == ["common"]))
    found = NOTHING
    for name in {name for name in methods if name in _ROUNDED}:
        for count in digits:
            made = _rounded(call, number, int(count), name) if abs(count) <= _PRECISION else None
            found = found if made is None else found | of_number(made)
    return found


def _check_round(call: Call, methods: list[str] | None, digits: list[int] | None) -> None:
    """Notes a method that there is not, and a precision that is too large."""
    wrong = methods is None or not all(name in _ROUNDED for name in methods)
    if wrong:
        certain = methods is not None and not any(name in _ROUNDED for name in methods)
        call.asked.fail('the argument `method` of `round` is "common", "ceil" or "floor"', certain=certain)
    ends = call.integers("precision", 0)
    if ends is None or ends.most is None or ends.least < -_PRECISION or ends.most > _PRECISION:
        certain = digits is not None and not any(abs(count) <= _PRECISION for count in digits)
        call.asked.fail(f"the argument `precision` of `round` is more than {_PRECISION}", certain=certain)


def _ceil(value: float, precision: int) -> float:
    power: float = 10**precision
    return math.ceil(value * power) / power


def _floor(value: float, precision: int) -> float:
    power: float = 10**precision
    return math.floor(value * power) / power


_ROUNDED: Mapping[str, Callable[[float, int], float]] = {
    "common": round,
    "ceil": _ceil,
    "floor": _floor,
}
"""As Jinja computes them, step by step."""


def _rounded(call: Call, number: Number, precision: int, method: str) -> Number | None:
    compute = _ROUNDED[method]
    spans: list[Span] = []
    known = integers(number)
    if known is not None:
        spans.append(_both(known, precision, compute))
    if not number.whole:
        spans.append(_both(floats(number), precision, compute))
    whole = number.whole and method == "common"
    found, beyond = spanned(spans, whole=whole, decimals=_round_decimals(number, precision, method))
    if beyond:
        call.asked.fail(f"`{call.name}` makes a number that is too large", certain=found is None)
    return found


def _both(span: Span, precision: int, compute: Callable[[float, int], float]) -> Span:
    least, most = (_guarded(end, precision, compute) for end in span)
    return least, most


def _guarded(end: float, precision: int, compute: Callable[[float, int], float]) -> float:
    try:
        return compute(end, precision)
    except OverflowError:
        beyond = LIMIT + 1 if isinstance(end, int) and compute is round else math.inf
        return beyond if end > 0 else -beyond


def _round_decimals(number: Number, precision: int, method: str) -> int | None:
    """The decimals after rounding to so many: the result is the float closest to such a number.

    `common` is done by Python on the exact digits, `ceil` and `floor` divide an integer by a power of ten. A number
    that has fewer decimals before is not changed, as long as it is no power of two so small that its neighbour is
    closer than the last decimal.
    """
    if method != "common":
        return precision if precision >= 0 else None
    before = number.decimals
    if before is not None and before < precision <= _SURE_PRECISION:
        return before
    return max(precision, 0)


# ------------------------------------------------------------------------------------------------ texts as numbers


@dataclass(frozen=True, slots=True)
class _Read:
    """What texts are as numbers: None where none is one; `sure` where all are."""

    number: Number | None
    sure: bool


def _int(call: Call) -> Value:
    """`int`: a number without its decimals, true as 1, a text's number; the default, or 0, for all else."""
    found = NOTHING
    if call.value.number is not None:
        found = of_number(_truncated(call.value.number))
    return found | _converted(call, _truncated, _plain_base(call))


def _plain_base(call: Call) -> bool:
    base = call.arguments.get("base")
    return base is None or constants(base, 1) == [10]


def _truncated(number: Number) -> Number:
    if number.values is not None:
        return numbers(map(int, number.values))
    least = None if number.least is None else int(number.least)
    most = None if number.most is None else int(number.most)
    return of_range(least, most)


def _float(call: Call) -> Value:
    """`float`: a number as a float, true as 1.0, a text's number; the default, or 0.0, for all else."""
    found = NOTHING
    number = call.value.number
    if number is not None:
        made = _floated(number)
        if huge(number):
            call.asked.fail("`float` is given an integer that is too large", certain=made is None)
        found = NOTHING if made is None else of_number(made)
    return found | _converted(call, _floated, plain=True)


def _floated(number: Number) -> Number | None:
    """The same as a float, where there is one: none of an integer that is larger than all floats."""
    if number.values is not None:
        kept = [float(value) for value in number.values if abs(value) <= LARGEST]
        return numbers(kept) if kept else None
    if (number.least is not None and number.least > LARGEST) or (number.most is not None and number.most < -LARGEST):
        return None
    least, most = floats(number)
    decimals = 0 if number.whole else number.decimals
    return Number(
        None if number.least is None else least,
        None if number.most is None else most,
        decimals=decimals,
    )


def _converted(call: Call, convert: Callable[[Number], Number | None], plain: bool) -> Value:
    """What is made of texts, of true and false, and of null."""
    value = call.value
    default = call.arguments.get("default", of_number(numbers([0 if call.name == "int" else 0.0])))
    found = NOTHING
    if value.truth:
        bits = ([1] if value.truth & TRUE else []) + ([0] if value.truth & FALSE else [])
        made = convert(numbers(bits))
        found = NOTHING if made is None else of_number(made)
    if value.null:
        found = found | default
    if value.text is not None:
        lenient = "default" in call.arguments
        longer = lenient and call.name == "int"  # what has no default asks first for a number that a float can be
        read = _read(value.text, longer=longer) if plain else _Read(ANY_INTEGER, False)
        if not read.sure and lenient:
            found = found | default
        elif not read.sure:
            call.asked.fail(
                f"`{call.name}` is given a text that is no number",
                certain=read.number is None and value.kinds == {"text"},
                help=f"write it {PLAIN_NUMBER}, or say what it is otherwise: `{call.name}(0)`",
            )
        made = None if read.number is None else convert(read.number)
        found = found if made is None else found | of_number(made)
    return found


def _read(text: Text, *, longer: bool) -> _Read:
    """What texts are as numbers, word by word."""
    number: Number | None = None
    sure = True
    for word in text.words:
        read = _read_literal(word.literal, longer=longer) if word.literal is not None else _read_word(word)
        sure = sure and read.sure
        if read.number is not None:
            number = read.number if number is None else number | read.number
    return _Read(number, sure)


def _read_word(word: Word) -> _Read:
    mask = word.mask
    # A number has a digit, be it one of another script.
    if not mask & (DIGITS | ~ASCII):
        return _Read(None, False)
    size = word.points.most
    sure = size is not None and size <= _SURE_DIGITS and verdict(_SURE, Text((word,))) is True
    return _Read(ANY_NUMBER if mask & ~_NUMERIC else _digits_read(word), sure)


def _read_literal(text: str, *, longer: bool) -> _Read:
    """The number that a text is, as an integer where it is one; `longer`, also one that is too large for a float."""
    try:
        if is_number(text):
            return _Read(numbers([_exactly(text)]), True)
        if longer:
            return _Read(numbers([int(text)]), False)
    except ValueError:
        pass
    return _Read(None, False)


def _exactly(text: str) -> float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _digits_read(word: Word) -> Number:
    """The number of a text of digits, signs and points: at most as large as its digits, with as many decimals.

    As it may be no number, its range may be too large.
    """
    before, after, point = _lengths(word)
    size = None if before is None or before > _SURE_DIGITS else 10**before - (0 if point else 1)
    least = 0 if not word.mask & mask_of("-") else None if size is None else -size
    return Number(least, size, decimals=after)


def _lengths(word: Word) -> tuple[int | None, int | None, bool]:
    """The most digits in front of a point and behind it, None where there is no limit; whether there may be a point."""
    points = [index for index, piece in enumerate(word.pieces) if _points(piece)]
    if not points:
        return word.points.most, 0, False
    only = word.pieces[points[0]]
    if len(points) > 1 or not isinstance(only, str) or only.count(".") > 1:
        # It may be anywhere.
        return word.points.most, word.points.most, True
    before, after = only.split(".")
    ends = Word((*word.pieces[: points[0]], before)), Word((after, *word.pieces[points[0] + 1 :]))
    return ends[0].points.most, ends[1].points.most, True


def _points(piece: str | Run) -> bool:
    return bool((mask_of(piece) if isinstance(piece, str) else piece.mask) & mask_of("."))


# ------------------------------------------------------------------------------------------------------- file sizes


def _filesizeformat(call: Call) -> Value:
    """`filesizeformat`: below the first unit all digits; then one decimal and each unit that the range reaches."""
    number = _number(call)
    if huge(number):
        call.asked.fail("`filesizeformat` is given a number that is too large", certain=_floated(number) is None)
    binary = call.arguments.get("binary")
    known = [False] if binary is None else constants(binary) or [True, False]
    found = NOTHING
    for base in sorted({1024 if each else 1000 for each in known}):
        for text in _sizes(number, base):
            found = found | of_text(text)
    return found


def _sizes(number: Number, base: int) -> Iterator[Text]:
    least, most = floats(number)
    if least <= 1 <= most:
        yield literal("1 Byte")
    if least < base:
        yield _bytes(int(least), int(min(most, base - 1)))
    for index, letter in enumerate(_UNITS):
        low, high = float(base) ** (index + 1), float(base) ** (index + 2)
        last = letter == _UNITS[-1]
        if most < low or (least >= high and not last):
            continue
        unit = f"{'K' if letter == 'k' and base == 1024 else letter}{'i' if base == 1024 else ''}B"
        sizes = (base * max(least, low) / high, base * (most if last else min(most, high)) / high)
        if math.isinf(sizes[1]):
            # Python's own overflow, at the end of what a float can be.
            yield literal(f"inf {unit}")
            sizes = min(sizes[0], LARGEST / high), LARGEST / high
        digits = [len(f"{size:.1f}") - 2 for size in sizes]
        yield run(DIGITS, digits[0], digits[1]) + literal(".") + run(DIGITS, 1, 1) + literal(f" {unit}")


_UNITS = "kMGTPEZY"


def _bytes(least: int, most: int) -> Text:
    ends = len(str(abs(least))), len(str(abs(most)))
    sign = EMPTY if least >= 0 else literal("-") if most < 0 else run(mask_of("-"), 0, 1)
    crosses = least <= 0 <= most
    return sign + run(DIGITS, 1 if crosses else min(ends), max(ends)) + literal(" Bytes")


NUMBERS: Mapping[str, Transfer] = {
    "abs": _abs,
    "filesizeformat": _filesizeformat,
    "float": _float,
    "int": _int,
    "round": _round,
}
"""By the names of the filters."""
