import math
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abstract import numbers
from msgc.bounds.contains import contains
from msgc.bounds.numbers import ANY_INTEGER, ANY_NUMBER, Number, of_range
from msgc.bounds.numbers import numbers as one_of
from msgc.bounds.patterns import text_of_pattern
from msgc.bounds.values import NULL, Value, of_constant, of_number, of_text
from msgc.bounds.words import ANY, Text, literal
from msgc.template.infer.transfer_locale import LOCALE
from msgc.template.infer.transfer_numbers import NUMBERS
from msgc.template.problem import TemplateProblem
from transferring import MANY, PRICE, really, sound, span, transfer, whole

HUGE = sys.float_info.max


# --------------------------------------------------------------------------------------------- filters on numbers


@given(numbers())
@settings(max_examples=200, deadline=None)
def test_abs_int_float_and_sizes(known: tuple[Number, float]):
    for name in ("abs", "int", "float", "filesizeformat"):
        sound(name, of_number(known[0]), known[1], {})
    sound("filesizeformat", of_number(known[0]), known[1], {"binary": True})


PRECISIONS = st.integers(-6, 8) | st.sampled_from([15, 16, 17, 22, 30, 100, 101, -20, -100, -101])
ROUNDINGS = st.sampled_from(["common", "ceil", "floor", "up"])


def check_round(known: tuple[Number, float], precision: int, method: str | None) -> None:
    arguments = {"precision": precision} | ({} if method is None else {"method": method})
    sound("round", of_number(known[0]), known[1], arguments)
    sound("round", of_number(known[0]), known[1], arguments, precision=of_number(ANY_INTEGER))


@given(numbers(), PRECISIONS, ROUNDINGS | st.none())
@settings(max_examples=200, deadline=None)
def test_round(known: tuple[Number, float], precision: int, method: str | None):
    check_round(known, precision, method)


@pytest.mark.long
@given(numbers(), PRECISIONS, ROUNDINGS | st.none())
@settings(max_examples=10_000, deadline=None)
def test_round_at_length(known: tuple[Number, float], precision: int, method: str | None):
    check_round(known, precision, method)


FILTERED: list[tuple[str, Number, dict[str, Any], Number]] = [
    ("abs", whole(-500, 100), {}, whole(0, 500)),
    ("abs", span(-5, -2.5, 1), {}, span(2.5, 5, 1)),
    ("abs", span(-5, None), {}, span(0, None)),
    ("abs", whole(100, None), {}, whole(100, None)),
    ("int", span(-1.75, 1000.5), {}, whole(-1, 1000)),
    ("int", span(0.5, None), {}, whole(0, None)),
    ("int", span(None, 5.5), {}, whole(None, 5)),
    ("int", MANY, {}, MANY),
    ("float", MANY, {}, span(0, 1000, 0)),
    ("float", PRICE, {}, PRICE),
    ("float", span(-HUGE, HUGE), {}, span(-HUGE, HUGE)),
    ("float", whole(2**53 + 1, 2**53 + 3), {}, span(2.0**53, 2.0**53 + 4, 0)),
    ("round", PRICE, {}, span(0, 1000, 0)),
    ("round", span(0, 2.5), {}, span(0, 2, 0)),
    ("round", span(-0.126, 2.567), {"precision": 2}, span(-0.13, 2.57, 2)),
    ("round", span(0, 2.567, 1), {"precision": 2}, span(0, 2.57, 1)),
    ("round", span(0, 2.567, 1), {"precision": 17}, span(0, 2.567, 17)),
    ("round", span(0, 2.567), {"precision": 2, "method": "floor"}, span(0, 2.56, 2)),
    ("round", span(0.001, 2.561), {"precision": 2, "method": "ceil"}, span(0.01, 2.57, 2)),
    ("round", span(0, 2.561), {"precision": -1, "method": "ceil"}, span(0, 10)),
    ("round", span(0, 2.567, 1), {"precision": 16}, span(0, 2.567, 1)),
    ("round", PRICE, {"precision": 100}, span(0, 1000, 100)),
    ("round", span(0, 2.5), {"method": "ceil"}, span(0, 3, 0)),
    ("round", span(0, 1449, 1), {"precision": -2}, span(0, 1400, 0)),
    ("round", whole(0, 1449), {"precision": -2}, whole(0, 1400)),
    ("round", MANY, {"precision": 2}, MANY),
    ("round", MANY, {"precision": 2, "method": "ceil"}, span(0, 1000, 2)),
]


@pytest.mark.parametrize(("name", "number", "arguments", "expected"), FILTERED)
def test_filters_on_numbers_are_tight(name: str, number: Number, arguments: dict[str, Any], expected: Number):
    made, fails = transfer(name, of_number(number), {key: of_constant(value) for key, value in arguments.items()})
    found = made.number
    assert found is not None
    kept = of_range(expected.least, expected.most, whole=expected.whole, decimals=expected.decimals)
    assert (found.least, found.most, found.whole, found.decimals) == (kept.least, kept.most, kept.whole, kept.decimals)
    assert fails == []


TOO_LARGE: list[tuple[str, Number, dict[str, Any], Number | None]] = [
    ("float", ANY_INTEGER, {}, span(None, None, 0)),
    ("float", whole(-(10**400), 5), {}, span(-HUGE, 5, 0)),
    ("float", whole(10**400, None), {}, None),
    ("float", whole(None, -(10**400)), {}, None),
    ("float", one_of([10**400]), {}, None),
    ("float", one_of([10**400, 1]), {}, one_of([1.0])),
    ("round", PRICE, {"precision": 101}, None),
    ("round", whole(0, None), {"precision": -1}, whole(0, None)),
    ("round", whole(None, 0), {"precision": -1}, whole(None, 0)),
    ("round", whole(0, None), {"method": "ceil"}, span(0, None, 0)),
    ("round", span(0, HUGE), {"precision": 2, "method": "floor"}, span(0, None, 2)),
]


@pytest.mark.parametrize(("name", "number", "arguments", "expected"), TOO_LARGE)
def test_numbers_that_are_too_large(name: str, number: Number, arguments: dict[str, Any], expected: Number | None):
    made, fails = transfer(name, of_number(number), {key: of_constant(value) for key, value in arguments.items()})
    assert made.number == expected
    assert [certain for _, certain in fails] == [expected is None]


def test_rounding_with_what_is_not_known():
    for number, method, found in (
        (PRICE, "common", ANY_NUMBER),
        (MANY, "common", ANY_INTEGER),
        (MANY, "ceil", ANY_NUMBER),
    ):
        arguments = {"precision": of_number(of_range(0, 99)), "method": of_constant(method)}
        assert transfer("round", of_number(number), arguments) == (of_number(found), [])
    either = {"precision": of_number(of_range(0, 1)), "method": of_text(literal("ceil", "floor"))}
    assert transfer("round", of_number(span(0.25, 1.25)), either)[0].number == span(0, 2, 1)


def test_rounding_with_what_it_does_not_take():
    number = of_number(PRICE)
    assert transfer("round", number, {"precision": of_constant(101)})[1][0][1]
    assert not transfer("round", number, {"precision": of_number(of_range(99, 101))})[1][0][1]
    assert transfer("round", number, {"precision": of_number(of_range(-100, 100))})[1] == []
    assert transfer("round", number, {"method": of_constant("up")})[1][0][1]
    assert not transfer("round", number, {"method": of_text(literal("up", "ceil"))})[1][0][1]


SIZES: list[tuple[Number, str, bool]] = [
    (MANY, "0 Bytes|1 Byte|999 Bytes|1.0 kB", True),
    (MANY, "1000 Bytes|2.0 MB|-1 Bytes|10.0 kB", False),
    (whole(2, 999), "1 Byte|1.0 kB", False),
    (whole(-12, 5), "-12 Bytes|5 Bytes|-1 Bytes|0 Bytes", True),
    (whole(-12, 5), "-100 Bytes|12.0 kB|100 Bytes", False),
    (whole(-999, -100), "-100 Bytes", True),
    (whole(-999, -100), "-10 Bytes|100 Bytes", False),
    (whole(0, 10**6), "999.9 kB|1000.0 kB|1.0 MB", True),
    (whole(0, 10**6), "10.0 MB|1.0 GB", False),
    (whole(15_000, 999_949), "15.0 kB|999.9 kB", True),
    (whole(15_000, 999_949), "9.0 kB|1000.0 kB|1.0 MB|1 Bytes", False),
    (whole(-5, 1), "1 Byte|0 Bytes|-5 Bytes", True),
    (whole(1, 500), "1 Byte|1 Bytes", True),
    (whole(1, 500), "1.0 kB|-1 Bytes", False),
    (whole(-500, 0), "0 Bytes|-500 Bytes", True),
    (whole(0, 500), "0 Bytes|7 Bytes", True),
    (whole(-5, 500), "7 Bytes|-5 Bytes", True),
    (whole(-500, 5), "7 Bytes|-500 Bytes|-5 Bytes", True),
    (whole(-500, 500), "7 Bytes|-7 Bytes", True),
    (whole(-500, 500), " Bytes|1000 Bytes", False),
    (whole(10, 500), "7 Bytes|-10 Bytes", False),
    (whole(0, 10**9), "1000.0 kB|1000.0 MB|1.0 GB", True),
    (whole(0, 10**9), "10000.0 kB|10000.0 MB|10.0 GB|1.0 TB", False),
    (whole(-50, -1), "5 Bytes|0 Bytes| Bytes", False),
    (whole(10**6, 10**7), "1.0 MB|10.0 MB", True),
    (whole(10**6, 10**7), "1000.0 kB|1.0 GB|100.0 MB|1000000 Bytes", False),
    (span(10**27, 10**28), "1000.0 YB|10000.0 YB", True),
    (span(10**27, 10**28), "100.0 YB|1000.0 ZB", False),
    (whole(-500, 0), "1 Byte|1000 Bytes", False),
    (whole(1000, 2000), "1.0 kB|2.0 kB", True),
    (whole(1000, 2000), "1000 Bytes|1 Bytes|1 Byte", False),
    (span(0, HUGE), "1.0 YB|inf YB|5.0 EB", True),
    (span(0, 1e29), "100.0 YB|100000.0 YB", True),
    (span(0, 1e29), "1000000.0 YB|inf YB", False),
]


@pytest.mark.parametrize(("number", "texts", "there"), SIZES)
def test_sizes_are_tight(number: Number, texts: str, there: bool):
    made, _ = transfer("filesizeformat", of_number(number), {})
    assert [each for each in texts.split("|") if contains(made, each) is not there] == []


def test_sizes_of_what_is_too_large():
    assert transfer("filesizeformat", of_number(whole(10**400, None)), {})[1][0][1]
    assert not transfer("filesizeformat", of_number(whole(0, None)), {})[1][0][1]


def test_sizes_in_powers_of_two():
    number = of_number(whole(0, 5_000_000))
    assert contains(transfer("filesizeformat", number, {})[0], "1.0 kB")
    made, _ = transfer("filesizeformat", number, {"binary": of_constant(True)})
    assert [size for size in ("1023 Bytes", "1024.0 KiB", "4.8 MiB", "1.0 kB") if contains(made, size)] == [
        "1023 Bytes",
        "1024.0 KiB",
        "4.8 MiB",
    ]
    made, _ = transfer("filesizeformat", number, {"binary": Value(truth=3)})
    assert contains(made, "1.0 kB")
    assert contains(made, "1.0 KiB")


# ------------------------------------------------------------------------------------------------ texts as numbers

PATTERNS = [
    *(
        "^[0-9]{1,3}$",
        r"^-?[0-9]{1,4}\.[0-9]{2}$",
        r"^[0-9]+$",
        "^[a-z]{2}$",
        r"^[0-9.]{3}$",
        "^[0-9]{2}e[0-9]$",
        r"^\d+,\d\d$",
    ),
    *(
        r"^[+-]?[0-9]{1,2}(\.[0-9]{1,3})?$",
        r"^\s?[0-9]{2}$",
        "^[0-9]{400}$",
        "^(inf|nan|1e999|12|x)$",
        "^..$",
        r"^1\.5[0-9]$",
    ),
]


MATCHING = {pattern: st.from_regex(pattern, fullmatch=True) for pattern in PATTERNS}


@given(st.sampled_from(["int", "float"]), st.sampled_from([None, 7]), st.sampled_from(PATTERNS), st.data())
@settings(max_examples=200, deadline=None)
def test_texts_become_numbers(name: str, default: int | None, pattern: str, data: st.DataObject):
    concrete = data.draw(MATCHING[pattern])
    value = of_text(text_of_pattern(pattern))
    if not contains(value, concrete):  # Python's own `\s` and `\d` are other ones
        return
    arguments = {} if default is None else {"default": default}
    made, _ = transfer(name, value, {key: of_constant(each) for key, each in arguments.items()})
    try:
        there = really(name, concrete, arguments)
    except (TemplateProblem, ArithmeticError):
        assert transfer(name, value, {})[1]
        return
    assert made.number is not None
    # What is not finite is in no range with ends.
    assert contains(made, there) or (math.isnan(there) and made.number.least is made.number.most is None)


READ: list[tuple[str, Text, Number | None, list[bool]]] = [
    ("int", text_of_pattern("^[0-9]{1,3}$"), whole(0, 999), []),
    ("int", text_of_pattern("^-?[0-9]{1,3}$"), whole(-9999, 9999), []),
    ("int", text_of_pattern(r"^[0-9]{1,3}\.[0-9]{2}$"), whole(0, 1000), []),
    ("float", text_of_pattern(r"^[0-9]{1,3}\.[0-9]{2}$"), span(0, 1000, 2), []),
    ("float", text_of_pattern(r"^[0-9]{1,3}$"), span(0, 999, 0), []),
    ("float", text_of_pattern(r"^1\.5[0-9]$"), span(0, 10, 2), []),
    ("float", text_of_pattern(r"^[0-9]+\.[0-9]{2}$"), span(0, None, 2), [False]),
    ("int", text_of_pattern("^[0-9]{300}$"), whole(0, 10**300 - 1), []),
    ("int", text_of_pattern("^[0-9]{301}$"), whole(0, None), [False]),
    ("int", text_of_pattern("^-[0-9]{301}$"), ANY_INTEGER, [False]),
    ("float", text_of_pattern("^[0-9]e[0-9]$"), ANY_NUMBER, [False]),
    ("float", text_of_pattern(r"^[0-9]{2}\.[0-9]{3}\.?[0-9]$"), span(0, 10**8, 8), [False]),
    ("float", text_of_pattern(r"^[0-9]\.\.[0-9]$"), span(0, 10**4, 4), [False]),
    ("float", text_of_pattern(r"^[0-9.]{4}$"), span(0, 10**4, 4), [False]),
    ("float", text_of_pattern(r"^[0-9]{2}7\.5[0-9]$"), span(0, 1000, 2), []),
    ("int", ANY, ANY_INTEGER, [False]),
    ("float", ANY, ANY_NUMBER, [False]),
    ("float", text_of_pattern("^[a-z]+$"), None, [True]),
    ("int", literal("12", "x"), one_of([12]), [False]),
    ("int", literal("x", "y"), None, [True]),
    ("int", literal("12.75", "-3"), one_of([-3, 12]), []),
]


@pytest.mark.parametrize(("name", "text", "expected", "fails"), READ)
def test_reading_numbers_is_tight(name: str, text: Text, expected: Number | None, fails: list[bool]):
    made, found = transfer(name, of_text(text), {})
    assert [certain for _, certain in found] == fails
    assert made.number == (
        expected
        if expected is None or expected.values
        else of_range(expected.least, expected.most, whole=expected.whole, decimals=expected.decimals)
    )


def test_what_is_no_number_is_the_default():
    for name, zero in (("int", 0), ("float", 0.0)):
        assert transfer(name, NULL, {})[0] == of_constant(zero)
        assert transfer(name, NULL, {"default": of_constant(4)})[0] == of_constant(4)
        assert transfer(name, Value(truth=3), {})[0].number == one_of([zero, type(zero)(1)])
        made, fails = transfer(name, of_text(text_of_pattern("^[a-m]+$")), {"default": of_constant(4)})
        assert (made, fails) == (of_constant(4), [])
    assert transfer("int", Value(truth=1), {})[0].number == one_of([1])
    assert transfer("int", Value(truth=2), {})[0].number == one_of([0])
    for text in ("nan", "inf", "1e999", "x"):
        assert transfer("float", of_text(literal(text)), {"default": of_constant(4)})[0] == of_constant(4)
    long = "9" * 400
    assert transfer("float", of_text(literal(long)), {"default": of_constant(4)})[0] == of_constant(4)
    assert transfer("int", of_text(literal(long)), {"default": of_constant(4)})[0].number == one_of([4, int(long)])
    assert transfer("int", of_text(literal(long)), {})[1][0][1]
    assert transfer("int", of_text(text_of_pattern("^[0-9]{3}$")), {"base": of_constant(10)})[0].number == whole(0, 999)
    made, fails = transfer("int", of_text(text_of_pattern("^[0-9]{2}$")), {"base": of_constant(16)})
    assert made.number == ANY_INTEGER
    assert fails


def test_the_tables_have_all_filters():
    assert set(NUMBERS) == {"abs", "float", "int", "round", "filesizeformat"}
    assert set(LOCALE) == {"date", "time", "number", "money", "plural"}
