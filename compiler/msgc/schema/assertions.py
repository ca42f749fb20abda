"""The assertions of limits: that their keywords are spelled right and take the values they have.

A misspelt keyword would never refuse anything, so the set is closed: JSON Schema 2020-12 and our own keywords.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgc.diagnostic import Diagnostic, enumerate_words, nearest
from msgc.formats import FORMATS
from msgc.parameters.vocabulary import KNOWN, SCHEMA, SCHEMA_LISTS, SCHEMA_MAPS, TYPES, refuse_keyword_value
from msgc.rules import finding
from msgc.schema.tree import Array, Object, Place, kind, plain
from msgc.validate import matches

KEYWORDS = KNOWN - {"default", "examples", "deprecated", "readOnly", "writeOnly", "$defs"}
PATTERN_WORDS = "a regular expression of the linear-time engine: no lookaround, no backreferences"

# Keywords of which a report can make its sentence from the numbers alone.
_COUNTS = frozenset(
    "minLength maxLength minItems maxItems minProperties maxProperties minimum maximum exclusiveMinimum "  # noqa: SIM905 - a list of words
    "exclusiveMaximum maxUtf8Bytes maxUtf16Length maxTotalItems minTotalItems".split()
)


def is_pattern(text: str) -> bool:
    """Whether a text is a pattern that both validators can run."""
    try:
        matches(text, "")
    except ValueError:
        return False
    return True


def shown(value: Any) -> str:
    """A value as a finding shows what it found: itself where it is short, else what kind of value it is."""
    return str(value) if isinstance(value, str | int | float) and value != "" else kind(value)


def wrong_value(keyword: str, value: Any) -> str | None:
    """What a keyword takes, in words, if it does not take this value; None if it does."""
    if keyword == "pattern":
        return None if isinstance(value, str) and is_pattern(value) else PATTERN_WORDS
    if keyword == "type":
        names = value if isinstance(value, list) else [value]
        right = names and all(isinstance(name, str) and name in TYPES for name in names)
        return None if right else f"one or several of {enumerate_words(TYPES, 'and')}"
    if keyword == "format":
        return None if value in list(FORMATS) else enumerate_words(sorted(FORMATS))
    return refuse_keyword_value(keyword, plain(value))


def check_assertion(schema: Any, place: Place) -> Iterator[Diagnostic]:
    """Misspelt keywords, and keywords whose value cannot be right, in a schema and all below it."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Object):
        yield finding("overlay-limit", f"a schema is an object, this is {kind(schema)}", place.span)
        return
    for key, value in schema.items():
        below = schema.places[key]
        if key.startswith("x-"):
            continue
        if key not in KEYWORDS:
            near = nearest(key, KEYWORDS)
            help_ = f"did you mean `{near}`?" if near else None
            message = f"there is no assertion called `{key}`"
            yield finding("unknown-key", message, below.key_span, found=key, help=help_)
            continue
        wanted = wrong_value(key, value)
        if wanted:
            message = f"the value of `{key}` is not {wanted}"
            found = f'"{value}"' if isinstance(value, str) else shown(value)
            yield finding("overlay-limit", message, below.span, found=found)
        elif key in SCHEMA:
            yield from check_assertion(value, below)
        elif key in SCHEMA_LISTS:
            for item, origin in zip(value, value.places, strict=True):
                yield from check_assertion(item, origin)
        elif key in SCHEMA_MAPS:
            for name, item in value.items():
                yield from check_assertion(item, value.places[name])


def counts_something(schema: Any) -> bool:
    """Whether a schema, or one below it that asserts something (a condition does not), is a plain number."""
    if not isinstance(schema, Object):
        return False
    if _COUNTS & set(schema):
        return True
    below: list[Any] = []
    for key, value in schema.items():
        if key in SCHEMA and key not in ("if", "not"):
            below.append(value)
        elif key in SCHEMA_LISTS and isinstance(value, Array):
            below += value
        elif key in SCHEMA_MAPS and isinstance(value, Object):
            below += value.values()
    return any(counts_something(item) for item in below)
