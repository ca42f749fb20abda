"""Reports of tests: as people read them (`text`), as programs do (`json`), and as CI does (`junit`).

A reporter gets the results of a whole run and returns the whole report; it never prints. The time that a run took is in
none of them, so that the same run gives the same report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgc.testing.report import json, junit, text
from msgc.testing.result import SuiteResult

Reporter = Callable[[Sequence[SuiteResult]], str]

REPORTERS: dict[str, Reporter] = {"text": text.render, "json": json.render, "junit": junit.render}
"""The formats by name."""

__all__ = ["REPORTERS", "Reporter"]
