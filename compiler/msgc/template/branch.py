"""Branches: the ways that a template or a structure word can go, and what to say where no example goes one.

Which of them a message goes is told to its `Recorder`, where it has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from msgc.diagnostic import enumerate_words
from msgc.template.problem import Place

_LONGEST = 60

ListPath: TypeAlias = tuple[str | None, ...]
"""A name and keys that lead from it to a list, None for any item of a list on the way; empty for what is unknown."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One way to go at a place. `message` says that no example goes it, `help` what kind of example would.

    `filled` is the path of a list: where that cannot be empty, there is no such branch.
    """

    place: Place
    message: str
    help: str
    filled: ListPath = ()


class Recorder(Protocol):
    """Is told of each branch that a message goes."""

    def add(self, branch: Branch) -> None:
        """Notes a branch, which may be known already."""


def holding(place: Place, before: Sequence[Place] = ()) -> Branch:
    """The condition at a place is true, those `before` it in the same `if` are false."""
    code = _shown(place)
    earlier = f"{_all_false(before)} and " if before else ""
    return Branch(place, f"no example has {code} true here", f"add an example in which {earlier}{code} is true")


def failing(conditions: Sequence[Place], otherwise: Place | None = None) -> Branch:
    """The conditions of an `if` are all false; `otherwise` is the place of its `else`, if it has one."""
    help_ = f"add an example in which {_all_false(conditions)}"
    if otherwise is not None:
        return Branch(otherwise, "no example goes through the `else` here", help_)
    names = enumerate_words([_shown(place) for place in conditions], "and")
    return Branch(conditions[0], f"no example has {names} false here", help_)


def going(items: Place, kept: Place | None) -> Branch:
    """A loop over `items` has a round; `kept` is the condition by which it chooses among them."""
    name, condition = _shown(items), _for_which(kept)
    message = f"no example has an item in {name}{condition}"
    return Branch(items, message, f"add an example in which {name} has an item{condition}")


def passing(items: Place, kept: Place | None, otherwise: Place | None, filled: ListPath) -> Branch:
    """A loop over `items` has no round; `otherwise` is the place of its `else`, `filled` the path of the list."""
    name = _shown(items)
    help_ = f"add an example in which {name} is empty"
    message = f"no example leaves {name} empty"
    if kept is not None:
        help_ = f"add an example in which {name} has no item{_for_which(kept)}"
        message = f"no example leaves {name} without an item{_for_which(kept)}"
    if otherwise is not None:
        return Branch(otherwise, "no example goes through the `else` of this loop", help_, filled)
    return Branch(items, message, help_, filled)


def _for_which(kept: Place | None) -> str:
    return "" if kept is None else f" for which {_shown(kept)} is true"


def _all_false(conditions: Sequence[Place]) -> str:
    names = enumerate_words([_shown(place) for place in conditions], "and")
    return f"{names} {'is' if len(conditions) == 1 else 'are'} false"


def _shown(place: Place) -> str:
    code = " ".join(place.code.split())
    return f"`{code}`" if len(code) <= _LONGEST else f"`{code[: _LONGEST - 1]}…`"
