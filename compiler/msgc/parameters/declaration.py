"""`params` becomes one JSON Schema of a closed object; what is wrong with the declaration is located."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgc.diagnostic import Diagnostic
from msgc.document import Document, Path
from msgc.parameters.complete import EndlessDefault
from msgc.parameters.cost import TooCostly, check_cost
from msgc.parameters.places import join
from msgc.parameters.reader import Part, Reader
from msgc.parameters.sentences import name_of, sentences, shown
from msgc.parameters.values import Parameters
from msgc.rules import finding
from msgc.validate import Acceptor, Explainer

_TAKEN: Mapping[str, str] = {
    "recipient": "the recipient comes from the command line, the data or the definition itself",
    "loop": "Jinja has a variable of that name in every loop",
    **dict.fromkeys(
        ("range", "dict", "namespace", "joiner", "cycler", "lipsum"),
        "Jinja has a function of that name",
    ),
    **dict.fromkeys(
        ("self", "super", "caller", "varargs", "kwargs"),
        "Jinja has a variable of that name in macros",
    ),
    **dict.fromkeys(
        ("and", "or", "not", "in", "is", "if", "else", "elif", "true", "false", "none"),
        "it is a word of Jinja's own language",
    ),
    **dict.fromkeys(("True", "False", "None"), "it is a word of Jinja's own language"),
}
_ABSENT: Any = object()


def declare(document: Document, path: Path = ("params",)) -> tuple[Parameters, list[Diagnostic]]:
    """The parameters declared at a place of a document, and what is wrong with their declaration.

    Where the place does not exist there are none. A parameter with a mistake takes any value, so that its
    mistake does not hide others.
    """
    data: Any = document.data
    for step in path:
        data = data.get(step, _ABSENT) if isinstance(data, dict) else _ABSENT
    if data is _ABSENT:
        return Parameters(_closed({}, [])), []
    if not isinstance(data, dict):
        message = "`params` wants a mapping from names to types or schemas"
        hint = "write `first_name: string` below it, for example, or leave it out"
        problem = finding("parameter-schema", message, document.key_span(path), help=hint)
        return Parameters(_closed({}, [])), [problem]
    problems: list[Diagnostic] = []
    parts: list[Part] = []
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, raw in data.items():
        problems += _check_name(document, (*path, name), name)
        reader = Reader(document, (*path, name), join("#/properties", name))
        schema = reader.read_all(raw)
        problems += reader.problems
        broken = any(problem.severity == "error" for problem in reader.problems)
        properties[name] = True if broken else schema
        parts += [] if broken else reader.parts
        if not reader.has_default(raw if broken else schema):
            required.append(name)
    for name in properties:
        try:
            check_cost({"properties": properties}, properties[name])
        except TooCostly as error:
            message = f"the schema of `{name}` {error}"
            hint = "write it out shorter: a message needs few values"
            problems.append(finding("parameter-schema", message, document.key_span((*path, name)), help=hint))
            properties[name] = True
            parts = [part for part in parts if part.path[: len(path) + 1] != (*path, name)]
    parameters = Parameters(_closed(properties, required), document, path)
    try:
        parameters.acceptor  # noqa: B018 - compiled here, so that it cannot fail later
    except ValueError as error:
        # What the reader lets through and the validator does not: no such schema is known.
        reason = str(error).partition("\n")[0]
        message = f"the schemas in `params` cannot be used: {reason}"
        problems.append(finding("parameter-schema", message, document.key_span(path)))
        return Parameters(_closed(dict.fromkeys(properties, True), required), document, path), problems
    for part in parts:
        problems += _check_default(parameters, document, part)
    return parameters, problems


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _check_name(document: Document, path: Path, name: str) -> list[Diagnostic]:
    if name in _TAKEN:
        message = f"no parameter can be called `{name}`: {_TAKEN[name]}"
        hint = "call it by what it means, `customer` for example"
    elif not name.isidentifier():
        plain = re.sub(r"\W+", "_", name).strip("_")
        message = f"`{name}` cannot be the name of a parameter: templates could not write it"
        message = message if name else "a parameter has an empty name"
        hint = f"call it `{plain}`" if plain.isidentifier() else f"call it `p{plain}`, for example"
    else:
        return []
    allowed = "letters, digits and `_`, not beginning with a digit, and no word of Jinja's"
    return [finding("parameter-name", message, document.key_span(path), found=name, allowed=allowed, help=hint)]


def _check_default(parameters: Parameters, document: Document, part: Part) -> list[Diagnostic]:
    if not isinstance(part.schema, dict) or "default" not in part.schema:
        return []
    subject = f"the default of `{part.name}`"
    place = (*part.path, "default")
    try:
        value = parameters.fill_part(part.schema["default"], part.schema, part.pointer)
    except EndlessDefault:
        message = f"{subject} leads to itself, so that it never ends"
        hint = "leave out one of the defaults"
        return [finding("parameter-default", message, document.span(place), help=hint)]
    # Compiling every part to judge one is slow, and needed only where references lead to other parts.
    accepts = Acceptor(part.schema).accepts if _stands_alone(part.schema) else None
    if accepts(value) if accepts is not None else parameters.accept_part(part.pointer, value):
        return []
    return [
        finding(
            "parameter-default",
            f"{subject} does not fit its own schema" + (f", at `{name_of(sentence.path)}`" if sentence.path else ""),
            document.span((*place, *sentence.path)),
            found=sentence.found or shown(value),
            allowed=sentence.allowed or sentence.message,
            help="change the default or the schema",
        )
        for sentence in sentences(Explainer(parameters.schema).violations(value, part.schema))
    ]


def _stands_alone(schema: Any) -> bool:
    if isinstance(schema, dict):
        return "$ref" not in schema and all(_stands_alone(part) for part in schema.values())
    return not isinstance(schema, list) or all(_stands_alone(part) for part in schema)
