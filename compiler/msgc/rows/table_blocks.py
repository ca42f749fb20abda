"""What is below the header of a CSV file, in blocks: cut by whoever reads the file, read by whoever compiles it.

Cutting looks at nothing but quotes and line breaks. Where quotes are well formed, a row ends at a line break in front
of which their number is even; a block in which they are not is walked through strictly, to find where its rows end.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence

from msgc.diagnostic import Rejected
from msgc.rows.lines import AHEAD, MAX_ROW, lines_behind
from msgc.rows.quick_table import QuickTable
from msgc.rows.reserve import Reserve
from msgc.rows.row import Batch, Block, Row, batch_of
from msgc.rows.table import Record, Table


class TableBlocks:
    """The rows of a table in blocks. `line` is the last line of the header, behind which the reserve stands."""

    is_settled = True

    def __init__(self, reserve: Reserve, table: Table, line: int) -> None:
        self._reserve = reserve
        self._table = table
        self._quick = QuickTable(table)
        self._line = line

    def cut(self, size: int) -> Iterator[Block]:
        """Blocks of about `size` bytes, to be iterated once. What cannot be read on is the last one."""
        reserve, delimiter = self._reserve, self._table.delimiter.encode()
        row, line, wanted = 1, self._line, size
        while True:
            ahead = reserve.peek(wanted)
            if not ahead:
                return
            is_last = len(ahead) < wanted
            end, rows = _plain_end(ahead, delimiter, is_last)
            if end == 0 and not is_last and wanted <= MAX_ROW:
                wanted += size
                continue
            wanted = size
            is_plain = 0 < end <= MAX_ROW and rows is not None
            if not is_plain:
                end, rows = self._walk(size, row, line)
            block = Block(reserve.take(end), row, line, is_plain)
            yield block
            if rows is None:
                return
            row += rows
            line += block.data.count(b"\n")

    def _walk(self, size: int, row: int, line: int) -> tuple[int, int | None]:
        """Where a row ends behind about `size` bytes, and how many rows that are; None where they cannot be read on."""
        ahead = self._reserve.peek(size + AHEAD)
        rows = end = 0
        try:
            for record in self._table.all_records(lines_behind(io.BytesIO(ahead), self._table.name, line), row):
                rows += 1
                end += len(record.raw)
                if end >= size:
                    break
        except Rejected:  # it will be said where the rows in front of it are read
            return len(ahead), None
        return end, rows

    def read(self, block: Block) -> Batch:
        """The rows of a block."""
        quick = self._quick.read(block.data) if block.is_plain else None
        if quick is None:
            return batch_of(map(self._table.row, self._records(block)))
        indices, values, recipients = quick
        numbers: Sequence[int] = range(block.row + 1, block.row + 1 + len(values))
        if not isinstance(indices, range):  # blank rows are left out
            numbers = [block.row + 1 + index for index in indices]
        strictly = self._of_quoted(block) if b'"' in block.data else self._of_lines(block)
        return Batch(numbers, values, recipients, lambda index: strictly(numbers[index]))

    def _records(self, block: Block) -> Iterator[Record]:
        return self._table.records(lines_behind(io.BytesIO(block.data), self._table.name, block.line), block.row)

    def _of_quoted(self, block: Block) -> Callable[[int], Row]:
        """The rows of a block by their numbers, read when the first one is asked for."""
        records: dict[int, Record] = {}

        def row(number: int) -> Row:
            if not records:
                records.update((record.number, record) for record in self._records(block))
            return self._table.row(records[number])

        return row

    def _of_lines(self, block: Block) -> Callable[[int], Row]:
        """The rows of a block in which every line is one, by their numbers."""
        found: list[bytes] = []

        def row(number: int) -> Row:
            if not found:
                found.extend(block.data.split(b"\n"))
            index = number - block.row - 1
            data = found[index] + b"\n" * (index < len(found) - 1)
            (record,) = self._records(Block(data, number - 1, block.line + index, is_plain=True))
            return self._table.row(record)

        return row

    def learn(self, news: frozenset[str]) -> bool:
        """Tables have no news: the header says which columns are not used."""
        return not news


def _plain_end(data: bytes, delimiter: bytes, is_last: bool) -> tuple[int, int | None]:
    """Where the last whole row of some rows ends, and how many there are; None where that is not plain to see."""
    if b'"' not in data:
        end = len(data) if is_last else data.rfind(b"\n") + 1
        return end, data.count(b"\n", 0, end) + (not data.endswith(b"\n", 0, end))
    end = _even_end(data, is_last)
    data = data[:end]
    parts = data.split(b'"')
    if data.count(b"\r") != data.count(b"\r\n") or not _are_well_placed(parts, delimiter):
        return end, None
    return end, b"".join(parts[::2]).count(b"\n") + (not data.endswith(b"\n"))


def _even_end(data: bytes, is_last: bool) -> int:
    """Behind the last line break, or at the end of the file, in front of which the number of quotes is even."""
    end = len(data)
    quotes = data.count(b'"')
    if is_last and quotes % 2 == 0:
        return end
    while end:
        before = data.rfind(b"\n", 0, end) + 1
        if before == end:
            if quotes % 2 == 0:
                return end
            before = data.rfind(b"\n", 0, end - 1) + 1
        quotes -= data.count(b'"', before, end)
        end = before
        if quotes % 2 == 0:
            return end
    return 0


def _are_well_placed(parts: Sequence[bytes], delimiter: bytes) -> bool:
    """Whether the quotes between the parts stand around whole cells, or twice; every second part is outside of them."""
    starts, ends = (delimiter, b"\n", b"\r\n"), (delimiter, b"\n")
    first, last = parts[0], parts[-1]
    if (first and not first.endswith(ends)) or (last and not last.startswith(starts)):
        return False
    return all(not part or (part.startswith(starts) and part.endswith(ends)) for part in parts[2:-1:2])
