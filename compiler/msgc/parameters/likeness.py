"""Whether two schemas say the same, and whether one states defaults: without looking at any value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgc.keywords.places import identity
from msgc.parameters.places import resolve
from msgc.parameters.vocabulary import SCHEMA, SCHEMA_LISTS, SCHEMA_MAPS

REMARKS = frozenset(
    ("title", "description", "$comment", "examples", "deprecated", "readOnly", "writeOnly", "default", "$defs")
)
"""Keywords that judge no value. What a default is does not matter here, but whether there is one does."""

_MAX_PAIRS = 20_000
_SETS = ("required", "type", "enum")


def same(root: Mapping[str, Any], schema: Any, other_root: Mapping[str, Any], other: Any) -> bool:
    """Whether two schemas judge every value alike, word for word, references followed.

    A property has a default in both or in neither. Schemas that say the same in other words are not the same.
    """
    pending = [(schema, other)]
    seen: set[tuple[int, int]] = set()
    while pending:
        mine, theirs = (_target(root, pending[-1][0]), _target(other_root, pending.pop()[1]))
        if (id(mine), id(theirs)) in seen:
            continue
        seen.add((id(mine), id(theirs)))
        if len(seen) > _MAX_PAIRS:
            return False
        if mine is False or theirs is False:
            if mine is not theirs:
                return False
            continue
        pairs = _pairs(root, mine, other_root, theirs)
        if pairs is None:
            return False
        pending += pairs
    return True


def _target(root: Mapping[str, Any], schema: Any) -> Any:
    """A schema without the references that lead to it; one that takes everything is an empty one."""
    while isinstance(schema, Mapping) and "$ref" in schema and not schema.keys() - REMARKS - {"$ref"}:
        if "default" in schema:
            break
        schema = resolve(root, schema["$ref"])
    return _EVERYTHING if schema is True else schema


_EVERYTHING: Mapping[str, Any] = {}


def _pairs(
    root: Mapping[str, Any], mine: Mapping[str, Any], other_root: Mapping[str, Any], theirs: Mapping[str, Any]
) -> list[tuple[Any, Any]] | None:
    """The pairs of subschemas that must be the same; None where two schemas differ by themselves."""
    words = mine.keys() - REMARKS
    if words != theirs.keys() - REMARKS or ("default" in mine) != ("default" in theirs):
        return None
    pairs: list[tuple[Any, Any]] = []
    for word in words:
        left, right = mine[word], theirs[word]
        if word in SCHEMA:
            pairs.append((left, right))
        elif word in SCHEMA_LISTS:
            if len(left) != len(right):
                return None
            pairs += zip(left, right, strict=True)
        elif word in SCHEMA_MAPS:
            if left.keys() != right.keys():
                return None
            pairs += [(left[name], right[name]) for name in left]
        elif word == "$ref":
            pairs.append((resolve(root, left), resolve(other_root, right)))
        elif _constant(word, left) != _constant(word, right):
            return None
    return pairs


def _constant(word: str, value: Any) -> Any:
    if word in _SETS:
        return frozenset(identity(item) for item in (value if isinstance(value, list) else [value]))
    return identity(value)


def subschemas(schema: Mapping[str, Any]) -> Iterator[Any]:
    """The schemas directly in a schema, other than its definitions."""
    for word, value in schema.items():
        if word in SCHEMA:
            yield value
        elif word in SCHEMA_LISTS:
            yield from value
        elif word in SCHEMA_MAPS and word != "$defs":
            yield from value.values()


def holds_defaults(root: Mapping[str, Any], schemas: Sequence[Any]) -> bool:
    """Whether a property somewhere in one of the schemas has a default, references followed."""
    pending, seen = list(schemas), set()
    while pending:
        schema = pending.pop()
        if not isinstance(schema, Mapping) or id(schema) in seen:
            continue
        seen.add(id(schema))
        if any(has_default(root, part) for part in schema.get("properties", {}).values()):
            return True
        pending += subschemas(schema)
        if "$ref" in schema:
            pending.append(resolve(root, schema["$ref"]))
    return False


def has_default(root: Mapping[str, Any], schema: Any) -> bool:
    """Whether a property has a default, by itself or by the schema that it refers to."""
    while isinstance(schema, Mapping):
        if "default" in schema:
            return True
        if "$ref" not in schema:
            return False
        schema = resolve(root, schema["$ref"])
    return False
