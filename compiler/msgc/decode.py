"""Bytes become text: UTF-8 with or without a BOM, of a bounded size. Everything else is a located finding."""

from __future__ import annotations

from typing import Final

from msgc.diagnostic import Rejected
from msgc.rules import finding
from msgc.source import Source

MAX_BYTES: Final = 1 << 20
_BOM = b"\xef\xbb\xbf"
# UTF-32 first: its little-endian mark begins like that of UTF-16.
_FOREIGN_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def decode_text(data: bytes, name: str, limit: int = MAX_BYTES) -> Source:
    """The text of a file, without its BOM, under the name that reports show.

    Raises Rejected if there are more than `limit` bytes (`unreadable-file`), or if they are not UTF-8
    (`encoding`, located at the first offending byte).
    """
    if len(data) > limit:
        raise Rejected(
            finding(
                "unreadable-file",
                "The file is too large",
                file=name,
                found=f"{len(data):,} bytes",
                allowed=f"at most {limit:,} bytes",
                help="Split it into several files",
            )
        )
    for mark, encoding in _FOREIGN_MARKS:
        if data.startswith(mark):
            raise Rejected(
                finding("encoding", f"The file is {encoding}, not UTF-8", file=name, help="Save the file as UTF-8")
            )
    skipped = _skipped(data)
    try:
        return Source(name, data[skipped:].decode("utf-8"))
    except UnicodeDecodeError as error:
        source = readable(data, name)
        offset = len(error.object[: error.start].decode("utf-8"))
        raise Rejected(
            finding(
                "encoding",
                "The file is not UTF-8",
                source.span(offset, offset + 1),
                found=f"byte 0x{error.object[error.start]:02x} at position {skipped + error.start + 1}",
                help="Save the file as UTF-8; it may be Latin-1 or Windows-1252 now",
            )
        ) from None


def readable(data: bytes, name: str) -> Source:
    """The text of a file as far as it can be read, for reports: what `decode_text` gives, or locates its error in."""
    # Replacement characters keep the rest of the line readable in the report's excerpt.
    return Source(name, data[_skipped(data) :].decode("utf-8", errors="replace"))


def _skipped(data: bytes) -> int:
    return len(_BOM) if data.startswith(_BOM) else 0
