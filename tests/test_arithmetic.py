import math
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abstract import CONCRETE, FLOATS, SMALL, numbers
from msgc.bounds.contains import contains
from msgc.bounds.numbers import ANY_INTEGER, ANY_NUMBER, Number, added, multiplied, of_range, printed
from msgc.bounds.numbers import numbers as one_of
from msgc.bounds.values import of_number, of_text
from msgc.bounds.words import Range
from msgc.template import operators
from msgc.template.budget import Budget, begin, end
from msgc.template.infer.arithmetic import BY_ZERO, NOT_REAL, TOO_LARGE, binary, negated, result
from msgc.template.problem import TemplateProblem
from transferring import MANY, PRICE, SIGNED, span, whole

HUGE = sys.float_info.max


# ------------------------------------------------------------------------------------------------------ arithmetic

SIGNS = ["+", "-", "*", "/", "//", "%", "**"]


def computed(sign: str, left: float, right: float) -> float | None:
    token = begin(Budget())
    try:
        made = operators.binary(sign, left, right)
    except TemplateProblem:
        return None
    finally:
        end(token)
    return made if isinstance(made, int) or math.isfinite(made) else None


def check_binary(sign: str, one: tuple[Number, float], two: tuple[Number, float]) -> None:
    made, failed = binary(sign, one[0], two[0])
    there = computed(sign, one[1], two[1])
    if there is None:
        assert failed
    else:
        assert made is not None
        assert contains(of_number(made), there), (made, there)


EXPONENTS = st.integers(-3, 6) | st.sampled_from([0.5, 2.0, -1.5, 3.0, 0.0, 300, 5000]) | FLOATS


@pytest.mark.parametrize("sign", SIGNS)
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_arithmetic_holds_all_results(sign: str, data: st.DataObject):
    right = numbers(EXPONENTS) if sign == "**" else numbers()
    check_binary(sign, data.draw(numbers()), data.draw(right))
    small = numbers(SMALL) | numbers(FLOATS)
    check_binary(sign, data.draw(small), data.draw(numbers(EXPONENTS) if sign == "**" else small))


@pytest.mark.long
@pytest.mark.parametrize("sign", SIGNS)
@given(data=st.data())
@settings(max_examples=5_000, deadline=None)
def test_arithmetic_holds_all_results_at_length(sign: str, data: st.DataObject):
    right = numbers(EXPONENTS) if sign == "**" else numbers()
    check_binary(sign, data.draw(numbers()), data.draw(right))


@given(numbers())
@settings(max_examples=100, deadline=None)
def test_a_sign_turns_all_numbers(known: tuple[Number, float]):
    assert contains(of_number(negated(known[0])), -known[1])


LIMIT = 2**4096 - 1
ENDS: list[tuple[str, Number, Number, Number | None, set[str]]] = [
    ("+", MANY, MANY, whole(0, 2000), set()),
    ("+", SIGNED, whole(-7, 200), whole(-507, 1200), set()),
    ("+", span(0.1, 0.7), span(0.2, 0.3), span(0.30000000000000004, 1.0), set()),
    ("+", PRICE, PRICE, span(0, 2000), set()),
    ("+", ANY_INTEGER, MANY, ANY_INTEGER, {TOO_LARGE}),
    ("+", span(None, 5), span(0, 1.5), span(None, 6.5), {TOO_LARGE}),
    ("+", whole(0, None), whole(3, 300), whole(3, None), {TOO_LARGE}),
    ("+", span(5, None), one_of([1.5]), span(6.5, None), {TOO_LARGE}),
    ("+", whole(-(2**63), 2**64 - 1), whole(-(2**63), 2**64 - 1), whole(-(2**64), 2**65 - 2), set()),
    ("+", whole(0, LIMIT - 1), one_of([1]), whole(1, None), set()),
    ("+", whole(0, LIMIT - 1), one_of([2]), whole(2, None), {TOO_LARGE}),
    ("-", whole(1 - LIMIT, 0), one_of([1]), whole(None, -1), set()),
    ("-", whole(1 - LIMIT, 0), one_of([2]), whole(None, -2), {TOO_LARGE}),
    ("+", whole(LIMIT, None), whole(1, 99), None, {TOO_LARGE}),
    ("-", MANY, SIGNED, whole(-1000, 1500), set()),
    ("-", span(0, 10, 0), whole(0, 100), span(-100, 10, 0), set()),
    ("*", SIGNED, whole(-3, 200), whole(-100_000, 200_000), set()),
    ("*", PRICE, one_of([100]), span(0, 100_000), set()),
    ("*", span(-1.5, 2.5), span(-1.5, 2.5), span(-3.75, 6.25), set()),
    ("*", span(0, HUGE), one_of([2.0]), span(0, None), {TOO_LARGE}),
    ("/", MANY, one_of([100]), span(0, 10, 2), set()),
    ("/", MANY, one_of([8]), span(0, 125, 3), set()),
    ("/", MANY, one_of([3]), span(0, 1000 / 3), set()),
    ("/", SIGNED, whole(1, 300), span(-500, 1000), set()),
    ("/", SIGNED, whole(-2, 300), span(-1000, 1000), {BY_ZERO}),
    ("/", MANY, whole(0, 300), span(0, 1000), {BY_ZERO}),
    ("/", span(1, 1000, 2), span(0, 100, 2), span(0.01, 100_000), {BY_ZERO}),
    ("/", span(1, 1000), span(0, 100), span(0.01, None), {BY_ZERO, TOO_LARGE}),
    ("/", MANY, one_of([0]), None, {BY_ZERO}),
    ("//", SIGNED, one_of([7]), whole(-72, 142), set()),
    ("//", SIGNED, whole(-7, 500), whole(-1000, 1000), {BY_ZERO}),
    ("//", span(-7.5, 7.5), one_of([2]), span(-4, 3, 0), set()),
    ("//", MANY, span(0.5, 100), span(0, 2000, 0), set()),
    ("%", MANY, one_of([100]), whole(0, 99), set()),
    ("%", whole(-1000, -5), one_of([100]), whole(0, 99), set()),
    ("%", SIGNED, whole(-100, -20), whole(-99, 0), set()),
    ("%", whole(0, 80), whole(200, 300), whole(0, 80), set()),
    ("%", whole(0, 80), whole(80, 300), whole(0, 80), set()),
    ("%", whole(100, 500), whole(200, 300), whole(0, 299), set()),
    ("%", whole(0, 250), whole(200, 300), whole(0, 250), set()),
    ("%", span(0, 80, 2), whole(100, 300), span(0, 80, 2), set()),
    ("%", span(0, 80, 2), one_of([3, 7]), span(0, 7), set()),
    ("%", ANY_INTEGER, whole(-10, 100), whole(-9, 99), {BY_ZERO}),
    ("//", whole(0, None), span(2, 4, 1), span(0, None, 0), {TOO_LARGE}),
    ("%", MANY, one_of([7.0]), span(0, 7, 0), set()),
    ("%", whole(0, None), span(2, 4, 1), span(0, 4), {TOO_LARGE}),
    ("/", whole(0, None), span(2, 4, 1), span(0, None), {TOO_LARGE}),
    ("%", whole(0, 2**53 + 1), whole(2**54, 2**54 + 99), whole(0, 2**53 + 1), set()),
    ("%", whole(0, 2**53 + 3), span(2.0**60, 2.0**61), span(0, 2.0**53 + 4, 0), set()),
    ("**", SIGNED, one_of([2]), whole(0, 1_000_000), set()),
    ("**", SIGNED, one_of([3]), whole(-125_000_000, 1_000_000_000), set()),
    ("**", whole(2, 100), whole(0, 200), whole(1, 100**200), set()),
    ("**", whole(0, 10), whole(0, 200), whole(0, 10**200), set()),
    ("**", whole(0, 10), whole(1, 200), whole(0, 10**200), set()),
    ("**", one_of([0, 1]), whole(1, None), whole(0, 1), set()),
    ("**", one_of([2]), whole(0, 4096), whole(1, None), {TOO_LARGE}),
    ("**", one_of([2]), whole(0, 5000), whole(1, None), {TOO_LARGE}),
    ("**", one_of([2]), whole(0, 4095), whole(1, None), set()),
    ("**", one_of([2]), whole(0, 4000), whole(1, 2**4000), set()),
    ("**", whole(0, 100), one_of([-1]), None, {BY_ZERO}),
    ("**", whole(-100, -1), one_of([0.5]), None, {NOT_REAL}),
]


def close(one: float | None, two: float | None) -> bool:
    """Exact for integers; a power of floats may be a few steps off."""
    return one == two or (None not in (one, two) and isinstance(one, float) and math.isclose(one, two, rel_tol=1e-14))


@pytest.mark.parametrize(("sign", "one", "two", "expected", "problems"), ENDS)
def test_arithmetic_is_tight(sign: str, one: Number, two: Number, expected: Number | None, problems: set[str]):
    found = result(sign, one, two)
    assert found.problems == problems
    if expected is not None:
        assert found.number is not None
        kept = found.number
        assert (kept.least, kept.most, kept.whole, kept.decimals) == (
            *(expected.least, expected.most),
            *(expected.whole, expected.decimals),
        )


def test_powers_of_floats_are_a_few_steps_off():
    found, failed = binary("**", span(-3.0, 2.0), one_of([2]))
    assert not failed
    assert found is not None
    assert found.least == 0
    assert found.most == pytest.approx(9, rel=1e-14)
    assert binary("**", whole(-100, -1), one_of([0.5])) == (None, True)
    found, failed = binary("**", whole(1, 100), one_of([-1]))
    assert found is not None
    assert (found.least, found.most, failed) == (pytest.approx(0.01), pytest.approx(1), False)


def test_few_numbers_are_computed_one_by_one():
    assert result("/", one_of([1, 2]), one_of([0, 4])).number == one_of([0.25, 0.5])
    assert result("/", one_of([1, 2]), one_of([0, 4])).problems == {BY_ZERO}
    assert result("*", one_of([1e308]), one_of([10])) == result("*", one_of([1e308, 1e307]), one_of([100]))
    assert result("**", one_of([-8]), one_of([0.5, 2])).problems == {NOT_REAL}
    assert result("**", one_of([2]), one_of([5000])).problems == {TOO_LARGE}
    assert binary("-", one_of([0.0]), one_of([0, 0.0])) == (one_of([0.0]), False)
    assert negated(one_of([0.0, 0, 5])) == one_of([-0.0, 0, -5])


def test_sums_and_products_without_what_goes_wrong():
    assert added(MANY, SIGNED) == whole(-500, 2000)
    assert multiplied(MANY, SIGNED) == whole(-500_000, 1_000_000)
    assert added(one_of([HUGE]), one_of([HUGE])) == Number()
    assert added(one_of([LIMIT]), one_of([1])) == ANY_INTEGER
    assert multiplied(one_of([LIMIT]), one_of([2])) == ANY_INTEGER
    assert multiplied(one_of([HUGE]), one_of([2])) == Number()


# -------------------------------------------------------------------------------------------------- what is known


@given(numbers(), numbers())
@settings(max_examples=100, deadline=None)
def test_either_of_two_numbers(one: tuple[Number, float], two: tuple[Number, float]):
    both = of_number(one[0] | two[0])
    assert contains(both, one[1])
    assert contains(both, two[1])


TOGETHER: list[tuple[Number, Number, Number]] = [
    (span(0, 5, 2), span(-3, 9, 1), span(-3, 9, 2)),
    (span(0, 5, 2), span(1, 4), span(0, 5)),
    (span(0, None, 2), span(None, 9, 2), span(None, None, 2)),
    (whole(0, 500), whole(-3, 99), whole(-3, 500)),
    (whole(0, 500), span(0, 5, 2), span(0, 500, 2)),
    (whole(0, 500), one_of([-0.5, 7]), span(-0.5, 500, 1)),
    (one_of([1, 2.5]), one_of([2.5, -3]), one_of([-3, 1, 2.5])),
    (of_range(0, 63), one_of([64]), whole(0, 64)),
    (of_range(0, 62), one_of([63]), one_of(range(64))),
]


@pytest.mark.parametrize(("one", "two", "both"), TOGETHER)
def test_either_of_two_numbers_is_tight(one: Number, two: Number, both: Number):
    assert (one | two) == both
    assert (two | one) == both


PARTS: list[tuple[Number, float | None, float | None, Number | None]] = [
    (whole(0, 500), 100, 200, whole(100, 200)),
    (whole(0, 500), 99.5, 200.5, whole(100, 200)),
    (whole(0, 500), None, 300, whole(0, 300)),
    (whole(0, 500), -5, 900, whole(0, 500)),
    (whole(0, 500), 300, None, whole(300, 500)),
    (whole(None, None), 0, None, whole(0, None)),
    (whole(None, None), None, 0, whole(None, 0)),
    (whole(0, 500), 500, 900, one_of([500])),
    (whole(0, 500), 501, 900, None),
    (whole(0, 500), 7.2, 7.8, None),
    (span(0, 5, 2), 1.5, 9, span(1.5, 5, 2)),
    (span(0, 5, 2), 5, None, span(5, 5, 2)),
    (one_of([1, 2.5, 4]), 1, 2.5, one_of([1, 2.5])),
    (one_of([1, 2.5, 4]), None, 0.5, None),
]


@pytest.mark.parametrize(("number", "least", "most", "kept"), PARTS)
def test_a_part_of_a_range_is_tight(number: Number, least: float | None, most: float | None, kept: Number | None):
    assert number.between(least, most) == kept


def test_few_numbers_are_spelled_out():
    assert of_range(1, 64).values == tuple(range(1, 65))
    assert of_range(0, 64).values is None
    assert one_of(range(64)).values == tuple(range(64))
    assert one_of(range(65)) == whole(0, 64)
    assert one_of([0.5, 0.25, 3]).decimals == 2
    assert of_range(None, 3).values is None


def test_what_can_be_zero():
    zeros = [span(0, 0), span(0, 5), span(-5, 0), span(None, 0), span(0, None), one_of([0, 1]), one_of([-0.0])]
    assert all(number.zero for number in zeros)
    assert [number.only_zero for number in zeros] == [True, False, False, False, False, False, True]
    assert not any(number.zero for number in (span(0.5, 5), span(None, -1), one_of([-1, 1])))


@given(numbers(), CONCRETE, CONCRETE)
@settings(max_examples=200, deadline=None)
def test_a_part_of_a_range(known: tuple[Number, float], least: float, most: float):
    kept = known[0].between(least, most)
    if least <= known[1] <= most:
        assert kept is not None
        assert contains(of_number(kept), known[1])
    if kept is not None:
        assert kept.least is None or kept.least >= least
        assert kept.most is None or kept.most <= most


def test_zeros_that_print_differently_are_different():
    both = one_of([0.0, -0.0, 0])
    assert both.values is not None
    assert sorted(map(str, both.values)) == ["-0.0", "0", "0.0"]
    assert printed(both).literals is not None
    assert (one_of([0.0]) | one_of([-0.0])) == one_of([-0.0, 0.0])
    assert not contains(of_number(one_of([0.0])), -0.0)


@pytest.mark.parametrize(
    ("number", "decimals"),
    [(5.0, 0), (0.25, 2), (1e-5, 5), (1.5e-7, 8), (1e16, 0), (1.25e20, 0), (-0.0, 0), (-12.5, 1)],
)
def test_decimals(number: float, decimals: int):
    assert one_of([number]).decimals == decimals
    assert contains(of_number(span(-1e30, 1e30, decimals)), number)
    assert decimals == 0 or not contains(of_number(span(-1e30, 1e30, decimals - 1)), number)


def test_a_range_without_numbers_holds_none():
    assert not contains(of_number(of_range(5, 3)), 4)
    assert not contains(of_number(of_range(0.2, 0.8)), 0)
    assert of_range(0.5, 3.5) == one_of([1, 2, 3])


# -------------------------------------------------------------------------------------------------------- printing


@given(numbers())
@settings(max_examples=200, deadline=None)
def test_numbers_print_as_they_are_said_to(known: tuple[Number, float]):
    assert contains(of_text(printed(known[0])), str(known[1])), printed(known[0])


@pytest.mark.long
@given(numbers())
@settings(max_examples=20_000, deadline=None)
def test_numbers_print_as_they_are_said_to_at_length(known: tuple[Number, float]):
    assert contains(of_text(printed(known[0])), str(known[1])), printed(known[0])


TEXTS: list[tuple[Number, list[str], list[str]]] = [
    (whole(0, 1000), ["0", "999", "1000"], ["-1", "10000", "", "1.0"]),
    (whole(-20, 100), ["-20", "0", "100"], ["1000", "-", "--1"]),
    (whole(100, 999), ["100", "999"], ["99", "1000", "-100"]),
    (whole(-999, -100), ["-100", "-999"], ["-99", "-1000"]),
    (whole(100, None), ["100", "9" * 1234], ["99", "-100", "9" * 1235]),
    (ANY_INTEGER, ["-" + "9" * 1234, "0"], ["1.0", "9" * 1235]),
    (PRICE, ["0", "0.0", "12.5", "999.99", "1000", "1000.0", "-0.0"], ["0.001", "10000.0", "-0.5", "1e-05", "1."]),
    (span(10, 99, 1), ["10", "10.0", "99.9"], ["9.9", "100.0", "-0.0", "10.25"]),
    (span(0, 1, 4), ["0.0001"], ["1e-05", "0.00001"]),
    (span(0, 1, 5), ["0.00012", "1e-05", "1.2e-05"], ["1e-5", "1.e-05", ".1e-05", "12e-05", "0.123456", "1e+16"]),
    (span(-5, 5, 0), ["-5.0", "5", "-0.0"], ["-5.25", "1e-05", "10.0"]),
    (span(0, 1), ["0.00012345678901234567", "5e-324", "2.2250738585072014e-308"], ["0.000123456789012345678", "1e+16"]),
    (span(1, 9), ["1.2345678901234567", "9"], ["1.23456789012345678", "1e-05", "10.0", "-1.0"]),
    (
        span(1e16, 1e22),
        ["1e+16", "1.2345678901234567e+20", "10000000000000000"],
        ["1.5", "1e+1", "1.e+16", "12e+16", "e+16", ".5e+16", "1e-05", "1e+100", "-1e+16"],
    ),
    (span(-HUGE, HUGE), ["-2.2250738585072014e-308", "1.7976931348623157e+308", "9" * 309], ["9" * 310, "nan"]),
    (ANY_NUMBER, ["-1.5e-10", "9" * 1234], ["9" * 1235, "inf"]),
    (span(0.25, 0.75), ["0.25"], ["1", "-0.0", "1e-05"]),
    (span(5, 5), ["5", "5.0"], ["5.", "10"]),
    (span(0.0001, 1), ["0.0001"], ["1e-05"]),
    (span(0, 0), ["0", "0.0", "-0.0"], ["1e-05", "-0.5"]),
    (span(0.5, 1e16), ["1e+16", "9999999999999998.0"], ["1e-05"]),
    (span(0.5, 9e15), ["9000000000000000.0"], ["1e+16"]),
    (span(1e16, 1e22), ["1e+16"], ["12.0"]),
]


@pytest.mark.parametrize(("number", "there", "not_there"), TEXTS)
def test_printing_is_tight(number: Number, there: list[str], not_there: list[str]):
    text = of_text(printed(number))
    assert [each for each in there if not contains(text, each)] == []
    assert [each for each in not_there if contains(text, each)] == []


def test_a_float_prints_with_24_characters_at_most():
    assert printed(span(-1e15, 1e15)).points == Range(1, 24)
    assert printed(span(0, 1e15)).points == Range(1, 23)
    assert printed(span(1, 1e15)).points == Range(1, 18)
    assert printed(PRICE).points == Range(1, 7)
    assert printed(span(-1e15, HUGE)).points == Range(1, 310)
