"""The result of a run as JSON Lines: one line for every message, for whoever goes on working with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from msgc.emit import compact
from msgc.send.message import Record


def result_lines(records: Iterable[Record]) -> Iterator[bytes]:
    """A line for each message: its row, its recipient, its state, and what came of its last request.

    Times are ISO 8601 in UTC; what is not known is null.
    """
    for record in records:
        yield (
            compact(
                {
                    "row": record.row,
                    "recipient": record.recipient,
                    "state": record.state,
                    "id": record.message_id,
                    "attempts": record.attempts,
                    "fallback": record.is_fallback,
                    "status": record.status,
                    "type": record.type,
                    "code": record.code,
                    "cntTraceId": record.trace_id,
                    "reason": record.reason,
                    "started": _time(record.started),
                    "ended": _time(record.ended),
                }
            )
            + b"\n"
        )


def _time(at: float | None) -> str | None:
    if at is None:
        return None
    text = dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"
