"""One row of a data file, and places in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from msgc.diagnostic import Diagnostic
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


@dataclass(frozen=True)
class Rows:
    """The rows of a file, to be iterated once. `header` is the raw header of a CSV file, else empty.

    `warnings` are known before the first row: columns that are not used.
    """

    header: bytes
    delimiter: str
    warnings: tuple[Diagnostic, ...]
    rows: Iterator[Row] = field(repr=False)

    def __iter__(self) -> Iterator[Row]:
        return self.rows
