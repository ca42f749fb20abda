"""Transfer functions and the real filters side by side."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from msgc.bounds.contains import contains
from msgc.bounds.numbers import Number
from msgc.bounds.values import Value, of_constant
from msgc.template.budget import BITS, Budget, begin, end
from msgc.template.filters import FILTERS
from msgc.template.infer.call import Call
from msgc.template.infer.transfer_locale import LOCALE
from msgc.template.infer.transfer_numbers import NUMBERS
from msgc.template.problem import TemplateProblem

TRANSFERS = {**NUMBERS, **LOCALE}


@dataclass
class Asking:
    locale: str = "en"
    fails: list[tuple[str, bool]] = field(default_factory=list)
    helps: list[str | None] = field(default_factory=list)

    def fail(self, message: str, *, certain: bool, **more: Any) -> None:
        self.fails.append((message, certain))
        self.helps.append(more.get("help"))


def transfer(name: str, value: Value, arguments: Mapping[str, Value], locale: str = "en") -> tuple[Value, list[Any]]:
    asking = Asking(locale)
    made = TRANSFERS[name](Call(name, value, arguments, (), {}, asking))  # type: ignore[arg-type]
    return made, asking.fails


def really(name: str, value: Any, arguments: Mapping[str, Any], locale: str = "en") -> Any:
    """The real filter's result. Raises what it raises."""
    token = begin(Budget())
    try:
        made = FILTERS[name].call(SimpleNamespace(locale=locale), name, value, (), arguments)
    finally:
        end(token)
    if isinstance(made, int) and made.bit_length() > BITS:
        raise OverflowError
    return made


def sound(
    name: str, value: Value, concrete: Any, arguments: Mapping[str, Any], locale: str = "en", **kept: Value
) -> None:
    """The transfer's result holds the filter's; where that raises, the transfer has said so."""
    known = {key: kept.get(key, of_constant(given)) for key, given in arguments.items()}
    made, fails = transfer(name, value, known, locale)
    try:
        there = really(name, concrete, arguments, locale)
    except (TemplateProblem, ArithmeticError, ValueError):
        assert fails
        return
    if isinstance(there, float) and math.isinf(there) and isinstance(concrete, (int, float)):
        assert fails
        return
    assert contains(made, there), (made, there)
    assert not any(certain for _, certain in fails)


def span(least: float | None, most: float | None, decimals: int | None = None) -> Number:
    return Number(least, most, decimals=decimals)


def whole(least: float | None, most: float | None) -> Number:
    return Number(least, most, whole=True)


PRICE = span(0, 1000, 2)
MANY = whole(0, 1000)
SIGNED = whole(-500, 1000)
