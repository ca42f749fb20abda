"""What can be said of a template before it runs: what is not offered, what does not exist, what it reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NoReturn

from jinja2 import nodes

from msgc.diagnostic import nearest
from msgc.template.generate import ROUNDS, WEIGHT
from msgc.template.lexing import syntax
from msgc.template.problem import Place, TemplateProblem
from msgc.template.reference import Reference
from msgc.template.spans import Spans


def prepare(tree: nodes.Node, spans: Spans, filters: Collection[str], tests: Collection[str]) -> int:
    """Refuses what is not offered, and makes loops and macros countable. Raises TemplateProblem.

    The result is the weight of the whole: what one run costs beside its loops, calls and operators.
    """
    everything = list(_walk(tree))
    for node in everything:
        if isinstance(node, nodes.Filter) and node.name not in filters:
            unknown("filter", node.name, filters, spans.name(node))
        if isinstance(node, nodes.Test) and node.name not in tests:
            unknown("test", node.name, tests, spans.name(node))
        if isinstance(node, (nodes.Filter, nodes.Test, nodes.Call)):
            _check_keywords(node, spans)
        if isinstance(node, (nodes.Include, nodes.Import, nodes.FromImport)):
            _check_path(node, spans)
        if isinstance(node, nodes.Name) and node.name in ("self", "super"):
            place = spans.place(node)
            raise syntax(f"`{node.name}` is not available in messages", place.start, place.end)
        if isinstance(node, (nodes.Macro, nodes.CallBlock)):
            _check_signature(node, spans)
        if isinstance(node, nodes.For):
            node.iter = nodes.Filter(node.iter, ROUNDS, [], [], None, None, lineno=node.iter.lineno)
        if isinstance(node, (nodes.For, nodes.Macro, nodes.CallBlock)):
            _add_weight(node)
    return len(everything) // _NODES_A_STEP


_NODES_A_STEP = 20


def _add_weight(node: nodes.For | nodes.Macro | nodes.CallBlock) -> None:
    """Lets each run of a large body cost more than one step: no body is free because it only prints."""
    weight = sum(1 for part in node.body for _ in _walk(part)) // _NODES_A_STEP
    if weight:
        toll = nodes.Filter(None, WEIGHT, [nodes.Const(weight)], [], None, None, lineno=node.lineno)
        node.body = [nodes.ExprStmt(toll, lineno=node.lineno), *node.body]


def _walk(tree: nodes.Node) -> Iterator[nodes.Node]:
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(list(node.iter_child_nodes()))


def unknown(what: str, name: str, known: Collection[str], place: Place | None) -> NoReturn:
    """Raises the problem of a filter or a test that does not exist."""
    if what == "filter" and name in _NOT_OFFERED:
        problem = TemplateProblem(
            "unknown-filter", f"the filter `{name}` is not available in messages", help=_NOT_OFFERED[name]
        )
    else:
        meant = _MEANT.get(name) if what == "filter" else None
        near = meant or nearest(name, [entry for entry in known if entry.isidentifier()])
        problem = TemplateProblem(
            f"unknown-{what}",
            f"there is no {what} `{name}`",
            help=f"did you mean `{near}`?" if near else f"`msgc explain unknown-{what}` lists them",
        )
    raise problem.at(place) if place is not None else problem


_MEANT = {
    **dict.fromkeys(("strftime", "dateformat", "format_date", "datetime", "date_format", "todate"), "date"),
    **dict.fromkeys(("format_time", "timeformat"), "time"),
    **dict.fromkeys(("currency", "format_currency", "price"), "money"),
    **dict.fromkeys(("format_number", "number_format", "intcomma", "floatformat", "decimal"), "number"),
    **dict.fromkeys(("pluralize", "ngettext"), "plural"),
    **dict.fromkeys(("truncatechars", "ellipsis", "cut"), "shorten"),
    "strip": "trim",
    "len": "length",
    "size": "length",
    "str": "string",
    "capfirst": "capitalize",
}
"""What filters of other systems, and functions of Python, are called here."""
_PLAIN = "messages are plain text: leave it out"
_NOT_OFFERED = {
    "random": "a message is the same each time it is made: choose before, and give it the choice",
    "pprint": "print the values one by one",
    "tojson": "put the value into `callbackData` as it is: `key: '{{ value }}'`",
    "attr": "write `a.b`, or `a['b']`",
    **dict.fromkeys(("xmlattr", "urlize", "safe", "escape", "e", "forceescape", "striptags"), _PLAIN),
}


def _check_keywords(node: nodes.Filter | nodes.Test | nodes.Call, spans: Spans) -> None:
    seen: set[str] = set()
    for keyword in node.kwargs:
        key = str(keyword.key)
        if key in seen:
            place = spans.place(node)
            raise syntax(f"the argument `{key}` is given twice", place.start, place.end)
        seen.add(key)


def _check_signature(node: nodes.Macro | nodes.CallBlock, spans: Spans) -> None:
    names = [argument.name for argument in node.args]
    for argument in node.args:
        if names.count(argument.name) > 1:
            place = spans.place(argument)
            raise syntax(f"the argument `{argument.name}` is named twice", place.start, place.end)


def _check_path(node: nodes.Include | nodes.Import | nodes.FromImport, spans: Spans) -> None:
    word, past = ("include", "included") if isinstance(node, nodes.Include) else ("import", "imported")
    template = node.template
    if not (isinstance(template, nodes.Const) and isinstance(template.value, str)):
        raise TemplateProblem(
            "template-include",
            f"the path of an {word} must be written out",
            help="write it in quotes: `'parts/name.j2'`",
        ).at(spans.place(template))
    if not template.value.endswith(".j2"):
        raise TemplateProblem(
            "template-include", f"only files that end in `.j2` can be {past}", found=f"`{template.value}`"
        ).at(spans.place(template))
    if isinstance(node, nodes.Include) and node.ignore_missing:
        raise TemplateProblem(
            "template-unsupported",
            "`ignore missing` is not available: a file that is missing is an error",
            help="leave out `ignore missing`",
        ).at(spans.tag(node))


def references(tree: nodes.Node, spans: Spans, hidden: Collection[str]) -> tuple[Reference, ...]:
    """The names that a template reads from outside, in the order of the text; `hidden` names are left out.

    A name that a branch may have set counts as set afterwards.
    """
    found: list[Reference] = []
    _Reader(spans, found)._read(tree, set(hidden), guarded=False)  # noqa: SLF001
    return tuple(sorted(found, key=lambda reference: (reference.start, reference.end)))


class _Reader:
    def __init__(self, spans: Spans, found: list[Reference]) -> None:
        self._spans = spans
        self._found = found

    def _read(self, node: nodes.Node | None, known: set[str], *, guarded: bool) -> None:  # noqa: C901
        """Notes what a node reads; the names that it sets are added to `known`."""
        match node:
            case None:
                pass
            case nodes.Name(ctx="load"):
                if node.name not in known:
                    place = self._spans.place(node)
                    self._found.append(Reference(node.name, place.start, place.end, guarded))
            case nodes.Name():
                known.add(node.name)
            case nodes.For():
                self._read(node.iter, known, guarded=False)
                inner = set(known)
                self._read(node.target, inner, guarded=False)
                self._read(node.test, set(inner), guarded=False)
                self._all(node.body, inner | {"loop"})
                self._all(node.else_, set(known))
            case nodes.Macro() | nodes.CallBlock():
                self._all(node.defaults, known)
                if isinstance(node, nodes.Macro):
                    known.add(node.name)
                else:
                    self._read(node.call, known, guarded=False)
                arguments = {argument.name for argument in node.args}
                self._all(node.body, known | arguments | {"caller", "varargs", "kwargs"})
            case nodes.With():
                self._all(node.values, known)
                inner = set(known)
                self._all(node.targets, inner)
                self._all(node.body, inner)
            case nodes.Assign():
                self._read(node.node, known, guarded=False)
                self._read(node.target, known, guarded=False)
            case nodes.AssignBlock():
                self._read(node.filter, known, guarded=False)
                self._all(node.body, set(known))
                self._read(node.target, known, guarded=False)
            case nodes.FilterBlock():
                self._read(node.filter, known, guarded=False)
                self._all(node.body, set(known))
            case nodes.Import():
                known.add(node.target)
            case nodes.FromImport():
                known.update(name[1] if isinstance(name, tuple) else name for name in node.names)
            case nodes.Test(name="defined" | "undefined") | nodes.Filter(name="default" | "d"):
                self._read(node.node, known, guarded=True)
                self._all([*node.args, *node.kwargs], known)
            case nodes.Getattr() | nodes.Getitem() if guarded:
                self._read(node.node, known, guarded=True)
                if isinstance(node, nodes.Getitem):
                    self._read(node.arg, known, guarded=False)
            case _:
                self._all(node.iter_child_nodes(), known)

    def _all(self, found: object, known: set[str]) -> None:
        for node in found:  # type: ignore[attr-defined]
            self._read(node, known, guarded=False)
