"""What the language adds to the API's request, as editors know it: structure words, and msgc's own keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgc.schema.hover import say
from msgc.schema.presence import refusal

WORDS: Mapping[str, Any] = {
    "condition": {
        "title": "$if",
        **say("An expression without braces; the value is left out where it is false."),
        "type": ["string", "boolean", "number"],
        "if": {"type": "string", "pattern": r"\{[{%]"},
        "then": refusal("A condition is an expression without braces: `$if: order.late`."),
    },
    "loop": {
        "title": "$for",
        **say("One item per element of a list: `line in lines`, or `line in lines if line.ready`."),
        "type": "string",
        "pattern": r"^\s*[^\s].*\sin\s+.*\S\s*$",
        "errorMessage": "A loop is a name, `in`, and an expression without braces: `$for: line in order.lines`.",
    },
    "fragment": {
        "title": "$include",
        **say(
            "A fragment, by its path from the catalog's folder, as in `_shared/footer.yaml`; it replaces this mapping."
        ),
        "type": "string",
        "pattern": r"\.ya?ml$",
        "errorMessage": "A fragment is a YAML file, by its path from the catalog's folder: `_shared/footer.yaml`.",
    },
    "bindings": {"title": "$with", **say("Values for the fragment's parameters."), "type": "object"},
}
_NOT_EMPTY = {"type": "string", "minLength": 1}
OWN_KEYS: Mapping[str, Any] = {
    "description": {**say("What the message is for."), **_NOT_EMPTY},
    "params": {"$ref": "#/$defs/params"},
    "macros": {
        **say("Macro files by the name under which templates see them: `money: _money.j2`."),
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "additionalProperties": {
            **say("The path of a `.j2` file, from the catalog's folder."),
            "type": "string",
            "pattern": r"\.j2$",
            "errorMessage": "Macros stand in a `.j2` file, named by its path from the catalog's folder.",
        },
    },
    "examples": {
        **say("Values by the name of the example, which a file is named after; each one is checked and built."),
        "type": "object",
        "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]*$"},
        "additionalProperties": {
            **say("One set of values, each by its parameter."),
            "type": ["object", "null"],
        },
    },
    "fallback": {
        **say("The definition of the template message to send when the 24-hour window is closed."),
        **_NOT_EMPTY,
    },
    "locale": {
        **say("Language and region for dates, numbers and money: `en` or `pt_BR`."),
        **_NOT_EMPTY,
    },
}
