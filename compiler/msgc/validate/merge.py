"""A schema that looks at each part of a value once, instead of once for each of its rules.

Rules that are laid over a schema one by one stand beside each other under `allOf`, and each walks through the value by
itself. Here all that is asked of one place is brought together: what `allOf` and `$ref` add, the `properties` of one
name, the `items` of one list, and what follows from one condition. The result accepts the same values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

DEFS: Final = "#/$defs/"
"""What a reference begins with that can be followed."""
MOST_PARTS: Final = 20_000
"""A schema that grows larger than this when its references are followed is left as it is."""

_IGNORED: Final = frozenset({"$comment", "$defs", "$schema", "default", "description", "examples", "title"})
_LEAST: Final = frozenset({"minItems", "minLength", "minProperties"})
_MOST: Final = frozenset({"maxItems", "maxLength", "maxProperties"})
# Keywords that look at each other, by the one that they are nothing without.
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "additionalProperties": ("properties", "patternProperties"),
    "prefixItems": ("items",),
    "contains": ("minContains", "maxContains"),
    "if": ("then", "else"),
}
_SCHEMA: Final = frozenset({"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"})
_SCHEMAS: Final = frozenset({"anyOf", "oneOf", "prefixItems"})
_NAMED: Final = frozenset({"dependentSchemas", "patternProperties", "properties"})

_Part = tuple[Any, frozenset[str]]
"""A schema, and the definitions around it, which may refer to themselves."""
_Merge = Callable[[list[_Part]], dict[str, Any] | bool]


class TooLargeError(Exception):
    """The merged schema would have too many parts."""


def merge(schema: Mapping[str, Any]) -> dict[str, Any]:
    """An equivalent schema without needless walks; every reference in it leads into its own `$defs`.

    Raises `TooLargeError`.
    """
    merger = _Merger(schema.get("$defs", {}))
    merged = merger.merge([(schema, frozenset())])
    merged = merged if isinstance(merged, dict) else {"not": {}}
    kept = {"$schema": schema["$schema"]} if "$schema" in schema else {}
    return {**kept, **merged, **({"$defs": merger.defs} if merger.is_referring else {})}


class _Merger:
    def __init__(self, defs: Mapping[str, Any]) -> None:
        self.defs = defs
        self.is_referring = False
        self._parts = 0

    def merge(self, parts: list[_Part]) -> dict[str, Any] | bool:
        """One schema for what all of the parts ask for."""
        place = _Place()
        for schema, entered in parts:
            self._gather(schema, entered, place)
        return place.write(self.merge)

    def _gather(self, schema: Any, entered: frozenset[str], place: _Place) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise TooLargeError
        if not isinstance(schema, Mapping):
            place.is_closed |= schema is False
            return
        grouped = {key for first, more in _GROUPS.items() if first in schema for key in more}
        for key, value in schema.items():
            if key in _IGNORED or key.startswith("x-") or key in grouped:
                continue
            if key == "allOf":
                for part in value:
                    self._gather(part, entered, place)
            elif key == "$ref":
                self._follow(value, entered, place)
            elif key in _GROUPS:
                group = {name: schema[name] for name in (key, *_GROUPS[key]) if name in schema}
                self._gather_group(key, group, entered, place)
            elif key == "properties":
                for name, part in value.items():
                    place.fields.setdefault(name, []).append((part, entered))
            elif key == "items":
                place.items.append((value, entered))
            else:
                place.add(key, self._inside(key, value, entered))

    def _gather_group(self, key: str, group: dict[str, Any], entered: frozenset[str], place: _Place) -> None:
        if key == "if" and "else" not in group:
            condition = self._inside("if", group["if"], entered)
            following = place.following.setdefault(json.dumps(condition), (condition, []))
            following[1].append((group.get("then", True), entered))
        elif key == "additionalProperties" and not place.closed:
            fields = group.pop("properties", {})
            place.known = frozenset(fields)
            place.closed = {name: self._inside(name, value, entered) for name, value in group.items()}
            for name, part in fields.items():
                place.fields.setdefault(name, []).append((part, entered))
        else:
            place.others.append({name: self._inside(name, value, entered) for name, value in group.items()})

    def _follow(self, reference: str, entered: frozenset[str], place: _Place) -> None:
        name = reference.removeprefix(DEFS)
        if name in self.defs and name not in entered:
            self._gather(self.defs[name], entered | {name}, place)
        else:
            self.is_referring = True
            place.add("$ref", reference)

    def _inside(self, key: str, value: Any, entered: frozenset[str]) -> Any:
        """A keyword's value, the schemas in it merged each by itself."""
        if key in _SCHEMA:
            return self.merge([(value, entered)])
        if key in _SCHEMAS:
            return [self.merge([(part, entered)]) for part in value]
        if key in _NAMED:
            return {name: self.merge([(part, entered)]) for name, part in value.items()}
        return value


class _Place:
    """All that is asked of the values at one place.

    `closed` are `additionalProperties` and what belongs to it, `known` the names that it does not look at;
    `following` holds what follows from each condition. `is_closed` says that no value may stand here.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.fields: dict[str, list[_Part]] = {}
        self.items: list[_Part] = []
        self.known: frozenset[str] = frozenset()
        self.closed: dict[str, Any] = {}
        self.following: dict[str, tuple[Any, list[_Part]]] = {}
        self.others: list[dict[str, Any]] = []
        self.is_closed = False

    def add(self, key: str, value: Any) -> None:
        """Ask for what one keyword asks for besides all the rest."""
        if key not in self.kept:
            self.kept[key] = value
        elif key in _LEAST:
            self.kept[key] = max(self.kept[key], value)
        elif key in _MOST:
            self.kept[key] = min(self.kept[key], value)
        elif key == "required":
            self.kept[key] = list(dict.fromkeys([*self.kept[key], *value]))
        elif key != "type" or self.kept[key] != value:
            self.others.append({key: value})

    def write(self, merge: _Merge) -> dict[str, Any] | bool:
        """The schema of the place."""
        if self.is_closed:
            return False
        written = dict(self.kept)
        fields = {name: merge(parts) for name, parts in self.fields.items()}
        others = [other for other in self.others if other]
        if self.closed:
            if "patternProperties" in written:  # what they match is not known to `additionalProperties`
                others.append({"patternProperties": written.pop("patternProperties")})
            written |= self.closed
            written["properties"] = {name: part for name, part in fields.items() if name in self.known}
            fields = {name: part for name, part in fields.items() if name not in self.known and part != {}}
            if fields:
                others.append({"properties": fields})
        elif fields := {name: part for name, part in fields.items() if part != {}}:
            written["properties"] = fields
        if self.items and (items := merge(self.items)) != {}:
            written["items"] = items
        others += self._conditions(merge)
        if others:
            written["allOf"] = others
        return written

    def _conditions(self, merge: _Merge) -> Iterator[dict[str, Any]]:
        for condition, parts in self.following.values():
            if (then := merge(parts)) != {}:
                yield {"if": condition, "then": then}
