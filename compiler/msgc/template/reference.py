"""A name that a template reads from outside."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that a template reads from outside, and the offsets of one use.

    `guarded` says that this use asks first whether the name is there (`is defined`, `default`).
    """

    name: str
    start: int
    end: int
    guarded: bool = False
