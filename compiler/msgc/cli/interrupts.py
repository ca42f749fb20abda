"""Ctrl-C that cannot get lost.

A library that calls back into Python, or an object that is being thrown away, can swallow KeyboardInterrupt. So it is
remembered, and raised once more a little later if nothing has come of it.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

_AGAIN = 2
"""Seconds until a swallowed Ctrl-C is repeated: enough to remove what is half written."""
_seen = threading.Event()


def watch() -> None:
    """From now on Ctrl-C is remembered besides raising KeyboardInterrupt."""
    signal.signal(signal.SIGINT, _remember)
    complain = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        if unraisable.exc_type is not KeyboardInterrupt:
            complain(unraisable)

    sys.unraisablehook = hook


def seen() -> bool:
    """Whether the user has pressed Ctrl-C."""
    return _seen.is_set()


def heed() -> None:
    """Raises KeyboardInterrupt if the user has pressed Ctrl-C and nothing came of it."""
    if _seen.is_set():
        raise KeyboardInterrupt


@contextlib.contextmanager
def handed_to(handler: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a lost terminal call a function instead, in the running event loop, until the block ends."""
    import asyncio  # only sending has a loop, and each start counts

    loop = asyncio.get_running_loop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        numbers.append(signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        try:
            loop.add_signal_handler(number, handler)
        except NotImplementedError:  # Windows: the function is called from wherever the program is
            signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(handler))
    try:
        yield
    finally:
        for number in numbers:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, before[number])


def settle() -> None:
    """Something has come of it: no more repetitions."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)


def _remember(_number: int, _frame: object) -> None:
    _seen.set()
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _remember)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
    raise KeyboardInterrupt
