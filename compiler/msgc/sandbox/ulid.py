"""ULIDs, the form of the API's message ids: 26 characters that sort by time.

A ULID is a 128-bit number, 48 bits of milliseconds and 80 bits of chance, in Crockford's base 32.
"""

from __future__ import annotations

import base64
from random import Random

_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_CHANCE_BITS = 80


class Ulids:
    """Makes numbers, each greater than the one before, even within a millisecond and when the clock goes back."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last = 0

    def next(self, seconds: float) -> int:
        """The next number, at a time in seconds since 1970."""
        fresh = int(seconds * 1000) << _CHANCE_BITS | self._random.getrandbits(_CHANCE_BITS)
        self._last = fresh if fresh >> _CHANCE_BITS > self._last >> _CHANCE_BITS else self._last + 1
        return self._last


def spell(number: int) -> str:
    """The 26 characters of a ULID."""
    # 26 characters are 130 bits: 30 more make whole bytes, and six characters that are cut off again.
    return base64.b32encode((number << 30).to_bytes(20)).translate(_CROCKFORD)[:26].decode("ascii")
