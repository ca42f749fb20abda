"""What a value of an abstract payload was made by."""

from __future__ import annotations

from dataclasses import dataclass

from msgc.definition import Node, Origin
from msgc.template.infer.inferred import Share


@dataclass(frozen=True, slots=True)
class Made:
    """The node and the place that made a value, the fragments around it, and the pieces of its longest text.

    `loops` are the names of the `$for`s with more than one round that it stands in, the innermost first; `differs` says
    that it is another in each round of all of them. `parameters` are those that it is made of.
    """

    node: Node
    origin: Origin
    through: tuple[Origin, ...] = ()
    shares: tuple[Share, ...] = ()
    loops: tuple[tuple[str, ...], ...] = ()
    differs: bool = True
    parameters: frozenset[str] = frozenset()
