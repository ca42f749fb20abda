"""`msgc test`: tests of messages, and snapshots of what examples send."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from msgc.catalog import Entry
from msgc.cli import DIFFERS, interrupts
from msgc.cli.entries import choose_entries
from msgc.cli.session import Session, Unusable, exit_code, shared_options
from msgc.diagnostic import Diagnostic, Rejected
from msgc.guard import TooSlow, guard
from msgc.output import umask
from msgc.pipeline import Project
from msgc.report import REPORTERS as FINDING_REPORTERS
from msgc.rules import finding
from msgc.testing.report import REPORTERS
from msgc.testing.report import text as text_report
from msgc.testing.result import BAD, SuiteResult, findings
from msgc.testing.snapshots import SnapshotError
from msgc.testing.tester import Tester, broken_suite

if TYPE_CHECKING:
    from msgc.testing.suite import Suite

Found = TypeVar("Found")
_OF_SNAPSHOTS = frozenset(("snapshot-differs", "snapshot-obsolete"))


class _Format(click.ParamType[Any]):
    """One `FORMAT` or `FORMAT=FILE`."""

    name = "format"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "FORMAT[=FILE]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str | None]:
        if isinstance(value, tuple):
            return value
        name, equals, file = str(value).partition("=")
        if name not in REPORTERS:
            self.fail(f"{name!r} is not one of {', '.join(map(repr, REPORTERS))}.", param, ctx)
        if equals and not file:
            self.fail(f"the file's name is missing behind '{name}='.", param, ctx)
        return name, None if file in ("", "-") else file


def _choose_formats(
    ctx: click.Context, param: click.Parameter, given: tuple[tuple[str, str | None], ...]
) -> dict[str | None, str]:
    """The formats by the files that they are written to; None is what is printed."""
    chosen: dict[str | None, str] = {}
    for name, file in given:
        if chosen.get(file, name) != name:
            twice = f"{chosen[file]} and {name} cannot both be " + (
                "printed" if file is None else f"written to {file!r}"
            )
            raise click.BadParameter(f"{twice}: give each its own file, as in '-f {name}=FILE'.", ctx, param)
        chosen[file] = name
    return chosen or {None: "text"}


@click.command("test")
@click.argument("names", nargs=-1, metavar="[NAME|PATH]…")
@click.option(
    "-k", "pattern", metavar="TEXT", help="Only the cases and snapshots with TEXT in their names, in capitals or not."
)
@click.option("--update", is_flag=True, help="Write the snapshots anew, and remove those that are obsolete.")
@click.option("--no-snapshots", is_flag=True, help="Run the cases of tests only.")
@click.option("--strict", is_flag=True, help="Warnings fail as errors do.")
@click.option("--fail-fast", is_flag=True, help="Stop after the first file with something wrong in it.")
@click.option(
    "-f",
    "--format",
    "formats",
    type=_Format(),
    multiple=True,
    callback=_choose_formats,
    envvar="MSGC_FORMAT",
    show_envvar=True,
    help="How to report: text, json or junit; with =FILE to a file. Can be given more than once.",
)
@shared_options("format")
def command(
    session: Session,
    names: tuple[str, ...],
    pattern: str | None,
    update: bool,
    no_snapshots: bool,
    strict: bool,
    fail_fast: bool,
    formats: dict[str | None, str],
) -> None:
    """Run the tests of messages: cases in `*.test.yaml` files, and snapshots of what every example sends.

    Without a name the whole catalog is tested; a definition's name stands for its cases and its snapshots, a folder for
    what is in it, a file of tests for its cases. Snapshots are files in `__snapshots__` beside the definitions: commit
    them. Only --update writes them, so that one which is missing fails, in CI as everywhere.

    The exit code is 1 where a case fails or a definition has errors, else 5 where a snapshot differs or is missing.

    \b
    msgc test
    msgc test --update shop/order-shipped
    msgc test -k late --no-snapshots
    msgc test -f text -f junit=report.xml
    """
    if update and no_snapshots:
        raise Unusable("`--update` writes the snapshots that `--no-snapshots` leaves out: leave one of the two out")
    if formats.get(None) in FINDING_REPORTERS:
        session = replace(session, format=formats[None])  # what keeps the tests from being run is told in it as well
    started = time.monotonic()
    project = session.project(names)
    run = _Run(session, project, pattern, strict=strict)
    problems = run.choose(names)
    if problems:
        session.refuse(problems)
    results = []
    try:
        for result in run.results(update=update, snapshots=not no_snapshots):
            results.append(result)
            if fail_fast and result.status in BAD and (result.status != "obsolete" or strict):
                session.say("stopped at the first file with something wrong in it")
                break
    except SnapshotError as error:
        raise Unusable(str(error)) from error
    if pattern is not None and not any(result.results or result.problems for result in results):
        raise Unusable(f"no case and no snapshot has `{pattern}` in its name")
    results = [result for result in results if result.results or result.problems or pattern is None]
    _report(session, results, formats)
    if session.verbose:
        session.say(f"{time.monotonic() - started:.1f} seconds")
    sys.exit(_exit_code(results, strict=strict))


class _Run:
    """What is to be tested, and testing it under guard."""

    def __init__(self, session: Session, project: Project, pattern: str | None, *, strict: bool) -> None:
        self._session = session
        self._project = project
        self._entries, self._catalog_problems = project.entries()
        needle = None if pattern is None else pattern.casefold()
        wanted = None if needle is None else lambda name: needle in name.casefold()
        self._tester: Tester = project.tester(self._entries, strict=strict, wanted=wanted)
        self._definitions: list[Entry] = []
        self._suites: list[Entry] = []
        self._whole = False

    def choose(self, names: Sequence[str]) -> list[Diagnostic]:
        """Settle what is tested, and say what is wrong with the names."""
        suites = self._tester.suites()
        catalog = self._project.catalog
        if not names:
            self._definitions, self._suites, self._whole = self._entries, suites, True
            return [] if self._entries or suites else choose_entries(self._project.catalog, ())[1]
        problems: list[Diagnostic] = []
        for name in names:
            path = catalog.locate(name)
            inside = Path(os.path.normpath(catalog.root / name))
            files = [suite for suite in suites if suite.path in (path, inside)]
            if files:
                self._suites += files
                continue
            below = [suite for suite in suites if suite.path.is_relative_to(path)]
            try:
                found, wrong = choose_entries(self._project.catalog, (name,))
            except Rejected as rejected:
                found, wrong = [], list(rejected.diagnostics)
            if wrong and not (below and not found):
                problems += [problem for problem in wrong if problem not in self._catalog_problems]
            self._definitions += found
            self._suites += below
            self._whole = self._whole or catalog.root.is_relative_to(path)
        return problems

    def results(self, *, update: bool, snapshots: bool) -> Iterator[SuiteResult]:
        """The results by definition, its cases before its snapshots; first what is wrong with the catalog's folder."""
        if self._whole and self._catalog_problems:
            shown = self._project.catalog.shown(self._project.catalog.root)
            yield SuiteResult(shown, "cases", "", None, (), tuple(self._catalog_problems))
        chosen = {entry.name: entry for entry in self._definitions}
        named = {suite.path for suite in self._suites}
        read: list[tuple[str, Entry, Suite | None, list[Diagnostic]]] = []
        for entry in self._tester.suites():
            suite, problems = self._tester.read_suite(entry)
            owner = broken_suite(entry, ()).definition if suite is None else suite.definition
            if entry.path in named or owner in chosen:
                read.append((owner, entry, suite, problems))
        order = sorted({*chosen, *(owner for owner, *_ in read)})
        for name in order:
            for owner, entry, suite, problems in read:
                if owner == name:
                    yield self._guarded(entry.shown, name, partial(self._cases, entry, suite, problems))
            if snapshots and name in chosen:
                result = self._guarded(chosen[name].shown, name, partial(self._snapshots, chosen[name], update))
                if result is not None:
                    yield result
        if snapshots and self._whole and self._tester.wanted is None:
            yield from self._tester.abandoned(update=update)

    def _cases(self, entry: Entry, suite: Suite | None, problems: list[Diagnostic]) -> SuiteResult:
        if self._session.verbose:
            self._session.say(f"testing {entry.shown}")
        return broken_suite(entry, problems) if suite is None else self._tester.run_suite(suite, problems)

    def _snapshots(self, entry: Entry, update: bool) -> SuiteResult | None:
        if self._session.verbose:
            self._session.say(f"comparing the snapshots of {entry.shown}")
        return self._tester.run_snapshots(entry, update=update)

    def _guarded(self, shown: str, definition: str, work: Callable[[], Found]) -> Found | SuiteResult:
        interrupts.heed()
        try:
            with guard():
                return work()
        except (TooSlow, MemoryError) as error:
            what = "time" if isinstance(error, TooSlow) else "memory"
            problem = finding(
                "too-costly",
                f"testing {shown} takes more {what} than any message needs",
                file=shown,
                definition=definition,
                help="look for long loops and very large values in it",
            )
            return SuiteResult(shown, "cases", definition, None, (), (problem,))


def _report(session: Session, results: Sequence[SuiteResult], formats: dict[str | None, str]) -> None:
    name = formats.get(None, "")
    if name == "text":
        text = text_report.render(results, color=session.colored(sys.stdout), quiet=session.quiet)
    else:
        text = REPORTERS[name](results) if name else ""
    click.echo(text, nl=False, color=True)
    for file, name in formats.items():
        if file is not None:
            _write(Path(file), REPORTERS[name](results))


def _write(path: Path, text: str) -> None:
    """Write a report to a file, whole or not at all. Raises `Unusable`."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(text.encode("utf-8", "backslashreplace"))
        os.chmod(partial, 0o666 & ~umask())
        os.replace(partial, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise Unusable(f"the report {path} cannot be written: {error.strerror or error}") from error


def _exit_code(results: Iterable[SuiteResult], *, strict: bool) -> int:
    """1 where a case fails or something has errors (2 where it could not even be read), else 5 for snapshots alone."""
    found = findings(results)
    of_snapshots = [problem for problem in found if problem.rule in _OF_SNAPSHOTS]
    code = exit_code((problem for problem in found if problem.rule not in _OF_SNAPSHOTS), strict=strict)
    if code:
        return code
    return DIFFERS if exit_code(of_snapshots, strict=strict) else 0
