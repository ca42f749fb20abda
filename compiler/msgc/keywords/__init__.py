"""The keywords that both validators take from here, one module each, as a table.

A keyword has one check, and both validators call it, so that they cannot disagree about it. All but
`multipleOf` are our own vocabulary; the limits of the API are written with it in the overlay.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgc.keywords import (
    different_values,
    max_total_items,
    max_utf8_bytes,
    max_utf16_length,
    min_total_items,
    multiple_of,
    unique_across,
    unique_item_properties,
)
from msgc.keywords.keyword import Keyword, Problem, Unit

__all__ = ["KEYWORDS", "Keyword", "Problem", "Unit"]

KEYWORDS: Mapping[str, Keyword] = {
    module.NAME: Keyword(
        module.NAME,
        module.UNIT,
        module.CONSTRAINT,
        module.check,
        getattr(module, "enough", None),
        getattr(module, "surely", None),
    )
    for module in (
        different_values,
        max_total_items,
        max_utf16_length,
        max_utf8_bytes,
        min_total_items,
        multiple_of,
        unique_across,
        unique_item_properties,
    )
}
