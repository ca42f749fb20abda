"""Running the tests of a catalog: which files there are, and what comes out of each.

A tester knows no command line; how a definition is read and rendered is given to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from msgc.catalog import TEST_SUFFIXES, Catalog, Entry
from msgc.check import Checked, render_example
from msgc.contract import Contract
from msgc.definition import Definition
from msgc.diagnostic import Diagnostic, Rejected, distinct
from msgc.payload import Payload
from msgc.shared_files import Library
from msgc.testing.read import read_suite, suite_name
from msgc.testing.result import Failure, Result, SuiteResult
from msgc.testing.run import run_case
from msgc.testing.snapshots import (
    WITHOUT_VALUES,
    Made,
    Snapshots,
    abandoned,
    abandoned_result,
    compare_snapshots,
    read_snapshots,
    snapshots_path,
    updated,
    write_snapshots,
)
from msgc.testing.suite import Suite

Wanted = Callable[[str], bool]
"""Whether a case or an example of this name is to be looked at."""


class Render(Protocol):
    """The payload for values with their defaults, and what is wrong with it."""

    def __call__(
        self, definition: Definition, values: dict[str, object], *, to: str | None = None, example: str | None = None
    ) -> tuple[Payload | None, list[Diagnostic]]:
        """`to` is the recipient, `example` the name of the example that gave the values."""


@dataclass(frozen=True)
class Tester:
    """Runs suites and snapshots of a catalog, each definition read once.

    `settle` applies ignore comments and configured severities to findings of a definition, `grade` the severities
    only. `rules` are the names of all rules. With `strict` warnings fail as errors do. `wanted` chooses cases and
    snapshots by name; None is all of them.
    """

    library: Library
    definitions: Sequence[Entry]
    rules: Collection[str]
    read: Callable[[Entry], Checked]
    render: Render
    settle: Callable[[Checked, Iterable[Diagnostic]], list[Diagnostic]]
    grade: Callable[[Iterable[Diagnostic]], list[Diagnostic]]
    strict: bool = False
    wanted: Wanted | None = None
    _read: dict[str, Checked] = field(default_factory=dict, init=False, repr=False)

    @property
    def catalog(self) -> Catalog:
        """The catalog."""
        return self.library.catalog

    @property
    def contract(self) -> Contract:
        """The contract that payloads are held against."""
        return self.library.contract

    def suites(self) -> list[Entry]:
        """The files of tests of the catalog, in order; each is named by its path. Raises `Rejected`."""
        root = self.catalog.root
        return [
            Entry(path.relative_to(root).as_posix(), path, self.catalog.shown(path))
            for path in self.catalog.files(TEST_SUFFIXES)
        ]

    def read_suite(self, entry: Entry) -> tuple[Suite | None, list[Diagnostic]]:
        """The suite in a file of tests, and what there is to say of the file."""
        suite, problems = read_suite(entry, self.catalog, self.definitions, self.rules)
        return suite, self.grade(distinct(problems))

    def run_suite(self, suite: Suite, notes: Iterable[Diagnostic] = ()) -> SuiteResult:
        """The results of a suite's cases, in their order; `notes` are what there is to say of its file."""
        checked, problems = self._definition(suite.definition)
        whole = SuiteResult(suite.entry.shown, "cases", suite.definition, suite.description, (), tuple(problems))
        whole = replace(whole, notes=tuple(notes))
        if checked.definition is None or problems:
            return whole
        definition = checked.definition
        results = [
            run_case(
                suite,
                case,
                definition,
                self.contract,
                lambda values, to, example: self.render(definition, dict(values), to=to, example=example),
                lambda found: self.settle(checked, found),
                strict=self.strict,
            )
            for case in suite.cases
            if self.wanted is None or self.wanted(case.name)
        ]
        return replace(whole, results=tuple(results))

    def run_snapshots(self, entry: Entry, *, update: bool = False) -> SuiteResult | None:
        """The results of a definition's snapshots, None where it has no examples and no snapshots.

        With `update` they are written. Raises SnapshotError where they cannot be.
        """
        checked, problems = self._definition(entry.name)
        path = snapshots_path(entry.path)
        shown = self.catalog.shown(path)
        if checked.definition is None or problems:
            return SuiteResult(shown, "snapshots", entry.name, None, (), tuple(problems))
        made = [
            each
            for each in self._examples(checked, checked.definition)
            if self.wanted is None or self.wanted(each.name)
        ]
        try:
            kept = read_snapshots(entry, self.catalog)
        except Rejected as rejected:
            if not update or any(problem.rule == "unreadable-file" for problem in rejected.diagnostics):
                named = [replace(problem, definition=entry.name) for problem in rejected.diagnostics]
                return SuiteResult(shown, "snapshots", entry.name, None, (), tuple(named))
            kept = Snapshots(path, shown, {})  # a file that is damaged, by conflict marks for example, is written anew
        results = self._graded(compare_snapshots(entry, kept, made, whole=self.wanted is None))
        if update:
            payloads, results = updated(kept, made, results, whole=self.wanted is None)
            write_snapshots(self.catalog, entry.name, path, payloads)
        return SuiteResult(shown, "snapshots", entry.name, None, tuple(results)) if results else None

    def abandoned(self, *, update: bool = False) -> Iterator[SuiteResult]:
        """The results of files of snapshots without a definition. With `update` they are removed.

        Raises `Rejected` and SnapshotError.
        """
        for path in abandoned(self.catalog, self.definitions):
            results = self._graded([abandoned_result(self.catalog, path)])
            if not results:
                continue
            if update:
                write_snapshots(self.catalog, "", path, {})
                results = [Result("", "removed")]
            yield SuiteResult(self.catalog.shown(path), "snapshots", _owner(self.catalog, path), None, tuple(results))

    def _definition(self, name: str) -> tuple[Checked, list[Diagnostic]]:
        """A definition, and the errors that keep it from being tested."""
        if name not in self._read:
            entry = next(entry for entry in self.definitions if entry.name == name)
            self._read[name] = self.read(entry)
        checked = self._read[name]
        found = self.settle(checked, checked.diagnostics)
        return checked, [problem for problem in found if problem.severity == "error"]

    def _examples(self, checked: Checked, definition: Definition) -> Iterator[Made]:
        for example in definition.examples:
            payload, found = render_example(definition, example, self.library)
            yield self._made(checked, example.name, payload, found)
        if not definition.examples and not definition.needs_values:
            payload, found = self.render(definition, definition.parameters.complete({}))
            yield self._made(checked, WITHOUT_VALUES, payload, found)

    def _made(self, checked: Checked, name: str, payload: Payload | None, found: list[Diagnostic]) -> Made:
        errors = tuple(problem for problem in self.settle(checked, found) if problem.severity == "error")
        return Made(name, None if payload is None or errors else payload.data, errors)

    def _graded(self, results: Iterable[Result]) -> list[Result]:
        """The results with the configured severities; what is obsolete is left out where nobody wants to know it."""
        graded = []
        for result in results:
            failures = tuple(
                Failure(problem, failure.changes)
                for failure in result.failures
                for problem in self.grade([failure.finding])
            )
            if failures or not result.failures:
                graded.append(replace(result, failures=failures))
        return graded


def broken_suite(entry: Entry, problems: Iterable[Diagnostic]) -> SuiteResult:
    """The result of a file of tests that could not be read."""
    errors = tuple(problem for problem in problems if problem.severity == "error")
    return SuiteResult(entry.shown, "cases", suite_name(entry.name), None, (), errors)


def _owner(catalog: Catalog, path: Path) -> str:
    """The name of the definition that a file of snapshots was written for."""
    return (path.parent.parent / path.stem).relative_to(catalog.root).as_posix()
