"""The filters of a template. Jinja's own do the work; here stands what they take and how large their result may be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from jinja2.filters import FILTERS as JINJA
from jinja2.filters import sync_do_slice  # the table has one that may be asynchronous

from msgc.template import lists, localize, operators
from msgc.template.budget import SIZE, allow_items, allow_text, current, exceeded
from msgc.template.problem import TemplateProblem
from msgc.template.signature import PLAIN_NUMBER, Signature, is_number
from msgc.template.values import LISTS, native, show, text_of

_TEXT = "text"


def _refused(message: str, value: Any) -> TemplateProblem:
    return TemplateProblem("filter-argument", message, found=show(value))


def _positive(name: str, argument: str, value: int, most: int = SIZE) -> None:
    if value < 1:
        raise _refused(f"the argument `{argument}` of `{name}` must be at least 1", value)
    if value > most:
        raise exceeded(f"the argument `{argument}` of `{name}` is more than {most:,}", found=show(value))


def _center(text: str, width: int = 80) -> str:
    allow_text(max(width, len(text)), "`center`")
    return text.center(width)


def _indent(text: str, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    deep = len(width) if isinstance(width, str) else max(width, 0)
    allow_text(len(text) + 1 + (len(text.splitlines()) + 1) * deep, "`indent`")
    return str(JINJA["indent"](text, width, first, blank))


def _replace(text: str, old: Any, new: Any, count: int | None = None) -> str:
    old, new = text_of(old), text_of(new)
    times = text.count(old)
    if count is not None and count >= 0:
        times = min(times, count)
    allow_text(len(text) + times * max(len(new) - len(old), 0), "`replace`")
    return text.replace(old, new, -1 if count is None else count)


def _truncate(sandbox: Any, text: str, **options: Any) -> str:
    ending = options.get("end", "...")
    if options.get("length", 255) < len(ending):
        raise _refused(
            f"the argument `length` of `truncate` must be at least {len(ending)}, the length of `end`",
            options["length"],
        )
    if options.get("leeway", 0) < 0:
        raise _refused("the argument `leeway` of `truncate` must be at least 0", options["leeway"])
    return str(JINJA["truncate"](sandbox, text, **options))


_WRAPPED = 10_000
_WRAPPING = 10
"""What wrapping a character costs, against copying one."""


def _wordwrap(sandbox: Any, text: str, width: int = 79, wrapstring: str = "\n", **options: Any) -> str:
    _positive("wordwrap", "width", width)
    if len(text) > _WRAPPED:
        raise exceeded(f"`wordwrap` is given a text of more than {_WRAPPED:,} characters")
    allow_text(len(text) + (len(text) + 1) * len(wrapstring), "`wordwrap`")
    current().charge(_WRAPPING * len(text))
    return str(JINJA["wordwrap"](sandbox, text, width=width, wrapstring=wrapstring, **options))


def _format(text: str, *args: Any, **kwargs: Any) -> str:
    if args and kwargs:
        raise TemplateProblem("filter-argument", "`format` takes its values either in order or by name, not both")
    return operators.formatted(text, kwargs or args)


def _int(value: Any, default: int | None = None, base: int = 10) -> Any:
    if default is None and isinstance(value, str) and (base == 10 or not is_number(value)):
        _demand_number("int", value, base)
    if isinstance(value, float) and not math.isfinite(value):
        return default or 0
    return JINJA["int"](value, default or 0, base)


def _float(value: Any, default: float | None = None) -> Any:
    if default is None and isinstance(value, str):
        _demand_number("float", value)
    fallback = 0.0 if default is None else default
    result = JINJA["float"](value, fallback)
    return result if math.isfinite(result) else fallback


def _demand_number(name: str, text: str, base: int = 10) -> None:
    """Raises TemplateProblem for a text that `int` or `float` would silently make 0."""
    try:
        good = is_number(text) if base == 10 else int(text, base) is not None
    except ValueError:
        good = False
    if not good:
        raise TemplateProblem(
            "filter-argument",
            f"`{name}` is given a text that is no number",
            found=show(text),
            help=f"write it {PLAIN_NUMBER}, or say what it is otherwise: `{name}(0)`",
        )


def _round(value: float, precision: int = 0, method: str = "common") -> float:
    if abs(precision) > _PRECISION:
        raise exceeded(f"the argument `precision` of `round` is more than {_PRECISION}", found=show(precision))
    if method not in ("common", "ceil", "floor"):
        raise _refused('the argument `method` of `round` is "common", "ceil" or "floor"', method)
    result: float = JINJA["round"](value, precision, method)
    return result


_PRECISION = 100


def _batch(items: Any, linecount: int, fill_with: Any = None) -> list[Any]:
    _positive("batch", "linecount", linecount)
    allow_items(len(items) + linecount, "`batch`")
    return [tuple(row) for row in JINJA["batch"](items, linecount, fill_with)]


def _slice(items: Any, slices: int, fill_with: Any = None) -> list[Any]:
    _positive("slice", "slices", slices)
    allow_items(len(items) + 2 * slices, "`slice`")
    return [tuple(column) for column in sync_do_slice(list(items), slices, fill_with)]


def _urlencode(value: Any) -> str:
    if isinstance(value, LISTS) and not all(isinstance(pair, LISTS) and len(pair) == 2 for pair in value):
        raise _refused("`urlencode` takes text, a number, an object, or a list of pairs", value)
    parts = (
        [value] if isinstance(value, (str, int, float)) else list(value.items() if isinstance(value, dict) else value)
    )
    for part in parts:
        for text in part if isinstance(part, (tuple, list)) else (part,):
            text_of(text)
    return str(JINJA["urlencode"](value))


def _string(value: Any) -> str:
    return text_of(value)


def _shorten(text: str, n: int) -> str:
    if n < 1:
        raise _refused("`shorten` needs a length of at least 1", n)
    from msgc.graphemes import shorten

    return shorten(text, n)


def _default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    return JINJA["default"](value, default_value, boolean)


def _length(value: Any) -> int:
    return len(value)


def _dictsort(value: Any, **options: Any) -> list[Any]:
    native(value)
    if options.get("by", "key") not in ("key", "value"):
        raise _refused('the argument `by` of `dictsort` is "key" or "value"', options["by"])
    return lists.ordered("dictsort", len(value), lambda: JINJA["dictsort"](value, **options))


def _list(value: Any) -> list[Any]:
    return list(value)


_DATE = "give it a text such as `2024-05-31`, by a parameter `{type: string, format: date}`"
_TIME = "give it a text such as `14:30`, by a parameter `{type: string, format: time}`"
_FILL: Mapping[str, str] = {"fill_with": "any"}

FILTERS: dict[str, Signature] = {
    "abs": Signature(abs, "number"),
    "batch": Signature(_batch, "list", {"linecount": "!integer", **_FILL}),
    "capitalize": Signature(str.capitalize, _TEXT),
    "center": Signature(_center, _TEXT, {"width": "integer"}),
    "default": Signature(_default, "any", {"default_value": "any", "boolean": "boolean"}, lenient=True),
    "dictsort": Signature(_dictsort, "object", {"case_sensitive": "boolean", "by": _TEXT, "reverse": "boolean"}),
    "filesizeformat": Signature(JINJA["filesizeformat"], "number", {"binary": "boolean"}),
    "float": Signature(_float, "text|number|null|boolean", {"default": "number"}),
    "format": Signature(_format, _TEXT, variadic=True),
    "indent": Signature(_indent, _TEXT, {"width": "integer|text", "first": "boolean", "blank": "boolean"}),
    "int": Signature(_int, "text|number|null|boolean", {"default": "integer", "base": "integer"}),
    "items": Signature(lambda value: list(value.items()), "object"),
    "length": Signature(_length, "text|list|object"),
    "list": Signature(_list, "text|list|object"),
    "lower": Signature(str.lower, _TEXT),
    "replace": Signature(_replace, _TEXT, {"old": "!text|number", "new": "!text|number", "count": "integer|null"}),
    "round": Signature(_round, "number", {"precision": "integer", "method": _TEXT}),
    "slice": Signature(_slice, "list", {"slices": "!integer", **_FILL}),
    "string": Signature(_string, "any"),
    "title": Signature(JINJA["title"], _TEXT),
    "trim": Signature(JINJA["trim"], _TEXT, {"chars": "text|null"}),
    "truncate": Signature(
        _truncate,
        _TEXT,
        {"length": "integer", "killwords": "boolean", "end": _TEXT, "leeway": "integer"},
        seen=True,
    ),
    "upper": Signature(str.upper, _TEXT),
    "urlencode": Signature(_urlencode, "text|number|object|list"),
    "wordcount": Signature(JINJA["wordcount"], _TEXT),
    "wordwrap": Signature(
        _wordwrap,
        _TEXT,
        {
            "width": "integer",
            "break_long_words": "boolean",
            "wrapstring": _TEXT,
            "break_on_hyphens": "boolean",
        },
        seen=True,
    ),
    **lists.FILTERS,
    # for the channel
    "shorten": Signature(_shorten, _TEXT, {"n": "!integer"}),
    "date": Signature(localize.date, _TEXT, {"format": _TEXT}, seen=True, cost=30, instead=_DATE),
    "time": Signature(localize.time, _TEXT, {"format": _TEXT}, seen=True, cost=30, instead=_TIME),
    "number": Signature(localize.number, "number", {"decimals": "integer|null"}, seen=True, cost=20),
    "money": Signature(localize.money, "number", {"currency": "!text"}, seen=True, cost=30),
    "plural": Signature(
        localize.plural,
        "number",
        {
            "one": "!text",
            "other": "!text",
            "zero": "text|null",
            "two": "text|null",
            "few": "text|null",
            "many": "text|null",
        },
        seen=True,
        cost=10,
    ),
}
FILTERS["d"] = FILTERS["default"]
FILTERS["count"] = FILTERS["length"]
