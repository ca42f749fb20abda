"""What is below the header of a CSV file, read strictly, row by row, with a place for everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Path
from msgc.parameters import Parameters
from msgc.rows.cells import Malformed, OpenQuote, quick_cells, split_cells
from msgc.rows.columns import Column
from msgc.rows.lines import MAX_ROW, Lines
from msgc.rows.recipient import SPREADSHEET_NUMBER, check_recipient
from msgc.rows.repair import is_spreadsheet_error, other_reading, repair
from msgc.rows.row import Piece, Recipient, Row
from msgc.rules import finding
from msgc.source import Span


def open_quote(span: Span, row: int) -> Diagnostic:
    """The finding on a quote that is not closed before the file or the row's room ends."""
    help_text = 'close it with `"`; a quote that belongs to the text is written twice, in a cell in quotes'
    return finding("data-format", "the quote that opens here is never closed", span, row=row, help=help_text)


class Record(NamedTuple):
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


class Table:
    """What is below the header."""

    def __init__(
        self, name: str, delimiter: str, width: int, columns: Sequence[Column], parameters: Parameters
    ) -> None:
        self.name = name
        self.delimiter = delimiter
        self.width = width
        self.columns = columns
        self.parameters = parameters
        self.has_recipient = any(column.part is not None for column in columns)

    def records(self, lines: Lines, number: int) -> Iterator[Record]:
        """The rows that are not blank, behind row `number`. Raises `Rejected` where the file cannot be read on."""
        for record in self.all_records(lines, number):
            if record.problem is not None or any(record.cells):
                yield record

    def all_records(self, lines: Lines, number: int) -> Iterator[Record]:
        """The rows behind row `number`, blank ones too. Raises `Rejected` where the file cannot be read on."""
        while (line := lines.read()) is not None:
            number += 1
            yield self._record(lines, number, *line)

    def _record(self, lines: Lines, number: int, raw: bytes, text: str) -> Record:
        name, first_line = lines.name, lines.number
        quick = quick_cells(text, self.delimiter)
        if quick is not None:
            return Record(number, name, first_line, text, raw, quick)
        taken = [(raw, text)]
        size = len(raw)

        def more() -> str | None:
            nonlocal size
            line = lines.read() if size <= MAX_ROW else None
            if line is None:
                return None
            size += len(line[0])
            taken.append(line)
            return line[1]

        problem: Malformed | None = None
        cells: Sequence[str] = ()
        try:
            cells, _ = split_cells(text, self.delimiter, more)
        except Malformed as error:
            problem = error
        except OpenQuote as error:
            piece = Piece(name, text, first_line)
            raise Rejected(open_quote(piece.span(error.start, error.start + 1), number)) from None
        text = "".join(line[1] for line in taken)
        raw = b"".join(line[0] for line in taken)
        return Record(number, name, first_line, text, raw, cells, problem)

    def row(self, record: Record) -> Row:
        """A row, read: its values, and what is wrong with them."""
        values: dict[str, Any] = {}
        parts: dict[str, str] = {}
        problems: list[Diagnostic] = []
        unread: set[Path] = set()
        recipient: Recipient | None = None
        if record.problem is not None:
            problems.append(self._malformed(record, record.problem))
            unread.add(())
        elif len(record.cells) != self.width:
            problems.append(self._ragged(record))
            unread.add(())
        else:
            is_spoilt = False
            for column in self.columns:
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
            if self.has_recipient and not is_spoilt:
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

    def _failed_formula(self, record: Record, column: Column, cell: str) -> Diagnostic:
        message = f"the cell of `{column.name}` holds a spreadsheet's error"
        help_text = "mend the formula in the spreadsheet and export it again"
        span = self._span(record, column)
        return finding("data-value", message, span, row=record.number, found=cell, help=help_text)

    def _malformed(self, record: Record, problem: Malformed) -> Diagnostic:
        span = record.piece.span(problem.start, problem.end)
        return finding("data-row", problem.message, span, row=record.number, help=problem.help)

    def _fill(
        self, values: dict[str, Any], column: Column, path: Path, cell: str, record: Record
    ) -> Iterator[Diagnostic]:
        try:
            value = cell if column.is_text else self.parameters.from_text(path, cell)
        except ValueError as error:
            span = self._span(record, column)
            message = f"the cell of `{column.name}` cannot be used: {error}"
            help_text = repair(cell, self.parameters.types(path), lambda text: self._fits(path, text))
            yield finding("data-value", message, span, row=record.number, help=help_text)
            return
        if isinstance(value, str) and "E+" in value and SPREADSHEET_NUMBER.match(value):
            span = self._span(record, column)
            message = f"the text of `{column.name}` looks like a number that a spreadsheet has rounded"
            help_text = "format the column as text in the source and export it again"
            yield finding("spreadsheet-number", message, span, row=record.number, found=value, help=help_text)
        meant = other_reading(cell) if self.delimiter == ";" and not isinstance(value, str) else None
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
            self.parameters.from_text(path, text)
        except ValueError:
            return False
        return True

    def _ragged(self, record: Record) -> Diagnostic:
        count = len(record.cells)
        cells = "cell" if count == 1 else "cells"
        more = count > self.width
        return finding(
            "data-row",
            f"the row has {'more' if more else 'fewer'} cells than the header",
            self._whole(record),
            row=record.number,
            found=f"{count} {cells}",
            allowed=f"{self.width} {'cell' if self.width == 1 else 'cells'}",
            help=f'put a text that holds `{self.delimiter}` in quotes: "a{self.delimiter} b"'
            if more and self.delimiter != "\t"
            else "put one more delimiter for each cell that is empty"
            if not more
            else "put a text that holds a tab in quotes",
        )

    def _whole(self, record: Record) -> Span:
        return record.piece.span(0, len(record.text.rstrip("\r\n")))

    def _span(self, record: Record, column: Column) -> Span:
        _, places = split_cells(record.text, self.delimiter)
        return record.piece.span(*places[column.index])

    def _recipient_span(self, record: Record) -> Span:
        column = next(column for column in self.columns if column.part is not None)
        return self._span(record, column)

    def _locate(self, record: Record, path: Path) -> Span:
        """The cell that fills a path, or lies above or below it; else the whole row."""
        is_whole = record.problem is None and len(record.cells) == self.width
        if path[:1] == ("recipient",) and self.has_recipient and is_whole:
            return self._recipient_span(record)
        for column in self.columns:
            if column.path is not None and is_whole:
                shared = min(len(column.path), len(path))
                if shared and column.path[:shared] == path[:shared]:
                    return self._span(record, column)
        return self._whole(record)
