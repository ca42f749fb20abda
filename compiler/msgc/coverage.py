"""Coverage: which branches of definitions, fragments and `.j2` files their examples go through, and which none does.

A branch is one place of one file, however many definitions share the file, so it is judged when all of them have been
checked. A definition without branches of its own is one unit, covered once it is rendered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
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
from msgc.list_scope import ListScope
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
        own = definition.document.source.name
        self._owners[own] = definition.name
        self._documents |= dict.fromkeys(documents)
        units = {unit.key: unit for unit in _Walk().units(definition.body, ListScope.of(definition.parameters))}
        if definition.needs_values and not definition.examples:
            self._silent.append((definition, units))
            return
        self._shown |= units
        if not any(file == own for file, *_ in units):
            self._plain.add(definition.name)

    def judge(self, rules: Collection[str]) -> tuple[Coverage, list[Diagnostic]]:
        """The coverage, without what ignore comments set aside; and all findings, those on comments among them.

        `rules` are the names of all rules there are.
        """
        gaps, silent = list(self._gaps()), [_never_rendered(definition) for definition, _ in self._silent]
        found = [*(gap for gap, _ in gaps), *silent]
        marked = suppress.apply(found, self._documents, rules, of_a_run=True)
        told: list[tuple[Diagnostic, int]] = []  # each with how many branches it stands for
        inside: Counter[str] = Counter()
        for gap, (_, name) in zip(marked, gaps, strict=False):
            if name is None or gap.suppressed is not None:
                told.append((gap, 1))
            else:
                inside[name] += 1
        for whole in marked[len(gaps) : len(found)]:
            count = inside[whole.definition or ""]
            words = f"{count:,} branch{'' if count == 1 else 'es'}" if count else None
            told.append((replace(whole, found=words), max(1, count)))
        left = [(each, count) for each, count in told if each.suppressed is None]
        covered = len(self._plain) + sum(key in self._taken for key in self._shown)
        coverage = Coverage(covered, covered + sum(count for _, count in left), tuple(each for each, _ in left))
        return coverage, [*(each for each, _ in told), *marked[len(found) :]]

    def _gaps(self) -> Iterator[tuple[Diagnostic, str | None]]:
        """The finding for each branch that no example goes through.

        With it comes the definition that is never rendered and speaks for it, if only such ones have the branch.
        """
        for key, unit in self._shown.items():
            if key not in self._taken:
                yield self._gap(unit), None
        known = set(self._shown)
        for definition, units in self._silent:
            for key in [key for key in units if key not in known]:
                yield self._gap(units[key]), definition.name
            known |= units.keys()

    def _gap(self, unit: _Unit) -> Diagnostic:
        owner = self._owners.get(unit.key[0])
        return finding(RULE, unit.branch.message, unit.span, definition=owner, help=unit.branch.help)


def _never_rendered(definition: Definition) -> Diagnostic:
    return finding(
        RULE,
        "no example goes through this definition, because it has none",
        definition.document.key_span(("params",)),
        definition=definition.name,
        help="add `examples:` with one set of values",
    )


@dataclass
class _Walk:
    """Goes through a definition's nodes, once through each fragment."""

    _seen: set[int] = field(default_factory=set)

    def units(self, node: Node, scope: ListScope) -> Iterator[_Unit]:
        """The branches in a node that sees the names of a scope."""
        match node:
            case Leaf():
                yield from _of_templates(node.origin, node.template.branches, scope)
            case Guarded():
                yes, no = node.condition.outcomes
                yield _Unit(node.origin, yes, True)
                yield _Unit(node.origin, no, False)
                yield from _of_templates(node.origin, node.condition.branches, scope)
                yield from self.units(node.node, scope)
            case Repeated():
                some, none = node.loop.outcomes
                yield _Unit(node.origin, some, True)
                if none is not None and not scope.is_filled(none.filled):
                    yield _Unit(node.origin, none, False)
                yield from _of_templates(node.origin, node.loop.branches, scope)
                yield from self.units(node.node, scope.within(node.loop))
            case Included():
                for _, binding in node.bindings:
                    yield from self.units(binding, scope)
                if id(node.fragment) not in self._seen:
                    self._seen.add(id(node.fragment))
                    yield from self.units(node.fragment.content, ListScope.of(node.fragment.parameters))
            case Address():
                yield from self.units(node.node, scope)
            case Fields():
                for _, child in node.entries:
                    yield from self.units(child, scope)
            case Items():
                for child in node.entries:
                    yield from self.units(child, scope)


def _of_templates(origin: Origin, branches: tuple[Branch, ...], scope: ListScope) -> Iterator[_Unit]:
    for branch in branches:
        if not scope.is_filled(branch.filled):
            yield _Unit(origin, branch, branch)
