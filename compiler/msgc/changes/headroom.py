"""How near the worst case of two versions comes to each limit: what is left of it, and what can break it now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from msgc.bounds.words import Range
from msgc.prove import Bound

MARGIN = 10
"""By how many per cent of a limit the worst case must come nearer to be told, as long as the limit holds."""

_INDEX = re.compile(r"\[(?:\d+|\*)\]")


@dataclass(frozen=True, slots=True)
class HeadroomChange:
    """A limit that is nearer than it was, or that some values can break now.

    `place` is the place in the later payload; `before` and `after` are the most that the limit measures there in its
    unit, None where that is unknown or unlimited; `allowed_before` and `allowed` are what it allows.
    """

    kind: Literal["nearer", "can-break"]
    place: str
    rule: str
    unit: str
    before: int | None
    after: int | None
    allowed_before: int | None
    allowed: int | None
    message: str


def compare_headroom(before: Iterable[Bound], after: Iterable[Bound]) -> tuple[HeadroomChange, ...]:
    """The limits of which less is left, in the order of the later definition.

    Limits that are only advised, that are looked for in each message, or that measure the same for all values are left
    out: what is written out is seen to change.
    """
    old, new = _by_place(before), _by_place(after)
    found = []
    for group, bounds in new.items():
        known = old.get(group, ())
        pairs = zip(known, bounds, strict=True) if len(known) == len(bounds) else [(_worst(known), _worst(bounds))]
        for mine, theirs in pairs:
            change = None if theirs is None else _compare(mine, theirs)
            if change is not None:
                found.append(change)
    return tuple(found)


def _by_place(bounds: Iterable[Bound]) -> dict[tuple[str, str], Sequence[Bound]]:
    """The bounds by limit and place, items of lists together: an item more moves those behind it."""
    found: dict[tuple[str, str], list[Bound]] = {}
    for bound in bounds:
        if bound.severity == "error" and not bound.in_each_message:
            found.setdefault((_INDEX.sub("[]", bound.place), bound.rule), []).append(bound)
    return {key: tuple(group) for key, group in found.items()}


def _worst(bounds: Sequence[Bound]) -> Bound | None:
    return max(bounds, key=lambda bound: (bound.verdict != "proven", _most(bound.measured)), default=None)


def _most(measured: Range | None) -> float:
    if measured is None:
        return 0.0
    return float("inf") if measured.most is None else float(measured.most)


def _compare(before: Bound | None, after: Bound) -> HeadroomChange | None:
    was_safe = before is None or before.verdict == "proven"
    if after.verdict != "proven":
        return _told("can-break", before, after) if was_safe else None
    if before is None or before.verdict != "proven" or (_is_plain(before) and _is_plain(after)):
        return None
    mine, theirs, limit = _top(before.measured), _top(after.measured), _top(after.allowed)
    limit_before = _top(before.allowed)
    if mine is None or theirs is None or limit is None or limit_before is None:
        return None
    left_before, left = limit_before - mine, limit - theirs
    if left < left_before and (left_before - left) * 100 >= MARGIN * limit:
        return _told("nearer", before, after)
    return None


def _is_plain(bound: Bound) -> bool:
    """Whether it is the same for all values, so that the change itself is seen in every payload."""
    return bound.fixed or (bound.measured is not None and bound.measured.least == bound.measured.most)


def _top(measured: Range | None) -> int | None:
    return None if measured is None else measured.most


def _told(kind: Literal["nearer", "can-break"], before: Bound | None, after: Bound) -> HeadroomChange:
    unit = "" if after.unit == "none" else after.unit
    mine, theirs = None if before is None else _top(before.measured), _top(after.measured)
    allowed_before, allowed = None if before is None else _top(before.allowed), _top(after.allowed)
    measured = after.measured is not None and allowed is not None
    if kind == "nearer":
        message = f"`{after.place}` comes nearer to its limit: up to {theirs:,} of {allowed:,} {unit} now"
        message = (
            message.rstrip() + f", up to {mine:,}" + ("" if allowed == allowed_before else f" of {allowed_before:,}")
        )
        message += " before"
    elif after.verdict == "broken":
        message = f"`{after.place}` breaks a limit for all values now"
    elif measured and after.measured is not None and after.measured.most is None:
        message = f"`{after.place}` can grow without end now, of {allowed:,} {unit}".rstrip() + " allowed"
    elif measured and theirs is not None and allowed is not None and theirs > allowed:
        message = f"`{after.place}` can break its limit now: up to {theirs:,} of {allowed:,} {unit}".rstrip()
    else:
        message = f"`{after.place}` can break a limit now"
    if kind == "can-break" and measured and mine is not None and after.verdict != "broken":
        message += f", up to {mine:,} before"
    return HeadroomChange(kind, after.place, after.rule, unit, mine, theirs, allowed_before, allowed, message)
