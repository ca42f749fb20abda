"""A definition expanded with what its parameters can be: the payload of all its payloads.

Where conditions of the tree depend on the parameters alone, each case is a world of its own, so that two keys of which
there is always one are never both, or neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from msgc.bounds.values import (
    ABSENT,
    EITHER,
    FALSE,
    NOTHING,
    TRUE,
    Part,
    Record,
    Sequence,
    Value,
    constants,
    of_constant,
    of_text,
)
from msgc.bounds.words import EMPTY, Range
from msgc.definition import (
    Address,
    Constant,
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
from msgc.expand import MAX_NODES
from msgc.parameters.ranges import ranges_of
from msgc.prove.differing import differs
from msgc.prove.made import Made
from msgc.template import Reference, Template
from msgc.template.infer.inferred import Inferred
from msgc.template.infer.notes import Notes
from msgc.template.infer.specials import NO_ELSE, LoopValue, Scope

_MAX_WORLDS = 16
_MAX_UNROLLED = 24
_KINDS = {"string": "text", "number": "number", "integer": "number", "boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class Binding:
    """What a `$with` gives to a parameter of a fragment, to be held against its schema."""

    included: Included
    name: str
    value: Value | None
    node: Node | None


@dataclass(frozen=True, slots=True)
class World:
    """One case of the tree's conditions: what the parameters can be in it, and the payload."""

    scope: Scope
    payload: Value


class TooLarge(Exception):  # noqa: N818 - named for what happened
    """The payload grows beyond what any message needs, which rendering it says."""


@dataclass
class Expansion:
    """Expands one definition. `notes` are what the templates may do wrong, by their places in the tree."""

    definition: Definition
    notes: dict[Origin, tuple[Notes, tuple[Origin, ...]]] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    wrong: dict[Origin, tuple[str, str, bool]] = field(default_factory=dict)
    whole: bool = True
    _left: int = MAX_NODES
    _known: dict[tuple[object, ...], Inferred] = field(default_factory=dict)
    _kept: list[object] = field(default_factory=list)
    _ranges: dict[int, dict[str, Value]] = field(default_factory=dict)

    def world(self) -> World:
        """All cases of the definition's conditions at once: what they add and take away may be there or not."""
        scope = ranges_of(self.definition.parameters)
        return World(scope, self.expand(self.definition.body, scope, ()))

    def worlds(self) -> list[World]:
        """The cases of the definition's conditions, each with its payload."""
        scopes: list[Scope] = [ranges_of(self.definition.parameters)]
        for guard in _guards(self.definition.body):
            split = [inner for scope in scopes for inner in self._cases(guard, scope)]
            if len(split) > _MAX_WORLDS:
                break
            scopes = split
        return [World(scope, self.expand(self.definition.body, scope, ())) for scope in scopes]

    @property
    def splits(self) -> bool:
        """Whether there are conditions to be told apart."""
        return next(_guards(self.definition.body), None) is not None

    @property
    def failing(self) -> frozenset[Origin]:
        """The places of templates that surely fail."""
        return frozenset(
            origin for origin, (notes, _) in self.notes.items() if any(note.certain for note in notes.problems())
        )

    def _cases(self, guard: Guarded, scope: Scope) -> list[Scope]:
        decided = guard.condition.decide(scope)
        return [case for case in (decided.true, decided.false) if case is not None] or [scope]

    # ---------------------------------------------------------------------------------------------------- nodes

    def expand(self, node: Node, scope: Scope, through: tuple[Origin, ...]) -> Value:
        """All that a node can become; absent where an `$if` may remove it. Raises TooLarge."""
        self._left -= 1
        if self._left < 0:
            raise TooLarge
        if isinstance(node, Constant):
            return replace(of_constant(node.value), made=Made(node, node.origin, through))
        if isinstance(node, Leaf):
            return self._leaf(node, scope, through)
        if isinstance(node, Fields):
            fields = {key: self.expand(child, scope, through) for key, child in node.entries}
            guards = (child.condition.references for _, child in node.entries if isinstance(child, Guarded))
            names = self._read(reference for references in guards for reference in references)
            return Value(record=Record(fields, NOTHING), made=Made(node, node.origin, through, parameters=names))
        if isinstance(node, Items):
            return self._items(node, scope, through)
        if isinstance(node, Guarded):
            return self._guarded(node, scope, through)
        if isinstance(node, Included):
            return self._included(node, scope, through)
        if isinstance(node, Address):
            return self._address(node, scope, through)
        raise AssertionError(f"{type(node).__name__} stands outside a list")

    def _guarded(self, node: Guarded, scope: Scope, through: tuple[Origin, ...]) -> Value:
        decided = node.condition.decide(scope)
        self._note(node.origin, decided.notes, through)
        if decided.true is None:
            return replace(ABSENT, made=Made(node, node.origin, through))
        value = self.expand(node.node, decided.true, through)
        return value if decided.false is None else replace(value, absent=True)

    def _items(self, node: Items, scope: Scope, through: tuple[Origin, ...]) -> Value:
        parts = [part for child in node.entries for part in self._parts(child, scope, through)]
        read = (child.loop.references for child in map(unguarded, node.entries) if isinstance(child, Repeated))
        names = self._read(reference for references in read for reference in references)
        return Value(sequence=Sequence(tuple(parts)), made=Made(node, node.origin, through, parameters=names))

    def _parts(self, node: Node, scope: Scope, through: tuple[Origin, ...]) -> Iterator[Part]:
        if isinstance(node, Repeated):
            yield from self._repeated(node, scope, through)
            return
        value = self.expand(node, scope, through)
        inside = node.node if isinstance(node, Guarded) else node
        least = 0 if value.absent else 1
        if isinstance(inside, Included) and value.sequence is not None:
            for part in value.sequence.parts:
                yield Part(part.item, Range(part.count.least * least, part.count.most))
        elif value.kinds:
            yield Part(replace(value, absent=False), Range(least, 1))

    def _repeated(self, node: Repeated, scope: Scope, through: tuple[Origin, ...]) -> Iterator[Part]:
        looped = node.loop.infer(scope)
        self._note(node.origin, looped.notes, through)
        if looped.items is None:
            return
        count = looped.items.count
        parts = [part for part in looped.items.parts if part.count.most != 0]
        unrolled = len(parts) <= _MAX_UNROLLED and all(part.count == Range(1, 1) for part in parts)
        for index, part in enumerate(parts):
            here = Range(index + 1, index + 1) if unrolled else Range(1, count.most)
            first = _bit(index == 0) if unrolled else EITHER
            last = _bit(index == len(parts) - 1) if unrolled else EITHER
            loop = LoopValue(count, here, first, last, looped.items.item)
            inner = looped.inner(part.item, loop)
            for made in self._parts(node.node, inner, through):
                item = made.item if unrolled else _repeating(made.item, node, looped.items, part.count)
                yield Part(item, made.count.times(part.count))

    def _leaf(self, node: Leaf, scope: Scope, through: tuple[Origin, ...]) -> Value:
        as_text = node.wanted == "string" or (node.wanted == "any" and node.template.kind != "expression")
        inferred = self._inferred(node.template, scope, as_text)
        self._note(node.origin, inferred.notes, through)
        self.whole = self.whole and inferred.whole
        value = inferred.value
        if value.special == NO_ELSE:
            value = replace(value, special=None) | of_text(EMPTY)
        if not as_text and node.wanted != "any":
            value = self._fitting(node, value)
        return replace(
            value,
            absent=False,
            made=Made(node, node.origin, through, inferred.shares, parameters=self._read(node.template.references)),
        )

    def _fitting(self, node: Leaf, value: Value) -> Value:
        wanted = node.wanted
        kind = _KINDS[wanted]
        fits = value.only(kind)
        fraction = wanted == "integer" and value.number is not None and not value.number.whole
        if value.kinds - {kind} or fraction:
            self.wrong[node.origin] = (wanted, kind, not fits.kinds)
        return fits

    def _inferred(self, template: Template, scope: Scope, as_text: bool) -> Inferred:
        """Inferred once for equal values of the names that it reads."""
        if "include" in template.text:
            return template.infer(scope, text=as_text)
        names = {reference.name for reference in template.references}
        key = (template, as_text, *(id(scope.get(name)) for name in sorted(names)))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = template.infer(scope, text=as_text)
            self._kept += [scope.get(name) for name in names]  # an id is one only as long as its object lives
        return known

    def _read(self, references: Iterable[Reference]) -> frozenset[str]:
        """The definition's parameters among the names that a template reads."""
        return frozenset(each.name for each in references) & frozenset(self.definition.parameters.names)

    def _note(self, origin: Origin, notes: Notes, through: tuple[Origin, ...]) -> None:
        known = self.notes.get(origin)
        if known is None:
            known = self.notes[origin] = (Notes(), through)
        known[0].merge(notes)

    # --------------------------------------------------------------------------------------- fragments, addresses

    def _included(self, node: Included, scope: Scope, through: tuple[Origin, ...]) -> Value:
        parameters = node.fragment.parameters
        ranges = self._ranges.get(id(parameters))
        if ranges is None:
            ranges = self._ranges[id(parameters)] = ranges_of(parameters)
        given: dict[str, Value] = {}
        for name, binding in node.bindings:
            value = self.expand(binding, scope, through)
            given[name] = value
            self.bindings.append(Binding(node, name, value, binding))
        for name in parameters.required:
            if name not in given:
                self.bindings.append(Binding(node, name, None, None))
        inner = {name: _bound(ranges[name], given.get(name)) for name in parameters.names}
        return self.expand(node.fragment.content, inner, (*through, node.origin))

    def _address(self, node: Address, scope: Scope, through: tuple[Origin, ...]) -> Value:
        value = self.expand(node.node, scope, through)
        known = constants(value.present) or []
        key = "userId" if known and all(node.contract.is_user_id(str(each)) for each in known) else "id"
        fields = {key: replace(value, absent=False), "channelType": of_constant("whatsapp")}
        return Value(record=Record(fields, NOTHING), absent=value.absent, made=value.made)


def _bit(truth: bool) -> int:
    return TRUE if truth else FALSE


def _bound(declared: Value, given: Value | None) -> Value:
    """What a parameter of a fragment can be: what is given, as far as its schema takes it."""
    if given is None or given.absent or given.sequence is not None or given.record is not None:
        return declared
    if not given.kinds <= declared.kinds:
        return declared
    known = constants(given)
    if known is not None:
        return replace(given, made=None)
    if given.text is not None and declared.text is not None and given.kinds == {"text"}:
        inside, outside = given.text.points, declared.text.points
        narrower = outside.most is None or (inside.most is not None and inside.most <= outside.most)
        return replace(given, made=None) if narrower and inside.least >= outside.least else declared
    return declared


def _repeating(value: Value, node: Repeated, items: Sequence, count: Range) -> Value:
    """The item of a loop, in whose leaves it is remembered that there are several of them."""
    if count.most is not None and count.most <= 1:
        return value
    made = value.made
    if isinstance(made, Made):
        value = replace(value, made=_in_loop(made, node, items))
    if value.record is not None:
        fields = {key: _repeating(field, node, items, count) for key, field in value.record.fields.items()}
        value = replace(value, record=Record(fields, value.record.others))
    if value.sequence is not None:
        parts = (Part(_repeating(part.item, node, items, count), part.count) for part in value.sequence.parts)
        value = replace(value, sequence=Sequence(tuple(parts), value.sequence.distinct))
    return value


def _in_loop(made: Made, node: Repeated, items: Sequence) -> Made:
    inner = [name for names in made.loops for name in names]
    leaf = made.node
    different = (
        made.differs
        and isinstance(leaf, Leaf)
        and "{%" not in leaf.template.text
        and differs(made.shares, node.loop, items, inner)
    )
    names = made.parameters | {reference.name for reference in node.loop.references}
    return replace(made, loops=(*made.loops, node.loop.names), differs=different, parameters=names)


def unguarded(node: Node) -> Node:
    """The node behind an `$if`, or the node itself."""
    return node.node if isinstance(node, Guarded) else node


def _guards(node: Node) -> Iterator[Guarded]:
    """The conditions of the tree that see the definition's parameters and nothing else."""
    if isinstance(node, Guarded):
        yield node
        yield from _guards(node.node)
    elif isinstance(node, Fields):
        for _, child in node.entries:
            yield from _guards(child)
    elif isinstance(node, Items):
        for child in node.entries:
            yield from _guards(child)
    elif isinstance(node, Address):
        yield from _guards(node.node)
