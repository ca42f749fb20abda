"""Payloads become bytes. The only room that writes JSON for the API, so that every output has the same bytes.

orjson is imported with the first payload: it takes long to import, and a check of definitions emits none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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
