"""`msgc render`: one payload, as JSON."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from msgc.check import Checked
from msgc.cli.session import Session, Unusable, exit_code, shared_options
from msgc.cli.values import FORMATS, example_values, open_data, set_values
from msgc.definition import Definition
from msgc.diagnostic import Diagnostic
from msgc.emit import pretty
from msgc.parameters import Parameters
from msgc.pipeline import Project
from msgc.report.escape import escape_json

if TYPE_CHECKING:
    from msgc.rows import Row  # only who names a data file needs what reads it


@click.command("render")
@click.argument("name")
@click.option("--set", "settings", multiple=True, metavar="K=V", help="Set a parameter; `a.b=v` inside an object.")
@click.option("--data", metavar="FILE|-", help="Take the values from a data file (CSV, JSON Lines, JSON, YAML).")
@click.option("--data-format", type=click.Choice(FORMATS), help="What the data file is, if its name does not say.")
@click.option("--row", type=int, metavar="N", help="Which row of the data file, as a spreadsheet numbers it.")
@click.option("--example", metavar="NAME", help="Take the values from an example of the definition.")
@click.option("--to", metavar="NUMBER", help="The recipient: a phone number such as +16044441111, or a BSUID.")
@shared_options()
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

    Values come from the parameters' defaults, then --example, then --data, then --set; the later ones win. Standard
    input (`--data -`) is JSON Lines, unless --data-format says otherwise.

    \b
    msgc render orders/shipped --example typical
    msgc render orders/shipped --example typical --set order.id=A-1042 --set 'tags=["new"]'
    msgc render orders/shipped --data customers.csv --row 2
    """
    if data is None and (row is not None or data_format is not None):
        raise Unusable(
            f"`{'--row' if row is not None else '--data-format'}` speaks of a data file: name it with `--data`"
        )
    project = session.project((name,))
    checked = load_definition(session, project, name)
    definition = checked.definition
    assert definition is not None
    values = example_values(definition, example) if example is not None else {}
    chosen: Row | None = None
    if data is not None:
        given = {*values, *(setting.partition("=")[0].partition(".")[0] for setting in settings)}
        chosen = _row(session, _without_demand(definition.parameters, given), data, data_format, row)
        values |= chosen.values
        to = chosen.recipient if to is None else to  # type: ignore[assignment]  # the file may give its fields
    values = set_values(values, settings, definition)
    payload, problems = project.compile(definition, values, to=to, example=example, row=chosen)
    problems = [_how_to_give(problem, definition, chosen) for problem in problems]
    problems = project.settle(checked, [*checked.diagnostics, *problems])
    code = exit_code(problems)
    if code:
        session.refuse(problems, code)
    if any(problem.suppressed is None for problem in problems):
        session.report(problems, err=True)
    shown = pretty(payload)
    # The bytes are what would be sent; a terminal gets the same JSON with nothing in it that a terminal obeys.
    click.echo(escape_json(shown.decode()) if sys.stdout.isatty() else shown, nl=False)


def load_definition(session: Session, project: Project, name: str) -> Checked:
    """A definition that can be rendered; a broken one is reported and ends the command. Raises `Rejected`."""
    checked = project.read(project.catalog.entry(name))
    problems = project.settle(checked, checked.diagnostics)
    if checked.definition is None or exit_code(problems):
        session.refuse(problems)
    return checked


def _how_to_give(problem: Diagnostic, definition: Definition, row: Row | None) -> Diagnostic:
    """A missing parameter's finding, with the ways in which this command takes one."""
    if problem.rule != "missing-parameter" or row is not None or problem.example is not None:
        return problem
    example = f", or `--example {definition.examples[0].name}`" if definition.examples else ""
    return replace(problem, help=f"Add `--set PARAMETER=VALUE`{example}")


def _without_demand(parameters: Parameters, given: set[str]) -> Parameters:
    """The parameters, of which those that are `given` elsewhere need no column."""
    required = [name for name in parameters.required if name not in given]
    return replace(parameters, schema={**parameters.schema, "required": required})


def _row(session: Session, parameters: Parameters, data: str, data_format: str | None, number: int | None) -> Row:
    from msgc.rows import open_rows

    with open_data(data, data_format) as (stream, name, kind):
        found: Row | None = None
        for row in open_rows(stream, name, kind, parameters, None):
            if number is None and found is not None:
                raise Unusable(f"{name} has more than one row; choose one with `--row N`")
            if number is None or row.number == number:
                found = row
                if number is not None:
                    break
    if found is None:
        raise Unusable(f"{name} has no row {number}" if number is not None else f"{name} has no rows")
    if found.is_broken:
        session.refuse(found.problems)
    return found
