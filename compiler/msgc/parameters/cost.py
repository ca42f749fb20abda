"""What it costs to judge a value by a schema: how many sub-schemas there are once its references are followed.

References make a short schema long: thirty definitions that each refer twice to the next are a billion parts. They
are counted here, before any value is judged, so that the verdict does not depend on how fast a machine is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgc.parameters.places import resolve

MAX_PARTS = 5_000
"""How many sub-schemas a parameter may have, references followed."""

_BRANCHES = frozenset(("if", "then", "else", "not"))
_ONE = _BRANCHES | {
    "additionalProperties",
    "contains",
    "items",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
}
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_MAPPINGS = frozenset(("dependentSchemas", "patternProperties", "properties"))


class TooCostly(ValueError):  # noqa: N818 - named for what was found
    """A schema that grows beyond `MAX_PARTS`, or that branches into itself; the text says which."""


def check_cost(root: Mapping[str, Any], schema: Any) -> None:
    """Raises `TooCostly` for a schema of a parameter; `root` is what its references lead into."""
    if _Scale(root).weigh(schema)[0] > MAX_PARTS:
        raise TooCostly(f"has more than {MAX_PARTS:,} parts once its references are followed")


class _Scale:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._known: dict[str, tuple[int, frozenset[str]]] = {}
        self._open: list[str] = []

    def weigh(self, schema: Any) -> tuple[int, frozenset[str]]:
        """How many parts a schema has, and which of the definitions around it it leads back to."""
        if not isinstance(schema, Mapping):
            return 1, frozenset()
        total = 1
        back: frozenset[str] = frozenset()
        branches = 0
        for is_branch, part in _parts(schema):
            weight, returns = self.weigh(part)
            total += weight
            back |= returns
            branches += is_branch and bool(returns)
        reference = schema.get("$ref")
        if isinstance(reference, str):
            weight, returns = self._follow(reference)
            total += weight
            back |= returns
            branches += bool(returns)
        if branches > 1:
            raise TooCostly("leads back to itself in more than one of its branches")
        return total, back

    def _follow(self, reference: str) -> tuple[int, frozenset[str]]:
        if reference in self._open:
            return 1, frozenset((reference,))
        if reference not in self._known:
            self._open.append(reference)
            weight, returns = self.weigh(resolve(self._root, reference))
            self._open.pop()
            self._known[reference] = weight, returns - {reference}
        return self._known[reference]


def _parts(schema: Mapping[str, Any]) -> Iterator[tuple[bool, Any]]:
    """The sub-schemas of a schema, each with whether it may judge the same value as another one of them."""
    for keyword, value in schema.items():
        if keyword in _ONE:
            yield keyword in _BRANCHES, value
        elif keyword in _LISTS and isinstance(value, list):
            for part in value:
                yield keyword != "prefixItems", part
        elif keyword in _MAPPINGS and isinstance(value, Mapping):
            for part in value.values():
                yield keyword == "dependentSchemas", part
