"""Dispatching: which message leaves when, and what is written down before and after.

One loop chooses messages that are due, commits "these are about to leave" together with "these have ended", and lets
the chosen ones go. Whoever has ended gives its place in flight to one that leaves in the same commit, so a crash never
leaves more messages in doubt than there are places.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, ParamSpec, TypeAlias, TypeVar

from msgc.error_table import ErrorTable
from msgc.send.answer import Transport
from msgc.send.classify import Verdict, classify
from msgc.send.endpoint import Endpoint
from msgc.send.message import Finished, Message, State
from msgc.send.pace import PAIR_BURST, PAIR_SECONDS, Pace
from msgc.send.queue import PORTION, Queue
from msgc.send.run_file import RunFile
from msgc.send.storage import StorageError

Asked = ParamSpec("Asked")
Answered = TypeVar("Answered")
Reason: TypeAlias = Literal["done", "interrupted", "account", "failures", "unreachable", "throttled", "storage"]
"""Why a dispatch has ended: everything was tried, the user stopped it, no message would be accepted, too many in a row
were not, there was no connection for long, the API asks to wait for long, or the run file cannot be written."""

MAX_ATTEMPTS = 10
"""After so many requests for one message that the API has all put off, the run stops, and its messages wait."""
PATIENCE = 60.0
"""Seconds without any connection after which a run is stopped; its messages wait."""
LONGEST_WAIT = 900.0
"""Seconds; an API that asks to wait longer stops the run."""

_LINGER, _LINGER_STARVED = 0.02, 0.001
"""Seconds for which an answer waits for others to be written down with; less where places in flight are short."""
_BACKOFF_LEAST, _BACKOFF_MOST = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is sent: the places in flight, and how many messages in a row may not be sent before it pauses.

    With 0 it never does.
    """

    in_flight: int
    pause_after: int


@dataclass(frozen=True, slots=True)
class End:
    """Why a dispatch has ended, in words where there are any. `unrecorded` answers could not be written down."""

    reason: Reason
    detail: str = ""
    unrecorded: int = 0


@dataclass
class Tally:
    """What has happened so far, for whoever shows progress."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    throttled: int = 0
    fallbacks: int = 0


@dataclass
class Dispatcher:
    """Sends the pending messages of a run file. `run` may be called once; `stop` and `abandon` from the same loop."""

    run_file: RunFile
    transport: Transport
    endpoint: Endpoint
    table: ErrorTable
    pace: Pace
    settings: Settings
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    tally: Tally = field(default_factory=Tally, init=False)
    _end: End | None = field(default=None, init=False)
    _queue: Queue = field(init=False)
    _position: int = field(default=0, init=False)
    _is_exhausted: bool = field(default=False, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _recorded: set[int] = field(default_factory=set, init=False)
    _finished: list[Finished] = field(default_factory=list, init=False)
    _taken: int = field(default=0, init=False)
    _refused: Counter[int] = field(default_factory=Counter, init=False)
    _in_a_row: int = field(default=0, init=False)
    _unreached_since: float | None = field(default=None, init=False)
    _unreached_for: str = field(default="", init=False)
    _nudge_at: float | None = field(default=None, init=False)
    _failed_commits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._queue = Queue(self.pace)

    # ------------------------------------------------------------------------------------------ from outside

    async def run(self) -> End:
        """Send everything that is pending, until that is done or something ends it. Never raises for either."""
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        window = PAIR_SECONDS * PAIR_BURST
        offset = self.clock() - self.wall()
        with ThreadPoolExecutor(1, "journal") as self._journal:
            try:
                left = await self._on_disk(self.run_file.left_since, self.wall() - window)
                self.pace.remember((sender, recipient, at + offset) for sender, recipient, at in left)
                await self._conduct()
            except StorageError as error:
                self._finish(End("storage", str(error)))
        end = self._end or End("done")
        return replace(end, unrecorded=len(self._finished)) if self._finished else end

    def stop(self) -> None:
        """Let nothing more leave; what is in flight may end."""
        self._finish(End("interrupted"))

    def abandon(self) -> None:
        """Wait for nothing any more: what is in flight is unknown."""
        self.stop()
        for task in self._tasks:
            task.cancel()

    @property
    def is_ending(self) -> bool:
        """Whether nothing more leaves."""
        return self._end is not None

    @property
    def trouble(self) -> str | None:
        """What keeps messages from leaving at the moment, in words."""
        if self._unreached_since is None:
            return None
        seconds = self.clock() - self._unreached_since
        return f"{self._unreached_for}, for {seconds:.0f} of {PATIENCE:.0f} seconds"

    @property
    def in_flight(self) -> int:
        """How many messages have been let go, and their end is not yet written down."""
        return self._taken

    # ------------------------------------------------------------------------------------------ the loop

    async def _conduct(self) -> None:
        while True:
            await self._refill()
            finished, self._finished = self._finished, []
            self._taken -= len(finished)
            leaving = self._choose()
            self._taken += len(leaving)
            if leaving or finished:
                await self._commit(leaving, finished)
            elif self._taken == 0 and (self._end is not None or not self._queue):
                return
            else:
                await self._wait()

    async def _refill(self) -> None:
        if self._is_exhausted or self._end or not self._queue.has_room:
            return
        try:
            messages = await self._on_disk(self.run_file.fetch, self._position, PORTION)
        except StorageError as error:
            self._finish(End("storage", str(error)))  # what is in flight may still be written down
            return
        self._is_exhausted = len(messages) < PORTION
        if messages:
            self._position = messages[-1].position
            self._queue.extend(messages)

    def _choose(self) -> list[tuple[Message, float]]:
        """The messages that leave next, each with its time."""
        if self._end is not None:
            return []
        return self._queue.take(self.clock(), self.settings.in_flight - self._taken)

    async def _commit(self, leaving: Sequence[tuple[Message, float]], finished: Sequence[Finished]) -> None:
        """Write down what leaves and what has ended, and only then let it go."""
        offset = self.wall() - self.clock()
        timed = [(message, at + offset) for message, at in leaving]
        try:
            await self._on_disk(self.run_file.commit, timed, finished)
        except StorageError as error:
            self._taken += len(finished) - len(leaving)
            self._finished[:0] = finished
            self._finish(End("storage", str(error)))
            self._failed_commits += 1
            if self._failed_commits > 3 and not self._tasks:
                self._taken = 0
                raise
            await asyncio.sleep(0.2)  # what has ended may still be written down: a disk can be full for a moment
            return
        for each in finished:
            if each.state == "pending" and each.verdict is not None:
                self._try_again(each, each.verdict)
        for message, at in leaving:
            task = self._loop.create_task(self._post(message, at))
            self._tasks.add(task)
            task.add_done_callback(partial(self._left, message))

    async def _wait(self) -> None:
        """Until a message is due, an answer is there, or the user stops it."""
        timer = None
        if self._end is None and self._taken < self.settings.in_flight and self._queue:
            now = self.clock()
            timer = self._loop.call_later(max(self._queue.asks_at(now) - now, 0.001), self._wake.set)
        await self._wake.wait()
        self._wake.clear()
        if timer is not None:
            timer.cancel()

    # ------------------------------------------------------------------------------------------ one message

    async def _post(self, message: Message, at: float) -> None:
        delay = at - self.clock()
        if delay > 0:
            await asyncio.sleep(delay)
        if self._end is not None:
            return
        started = self.wall()
        try:
            reply = await self.transport.post(self.endpoint.url(message.kind), message.body)
            verdict = classify(reply, self.table, self.wall())
        except asyncio.CancelledError:
            verdict = Verdict("unknown", "interrupted before its answer came")
        except Exception as error:
            # Whatever it is, the message may have left, and the others must not hang on it.
            verdict = _of_mistake(error)
        finished = Finished(message, started, self.wall(), verdict, "unknown")
        self._ended(self._judge(finished, verdict))

    def _left(self, message: Message, task: asyncio.Task[None]) -> None:
        """A message's task is over; without an end it was called off before its request left."""
        self._tasks.discard(task)
        now = self.wall()
        error = None if task.cancelled() else task.exception()
        if message.position in self._recorded:
            self._recorded.discard(message.position)
        elif error is None:
            self._ended(Finished(message, now, now, None, "pending"))
        else:
            verdict = _of_mistake(error)
            self.tally.unknown += 1
            self._finish(End("failures", verdict.reason))  # the next would fare no better
            self._ended(Finished(message, now, now, verdict, "unknown"))

    def _judge(self, finished: Finished, verdict: Verdict) -> Finished:
        """The state that a verdict leaves a message in, and what follows for the run."""
        message = finished.message
        state: State = "pending"
        falls_back = False
        if verdict.outcome != "unreached":
            self._unreached_since = None
        match verdict.outcome:
            case "sent":
                state = "sent"
                self.tally.sent += 1
                self.tally.fallbacks += message.is_fallback
            case "failed" | "unknown":
                state = verdict.outcome
            case "window":
                falls_back = message.as_fallback is not None
                state = "pending" if falls_back else "failed"
            case "throttled":
                self.tally.throttled += 1
                state = self._throttled(message, verdict)
            case "unreached":
                self._unreached(verdict)
            case "stopped":
                known = self.table.find(verdict.code, verdict.type)
                advice = f"; {known.help[:1].lower()}{known.help[1:].rstrip('.')}" if known is not None else ""
                self._finish(End("account", f"{verdict.reason}{advice}"))
        self.tally.failed += state == "failed"
        self.tally.unknown += state == "unknown"
        self._in_a_row = 0 if state == "sent" else self._in_a_row + (state in ("failed", "unknown"))
        if self.settings.pause_after and self._in_a_row >= self.settings.pause_after:
            self._finish(End("failures", verdict.reason))
        return replace(finished, state=state, falls_back=falls_back)

    def _throttled(self, message: Message, verdict: Verdict) -> State:
        now = self.clock()
        self.pace.slow_down(now)
        if verdict.retry_after is not None:
            if verdict.retry_after > LONGEST_WAIT:
                self._finish(End("throttled", f"the API asks to wait {verdict.retry_after:,.0f} seconds"))
            self.pace.hold(now + min(verdict.retry_after, LONGEST_WAIT))
        # Those of this run alone: neither an outage before it nor an earlier run that gave up speaks against a message.
        self._refused[message.position] += 1
        if self._refused[message.position] >= MAX_ATTEMPTS:
            # Nothing is wrong with the message: it waits, and so does everything else.
            self._finish(End("throttled", f"{verdict.reason}, and that {MAX_ATTEMPTS} times for one message"))
        return "pending"

    def _unreached(self, verdict: Verdict) -> None:
        now = self.clock()
        self._unreached_for = verdict.reason
        if self._unreached_since is None:
            self._unreached_since = now
        self.pace.hold(now + min(max(_BACKOFF_LEAST, (now - self._unreached_since) / 2), _BACKOFF_MOST))
        if now - self._unreached_since >= PATIENCE:
            self._finish(End("unreachable", verdict.reason))

    def _try_again(self, finished: Finished, verdict: Verdict) -> None:
        """A message that was not accepted waits for its next request."""
        message = replace(finished.message, attempts=finished.message.attempts + 1)
        now = self.clock()
        if finished.falls_back:
            self._queue.put_off(message.as_fallback or message, now)
            return
        wait = min(_BACKOFF_LEAST * 2.0 ** (message.attempts - 1), _BACKOFF_MOST)
        self._queue.put_off(message, now + max(wait, min(verdict.retry_after or 0.0, LONGEST_WAIT)))

    # ------------------------------------------------------------------------------------------ small parts

    def _ended(self, finished: Finished) -> None:
        """An answer is there. It is written down with those that come a moment later."""
        self._finished.append(finished)
        if finished.verdict is not None:
            self._recorded.add(finished.message.position)
        is_short = self._taken >= self.settings.in_flight and bool(self._queue)
        if len(self._finished) >= max(1, self.settings.in_flight // 2):
            self._wake.set()
            return
        at = self._loop.time() + (_LINGER_STARVED if is_short else _LINGER)
        if self._nudge_at is None or at < self._nudge_at:
            self._nudge_at = at
            self._loop.call_at(at, self._nudge)

    def _nudge(self) -> None:
        self._nudge_at = None
        self._wake.set()

    def _finish(self, end: End) -> None:
        if self._end is None:
            self._end = end
        self._wake.set()

    async def _on_disk(self, work: Callable[Asked, Answered], *asked: Asked.args, **named: Asked.kwargs) -> Answered:
        return await self._loop.run_in_executor(self._journal, partial(work, *asked, **named))


def _of_mistake(error: BaseException) -> Verdict:
    return Verdict("unknown", f"a mistake in msgc itself ({type(error).__name__})")
