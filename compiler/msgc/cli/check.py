"""`msgc check`: everything that can be known without sending."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from msgc.catalog import Entry
from msgc.check import distinct
from msgc.cli.session import Session, exit_code, shared_options
from msgc.diagnostic import Diagnostic, Rejected
from msgc.guard import TooSlow, guard
from msgc.judge import judge_file, judge_stream
from msgc.pipeline import Project
from msgc.rules import finding


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH|NAME]…")
@click.option(
    "--payloads",
    is_flag=True,
    help="The paths are ready-made payloads: JSON, a JSON list, or JSON Lines (`.jsonl`).",
)
@click.option("--strict", is_flag=True, help="Warnings fail as errors do.")
@shared_options
def command(session: Session, paths: tuple[str, ...], payloads: bool, strict: bool) -> None:
    """Check definitions: their YAML, parameters and templates, and what every example becomes.

    Without a path the whole catalog is checked. Exit code 0: nothing found; 1: findings; 2: nothing could be read.
    """
    if payloads:
        _check_payloads(session, paths, strict)
    project = session.project(paths)
    problems: list[Diagnostic] = []
    entries = _entries(project, paths, problems)
    if not entries and not problems:
        problems.append(
            finding(
                "no-definitions",
                f"there are no definitions in {project.catalog.shown(project.catalog.root)}",
                file=project.catalog.shown(project.catalog.root),
                help="`msgc new text NAME` writes one; names that begin with `_` are not definitions",
            )
        )
    for entry in entries:
        if session.verbose:
            session.say(f"checking {entry.shown}")
        problems += _check(project, entry)
    # What is wrong in a shared fragment is told once, not for every definition that includes it.
    ordered = sorted(distinct(problems), key=lambda problem: problem.sort_key)
    session.report(ordered, files=len(entries))
    sys.exit(exit_code(ordered, strict=strict))


def _check(project: Project, entry: Entry) -> list[Diagnostic]:
    try:
        with guard():
            return [problem for checked in project.check([entry]) for problem in checked.diagnostics]
    except (TooSlow, MemoryError) as error:
        what = "time" if isinstance(error, TooSlow) else "memory"
        return [
            finding(
                "too-costly",
                f"checking {entry.shown} takes more {what} than any message needs",
                file=entry.shown,
                definition=entry.name,
                help="look for long loops and very large values in it",
            )
        ]


def _entries(project: Project, paths: tuple[str, ...], problems: list[Diagnostic]) -> list[Entry]:
    try:
        entries, found = project.entries()
    except Rejected as rejected:
        problems += rejected.diagnostics
        return []
    if not paths:
        problems += found
        return entries
    chosen: dict[str, Entry] = {}
    for given in paths:
        folder = Path(given).absolute()
        if folder.is_dir():
            inside = [
                entry
                for entry in entries
                if entry.path.is_relative_to(folder.resolve()) or entry.path.is_relative_to(folder)
            ]
            problems += found if folder == project.catalog.root else []
            if not inside:
                problems.append(
                    finding(
                        "no-definitions",
                        f"there are no definitions in {given}",
                        file=given,
                        help="definitions are `*.yaml` files whose names do not begin with `_`",
                    )
                )
            chosen |= {entry.name: entry for entry in inside}
        else:
            try:
                entry = project.catalog.entry(given)
                chosen[entry.name] = entry
            except Rejected as rejected:
                problems += rejected.diagnostics
    return list(chosen.values())


def _check_payloads(session: Session, paths: tuple[str, ...], strict: bool) -> None:
    if not paths:
        raise click.UsageError("`--payloads` wants the files to judge; `-` is standard input")
    project = session.project_without_catalog()
    problems: list[Diagnostic] = []
    count = 0
    for path in paths:
        if path == "-":
            judged = judge_stream(sys.stdin.buffer, "<stdin>", project.contract, lines=True)
        else:
            judged = judge_file(Path(path), path, project.contract)
        problems += judged.diagnostics
        count += judged.count
    session.report(sorted(problems, key=lambda problem: problem.sort_key), files=len(paths))
    session.say(f"{count:,} payload{'' if count == 1 else 's'} judged")
    sys.exit(exit_code(problems, strict=strict))
