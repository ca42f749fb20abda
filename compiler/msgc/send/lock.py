"""One process a run: a lock that the system lets go of however its holder ends.

It is a transaction on an empty database beside the run, because that works alike on every system that has SQLite. The
run file itself stays free for whoever wants to look.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from msgc.send.storage import StorageError, connect, explained, keep_private

_SUFFIX = ".lock"
_PATIENCE = 0.5
"""Seconds: somebody who only asks whether a run is locked holds it for an instant."""


class RunIsTaken(StorageError):  # noqa: N818 - a state of affairs, not a failure
    """Another process is sending the run."""


def lock_path(run: Path) -> Path:
    """The file that stands for the lock of a run file."""
    return run.with_name(run.name + _SUFFIX)


@contextlib.contextmanager
def hold_lock(run: Path) -> Iterator[None]:
    """Keeps every other process from sending a run. Raises RunIsTaken, and StorageError where no lock can be made."""
    path = lock_path(run)
    with explained(path):
        keep_private(path)
        connection = connect(path, patience=_PATIENCE)
    try:
        _take(connection, run)
        yield
    finally:
        connection.close()


def is_locked(run: Path) -> bool:
    """Whether a process is sending a run."""
    path = lock_path(run)
    if not path.exists():
        return False
    try:
        with hold_lock(run):
            return False
    except RunIsTaken:
        return True
    except StorageError:  # on a full or read-only disk nobody can tell, and nobody can send
        return False


def _take(connection: sqlite3.Connection, run: Path) -> None:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY":
            raise RunIsTaken(f"{run} is being sent by another process; wait for it, or end it first") from error
        raise StorageError(f"{run} cannot be locked: {error}") from error
