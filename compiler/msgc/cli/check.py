"""`msgc check`: everything that can be known without sending."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from msgc.check import distinct
from msgc.cli.entries import check_entry, choose_entries
from msgc.cli.explain_bounds import explain
from msgc.cli.session import Session, Unusable, exit_code, shared_options
from msgc.diagnostic import Diagnostic, Rejected


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH|NAME]…")
@click.option("--payloads", is_flag=True, help="The paths are files of ready-made payloads; `-` is standard input.")
@click.option("--strict", is_flag=True, help="Warnings fail as errors do.")
@click.option(
    "--explain-bounds",
    is_flag=True,
    help="Show every limit with what the values can make of it, and whether it holds for all of them.",
)
@shared_options()
def command(session: Session, paths: tuple[str, ...], payloads: bool, strict: bool, explain_bounds: bool) -> None:
    """Check definitions, their examples, and whether the limits hold for all values of the parameters.

    Without a path the whole catalog is checked. A folder or file outside the configured catalog is checked as a
    catalog of its own. With --payloads the paths are payloads as they would be sent: a JSON file with one payload or
    a list of them, or JSON Lines (`.jsonl`, `.ndjson`). They need a recipient, which those that `msgc build` makes of
    examples do not have unless their definition names one.

    \b
    msgc check
    msgc check orders/shipped templates/clinic
    msgc check --explain-bounds orders/shipped
    msgc check --strict -f json
    msgc check --payloads shipped.jsonl
    """
    if payloads:
        _check_payloads(session, paths, strict)
    project = session.project(paths)
    problems: list[Diagnostic] = []
    try:
        entries, problems = choose_entries(project, paths)
    except Rejected as rejected:
        entries, problems = [], list(rejected.diagnostics)
    if explain_bounds and not any(problem.severity == "error" for problem in problems):
        explain(session, project, entries)
    for entry in entries:
        if session.verbose:
            session.say(f"checking {entry.shown}")
        problems += check_entry(project, entry).diagnostics
    # What is wrong in a shared fragment is told once, not for every definition that includes it.
    problems = distinct(problems)
    session.report(problems, files=len(entries), strict=strict)
    sys.exit(exit_code(problems, strict=strict))


def _check_payloads(session: Session, paths: tuple[str, ...], strict: bool) -> None:
    from msgc.judge import judge_file, judge_stream

    if not paths:
        raise Unusable("`--payloads` wants the files to judge, as in `msgc check --payloads shipped.jsonl`")
    project = session.project_without_catalog()
    problems: list[Diagnostic] = []
    count = 0
    for path in paths:
        if path == "-":
            judged = judge_stream(sys.stdin.buffer, "<stdin>", project.contract)
        else:
            judged = judge_file(Path(path), path, project.contract)
        problems += judged.diagnostics
        count += judged.count
    session.report(problems, files=len(paths), strict=strict)
    session.say(f"{count:,} payload{'' if count == 1 else 's'} judged")
    sys.exit(exit_code(problems, strict=strict))
