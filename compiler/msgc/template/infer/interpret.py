"""Interpreting: a template is walked with what its names can be, and gives what it can make and do wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from msgc.bounds.values import ANY_TEXT, ANYTHING, FALSE, NOTHING, TRUE, Value, of_text
from msgc.bounds.words import EMPTY
from msgc.template.infer.expressions import TooMuch
from msgc.template.infer.inferred import Decided, Inferred, Looped
from msgc.template.infer.notes import Notes
from msgc.template.infer.specials import NO_ELSE, LoopValue, Scope
from msgc.template.infer.statements import Statements, Way
from msgc.template.problem import Place, TemplateProblem
from msgc.template.spans import Spans

Open = Callable[[Place, str], tuple[nodes.Template, Spans]]


class Interpreter(Statements):
    """Walks one template. `open_file` gives the tree of a `.j2` file or raises TemplateProblem."""

    def __init__(self, sandbox: Any, open_file: Open, spans: Spans) -> None:
        super().__init__(sandbox.macros, Notes())
        self.sandbox = sandbox
        self.spans = spans
        self.modules = {}
        self._open = open_file

    def opened(self, path: str, place: Place) -> tuple[nodes.Template, Spans] | None:
        """The tree of a `.j2` file; None where it cannot be read, which is noted."""
        try:
            return self._open(place, path)
        except TemplateProblem as problem:
            self.note(problem.rule, place, problem.message, certain=True, help=problem.help)
            return None


def infer_text(interpreter: Interpreter, tree: nodes.Template, scope: Scope) -> Inferred:
    """What a template of text can print."""
    try:
        ways = interpreter.run(tree.body, [Way(scope, EMPTY)])
    except (TooMuch, RecursionError):
        return Inferred(ANY_TEXT, (), Notes(), whole=False)
    if not ways:
        return Inferred(NOTHING, (), interpreter.notes)
    text = ways[0].text
    longest = ways[0]
    for way in ways[1:]:
        text = text | way.text
        most, other = way.text.points.most, longest.text.points.most
        if other is not None and (most is None or most > other):
            longest = way
    return Inferred(of_text(text), longest.shares, interpreter.notes)


def infer_value(interpreter: Interpreter, node: nodes.Node, scope: Scope) -> Inferred:
    """What an expression can be."""
    try:
        value = interpreter.evaluate(node, scope)
        if value.special == NO_ELSE:  # as the whole of a value it is the empty text
            value = replace(value, special=None) | of_text(EMPTY)
        value = interpreter.demand(value, interpreter.spans.place(node))
        interpreter.demand_inside(value, interpreter.spans.place(node))
    except (TooMuch, RecursionError):
        return Inferred(ANYTHING, (), Notes(), whole=False)
    return Inferred(value, (), interpreter.notes)


def infer_condition(interpreter: Interpreter, node: nodes.Node, scope: Scope) -> Decided:
    """What a condition can be, and what is known where it holds and where it does not."""
    try:
        truth = interpreter.decide(node, scope)
        if isinstance(node, nodes.CondExpr):  # as a whole it must have a value
            interpreter.given(node, scope)
        yes = interpreter.assume(node, True, scope) if truth & TRUE else None
        no = interpreter.assume(node, False, scope) if truth & FALSE else None
    except (TooMuch, RecursionError):
        return Decided(scope, scope)
    return Decided(yes, no, interpreter.notes)


def infer_loop(
    interpreter: Interpreter, items: nodes.Node, names: tuple[str, ...], test: nodes.Node | None, scope: Scope
) -> Looped:
    """What the items of a loop of the tree can be."""
    stored = [nodes.Name(name, "store") for name in names]
    target = stored[0] if len(stored) == 1 else nodes.Tuple(list(stored), "store")

    def inner(item: Value, loop: LoopValue) -> Scope:
        return {**interpreter.bound(target, item, scope), "loop": Value(special=loop)}

    try:
        listed = interpreter.listed(interpreter.given(items, scope), interpreter.spans.place(items))
        if listed is not None:
            interpreter.unpacks(target, listed, interpreter.spans.place(items))
        sequence = None if listed is None else interpreter.kept(listed, target, test, scope)
    except (TooMuch, RecursionError):
        return Looped(ANYTHING.sequence, inner)
    return Looped(sequence, inner, interpreter.notes)
