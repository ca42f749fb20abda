"""`uniqueAcross: /sections/*/rows/*/id`: the values at all these places differ, however deep they stand."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from msgc.document import Path
from msgc.keywords.keyword import Problem, Unit
from msgc.keywords.places import POINTER, all_differ, find_places, finder, identity

NAME = "uniqueAcross"
UNIT: Unit = "none"
CONSTRAINT = POINTER


def check(constraint: str, value: Any) -> list[Problem]:
    """A problem for each value that stood at an earlier place; `places` holds that earlier place."""
    return find_repeats(find_places(constraint, value))


def find_repeats(values: Iterable[tuple[Path, Any]]) -> list[Problem]:
    """A problem for each value that came before. Empty text is passed over: its emptiness is the finding."""
    first: dict[Hashable, Path] = {}
    problems = []
    for path, value in values:
        if value == "":
            continue
        known = first.setdefault(identity(value), path)
        if known is not path:
            problems.append(Problem(found=value, path=path, places=(known,)))
    return problems


def surely(constraint: str) -> Callable[[Any], bool]:
    """Whether it is quick to tell that no value comes twice."""
    find = finder(constraint)
    return lambda value: all_differ(find(value))
