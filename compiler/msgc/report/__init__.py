"""Reports: findings as people read them (`text`) and as programs read them (`json`).

A reporter gets the findings of a whole run and returns the whole report; it never prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from msgc.diagnostic import Diagnostic
from msgc.report import json, text
from msgc.report.escape import escape
from msgc.report.summary import summarize

if TYPE_CHECKING:
    from msgc.coverage import Coverage


class Reporter(Protocol):
    """One way to write a report."""

    def __call__(
        self,
        diagnostics: Iterable[Diagnostic],
        *,
        files: int | None = None,
        coverage: Coverage | None = None,
        color: bool = False,
    ) -> str:
        """The report, ending with a newline.

        `files` is how many files were looked at, if that is known; `coverage` that of the examples, if it is asked for.
        """


REPORTERS: dict[str, Reporter] = {"text": text.render, "json": json.render}

__all__ = ["REPORTERS", "Reporter", "escape", "summarize"]
