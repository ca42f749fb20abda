"""The schema for editors: the payload schema in which every leaf may be a template.

It is a help while writing, never the verdict. What a template makes is not known here, so lengths and counts
are asserted only where no template and no structure word stands in the way; everywhere else they are hover
text. Only keywords that yaml-language-server understands are used, and `if` rather than `anyOf` wherever a
value decides which form it has, because editors explain a failed `anyOf` badly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgc.schema.limits import describe
from msgc.schema.parameters import PARAMETER, PARAMETERS
from msgc.schema.payload import DIALECT, definition_of, reference_to

_TEMPLATE = {"type": "string", "pattern": r"\{[{%#]"}
_EXPRESSION = {
    "type": "string",
    "pattern": r"^\{\{[^{}]*(\{[^{}]*\}[^{}]*)*\}\}$",
    "description": 'One expression and nothing around it, in quotes: "{{ name }}".',
}
# Constraints of a scalar that hold for a text without templates; the rest stays with the compiler.
_OF_SCALARS = (
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "enum",
)
_OF_LISTS = ("minItems", "maxItems")
# A definition may leave these to the configuration or to the command line.
_ADDRESSES = ("sender", "recipient", "number")

_WORDS: Mapping[str, Any] = {
    "condition": {
        "description": "An expression without braces; the value is left out where it is false.",
        "type": ["string", "boolean", "number"],
        "not": {"type": "string", "pattern": r"\{[{%]"},
    },
    "loop": {
        "description": "One item per element of a list: `line in lines`, or `line in lines if line.ready`.",
        "type": "string",
        "pattern": r"^\s*[^\s].*\sin\s+.*\S\s*$",
    },
    "fragment": {
        "description": "A fragment, by its path from the catalog's folder; it replaces this mapping.",
        "type": "string",
        "pattern": r"\.ya?ml$",
    },
    "bindings": {"description": "Values for the fragment's parameters.", "type": "object"},
}
_OWN_KEYS: Mapping[str, Any] = {
    "description": {"description": "What the message is for.", "type": "string"},
    "params": {"$ref": "#/$defs/params"},
    "macros": {
        "description": "Macro files by the name under which templates see them: `money: _money.j2`.",
        "type": "object",
        "additionalProperties": {"type": "string", "pattern": r"\.j2$"},
    },
    "examples": {
        "description": "Values by the name of the example; each one is checked and built.",
        "type": "object",
        "additionalProperties": {"type": ["object", "null"]},
    },
    "fallback": {
        "description": "The definition of the template message to send when the 24-hour window is closed.",
        "type": "string",
    },
    "locale": {
        "description": "Language and region for dates, numbers and money: `en` or `pt_BR`.",
        "type": "string",
    },
}


def convert(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The authoring schema that belongs to a payload schema."""
    editor = _Editor(payload)
    requests = payload["x-requests"]
    made = {name: editor.definition(reference) for name, reference in requests.items()}
    if set(made) == {"session", "templated"}:
        body: dict[str, Any] = {
            "if": {"required": ["templateName"]},
            "then": {"$ref": made["templated"]},
            "else": {"$ref": made["session"]},
        }
    elif len(made) == 1:
        body = {"$ref": next(iter(made.values()))}
    else:
        body = {"anyOf": [{"$ref": reference} for reference in dict.fromkeys(made.values())]}
    editor.finish()
    definitions = {
        **{name: dict(word) for name, word in _WORDS.items()},
        "text": editor.text(in_list=False),
        "textItem": editor.text(in_list=True),
        "include": _include(in_list=False),
        "includeItem": _include(in_list=True),
        "params": PARAMETERS,
        "parameter": PARAMETER,
        "fragmentFile": {
            "type": "object",
            "properties": {
                "description": _OWN_KEYS["description"],
                "params": _OWN_KEYS["params"],
                "content": {"description": "What stands in the place of the `$include`."},
            },
            "required": ["content"],
            "additionalProperties": False,
        },
    }
    return {
        "$schema": DIALECT,
        "title": "msgc: a message definition or a fragment",
        "type": "object",
        "if": {"required": ["content"]},
        "then": {"$ref": "#/$defs/fragmentFile"},
        "else": body,
        "$defs": definitions | {name: editor.made[name] for name in sorted(editor.made)},
    }


def _include(*, in_list: bool) -> dict[str, Any]:
    words: dict[str, Any] = {
        "$include": {"$ref": "#/$defs/fragment"},
        "$with": {"$ref": "#/$defs/bindings"},
        "$if": {"$ref": "#/$defs/condition"},
    }
    if in_list:
        words["$for"] = {"$ref": "#/$defs/loop"}
    return {"type": "object", "properties": words, "required": ["$include"], "additionalProperties": False}


class _Editor:
    """Makes an editor's form of each payload definition; one more for those that are items of lists."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self._definitions: Mapping[str, Any] = payload["$defs"]
        self.made: dict[str, dict[str, Any]] = {}
        self._waiting: list[tuple[str, bool]] = []

    def finish(self) -> None:
        """Makes every definition that has been referred to."""
        while self._waiting:
            name, in_list = self._waiting.pop()
            key = _form(name, in_list)
            if key not in self.made:
                self.made[key] = {}
                self.made[key] = self._schema(self._definitions[name], in_list=in_list)

    def definition(self, reference: str) -> str:
        """The `$ref` to a definition file whose body is a request."""
        name = definition_of(reference)
        body = self._resolve({"$ref": reference})
        properties = {}
        for key, schema in body.get("properties", {}).items():
            whole = self._resolve(schema)
            if key in ("sender", "recipient") and whole.get("type") == "object":
                properties[key] = self._address(schema)
            elif (
                key == "parameters"
                and _is_slots(self._resolve(whole.get("items", {})))
                and "templateName" in body["properties"]
            ):
                properties[key] = self._slots(schema)
            else:
                properties[key] = self._schema(schema)
        required = [key for key in _required(body) if key not in _ADDRESSES]
        key = f"{name}.file"
        self.made[key] = {
            **_words(body),
            "type": "object",
            "properties": {**_OWN_KEYS, **properties},
            **({"required": required} if required else {}),
            "additionalProperties": body.get("additionalProperties", False),
        }
        return reference_to(key)

    def _resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._definitions[definition_of(schema["$ref"])]
        return schema

    def _schema(self, schema: Any, *, in_list: bool = False) -> dict[str, Any]:
        """The editor's form of a schema; an item of a list may also have `$for`."""
        if not isinstance(schema, Mapping):
            return {}
        if "$ref" in schema:
            target = self._resolve(schema)
            if target.get("type") in ("object", "array") or ("type" not in target and "enum" not in target):
                name = definition_of(schema["$ref"])
                self._waiting.append((name, in_list))
                return {**_words(schema), "$ref": reference_to(_form(name, in_list))}
            # scalars are written out, so that the words and limits of both places show together
            return self._schema(_joined(target, schema), in_list=in_list)
        kinds = schema.get("type")
        if kinds == "object":
            return self._object(schema, in_list=in_list)
        if kinds == "array":
            return self._array(schema, in_list=in_list)
        if kinds is None and "enum" not in schema:
            # any JSON, or alternatives of a foreign service: nothing to say about templates within
            return _words(schema)
        return self._leaf(schema, in_list=in_list)

    def _object(self, schema: Mapping[str, Any], *, in_list: bool) -> dict[str, Any]:
        properties: dict[str, Any] = {key: self._schema(value) for key, value in schema.get("properties", {}).items()}
        properties["$if"] = {"$ref": "#/$defs/condition"}
        if in_list:
            properties["$for"] = {"$ref": "#/$defs/loop"}
        extra = schema.get("additionalProperties", True)
        required = _required(schema)
        written = {
            "type": "object",
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": self._schema(extra) if isinstance(extra, Mapping) else extra,
        }
        return {
            **_words(schema),
            "if": {"required": ["$include"]},
            "then": {"$ref": "#/$defs/includeItem" if in_list else "#/$defs/include"},
            "else": written,
        }

    def _array(self, schema: Mapping[str, Any], *, in_list: bool) -> dict[str, Any]:
        items = self._schema(schema.get("items", {}), in_list=True)
        bounds = {key: value for key, value in _constraints(schema).items() if key in _OF_LISTS}
        written: dict[str, Any] = {"type": "array", "items": items}
        if bounds:
            # how many items there will be is known only where none is made by a structure word
            made = [{"required": [word]} for word in ("$for", "$if", "$include")]
            written |= {"if": {"contains": {"type": "object", "anyOf": made}}, "else": bounds}
        return {
            **_words(schema),
            "if": {"type": "object"},
            "then": {"$ref": "#/$defs/includeItem" if in_list else "#/$defs/include"},
            "else": written,
        }

    def text(self, *, in_list: bool) -> dict[str, Any]:
        """A text without limits."""
        return self._written_leaf({"type": "string"}, in_list=in_list)

    def _leaf(self, schema: Mapping[str, Any], *, in_list: bool) -> dict[str, Any]:
        if schema.get("type") == "string" and not _scalar_limits(schema):
            return {**_words(schema), "$ref": "#/$defs/textItem" if in_list else "#/$defs/text"}
        return {**_words(schema), **self._written_leaf(schema, in_list=in_list)}

    def _written_leaf(self, schema: Mapping[str, Any], *, in_list: bool) -> dict[str, Any]:
        scalar = self._scalar(schema)
        words: dict[str, Any] = {"$if": {"$ref": "#/$defs/condition"}}
        if in_list:
            words["$for"] = {"$ref": "#/$defs/loop"}
        mapping = {
            "type": "object",
            "properties": {**words, "$value": scalar},
            "required": ["$value"],
            "additionalProperties": False,
        }
        included = {"$ref": "#/$defs/includeItem" if in_list else "#/$defs/include"}
        if "anyOf" in scalar:
            # values to choose from are offered by editors only when they stand in an `anyOf`
            return {"anyOf": [*scalar["anyOf"], mapping, included]}
        return {
            "if": {"type": "object"},
            "then": {"if": {"required": ["$include"]}, "then": included, "else": mapping},
            "else": scalar,
        }

    def _scalar(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        limits = _scalar_limits(schema)
        stated = schema.get("type", "string")
        kinds = stated if isinstance(stated, list) else [stated]
        if "string" in kinds:
            if "enum" in limits:
                return {"anyOf": [{"enum": limits["enum"]}, _TEMPLATE]}
            # an unquoted number or truth value is its literal text
            written = ["string", "number", "boolean", *(["null"] if "null" in kinds else [])]
            return {"if": _TEMPLATE, "else": {"type": written, **limits}}
        if "enum" in limits:
            return {"anyOf": [{"enum": limits["enum"]}, _EXPRESSION]}
        return {"anyOf": [{"type": stated, **limits}, _EXPRESSION]}

    def _address(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        text = self._scalar({"type": "string"})
        return {
            **_words(schema),
            "if": {"type": "object"},
            "then": self._schema({"$ref": schema["$ref"]} if "$ref" in schema else schema),
            "else": text,
        }

    def _slots(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Values of a template's slots, as the API's list or as a mapping from slot to value."""
        whole = self._resolve(schema)
        value = self._resolve(whole["items"])["properties"]["value"]
        mapping = {"type": "object", "additionalProperties": self._leaf(value, in_list=False)}
        listed = {key: part for key, part in self._array(whole, in_list=False)["else"].items() if key != "description"}
        return {
            **_words(schema),
            "if": {"type": "object"},
            "then": {"if": {"required": ["$include"]}, "then": {"$ref": "#/$defs/include"}, "else": mapping},
            "else": listed,
        }


def _form(name: str, in_list: bool) -> str:
    return f"{name}.item" if in_list else name


def _is_slots(item: Mapping[str, Any]) -> bool:
    return {"name", "value"} <= set(item.get("properties", ()))


def _scalar_limits(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in _constraints(schema).items() if key in _OF_SCALARS}


def _limits(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [entry for key in ("allOf", "x-warnings") for entry in schema.get(key, ()) if "x-limit" in entry]


def _required(schema: Mapping[str, Any]) -> list[str]:
    names = list(schema.get("required", ()))
    for entry in schema.get("allOf", ()):
        if "x-limit" in entry and "if" not in entry:
            names += entry.get("required", ())
    return list(dict.fromkeys(names))


def _constraints(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The plain assertions of a schema and of its limits that are errors; of several bounds the narrowest."""
    found: dict[str, Any] = {}
    for part in (schema, *schema.get("allOf", ())):
        if "if" in part:
            continue
        for key in (*_OF_SCALARS, *_OF_LISTS):
            if key not in part:
                continue
            value = part[key]
            if key.startswith(("max", "exclusiveMax")):
                value = min(value, found.get(key, value))
            elif key.startswith(("min", "exclusiveMin")):
                value = max(value, found.get(key, value))
            found[key] = value
    refused = [part["not"]["const"] for part in schema.get("allOf", ()) if "const" in part.get("not", {})]
    if "enum" in found:
        # where nothing would be left to choose, the limits' words say why
        found["enum"] = [value for value in found["enum"] if value not in refused] or found["enum"]
    return found


def _joined(target: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """A definition with what stands beside its `$ref`."""
    result = dict(target)
    for key, value in schema.items():
        if key in ("allOf", "x-warnings"):
            result[key] = [*target.get(key, ()), *value]
        elif key != "$ref":
            result[key] = value
    return result


def _words(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Title and description with the limits below, as the hover text of editors shows them."""
    lines = [schema["description"].strip()] if schema.get("description") else []
    lines += [words for entry in _limits(schema) if (words := describe(entry)) is not None]
    result = {"title": schema["title"]} if schema.get("title") else {}
    return {**result, "description": "\n\n".join(lines)} if lines else result
