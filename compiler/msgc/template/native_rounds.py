"""The rounds of a loop of the tree in native code."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from msgc.native.kinds import Kind


@dataclass(frozen=True, slots=True)
class NativeRounds:
    """Code for a loop: what it goes through, and the variables of a round.

    `kept` goes through the items once more, where a condition leaves some out. `most` is the most rounds there can be.
    """

    items: ast.expr
    kept: ast.expr | None
    item: ast.Name
    index: ast.Name
    kind: Kind
    most: int
