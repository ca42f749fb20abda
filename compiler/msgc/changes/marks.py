"""What is the same about a change for all values: by it, a difference that many examples show is told once."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from msgc.changes.payloads import Change
from msgc.changes.words import edits

_INDEX = re.compile(r"/\d+(?=/|\Z)")


def marks_of(change: Change) -> frozenset[Hashable]:
    """The marks of a change: one for each edit of a text, else one; what values put around an edit is no part of it."""
    if change.kind in ("added", "removed"):
        value = change.after if change.kind == "added" else change.before
        if change.pointer.rsplit("/", 1)[-1].isdecimal():  # items of a list are told apart by what they say
            return frozenset(((change.kind, change.pointer, repr(value)),))
        return frozenset(((change.kind, change.pointer, tuple(_places("", value))),))
    place = _INDEX.sub("/*", change.pointer)
    if change.kind == "changed" and isinstance(change.before, str) and isinstance(change.after, str):
        return frozenset((place, *edit) for edit in edits(change.before, change.after))
    if change.kind == "moved":
        return frozenset(((change.kind, change.pointer, change.was),))
    return frozenset(((change.kind, place, repr((change.before, change.after))),))


def _places(place: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _places(f"{place}/{key}", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(f"{place}/{index}", item)
    else:
        yield place
