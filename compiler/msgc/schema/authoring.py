"""The schema for editors: the payload schema in which every leaf may be a template.

It is a help while writing, never the verdict. What a template makes is not known here, so lengths and counts
are asserted only where no template and no structure word stands in the way; everywhere else they are hover
text. Only keywords that yaml-language-server understands are used, and `if` rather than `anyOf` wherever a
value decides which form it has, because editors explain a failed `anyOf` badly.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgc.schema.hover import limits_about, say, words
from msgc.schema.language import OWN_KEYS, WORDS
from msgc.schema.parameters import PARAMETER, PARAMETERS
from msgc.schema.payload import DIALECT, definition_of, reference_to
from msgc.schema.presence import TEMPLATE, presence, refusal

_EXPRESSION = {
    "pattern": r"^\{\{[^{}]*(\{[^{}]*\}[^{}]*)*\}\}$",
    "errorMessage": 'Only one expression, with nothing around it, can become a number here: "{{ name }}".',
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

# `required` holds for whatever is no object, which an editor's unfinished line is
_INCLUDES = {"type": "object", "required": ["$include"]}


def convert(payload: Mapping[str, Any], levels: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """The authoring schema that belongs to a payload schema; `levels` are severities by rule, `off` among them."""
    editor = _Editor(_levelled(payload["$defs"], levels))
    requests = payload["x-requests"]
    made = {name: editor.definition(reference, f"{name} message") for name, reference in requests.items()}
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
        **{name: dict(word) for name, word in WORDS.items()},
        "text": editor.text(in_list=False),
        "textItem": editor.text(in_list=True),
        "include": _include(in_list=False),
        "includeItem": _include(in_list=True),
        "params": PARAMETERS,
        "parameter": PARAMETER,
        "fragmentFile": {
            "title": "a fragment",
            **say("What several definitions share, for `$include`; it sees its own parameters only."),
            "type": "object",
            "properties": {
                "description": OWN_KEYS["description"],
                "params": OWN_KEYS["params"],
                "content": say("What stands in the place of the `$include`: a mapping, a list or a text."),
            },
            "required": ["content"],
            "additionalProperties": False,
        },
    }
    return {
        "$schema": DIALECT,
        "title": "msgc",
        "type": "object",
        "if": {"required": ["content"]},
        "then": {"$ref": "#/$defs/fragmentFile"},
        "else": body,
        "$defs": definitions | {name: editor.made[name] for name in sorted(editor.made)},
    }


def _include(*, in_list: bool) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "$include": {"$ref": "#/$defs/fragment"},
        "$with": {"$ref": "#/$defs/bindings"},
        "$if": {"$ref": "#/$defs/condition"},
    }
    if in_list:
        keys["$for"] = {"$ref": "#/$defs/loop"}
    return {
        "title": "$include",
        "type": "object",
        "properties": keys,
        "required": ["$include"],
        "additionalProperties": False,
    }


class _Editor:
    """Makes an editor's form of each payload definition; one more for those that are items of lists."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self.made: dict[str, dict[str, Any]] = {}
        self._waiting: list[tuple[str, bool]] = []

    def finish(self) -> None:
        """Makes every definition that has been referred to."""
        while self._waiting:
            name, in_list = self._waiting.pop()
            key = _form(name, in_list)
            if key not in self.made:
                self.made[key] = {}
                self.made[key] = {"title": _title(name), **self._schema(self._definitions[name], in_list=in_list)}

    def definition(self, reference: str, title: str) -> str:
        """The `$ref` to a definition file whose body is a request."""
        name = definition_of(reference)
        body = self._resolve({"$ref": reference})
        properties = {}
        for key, schema in body.get("properties", {}).items():
            whole = self._resolve(schema)
            about = limits_about(body, key)
            if key in ("sender", "recipient") and whole.get("type") == "object":
                properties[key] = self._address(schema)
            elif (
                key == "parameters"
                and _is_slots(self._resolve(whole.get("items", {})))
                and "templateName" in body["properties"]
            ):
                properties[key] = self._slots(schema)
            else:
                properties[key] = self._schema(schema, about=about)
            if key == "message" and whole.get("type") == "object":
                never = refusal("A message is always sent, so that it has no `$if`.")
                properties[key] |= {"if": {"type": "object", "required": ["$if"]}, "then": never}
        required = [key for key in _required(body) if key not in _ADDRESSES]
        key = f"{name}.file"
        self.made[key] = {
            "title": title,
            **words(body),
            "type": "object",
            "properties": {**OWN_KEYS, **properties},
            **({"required": required} if required else {}),
            **_all_of([entry for entry in presence(body) if not _speaks_of(entry, _ADDRESSES)]),
            "additionalProperties": body.get("additionalProperties", False),
        }
        return reference_to(key)

    def _resolve(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._definitions[definition_of(schema["$ref"])]
        return schema

    def _whole(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """A definition with what stands beside the `$ref` to it."""
        return _joined(self._resolve(schema), schema) if "$ref" in schema else schema

    def _schema(self, schema: Any, *, in_list: bool = False, about: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """The editor's form of a schema; an item of a list may also have `$for`.

        `about` are limits that the object around it states of this place.
        """
        if not isinstance(schema, Mapping):
            return {}
        if "$ref" in schema:
            target = self._resolve(schema)
            if target.get("type") in ("object", "array") or ("type" not in target and "enum" not in target):
                name = definition_of(schema["$ref"])
                self._waiting.append((name, in_list))
                told = words(self._whole(schema), about) if about or set(schema) > {"$ref"} else {}
                return {**told, "$ref": reference_to(_form(name, in_list))}
            # scalars are written out, so that the words and limits of both places show together
            return self._schema(self._whole(schema), in_list=in_list, about=about)
        kinds = schema.get("type")
        if kinds == "object":
            return {**words(schema, about), **self._object(schema, in_list=in_list)}
        if kinds == "array":
            return {**words(schema, about), **self._array(schema, in_list=in_list)}
        if kinds is None and "enum" not in schema:
            # any JSON, or alternatives of a foreign service: nothing to say about templates within
            return words(schema, about)
        return self._leaf(schema, in_list=in_list, about=about)

    def _object(self, schema: Mapping[str, Any], *, in_list: bool) -> dict[str, Any]:
        properties: dict[str, Any] = {
            key: self._schema(value, about=limits_about(schema, key))
            for key, value in schema.get("properties", {}).items()
        }
        properties["$if"] = {"$ref": "#/$defs/condition"}
        if in_list:
            properties["$for"] = {"$ref": "#/$defs/loop"}
        # offered here too; where it stands, the other branch judges
        properties["$include"] = {"$ref": "#/$defs/fragment"}
        extra = schema.get("additionalProperties", True)
        required = _required(schema)
        written = {
            "type": "object",
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": self._schema(extra) if isinstance(extra, Mapping) else extra,
            **_all_of(presence(schema)),
        }
        return {
            "if": _INCLUDES,
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
            "if": {"type": "object"},
            "then": {"$ref": "#/$defs/includeItem" if in_list else "#/$defs/include"},
            "else": written,
        }

    def text(self, *, in_list: bool) -> dict[str, Any]:
        """A text without limits."""
        return self._written_leaf({"type": "string"}, {}, in_list=in_list)

    def _leaf(
        self, schema: Mapping[str, Any], *, in_list: bool, about: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        told = words(schema, about)
        if schema.get("type") == "string" and not _scalar_limits(schema) and not _patterns(schema):
            return {**told, "$ref": "#/$defs/textItem" if in_list else "#/$defs/text"}
        return {**told, **self._written_leaf(schema, told, in_list=in_list)}

    def _written_leaf(self, schema: Mapping[str, Any], told: Mapping[str, Any], *, in_list: bool) -> dict[str, Any]:
        scalar = self._scalar(schema)
        keys: dict[str, Any] = {"$if": {"$ref": "#/$defs/condition"}}
        if in_list:
            keys["$for"] = {"$ref": "#/$defs/loop"}
        mapping = {
            "title": "$value",
            "type": "object",
            "properties": {**keys, "$value": {**(told or say("The value itself, beside `$if`.")), **scalar}},
            "required": ["$value"],
            "additionalProperties": False,
        }
        included = {"$ref": "#/$defs/includeItem" if in_list else "#/$defs/include"}
        if "anyOf" in scalar:
            # values to choose from are offered by editors only when they stand in an `anyOf`
            return {"anyOf": [*scalar["anyOf"], mapping, included]}
        return {
            "if": {"type": "object"},
            "then": {"if": _INCLUDES, "then": included, "else": mapping},
            "else": scalar,
        }

    def _scalar(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        limits = _scalar_limits(schema)
        stated = schema.get("type", "string")
        kinds = stated if isinstance(stated, list) else [stated]
        if "string" in kinds:
            if "enum" in limits:
                return {"anyOf": [{"enum": limits["enum"]}, TEMPLATE]}
            # an unquoted number or truth value is its literal text
            written = ["string", "number", "boolean", *(["null"] if "null" in kinds else [])]
            return {"if": TEMPLATE, "else": {"type": written, **limits, **_all_of(_patterns(schema))}}
        if "enum" in limits:
            return {"anyOf": [{"enum": limits["enum"]}, {"type": "string", **_EXPRESSION}]}
        return {"if": TEMPLATE, "then": _EXPRESSION, "else": {"type": stated, **limits}}

    def _address(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A recipient or sender: the API's object, or the text of its number."""
        whole = self._resolve(schema)
        number = self._resolve(whole.get("properties", {}).get("id", {}))
        return {
            **words(self._whole(schema)),
            "if": {"type": "object"},
            "then": self._schema({"$ref": schema["$ref"]} if "$ref" in schema else schema),
            "else": self._scalar(number if number.get("type") == "string" else {"type": "string"}),
        }

    def _slots(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Values of a template's slots, as the API's list or as a mapping from slot to value."""
        whole = self._resolve(schema)
        item = self._resolve(whole["items"])
        value = self._leaf(item["properties"]["value"], in_list=False)
        # a slot that needs more than a value is written as the list's item is, without its name
        slot = self._object(
            {**item, "properties": {k: v for k, v in item["properties"].items() if k != "name"}}, in_list=False
        )
        slot["else"] = {**slot["else"], "required": ["value"]}
        slot["else"].pop("allOf", None)
        mapping = {
            "type": "object",
            "additionalProperties": {
                **words(item["properties"]["value"]),
                "if": {"type": "object", "required": ["value"]},
                "then": slot,
                "else": value,
            },
        }
        return {
            **words(self._whole(schema)),
            "if": {"type": "object"},
            "then": {"if": _INCLUDES, "then": {"$ref": "#/$defs/include"}, "else": mapping},
            "else": self._array(whole, in_list=False)["else"],
        }


def _form(name: str, in_list: bool) -> str:
    return f"{name}.item" if in_list else name


def _is_slots(item: Mapping[str, Any]) -> bool:
    return {"name", "value"} <= set(item.get("properties", ()))


def _scalar_limits(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in _constraints(schema).items() if key in _OF_SCALARS}


def _title(name: str) -> str:
    """How editors call a definition: `v1ReplyButton` is a reply button."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"^v\d+(?=[A-Z])", "", name)).lower()


def _all_of(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"allOf": entries} if entries else {}


def _speaks_of(schema: Any, names: Collection[str]) -> bool:
    """Whether a schema asks for one of these keys."""
    if isinstance(schema, Mapping):
        return any(name in names for name in schema.get("required", ())) or any(
            _speaks_of(value, names) for value in schema.values()
        )
    return isinstance(schema, list) and any(_speaks_of(value, names) for value in schema)


def _patterns(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The patterns that limits set, each with the words of its limit."""
    found: list[dict[str, Any]] = []
    for part in _errors(schema):
        message = {"errorMessage": limit["message"]} if (limit := part.get("x-limit", {})).get("message") else {}
        if "pattern" in part:
            found.append({"pattern": part["pattern"], **message})
        if set(part.get("not", ())) == {"pattern"} and message:
            # of a `not` editors cannot say what is wrong
            found.append({"if": {"type": "string", **part["not"]}, "then": refusal(limit["message"])})
    return found


def _errors(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parts of a schema that hold without a condition, without the limits that only warn."""
    return [
        part
        for part in schema.get("allOf", ())
        if "if" not in part and part.get("x-limit", {}).get("severity", "error") == "error"
    ]


def _required(schema: Mapping[str, Any]) -> list[str]:
    names = list(schema.get("required", ()))
    for entry in _errors(schema):
        if "x-limit" in entry:
            names += entry.get("required", ())
    return list(dict.fromkeys(names))


def _levelled(schema: Any, levels: Mapping[str, str]) -> Any:
    """The schema with the severities that a project gives to limits, without those that are off."""
    if isinstance(schema, list):
        kept = [part for part in schema if levels.get(_rule(part)) != "off"]
        return [_levelled(part, levels) for part in kept]
    if not isinstance(schema, Mapping):
        return schema
    result = {key: _levelled(value, levels) for key, value in schema.items()}
    if (level := levels.get(_rule(schema))) is not None:
        result["x-limit"] = {**schema["x-limit"], "severity": level}
    return result


def _rule(schema: Any) -> str:
    limit = schema.get("x-limit", {}) if isinstance(schema, Mapping) else {}
    return str(limit.get("rule", "")) if isinstance(limit, Mapping) else ""


def _constraints(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The plain assertions of a schema and of its limits that are errors; of several bounds the narrowest."""
    found: dict[str, Any] = {}
    for part in (schema, *_errors(schema)):
        for key in (*_OF_SCALARS, *_OF_LISTS):
            if key not in part or (key == "pattern" and part is not schema):
                continue
            value = part[key]
            if key.startswith(("max", "exclusiveMax")):
                value = min(value, found.get(key, value))
            elif key.startswith(("min", "exclusiveMin")):
                value = max(value, found.get(key, value))
            found[key] = value
    refused = [part["not"]["const"] for part in _errors(schema) if "const" in part.get("not", {})]
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
