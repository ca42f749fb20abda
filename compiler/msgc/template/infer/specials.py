"""What only a template knows beside values: macros, files of macros, the loop, namespaces, groups, functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgc.bounds.numbers import of_range
from msgc.bounds.values import EITHER, Value, of_number, of_truth
from msgc.bounds.words import Range
from msgc.template.problem import Place

if TYPE_CHECKING:
    from jinja2 import nodes

    from msgc.template.spans import Spans

Scope = Mapping[str, Value]


@dataclass(frozen=True)
class Absence:
    """Why a value is not there, for whoever demands it; `certain` if it never is."""

    rule: str
    message: str
    certain: bool
    help: str | None = None
    place: Place | None = None


@dataclass(frozen=True, eq=False)
class MacroValue:
    """A macro or the block of a `call`: its node, and what it can see."""

    node: nodes.Macro | nodes.CallBlock
    scope: Scope
    spans: Spans


@dataclass(frozen=True)
class ModuleValue:
    """A `.j2` file of macros, not yet read."""

    path: str


@dataclass(frozen=True)
class FunctionValue:
    """`range`, `dict`, `namespace`, `loop.cycle` or `loop.changed`."""

    name: str


@dataclass(frozen=True)
class NamespaceValue:
    """A namespace; its values stand in the scope under `key`."""

    key: str


@dataclass(frozen=True)
class GroupValue:
    """A group of `groupby`: also a list of the two."""

    grouper: Value
    items: Value


NO_ELSE = "no else"
"""The special value of an `if` without `else` whose condition is false: it prints nothing."""


@dataclass(frozen=True)
class LoopValue:
    """`loop`: how many rounds there are, and which of them this can be."""

    count: Range
    index: Range
    first: int = EITHER
    last: int = EITHER
    item: Value | None = None

    def attribute(self, name: str) -> Value | None:
        """One of its values; None for one that it does not have."""
        most = self.count.most
        ahead = self._ahead()
        numbers: dict[str, tuple[int, int | None]] = {
            "index": (self.index.least, self.index.most),
            "index0": (self.index.least - 1, None if self.index.most is None else self.index.most - 1),
            "revindex": (ahead.least + 1, None if ahead.most is None else ahead.most + 1),
            "revindex0": (ahead.least, ahead.most),
            "length": (max(1, self.count.least), most),
            "depth": (1, 50),
            "depth0": (0, 49),
        }
        if name in numbers:
            return of_number(of_range(*numbers[name]))
        if name in ("first", "last"):
            return of_truth(self.first if name == "first" else self.last)
        if name in ("previtem", "nextitem"):
            edge = self.first if name == "previtem" else self.last
            return _neighbour(self.item, edge)
        return Value(special=FunctionValue(f"loop.{name}")) if name in ("cycle", "changed") else None

    def _ahead(self) -> Range:
        """How many rounds are still to come."""
        most = None if self.count.most is None else max(0, self.count.most - self.index.least)
        if self.last == 1:
            return Range(0, 0)
        least = 0 if self.index.most is None else max(0, self.count.least - self.index.most)
        return Range(max(least, 1 if self.last == 2 else 0), most)


def _neighbour(item: Value | None, edge: int) -> Value:
    absent = Absence(
        "undefined-variable", "there is no such round", edge == 1, "ask `loop.first` or `loop.last` before"
    )
    there = Value() if item is None or edge == 1 else item
    return there | Value(absent=True, made=absent) if edge & 1 else there


def special_word(special: Any) -> str:
    """What a special value is called in a sentence."""
    words = {MacroValue: "a macro", ModuleValue: "a file of macros", LoopValue: "the loop",
             NamespaceValue: "a namespace", FunctionValue: "a function", GroupValue: "a list"}  # fmt: skip
    return words.get(type(special), "a value of which nothing is known")
