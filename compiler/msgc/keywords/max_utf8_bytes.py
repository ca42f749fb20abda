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
