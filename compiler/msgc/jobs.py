"""Work spread over processes, with results in the order of what was given.

Workers are forked, so that they begin with all that is loaded and compiled already; where a system cannot fork, where
other threads run, or where there is too little to do, the work is done in this process.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from mmap import mmap
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")

_AHEAD = 2
"""Pieces that wait or run for each worker: the one that it works on and the next one."""

_ROOM = 8 * 1024 * 1024
"""Bytes of memory that processes share, for what is large in a result; what is larger goes through a pipe."""

_work: Callable[[Any], Any] | None = None
_rooms: list[mmap] = []
"""What a worker does, and the memory that it shares; set in the parent before it forks."""


@dataclass(frozen=True, slots=True)
class _Packed:
    """A pickled value, and how long each of its buffers is, which stand in a room one behind the other."""

    data: bytes
    sizes: tuple[int, ...]


class LostWorker(RuntimeError):  # noqa: N818 - what happened, not a mistake of the program
    """A worker ended before it gave its result, as when the system takes its memory."""


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(work: Callable[[Piece], Result], pieces: Iterable[Piece], jobs: int) -> Generator[Result]:
    """The result of `work` for each piece, in the order of the pieces, made by up to `jobs` processes.

    Pieces are taken no faster than they are worked on, so that memory does not grow with their number. `work` need
    not be picklable; pieces and results must be. A `PickleBuffer` in a result that another process made arrives as a
    view of shared memory, which is good until the next result is taken. What `work` raises is raised here. Raises
    `LostWorker`.
    """
    waiting = iter(pieces)
    first = list(islice(waiting, 2))
    everything = chain(first, waiting)
    # A fork has only one of the threads, and whatever another one had locked stays locked in it.
    if jobs <= 1 or len(first) < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
        yield from map(work, everything)
        return
    yield from _spread(work, everything, jobs)


def _spread(work: Callable[[Piece], Result], pieces: Iterator[Piece], jobs: int) -> Generator[Result]:
    # Only who spreads work needs them, and each start counts.
    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    others = set(multiprocessing.active_children())
    global _work, _rooms  # inherited by the fork; as an argument `work` would have to be picklable
    _work = work
    _rooms = [mmap(-1, _ROOM) for _ in range(_AHEAD * jobs + 1)]  # what is never used takes no memory
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _begin)
    running: deque[tuple[Future[_Packed], mmap]] = deque()

    def next_result() -> Result:
        future, room = running.popleft()
        result: Result = _unpacked(future.result(), room)
        return result

    try:
        for number, piece in enumerate(pieces):
            room = number % len(_rooms)  # whoever had it is done with it
            with _deaf():  # the first one forks
                running.append((pool.submit(_run, piece, room), _rooms[room]))
            if len(running) > _AHEAD * jobs:
                yield next_result()
        while running:
            yield next_result()
    except BrokenProcessPool as broken:
        raise LostWorker("a process that did a part of the work ended early; try again with `--jobs 1`") from broken
    except BaseException:
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()  # nobody wants its result any more, and it may be long in coming
        raise
    finally:
        _work, _rooms = None, []
        pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """No Ctrl-C meanwhile; who is forked meanwhile hears none ever.

    It reaches every process of a terminal, and the parent decides what comes of it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that was killed gives no more work, and nobody else would end its workers."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)


def _run(piece: Any, room: int) -> _Packed:
    assert _work is not None
    return _packed(_work(piece), _rooms[room])


def _packed(value: object, room: mmap) -> _Packed:
    sizes: list[int] = []

    def stays(buffer: pickle.PickleBuffer) -> bool:
        """Whether a buffer stays in the pickle, because there is no space for it in the room."""
        with buffer.raw() as raw:
            start, size = sum(sizes), raw.nbytes
            if start + size > _ROOM:
                return True
            room[start : start + size] = raw
        sizes.append(size)
        return False

    return _Packed(pickle.dumps(value, protocol=5, buffer_callback=stays), tuple(sizes))


def _unpacked(packed: _Packed, room: mmap) -> Any:
    view = memoryview(room).toreadonly()
    places = zip(packed.sizes, accumulate(packed.sizes), strict=True)
    buffers = [view[end - size : end] for size, end in places]
    return pickle.loads(packed.data, buffers=buffers)  # noqa: S301 - it comes from this program
