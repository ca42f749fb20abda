"""Limits of objects as editors can assert them: which keys go together, and constants under a condition.

A limit is asserted only where no template and no structure word can make it true after all: a key whose value has
`$if` may be gone, an `$include` may be anything, a template any text. What cannot be said so is left to the compiler.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEMPLATE = {"type": "string", "pattern": r"\{[{%#]"}
_OF_TEXTS = ("minLength", "maxLength", "pattern", "const", "enum")
_OF_LISTS = ("minItems",)
_PLAIN = ("required", "minLength", "maxLength", "minItems")
_COMBINED = ("anyOf", "allOf", "oneOf")
# no key of the object may turn out to be absent
_CERTAIN = {"type": "object", "additionalProperties": {"not": {"type": "object", "required": ["$if"]}}}
_UNKNOWN = {
    "anyOf": [TEMPLATE, {"type": "object", "anyOf": [{"required": [w]} for w in ("$if", "$include", "$value")]}]
}


class _UnsayableError(Exception):
    """A limit has a part that says something of what templates make."""


def presence(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the limits of an object that are errors assert, each as an entry of `allOf`."""
    found = []
    for entry in schema.get("allOf", ()):
        limit = entry.get("x-limit")
        stated = {key: value for key, value in entry.items() if key != "x-limit"}
        if limit is None or limit["severity"] != "error" or set(stated) == {"required"}:
            continue  # a plain `required` is the schema's own
        try:
            asserted = _assertion(stated)
        except _UnsayableError:
            continue
        if limit.get("message") and not _is_plain(stated):
            # editors have no words of their own for combinations of keys
            asserted = {"if": asserted, "else": refusal(limit["message"])}
        found.append({"if": _CERTAIN, "then": asserted})
    return found


def refusal(message: str) -> dict[str, Any]:
    """A schema that accepts nothing and says why, as yaml-language-server shows it."""
    return {"enum": [], "errorMessage": message}


def _is_plain(schema: Any) -> bool:
    """Whether editors explain by themselves where a value breaks this."""
    return isinstance(schema, Mapping) and all(
        all(map(_is_plain, value.values())) if key == "properties" else key in _PLAIN for key, value in schema.items()
    )


def _assertion(schema: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "required":
            result[key] = value
        elif key in _COMBINED:
            result[key] = [_condition(part, keys_only=True) for part in value]
        elif key == "not":
            result[key] = _condition(value, keys_only=True)
        elif key == "if":
            result[key] = _condition(value, keys_only="else" in schema)
        elif key in ("then", "else"):
            result[key] = _assertion(value)
        elif key == "properties":
            result[key] = {name: _property(part) for name, part in value.items()}
        else:
            raise _UnsayableError
    return result


def _property(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What is asserted of the value of a key, where it is known."""
    if schema == {"not": {}}:
        return {"not": {}}
    known = {key: value for key, value in schema.items() if key in (*_OF_TEXTS, *_OF_LISTS)}
    rest = {key: value for key, value in schema.items() if key not in known}
    if set(rest.get("not", ())) == {"pattern"}:
        known["not"] = {"type": "string", **rest.pop("not")}
    if rest:
        known["allOf"] = [{"if": _CERTAIN, "then": _assertion(rest)}]
    return {"if": _UNKNOWN, "else": known}


def _condition(schema: Mapping[str, Any], *, keys_only: bool = False) -> dict[str, Any]:
    """A condition on keys and, unless `keys_only`, on values that are constants: only where it certainly holds."""
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "required":
            result[key] = value
        elif key in _COMBINED:
            result[key] = [_condition(part, keys_only=keys_only or key == "oneOf") for part in value]
        elif key == "not":
            result[key] = _condition(value, keys_only=True)
        elif key == "properties" and not keys_only and all(set(part) <= set(_OF_TEXTS) for part in value.values()):
            result[key] = {name: {"not": TEMPLATE, **part} for name, part in value.items()}
        else:
            raise _UnsayableError
    return result
