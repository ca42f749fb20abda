"""What dates, times, numbers, money and plurals can be in the words of a language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from msgc.bounds.characters import DIGITS, mask_of
from msgc.bounds.contains import contains
from msgc.bounds.numbers import LARGEST, LIMIT, Number, integers
from msgc.bounds.patterns import verdict
from msgc.bounds.values import NOTHING, NULL, Value, constants, of_text
from msgc.bounds.words import ANY, EMPTY, MAX_WORDS, Run, Text, Word, literal, run, text
from msgc.template import localize
from msgc.template.infer.call import Call, Transfer
from msgc.template.problem import TemplateProblem

_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE_TIME = rf"{_DAY}[Tt ]{_CLOCK}"
_SHAPES = {"date": rf"^({_DAY}|{_DATE_TIME})$", "time": rf"^({_CLOCK}|{_DATE_TIME})$"}
_EXAMPLES = {"date": "2024-05-31", "time": "14:30"}
_DEFAULTS = {"date": "medium", "time": "short"}


@dataclass(frozen=True, slots=True)
class _Place:
    """What the real filters see of a sandbox."""

    locale: str


# -------------------------------------------------------------------------------------------------- dates and times


def _moment(call: Call) -> Value:
    """`date`, `time`: the pattern's literals, and between them all that each field can be on any day, at any time.

    A text of a date's shape passes for a date, though there is no 99th of a month.
    """
    assert call.value.text is not None
    name = call.name
    good = verdict(_SHAPES[name], call.value.text)
    if good is not True:
        article = "a date" if name == "date" else "a time"
        call.asked.fail(f"`{name}` takes {article} as `{_EXAMPLES[name]}`", certain=good is False)
    if good is False:
        return NOTHING
    formats = constants(call.arguments["format"]) if "format" in call.arguments else [_DEFAULTS[name]]
    if formats is None:
        call.asked.fail(f"the argument `format` of `{name}` may be none", certain=False)
        return of_text(ANY)
    return _of_formats(call, formats)


def _of_formats(call: Call, formats: list[Any]) -> Value:
    found = NOTHING
    problems: list[tuple[str, str | None]] = []
    for format_ in formats:
        try:
            made, fails = _formatted(call.name, call.asked.locale, format_)
        except TemplateProblem as problem:
            problems.append((problem.message, problem.help))
            continue
        except ValueError as error:
            problems.append((f"`{call.name}` cannot work on this: {error}", None))
            continue
        if fails is not None:
            problems.append((f"`{call.name}` cannot work on this: {fails}", None))
        found = found if made is None else found | of_text(made)
    for message, help_ in problems:
        call.asked.fail(message, certain=found is NOTHING, help=help_)
    return found


@lru_cache(maxsize=512)
def _formatted(name: str, locale: str, format_: str) -> tuple[Text | None, str | None]:
    """All texts of a format, None where there are none; and what goes wrong where a field has no word."""
    found: Text | None = EMPTY
    problem: str | None = None
    for piece in localize.format_pieces(name, format_, locale):
        made, fails = (literal(piece), None) if isinstance(piece, str) else _field(locale, *piece)
        problem = problem or fails
        found = None if found is None or made is None else found + made
    return found, problem


@lru_cache(maxsize=4096)
def _field(locale: str, letter: str, count: int) -> tuple[Text | None, str | None]:
    """All texts of a field, from moments that have every one of them; of digits, only how many there are."""
    texts: set[str] = set()
    problem: str | None = None
    for moment in _MOMENTS[letter]:
        try:
            texts.add(localize.field_text(locale, letter, count, moment))
        except ValueError as error:
            problem = str(error)
    if not texts:
        return None, problem
    if mask_of("".join(texts)) & ~DIGITS or not all(texts):
        return literal(*sorted(texts)), problem
    sizes = set(map(len, texts))
    return run(DIGITS, min(sizes), max(sizes)), problem


_Moments = tuple[dt.date | dt.time, ...]
_MONTHS: _Moments = tuple(dt.date(2024, month, 1) for month in range(1, 13))
_DAYS: _Moments = tuple(dt.date(2024, 1, day) for day in range(1, 32))
# Of as many digits as a year can have; `yy` has always two.
_YEARS: _Moments = tuple(dt.date(year, 6, 1) for year in (1, 99, 100, 999, 1000, 9999))
# The first and the last weeks, so that there are weeks of one digit and of two.
_WEEKS: _Moments = tuple(dt.date(2024, month, day) for month in (1, 2, 12) for day in range(1, 29))
# All rules of CLDR for parts of the day begin and end at full hours; some hold at a full hour only.
_HOURS: _Moments = tuple(dt.time(hour, minute) for hour in range(24) for minute in (0, 30))
_MINUTES: _Moments = tuple(dt.time(1, minute, minute) for minute in range(60))
_FRACTIONS: _Moments = tuple(dt.time(1, 2, 3, part) for part in (0, 1, 500_000, 949_999, 999_999))
_MOMENTS: Mapping[str, _Moments] = {
    **dict.fromkeys("Gy", _YEARS),
    **dict.fromkeys("QqML", _MONTHS),
    "w": _WEEKS,
    **dict.fromkeys("dEec", _DAYS),
    **dict.fromkeys("abBhHK", _HOURS),
    **dict.fromkeys("ms", _MINUTES),
    "S": _FRACTIONS,
}


# ------------------------------------------------------------------------------------------------ numbers and money


@dataclass(frozen=True, slots=True)
class _Form:
    """How a number is written: in a currency, or with so many decimals, or with as many as it has, up to `most`."""

    locale: str
    currency: str | None = None
    decimals: int | None = None

    def write(self, value: float) -> str:
        """A number as the real filter writes it."""
        place = _Place(self.locale)
        if self.currency is not None:
            return localize.money(place, value, self.currency)
        return localize.number(place, value, self.decimals)

    @property
    def free(self) -> bool:
        """Whether there are only as many decimals as a number has."""
        return self.currency is None and self.decimals is None


def _number(call: Call) -> Value:
    """`number`: the number grouped, for each number of digits that it can have, with its decimals."""
    locale = call.asked.locale
    assert call.value.number is not None
    given = call.arguments.get("decimals", NULL)
    found = NOTHING
    if given.null:
        found = of_text(_written(_Form(locale), call.value.number))
    if given.number is None:
        return found
    ends = given.number.least, given.number.most
    if None in ends or (ends[0] or 0) < 0 or (ends[1] or 0) > localize.MOST_DECIMALS:
        outside = given.number.between(0, localize.MOST_DECIMALS) is None and not given.null
        words = f"the argument `decimals` of `number` goes from 0 to {localize.MOST_DECIMALS}"
        call.asked.fail(words, certain=outside)
    for decimals in range(localize.MOST_DECIMALS + 1):
        if given.number.between(decimals, decimals) is not None:
            found = found | of_text(_written(_Form(locale, decimals=decimals), call.value.number))
    return found


def _money(call: Call) -> Value:
    """`money`: the amount grouped, with the currency's symbol and decimals."""
    assert call.value.number is not None
    codes = call.arguments["currency"].text
    assert codes is not None
    known = codes.literals
    good = [code for code in localize.currencies() if contains(of_text(codes), code)]
    if known is None or len(good) < len(known):
        call.asked.fail(
            "`money` takes a currency's code of three letters, such as `EUR`",
            certain=not good,
            help=_meant(known or ()),
        )
    found = NOTHING
    for code in sorted(good):
        found = found | of_text(_written(_Form(call.asked.locale, code), call.value.number))
    return found


def _meant(known: tuple[str, ...]) -> str | None:
    near = [code.upper() for code in known if code not in localize.currencies()]
    return f"did you mean `{near[0]}`?" if near and near[0] in localize.currencies() else None


@lru_cache(maxsize=4096)
def _written(form: _Form, number: Number) -> Text:
    """All texts of a number in a form."""
    words: list[Word] = []
    wide: list[Word] = []
    for low, high, sign in _sides(number):
        ends = _digit_counts(form, low, high, whole=number.whole)
        words += _grouped(form, number, sign, *ends) if ends[1] <= _MOST_DIGITS else [_wide(form, number, sign, *ends)]
        wide.append(_wide(form, number, sign, *ends))
    least_is_zero = number.least is not None and number.least >= 0
    zero = literal(form.write(-0.0)).words if least_is_zero and number.zero and not number.whole else ()
    return text(*(words if len(words) + len(zero) <= MAX_WORDS else wide), *zero)


_MOST_DIGITS = 18


def _sides(number: Number) -> Iterator[tuple[float, float, int]]:
    """What is above zero and what is below it, each as distances from zero, and the sign."""
    least = -LIMIT if number.least is None else number.least
    most = LIMIT if number.most is None else number.most
    if most >= 0:
        yield max(least, 0), most, 1
    if least < 0:
        yield max(-most, 0), -least, -1


def _digit_counts(form: _Form, low: float, high: float, *, whole: bool) -> tuple[int, int]:
    """The fewest and the most digits in front of the point, also of an integer's neighbours among the floats."""
    decimals = _fraction(form)
    lows, highs = [low], [high]
    if not whole:
        lows.append(float(min(low, LARGEST)))
        highs.append(float(min(high, LARGEST)))
    fewest = min(localize.whole_digits(each, decimals) for each in lows)
    return fewest, max(localize.whole_digits(each, decimals) for each in highs)


@lru_cache(maxsize=1024)
def _fraction(form: _Form) -> int:
    """The most decimals that are written."""
    return sum(map(str.isdigit, form.write(1.111111111))) - 1


@lru_cache(maxsize=1024)
def _tail(form: _Form) -> str:
    """The decimal sign of a form that writes as many decimals as there are; nothing follows the digits there."""
    return form.write(1.111111111).removeprefix(form.write(1)).rstrip("1")


@lru_cache(maxsize=16384)
def _shape(form: _Form, sign: int, digits: int) -> tuple[str | Run, ...]:
    """How an integer of so many digits is written, with runs in the place of its digits."""
    parts = re.split(r"([0-9]+)", form.write(sign * int("1" * digits)))
    return tuple(Run(DIGITS, len(part), len(part)) if part.isdigit() else part for part in parts if part)


def _grouped(form: _Form, number: Number, sign: int, fewest: int, most: int) -> list[Word]:
    """A word for each number of groups; in the first group are some digits more or less."""
    found: dict[tuple[str | Run, ...], tuple[int, int]] = {}
    for digits in range(fewest, most + 1):
        shape = _shape(form, sign, digits)
        first = next(index for index, piece in enumerate(shape) if isinstance(piece, Run))
        size = shape[first]
        assert isinstance(size, Run)
        key = (*shape[:first], Run(DIGITS, 0, None), *shape[first + 1 :])
        found[key] = (found.get(key, (size.least, 0))[0], size.least)
    words = []
    for key, (least, longest) in found.items():
        pieces = tuple(Run(DIGITS, least, longest) if piece == Run(DIGITS, 0, None) else piece for piece in key)
        words.append(Word(pieces))
        decimals = _free_decimals(form, number)
        if decimals:
            fraction = Run(DIGITS, 1, decimals)
            words.append(Word((*pieces, _tail(form), fraction)))
    return words


def _free_decimals(form: _Form, number: Number) -> int:
    """The most decimals where a form writes as many as there are."""
    if not form.free or number.whole:
        return 0
    most = _fraction(form)
    return most if number.decimals is None else min(most, number.decimals)


def _wide(form: _Form, number: Number, sign: int, fewest: int, most: int) -> Word:
    """One word: between what stands before and behind the digits, all of them with what parts them."""
    short, long = (form.write(sign * int("1" * digits)) for digits in (fewest, most))
    decimals = _free_decimals(form, number)
    if decimals:
        long += _tail(form) + "1" * decimals
    first, last = re.search("[0-9]", long), re.search("[0-9][^0-9]*$", long)
    assert first is not None
    assert last is not None
    before, inside, after = long[: first.start()], long[first.start() : last.start() + 1], long[last.start() + 1 :]
    least = len(short) - len(before) - len(after)
    middle = Run(mask_of(inside) | DIGITS, least, len(inside))
    return Word(tuple(piece for piece in (before, middle, after) if piece))


# ---------------------------------------------------------------------------------------------------------- plurals

_COUNTED = 1_000
_FORMS = ("zero", "one", "two", "few", "many", "other")


def _plural(call: Call) -> Value:
    """`plural`: the forms that the language uses with any of the numbers; what is not given is `other`."""
    number = call.value.number
    assert number is not None
    forms = _forms(call.asked.locale, number)
    if number.zero and "zero" in call.arguments:
        forms = forms | {"zero"}
    if number.only_zero and _given(call, "zero"):
        forms = frozenset({"zero"})
    found = NOTHING
    for form in _FORMS:
        if form in forms:
            found = found | call.arguments.get(form, NULL)
    # A form that is null, or not given, is `other`.
    return found.only("text") | (call.arguments["other"] if found.null else NOTHING)


def _given(call: Call, form: str) -> bool:
    return form in call.arguments and not call.arguments[form].null


@lru_cache(maxsize=1024)
def _forms(locale: str, number: Number) -> frozenset[str]:
    """The forms of few numbers, each asked for; else all that the language has."""
    values = number.values
    ends = integers(number)
    if values is None and number.whole and ends is not None and ends[1] - ends[0] <= _COUNTED:
        values = tuple(range(ends[0], ends[1] + 1))
    if values is not None:
        return frozenset(localize.plural_form(locale, value) for value in values)
    return localize.plural_forms(locale)


LOCALE: Mapping[str, Transfer] = {
    "date": _moment,
    "money": _money,
    "number": _number,
    "plural": _plural,
    "time": _moment,
}
"""By the names of the filters."""
