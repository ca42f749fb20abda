"""What walking a template gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgc.bounds.values import Sequence, Value
from msgc.bounds.words import Range, Text
from msgc.template.infer.notes import Notes
from msgc.template.infer.specials import LoopValue, Scope


@dataclass(frozen=True, slots=True)
class Share:
    """What a piece of a text adds to it: fixed text (`code` is empty), or what an expression or a block prints."""

    code: str
    text: Text

    @property
    def points(self) -> Range:
        """Its length in code points."""
        return self.text.points


@dataclass(frozen=True, slots=True)
class Inferred:
    """What a template can make: `value`, which is impossible where it never makes anything.

    `shares` are the pieces of its longest text; `notes` what may go wrong; `whole` is False where the template was too
    large to be walked.
    """

    value: Value
    shares: tuple[Share, ...] = ()
    notes: Notes = field(default_factory=Notes)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known where a condition is true, and where it is false; None where it never is."""

    true: Scope | None
    false: Scope | None
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True, slots=True)
class Looped:
    """The items of a loop (None where it has no list), and what is known in a round with one of them."""

    items: Sequence | None
    inner: Callable[[Value, LoopValue], Scope]
    notes: Notes = field(default_factory=Notes)
