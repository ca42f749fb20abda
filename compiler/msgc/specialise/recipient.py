"""Whom a payload goes to, when that comes from outside: judged without the message, and written as JSON.

Nearly all recipients are phone numbers in their plain form. That the contract takes each of these is proven once; all
others are judged one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgc.bounds.patterns import text_of_pattern
from msgc.bounds.values import NOTHING, Record, Value, of_constant, of_text
from msgc.contract import Contract
from msgc.definition import Address, Constant, Definition, Node
from msgc.emit import compact
from msgc.expand import address_fields
from msgc.native.writer import Refused, Unsuited
from msgc.parameters.places import resolve
from msgc.prove.assess import Assessor
from msgc.specialise.program import To
from msgc.validate import Acceptor

_PHONE = r"\+[1-9][0-9]{7,14}"
_SAMPLE = "+10000000"


@dataclass(frozen=True)
class Recipient:
    """The place of the recipient in the payloads of a definition.

    `before` and `after` are the payload's entries around it. Without `is_known` the sender depends on the values, so
    that sender and recipient can be judged only together. `json` makes the JSON of a recipient; it raises `Refused`
    for one of which there is something to say.
    """

    key: str
    before: tuple[tuple[str, Node], ...]
    after: tuple[tuple[str, Node], ...]
    is_known: bool
    json: Callable[[To], bytes]


def recipient_of(definition: Definition, contract: Contract) -> Recipient:
    """The recipient of a definition. Raises `Unsuited`."""
    key = "number" if definition.kind == "templated" else "recipient"
    entries = dict(definition.body.entries)
    has_sender = "sender" in entries
    if key in entries and not isinstance(entries.pop(key), Constant):
        raise Unsuited  # its own recipient is made too, and can go wrong
    schema = contract.envelope_schema(definition.kind)
    if schema is None:
        raise Unsuited
    sender = _constant_sender(entries.get("sender"))
    in_front = has_sender and definition.kind == "session"
    before = (("sender", entries.pop("sender")),) if in_front else ()
    json = _json(contract, schema, key, {} if sender is None else {"sender": sender})
    return Recipient(key, before, tuple(entries.items()), sender is not None or not has_sender, json)


def _constant_sender(node: Node | None) -> Any:
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Address) and isinstance(node.node, Constant) and isinstance(node.node.value, str):
        return address_fields(node.node.value, node.contract)
    return None


def _json(contract: Contract, schema: Mapping[str, Any], key: str, known: Mapping[str, Any]) -> Callable[[To], bytes]:
    accepts = Acceptor(schema).accepts

    def value_of(to: str | Mapping[str, str]) -> Any:
        if key == "recipient":
            return address_fields(to, contract) if isinstance(to, str) else {**to, "channelType": "whatsapp"}
        text = to if isinstance(to, str) else to.get("id") or to.get("userId") or ""
        return f"bsuid:{text}" if contract.is_user_id(text) else text

    def judged(to: To) -> bytes:
        assert to is not None
        value = value_of(to)
        if not accepts({**known, key: value}):
            raise Refused
        return compact(value)

    sample = value_of(_SAMPLE)
    if not _takes_phones(schema, {**known, key: sample}):
        return judged
    others = frozenset(_texts(known))
    is_phone = re.compile(_PHONE).fullmatch
    start, _, end = compact(sample).partition(_SAMPLE.encode())

    def json(to: To) -> bytes:
        if type(to) is str and is_phone(to) and to not in others:
            return start + to.encode() + end
        return judged(to)

    return json


def _takes_phones(schema: Mapping[str, Any], envelope: Any) -> bool:
    """Whether the schema takes an envelope with any plain phone number in the place of the sample.

    That the number is none of the envelope's other texts is seen to when it is there.
    """
    assessor = Assessor(lambda target: resolve(schema, target))
    phones = of_text(text_of_pattern(f"^{_PHONE}$"))
    found = assessor.assess(schema, _with_phones(envelope, phones))
    return all(outcome.keyword == "differentValues" for outcome in found)


def _with_phones(value: Any, phones: Value) -> Value:
    if value == _SAMPLE:
        return phones
    if isinstance(value, Mapping):
        return Value(record=Record({key: _with_phones(each, phones) for key, each in value.items()}, NOTHING))
    return of_constant(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
