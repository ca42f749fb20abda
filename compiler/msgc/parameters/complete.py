"""Filling in defaults, at every depth, into a copy of the values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgc.parameters.places import join, parts_at, pointer_of, resolve

MAX_DEPTH = 64
"""How deep defaults may lead; a default that holds itself would lead on for ever."""


class EndlessDefault(ValueError):  # noqa: N818 - named for what was found
    """A default that contains itself."""


def copy_value(value: Any) -> Any:
    """A copy of plain JSON data that shares no list and no object with it."""
    if isinstance(value, dict):
        return {key: copy_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_value(item) for item in value]
    return value


def has_defaults(schema: Any) -> bool:
    """Whether a schema states a default anywhere."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict) and any(
            isinstance(part, dict) and "default" in part for part in properties.values()
        ):
            return True
        return any(has_defaults(part) for part in schema.values())
    return isinstance(schema, list) and any(has_defaults(part) for part in schema)


class Completer:
    """Fills in the defaults of one schema.

    `accept(pointer, value)` says whether the branch of an `anyOf` or `oneOf` at this pointer takes a value:
    the first branch that does, once its own defaults are filled in, is the one whose defaults count.
    """

    def __init__(self, root: Mapping[str, Any], accept: Callable[[str, Any], bool]) -> None:
        self._root = root
        self._accept = accept

    def fill(self, value: Any, schemas: Sequence[tuple[Any, str]], depth: int = 0) -> Any:
        """A copy of a value with the defaults of some schemas, each with the pointer that leads to it.

        Raises EndlessDefault when a default contains itself.
        """
        if not schemas or not isinstance(value, dict | list):
            return value if not isinstance(value, dict | list) else copy_value(value)
        if depth > MAX_DEPTH:
            raise EndlessDefault
        applied = [found for schema, pointer in schemas for found in self._applied(value, schema, pointer, depth)]
        if isinstance(value, list):
            return [self.fill(item, _below(applied, index), depth + 1) for index, item in enumerate(value)]
        filled = {key: self.fill(item, _below(applied, key), depth + 1) for key, item in value.items()}
        for schema, pointer in applied:
            for name, part in schema.get("properties", {}).items():
                if name in filled:
                    continue
                default = self.default(part)
                if default:
                    filled[name] = self.fill(default[0], [(part, join(pointer, "properties", name))], depth + 1)
        return filled

    def default(self, schema: Any) -> tuple[Any, ...]:
        """The default of a property in a tuple of one, looked up through references; empty if it has none."""
        seen = 0
        while isinstance(schema, dict):
            if "default" in schema:
                return (schema["default"],)
            if "$ref" not in schema or seen > MAX_DEPTH:
                return ()
            schema = resolve(self._root, schema["$ref"])
            seen += 1
        return ()

    def _applied(self, value: Any, schema: Any, pointer: str, depth: int) -> Iterator[tuple[dict[str, Any], str]]:
        """The schemas that judge a value in this place: itself and those that its in-place keywords add."""
        if not isinstance(schema, dict):
            return
        yield schema, pointer
        if "$ref" in schema:
            reference = schema["$ref"]
            yield from self._applied(value, resolve(self._root, reference), pointer_of(reference), depth)
        for index, part in enumerate(schema.get("allOf", ())):
            yield from self._applied(value, part, join(pointer, "allOf", index), depth)
        for keyword in ("anyOf", "oneOf"):
            for index, part in enumerate(schema.get(keyword, ())):
                branch = join(pointer, keyword, index)
                if self._accept(branch, self.fill(value, [(part, branch)], depth + 1)):
                    yield from self._applied(value, part, branch, depth)
                    break
        if "if" in schema:
            keyword = "then" if self._accept(join(pointer, "if"), value) else "else"
            if keyword in schema:
                yield from self._applied(value, schema[keyword], join(pointer, keyword), depth)
        if isinstance(value, dict):
            for key, part in schema.get("dependentSchemas", {}).items():
                if key in value:
                    yield from self._applied(value, part, join(pointer, "dependentSchemas", key), depth)


def _below(applied: Sequence[tuple[Any, str]], step: str | int) -> list[tuple[Any, str]]:
    return [(part, join(pointer, *steps)) for schema, pointer in applied for steps, part in parts_at(schema, step)]
