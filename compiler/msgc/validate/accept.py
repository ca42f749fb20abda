"""Saying yes or no to a value in microseconds, and the linear-time engine for patterns (jsonschema-rs)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jsonschema_rs

from msgc.document import Path
from msgc.formats import FORMATS
from msgc.keywords import KEYWORDS, Keyword
from msgc.validate.violation import Schema


def _refuse_retrieval(uri: str) -> Any:
    raise ValueError(f"schemas are never fetched: {uri}")


def _adapt(keyword: Keyword) -> type[jsonschema_rs.KeywordValidator]:
    check = keyword.check

    class Adapter:
        __slots__ = ("_constraint",)

        def __init__(self, _schema: dict[str, Any], constraint: Any, _path: list[str | int]) -> None:
            self._constraint = constraint

        def validate(self, instance: Any) -> None:
            if check(self._constraint, instance):
                raise ValueError(keyword.name)

    return Adapter


_ADAPTERS = {name: _adapt(keyword) for name, keyword in KEYWORDS.items()}


_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OPTIONS: Any = {
    "keywords": _ADAPTERS,
    "formats": dict(FORMATS),
    "validate_formats": True,
    "pattern_options": jsonschema_rs.RegexOptions(),
    "retriever": _refuse_retrieval,
}


class Acceptor:
    """A compiled schema that says yes or no; `accepts(value)` takes microseconds and gives no reasons.

    Raises ValueError for what is not a schema, for a pattern that the linear-time engine does not have, and
    for a `$ref` that leads nowhere or out of the schema.
    """

    def __init__(self, schema: Schema) -> None:
        plain = schema if isinstance(schema, bool) else dict(schema)
        self._validator = jsonschema_rs.Draft202012Validator(plain, **_OPTIONS)
        self.accepts: Callable[[Any], bool] = self._validator.is_valid

    def places(self, value: Any) -> list[tuple[Path, str]]:
        """Path and keyword of all that this validator finds wrong, to be held against the explainer."""
        return [(tuple(error.instance_path), error.kind.name) for error in self._validator.iter_errors(value)]


def accept_parts(schema: Schema) -> Callable[[str, Any], bool]:
    """A judge for the parts of a schema: whether the one at a pointer (`#/properties/a`) takes a value."""
    parts = jsonschema_rs.validator_map_for(
        schema if isinstance(schema, bool) else {"$schema": _DIALECT, **schema}, **_OPTIONS
    )
    return lambda pointer, value: parts[pointer].is_valid(value)


@lru_cache(maxsize=1024)
def pattern_test(pattern: str) -> Callable[[Any], bool]:
    """What says whether a text contains a pattern, by the linear-time engine; ValueError for a bad pattern."""
    options = jsonschema_rs.RegexOptions()
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options).is_valid


def matches(pattern: str, text: str) -> bool:
    """Whether a text contains a pattern, by the linear-time engine; ValueError for a bad pattern."""
    return pattern_test(pattern)(text)
