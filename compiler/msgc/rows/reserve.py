"""A stream of which some bytes have been read ahead."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import BinaryIO


class Reserve:
    """Gives lines and bytes, first those that it holds, then those of the stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = b""
        self._at = 0
        self._taken: list[bytes] | None = None

    def readline(self, limit: int, /) -> bytes:
        """The next line with its break, or as much of it as `limit` allows."""
        held = self._held
        if self._at < len(held):
            end = held.find(b"\n", self._at, self._at + limit) + 1
            line = held[self._at : end or self._at + limit]
            self._at += len(line)
            if not end and len(line) < limit:
                line += self._stream.readline(limit - len(line))
        else:
            line = self._stream.readline(limit)
        if self._taken is not None:
            self._taken.append(line)
        return line

    @contextlib.contextmanager
    def noting(self) -> Iterator[list[bytes]]:
        """What is given as lines within the block."""
        taken: list[bytes] = []
        self._taken = taken
        yield taken
        self._taken = None

    def give_back(self, data: bytes) -> None:
        """Hold what was given already, in front of everything."""
        self._held, self._at = data + self.held, 0

    def fill(self, size: int) -> bool:
        """Hold up to `size` bytes more; whether there are any."""
        more = self._stream.read(size)
        self._held = self._held[self._at :] + more
        self._at = 0
        return bool(more)

    @property
    def held(self) -> bytes:
        """What is held and not yet given."""
        return self._held[self._at :] if self._at else self._held

    def take(self, size: int) -> bytes:
        """The first `size` of the bytes that are held."""
        data = self._held[self._at : self._at + size]
        self._at += len(data)
        return data
