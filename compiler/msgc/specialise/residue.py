"""What the proof leaves to be checked in each message: limits at leaves, or the whole payload."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from msgc.contract import Contract
from msgc.definition import Definition, Leaf, Origin
from msgc.native.kinds import Text, Typed
from msgc.native.quote import expression
from msgc.native.writer import Unsuited, Writer
from msgc.prove import unproven
from msgc.prove.made import Made
from msgc.prove.outcome import Outcome
from msgc.validate import Acceptor

_CHECKED_HERE = frozenset({"maxLength", "minLength", "pattern", "not", "maxUtf16Length"})


@dataclass
class Residue:
    """Limits that are not proven, by the leaf at whose place they are; with `always`, each payload is judged whole.

    `unlike` are places (with `*` for every item of a list) whose texts must be unlike each other.
    """

    limits: dict[Origin, list[tuple[str, Any]]] = field(default_factory=dict)
    unlike: set[tuple[str, ...]] = field(default_factory=set)
    always: bool = False

    def checks(self, origin: Origin, writer: Writer, typed: Typed) -> Iterator[ast.expr]:
        """Code that is true where a leaf keeps its limits and has no line break at its edges."""
        bind = writer.bind
        others: list[dict[str, Any]] = []
        for keyword, constraint in self.limits.get(origin, ()):
            if keyword == "maxLength":
                yield expression("len(X) <= N", X=typed.code, N=bind(constraint))
            elif keyword == "minLength":
                yield expression("len(X) >= N", X=typed.code, N=bind(constraint))
            else:
                others.append({keyword: constraint})
        if others:
            yield expression("A(X)", A=bind(Acceptor({"allOf": others}).accepts), X=typed.code)
        if isinstance(typed.kind, Text) and not typed.kind.even:
            yield expression("X[:1] != '\\n' and X[-1:] != '\\n'", X=typed.code)


def residue_of(definition: Definition, contract: Contract) -> Residue:
    """What is left of a definition whose parameters take what they take. Raises `Unsuited` for an endless payload."""
    residue = Residue(always=bool(contract.overrides))
    outcomes = unproven(definition, contract)
    if outcomes is None:
        raise Unsuited
    for outcome in outcomes:
        places = _unlike(outcome)
        if places:
            residue.unlike.update(places)
            continue
        made = outcome.value.made
        if not isinstance(made, Made) or not isinstance(made.node, Leaf) or outcome.keyword not in _CHECKED_HERE:
            residue.always = True
            continue
        if outcome.value.kinds != {"text"}:
            residue.always = True
            continue
        known = residue.limits.setdefault(made.origin, [])
        if (outcome.keyword, outcome.constraint) not in known:
            known.append((outcome.keyword, outcome.constraint))
    return residue


def has_edges(value: Any) -> bool:
    """Whether a text in a payload begins or ends with a line break, of which something is said."""
    if isinstance(value, str):
        return value.startswith("\n") or value.endswith("\n")
    if isinstance(value, dict):
        return any(map(has_edges, value.values()))
    return isinstance(value, list) and any(map(has_edges, value))


def _unlike(outcome: Outcome) -> list[tuple[str, ...]]:
    """The places whose texts an outcome wants to be unlike each other."""
    base = tuple("*" if isinstance(step, int) else step for step in outcome.path)
    if outcome.keyword == "uniqueAcross" and "~" not in outcome.constraint:
        return [(*base, *outcome.constraint.split("/")[1:])]
    if outcome.keyword == "uniqueItemProperties":
        return [(*base, "*", each) for each in outcome.constraint]
    return []
