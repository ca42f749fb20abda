"""What judging gives: an assertion of the contract, held against all that a value can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msgc.bounds.values import Value
from msgc.bounds.words import Range
from msgc.document import Path

Verdict = Literal["proven", "broken", "can break", "unbounded"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One assertion at one place. `measured` is what it measures there, where that is a size.

    `limit` is the assertion's `x-limit`, None for what belongs to the contract's structure. `value` is what is judged,
    `path` leads to it from the request (the items of a list by the part of the list that they belong to).
    """

    verdict: Verdict
    keyword: str
    constraint: Any
    value: Value
    path: Path
    limit: Mapping[str, Any] | None = None
    measured: Range | None = None
    key: str | None = None
    """The key that is missing, for `required`."""
