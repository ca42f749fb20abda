"""The same verdict as an `Acceptor`'s, sooner where it is a yes.

jsonschema-rs gives a keyword of our own a copy of the value, which takes longer than all the rest of the schema. So
there are two schemas: one that asks for at least as much and is fast, and the exact one, which is asked where the
first says no. The first is made in two steps:

- A keyword that can name standard keywords which are `enough` for it is tried behind them: `anyOf` of the two, which
  accepts the same values.
- Any other keyword that stands where it must hold (under `allOf`, `properties`, `items`, `then`, and what they refer
  to) is taken out, and checked by itself on what stands at its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from msgc.keywords import KEYWORDS
from msgc.validate.accept import Acceptor
from msgc.validate.violation import Schema

_DEFS: Final = "#/$defs/"
_OF_SCHEMAS: Final = ("properties", "patternProperties", "dependentSchemas", "$defs")
_NO_SCHEMAS: Final = ("const", "default", "enum", "examples")
_NOTES: Final = ("description", "title")
# What depends on which other keywords have looked at a value, or on where in its file a schema stands.
_DELICATE: Final = frozenset({"$anchor", "$dynamicRef", "$id", "unevaluatedItems", "unevaluatedProperties"})

Holds = Callable[[Any], bool]


class QuickAcceptor:
    """A compiled schema that says yes or no, as an `Acceptor` of the same schema does; raises what that raises."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        quick, place = _quicken(schema)
        self._accepts: Holds = Acceptor(quick).accepts
        self._holds = place.compile()

    def accepts(self, value: Any) -> bool:
        """Whether the schema accepts a value that `check_value` finds nothing in."""
        return (self._accepts(value) and self._holds(value)) or self._exact.accepts(value)

    def is_quick(self, value: Any) -> bool:
        """Whether the fast schema alone accepts a value; whatever it accepts, the exact one accepts too."""
        return self._accepts(value) and self._holds(value)

    @cached_property
    def _exact(self) -> Acceptor:
        return Acceptor(self._schema)


@dataclass(slots=True)
class _Place:
    """What is checked at one place of a value, and at the places below it."""

    checks: list[tuple[Callable[[Any, Any], Any], Any]] = field(default_factory=list)
    fields: dict[str, _Place] = field(default_factory=dict)
    items: _Place | None = None

    @property
    def is_empty(self) -> bool:
        return not self.checks and not self.fields and self.items is None

    def compile(self) -> Holds:
        """Whether a value breaks none of the keywords, as one function."""
        checks = tuple(self.checks)
        fields = tuple((name, place.compile()) for name, place in self.fields.items())
        items = None if self.items is None else self.items.compile()

        def holds(value: Any) -> bool:
            for check, constraint in checks:
                if check(constraint, value):
                    return False
            if fields and isinstance(value, dict):
                for name, below in fields:
                    if name in value and not below(value[name]):
                        return False
            return items is None or not isinstance(value, list) or all(map(items, value))

        return holds


def _quicken(schema: Schema) -> tuple[Schema, _Place]:
    """The fast schema, and the keywords that are taken out of it."""
    place = _Place()
    if isinstance(schema, bool) or _is_delicate(schema):
        return schema, place
    lifted, place = _lift(schema, schema.get("$defs", {}), frozenset())
    return _prefer(lifted), place


def _is_delicate(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        reference = schema.get("$ref")
        if isinstance(reference, str) and not reference.startswith(_DEFS):
            return True  # into the part that is changed
        return not _DELICATE.isdisjoint(schema) or any(map(_is_delicate, schema.values()))
    return isinstance(schema, list) and any(map(_is_delicate, schema))


def _lift(schema: Any, defs: Mapping[str, Any], entered: frozenset[str]) -> tuple[Any, _Place]:
    """A schema without the keywords that must hold where it holds, and these keywords.

    Whoever keeps both keeps the schema. `entered` are the definitions around it, which may refer to themselves.
    """
    place = _Place()
    if not isinstance(schema, Mapping):
        return schema, place
    kept: dict[str, Any] = {}
    added: list[Any] = []
    for key, value in schema.items():
        keyword = KEYWORDS.get(key)
        if keyword is not None and keyword.enough is None:
            place.checks.append((keyword.check, value))
        elif key == "allOf":
            kept[key] = [_merge(place, _lift(part, defs, entered)) for part in value]
        elif key == "properties":
            kept[key] = {}
            for name, part in value.items():
                kept[key][name], below = _lift(part, defs, entered)
                if not below.is_empty:
                    place.fields[name] = _merged(place.fields.get(name, _Place()), below)
        elif key == "items" and "prefixItems" not in schema:
            kept[key], below = _lift(value, defs, entered)
            if not below.is_empty:
                place.items = _merged(place.items or _Place(), below)
        elif key == "then":
            kept[key] = _merge(place, _lift(value, defs, entered))
        elif key == "$ref" and value.startswith(_DEFS):
            name = value.removeprefix(_DEFS)
            part, below = (None, _Place())
            if name in defs and name not in entered:
                part, below = _lift(defs[name], defs, entered | {name})
            if below.is_empty:
                kept[key] = value
            else:
                added.append(_merge(place, (part, below)))
        elif not key.startswith("x-") and key not in _NOTES:
            kept[key] = value
    if kept.get("then") == {} and "else" not in kept:
        kept.pop("if", None)
        del kept["then"]
    if added:
        kept["allOf"] = [*kept.get("allOf", ()), *added]
    return kept, place


def _merge(place: _Place, lifted: tuple[Any, _Place]) -> Any:
    _merged(place, lifted[1])
    return lifted[0]


def _merged(place: _Place, other: _Place) -> _Place:
    """A place with what is checked at another view of it."""
    place.checks += other.checks
    for name, below in other.fields.items():
        place.fields[name] = _merged(place.fields[name], below) if name in place.fields else below
    if other.items is not None:
        place.items = other.items if place.items is None else _merged(place.items, other.items)
    return place


def _prefer(schema: Any) -> Any:
    """An equivalent schema that tries what is enough for a keyword in front of the keyword."""
    if isinstance(schema, list):
        return [_prefer(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, Any] = {}
    added = []
    for key, value in schema.items():
        keyword = KEYWORDS.get(key)
        if keyword is not None and keyword.enough is not None:
            added.append({"anyOf": [keyword.enough(value), {key: value}]})
        elif key in _NO_SCHEMAS or key.startswith("x-"):
            kept[key] = value
        elif key in _OF_SCHEMAS:
            kept[key] = {name: _prefer(part) for name, part in value.items()}
        else:
            kept[key] = _prefer(value)
    if added:
        kept["allOf"] = [*kept.get("allOf", ()), *added]
    return kept
