"""Which JSON types a schema takes at a place inside its values, as far as the schema alone can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgc.document import Path
from msgc.validate import Schema, matches

ALL = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
NONE: frozenset[str] = frozenset()


def type_name(value: Any) -> str:
    """The JSON type of a value; a number without a fraction is an integer."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def join(pointer: str, *steps: str | int) -> str:
    """A pointer (`#/properties/a`) led on by some steps."""
    return "/".join([pointer, *(str(step).replace("~", "~0").replace("/", "~1") for step in steps)])


def pointer_of(reference: str) -> str:
    """The pointer that a reference stands for: it is part of an address, and `%20` there is a space."""
    if "%" not in reference:
        return reference
    from urllib.parse import unquote

    return unquote(reference)


def reference_to(pointer: str) -> str:
    """The reference that stands for a pointer."""
    if pointer.isascii() and not set(pointer) & set('%"<>\\^`{|} '):
        return pointer
    from urllib.parse import quote

    return "#" + quote(pointer[1:], safe="/~!$&'()*+,;=:@")


def resolve(root: Mapping[str, Any], reference: str) -> Any:
    """The part of a schema that a reference (`#/a/b`) leads to. Raises LookupError where it leads nowhere."""
    part: Any = root
    for step in pointer_of(reference).split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        part = part[int(name)] if isinstance(part, list) else part[name]
    return part


def types_at(root: Mapping[str, Any], schema: Any, path: Path) -> frozenset[str]:
    """The JSON types that a schema can take at a place; nothing where the place cannot exist.

    `root` is the schema in which references are looked up. Conditions (`if`, `not`) are not followed: they
    depend on the value.
    """
    if isinstance(schema, bool):
        return ALL if schema else NONE
    types = ALL
    if "$ref" in schema:
        types &= types_at(root, resolve(root, schema["$ref"]), path)
    for part in schema.get("allOf", ()):
        types &= types_at(root, part, path)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            types &= frozenset().union(*(types_at(root, part, path) for part in schema[keyword]))
    if not path:
        return types & _own_types(schema)
    container = "array" if isinstance(path[0], int) else "object"
    if container not in _own_types(schema):
        return NONE
    for _, part in parts_at(schema, path[0]):
        types &= types_at(root, part, path[1:])
    return types


def parts_at(schema: Mapping[str, Any], step: str | int) -> Iterator[tuple[tuple[str | int, ...], Schema]]:
    """The subschemas that a schema, by its own keywords, holds against the value under a key or an index.

    Each comes with the steps that lead to it from `schema`.
    """
    if isinstance(step, int):
        prefix = schema.get("prefixItems", ())
        if step < len(prefix):
            yield ("prefixItems", step), prefix[step]
        elif "items" in schema:
            yield ("items",), schema["items"]
        return
    known = False
    if step in schema.get("properties", ()):
        known = True
        yield ("properties", step), schema["properties"][step]
    for pattern, part in schema.get("patternProperties", {}).items():
        if matches(pattern, step):
            known = True
            yield ("patternProperties", pattern), part
    if not known and "additionalProperties" in schema:
        yield ("additionalProperties",), schema["additionalProperties"]


def _own_types(schema: Mapping[str, Any]) -> frozenset[str]:
    types = ALL
    if "type" in schema:
        named = schema["type"]
        types = frozenset([named] if isinstance(named, str) else named)
        if "number" in types:
            types |= {"integer"}
    if "const" in schema:
        types &= {type_name(schema["const"])}
    if "enum" in schema:
        types &= {type_name(value) for value in schema["enum"]}
    return types
