"""What came out of a run: results of cases and of snapshots, by the file that they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from msgc.changes import Change
from msgc.diagnostic import Diagnostic

Status = Literal["passed", "failed", "broken", "differs", "missing", "obsolete", "written", "removed"]
BAD: tuple[Status, ...] = ("broken", "failed", "differs", "missing", "obsolete")
"""What is not as it should be, the worst first."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a result is not as it should be: a finding, and where payloads were compared, what differs.

    The values before are those that were expected.
    """

    finding: Diagnostic
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One case, or one snapshot by the name of its example. `line` is where it stands in its file, if it does."""

    name: str
    status: Status
    failures: tuple[Failure, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """The results of one file. `problems` keep all of it from being run; `notes` are what else there is to say."""

    file: str
    kind: Literal["cases", "snapshots"]
    definition: str
    description: str | None
    results: tuple[Result, ...]
    problems: tuple[Diagnostic, ...] = ()
    notes: tuple[Diagnostic, ...] = ()

    @property
    def status(self) -> Status:
        """The worst there is."""
        if self.problems:
            return "broken"
        found = {result.status for result in self.results}
        return next((status for status in (*BAD, "written", "removed") if status in found), "passed")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases and snapshots there were, and how many of them are not as they should be.

    `broken` are files that could not be run at all.
    """

    cases: int
    failed: int
    snapshots: int
    unmade: int
    differ: int
    missing: int
    obsolete: int
    written: int
    removed: int
    broken: int


def count(suites: Iterable[SuiteResult]) -> Counts:
    """The counts of a run."""
    everything = list(suites)
    cases = [result.status for suite in everything if suite.kind == "cases" for result in suite.results]
    snapshots = [result.status for suite in everything if suite.kind == "snapshots" for result in suite.results]
    return Counts(
        cases=len(cases),
        failed=cases.count("failed"),
        snapshots=len(snapshots) - snapshots.count("obsolete") - snapshots.count("removed"),
        unmade=snapshots.count("failed"),
        differ=snapshots.count("differs"),
        missing=snapshots.count("missing"),
        obsolete=snapshots.count("obsolete"),
        written=snapshots.count("written"),
        removed=snapshots.count("removed"),
        broken=sum(bool(suite.problems) for suite in everything),
    )


def findings(suites: Iterable[SuiteResult]) -> list[Diagnostic]:
    """All findings of a run, each once."""
    found: dict[Diagnostic, None] = {}
    for suite in suites:
        found |= dict.fromkeys((*suite.problems, *suite.notes))
        for result in suite.results:
            found |= dict.fromkeys(failure.finding for failure in result.failures)
    return list(found)
