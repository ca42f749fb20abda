"""What a data file says of the recipient. Spreadsheets spoil phone numbers, so two shapes get their own help.

Whether a number that passes here is a phone number at all is for the contract to say.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Any

from msgc.diagnostic import Diagnostic
from msgc.rows.repair import edge_of, without_edges
from msgc.rows.row import Recipient
from msgc.rules import finding
from msgc.source import Span

PARTS = ("id", "name", "userId")
"""The columns `recipient.id`, `recipient.name`, `recipient.userId`."""

SPREADSHEET_NUMBER = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}\Z")
"""How a spreadsheet shows a long number: 1.6E+10."""

_BARE_NUMBER = re.compile(r"[0-9][0-9 ().-]{6,}\Z")
_PHONE = re.compile(r"'?\+[0-9][0-9 ().-]{6,}\Z")
_NAME = re.compile(
    "(?:customer|contact)?(?:(?:tele|mobile|cell)?phone|mobile|cell|tel|whatsapp)(?:number|no)?|(?:contact)?number"
    "|msisdn|to|recipients|handy(?:nummer)?|telefon(?:nummer|e)?|tel[eé]fono|celular|m[oó]vil"
)


def is_recipients_name(name: str) -> bool:
    """Whether a column is called what a column of phone numbers is called elsewhere."""
    return _NAME.fullmatch(re.sub(r"[-_ .]", "", name).casefold()) is not None


def no_recipient(
    names: Sequence[str], values: Sequence[object], spans: Sequence[Span]
) -> tuple[Diagnostic, int | None]:
    """The warning that payloads have no recipient, and the index of the column (or key) that was meant, if there is.

    `values` are those of the first row, as far as there is one; `spans` the places of the names.
    """
    phones = [index for index, value in enumerate(values[: len(names)]) if _PHONE.match(str(value).strip())]
    called = [index for index, name in enumerate(names) if is_recipients_name(name)]
    meant = next((index for index in [*(index for index in phones if index in called), *phones, *called]), None)
    if meant is None:
        whole = Span(spans[0].source, spans[0].start, spans[-1].end)
        help_text = "name the column of phone numbers `recipient`, or say which it is with `--to-column COLUMN`"
        return finding("no-recipient", "the payloads have no recipient", whole, help=help_text), None
    name = names[meant]
    help_text = f"rename `{name}` to `recipient`, or say `--to-column {shlex.quote(name)}`"
    return finding("no-recipient", "the payloads have no recipient", spans[meant], help=help_text), meant


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


def is_fit(recipient: object) -> bool:
    """Whether `check_recipient` has nothing to say of a recipient."""
    return _problem(recipient) is None


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
    edge = edge_of(recipient)
    if edge is not None:
        where = "in front of" if edge_of(recipient[0]) else "behind"
        return f"a {edge} stands {where} the recipient", {
            "found": f'"{recipient}"',
            "help": f"write {without_edges(recipient)}",
        }
    if recipient.startswith("'"):
        return "an apostrophe stands in front of the recipient", {
            "found": recipient,
            "help": f"write {recipient[1:]}; the apostrophe is a spreadsheet's mark for a text",
        }
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
