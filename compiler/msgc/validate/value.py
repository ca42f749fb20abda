"""Whether a value is JSON at all, before any schema is asked."""

from __future__ import annotations

import math
from typing import Any

from msgc.document import Path

MAX_DEPTH = 100
"""How deep a value may be nested: a document's 64 levels, set somewhere into a payload."""
MAX_VALUES = 200_000
"""How many values a value may hold in all."""


def check_value(value: Any) -> list[tuple[Path, str]]:
    """Where a value is not JSON that UTF-8 can carry, each place with a reason like "is not a finite number".

    Refused are NaN and infinities, integers beyond 64 bits, lone surrogates and NUL in text and keys, keys
    that are not text, types that JSON lacks (a member of an enumeration too, which each library takes for something
    else), and values nested too deeply or with too many parts (which includes values that contain themselves).
    """
    problems: list[tuple[Path, str]] = []
    pending: list[tuple[Path, Any]] = [((), value)]
    count = 0
    while pending:
        path, item = pending.pop()
        count += 1
        if isinstance(item, dict | list):
            if len(path) >= MAX_DEPTH:
                return [*problems, (path, f"is nested deeper than {MAX_DEPTH} levels")]
            if count + len(pending) + len(item) > MAX_VALUES:
                return [*problems, ((), f"has more than {MAX_VALUES:,} parts")]
        reason = None
        if isinstance(item, str):
            reason = _refuse_text(item) if type(item) is str else f"is a {type(item).__name__}, and no plain text"
        elif isinstance(item, dict):
            for key, child in reversed(item.items()):
                if not isinstance(key, str):
                    problems.append((path, f"has a key that is not text: {key!r}"))
                elif (refusal := _refuse_text(key)) is not None:
                    problems.append((path, f"has a key that {refusal}"))
                else:
                    pending.append(((*path, key), child))
        elif isinstance(item, list):
            pending.extend(((*path, index), item[index]) for index in range(len(item) - 1, -1, -1))
        else:
            reason = _refuse_scalar(item)
        if reason is not None:
            problems.append((path, reason))
    return problems


def _refuse_text(text: str) -> str | None:
    if "\0" in text:
        return "holds a NUL character"
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds half of a surrogate pair, which UTF-8 cannot express"
    return None


def _refuse_scalar(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if type(value) not in (int, float) and isinstance(value, int | float):
        return f"is a {type(value).__name__}, and no plain number"
    if isinstance(value, float):
        return None if math.isfinite(value) else "is not a finite number"
    if isinstance(value, int):
        return None if -(2**63) <= value < 2**64 else "is an integer of more than 64 bits"
    return f"is a {type(value).__name__}, which JSON cannot express"
