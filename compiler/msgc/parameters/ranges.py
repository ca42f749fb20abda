"""What the values of parameters can be, read from their schemas: where every proof about a message begins.

Never less than the schemas take; more, where a schema says what a range cannot hold (`not`, `dependentRequired`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgc.bounds.characters import ALL, ASCII, DIGITS, LOWER, UPPER, mask_of
from msgc.bounds.numbers import MAX_VALUES, Number, numbers, of_range
from msgc.bounds.patterns import meets, text_of_format, text_of_pattern
from msgc.bounds.values import (
    ANYTHING,
    EITHER,
    NOTHING,
    NULL,
    Part,
    Record,
    Sequence,
    Value,
    of_constant,
    of_items,
    of_number,
    of_truth,
)
from msgc.bounds.words import ANY, MAX_LITERALS, Range, Text, clamp, literal, run
from msgc.document import Path
from msgc.parameters.extents import greatest_number, item_counts, least_number
from msgc.parameters.judges import GROUPS, Judges
from msgc.parameters.values import Parameters

_MAX_DEPTH = 8
_MAX_VALUES = 500
_LEAST_INTEGER, _MOST_INTEGER = -(2**63), 2**64 - 1
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
_HEX = "[0-9A-Fa-f]"
_LETTERS = LOWER | UPPER
_LOCAL = _LETTERS | DIGITS | mask_of("!#$%&'*+/=?^_`{|}~-.")
_HOST = _LETTERS | DIGITS | mask_of("-.")
_ADDRESS = ASCII & ~mask_of(' "<>\\^`{|}\x7f' + "".join(map(chr, range(32))))


@lru_cache(maxsize=1)
def formats() -> Mapping[str, Text]:
    """The texts of each format."""
    return {
        "date": text_of_format(f"^{_DATE}$"),
        "time": text_of_format(f"^{_CLOCK}$"),
        "date-time": text_of_format(f"^{_DATE}[Tt]{_CLOCK}$"),
        "email": run(_LOCAL, 1, 64) + literal("@") + run(_HOST, 1, 253),
        "uri": run(_LETTERS, 1, 1) + run(_LETTERS | DIGITS | mask_of("+.-")) + literal(":") + run(_ADDRESS),
        "uuid": text_of_format("^" + "-".join(f"{_HEX}{{{count}}}" for count in (8, 4, 4, 4, 12)) + "$"),
    }


def ranges_of(parameters: Parameters) -> dict[str, Value]:
    """What each parameter can be, once its defaults are filled in."""
    root = Judges(parameters, ((parameters.schema, "#"),), ((parameters.schema, "#"),))
    reader = _Reader()
    return {name: reader.inside(root, name, 0) for name in parameters.names}


class _Reader:
    def __init__(self) -> None:
        self._left = _MAX_VALUES

    def inside(self, judges: Judges, name: str, depth: int, path: Path | None = ()) -> Value:
        value = self._value(judges.inside(name), depth, None if path is None else (*path, name))
        return value if name in judges.guaranteed else Value(absent=True) | value

    def _value(self, judges: Judges, depth: int, path: Path | None) -> Value:
        """What a value can be; `path` leads to it from the parameters, None where its name is not known."""
        self._left -= 1
        if depth > _MAX_DEPTH or self._left < 0 or not any(judges.schemas):
            return ANYTHING
        found = NOTHING
        for alternative in judges.alternatives():
            for group, names in GROUPS.items():
                if names & alternative.types:
                    found = found | self._of_group(alternative, group, depth, path)
        return found

    def _of_group(self, judges: Judges, group: str, depth: int, path: Path | None) -> Value:
        # `1.0` is made a whole number only where no schema of its place takes fractions.
        whole = path is not None and "number" not in judges.parameters.types(path)
        named = judges.values(group) if judges.constants("enum") or judges.constants("const") else None
        if named is not None:
            return _of_named(named, whole=whole)
        if group == "string":
            return _text(judges)
        if group == "number":
            return of_number(_number(judges, whole=whole))
        if group == "array":
            return Value(sequence=self._list(judges, depth, path))
        if group == "object":
            return Value(record=self._object(judges, depth, path))
        return NULL if group == "null" else of_truth(EITHER)

    def _list(self, judges: Judges, depth: int, path: Path | None) -> Sequence:
        least, most = item_counts(judges)
        fixed = max([0, *(len(prefix) for prefix in judges.constants("prefixItems"))])
        parts: list[Part] = []
        for index in range(fixed):
            if most is not None and index >= most:
                break
            there = 1 if index < least else 0
            parts.append(Part(self._value(judges.inside(index), depth + 1, _below(path, index)), Range(there, 1)))
        if most is None or most > fixed:
            rest = Range(max(0, least - fixed), None if most is None else most - fixed)
            parts.append(Part(self._value(judges.inside(fixed), depth + 1, _below(path, fixed)), rest))
        distinct = {name for names in judges.constants("uniqueItemProperties") for name in names}
        if True in judges.constants("uniqueItems"):
            distinct.add("")
        return Sequence(tuple(parts), frozenset(distinct))

    def _object(self, judges: Judges, depth: int, path: Path | None) -> Record:
        fields = {name: self.inside(judges, name, depth + 1, path) for name in judges.names}
        others = NOTHING
        for _, other in judges.others():
            others = others | self._value(other, depth + 1, None)
        for name in judges.guaranteed:
            if name not in fields:
                fields[name] = self._value(judges.inside(name), depth + 1, _below(path, name))
        return Record(fields, others)


def _below(path: Path | None, step: str | int) -> Path | None:
    return None if path is None else (*path, step)


def _of_named(values: list[Any], *, whole: bool) -> Value:
    values = [spelled for value in values for spelled in _spellings(value, whole=whole)]
    texts = [value for value in values if isinstance(value, str)]
    found = NOTHING
    if len(texts) > MAX_LITERALS:
        found = Value(text=literal(*texts))
        values = [value for value in values if not isinstance(value, str)]
    plain = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(plain) > MAX_VALUES:
        found = found | of_number(numbers(plain))
        values = [value for value in values if value not in plain]
    for value in values:
        found = found | _respelled(value)
    return found


def _spellings(value: Any, *, whole: bool) -> list[Any]:
    """The numbers that are equal to one for JSON, and print differently: 1 and 1.0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return [value]
    if whole:
        return [int(value)]
    return [int(value), float(value), *([-0.0] if value == 0 else [])]


def _respelled(value: Any) -> Value:
    """A constant, whatever its numbers inside are spelled like."""
    if isinstance(value, list):
        return Value(sequence=of_items(_inner(item) for item in value))
    if isinstance(value, dict):
        return Value(record=Record({key: _inner(item) for key, item in value.items()}, NOTHING))
    return of_constant(value)


def _inner(value: Any) -> Value:
    found = NOTHING
    for spelled in _spellings(value, whole=False):
        found = found | _respelled(spelled)
    return found


def _text(judges: Judges) -> Value:
    text = ANY
    for pattern in judges.constants("pattern"):
        allowed = text_of_pattern(pattern)
        text = allowed if text is ANY else _narrower(text, allowed, pattern)
    for name in judges.constants("format"):
        text = formats()[name] if text is ANY else text
    least = max([0, *map(int, judges.constants("minLength"))])
    most = min(
        [*map(int, judges.constants("maxLength")), *map(int, judges.constants("maxUtf16Length"))]
        + [max(0, int(size) - 2) for size in judges.constants("maxUtf8Bytes")],
        default=None,
    )
    clamped = clamp(text, least, most)
    return NOTHING if clamped is None else Value(text=clamped)


def _narrower(one: Text, two: Text, pattern: str) -> Text:
    """Of two things that hold of a text, the one that says more; a solid one adds its promise."""
    met = meets(pattern, one)
    if two.points.most is not None and (one.points.most is None or two.points.most < one.points.most):
        return two
    return one if two.mask == ALL else met


def _number(judges: Judges, *, whole: bool) -> Number:
    low, high = least_number(judges), greatest_number(judges)
    decimals = None if whole else 0 if "number" not in judges.types else _decimals(judges)
    # Integers beyond 64 bits and numbers that are not finite are refused before any schema is asked.
    smallest, largest = (_LEAST_INTEGER, _MOST_INTEGER) if whole else (-sys.float_info.max, sys.float_info.max)
    return of_range(
        smallest if low is None else low.number,
        largest if high is None else high.number,
        whole=whole,
        decimals=decimals,
    )


def _decimals(judges: Judges) -> int | None:
    """The decimals of multiples of a step: one of `0.01` has two."""
    found = [
        len(repr(step).partition(".")[2]) for step in judges.constants("multipleOf") if "e" not in repr(step).lower()
    ]
    return min(found, default=None)
