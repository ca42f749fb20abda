"""`msgc list`: what there is in the catalog."""

from __future__ import annotations

import sys

import click

from msgc.cli.session import Session, exit_code, shared_options
from msgc.diagnostic import Diagnostic, Rejected
from msgc.emit import pretty
from msgc.report import escape


@click.command("list")
@shared_options
def command(session: Session) -> None:
    """List the definitions: name, kind, parameters, examples and description."""
    project = session.project()
    try:
        entries, problems = project.entries()
    except Rejected as rejected:
        session.fail(rejected.diagnostics)
    rows: list[dict[str, object]] = []
    broken: list[Diagnostic] = list(problems)
    for entry in entries:
        checked = project.read(entry)
        broken += [problem for problem in checked.diagnostics if checked.definition is None]
        definition = checked.definition
        rows.append(
            {
                "name": entry.name,
                "file": entry.shown,
                "kind": None if definition is None else definition.content,
                "parameters": [] if definition is None else list(definition.parameters.names),
                "required": [] if definition is None else list(definition.parameters.required),
                "examples": [] if definition is None else [example.name for example in definition.examples],
                "description": None if definition is None else definition.description,
            }
        )
    if session.format == "json":
        click.echo(pretty({"version": 1, "definitions": rows}), nl=False)
    else:
        _print(rows)
    if broken:
        session.report(broken, err=True)
    sys.exit(exit_code(broken))


def _print(rows: list[dict[str, object]]) -> None:
    width = max((len(str(row["name"])) for row in rows), default=0)
    for row in rows:
        kind = str(row["kind"] or "broken")
        summary = " ".join(str(row["description"] or "").split())
        click.echo(f"  {escape(str(row['name'])):<{width}}  {kind:<9}  {escape(summary)}".rstrip())
        names = row["parameters"]
        if isinstance(names, list) and names:
            required = row["required"] if isinstance(row["required"], list) else []
            shown = ", ".join(name if name in required else f"[{name}]" for name in names)
            click.echo(f"  {'':<{width}}  {'':<9}  parameters: {escape(shown)}")
