"""Protobuf's well-known types as JSON Schema, by the names that grpc-gateway gives their definitions.

A swagger file shows some of them as the messages they are in a .proto file; on the wire they have JSON forms
of their own (a StringValue is a text or null, not an object with a `value`), and a payload holds those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"(?:google\.protobuf\.|(?:google)?[pP]rotobuf)([A-Z]\w*)\Z")

INT64 = {"type": "string", "pattern": "^-?[0-9]{1,19}$"}
UINT64 = {"type": "string", "pattern": "^[0-9]{1,20}$"}
BYTES = {"type": "string", "pattern": "^[A-Za-z0-9+/_-]*={0,2}$", "contentEncoding": "base64"}

_WRAPPED: Mapping[str, Mapping[str, Any]] = {
    "StringValue": {"type": "string"},
    "BytesValue": BYTES,
    "BoolValue": {"type": "boolean"},
    "Int32Value": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "UInt32Value": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    "Int64Value": INT64,
    "UInt64Value": UINT64,
    "FloatValue": {"type": "number"},
    "DoubleValue": {"type": "number"},
}
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "Value": {},
    "NullValue": {"type": "null"},
    "Struct": {"type": "object"},
    "ListValue": {"type": "array"},
    "Any": {
        "type": "object",
        "properties": {"@type": {"type": "string", "minLength": 1}},
        "required": ["@type"],
    },
    "Empty": {"type": "object", "additionalProperties": False},
    "Timestamp": {"type": "string", "format": "date-time"},
    "Duration": {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,9})?s$"},
    "FieldMask": {"type": "string"},
}


def well_known(name: str) -> dict[str, Any] | None:
    """The JSON form of the well-known type that a definition's name stands for; None for any other name."""
    match = _NAME.match(name)
    if match is None:
        return None
    if match[1] in _WRAPPED:
        wrapped = dict(_WRAPPED[match[1]])
        return {**wrapped, "type": [wrapped["type"], "null"]}
    return dict(_TYPES[match[1]]) if match[1] in _TYPES else None
