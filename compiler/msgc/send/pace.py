"""Pacing: when the next request may leave.

Requests are spaced evenly, because a burst beyond WhatsApp's rate is accepted by the API and fails later, by webhook.
All times are seconds of one steady clock, which the caller gives; nothing here waits or asks for the time.

A lane is a "generic cell rate algorithm": it knows the time at which its next request is due, and how far ahead of
that it may run.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

API_RATE = 200.0
"""Requests a second that the API takes in all, whatever the sender: Connectly's page on session messages."""
SENDER_RATE = 80.0
"""Messages a second that WhatsApp takes from one number unless it has been upgraded: Meta's page on throughput."""
PAIR_SECONDS = 6.0
"""One message in so many seconds to one recipient: Meta's page on pair rate limits."""
PAIR_BURST = 45
"""So many messages to one recipient at once, borrowed from later."""

_CREDIT = 0.02
"""A lane that was late may catch up with so many seconds' worth of requests: 2 % of a second's."""
_SLOWER = 0.7
_SLOWED_FOR = 1.0
"""After a 429 the rate is lowered once, however many of the requests in flight get the same answer within a second."""
_RECOVERY = 0.02
"""The share of the full rate that comes back in each second without a 429."""
_FORGET_EVERY = 4096


@dataclass
class _Lane:
    """Requests at an even rate (infinite: as they come)."""

    rate: float
    due: float = 0.0

    def peek(self, now: float) -> float:
        return max(self.due, now - _CREDIT)

    def take(self, at: float, rate: float) -> None:
        self.due = at + 1.0 / rate


@dataclass
class Pace:
    """The pace of a run: `rate` requests a second in all, `sender_rate` from one number; infinite for none."""

    rate: float
    sender_rate: float
    _all: _Lane = field(init=False)
    _senders: dict[str | None, _Lane] = field(default_factory=dict, init=False)
    _pairs: dict[tuple[str | None, str], float] = field(default_factory=dict, init=False)
    _lowered: float = field(default=1.0, init=False)  # the share of the rate that was left after the last 429
    _lowered_at: float = field(default=-math.inf, init=False)
    _taken: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._all = _Lane(self.rate)

    def share(self, now: float) -> float:
        """The share of the full rate that is used now; below 1 after a 429."""
        return min(1.0, self._lowered + max(0.0, now - self._lowered_at) * _RECOVERY)

    def next(self, now: float) -> float:
        """When the next request of all may leave; not later than `now` where one may leave at once."""
        return self._all.peek(now)

    def next_to(self, sender: str | None, recipient: str, now: float) -> float:
        """When the next request from a number to a recipient may leave, as far as these two decide it."""
        lane = self._senders.get(sender)
        due = lane.peek(now) if lane is not None else now
        booked = self._pairs.get((sender, recipient))
        return due if booked is None else max(due, booked - PAIR_SECONDS * (PAIR_BURST - 1))

    def next_from(self, sender: str | None, now: float, behind: int) -> float:
        """When the next request from a number may leave that has so many others from it before itself."""
        lane = self._senders.get(sender)
        return (lane.peek(now) if lane is not None else now) + behind / (self.sender_rate * self.share(now))

    def take(self, sender: str | None, recipient: str, at: float) -> None:
        """A request leaves at a time that is not before what `next` and `next_to` said."""
        share = self.share(at)
        self._all.take(at, self.rate * share)
        lane = self._senders.get(sender)
        if lane is None:
            lane = self._senders[sender] = _Lane(self.sender_rate)
        lane.take(at, self.sender_rate * share)
        self.remember([(sender, recipient, at)])
        self._taken += 1
        if self._taken % _FORGET_EVERY == 0:
            self._pairs = {pair: booked for pair, booked in self._pairs.items() if booked > at}

    def remember(self, sent: Iterable[tuple[str | None, str, float]]) -> None:
        """Requests that have left before: sender, recipient and time of each, in order."""
        for sender, recipient, at in sent:
            pair = (sender, recipient)
            self._pairs[pair] = max(self._pairs.get(pair, at), at) + PAIR_SECONDS

    def hold(self, until: float) -> None:
        """Nothing leaves before a time."""
        self._all.due = max(self._all.due, until)

    def slow_down(self, now: float) -> None:
        """The API has said that it is too much."""
        if now - self._lowered_at >= _SLOWED_FOR:
            self._lowered = max(0.01, self.share(now) * _SLOWER)
            self._lowered_at = now
