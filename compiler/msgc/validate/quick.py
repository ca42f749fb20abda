"""The same verdict as an `Acceptor`'s, sooner where it is a yes.

jsonschema-rs gives a keyword of our own a copy of the value, which takes longer than all the rest of the schema. So
there are two schemas: one that asks for at least as much and is fast, and the exact one, which is asked where the
first says no. The first is made in three steps:

- A keyword that can name standard keywords which are `enough` for it is tried behind them: `anyOf` of the two, which
  accepts the same values.
- Any other keyword that stands where it must hold (under `allOf`, `properties`, `items`, `then`, and what they refer
  to) is taken out, and checked by itself on what stands at its place.
- All that is asked of one place is merged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from msgc.keywords import KEYWORDS, Keyword
from msgc.validate.accept import Acceptor
from msgc.validate.merge import DEFS, MOST_PARTS, TooLargeError, merge
from msgc.validate.violation import Schema

_OF_SCHEMAS: Final = ("properties", "patternProperties", "dependentSchemas", "$defs")
_NO_SCHEMAS: Final = ("const", "default", "dependentRequired", "enum", "examples")
_NOTES: Final = ("description", "title")
# What depends on which other keywords have looked at a value, or on where in its file a schema stands.
_DELICATE: Final = frozenset({"$anchor", "$dynamicRef", "$id", "unevaluatedItems", "unevaluatedProperties"})

Holds = Callable[[Any], bool]


class QuickAcceptor:
    """A compiled schema that says yes or no, as an `Acceptor` of the same schema does; it must be one for that too."""

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

    checks: list[Holds] = field(default_factory=list)
    fields: dict[str, _Place] = field(default_factory=dict)
    items: list[_Place] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.checks and all(place.is_empty for place in (*self.fields.values(), *self.items))

    def join(self, other: _Place) -> None:
        """Take in what else is checked at this place."""
        self.checks += other.checks
        self.items += other.items
        for name, below in other.fields.items():
            self.fields.setdefault(name, _Place()).join(below)

    def compile(self) -> Holds:
        """Whether a value breaks none of the keywords, as one function."""
        checks = tuple(self.checks)
        fields = tuple((name, place.compile()) for name, place in self.fields.items() if not place.is_empty)
        items = tuple(place.compile() for place in self.items if not place.is_empty)
        if len(checks) == 1 and not fields and not items:
            return checks[0]

        def holds(value: Any) -> bool:
            for check in checks:
                if not check(value):
                    return False
            if fields and isinstance(value, dict):
                for name, below in fields:
                    if name in value and not below(value[name]):
                        return False
            return not items or not isinstance(value, list) or all(below(item) for below in items for item in value)

        return holds


def _quick_check(keyword: Keyword, constraint: Any) -> Holds:
    """Whether a keyword is kept, or at least surely so."""
    if keyword.surely is not None:
        return keyword.surely(constraint)
    return lambda value: not keyword.check(constraint, value)


def _quicken(schema: Schema) -> tuple[Schema, _Place]:
    """The fast schema, and the keywords that are taken out of it: whoever keeps both keeps the exact schema."""
    place = _Place()
    if isinstance(schema, bool) or _is_delicate(schema):
        return schema, place
    try:
        return merge(_prefer(_Lift(schema.get("$defs", {})).lift(schema, place))), place
    except (TooLargeError, RecursionError):
        return schema, _Place()


def _is_delicate(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        reference = schema.get("$ref")
        if isinstance(reference, str) and not reference.startswith(DEFS):
            return True  # into the part that is changed
        return not _DELICATE.isdisjoint(schema) or any(map(_is_delicate, schema.values()))
    return isinstance(schema, list) and any(map(_is_delicate, schema))


class _Lift:
    """Takes keywords out of a schema where they must hold."""

    def __init__(self, defs: Mapping[str, Any]) -> None:
        self._defs = defs
        self._entered: set[str] = set()
        self._parts = 0

    def lift(self, schema: Any, place: _Place) -> Any:
        """What is left of a schema; what is taken out is added to `place`. Raises `TooLargeError`."""
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise TooLargeError
        if not isinstance(schema, Mapping):
            return schema
        kept: dict[str, Any] = {}
        for key, value in schema.items():
            keyword = KEYWORDS.get(key)
            if keyword is not None and keyword.enough is None:
                place.checks.append(_quick_check(keyword, value))
            elif key != "$ref" and not key.startswith("x-") and key not in _NOTES:
                kept[key] = self._lift_below(key, value, schema, place)
        if kept.get("then") == {} and "else" not in kept:
            kept.pop("if", None)  # what is left does not depend on it
            del kept["then"]
        if "$ref" in schema:
            self._follow(schema["$ref"], kept, place)
        return kept

    def _lift_below(self, key: str, value: Any, schema: Mapping[str, Any], place: _Place) -> Any:
        if key == "allOf":
            return [self.lift(part, place) for part in value]
        if key == "then":
            return self.lift(value, place)
        if key == "properties":
            return {name: self.lift(part, place.fields.setdefault(name, _Place())) for name, part in value.items()}
        if key == "items" and "prefixItems" not in schema:
            place.items.append(below := _Place())
            return self.lift(value, below)
        return value

    def _follow(self, reference: str, kept: dict[str, Any], place: _Place) -> None:
        """Puts what is left of a definition in the place of a reference to it."""
        name = reference.removeprefix(DEFS)
        below = _Place()
        part = None
        if name in self._defs and name not in self._entered:  # it may refer to itself
            self._entered.add(name)
            part = self.lift(self._defs[name], below)
            self._entered.remove(name)
        if below.is_empty:
            kept["$ref"] = reference
        else:
            kept["allOf"] = [*kept.get("allOf", ()), part]
            place.join(below)


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
