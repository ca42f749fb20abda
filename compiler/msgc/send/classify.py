"""Classifying: what an answer means for its message.

A code that the table knows decides, whatever the status: a closed window can travel as a gateway timeout. Without
one the status says whether the message was refused (4xx) or nobody knows (5xx). The words of an answer are never
kept: they may repeat the message.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from msgc.error_table import ErrorTable, KnownError
from msgc.send.answer import Answer, Phase, Reply

Outcome: TypeAlias = Literal["sent", "failed", "unknown", "window", "throttled", "unreached", "stopped"]
"""What became of a request.

`sent`, `failed` (refused for good) and `unknown` (it may have been accepted) are a message's end. `window`: refused,
because the 24-hour window is closed. `throttled` and `unreached`: not accepted, to be tried again. `stopped`: not
accepted, and no other message would be either.
"""

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_TRACE = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_MAX_ID = 200
_LONGEST = 1e9
"""Seconds: whoever asks to wait longer means never."""
_BY_PHASE: dict[Phase, Outcome] = {"unreached": "unreached", "insecure": "stopped", "lost": "unknown"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reply means. `retry_after` is in seconds from the reply; `reason` is for people, and holds no message.

    `type`, `code` and `trace_id` are the API's own; None where it gave none.
    """

    outcome: Outcome
    reason: str
    status: int | None = None
    message_id: str | None = None
    type: str | None = None
    code: str | None = None
    trace_id: str | None = None
    retry_after: float | None = None


def classify(reply: Reply, table: ErrorTable, now: float) -> Verdict:
    """The verdict on a reply; `now` is the wall clock in seconds since 1970, for a `Retry-After` that is a date."""
    if not isinstance(reply, Answer):
        return Verdict(_BY_PHASE[reply.phase], reply.reason)
    fields = _fields(reply.body)
    message_id = fields.get("id")
    known = None
    code = type_ = trace = None
    if "code" in fields or "type" in fields:
        code, type_ = _name(fields.get("code")), _name(fields.get("type"))
        known = table.find(code, type_)
    if 200 <= reply.status < 300 and known is None and isinstance(message_id, str) and message_id:
        return Verdict("sent", "accepted", reply.status, message_id=_printable(message_id))
    trace = _trace(fields.get("cntTraceId"))
    seconds = _seconds(reply.retry_after, now)
    outcome, reason = _by_code(known) if known is not None else _by_status(reply.status, seconds)
    return Verdict(outcome, reason, reply.status, None, type_, code, trace, seconds)


def _by_code(known: KnownError) -> tuple[Outcome, str]:
    outcomes: dict[str, Outcome] = {"permanent": "failed", "window": "window", "stop": "stopped", "unknown": "unknown"}
    return outcomes[known.meaning], known.sentence.rstrip(".")


def _by_status(status: int, retry_after: float | None) -> tuple[Outcome, str]:
    if status == 429:
        return "throttled", "too many requests"
    if status == 503 and retry_after is not None:
        return "throttled", "the API is not available for the moment"
    if status == 401:
        return "stopped", "the API does not accept the key; set CONNECTLY_API_KEY to a key of this business"
    if status == 407:
        return "stopped", "the proxy asks for a password"
    if 400 <= status < 500:
        return "failed", f"refused with status {status}"
    if 300 <= status < 400 and status != 303:  # 303 answers what was done, all others ask to do it elsewhere
        # Nothing is accepted by being sent elsewhere; and what is elsewhere must get neither the key nor the message.
        return "stopped", f"the address answers with a redirect ({status}), which is not followed"
    if 200 <= status < 300:
        return "unknown", f"status {status} without a message id that can be read"
    return "unknown", f"status {status}, which does not say whether the message was accepted"


def _fields(body: bytes | None) -> dict[str, Any]:
    if not body:
        return {}
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _trace(value: object) -> str | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and _TRACE.fullmatch(text) else None


def _printable(text: str) -> str:
    if len(text) <= _MAX_ID and text.isprintable():
        return text
    return "".join(char if char.isprintable() else "�" for char in text[:_MAX_ID])


def _seconds(header: str | None, now: float) -> float | None:
    """`Retry-After` in seconds: it is a number of them, or a date."""
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]+", text):
        return min(float(text), _LONGEST)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # HTTP's dates are UTC; one that names no zone must not be taken as this machine's time.
    return min(max(0.0, date.replace(tzinfo=date.tzinfo or dt.UTC).timestamp() - now), _LONGEST)
