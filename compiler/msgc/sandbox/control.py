"""Looking into the sandbox and changing it while it runs: what the paths below `/sandbox` do, without the web.

What is read from a request and makes no sense is a `BadControl`; its text says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from msgc.decode import decode_text
from msgc.diagnostic import Rejected, enumerate_words, nearest
from msgc.emit import compact
from msgc.load_json import parse_json
from msgc.sandbox.answer import MAX_BODY
from msgc.sandbox.faults import read_faults
from msgc.sandbox.world import WINDOWS, World

PAGE = 100
MAX_PAGE = 10_000
"""How many messages a page has where the request does not say, and at most; `/sandbox/messages.jsonl` has all."""
_LINES_AT_ONCE = 500


class BadControl(ValueError):  # noqa: N818 - what is wrong with a request, not with the program
    """A request to look into the sandbox that it does not understand."""


def summary(world: World) -> bytes:
    """What came in and what became of it.

    `requests` are those to the two endpoints, `answers` theirs by status, `unanswered` those whose client got none;
    `accepted` messages in all, of which `kept` are still there, and of these `lost` are accepted without their client
    having been told; `peak` is the most requests in one sliding second.
    """
    traffic, messages = world.traffic, world.messages
    facts = {
        "requests": traffic.requests,
        "answers": {str(status): count for status, count in sorted(traffic.answers.items())},
        "unanswered": traffic.unanswered,
        "accepted": world.accepted,
        "kept": len(messages),
        "lost": messages.lost,
        "peak": traffic.peak,
        "rate": world.settings.rate,
    }
    return compact(facts)


def page(world: World, query: bytes) -> bytes:
    """Some of the accepted messages and the number of all; `limit`, `offset` and `recipient` choose."""
    chosen = _read_query(query, ("limit", "offset", "recipient"))
    limit, offset = _count(chosen, "limit", PAGE), _count(chosen, "offset", 0)
    if limit > MAX_PAGE:
        raise BadControl(f"`limit` is {MAX_PAGE:,} at most; `/sandbox/messages.jsonl` has all messages")
    messages = world.messages
    recipient = chosen.get("recipient")
    indexes = range(len(messages)) if recipient is None else messages.sent_to(recipient)
    found = b",".join(messages.lines(indexes[offset : offset + limit]))
    return b'{"count":%d,"messages":[%s]}' % (len(indexes), found)


def lines(world: World) -> Iterator[bytes]:
    """All accepted messages as JSON Lines, many at once; those that come while it is read are left out."""
    messages = world.messages
    count = len(messages)
    for start in range(0, count, _LINES_AT_ONCE):
        part = range(start, min(start + _LINES_AT_ONCE, count))
        yield b"".join(line + b"\n" for line in messages.lines(part))


def forget(world: World) -> bytes:
    """Forgets the accepted messages."""
    return compact({"forgotten": world.messages.forget()})


def show_faults(world: World) -> bytes:
    """The faults with their shares."""
    return compact(world.faults.facts())


def change_faults(world: World, body: bytes) -> bytes:
    """From now on these faults and no others, drawn from the seed again."""
    try:
        world.change_faults(read_faults(_read_object(body), world.errors.codes))
    except ValueError as error:
        raise BadControl(str(error)) from error
    return show_faults(world)


def show_windows(world: World) -> bytes:
    """The window of every number that has been named, and that of all others."""
    return compact({"default": world.settings.window, "windows": world.windows})


def change_windows(world: World, body: bytes) -> bytes:
    """Opens and closes windows, as in `{"+16044441111": "closed"}`; other numbers keep theirs."""
    windows = _read_object(body)
    for number, window in windows.items():
        if not world.is_number(number):
            raise BadControl("a window is that of a phone number in E.164 form, such as +16044441111")
        if window not in WINDOWS:
            raise BadControl(f"a window is {enumerate_words(list(WINDOWS))}")
    world.windows.update(windows)
    return show_windows(world)


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        value = parse_json(decode_text(body, "the body", MAX_BODY))
    except Rejected as rejected:
        raise BadControl(f"the body is no JSON of at most {MAX_BODY:,} bytes") from rejected
    if not isinstance(value, dict):
        raise BadControl("the body is a JSON object")
    return value


def _read_query(query: bytes, known: Iterable[str]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for part in filter(None, query.decode("latin-1").split("&")):
        # A plus stays one, because it is what phone numbers begin with.
        name, _, value = (unquote(word) for word in part.partition("="))
        if name not in known or name in chosen:
            close = nearest(name, known)
            hint = f"did you mean `{close}`?" if close else f"there are {enumerate_words([*known], 'and')}"
            reason = "is there twice" if name in chosen else f"is unknown; {hint}"
            raise BadControl(f"`{name[:40]}` {reason}")
        chosen[name] = value
    return chosen


def _count(chosen: dict[str, str], name: str, default: int) -> int:
    text = chosen.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise BadControl(f"`{name}` is a whole number")
    return int(text)
