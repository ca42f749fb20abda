"""`msgc list`: what there is in the catalog."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from msgc.check import Checked
from msgc.cli.session import Session, exit_code, shared_options
from msgc.definition import Constant, Definition, Fields, Guarded, Included, Items, Node, Repeated
from msgc.diagnostic import Diagnostic
from msgc.report import escape
from msgc.report.json import dump


@click.command("list")
@shared_options()
def command(session: Session) -> None:
    """List the definitions: name, kind, description, parameters (optional ones in brackets) and examples.

    Every definition begins with a `*`, so that lines which do not are about the one above.

    \b
    msgc list
    msgc list -f json
    """
    project = session.project()
    entries, problems = project.entries()
    broken: list[Diagnostic] = list(problems)
    read = []
    for entry in entries:
        checked = project.read(entry)
        broken += [problem for problem in checked.diagnostics if checked.definition is None]
        read.append(checked)
    if not entries:
        session.say(f"no definitions in {project.catalog.shown(project.catalog.root)}; `msgc new text NAME` writes one")
    if session.format == "json":
        click.echo(dump({"version": 1, "definitions": [_facts(checked) for checked in read]}), nl=False)
    else:
        _print(read)
    if broken:
        session.report(broken, err=True)
    sys.exit(exit_code(broken))


def _facts(checked: Checked) -> dict[str, object]:
    definition = checked.definition
    return {
        "name": checked.entry.name,
        "file": checked.entry.shown,
        "kind": None if definition is None else _kind(definition),
        "parameters": [] if definition is None else list(definition.parameters.names),
        "required": [] if definition is None else list(definition.parameters.required),
        "examples": [] if definition is None else [example.name for example in definition.examples],
        "description": None if definition is None else definition.description,
    }


def _kind(definition: Definition) -> str:
    """What a definition sends; for attachments that are all of one type, that type."""
    if definition.content != "attachments":
        return definition.content
    types = set(_types(_inner(_inner(definition.body, "message"), "attachments")))
    only = types.pop() if len(types) == 1 else None
    return only or "attachments"


def _inner(node: Node | None, name: str | None = None) -> Node | None:
    """What stands behind conditions, loops and inclusions; with `name`, the entry of an object there."""
    while isinstance(node, Guarded | Repeated | Included):
        node = node.fragment.content if isinstance(node, Included) else node.node
    if name is None:
        return node
    return dict(node.entries).get(name) if isinstance(node, Fields) else None


def _types(attachments: Node | None) -> Iterator[str | None]:
    """The attachments' types; None for one that only values decide."""
    for item in attachments.entries if isinstance(attachments, Items) else ():
        kind = _inner(_inner(item), "type")
        yield str(kind.value) if isinstance(kind, Constant) else None


def _print(read: list[Checked]) -> None:
    width = max((len(escape(checked.entry.name)) for checked in read), default=0)
    for checked in read:
        definition = checked.definition
        # Names come from elsewhere, so no line begins with one.
        click.echo(f"* {escape(checked.entry.name):<{width}}  {_kind(definition) if definition else 'broken'}")
        if definition is None:
            continue
        required = definition.parameters.required
        names = [name if name in required else f"[{name}]" for name in definition.parameters.names]
        examples = [example.name for example in definition.examples]
        for label, text in (
            ("", " ".join((definition.description or "").split())),
            ("parameters: ", ", ".join(names)),
            ("examples: ", ", ".join(examples)),
        ):
            if text:
                click.echo(f"    {label}{escape(text)}")
