"""The formats that a parameter may ask for: one function each, which both validators call.

Texts are judged as their RFC spells them, and never by Python's `$`, which lets a final newline pass.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    r"(?://(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
    r"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?(?=[/?#]|\Z))?"
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"
    r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)


def is_date(text: str) -> bool:
    """Whether the text is a day of the calendar, `2026-03-09` (RFC 3339, full-date)."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    try:
        dt.date(*map(int, match.groups()))
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """Whether the text is a time with its offset, `16:30:00Z` or `16:30:00-03:00` (RFC 3339, full-time)."""
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    hour, minute, second = (int(match[group]) for group in (1, 2, 3))
    offset_hour, offset_minute = int(match[5] or 0), int(match[6] or 0)
    if hour > 23 or minute > 59 or second > 60 or offset_hour > 23 or offset_minute > 59:
        return False
    if second < 60:
        return True
    # A leap second ends the day in UTC.
    offset = (60 * offset_hour + offset_minute) * (-1 if match[4] == "-" else 1)
    return (60 * hour + minute - offset) % 1440 == 1439


def is_date_time(text: str) -> bool:
    """Whether the text is a date and a time, `2026-03-09T16:30:00Z` (RFC 3339, date-time)."""
    return len(text) > 10 and text[10] in "Tt" and is_date(text[:10]) and is_time(text[11:])


def is_email(text: str) -> bool:
    """Whether the text is an e-mail address, `ana@example.com` (RFC 5321 without its quoted forms)."""
    local, _, host = text.rpartition("@")
    return len(local) <= 64 and _LOCAL.fullmatch(local) is not None and _HOST.fullmatch(host) is not None


def is_uri(text: str) -> bool:
    """Whether the text is an address with its scheme, `https://example.com/a?b=c` (RFC 3986, URI)."""
    return _URI.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID, `8e3f1ad2-5b0c-4a9e-9d6f-0b1c2d3e4f50` (RFC 4122)."""
    return _UUID.fullmatch(text) is not None


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": is_date,
    "date-time": is_date_time,
    "time": is_time,
    "email": is_email,
    "uri": is_uri,
    "uuid": is_uuid,
}

SPELLINGS: Mapping[str, str] = {
    "date": "a date like 2026-03-09",
    "date-time": "a date and time like 2026-03-09T16:30:00Z",
    "time": "a time with its offset, like 16:30:00Z",
    "email": "an e-mail address like ana@example.com",
    "uri": "an address with its scheme, like https://example.com/a",
    "uuid": "a UUID like 8e3f1ad2-5b0c-4a9e-9d6f-0b1c2d3e4f50",
}
"""How a sentence names what a format wants."""
