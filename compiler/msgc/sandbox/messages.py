"""The messages that the sandbox accepted, in order.

Kept in columns, because a test may send a million: a message costs its body and some 80 bytes.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgc.contract import KINDS, RequestKind
from msgc.emit import compact
from msgc.load_json import parse_json
from msgc.sandbox.ulid import spell
from msgc.source import Source

_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Kept:
    """An accepted message: `at` in seconds since 1970, `answered` if its client was told, `body` as compact JSON."""

    id: str
    business: str
    kind: RequestKind
    at: float
    answered: bool
    body: bytes


class Messages:
    """Accepted messages by number, from 0; numbers are never used again, even when messages are forgotten."""

    def __init__(self) -> None:
        self._first = 0
        self._clear()

    def __len__(self) -> int:
        return len(self._bodies)

    def __getitem__(self, index: int) -> Kept:
        """The message at an index among those that are kept."""
        body = self._bodies[index]
        index = range(len(self))[index]
        number = int.from_bytes(self._ids[index * _ID_BYTES : (index + 1) * _ID_BYTES])
        answered = bool(self._answered[index])
        return Kept(
            spell(number), self._businesses[index], KINDS[self._kinds[index]], self._times[index], answered, body
        )

    def keep(self, ulid: int, business: str, kind: RequestKind, at: float, body: bytes) -> int:
        """Keeps a message, unanswered as yet; its number."""
        self._ids += ulid.to_bytes(_ID_BYTES)
        self._businesses.append(sys.intern(business))
        self._kinds.append(KINDS.index(kind))
        self._times.append(at)
        self._answered.append(False)
        # Copied, because bytes from orjson hold 4 KiB however few they are; last, because others go by its length.
        self._bodies.append(bytes(memoryview(body)))
        return self._first + len(self._bodies) - 1

    def mark_answered(self, number: int) -> None:
        """The client was told that the message of that number is accepted; nothing if it is forgotten."""
        if number >= self._first:
            self._answered[number - self._first] = True

    def forget(self) -> int:
        """Forgets all messages; how many there were."""
        count = len(self)
        self._first += count
        self._clear()
        return count

    @property
    def lost(self) -> int:
        """How many messages are accepted without their client knowing, as far as it can be seen from here."""
        return self._answered.count(False)

    def sent_to(self, recipient: str) -> list[int]:
        """The indexes of the messages to a phone number or a user id."""
        spelled = compact(recipient)[1:-1]  # without quotes: a template has `bsuid:` in front
        return [
            index
            for index, body in enumerate(self._bodies)
            if spelled in body and recipient in _recipients(parse_json(Source("", body.decode())))
        ]

    def lines(self, indexes: Iterable[int]) -> Iterator[bytes]:
        """Messages as JSON objects without line breaks; those that were forgotten on the way are left out."""
        first = self._first
        for index in indexes:
            if self._first != first or index >= len(self):
                return
            kept = self[index]
            fields = {name: getattr(kept, name) for name in ("id", "business", "kind", "at", "answered")}
            # The body is JSON already.
            yield compact(fields)[:-1] + b',"body":' + kept.body + b"}"

    def _clear(self) -> None:
        self._ids = bytearray()
        self._businesses: list[str] = []
        self._kinds = bytearray()
        self._times = array("d")
        self._answered = bytearray()
        self._bodies: list[bytes] = []


def _recipients(body: dict[str, dict[str, str] | str]) -> list[object]:
    """All that a body calls its recipient."""
    recipient = body.get("recipient")
    number = body.get("number")
    found: list[object] = [recipient.get("id"), recipient.get("userId")] if isinstance(recipient, dict) else []
    return [*found, number.removeprefix("bsuid:")] if isinstance(number, str) else found
