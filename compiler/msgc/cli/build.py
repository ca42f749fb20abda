"""`msgc build`: definitions become payload files; a data file becomes JSON Lines."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import click

from msgc.catalog import Entry
from msgc.cli.render import load_definition, render_values
from msgc.cli.session import Session, exit_code, shared_options
from msgc.cli.values import open_data
from msgc.diagnostic import Diagnostic, Rejected
from msgc.emit import compact
from msgc.output import OutputError, write_output
from msgc.pipeline import Project
from msgc.rows import Row, open_rows

_SHOWN = 100
_PROGRESS_EVERY = 500


@click.command("build")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option(
    "-o", "--output", metavar="DIR|FILE", help="Where to write: a folder (default `out`), with --data a file."
)
@click.option("--data", metavar="FILE|-", help="Compile NAME for every row of a data file, to JSON Lines.")
@click.option("--data-format", type=click.Choice(["csv", "jsonl", "json", "yaml"]), help="What the data file is.")
@click.option("--to-column", metavar="NAME", help="The column of the recipient (default `recipient`).")
@shared_options
def command(
    session: Session,
    names: tuple[str, ...],
    output: str | None,
    data: str | None,
    data_format: str | None,
    to_column: str | None,
) -> None:
    """Compile definitions to payload files: `<name>.<example>.json` below the output folder.

    With any error the output is left as it was. Files of an earlier build that no longer exist are removed. With
    `--data`, one definition is compiled for every row, to JSON Lines on standard output or into a file.
    """
    if data is not None:
        if len(names) != 1:
            raise click.UsageError(
                "`--data` compiles one definition: name it, as in `msgc build orders/shipped --data rows.csv`"
            )
        _build_rows(session, names[0], data, data_format, to_column, output)
    else:
        _build_files(session, names, Path(output or "out"))


def _build_files(session: Session, names: tuple[str, ...], folder: Path) -> None:
    project = session.project(names)
    problems: list[Diagnostic] = []
    files: dict[str, bytes] = {}
    entries = _entries(session, project, names, problems)
    for checked in project.check(entries):
        problems += checked.diagnostics
        made, _ = project.build(checked)
        files |= made
    ordered = sorted(problems, key=lambda problem: problem.sort_key)
    code = exit_code(ordered)
    if ordered:
        session.report(ordered, files=len(entries), err=True)
    if code:
        session.say(f"nothing was written to {folder}")
        sys.exit(code)
    try:
        removed = write_output(folder, files, complete=not names)
    except OutputError as error:
        raise click.UsageError(str(error)) from error
    note = f", {removed} stale removed" if removed else ""
    session.say(
        f"{len(files)} payload{'' if len(files) == 1 else 's'} from {len(entries)} "
        f"definition{'' if len(entries) == 1 else 's'} written to {folder}{note}"
    )


def _entries(session: Session, project: Project, names: tuple[str, ...], problems: list[Diagnostic]) -> list[Entry]:
    try:
        if names:
            return [project.catalog.entry(name) for name in names]
        entries, found = project.entries()
    except Rejected as rejected:
        session.fail(rejected.diagnostics)
    problems += found
    if not entries:
        raise click.UsageError(f"there are no definitions in {project.catalog.root}; `msgc new text NAME` writes one")
    return entries


def _build_rows(
    session: Session, name: str, data: str, data_format: str | None, to_column: str | None, output: str | None
) -> None:
    project = session.project((name,))
    checked = load_definition(session, project, name)
    definition = checked.definition
    assert definition is not None
    problems: list[Diagnostic] = [problem for problem in checked.diagnostics if problem.severity != "error"]
    errors = built = 0
    with open_data(data, data_format) as (stream, shown, kind), _held_output(output) as held:
        try:
            rows = open_rows(stream, shown, kind, definition.parameters, to_column)
            problems += rows.warnings
            for row in _with_progress(session, rows, stream):
                found: list[Diagnostic] = list(row.problems)
                payload = None
                if not row.is_broken:
                    payload, more = render_values(
                        project, definition, row.values, to=row.recipient, example=None, row=row
                    )
                    found += [_of_row(problem, row) for problem in more]
                failed = any(problem.severity == "error" for problem in found)
                errors += failed
                if len(problems) < _SHOWN:
                    problems += found
                if payload is not None and not failed:
                    held.write(compact(payload) + b"\n")
                    built += 1
        except Rejected as rejected:
            problems += rejected.diagnostics
            errors += 1
        code = exit_code(problems) or (1 if errors else 0)
        if problems:
            session.report(sorted(problems, key=lambda problem: problem.sort_key), err=True)
        if code:
            session.say(f"nothing was written: {errors:,} of {built + errors:,} rows are refused")
            sys.exit(code)
        held.keep()
    session.say(f"{built:,} payload{'' if built == 1 else 's'} written to {output or 'standard output'}")


def _of_row(problem: Diagnostic, row: Row) -> Diagnostic:
    return replace(problem, row=row.number)


class _Held:
    """Output that becomes visible only when everything went well."""

    def __init__(self, file: Any, target: Path | None) -> None:
        self._file, self._target = file, target
        self.write = file.write

    def keep(self) -> None:
        """Let the output appear: move the file to its place, or copy it to standard output."""
        self._file.flush()
        if self._target is not None:
            os.replace(self._file.name, self._target)
            return
        self._file.seek(0)
        shutil.copyfileobj(self._file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


@contextlib.contextmanager
def _held_output(output: str | None) -> Iterator[_Held]:
    target = Path(output) if output is not None and output != "-" else None
    if target is None:
        with tempfile.TemporaryFile() as file:
            yield _Held(file, None)
        return
    try:
        held = tempfile.NamedTemporaryFile(  # noqa: SIM115 - it is closed below, and may have moved by then
            dir=target.absolute().parent, prefix=f".{target.name}.", delete=False
        )
    except OSError as error:
        raise click.UsageError(f"{output} cannot be written: {error.strerror or error}") from error
    try:
        yield _Held(held, target)
    finally:
        held.close()
        with contextlib.suppress(FileNotFoundError):  # it was moved to its place
            os.unlink(held.name)


def _with_progress(session: Session, rows: Iterable[Row], stream: IO[bytes]) -> Iterator[Row]:
    """The rows, with a progress bar on a terminal; measured in bytes, since nobody has counted the rows."""
    if session.quiet or not sys.stderr.isatty():
        yield from rows
        return
    try:
        total = os.fstat(stream.fileno()).st_size
    except (OSError, ValueError):
        total = 0
    progress: Any = click.progressbar(length=total or None, file=sys.stderr, label="compiling")
    with progress as bar:
        done = 0
        for number, row in enumerate(rows, start=1):
            yield row
            done += len(row.raw)
            if number % _PROGRESS_EVERY == 0:
                bar.update(done - bar.pos)
