"""`msgc build NAME --data FILE`: every row of a data file becomes a line of JSON Lines, or none does."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from pickle import PickleBuffer

from msgc.cli import interrupts
from msgc.cli.held_output import HeldOutput, held_output
from msgc.cli.render import load_definition
from msgc.cli.row_batches import compile_batches
from msgc.cli.row_findings import Gathered, RowFindings, gather
from msgc.cli.session import Session, Unusable, exit_code
from msgc.cli.values import open_data
from msgc.diagnostic import Rejected
from msgc.pipeline import CompiledBatch
from msgc.rows import open_rows
from msgc.rules import finding


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a batch (none where a row is refused), how many rows it has, how many are refused, and why."""

    data: PickleBuffer | memoryview | bytes
    rows: int
    refused: int
    found: Gathered


def build_rows(
    session: Session,
    name: str,
    data: str,
    data_format: str | None,
    to_column: str | None,
    output: str | None,
    jobs: int | None,
) -> None:
    """Compiles the definition `name` for every row of a data file, in memory that does not grow with the rows.

    `jobs` processes share the work, None: one for each processor.
    """
    project = session.project((name,))
    checked = load_definition(session, project, name)
    definition = checked.definition
    assert definition is not None
    target = Path(output) if output is not None and output != "-" else None
    if target is not None and data != "-" and target.exists() and target.samefile(data):
        raise Unusable(f"{data} is the data file itself; write the payloads into another file")
    listed = RowFindings()
    listed.insist(project.settle(checked, checked.diagnostics))
    rows = refused = 0
    with open_data(data, data_format) as (stream, shown, kind), held_output(target) as held:
        try:
            named = {name for name, _ in definition.body.entries}
            alone = not named & {"recipient", "number"}
            opened = open_rows(stream, shown, kind, definition.parameters, to_column, needs_recipient=alone)
            listed.insist(project.settle(checked, opened.warnings))
            batches = compile_batches(session, project, checked, opened, stream, jobs, _lines)
            with contextlib.closing(batches):
                for batch in batches:
                    lines = batch.made
                    rows += lines.rows
                    refused += lines.refused
                    if not refused:
                        held.write(lines.data)
                    listed.add_gathered(lines.found)
        except Rejected as rejected:
            listed.insist(rejected.diagnostics)
        interrupts.heed()
        _conclude(session, listed, shown, rows, refused, held)
    shown_target = "standard output" if target is None else target
    session.say(f"{rows:,} payload{'' if rows == 1 else 's'} written to {shown_target}")


def _lines(compiled: CompiledBatch) -> _Lines:
    payloads = compiled.payloads
    written = [payload for payload in payloads if payload is not None] if None in payloads else payloads
    refused = len(payloads) - len(written)
    data = b"\n".join((*written, b"")) if not refused else b""  # type: ignore[arg-type]  # none is None
    found = gather(problem for row in compiled.told.values() for problem in row.problems)
    return _Lines(PickleBuffer(data), len(payloads), refused, found)


def _conclude(session: Session, listed: RowFindings, data: str, rows: int, refused: int, held: HeldOutput) -> None:
    problems = listed.all(data, "mend those that are shown, and build again")
    if rows == 0 and not exit_code(problems):
        problems.append(
            finding("no-payload", f"there are no rows in {data}", file=data, help="add a row for each recipient")
        )
    code = exit_code(problems) or (1 if refused else 0)
    if code:
        session.report(problems, err=session.format == "text")
        counted = f": {refused:,} of {rows:,} rows are refused" if refused else ""
        session.say(f"nothing was written{counted}")
        sys.exit(code)
    if any(problem.suppressed is None for problem in problems):
        session.report(problems, err=True)
    held.keep()
