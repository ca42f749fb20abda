"""`differentValues: [/sender/id, /recipient/id]`: what stands at these places differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgc.keywords.keyword import Problem, Unit
from msgc.keywords.places import POINTER, all_differ, find_places, finder
from msgc.keywords.unique_across import find_repeats

NAME = "differentValues"
UNIT: Unit = "none"
CONSTRAINT = {"type": "array", "items": POINTER, "minItems": 2, "uniqueItems": True}


def check(constraint: list[str], value: Any) -> list[Problem]:
    """A problem for each value that stands at an earlier place too; absent places differ from all."""
    return find_repeats(place for pointer in constraint for place in find_places(pointer, value))


def surely(constraint: list[str]) -> Callable[[Any], bool]:
    """Whether it is quick to tell that no two values are the same."""
    finders = [finder(pointer) for pointer in constraint]
    return lambda value: all_differ([found for find in finders for found in find(value)])
