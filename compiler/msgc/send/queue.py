"""The queue of a run: which of its pending messages leaves next, and when.

Messages leave in their order, but for those whose number or recipient is not due yet, or that are tried again: they
let others pass. All times are seconds of the dispatcher's clock.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgc.send.message import Message
from msgc.send.pace import Pace

AHEAD = 0.05
"""A message is given its time so many seconds before it, at the most: what is written down at once costs as little for
ten messages as for one."""
PORTION = 500
_LOOKAHEAD = 1_000
"""So many messages at the most wait in memory for their number's or their recipient's turn."""
_LATEST = 0.01
"""Seconds before the next message's time at which the queue is asked again."""
_SAME_TIME = 1e-4


@dataclass
class Queue:
    """The messages of a run that are in memory and have not left; `pace` says how fast they may."""

    pace: Pace
    _fresh: deque[Message] = field(default_factory=deque, init=False)
    _later: list[tuple[float, int, Message, bool]] = field(default_factory=list, init=False)
    _behind: Counter[str | None] = field(default_factory=Counter, init=False)
    _order: itertools.count[int] = field(default_factory=itertools.count, init=False)

    def __len__(self) -> int:
        return len(self._fresh) + len(self._later)

    @property
    def has_room(self) -> bool:
        """Whether a further portion of messages should be read."""
        return len(self._fresh) < PORTION // 2 and len(self._later) < _LOOKAHEAD

    def extend(self, messages: Iterable[Message]) -> None:
        """Add messages behind those that are there."""
        self._fresh.extend(messages)

    def put_off(self, message: Message, until: float) -> None:
        """A message waits until a time, and lets others pass."""
        self._wait(message, until, is_behind=False)

    def take(self, now: float, count: int) -> list[tuple[Message, float]]:
        """The next messages, at most `count`, each with the time at which it is to leave."""
        taken: list[tuple[Message, float]] = []
        if self.pace.next(now) > now + _LATEST:
            return taken
        while len(taken) < count:
            at = self.pace.next(now)
            found = self._next(at, now) if at <= now + AHEAD else None
            if found is None:
                break
            at, message = found
            due = self.pace.next_to(message.sender, message.recipient, now)
            if due > max(at, now) + _SAME_TIME:
                self._let_others_pass(message, due, now)
                continue
            at = max(at, due)
            self.pace.take(message.sender, message.recipient, at)
            taken.append((message, at))
        return taken

    def asks_at(self, now: float) -> float:
        """When to take from the queue again, which is not empty."""
        due = self.pace.next(now) - _LATEST
        if self._later and not self._has_fresh:
            due = max(due, self._later[0][0] - AHEAD)
        return due

    @property
    def _has_fresh(self) -> bool:
        return bool(self._fresh) and len(self._later) < _LOOKAHEAD

    def _next(self, at: float, now: float) -> tuple[float, Message] | None:
        """The message for a time, and that time or a slightly later one; None where none is due soon."""
        if self._later and self._later[0][0] <= at:
            return at, self._take_up()
        if self._has_fresh:
            return at, self._fresh.popleft()
        if self._later and self._later[0][0] <= now + AHEAD:
            return self._later[0][0], self._take_up()
        return None

    def _let_others_pass(self, message: Message, due: float, now: float) -> None:
        """A message waits for its number's or its recipient's turn. Behind others of its number it waits for theirs."""
        its_turn = self.pace.next_from(message.sender, now, self._behind[message.sender])
        self._wait(message, max(due, its_turn), is_behind=its_turn >= due)

    def _wait(self, message: Message, until: float, *, is_behind: bool) -> None:
        self._behind[message.sender] += is_behind
        heapq.heappush(self._later, (until, next(self._order), message, is_behind))

    def _take_up(self) -> Message:
        """The message whose turn comes first of those that wait for theirs."""
        _, _, message, is_behind = heapq.heappop(self._later)
        self._behind[message.sender] -= is_behind
        return message
