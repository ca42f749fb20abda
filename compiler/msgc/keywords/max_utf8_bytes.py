"""`maxUtf8Bytes: 1024`: any JSON value, measured as the bytes of the compact JSON that msgc emits for it."""

from __future__ import annotations

import json
from typing import Any

from msgc.emit import compact
from msgc.keywords.keyword import Problem, Unit

NAME = "maxUtf8Bytes"
UNIT: Unit = "bytes"
CONSTRAINT = {"type": "integer", "minimum": 0}


def check(constraint: int, value: Any) -> list[Problem]:
    """One problem with the number of bytes that was found."""
    # json's escapes are never shorter than UTF-8, and orjson needs at most 8 times its characters for a
    # number: small values are judged without orjson, whose import costs as much as the rest of a short run.
    if 8 * len(json.dumps(value)) <= constraint:
        return []
    size = len(compact(value))
    return [Problem(found=size)] if size > constraint else []


_MEMBERS = 4
# Two pairs of quotes, a colon and a comma.
_AROUND_MEMBER = 6
# `-1.7976931348623157e+308`, and some to spare.
_LONGEST_NUMBER = 30
_PLAIN = r"^[ !#-\[\]-~]*$"


def enough(constraint: int) -> dict[str, Any]:
    """A small object of plain texts and numbers, each character of which is one byte."""
    room = (constraint - 2) // _MEMBERS - _AROUND_MEMBER
    key = room // 3
    if room - key < _LONGEST_NUMBER:
        return {"not": {}}
    return {
        "type": "object",
        "maxProperties": _MEMBERS,
        "propertyNames": {"maxLength": key, "pattern": _PLAIN},
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "maxLength": room - key, "pattern": _PLAIN},
                {"type": ["number", "boolean", "null"]},
            ]
        },
    }
