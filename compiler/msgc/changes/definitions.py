"""Two versions of one definition: its parameters, its payloads for the same values, its limits."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from msgc.changes.forms import differing_places, same_form
from msgc.changes.headroom import HeadroomChange, compare_headroom
from msgc.changes.marks import marks_of
from msgc.changes.parameters import ParameterChange, compare_parameters
from msgc.changes.payloads import Change, compare_payloads
from msgc.changes.tries import made_up, other_values
from msgc.contract import Contract
from msgc.definition import Definition, Example
from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Path, dotted, pointer
from msgc.expand import expand
from msgc.parameters.sentences import shown
from msgc.prove import Bound, prove
from msgc.verify import verify

ELSEWHERE = "a macro"
"""The place of what is made differently in a file of macros, or by another locale."""
_INDEX = re.compile(r"/\d+(?=/)")
MAX_TRIED = 3
"""How many made-up sets of values are told at most, each for a difference that no example shows."""

Presence = Literal["both", "added", "removed", "tried"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a definition makes of values: a payload, and why it is not one to send (both empty: nothing was asked)."""

    payload: Mapping[str, Any] | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions rendered for the same values.

    `example` names the values, None where none are needed; `tried` ones are made up, and then it says what they are.
    `values_changed` says that the example has other values in the later version, which are those compared.
    """

    example: str | None
    presence: Presence
    values_changed: bool
    before: Rendered
    after: Rendered
    changes: tuple[Change, ...]

    @property
    def differs(self) -> bool:
        """Whether a recipient is told something else, or is told it no more."""
        return bool(self.changes) or bool(self.newly_refused) or self.accepted_now

    @property
    def newly_refused(self) -> tuple[str, ...]:
        """Why values that made a message before make none now."""
        return () if self.before.refused else self.after.refused

    @property
    def accepted_now(self) -> bool:
        """Whether values that made no message before make one now."""
        return bool(self.before.refused) and not self.after.refused and self.presence in ("both", "tried")


Status = Literal["added", "removed", "renamed", "changed", "broken"]


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """What is different about one definition. `was` is its earlier name where it is `renamed`.

    `content` and `content_before` say what it sends, as `msgc list` shows it. `problems` are the errors that keep a
    version from being compared, `problems_before` those of the earlier one. `unseen` are the places of the payload that
    are made differently without any of the compared values showing it, `compared` is how many those were.
    """

    name: str
    status: Status
    was: str | None = None
    file: str | None = None
    content_before: str | None = None
    content: str | None = None
    fallback: tuple[str | None, str | None] | None = None
    parameters: tuple[ParameterChange, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    headroom: tuple[HeadroomChange, ...] = ()
    unseen: tuple[str, ...] = ()
    compared: int = 0
    problems_before: tuple[Diagnostic, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def reaches_recipients(self) -> bool:
        """Whether a recipient gets something else, as far as the compared values show."""
        if self.status in ("added", "removed", "broken"):
            return True
        return self.fallback is not None or any(comparison.differs for comparison in self.comparisons)

    @property
    def matters(self) -> bool:
        """Whether there is more to say than that examples have come, gone or changed."""
        return bool(
            self.reaches_recipients or self.parameters or self.headroom or self.unseen or self.status == "renamed"
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say at all."""
        examples = (each.presence != "both" or each.values_changed for each in self.comparisons)
        return not self.matters and not any(examples)


def compare_definitions(
    before: Definition,
    after: Definition,
    contracts: tuple[Contract, Contract],
    *,
    macros: Collection[str] | None = None,
) -> DefinitionChange:
    """What is different between two versions of a definition, each under its contract.

    `macros` are the names of macros whose files may differ, None where all files of macros are the same.
    """
    known = [before.parameters.complete(example.values) for example in before.examples]
    known_after = [after.parameters.complete(example.values) for example in after.examples]
    same = same_form(before, after, macros=macros)
    comparisons = [*_of_examples(before, after, contracts)]
    tried = 0
    if not same:
        more = [*_of_tries(before, after, contracts)]
        tried = len(more)
        comparisons += _telling(comparisons, more)
    unseen = () if same else _unseen(differing_places(before, after), comparisons)
    return DefinitionChange(
        name=after.name,
        status="changed" if before.name == after.name else "renamed",
        was=None if before.name == after.name else before.name,
        file=after.document.source.name,
        content_before=before.content,
        content=after.content,
        fallback=None if before.fallback == after.fallback else (before.fallback, after.fallback),
        parameters=compare_parameters(before.parameters, after.parameters, known, known_after),
        comparisons=tuple(comparisons),
        headroom=compare_headroom(_bounds(before, contracts[0]), _bounds(after, contracts[1])),
        unseen=unseen,
        compared=tried + sum(_is_compared(comparison) for comparison in comparisons if comparison.presence != "tried"),
    )


def lone_definition(
    definition: Definition, contract: Contract, status: Literal["added", "removed"]
) -> DefinitionChange:
    """A definition that only one version has, with what its examples make."""
    comparisons = []
    for name, values in _own_values(definition):
        made = render(definition, values, contract)
        sides = (Rendered(), made) if status == "added" else (made, Rendered())
        changes = compare_payloads({} if sides[0].payload is None else sides[0].payload, sides[1].payload or {})
        comparisons.append(Comparison(name, status, False, *sides, changes))
    return DefinitionChange(
        name=definition.name,
        status=status,
        file=definition.document.source.name,
        content_before=definition.content if status == "removed" else None,
        content=definition.content if status == "added" else None,
        comparisons=tuple(comparisons),
    )


def render(definition: Definition, values: Mapping[str, Any], contract: Contract) -> Rendered:
    """What a definition makes of raw values, without a recipient; values of parameters that it lacks are left out."""
    parameters = definition.parameters
    complete = parameters.complete({name: value for name, value in values.items() if name in parameters.names})
    violations = parameters.judge(complete)
    if violations:
        problems = parameters.explain(violations, lambda *_: None, definition=definition.name)
        return Rendered(None, tuple(dict.fromkeys(problem.message for problem in problems)))
    try:
        payload = expand(definition, complete)
    except Rejected as rejected:
        return Rendered(None, _errors(rejected.diagnostics))
    return Rendered(payload.data, _errors(verify(payload, contract, recipient=False)))


def _errors(problems: Iterable[Diagnostic]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(problem.message for problem in problems if problem.severity == "error"))


def _own_values(definition: Definition) -> list[tuple[str | None, Mapping[str, Any]]]:
    if definition.examples or definition.needs_values:
        return [(example.name, example.values) for example in definition.examples]
    return [(None, {})]


def _of_examples(before: Definition, after: Definition, contracts: tuple[Contract, Contract]) -> Iterator[Comparison]:
    old = {example.name: example for example in before.examples}
    new = {example.name: example for example in after.examples}
    for name, example in new.items():
        mine = old.get(name)
        if mine is None:
            yield _compared(name, "added", example.values, before, after, contracts)
            continue
        changed = mine.values != example.values
        comparison = _compared(name, "both", example.values, before, after, contracts)
        if changed:
            comparison = _of_changed_values(comparison, mine, before, after, contracts)
        yield replace(comparison, values_changed=changed)
    for name, example in old.items():
        if name not in new:
            yield _compared(name, "removed", example.values, before, after, contracts)
    if not old and not new and not before.needs_values and not after.needs_values:
        yield _compared(None, "both", {}, before, after, contracts)


def _of_changed_values(
    comparison: Comparison,
    mine: Example,
    before: Definition,
    after: Definition,
    contracts: tuple[Contract, Contract],
) -> Comparison:
    """The comparison for the earlier values instead, where only they are taken by both, or show a difference."""
    if _is_compared(comparison) and comparison.differs:
        return comparison
    other = _compared(mine.name, "both", mine.values, before, after, contracts)
    if _is_compared(other) and (other.differs or not _is_compared(comparison)):
        return other
    if not _is_compared(comparison):
        # No values suit both: what each makes of its own is the best there is to see.
        return _sides(mine.name, "both", render(before, mine.values, contracts[0]), comparison.after)
    return comparison


def _compared(
    name: str | None,
    presence: Presence,
    values: Mapping[str, Any],
    before: Definition,
    after: Definition,
    contracts: tuple[Contract, Contract],
) -> Comparison:
    return _sides(name, presence, render(before, values, contracts[0]), render(after, values, contracts[1]))


def _sides(name: str | None, presence: Presence, mine: Rendered, theirs: Rendered) -> Comparison:
    both = mine.payload is not None and theirs.payload is not None
    return Comparison(
        name, presence, False, mine, theirs, compare_payloads(mine.payload, theirs.payload) if both else ()
    )


def _is_compared(comparison: Comparison) -> bool:
    return comparison.before.payload is not None and comparison.after.payload is not None


def _of_tries(before: Definition, after: Definition, contracts: tuple[Contract, Contract]) -> Iterator[Comparison]:
    """Comparisons for values that are in no example, but that both versions take."""
    for side, other in ((after, before), (before, after)):
        spare = made_up(other.parameters) or {}
        known = [side.parameters.complete(example.values) for example in side.examples]
        known = [values for values in known if not side.parameters.judge(values)]
        for values, path in other_values(side.parameters, known):
            lacking = {name: value for name, value in spare.items() if name not in values}
            comparison = _compared(_described(values, path), "tried", {**values, **lacking}, before, after, contracts)
            if _is_compared(comparison) and not comparison.before.refused:
                yield comparison


def _described(values: Mapping[str, Any], path: Path) -> str:
    if not path:
        return ", ".join(f"{name} {shown(value)}" for name, value in values.items()) or "no values"
    value: Any = values
    for step in path:
        value = value[step]
    return f"{_dotted(path)} {shown(value)}"


def _dotted(path: Path) -> str:
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _telling(known: Iterable[Comparison], more: Iterable[Comparison]) -> list[Comparison]:
    """Those of the comparisons that show a difference which no other shows."""
    seen = {mark for comparison in known for change in comparison.changes for mark in marks_of(change)}
    found: list[Comparison] = []
    for comparison in more:
        marks = {mark for change in comparison.changes for mark in marks_of(change)}
        if marks - seen and not comparison.newly_refused and len(found) < MAX_TRIED:
            seen |= marks
            found.append(comparison)
    return found


def _unseen(places: Collection[Path], comparisons: Iterable[Comparison]) -> tuple[str, ...]:
    """The places that are made differently without a comparison showing it, there or around."""
    compared = [comparison for comparison in comparisons if comparison.differs]
    pointers = [place for comparison in compared for each in comparison.changes for place in (each.pointer, each.was)]
    changed = {_without_indexes(place) for place in pointers if place is not None}
    found = []
    for path in places:
        place = _without_indexes(pointer(path))
        if not any(each.startswith(place) or place.startswith(each) for each in changed):
            found.append(dotted(path) or "the whole")
    return tuple(found) if compared or places else (ELSEWHERE,)


def _without_indexes(place: str) -> str:
    return _INDEX.sub("", f"{place}/")


def _bounds(definition: Definition, contract: Contract) -> tuple[Bound, ...]:
    return prove(definition, contract, bounds=True).bounds
