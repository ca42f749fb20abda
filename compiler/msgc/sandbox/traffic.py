"""What came in: how many requests, how close together, and what they were answered.

Times are seconds on a clock that never goes back.
"""

from __future__ import annotations

from collections import Counter, deque

SECOND = 1.0


class Traffic:
    """Counts requests and lets so many through a second, in every sliding second.

    `peak` is the most requests that came in one sliding second, let through or not. `answers` counts by status,
    `unanswered` those whose client got none.
    """

    def __init__(self) -> None:
        self.requests = 0
        self.peak = 0
        self.answers: Counter[int] = Counter()
        self.unanswered = 0
        self._came: deque[float] = deque()
        self._admitted: deque[float] = deque()

    def arrive(self, now: float) -> None:
        """A request came in."""
        self.requests += 1
        came = self._came
        came.append(now)
        while came[0] <= now - SECOND:
            came.popleft()
        self.peak = max(self.peak, len(came))

    def admit(self, now: float, rate: int) -> bool:
        """Whether one more request fits `rate` a second (0: any number); those that do not leave room for others."""
        if not rate:
            return True
        admitted = self._admitted
        while admitted and admitted[0] <= now - SECOND:
            admitted.popleft()
        if len(admitted) >= rate:
            return False
        admitted.append(now)
        return True
