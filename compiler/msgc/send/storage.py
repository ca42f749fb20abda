"""Files that must not lie: SQLite databases for their owner alone, and what goes wrong with them in words (sqlite3)."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

_PATIENCE = 30.0


class StorageError(Exception):
    """A run file, or the register, cannot be used; the text says which, why, and what to do."""


def make_private(path: Path) -> None:
    """An empty file that only its owner can read, in the place of whatever is there."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def keep_private(path: Path) -> None:
    """An empty file that only its owner can read, unless there is a file already.

    One that is there is neither replaced, because another process may have it open, nor opened, because to close it
    would end every lock that this process has on it (POSIX).
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def connect(path: Path, *, read_only: bool = False, patience: float = _PATIENCE) -> sqlite3.Connection:
    """A database that is there. It may be used from any thread, by one at a time. Raises sqlite3.Error.

    `patience` is how many seconds it waits for another process that is writing.
    """
    # `mode=rw` never makes a file by accident.
    mode = "ro" if read_only else "rw"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=patience,
        check_same_thread=False,
    )


@contextlib.contextmanager
def transaction(path: Path, connection: sqlite3.Connection) -> Iterator[None]:
    """All of a block's writes, or none. Raises StorageError."""
    with explained(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """What SQLite and the system say, as a StorageError about a file."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(_words(path, error)) from error
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from error


def _words(path: Path, error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith("SQLITE_FULL"):
        return f"{path} cannot be written: the disk is full"
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return f"{path} is damaged, or none of msgc's: nothing in it can be relied on; move it out of the way"
    if name.startswith("SQLITE_READONLY"):
        return f"{path} cannot be written: it is read-only"
    if name.startswith("SQLITE_BUSY"):
        return f"{path} is in use by another program"
    return f"{path} cannot be used: {error}"
