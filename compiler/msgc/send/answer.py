"""What comes back of one request: an answer, or the way in which it failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

MAX_BODY = 64 << 10
"""So many bytes of an answer are read; the API's own have some hundred."""

Phase: TypeAlias = Literal["unreached", "insecure", "lost"]
"""How far a failed request came.

`unreached`: there was no connection, so nothing of it left this machine. `insecure`: the server could not prove who
it is, so nothing left either. `lost`: it left, wholly or in part, and nobody knows what became of it.
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's status, the header `Retry-After` as it stands, and its body; None where that could not be read."""

    status: int
    body: bytes | None
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A request without an answer; `reason` is in words, and holds neither the key nor anything of the message."""

    phase: Phase
    reason: str


Reply: TypeAlias = Answer | Failure


class Transport(Protocol):
    """Whatever can post a message: the network, or a test's stand-in."""

    async def post(self, url: str, body: bytes) -> Reply:
        """Post a body of JSON. Never raises for what the network or the server does."""
        ...
