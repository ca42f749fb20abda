"""Values that parameters take, each made with an aim: the longest, the emptiest, equal items, spaces at the ends.

What is made may be refused after all, where keywords work together; whoever uses it asks the parameters.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgc.parameters import Parameters
from msgc.parameters.extents import item_counts, least_number, text_lengths
from msgc.parameters.judges import GROUPS, Judges, judges_of
from msgc.parameters.samples import Sampler, numbers

Aim = Literal["plain", "longest", "shortest", "equal", "blank", "spaced", "lines", "null", "heavy"]
AIMS: tuple[Aim, ...] = ("longest", "shortest", "equal", "blank", "spaced", "lines", "null", "heavy")
_MAX_DEPTH = 6
_MAX_CHOICES = 48
_MAX_ITEMS = 40
_MOST_ITEMS = 200
_MOST_PARTS = 1_000
# Letters that turn into three or two capitals, and characters that take more room than one unit or byte.
_HEAVY = ("ﬃ", "ß", "👍", "é", '"')
_MAX_STEPS = 1_000
_LARGE = (1e300, -1e300)
_WRITTEN_OUT = 1e15
"""Beyond this, Python writes an exponent where messages have all the digits."""
_MAX_TRIES = 200
_DIGITS = ("0123456789", "abcdefghij", "ABCDEFGHIJ")
_NOTHING: Any = object()


class Maker:
    """Makes values for the parameters of a definition; `size` is how long an unbounded text must be at least."""

    def __init__(self, parameters: Parameters, size: int) -> None:
        self._parameters = parameters
        self._size = size
        self._sampler = Sampler()
        self._variant = 0
        self._steps = _MAX_STEPS

    def whole(self, aim: Aim, variant: int = 0) -> dict[str, Any] | None:
        """Values for all parameters; None where one has none. Variants take another of the values that serve an aim."""
        self._variant = variant
        self._steps = _MAX_STEPS
        made = {}
        for name in self._parameters.names:
            value = self.value(name, aim)
            if value is not _NOTHING:
                made[name] = value
            elif name in self._parameters.required:
                return None
        return made

    def value(self, name: str, aim: Aim) -> Any:
        """A value for one parameter."""
        self._sampler.restart()
        return self._made(judges_of(self._parameters, name), aim, 0)

    def choices(self) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
        """The places of flags and of words out of a few, with all that can stand there."""
        for name in self._parameters.names:
            yield from self._choices(judges_of(self._parameters, name), (name,))

    def _choices(self, judges: Judges, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
        found: list[Any] = []
        for alternative in judges.alternatives():
            for group in ("string", "number", "boolean", "null"):
                if GROUPS[group] & alternative.types:
                    found += alternative.values(group) or []
        if found:
            yield path, found[:8]
        if len(path) < _MAX_DEPTH and judges.types & {"object"}:
            for name in judges.names:
                yield from self._choices(judges.inside(name), (*path, name))

    def _made(self, judges: Judges, aim: Aim, depth: int) -> Any:
        self._steps -= 1
        if self._steps < 0:
            return _NOTHING
        found = [value for value in self._values(judges, aim, depth) if judges.takes(value)]
        if not found:
            plain = self._sampler.first(judges, depth)
            return plain[0] if plain else _NOTHING
        if aim == "null" and None in found:
            return None
        if aim in ("longest", "heavy"):
            return max(found, key=_weight)
        return min(found, key=_weight) if aim in ("shortest", "plain") else found[self._variant % len(found)]

    def _values(self, judges: Judges, aim: Aim, depth: int) -> Iterator[Any]:
        if depth > _MAX_DEPTH:
            return
        for alternative in judges.alternatives():
            types = alternative.types
            if aim == "null" and "null" in types:
                yield None
                continue
            if types & GROUPS["string"]:
                yield from self._texts(alternative, aim)
            if types & GROUPS["number"]:
                yield from alternative.values("number") or numbers(alternative)
                yield from _LARGE if aim in ("longest", "heavy") else ()
            if types & GROUPS["boolean"]:
                yield from (True, False) if aim != "shortest" else (False, True)
            if not any(alternative.schemas):
                continue  # where anything goes, a text will do
            if types & GROUPS["array"]:
                yield from self._lists(alternative, aim, depth)
            if types & GROUPS["object"]:
                yield from self._objects(alternative, aim, depth)

    def _texts(self, judges: Judges, aim: Aim) -> Iterator[str]:
        known = judges.values("string")
        if known is not None:
            yield from known
            return
        least, most = text_lengths(judges)
        if aim in ("longest", "heavy"):
            length = self._size if most is None else min(most, max(self._size, 1))
            for size in dict.fromkeys((length, most or length)):
                if aim == "heavy":
                    yield from (character * size for character in _HEAVY)
                yield from itertools.islice(self._sampler.texts(judges, size), 6)
        elif aim == "blank":
            yield from (" " * max(least, 1), "\u3000" * max(least, 1))
        elif aim == "spaced":
            for size in dict.fromkeys((max(least, 2), least + 1)):
                yield from (" " + "x" * (size - 1), "x" * (size - 1) + " ")
        elif aim == "lines":
            size = max(least, 3)
            yield from ("x\n" + "x" * (size - 2), "x" + " " * max(5, size - 2) + "x", "x\t" + "x" * (size - 2))
        if aim in ("spaced", "lines"):
            for size in (least, least + 4):
                for text in itertools.islice(self._sampler.texts(judges, size), 3):
                    yield from _disturbed(text, aim)
        if aim not in ("longest", "heavy"):
            yield from itertools.islice(self._sampler.texts(judges, least), 8)
            yield from itertools.islice(self._sampler.texts(judges, max(least, 1)), 8)

    def _lists(self, judges: Judges, aim: Aim, depth: int) -> Iterator[list[Any]]:
        least, most = item_counts(judges)
        if aim in ("longest", "heavy", "equal"):
            wanted = _MAX_ITEMS if aim != "equal" else max(2, least)
            count = wanted if most is None else min(most, _MOST_ITEMS if aim != "equal" else wanted)
        elif aim == "plain":
            count = max(least, min(1, most if most is not None else 1))
        else:
            count = least if aim == "shortest" else max(least, 1 if most != 0 else 0)
        fixed = min(count, max([0, *(len(prefix) for prefix in judges.constants("prefixItems"))]))
        items = [self._made(judges.inside(index), aim, depth + 1) for index in range(fixed)]
        if count > fixed:
            item = self._made(judges.inside(fixed), aim, depth + 1)
            # Lists in lists in lists would be larger than any message.
            count = max(least, fixed, min(count, fixed + _MOST_PARTS // _parts(item)))
            items += [item] * (count - fixed)
        if _NOTHING not in items:
            yield items
            if aim == "equal" and len(items) == 2 and isinstance(items[0], dict):
                yield from self._twins(judges.inside(1), items[0], depth)
            if len(items) > 1 and items[0] == items[-1]:
                yield from self._different(judges, items)
                yield items[: max(1, least)]
        yield from self._sampler.lists(judges, count, depth)

    def _different(self, judges: Judges, items: list[Any]) -> Iterator[list[Any]]:
        """The same items, made different under the keys that must differ, or under any one key."""
        inner = judges.inside(len(items) - 1)
        if isinstance(items[0], str):
            texts = list(itertools.islice(_numbered(items[0], inner), len(items)))
            yield texts
            return
        if not isinstance(items[0], dict):
            return
        keys = list(dict.fromkeys(key for names in judges.constants("uniqueItemProperties") for key in names))
        for names in (keys, *([key] for key in items[0])):
            changed = [dict(item) for item in items]
            for key in names:
                values = self._distinct(items[0].get(key), inner.inside(key), len(items))
                for item, value in zip(changed, values, strict=False):
                    item[key] = value
            yield changed

    def _distinct(self, value: Any, judges: Judges, count: int) -> list[Any]:
        if isinstance(value, str) and judges.values("string") is None:
            found = list(itertools.islice(_numbered(value, judges), count))
            if len(found) == count:
                return found
        if type(value) is int:
            low = least_number(judges)
            numbers_ = itertools.count(0 if low is None else int(low.number))
            return [each for each in itertools.islice(numbers_, count) if judges.takes(each)]
        return list(itertools.islice(self._sampler.values(judges), count))

    def _twins(self, judges: Judges, item: dict[str, Any], depth: int) -> Iterator[list[Any]]:
        """Two items that differ in one key only."""
        for name in item:
            for value in itertools.islice(self._sampler.values(judges.inside(name), depth=depth + 1), 3):
                if value != item[name]:
                    yield [item, {**item, name: value}]
                    break

    def _objects(self, judges: Judges, aim: Aim, depth: int) -> Iterator[dict[str, Any]]:
        made: dict[str, Any] = {}
        for name in dict.fromkeys([*judges.names, *sorted(judges.guaranteed)]):
            inner = judges.inside(name)
            needed = name in judges.guaranteed and name not in judges.defaults
            if inner.refuses_all or (aim == "shortest" and not needed):
                continue
            value = self._made(inner, aim, depth + 1)
            if value is not _NOTHING:
                made[name] = value
        yield made
        if aim == "shortest":
            return
        yield {name: value for name, value in made.items() if name in judges.guaranteed}


def _disturbed(text: str, aim: Aim) -> Iterator[str]:
    """A text with white space set into it, at its ends and inside."""
    marks = (" ",) if aim == "spaced" else ("\n", "\t", "     ")
    for mark in marks:
        for at in dict.fromkeys((0, len(text), len(text) // 2, 1, len(text) - 1, len(text) - 4)):
            if 0 <= at <= len(text):
                yield text[:at] + mark + text[at:]


def _numbered(text: str, judges: Judges) -> Iterator[str]:
    """Texts of the same length that differ at their ends, as far as they are taken."""
    for number in range(_MAX_TRIES):
        for digits in _DIGITS:
            mark, rest = "", number
            while rest or not mark:
                mark, rest = digits[rest % len(digits)] + mark, rest // len(digits)
            made = text[: max(0, len(text) - len(mark))] + mark
            if judges.takes(made):
                yield made
                break


def _parts(value: Any) -> int:
    """How many values a value holds, itself included."""
    if isinstance(value, dict | list):
        return 1 + sum(map(_parts, value.values() if isinstance(value, dict) else value))
    return 1


def _weight(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_weight, value.values())) + len(value)
    if isinstance(value, list):
        return sum(map(_weight, value)) + len(value)
    if isinstance(value, float) and abs(value) > _WRITTEN_OUT:
        return len(f"{value:.0f}")
    return len(str(value)) if not isinstance(value, bool) else 1


def variations(maker: Maker, base: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The same values with each combination of flags and words, as far as they are few."""
    found = [(path, values) for path, values in maker.choices() if len(values) > 1]
    combinations: Iterator[tuple[Any, ...]] = itertools.product(*(values for _, values in found[:6]))
    for combination in itertools.islice(combinations, _MAX_CHOICES):
        made: Any = dict(base)
        for (path, _), value in zip(found, combination, strict=False):
            made = _placed(made, path, value)
        yield made


def _placed(values: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    if not isinstance(values, dict) or (len(path) > 1 and path[0] not in values):
        return values
    return {**values, path[0]: _placed(values.get(path[0]), path[1:], value)}
