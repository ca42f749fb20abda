"""The editor's schema of `params`: type names, and the JSON Schema keywords that a parameter may use."""

from __future__ import annotations

from typing import Any

from msgc.formats import FORMATS
from msgc.keywords import KEYWORDS

_TYPE_NAMES = ["string", "number", "integer", "boolean", "array", "object", "null"]
_HERE = {"$ref": "#/$defs/parameter"}
_NAMED = {"type": "object", "additionalProperties": _HERE}
_LISTED = {"type": "array", "items": _HERE, "minItems": 1}
_COUNT = {"type": "integer", "minimum": 0}
_NAMES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}

PARAMETERS: dict[str, Any] = {
    "description": "What the message needs to know: each parameter by its name, as a type or a JSON Schema.",
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "not": {"const": "recipient"}},
    "additionalProperties": _HERE,
}

PARAMETER: dict[str, Any] = {
    "description": "A type name, or a JSON Schema: `{type: string, maxLength: 40}`.",
    "if": {"type": "object"},
    "then": {
        "type": "object",
        "properties": {
            "type": {
                "description": "The type, or a list of them.",
                "anyOf": [
                    {"enum": _TYPE_NAMES},
                    {"type": "array", "items": {"enum": _TYPE_NAMES}, "minItems": 1},
                ],
            },
            "title": {"type": "string"},
            "description": {"type": "string"},
            "default": {"description": "Used where no value is given; the parameter is then optional."},
            "examples": {"type": "array"},
            "deprecated": {"type": "boolean"},
            "readOnly": {"type": "boolean"},
            "writeOnly": {"type": "boolean"},
            "enum": {"type": "array", "minItems": 1},
            "const": {},
            "minLength": _COUNT,
            "maxLength": {**_COUNT, "description": "At most so many characters (code points)."},
            "pattern": {
                "description": "A regular expression without lookaround and backreferences.",
                "type": "string",
            },
            "format": {"enum": sorted(FORMATS)},
            "minimum": {"type": "number"},
            "maximum": {"type": "number"},
            "exclusiveMinimum": {"type": "number"},
            "exclusiveMaximum": {"type": "number"},
            **{name: dict(keyword.constraint) for name, keyword in KEYWORDS.items()},
            "items": _HERE,
            "prefixItems": _LISTED,
            "contains": _HERE,
            "minContains": _COUNT,
            "maxContains": _COUNT,
            "minItems": _COUNT,
            "maxItems": _COUNT,
            "uniqueItems": {"type": "boolean"},
            "properties": _NAMED,
            "patternProperties": _NAMED,
            "additionalProperties": _HERE,
            "propertyNames": _HERE,
            "unevaluatedProperties": _HERE,
            "unevaluatedItems": _HERE,
            "required": {
                **_NAMES,
                "description": "The keys that must be there; without it, all without `default`.",
            },
            "dependentRequired": {"type": "object", "additionalProperties": _NAMES},
            "dependentSchemas": _NAMED,
            "minProperties": _COUNT,
            "maxProperties": _COUNT,
            "allOf": _LISTED,
            "anyOf": _LISTED,
            "oneOf": _LISTED,
            "not": _HERE,
            "if": _HERE,
            "then": _HERE,
            "else": _HERE,
            "$defs": _NAMED,
            "$ref": {
                "description": "A place within the same parameter: `#/$defs/…`.",
                "type": "string",
                "pattern": "^#",
            },
            "$comment": {"type": "string"},
        },
        "additionalProperties": False,
    },
    # editors offer values to choose from only where they stand in an `anyOf` of the place itself
    "anyOf": [{"enum": _TYPE_NAMES}, {"type": ["object", "boolean"]}],
}
