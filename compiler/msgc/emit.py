"""Payloads become bytes. The only room that writes JSON for the API, so that every output has the same bytes.

It also knows its own writing when it sees it again, which is the fastest way to read a payload.

orjson is imported with the first payload: it takes long to import, and a check of definitions emits none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

_SPACE: Final = b" \t\r\n"
MOST_BRACKETS: Final = 64
"""So many openings of lists and objects at most; JSON's strict reader takes so many levels."""
MOST_BYTES: Final = 200_000
"""No value has more parts than it has bytes."""


def compact(value: Any) -> bytes:
    """One line of UTF-8 JSON without spaces, keys in their own order: what is sent, and a line of JSON Lines."""
    import orjson

    return orjson.dumps(value)


def pretty(value: Any) -> bytes:
    """UTF-8 JSON indented by two spaces, with a final newline: what is written to files for people."""
    import orjson

    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def spelling(value: float) -> str:
    """A number as the emitted JSON spells it."""
    import orjson

    return orjson.dumps(value).decode()


def encoder() -> Callable[[Any], bytes]:
    """What `compact` calls, for who calls it so often that one more call counts."""
    import orjson

    return orjson.dumps


def parsed(data: bytes) -> Any:
    """The value of JSON that this module has written."""
    import orjson

    return orjson.loads(data)


@cache
def rereader() -> Callable[[bytes], dict[str, Any] | list[Any] | None]:
    """What reads the list or object in bytes that this room would write just so; None for everything else.

    Space between the tokens makes no difference. What it gives is what the strict reader of JSON gives for these
    bytes, and `check_value` finds nothing in it. Both rest on one comparison: written again and without spaces, the
    value has the bytes that it was read from. Taking spaces away leaves the tokens as they are but for spaces in
    strings; so there are as many members as before, none was lost to another one of its name, and each number is spelt
    as its value is, none of them rounded. Half a surrogate pair and bytes that are not UTF-8 are refused by orjson.
    """
    from orjson import JSONDecodeError, dumps, loads

    def reread(data: bytes) -> dict[str, Any] | list[Any] | None:
        if len(data) > MOST_BYTES or data.count(b"{") + data.count(b"[") > MOST_BRACKETS:
            return None
        if b"\\" in data and b"\\u0000" in data:
            return None
        try:
            value = loads(data)
        except JSONDecodeError:
            return None
        again = dumps(value)
        if again != data and again.translate(None, _SPACE) != data.translate(None, _SPACE):
            return None
        return value if isinstance(value, dict | list) else None

    return reread


def reread_list(data: bytes) -> list[Any] | None:
    """A list of any length, each item of which `rereader` would give; None for everything else."""
    import orjson

    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, list):
        return None
    try:
        items = [orjson.dumps(item) for item in value]
    except orjson.JSONEncodeError:  # it reads deeper nesting than it writes
        return None
    for item in items:
        if len(item) > MOST_BYTES or item.count(b"{") + item.count(b"[") >= MOST_BRACKETS or b"\\u0000" in item:
            return None
    again = b"[" + b",".join(items) + b"]"
    return value if again.translate(None, _SPACE) == data.translate(None, _SPACE) else None
