"""`msgc render`: one payload, as JSON."""

from __future__ import annotations

import sys
from typing import Any

import click

from msgc.check import Checked
from msgc.cli.session import Session, exit_code, shared_options
from msgc.cli.values import example_values, open_data, set_values
from msgc.definition import Definition
from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Path
from msgc.emit import pretty
from msgc.pipeline import Project
from msgc.rows import Row, open_rows
from msgc.source import Span


@click.command("render")
@click.argument("name")
@click.option("--set", "settings", multiple=True, metavar="K=V", help="Set a parameter; `a.b=v` inside an object.")
@click.option("--data", metavar="FILE|-", help="Take the values from a data file (CSV, JSON Lines, JSON, YAML).")
@click.option("--data-format", type=click.Choice(["csv", "jsonl", "json", "yaml"]), help="What the data file is.")
@click.option("--row", type=int, help="Which row of the data file, as a spreadsheet numbers it.")
@click.option("--example", help="Take the values from an example of the definition.")
@click.option("--to", help="The recipient: a phone number in E.164 form, or a BSUID.")
@shared_options
def command(
    session: Session,
    name: str,
    settings: tuple[str, ...],
    data: str | None,
    data_format: str | None,
    row: int | None,
    example: str | None,
    to: str | None,
) -> None:
    """Print the payload of the definition NAME (or of a file) as JSON.

    Values come from the parameters' defaults, then `--example`, then `--data`, then `--set`.
    """
    project = session.project((name,))
    checked = load_definition(session, project, name)
    definition = checked.definition
    assert definition is not None
    values = example_values(definition, example) if example else {}
    chosen: Row | None = None
    if data is not None:
        chosen = _row(session, definition, data, data_format, row)
        values |= chosen.values
        to = to or _recipient(chosen)
    values = set_values(values, settings, definition)
    payload, problems = render_values(project, definition, values, to=to, example=example, row=chosen)
    problems = [problem for problem in checked.diagnostics if problem.severity != "error"] + problems
    code = exit_code(problems)
    if problems:
        session.report(sorted(problems, key=lambda problem: problem.sort_key), err=True)
    if payload is not None and code == 0:
        click.echo(pretty(payload), nl=False)
    sys.exit(code)


def load_definition(session: Session, project: Project, name: str) -> Checked:
    """A definition that can be rendered; a broken one is reported and ends the command."""
    try:
        checked = project.read(project.catalog.entry(name))
    except Rejected as rejected:
        session.fail(rejected.diagnostics)
    settled = project.settle(checked)
    if checked.definition is None:
        session.report(settled, err=session.format == "text")
        sys.exit(exit_code(settled) or 1)
    return checked


def render_values(
    project: Project,
    definition: Definition,
    values: dict[str, Any],
    *,
    to: Any,
    example: str | None,
    row: Row | None,
) -> tuple[dict[str, Any] | None, list[Diagnostic]]:
    """The payload's data for raw values, and what is wrong with the values or the payload."""
    parameters = definition.parameters
    complete = parameters.complete(values)
    violations = parameters.judge(complete)
    if violations:

        def locate(path: Path, at_key: bool) -> Span | None:
            return row.locate(path, at_key) if row is not None else None

        explained = parameters.explain(
            violations,
            locate,
            definition=definition.name,
            example=example,
            row=row.number if row else None,
            file=definition.document.source.name,
        )
        return None, explained
    payload, problems = project.render(definition, complete, to=to, example=example)
    return (None if payload is None else payload.data), problems


def _row(session: Session, definition: Definition, data: str, data_format: str | None, number: int | None) -> Row:
    with open_data(data, data_format) as (stream, name, kind):
        try:
            rows = open_rows(stream, name, kind, definition.parameters, None)
            found: Row | None = None
            for row in rows:
                if number is None and found is not None:
                    raise click.UsageError(f"{name} has more than one row; choose one with `--row N`")
                if number is None or row.number == number:
                    found = row
                if found is not None and number is not None:
                    break
        except Rejected as rejected:
            session.fail(rejected.diagnostics)
    if found is None:
        raise click.UsageError(f"{name} has no row {number}" if number is not None else f"{name} has no rows")
    if found.is_broken:
        session.report(found.problems, err=session.format == "text")
        sys.exit(1)
    return found


def _recipient(row: Row) -> Any:
    return row.recipient
