"""What a run is made of: its messages, the requests that are made for them, and the states they go through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from msgc.contract import RequestKind
from msgc.send.classify import Verdict

State: TypeAlias = Literal["pending", "sending", "sent", "failed", "unknown"]
"""Where a message stands. `sent`, `failed` and `unknown` stay as they are unless the user says otherwise."""
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is: facts that do not change while it is sent. Times are seconds since 1970.

    `definition` is None for ready-made payloads; `data` is the name of the file of rows or payloads, None for a single
    message. `is_sandbox` says that its address was that of a sandbox started for the occasion. `rate` and `in_flight`
    are those that were asked for, None for the usual ones.
    """

    id: str
    created: float
    version: str
    label: str
    definition: str | None
    data: str | None
    base_url: str
    business_id: str
    is_sandbox: bool
    allow_fallback: bool
    rate: str | None = None
    in_flight: int | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """A message as it will be sent: its bytes, and those of its fallback where that is allowed.

    `row` is its number in the data file. `digest` stands for label, recipient and values, and is told apart from every
    other of the run.
    """

    row: int
    sender: str | None
    recipient: str
    digest: bytes
    kind: RequestKind
    body: bytes
    fallback_kind: RequestKind | None = None
    fallback: bytes | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message that waits to be sent; `attempts` are the requests that were made for it."""

    position: int
    sender: str | None
    recipient: str
    kind: RequestKind
    body: bytes
    fallback_kind: RequestKind | None
    fallback: bytes | None
    is_fallback: bool
    attempts: int

    @property
    def as_fallback(self) -> Message | None:
        """The same message with its fallback in its place; None where there is none, or it is one already."""
        if self.is_fallback or self.fallback is None or self.fallback_kind is None:
            return None
        return replace(self, kind=self.fallback_kind, body=self.fallback, is_fallback=True)


@dataclass(frozen=True, slots=True)
class Finished:
    """A request that has ended, and the state in which it leaves its message. Times are seconds since 1970.

    Without a verdict it never left: its message is as it was before.
    """

    message: Message
    started: float
    ended: float
    verdict: Verdict | None
    state: State
    falls_back: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """How a message stands, for people: its state, and what came of its last request."""

    row: int
    recipient: str
    state: State
    attempts: int
    is_fallback: bool
    outcome: str | None
    reason: str | None
    status: int | None
    message_id: str | None
    type: str | None
    code: str | None
    trace_id: str | None
    started: float | None
    ended: float | None
