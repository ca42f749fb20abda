"""The open connections by their clients, to end one without an answer.

A server that follows ASGI can only answer; a sandbox has to lose answers, too, and no client may keep a server alive.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any, Protocol, TypeAlias

Client: TypeAlias = tuple[str, int]
"""Address and port of the other end, as ASGI has them; no two open connections have the same."""

# To linger for no time: the system then resets the connection instead of closing it in an orderly way.
_LINGER_NOT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Transport(Protocol):
    """What is needed of an asyncio transport."""

    def close(self) -> None:
        """Ends the connection once everything is written."""

    def abort(self) -> None:
        """Ends the connection at once."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """A fact about the connection; `socket` is its socket."""


class Connections:
    """Open connections; a server adds and removes them."""

    def __init__(self) -> None:
        self._open: dict[Client, Transport] = {}

    def __contains__(self, client: object) -> bool:
        return client in self._open

    def add(self, client: Client, transport: Transport) -> None:
        """A connection was made."""
        self._open[client] = transport

    def remove(self, client: Client) -> None:
        """A connection is gone."""
        self._open.pop(client, None)

    def drop(self, client: Client) -> None:
        """Closes a connection in an orderly way, whatever its client waits for."""
        if client in self._open:
            self._open[client].close()

    def reset(self, client: Client) -> None:
        """Resets a connection: its client sees an error (RST), not an end."""
        if client in self._open:
            transport = self._open[client]
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            transport.abort()

    def abort_all(self) -> None:
        """Ends all connections."""
        for transport in [*self._open.values()]:
            transport.abort()
