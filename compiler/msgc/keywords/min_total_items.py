"""`minTotalItems: {of: /sections/*/rows, limit: 1}`: the arrays at these places hold at least one item."""

from __future__ import annotations

from typing import Any

from msgc.keywords.keyword import Problem, Unit
from msgc.keywords.max_total_items import CONSTRAINT as CONSTRAINT  # of and limit, like its counterpart
from msgc.keywords.places import find_places

NAME = "minTotalItems"
UNIT: Unit = "items"


def check(constraint: dict[str, Any], value: Any) -> list[Problem]:
    """One problem with the total that was found, where there is any such array; `places` are the arrays."""
    arrays = [(path, items) for path, items in find_places(constraint["of"], value) if isinstance(items, list)]
    total = sum(len(items) for _, items in arrays)
    if not arrays or total >= constraint["limit"]:
        return []
    return [Problem(found=total, places=tuple(path for path, _ in arrays))]
