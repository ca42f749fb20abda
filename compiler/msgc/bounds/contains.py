"""Whether a concrete value is one of those that a `Value` stands for: the meaning of everything else in this room."""

from __future__ import annotations

from typing import Any

from msgc.bounds.characters import SPACES, bit_of, mask_of
from msgc.bounds.numbers import Number, decimals_of
from msgc.bounds.values import FALSE, TRUE, Record, Sequence, Value
from msgc.bounds.words import Text, Word


def contains(value: Value, concrete: Any) -> bool:
    """Whether JSON data can be this value. Tuples are lists; what is special holds everything."""
    if value.special is not None:
        return True
    if concrete is None:
        return value.null
    if isinstance(concrete, bool):
        return bool(value.truth & (TRUE if concrete else FALSE))
    if isinstance(concrete, str):
        return value.text is not None and _text(value.text, concrete)
    if isinstance(concrete, int | float):
        return value.number is not None and _number(value.number, concrete)
    if isinstance(concrete, dict):
        return value.record is not None and _record(value.record, concrete)
    return value.sequence is not None and _sequence(value.sequence, list(concrete))


def _text(text: Text, concrete: str) -> bool:
    return any(_word(word, concrete) for word in text.words)


def _word(word: Word, concrete: str) -> bool:
    size = len(concrete)
    if size < word.least or (word.most is not None and size > word.most):
        return False
    ends = {0}
    for piece in word.pieces:
        following: set[int] = set()
        for start in ends:
            if isinstance(piece, str):
                if concrete.startswith(piece, start):
                    following.add(start + len(piece))
                continue
            most = size if piece.most is None else min(size, start + piece.most)
            end = start
            while end <= most:
                part = concrete[start:end]
                if end - start >= piece.least and (not piece.solid or mask_of(part) & ~SPACES):
                    following.add(end)
                if end == size or not bit_of(concrete[end]) & piece.mask:
                    break
                end += 1
        ends = following
    return size in ends


def _number(number: Number, concrete: float) -> bool:
    if number.whole and not isinstance(concrete, int):
        return False
    if number.values is not None:
        return any(_same(known, concrete) for known in number.values)
    if number.decimals is not None and isinstance(concrete, float) and decimals_of(concrete) > number.decimals:
        return False
    return (number.least is None or concrete >= number.least) and (number.most is None or concrete <= number.most)


def _same(one: float, two: float) -> bool:
    """Whether two numbers are equal and print alike: 0, 0.0 and -0.0 are three."""
    return type(one) is type(two) and one == two and (one != 0 or str(one) == str(two))


def _record(record: Record, concrete: dict[str, Any]) -> bool:
    for key, value in record.fields.items():
        if key not in concrete and not value.absent:
            return False
    return all(contains(record.get(key), item) for key, item in concrete.items())


def _sequence(sequence: Sequence, concrete: list[Any]) -> bool:
    ends = {0}
    for part in sequence.parts:
        following: set[int] = set()
        for start in ends:
            end = start
            while True:
                if end - start in part.count:
                    following.add(end)
                if end == len(concrete) or end - start == part.count.most or not contains(part.item, concrete[end]):
                    break
                end += 1
        ends = following
    return len(concrete) in ends
