"""CSV, read strictly: quotes only around whole cells, and every row as long as the header.

Most rows have no quotes and are just split; the others go through `cells`. An empty cell is absent, quoted or
not.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Path
from msgc.parameters import Parameters
from msgc.rows.cells import Malformed, OpenQuote, quick_cells, split_cells
from msgc.rows.columns import Column, assign_columns
from msgc.rows.lines import MAX_ROW, Lines
from msgc.rows.recipient import SPREADSHEET_NUMBER, check_recipient
from msgc.rows.row import Piece, Recipient, Row, Rows
from msgc.rules import finding
from msgc.source import Span

_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_DELIMITERS = (",", ";", "\t")


def read_csv(stream: BinaryIO, name: str, parameters: Parameters, to_column: str | None) -> Rows:
    """The rows of a CSV file, its header read and judged. Raises `Rejected`."""
    lines = Lines(stream, name)
    raw, header = _read_header(lines)
    delimiter, names, places = _split_header(header, parameters, to_column)
    columns, warnings = assign_columns(names, [header.span(*place) for place in places], parameters, to_column)
    table = _Table(lines, delimiter, len(names), columns, parameters)
    return Rows(header=raw, delimiter=delimiter, warnings=tuple(warnings), rows=table.rows())


def _read_header(lines: Lines) -> tuple[bytes, Piece]:
    line = lines.read()
    if line is None or not line[1].strip():
        message = "the file is empty" if line is None else "the first line is empty"
        help_text = "the first line names the columns"
        raise Rejected(finding("data-format", message, file=lines.name, help=help_text))
    raw, text = line
    while text.count('"') % 2 and len(raw) <= MAX_ROW:
        more = lines.read()
        if more is None:
            break
        raw += more[0]
        text += more[1]
    return raw, Piece(lines.name, text)


def _split_header(
    header: Piece, parameters: Parameters, to_column: str | None
) -> tuple[str, list[str], list[tuple[int, int]]]:
    """Delimiter, names and their places: what gives the most known names, then the most names."""
    known = {*parameters.names, to_column or "recipient"}
    best: tuple[tuple[int, int], str, list[str], list[tuple[int, int]]] | None = None
    problem: Diagnostic | None = None
    for delimiter in _DELIMITERS:
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

    def rows(self) -> Iterator[Row]:
        """The rows that are not blank. Raises `Rejected` where the file cannot be read on."""
        number = 1
        while (line := self._lines.read()) is not None:
            number += 1
            record = self._record(number, *line)
            if record.problem is not None or any(record.cells):
                yield self._row(record)

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
        recipient: Recipient | None = None
        if record.problem is not None:
            problems.append(self._malformed(record, record.problem))
        elif len(record.cells) != self._width:
            problems.append(self._ragged(record))
        else:
            for column in self._columns:
                cell = record.cells[column.index]
                if cell and column.part is not None:
                    parts[column.part] = cell
                if cell and column.path is not None:
                    if column.is_text and len(column.path) == 1 and "E+" not in cell:
                        values[column.name] = cell
                    else:
                        problems += self._fill(values, column, column.path, cell, record)
            if self._has_recipient:
                found = parts.get("") or parts or None
                recipient, problem = check_recipient(found, lambda: self._recipient_span(record), record.number)
                problems += [problem] if problem is not None else []
        return Row(
            number=record.number,
            line=record.line,
            values=values,
            recipient=recipient,
            raw=record.raw,
            problems=tuple(problems),
            locate=lambda path, _: self._locate(record, path),
        )

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
            help_text = self._repair(path, cell)
            yield finding("data-value", message, span, row=record.number, help=help_text)
            return
        if isinstance(value, str) and "E+" in value and SPREADSHEET_NUMBER.match(value):
            span = self._span(record, column)
            message = f"the text of `{column.name}` looks like a number that a spreadsheet has rounded"
            help_text = "format the column as text in the source and export it again"
            yield finding("spreadsheet-number", message, span, row=record.number, found=value, help=help_text)
        target = values
        for step in path[:-1]:
            target = target.setdefault(str(step), {})
        target[str(path[-1])] = value

    def _repair(self, path: Path, cell: str) -> str | None:
        """What to write for a number with a decimal comma, which many a spreadsheet exports."""
        if _DECIMAL_COMMA.fullmatch(cell):
            number = cell.replace(",", ".")
            with contextlib.suppress(ValueError):
                self._parameters.from_text(path, number)
                return f"write {number}"
        return None

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
        for column in self._columns:
            if column.path is not None and record.problem is None and len(record.cells) == self._width:
                shared = min(len(column.path), len(path))
                if shared and column.path[:shared] == path[:shared]:
                    return self._span(record, column)
        return self._whole(record)
