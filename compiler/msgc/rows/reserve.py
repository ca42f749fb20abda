"""A stream of which some bytes have been read ahead."""

from __future__ import annotations

from typing import BinaryIO


class Reserve:
    """Gives lines and bytes, first those that it holds, then those of the stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = b""
        self._at = 0
        self._is_spent = False

    def readline(self, limit: int, /) -> bytes:
        """The next line with its break, or as much of it as `limit` allows."""
        if self._at == len(self._held):
            return self._stream.readline(limit)
        end = self._held.find(b"\n", self._at, self._at + limit) + 1
        line = self.take((end or self._at + limit) - self._at)
        return line if end or len(line) == limit else line + self._stream.readline(limit - len(line))

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, which are not taken; fewer only where no others are left."""
        if len(self._held) - self._at < size:
            self._held, self._at = self._held[self._at :], 0
            while len(self._held) < size and not self._is_spent:
                more = self._stream.read(size - len(self._held))
                self._held += more
                self._is_spent = not more  # asked once more, a terminal would wait for its user
        return self._held[self._at : self._at + size]

    def take(self, size: int) -> bytes:
        """The next `size` bytes, as far as they are held."""
        data = self._held[self._at : self._at + size]
        self._at += len(data)
        return data
