"""Real dispatches of small run files: what a dispatch came to, and what the run file says of it afterwards."""

import asyncio
import contextlib
import math
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Container, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from faulty_server import FaultyServer
from msgc.contract import Contract, read_contract
from msgc.error_table import ErrorTable, read_error_table
from msgc.resources import ERRORS_FILE, PAYLOAD_FILE, data_folder
from msgc.send.answer import Reply, Transport
from msgc.send.dispatch import Dispatcher, End, Settings
from msgc.send.endpoint import Endpoint, make_endpoint
from msgc.send.message import Finished, Frozen, Message, Record, Run
from msgc.send.pace import Pace
from msgc.send.run_file import RunFile
from msgc.send.storage import StorageError
from msgc.send.transport import Http

CONTRACT: Contract = read_contract(data_folder("schemas") / PAYLOAD_FILE)
ERRORS: ErrorTable = read_error_table(data_folder("schemas") / ERRORS_FILE)
KEY = "a-key-of-no-account"
SESSION = "/v1/businesses/demo/send/messages"
TEMPLATED = "/v1/businesses/demo/send/whatsapp_templated_messages"
WHOLE = 60.0
"""Seconds after which a dispatch that has not ended fails its test."""

During: TypeAlias = Callable[[Dispatcher], Coroutine[Any, Any, None]]
Failing: TypeAlias = Mapping[str, Container[int]]


class Attempt(NamedTuple):
    """A request in the run file."""

    position: int
    number: int
    is_fallback: bool
    outcome: str | None
    status: int | None


def number(index: int) -> str:
    return f"+1604{index:07}"


def body(index: int) -> bytes:
    return f'{{"message":{index}}}'.encode()


def fallback(index: int) -> bytes:
    return f'{{"fallback":{index}}}'.encode()


def write_run(path: Path, recipients: Sequence[str], *, fallbacks: bool = False, sender: str | None = None) -> Path:
    """A published run file with a message for each recipient."""
    draft = RunFile.create(path.with_suffix(".draft"))
    for index, recipient in enumerate(recipients):
        frozen = Frozen(
            row=index + 2,
            sender=sender,
            recipient=recipient,
            digest=index.to_bytes(16, "big"),
            kind="session",
            body=body(index),
            fallback_kind="templated" if fallbacks else None,
            fallback=fallback(index) if fallbacks else None,
        )
        assert draft.add(frozen) is None
    facts = Run("test", 0.0, "0", "test", None, None, "http://127.0.0.1", "demo", False, fallbacks)
    draft.publish(facts, path)
    return path


class Journal(RunFile):
    """A run file that notes what it was told to write down, and can fail: `failing` says in which call of what."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        super().__init__(path, connection)
        self.committed: list[tuple[int, int, float]] = []
        self.failing: Failing = {}
        self._calls: Counter[str] = Counter()

    def fetch(self, after: int, count: int) -> list[Message]:
        self._count("fetch")
        return super().fetch(after, count)

    def commit(self, leaving: Sequence[tuple[Message, float]], finished: Sequence[Finished]) -> None:
        self._count("commit")
        super().commit(leaving, finished)
        self.committed += [(message.position, message.attempts + 1, at) for message, at in leaving]

    def _count(self, name: str) -> None:
        self._calls[name] += 1
        if self._calls[name] in self.failing.get(name, ()):
            raise StorageError("the disk is full")


@dataclass
class Sent:
    """What a dispatch came to."""

    end: End
    records: list[Record]
    attempts: list[Attempt]
    reasons: list[str | None]
    """That of each attempt."""
    pace: Pace
    committed: list[tuple[int, int, float]]
    """What was written down before it left: position, number, and when it was to leave, on the wall clock."""
    seconds: float

    @property
    def states(self) -> list[str]:
        return [record.state for record in self.records]

    @property
    def only(self) -> Record:
        (record,) = self.records
        return record


@dataclass
class Way:
    """How to dispatch. `during` runs beside the dispatch; `wrap` makes another transport of the real one."""

    in_flight: int = 1
    pause_after: int = 0
    rate: float = math.inf
    timeout: float = 20.0
    connect_timeout: float = 10.0
    proxy: str | None = None
    during: During | None = None
    wrap: Callable[[Transport], Transport] = field(default=lambda transport: transport)
    failing: Failing = field(default_factory=dict)


def dispatch(path: Path, server: FaultyServer | str, **how: Any) -> Sent:
    """Send what is pending in a run file to a server, or to an address; and look at the run file afterwards."""
    way = Way(**how)
    base_url = server if isinstance(server, str) else server.base_url
    endpoint = make_endpoint(CONTRACT, base_url, "demo")
    pace = Pace(way.rate, way.rate)
    with Journal.open(path, for_writing=True) as run_file:
        assert isinstance(run_file, Journal)
        run_file.failing = way.failing
        began = time.monotonic()
        end = asyncio.run(_dispatch(run_file, endpoint, pace, way))
        seconds = time.monotonic() - began
    with contextlib.closing(sqlite3.connect(path)) as connection:
        query = "SELECT position, number, is_fallback, outcome, status, reason FROM attempt ORDER BY position, number"
        rows = connection.execute(query).fetchall()
    attempts = [Attempt(*row[:2], bool(row[2]), *row[3:5]) for row in rows]
    return Sent(end, look(path), attempts, [row[5] for row in rows], pace, run_file.committed, seconds)


def look(path: Path) -> list[Record]:
    """What a run file says of its messages."""
    with RunFile.open(path, for_writing=False) as run_file:
        return list(run_file.records())


async def _dispatch(run_file: RunFile, endpoint: Endpoint, pace: Pace, way: Way) -> End:
    http = Http(key=KEY, user_agent="test", connect_timeout=way.connect_timeout, timeout=way.timeout, proxy=way.proxy)
    async with asyncio.timeout(WHOLE), http:
        settings = Settings(way.in_flight, way.pause_after)
        dispatcher = Dispatcher(run_file, way.wrap(http), endpoint, ERRORS, pace, settings)
        if way.during is None:
            end = await dispatcher.run()
        else:
            async with asyncio.TaskGroup() as group:
                running = group.create_task(dispatcher.run())
                group.create_task(way.during(dispatcher))
            end = running.result()
        assert dispatcher.in_flight == 0 or end.reason == "storage"
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, "no task outlives its dispatch"
    return end


class Gated:
    """A transport whose second and later requests wait for something."""

    def __init__(self, transport: Transport, wait: Callable[[], Awaitable[object]]) -> None:
        self._transport, self._wait = transport, wait
        self._count = 0

    async def post(self, url: str, body: bytes) -> Reply:
        self._count += 1
        if self._count > 1:
            await self._wait()
        return await self._transport.post(url, body)
