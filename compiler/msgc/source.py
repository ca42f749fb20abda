"""Text files and places in them.

A `Source` is a file's decoded text under the name that reports show; a `Span` is a half-open range of
code points in one. Lines and columns are derived when somebody asks, because most spans are never shown.
"""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from functools import cached_property

# YAML's own NEL, LS and PS are left out on purpose: editors do not count them as lines.
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Source:
    """One file: the name that reports show (`/` as separator) and its decoded text without a BOM."""

    name: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_BREAK.finditer(self.text))]

    @property
    def line_count(self) -> int:
        """How many lines the file has; an empty file has one."""
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column (both from 1, columns in code points) of an offset in code points."""
        line = bisect.bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line break."""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].rstrip("\r\n")

    def line_start(self, number: int) -> int:
        """The offset at which a line (from 1) begins."""
        return self._starts[number - 1]

    def span(self, start: int, end: int | None = None) -> Span:
        """A span of this file; without `end` it is empty."""
        return Span(self, start, start if end is None else end)


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of offsets (code points) in a source."""

    source: Source
    start: int
    end: int

    @property
    def file(self) -> str:
        """The name of the file, as reports show it."""
        return self.source.name

    @property
    def line(self) -> int:
        """The line of the first character, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column of the first character, from 1, in code points."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """The line of the end, from 1."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """The column just behind the last character, from 1, in code points."""
        return self.source.position(self.end)[1]

    @property
    def text(self) -> str:
        """The text that the span covers."""
        return self.source.text[self.start : self.end]
