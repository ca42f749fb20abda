"""What a Swagger 2.0 file says: its definitions, and the bodies of its requests.

Only JSON bodies matter here. Responses, security and query parameters are somebody else's business.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from msgc.diagnostic import Diagnostic, Rejected, nearest
from msgc.rules import finding
from msgc.schema.tree import Array, Object, Place, kind

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_WITH_BODY = ("put", "post", "patch")
# The two requests that msgc writes messages for; a file that has both is a messaging service.
_MESSAGES = {"session": "/send/messages", "templated": "/send/whatsapp_templated_messages"}
# Where plain data stands in a swagger file: what looks like a `$ref` there is none.
_DATA = ("example", "examples", "default", "enum", "x-limit")


@dataclass(frozen=True, slots=True)
class Request:
    """A body that the service takes: its name, its path, its schema, and what its path already says."""

    name: str
    operation: str
    path: str
    schema: Object
    place: Place
    path_parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A swagger file, read: its title, its definitions by name, and its requests."""

    title: str
    definitions: Object
    requests: tuple[Request, ...]
    messages: bool


def read_service(tree: Object) -> Service:
    """Reads a swagger file's tree. Raises Rejected for a file that is none, or whose references dangle."""
    _check_version(tree)
    problems = list(_check_references(tree, tree, None))
    definitions = tree.get("definitions")
    if not isinstance(definitions, Object):
        definitions = Object(tree.place)
    operations = list(_operations(tree))
    found = {
        name: operation
        for name, ending in _MESSAGES.items()
        for operation in operations
        if operation.method == "post" and operation.path.endswith(ending)
    }
    messages = len(found) == len(_MESSAGES)
    chosen = found if messages else _by_name(operations, problems)
    requests = []
    for name, operation in chosen.items():
        request = _request(tree, name, operation, problems)
        if request is not None:
            requests.append(request)
    if messages and len(requests) < len(chosen) and not problems:
        for operation in chosen.values():
            if operation.name not in {request.operation for request in requests}:
                message = f"`{operation.name}` takes no body"
                problems.append(finding("schema-unsupported", message, operation.node.place.key_span))
    if not requests and not problems:
        place = tree.places.get("paths", tree.place)
        span = place.key_span if "paths" in tree else place.document.source.span(place.span.start)
        problems.append(finding("schema-unsupported", "no operation of the file takes a JSON body", span))
    if problems:
        raise Rejected(*problems)
    info = tree.get("info")
    title = info.get("title") if isinstance(info, Object) else None
    return Service(title if isinstance(title, str) else "Requests", definitions, tuple(requests), messages)


def _check_version(tree: Object) -> None:
    for key in ("swagger", "openapi"):
        if key not in tree:
            continue
        place = tree.places[key]
        text = place.document.node(place.path).text or str(tree[key])
        if (key, text) == ("swagger", "2.0"):
            return
        raise Rejected(
            finding(
                "swagger-version",
                "the file is not a Swagger 2.0 file",
                place.span,
                found=f"{key}: {text}",
                allowed="swagger: 2.0",
                help="grpc-gateway's protoc-gen-openapiv2 writes Swagger 2.0"
                if key == "swagger"
                else "convert the file to Swagger 2.0, or ask its authors for that form",
            )
        )
    start = tree.place.document.source.span(tree.place.span.start)
    raise Rejected(
        finding(
            "swagger-version",
            "the file does not say that it is a Swagger 2.0 file",
            start,
            allowed="swagger: 2.0",
        )
    )


def definition_name(reference: object) -> str | None:
    """The name of the definition that a `$ref` leads to; None if it leads elsewhere, or is no text."""
    if not isinstance(reference, str):
        return None
    prefix, _, name = reference.partition("#/definitions/")
    if prefix or not name or "/" in name:
        return None
    return urllib.parse.unquote(name).replace("~1", "/").replace("~0", "~")


def _check_references(tree: Any, root: Object, key: str | None) -> Iterator[Diagnostic]:
    if isinstance(tree, Array):
        for item in tree:
            yield from _check_references(item, root, None)
    if not isinstance(tree, Object):
        return
    reference = tree.get("$ref")
    if isinstance(reference, str) and key not in ("properties", "definitions"):
        problem = _dangling(reference, root, tree.places["$ref"])
        if problem is not None:
            yield problem
    for name, value in tree.items():
        if name not in _DATA or key in ("properties", "definitions"):
            yield from _check_references(value, root, name)


def _dangling(reference: str, root: Object, place: Place) -> Diagnostic | None:
    if not reference.startswith("#/"):
        return finding(
            "schema-ref",
            "the reference leaves the file",
            place.span,
            found=reference,
            help="copy what it refers to into `definitions`; msgc never follows a reference to another file",
        )
    node: Any = root
    for piece in reference[2:].split("/"):
        step = urllib.parse.unquote(piece).replace("~1", "/").replace("~0", "~")
        if isinstance(node, Array) and step.isdecimal() and int(step) < len(node):
            node = node[int(step)]
        elif isinstance(node, Object) and step in node:
            node = node[step]
        else:
            near = nearest(step, node) if isinstance(node, Object) else None
            return finding(
                "schema-ref",
                f"the reference leads nowhere: there is no `{step}`",
                place.span,
                found=reference,
                help=f"did you mean `{near}`?" if near else None,
            )
    return None


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    node: Object
    shared: Object

    @property
    def name(self) -> str:
        identifier = self.node.get("operationId")
        return identifier if isinstance(identifier, str) and identifier else f"{self.method} {self.path}"


def _operations(tree: Object) -> Iterator[_Operation]:
    paths = tree.get("paths")
    for path, item in paths.items() if isinstance(paths, Object) else ():
        for method, node in item.items() if isinstance(item, Object) else ():
            if method in _METHODS and isinstance(node, Object):
                yield _Operation(method, path, node, item)


def _by_name(operations: list[_Operation], problems: list[Diagnostic]) -> dict[str, _Operation]:
    chosen: dict[str, _Operation] = {}
    for operation in operations:
        if operation.method not in _WITH_BODY:
            continue
        if operation.name in chosen:
            problems.append(
                finding(
                    "schema-unsupported",
                    f"two operations are called `{operation.name}`",
                    operation.node.places["operationId"].span,
                )
            )
        chosen[operation.name] = operation
    return chosen


def _request(tree: Object, name: str, operation: _Operation, problems: list[Diagnostic]) -> Request | None:
    """The request of an operation; None if it takes no body."""
    body: Object | None = None
    in_path = re.findall(r"\{([^}=]+)", operation.path)
    for parameter in _parameters(tree, operation):
        where = parameter.get("in")
        if where == "path" and isinstance(parameter.get("name"), str):
            in_path.append(parameter["name"])
        elif where == "body":
            body = parameter
        elif where == "formData":
            problems.append(
                finding(
                    "schema-unsupported",
                    f"`{operation.name}` takes a form, not a JSON body",
                    parameter.places["in"].span,
                    help="remove the operation by an overlay: its target, and `remove: true`",
                )
            )
            return None
    if body is None:
        return None
    schema = body.get("schema")
    if not isinstance(schema, Object):
        problems.append(
            finding(
                "schema-unsupported",
                f"the body of `{operation.name}` has no schema" if schema is None else f"a schema is {kind(schema)}",
                body.place.span,
            )
        )
        return None
    base = tree.get("basePath")
    path = (base.rstrip("/") if isinstance(base, str) else "") + operation.path
    return Request(name, operation.name, path, schema, schema.place, tuple(dict.fromkeys(in_path)))


def _parameters(tree: Object, operation: _Operation) -> Iterator[Object]:
    for holder in (operation.shared, operation.node):
        parameters = holder.get("parameters")
        for parameter in parameters if isinstance(parameters, Array) else ():
            target = parameter
            if isinstance(parameter, Object) and isinstance(parameter.get("$ref"), str):
                target = tree
                for piece in parameter["$ref"][2:].split("/"):
                    target = target.get(piece) if isinstance(target, Object) else None
            if isinstance(target, Object):
                yield target
