"""Whether two definitions do the same for all values, as far as that is seen without any value.

Both are brought into one form: fragments stand where they are included, their parameters are replaced by what they are
bound to, and templates count for what they say. Definitions of one form make the same payloads of the same completed
values; those of different forms may do so too.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

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
    Repeated,
)
from msgc.document import Path
from msgc.parameters import Parameters
from msgc.parameters.likeness import holds_defaults, same

if TYPE_CHECKING:
    from msgc.template.form import Form

_FILES = frozenset(("Include", "Import", "FromImport"))


def same_form(before: Definition, after: Definition, *, macros: Collection[str] | None) -> bool:
    """Whether two definitions are seen to make the same payload of any values that both take.

    `macros` are the names of macros where files of macros may differ, None where they are all the same.
    """
    forms = form_of(before), form_of(after)
    if forms[0] != forms[1]:
        return False
    plain = not any(_uses(forms[0], frozenset({"Filter", "Call", *_FILES})))
    if not plain and before.locale != after.locale:
        return False
    return macros is None or not _goes_elsewhere(forms[0], macros)


def differing_places(before: Definition, after: Definition) -> list[Path]:
    """The places of the payload that are made differently; the whole is an empty path."""
    return list(dict.fromkeys(_differing(form_of(before), form_of(after), ())))


def form_of(definition: Definition) -> Form:
    """The form of a definition's request."""
    return _form(definition.body, {}, definition.parameters)


def _form(node: Node, names: Mapping[str, Form], parameters: Parameters) -> Form:
    if isinstance(node, Constant):
        return ("value", _constant(node.value))
    if isinstance(node, Leaf):
        return _leaf(node, names)
    if isinstance(node, Fields):
        entries = ((key, _form(child, names, parameters)) for key, child in node.entries)
        return ("fields", *sorted(entries, key=lambda entry: entry[0]))
    if isinstance(node, Items):
        return ("items", *(item for child in node.entries for item in _items(child, names, parameters)))
    if isinstance(node, Guarded):
        condition = node.condition.form(names, text=False)
        return ("if", _known(condition), _form(node.node, names, parameters))
    if isinstance(node, Repeated):
        return ("for", _known(node.loop.form(names)), *_items(node.node, names, parameters))
    if isinstance(node, Address):
        return ("address", _form(node.node, names, parameters))
    return _included(node, names, parameters)


def _leaf(node: Leaf, names: Mapping[str, Form]) -> Form:
    is_text = node.wanted == "string" or (node.wanted == "any" and node.template.kind != "expression")
    form = _known(node.template.form(names, text=is_text))
    if is_text and all(isinstance(part, str) for part in form[1:]):
        return ("value", _constant("".join(str(part) for part in form[1:])))
    return form if is_text else ("leaf", node.wanted, form)


def _items(node: Node, names: Mapping[str, Form], parameters: Parameters) -> Iterator[Form]:
    """The forms of what stands in a list: an included list is spliced into the one around it."""
    form = _form(node, names, parameters)
    if isinstance(node, Included) and form[0] == "items":
        yield from form[1:]  # type: ignore[misc]  # the forms of its items
    else:
        yield form


def _included(node: Included, names: Mapping[str, Form], parameters: Parameters) -> Form:
    inner = node.fragment.parameters
    inside: dict[str, Form] = {}
    checks: list[Hashable] = []
    for name, binding in node.bindings:
        inside[name] = _binding(binding, names, parameters)
        if not isinstance(binding, Constant) and not _takes_the_same(binding, parameters, inner, name):
            checks.append((name, _constant(inner.schema["properties"].get(name))))
    for name, value in inner.complete({}).items():
        inside.setdefault(name, _constant(value))
    content = _form(node.fragment.content, inside, inner)
    # What the fragment refuses or fills in itself is more than its content says.
    return ("checked", tuple(checks), content) if checks else content


def _binding(node: Node, names: Mapping[str, Form], parameters: Parameters) -> Form:
    if isinstance(node, Constant):
        return _constant(node.value)
    if isinstance(node, Leaf):
        return _known(node.template.form(names, text=node.template.kind != "expression"))
    return ("made", _form(node, names, parameters))


def _takes_the_same(node: Node, outer: Parameters, inner: Parameters, name: str) -> bool:
    """Whether a fragment's parameter takes every value that it is given, and fills nothing in."""
    wanted = inner.schema["properties"].get(name)
    if holds_defaults(inner.schema, [wanted]) or not isinstance(node, Leaf):
        return False
    if wanted in (True, {}) or (wanted == {"type": "string"} and node.template.kind == "text"):
        return True
    given = node.template.form({}, text=False) if node.template.kind == "expression" else None
    if given is None or given[0] != "Name":
        return False
    mine = outer.schema["properties"].get(given[1])
    if mine is None:
        return False
    if isinstance(mine, Mapping) and wanted == {"type": mine.get("type")}:
        return True
    return same(outer.schema, mine, inner.schema, wanted)


def _constant(value: Any) -> Form:
    if isinstance(value, Mapping):
        return ("Const", "dict", *sorted((key, _constant(item)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        return ("Const", "list", *map(_constant, value))
    return ("Const", type(value).__name__, value)


def _known(form: Form | None) -> Form:
    """A form, or one that is like no other."""
    return ("unknown", object()) if form is None else form


def _uses(form: Hashable, words: Collection[str]) -> Iterator[bool]:
    if isinstance(form, tuple):
        if form and form[0] in words:
            yield True
        for part in form:
            yield from _uses(part, words)


def _goes_elsewhere(form: Hashable, macros: Collection[str]) -> bool:
    """Whether a form goes through a file of macros."""
    if not isinstance(form, tuple):
        return False
    if form and (form[0] in _FILES or (form[0] == "Name" and form[1] in macros)):
        return True
    return any(_goes_elsewhere(part, macros) for part in form)


def _differing(before: Hashable, after: Hashable, path: Path) -> Iterator[Path]:
    if before == after:
        return
    if _kind(before) == _kind(after) == "fields":
        mine, theirs = _entries(before), _entries(after)
        for key in dict.fromkeys([*theirs, *mine]):
            yield from _differing(mine.get(key), theirs.get(key), (*path, key))
    elif _kind(before) == _kind(after) == "items" and _length(before) == _length(after):
        for index, (one, other) in enumerate(zip(_rest(before), _rest(after), strict=True)):
            yield from _differing(one, other, (*path, index))
    elif _kind(before) == _kind(after) and _kind(before) in ("if", "for", "address") and _same_head(before, after):
        for one, other in zip(_rest(before), _rest(after), strict=True):
            yield from _differing(one, other, path)
    else:
        yield path


def _kind(form: Hashable) -> Hashable:
    return form[0] if isinstance(form, tuple) and form else None


def _rest(form: Hashable) -> tuple[Hashable, ...]:
    return form[1:] if isinstance(form, tuple) else ()


def _length(form: Hashable) -> int:
    return len(_rest(form))


def _same_head(before: Hashable, after: Hashable) -> bool:
    return _length(before) == _length(after) and _rest(before)[:1] == _rest(after)[:1]


def _entries(form: Hashable) -> dict[str, Hashable]:
    entries: Iterable[Any] = _rest(form)
    return dict(entries)
