"""The lines of a data file, one at a time: bytes of a bounded length, and their text."""

from __future__ import annotations

from typing import Protocol

from msgc.diagnostic import Rejected
from msgc.rows.row import Piece
from msgc.rules import finding
from msgc.source import Span

MAX_ROW = 1024 * 1024
"""Bytes of a row at most, so that a file of one endless line cannot fill the memory."""
AHEAD = 2 * (MAX_ROW + 1)
"""Bytes in which a row ends that begins at their start: no line of it begins behind the limit, or is longer."""

_BOM = b"\xef\xbb\xbf"
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .ods and .numbers are ZIP archives; .xls is older


class LineStream(Protocol):
    """Where lines come from."""

    def readline(self, limit: int, /) -> bytes:
        """The next line with its break, or as much of it as `limit` allows."""


class Lines:
    """Reads lines; `number` is that of the last one read. A BOM is taken off the first line's text.

    `before` lines of the file stand in front of the stream.
    """

    def __init__(self, stream: LineStream, name: str, before: int = 0) -> None:
        self._stream = stream
        self.name = name
        self.number = before

    def read(self) -> tuple[bytes, str] | None:
        """The next line with its line break, as bytes and text; None at the end of the file.

        Raises `Rejected` for a line that is too long or not UTF-8.
        """
        raw = self._stream.readline(MAX_ROW + 1)
        if not raw:
            return None
        self.number += 1
        if len(raw) > MAX_ROW and not (self.number == 1 and raw.startswith(_ARCHIVES)):
            message = f"a line has more than {MAX_ROW:,} bytes"
            raise Rejected(finding("data-format", message, self.start()))
        if self.number == 1 and raw.startswith(_ARCHIVES):
            help_text = "export it as CSV; Excel calls that `CSV UTF-8 (Comma delimited)`"
            message = "the file is a spreadsheet's own format or an archive, not text"
            raise Rejected(finding("data-format", message, file=self.name, help=help_text))
        if self.number == 1 and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            help_text = "save it as UTF-8; Excel calls that `CSV UTF-8 (Comma delimited)`"
            raise Rejected(finding("encoding", "the file is UTF-16, not UTF-8", file=self.name, help=help_text))
        body = raw.removeprefix(_BOM) if self.number == 1 else raw
        try:
            return raw, body.decode("utf-8")
        except UnicodeDecodeError as error:
            offset = len(body[: error.start].decode("utf-8"))
            piece = Piece(self.name, body.decode("utf-8", errors="replace"), self.number)
            raise Rejected(
                finding(
                    "encoding",
                    "the file is not UTF-8",
                    piece.span(offset, offset + 1),
                    found=f"the byte 0x{body[error.start]:02x}",
                    help="save it as UTF-8; Excel calls that `CSV UTF-8 (Comma delimited)`",
                )
            ) from None

    def start(self) -> Span:
        """The beginning of the line read last, for findings on lines that cannot be shown."""
        return Piece(self.name, "", self.number).span(0)


def lines_behind(stream: LineStream, name: str, number: int) -> Lines:
    """The lines of a stream that begins behind line `number` of its file."""
    lines = Lines(stream, name)
    lines.number = number
    return lines
