"""`maxUtf16Length: 20`: text, measured in UTF-16 units, as Java, JavaScript and .NET count it."""

from __future__ import annotations

from typing import Any

from msgc.keywords.keyword import Problem, Unit

NAME = "maxUtf16Length"
UNIT: Unit = "UTF-16 units"
CONSTRAINT = {"type": "integer", "minimum": 0}


def check(constraint: int, value: Any) -> list[Problem]:
    """One problem with the number of units that was found."""
    # No code point takes more than two units, so most texts are judged without encoding them.
    if not isinstance(value, str) or 2 * len(value) <= constraint:
        return []
    length = len(value.encode("utf-16-le", "surrogatepass")) // 2
    return [Problem(found=length)] if length > constraint else []


def enough(constraint: int) -> dict[str, Any]:
    """Texts of half the length, and those without a character that takes two units."""
    return {
        "anyOf": [
            {"maxLength": constraint // 2},
            {"maxLength": constraint, "not": {"type": "string", "pattern": "[\U00010000-\U0010ffff]"}},
        ]
    }
