"""The changes for programs, version 1: every key is always there, null where there is nothing."""

from __future__ import annotations

from typing import Any

from msgc.changes.catalogs import CatalogChanges
from msgc.changes.definitions import Comparison, DefinitionChange
from msgc.changes.payloads import Change
from msgc.changes.remarks import remarks
from msgc.changes.words import compare_words
from msgc.diagnostic import Diagnostic
from msgc.report.changes.told import count_breaking
from msgc.report.json import VERSION, dump


def render(changes: CatalogChanges) -> str:
    """The report, ending with a newline."""
    told = [change for change in changes.definitions if change.matters]
    counts = {
        status: sum(change.status == status for change in told)
        for status in ("changed", "added", "removed", "renamed", "broken")
    }
    return dump(
        {
            "version": VERSION,
            "before": changes.before,
            "after": changes.after,
            "definitions": [_definition(change) for change in changes.definitions],
            "problems": [_problem(problem) for problem in changes.problems],
            "summary": {
                "definitions": changes.count,
                **counts,
                "breaking": count_breaking(changes.definitions),
                "reaches_recipients": changes.reaches_recipients,
            },
        }
    )


def _definition(change: DefinitionChange) -> dict[str, Any]:
    fallback = change.fallback
    return {
        "definition": change.name,
        "status": change.status,
        "was": change.was,
        "file": change.file,
        "content": {"before": change.content_before, "after": change.content},
        "fallback": None if fallback is None else {"before": fallback[0], "after": fallback[1]},
        "remarks": [
            {"level": remark.level, "kind": remark.kind, "message": remark.message} for remark in remarks(change)
        ],
        "parameters": [
            {
                "kind": parameter.kind,
                "parameter": parameter.name,
                "breaks": parameter.breaks,
                "message": parameter.message,
                "before": parameter.before,
                "after": parameter.after,
            }
            for parameter in change.parameters
        ],
        "comparisons": [_comparison(comparison) for comparison in change.comparisons],
        "limits": [
            {
                "kind": limit.kind,
                "place": limit.place,
                "rule": limit.rule,
                "unit": limit.unit or None,
                "most_before": limit.before,
                "most": limit.after,
                "allowed_before": limit.allowed_before,
                "allowed": limit.allowed,
            }
            for limit in change.headroom
        ],
        "unseen": list(change.unseen),
        "compared": change.compared,
        "problems_before": [_problem(problem) for problem in change.problems_before],
        "problems": [_problem(problem) for problem in change.problems],
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    is_tried = comparison.presence == "tried"
    return {
        "example": None if is_tried else comparison.example,
        "values": comparison.example if is_tried else None,
        "presence": comparison.presence,
        "values_changed": comparison.values_changed,
        "refused_before": list(comparison.before.refused),
        "refused": list(comparison.after.refused),
        "changes": [_change(change) for change in comparison.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    words = None
    if change.kind == "changed" and isinstance(change.before, str) and isinstance(change.after, str):
        words = [{"kind": piece.kind, "text": piece.text} for piece in compare_words(change.before, change.after)]
    return {
        "kind": change.kind,
        "pointer": change.pointer,
        "was": change.was,
        "before": change.before,
        "after": change.after,
        "words": words,
    }


def _problem(problem: Diagnostic) -> dict[str, Any]:
    span = problem.span
    return {
        "rule": problem.rule,
        "message": problem.message,
        "file": problem.where,
        "line": None if span is None else span.line,
        "column": None if span is None else span.column,
    }
