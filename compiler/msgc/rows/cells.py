"""One row of CSV, split strictly: quotes only around whole cells, and doubled inside.

Python's csv module lets stray quotes through and knows no places. It splits rows of one line that are known to be
good, because it is fast; `split_cells` reads all others, and says where a cell stands.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from functools import cache
from typing import NoReturn

_SHOWN = 60


class Malformed(Exception):  # noqa: N818 - a problem of the file, not of the program
    """A row is not CSV: where (offsets in the row), what is wrong, and what to do."""

    def __init__(self, start: int, end: int, message: str, help_text: str) -> None:
        super().__init__(message)
        self.start, self.end, self.message, self.help = start, end, message, help_text


class OpenQuote(Exception):  # noqa: N818 - a problem of the file, not of the program
    """A quote is not closed before the text ends; `start` is its offset in the row."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self.start = start


def _no_more() -> None:
    return None


def quick_cells(text: str, delimiter: str) -> list[str] | None:
    """The cells of a row that is one line and well formed, fast; None for any other, which is not judged."""
    if '"' not in text:
        body = text.removesuffix("\r\n") if text.endswith("\r\n") else text.removesuffix("\n")
        return None if "\r" in body or "\n" in body else body.split(delimiter)
    if not _good_row(delimiter).fullmatch(text):
        return None
    try:
        return next(csv.reader((text,), delimiter=delimiter, strict=True))
    except csv.Error:  # a cell beyond the module's limit
        return None


@cache
def _good_row(delimiter: str) -> re.Pattern[str]:
    cell = rf'(?:"[^"]*(?:""[^"]*)*"|[^"{delimiter}\r\n]*)'
    return re.compile(rf"{cell}(?:{delimiter}{cell})*(?:\r?\n)?")


def split_cells(
    text: str, delimiter: str, more: Callable[[], str | None] = _no_more
) -> tuple[list[str], list[tuple[int, int]]]:
    """The cells of a row and their places, as offsets in the row.

    `text` is the row's first line, or all of them; `more` gives the next line while a quote is open, or None.
    Raises `Malformed` and `OpenQuote`.
    """
    parser = _Parser(text, delimiter, more)
    parser.run()
    return parser.cells, parser.places


class _Parser:
    def __init__(self, text: str, delimiter: str, more: Callable[[], str | None]) -> None:
        self._text = text
        self._delimiter = delimiter
        self._more = more
        self._at = 0
        self._before = 0  # the length of the lines in front of `_text`
        self.cells: list[str] = []
        self.places: list[tuple[int, int]] = []

    def run(self) -> None:
        while True:
            start = self._before + self._at
            cell = self._quoted() if self._text.startswith('"', self._at) else self._plain()
            self.cells.append(cell)
            self.places.append((start, self._before + self._at))
            if not self._text.startswith(self._delimiter, self._at):
                break
            self._at += len(self._delimiter)
        rest = self._text[self._at :]
        if rest in ("", "\n", "\r\n"):
            return
        if rest[0] == "\r":
            self._refuse(1, "a lone carriage return stands in the row", "save the file with usual line breaks")
        length = max(1, self._cell_end() - self._at)
        self._refuse(
            length,
            "text stands behind the closing quote of a cell",
            "write a quote that belongs to the text twice",
        )

    def _plain(self) -> str:
        start, self._at = self._at, self._cell_end()
        cell = self._text[start : self._at]
        if '"' in cell:
            self._at = start + cell.index('"')
            doubled = cell.replace('"', '""')
            doubled = doubled if len(doubled) <= _SHOWN else doubled[: _SHOWN - 1] + "…"
            help_text = f'put the whole cell in quotes and double those inside: "{doubled}"'
            self._refuse(1, "a quote stands inside a cell that has no quotes around it", help_text)
        return cell

    def _quoted(self) -> str:
        opened = self._before + self._at
        self._at += 1
        parts: list[str] = []
        while True:
            end = self._text.find('"', self._at)
            if end == -1:
                parts.append(self._text[self._at :])
                line = self._more()
                if line is None:
                    raise OpenQuote(opened)
                self._before += len(self._text)
                self._text, self._at = line, 0
                continue
            parts.append(self._text[self._at : end])
            self._at = end + 1
            if not self._text.startswith('"', self._at):
                return "".join(parts)
            parts.append('"')
            self._at += 1

    def _cell_end(self) -> int:
        signs = (self._delimiter, "\r", "\n")
        ends = [end for sign in signs if (end := self._text.find(sign, self._at)) != -1]
        return min(ends, default=len(self._text))

    def _refuse(self, length: int, message: str, help_text: str) -> NoReturn:
        start = self._before + self._at
        raise Malformed(start, start + length, message, help_text)
