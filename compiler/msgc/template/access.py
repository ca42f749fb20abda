"""How a template reaches into a value: keys, items, and the few attributes that there are."""

from __future__ import annotations

from typing import Any

from jinja2.runtime import LoopContext
from jinja2.utils import Namespace

from msgc.diagnostic import enumerate_words, nearest
from msgc.template.problem import TemplateProblem
from msgc.template.values import LISTS, Group, Missing, Module, demand, kind, show

_LOOP_VALUES = frozenset(
    {"index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"}
    | {"previtem", "nextitem", "cycle", "changed"}
)
_SHOWN_KEYS = 8


def attribute(value: Any, name: str) -> Any:
    """`value.name`; what is not there is a missing value.

    Raises TemplateProblem where the value has no attributes at all.
    """
    demand(value)
    if isinstance(value, dict):
        return value[name] if name in value else _no_key(value, name)
    if isinstance(value, Module):
        return exported(value, name)
    if isinstance(value, LoopContext):
        if name in _LOOP_VALUES:
            return getattr(value, name)
        near = nearest(name, _LOOP_VALUES)
        raise TemplateProblem(
            "template-attribute",
            f"the loop has no `{name}`",
            help=f"did you mean `loop.{near}`?" if near else None,
        )
    if isinstance(value, Namespace):
        stored = object.__getattribute__(value, "_Namespace__attrs")
        return stored[name] if name in stored else _no_key(stored, name)
    if isinstance(value, Group) and name in Group._fields:
        return value[Group._fields.index(name)]
    raise _no_attributes(value, name)


def item(value: Any, key: Any) -> Any:
    """`value[key]`; what is not there is a missing value.

    Raises TemplateProblem where there can be no such item.
    """
    demand(value)
    demand(key)
    if isinstance(value, dict):
        known = isinstance(key, (str, int, float, bool, type(None))) and key in value
        return value[key] if known else _no_key(value, key)
    if isinstance(value, (str, *LISTS)) and type(key) is int:
        if -len(value) <= key < len(value):
            return value[key]
        unit = "character" if isinstance(value, str) else "item"
        count = f"are {len(value)} {unit}s" if len(value) > 1 else f"is only 1 {unit}" if value else f"are no {unit}s"
        return Missing(
            f"there is no {unit} {key}",
            rule="undefined-key",
            help=f"there {count}; the first is number 0" if value else f"there {count}",
        )
    if isinstance(key, str):
        return attribute(value, key)
    raise TemplateProblem(
        "template-error",
        f"{kind(value)} has no items that {kind(key)} could name",
        found=f"{show(value)}, {show(key)}",
    )


def exported(module: Module, name: str) -> Any:
    """A public macro or variable of a file of macros."""
    if name in module.exported:
        return module.exported[name]
    near = nearest(name, module.exported)
    names = ", ".join(f"`{known}`" for known in sorted(module.exported))
    return Missing(
        f"`{module.name}` has no macro `{name}`",
        help=f"did you mean `{near}`?" if near else f"it has {names}" if names else "it has no macros",
    )


def _no_key(value: dict[Any, Any], key: Any) -> Missing:
    name = f"`{key}`" if isinstance(key, str) else show(key)
    texts = [known for known in value if isinstance(known, str)]
    near = nearest(key, texts) if isinstance(key, str) else None
    if key in ("items", "keys", "values", "get"):
        hint = "an object has keys and no methods; its keys and values are `order | items`"
    elif near is not None:
        hint = f"did you mean `{near}`?"
    elif texts:
        shown = [f"`{known}`" for known in texts[:_SHOWN_KEYS]]
        hint = f"its keys are {enumerate_words(shown, 'and')}" if len(texts) <= _SHOWN_KEYS else ""
    else:
        hint = "it has no keys"
    return Missing(f"there is no key {name}", rule="undefined-key", help=hint or None)


def _no_attributes(value: Any, name: str) -> TemplateProblem:
    what = kind(value)
    if isinstance(value, str):
        hint = _TEXT_METHODS.get(name, "change text with filters: `{{ name | upper }}`")
    elif isinstance(value, LISTS):
        hint = _LIST_METHODS.get(name, "go through it with `{% for %}`, or take one item: `items[0]`")
    elif value is None:
        hint = "ask first whether it is there: `{% if x %}`"
    else:
        hint = None
    return TemplateProblem("template-attribute", f"{what} has no `{name}`", found=show(value), help=hint)


def _use(text: str) -> str:
    return f"use the filter: `{{{{ name | {text} }}}}`"


_TEXT_METHODS = {
    **{name: _use(name) for name in ("upper", "lower", "title", "capitalize")},
    "strip": _use("trim"),
    "replace": _use("replace('a', 'b')"),
    "center": _use("center(20)"),
    "format": "write `{{ '%s and %s' | format(a, b) }}`, or join texts with `~`",
    "join": "write `{{ items | join(', ') }}`",
    "startswith": "compare the beginning: `name[:2] == 'Dr'`",
    "endswith": "compare the end: `name[-2:] == 'MD'`",
    "split": "give the parts as a list parameter",
    "length": _use("length"),
}
_LIST_METHODS = {
    **{name: f"use the filter: `{{{{ items | {name} }}}}`" for name in ("length", "sort", "reverse", "first", "last")},
    "count": "use the filter: `{{ items | length }}`",
    "append": "build a list anew: `{% set all = items + [item] %}`",
    "extend": "build a list anew: `{% set all = items + more %}`",
    "index": "use `loop.index` inside of `{% for %}`",
}
