"""Pieces of Python's syntax: written as source here in msgc, and filled in with trees."""

from __future__ import annotations

import ast
import copy
from functools import cache
from typing import Any, cast


class _Filling(ast.NodeTransformer):
    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self._parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        part = self._parts.get(node.id)
        if part is None:
            return node
        return ast.Name(part.id, node.ctx) if isinstance(part, ast.Name) else part


@cache
def _parsed(source: str) -> list[ast.stmt]:
    return ast.parse(source).body


def statements(source: str, **parts: ast.expr) -> list[ast.stmt]:
    """Statements in which each name of `parts` stands for its tree."""
    filling = _Filling(parts)
    return [filling.visit(copy.deepcopy(statement)) for statement in _parsed(source)]


def expression(source: str, **parts: ast.expr) -> ast.expr:
    """An expression in which each name of `parts` stands for its tree."""
    (statement,) = statements(source, **parts)
    return cast("ast.Expr", statement).value


def name(identifier: str) -> ast.Name:
    """A variable."""
    return ast.Name(identifier, ast.Load())


def constant(value: Any) -> ast.Constant:
    """A text, number, bytes, true, false or null, as it is."""
    return ast.Constant(value)


def text_of(parts: list[str | ast.expr]) -> ast.expr:
    """The expression that joins texts, numbers and constant texts."""
    merged: list[str | ast.expr] = []
    for each in parts:
        part = str(each.value) if isinstance(each, ast.Constant) else each
        last = merged[-1] if merged else None
        if isinstance(part, str) and isinstance(last, str):
            merged[-1] = last + part
        elif part != "":
            merged.append(part)
    if not merged:
        return constant("")
    if len(merged) == 1 and isinstance(merged[0], str):
        return constant(merged[0])
    return ast.JoinedStr([constant(each) if isinstance(each, str) else _formatted(each) for each in merged])


def _formatted(value: ast.expr) -> ast.expr:
    return ast.FormattedValue(value, -1, None)


def filtered(items: ast.expr, item: ast.Name, test: ast.expr) -> ast.expr:
    """The list of the items for which a test is true; in the test, `item` is the one that is looked at."""
    made = expression("[X for X in L if C]", X=item, L=items, C=test)
    assert isinstance(made, ast.ListComp)
    made.generators[0].target = ast.Name(item.id, ast.Store())
    return made
