"""`msgc check`: everything that can be known without sending."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from msgc.cli import FINDINGS, Done
from msgc.cli.check_run import CheckRun
from msgc.cli.entries import check_entry, choose_entries
from msgc.cli.session import Session, Unusable, exit_code, shared_options
from msgc.configuration import with_severities
from msgc.diagnostic import Diagnostic, Rejected, distinct
from msgc.jobs import processors

if TYPE_CHECKING:
    from msgc.coverage import Coverage, Record


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH|NAME]…")
@click.option("--payloads", is_flag=True, help="The paths are files of ready-made payloads; `-` is standard input.")
@click.option("--strict", is_flag=True, help="Warnings fail as errors do.")
@click.option(
    "--explain-bounds",
    is_flag=True,
    help="Show every limit with what the values can make of it, and whether it holds for all of them.",
)
@click.option("--coverage", is_flag=True, help="Find what no example goes through, and say how much they do.")
@click.option(
    "--fail-under",
    type=click.IntRange(0, 100),
    metavar="N",
    help="Fail where the examples go through less than N per cent of the branches; implies --coverage.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes share the work (default: one for each processor).",
)
@click.option("--no-cache", is_flag=True, help="Check everything again, and remember nothing of it.")
@shared_options()
def command(
    session: Session,
    paths: tuple[str, ...],
    payloads: bool,
    strict: bool,
    explain_bounds: bool,
    coverage: bool,
    fail_under: int | None,
    jobs: int | None,
    no_cache: bool,
) -> None:
    """Check definitions, their examples, and whether the limits hold for all values of the parameters.

    Without a path the whole catalog is checked. A folder or file outside the configured catalog is checked as a
    catalog of its own. Results are remembered for as long as nothing has changed that they depend on. With --payloads
    the paths are payloads as they would be sent: a JSON file with one payload or a list of them, or JSON Lines
    (`.jsonl`, `.ndjson`). They need a recipient, which those that `msgc build` makes of examples do not have unless
    their definition names one.

    \b
    msgc check
    msgc check orders/shipped templates/clinic
    msgc check --explain-bounds orders/shipped
    msgc check --coverage --fail-under 90
    msgc check --strict -f json
    msgc check --payloads shipped.jsonl
    """
    coverage = coverage or fail_under is not None
    if coverage and (payloads or explain_bounds):
        other = "--payloads" if payloads else "--explain-bounds"
        raise Unusable(f"`{other}` looks at no example, so there is no coverage of them: leave one of the two out")
    if payloads:
        _check_payloads(session, paths, strict, jobs)
    # What examples go through, and bounds, are not among the results that are remembered.
    run = CheckRun(session, paths, remember=not (no_cache or coverage or explain_bounds))
    problems: list[Diagnostic] = []
    try:
        entries, problems = choose_entries(run.catalog, paths)
    except Rejected as rejected:
        entries, problems = [], list(rejected.diagnostics)
    if explain_bounds and not any(problem.severity == "error" for problem in problems):
        from msgc.cli.explain_bounds import explain  # few ask for bounds

        explain(session, run.project, entries)
    record = _record() if coverage else None
    for found in run.check(entries, check_entry, jobs or processors(), record):
        problems += found
    # What is wrong in a shared fragment is told once, not for every definition that includes it.
    problems = distinct(problems)
    if record is None:
        session.report(problems, files=len(entries), strict=strict)
        run.save()
        raise Done(exit_code(problems, strict=strict))
    covered, gaps = record.judge(run.project.rules.keys())
    problems += with_severities(gaps, run.project.configuration)
    session.report(problems, files=len(entries), coverage=covered, strict=strict)
    is_enough = _is_enough(covered, fail_under, run.project.configuration.coverage_fail_under)
    sys.exit(exit_code(problems, strict=strict) or (0 if is_enough else FINDINGS))


def _record() -> Record:
    from msgc.coverage import Record  # few runs keep one, and each start counts

    return Record()


def _is_enough(coverage: Coverage, asked: int | None, configured: int | None) -> bool:
    """Whether the examples go through as much as is wanted; if not, that is said."""
    least, source = (configured, "coverage-fail-under") if asked is None else (asked, "--fail-under")
    if least is None or coverage.percent >= least:
        return True
    # Not progress but the reason of the exit code, so that `--quiet` does not silence it.
    click.echo(f"msgc: the examples cover {coverage.percent}% of the branches; `{source}` wants {least}%", err=True)
    return False


def _check_payloads(session: Session, paths: tuple[str, ...], strict: bool, jobs: int | None) -> None:
    from msgc.judge import judge_file, judge_stream

    if not paths:
        raise Unusable("`--payloads` wants the files to judge, as in `msgc check --payloads shipped.jsonl`")
    contract = session.contract()
    jobs = jobs or processors()
    problems: list[Diagnostic] = []
    count = 0
    for path in paths:
        with _progress(session, path) as progress:
            if path == "-":
                judged = judge_stream(sys.stdin.buffer, "<stdin>", contract, jobs=jobs, progress=progress)
            else:
                judged = judge_file(Path(path), path, contract, jobs=jobs, progress=progress)
        problems += judged.diagnostics
        count += judged.count
    session.report(problems, files=len(paths), strict=strict)
    session.say(f"{count:,} payload{'' if count == 1 else 's'} judged")
    sys.exit(exit_code(problems, strict=strict))


@contextlib.contextmanager
def _progress(session: Session, path: str) -> Iterator[Callable[[int], None] | None]:
    """What to call with the number of bytes of each part that is done: it shows a bar on a terminal."""
    if session.quiet or not sys.stderr.isatty():
        yield None
        return
    total = 0
    with contextlib.suppress(OSError):
        total = os.fstat(sys.stdin.fileno()).st_size if path == "-" else Path(path).stat().st_size
    begin, done = time.monotonic(), 0

    def rate(_: Any) -> str:
        return f"{done / 1e6 / max(time.monotonic() - begin, 0.001):,.0f} MB/s"

    bar: Any = click.progressbar(length=total or None, file=sys.stderr, label="judging", item_show_func=rate)
    with bar:

        def progress(size: int) -> None:
            nonlocal done
            done += size
            bar.update(size, done)

        yield progress
