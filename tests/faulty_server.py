"""A server on 127.0.0.1 that does with every request exactly what a test has written down, and notes what it received.

It speaks in bytes, so that it can answer what no library would. A request counts as received once all of it is here.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_REASON = "X"


@dataclass(frozen=True)
class Step:
    """What happens to a request, or to a connection of which the request is not read.

    `reads` is what comes in before: the request, a first piece of whatever comes, or nothing at all. Then the pieces go
    out, each after a pause; with `repeats` the last one again and again until the client is gone. `stall` says no more
    and waits for the client to go; `hold` waits, before the pieces, until the test calls `release`.
    """

    pieces: tuple[bytes, ...] = ()
    ending: Literal["keep", "close", "reset", "stall"] = "keep"
    reads: Literal["request", "something", "nothing"] = "request"
    pause: float = 0.0
    repeats: bool = False
    holds: bool = False


@dataclass(frozen=True)
class Received:
    """A request that came whole; `at` is a time of the steady clock, `connection` the number of its connection."""

    connection: int
    path: str
    head: bytes
    body: bytes
    at: float


Answering: TypeAlias = Step | Callable[[Received], Step]


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate for 127.0.0.1, localhost and api.example.invalid, with its key."""

    certificate: Path
    key: Path


def raw(*pieces: bytes, **how: Any) -> Step:
    return Step(pieces, **how)


def reply(status: int, body: bytes = b"", *headers: str, **how: Any) -> Step:
    """A whole and correct answer."""
    lines = [f"HTTP/1.1 {status} {_REASON}", *headers, f"Content-Length: {len(body)}", "", ""]
    return Step(("\r\n".join(lines).encode() + body,), **how)


ACCEPTED = reply(201, f'{{"id":"{ULID}"}}'.encode())


def make_certificate(folder: Path) -> Certificate:
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:api.example.invalid"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=msgc-test", "-addext", names]
    command += ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return made


class FaultyServer:
    """Carries out its steps in the order in which requests come, and answers all others as `then` says."""

    def __init__(
        self, *steps: Answering, then: Answering = ACCEPTED, certificate: Certificate | None = None, port: int = 0
    ) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.closed = threading.Event()
        """Set once a connection was closed, or an answer had a second piece and that has left."""
        self._steps = list(steps)
        self._then = then
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate.certificate, certificate.key)
        self._arrived = threading.Condition()
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self.base_url = f"http{'s' if certificate else ''}://127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._gate = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="faulty-server", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """From now on connections are accepted; before, they are refused."""
        self._listener.listen(128)
        self._thread.start()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(30)
        assert not self._thread.is_alive()

    @property
    def bodies(self) -> list[bytes]:
        return [each.body for each in self.received]

    def wait_for(self, count: int, seconds: float = 30.0) -> None:
        """Until so many requests have come."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, seconds), len(self.received)

    def release(self) -> None:
        """Answer what is held."""
        self._loop.call_soon_threadsafe(self._gate.set)

    # ------------------------------------------------------------------------------------------ in the thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            accepting = self._loop.create_task(self._accept())
            self._tasks.add(accepting)
            self._loop.run_forever()
            self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
            self._loop.run_until_complete(asyncio.sleep(0.01))  # transports are closed a moment later
        finally:
            self._listener.close()
            self._loop.close()

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._loop.stop()

    async def _accept(self) -> None:
        while True:
            connection, _ = await self._loop.sock_accept(self._listener)
            self.connections += 1
            self._start(self._serve(connection, self.connections))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            step = self._steps[0] if self._steps else None
            if isinstance(step, Step) and step.reads != "request":
                self._steps.pop(0)
                with connection:
                    await self._cut(connection, step)
                self.closed.set()
                return
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            transport, _ = await self._loop.connect_accepted_socket(lambda: protocol, connection, ssl=self._context)
            writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
            try:
                while received := await _read(reader, number):
                    with self._arrived:
                        self.received.append(received)
                        self._arrived.notify_all()
                    if not await self._perform(self._next(received), reader, writer):
                        return
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
                self.closed.set()

    async def _cut(self, connection: socket.socket, step: Step) -> None:
        """A connection whose request is not read; what comes in on it is thrown away."""
        if step.reads == "something":
            await self._loop.sock_recv(connection, 65536)
        for piece in step.pieces:
            await self._loop.sock_sendall(connection, piece)
        if step.ending == "stall":
            while await self._loop.sock_recv(connection, 65536):
                pass
        if step.ending == "reset":
            _reset_at_close(connection)

    def _next(self, received: Received) -> Step:
        step = self._steps.pop(0) if self._steps else self._then
        return step if isinstance(step, Step) else step(received)

    async def _perform(self, step: Step, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays."""
        if step.holds:
            await self._gate.wait()
        for index, piece in enumerate(step.pieces):
            if index:
                await asyncio.sleep(step.pause)
            writer.write(piece)
            await writer.drain()
        while step.repeats:
            await asyncio.sleep(step.pause)
            writer.write(step.pieces[-1])
            await writer.drain()
        if step.ending == "stall":
            await reader.read()
        if step.ending == "reset":
            _reset_at_close(writer.get_extra_info("socket"))
        if len(step.pieces) > 1:
            self.closed.set()
        return step.ending == "keep"


async def _read(reader: asyncio.StreamReader, connection: int) -> Received | None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return Received(connection, head.split(b" ", 2)[1].decode(), head, body, time.monotonic())


def _reset_at_close(connection: Any) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
