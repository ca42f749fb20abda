"""What is found in the rows of a data file, as far as a report can show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from msgc.diagnostic import Diagnostic, Severity
from msgc.judge import more_findings

SHOWN = 100
"""So many findings of each severity are reported of rows; of the rest, only how many there are."""
_SHOWN_OF_RULE = {"sent-before": 3}
"""Fewer where one says it all: a file that was sent before was sent with all its rows."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Findings on some rows: the first ones of each rule, and how many more there are of a rule and severity.

    Of those that are only counted, no report of all rows would show any. The third part of a key says whether a
    comment ignores them.
    """

    problems: tuple[Diagnostic, ...]
    more: Counter[tuple[str, Severity, bool]]


def gather(found: Iterable[Diagnostic]) -> Gathered:
    """Findings on some rows, as many as a report of all rows may need."""
    of_rule: Counter[str] = Counter()
    problems: list[Diagnostic] = []
    more: Counter[tuple[str, Severity, bool]] = Counter()
    for problem in found:
        of_rule[problem.rule] += 1
        if of_rule[problem.rule] <= SHOWN:
            problems.append(problem)
        else:
            more[problem.rule, problem.severity, problem.suppressed is not None] += 1
    return Gathered(tuple(problems), more)


class RowFindings:
    """Findings on rows, of which a report shows the first of each severity."""

    def __init__(self) -> None:
        self._problems: list[Diagnostic] = []
        self._listed: Counter[Severity] = Counter()
        self._of_rule: Counter[str] = Counter()
        self._left_out: Counter[Severity] = Counter()

    def insist(self, found: Iterable[Diagnostic]) -> None:
        """Take in what is shown in any case: it is about more than a row."""
        self._problems += found

    def add(self, found: Iterable[Diagnostic]) -> None:
        """Take in what was found in a row."""
        for problem in found:
            self._of_rule[problem.rule] += 1
            is_new = self._of_rule[problem.rule] <= _SHOWN_OF_RULE.get(problem.rule, SHOWN)
            if is_new and self._listed[problem.severity] < SHOWN:
                self._listed[problem.severity] += 1
                self._problems.append(problem)
            elif problem.suppressed is None:
                self._left_out[problem.severity] += 1

    def add_gathered(self, gathered: Gathered) -> None:
        """Take in what was gathered of some rows, as if they were taken in one by one."""
        self.add(gathered.problems)
        for (rule, severity, is_suppressed), count in gathered.more.items():
            self._of_rule[rule] += count
            if not is_suppressed:
                self._left_out[severity] += count

    def all(self, data: str, advice: str) -> list[Diagnostic]:
        """What a report shows: the findings, and how many others there are in the file `data`."""
        return [*self._problems, *more_findings(self._left_out, data, advice)]
