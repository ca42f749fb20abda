"""`msgc list`: what there is in the catalog."""

from __future__ import annotations

import sys

import click

from msgc.check import Checked
from msgc.cli.session import Session, exit_code, shared_options
from msgc.diagnostic import Diagnostic
from msgc.report import escape
from msgc.report.json import dump


@click.command("list")
@shared_options()
def command(session: Session) -> None:
    """List the definitions: name, kind, description, parameters (optional ones in brackets) and examples.

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
        "kind": None if definition is None else definition.content,
        "parameters": [] if definition is None else list(definition.parameters.names),
        "required": [] if definition is None else list(definition.parameters.required),
        "examples": [] if definition is None else [example.name for example in definition.examples],
        "description": None if definition is None else definition.description,
    }


def _print(read: list[Checked]) -> None:
    width = max((len(escape(checked.entry.name)) for checked in read), default=0)
    for checked in read:
        definition = checked.definition
        # Names come from elsewhere, so no line begins with one.
        click.echo(f"* {escape(checked.entry.name):<{width}}  {definition.content if definition else 'broken'}")
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
