"""Serving the sandbox: on a loopback address, in a thread of its own, until somebody stops it.

The server closes in a second or so, whoever still waits for an answer.
"""

from __future__ import annotations

from collections.abc import Callable

from msgc.sandbox.app import OnAnswer, make_app
from msgc.sandbox.loopback import loopback_address
from msgc.sandbox.world import World
from msgc.serving.connections import Connections
from msgc.serving.serve import Serving, ended, listen


class Running(Serving):
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
        super().__init__(app, listen(address, port), connections, "sandbox")

    @property
    def key(self) -> str:
        """The key that it takes."""
        return self.world.settings.key


def serve(
    world: World,
    host: str = "127.0.0.1",
    port: int = 8080,
    *,
    on_ready: Callable[[str], None],
    on_answer: OnAnswer | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM comes; `on_ready` is called with the address. Raises as `Running` does."""
    with ended() as is_over, Running(world, host, port, on_answer=on_answer) as running:
        on_ready(running.base_url)
        while not running.wait(is_over):
            pass
