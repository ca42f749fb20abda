"""What stands at an index or in a part of a list or a text, and what repeating it makes."""

from __future__ import annotations

import math

from msgc.bounds.numbers import Number
from msgc.bounds.values import ABSENT, NOTHING, Part, Record, Sequence, Value, constants, of_text
from msgc.bounds.words import Range, Text, literal, repeat, run


def keys_of(key: Value, record: Record) -> list[str] | None:
    """The keys of an object that one of a few texts can be; None where they are not known."""
    known = constants(key)
    if known is None or not all(isinstance(each, str) and each in record.fields for each in known):
        return None
    return known


def item_at(sequence: Sequence, index: int | None) -> Value:
    """The item of a list at an index, where that is known."""
    count = sequence.count
    if index is None:
        return sequence.item | ABSENT
    distance = index + 1 if index >= 0 else -index
    inside = count.least >= distance
    outside = count.most is not None and count.most < distance
    if outside:
        return ABSENT
    parts = sequence.parts if index >= 0 else sequence.parts[::-1]
    found, before = NOTHING, Range(0, 0)
    for part in parts:
        through = before + part.count
        if before.least < distance and (through.most is None or through.most >= distance):
            found = found | part.item
        if through.least >= distance and before == Range(before.least, before.least):
            break
        before = through
    return found if inside else found | ABSENT


def one_character(text: Text) -> Text:
    """Any one character of a text."""
    return run(text.mask, 1, 1)


def cut_list(sequence: Sequence, start: int, stop: int | None, *, simple: bool) -> Sequence:
    """`list[start:stop]`; where the bounds are not simply known, any of the items."""
    count = sequence.count
    if not simple:
        return Sequence((Part(sequence.item, Range(0, count.most)),), foreign=sequence.foreign)
    ends = [end for end in (count.most, stop) if end is not None]
    most = None if not ends else max(0, min(ends) - start)
    least = max(0, (count.least if stop is None else min(count.least, stop)) - start)
    if most == 0:
        return Sequence(foreign=sequence.foreign)
    if len(sequence.parts) > 1 and all(part.count == Range(1, 1) for part in sequence.parts):
        return Sequence(sequence.parts[start:stop], foreign=sequence.foreign)
    return Sequence((Part(sequence.item, Range(least, most)),), sequence.distinct, sequence.foreign)


def cut_text(text: Text, start: int, stop: int | None, *, simple: bool) -> Text:
    """`text[start:stop]`; where the bounds are not simply known, any of the characters."""
    known = text.literals
    if simple and known is not None:
        return literal(*(each[start:stop] for each in known))
    points = text.points
    if not simple:
        return run(text.mask, 0, points.most)
    ends = [end for end in (points.most, stop) if end is not None]
    most = None if not ends else max(0, min(ends) - start)
    least = max(0, (points.least if stop is None else min(points.least, stop)) - start)
    return run(text.mask, least if most is None else min(least, most), most)


def repeated(holder: Value, count: Number | None) -> Value:
    """`value * count` for a text or a list."""
    if count is None or (holder.text is None and holder.sequence is None):
        return NOTHING
    least = 0 if count.least is None else max(0, math.floor(count.least))
    most = None if count.most is None else max(0, math.floor(count.most))
    rounds = Range(least, most)
    found = NOTHING if holder.text is None else of_text(repeat(holder.text, rounds))
    if holder.sequence is not None:
        parts = (Part(holder.sequence.item, holder.sequence.count.times(rounds)),)
        found = found | Value(sequence=Sequence(parts, foreign=holder.sequence.foreign))
    return found
