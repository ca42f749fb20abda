"""The JSON report, version 1: every key is always there, null where nothing is known.

Lines and columns count from 1, in code points, ends exclusive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgc.diagnostic import Diagnostic
from msgc.report.escape import escape_json
from msgc.report.summary import count
from msgc.source import Span

if TYPE_CHECKING:
    from msgc.coverage import Coverage

VERSION = 1


def render(
    diagnostics: Iterable[Diagnostic],
    *,
    files: int | None = None,
    coverage: Coverage | None = None,
    color: bool = False,  # noqa: ARG001 - every reporter is called alike, and JSON has no colours
) -> str:
    """The JSON report, ending with a newline.

    `files` is how many files were looked at, if that is known; `coverage` has a key of its own, if it is given.
    """
    findings = sorted(diagnostics, key=lambda diagnostic: diagnostic.sort_key)
    counts = count(findings)
    report = {
        "version": VERSION,
        "findings": [_finding(diagnostic) for diagnostic in findings],
        "summary": {
            "errors": counts.errors,
            "warnings": counts.warnings,
            "infos": counts.infos,
            "suppressed": counts.suppressed,
            "files": files,
            "files_with_findings": counts.files,
            **_coverage(coverage),
        },
    }
    return dump(report)


def dump(answer: Any) -> str:
    """An answer as JSON text, ending with a newline, with whatever could fool a terminal escaped."""
    return escape_json(json.dumps(answer, ensure_ascii=False, indent=2)) + "\n"


def _coverage(coverage: Coverage | None) -> dict[str, Any]:
    if coverage is None:
        return {}
    return {"coverage": {"covered": coverage.covered, "total": coverage.total, "percent": coverage.percent}}


def _finding(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        **_place(diagnostic.span, diagnostic.where),
        "row": diagnostic.row,
        "definition": diagnostic.definition,
        "example": diagnostic.example,
        "pointer": diagnostic.pointer,
        "found": diagnostic.found,
        "allowed": diagnostic.allowed,
        "source": diagnostic.source,
        "help": diagnostic.help,
        "related": [
            {"message": related.message, **_place(related.span, related.span.file)} for related in diagnostic.related
        ],
        "suppressed": diagnostic.suppressed,
    }


def _place(span: Span | None, file: str | None) -> dict[str, Any]:
    if span is None:
        return {"file": file, "line": None, "column": None, "end_line": None, "end_column": None}
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"file": file, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def as_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding as the JSON report has it."""
    return _finding(diagnostic)
