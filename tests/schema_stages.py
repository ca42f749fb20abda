"""The stage that builds schemas: a swagger file and its overlays, in the order of the case."""

import json
from pathlib import Path
from typing import Any

from casefile import Case, describe
from msgc.diagnostic import Rejected
from msgc.document import Document
from msgc.load import load_yaml
from msgc.load_json import load_json
from msgc.schema import build, dump
from msgc.validate import Acceptor, Explainer

# what every authoring schema holds, whatever the service
_FIXED = {"condition", "loop", "fragment", "bindings", "include", "includeItem", "params", "parameter"}
_FIXED |= {"fragmentFile", "text", "textItem"}


def schema(case: Case, folder: Path) -> str:
    """The payload schema, or below `authoring` the editor's; then a verdict for each body of `bodies.json`.

    A body is named by what it shows and holds the request's name and the value.
    """
    bodies = json.loads(case.inputs.get("bodies.json", "{}"))
    swagger, *overlays = [_load(name, text) for name, text in case.inputs.items() if name != "bodies.json"]
    try:
        payload, authoring = build(swagger, overlays)
    except Rejected as rejected:
        return describe(rejected.diagnostics)
    if case.path.parent.name == "authoring":
        authoring["$defs"] = {name: made for name, made in authoring["$defs"].items() if name not in _FIXED}
        return dump(authoring).decode()
    return dump(payload).decode() + "".join(_verdict(payload, name, *body) for name, body in bodies.items())


def _load(name: str, text: str) -> Document:
    data = text.encode()
    return load_json(data, name) if name.endswith(".json") else load_yaml(data, name)[0]


def _verdict(payload: dict[str, Any], name: str, request: str, value: Any) -> str:
    root = {"$schema": payload["$schema"], "$ref": payload["x-requests"][request], "$defs": payload["$defs"]}
    violations = Explainer(root).violations(value)
    assert Acceptor(root).accepts(value) == (not violations)
    places = [f"{violation.keyword} at /{'/'.join(map(str, violation.path))}" for violation in violations]
    return f"{name}: {'refused, ' + ', '.join(places) if places else 'accepted'}\n"
