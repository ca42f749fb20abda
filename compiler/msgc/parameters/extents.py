"""How long the texts, how large the numbers, and how many the items and entries may be that some judges take."""

from __future__ import annotations

import math
from dataclasses import dataclass

from msgc.parameters import texts
from msgc.parameters.judges import Judges

_FORMATS = {"date": (10, 10), "date-time": (20, None), "time": (9, None), "email": (3, 318), "uri": (2, None),
            "uuid": (36, 36)}  # fmt: skip
_ASCII = frozenset(_FORMATS)
_MAX_RANGE = 64


@dataclass(frozen=True, slots=True)
class Bound:
    """The least or greatest number of a range; `open` if it is not part of it itself."""

    number: float
    open: bool = False


def text_lengths(judges: Judges) -> tuple[int, int | None]:
    """The fewest and the most characters of a text; None where there is no limit, or none that is known."""
    known: list[tuple[int, int | None]] = [_FORMATS[name] for name in judges.constants("format")]
    known += [texts.lengths(pattern) for pattern in judges.constants("pattern")]
    least = max([0, *_whole(judges, "minLength"), *(low for low, _ in known)])
    # No character takes less than one unit or byte, and JSON adds two quotes.
    most = [*_whole(judges, "maxLength"), *_whole(judges, "maxUtf16Length")]
    most += [max(0, size - 2) for size in _whole(judges, "maxUtf8Bytes")]
    most += [high for _, high in known if high is not None]
    if least == 0 and not judges.accepts(""):
        least = 1
    return least, min(most, default=None)


def units(judges: Judges) -> int | None:
    """The most UTF-16 units of a text; None where there is no limit, or none that is known."""
    most = _whole(judges, "maxUtf16Length")
    length = text_lengths(judges)[1]
    if length is not None:
        most.append(length if _ASCII.intersection(judges.constants("format")) else 2 * length)
    return min(most, default=None)


def item_counts(judges: Judges) -> tuple[int, int | None]:
    """The fewest and the most items of a list."""
    most = _whole(judges, "maxItems")
    for schema in judges.schemas:
        if schema.get("items") is False or ("items" not in schema and schema.get("unevaluatedItems") is False):
            closed = "items" in schema or not schema.keys() & {"allOf", "anyOf", "oneOf", "if", "$ref", "contains"}
            most += [len(schema.get("prefixItems", ()))] if closed else []
    return max([0, *_whole(judges, "minItems")]), min(most, default=None)


def entry_counts(judges: Judges) -> tuple[int, int | None]:
    """The fewest and the most entries of an object."""
    most = _whole(judges, "maxProperties")
    if not judges.others():
        most.append(sum(not judges.inside(name).refuses_all for name in judges.names))
    return max([len(judges.guaranteed), *_whole(judges, "minProperties")]), min(most, default=None)


def least_number(judges: Judges) -> Bound | None:
    """Where the numbers begin."""
    found = [Bound(number) for number in judges.constants("minimum")]
    found += [Bound(number, True) for number in judges.constants("exclusiveMinimum")]
    best = max(found, key=lambda bound: (bound.number, bound.open), default=None)
    if best is None or "number" in judges.types:
        return best
    return Bound(math.floor(best.number) + 1 if best.open else math.ceil(best.number))


def greatest_number(judges: Judges) -> Bound | None:
    """Where the numbers end."""
    found = [Bound(number) for number in judges.constants("maximum")]
    found += [Bound(number, True) for number in judges.constants("exclusiveMaximum")]
    best = min(found, key=lambda bound: (bound.number, not bound.open), default=None)
    if best is None or "number" in judges.types:
        return best
    return Bound(math.ceil(best.number) - 1 if best.open else math.floor(best.number))


def whole_numbers(judges: Judges) -> list[int] | None:
    """All numbers of a range, where they are few and whole."""
    low, high = least_number(judges), greatest_number(judges)
    if "number" in judges.types or low is None or high is None or high.number - low.number > _MAX_RANGE:
        return None
    return [number for number in range(int(low.number), int(high.number) + 1) if judges.has(number)]


def _whole(judges: Judges, keyword: str) -> list[int]:
    return [int(number) for number in judges.constants(keyword)]  # `4.0` is a count as well
