"""What a data file says of the recipient. Spreadsheets spoil phone numbers, so two shapes get their own help.

Whether a number that passes here is a phone number at all is for the contract to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgc.diagnostic import Diagnostic
from msgc.rows.row import Recipient
from msgc.rules import finding
from msgc.source import Span

PARTS = ("id", "name", "userId")
"""The columns `recipient.id`, `recipient.name`, `recipient.userId`."""

SPREADSHEET_NUMBER = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}\Z")
"""How a spreadsheet shows a long number: 1.6E+10."""

_BARE_NUMBER = re.compile(r"[0-9][0-9 ().-]{6,}\Z")


def check_recipient(
    recipient: object, locate: Callable[[], Span], row: int
) -> tuple[Recipient | None, Diagnostic | None]:
    """The recipient of a row, or None and what is wrong with it, which stands where `locate` says."""
    problem = _problem(recipient)
    if problem is None:
        assert isinstance(recipient, str | dict)
        return recipient, None
    message, fields = problem
    return None, finding("data-recipient", message, locate(), row=row, **fields)


def _problem(recipient: object) -> tuple[str, dict[str, Any]] | None:
    if isinstance(recipient, dict):
        address = recipient.get("id") or recipient.get("userId")
        return _problem(address)
    if recipient is None or recipient == "":
        return "the row has no recipient", {"help": "fill in the recipient, or remove the row"}
    if isinstance(recipient, int | float) and not isinstance(recipient, bool):
        fields = {"found": f"the number {recipient}", "help": f'write it as text: "+{recipient}"'}
        return "the recipient is a number, which has lost its plus", fields
    if not isinstance(recipient, str):
        return "the recipient is not a text", {"allowed": "a phone number such as +16044441111"}
    if SPREADSHEET_NUMBER.match(recipient):
        return "a spreadsheet has rounded the recipient's phone number", {
            "found": recipient,
            "help": "its last digits are lost; format the column as text in the source and export it again",
        }
    if _BARE_NUMBER.match(recipient):
        return "the recipient's phone number has no plus and country code", {
            "found": recipient,
            "help": "write it as in +16044441111; a spreadsheet keeps the plus in a column formatted as text",
        }
    return None
