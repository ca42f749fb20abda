"""`maxTotalItems: {of: /sections/*/rows, limit: 10}`: the arrays at these places hold ten items in all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgc.keywords.keyword import Problem, Unit
from msgc.keywords.places import POINTER, find_places, finder

NAME = "maxTotalItems"
UNIT: Unit = "items"
CONSTRAINT = {
    "type": "object",
    "properties": {"of": POINTER, "limit": {"type": "integer", "minimum": 0}},
    "required": ["of", "limit"],
    "additionalProperties": False,
}


def check(constraint: dict[str, Any], value: Any) -> list[Problem]:
    """One problem with the total that was found; `places` holds the first item that is too many."""
    limit = constraint["limit"]
    total = 0
    places = []
    for path, items in find_places(constraint["of"], value):
        if not isinstance(items, list):
            continue
        if total <= limit < total + len(items):
            places.append((*path, limit - total))
        total += len(items)
    return [Problem(found=total, places=tuple(places))] if total > limit else []


def surely(constraint: dict[str, Any]) -> Callable[[Any], bool]:
    """Whether the total is within the limit."""
    find, limit = finder(constraint["of"]), constraint["limit"]

    def holds(value: Any) -> bool:
        within: bool = sum([len(items) for items in find(value) if isinstance(items, list)]) <= limit
        return within

    return holds
