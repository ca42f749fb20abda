"""The parameters of two versions of a definition: what breaks for whoever gives values, and what they may do now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from msgc.parameters import Parameters
from msgc.parameters.compare import Difference, compare
from msgc.parameters.likeness import has_default, same
from msgc.parameters.places import resolve
from msgc.parameters.sentences import shown

Kind = Literal["added", "removed", "required", "optional", "narrowed", "perhaps-narrowed", "widened", "default"]
_NO_DEFAULT = object()
_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """One change of what a definition takes. `name` is what the author calls the place (`order.lines[].name`).

    `breaks` says that values which were taken before are refused now, or may be (`perhaps-narrowed`). `before` and
    `after` are what is allowed, or the default, as text; None where there is nothing to say.
    """

    kind: Kind
    name: str
    breaks: bool
    message: str
    before: str | None = None
    after: str | None = None


def compare_parameters(
    before: Parameters,
    after: Parameters,
    known: Sequence[Mapping[str, Any]] = (),
    known_after: Sequence[Mapping[str, Any]] = (),
) -> tuple[ParameterChange, ...]:
    """The changes from one set of parameters to another, in the order of the later one; what breaks comes first.

    `known` are completed values that the earlier parameters take, `known_after` that the later ones do.
    """
    found = [*_names(before, after)]
    shared = [name for name in after.names if name in before.names]
    refused: list[Difference] = []
    for name in shared:
        mine, theirs = before.schema["properties"][name], after.schema["properties"][name]
        if not same(before.schema, mine, after.schema, theirs):
            refused += _of(name, compare(before, after, known))
    narrowed = [_narrowed(difference) for difference in _distinct(refused)]
    found += narrowed
    wider: list[Difference] = []
    for name in shared:
        mine, theirs = before.schema["properties"][name], after.schema["properties"][name]
        if not same(before.schema, mine, after.schema, theirs):
            wider += [each for each in _of(name, compare(after, before, known_after)) if each.certain]
    found += [_widened(difference) for difference in _distinct(wider)]
    for name in shared:
        found += _defaults(name, before, before.schema["properties"][name], after, after.schema["properties"][name], 0)
    told: dict[tuple[str, str, str], ParameterChange] = {}
    for change in found:
        told.setdefault((change.kind, change.name, change.message), change)
    return tuple(sorted(told.values(), key=lambda change: not change.breaks))


def _names(before: Parameters, after: Parameters) -> Iterator[ParameterChange]:
    for name in after.names:
        if name not in before.names:
            if name in after.required:
                message = f"`{name}` is a new parameter without a default: who sends must give it"
                yield ParameterChange("added", name, True, message)
            else:
                default = shown(_default(after, after.schema["properties"][name]))
                message = f"`{name}` is a new parameter, {default} unless it is given"
                yield ParameterChange("added", name, False, message, after=default)
        elif name in after.required and name not in before.required:
            default = shown(_default(before, before.schema["properties"][name]))
            message = f"`{name}` has no default any more ({default} before): who sends must give it"
            yield ParameterChange("required", name, True, message, before=default)
        elif name in before.required and name not in after.required:
            default = shown(_default(after, after.schema["properties"][name]))
            message = f"`{name}` has a default now: it is {default} unless it is given"
            yield ParameterChange("optional", name, False, message, after=default)
    for name in before.names:
        if name not in after.names:
            message = f"the parameter `{name}` is gone: who gives it is refused"
            yield ParameterChange("removed", name, True, message)


def _of(name: str, differences: Sequence[Difference]) -> list[Difference]:
    return [difference for difference in differences if difference.path[:1] == (name,) and len(difference.must) > 0]


def _distinct(differences: Sequence[Difference]) -> list[Difference]:
    return list({(each.name, each.keyword, each.theirs): each for each in differences}.values())


def _narrowed(difference: Difference) -> ParameterChange:
    name, must = difference.name, difference.must
    if difference.certain:
        message = f"`{name}` takes less: it could {difference.may} before, and {must} now"
        return ParameterChange("narrowed", name, True, message, difference.found, difference.allowed)
    message = f"`{name}` may take less, which cannot be told for sure: {must} now"
    return ParameterChange("perhaps-narrowed", name, True, message, None, difference.allowed)


def _widened(difference: Difference) -> ParameterChange:
    before = f" (before: {difference.allowed})" if difference.allowed else ""
    message = f"`{difference.name}` takes more: it may {difference.may} now{before}"
    return ParameterChange("widened", difference.name, False, message, difference.allowed, difference.found)


def _defaults(
    name: str, before: Parameters, mine: Any, after: Parameters, theirs: Any, depth: int
) -> Iterator[ParameterChange]:
    """The defaults that differ, at every depth that both have; one that comes or goes at the top is told elsewhere."""
    mine, theirs = _resolved(before, mine), _resolved(after, theirs)
    old, new = _default(before, mine), _default(after, theirs)
    if old is not _NO_DEFAULT and new is not _NO_DEFAULT and (old != new or type(old) is not type(new)):
        message = f"`{name}` is {shown(new)} unless it is given, and was {shown(old)}"
        yield ParameterChange("default", name, False, message, shown(old), shown(new))
    elif depth and old is _NO_DEFAULT and new is not _NO_DEFAULT:
        message = f"`{name}` has a default now: it is {shown(new)} unless it is given"
        yield ParameterChange("optional", name, False, message, after=shown(new))
    elif depth and new is _NO_DEFAULT and old is not _NO_DEFAULT:
        message = f"`{name}` has no default any more ({shown(old)} before): who sends must give it"
        yield ParameterChange("required", name, True, message, before=shown(old))
    if depth >= _MAX_DEPTH or not isinstance(mine, Mapping) or not isinstance(theirs, Mapping):
        return
    for key, inner in theirs.get("properties", {}).items():
        if key in mine.get("properties", {}):
            yield from _defaults(f"{name}.{key}", before, mine["properties"][key], after, inner, depth + 1)
    if "items" in mine and "items" in theirs:
        yield from _defaults(f"{name}[]", before, mine["items"], after, theirs["items"], depth + 1)


def _resolved(parameters: Parameters, schema: Any) -> Any:
    steps = 0
    while isinstance(schema, Mapping) and "$ref" in schema and "default" not in schema and steps < _MAX_DEPTH:
        schema = resolve(parameters.schema, schema["$ref"])
        steps += 1
    return schema


def _default(parameters: Parameters, schema: Any) -> Any:
    if not has_default(parameters.schema, schema):
        return _NO_DEFAULT
    resolved = _resolved(parameters, schema)
    return resolved["default"]
