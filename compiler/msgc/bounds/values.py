"""What the value of an expression or a place can be, for all parameters there can be: kind by kind.

A `Value` is the sum of what it can be: one of some texts, a number of a range, null, a list with so many items ... It
may be too large (hold what never comes), never too small.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msgc.bounds.numbers import ANY_NUMBER, Number, numbers
from msgc.bounds.words import ANY, Range, Text, literal

TRUE = 1
FALSE = 2
EITHER = TRUE | FALSE
_MAX_PARTS = 24


@dataclass(frozen=True, slots=True)
class Part:
    """Some items of a list in a row, all of one kind: `count` of them."""

    item: Value
    count: Range


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list: its parts in their order. `distinct` are the keys under which all items are known to differ.

    `foreign`: it may be a range or a tuple, to which no list can be added.
    """

    parts: tuple[Part, ...] = ()
    distinct: frozenset[str] = frozenset()
    foreign: bool = False

    @property
    def count(self) -> Range:
        """How many items it has."""
        total = Range(0, 0)
        for part in self.parts:
            total = total + part.count
        return total

    @property
    def item(self) -> Value:
        """What any of its items can be."""
        found = NOTHING
        for part in self.parts:
            if part.count.most != 0:
                found = found | part.item
        return found

    def __or__(self, other: Sequence) -> Sequence:
        distinct = self.distinct & other.distinct
        foreign = self.foreign or other.foreign
        one, two = self.parts, other.parts
        if len(one) == len(two):
            together = (Part(a.item | b.item, a.count | b.count) for a, b in zip(one, two, strict=True))
            return Sequence(tuple(together), distinct, foreign)
        return Sequence((Part(self.item | other.item, self.count | other.count),), distinct, foreign)


@dataclass(frozen=True, slots=True)
class Record:
    """An object: its known keys, and what may stand under others (`NOTHING` where there are none).

    A key whose value can be absent may be missing.
    """

    fields: Mapping[str, Value]
    others: Value

    def __hash__(self) -> int:
        return hash(tuple(self.fields.items()))

    def get(self, key: str) -> Value:
        """What stands under a key; absent where it may not be there."""
        found = self.fields.get(key)
        return found if found is not None else self.others | ABSENT

    def with_field(self, key: str, value: Value) -> Record:
        """The same object with another value under a key."""
        return Record({**self.fields, key: value}, self.others)

    def __or__(self, other: Record) -> Record:
        keys = dict.fromkeys([*self.fields, *other.fields])
        return Record({key: self.get(key) | other.get(key) for key in keys}, self.others | other.others)


@dataclass(frozen=True, slots=True)
class Value:
    """All that a value can be. `truth` holds `TRUE` and `FALSE` as bits; `absent`: it may not be there at all.

    `special` is what only a template knows: a macro, a loop, a namespace. `made` is what the value was made by in a
    payload, for whoever reports; it is no part of the value.
    """

    text: Text | None = None
    number: Number | None = None
    truth: int = 0
    null: bool = False
    sequence: Sequence | None = None
    record: Record | None = None
    absent: bool = False
    special: Any = None
    made: Any = field(default=None, compare=False)

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of value that it can be, as filters call them."""
        return _KIND_SETS[
            (self.text is not None)
            + 2 * (self.number is not None)
            + 4 * (self.truth != 0)
            + 8 * self.null
            + 16 * (self.sequence is not None)
            + 32 * (self.record is not None)
            + 64 * (self.special is not None)
        ]

    @property
    def impossible(self) -> bool:
        """Whether there is no such value."""
        return not (
            self.absent
            or self.text is not None
            or self.number is not None
            or self.record is not None
            or self.sequence is not None
            or self.truth != 0
            or self.null
            or self.special is not None
        )

    @property
    def present(self) -> Value:
        """The value where it is there."""
        return replace(self, absent=False) if self.absent else self

    def __or__(self, other: Value) -> Value:
        if self is other or other is NOTHING:
            return self
        if self is NOTHING:
            return other
        return Value(
            _either(self.text, other.text),
            _either(self.number, other.number),
            self.truth | other.truth,
            self.null or other.null,
            _either(self.sequence, other.sequence),
            _either(self.record, other.record),
            self.absent or other.absent,
            _either_special(self.special, other.special),
            self.made if self.made is not None else other.made,
        )

    def only(self, *kinds: str) -> Value:
        """The value as far as it is of these kinds."""
        return Value(
            self.text if "text" in kinds else None,
            self.number if "number" in kinds else None,
            self.truth if "boolean" in kinds else 0,
            self.null and "null" in kinds,
            self.sequence if "list" in kinds else None,
            self.record if "object" in kinds else None,
            self.absent and "absent" in kinds,
            self.special if "special" in kinds else None,
            self.made,
        )


_KINDS = ("text", "number", "boolean", "null", "list", "object", "special")
_KIND_SETS = tuple(
    frozenset(kind for bit, kind in enumerate(_KINDS) if bits >> bit & 1) for bits in range(1 << len(_KINDS))
)


def _either(one: Any, two: Any) -> Any:
    if one is None or two is None:
        return two if one is None else one
    return one if one is two else one | two


def _either_special(one: Any, two: Any) -> Any:
    if one is None or two is None:
        return two if one is None else one
    return one if one == two else UNKNOWN


NOTHING = Value()
ABSENT = Value(absent=True)
NULL = Value(null=True)
ANY_TEXT = Value(text=ANY)
NO_ITEMS = Value(sequence=Sequence())


UNKNOWN = "unknown"
"""The special value of which nothing at all is known."""


def _anything(depth: int) -> Value:
    if depth == 0:
        return Value(ANY, ANY_NUMBER, EITHER, True, special=UNKNOWN)
    inner = _anything(depth - 1)
    return Value(
        ANY,
        ANY_NUMBER,
        EITHER,
        True,
        Sequence((Part(inner, Range(0, None)),)),
        Record({}, inner),
    )


ANYTHING = _anything(3)
"""Any JSON value; deep inside of it stands what nothing is known of."""


NOBODY_KNOWS = replace(ANYTHING, special=UNKNOWN)
"""A value of which nothing is known, and nothing is said."""


_MOST_PLACES = 2_000


def bounded(value: Value) -> Value:
    """The value, or one of which nothing is known where it has so many places that nobody could go through them.

    A loop of forty rounds, in which a value is set twice into the next one, makes a million million places.
    """
    pending = [value]
    count = 0
    while pending:
        each = pending.pop()
        count += 1
        if count > _MOST_PLACES:
            return NOBODY_KNOWS
        if each.sequence is not None:
            pending += [part.item for part in each.sequence.parts]
        if each.record is not None:
            pending += [*each.record.fields.values(), each.record.others]
    return value


def of_text(text: Text) -> Value:
    """A value that is a text."""
    return Value(text=text)


def of_number(number: Number) -> Value:
    """A value that is a number."""
    return Value(number=number)


def of_truth(truth: int) -> Value:
    """A value that is true (`TRUE`), false (`FALSE`), or either."""
    return Value(truth=truth)


def of_constant(value: Any) -> Value:
    """The value that is this one JSON value."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return Value(truth=TRUE if value else FALSE)
    if isinstance(value, str):
        return Value(text=literal(value))
    if isinstance(value, int | float):
        return Value(number=numbers([value]))
    if isinstance(value, dict):
        return Value(record=Record({key: of_constant(item) for key, item in value.items()}, NOTHING))
    return Value(sequence=of_items(of_constant(item) for item in value))


def of_items(items: Iterable[Value]) -> Sequence:
    """The list of these items."""
    parts: list[Part] = []
    for item in items:
        if parts and len(parts) >= _MAX_PARTS:
            parts[-1] = Part(parts[-1].item | item, parts[-1].count + Range(1, 1))
        else:
            parts.append(Part(item, Range(1, 1)))
    return Sequence(tuple(parts))


def constants(value: Value, most: int = 64) -> list[Any] | None:
    """All values that it can be, where they are scalars and few; None for all others."""
    if value.absent or value.sequence is not None or value.record is not None or value.special is not None:
        return None
    found: list[Any] = [True] * (value.truth & TRUE) + [False] * (value.truth >> 1) + [None] * value.null
    if value.text is not None:
        texts = value.text.literals
        if texts is None:
            return None
        found += texts
    if value.number is not None:
        if value.number.values is None:
            return None
        found += value.number.values
    return found if len(found) <= most else None


def truth_of(value: Value) -> int:
    """Whether a value counts as true in a condition: `TRUE` and `FALSE` as bits."""
    found = value.truth
    if value.null or value.absent:
        found |= FALSE
    if value.text is not None:
        points = value.text.points
        found |= (TRUE if points.most != 0 else 0) | (FALSE if points.least == 0 else 0)
    if value.number is not None:
        found |= (0 if value.number.only_zero else TRUE) | (FALSE if value.number.zero else 0)
    if value.sequence is not None:
        count = value.sequence.count
        found |= (TRUE if count.most != 0 else 0) | (FALSE if count.least == 0 else 0)
    if value.record is not None:
        found |= EITHER if not any(not each.absent for each in value.record.fields.values()) else TRUE
    if value.special is not None:
        # Of a macro or a loop it is sure; nothing is known of what has a word for it.
        found |= EITHER if isinstance(value.special, str) else TRUE
    return found


def json_bytes(value: Value) -> Range:
    """The bytes of the compact JSON of a value."""
    found: list[Range] = []
    if value.text is not None:
        found.append(value.text.escaped + Range(2, 2))
    if value.number is not None:
        found.append(_number_bytes(value.number))
    if value.truth & TRUE or value.null:
        found.append(Range(4, 4))
    if value.truth & FALSE:
        found.append(Range(5, 5))
    if value.sequence is not None:
        found.append(_list_bytes(value.sequence))
    if value.record is not None:
        found.append(_object_bytes(value.record))
    if not found:
        return Range(0, 0)
    total = found[0]
    for each in found[1:]:
        total = total | each
    return total


_LONGEST_NUMBER = 25


def _number_bytes(number: Number) -> Range:
    if number.values is not None:
        sizes = [len(json.dumps(value)) for value in number.values]
        # Beyond Python's own spelling another one may be shorter or longer by its exponent.
        slack = 0 if number.whole else 3
        return Range(max(1, min(sizes) - slack), max(sizes) + slack)
    if number.whole and number.least is not None and number.most is not None:
        return Range(1, max(len(str(int(number.least))), len(str(int(number.most)))))
    return Range(1, _LONGEST_NUMBER)


def _list_bytes(sequence: Sequence) -> Range:
    total = Range(2, 2)
    for part in sequence.parts:
        total = total + json_bytes(part.item).times(part.count)
    count = sequence.count
    most = None if count.most is None else max(0, count.most - 1)
    return total + Range(max(0, count.least - 1), most)


def _object_bytes(record: Record) -> Range:
    total = Range(2, 2)
    certain = 0
    for key, value in record.fields.items():
        size = json_bytes(value.present) + Range(len(json.dumps(key, ensure_ascii=False).encode()) + 1, None).up_to(
            len(json.dumps(key, ensure_ascii=False).encode()) + 1
        )
        total = total + (Range(0, None if size.most is None else size.most) if value.absent else size)
        certain += not value.absent
    commas = max(0, len(record.fields) - 1)
    total = total + Range(max(0, certain - 1), commas)
    if not record.others.impossible:
        return Range(total.least, None)
    return total
