"""Digests of content: two that are equal stand for the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterable

try:
    from _blake2 import blake2b  # hashlib has it from here, but loads OpenSSL as well, and each start counts
except ImportError:  # another Python
    from hashlib import blake2b

_SIZE = 24


def digest(data: bytes) -> str:
    """The digest of bytes."""
    return blake2b(data, digest_size=_SIZE).hexdigest()


def digest_of_words(words: Iterable[str]) -> str:
    """The digest of texts in their order; where one ends and the next begins counts."""
    total = blake2b(digest_size=_SIZE)
    for word in words:
        raw = word.encode("utf-8", "surrogatepass")
        total.update(b"%d:" % len(raw))
        total.update(raw)
    return total.hexdigest()


def digest_of_sources(folder: str) -> str:
    """The digest of every Python file in a folder and below. Raises OSError."""
    total = blake2b(digest_size=_SIZE)
    for path in sorted(_python_files(folder)):
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            size = os.fstat(handle).st_size
            total.update(b"%s:%d:" % (os.fsencode(path), size))
            while piece := os.read(handle, size + 1):
                total.update(piece)
        finally:
            os.close(handle)
    return total.hexdigest()


def _python_files(folder: str) -> Iterable[str]:
    with os.scandir(folder) as listing:
        for item in listing:
            if item.is_dir(follow_symlinks=False):
                yield from _python_files(item.path)
            elif item.name.endswith(".py"):
                yield item.path
