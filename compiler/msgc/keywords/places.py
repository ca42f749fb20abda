"""Finding places in a value by a pointer with wildcards, and telling whether two JSON values are equal."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

from msgc.document import Path

POINTER = {"type": "string", "pattern": "^(/[^/]+)+$"}
"""The JSON Schema of such a pointer."""


@lru_cache(maxsize=256)
def _steps(pointer: str) -> tuple[str, ...]:
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def find_places(pointer: str, value: Any) -> list[tuple[Path, Any]]:
    """Every place that a pointer leads to, in order, with its value.

    A pointer is an RFC 6901 pointer in which `*` stands for every item of a list. What does not exist, or has
    another shape, is left out: its shape is judged elsewhere.
    """
    found: list[tuple[Path, Any]] = [((), value)]
    for step in _steps(pointer):
        if step == "*":
            found = [
                ((*path, index), item)
                for path, items in found
                if isinstance(items, list)
                for index, item in enumerate(items)
            ]
        else:
            found = [((*path, step), items[step]) for path, items in found if isinstance(items, dict) and step in items]
    return found


def _segments(pointer: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The steps of a pointer in front of the first `*`, and those behind each `*`."""
    segments: list[list[str]] = [[]]
    for step in _steps(pointer):
        if step == "*":
            segments.append([])
        else:
            segments[-1].append(step)
    first, *others = map(tuple, segments)
    return first, tuple(others)


def finder(pointer: str) -> Callable[[Any], list[Any]]:
    """Finds the values that `find_places` finds, in a list to read only; much faster, for who needs no paths."""
    first, segments = _segments(pointer)

    def find(value: Any) -> list[Any]:
        for step in first:
            if not isinstance(value, dict) or step not in value:
                return []
            value = value[step]
        found = [value]
        for segment in segments:
            lists = [items for items in found if isinstance(items, list)]
            found = lists[0] if len(lists) == 1 else [item for items in lists for item in items]
            for step in segment:
                found = values_of(step, found)
        return found

    return find


def values_of(name: str, items: list[Any]) -> list[Any]:
    """What stands under a name in those of the items that are objects and have it."""
    try:
        return [item[name] for item in items]
    except (KeyError, TypeError):
        return [item[name] for item in items if isinstance(item, dict) and name in item]


def all_differ(values: list[Any]) -> bool:
    """True only if no two values are equal; False also where telling takes longer."""
    if len(values) < 2:
        return True
    try:
        # What JSON Schema calls equal, Python calls equal too.
        return len(set(values)) == len(values)
    except TypeError:  # a list or an object
        return False


def identity(value: Any) -> Hashable:
    """A hashable stand-in for a JSON value: equal exactly where JSON Schema calls the values equal.

    Python calls `1` and `True` equal and JSON does not; `1` and `1.0` are equal in both.
    """
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", tuple(map(identity, value)))
    if isinstance(value, dict):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    return value  # type: ignore[no-any-return]  # text, numbers and null are their own identity
