"""What the schemas of parameters say of the lists that templates go through: which of them are never empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from msgc.parameters import Parameters
from msgc.parameters.places import resolve
from msgc.template import ListPath, Loop

_Schemas = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ListScope:
    """The schemas of the names at a place of a definition; a name without any can be everything.

    `root` is the schema in which references are looked up.
    """

    root: Mapping[str, Any]
    names: Mapping[str, _Schemas]

    @classmethod
    def of(cls, parameters: Parameters) -> ListScope:
        """The scope outside of all loops."""
        scope = cls(parameters.schema, {})
        properties: dict[str, Any] = parameters.schema.get("properties", {})
        return replace(scope, names={name: scope.applying([schema]) for name, schema in properties.items()})

    def within(self, loop: Loop) -> ListScope:
        """The scope in the rounds of a loop."""
        names = {name: self._at(path) for name, path in loop.paths.items()}
        return replace(self, names={**self.names, "loop": (), **names})

    def is_filled(self, path: ListPath) -> bool:
        """Whether the list at a path cannot be empty."""
        return any(schema.get("minItems", 0) >= 1 for schema in self._at(path))

    def applying(self, schemas: Iterable[Any]) -> _Schemas:
        """The schemas that hold wherever some do: they, what they refer to, and all parts of their `allOf`."""
        return tuple({id(each): each for schema in schemas for each in self._in_place(schema)}.values())

    def _in_place(self, schema: Any) -> Iterator[dict[str, Any]]:
        if not isinstance(schema, dict):
            return
        yield schema
        if "$ref" in schema:
            yield from self._in_place(resolve(self.root, schema["$ref"]))
        for part in schema.get("allOf", ()):
            yield from self._in_place(part)

    def _at(self, path: ListPath) -> _Schemas:
        if not path or path[0] is None:
            return ()
        schemas = self.names.get(path[0], ())
        for step in path[1:]:
            if step is None:
                schemas = self.applying(each["items"] for each in schemas if "items" in each and not _has_first(each))
            else:
                parts = (each.get("properties", {}) for each in schemas)
                schemas = self.applying(part[step] for part in parts if step in part)
        return schemas


def _has_first(schema: dict[str, Any]) -> bool:
    # `items` then speaks of the other items only.
    return "prefixItems" in schema
