"""The filters that go through a list, and the tests: with the sandbox's own look-up of keys, and every item counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from jinja2.runtime import Undefined
from jinja2.tests import TESTS as JINJA_TESTS

from msgc.template.budget import allow_text, current
from msgc.template.operators import compared, is_number
from msgc.template.problem import TemplateProblem
from msgc.template.signature import Signature
from msgc.template.values import Group, Missing, demand, kind, show, text_of

_JINJA: Mapping[str, Any] = JINJA_TESTS
_LONGEST_PATH = 20
_LOOKING = 4
"""What looking up a key costs, against reading an item."""


def _getter(sandbox: Any, attribute: Any, default: Any = None, case_sensitive: bool = True) -> Callable[[Any], Any]:
    """A function from an item to what `attribute` (a key, a dotted path or an index) names in it."""
    parts: list[Any] = [] if attribute is None else [attribute]
    if isinstance(attribute, str):
        parts = [int(part) if part.isascii() and part.isdigit() else part for part in attribute.split(".")]
    if len(parts) > _LONGEST_PATH:
        raise TemplateProblem("filter-argument", f"a path has at most {_LONGEST_PATH} parts", found=show(attribute))

    charge, cost = current().charge, 1 + _LOOKING * len(parts)

    def get(item: Any) -> Any:
        charge(cost)
        for part in parts:
            item = sandbox.getitem(item, part)
            if isinstance(item, Undefined) and default is not None:
                item = default
        if not case_sensitive and isinstance(item, str):
            return item.lower()
        return item

    return get


def ordered(name: str, size: int, make: Callable[[], list[Any]]) -> list[Any]:
    """What `make` sorts of `size` items; values that have no order are a TemplateProblem."""
    current().charge(size * size.bit_length() // 2)
    try:
        return make()
    except TypeError:
        raise TemplateProblem(
            "filter-argument",
            f"`{name}` compares values that have no order among each other",
            help="all must be text, or all must be numbers",
        ) from None


def _join(sandbox: Any, items: Any, d: str = "", attribute: Any = None) -> str:
    get = _getter(sandbox, attribute)
    texts = [text_of(get(item)) for item in items]
    allow_text(sum(map(len, texts)) + len(d) * max(len(texts) - 1, 0), "`join`")
    return d.join(texts)


def _first(items: Any) -> Any:
    return next(iter(items), None) if len(items) else Missing("the list is empty: it has no first item")


def _last(items: Any) -> Any:
    return items[-1] if len(items) else Missing("the list is empty: it has no last item")


def _sort(sandbox: Any, items: Any, reverse: bool = False, case_sensitive: bool = False, attribute: Any = None) -> Any:
    paths = attribute.split(",") if isinstance(attribute, str) else [attribute]
    getters = [_getter(sandbox, path, case_sensitive=case_sensitive) for path in paths]
    return ordered(
        "sort",
        len(items),
        lambda: sorted(items, key=lambda item: [get(item) for get in getters], reverse=reverse),
    )


def _unique(sandbox: Any, items: Any, case_sensitive: bool = False, attribute: Any = None) -> list[Any]:
    get = _getter(sandbox, attribute, case_sensitive=case_sensitive)
    found: dict[Any, Any] = {}
    for item in items:
        key = get(item)
        demand(key)
        if not isinstance(key, (str, int, float, bool, type(None))):
            raise TemplateProblem("filter-argument", "`unique` compares text and numbers only", found=show(key))
        found.setdefault(key, item)
    return list(found.values())


def _extreme(name: str, choose: Callable[..., Any]) -> Callable[..., Any]:
    def extreme(sandbox: Any, items: Any, case_sensitive: bool = False, attribute: Any = None) -> Any:
        if not len(items):
            return Missing(f"the list is empty: it has no `{name}`")
        get = _getter(sandbox, attribute, case_sensitive=case_sensitive)
        return ordered(name, len(items), lambda: [choose(items, key=get)])[0]

    return extreme


def _sum(sandbox: Any, items: Any, attribute: Any = None, start: Any = 0) -> Any:
    get = _getter(sandbox, attribute)
    total = start
    for item in items:
        number = get(item)
        demand(number)
        if not is_number(number):
            raise TemplateProblem("filter-argument", "`sum` adds numbers only", found=show(number))
        total += number
    return total


def _groupby(
    sandbox: Any, items: Any, attribute: Any, default: Any = None, case_sensitive: bool = False
) -> list[Group]:
    get = _getter(sandbox, attribute, default, case_sensitive)
    exact = _getter(sandbox, attribute, default)
    arranged = ordered("groupby", len(items), lambda: sorted(items, key=get))
    groups = [list(group) for _, group in groupby(arranged, get)]
    return [Group(exact(group[0]), group) for group in groups]


def _map(sandbox: Any, items: Any, *args: Any, **kwargs: Any) -> list[Any]:
    if args:
        name, *rest = args
        return [sandbox.apply_filter(_named("map", name), item, rest, kwargs) for item in items]
    unknown = sorted(set(kwargs) - {"attribute", "default"})
    if unknown or "attribute" not in kwargs:
        message = f"`map` has no argument `{unknown[0]}`" if unknown else "`map` needs a filter's name or `attribute`"
        raise TemplateProblem("filter-argument", message, help=_MAP_HELP)
    get = _getter(sandbox, kwargs["attribute"], kwargs.get("default"))
    found = [get(item) for item in items]
    for item in found:
        demand(item)
    return found


_MAP_HELP = "`items | map('upper')` applies a filter, `items | map(attribute='name')` takes a key of each item"


def _named(filter_name: str, name: Any) -> str:
    if not isinstance(name, str):
        demand(name)
        raise TemplateProblem(
            "filter-argument", f"`{filter_name}` takes a name in quotes", found=show(name), help=_MAP_HELP
        )
    return name


def _chooser(name: str, *, keep: bool, by_key: bool) -> Callable[..., Any]:
    def choose(sandbox: Any, items: Any, *args: Any, **kwargs: Any) -> list[Any]:
        arguments = list(args)
        if by_key and not arguments:
            raise TemplateProblem("filter-argument", f"`{name}` needs the name of a key")
        get = _getter(sandbox, arguments.pop(0) if by_key else None)
        if not arguments:
            return [item for item in items if bool(get(item)) == keep]
        test = _named(name, arguments.pop(0))
        return [item for item in items if bool(sandbox.apply_test(test, get(item), arguments, kwargs)) == keep]

    return choose


def _reverse(value: Any) -> Any:
    return value[::-1] if isinstance(value, str) else list(value)[::-1]


_ORDER = {"case_sensitive": "boolean", "attribute": "text|integer|null"}
FILTERS: dict[str, Signature] = {
    "first": Signature(_first, "text|list|object"),
    "last": Signature(_last, "text|list"),
    "join": Signature(_join, "text|list", {"d": "text", "attribute": "text|integer|null"}, seen=True),
    "sort": Signature(_sort, "list", {"reverse": "boolean", **_ORDER}, seen=True),
    "unique": Signature(_unique, "list", _ORDER, seen=True),
    "min": Signature(_extreme("min", min), "list", _ORDER, seen=True),
    "max": Signature(_extreme("max", max), "list", _ORDER, seen=True),
    "sum": Signature(_sum, "list", {"attribute": "text|integer|null", "start": "number"}, seen=True),
    "groupby": Signature(
        _groupby,
        "list",
        {"attribute": "!text|integer", "default": "any", "case_sensitive": "boolean"},
        seen=True,
    ),
    "reverse": Signature(_reverse, "text|list"),
    "map": Signature(_map, "list", variadic=True, seen=True),
    "select": Signature(_chooser("select", keep=True, by_key=False), "list", variadic=True, seen=True),
    "reject": Signature(_chooser("reject", keep=False, by_key=False), "list", variadic=True, seen=True),
    "selectattr": Signature(_chooser("selectattr", keep=True, by_key=True), "list", variadic=True, seen=True),
    "rejectattr": Signature(_chooser("rejectattr", keep=False, by_key=True), "list", variadic=True, seen=True),
}


def _comparison(sign: str) -> Signature:
    return Signature(lambda value, other: compared((sign,), (value, other)), "any", {"other": "!any"})


def _divisible(value: int, num: int) -> bool:
    if num == 0:
        raise TemplateProblem("filter-argument", "`divisibleby` takes a number other than 0")
    return value % num == 0


def _iterable(value: Any) -> bool:
    return kind(value) in ("text", "a list", "an object")


TESTS: dict[str, Signature] = {
    "odd": Signature(lambda value: value % 2 == 1, "integer"),
    "even": Signature(lambda value: value % 2 == 0, "integer"),
    "divisibleby": Signature(_divisible, "integer", {"num": "!integer"}),
    "defined": Signature(lambda value: not isinstance(value, Undefined), lenient=True),
    "undefined": Signature(lambda value: isinstance(value, Undefined), lenient=True),
    "none": Signature(_JINJA["none"]),
    "boolean": Signature(_JINJA["boolean"]),
    "false": Signature(_JINJA["false"]),
    "true": Signature(_JINJA["true"]),
    "integer": Signature(_JINJA["integer"]),
    "float": Signature(_JINJA["float"]),
    "number": Signature(is_number),
    "string": Signature(_JINJA["string"]),
    "mapping": Signature(lambda value: isinstance(value, dict)),
    "sequence": Signature(_iterable),
    "iterable": Signature(_iterable),
    "lower": Signature(str.islower, "text"),
    "upper": Signature(str.isupper, "text"),
    "sameas": Signature(lambda value, other: value is other, "any", {"other": "!any"}),
    "in": _comparison("in"),
    **dict.fromkeys(("==", "eq", "equalto"), _comparison("eq")),
    **dict.fromkeys(("!=", "ne"), _comparison("ne")),
    **dict.fromkeys((">", "gt", "greaterthan"), _comparison("gt")),
    **dict.fromkeys((">=", "ge"), _comparison("gteq")),
    **dict.fromkeys(("<", "lt", "lessthan"), _comparison("lt")),
    **dict.fromkeys(("<=", "le"), _comparison("lteq")),
}


def total_length(values: Iterable[Any]) -> int:
    """What reading some values costs: the items and characters that they directly hold."""
    return sum(len(value) for value in values if isinstance(value, (str, list, tuple, dict)))
