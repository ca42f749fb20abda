"""A definition's parameters as HTML: a table of what they take, or a form to try values with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgc.definition import Definition
from msgc.emit import compact, pretty
from msgc.preview.element import Element, Node, element

_RANGES = (
    ("minLength", "maxLength", "character"),
    ("minItems", "maxItems", "item"),
    ("minimum", "maximum", ""),
)
_BOUNDS = (
    ("exclusiveMinimum", "more than {}"),
    ("exclusiveMaximum", "less than {}"),
    ("multipleOf", "a multiple of {}"),
    ("format", "format {}"),
    ("pattern", "pattern {}"),
)
_LONG = 60


def parameters(definition: Definition) -> Element | None:
    """What the parameters take; None where there are none."""
    schema = definition.parameters.schema
    rows = [
        element(
            "tr",
            element("th", element("code", name), scope="row"),
            element("td", _type(part)),
            element("td", _note(part)),
            element("td", "" if name in schema["required"] else f"no: {_default(part)}"),
        )
        for name, part in schema["properties"].items()
    ]
    if not rows:
        return None
    heads = ("name", "type", "takes", "needed")
    table = element(
        "table",
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *rows),
        class_="parameters",
    )
    return element(
        "details",
        element("summary", "Parameters", element("span", f"{len(rows)}", class_="aside")),
        element("div", table, class_="wide", tabindex="0", role="region", aria_label="Parameters"),
    )


def form(definition: Definition, key: str) -> Element | None:
    """The same as a form, filled with the first example; `key` is the beginning of its fields' ids.

    The texts of its fields are what `msgc render --set` takes.
    """
    schema = definition.parameters.schema
    if not schema["properties"]:
        return None
    examples = {
        example.name: {name: _spelt(value) for name, value in example.values.items()} for example in definition.examples
    }
    first = next(iter(examples.values()), {})
    fields = [
        _field(f"{key}:{name}", name, part, first.get(name), needed=name in schema["required"])
        for name, part in schema["properties"].items()
    ]
    choice = (
        element(
            "div",
            element("label", "Start from", for_=f"{key}:"),
            element("select", *(element("option", name) for name in examples), id=f"{key}:", data_example=True),
            class_="field",
        )
        if len(examples) > 1
        else None
    )
    return element(
        "details",
        element("summary", "Parameters", element("span", "try other values", class_="aside")),
        element(
            "div",
            element(
                "form",
                choice,
                *fields,
                data_name=definition.name,
                data_examples=json.dumps(examples, ensure_ascii=False),
                autocomplete="off",
            ),
            element("div", class_="trial", aria_live="polite"),
            class_="try",
        ),
    )


def _field(key: str, name: str, part: Any, text: str | None, *, needed: bool) -> Element:
    notes = [note for note in (_type(part), _note(part)) if note]
    if not needed:
        notes.append(f"if empty: {_default(part)}")
    return element(
        "div",
        element("label", element("code", name), for_=key),
        _control(key, name, part, text or "", needed=needed),
        element("span", "; ".join(notes), class_="aside", id=f"{key}?"),
        class_="field",
    )


def _control(key: str, name: str, part: Any, text: str, *, needed: bool) -> Element:
    named: dict[str, str] = {"id": key, "name": name, "aria_describedby": f"{key}?"}
    schema = part if isinstance(part, dict) else {}
    options = [_spelt(value) for value in schema["enum"]] if isinstance(schema.get("enum"), list) else []
    if schema.get("type") == "boolean":
        options = ["true", "false"]
    if options:
        shown = options if needed and text in options else ["", *options]
        chosen: list[Node] = [element("option", option, selected=option == text) for option in shown]
        return element("select", *chosen, **named)
    is_long = (
        schema.get("type") in ("object", "array", None) or schema.get("maxLength", _LONG + 1) > _LONG or "\n" in text
    )
    if is_long and schema.get("type") not in ("integer", "number"):
        # A line feed directly behind the tag is not part of the text.
        lines = min(12, max(2, text.count("\n") + 1))
        return element("textarea", f"\n{text}", rows=f"{lines}", dir="auto", spellcheck="false", **named)
    return element("input", value=text, dir="auto", spellcheck="false", **named)


def _type(part: Any) -> str:
    kind = part.get("type") if isinstance(part, dict) else None
    if isinstance(kind, str):
        return kind
    return (
        " or ".join(kind) if isinstance(kind, list) else "enum" if isinstance(part, dict) and "enum" in part else "any"
    )


def _note(part: Any) -> str:
    schema: Mapping[str, Any] = part if isinstance(part, dict) else {}
    notes = [_range(schema, *words) for words in _RANGES]
    notes += [text.format(_spelt(schema[word])) for word, text in _BOUNDS if word in schema]
    if isinstance(schema.get("enum"), list):
        notes.append("one of " + ", ".join(map(_spelt, schema["enum"])))
    if isinstance(schema.get("properties"), dict):
        notes.append("with " + ", ".join(map(str, schema["properties"])))
    if isinstance(schema.get("description"), str):
        notes.append(schema["description"].rstrip("."))
    return "; ".join(note for note in notes if note)


def _range(schema: Mapping[str, Any], least: str, most: str, noun: str) -> str:
    low, high = (_spelt(schema[word]) if word in schema else "" for word in (least, most))
    if not low and not high:
        return ""
    words = f"{low} to {high}" if low and high and low != high else f"at least {low}" if not high else f"at most {high}"
    words = low if low == high else words
    return f"{words} {noun}{'' if (high or low) == '1' else 's'}" if noun else words


def _default(part: Any) -> str:
    if not isinstance(part, dict) or "default" not in part:
        return "left out"
    return "an empty text" if part["default"] == "" else _spelt(part["default"])


def _spelt(value: Any) -> str:
    """A value as `--set` takes it: text as it is, all else as JSON."""
    if isinstance(value, str):
        return value
    return (pretty(value) if isinstance(value, list | dict) else compact(value)).decode().rstrip("\n")
