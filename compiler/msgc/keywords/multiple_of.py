"""`multipleOf`: JSON Schema's keyword, exact in decimal: 0.3 is a multiple of 0.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgc.keywords.keyword import Problem, Unit

if TYPE_CHECKING:
    from fractions import Fraction

NAME = "multipleOf"
UNIT: Unit = "none"
CONSTRAINT = {"type": "number", "exclusiveMinimum": 0}


def check(constraint: float, value: Any) -> list[Problem]:
    """One problem with the number that is no multiple."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return []
    return [] if _exact(value) % _exact(constraint) == 0 else [Problem(found=value)]


def _exact(number: float) -> Fraction:
    from decimal import Decimal  # both imported only for a schema that asks
    from fractions import Fraction

    # Through its shortest spelling: Fraction(0.1) is the double's own value, which is not a tenth.
    return Fraction(number) if isinstance(number, int) else Fraction(Decimal(repr(number)))
