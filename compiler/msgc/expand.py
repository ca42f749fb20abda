"""Expanding: a definition and values become a payload.

Structure words are resolved and leaves rendered; the payload remembers which node made each of its parts. The work
is counted, so that a definition that would go on for ever is refused, on every machine at the same point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from msgc.contract import Contract
from msgc.definition import (
    Address,
    Constant,
    Definition,
    Fields,
    Guarded,
    Included,
    Items,
    Leaf,
    Node,
    Origin,
    Repeated,
)
from msgc.diagnostic import Diagnostic, Rejected, Related
from msgc.document import Path
from msgc.leaves import template_finding
from msgc.payload import Payload, Trace
from msgc.rules import finding
from msgc.scalars import content_span
from msgc.source import Span
from msgc.template import TemplateProblem, one_message
from msgc.wording import quote

if TYPE_CHECKING:
    from msgc.coverage import Record  # only few runs keep one

MAX_NODES = 20_000
"""How many parts a payload may have, `$for` and `$include` expanded."""

_REMOVED = object()


def expand(definition: Definition, values: Mapping[str, Any]) -> Payload:
    """The payload for values that fit the definition's parameters, defaults applied.

    Raises `Rejected` with every problem found in leaves and structure words.
    """
    payload, problems = expand_partly(definition, values)
    if problems:
        raise Rejected(*problems)
    return payload


def expand_partly(
    definition: Definition, values: Mapping[str, Any], record: Record | None = None
) -> tuple[Payload, list[Diagnostic]]:
    """The payload as far as it can be made, and the problems found in leaves and structure words.

    What could not be made is marked in the payload's trace. `record` is told of the branches that it goes. Raises
    `Rejected` for a payload beyond all bounds.
    """
    expander = _Expander(record)
    with one_message(record):
        data, trace = expander.expand(definition.body, dict(values), ())
    return Payload(definition, data, trace), _distinct(expander.problems)


def address_fields(text: str, contract: Contract) -> dict[str, str]:
    """A phone number or BSUID as the object that the API wants in `sender` and `recipient`."""
    key = "userId" if contract.is_user_id(text) else "id"
    return {key: text, "channelType": "whatsapp"}


@dataclass
class _Expander:
    record: Record | None = None
    problems: list[Diagnostic] = field(default_factory=list)
    count: int = 0

    def expand(self, node: Node, scope: dict[str, Any], through: tuple[Origin, ...]) -> tuple[Any, Trace]:
        """A node's value and its trace; the value is `_REMOVED` where an `$if` says so."""
        self._count(node)
        if isinstance(node, Constant):
            return node.value, Trace(node, scope, through)
        if isinstance(node, Leaf):
            return self._leaf(node, scope, through)
        if isinstance(node, Fields):
            return self._fields(node, scope, through)
        if isinstance(node, Items):
            return self._items(node, scope, through)
        if isinstance(node, Guarded):
            holds = self._holds(node, scope, through)
            if holds:
                return self.expand(node.node, scope, through)
            return _REMOVED, Trace(node, scope, through, failed=holds is None)
        if isinstance(node, Included):
            return self._included(node, scope, through)
        if isinstance(node, Address):
            value, trace = self.expand(node.node, scope, through)
            fields = address_fields(value, node.contract) if isinstance(value, str) else {}
            return fields, replace(trace, children=dict.fromkeys(fields, trace))
        raise AssertionError(f"{type(node).__name__} stands outside a list")

    def _fields(self, node: Fields, scope: dict[str, Any], through: tuple[Origin, ...]) -> tuple[Any, Trace]:
        data: dict[str, Any] = {}
        children: dict[str | int, Trace] = {}
        for key, child in node.entries:
            value, trace = self.expand(child, scope, through)
            if value is not _REMOVED:
                data[key] = value
            children[key] = trace
        return data, Trace(node, scope, through, children)

    def _items(self, node: Items, scope: dict[str, Any], through: tuple[Origin, ...]) -> tuple[Any, Trace]:
        data: list[Any] = []
        children: dict[str | int, Trace] = {}
        failed = False
        for child in node.entries:
            for value, trace in self._item(child, scope, through):
                if value is _REMOVED:
                    failed = failed or trace.failed  # nobody knows how many items there would be
                    continue
                children[len(data)] = trace
                data.append(value)
        return data, Trace(node, scope, through, children, failed)

    def _item(self, node: Node, scope: dict[str, Any], through: tuple[Origin, ...]) -> list[tuple[Any, Trace]]:
        if isinstance(node, Repeated):
            return self._repeated(node, scope, through)
        spliced = node.node if isinstance(node, Guarded) else node
        value, trace = self.expand(node, scope, through)
        if isinstance(spliced, Included) and isinstance(value, list) and trace.children is not None:
            return [(item, trace.children[index]) for index, item in enumerate(value)]
        return [(value, trace)]

    def _repeated(self, node: Repeated, scope: dict[str, Any], through: tuple[Origin, ...]) -> list[tuple[Any, Trace]]:
        made: list[tuple[Any, Trace]] = []
        self._at(node.origin)
        some = False
        try:
            for inner in node.loop.rounds(scope):
                some = True
                self._count(node)
                made += self._item(node.node, inner, through)
            self._goes(node.origin, some)
        except TemplateProblem as problem:
            self._note_template(problem, node.origin, through)
            made.append((_REMOVED, Trace(node, scope, through, failed=True)))
        return made

    def _leaf(self, node: Leaf, scope: dict[str, Any], through: tuple[Origin, ...]) -> tuple[Any, Trace]:
        self._at(node.origin)
        try:
            if node.wanted == "string" or (node.wanted == "any" and node.template.kind != "expression"):
                return node.template.render(scope), Trace(node, scope, through)
            value = node.template.evaluate(scope)
        except TemplateProblem as problem:
            self._note_template(problem, node.origin, through)
            return "", Trace(node, scope, through, failed=True)
        fits = _fits(value, node.wanted)
        if not fits:
            start, end = node.template.expressions[0]
            self._note(
                finding(
                    "wrong-type",
                    f"the expression makes {_kind(value)} where {_WANTED[node.wanted]} belongs",
                    content_span(node.origin.document, node.origin.path, start, end),
                    found=quote(value),
                    allowed=_WANTED[node.wanted],
                    help="declare the parameter with that type, or convert it with `| int` or `| float`",
                ),
                through,
            )
        return value, Trace(node, scope, through, failed=not fits)

    def _included(self, node: Included, scope: dict[str, Any], through: tuple[Origin, ...]) -> tuple[Any, Trace]:
        values: dict[str, Any] = {}
        traces: dict[str, Trace] = {}
        before = len(self.problems)
        for name, binding in node.bindings:
            value, trace = self.expand(binding, scope, through)
            if value is not _REMOVED:
                values[name] = value
                traces[name] = trace
        if len(self.problems) > before:
            return "", Trace(node, scope, through, failed=True)
        parameters = node.fragment.parameters
        values = parameters.complete(values)
        violations = parameters.judge(values)
        if violations:

            def locate(path: Path, at_key: bool) -> Span:
                trace = traces.get(str(path[0])) if path else None
                if trace is None:
                    return node.bindings_origin.key_span if path else node.origin.span
                return trace.origin.key_span if at_key else trace.origin.span

            for problem in parameters.explain(violations, locate):
                if problem.rule == "missing-parameter":
                    problem = replace(problem, help="Give it a value in `$with`, or a `default` in the fragment")
                self._note(problem, through)
            return "", Trace(node, scope, through, failed=True)
        return self.expand(node.fragment.content, values, (*through, node.origin))

    def _holds(self, node: Guarded, scope: dict[str, Any], through: tuple[Origin, ...]) -> bool | None:
        self._at(node.origin)
        try:
            holds = bool(node.condition.evaluate(scope))
        except TemplateProblem as problem:
            self._note_template(problem, node.origin, through)
            return None
        self._goes(node.origin, holds)
        return holds

    def _at(self, origin: Origin) -> None:
        """The templates that run now are those at `origin`."""
        if self.record is not None:
            self.record.at(origin)

    def _goes(self, origin: Origin, outcome: bool) -> None:
        if self.record is not None:
            self.record.at(origin)
            self.record.note(outcome)

    def _note_template(self, problem: TemplateProblem, origin: Origin, through: tuple[Origin, ...]) -> None:
        self._note(template_finding(problem, origin), through)
        if problem.ends_message:
            raise Rejected(*_distinct(self.problems))

    def _note(self, problem: Diagnostic, through: tuple[Origin, ...]) -> None:
        related = tuple(Related(origin.span, "included here") for origin in reversed(through))
        self.problems.append(replace(problem, related=(*problem.related, *related)))

    def _count(self, node: Node) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise Rejected(
                *self.problems,
                finding(
                    "payload-limit",
                    f"the payload grows beyond {MAX_NODES:,} parts",
                    node.origin.span,
                    help="no list of the API takes more than ten rows: go over a shorter list",
                ),
            )


_WANTED = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "any": "a JSON value",
}


def _fits(value: Any, wanted: str) -> bool:
    if wanted == "boolean":
        return isinstance(value, bool)
    if wanted == "any":
        return True
    if isinstance(value, bool):
        return False
    return isinstance(value, int) if wanted == "integer" else isinstance(value, int | float)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    for kind, word in (
        (str, "text"),
        (int | float, "a number"),
        (dict, "an object"),
        (list | tuple, "a list"),
    ):
        if isinstance(value, kind):
            return word
    return "something that is not JSON"


def _distinct(problems: list[Diagnostic]) -> list[Diagnostic]:
    seen: dict[Any, Diagnostic] = {}
    for problem in problems:
        seen.setdefault((problem.rule, problem.span, problem.message), problem)
    return list(seen.values())
