import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abstract import EXTREMES, FLOATS, INTEGERS, SMALL, numbers
from msgc.bounds.contains import contains
from msgc.bounds.numbers import ANY_INTEGER, ANY_NUMBER, Number, of_range
from msgc.bounds.numbers import numbers as one_of
from msgc.bounds.patterns import text_of_pattern
from msgc.bounds.values import NULL, of_constant, of_number, of_text
from msgc.bounds.words import ANY, Range, Text, literal
from msgc.template import localize
from msgc.template.infer.call import Call
from msgc.template.infer.transfer_locale import LOCALE
from transferring import MANY, PRICE, Asking, really, sound, span, transfer, whole

LOCALES = ["en", "pt_BR", "de", "fr", "ar", "hi", "ja", "pl", "ru", "tr", "en_IN", "es_MX", "de_CH"]


# ------------------------------------------------------------------------------------------- numbers in a language


def check_written(known: tuple[Number, float], locale: str, decimals: int | None, currency: str) -> None:
    number = of_number(known[0])
    sound("number", number, known[1], {}, locale)
    sound("number", number, known[1], {"decimals": decimals}, locale)
    sound("money", number, known[1], {"currency": currency}, locale)


DECIMALS = st.none() | st.integers(0, 6) | st.sampled_from([20, 21, -1])
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "BRL", "CHF", "INR", "CLF"])


@given(numbers(), st.sampled_from(LOCALES), DECIMALS, CURRENCIES)
@settings(max_examples=200, deadline=None)
def test_numbers_and_money(known: tuple[Number, float], locale: str, decimals: int | None, currency: str):
    check_written(known, locale, decimals, currency)


@pytest.mark.long
@given(numbers(), st.sampled_from(LOCALES), DECIMALS, CURRENCIES)
@settings(max_examples=5_000, deadline=None)
def test_numbers_and_money_at_length(known: tuple[Number, float], locale: str, decimals: int | None, currency: str):
    check_written(known, locale, decimals, currency)


WRITTEN: list[tuple[str, str, Number, dict[str, Any], str, str]] = [
    (
        "en",
        "money",
        PRICE,
        {"currency": "EUR"},
        "€0.00|€999.99|€1,000.00|-€0.00",
        "€10,000.00|€0.0|-€0.01|€1000.00|€00,000.00",
    ),
    ("en", "money", span(10, 99.994, 3), {"currency": "EUR"}, "€10.00|€99.99", "€9.00|€100.00|-€0.00"),
    ("en", "money", span(10, 99.995, 3), {"currency": "EUR"}, "€10.00|€100.00", "€9.00|€1,000.00"),
    ("en", "money", span(9.994, 50), {"currency": "USD"}, "$9.99", "$100.00"),
    ("en", "money", span(9.995, 50), {"currency": "USD"}, "$10.00", "$9.99"),
    ("de", "money", PRICE, {"currency": "EUR"}, "1.000,00\u00a0€|0,50\u00a0€", "1,000.00\u00a0€|1.000,00"),
    ("de", "money", span(-50, -10), {"currency": "EUR"}, "-50,00\u00a0€|-10,00\u00a0€", "-9,00\u00a0€|50,00\u00a0€"),
    ("de_CH", "money", span(-50, 10), {"currency": "CHF"}, "CHF-50.00|CHF\u00a00.00", "-CHF50.00|CHF\u00a0100.00"),
    ("ja", "money", whole(0, 99_999), {"currency": "JPY"}, "￥0|￥99,999", "￥100,000|￥0.00|-￥0"),
    (
        "en_IN",
        "money",
        whole(0, 9_999_999),
        {"currency": "INR"},
        "₹99,99,999.00|₹1,000.00",
        "₹1,00,00,000.00|₹9,999,999.00",
    ),
    ("en", "number", MANY, {}, "0|999|1,000", "1000|10,000|-1|0.5"),
    ("en", "number", PRICE, {}, "0|0.5|999.99|1,000|-0", "0.125|10,000|-1|0."),
    ("en", "number", span(0, 1000), {}, "0.125|999.999|1,000", "0.1234"),
    ("en", "number", whole(-5000, 50), {}, "-5,000|50|-1", "-10,000|100"),
    ("pt_BR", "number", MANY, {"decimals": 1}, "0,0|1.000,0", "0|1.000|0,00"),
    ("fr", "number", whole(0, 10**6), {}, "1\u202f000\u202f000", "10\u202f000\u202f000|1000000"),
    ("en", "number", whole(10**15, 10**20), {}, "1,000,000,000,000,000", "100,000,000,000,000|-1"),
    ("en", "number", span(-5, 0), {"decimals": 1}, "-5.0|-0.0|0.0", "5.00|10.0"),
    (
        "en",
        "number",
        span(10**17 - 1, 10**18),
        {"decimals": 0},
        "99,999,999,999,999,999|1,000,000,000,000,000,000",
        "1",
    ),
    ("en", "number", ANY_INTEGER, {}, "-1|9,999,999", "0.5"),
    ("en", "number", ANY_NUMBER, {}, "-1.125|9,999,999", "1" * 2000),
]


@pytest.mark.parametrize(("locale", "name", "number", "arguments", "there", "not_there"), WRITTEN)
def test_writing_numbers_is_tight(
    locale: str, name: str, number: Number, arguments: dict[str, Any], there: str, not_there: str
):
    made, fails = transfer(name, of_number(number), {key: of_constant(each) for key, each in arguments.items()}, locale)
    assert fails == []
    assert [each for each in there.split("|") if not contains(made, each)] == []
    assert [each for each in not_there.split("|") if contains(made, each)] == []


def test_the_length_of_money():
    def length(number: Number, locale: str = "en") -> Range:
        text = transfer("money", of_number(number), {"currency": of_constant("EUR")}, locale)[0].text
        assert text is not None
        return text.points

    assert length(PRICE) == Range(5, 9)
    assert length(span(-1_000_000, 1_000_000)) == Range(5, 14)
    assert length(whole(1, 9_999)) == Range(5, 9)
    assert length(whole(10**20, 10**21 - 1)) == Range(31, 31)
    assert length(whole(10**20, 10**21 - 1), "de") == Range(32, 32)
    assert length(whole(1, 10**21 - 1), "de") == Range(6, 32)


def test_decimals_that_there_are_not():
    number = of_number(PRICE)
    words = "the argument `decimals` of `number` goes from 0 to 20"
    cases = [(of_range(20, 25), False), (of_range(-2, 0), False), (ANY_INTEGER, False), (of_range(21, 25), True)]
    cases += [(of_range(-3, -1), True), (of_range(21, 999), True)]
    for decimals, certain in cases:
        made, fails = transfer("number", number, {"decimals": of_number(decimals)})
        assert fails == [(words, certain)]
        assert (made.text is None) == certain
    made, fails = transfer("number", number, {"decimals": of_number(of_range(0, 20))})
    assert fails == []
    assert contains(made, "1." + "0" * 20)
    made, fails = transfer("number", number, {"decimals": NULL | of_constant(21)})
    assert fails == [(words, False)]
    assert contains(made, "0.5")


def test_a_currency_in_small_letters_is_known_to_be_meant():
    for code, meant in (("eur", "did you mean `EUR`?"), ("euro", None)):
        asking = Asking()
        arguments = {"currency": of_constant(code)}
        LOCALE["money"](Call("money", of_number(PRICE), arguments, (), {}, asking))  # type: ignore[arg-type]
        assert asking.helps == [meant]


def test_currencies_that_are_not_known():
    number = of_number(PRICE)
    made, fails = transfer("money", number, {"currency": of_text(literal("EUR", "XXY"))})
    assert fails == [("`money` takes a currency's code of three letters, such as `EUR`", False)]
    assert contains(made, "€1.00")
    assert transfer("money", number, {"currency": of_constant("Euro")})[1][0][1]
    made, fails = transfer("money", number, {"currency": of_text(text_of_pattern("^[A-Z]{3}$"))}, "pl")
    assert [certain for _, certain in fails] == [False]
    for currency in sorted(localize.currencies()):
        assert contains(made, really("money", 12.5, {"currency": currency}, "pl"))


# ------------------------------------------------------------------------------------------------ dates and times

DAY, CLOCK, MOMENT = (
    text_of_pattern(pattern)
    for pattern in (
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        r"^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$",
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?$",
    )
)
DATES = [
    "short",
    "medium",
    "long",
    "full",
    "EEE, d MMM",
    "yyyy-MM-dd",
    "dd/MM/yy",
    "QQQ y",
    "w",
    "cccc 'o''clock' %",
    "LLLL G",
    "e",
    "MMMMM",
]
TIMES = ["short", "medium", "HH:mm", "h:mm a", "hh:mm B", "K a", "mm:ss.SS", "ss.SSSSSSS", "h b"]


@pytest.mark.parametrize("locale", LOCALES)
@given(st.dates() | st.dates(dt.date(2024, 1, 1), dt.date(2025, 1, 1)), st.times(), st.data())
@settings(max_examples=25, deadline=None)
def test_dates_and_times(locale: str, day: dt.date, clock: dt.time, data: st.DataObject):
    format_ = data.draw(st.sampled_from(DATES))
    sound("date", of_text(DAY), day.isoformat(), {"format": format_}, locale)
    sound("date", of_text(MOMENT), f"{day.isoformat()}T10:00Z", {}, locale)
    sound("time", of_text(CLOCK), clock.isoformat(), {"format": data.draw(st.sampled_from(TIMES))}, locale)
    sound("time", of_text(MOMENT), f"{day.isoformat()} {clock.isoformat('minutes')}", {}, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_all_days_and_all_minutes(locale: str):
    for format_ in ("full", "d M", "E"):
        made, _ = transfer("date", of_text(DAY), {"format": of_constant(format_)}, locale)
        for day in range(0, 366, 1):
            written = (dt.date(2024, 1, 1) + dt.timedelta(day)).isoformat()
            assert contains(made, really("date", written, {"format": format_}, locale))
    made, _ = transfer("time", of_text(CLOCK), {"format": of_constant("B h:mm")}, locale)
    for minute in range(0, 1440, 7):
        written = f"{minute // 60:02}:{minute % 60:02}"
        assert contains(made, really("time", written, {"format": "B h:mm"}, locale))


SPELLED: list[tuple[str, str, str, str, str]] = [
    ("en", "date", "MMM d, y", "May 31, 2024|Jan 1, 1", "Foo 1, 2024|May 311, 2024|May 3, 20245|May , 2024"),
    ("en", "date", "EEEE", "Monday|Sunday", "Mondays|Mon"),
    ("en", "date", "yy", "24", "2024|4"),
    ("en", "date", "yyyy", "2024", "24|02024"),
    ("en", "date", "y", "1|2024", "02024|"),
    ("en", "date", "yyyyy", "02024", "2024|002024"),
    ("en", "date", "dd.MM.", "01.05.", "1.5.|001.05."),
    ("en", "date", "Q", "4", "04"),
    ("en", "date", "w", "1|53", "153"),
    ("en", "date", "ww", "01", "1"),
    ("en", "date", "G", "AD", "BC"),
    ("de", "date", "d. MMMM", "1. Mai|31. Dezember", "1. May|1. Dezembers"),
    ("en", "time", "HH:mm", "09:30", "9:30|009:30"),
    ("en", "time", "h a", "9 AM|12 PM", "9 am|123 AM"),
    ("en", "time", "s.S", "5.9|5.10", "5.|5.100"),
    ("en", "time", "s.SSSSSS", "5.123456", "5.12345|5.1234567"),
    ("en", "time", "K B", "0 noon|3 in the morning|0 midnight", "0 noons"),
    ("en", "time", "'at' H", "at 5", "at"),
]


@pytest.mark.parametrize(("locale", "name", "format_", "there", "not_there"), SPELLED)
def test_dates_and_times_are_tight(locale: str, name: str, format_: str, there: str, not_there: str):
    value = of_text(DAY if name == "date" else CLOCK)
    made, fails = transfer(name, value, {"format": of_constant(format_)}, locale)
    assert fails == []
    assert [each for each in there.split("|") if not contains(made, each)] == []
    assert [each for each in not_there.split("|") if contains(made, each)] == []


REFUSED: list[tuple[str, Text, str | None, list[bool]]] = [
    ("date", DAY, None, []),
    ("date", MOMENT, None, []),
    ("time", MOMENT, None, []),
    ("date", ANY, None, [False]),
    ("date", CLOCK, None, [True]),
    ("time", DAY, None, [True]),
    ("time", text_of_pattern("^.{4}$"), None, [True]),
    ("date", text_of_pattern(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}[Zz]$"), None, []),
    ("date", text_of_pattern(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt_][0-9]{2}:[0-9]{2}[Zz]$"), None, [False]),
    ("time", text_of_pattern(r"^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?$"), None, []),
    ("time", text_of_pattern(r"^[0-9]{2}:[0-9]{2}:[0-9]{2}[.]?$"), None, [False]),
    ("time", text_of_pattern(r"^[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"), None, []),
    ("time", text_of_pattern(r"^[0-9]{2}:[0-9]{2}:[0-9]{2}X$"), None, [True]),
    ("date", DAY, "DD.MM.YYYY", [True]),
    ("date", DAY, "MMMMMMM", [True]),
    ("time", CLOCK, "hh:mm", [True]),
]


@pytest.mark.parametrize(("name", "text", "format_", "fails"), REFUSED)
def test_what_is_no_date_or_time(name: str, text: Text, format_: str | None, fails: list[bool]):
    arguments = {} if format_ is None else {"format": of_constant(format_)}
    assert [certain for _, certain in transfer(name, of_text(text), arguments)[1]] == fails


def test_what_a_refused_text_is_told():
    assert transfer("time", of_text(ANY), {})[1] == [("`time` takes a time as `14:30`", False)]
    assert transfer("date", of_text(ANY), {})[1] == [("`date` takes a date as `2024-05-31`", False)]


def test_parts_of_the_day_that_a_language_has_no_word_for():
    made, fails = transfer("time", of_text(CLOCK), {"format": of_constant("h b 'h' m")}, "aa")
    assert made.impossible
    assert [certain for _, certain in fails] == [True]
    made, fails = transfer("time", of_text(CLOCK), {"format": of_text(literal("b h", "H"))}, "aa")
    assert contains(made, "23")
    assert [certain for _, certain in fails] == [False]
    made, fails = transfer("time", of_text(CLOCK), {"format": of_constant("h b")}, "cy")
    assert not made.impossible
    assert [certain for _, certain in fails] == [False]


def test_several_formats():
    made, fails = transfer("date", of_text(DAY), {"format": of_text(literal("d", "DD", "MMMM"))})
    assert [certain for _, certain in fails] == [False]
    assert contains(made, "31")
    assert contains(made, "May")
    made, fails = transfer("date", of_text(DAY), {"format": of_text(ANY)})
    assert [certain for _, certain in fails] == [False]
    assert contains(made, "anything")


# --------------------------------------------------------------------------------------------------------- plurals

FORMS = {"one": "a", "other": "b", "zero": "c", "two": "d", "few": "e", "many": "f"}


@given(
    numbers(SMALL | INTEGERS | FLOATS), st.sampled_from(LOCALES), st.sets(st.sampled_from(sorted(FORMS))), st.booleans()
)
@settings(max_examples=200, deadline=None)
def test_plurals(known: tuple[Number, float], locale: str, left_out: set[str], null: bool):
    arguments: dict[str, str | None] = {
        form: word for form, word in FORMS.items() if form in ("one", "other") or form not in left_out
    }
    if null:
        arguments |= dict.fromkeys(left_out - {"one", "other"}, None)
    sound("plural", of_number(known[0]), known[1], arguments, locale)


CHOSEN: list[tuple[str, Number, str, str]] = [
    ("en", whole(0, 100), "one other zero", "abc"),
    ("en", whole(1, 100), "one other zero", "ab"),
    ("en", whole(2, 100), "one other", "b"),
    ("en", one_of([0]), "one other zero", "c"),
    ("en", one_of([1]), "one other", "a"),
    ("en", one_of([1.0]), "one other", "b"),
    ("en", whole(0, 1001), "one other", "ab"),
    ("ru", whole(0, 100), "one other few many", "aef"),
    ("ru", whole(0, 100), "one other few", "aeb"),
    ("ru", whole(11, 19), "one other few many", "f"),
    ("ru", span(0, 1, 1), "one other few many", "aebf"),
    ("ja", whole(0, 5000), "one other", "b"),
    ("ar", whole(0, 100), "one other zero two few many", "abcdef"),
    ("ar", whole(3, 10), "one other zero two few many", "e"),
]


def test_forms_that_are_null():
    given_ = {"one": of_constant("a"), "other": of_constant("b"), "zero": NULL}
    assert transfer("plural", of_number(one_of([0])), given_)[0] == of_constant("b")
    given_["zero"] = NULL | of_constant("c")
    assert transfer("plural", of_number(one_of([0])), given_)[0] == of_text(literal("c", "b"))


@pytest.mark.parametrize("locale", LOCALES)
def test_plurals_of_the_largest_numbers(locale: str):
    for number in EXTREMES:
        sound("plural", of_number(one_of([number])), number, {"one": "a", "other": "b"}, locale)
        assert really("plural", number, {"one": "a", "other": "b"}, locale) in ("a", "b")


@pytest.mark.parametrize(("locale", "number", "given_", "chosen"), CHOSEN)
def test_plurals_are_tight(locale: str, number: Number, given_: str, chosen: str):
    arguments = {form: of_constant(FORMS[form]) for form in given_.split()}
    made, _ = transfer("plural", of_number(number), arguments, locale)
    assert made.text is not None
    assert set(made.text.literals or ()) == set(chosen)
