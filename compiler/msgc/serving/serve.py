"""A server on a loopback address, in a thread of its own, until somebody stops it.

It closes in a second or so, whoever still waits for an answer.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

import uvicorn

from msgc.serving.connections import Connections

if TYPE_CHECKING:
    import asyncio

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as HttpProtocol
except ImportError:  # it is compiled, and not to be had on every system
    from uvicorn.protocols.http.h11_impl import H11Protocol as HttpProtocol  # type: ignore[assignment]  # of two classes one stands in for the other

KEEP_ALIVE_SECONDS = 75
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_LOOK_SECONDS = 0.5
"""How often a wait looks up: not every system lets a signal end one."""


def listen(address: str, port: int) -> socket.socket:
    """A listener on an address of this machine; port 0 is any free one. Raises OSError where it cannot be had."""
    # With its protocol named, because asyncio sets TCP_NODELAY on no other socket, and an answer is two small writes.
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two programs have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


class Serving:
    """An application that is served in a thread, from construction to `close` or the end of a `with` block.

    `name` is what its errors call it. The listener is its own from now on; `base_url` is its address.
    """

    def __init__(self, app: object, listener: socket.socket, connections: Connections, name: str) -> None:
        address, self.port = listener.getsockname()[:2]
        self.base_url = f"http://{f'[{address}]' if ':' in address else address}:{self.port}"
        self._name = name
        self._server = _Server(_configuration(app, connections), connections)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(listener,), name=f"msgc-{name}", daemon=True)
        self._thread.start()
        if not self._server.is_up.wait(_START_SECONDS) or self._failure is not None:
            self.close()
            raise RuntimeError(f"the {name}'s server does not start") from self._failure

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    def wait(self, is_over: threading.Event, seconds: float = _LOOK_SECONDS) -> bool:
        """Waits a while; whether the event has come. Raises RuntimeError where the server is no longer there."""
        if is_over.wait(seconds):
            return True
        if not self.is_alive:
            raise RuntimeError(f"the {self._name}'s server has ended by itself")
        return False

    def close(self) -> None:
        """Stops it, and waits until it has stopped."""
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)

    def _run(self, listener: socket.socket) -> None:
        try:
            self._server.run(sockets=[listener])
        except BaseException as error:  # whoever waits for the start tells it
            self._failure = error
        finally:
            listener.close()
            self._server.is_up.set()


class _Server(uvicorn.Server):
    """A server that says when it is up, and does not wait for whoever is slow when it stops."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self._connections = connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._connections.abort_all()
        await super().shutdown(sockets)


def _configuration(app: object, connections: Connections) -> uvicorn.Config:
    class Watched(HttpProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
            super().connection_made(transport)
            # asyncio does so for its own listeners only: without it each answer's body waits 40 ms for its head.
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.client is not None:
                connections.add(self.client, transport)

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                connections.remove(self.client)
            super().connection_lost(exc)

    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI app, whose type is not here
        loop="asyncio",  # the same on every machine, whatever else is installed
        http=Watched,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what it logs could repeat a message
        access_log=False,
        workers=1,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
    )


@contextlib.contextmanager
def ended() -> Iterator[threading.Event]:
    """An event that is set once somebody asks this process to end (SIGINT, SIGTERM); nothing else happens then."""
    is_over = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        is_over.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield is_over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
