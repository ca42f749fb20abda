"""The keywords that a parameter's schema may use, and what each of them takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgc.formats import FORMATS
from msgc.keywords import KEYWORDS
from msgc.validate import Acceptor

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")

TYPE_HELP: Mapping[str, str] = {
    "text": "write `string`",
    "str": "write `string`",
    "char": "write `string`",
    "int": "write `integer`",
    "long": "write `integer`",
    "float": "write `number`",
    "double": "write `number`",
    "decimal": "write `number`",
    "bool": "write `boolean`",
    "list": "write `array`",
    "dict": "write `object`",
    "map": "write `object`",
    "mapping": "write `object`",
    "none": "write `'null'`",
    "any": "write `true`, the schema that takes any value",
    "phone": "write `{type: string, pattern: '^[+][1-9][0-9]{6,14}$'}`",
    "money": "write `number`, and print it with the filter `money`",
    "enum": "write `{enum: [one, other]}`",
    "datetime": "write `{type: string, format: date-time}`",
    "email": "write `{type: string, format: email}`",
    "url": "write `{type: string, format: uri}`",
    **{name: f"write `{{type: string, format: {name}}}`" for name in FORMATS},
}
"""What to write instead of a type's name that other languages have."""

# In place: such a subschema judges the same value as the schema around it.
IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
IN_PLACE = ("not", "if", "then", "else")
SCHEMA = (*IN_PLACE, "items", "contains", "additionalProperties", "unevaluatedProperties",
          "unevaluatedItems", "propertyNames")  # fmt: skip
SCHEMA_LISTS = (*IN_PLACE_LISTS, "prefixItems")
SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs")

TEXT = ("title", "description", "$comment", "pattern", "format")

_COUNT = ({"type": "integer", "minimum": 0}, "a whole number, 0 or more")
_NUMBER = ({"type": "number"}, "a number")
_FLAG = ({"type": "boolean"}, "true or false")
_TEXT = ({"type": "string"}, "text")
_NAMES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
_ANYTHING: tuple[Any, str] = (True, "any value")

_OURS: Mapping[str, str] = {
    "differentValues": "a list of at least two places, such as `/sender/id`",
    "maxTotalItems": "`{of: /sections/*/rows, limit: 10}`",
    "maxUtf16Length": "a whole number, 0 or more",
    "maxUtf8Bytes": "a whole number, 0 or more",
    "minTotalItems": "`{of: /sections/*/rows, limit: 1}`",
    "multipleOf": "a number greater than 0",
    "uniqueAcross": "a place, such as `/sections/*/rows/*/id`",
    "uniqueItemProperties": "a list of names",
}
_TAKES: Mapping[str, tuple[Any, str]] = {
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
                     "minContains", "maxContains"), _COUNT),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), _FLAG),
    **dict.fromkeys((*TEXT, "$ref"), _TEXT),
    **dict.fromkeys(("const", "default"), _ANYTHING),
    **{name: (keyword.constraint, _OURS[name]) for name, keyword in KEYWORDS.items()},
    "enum": ({"type": "array", "minItems": 1}, "a list of values"),
    "examples": ({"type": "array"}, "a list of values"),
    "required": (_NAMES, "a list of names"),
    "dependentRequired": (
        {"type": "object", "additionalProperties": _NAMES},
        "a mapping from a name to a list of names",
    ),
    "type": ({"anyOf": [{"type": "string"}, {**_NAMES, "minItems": 1}]}, "a type's name or a list of them"),
}  # fmt: skip
_ACCEPTORS: dict[str, Acceptor] = {}

KNOWN = frozenset((*_TAKES, *SCHEMA, *SCHEMA_LISTS, *SCHEMA_MAPS))
"""Every keyword there is."""

KEYWORD_HELP: Mapping[str, str] = {
    "nullable": "write `type: [string, 'null']`",
    "optional": "a property without `default` is required: give it a `default`",
    "definitions": "write `$defs`",
    "dependencies": "write `dependentRequired` or `dependentSchemas`",
    "additionalItems": "write `items` beside `prefixItems`",
    "divisibleBy": "write `multipleOf`",
    "values": "write `enum`",
    "regex": "write `pattern`",
    "min": "write `minimum`, `minLength` or `minItems`",
    "max": "write `maximum`, `maxLength` or `maxItems`",
    "length": "write `minLength` and `maxLength`",
    **dict.fromkeys(
        ("$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary"),
        "leave it out: a parameter's schema stands alone, and `$ref` starts with `#/`",
    ),
}
"""What to write instead of a keyword that other dialects have."""


def refuse_keyword_value(keyword: str, value: Any) -> str | None:
    """What a keyword takes, in words, if it does not take this value; None if it does."""
    if keyword in SCHEMA:
        return None
    if keyword in SCHEMA_LISTS:
        return None if isinstance(value, list) and value else "a list of schemas"
    if keyword in SCHEMA_MAPS:
        return None if isinstance(value, dict) else "a mapping from names to schemas"
    schema, words = _TAKES[keyword]
    if schema is True:
        return None
    acceptor = _ACCEPTORS.get(keyword)
    if acceptor is None:
        acceptor = _ACCEPTORS[keyword] = Acceptor(schema)
    return None if acceptor.accepts(value) else words
