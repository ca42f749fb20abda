"""`msgc check --explain-bounds`: the limits of definitions as a table, with what their values can make of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from msgc.catalog import Entry
from msgc.cli.session import Session
from msgc.diagnostic import Rejected
from msgc.report import escape
from msgc.report.json import VERSION, dump

if TYPE_CHECKING:
    from msgc.pipeline import Project
    from msgc.prove import Bound

_HEADINGS = ("place", "limit", "can be", "allowed", "for all values")


def explain(session: Session, project: Project, entries: Iterable[Entry]) -> None:
    """Prints the tables and exits: with 1 where a definition is broken, or can break a limit that msgc tells of."""
    tables: list[tuple[str, tuple[Bound, ...]]] = []
    for entry in entries:
        try:
            tables.append((entry.name, project.bounds(entry)))
        except Rejected as rejected:
            session.refuse(rejected.diagnostics)
    if session.format == "json":
        bounds = [_plain(name, bound) for name, table in tables for bound in table]
        click.echo(dump({"version": VERSION, "bounds": bounds}), nl=False)
    else:
        for index, (name, table) in enumerate(tables):
            click.echo(("\n" if index else "") + f"{escape(name)}\n" + _table(table, session.verbose), nl=False)
    sys.exit(any(_is_told(bound) for _, table in tables for bound in table))


def _is_told(bound: Bound) -> bool:
    """Whether a check without the table would have a finding for it."""
    return bound.verdict != "proven" and bound.severity == "error" and not bound.in_each_message


def _plain(name: str, bound: Bound) -> dict[str, object]:
    line, column = bound.span.source.position(bound.span.start)
    measured = bound.measured
    return {
        "definition": name,
        "place": bound.place,
        "rule": bound.rule,
        "severity": bound.severity,
        "verdict": bound.verdict,
        "in_each_message": bound.in_each_message,
        "least": None if measured is None else measured.least,
        "most": None if measured is None else measured.most,
        "allowed_least": None if bound.allowed is None else bound.allowed.least,
        "allowed_most": None if bound.allowed is None else bound.allowed.most,
        "unit": None if bound.unit == "none" else bound.unit,
        "file": bound.span.file,
        "line": line,
        "column": column,
    }


def _table(bounds: Sequence[Bound], verbose: bool) -> str:
    shown = [bound for bound in bounds if verbose or not bound.fixed or bound.verdict != "proven"]
    rows = [_HEADINGS, *(_row(bound) for bound in shown)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    hidden = len(bounds) - len(shown)
    if hidden:
        lines.append(f"and {hidden:,} of what is written out, all proven: -v shows them")
    return "".join(f"  {escape(line)}\n" for line in lines)


def _row(bound: Bound) -> tuple[str, ...]:
    unit = "" if bound.unit == "none" else f" {bound.unit}"
    measured = "" if bound.measured is None else f"{bound.measured}"
    allowed = "" if bound.allowed is None else f"{bound.allowed}{unit}"
    verdict: str = bound.verdict
    if verdict != "proven" and (bound.severity == "warning" or bound.in_each_message):
        verdict += ", only advised against" if bound.severity == "warning" else ", seen to in each message"
    return bound.place, bound.rule, measured, allowed, verdict
