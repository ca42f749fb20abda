"""Definitions by chance: texts with what goes beside them, lists with rows from `$for`, buttons, templated messages."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from generated import Shape, one_in
from generated_expressions import Names, Writer
from generated_templates import template
from msgc.define import define
from msgc.definition import Definition
from msgc.load import load_yaml
from msgc.shared_files import Library

_NUMBER = re.compile(r"\{\{-? *(\d+) *-?\}\}")
_TITLES = ["Yes", "No", "See more", "Details 👍", "Über uns", "x" * 20, "x" * 21, "12345", ""]
_LEAVES = [
    "{{ <printable> }}",
    "{{ (<text>) | shorten(MOST) }}",
    "{{ (<text0>) | trim | shorten(MOST) | default('-', true) }}",
    "{{ 'FIXED' if <condition> else 'OTHER' }}",
    "FIXED",
    "A {{ (<printable>) | string | trim | truncate(LESS, true) }}",
    "#{{ (<printable>) | string | trim | truncate(LESS, true) }}",
    "{{ <integer0> }}",
]
"""Texts of at most so many characters, as far as they are made to."""
_LONG = ["Hello", "Hi *there*\nall", "Ana", "x" * 61, "x" * 1025, " padded "]


class _Author:
    """Writes the parts of one definition over its parameters."""

    def __init__(self, rng: Random, names: Names) -> None:
        self.rng = rng
        self.names = dict(names)

    def leaf(self, most: int, names: Names | None = None) -> str:
        """A text, made to fit so many characters more often than not."""
        rng = self.rng
        known = self.names if names is None else names
        fixed = [text for text in (_TITLES if most < 100 else _LONG) if len(text) <= most or one_in(rng, 9)]
        form = rng.choice(_LEAVES if most < 100 else [*_LEAVES, "TEMPLATE"])
        if form == "TEMPLATE":
            return template(rng, known)
        form = form.replace("FIXED", rng.choice(fixed)).replace("OTHER", rng.choice(fixed))
        form = form.replace("MOST", str(most)).replace("LESS", str(max(4, most - 4)))
        made = Writer(rng, known, careless=30).write(form, 1)
        return _NUMBER.sub(r"{{ \1 | string }}", made)  # `{{ 1 }}` would be a placeholder of WhatsApp's

    def guarded(self, made: Any) -> Any:
        """The same, where a condition holds."""
        if not one_in(self.rng, 3):
            return made
        condition = Writer(self.rng, self.names).condition(1)
        return {"$if": condition, **made} if isinstance(made, dict) else {"$if": condition, "$value": made}

    def loop(self) -> tuple[str, Names]:
        """A `$for` and the names of its rounds."""
        writer = Writer(self.rng, self.names)
        code, item = writer.items(self.rng.randint(0, 1))
        if one_in(self.rng, 3):
            code = f"({code})[:{self.rng.choice([2, 3, 10])}]"
        names = {**self.names, "it": item}
        test = f" if {Writer(self.rng, names).condition(0)}" if one_in(self.rng, 4) else ""
        return f"it in {code}{test}", names

    def repeated(self, make: Any) -> list[Any]:
        """Written out items, and such that a `$for` makes."""
        made: list[Any] = []
        for index in range(self.rng.randint(1, 3)):
            if one_in(self.rng, 2):
                loop, names = self.loop()
                made.append({"$for": loop, **make(names, f"r{index}-{{{{ loop.index }}}}")})
            else:
                made.append(self.guarded(make(self.names, f"f{index}")))
        return made

    def title(self, names: Names, identity: str) -> dict[str, Any]:
        chosen = identity if not one_in(self.rng, 4) else self.leaf(20, names)
        return {"id": chosen, "text": self.leaf(20, names)}

    def row(self, names: Names, identity: str) -> dict[str, Any]:
        made = self.title(names, identity)
        if one_in(self.rng, 2):
            made["description"] = self.leaf(72, names)
        return made

    def section(self, title: bool) -> dict[str, Any]:
        return ({"title": self.leaf(24)} if title else {}) | {"rows": self.repeated(self.row)}

    def attachment(self) -> dict[str, Any]:
        kind, ending = self.rng.choice([("IMAGE", "png"), ("DOCUMENT", "pdf"), ("VIDEO", "mp4")])
        name = self.rng.choice(["a", "{{ 1 | string }}"])
        made: dict[str, Any] = {"type": f"ATTACHMENT_TYPE_{kind}", "url": f"https://e.co/{name}.{ending}"}
        if one_in(self.rng, 2):
            made["caption"] = self.leaf(1024)
        return made


def message(rng: Random, names: Names) -> dict[str, Any]:
    """The keys of a definition beside `params`."""
    author = _Author(rng, names)
    kind = rng.choice(["text", "buttons", "list", "templated", "attachments", "location"])
    callback = author.guarded(
        {"kind": "k", "note": author.leaf(200), **({"count": Writer(rng, names).integer(0)} if one_in(rng, 2) else {})}
    )
    beside: dict[str, Any] = {"callbackData": callback} if one_in(rng, 3) else {}
    if kind == "templated":
        parameters = {f"body_{index + 1}": author.leaf(200) for index in range(rng.randint(1, 3))}
        return {"templateName": "hello_you", "language": "en", "parameters": parameters, **beside}
    if kind == "text":
        return {"message": {"text": author.leaf(4096)}, **beside}
    if kind == "attachments":
        return {
            "message": {"attachments": [author.guarded(author.attachment()) for _ in range(rng.randint(1, 2))]},
            **beside,
        }
    if kind == "location":
        place = {"latitude": f"{{{{ {Writer(rng, names).number(0)} }}}}", "longitude": 2.5, "name": author.leaf(100)}
        return {"message": {"location": place}, **beside}
    body: dict[str, Any] = {"text": author.leaf(1024)}
    inner: dict[str, Any] = {}
    if one_in(rng, 3):
        inner["header"] = author.guarded({"text": author.leaf(60)})
    if one_in(rng, 3):
        inner["footer"] = author.guarded({"text": author.leaf(60)})
    if kind == "buttons":
        return {
            "message": {**body, "replyButtonMessage": {**inner, "buttons": author.repeated(author.title)}},
            **beside,
        }
    count = rng.randint(1, 2)
    sections = [author.guarded(author.section(count > 1 or one_in(rng, 2))) for _ in range(count)]
    return {
        "message": {**body, "listMessage": {**inner, "button": {"text": author.leaf(20)}, "sections": sections}},
        **beside,
    }


def definition(shapes: dict[str, Shape], made: dict[str, Any], library: Library) -> tuple[Definition | None, list[str]]:
    """The definition of some parameters and keys, or what is wrong with it."""
    data = {"params": {name: shape.schema for name, shape in shapes.items()}, **made}
    document, _ = load_yaml(json.dumps(data, ensure_ascii=False).encode(), "generated.yaml")
    found = define(document, "generated", library)
    return found.definition, [
        f"{problem.rule}: {problem.message}" for problem in found.problems if problem.severity == "error"
    ]
