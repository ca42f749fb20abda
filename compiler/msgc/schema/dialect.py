"""The dialect of Swagger 2.0's schemas: which keywords there are, and what its formats and enums assert."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgc.diagnostic import Diagnostic, nearest
from msgc.formats import FORMATS
from msgc.rules import finding
from msgc.schema.assertions import wrong_value
from msgc.schema.protobuf import BYTES, INT64, UINT64
from msgc.schema.tree import Array, Object, Place, kind, plain

TYPES = ("object", "array", "string", "number", "integer", "boolean")
# Assertions that JSON Schema has under the same name and with the same meaning.
COPIED = (
    "multipleOf",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
)
_BOUNDS = ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum")
_STRUCTURE = (
    "$ref",
    "type",
    "format",
    "enum",
    "required",
    "items",
    "allOf",
    "properties",
    "additionalProperties",
)
_ANNOTATIONS = ("default", "example", "externalDocs", "xml", "readOnly", "title", "description")
_KNOWN = frozenset([*COPIED, *_BOUNDS, *_STRUCTURE, *_ANNOTATIONS])
_OPENAPI_3 = ("oneOf", "anyOf", "not", "nullable", "const", "deprecated", "writeOnly")
_KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "$ref": (str, "a text"),
    "title": (str, "a text"),
    "description": (str, "a text"),
    "format": (str, "a text"),
    "properties": (Object, "an object"),
    "additionalProperties": ((Object, bool), "a schema, or true or false"),
    "items": (Object, "a schema"),
    "allOf": (Array, "a list"),
    "required": (Array, "a list of names"),
    "enum": (Array, "a list"),
    "exclusiveMaximum": (bool, "true or false"),
    "exclusiveMinimum": (bool, "true or false"),
    "readOnly": (bool, "true or false"),
    "x-nullable": (bool, "true or false"),
    "x-webhook-only": (Array, "a list of names"),
}


def unsupported(message: str, place: Place, help_: str | None = None, *, at_key: bool = False) -> Diagnostic:
    """The finding about a construct that cannot be converted."""
    span = place.key_span if at_key else place.span
    return finding("schema-unsupported", message, span, help=help_)


def check_schema(schema: Object) -> Iterator[Diagnostic]:
    """What one schema holds that Swagger 2.0 does not have, or that cannot be asserted of a JSON body."""
    for key, value in schema.items():
        place = schema.places[key]
        if key == "discriminator":
            yield unsupported(
                "`discriminator` is not supported: the file does not say which fields each kind has",
                place,
                "replace it by an overlay with `allOf` and the fields of the kind that you send",
                at_key=True,
            )
        elif key not in _KNOWN and not key.startswith("x-"):
            yield unsupported(f"a Swagger 2.0 schema has no `{key}`", place, _help(key), at_key=True)
        elif key in _KINDS and not isinstance(value, _KINDS[key][0]):
            yield unsupported(f"`{key}` is {_KINDS[key][1]}, this is {kind(value)}", place)
        elif key in ("properties", "items", "additionalProperties", "enum") and "$ref" in schema:
            message = f"`{key}` stands beside a `$ref`, where it has no meaning"
            yield unsupported(message, place, "put both into `allOf`", at_key=True)
        elif key in (*COPIED, "maximum", "minimum") and (wanted := wrong_value(key, value)):
            yield unsupported(f"the value of `{key}` is not {wanted}", place)
    if isinstance(schema.get("required"), Array):
        for item, place in zip(schema["required"], schema["required"].places, strict=True):
            if not isinstance(item, str):
                yield unsupported(f"`required` is a list of names, this is {kind(item)}", place)
    if isinstance(schema.get("enum"), Array):
        yield from _check_enum(schema)
    stated = schema.get("type", "object")
    if not isinstance(stated, str) or stated not in TYPES:
        name = f"the type `{stated}` is not supported" if isinstance(stated, str) else "`type` is one name"
        help_ = f"the types are {', '.join(TYPES)}"
        yield unsupported(name, schema.places["type"], "a file is not JSON" if stated == "file" else help_)


def _help(key: str) -> str:
    if key in _OPENAPI_3:
        return f"`{key}` belongs to OpenAPI 3" + ("; write `x-nullable`" if key == "nullable" else "")
    near = nearest(key, _KNOWN)
    return f"did you mean `{near}`?" if near else "remove it by an overlay, or convert the file"


def _check_enum(schema: Object) -> Iterator[Diagnostic]:
    stated = schema.get("type")
    if not isinstance(stated, str):
        return
    fitting: Mapping[Any, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "string": (str,)}
    for value, place in zip(read_enum(schema), schema["enum"].places, strict=True):
        if stated in fitting and (not isinstance(value, fitting[stated]) or isinstance(value, bool)):
            yield unsupported(f"{kind(value)} cannot be a value of type {stated}", place)


def read_enum(schema: Object) -> list[Any]:
    """The values of an enum. protoc-gen-openapiv2 has written the numbers of integer enums as texts."""
    if schema.get("type") != "integer":
        return [plain(value) for value in schema["enum"]]
    digits = re.compile(r"-?[0-9]{1,10}\Z")
    return [int(value) if isinstance(value, str) and digits.match(value) else value for value in schema["enum"]]


def read_format(stated: str | None, name: Any, *, has_pattern: bool) -> dict[str, Any]:
    """What a format asserts. 64-bit integers travel as texts, because JSON readers lose their digits.

    A format that nobody checks (`password`, `binary`, a service's own) asserts nothing.
    """
    if stated == "string":
        named: Mapping[str, dict[str, Any]] = {
            "int64": INT64,
            "sint64": INT64,
            "sfixed64": INT64,
            "uint64": UINT64,
            "fixed64": UINT64,
            "byte": BYTES,
        }
        if name in named:
            return {key: value for key, value in named[name].items() if key != "pattern" or not has_pattern}
        return {"format": name} if name in FORMATS else {}
    if stated == "integer" and name in ("int32", "int64"):
        size = 31 if name == "int32" else 63
        return {"minimum": -(2**size), "maximum": 2**size - 1}
    return {}


def read_bounds(schema: Object) -> dict[str, Any]:
    """`minimum` and `maximum`; Swagger 2.0 says by a truth value beside them whether they are exclusive."""
    result = {}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if bound in schema:
            result[exclusive if schema.get(exclusive) is True else bound] = schema[bound]
    return result


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema that takes null as well (`x-nullable`)."""
    if not {"type", "$ref", "enum", "allOf"} & set(schema):
        return schema
    if isinstance(schema.get("type"), str) and not {"$ref", "enum", "allOf"} & set(schema):
        return {**schema, "type": [schema["type"], "null"]}
    words = {key: schema[key] for key in ("title", "description") if key in schema}
    rest = {key: value for key, value in schema.items() if key not in words}
    return words | {"anyOf": [rest, {"type": "null"}]}
