"""The branches of a template's tree, in the words of their conditions and lists, and the files it can go through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import nodes

from msgc.template.branch import Branch, ListPath, failing, going, holding, passing
from msgc.template.spans import Spans


def branches_of_if(node: nodes.If, spans: Spans) -> tuple[list[Branch], Branch]:
    """Where the condition of an `if` and of each `elif` holds, and where none does."""
    places = [spans.place(part.test) for part in (node, *node.elif_)]
    otherwise = spans.opening(node.else_[0]) if node.else_ else None
    return [holding(place, places[:number]) for number, place in enumerate(places)], failing(places, otherwise)


def branches_of_choice(node: nodes.CondExpr, spans: Spans) -> tuple[Branch, Branch]:
    """Where the condition of `a if condition else b` holds, and where it does not."""
    place = spans.place(node.test)
    return holding(place), failing([place])


def branches_of_loop(node: nodes.For, items: nodes.Node, path: ListPath, spans: Spans) -> tuple[Branch, Branch | None]:
    """Where a loop over `items` has a round, and where it has none; None where it is seen to have one always.

    `path` is that of the list.
    """
    place = spans.place(items)
    kept = spans.place(node.test) if node.test is not None else None
    if kept is None and _never_empty(items):
        return going(place, kept), None
    otherwise = spans.opening(node.else_[0]) if node.else_ else None
    return going(place, kept), passing(place, kept, otherwise, path if kept is None else ())


def _never_empty(items: nodes.Node) -> bool:
    match items:
        case nodes.List() | nodes.Tuple():
            return bool(items.items)
        case nodes.Call(node=nodes.Name(name="range"), args=[_, *_] as bounds):
            numbers = [bound.value for bound in bounds if isinstance(bound, nodes.Const)]
            whole = len(numbers) == len(bounds) <= _MOST_BOUNDS and all(type(number) is int for number in numbers)
            return whole and 0 not in numbers[2:] and bool(range(*numbers))
        case _:
            return False


_MOST_BOUNDS = 3


def used_files(tree: nodes.Node, macros: Mapping[str, str]) -> Iterator[str]:
    """The paths of the files that a template includes, imports, or knows by a name of `macros` that it uses."""
    for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Name)):
        if not isinstance(node, nodes.Name):
            yield str(node.template.as_const())  # type: ignore[attr-defined]
        elif node.ctx == "load" and node.name in macros:
            yield macros[node.name]
