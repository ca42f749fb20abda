"""`msgc build NAME --data FILE`: every row of a data file becomes a line of JSON Lines, or none does."""

from __future__ import annotations

import sys
from pathlib import Path

from msgc.cli import interrupts
from msgc.cli.held_output import HeldOutput, held_output
from msgc.cli.render import load_definition
from msgc.cli.row_findings import RowFindings, with_progress
from msgc.cli.session import Session, Unusable, exit_code
from msgc.cli.values import open_data
from msgc.diagnostic import Rejected
from msgc.emit import compact
from msgc.rows import open_rows
from msgc.rules import finding


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
    listed = RowFindings()
    listed.insist(project.settle(checked, checked.diagnostics))
    rows = refused = 0
    with open_data(data, data_format) as (stream, shown, kind), held_output(target) as held:
        try:
            named = {name for name, _ in definition.body.entries}
            alone = not named & {"recipient", "number"}
            opened = open_rows(stream, shown, kind, definition.parameters, to_column, needs_recipient=alone)
            listed.insist(project.settle(checked, opened.warnings))
            for compiled in project.compile_rows(checked, with_progress(session, opened, stream, "compiling")):
                interrupts.heed()
                rows += 1
                if compiled.payload is None:
                    refused += 1
                elif not refused:
                    held.write(compact(compiled.payload) + b"\n")
                listed.add(compiled.problems)
        except Rejected as rejected:
            listed.insist(rejected.diagnostics)
        interrupts.heed()
        _conclude(session, listed, shown, rows, refused, held)
    shown_target = "standard output" if target is None else target
    session.say(f"{rows:,} payload{'' if rows == 1 else 's'} written to {shown_target}")


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
