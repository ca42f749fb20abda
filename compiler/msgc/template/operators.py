"""Operators on the values of a template, each checked for types and for the size of its result before it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgc.template.budget import BITS, SIZE, allow_integer, allow_items, allow_text, current, exceeded
from msgc.template.problem import TemplateProblem
from msgc.template.values import LISTS, demand, kind, measure, show, text_of

SIGNS = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lteq": "<=",
    "gt": ">",
    "gteq": ">=",
    "in": "in",
    "notin": "not in",
}


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return type(value) in (int, float)


def mismatch(message: str, *values: Any, help: str | None = None) -> TemplateProblem:  # noqa: A002
    """The problem of values that an operation has no meaning for."""
    return TemplateProblem("template-error", message, found=" and ".join(show(value) for value in values), help=help)


def binary(operator: str, left: Any, right: Any) -> Any:
    """`left operator right` for + - * / // % **. Raises TemplateProblem."""
    current().step()
    demand(left)
    demand(right)
    if is_number(left) and is_number(right):
        return _number(operator, left, right)
    if operator == "%" and isinstance(left, str):
        values = right if isinstance(right, (tuple, dict)) else (right,)
        return formatted(left, values)
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        allow_text(len(left) + len(right), "`+`")
        return left + right
    if operator == "+" and type(left) is type(right) and isinstance(left, (list, tuple)):
        allow_items(len(left) + len(right), "`+`")
        joined = left + right
        measure(joined, "`+`")
        return joined
    if operator == "*":
        for value, count in ((left, right), (right, left)):
            if type(count) is int and isinstance(value, (str, list, tuple)):
                return _repeated(value, count)
    joins = operator == "+" and (isinstance(left, str) or isinstance(right, str))
    raise mismatch(
        f"`{operator}` cannot take {kind(left)} and {kind(right)}",
        left,
        right,
        help="join texts with `~`: `{{ a ~ b }}`" if joins else None,
    )


def _repeated(value: Any, count: int) -> Any:
    if isinstance(value, str):
        allow_text(len(value) * max(count, 0), "`*`")
        return value * count
    allow_items(measure(value, "`*`") * max(count, 0), "`*`")
    return value * count


def _number(operator: str, left: float, right: float) -> int | float:
    try:
        result = _compute(operator, left, right)
    except ZeroDivisionError:
        raise mismatch(f"`{operator}` divides by zero", left, right, help="check the divisor before") from None
    except OverflowError:
        raise exceeded(f"`{operator}` makes a number that is too large") from None
    if isinstance(result, complex):
        raise mismatch(f"`{operator}` has no real number as its result", left, right)
    return allow_integer(result, f"`{operator}`") if isinstance(result, int) else result


def _compute(operator: str, left: float, right: float) -> Any:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "//":
            return left // right
        case "%":
            return left % right
    whole = isinstance(left, int) and isinstance(right, int) and right > 0
    if whole and (int(left).bit_length() - 1) * right > BITS:
        raise exceeded(f"`**` makes an integer of more than {BITS:,} bits")
    return left**right


def unary(operator: str, value: Any) -> Any:
    """`-value` or `+value`. Raises TemplateProblem."""
    current().step()
    demand(value)
    if not is_number(value):
        raise mismatch(f"`{operator}` cannot take {kind(value)}", value)
    return -value if operator == "-" else value


def compared(operators: tuple[str, ...], values: tuple[Any, ...]) -> bool:
    """`a < b <= c`. Raises TemplateProblem."""
    return all(
        _compare(operator, left, right) for operator, left, right in zip(operators, values, values[1:], strict=False)
    )


def _compare(operator: str, left: Any, right: Any) -> bool:
    current().step()
    demand(left)
    demand(right)
    if operator in ("in", "notin"):
        return _contains(left, right) == (operator == "in")
    if isinstance(left, (*LISTS, dict)) and isinstance(right, (*LISTS, dict)):
        current().charge(min(_size(left), _size(right)))
    if operator == "eq":
        return bool(left == right)
    if operator == "ne":
        return bool(left != right)
    if not (is_number(left) and is_number(right)) and not (isinstance(left, str) and isinstance(right, str)):
        raise mismatch(f"`{SIGNS[operator]}` cannot compare {kind(left)} with {kind(right)}", left, right)
    match operator:
        case "lt":
            return bool(left < right)
        case "lteq":
            return bool(left <= right)
        case "gt":
            return bool(left > right)
    return bool(left >= right)


def _contains(item: Any, holder: Any) -> bool:
    if isinstance(holder, str):
        if not isinstance(item, str):
            raise mismatch(f"`in` cannot look for {kind(item)} in text", item, holder)
        current().charge(len(holder))
        return item in holder
    if isinstance(holder, dict):
        return isinstance(item, (str, int, float, bool, type(None))) and item in holder
    if not isinstance(holder, LISTS):
        raise mismatch(f"`in` cannot look into {kind(holder)}", holder)
    current().charge(_size(holder))
    return item in holder


def _size(value: Any) -> int:
    """An upper bound of the work to walk a value, all of whose parts have been measured before."""
    return measure(value, "a comparison")


def tied(texts: list[str]) -> str:
    """`a ~ b`, of texts."""
    current().step()
    allow_text(sum(map(len, texts)), "`~`")
    return "".join(texts)


_DIRECTIVE = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<flags>[-+ #0]*)(?P<width>\*|[0-9]*)(?:\.(?P<precision>\*|[0-9]*))?(?P<type>.?)",
    re.DOTALL,
)


def formatted(pattern: str, values: tuple[Any, ...] | Mapping[str, Any]) -> str:
    """`pattern % values`, for `%s %d %i %f %e %g %x %o %%`. Raises TemplateProblem, before anything large is made."""
    size = len(pattern)
    named = isinstance(values, Mapping)
    positions = 0
    for match in _DIRECTIVE.finditer(pattern):
        if match["type"] == "%" and match[0] == "%%":
            continue
        if not match["type"] or match["type"] not in "diouxXeEfFgGs" or "*" in (match["width"], match["precision"]):
            raise _bad_pattern(f"`{match[0]}` is no directive of a format", pattern)
        if (match["key"] is not None) != named:
            raise _bad_pattern(f"`{match[0]}` does not fit the way in which the values are given", pattern)
        for number in (match["width"], match["precision"]):
            size += int(number or 0) if len(number or "") < _LONG_NUMBER else SIZE
        if size > SIZE:
            break
        value = _value(values, match, positions)
        positions += 1
        size += _check_value(match, value)
    if size > SIZE:
        raise exceeded(f"the format makes a text of more than {SIZE:,} characters")
    allow_text(size, "the format")
    if not named and positions != len(values):
        raise _bad_pattern(f"the format has {positions} directives for {len(values)} values", pattern)
    return pattern % (dict(values) if isinstance(values, Mapping) else tuple(values))


_LONG_NUMBER = 7


def _value(values: tuple[Any, ...] | Mapping[str, Any], match: re.Match[str], position: int) -> Any:
    if isinstance(values, Mapping):
        if match["key"] not in values:
            raise _bad_pattern(f"the format asks for `{match['key']}`, which is not given", match.string)
        return values[match["key"]]
    if position >= len(values):
        raise _bad_pattern("the format has more directives than there are values", match.string)
    return values[position]


def _check_value(match: re.Match[str], value: Any) -> int:
    """The size of the value's text at most. Raises TemplateProblem where the directive cannot take it."""
    if match["type"] == "s":
        return len(text_of(value))
    demand(value)
    if not is_number(value):
        raise mismatch(f"`{match[0]}` takes a number, not {kind(value)}", value)
    if match["type"] in "oxX" and not isinstance(value, int):
        raise mismatch(f"`{match[0]}` takes an integer", value)
    if isinstance(value, float) and value - value != 0:
        raise mismatch("a number that is not finite cannot be printed", value)
    if match["type"] in "eEfFgG" and abs(value) > 1e300:
        raise exceeded("the format is given a number that is too large")
    return BITS // 3


def _bad_pattern(message: str, pattern: str) -> TemplateProblem:
    return TemplateProblem(
        "filter-argument",
        message,
        found=show(pattern),
        help="write `%s` for text, `%d` for an integer, `%.2f` for two decimals, and `%%` for a percent sign",
    )
