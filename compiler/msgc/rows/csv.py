"""CSV, read strictly: quotes only around whole cells, and every row as long as the header.

Most rows have no quotes and are just split; the others go through `cells`. An empty cell is absent, quoted or
not.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import BinaryIO

from msgc.diagnostic import Diagnostic, Rejected
from msgc.parameters import Parameters
from msgc.rows.cells import Malformed, OpenQuote, split_cells
from msgc.rows.columns import assign_columns
from msgc.rows.lines import AHEAD, MAX_ROW, Lines, lines_behind
from msgc.rows.recipient import no_recipient
from msgc.rows.reserve import Reserve
from msgc.rows.row import Piece, Rows
from msgc.rows.table import Table, open_quote
from msgc.rows.table_blocks import TableBlocks
from msgc.rules import finding

_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n?")


def read_csv(stream: BinaryIO, name: str, parameters: Parameters, to_column: str | None, needs_recipient: bool) -> Rows:
    """The rows of a CSV file, its header read and judged. Raises `Rejected`."""
    reserve = Reserve(stream)
    lines = Lines(reserve, name)
    raw, header, delimiters = _read_header(lines)
    delimiter, names, places = _split_header(header, delimiters, parameters, to_column)
    spans = [header.span(*place) for place in places]
    columns, warnings = assign_columns(names, spans, parameters, to_column)
    table = Table(name, delimiter, len(names), columns, parameters)
    if needs_recipient and not table.has_recipient:
        problem, meant = no_recipient(names, _first_cells(reserve, table, lines.number), spans)
        # One cause, one finding: that nothing uses the column which should be the recipient goes without saying.
        others = [warning for warning in warnings if meant is None or warning.span != spans[meant]]
        warnings = [problem, *others]
    return Rows(
        header=raw,
        delimiter=delimiter,
        warnings=tuple(warnings),
        rows=map(table.row, table.records(lines, 1)),
        blocks=TableBlocks(reserve, table, lines.number),
    )


def _first_cells(reserve: Reserve, table: Table, line: int) -> Sequence[str]:
    """The cells of the first row; none where there is none that can be read, which is said when it is read again."""
    lines = lines_behind(io.BytesIO(reserve.peek(AHEAD)), table.name, line)
    try:
        first = next(table.records(lines, 1), None)
    except Rejected:
        return ()
    return () if first is None else first.cells


def _read_header(lines: Lines) -> tuple[bytes, Piece, Sequence[str]]:
    """The header as bytes and text, and the delimiters that it may have. A line `sep=;` of Excel's names it."""
    line = lines.read()
    if line is None:
        raise Rejected(
            finding("no-payload", "the file is empty", file=lines.name, help="the first line names the columns")
        )
    before = b""
    delimiters: Sequence[str] = _DELIMITERS
    named = _SEPARATOR_LINE.fullmatch(line[1])
    if named is not None:
        before, delimiters = line[0], [named[1]]
        line = lines.read() or (b"", "")
    if not line[1].strip():
        help_text = "the first line names the columns"
        message = "the line below `sep=` is empty" if before else "the first line is empty"
        raise Rejected(finding("data-format", message, file=lines.name, help=help_text))
    raw, text = line
    first_line = lines.number
    while text.count('"') % 2 and len(raw) <= MAX_ROW:
        more = lines.read()
        if more is None:
            break
        raw += more[0]
        text += more[1]
    return before + raw, Piece(lines.name, text, first_line), delimiters


def _split_header(
    header: Piece, delimiters: Sequence[str], parameters: Parameters, to_column: str | None
) -> tuple[str, list[str], list[tuple[int, int]]]:
    """Delimiter, names and their places: what gives the most known names, then the most names."""
    known = {*parameters.names, to_column or "recipient"}
    best: tuple[tuple[int, int], str, list[str], list[tuple[int, int]]] | None = None
    problem: Diagnostic | None = None
    for delimiter in delimiters:
        try:
            cells, places = split_cells(header.text, delimiter)
        except Malformed as error:
            span = header.span(error.start, error.end)
            problem = problem or finding("data-format", error.message, span, row=1, help=error.help)
            continue
        except OpenQuote as error:
            problem = open_quote(header.span(error.start, error.start + 1), 1)
            continue
        names = [cell.strip() for cell in cells]
        rank = (sum(name in known or name.split(".")[0] in known for name in names), len(names))
        if best is None or rank > best[0]:
            best = (rank, delimiter, names, places)
    if best is None:
        assert problem is not None
        raise Rejected(problem)
    return best[1:]
