"""Values to compare two definitions with, beside those of their examples: each leaf once with other values.

Examples rarely go everywhere, and a change behind a condition that none of them meets is a change all the same.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgc.document import Path
from msgc.parameters import Parameters
from msgc.parameters.extents import text_lengths
from msgc.parameters.judges import Judges, judges_of
from msgc.parameters.samples import Sampler
from msgc.validate import check_value

MAX_TRIES = 120
_EACH = 6
_MAX_DEPTH = 5
_LONG = 200
"""How long a text is tried at least, where it can be so long."""


def other_values(parameters: Parameters, known: Sequence[Mapping[str, Any]]) -> Iterator[tuple[dict[str, Any], Path]]:
    """Completed values that the parameters take, each with the path at which it differs from what it was made of.

    They are made of `known` (values that the parameters take), or of made-up ones (with an empty path) where there are
    none. At most `MAX_TRIES`.
    """
    return itertools.islice(_other_values(parameters, known), MAX_TRIES)


def _other_values(parameters: Parameters, known: Sequence[Mapping[str, Any]]) -> Iterator[tuple[dict[str, Any], Path]]:
    bases = [dict(values) for values in known]
    if not bases:
        made = made_up(parameters)
        if made is None:
            return
        yield made, ()
        bases = [made]
    for base in bases[:3]:
        for name in parameters.names:
            for path, value in _variants(judges_of(parameters, name), base.get(name), (name,)):
                values = _with(base, path, value)
                if values is not None and not check_value(values):
                    complete = parameters.complete(values)
                    if not parameters.judge(complete):
                        yield complete, path


def made_up(parameters: Parameters) -> dict[str, Any] | None:
    """Simple completed values that the parameters take; None where none are found."""
    values: dict[str, Any] = {}
    for name in parameters.required:
        found = Sampler().first(judges_of(parameters, name))
        if not found:
            return None
        values[name] = found[0]
    complete = parameters.complete(values)
    return None if parameters.judge(complete) else complete


def _variants(judges: Judges, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Other values at the places below a path that the value has, then at the path itself."""
    if len(path) < _MAX_DEPTH and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _variants(judges.inside(key), item, (*path, key))
    elif len(path) < _MAX_DEPTH and isinstance(value, list):
        for index, item in enumerate(value[:2]):
            yield from _variants(judges.inside(index), item, (*path, index))
    sampler = Sampler()
    tried = itertools.islice(sampler.values(judges), _EACH)
    yield from ((path, other) for other in tried if other != value or type(other) is not type(value))
    if "string" in judges.types and judges.values("string") is None:
        least, most = text_lengths(judges)
        length = max(least, _LONG if most is None else min(most, _LONG))
        for text in itertools.islice(Sampler().texts(judges, length), 1):
            if judges.has(text):
                yield path, text


def _with(values: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any] | None:
    """A copy of the values with another one at a path."""
    made: dict[str, Any] = copy.deepcopy(dict(values))
    inside: Any = made
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return made
