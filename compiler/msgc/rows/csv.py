"""CSV, read strictly: quotes only around whole cells, and every row as long as the header.

Most rows have no quotes and are just split; the others go through `cells`. An empty cell is absent, quoted or
not.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Path
from msgc.parameters import Parameters
from msgc.rows.cells import Malformed, OpenQuote, quick_cells, split_cells
from msgc.rows.columns import Column, assign_columns
from msgc.rows.lines import MAX_ROW, Lines
from msgc.rows.recipient import SPREADSHEET_NUMBER, check_recipient, no_recipient
from msgc.rows.repair import is_spreadsheet_error, other_reading, repair
from msgc.rows.row import Piece, Recipient, Row, Rows
from msgc.rules import finding
from msgc.source import Span

_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n?")


def read_csv(stream: BinaryIO, name: str, parameters: Parameters, to_column: str | None, needs_recipient: bool) -> Rows:
    """The rows of a CSV file, its header read and judged. Raises `Rejected`."""
    lines = Lines(stream, name)
    raw, header, delimiters = _read_header(lines)
    delimiter, names, places = _split_header(header, delimiters, parameters, to_column)
    spans = [header.span(*place) for place in places]
    columns, warnings = assign_columns(names, spans, parameters, to_column)
    table = _Table(lines, delimiter, len(names), columns, parameters)
    records = table.records()
    if needs_recipient and not any(column.part is not None for column in columns):
        first, records = _peek(records)
        problem, meant = no_recipient(names, first.cells if first is not None else (), spans)
        # One cause, one finding: that nothing uses the column which should be the recipient goes without saying.
        others = [warning for warning in warnings if meant is None or warning.span != spans[meant]]
        warnings = [problem, *others]
    return Rows(header=raw, delimiter=delimiter, warnings=tuple(warnings), rows=table.rows(records))


def _peek(records: Iterator[_Record]) -> tuple[_Record | None, Iterator[_Record]]:
    """The first row, and all rows; a file that cannot be read on says so when its rows are asked for."""
    try:
        first = next(records, None)
    except Rejected as rejected:
        return None, _refusing(rejected)
    return first, itertools.chain(() if first is None else (first,), records)


def _refusing(rejected: Rejected) -> Iterator[_Record]:
    yield from ()
    raise rejected


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
            problem = _open_quote(header.span(error.start, error.start + 1), 1)
            continue
        names = [cell.strip() for cell in cells]
        rank = (sum(name in known or name.split(".")[0] in known for name in names), len(names))
        if best is None or rank > best[0]:
            best = (rank, delimiter, names, places)
    if best is None:
        assert problem is not None
        raise Rejected(problem)
    return best[1:]


def _open_quote(span: Span, row: int) -> Diagnostic:
    help_text = 'close it with `"`; a quote that belongs to the text is written twice, in a cell in quotes'
    return finding("data-format", "the quote that opens here is never closed", span, row=row, help=help_text)


class _Record(NamedTuple):
    """A row as it stands in the file, and its cells, or what is wrong with it."""

    number: int
    file: str
    line: int
    text: str
    raw: bytes
    cells: Sequence[str]
    problem: Malformed | None = None

    @property
    def piece(self) -> Piece:
        """The row as a part of the file."""
        return Piece(self.file, self.text, self.line)


class _Table:
    """What is below the header."""

    def __init__(
        self, lines: Lines, delimiter: str, width: int, columns: Sequence[Column], parameters: Parameters
    ) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._width = width
        self._columns = columns
        self._parameters = parameters
        self._has_recipient = any(column.part is not None for column in columns)

    def rows(self, records: Iterable[_Record]) -> Iterator[Row]:
        """The rows, read. Raises `Rejected` where the file cannot be read on."""
        return map(self._row, records)

    def records(self) -> Iterator[_Record]:
        """The rows that are not blank. Raises `Rejected` where the file cannot be read on."""
        number = 1
        while (line := self._lines.read()) is not None:
            number += 1
            record = self._record(number, *line)
            if record.problem is not None or any(record.cells):
                yield record

    def _record(self, number: int, raw: bytes, text: str) -> _Record:
        name, first_line = self._lines.name, self._lines.number
        quick = quick_cells(text, self._delimiter)
        if quick is not None:
            return _Record(number, name, first_line, text, raw, quick)
        taken = [(raw, text)]
        size = len(raw)

        def more() -> str | None:
            nonlocal size
            line = self._lines.read() if size <= MAX_ROW else None
            if line is None:
                return None
            size += len(line[0])
            taken.append(line)
            return line[1]

        problem: Malformed | None = None
        cells: Sequence[str] = ()
        try:
            cells, _ = split_cells(text, self._delimiter, more)
        except Malformed as error:
            problem = error
        except OpenQuote as error:
            piece = Piece(name, text, first_line)
            raise Rejected(_open_quote(piece.span(error.start, error.start + 1), number)) from None
        text = "".join(line[1] for line in taken)
        raw = b"".join(line[0] for line in taken)
        return _Record(number, name, first_line, text, raw, cells, problem)

    def _row(self, record: _Record) -> Row:
        values: dict[str, Any] = {}
        parts: dict[str, str] = {}
        problems: list[Diagnostic] = []
        unread: set[Path] = set()
        recipient: Recipient | None = None
        if record.problem is not None:
            problems.append(self._malformed(record, record.problem))
            unread.add(())
        elif len(record.cells) != self._width:
            problems.append(self._ragged(record))
            unread.add(())
        else:
            is_spoilt = False
            for column in self._columns:
                cell = record.cells[column.index]
                if cell and cell[0] == "#" and is_spreadsheet_error(cell):
                    problems.append(self._failed_formula(record, column, cell))
                    unread.update([column.path] if column.path is not None else [])
                    is_spoilt = is_spoilt or column.part is not None
                    continue
                if cell and column.part is not None:
                    parts[column.part] = cell
                if cell and column.path is not None:
                    if column.is_text and len(column.path) == 1 and "E+" not in cell:
                        values[column.name] = cell
                    else:
                        found = list(self._fill(values, column, column.path, cell, record))
                        problems += found
                        unread.update(column.path for problem in found if problem.severity == "error")
            if self._has_recipient and not is_spoilt:
                given = parts.get("") or parts or None
                recipient, problem = check_recipient(given, lambda: self._recipient_span(record), record.number)
                problems += [problem] if problem is not None else []
        return Row(
            number=record.number,
            line=record.line,
            values=values,
            recipient=recipient,
            raw=record.raw,
            problems=tuple(problems),
            locate=lambda path, _: self._locate(record, path),
            unread=frozenset(unread),
        )

    def _failed_formula(self, record: _Record, column: Column, cell: str) -> Diagnostic:
        message = f"the cell of `{column.name}` holds a spreadsheet's error"
        help_text = "mend the formula in the spreadsheet and export it again"
        span = self._span(record, column)
        return finding("data-value", message, span, row=record.number, found=cell, help=help_text)

    def _malformed(self, record: _Record, problem: Malformed) -> Diagnostic:
        span = record.piece.span(problem.start, problem.end)
        return finding("data-row", problem.message, span, row=record.number, help=problem.help)

    def _fill(
        self, values: dict[str, Any], column: Column, path: Path, cell: str, record: _Record
    ) -> Iterator[Diagnostic]:
        try:
            value = cell if column.is_text else self._parameters.from_text(path, cell)
        except ValueError as error:
            span = self._span(record, column)
            message = f"the cell of `{column.name}` cannot be used: {error}"
            help_text = repair(cell, self._parameters.types(path), lambda text: self._fits(path, text))
            yield finding("data-value", message, span, row=record.number, help=help_text)
            return
        if isinstance(value, str) and "E+" in value and SPREADSHEET_NUMBER.match(value):
            span = self._span(record, column)
            message = f"the text of `{column.name}` looks like a number that a spreadsheet has rounded"
            help_text = "format the column as text in the source and export it again"
            yield finding("spreadsheet-number", message, span, row=record.number, found=value, help=help_text)
        meant = other_reading(cell) if self._delimiter == ";" and not isinstance(value, str) else None
        if meant is not None:
            message = f"the number of `{column.name}` is taken as {cell}, and the spreadsheet may have meant {meant}"
            # With other than three decimals a number has one reading only.
            decimal = cell.rstrip("0").removesuffix(".") if cell.endswith("0") else f"{cell}0"
            help_text = f"write {meant} if the point separates thousands, else {decimal}"
            yield finding("spreadsheet-number", message, self._span(record, column), row=record.number, help=help_text)
        target = values
        for step in path[:-1]:
            target = target.setdefault(str(step), {})
        target[str(path[-1])] = value

    def _fits(self, path: Path, text: str) -> bool:
        try:
            self._parameters.from_text(path, text)
        except ValueError:
            return False
        return True

    def _ragged(self, record: _Record) -> Diagnostic:
        count = len(record.cells)
        cells = "cell" if count == 1 else "cells"
        more = count > self._width
        return finding(
            "data-row",
            f"the row has {'more' if more else 'fewer'} cells than the header",
            self._whole(record),
            row=record.number,
            found=f"{count} {cells}",
            allowed=f"{self._width} {'cell' if self._width == 1 else 'cells'}",
            help=f'put a text that holds `{self._delimiter}` in quotes: "a{self._delimiter} b"'
            if more and self._delimiter != "\t"
            else "put one more delimiter for each cell that is empty"
            if not more
            else "put a text that holds a tab in quotes",
        )

    def _whole(self, record: _Record) -> Span:
        return record.piece.span(0, len(record.text.rstrip("\r\n")))

    def _span(self, record: _Record, column: Column) -> Span:
        _, places = split_cells(record.text, self._delimiter)
        return record.piece.span(*places[column.index])

    def _recipient_span(self, record: _Record) -> Span:
        column = next(column for column in self._columns if column.part is not None)
        return self._span(record, column)

    def _locate(self, record: _Record, path: Path) -> Span:
        """The cell that fills a path, or lies above or below it; else the whole row."""
        is_whole = record.problem is None and len(record.cells) == self._width
        if path[:1] == ("recipient",) and self._has_recipient and is_whole:
            return self._recipient_span(record)
        for column in self._columns:
            if column.path is not None and is_whole:
                shared = min(len(column.path), len(path))
                if shared and column.path[:shared] == path[:shared]:
                    return self._span(record, column)
        return self._whole(record)
