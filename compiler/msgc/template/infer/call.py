"""A filter as its transfer function sees it, and what it may ask of the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from msgc.bounds.numbers import Number
from msgc.bounds.values import Value
from msgc.bounds.words import Range


class Asked(Protocol):
    """What a transfer function can ask: other filters and tests, keys of values, and the locale."""

    @property
    def locale(self) -> str:
        """The locale in which dates, numbers and plurals are written."""
        ...

    def filtered(self, name: str, value: Value, args: tuple[Value, ...], kwargs: Mapping[str, Value]) -> Value:
        """What another filter makes of a value."""
        ...

    def tested(self, name: str, value: Value, args: tuple[Value, ...], kwargs: Mapping[str, Value]) -> int:
        """What a test says of a value: the bits `TRUE` and `FALSE`."""
        ...

    def item(self, value: Value, key: Value) -> Value:
        """`value[key]`."""
        ...

    def fail(self, message: str, *, certain: bool, help: str | None = None) -> None:  # noqa: A002
        """Notes that the filter does not take what it is given: for every value (`certain`), or for some."""
        ...

    def unprintable(self, message: str, *, certain: bool) -> None:
        """Notes that something inside of what the filter is given cannot be printed."""
        ...

    def missing(self, value: Value, message: str, *, certain: bool) -> None:
        """Notes that something inside of what the filter is given may not be there, for the reason that is known."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """A filter's call. `value` and the arguments are there, and of the kinds that the filter's signature takes.

    `arguments` are those that are given, by the names of the signature; filters without one (`format`, `map`,
    `select`) have theirs in `args` and `kwargs`.
    """

    name: str
    value: Value
    arguments: Mapping[str, Value]
    args: tuple[Value, ...]
    kwargs: Mapping[str, Value]
    asked: Asked

    def integers(self, name: str, default: int | None) -> Range | None:
        """The range of an integer argument, or of its default; None where it is not bounded from below."""
        number = self._number(name)
        if name not in self.arguments:
            return None if default is None else Range(default, default)
        if number is None or number.least is None:
            return None
        return Range(int(number.least), None if number.most is None else int(number.most))

    def _number(self, name: str) -> Number | None:
        return self.arguments[name].number if name in self.arguments else None


Transfer = Callable[[Call], Value]
"""From a call to all that it can give back. Where the result is not there, as the first item of an empty list, it is
absent."""
