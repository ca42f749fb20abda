"""Serving the sandbox: on a loopback address, in a thread of its own, until somebody stops it.

The server closes in a second or so, whoever still waits for an answer.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

import uvicorn

from msgc.sandbox.app import OnAnswer, make_app
from msgc.sandbox.connections import Connections
from msgc.sandbox.loopback import loopback_address
from msgc.sandbox.world import World

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


class Running:
    """A sandbox that runs in a thread, from construction to `close` or the end of a `with` block.

    `base_url` is its address. Raises OSError where the port cannot be had, and ValueError for a host that is no
    loopback address and for a contract that does not say where requests go. Port 0 is any free one.
    """

    def __init__(
        self, world: World, host: str = "127.0.0.1", port: int = 0, *, on_answer: OnAnswer | None = None
    ) -> None:
        self.world = world
        address = loopback_address(host)
        connections = Connections()
        app = make_app(world, connections, on_answer)
        listener = _listen(address, port)
        self.port: int = listener.getsockname()[1]
        self.base_url = f"http://{f'[{address}]' if ':' in address else address}:{self.port}"
        self._server = _Server(_configuration(app, connections), connections)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(listener,), name="msgc-sandbox", daemon=True)
        self._thread.start()
        if not self._server.is_up.wait(_START_SECONDS) or self._failure is not None:
            self.close()
            raise RuntimeError("the sandbox's server does not start") from self._failure

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    @property
    def key(self) -> str:
        """The key that it takes."""
        return self.world.settings.key

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


def serve(
    world: World,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    on_ready: Callable[[str], None],
    on_answer: OnAnswer | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM comes; `on_ready` is called with the address. Raises as `Running` does."""
    with _signals() as is_over, Running(world, host, port, on_answer=on_answer) as running:
        on_ready(running.base_url)
        while not is_over.wait(_LOOK_SECONDS):
            if not running.is_alive:
                raise RuntimeError("the sandbox's server has ended by itself")


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


def _listen(address: str, port: int) -> socket.socket:
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
def _signals() -> Iterator[threading.Event]:
    """An event that is set once somebody asks this process to end, instead of what else would happen then."""
    is_over = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        is_over.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield is_over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
