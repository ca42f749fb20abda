"""One row of a data file, and places in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Path
from msgc.source import Source, Span

Format: TypeAlias = Literal["csv", "jsonl", "json", "yaml"]
Recipient: TypeAlias = str | dict[str, Any]
Locate: TypeAlias = Callable[[Path, bool], Span]


@dataclass(frozen=True)
class Piece(Source):
    """A part of a file that is never held as a whole, and the number of its first line in the file."""

    first_line: int = 1

    @property
    def line_count(self) -> int:
        """The number of the piece's last line."""
        return super().line_count + self.first_line - 1

    def position(self, offset: int) -> tuple[int, int]:
        """Line in the file and column of an offset in the piece."""
        line, column = super().position(offset)
        return line + self.first_line - 1, column

    def line(self, number: int) -> str:
        """The text of a line, by its number in the file."""
        return super().line(number - self.first_line + 1)

    def line_start(self, number: int) -> int:
        """The offset in the piece at which a line of the file begins."""
        return super().line_start(number - self.first_line + 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number as a spreadsheet shows it, the line it begins on, and what it holds.

    The header of a CSV file is row 1, rows are counted and not lines, and blank rows count although they are
    left out; in JSON Lines the number is the line's, in lists the item's, from 1. `recipient` is None where
    the file says nothing of recipients. `raw` is the row as it stands in the file, with its line break; lists
    have none, and `item` is what stands there instead. `problems` are complete findings; with an error among them the
    values are not to be used.
    `locate` tells where the value at a path stands (True: its key), or what is nearest to it. `unread` are the places
    in the values that could not be read; `()` stands for all of them.
    """

    number: int
    line: int
    values: dict[str, Any]
    recipient: Recipient | None
    raw: bytes
    problems: tuple[Diagnostic, ...]
    locate: Locate = field(repr=False, compare=False)
    unread: frozenset[Path] = frozenset()
    item: Any = field(default=None, repr=False)

    @property
    def is_broken(self) -> bool:
        """Whether a problem is an error."""
        return any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a data file that holds whole rows. `row` and `line` are the numbers of the last ones in front of it.

    `is_plain` says that it holds nothing by which the end of a row could be mistaken: its quotes are well formed, and
    no row is too long.
    """

    data: bytes
    row: int
    line: int
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of a block, blank ones left out.

    `values` and `recipients` are those of rows of which there is nothing to say; where `values` has None, only `row`
    tells what there is to say. `row(index)` is any of them, read strictly. `refused` says why the file cannot be read
    on behind them. `news` are keys of which this batch is the first to say that they are not used, as far as its
    reader knows.
    """

    numbers: Sequence[int]
    values: Sequence[dict[str, Any] | None]
    recipients: Sequence[Recipient | None]
    row: Callable[[int], Row] = field(repr=False)
    refused: tuple[Diagnostic, ...] = ()
    news: frozenset[str] = frozenset()


class Blocks(Protocol):
    """The rows of a file as blocks, which can be cut by one process and read by others."""

    def cut(self, size: int) -> Iterator[Block]:
        """Blocks of about `size` bytes, to be iterated once. What cannot be read on is the last one."""

    def read(self, block: Block) -> Batch:
        """The rows of a block."""

    @property
    def is_settled(self) -> bool:
        """Whether blocks may be read apart from each other; before, they are read one after the other, here."""

    def learn(self, news: frozenset[str]) -> bool:
        """Takes in the news of a batch that was read elsewhere; False where they are none, so it must be read again."""


@dataclass(frozen=True)
class Rows:
    """The rows of a file, to be iterated once, one by one or in blocks.

    `header` is the raw header of a CSV file, else empty. `warnings` are known before the first row: columns that are
    not used. `blocks` is None where a file is read as a whole.
    """

    header: bytes
    delimiter: str
    warnings: tuple[Diagnostic, ...]
    rows: Iterator[Row] = field(repr=False)
    blocks: Blocks | None = field(default=None, repr=False)

    def __iter__(self) -> Iterator[Row]:
        return self.rows


def batch_of(rows: Iterable[Row]) -> Batch:
    """A batch of rows that were read strictly, or that are read so now."""
    read: list[Row] = []
    refused: tuple[Diagnostic, ...] = ()
    try:
        for row in rows:
            read.append(row)  # noqa: PERF402 - those in front of what cannot be read stay
    except Rejected as rejected:
        refused = rejected.diagnostics
    values = [None if row.problems else row.values for row in read]
    return Batch([row.number for row in read], values, [row.recipient for row in read], read.__getitem__, refused)
