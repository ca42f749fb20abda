"""`uniqueItemProperties: [id, title]`: the objects of an array all differ under each of these names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgc.keywords.keyword import Problem, Unit
from msgc.keywords.places import all_differ, values_of
from msgc.keywords.unique_across import find_repeats

NAME = "uniqueItemProperties"
UNIT: Unit = "none"
CONSTRAINT = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}


def check(constraint: list[str], value: Any) -> list[Problem]:
    """A problem for each value that an earlier item has under the same name; absent values all differ."""
    if not isinstance(value, list):
        return []
    return [
        problem
        for name in constraint
        for problem in find_repeats(
            ((index, name), item[name]) for index, item in enumerate(value) if isinstance(item, dict) and name in item
        )
    ]


def surely(constraint: list[str]) -> Callable[[Any], bool]:
    """Whether it is quick to tell that no value comes twice under its name."""

    def holds(value: Any) -> bool:
        if isinstance(value, list):
            for name in constraint:
                if not all_differ(values_of(name, value)):
                    return False
        return True

    return holds
