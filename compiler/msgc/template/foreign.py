"""What native code does with values of which it knows nothing beforehand: the plain cases, and no others."""

from __future__ import annotations

import math
from typing import Any

from msgc.native.kinds import LONGEST_TEXT
from msgc.native.writer import Refused


def printed(value: Any) -> str:
    """A text or a number as text. Raises `Refused` for all else, and for text that is long."""
    kind = type(value)
    if kind is str:
        if len(value) > LONGEST_TEXT:
            raise Refused
        return str(value)
    if (kind is int and -(2**63) <= value < 2**64) or (kind is float and math.isfinite(value)):
        return str(value)
    raise Refused


def key_of(value: Any, key: str) -> Any:
    """The value of an object's key. Raises `Refused` where there is none."""
    if type(value) is dict and key in value:
        return value[key]
    raise Refused
