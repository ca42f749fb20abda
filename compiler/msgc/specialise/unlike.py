"""Code that makes sure that the texts of one place, such as the titles of all rows, are unlike each other."""

from __future__ import annotations

import ast
from typing import Any

from msgc.native.writer import Writer


class Unlike:
    """The texts of one place, as they are written.

    An empty text counts as any other, which the contract passes over: a message with two goes the long way.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._constants: list[Any] = []
        self._variables: list[ast.expr] = []
        self._gathered = writer.let(ast.List([], ast.Load()))
        self._varies = False

    def add(self, value: ast.expr, *, branched: bool) -> None:
        """One more text; `branched`, if the code here is not run once in every message."""
        if branched:
            self._varies = True
            self._writer.add("G.append(X)", G=self._gathered, X=value)
        elif isinstance(value, ast.Constant):
            self._constants.append(value.value)
        else:
            self._variables.append(value)

    def check(self) -> None:
        """Writes the check."""
        fixed = frozenset(self._constants)
        if len(fixed) < len(self._constants):
            self._writer.add("return None")
            return
        parts: dict[str, ast.expr] = {
            "G": self._gathered,
            "V": ast.Tuple(self._variables, ast.Load()),
            "F": self._writer.bind(fixed),
        }
        if self._varies or len(self._variables) > 1:
            self._writer.add("G += V\nif len(set(G)) < len(G) or not F.isdisjoint(G): return None", **parts)
        elif self._variables:
            source = " or ".join(f"V{number} in F" for number in range(len(self._variables)))
            tests = {f"V{number}": variable for number, variable in enumerate(self._variables)}
            self._writer.add(f"if {source}: return None", F=parts["F"], **tests)
