"""Where the lists of a template's loops come from: paths that begin with a name that it reads from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from jinja2 import nodes

from msgc.template.branch import ListPath

_Known: TypeAlias = Mapping[str, ListPath]


def list_paths(tree: nodes.Node) -> dict[int, ListPath]:
    """The path of the list that each loop of a template goes over, by the identity of the loop's node."""
    loops = list(tree.find_all(nodes.For))
    if not loops:
        return {}
    targets = {id(name) for loop in loops for name in _names(loop.target)}
    set_here = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store" and id(name) not in targets}
    for node in tree.find_all(nodes.FromImport):
        set_here |= {name[1] if isinstance(name, tuple) else name for name in node.names}
    found: dict[int, ListPath] = {}
    _note(tree, dict.fromkeys(set_here, ()), frozenset(set_here), found)
    return found


def path_of(items: nodes.Node, known: _Known) -> ListPath:
    """The path of `a.b.c`, where `known` names are something else than what stands outside; else nothing."""
    match items:
        case nodes.Name():
            return known.get(items.name, (items.name,))
        case nodes.Getattr():
            before = path_of(items.node, known)
            return (*before, items.attr) if before else ()
        case _:
            return ()


def paths_of_names(loop: nodes.For, path: ListPath) -> dict[str, ListPath]:
    """What the names of a loop over the list at a path are in its rounds."""
    if isinstance(loop.target, nodes.Name) and path and not loop.recursive:
        return {loop.target.name: (*path, None)}
    return {name.name: () for name in _names(loop.target)}


def _names(target: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(target, nodes.Name):
        yield target
    yield from target.find_all(nodes.Name)


def _note(node: nodes.Node, known: _Known, set_here: frozenset[str], found: dict[int, ListPath]) -> None:
    if not isinstance(node, nodes.For):
        given = _given(node)
        for child in node.iter_child_nodes():
            _note(child, {**known, **dict.fromkeys(given, ())} if given else known, set_here, found)
        return
    path = found[id(node)] = path_of(node.iter, known)
    inner = {name: () if name in set_here else where for name, where in paths_of_names(node, path).items()}
    for child in node.body:
        _note(child, {**known, **inner}, set_here, found)
    for child in node.else_:
        _note(child, known, set_here, found)


def _given(node: nodes.Node) -> list[str]:
    """The names that a node gives to what is in it: arguments of a macro, names of a `with`."""
    if isinstance(node, (nodes.Macro, nodes.CallBlock)):
        return [argument.name for argument in node.args]
    if isinstance(node, nodes.With):
        return [name.name for target in node.targets for name in _names(target)]
    return []
