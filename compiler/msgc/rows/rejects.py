"""Rows that are refused, copied as they stand, with the reason in columns of msgc's own.

The copy is for whoever mends the rows and sends them again: added columns begin with `msgc_`, hold the rules and the
places of what was found and nothing else, and are passed over when the copy is read. A copy of a copy has one pair of
them more, since what stands there stays.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from msgc.diagnostic import Diagnostic
from msgc.rows.columns import OWN_PREFIX
from msgc.rows.row import Row, Rows

_RULES, _PLACES = f"{OWN_PREFIX}rule", f"{OWN_PREFIX}place"


def reject_header(rows: Rows) -> bytes:
    """The first line of a copy of refused rows; empty where the file has no header."""
    return _with_cells(rows.header, rows.delimiter, _names(rows.header)) if rows.delimiter else b""


def reject_row(row: Row, rows: Rows, problems: Iterable[Diagnostic]) -> bytes:
    """The line of a refused row: as it stands in its file, with the rules that it breaks and where."""
    errors = [problem for problem in problems if problem.severity == "error"]
    rules = " ".join(dict.fromkeys(problem.rule for problem in errors))
    places = " ".join(dict.fromkeys(_place(problem) for problem in errors))
    if rows.delimiter:
        return _with_cells(row.raw, rows.delimiter, (rules, places))
    # An item of a list has no line of its own.
    raw = row.raw.rstrip(b"\r\n") or json.dumps(row.item, ensure_ascii=False).encode("utf-8")
    own = json.dumps(dict(zip(_names(raw), (rules, places), strict=True)), ensure_ascii=False).encode("utf-8")
    inside, brace, _ = raw.rpartition(b"}")
    if () in row.unread or not brace or not inside.lstrip().startswith(b"{"):
        return raw + b"\n"  # what is no object has no room for a reason
    comma = b"" if inside.strip() == b"{" else b", "
    return inside.rstrip() + comma + own[1:] + b"\n"


def _names(raw: bytes) -> tuple[str, str]:
    """The names of what is added, which are not there yet."""
    count = raw.count(_RULES.encode())
    ending = f"_{count + 1}" if count else ""
    return f"{_RULES}{ending}", f"{_PLACES}{ending}"


def _place(problem: Diagnostic) -> str:
    span = problem.span
    return problem.where or "" if span is None else f"{span.file}:{span.line}:{span.column}"


def _with_cells(raw: bytes, delimiter: str, cells: tuple[str, ...]) -> bytes:
    line = raw.rstrip(b"\r\n")
    ending = raw[len(line) :] or b"\n"
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="").writerow(cells)
    return line + delimiter.encode() + buffer.getvalue().encode("utf-8") + ending
