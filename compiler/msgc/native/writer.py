"""Writing one function: its statements, the objects that it uses, and what it may cost."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgc.native.quote import constant, name, statements

_LONGEST_CODE = 2_000
"""Nodes of a definition whose code is written, an included one wherever it is included."""
_CONSTANTS = (str, bytes, int, float, bool, type(None))


class Unsuited(Exception):  # noqa: N818 - named for what was found
    """Something has no native code; it is done another way."""


class Refused(Exception):  # noqa: N818 - named for what happened
    """While native code runs: there may be something to say, which the long way finds out."""


MISSING = object()
"""In native code, the value of what is not there."""


def refuse() -> Any:
    """Ends the native code from inside of an expression."""
    raise Refused


class Writer:
    """Collects a function's statements.

    `steps`, `work` and `nodes` are what one run costs at most, in the units of a message's budget.
    """

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {"MISSING": MISSING, "refuse": refuse}
        self.steps = self.work = self.nodes = 0
        self._times = 1
        self._written = 0
        self._count = 0
        self._body: list[ast.stmt] = []
        self._named: dict[int, str] = {}

    def bind(self, value: Any) -> ast.expr:
        """An object as an expression: a plain constant in the code, all else by a name of its own."""
        if type(value) in _CONSTANTS:
            return constant(value)
        known = self._named.get(id(value))
        if known is None:
            known = self._named[id(value)] = f"k{len(self.objects)}"
            self.objects[known] = value
        return name(known)

    def fresh(self, letter: str = "v") -> str:
        """A variable that no other one is called like."""
        self._count += 1
        return f"{letter}{self._count}"

    def let(self, value: ast.expr) -> ast.Name:
        """A new variable with a value."""
        variable = self.fresh()
        self._body.append(ast.Assign([ast.Name(variable, ast.Store())], value))
        return name(variable)

    def add(self, source: str, **parts: ast.expr) -> None:
        """Adds statements of this source, with trees in the place of the names of `parts`."""
        self._body += statements(source, **parts)

    @contextmanager
    def block(self, source: str, times: int = 1, **parts: ast.expr) -> Iterator[None]:
        """What is added meanwhile stands in the body of a compound statement, and is run up to `times` times."""
        (opened,) = statements(f"{source}\n    pass", **parts)
        outer, self._body = self._body, []
        self._times *= times
        try:
            yield
        finally:
            self._times //= times
            opened.body = self._body or opened.body  # type: ignore[attr-defined]  # it is a compound statement
            self._body = [*outer, opened]

    def pay(self, *, steps: int = 0, work: int = 0, nodes: int = 0) -> None:
        """Counts what one run of the code here costs at most. Raises `Unsuited` where there is too much code."""
        self._written += nodes
        if self._written > _LONGEST_CODE:
            raise Unsuited
        self.steps += steps * self._times
        self.work += work * self._times
        self.nodes += nodes * self._times

    @contextmanager
    def repeated(self, times: int) -> Iterator[None]:
        """What is paid for meanwhile is paid up to `times` times."""
        self._times *= times
        try:
            yield
        finally:
            self._times //= times

    def function(self, parameters: str) -> Any:
        """The function whose body was written; `parameters` are those of its head."""
        module = ast.parse(f"def run({parameters}):\n    pass")
        module.body[0].body = self._body or module.body[0].body  # type: ignore[attr-defined]
        ast.fix_missing_locations(module)
        scope = dict(self.objects)
        exec(compile(module, "<program>", "exec"), scope)  # noqa: S102 - a tree that msgc made, never text
        return scope["run"]
