"""Places of an abstract value, and how many items stand at them together."""

from __future__ import annotations

from collections.abc import Iterator

from msgc.bounds.values import Value
from msgc.bounds.words import Range


def places(pointer: str, value: Value) -> Iterator[tuple[Value, Range]]:
    """The values that stand at a pointer with wildcards, each with how often it does."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    yield from _places(steps, value, Range(1, 1))


def _places(steps: list[str], value: Value, count: Range) -> Iterator[tuple[Value, Range]]:
    if not steps:
        yield value, count
        return
    if steps[0] == "*":
        for part in value.sequence.parts if value.sequence is not None else ():
            yield from _places(steps[1:], part.item, part.count.times(count))
    elif value.record is not None:
        inner = value.record.get(steps[0])
        if inner.kinds:
            times = Range(0, count.most) if inner.absent or value.kinds != {"object"} else count
            yield from _places(steps[1:], inner.present, times)


def total_items(pointer: str, value: Value) -> Range:
    """How many items the lists at a pointer have together."""
    total = Range(0, 0)
    for found, count in places(pointer, value):
        if found.sequence is not None:
            total = total + found.sequence.count.times(count)
    return total
