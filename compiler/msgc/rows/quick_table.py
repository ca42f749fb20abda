"""Many rows of a table at once, column by column, as far as there is nothing to say of them.

It takes what `Table.row` takes and gives the same values; a row of which there may be something to say is left to it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import repeat
from operator import itemgetter
from typing import Any, Final, TypeAlias

from msgc.rows.columns import Column
from msgc.rows.recipient import is_fit
from msgc.rows.repair import is_spreadsheet_error, other_reading
from msgc.rows.row import Recipient
from msgc.rows.table import Table

Values: TypeAlias = list[dict[str, Any] | None]
_ABSENT: Final = object()
"""What an empty cell gives."""
_DOUBTFUL: Final = object()
"""What a cell gives of which there may be something to say."""


class QuickTable:
    """Reads many rows of a table at once."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._columns = [column for column in table.columns if column.path is not None]
        self._parts = [column for column in table.columns if column.part is not None]
        self._names = [column.name for column in self._columns]
        self._is_flat = all(column.path is not None and len(column.path) == 1 for column in self._columns)

    def read(self, data: bytes) -> tuple[Sequence[int], Values, Sequence[Recipient | None]] | None:
        """The rows that are not blank: which they are (from 0), their values and recipients.

        Values are None where there may be something to say of the row. None for data that must be read strictly.
        """
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return None
        cells = self._split(text)
        if cells is None:
            return None
        indices: Sequence[int] = range(len(cells))
        doubtful: set[int] = set()
        width = self._table.width
        if not set(map(len, cells)) <= {width} or "" in map(itemgetter(0), cells):
            indices = [index for index, row in enumerate(cells) if any(row)]
            cells = [cells[index] for index in indices]
            for position, row in enumerate(cells):
                if len(row) != width:
                    cells[position] = [""] * width
                    doubtful.add(position)
        if not cells:
            return (), [], ()
        by_column = list(zip(*cells, strict=True))
        if "#" in text or "E+" in text:
            doubtful |= self._spoilt(by_column)
        values = self._values(by_column, doubtful)
        recipients = self._recipients(by_column, doubtful)
        for position in doubtful:
            values[position] = None
        return indices, values, recipients

    def _split(self, text: str) -> list[list[str]] | None:
        """The cells of all rows; None where a row may not be what it seems."""
        delimiter = self._table.delimiter
        if "\r" in text:
            if text.count("\r") != text.count("\r\n"):
                return None
            if '"' not in text:
                text = text.replace("\r\n", "\n")
        if '"' not in text:
            return [line.split(delimiter) for line in text.removesuffix("\n").split("\n")]
        try:
            return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:  # a cell beyond the module's limit
            return None

    def _spoilt(self, by_column: Sequence[Sequence[str]]) -> set[int]:
        """The rows with what a spreadsheet writes of a broken formula or of a number that is too long."""
        found = set()
        for column in self._table.columns:
            for position, cell in enumerate(by_column[column.index]):
                if ("E+" in cell and column.path is not None) or (cell[:1] == "#" and is_spreadsheet_error(cell)):
                    found.add(position)
        return found

    def _values(self, by_column: Sequence[Sequence[str]], doubtful: set[int]) -> Values:
        converted = [self._converted(column, by_column[column.index]) for column in self._columns]
        count = len(by_column[0])
        for column in converted:
            if _DOUBTFUL in column:
                doubtful.update(position for position, value in enumerate(column) if value is _DOUBTFUL)
        if not converted:
            return [{} for _ in range(count)]
        if not self._is_flat:
            return [self._nested(row) for row in zip(*converted, strict=True)]
        made: Values = list(map(dict, map(zip, repeat(self._names), zip(*converted, strict=True))))
        for name, column in zip(self._names, converted, strict=True):
            if _ABSENT in column:
                for values, value in zip(made, column, strict=True):
                    if value is _ABSENT and values is not None:
                        del values[name]
        return made

    def _nested(self, row: Sequence[Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column, value in zip(self._columns, row, strict=True):
            if value is not _ABSENT and column.path is not None:
                target = values
                for step in column.path[:-1]:
                    target = target.setdefault(str(step), {})
                target[str(column.path[-1])] = value
        return values

    def _converted(self, column: Column, cells: Sequence[str]) -> Sequence[Any]:
        """The values of a column's cells."""
        if column.is_text:
            return [cell or _ABSENT for cell in cells] if "" in cells else cells
        assert column.path is not None
        if self._table.parameters.types(column.path) & {"array", "object"}:  # each row has its own
            return [self._value(column, cell) for cell in cells]
        known = {cell: self._value(column, cell) for cell in set(cells)}
        return [known[cell] for cell in cells]

    def _value(self, column: Column, cell: str) -> Any:
        if not cell:
            return _ABSENT
        assert column.path is not None
        try:
            value = self._table.parameters.from_text(column.path, cell)
        except ValueError:
            return _DOUBTFUL
        is_text = isinstance(value, str)
        if self._table.delimiter == ";" and not is_text and other_reading(cell) is not None:
            return _DOUBTFUL
        return value

    def _recipients(self, by_column: Sequence[Sequence[str]], doubtful: set[int]) -> Sequence[Recipient | None]:
        count = len(by_column[0])
        if not self._parts:
            return [None] * count
        given: Iterator[Recipient | None]
        if len(self._parts) == 1 and self._parts[0].part == "":
            column = by_column[self._parts[0].index]
            if _are_plain_numbers(column):
                return column
            given = (cell or None for cell in column)
        else:
            given = map(self._of_parts, zip(*(by_column[column.index] for column in self._parts), strict=True))
        recipients = list(given)
        doubtful.update(position for position, recipient in enumerate(recipients) if not is_fit(recipient))
        return recipients

    def _of_parts(self, cells: Sequence[str]) -> Recipient | None:
        parts = {str(column.part): cell for column, cell in zip(self._parts, cells, strict=True) if cell}
        return parts.get("") or parts or None


def _are_plain_numbers(cells: Sequence[str]) -> bool:
    """Whether all of many cells are a plus and digits; such a cell has nothing that a spreadsheet could have spoilt."""
    digits = "".join(("\n", "\n".join(cells))).replace("\n+", "")
    return digits.isascii() and digits.isdigit()
