"""Coverage: which branches of definitions, fragments and `.j2` files their examples go through, and which none does.

A branch is one place of one file, however many definitions share the file, so it is judged when all of them have been
checked. A definition without branches of its own is one unit, covered once it is rendered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from msgc import suppress
from msgc.definition import (
    Address,
    Definition,
    Fields,
    Guarded,
    Included,
    Items,
    Leaf,
    Node,
    Origin,
    Repeated,
)
from msgc.diagnostic import Diagnostic
from msgc.document import Document
from msgc.parameters import Parameters
from msgc.rules import finding
from msgc.scalars import content_span
from msgc.source import Span
from msgc.template import Branch

RULE = "uncovered"

_Way: TypeAlias = Branch | bool
_Key: TypeAlias = tuple[str, int, _Way]
"""A file, an offset in it, and the branch there: of a template, or whether a structure word has it its way."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many branches there are, how many of them the examples go through, and the others' findings."""

    covered: int
    total: int
    uncovered: tuple[Diagnostic, ...]

    @property
    def percent(self) -> int:
        """The covered share, rounded down so that only all is 100; of nothing all is covered."""
        return self.covered * 100 // self.total if self.total else 100


@dataclass(frozen=True, slots=True)
class _Unit:
    origin: Origin
    branch: Branch
    way: _Way

    @property
    def key(self) -> _Key:
        return _key(self.origin, self.way)

    @property
    def span(self) -> Span:
        place = self.branch.place
        if place.source is not None:
            return place.source.span(place.start, place.end)
        return content_span(self.origin.document, self.origin.path, place.start, place.end)


def _key(origin: Origin, way: _Way) -> _Key:
    if isinstance(way, Branch) and way.place.source is not None:
        return way.place.source.name, way.place.start, way
    return origin.document.source.name, origin.document.node(origin.path).start, way


@dataclass
class Record:
    """What the examples of a run have gone through, and all that they could have."""

    _taken: set[_Key] = field(default_factory=set)
    _shown: dict[_Key, _Unit] = field(default_factory=dict)  # in definitions that are rendered
    _silent: list[tuple[Definition, dict[_Key, _Unit]]] = field(default_factory=list)  # in the others
    _plain: set[str] = field(default_factory=set)  # rendered definitions without a branch of their own
    _owners: dict[str, str] = field(default_factory=dict)  # the definition in a file
    _documents: dict[Document, None] = field(default_factory=dict)  # of all of them
    _origin: Origin | None = None

    def at(self, origin: Origin) -> None:
        """What comes next happens at this place."""
        self._origin = origin

    def add(self, branch: Branch) -> None:
        """A template at the place goes a branch."""
        assert self._origin is not None
        self._taken.add(_key(self._origin, branch))

    def note(self, outcome: bool) -> None:
        """The condition at the place is true or false; the loop at the place has a round or none."""
        assert self._origin is not None
        self._taken.add(_key(self._origin, outcome))

    def define(self, definition: Definition, documents: tuple[Document, ...]) -> None:
        """A definition, which is rendered if it has an example or needs no values."""
        self._documents |= dict.fromkeys(documents)
        units = {unit.key: unit for unit in _Walk().units(definition.body, definition.parameters)}
        if definition.needs_values and not definition.examples:
            self._silent.append((definition, units))
            return
        self._shown |= units
        own = definition.document.source.name
        self._owners[own] = definition.name
        if not any(file == own for file, *_ in units):
            self._plain.add(definition.name)

    def judge(self, rules: Collection[str]) -> tuple[Coverage, list[Diagnostic]]:
        """The coverage, without what ignore comments set aside; and all findings, those on comments among them.

        `rules` are the names of all rules there are.
        """
        gaps = list(self._gaps())
        marked = suppress.apply([found for found, _ in gaps], self._documents, rules, of_a_run=True)
        left = [(found, count) for found, (_, count) in zip(marked, gaps, strict=False) if found.suppressed is None]
        covered = len(self._plain) + sum(key in self._taken for key in self._shown)
        total = covered + sum(count for _, count in left)
        return Coverage(covered, total, tuple(found for found, _ in left)), marked

    def _gaps(self) -> Iterator[tuple[Diagnostic, int]]:
        """The finding for each branch that no example goes through, and how many branches it stands for.

        A definition that is never rendered has one for all the branches that only such definitions have.
        """
        for key, unit in self._shown.items():
            if key not in self._taken:
                owner = self._owners.get(key[0])
                yield finding(RULE, unit.branch.message, unit.span, definition=owner, help=unit.branch.help), 1
        known = set(self._shown)
        for definition, units in self._silent:
            count = len(units.keys() - known)
            known |= units.keys()
            yield _never_rendered(definition, count), max(1, count)


def _never_rendered(definition: Definition, branches: int) -> Diagnostic:
    return finding(
        RULE,
        "no example goes through this definition, because it has none",
        definition.document.key_span(("params",)),
        definition=definition.name,
        found=f"{branches:,} branch{'' if branches == 1 else 'es'}" if branches else None,
        help="add `examples:` with one set of values",
    )


@dataclass
class _Walk:
    """Goes through a definition's nodes, once through each fragment."""

    _seen: set[int] = field(default_factory=set)

    def units(self, node: Node, parameters: Parameters) -> Iterator[_Unit]:
        """The branches in a node that sees `parameters`."""
        match node:
            case Leaf():
                yield from _of_templates(node.origin, node.template.branches, parameters)
            case Guarded():
                yes, no = node.condition.outcomes
                yield _Unit(node.origin, yes, True)
                yield _Unit(node.origin, no, False)
                yield from _of_templates(node.origin, node.condition.branches, parameters)
                yield from self.units(node.node, parameters)
            case Repeated():
                some, none = node.loop.outcomes
                yield _Unit(node.origin, some, True)
                if none is not None and not _is_filled(none, parameters):
                    yield _Unit(node.origin, none, False)
                yield from _of_templates(node.origin, node.loop.branches, parameters)
                yield from self.units(node.node, parameters)
            case Included():
                for _, binding in node.bindings:
                    yield from self.units(binding, parameters)
                if id(node.fragment) not in self._seen:
                    self._seen.add(id(node.fragment))
                    yield from self.units(node.fragment.content, node.fragment.parameters)
            case Address():
                yield from self.units(node.node, parameters)
            case Fields():
                for _, child in node.entries:
                    yield from self.units(child, parameters)
            case Items():
                for child in node.entries:
                    yield from self.units(child, parameters)


def _of_templates(origin: Origin, branches: tuple[Branch, ...], parameters: Parameters) -> Iterator[_Unit]:
    for branch in branches:
        if branch.place.source is not None or not _is_filled(branch, parameters):
            yield _Unit(origin, branch, branch)


def _is_filled(branch: Branch, parameters: Parameters) -> bool:
    """Whether the list that a branch wants empty cannot be, by its parameter's own schema."""
    schema: object = dict(parameters.schema)
    for name in branch.filled:
        properties = schema.get("properties") if isinstance(schema, dict) else None
        schema = properties.get(name) if isinstance(properties, dict) else None
    least = schema.get("minItems") if branch.filled and isinstance(schema, dict) else None
    return isinstance(least, int | float) and least >= 1
