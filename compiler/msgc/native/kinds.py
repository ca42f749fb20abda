"""What is known of a value while code is written: enough to choose the operation that a template's own rules choose."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most `most` code points. `even`: it has no line break where the texts of the values have none."""

    most: int
    even: bool = True


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number; with `whole`, an integer of at most 64 bits."""

    whole: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Null:
    """Null and nothing else."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of at most `most` items."""

    item: Kind
    most: int


@dataclass(frozen=True, slots=True)
class Keyed:
    """An object with these keys and perhaps others; a key that may not be there has a `Maybe`.

    Where the code has a variable for a key's value already, it is in `variables`.
    """

    fields: Mapping[str, Kind]
    variables: Mapping[str, ast.expr] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value that may be missing: then it is the code's mark for that."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Nullable:
    """A value that may be null."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Foreign:
    """Any JSON value; what is done with it is decided when it is there."""


@dataclass(frozen=True, slots=True)
class InLoop:
    """`loop` in a round: the round's number (from 1), and the count of all rounds where it is known."""

    index: ast.expr
    count: ast.expr | None


Kind: TypeAlias = Text | Number | Truth | Null | Listed | Keyed | Maybe | Nullable | Foreign | InLoop

FOREIGN = Foreign()
LONGEST_TEXT = 4_096
"""Code points of a text that native code handles; longer ones, of which a template may have enough, go the long way."""
LONGEST_LIST = 200
"""Items of a list that native code handles."""
LONGEST_NUMBER = 400
"""Characters of a number that is printed."""


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression, which can be evaluated any number of times, and what its value is."""

    code: ast.expr
    kind: Kind


def joined(one: Kind, other: Kind) -> Kind | None:
    """What a value is that is either of two; None where nothing useful is known of it."""
    if isinstance(one, Text) and isinstance(other, Text):
        return Text(max(one.most, other.most), one.even and other.even)
    if isinstance(one, Number) and isinstance(other, Number):
        return Number(one.whole and other.whole)
    return one if one == other else None
