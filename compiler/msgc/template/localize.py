"""Dates, numbers, money and plurals in the words of a language: filters on Babel.

The only module that imports Babel, and only when a filter is used. There is no clock, no time zone of the machine and
no language of the machine in it: the same value in the same locale is always the same text. Halves are rounded up, as
on a bill.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import Any

from msgc.diagnostic import enumerate_words, nearest
from msgc.template.problem import TemplateProblem

_LOCALE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(rf"({_DATE.pattern})[Tt ]([0-9:.]+)([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})?")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?")
_LEAP_SECOND = 60
_QUOTED = re.compile(r"'[^']*'")
_DATE_LENGTHS = ("short", "medium", "long", "full")
_TIME_LENGTHS = ("short", "medium")
_DATE_FIELDS = frozenset("GyQqMLwdEec")
_TIME_FIELDS = frozenset("abBhHKmsS")
_LETTERS = re.compile(r"[A-Za-z]")
# What is nearly always meant by letters that mean something else in CLDR's patterns, or nothing.
_MEANT_DATE = (("dddd", "EEEE"), ("ddd", "EEE"), ("D", "d"), ("Y", "y"), ("u", "y"), ("m", "M"))
_MEANT_TIME = (("A", "a"), ("M", "m"), ("k", "H"))
_STRFTIME = {
    "%d": "dd",
    "%e": "d",
    "%-d": "d",
    "%m": "MM",
    "%-m": "M",
    "%Y": "yyyy",
    "%y": "yy",
    "%B": "MMMM",
    "%b": "MMM",
    "%A": "EEEE",
    "%a": "EEE",
    "%H": "HH",
    "%-H": "H",
    "%I": "hh",
    "%M": "mm",
    "%S": "ss",
    "%p": "a",
}
_STRFTIME_FIELD = re.compile(r"%-?[A-Za-z]")
_LONGEST_PATTERN = 100
MOST_DECIMALS = 20


def check_locale(name: str) -> str:
    """The locale's identifier as Babel spells it. Raises ValueError for one that Babel does not know."""
    if not _LOCALE.fullmatch(name):
        raise ValueError(f"`{name}` is not the name of a locale, such as `en`, `pt_BR` or `de_AT`")
    identifier = name.replace("-", "_")
    found = importlib.util.find_spec("babel")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "locale-data"
        if (folder / f"{identifier}.dat").is_file():
            return identifier  # known without the time that importing Babel takes
    return str(_locale(identifier))


@cache
def _locale(identifier: str) -> Any:
    from babel.core import Locale, UnknownLocaleError

    try:
        return Locale.parse(identifier)
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"the locale `{identifier}` is not known") from None


def date(sandbox: Any, value: str, format: str = "medium") -> str:  # noqa: A002
    """A date (`2024-05-31`, also in front of a time) in words; `format` is a length or a pattern of CLDR."""
    whole = _DATE_TIME.fullmatch(value)
    text = whole[1] if whole else value
    try:
        day = dt.date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or (whole and _clock(whole[2]) is None):
        raise _refused("`date` takes a date as `2024-05-31`", value)
    from babel.dates import format_date

    pattern = _pattern("date", format, _DATE_LENGTHS, _DATE_FIELDS)
    return str(format_date(day, pattern, locale=_locale(sandbox.locale)))


def time(sandbox: Any, value: str, format: str = "short") -> str:  # noqa: A002
    """A time (`14:30`, `14:30:05`, also behind a date) in words, on the clock that it was written by."""
    whole = _DATE_TIME.fullmatch(value)
    clock = _clock(whole[2] if whole else value)
    if clock is None:
        raise _refused("`time` takes a time as `14:30`", value)
    from babel.dates import format_time

    pattern = _pattern("time", format, _TIME_LENGTHS, _TIME_FIELDS)
    return str(format_time(clock, pattern, locale=_locale(sandbox.locale)))


@cache
def format_pieces(name: str, pattern: str, locale: str) -> tuple[str | tuple[str, int], ...]:
    """What `date` or `time` puts in a row for a format: texts, and fields as their letter and its count.

    Raises TemplateProblem for what is no format, and ValueError for a field of a length that CLDR does not have.
    """
    from babel.dates import get_date_format, get_time_format, parse_pattern, tokenize_pattern

    if name == "date":
        found = _pattern(name, pattern, _DATE_LENGTHS, _DATE_FIELDS)
        if found in _DATE_LENGTHS:
            found = get_date_format(found, _locale(locale)).pattern  # type: ignore[arg-type] # one of the lengths
    else:
        found = _pattern(name, pattern, _TIME_LENGTHS, _TIME_FIELDS)
        if found in _TIME_LENGTHS:
            found = get_time_format(found, _locale(locale)).pattern  # type: ignore[arg-type] # one of the lengths
    parse_pattern(found)
    return tuple(token for _, token in tokenize_pattern(found))


def field_text(locale: str, letter: str, count: int, moment: dt.date | dt.time) -> str:
    """One field of a date or a time. Raises ValueError where the locale has no word for it."""
    from babel.dates import DateTimeFormat

    return str(DateTimeFormat(moment, _locale(locale))[letter * count])


def _clock(text: str) -> dt.time | None:
    """The time of day in a text, as far as Python's clock goes: to microseconds, and without a leap second."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = (int(match[group] or 0) for group in (1, 2, 3))
    micro = int((match[4] or "0")[:6].ljust(6, "0"))
    try:
        return dt.time(hour, minute, 59 if second == _LEAP_SECOND else second, micro)
    except ValueError:
        return None


def _pattern(name: str, pattern: str, lengths: tuple[str, ...], fields: frozenset[str]) -> str:
    if pattern in lengths:
        return pattern
    if not _is_pattern(pattern, fields):
        meant = _meant(pattern, fields) if len(pattern) <= _LONGEST_PATTERN else None
        near = meant or nearest(pattern, lengths)
        example = "d MMMM y" if name == "date" else "HH:mm"
        raise TemplateProblem(
            "filter-argument",
            f"the argument `format` of `{name}` is {enumerate_words([f'`{each}`' for each in lengths])}"
            f", or a pattern such as `{example}`",
            found=_show(pattern),
            help=f"did you mean `{near}`?" if near else None,
        )
    return pattern


def _is_pattern(pattern: str, fields: frozenset[str]) -> bool:
    """Whether a pattern is of CLDR's form, and every letter in it is likely to be what is meant."""
    bare = _QUOTED.sub("", pattern)
    letters = set(_LETTERS.findall(bare))
    if not letters or letters - fields or len(pattern) > _LONGEST_PATTERN or pattern.count("'") % 2 or "%" in bare:
        return False
    if "d" in fields:
        return "ddd" not in bare
    if letters & {"h", "K"} and not letters & {"a", "b", "B"}:
        return False  # `02:30`, in the night or in the afternoon
    return "S" not in letters or "s" in letters


def _meant(pattern: str, fields: frozenset[str]) -> str | None:
    """The pattern that is probably meant by one that is none, if any."""
    pieces = re.split(r"('[^']*')", pattern)
    for index in range(0, len(pieces), 2):
        piece = _STRFTIME_FIELD.sub(lambda field: _STRFTIME.get(field[0], field[0]), pieces[index])
        if piece == pieces[index]:
            # `dddd` before `D`, whose letters it shares once they are small
            for wrong, right in _MEANT_DATE if "d" in fields else _MEANT_TIME:
                piece = piece.replace(wrong, right)
        if "d" not in fields:
            bare = "".join(pieces[::2])
            if not set("abBA") & set(bare):
                piece = piece.replace("h", "H").replace("K", "H")
            if "s" not in bare:
                piece = piece.replace("S", "s")
        pieces[index] = piece
    made = "".join(pieces)
    return made if _is_pattern(made, fields) else None


def number(sandbox: Any, value: float, decimals: int | None = None) -> str:
    """A number with the separators of the language, with exactly `decimals` decimals (at most three without)."""
    from babel.numbers import parse_pattern

    if decimals is not None and not 0 <= decimals <= MOST_DECIMALS:
        raise _refused(f"the argument `decimals` of `number` goes from 0 to {MOST_DECIMALS}", decimals)
    locale = _locale(sandbox.locale)
    pattern = parse_pattern(locale.decimal_formats[None].pattern)
    if decimals is not None:
        pattern.frac_prec = (decimals, decimals)
    with localcontext(prec=_PRECISION):
        return str(pattern.apply(_rounded(value, pattern.frac_prec[1]), locale))


@cache
def currencies() -> frozenset[str]:
    """The codes of all currencies (ISO 4217)."""
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def money(sandbox: Any, value: float, currency: str) -> str:
    """An amount in a currency (ISO 4217), with its symbol and as many decimals as it has."""
    from babel.numbers import format_currency, get_currency_precision

    known = currencies()
    if currency not in known:
        near = currency.upper() if currency.upper() in known else None
        raise TemplateProblem(
            "filter-argument",
            "`money` takes a currency's code of three letters, such as `EUR`",
            found=_show(currency),
            help=f"did you mean `{near}`?" if near else None,
        )
    with localcontext(prec=_PRECISION):
        amount = _rounded(value, get_currency_precision(currency))
        return str(format_currency(amount, currency, locale=_locale(sandbox.locale)))


_PRECISION = 2000
"""Digits enough for any number that a template can make."""


def _rounded(value: float, decimals: int) -> Decimal:
    """The number as it is written, not as it is stored, rounded half up."""
    exact = Decimal(str(value))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return rounded if exact != rounded else exact


def whole_digits(value: float, decimals: int) -> int:
    """The digits in front of the point once a number is rounded."""
    with localcontext(prec=_PRECISION):
        return len(str(abs(int(_rounded(value, decimals)))))


@cache
def plural_forms(locale: str) -> frozenset[str]:
    """The forms that the language has; each has `other`."""
    return frozenset({*_locale(locale).plural_form.tags, "other"})


def plural_form(locale: str, value: float) -> str:
    """The form that the language uses with a number."""
    with localcontext(prec=_PRECISION):
        return str(_locale(locale).plural_form(Decimal(str(abs(value)))))


def plural(
    sandbox: Any,
    value: float,
    one: str,
    other: str,
    zero: str | None = None,
    two: str | None = None,
    few: str | None = None,
    many: str | None = None,
) -> str:
    """The form that the language uses with a number; a form that is not given is `other`. `zero` also stands for 0."""
    if zero is not None and value == 0:
        return zero
    forms = {"zero": zero, "one": one, "two": two, "few": few, "many": many}
    form = forms.get(plural_form(sandbox.locale, value))
    return other if form is None else form


def _show(value: Any) -> str:
    from msgc.template.values import show  # here, because it brings Jinja, and a locale is checked without

    return show(value)


def _refused(message: str, value: Any) -> TemplateProblem:
    return TemplateProblem("filter-argument", message, found=_show(value))
