"""The JSON report of tests, version 1.

Its findings are those of every JSON report of msgc; `suites` say which cases and snapshots they belong to, and what
differs in payloads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from msgc.changes import Change
from msgc.report.json import VERSION, as_data, dump
from msgc.testing.result import Failure, Result, SuiteResult, count, findings


def render(suites: Sequence[SuiteResult]) -> str:
    """The report, ending with a newline."""
    found = sorted(findings(suites), key=lambda problem: problem.sort_key)
    return dump(
        {
            "version": VERSION,
            "findings": [as_data(problem) for problem in found],
            "suites": [_suite(suite) for suite in suites],
            "summary": dataclasses.asdict(count(suites)),
        }
    )


def _suite(suite: SuiteResult) -> dict[str, Any]:
    return {
        "file": suite.file,
        "kind": suite.kind,
        "definition": suite.definition,
        "description": suite.description,
        "status": suite.status,
        "results": [_result(result) for result in suite.results],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "status": result.status,
        "line": result.line,
        "failures": [_failure(failure) for failure in result.failures],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    problem = failure.finding
    return {
        "rule": problem.rule,
        "message": problem.message,
        "file": problem.where,
        "line": None if problem.span is None else problem.span.line,
        "pointer": problem.pointer,
        "changes": [_change(change) for change in failure.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    """A change; a value that is not there has no key, because null is a value."""
    values = {"before": change.before, "after": change.after}
    if change.kind == "added":
        del values["before"]
    elif change.kind == "removed":
        del values["after"]
    return {"kind": change.kind, "pointer": change.pointer, "was": change.was, **values}
