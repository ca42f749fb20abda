"""The form of a template: what it says without how it is written, so that two of them can be told to do the same.

Templates of one form make the same of the same values, given the same locale and the same files of macros. Those of
different forms may do so too: nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import nodes

Form = tuple[Hashable, ...]
"""A nested tuple. A text is `("text", part, …)`, of literals (`str`) and forms of what is printed or done."""

TEXT = "text"


class _Hidden(Exception):  # noqa: N818 - a name that is replaced is set in the template, so that it means two things
    pass


def text_form(pieces: Iterable[str | tuple[str, ...]], names: Mapping[str, Form]) -> Form:
    """The form of a text of literals and dotted paths. `names` are replaced by their forms."""
    return (TEXT, *_merged(part for piece in pieces for part in _piece(piece, names)))


def path_form(path: tuple[str, ...], names: Mapping[str, Form]) -> Form:
    """The form of the value at a dotted path."""
    form = names.get(path[0], ("Name", path[0]))
    for key in path[1:]:
        form = ("Getattr", form, key)
    return form


def tree_form(tree: nodes.Template, names: Mapping[str, Form]) -> Form | None:
    """The form of a template's text; None where a name that is replaced is set in it."""
    try:
        return (TEXT, *_merged(_parts(tree.body, names)))
    except _Hidden:
        return None


def value_form(node: nodes.Node, names: Mapping[str, Form]) -> Form | None:
    """The form of an expression's value; None where a name that is replaced is set in it."""
    try:
        return _form(node, names)
    except _Hidden:
        return None


def _piece(piece: str | tuple[str, ...], names: Mapping[str, Form]) -> Iterator[Hashable]:
    if isinstance(piece, str):
        yield piece
    else:
        yield from _printed(path_form(piece, names))


def _printed(form: Form) -> Iterator[Hashable]:
    """The parts of a text that an expression of this form prints."""
    if form[0] == TEXT:
        yield from form[1:]
    elif form[0] == "Const" and form[1] == "str":
        yield form[2]
    else:
        yield form


def _merged(parts: Iterable[Hashable]) -> Iterator[Hashable]:
    """The parts, with neighbouring literals as one and without empty ones."""
    literal = ""
    for part in parts:
        if isinstance(part, str):
            literal += part
            continue
        if literal:
            yield literal
            literal = ""
        yield part
    if literal:
        yield literal


def _parts(body: Iterable[nodes.Node], names: Mapping[str, Form]) -> Iterator[Hashable]:
    for node in body:
        if isinstance(node, nodes.Output):
            for each in node.nodes:
                if isinstance(each, nodes.TemplateData):
                    yield each.data
                else:
                    yield from _printed(_form(each, names))
        else:
            yield _form(node, names)


def _form(node: nodes.Node, names: Mapping[str, Form]) -> Form:
    if isinstance(node, nodes.Name):
        if node.ctx != "load" and node.name in names:
            raise _Hidden
        return names.get(node.name, ("Name", node.name))
    if isinstance(node, nodes.Getattr):
        return ("Getattr", _form(node.node, names), node.attr)
    if isinstance(node, nodes.Const):
        return constant_form(node.value)
    return (type(node).__name__, *(_field(value, names) for _, value in node.iter_fields(exclude=("ctx",))))


def constant_form(value: Any) -> Form:
    """The form of a plain value."""
    if isinstance(value, Mapping):
        return ("Const", "dict", *sorted((key, constant_form(item)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        return ("Const", "list", *map(constant_form, value))
    return ("Const", type(value).__name__, value)


def _field(value: Any, names: Mapping[str, Form]) -> Hashable:
    if isinstance(value, nodes.Node):
        return _form(value, names)
    if isinstance(value, list | tuple):
        if any(isinstance(item, nodes.Output) for item in value):
            return (TEXT, *_merged(_parts(value, names)))
        return tuple(_field(item, names) for item in value)
    if isinstance(value, str) and value in names:
        raise _Hidden  # the name of a macro, or of what an import sets
    return value if isinstance(value, Hashable) else repr(value)
