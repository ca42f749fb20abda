"""Answering: a request and a world become an answer, as the API gives it.

Nothing here knows the web: a request is a value that came from somewhere, an answer says how it is to leave. What the
API's pages do not say is the sandbox's own, and its codes say so: `ERROR_CODE_SANDBOX_…`. No answer repeats anything
of a message; `details` names the rule that was broken and its place.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from msgc.contract import RequestKind
from msgc.decode import decode_text
from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import pointer
from msgc.echoes import without_echoes
from msgc.emit import compact
from msgc.error_table import KnownError
from msgc.load_json import parse_json
from msgc.sandbox.faults import Fault
from msgc.sandbox.world import World
from msgc.validate import Violation, check_value
from msgc.wording import describe

MAX_BODY: Final = 1 << 20
"""A longer body is refused; nobody states the API's own bound, and its longest message takes some kilobytes."""
MAX_OTHERS: Final = 20
"""So many broken rules are told besides the first."""
# A body of a megabyte can break a hundred thousand rules; its answer looks at the first of them.
_MAX_VIOLATIONS = 500
_MAX_POINTER = 200

INVALID: Final = "ERROR_CODE_SANDBOX_REQUEST_INVALID"
"""For what the API refuses by a code that is not documented."""
TOO_LARGE: Final = "ERROR_CODE_SANDBOX_REQUEST_TOO_LARGE"
UNKNOWN_ROUTE: Final = "ERROR_CODE_SANDBOX_ROUTE_UNKNOWN"
WRONG_METHOD: Final = "ERROR_CODE_SANDBOX_METHOD_NOT_ALLOWED"
WRONG_KEY: Final = "ERROR_CODE_SANDBOX_KEY_INVALID"
TOO_FAST: Final = "ERROR_CODE_SANDBOX_RATE_EXCEEDED"
FOREIGN_HOST: Final = "ERROR_CODE_SANDBOX_HOST_REFUSED"
FAULT: Final = "ERROR_CODE_SANDBOX_FAULT"
MISTAKE: Final = "ERROR_CODE_SANDBOX_MISTAKE"

_REQUEST: Final = "ERROR_TYPE_INVALID_REQUEST"
_AUTHENTICATION: Final = "ERROR_TYPE_AUTHENTICATION"
_OWN: Final = "ERROR_TYPE_SANDBOX"

# Warnings for authors, because they may change any day; the API refuses them today.
_REFUSED_WARNINGS = frozenset({"bsuid-recipient"})

Ending: TypeAlias = Literal["whole", "slow", "stall", "drop", "reset"]
"""How an answer leaves: at once, byte by byte, not at all, or not at all because the connection ends."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to one of the two endpoints; `business` is from its path, `key` from its header `X-API-Key`."""

    kind: RequestKind
    body: bytes = field(repr=False)
    business: str = "demo"
    key: str | None = None
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: status, JSON body and headers, and how it leaves.

    `message` is the number of the message that was accepted, to be marked once the client has been told. `code` and
    `rule` say why a request was refused; `recipient` is whom it was for, where that could be read.
    """

    status: int
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending = "whole"
    message: int | None = None
    kind: RequestKind | None = None
    recipient: str = field(default="", repr=False)
    code: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class _Problem:
    """A broken rule and its place, in words that do not repeat what stands there."""

    rule: str
    place: dict[str, Any]
    sentence: str
    error: KnownError | None = None

    @property
    def facts(self) -> dict[str, Any]:
        return {"rule": self.rule, **self.place}


class _Refused(Exception):  # noqa: N818 - the request's fault, and the answer to it
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code)
        self.answer = answer


def answer(request: Request, world: World) -> Answer:
    """The answer to a request; an accepted message is kept in the world."""
    now = world.steady()
    world.traffic.arrive(now)
    try:
        _check_caller(request, world, now)
        fault = world.draw()
        if fault is not None:
            _fail_early(fault, world)
        payload = _payload(request, world)
    except _Refused as refused:
        return replace(refused.answer, kind=request.kind)
    recipient = _recipient(request.kind, payload)
    try:
        _check_state(request.kind, payload, recipient, world)
    except _Refused as refused:
        return replace(refused.answer, kind=request.kind, recipient=recipient)
    id_, number = world.accept(request.business, request.kind, payload)
    body, ending = compact({"id": id_}), _ending(fault)
    if fault is not None and fault.kind == "garble":
        body = b"<html>" + body[:20]
    return Answer(201, body, ending=ending, message=number, kind=request.kind, recipient=recipient)


def unknown_route(world: World) -> Answer:
    """The answer to a request for a path that there is not."""
    return _error(404, UNKNOWN_ROUTE, _REQUEST, "There is nothing at this path.", "Compare it with the API's.", world)


def wrong_method(world: World, allowed: Iterable[str]) -> Answer:
    """The answer to a request by another method than the path has."""
    names = ", ".join(sorted(allowed))
    found = _error(405, WRONG_METHOD, _REQUEST, "This path has another method.", f"Use {names}.", world)
    return replace(found, headers=(("allow", names),))


def foreign_host(world: World) -> Answer:
    """The answer to a request to look into the sandbox that did not ask for this machine."""
    sentence = "The header `Host` does not name this machine, so the request may come from a web page."
    return _error(403, FOREIGN_HOST, _REQUEST, sentence, "Use 127.0.0.1 or localhost.", world)


def bad_control(world: World, reason: str) -> Answer:
    """The answer to a request to look into the sandbox that it does not understand."""
    return _error(400, INVALID, _REQUEST, reason[:1].upper() + reason[1:] + ".", "Correct the request.", world)


def mistake(world: World, error: Exception) -> Answer:
    """The answer to a request that the sandbox itself failed over; of the error it tells what repeats no message."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    details = {"exception": type(error).__name__, "place": f"{frame.filename.rpartition('msgc')[2]}:{frame.lineno}"}
    return _error(500, MISTAKE, _OWN, "The sandbox has made a mistake.", "Please report it.", world, details)


def _check_caller(request: Request, world: World, now: float) -> None:
    """What the API's gateway refuses, whatever the message."""
    if request.method != "POST":
        raise _Refused(wrong_method(world, ["POST"]))
    if request.key != world.settings.key:
        what = "missing" if request.key is None else "not that of this sandbox"
        help_ = "Send the key that the sandbox has shown as the header `X-API-Key`."
        raise _Refused(_error(401, WRONG_KEY, _AUTHENTICATION, f"The API key is {what}.", help_, world))
    if not world.traffic.admit(now, world.settings.rate):
        sentence = f"There were more than {world.settings.rate} requests in one second."
        raise _Refused(_error(429, TOO_FAST, _OWN, sentence, "Slow down, and send it again.", world))
    if len(request.body) > MAX_BODY:
        sentence = f"The body has more than {MAX_BODY:,} bytes."
        raise _Refused(_error(413, TOO_LARGE, _REQUEST, sentence, "Send less.", world))


def _fail_early(fault: Fault, world: World) -> None:
    """The faults that come before a message is even looked at."""
    if fault.kind == "fail":
        sentence = "The sandbox was asked to fail this request."
        raise _Refused(
            _error(int(fault.name), FAULT, _OWN, sentence, "Whether it is worth a retry is yours to say.", world)
        )
    if fault.kind == "code":
        raise _Refused(_known(world.errors.codes[fault.name], world))
    if fault.kind == "reset":
        raise _Refused(Answer(0, b"", ending="reset"))


def _ending(fault: Fault | None) -> Ending:
    if fault is None or fault.kind == "garble":
        return "whole"
    if fault.kind == "reset_after":
        return "reset"
    assert fault.kind in ("slow", "stall", "drop"), "the others come before the message is accepted"
    return fault.kind


def _payload(request: Request, world: World) -> Any:
    """The request's payload, if it is one."""
    try:
        value = parse_json(decode_text(request.body, "the body", MAX_BODY))
    except Rejected as rejected:
        raise _Refused(_invalid([_not_json(each) for each in rejected.diagnostics], world)) from None
    unfit = [_Problem("not-json", _place(path), f"A value {reason}") for path, reason in check_value(value)]
    if unfit:
        raise _Refused(_invalid(unfit, world))
    broken = [each for each in world.contract.judge(request.kind, value, recipient=True) if _is_refused(each)]
    if broken:
        found = _invalid([*_problems(broken[:_MAX_VIOLATIONS], world)], world)
        raise _Refused(replace(found, recipient=_recipient(request.kind, value)))
    return value


def _is_refused(violation: Violation) -> bool:
    """Whether the API refuses what is wrong there; it knows nothing of our warnings."""
    limit = violation.limit
    return limit is None or limit.get("severity", "error") == "error" or limit["rule"] in _REFUSED_WARNINGS


def _not_json(found: Diagnostic) -> _Problem:
    place = {} if found.span is None else {"line": found.span.line, "column": found.span.column}
    sentence = "The body is not UTF-8" if found.rule == "encoding" else found.message
    return _Problem(found.rule, place, sentence)


def _problems(violations: list[Violation], world: World) -> Iterator[_Problem]:
    for violation in without_echoes(violations):
        words = describe(violation, None)
        # A limit's sentence is about numbers; that of the structure repeats what was found.
        is_limit = words.get("source") is not None
        sentence = words["message"] if is_limit else "The request does not have the form that the API takes"
        yield _Problem(words["rule"], _place(violation.path), sentence, world.errors.of_rules.get(words["rule"]))


def _place(path: tuple[str | int, ...]) -> dict[str, Any]:
    text = pointer(path)
    return {"pointer": text if len(text) <= _MAX_POINTER else text[: _MAX_POINTER - 1] + "…"}


def _recipient(kind: RequestKind, payload: Any) -> str:
    """Whom a payload is for, as far as it says so."""
    found = payload.get("number" if kind == "templated" else "recipient") if isinstance(payload, dict) else None
    if isinstance(found, dict):
        found = found.get("id", found.get("userId"))
    return found if isinstance(found, str) else ""


def _check_state(kind: RequestKind, payload: Any, recipient: str, world: World) -> None:
    """What the API refuses because of what it knows of the business and its customers."""
    if kind == "templated":
        if not world.has_template(payload["templateName"], payload["language"]):
            raise _Refused(_known(world.errors.codes["ERROR_CODE_MESSAGE_TEMPLATE_NOT_FOUND"], world))
        return
    window = world.window(recipient)
    if window == "closed":
        raise _Refused(_known(world.errors.codes["ERROR_CODE_MESSAGE_OUTSIDE_OF_ELIGIBILITY_WINDOW"], world))
    if window == "never":
        raise _Refused(_known(world.errors.codes["ERROR_CODE_MESSAGE_CUSTOMER_NO_CONVERSATION_INITIATION"], world))


def _invalid(problems: list[_Problem], world: World) -> Answer:
    """The answer to a broken contract: by the first rule whose code is documented, else by the first."""
    first = next((problem for problem in problems if problem.error is not None), problems[0])
    others = [problem.facts for problem in problems if problem is not first][:MAX_OTHERS]
    details = {**first.facts, **({"others": others} if others else {})}
    sentence = f"{first.sentence}."
    if first.error is not None:
        return replace(_known(first.error, world, sentence, details), rule=first.rule)
    found = _error(400, INVALID, _REQUEST, sentence, f"See `msgc explain {first.rule}`.", world, details)
    return replace(found, rule=first.rule)


def _known(error: KnownError, world: World, sentence: str = "", details: dict[str, Any] | None = None) -> Answer:
    """The answer that a documented error is."""
    type_, status = error.type or _REQUEST, error.status or 400
    return _error(status, error.name, type_, sentence or error.sentence, error.help, world, details)


def _error(
    status: int, code: str, type_: str, sentence: str, help_: str, world: World, details: dict[str, Any] | None = None
) -> Answer:
    """An error with the fields of https://docs.connectly.ai/messaging/error-codes."""
    trace_id = world.trace_id()
    body = {
        "message": sentence,
        "type": type_,
        "code": code,
        "userTitle": sentence,
        "userMessage": f"{help_} (cnct_trace_id: {trace_id})",
        "cntTraceId": trace_id,
        "details": details or {},
    }
    pause = world.settings.retry_after
    headers = () if pause is None or status not in (429, 503) else (("retry-after", str(pause)),)
    return Answer(status, compact(body), headers, code=code)
