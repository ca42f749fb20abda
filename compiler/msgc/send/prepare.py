"""Preparing: verified payloads are frozen into a run file, unless something speaks against sending them.

Each is held against those of the same run and against what other runs have sent. What becomes of a refusal is for the
caller, who knows the row it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from msgc.contract import RequestKind
from msgc.send.message import Frozen
from msgc.send.register import Entry, Register, digest_of
from msgc.send.run_file import RunFile

_BSUID_PREFIX = "bsuid:"


class Ready(NamedTuple):
    """A verified message: its row, what makes it what it is (`values`), whom it goes to, and its payload as JSON.

    `sender` is None where the API chooses. `fallback` is the payload of the fallback, if one is allowed.
    """

    row: int
    values: Any
    kind: RequestKind
    sender: str | None
    recipient: str
    body: bytes
    fallback_kind: RequestKind | None = None
    fallback: bytes | None = None


@dataclass(frozen=True, slots=True)
class EqualTo:
    """The message is the same as that of another row of the run."""

    row: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The message goes to somebody who is not on the list of those who may get one."""


Objection: TypeAlias = EqualTo | Entry | LeftOut
"""Why a message was not frozen; an `Entry` is that of another run which has sent it."""


@dataclass
class Freezer:
    """Freezes the messages of one run into its draft.

    `address` is where they go (base URL and business), `register` None where nothing is remembered of what was sent.
    `only_to` are the recipients that may get a message, None for all.
    """

    draft: RunFile
    register: Register | None
    address: str
    label: str
    now: float
    only_to: frozenset[str] | None = None
    allow_duplicates: bool = False
    again: bool = False
    count: int = field(default=0, init=False)
    first: Ready | None = field(default=None, init=False)
    _occurrences: dict[bytes, int] = field(default_factory=dict, init=False)

    def freeze(self, ready: Ready) -> Objection | None:
        """Freeze a message, or say what speaks against it. Raises StorageError where there is no room."""
        recipient = ready.recipient
        if self.only_to is not None and recipient not in self.only_to:
            return LeftOut()
        first = digest_of(self.address, self.label, recipient, ready.values, 0)
        digest = first
        if first in self._occurrences:
            digest = digest_of(self.address, self.label, recipient, ready.values, self._occurrences[first])
        objection = self._add(ready, digest)
        if isinstance(objection, EqualTo) and self.allow_duplicates:
            self._occurrences[first] = self._occurrences.get(first, 0) + 1
            return self.freeze(ready)
        if objection is None and first in self._occurrences:
            self._occurrences[first] += 1
        return objection

    def _add(self, ready: Ready, digest: bytes) -> Objection | None:
        if self.register is not None and not self.again:
            entry = self.register.find(digest, self.now)
            if entry is not None:
                return entry
        frozen = Frozen(
            row=ready.row,
            sender=ready.sender,
            recipient=ready.recipient,
            digest=digest,
            kind=ready.kind,
            body=ready.body,
            fallback_kind=ready.fallback_kind,
            fallback=ready.fallback,
        )
        twin = self.draft.add(frozen)
        if twin is not None:
            return EqualTo(twin)
        self.count += 1
        self.first = self.first or ready
        return None


def recipient_of(kind: RequestKind, payload: Mapping[str, Any]) -> str | None:
    """The phone number or user id that a payload goes to; None where it says nothing of it."""
    if kind == "templated":
        number = payload.get("number")
        return number.removeprefix(_BSUID_PREFIX) if isinstance(number, str) else None
    recipient = payload.get("recipient")
    fields = recipient if isinstance(recipient, Mapping) else {}
    address = fields.get("id") or fields.get("userId")
    return address if isinstance(address, str) else None


def sender_of(kind: RequestKind, payload: Mapping[str, Any]) -> str | None:
    """The number that a payload is sent from; None where the API chooses."""
    sender = payload.get("sender")
    if kind == "session" and isinstance(sender, Mapping):
        sender = sender.get("id")
    return sender if isinstance(sender, str) else None
