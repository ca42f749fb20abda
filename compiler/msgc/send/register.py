"""The register of what was sent: the guard against sending the same thing twice from two runs.

A message is known by a digest of where it goes, the run's label, the recipient and the values. Before a run sends its
first message it enters all of them, at once; another run that brings one of them is refused. What has failed is taken
out again, and after seven days everything is forgotten. One file holds the digests of all runs of a project.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Self

from msgc.send.storage import StorageError, connect, explained, keep_private, transaction

KEPT_SECONDS = 7 * 24 * 3600
_APPLICATION = 0x6D736772
_VERSION = 1
_SCHEMA = (
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
    "CREATE TABLE entry (digest BLOB PRIMARY KEY, run TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID",
)
_BATCH = 500
_TRIES, _PAUSE = 100, 0.02


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that a run has entered, and when (seconds since 1970)."""

    run: str
    at: float


def digest_of(address: str, label: str, recipient: str, values: Any, occurrence: int) -> bytes:
    """What a message is known by. `occurrence` tells equal messages of one run apart that are meant to be equal."""
    text = json.dumps([address, label, recipient, values, occurrence], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()


class Register:
    """The open register of a project. To be closed, or used as a context manager. Raises StorageError throughout."""

    def __init__(self, path: Path) -> None:
        """Opens the register, and makes it where there is none."""
        self._path = path
        with explained(path):
            keep_private(path)
            self._connection = connect(path)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def find(self, digest: bytes, now: float) -> Entry | None:
        """The run that has entered a message, unless that is forgotten."""
        with explained(self._path):
            row = self._connection.execute("SELECT run, at FROM entry WHERE digest = ?", (digest,)).fetchone()
        return Entry(*row) if row is not None and row[1] > now - KEPT_SECONDS else None

    def enter(self, run: str, digests: Iterable[bytes], now: float, *, again: bool) -> Entry | None:
        """Enter the messages of a run, all or none.

        Returns None, or an entry of another run that stands in the way, and then nothing has changed. With `again`
        the other run's entries are taken over.
        """
        try:
            with transaction(self._path, self._connection):
                self._connection.execute("DELETE FROM entry WHERE at <= ?", (now - KEPT_SECONDS,))
                for some in _batches(digests):
                    other = None if again else self._other(run, some)
                    if other is not None:
                        raise _InTheWay(other)
                    self._connection.executemany(
                        "INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", [(digest, run, now) for digest in some]
                    )
        except _InTheWay as way:
            return way.entry
        return None

    def remove(self, run: str, digests: Iterable[bytes]) -> None:
        """Take out messages of a run that were not sent."""
        with transaction(self._path, self._connection):
            self._connection.executemany(
                "DELETE FROM entry WHERE digest = ? AND run = ?", ((digest, run) for digest in digests)
            )

    def _other(self, run: str, digests: tuple[bytes, ...]) -> Entry | None:
        places = ", ".join("?" * len(digests))
        query = f"SELECT run, at FROM entry WHERE run <> ? AND digest IN ({places}) LIMIT 1"  # noqa: S608 - only question marks
        row = self._connection.execute(query, (run, *digests)).fetchone()
        return Entry(*row) if row is not None else None

    def _prepare(self) -> None:
        # Of two processes that find the file empty one fills it, and the other sees it filled.
        with transaction(self._path, self._connection):
            self._check_or_fill()
        for _ in range(_TRIES):
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as error:  # for this SQLite waits for nobody
                if getattr(error, "sqlite_errorname", "") != "SQLITE_BUSY":
                    raise
                time.sleep(_PAUSE)
        self._connection.execute("PRAGMA synchronous = FULL")

    def _check_or_fill(self) -> None:
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != _APPLICATION and tables:
            raise StorageError(f"{self._path} is not msgc's register of what was sent; move it out of the way")
        if version > _VERSION:
            raise StorageError(
                f"{self._path} was written by a newer msgc; install it with `pip install --upgrade msgc`"
            )
        if application != _APPLICATION:
            for statement in _SCHEMA:
                self._connection.execute(statement)


class _InTheWay(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


def _batches(digests: Iterable[bytes]) -> Iterator[tuple[bytes, ...]]:
    """The digests in portions that fit a query."""
    rest = iter(digests)
    while some := tuple(islice(rest, _BATCH)):
        yield some
