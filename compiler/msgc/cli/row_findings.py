"""What is found in the rows of a data file, as far as a report can show it, and how far the reading has come."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO, Any

import click

from msgc.cli.session import Session
from msgc.diagnostic import Diagnostic, Severity
from msgc.judge import more_findings
from msgc.rows import Row

SHOWN = 100
"""So many findings of each severity are reported of rows; of the rest, only how many there are."""
_SHOWN_OF_RULE = {"sent-before": 3}
"""Fewer where one says it all: a file that was sent before was sent with all its rows."""
_PROGRESS_EVERY = 500


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

    def all(self, data: str, advice: str) -> list[Diagnostic]:
        """What a report shows: the findings, and how many others there are in the file `data`."""
        return [*self._problems, *more_findings(self._left_out, data, advice)]


def with_progress(session: Session, rows: Iterable[Row], stream: IO[bytes], label: str) -> Iterator[Row]:
    """The rows, with a progress bar on a terminal; measured in bytes, since nobody has counted the rows."""
    if session.quiet or not sys.stderr.isatty():
        yield from rows
        return
    try:
        total = os.fstat(stream.fileno()).st_size
    except (OSError, ValueError):
        total = 0
    progress: Any = click.progressbar(length=total or None, file=sys.stderr, label=label)
    with progress as bar:
        done = 0
        for number, row in enumerate(rows, start=1):
            yield row
            done += len(row.raw)
            if number % _PROGRESS_EVERY == 0:
                bar.update(done - bar.pos)
        bar.update(max(0, total - bar.pos))
