"""Swagger 2.0 schemas become one JSON Schema 2020-12 that refuses what the service would refuse.

Objects are closed, fields that only the service may write are left out, and each limit keeps its `x-limit`
account. Limits that only warn stand apart, under `x-warnings`, so that the schema itself refuses errors only.
"""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

from msgc.diagnostic import Diagnostic, Rejected
from msgc.schema.dialect import (
    COPIED,
    check_schema,
    or_null,
    read_bounds,
    read_enum,
    read_format,
    unsupported,
)
from msgc.schema.limits import in_utf16_units
from msgc.schema.protobuf import well_known
from msgc.schema.swagger import Request, Service, definition_name
from msgc.schema.tree import Object, Place, kind, plain

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WORDS = ("title", "description")
_KEPT_EXTENSIONS = ("x-webhook-only",)


def convert(service: Service) -> dict[str, Any]:
    """The payload schema of a service; Rejected names each construct that cannot be converted."""
    converter = _Converter(service)
    requests = {request.name: converter.request(request) for request in service.requests}
    converter.finish()
    if converter.problems:
        raise Rejected(*converter.problems)
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "$id": "urn:msgc:schema:payload",
        "title": service.title,
        "x-requests": requests,
    }
    if service.messages:
        schema["x-endpoints"] = {request.name: request.path for request in service.requests}
        # decided by a key that only templated messages have: no finding is about the other request
        schema["if"] = {"required": ["templateName"]}
        schema["then"] = {"$ref": requests["templated"]}
        schema["else"] = {"$ref": requests["session"]}
    elif len(requests) == 1:
        schema["$ref"] = next(iter(requests.values()))
    else:
        schema["anyOf"] = [{"$ref": reference} for reference in dict.fromkeys(requests.values())]
    schema["$defs"] = {name: converter.made[name] for name in sorted(converter.made)}
    return schema


def reference_to(name: str) -> str:
    """The `$ref` of a definition in the schemas that msgc writes."""
    return "#/$defs/" + urllib.parse.quote(name.replace("~", "~0").replace("/", "~1"), safe="~")


def definition_of(reference: str) -> str:
    """The name of the definition to which such a `$ref` leads."""
    name = urllib.parse.unquote(reference.removeprefix("#/$defs/"))
    return name.replace("~1", "/").replace("~0", "~")


class _Converter:
    """Converts what the requests reach; collects problems instead of stopping at the first."""

    def __init__(self, service: Service) -> None:
        self.definitions = service.definitions
        self.made: dict[str, dict[str, Any]] = {}
        self.problems: list[Diagnostic] = []
        self._waiting: list[str] = []

    def request(self, request: Request) -> str:
        """The `$ref` to the schema of a request's body, without what its path says already."""
        target = self._target(request.schema)
        body = request.schema if target is None else target
        taken = _in_path(body, request.path_parameters)
        if target is not None and not taken:
            return str(self._reference(request.schema)["$ref"])
        name = re.sub(r"\W+", "_", request.operation).strip("_") + "Body"
        while name in self.made or name in self.definitions:
            name += "_"
        # a body without any field is what is left when the path has taken them all
        closed = bool(request.path_parameters) or target is not None
        self.made[name] = self._schema(body, drop=taken, bare_is_closed=closed)
        return reference_to(name)

    def finish(self) -> None:
        """Converts every definition that has been referred to."""
        while self._waiting:
            name = self._waiting.pop()
            if name not in self.made:
                self.made[name] = {}
                self.made[name] = self._definition(name)

    def _target(self, schema: Object) -> Object | None:
        """The definition that a schema is nothing but a reference to."""
        reference = schema.get("$ref")
        name = definition_name(reference) if isinstance(reference, str) else None
        target = self.definitions.get(name) if name is not None else None
        return target if isinstance(target, Object) else None

    def _definition(self, name: str) -> dict[str, Any]:
        schema = self.definitions[name]
        known = well_known(name)
        if known is None or not isinstance(schema, Object):
            return self._any_schema(schema, self.definitions.places[name], bare_is_closed=True)
        result = {key: schema[key] for key in _WORDS if key in schema} | known
        self._add_limits(schema, result)
        return result

    def _any_schema(self, schema: Any, place: Place, *, bare_is_closed: bool = False) -> dict[str, Any]:
        if isinstance(schema, Object):
            return self._schema(schema, bare_is_closed=bare_is_closed)
        self.problems.append(unsupported(f"a schema is an object, this is {kind(schema)}", place))
        return {}

    def _schema(
        self, schema: Object, *, drop: frozenset[str] = frozenset(), bare_is_closed: bool = False
    ) -> dict[str, Any]:
        """One schema. `drop` names properties to leave out.

        An object without any word about its properties is an empty message where a definition is that, and a
        `google.protobuf.Struct` elsewhere.
        """
        if not self._is_sound(schema):
            return {}
        parts = _parts(schema)
        # `allOf` with nothing but one reference is how generators write a `$ref` with siblings
        alone = len(parts) == 1 and "$ref" in parts[0] and not {"properties", "required", "enum"} & set(schema)
        if parts and not alone:
            composed = self._compose(schema, parts, drop)
            if composed is not None:
                return composed
        result: dict[str, Any] = {}
        if alone or "$ref" in schema:
            result |= self._reference(parts.pop() if alone else schema)
        result |= {key: schema[key] for key in _WORDS if key in schema}
        if "$ref" not in result:
            result |= self._type(schema, drop, bare_is_closed=bare_is_closed)
        result |= read_bounds(schema) | {key: schema[key] for key in COPIED if key in schema}
        self._add_limits(schema, result)
        if parts:
            result["allOf"] = [self._schema(part) for part in parts] + result.get("allOf", [])
        return or_null(result) if schema.get("x-nullable") is True else result

    def _is_sound(self, schema: Object) -> bool:
        found = list(check_schema(schema))
        # a body that many operations share is looked at by each of them
        self.problems += [problem for problem in found if problem not in self.problems]
        if found and isinstance(schema.get("properties"), Object):
            # so that one run names what is wrong below, too
            for name, value in schema["properties"].items():
                self._any_schema(value, schema["properties"].places[name])
        return not found

    def _reference(self, schema: Object) -> dict[str, Any]:
        name = definition_name(schema["$ref"])
        if name is None or name not in self.definitions:
            self.problems.append(
                unsupported(
                    "a `$ref` in a schema leads to a definition",
                    schema.places["$ref"],
                    "move what it refers to into `definitions`",
                )
            )
            return {}
        if name not in self.made:
            self._waiting.append(name)
        return {"$ref": reference_to(name)}

    def _type(self, schema: Object, drop: frozenset[str], *, bare_is_closed: bool) -> dict[str, Any]:
        """The type with what belongs to it; known by its keywords where the file does not state it."""
        implied = (("properties", "object"), ("additionalProperties", "object"), ("items", "array"))
        stated = schema.get("type") or next((name for key, name in implied if key in schema), None)
        result: dict[str, Any] = {"type": stated} if stated else {}
        if "enum" in schema:
            result["enum"] = read_enum(schema)
        result |= read_format(stated, schema.get("format"), has_pattern="pattern" in schema)
        if stated == "object":
            result |= self._object([schema], drop, bare_is_closed=bare_is_closed)
        elif stated == "array":
            items = self._any_schema(schema["items"], schema.places["items"]) if "items" in schema else {}
            result["items"] = items
        return result

    def _object(self, schemas: list[Object], drop: frozenset[str], *, bare_is_closed: bool = False) -> dict[str, Any]:
        """The properties of one or several schemas in one closed object."""
        properties: dict[str, Any] = {}
        hidden = set(drop)
        read_only: list[str] = []
        extra: Any = None
        for schema in schemas:
            members = schema.get("properties", Object(schema.place))
            for name, value in members.items():
                if isinstance(value, Object) and value.get("readOnly") is True:
                    read_only.append(name)
                elif name not in drop:
                    made = self._any_schema(value, members.places[name])
                    if properties.setdefault(name, made) != made:
                        message = f"`allOf` joins two different properties called `{name}`"
                        self.problems.append(unsupported(message, members.places[name], at_key=True))
            more = schema.get("additionalProperties", False)
            if more is not False:
                place = schema.places["additionalProperties"]
                extra = {} if more is True else self._any_schema(more, place)
        hidden |= set(read_only)
        bare = not any({"properties", "additionalProperties"} & set(schema) for schema in schemas)
        result: dict[str, Any] = {"properties": properties} if properties else {}
        needed = self._required(schemas, properties, hidden, is_open=extra is not None)
        if needed:
            result["required"] = needed
        if extra is not None:
            result["additionalProperties"] = extra or True
        elif not bare or bare_is_closed:
            result["additionalProperties"] = False
        if read_only:
            result["x-read-only"] = read_only
        return result

    def _required(
        self, schemas: list[Object], properties: dict[str, Any], hidden: set[str], *, is_open: bool
    ) -> list[str]:
        """The required names without those that a request does not have."""
        needed: dict[str, None] = {}
        for schema in schemas:
            names = schema.get("required")
            for name, place in zip(names, names.places, strict=True) if names else ():
                if name in properties or (is_open and name not in hidden):
                    needed[name] = None
                elif name not in hidden:
                    message = f"the required `{name}` is no property of the object"
                    self.problems.append(unsupported(message, place))
        return list(needed)

    def _compose(self, schema: Object, parts: list[Object], drop: frozenset[str]) -> dict[str, Any] | None:
        """`allOf` over objects as one closed object; None where the parts are no objects.

        A closed object within `allOf` would refuse the properties of its neighbours.
        """
        gathered = self._gather(schema, (), parts)
        if gathered is None:
            return None
        result = {key: schema[key] for key in _WORDS if key in schema}
        result |= {"type": "object"} | self._object(gathered, drop)
        for part in gathered:
            result |= {key: part[key] for key in ("minProperties", "maxProperties") if key in part}
            self._add_limits(part, result)
        return or_null(result) if schema.get("x-nullable") is True else result

    def _gather(self, schema: Object, above: tuple[str, ...], parts: list[Object]) -> list[Object] | None:
        """A schema and all that its `allOf` joins, in their order; None if one of them is no object."""
        found = [schema]
        for part in parts:
            inner: Any = part
            trail = above
            while isinstance(inner, Object) and isinstance(inner.get("$ref"), str):
                name = definition_name(inner["$ref"])
                if name is None or well_known(name) is not None:
                    return None
                if name in trail:
                    message = f"`allOf` of `{name}` contains itself"
                    self.problems.append(unsupported(message, inner.places["$ref"]))
                    return []
                trail = (*trail, name)
                inner = self.definitions.get(name)
            if not isinstance(inner, Object) or not self._is_sound(inner):
                return None
            below = _parts(inner)
            is_object = inner.get("type", "object") == "object"
            if not is_object or not (below or {"properties", "type", "required"} & set(inner)):
                return None
            more = self._gather(inner, trail, below)
            if more is None:
                return None
            found += more
        return found

    def _add_limits(self, schema: Object, result: dict[str, Any]) -> None:
        """Limits of a schema: errors stay assertions in `allOf`, warnings become an annotation beside it."""
        errors: list[Any] = []
        warnings: list[Any] = []
        for entry in schema.get("allOf", ()):
            if isinstance(entry, Object) and "x-limit" in entry:
                limit = self._point(plain(entry), entry)
                (warnings if limit["x-limit"]["severity"] == "warning" else errors).append(limit)
                counted = in_utf16_units(limit)
                if counted is not None:
                    warnings.append(counted)
        for key, entries in (("allOf", errors), ("x-warnings", warnings)):
            if entries:
                result[key] = result.get(key, []) + entries
        result |= {key: plain(schema[key]) for key in _KEPT_EXTENSIONS if key in schema}

    def _point(self, data: Any, tree: Any) -> Any:
        """The same limit with its references turned towards `$defs`."""
        if isinstance(data, list):
            return [self._point(item, below) for item, below in zip(data, tree, strict=True)]
        if not isinstance(data, dict):
            return data
        result = {key: self._point(value, tree[key]) for key, value in data.items() if key != "$ref"}
        if isinstance(data.get("$ref"), str):
            return self._reference(tree) | result
        return result


def _parts(schema: Object) -> list[Object]:
    """What `allOf` joins, without the limits that an overlay put there."""
    return [part for part in schema.get("allOf", ()) if isinstance(part, Object) and "x-limit" not in part]


def _in_path(body: Object, parameters: tuple[str, ...]) -> frozenset[str]:
    """The fields of a body that the path gives; `book.name` names `name` of a body that is the book."""
    properties = body.get("properties")
    names = {_folded(name): name for name in properties} if isinstance(properties, Object) else {}
    taken = set()
    for parameter in parameters:
        first, _, rest = parameter.partition(".")
        wanted = _folded(rest if rest and _folded(first) not in names else parameter)
        if wanted in names:
            taken.add(names[wanted])
    return frozenset(taken)


def _folded(name: str) -> str:
    return name.replace("_", "").casefold()
