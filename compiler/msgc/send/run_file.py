"""The run file: everything about one run of sending, in one SQLite file that is right after every crash.

It holds the frozen payloads, the state of each and every request that was made. A message is `sending` on disk before
its request leaves; what is `sending` when nobody holds the run's lock was interrupted by a crash, and is `unknown`.

The file holds personal data and is for its owner alone. It knows nothing of the key.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Self

from msgc.contract import RequestKind
from msgc.send.message import STATES, Finished, Frozen, Message, Record, Run, State
from msgc.send.storage import StorageError, connect, explained, make_private, to_disk, transaction

_APPLICATION = 0x6D736763
"""How `file` and this module know a run file: "msgc" in ASCII."""
_VERSION = 1
_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE message (
    position INTEGER PRIMARY KEY,
    row INTEGER NOT NULL,
    sender TEXT,
    recipient TEXT NOT NULL,
    digest BLOB NOT NULL,
    uses_fallback INTEGER NOT NULL DEFAULT 0,
    state INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX message_digest ON message (digest);
CREATE TABLE payload (
    position INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    fallback_kind TEXT,
    fallback BLOB
);
CREATE TABLE attempt (
    position INTEGER NOT NULL,
    number INTEGER NOT NULL,
    is_fallback INTEGER NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    outcome TEXT,
    reason TEXT,
    status INTEGER,
    message_id TEXT,
    type TEXT,
    code TEXT,
    trace_id TEXT,
    PRIMARY KEY (position, number)
) WITHOUT ROWID;
"""
_PENDING, _SENDING, _SENT, _FAILED, _UNKNOWN = range(5)
assert STATES == ("pending", "sending", "sent", "failed", "unknown")


class RunFile:
    """An open run file; `create` and `open` make one. To be closed, or used as a context manager.

    One process at a time may write. The methods may be called from any thread, one at a time.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    # ------------------------------------------------------------------------------------------ making and opening

    @classmethod
    def create(cls, path: Path) -> RunFile:
        """A new, empty run file in the place of whatever is there. Raises StorageError."""
        with explained(path):
            make_private(path)
            connection = connect(path)
            # Nothing is lost with a draft: it is written again from the data. `publish` makes it last.
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(_SCHEMA)
            return cls(path, connection)

    @classmethod
    def open(cls, path: Path, *, for_writing: bool) -> RunFile:
        """A run file that was published. Raises StorageError for one that is missing, damaged or newer."""
        if not path.is_file():
            raise StorageError(f"there is no run at {path}; `msgc runs` lists those there are")
        with explained(path):
            connection = connect(path, read_only=not for_writing)
            try:
                _check_is_run(path, connection)
                if for_writing:
                    _check_is_whole(path, connection)
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.execute("PRAGMA synchronous = FULL")
            except BaseException:
                connection.close()
                raise
            return cls(path, connection)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------ freezing

    def add(self, message: Frozen) -> int | None:
        """Freeze a message. Returns None, or the row that has the same digest, and then nothing is added.

        Raises StorageError where there is no room.
        """
        with explained(self.path):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN")
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO message (row, sender, recipient, digest) VALUES (?, ?, ?, ?)",
                (message.row, message.sender, message.recipient, message.digest),
            )
            if cursor.rowcount == 0:
                query = "SELECT row FROM message WHERE digest = ?"
                (row,) = self._connection.execute(query, (message.digest,)).fetchone()
                return int(row)
            self._connection.execute(
                "INSERT INTO payload VALUES (?, ?, ?, ?, ?)",
                (cursor.lastrowid, message.kind, message.body, message.fallback_kind, message.fallback),
            )
            return None

    def publish(self, run: Run, path: Path) -> None:
        """Make a draft last: its facts are written, and it is moved to its place, whole and on disk.

        The run file is closed by that. Raises StorageError.
        """
        with explained(path):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN")
            facts = [(name, json.dumps(value)) for name, value in asdict(run).items()]
            self._connection.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", facts)
            self._connection.execute("COMMIT")
            self._connection.close()
            to_disk(self.path)
            if path.exists():
                raise StorageError(f"{path} is there already; a run is never written over another")
            os.replace(self.path, path)
            to_disk(path.parent)

    # ------------------------------------------------------------------------------------------ sending

    def recover(self) -> int:
        """What a crash has left `sending` becomes `unknown`. Returns how many. Needs the run's lock."""
        with transaction(self.path, self._connection):
            return self._connection.execute(
                "UPDATE message SET state = ? WHERE state = ?", (_UNKNOWN, _SENDING)
            ).rowcount

    def reopen(self, states: Iterable[State]) -> int:
        """Messages in these states wait to be sent once more. Returns how many."""
        numbers = [(STATES.index(state),) for state in states]
        with transaction(self.path, self._connection):
            return sum(
                self._connection.execute(f"UPDATE message SET state = {_PENDING} WHERE state = ?", number).rowcount  # noqa: S608 - a constant of this module
                for number in numbers
            )

    def fetch(self, after: int, count: int) -> list[Message]:
        """The next pending messages behind a position, in order, at most `count`."""
        with explained(self.path):
            rows = self._connection.execute(
                f"""SELECT position, sender, recipient, kind, body, fallback_kind, fallback, uses_fallback,
                (SELECT count(*) FROM attempt WHERE attempt.position = message.position)
                FROM message JOIN payload USING (position)
                WHERE position > ? AND state = {_PENDING} ORDER BY position LIMIT ?""",  # noqa: S608 - as above
                (after, count),
            ).fetchall()
        messages = []
        for position, sender, recipient, kind, body, other_kind, other, is_fallback, attempts in rows:
            message = Message(position, sender, recipient, kind, body, other_kind, other, False, attempts)
            messages.append((message.as_fallback or message) if is_fallback else message)
        return messages

    def commit(self, leaving: Sequence[tuple[Message, float]], finished: Sequence[Finished]) -> None:
        """Write down, durably and at once, which requests are about to leave (and when) and which have ended.

        Raises StorageError where that cannot be written; then none of it is.
        """
        with transaction(self.path, self._connection):
            execute = self._connection.executemany
            if finished:
                execute(
                    """UPDATE attempt SET started = ?, ended = ?, outcome = ?, reason = ?, status = ?, message_id = ?,
                    type = ?, code = ?, trace_id = ? WHERE position = ? AND number = ?""",
                    [_ended(each) for each in finished if each.verdict is not None],
                )
                withdrawn = [
                    (each.message.position, each.message.attempts + 1) for each in finished if each.verdict is None
                ]
                if withdrawn:
                    execute("DELETE FROM attempt WHERE position = ? AND number = ?", withdrawn)
                execute(
                    "UPDATE message SET state = ?, uses_fallback = ? WHERE position = ?",
                    [
                        (
                            _NUMBERS[each.state],
                            each.falls_back or each.message.is_fallback,
                            each.message.position,
                        )
                        for each in finished
                    ],
                )
            if leaving:
                execute(
                    f"UPDATE message SET state = {_SENDING} WHERE position = ?",  # noqa: S608 - as above
                    [(message.position,) for message, _ in leaving],
                )
                execute(
                    "INSERT INTO attempt (position, number, is_fallback, started) VALUES (?, ?, ?, ?)",
                    [
                        (message.position, message.attempts + 1, message.is_fallback, started)
                        for message, started in leaving
                    ],
                )

    def left_since(self, since: float) -> list[tuple[str | None, str, float]]:
        """Sender, recipient and time of the requests that have left since a time, in order."""
        with explained(self.path):
            return self._connection.execute(
                """SELECT sender, recipient, started FROM attempt JOIN message USING (position)
                WHERE started >= ? ORDER BY started""",
                (since,),
            ).fetchall()

    # ------------------------------------------------------------------------------------------ looking

    @property
    def run(self) -> Run:
        """What the run is. Raises StorageError for facts that are missing or unknown."""
        with explained(self.path):
            facts = {
                name: json.loads(value)
                for name, value in self._connection.execute("SELECT name, value FROM fact").fetchall()
            }
        names = {each.name for each in fields(Run)}
        if set(facts) != names:
            raise StorageError(f"{self.path} is damaged: it does not say what its run is")
        return Run(**facts)

    def counts(self) -> dict[State, int]:
        """How many messages are in each state."""
        with explained(self.path):
            found = dict(self._connection.execute("SELECT state, count(*) FROM message GROUP BY state").fetchall())
        return {state: found.get(number, 0) for number, state in enumerate(STATES)}

    def outcomes(self) -> list[tuple[State, str | None, str | None, int]]:
        """How many messages that were not sent have which state, code and reason: those of their last request."""
        with explained(self.path):
            rows = self._connection.execute(
                f"""SELECT state, code, reason, count(*) FROM message LEFT JOIN attempt
                ON attempt.position = message.position AND attempt.number =
                    (SELECT max(number) FROM attempt AS other WHERE other.position = message.position)
                WHERE state IN ({_FAILED}, {_UNKNOWN}) GROUP BY state, code, reason ORDER BY count(*) DESC, code"""  # noqa: S608 - as above
            ).fetchall()
        return [(STATES[state], code, reason, count) for state, code, reason, count in rows]

    def fallbacks(self) -> int:
        """How many fallbacks were sent in the place of their messages."""
        with explained(self.path):
            query = f"SELECT count(*) FROM message WHERE uses_fallback AND state = {_SENT}"  # noqa: S608 - as above
            (count,) = self._connection.execute(query).fetchone()
        return int(count)

    def digests(self, states: Iterable[State]) -> Iterator[bytes]:
        """The digests of the messages in these states."""
        with explained(self.path):
            query = f"SELECT digest FROM message WHERE state IN ({_numbers(states)})"  # noqa: S608 - as above
            for (digest,) in self._connection.execute(query):
                yield digest

    def senders(self, states: Iterable[State] = ("pending",)) -> list[tuple[str | None, int]]:
        """The numbers that messages in these states are sent from (None: the API chooses), with how many for each."""
        with explained(self.path):
            return self._connection.execute(
                f"""SELECT sender, count(*) FROM message WHERE state IN ({_numbers(states)})
                GROUP BY sender ORDER BY count(*) DESC, sender"""  # noqa: S608 - as above
            ).fetchall()

    def kinds(self, states: Iterable[State] = ("pending",)) -> dict[RequestKind, int]:
        """How many messages in these states there are for each kind of request."""
        with explained(self.path):
            return dict(
                self._connection.execute(
                    f"""SELECT kind, count(*) FROM message JOIN payload USING (position)
                    WHERE state IN ({_numbers(states)}) GROUP BY kind ORDER BY kind"""  # noqa: S608 - as above
                ).fetchall()
            )

    def records(self) -> Iterator[Record]:
        """Every message in order, with what came of its last request."""
        with explained(self.path):
            cursor = self._connection.execute(
                """SELECT row, recipient, state, coalesce(number, 0), coalesce(is_fallback, 0), outcome, reason, status,
                message_id, type, code, trace_id, started, ended FROM message LEFT JOIN attempt
                ON attempt.position = message.position AND attempt.number =
                    (SELECT max(number) FROM attempt AS other WHERE other.position = message.position)
                ORDER BY message.position"""
            )
            for row, recipient, state, attempts, is_fallback, *rest in cursor:
                yield Record(row, recipient, STATES[state], attempts, bool(is_fallback), *rest)


_NUMBERS: dict[State, int] = dict(zip(STATES, range(5), strict=True))


def _numbers(states: Iterable[State]) -> str:
    return ", ".join(str(_NUMBERS[state]) for state in states)


def _ended(finished: Finished) -> tuple[Any, ...]:
    verdict = finished.verdict
    assert verdict is not None
    return (
        finished.started,
        finished.ended,
        verdict.outcome,
        verdict.reason,
        verdict.status,
        verdict.message_id,
        verdict.type,
        verdict.code,
        verdict.trace_id,
        finished.message.position,
        finished.message.attempts + 1,
    )


def _check_is_run(path: Path, connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise StorageError(f"{path} is not a run file of msgc")
    if version > _VERSION:
        raise StorageError(f"{path} was written by a newer msgc; install it with `pip install --upgrade msgc`")


def _check_is_whole(path: Path, connection: sqlite3.Connection) -> None:
    """Reads all of the file: before anything is sent, not after half of it."""
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StorageError(f"{path} is damaged; nothing was sent")
