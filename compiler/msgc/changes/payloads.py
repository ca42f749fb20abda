"""Two payloads, value by value: what a customer or a program that reads the answer would notice.

Items of lists belong together by what identifies them (a button's or row's id, a product, a template's slot), so that
an item put in front does not change all those behind it.
"""

from __future__ import annotations

import bisect
import difflib
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from msgc.document import Path, pointer

_IDENTITY = ("id", "productRetailerId", "name")
_LOOKS = ("title", "text", "url")
_LIKE_ENOUGH = 0.5
_MAX_LIKENESS = 40
"""How many items of either list are held against each other for likeness; of longer lists they pair up in order."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two payloads.

    `pointer` (RFC 6901) leads to the value in the later payload, or in the earlier one where it is `removed`; `was`
    leads to it in the earlier one, None where it is `added`. A `moved` item of a list has another place among the
    items that both have; what differs inside of it are changes of their own. `before` and `after` are the values, None
    where there is none (JSON's null is told apart by the kind).
    """

    kind: Literal["added", "removed", "changed", "moved"]
    pointer: str
    was: str | None
    before: Any
    after: Any


def compare_payloads(before: Any, after: Any) -> tuple[Change, ...]:
    """The differences between two payloads (plain JSON data), in the order of the later one; none where they are equal.

    The order of an object's keys is none, and neither is how a number is written (`1` and `1.0`).
    """
    return tuple(_compare(before, after, (), ()))


def same_value(before: Any, after: Any) -> bool:
    """Whether two JSON values are equal; `true` is not 1."""
    return _mark(before) == _mark(after)


def _compare(before: Any, after: Any, was: Path, path: Path) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _fields(before, after, was, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(before, after, was, path)
    elif not same_value(before, after):
        yield Change("changed", pointer(path), pointer(was), before, after)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], was: Path, path: Path) -> Iterator[Change]:
    for key, value in after.items():
        if key in before:
            yield from _compare(before[key], value, (*was, key), (*path, key))
        else:
            yield Change("added", pointer((*path, key)), None, None, value)
    for key, value in before.items():
        if key not in after:
            place = pointer((*was, key))
            yield Change("removed", place, place, value, None)


def _items(before: Sequence[Any], after: Sequence[Any], was: Path, path: Path) -> Iterator[Change]:
    pairs = pair_items(before, after)
    moved = _moved([pairs[index] for index in sorted(pairs)])
    for index, value in enumerate(after):
        if index not in pairs:
            yield Change("added", pointer((*path, index)), None, None, value)
            continue
        old = pairs[index]
        if old in moved:
            yield Change("moved", pointer((*path, index)), pointer((*was, old)), before[old], value)
        yield from _compare(before[old], value, (*was, old), (*path, index))
    kept = set(pairs.values())
    for index, value in enumerate(before):
        if index not in kept:
            place = pointer((*was, index))
            yield Change("removed", place, place, value, None)


def pair_items(before: Sequence[Any], after: Sequence[Any]) -> dict[int, int]:
    """Which items of two lists belong together: from the later list's index to the earlier one's.

    Those that are identified alike come first, then equal ones, then those that look alike in one place, then those
    that are like enough between two pairs.
    """
    pairs: dict[int, int] = {}
    for mark in (_identity, _mark, _looks):
        _pair_by(mark, before, after, pairs)
    _pair_by_likeness(before, after, pairs)
    return pairs


def _pair_by(mark: Any, before: Sequence[Any], after: Sequence[Any], pairs: dict[int, int]) -> None:
    """Pair those with the same mark, in order where several have it; what has the mark None has none."""
    taken = set(pairs.values())
    free: dict[Hashable, list[int]] = {}
    for index, value in enumerate(before):
        if index not in taken and mark(value) is not None:
            free.setdefault(mark(value), []).append(index)
    for index, value in enumerate(after):
        if index not in pairs and mark(value) is not None:
            waiting = free.get(mark(value))
            if waiting:
                pairs[index] = waiting.pop(0)


def _pair_by_likeness(before: Sequence[Any], after: Sequence[Any], pairs: dict[int, int]) -> None:
    """Pair what is left between two neighbours that both lists have, as far as it is alike."""
    taken = set(pairs.values())
    for gap, old_gap in _gaps(len(before), len(after), pairs):
        new = [index for index in gap if index not in pairs]
        old = [index for index in old_gap if index not in taken]
        if len(new) > _MAX_LIKENESS or len(old) > _MAX_LIKENESS:
            pairs.update(zip(new, old, strict=False))
            continue
        ranked = sorted(
            (-_likeness(before[left], after[right]), abs(place - other), right, left)
            for place, right in enumerate(new)
            for other, left in enumerate(old)
        )
        for likeness, _, right, left in ranked:
            if -likeness >= _LIKE_ENOUGH and right not in pairs and left not in taken:
                pairs[right] = left
                taken.add(left)


def _gaps(before: int, after: int, pairs: Mapping[int, int]) -> Iterator[tuple[range, range]]:
    """The stretches of both lists between neighbouring pairs that keep their order."""
    moved = _moved([pairs[index] for index in sorted(pairs)])
    kept = [(right, left) for right, left in sorted(pairs.items()) if left not in moved]
    start, old_start = 0, 0
    for right, left in [*kept, (after, before)]:
        yield range(start, right), range(old_start, left)
        start, old_start = right + 1, left + 1


def _moved(order: Sequence[int]) -> frozenset[int]:
    """The fewest numbers of a sequence without which the others ascend."""
    ends: list[int] = []  # of the ascending sequences of each length, the least number that one ends with
    lengths = []
    for number in order:
        length = bisect.bisect_left(ends, number)
        ends[length : length + 1] = [number]
        lengths.append(length)
    kept: set[int] = set()
    wanted, least = len(ends) - 1, max(order, default=0) + 1
    for number, length in zip(reversed(order), reversed(lengths), strict=True):
        if length == wanted and number < least:
            kept.add(number)
            wanted, least = wanted - 1, number
    return frozenset(order) - kept


def _identity(value: Any) -> Hashable | None:
    if isinstance(value, Mapping):
        for key in _IDENTITY:
            if isinstance(value.get(key), str):
                return (key, value[key])
    return None


def _looks(value: Any) -> Hashable | None:
    if isinstance(value, Mapping):
        for key in _LOOKS:
            if isinstance(value.get(key), str):
                return (key, value[key])
    return None


def _likeness(before: Any, after: Any) -> float:
    """How alike two items are, from 0 to 1; items of other kinds are not alike at all."""
    if type(before) is not type(after):
        return 0.0
    if not isinstance(before, str | Mapping | list):
        return 1.0  # two numbers in one place are one that has changed
    matcher = difflib.SequenceMatcher(None, _mark(before), _mark(after))
    return matcher.ratio() if matcher.quick_ratio() >= _LIKE_ENOUGH else 0.0


def _mark(value: Any) -> str:
    """A value's JSON with keys in one order and numbers in one spelling."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
