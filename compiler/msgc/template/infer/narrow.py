"""What is known of the values once a condition holds or does not: `{% if order.note is defined %}`.

Narrowing only ever takes values away that the condition excludes; what it does not understand it leaves alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from msgc.bounds.numbers import numbers
from msgc.bounds.values import (
    FALSE,
    NOTHING,
    TRUE,
    Part,
    Sequence,
    Value,
    constants,
    of_constant,
    truth_of,
)
from msgc.bounds.words import EMPTY, Range, clamp, literal
from msgc.template.infer.specials import Scope

Evaluate = Callable[[nodes.Node, Scope], Value]
Path = tuple[str, ...]
_OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "gteq", "gteq": "lt", "gt": "lteq", "lteq": "gt", "in": "notin",
             "notin": "in"}  # fmt: skip
_MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "gt": "lt", "lteq": "gteq", "gteq": "lteq"}
_KIND_TESTS = {"string": "text", "number": "number", "boolean": "boolean", "mapping": "object", "none": "null"}

_COMPARISON_TESTS = {
    **dict.fromkeys(("==", "eq", "equalto"), "eq"),
    **dict.fromkeys(("!=", "ne"), "ne"),
    **dict.fromkeys((">", "gt", "greaterthan"), "gt"),
    **dict.fromkeys((">=", "ge"), "gteq"),
    **dict.fromkeys(("<", "lt", "lessthan"), "lt"),
    **dict.fromkeys(("<=", "le"), "lteq"),
    "in": "in",
}


def truthy(value: Value) -> Value:
    """The value as far as it counts as true."""
    text = None if value.text is None else clamp(value.text, 1)
    number = value.number
    if number is not None and number.zero:
        if number.values is not None:
            kept = [n for n in number.values if n]
            number = numbers(kept) if kept else None
        elif number.only_zero:
            number = None
        elif number.whole and number.least == 0:
            number = number.between(1, None)
    sequence = None if value.sequence is None else counted(value.sequence, 1, None)
    return replace(
        value, text=text, number=number, sequence=sequence, truth=value.truth & TRUE, null=False, absent=False
    )


def falsy(value: Value) -> Value:
    """The value as far as it counts as false."""
    return Value(
        text=EMPTY if value.text is not None and value.text.points.least == 0 else None,
        number=numbers([0])
        if value.number is not None and value.number.zero and value.number.whole
        else (value.number.between(0, 0) if value.number is not None else None),
        truth=value.truth & FALSE,
        null=value.null,
        sequence=None if value.sequence is None else counted(value.sequence, 0, 0),
        record=value.record if value.record is not None and truth_of(Value(record=value.record)) & FALSE else None,
        absent=value.absent,
        special=value.special if isinstance(value.special, str) else None,  # of which nothing is known, or no value
    )


def counted(sequence: Sequence, least: int, most: int | None) -> Sequence | None:
    """The list as far as it has so many items; None where it does not."""
    count = sequence.count
    if (most is not None and count.least > most) or (count.most is not None and count.most < least):
        return None
    if most == 0:
        return Sequence(foreign=sequence.foreign)
    if len(sequence.parts) == 1:
        part = sequence.parts[0]
        ends = [end for end in (part.count.most, most) if end is not None]
        within = Range(max(part.count.least, least), min(ends, default=None))
        return replace(sequence, parts=(Part(part.item, within),))
    return sequence


def path_of(node: nodes.Node) -> Path | None:
    """The name and keys of an expression that is nothing but those."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        before = path_of(node.node)
        return None if before is None else (*before, node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        before = path_of(node.node)
        return None if before is None else (*before, node.arg.value)
    return None


def refined(scope: Scope, path: Path, narrow: Callable[[Value], Value]) -> Scope | None:
    """The scope with a narrower value at a path; None where no value is left there."""
    value = scope.get(path[0])
    if value is None:
        return scope
    changed = _refined(value, path[1:], narrow)
    if changed is value:
        return scope
    return None if changed.impossible else {**scope, path[0]: changed}


def _refined(value: Value, path: Path, narrow: Callable[[Value], Value]) -> Value:
    if not path:
        return narrow(value)
    if value.record is None or value.special is not None:
        return value
    inner = value.record.get(path[0])
    changed = _refined(inner, path[1:], narrow)
    if changed is inner or changed == inner:
        return value
    if changed.impossible:
        return NOTHING
    return replace(value, record=value.record.with_field(path[0], changed))


def assume(node: nodes.Node, truth: bool, scope: Scope, evaluate: Evaluate) -> Scope | None:
    """The scope in which a condition is true, or false; None where that cannot be."""
    match node:
        case nodes.Not():
            return assume(node.node, not truth, scope, evaluate)
        case nodes.And() | nodes.Or():
            if isinstance(node, nodes.And) == truth:
                left = assume(node.left, truth, scope, evaluate)
                return None if left is None else assume(node.right, truth, left, evaluate)
            one = assume(node.left, truth, scope, evaluate)
            other = assume(node.left, not truth, scope, evaluate)
            two = None if other is None else assume(node.right, truth, other, evaluate)
            return joined(one, two)
        case nodes.Name() | nodes.Getattr() | nodes.Getitem():
            path = path_of(node)
            return scope if path is None else refined(scope, path, truthy if truth else falsy)
        case nodes.Test():
            return _test(node, truth, scope, evaluate)
        case nodes.Compare() if len(node.ops) == 1:
            return _compare(node, truth, scope, evaluate)
        case nodes.Filter(name="length" | "count") if node.node is not None:
            return _length(node.node, "gt" if truth else "eq", 0, scope)
    return scope


def joined(one: Scope | None, two: Scope | None) -> Scope | None:
    """The scope that is either of two."""
    if one is None or two is None or one is two:
        return two if one is None else one
    made = {}
    for name in {**one, **two}:
        here, there = one.get(name), two.get(name)
        if here is None or there is None:
            made[name] = (here or there or NOTHING) | Value(absent=True)
        else:
            made[name] = here if here is there else here | there
    return made


def _test(node: nodes.Test, truth: bool, scope: Scope, evaluate: Evaluate) -> Scope | None:
    path = path_of(node.node)
    if path is None:
        return scope
    name = node.name
    if name in ("defined", "undefined"):
        there = truth == (name == "defined")
        if there:
            return refined(scope, path, lambda value: value.present)
        return refined(scope, path, lambda value: Value(absent=True, made=value.made) if value.absent else NOTHING)
    if name in _KIND_TESTS:
        kind = _KIND_TESTS[name]
        if truth:
            return refined(scope, path, lambda value: _only(value, kind))
        return refined(scope, path, lambda value: _without(value, kind))
    if name in ("true", "false"):
        bit = TRUE if name == "true" else FALSE
        if truth:
            return refined(scope, path, lambda value: Value(truth=value.truth & bit))
        return refined(scope, path, lambda value: replace(value, truth=value.truth & ~bit))
    comparison = _COMPARISON_TESTS.get(name)
    if comparison is not None and len(node.args) == 1:
        operator = comparison if truth else _OPPOSITE[comparison]
        return _compared(node.node, operator, evaluate(node.args[0], scope), scope)
    return scope


def _only(value: Value, kind: str) -> Value:
    return value if value.special is not None else value.only(kind)


def _without(value: Value, kind: str) -> Value:
    return value.only(*(value.kinds - {kind}), "absent")


def _compare(node: nodes.Compare, truth: bool, scope: Scope, evaluate: Evaluate) -> Scope | None:
    operand = node.ops[0]
    operator = operand.op if truth else _OPPOSITE[operand.op]
    found = _compared(node.expr, operator, evaluate(operand.expr, scope), scope)
    if found is not None and operator in _MIRRORED:
        found = _compared(operand.expr, _MIRRORED[operator], evaluate(node.expr, scope), found)
    return found


def _compared(node: nodes.Node, operator: str, other: Value, scope: Scope) -> Scope | None:
    """The scope in which `node operator other` holds."""
    if isinstance(node, nodes.Filter) and node.name in ("length", "count") and node.node is not None:
        found = constants(other, 1)
        if found and type(found[0]) is int:
            return _length(node.node, operator, found[0], scope)
        return scope
    path = path_of(node)
    if path is None:
        return scope
    if operator in ("in", "notin"):
        known = _members(other)
        if known is None:
            return scope
        return refined(scope, path, lambda value: _among(value, known, there=operator == "in"))
    return refined(scope, path, lambda value: _related(value, operator, other))


def _members(value: Value) -> list[Any] | None:
    """The items of a list that is written out."""
    if value.kinds != {"list"} or value.sequence is None:
        return None
    found = []
    for part in value.sequence.parts:
        one = constants(part.item, 1)
        if one is None or part.count != Range(1, 1):
            return None
        found += one
    return found


def _among(value: Value, known: list[Any], *, there: bool) -> Value:
    """The value as far as it is one of some constants, or none of them."""
    given = constants(value)
    if given is not None:
        return _any_of([one for one in given if (one in known) == there], value)
    if there and not value.absent and value.special is None and value.record is None and value.sequence is None:
        texts = [one for one in known if isinstance(one, str)] if value.text is not None else []
        # As for Python, true is 1.
        plain = [int(one) if isinstance(one, bool) else one for one in known if isinstance(one, (int, float))]
        kept = Value(text=literal(*texts)) if texts else NOTHING
        if value.number is not None and plain:
            floats = [*map(float, plain), *([-0.0] if 0 in plain else [])]
            kept = kept | Value(number=numbers(plain if value.number.whole else [*plain, *floats]))
        if value.truth:
            kept = kept | Value(truth=value.truth)
        if value.null and None in known:
            kept = kept | Value(null=True)
        return kept
    return value


def _any_of(values: list[Any], origin: Value) -> Value:
    found = NOTHING
    for value in values:
        found = found | of_constant(value)
    return replace(found, made=origin.made)


def _related(value: Value, operator: str, other: Value) -> Value:
    """The value as far as `value operator other` can hold."""
    if operator == "eq":
        known = constants(other)
        return value if known is None else _among(value, known, there=True)
    if operator == "ne":
        known = constants(other, 1)
        return value if not known else _among(value, known, there=False)
    limit = other.number
    if limit is None or other.kinds != {"number"} or value.number is None:
        return value
    number = value.number
    if operator in ("lt", "lteq") and limit.most is not None:
        most = limit.most - 1 if operator == "lt" and number.whole and limit.whole else limit.most
        kept = number.between(None, most)
    elif operator in ("gt", "gteq") and limit.least is not None:
        least = limit.least + 1 if operator == "gt" and number.whole and limit.whole else limit.least
        kept = number.between(least, None)
    else:
        return value
    return replace(value, number=kept)


def _length(node: nodes.Node, operator: str, size: int, scope: Scope) -> Scope | None:
    """The scope in which `node | length operator size` holds."""
    path = path_of(node)
    bounds: dict[str, tuple[int, int | None]] = {
        "eq": (size, size),
        "lt": (0, size - 1),
        "lteq": (0, size),
        "gt": (size + 1, None),
        "gteq": (size, None),
    }
    if operator == "ne" and size == 0:
        operator, bounds["gt"] = "gt", (1, None)
    if path is None or operator not in bounds:
        return scope
    least, most = bounds[operator]
    if most is not None and most < 0:
        return None
    return refined(scope, path, lambda value: _sized(value, least, most))


def _sized(value: Value, least: int, most: int | None) -> Value:
    return replace(
        value,
        text=None if value.text is None else clamp(value.text, least, most),
        sequence=None if value.sequence is None else counted(value.sequence, least, most),
    )
