"""Values that some judges take: made up, and kept only if they are taken indeed.

Nothing here is complete. Where no value is found there may be one nevertheless.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgc.document import Path
from msgc.keywords.places import identity
from msgc.parameters import texts
from msgc.parameters.extents import greatest_number, item_counts, least_number, text_lengths
from msgc.parameters.judges import GROUPS, Judges, types_of

_FORMED = {
    "date": ("2026-03-09", "2027-12-31"),
    "date-time": ("2026-03-09T16:30:00Z", "2026-03-09T16:30:00.123456789-03:00"),
    "time": ("16:30:00Z", "16:30:00.123456789-03:00"),
    "email": ("ana@example.com", "a@b"),
    "uri": ("https://example.com/a", "a:"),
    "uuid": ("8e3f1ad2-5b0c-4a9e-9d6f-0b1c2d3e4f50",),
}
_CHARACTERS = "xX1 é👍"
_WORDS = ("x", "X", "1", "", "a b", "Ana", "A-1042", "é", "👍", "x\ny", "2026-03-09")
_NUMBERS = (1, 0, -1, 2, 0.5, -0.5, 10, 1000, 1e15)
_MAX_STEPS = 4_000
_MAX_DEPTH = 6
_MAX_ITEMS = 2_000
_MAX_LENGTH = 20_000


@dataclass
class Sampler:
    """Makes up values. `steps` is how much work is left: when it is done, nothing more is found."""

    steps: int = _MAX_STEPS

    def restart(self) -> None:
        """Begin another search, with all steps left."""
        self.steps = _MAX_STEPS

    def first(self, judges: Judges, depth: int = 0) -> tuple[Any, ...]:
        """The simplest value that is found, in a tuple; an empty tuple where none is."""
        return tuple(itertools.islice(self.values(judges, depth=depth), 1))

    def values(self, judges: Judges, group: str | None = None, depth: int = 0) -> Iterator[Any]:
        """Different values that the judges take, the simplest first; only those of a group of types, if given."""
        seen = set()
        self.steps -= 1
        for alternative in judges.alternatives() if self.steps > 0 else ():
            for name in GROUPS if group is None else (group,):
                if not GROUPS[name] & alternative.types:
                    continue
                for value in self._made(alternative, name, depth):
                    self.steps -= 1
                    if self.steps < 0:
                        return
                    mark = identity(value)
                    if mark not in seen and judges.has(value):
                        seen.add(mark)
                        yield value

    def _made(self, judges: Judges, group: str, depth: int) -> Iterator[Any]:
        known = judges.values(group)
        if known is not None:
            yield from known
            return
        given = [*judges.constants("default"), *itertools.chain.from_iterable(judges.constants("examples"))]
        yield from (value for value in given if types_of(value) <= GROUPS[group])
        if group == "string":
            least, _ = text_lengths(judges)
            yield from self.texts(judges, max(least, 1))
            yield from _WORDS
            yield from (f"{word}{number}" for number in range(12) for word in ("x", ""))
        elif group == "number":
            yield from numbers(judges)
        elif group == "array" and depth < _MAX_DEPTH:
            least, _ = item_counts(judges)
            yield from self.lists(judges, least, depth)
            yield from self.lists(judges, least + 1, depth)
        elif depth < _MAX_DEPTH:
            yield from self.objects(judges, 0, depth)
            yield from self.objects(judges, len(judges.guaranteed) + 1, depth)

    def texts(self, judges: Judges, length: int) -> Iterator[str]:
        """Texts of at least so many characters, which may be taken or not."""
        for name in judges.constants("format"):
            yield from _FORMED[name]
        for pattern in judges.constants("pattern"):
            text = texts.text_of(pattern, length)
            if text is not None:
                yield text
        if length <= _MAX_LENGTH:
            yield from (character * length for character in _CHARACTERS)

    def lists(self, judges: Judges, count: int, depth: int = 0) -> Iterator[list[Any]]:
        """Lists of so many items, which may be taken or not: of different items first, then of equal ones."""
        if count > _MAX_ITEMS:
            return
        fixed = max([0, *(len(prefix) for prefix in judges.constants("prefixItems"))])
        items = [self.first(judges.inside(index), depth + 1) for index in range(min(count, fixed))]
        rest = count - len(items)
        tail = judges.inside(fixed)
        different = list(itertools.islice(self.values(tail, depth=depth + 1), rest))
        if not all(items) or (rest and not different):
            return
        start = [item[0] for item in items]
        yield [*start, *itertools.islice(itertools.cycle(different), rest)]
        if rest > 1:
            yield [*start, *different[:1] * rest]

    def objects(self, judges: Judges, count: int, depth: int = 0) -> Iterator[dict[str, Any]]:
        """Objects of so many entries, or as few as there can be, which may be taken or not."""
        made: dict[str, Any] = {}
        for name in dict.fromkeys([*judges.names, *sorted(judges.guaranteed)]):
            if name in judges.guaranteed:
                value = self.first(judges.inside(name), depth + 1)
                if not value:
                    return
                made[name] = value[0]
        if count <= len(made):
            yield made
            return
        spare = [name for name in judges.names if name not in made]
        for name in itertools.islice(itertools.chain(spare, self._other_names(judges)), _MAX_ITEMS):
            value = () if name in made else self.first(judges.inside(name), depth + 1)
            if value:
                made = {**made, name: value[0]}
            if value and len(made) >= count:
                yield made
            if self.steps < 0 or len(made) >= count:
                return

    def _other_names(self, judges: Judges) -> Iterator[str]:
        for label, _ in judges.others():
            yield from self.names(label, 4 if label is not None else _MAX_ITEMS)

    def names(self, label: str | None, count: int = 3) -> Iterator[str]:
        """Names of entries that match a pattern, if given."""
        if label is None:
            yield from (f"x{number}" for number in range(count))
        else:
            yield from (text for size in range(count) if (text := texts.text_of(label, size)) is not None)

    def placed(self, judges: Judges, path: Path, probes: Sequence[Any], depth: int = 0) -> Iterator[Any]:
        """Values in which one of the probes stands at a path, which may be taken or not."""
        if not path:
            yield from probes
            return
        step = path[0]
        for around in self._around(judges, step, depth):
            for inner in self.placed(around.inside(step), path[1:], probes, depth + 1):
                self.steps -= 1
                if self.steps < 0:
                    return
                if isinstance(step, str):
                    bases = itertools.islice(self.values(around, "object", depth), 3)
                    yield from ({**base, step: inner} for base in bases)
                else:
                    count = max(step + 1, item_counts(around)[0])
                    for base in itertools.islice(self.lists(around, count, depth), 1):
                        yield [*base[:step], inner, *base[step + 1 :]]

    def _around(self, judges: Judges, step: str | int, depth: int) -> Iterator[Judges]:
        container = "array" if isinstance(step, int) else "object"
        for alternative in judges.alternatives() if depth <= _MAX_DEPTH else ():
            if container in alternative.types and not alternative.inside(step).refuses_all:
                yield alternative


def numbers(judges: Judges) -> Iterator[float]:
    """Numbers at the ends of the range, at multiples near them, and some simple ones."""
    low, high = least_number(judges), greatest_number(judges)
    ends = [bound.number for bound in (low, high) if bound is not None]
    yield from ends
    if len(ends) == 2:
        yield _integer((ends[0] + ends[1]) / 2)
    for end in ends:
        yield from (end + 1, end - 1, end + 0.5, end - 0.5)
    for step in judges.constants("multipleOf"):
        yield step
        for end in ends:
            yield from multiples(step, end)
    yield from _NUMBERS


def multiples(step: float, number: float) -> Iterator[float]:
    """The multiples of a step around a number."""
    quotient = number / step
    if math.isfinite(quotient):
        yield from (_integer((math.floor(quotient) + offset) * step) for offset in (0, 1, -1, 2))


def _integer(number: float) -> float:
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 2**53 else number
