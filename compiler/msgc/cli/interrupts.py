"""Ctrl-C that cannot get lost.

A library that calls back into Python, or an object that is being thrown away, can swallow KeyboardInterrupt. So it is
remembered, and raised once more a little later if nothing has come of it.
"""

from __future__ import annotations

import signal
import sys
import threading
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
