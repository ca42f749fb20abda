"""`msgc build`: definitions become payload files; a data file becomes JSON Lines."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from msgc.cli.entries import check_entry, choose_entries
from msgc.cli.session import Session, Unusable, exit_code, shared_options
from msgc.cli.values import FORMATS
from msgc.diagnostic import Diagnostic, distinct
from msgc.output import OutputError, write_output
from msgc.rules import finding


@click.command("build")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option(
    "-o", "--output", metavar="DIR|FILE", help="Where to write: a folder (default `out`); with --data a file."
)
@click.option("--data", metavar="FILE|-", help="Compile NAME for every row of a data file, to JSON Lines.")
@click.option("--data-format", type=click.Choice(FORMATS), help="What the data file is, if its name does not say.")
@click.option("--to-column", metavar="COLUMN", help="The data's column of the recipient (default `recipient`).")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes share the work (default: one for each processor).",
)
@shared_options()
def command(
    session: Session,
    names: tuple[str, ...],
    output: str | None,
    data: str | None,
    data_format: str | None,
    to_column: str | None,
    jobs: int | None,
) -> None:
    """Compile definitions to payload files below the output folder: `<name>.<example>.json`, one for each example.

    A definition that needs no values and has no examples gives `<name>.json`. With any error the folder is left as
    it was. Files of an earlier build that the catalog no longer gives are removed. With --data, one definition is
    compiled for every row, to JSON Lines on standard output or into a file; with any error nothing is written.

    \b
    msgc build
    msgc build orders/shipped -o payloads
    msgc build orders/shipped --data customers.csv -o shipped.jsonl
    """
    if data is not None:
        from msgc.cli.build_rows import build_rows

        if len(names) != 1:
            raise Unusable(
                "`--data` compiles one definition: name it, as in `msgc build orders/shipped --data rows.csv`"
            )
        build_rows(session, names[0], data, data_format, to_column, output, jobs)
        return
    for option, value in (("--data-format", data_format), ("--to-column", to_column), ("--jobs", jobs)):
        if value is not None:
            raise Unusable(f"`{option}` speaks of a data file: name it with `--data`")
    _build_files(session, names, Path("out" if output is None else output))


def _build_files(session: Session, names: tuple[str, ...], folder: Path) -> None:
    project = session.project(names)
    entries, problems = choose_entries(project.catalog, names)
    files: dict[str, bytes] = {}
    owners: dict[str, str] = {}
    for entry in entries:
        if session.verbose:
            session.say(f"compiling {entry.shown}")
        checked = check_entry(project, entry)
        made, _ = project.build(checked)
        problems += checked.diagnostics
        for name, data in made.items():
            key = name.casefold()
            if key in owners:
                problems.append(_clash(name, entry.shown, owners[key]))
            owners.setdefault(key, f"{name} of {entry.shown}")
            files[name] = data
    problems = distinct(problems)
    code = exit_code(problems)
    if session.format == "json" or any(problem.suppressed is None for problem in problems):
        session.report(problems, files=len(entries))
    if code:
        session.say(f"nothing was written to {folder}")
        sys.exit(code)
    try:
        removed = write_output(folder, files, complete=not names)
    except OutputError as error:
        raise Unusable(str(error)) from error
    note = f", {removed} stale removed" if removed else ""
    session.say(
        f"{len(files)} payload{'' if len(files) == 1 else 's'} from {len(entries)} "
        f"definition{'' if len(entries) == 1 else 's'} written to {folder}{note}"
    )


def _clash(name: str, shown: str, owner: str) -> Diagnostic:
    return finding(
        "duplicate-name",
        f"two payloads would be one file: {name} of {shown} and {owner}",
        file=shown,
        help="rename an example or a definition; files are compared without case",
    )
