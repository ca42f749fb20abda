"""What a template has around it while it runs: its names, the rounds of its loops, the files it is inside of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from jinja2.runtime import Context, LoopContext
from jinja2.utils import missing

from msgc.template.budget import current
from msgc.template.problem import Place, TemplateProblem
from msgc.template.values import LazyModule, Missing


class MacroContext(Context):
    """Jinja's context, in which a definition's files of macros are known by their names, and read when needed."""

    def resolve_or_missing(self, key: str) -> Any:
        """The value of a name, or Jinja's mark for a missing one. A value of the message hides a file of macros."""
        found = super().resolve_or_missing(key)
        if found is missing and key in self.environment.macros:  # type: ignore[attr-defined]
            return LazyModule(key, self.environment.macros[key])  # type: ignore[attr-defined]
        return found


class Rounds:
    """A list that a loop goes through; every round is counted."""

    def __init__(self, items: Any, place: Place) -> None:
        self._items = items
        self._place = place

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Any]:
        step = current().step
        for item in self._items:
            try:
                step()
            except TemplateProblem as problem:
                raise problem.at(self._place) from None
            yield item


class Round(LoopContext):
    """`loop` in one round of a list, which stays what it is when the next round has begun.

    Only `changed` remembers: what it was called with in the rounds before, in `memory`.
    """

    def __init__(self, items: Sequence[Any], index: int, memory: dict[str, Any]) -> None:
        super().__init__((), Missing)
        self._length = len(items)
        self.index0 = index
        self._current = items[index]
        self._before = items[index - 1] if index else missing
        self._after = items[index + 1] if index + 1 < len(items) else missing
        self._memory = memory

    def changed(self, *value: Any) -> bool:
        """Whether the value is another than in the last call."""
        before = self._memory.get("value", missing)
        self._memory["value"] = value
        return bool(before is missing or before != value)


class Piece(str):
    """Text that an expression printed, and the place of the expression."""

    __slots__ = ("place",)
    place: Place

    @classmethod
    def of(cls, text: str, place: Place) -> Piece:
        """The text, marked with its place."""
        piece = cls(text)
        piece.place = place
        return piece


@contextmanager
def inside(place: Place, path: str) -> Iterator[None]:
    """While a file is run that a template at `place` asks for. Raises TemplateProblem if it is running already."""
    budget = current()
    try:
        if path in budget.including:
            cycle = (*budget.including[budget.including.index(path) :], path)
            raise TemplateProblem(
                "template-include",
                f"`{path}` includes itself",
                found=" → ".join(f"`{step}`" for step in cycle),
                help="break the circle",
            )
        budget.enter(f"`{path}`")
    except TemplateProblem as problem:
        raise problem.at(place) from None
    outer = budget.including
    budget.including = (*outer, path)
    try:
        yield
    except TemplateProblem as problem:
        raise problem.at(place).called_from(place) from None
    finally:
        budget.including = outer
        budget.leave()
