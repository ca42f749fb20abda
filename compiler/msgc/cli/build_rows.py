"""`msgc build NAME --data FILE`: every row of a data file becomes a line of JSON Lines, or none does."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import click

from msgc.cli import interrupts
from msgc.cli.held_output import HeldOutput, held_output
from msgc.cli.render import load_definition, render_values
from msgc.cli.session import Session, Unusable, exit_code
from msgc.cli.values import open_data
from msgc.diagnostic import Diagnostic, Rejected, Severity
from msgc.emit import compact
from msgc.judge import more_findings
from msgc.rows import Row, open_rows
from msgc.rules import finding

SHOWN = 100
"""So many findings of each severity are reported of rows; of the rest, only how many there are."""
_PROGRESS_EVERY = 500


def build_rows(
    session: Session, name: str, data: str, data_format: str | None, to_column: str | None, output: str | None
) -> None:
    """Compiles the definition `name` for every row of a data file, in memory that does not grow with the rows."""
    project = session.project((name,))
    checked = load_definition(session, project, name)
    definition = checked.definition
    assert definition is not None
    target = Path(output) if output is not None and output != "-" else None
    if target is not None and data != "-" and target.exists() and target.samefile(data):
        raise Unusable(f"{data} is the data file itself; write the payloads into another file")
    problems = project.settle(checked, checked.diagnostics)
    listed: Counter[Severity] = Counter()
    left_out: Counter[Severity] = Counter()
    rows = refused = 0
    with open_data(data, data_format) as (stream, shown, kind), held_output(target) as held:
        try:
            named = {name for name, _ in definition.body.entries}
            alone = not named & {"recipient", "number"}
            opened = open_rows(stream, shown, kind, definition.parameters, to_column, needs_recipient=alone)
            problems += project.settle(checked, opened.warnings)
            for row in _with_progress(session, opened, stream):
                interrupts.heed()
                rows += 1
                found: list[Diagnostic] = list(row.problems)
                payload = None
                if not row.is_broken or () not in row.unread:
                    # Of a row with a bad cell the others are judged all the same: one run tells everything.
                    payload, more = render_values(
                        project, definition, row.values, to=row.recipient, example=None, row=row
                    )
                    found += more
                if row.is_broken:
                    payload = None
                found = project.settle(checked, found) if found else found
                if payload is None or any(problem.severity == "error" for problem in found):
                    refused += 1
                elif not refused:
                    held.write(compact(payload) + b"\n")
                for problem in found:
                    if listed[problem.severity] < SHOWN:
                        listed[problem.severity] += 1
                        problems.append(problem)
                    elif problem.suppressed is None:
                        left_out[problem.severity] += 1
        except Rejected as rejected:
            problems += rejected.diagnostics
        interrupts.heed()
        _conclude(session, problems, shown, rows, refused, left_out, held)
    shown_target = "standard output" if target is None else target
    session.say(f"{rows:,} payload{'' if rows == 1 else 's'} written to {shown_target}")


def _conclude(
    session: Session,
    problems: list[Diagnostic],
    data: str,
    rows: int,
    refused: int,
    left_out: Counter[Severity],
    held: HeldOutput,
) -> None:
    if rows == 0 and not exit_code(problems):
        problems.append(
            finding("no-payload", f"there are no rows in {data}", file=data, help="add a row for each recipient")
        )
    problems += more_findings(left_out, data, "mend those that are shown, and build again")
    code = exit_code(problems) or (1 if refused else 0)
    if code:
        session.report(problems, err=session.format == "text")
        counted = f": {refused:,} of {rows:,} rows are refused" if refused else ""
        session.say(f"nothing was written{counted}")
        sys.exit(code)
    if any(problem.suppressed is None for problem in problems):
        session.report(problems, err=True)
    held.keep()


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
        bar.update(max(0, total - bar.pos))
