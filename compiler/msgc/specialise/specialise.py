"""A definition and a contract become a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from msgc.contract import Contract
from msgc.definition import Definition
from msgc.emit import encoder, parsed
from msgc.expand import MAX_NODES
from msgc.native.quote import name
from msgc.native.writer import Refused, Unsuited, Writer
from msgc.specialise.admit import Admission
from msgc.specialise.body import Body, Scope
from msgc.specialise.program import Program, To
from msgc.specialise.recipient import Recipient, recipient_of
from msgc.specialise.residue import has_edges, residue_of
from msgc.specialise.tame import is_tame, tamed
from msgc.template import one_message
from msgc.template.budget import STEPS_IN_ALL, WORK_IN_ALL

_Function = Callable[..., bytes | None]


def specialise(definition: Definition, contract: Contract) -> Program:
    """The program of a definition. It never gives bytes where there is anything to say; for some it never gives any."""
    try:
        plain = _function(definition, contract, None)
    except Unsuited:
        plain = _refuse
    try:
        recipient = recipient_of(definition, contract)
        addressed = _function(definition, contract, recipient)
        json: Callable[[To], bytes] = recipient.json
    except Unsuited:
        addressed = json = _refuse

    def run(values: dict[str, Any], to: To) -> bytes | None:
        try:
            return plain(values) if to is None else addressed(values, json(to))
        except Exception:  # whatever it is, the long way says it
            return None

    return Program(run)


def _refuse(*_: Any) -> NoReturn:
    raise Refused


def _function(definition: Definition, contract: Contract, recipient: Recipient | None) -> _Function:
    """The function from values (and the JSON of a recipient from outside) to a payload. Raises `Unsuited`."""
    residue = residue_of(replace(definition, parameters=tamed(definition.parameters)), contract)
    writer = Writer()
    admission = Admission(writer, keeps=True)
    scope = Scope(admission.object(definition.parameters, name("values")))
    writer.add("wild = not T", T=is_tame(writer, admission.texts, admission.gathered))
    writer.add("if wild: F(t)", F=writer.bind(_demand_unicode))
    body = Body(writer, residue)
    writer.add("out = []")
    if recipient is None:
        body.write(definition.body, scope)
    else:
        residue.always = residue.always or not recipient.is_known
        body.write_addressed(recipient.key, recipient.before, recipient.after, name("recipient"), scope)
    body.end()
    writer.add("data = J(out)", J=writer.bind(b"".join))
    judge = writer.bind(_judge(definition, contract, recipient=recipient is not None))
    writer.add("if not F(data): return None" if residue.always else "if wild and not F(data): return None", F=judge)
    writer.add("return data")
    if writer.nodes > MAX_NODES or writer.steps > STEPS_IN_ALL or writer.work > WORK_IN_ALL:
        raise Unsuited
    writer.objects["dumps"] = encoder()
    function: _Function = writer.function("values, recipient=b''")
    return _budgeted(function, writer) if body.runs_jinja else function


def _budgeted(function: _Function, writer: Writer) -> _Function:
    """The function, its Jinja templates paid for together, after what its native code costs at most."""

    def run(*arguments: Any) -> bytes | None:
        with one_message(steps=writer.steps, work=writer.work):
            return function(*arguments)

    return run


def _demand_unicode(texts: str) -> None:
    """Raises for texts that a payload cannot hold: with a NUL, or half of a surrogate pair."""
    if "\0" in texts:
        raise Refused
    texts.encode()


def _judge(definition: Definition, contract: Contract, *, recipient: bool) -> Callable[[bytes], bool]:
    """Whether there is nothing to say of a payload."""
    contracts = (contract, contract.as_stated) if contract.overrides else (contract,)

    def judge(payload: bytes) -> bool:
        data = parsed(payload)
        return not has_edges(data) and all(
            each.accepts(definition.kind, data, recipient=recipient) for each in contracts
        )

    return judge
