"""A guard around the check of one definition: time and memory that no honest message needs.

Templates and structure words are counted, which gives the same verdict on every machine; this guard is for what
nobody thought of counting. It exists only where the system has it (POSIX, main thread).
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

MAX_SECONDS = 60
MAX_BYTES = 4 << 30


class TooSlow(BaseException):
    """The guarded work took longer than it may. No `Exception`, so that nothing on the way takes it for its own."""


@contextlib.contextmanager
def guard(seconds: float = MAX_SECONDS) -> Iterator[None]:
    """Raises `TooSlow` inside the block once `seconds` are over, where the system can."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    is_over = False

    def interrupt(_number: int, _frame: object) -> None:
        nonlocal is_over
        is_over = True
        raise TooSlow

    before = signal.signal(signal.SIGALRM, interrupt)
    # Once more every second: a library that calls back into Python can swallow what is raised there.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    except Exception as error:
        if is_over:
            raise TooSlow from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if is_over:
        raise TooSlow


def limit_memory(size: int = MAX_BYTES) -> None:
    """Lets allocations beyond `size` bytes of address space fail with MemoryError, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = size if hard == resource.RLIM_INFINITY else min(size, hard)
    with contextlib.suppress(ValueError, OSError):  # not every system lets a process limit itself
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
