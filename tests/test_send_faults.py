"""Sending against a server that errs in every way a server, a proxy or a network can: what becomes of each message.

What the run file says in the end is held against what the server has really received.
"""

import asyncio
import contextlib
import email.utils
import errno
import gzip
import json
import math
import socket
import subprocess
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from dispatching import (
    CONTRACT,
    ERRORS,
    KEY,
    SESSION,
    TEMPLATED,
    Attempt,
    Gated,
    Sent,
    body,
    dispatch,
    fallback,
    look,
    number,
    write_run,
)
from faulty_server import (
    ACCEPTED,
    ULID,
    Answering,
    Certificate,
    FaultyServer,
    Received,
    Step,
    make_certificate,
    raw,
    reply,
)
from msgc.error_table import KnownError
from msgc.send.answer import MAX_BODY, Failure, Reply, Transport
from msgc.send.dispatch import LONGEST_WAIT, MAX_ATTEMPTS, Dispatcher
from msgc.send.endpoint import BASE_URL, EndpointError, check_key, is_loopback, make_endpoint
from msgc.send.lock import RunIsTaken, hold_lock, is_locked
from msgc.send.pace import PAIR_BURST, PAIR_SECONDS
from msgc.send.run_file import RunFile
from msgc.send.transport import _failure
from program import ENVIRONMENT

STATUSES = (400, 200, 500, 504)
HELD = "Retry-After: 1"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msgc.send.dispatch._BACKOFF_LEAST", 0.01)
    monkeypatch.setattr("msgc.send.dispatch._BACKOFF_MOST", 0.05)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msgc.send.dispatch.PATIENCE", 0.3)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    return certificate


def send(folder: Path, server: FaultyServer | str, count: int = 1, *, fallbacks: bool = False, **how: Any) -> Sent:
    recipients = [number(index) for index in range(count)]
    return dispatch(write_run(folder / "run.sqlite", recipients, fallbacks=fallbacks), server, **how)


def resend(folder: Path, server: FaultyServer | str, **how: Any) -> Sent:
    return dispatch(folder / "run.sqlite", server, **how)


def error(code: str, type_: str | None = "ERROR_TYPE_INVALID_REQUEST", **more: Any) -> bytes:
    given = {"message": "What the API says", "type": type_, "code": code, "cntTraceId": "4711", "details": {}, **more}
    return json.dumps(given).encode()


def codes(meaning: str) -> list[str]:
    return [name for name, known in ERRORS.codes.items() if known.meaning == meaning]


def sentence(known: KnownError) -> str:
    return known.sentence.rstrip(".")


def advice(known: KnownError) -> str:
    return f"{known.help[:1].lower()}{known.help[1:].rstrip('.')}"


# ------------------------------------------------------------------------------------------------- codes and statuses


@pytest.mark.parametrize("code", codes("permanent"))
def test_a_code_that_refuses_for_good_fails_its_message_whatever_the_status(tmp_path: Path, code: str):
    with FaultyServer(*(reply(status, error(code)) for status in STATUSES)) as server:
        sent = send(tmp_path, server, len(STATUSES))
    assert sent.end.reason == "done"
    assert len(server.received) == len(STATUSES)
    for record, status in zip(sent.records, STATUSES, strict=True):
        assert (record.state, record.outcome, record.attempts) == ("failed", "failed", 1)
        assert (record.code, record.type, record.trace_id) == (code, "ERROR_TYPE_INVALID_REQUEST", "4711")
        assert (record.status, record.reason) == (status, sentence(ERRORS.codes[code]))
        assert record.message_id is None


@pytest.mark.parametrize("code", codes("window"))
def test_a_closed_window_fails_its_message_whatever_the_status(tmp_path: Path, code: str):
    with FaultyServer(*(reply(status, error(code)) for status in STATUSES)) as server:
        sent = send(tmp_path, server, len(STATUSES))
    assert sent.end.reason == "done"
    assert [each.path for each in server.received] == [SESSION] * len(STATUSES)
    for record, status in zip(sent.records, STATUSES, strict=True):
        assert (record.state, record.outcome, record.attempts, record.is_fallback) == ("failed", "window", 1, False)
        assert (record.code, record.status, record.reason) == (code, status, sentence(ERRORS.codes[code]))


@pytest.mark.parametrize("code", codes("window"))
def test_a_closed_window_lets_the_fallback_leave_as_a_request_of_its_own(tmp_path: Path, code: str):
    closed = iter(STATUSES)

    def answer(received: Received) -> Step:
        return ACCEPTED if received.path == TEMPLATED else reply(next(closed), error(code))

    with FaultyServer(then=answer) as server:
        sent = send(tmp_path, server, len(STATUSES), fallbacks=True)
    assert sent.end.reason == "done"
    asked = [(each.path, each.body) for each in server.received]
    assert len(asked) == 2 * len(STATUSES)
    for index in range(len(STATUSES)):
        assert asked.index((SESSION, body(index))) < asked.index((TEMPLATED, fallback(index)))
    for record in sent.records:
        assert (record.state, record.outcome, record.attempts, record.is_fallback) == ("sent", "sent", 2, True)
        assert (record.message_id, record.code) == (ULID, None)
    assert sent.attempts == [
        attempt
        for position, status in enumerate(STATUSES, start=1)
        for attempt in (Attempt(position, 1, False, "window", status), Attempt(position, 2, True, "sent", 201))
    ]


@pytest.mark.parametrize(
    ("answer", "state", "outcome"),
    [
        (reply(504, error("ERROR_CODE_MESSAGE_OUTSIDE_OF_ELIGIBILITY_WINDOW")), "failed", "window"),
        (reply(400, error("ERROR_CODE_MESSAGE_CUSTOMER_OPTED_OUT")), "failed", "failed"),
        (reply(502), "unknown", "unknown"),
    ],
    ids=["window", "permanent", "unknown"],
)
def test_a_fallback_has_no_fallback(tmp_path: Path, answer: Step, state: str, outcome: str):
    with FaultyServer(reply(400, error("ERROR_CODE_MESSAGE_CUSTOMER_NO_CONVERSATION_INITIATION")), answer) as server:
        sent = send(tmp_path, server, fallbacks=True)
    assert (sent.only.state, sent.only.outcome, sent.only.is_fallback) == (state, outcome, True)
    assert [each.path for each in server.received] == [SESSION, TEMPLATED]


def test_a_run_that_stops_before_the_fallback_goes_on_with_the_fallback(tmp_path: Path):
    window = reply(400, error("ERROR_CODE_MESSAGE_OUTSIDE_OF_ELIGIBILITY_WINDOW"))
    with FaultyServer(window, reply(401)) as server:
        first = send(tmp_path, server, fallbacks=True)
        second = resend(tmp_path, server)
    assert (first.end.reason, first.only.state, first.only.is_fallback) == ("account", "pending", True)
    assert (second.end.reason, second.only.state, second.only.attempts) == ("done", "sent", 3)
    assert [each.path for each in server.received] == [SESSION, TEMPLATED, TEMPLATED]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("code", codes("stop"))
def test_a_refused_account_stops_the_run_and_its_messages_wait(tmp_path: Path, code: str, status: int):
    with FaultyServer(ACCEPTED, reply(status, error(code))) as server:
        sent = send(tmp_path, server, 4)
    known = ERRORS.codes[code]
    assert (sent.end.reason, sent.end.detail) == ("account", f"{sentence(known)}; {advice(known)}")
    assert sent.states == ["sent", "pending", "pending", "pending"]
    record = sent.records[1]
    assert (record.outcome, record.code, record.status, record.reason) == ("stopped", code, status, sentence(known))
    assert server.bodies == [body(0), body(1)]


@pytest.mark.parametrize("code", codes("unknown"))
def test_an_error_inside_the_api_leaves_its_message_unknown(tmp_path: Path, code: str):
    with FaultyServer(*(reply(status, error(code)) for status in STATUSES)) as server:
        sent = send(tmp_path, server, len(STATUSES))
    assert sent.end.reason == "done"
    assert sent.states == ["unknown"] * len(STATUSES)
    assert {record.reason for record in sent.records} == {sentence(ERRORS.codes[code])}
    assert len(server.received) == len(STATUSES)


REFUSED = "refused with status {}"
DOUBTFUL = "status {}, which does not say whether the message was accepted"
UNREADABLE = "status {} without a message id that can be read"
ANSWERS: dict[str, tuple[Step, str, str]] = {
    "400-unknown-code": (reply(400, error("ERROR_CODE_OF_TOMORROW")), "failed", REFUSED),
    "400-nothing": (reply(400), "failed", REFUSED),
    "400-text": (reply(400, b"Bad Request"), "failed", REFUSED),
    "400-cut": (raw(b"HTTP/1.1 400 X\r\nContent-Length: 90\r\n\r\n{", ending="close"), "failed", REFUSED),
    "403": (reply(403), "failed", REFUSED),
    "404": (reply(404, b"<h1>Not Found</h1>"), "failed", REFUSED),
    "408": (reply(408, b"", "Connection: close", ending="close"), "failed", REFUSED),
    "413": (reply(413), "failed", REFUSED),
    "500": (reply(500), "unknown", DOUBTFUL),
    "500-unknown-code": (reply(500, error("ERROR_CODE_OF_TOMORROW")), "unknown", DOUBTFUL),
    "500-retry-after": (reply(500, b"", HELD), "unknown", DOUBTFUL),
    "502": (reply(502, b"<html>Bad Gateway</html>"), "unknown", DOUBTFUL),
    "503": (reply(503), "unknown", DOUBTFUL),
    "503-bad-retry-after": (reply(503, b"", "Retry-After: soon"), "unknown", DOUBTFUL),
    "504": (reply(504, b"upstream request timeout"), "unknown", DOUBTFUL),
    "101": (raw(b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"), "unknown", DOUBTFUL),
    "999": (raw(b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n"), "unknown", DOUBTFUL),
    "201-malformed": (reply(201, b'{"id": "01AR'), "unknown", UNREADABLE),
    "200-no-id": (reply(200, b'{"ok": true}'), "unknown", UNREADABLE),
    "201-empty-id": (reply(201, b'{"id": ""}'), "unknown", UNREADABLE),
    "201-number": (reply(201, b'{"id": 7}'), "unknown", UNREADABLE),
    "201-null": (reply(201, b'{"id": null}'), "unknown", UNREADABLE),
    "201-list": (reply(201, b'["01ARZ3NDEKTSV4RRFFQ69G5FAV"]'), "unknown", UNREADABLE),
    "200-page": (reply(200, b"<!doctype html><title>Log in</title>"), "unknown", UNREADABLE),
    "201-100-kb": (reply(201, b'{"id": "x", "more": "' + b"a" * 100_000 + b'"}'), "unknown", UNREADABLE),
    "201-deep": (reply(201, b'{"id": "x", "a": ' + b"[" * 30_000), "unknown", UNREADABLE),
    "201-digits": (reply(201, b'{"id": "x", "a": ' + b"9" * 10_000 + b"}"), "unknown", UNREADABLE),
    "201-nothing": (reply(201), "unknown", UNREADABLE),
    "201-not-utf-8": (reply(201, b'{"id": "\xff\xfe"}'), "unknown", UNREADABLE),
    "204": (raw(b"HTTP/1.1 204 X\r\n\r\n"), "unknown", UNREADABLE),
    "201-short": (
        raw(b'HTTP/1.1 201 X\r\nContent-Length: 90\r\n\r\n{"id":"x"}', ending="close"),
        "unknown",
        UNREADABLE,
    ),
    "201-reset": (raw(b'HTTP/1.1 201 X\r\nContent-Length: 90\r\n\r\n{"id":', ending="reset"), "unknown", UNREADABLE),
    "201-bad-gzip": (reply(201, b"no gzip at all", "Content-Encoding: gzip"), "unknown", UNREADABLE),
    "303": (reply(303, b"", "Location: /elsewhere"), "unknown", DOUBTFUL),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_without_a_known_code_is_judged_by_its_status(tmp_path: Path, name: str):
    answer, state, reason = ANSWERS[name]
    status = int(name[:3])
    with FaultyServer(answer) as server:
        sent = send(tmp_path, server, 2)
    assert sent.end.reason == "done"
    assert sent.states == [state, "sent"], "and the next message is not touched by it"
    record = sent.records[0]
    assert (record.outcome, record.status, record.reason) == (state, status, reason.format(status))
    assert (record.attempts, record.message_id) == (1, None)
    assert record.code == ("ERROR_CODE_OF_TOMORROW" if "unknown-code" in name else None)
    assert server.bodies == [body(0), body(1)]


NO_KEY = "the API does not accept the key; set CONNECTLY_API_KEY to a key of this business"
NO_AUTHENTICATION = ERRORS.types["ERROR_TYPE_AUTHENTICATION"]


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        (reply(401), NO_KEY, NO_KEY),
        (reply(401, error("ERROR_CODE_OF_TOMORROW")), NO_KEY, NO_KEY),
        (
            reply(400, error("", "ERROR_TYPE_AUTHENTICATION")),
            sentence(NO_AUTHENTICATION),
            f"{sentence(NO_AUTHENTICATION)}; {advice(NO_AUTHENTICATION)}",
        ),
        (reply(407), "the proxy asks for a password", "the proxy asks for a password"),
    ],
    ids=["401", "401-unknown-code", "type", "407"],
)
def test_whoever_is_not_let_in_stops_and_its_messages_wait(tmp_path: Path, answer: Step, reason: str, detail: str):
    with FaultyServer(then=answer) as server:
        sent = send(tmp_path, server, 3)
    assert (sent.end.reason, sent.end.detail) == ("account", detail)
    assert sent.states == ["pending"] * 3
    assert (sent.records[0].outcome, sent.records[0].reason) == ("stopped", reason)
    assert server.bodies == [body(0)]


ACCEPTING: dict[str, Step] = {
    "200": reply(200, b'{"id":"an-id"}'),
    "201": reply(201, b'{"id":"an-id"}'),
    "202-more": reply(202, b'{"id":"an-id","code":null,"more":[1]}', "X-More: 1"),
    "unknown-code": reply(200, b'{"id":"an-id","code":"OK"}'),
    "1xx": raw(
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n",
        reply(201, b'{"id":"an-id"}').pieces[0],
    ),
    "no-length": raw(b'HTTP/1.1 201 X\r\nConnection: close\r\n\r\n{"id":"an-id"}', ending="close"),
    "chunked": raw(b'HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n9\r\n:"an-id"}\r\n0\r\n\r\n'),
    "in-pieces": raw(b"HTTP/1.1 201 X\r\nContent-Le", b'ngth: 14\r\n\r\n{"id":"a', b'n-id"}', pause=0.02),
    "gzip": reply(201, gzip.compress(b'{"id":"an-id"}'), "Content-Encoding: gzip"),
    "http-1.0": raw(b'HTTP/1.0 201 X\r\nContent-Length: 14\r\n\r\n{"id":"an-id"}', ending="close"),
}


@pytest.mark.parametrize("name", ACCEPTING)
def test_an_id_of_whatever_success_is_taken(tmp_path: Path, name: str):
    with FaultyServer(ACCEPTING[name]) as server:
        sent = send(tmp_path, server)
    assert sent.end.reason == "done"
    assert (sent.only.state, sent.only.message_id, sent.only.attempts) == ("sent", "an-id", 1)
    assert server.bodies == [body(0)]


def test_an_id_is_kept_without_what_a_terminal_would_obey(tmp_path: Path):
    with FaultyServer(reply(201, b'{"id":"a\\u001b[2J\\u202e\\ud800b"}')) as server:
        sent = send(tmp_path, server)
    assert (sent.only.state, sent.only.message_id) == ("sent", "a�[2J��b")


def test_a_request_is_what_the_documentation_asks_for(tmp_path: Path):
    with FaultyServer() as server:
        send(tmp_path, server)
    (received,) = server.received
    head = received.head.decode().lower()
    assert head.startswith(f"post {SESSION} http/1.1\r\n".lower())
    for line in (f"x-api-key: {KEY}", "content-type: application/json", "accept: application/json", "user-agent: test"):
        assert head.count(f"\r\n{line}\r\n") == 1, line
    assert "\r\ncookie:" not in head


# ------------------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(tmp_path: Path, status: int):
    with (
        FaultyServer() as other,
        FaultyServer(then=reply(status, b"", f"Location: {other.base_url}{SESSION}")) as server,
    ):
        sent = send(tmp_path, server, 2)
    assert (sent.end.reason, sent.end.detail) == (
        "account",
        f"the address answers with a redirect ({status}), which is not followed",
    )
    assert sent.states == ["pending", "pending"]
    assert (sent.records[0].outcome, sent.records[0].status) == ("stopped", status)
    assert (len(server.received), other.connections) == (1, 0)


def test_what_was_done_and_stands_elsewhere_is_not_fetched(tmp_path: Path):
    with FaultyServer() as other, FaultyServer(reply(303, b"", f"Location: {other.base_url}/")) as server:
        sent = send(tmp_path, server)
    assert (sent.only.state, sent.only.reason) == ("unknown", DOUBTFUL.format(303))
    assert (len(server.received), other.connections) == (1, 0)


# ------------------------------------------------------------------------------------------------- too many requests


def test_too_many_is_tried_again_more_slowly(tmp_path: Path):
    with FaultyServer(reply(429), reply(429, error("ERROR_CODE_OF_TOMORROW"))) as server:
        sent = send(tmp_path, server, rate=1000)
    assert (sent.end.reason, sent.only.state, sent.only.attempts) == ("done", "sent", 3)
    assert [(attempt.outcome, attempt.status) for attempt in sent.attempts] == [
        ("throttled", 429),
        ("throttled", 429),
        ("sent", 201),
    ]
    assert server.bodies == [body(0)] * 3
    assert sent.pace.share(time.monotonic()) < 1


def wait_until(seconds: float) -> Callable[[Received], Step]:
    """A 429 with a date that lies so many seconds ahead, in whole ones."""

    def answer(_: Received) -> Step:
        date = email.utils.formatdate(time.time() + seconds, usegmt=True)
        return reply(429, b"", f"Retry-After: {date}")

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (reply(429, b"", HELD), "too many requests"),
        (wait_until(2), "too many requests"),
        (reply(503, b"", HELD), "the API is not available for the moment"),
    ],
    ids=["429", "429-date", "503"],
)
def test_whoever_asks_to_wait_is_not_asked_again_before_by_any_message(tmp_path: Path, answer: Answering, reason: str):
    with FaultyServer(answer) as server:
        sent = send(tmp_path, server, 3)
    assert (sent.end.reason, sent.states) == ("done", ["sent"] * 3)
    assert [attempt.outcome for attempt in sent.attempts] == ["throttled", "sent", "sent", "sent"]
    assert sent.reasons[0] == reason
    assert len(server.received) == 4
    assert server.received[1].at - server.received[0].at > 0.95


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(429, b"", "Retry-After: 86400"), "86,400"),
        (reply(503, b"", f"Retry-After: {LONGEST_WAIT + 1:.0f}"), "901"),
        (reply(429, b"", "Retry-After: " + "9" * 400), "1,000,000,000"),
        (reply(429, b"", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"), "1,000,000,000"),
    ],
    ids=["day", "503", "digits", "date"],
)
def test_whoever_asks_to_wait_for_long_stops_the_run(tmp_path: Path, answer: Step, words: str):
    with FaultyServer(then=answer) as server:
        sent = send(tmp_path, server, 3)
    assert (sent.end.reason, sent.end.detail) == ("throttled", f"the API asks to wait {words} seconds")
    assert sent.states == ["pending"] * 3
    assert sent.records[0].outcome == "throttled"
    assert server.bodies == [body(0)]


@pytest.mark.parametrize(
    "header",
    [
        "Retry-After: -1",
        "Retry-After: 1.5",
        "Retry-After: \xb2",
        "Retry-After:",
        "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
def test_too_many_with_a_senseless_time_is_tried_again(tmp_path: Path, header: str):
    answer = raw(f"HTTP/1.1 429 X\r\n{header}\r\nContent-Length: 0\r\n\r\n".encode())
    with FaultyServer(answer) as server:
        sent = send(tmp_path, server)
    assert (sent.end.reason, sent.only.state, sent.only.attempts) == ("done", "sent", 2)


def test_too_many_for_ever_stops_the_run_and_its_messages_wait(tmp_path: Path):
    with FaultyServer(then=reply(429)) as server:
        sent = send(tmp_path, server, 2)
    detail = f"too many requests, and that {MAX_ATTEMPTS} times for one message"
    assert (sent.end.reason, sent.end.detail) == ("throttled", detail)
    assert sent.states == ["pending", "pending"]
    for record in sent.records:
        assert (record.outcome, record.status, record.reason) == ("throttled", 429, "too many requests")
    attempts = [record.attempts for record in sent.records]
    assert max(attempts) == MAX_ATTEMPTS
    assert [server.bodies.count(body(index)) for index in range(2)] == attempts


def test_a_run_that_was_stopped_by_too_many_begins_to_count_anew(tmp_path: Path):
    with FaultyServer(*[reply(429)] * (MAX_ATTEMPTS + 1)) as server:
        first = send(tmp_path, server)
        second = resend(tmp_path, server)
    assert (first.end.reason, first.only.state, first.only.attempts) == ("throttled", "pending", MAX_ATTEMPTS)
    assert (second.end.reason, second.only.state, second.only.attempts) == ("done", "sent", MAX_ATTEMPTS + 2)


# ------------------------------------------------------------------------------------------------- no connection


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class After:
    """A transport that does something once it has seen so many replies."""

    def __init__(self, transport: Transport, count: int, act: Callable[[], object]) -> None:
        self._transport, self._count, self._act = transport, count, act

    async def post(self, url: str, body: bytes) -> Reply:
        given = await self._transport.post(url, body)
        self._count -= 1
        if self._count == 0:
            self._act()
        return given


def test_a_refused_connection_is_tried_again_until_there_is_one(tmp_path: Path):
    server = FaultyServer(port=free_port())
    with contextlib.ExitStack() as stack:
        stack.callback(server.close)
        sent = send(tmp_path, server, 2, wrap=lambda real: After(real, 3, server.start))
    assert (sent.end.reason, sent.states) == ("done", ["sent", "sent"])
    outcomes = [attempt.outcome for attempt in sent.attempts]
    assert sorted(outcomes) == ["sent", "sent", "unreached", "unreached", "unreached"]  # type: ignore[type-var]
    assert sorted(server.bodies) == [body(0), body(1)]


def test_a_connection_that_is_refused_for_long_ends_the_run(tmp_path: Path, impatient: None):
    sent = send(tmp_path, f"http://127.0.0.1:{free_port()}", 5, in_flight=3)
    assert (sent.end.reason, sent.end.detail) == ("unreachable", "no connection: connection refused")
    assert sent.states == ["pending"] * 5
    assert len(sent.attempts) > 3
    assert {attempt.outcome for attempt in sent.attempts} == {"unreached"}


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        (OSError(errno.EHOSTUNREACH, "Connect call failed ('10.1.2.3', 443)"), "no route to host"),
        (OSError("Multiple exceptions: [Errno 101] Connect call failed ('10.1.2.3', 443), [Errno 113]"), "it failed"),
    ],
)
def test_why_there_is_no_connection_is_said_without_addresses(inner: OSError, words: str):
    failed = aiohttp.ClientConnectorError(ConnectionKey("10.1.2.3", 443, True, True, None, None, None), inner)
    assert _failure(failed) == Failure("unreached", f"no connection: {words}")


def test_attempts_without_a_connection_do_not_count_as_too_many(tmp_path: Path):
    server = FaultyServer(reply(429), port=free_port())
    with contextlib.ExitStack() as stack:
        stack.callback(server.close)
        sent = send(tmp_path, server, wrap=lambda real: After(real, MAX_ATTEMPTS, server.start))
    assert (sent.end.reason, sent.only.state, sent.only.attempts) == ("done", "sent", MAX_ATTEMPTS + 2)
    assert server.bodies == [body(0)] * 2


NOBODY = "https://api.example.invalid"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The names that can be resolved, instead of asking anybody; `asked` counts how often one was looked up."""
    known: dict[str, str] = {}
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **named: Any) -> Any:
        if host in known or host == "127.0.0.1":
            return real(known.get(host, host), *rest, **named)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


def test_a_name_that_nobody_knows_ends_the_run(tmp_path: Path, impatient: None, names: dict[str, str]):
    sent = send(tmp_path, NOBODY, 2)
    assert (sent.end.reason, sent.end.detail) == ("unreachable", "the host's name is not known")
    assert sent.states == ["pending", "pending"]
    assert {attempt.outcome for attempt in sent.attempts} == {"unreached"}


def test_a_name_that_is_known_later_is_tried_again(tmp_path: Path, trusted: Certificate, names: dict[str, str]):
    def learn() -> None:
        names["api.example.invalid"] = "127.0.0.1"

    with FaultyServer(certificate=trusted) as server:
        address = f"{NOBODY}:{server.port}"
        sent = send(tmp_path, address, wrap=lambda real: After(real, 2, learn))
    assert (sent.end.reason, sent.only.state) == ("done", "sent")
    assert [attempt.outcome for attempt in sent.attempts] == ["unreached", "unreached", "sent"]
    assert server.bodies == [body(0)]


RESET = "no connection: connection reset by peer"
CLOSED = "the connection was closed without a whole answer"
UNINTELLIGIBLE = "no answer that can be read (ClientResponseError)"
LOST: dict[str, tuple[Step, str]] = {
    "reset-at-first-sight": (raw(reads="something", ending="reset"), CLOSED),
    "closed-at-once": (raw(reads="nothing", ending="close"), CLOSED),
    "reset-after-request": (raw(ending="reset"), CLOSED),
    "closed-after-request": (raw(ending="close"), CLOSED),
    "closed-in-the-head": (raw(b"HTTP/1.1 201 X\r\nContent-Le", ending="close"), CLOSED),
    "no-http": (raw(b"SSH-2.0-OpenSSH_9.9\r\n", ending="close"), UNINTELLIGIBLE),
    "chunked-garbage": (
        raw(b'HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{"id":"x"}', ending="close"),
        UNINTELLIGIBLE,
    ),
    "too-long": (
        raw(b'HTTP/1.1 201 X\r\nContent-Length: 10\r\n\r\n{"id":"x"}and more', ending="close"),
        UNINTELLIGIBLE,
    ),
    "two-lengths": (
        raw(b'HTTP/1.1 201 X\r\nContent-Length: 10\r\nContent-Length: 5\r\n\r\n{"id":"x"}', ending="close"),
        UNINTELLIGIBLE,
    ),
    "a-head-without-end": (raw(b"HTTP/1.1 201 X\r\n", b"X-A: " + b"a" * 1000 + b"\r\n", repeats=True), UNINTELLIGIBLE),
    "a-line-without-end": (raw(b"HTTP/1.1 201 X\r\nX-A: ", b"a" * 1000, repeats=True), UNINTELLIGIBLE),
}


@pytest.mark.parametrize("name", LOST)
def test_a_request_that_left_without_an_answer_is_unknown_and_never_repeated(tmp_path: Path, name: str):
    step, reason = LOST[name]
    with FaultyServer(step) as server:
        sent = send(tmp_path, server, 2)
    assert (sent.end.reason, sent.states) == ("done", ["unknown", "sent"])
    record = sent.records[0]
    assert (record.outcome, record.status, record.attempts, record.reason) == ("unknown", None, 1, reason)
    assert server.bodies == ([body(0), body(1)] if step.reads == "request" else [body(1)])


def test_a_connection_that_is_reset_at_once_doubles_nothing(tmp_path: Path):
    with FaultyServer(raw(reads="nothing", ending="reset")) as server:
        sent = send(tmp_path, server)
    # The reset may come before the connection is complete, or behind the request: both are told apart rightly.
    came = {"unknown": (["unknown"], [CLOSED], []), "sent": (["unreached", "sent"], [RESET, "accepted"], [body(0)])}
    outcomes = [attempt.outcome for attempt in sent.attempts]
    assert (outcomes, sent.reasons, server.bodies) == came[sent.only.state]
    assert sent.end.reason == "done"


LATE = "no whole answer in time"
ENDLESS: dict[str, tuple[Step, int | None, str]] = {
    "stall": (raw(ending="stall"), None, LATE),
    "stall-at-once": (raw(reads="nothing", ending="stall"), None, LATE),
    "slow-head": (raw(b"HTTP/1.1 201 X\r\n", b"X: y\r\n", repeats=True, pause=0.1), None, LATE),
    "slow-body": (
        raw(b"HTTP/1.1 201 X\r\nContent-Length: 9999\r\n\r\n", b" ", repeats=True, pause=0.1),
        201,
        UNREADABLE.format(201),
    ),
    "no-end-of-body": (raw(b'HTTP/1.1 201 X\r\n\r\n{"id":"x"}', ending="stall"), 201, UNREADABLE.format(201)),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_answer_that_takes_too_long_is_unknown(tmp_path: Path, name: str):
    step, status, reason = ENDLESS[name]
    with FaultyServer(step) as server:
        sent = send(tmp_path, server, timeout=1.0)
    assert (sent.end.reason, sent.only.state) == ("done", "unknown")
    assert (sent.only.attempts, sent.only.status, sent.only.reason) == (1, status, reason)
    assert server.bodies == ([] if step.reads == "nothing" else [body(0)])
    assert sent.seconds >= 0.9


@pytest.mark.parametrize("status", [201, 400, 429])
def test_of_a_body_without_end_a_little_is_read(tmp_path: Path, status: int):
    head = f"HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    answer = raw(head, b"1000\r\n" + b"a" * 4096 + b"\r\n", repeats=True)
    with FaultyServer(answer) as server:
        sent = send(tmp_path, server, timeout=30.0)
    states = {201: ("unknown", UNREADABLE.format(201)), 400: ("failed", REFUSED.format(400)), 429: ("sent", "accepted")}
    assert (sent.only.state, sent.only.reason) == states[status]
    assert sent.seconds < 25
    assert len(server.received) == (2 if status == 429 else 1)


def test_a_body_that_grows_when_it_is_unpacked_takes_little_memory(tmp_path: Path):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    with FaultyServer(reply(201, packed, "Content-Encoding: gzip")) as server:
        tracemalloc.start()
        try:
            sent = send(tmp_path, server)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (sent.only.state, sent.only.reason) == ("unknown", UNREADABLE.format(201))
    assert peak < 50 << 20


def test_an_answer_of_the_largest_size_is_read(tmp_path: Path):
    text = b'{"id":"an-id","more":"' + b"a" * (MAX_BODY - 24) + b'"}'
    assert len(text) == MAX_BODY
    with FaultyServer(reply(201, text)) as server:
        sent = send(tmp_path, server)
    assert (sent.only.state, sent.only.message_id) == ("sent", "an-id")


# ------------------------------------------------------------------------------------------------- kept connections


def gated(server: FaultyServer) -> Callable[[Transport], Transport]:
    """Lets the second request leave only after the server has closed a connection, or said more than it was asked."""

    async def wait() -> None:
        assert await asyncio.to_thread(server.closed.wait, 30)
        await asyncio.sleep(0.1)

    return lambda real: Gated(real, wait)


def test_a_connection_is_used_again(tmp_path: Path):
    with FaultyServer() as server:
        sent = send(tmp_path, server, 5)
    assert sent.states == ["sent"] * 5
    assert (len(server.received), server.connections) == (5, 1)


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_kept_connection_that_was_closed_costs_and_doubles_nothing(tmp_path: Path, ending: str):
    with FaultyServer(raw(ACCEPTED.pieces[0], ending=ending)) as server:
        sent = send(tmp_path, server, 2, wrap=gated(server))
    assert sent.states == ["sent", "sent"]
    assert [record.attempts for record in sent.records] == [1, 1]
    assert [(each.connection, each.body) for each in server.received] == [(1, body(0)), (2, body(1))]


@pytest.mark.parametrize("ending", ["close", "reset"])
def test_a_kept_connection_that_closes_upon_a_request_leaves_that_unknown(tmp_path: Path, ending: str):
    with FaultyServer(ACCEPTED, raw(ending=ending)) as server:
        sent = send(tmp_path, server, 3)
    assert sent.states == ["sent", "unknown", "sent"]
    assert (sent.records[1].attempts, sent.records[1].reason) == (1, CLOSED)
    assert server.bodies == [body(0), body(1), body(2)], "no request is repeated behind msgc's back"


@pytest.mark.parametrize(
    "unasked",
    [reply(408).pieces[0], reply(201, b'{"id":"of-somebody-else"}').pieces[0], b"HTTP/1.1 5", b"and more"],
    ids=["408", "201", "half", "garbage"],
)
def test_what_nobody_asked_for_is_no_answer_to_the_next_request(tmp_path: Path, unasked: bytes):
    with FaultyServer(raw(ACCEPTED.pieces[0], unasked, pause=0.2)) as server:
        sent = send(tmp_path, server, 2, wrap=gated(server))
    assert sent.states == ["sent", "sent"]
    assert [record.message_id for record in sent.records] == [ULID, ULID]
    assert server.bodies == [body(0), body(1)]


# ------------------------------------------------------------------------------------------------- TLS and proxies


def test_a_secure_connection_is_used(tmp_path: Path, trusted: Certificate):
    with FaultyServer(certificate=trusted) as server:
        sent = send(tmp_path, server, 2)
    assert sent.states == ["sent", "sent"]
    assert (len(server.received), server.connections) == (2, 1)


def test_a_certificate_that_nobody_vouches_for_stops_before_anything_leaves(tmp_path: Path, certificate: Certificate):
    with FaultyServer(certificate=certificate) as server:
        sent = send(tmp_path, server, 3, in_flight=2)
    assert (sent.end.reason, sent.end.detail) == ("account", "no secure connection: self-signed certificate")
    assert sent.states == ["pending"] * 3
    assert {(attempt.outcome, attempt.status) for attempt in sent.attempts} == {("stopped", None)}
    assert server.received == []


def test_a_certificate_of_somebody_else_stops_before_anything_leaves(
    tmp_path: Path, trusted: Certificate, names: dict[str, str]
):
    names["other.example.invalid"] = "127.0.0.1"
    with FaultyServer(certificate=trusted) as server:
        sent = send(tmp_path, f"https://other.example.invalid:{server.port}")
    assert sent.end.reason == "account"
    assert sent.end.detail.startswith("no secure connection: hostname mismatch, certificate is not valid for")
    assert (sent.only.state, server.received) == ("pending", [])


def test_a_server_that_does_not_speak_tls_stops_before_anything_leaves(tmp_path: Path):
    with FaultyServer(raw(b"HTTP/1.1 400 Bad Request\r\n\r\n", reads="something", ending="close")) as server:
        sent = send(tmp_path, server.base_url.replace("http:", "https:"), 2)
    assert (sent.end.reason, sent.end.detail) == ("account", "no secure connection: wrong version number")
    assert sent.states == ["pending", "pending"]
    assert server.received == []


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (raw(reads="something", ending="reset"), RESET),
        (raw(reads="nothing", ending="reset"), RESET),
        (raw(reads="something", ending="close"), "no connection: it was closed"),
        (raw(reads="something", ending="stall"), "no connection within the time for one"),
    ],
    ids=["reset", "reset-at-once", "closed", "stall"],
)
@pytest.mark.parametrize("timeout", [20.0, 1.0])
def test_what_ends_while_the_connection_is_being_secured_is_tried_again(
    tmp_path: Path, trusted: Certificate, step: Step, reason: str, timeout: float
):
    with FaultyServer(step, certificate=trusted) as server:
        sent = send(tmp_path, server, timeout=timeout, connect_timeout=1.0)
    assert (sent.end.reason, sent.only.state) == ("done", "sent")
    assert [attempt.outcome for attempt in sent.attempts] == ["unreached", "sent"]
    assert (sent.reasons[0], server.bodies, server.connections) == (reason, [body(0)], 2)


def test_what_is_reset_behind_the_handshake_is_unknown(tmp_path: Path, trusted: Certificate):
    with FaultyServer(raw(ending="reset"), certificate=trusted) as server:
        sent = send(tmp_path, server, 2)
    assert sent.states == ["unknown", "sent"]
    assert sent.records[0].reason == CLOSED
    assert server.bodies == [body(0), body(1)]


def test_a_proxy_that_wants_a_password_stops_the_run_and_learns_nothing(tmp_path: Path):
    with FaultyServer(then=reply(407, b"", 'Proxy-Authenticate: Basic realm="x"')) as proxy:
        sent = send(tmp_path, NOBODY, 2, proxy=proxy.base_url)
    assert (sent.end.reason, sent.end.detail) == ("account", "the proxy asks for a password")
    assert sent.states == ["pending", "pending"]
    (received,) = proxy.received
    assert received.path == "api.example.invalid:443"
    assert KEY.encode() not in received.head
    assert received.body == b""


def test_a_proxy_that_refuses_is_tried_again_and_ends_the_run(tmp_path: Path, impatient: None):
    with FaultyServer(then=reply(502)) as proxy:
        sent = send(tmp_path, NOBODY, proxy=proxy.base_url)
    assert (sent.end.reason, sent.end.detail) == ("unreachable", "the proxy refuses with status 502")
    assert (sent.only.state, sent.only.outcome) == ("pending", "unreached")
    assert len(proxy.received) == sent.only.attempts > 1
    assert all(KEY.encode() not in each.head for each in proxy.received)


def test_a_proxy_that_is_not_there_ends_the_run_and_its_password_is_not_told(tmp_path: Path, impatient: None):
    sent = send(tmp_path, NOBODY, proxy=f"http://user:pass-word@127.0.0.1:{free_port()}")
    assert (sent.end.reason, sent.end.detail) == ("unreachable", "the proxy cannot be reached: connection refused")
    assert (sent.only.state, sent.only.reason) == ("pending", sent.end.detail)


# ------------------------------------------------------------------------------------------------- where requests go


@pytest.mark.parametrize(
    "business", ["", ".", "..", "a/b", "../x", "a b", "%2F", "a%2Fb", "a?b", "a#b", "é", "a\n", "\n"]
)
def test_a_business_that_would_lead_elsewhere_is_refused(business: str):
    with pytest.raises(EndpointError) as caught:
        make_endpoint(CONTRACT, BASE_URL, business)
    reason = f"the business id `{business}` holds other characters than letters, digits, `_` and `-`"
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://api.connectly.ai", "plain http"),
        ("http://10.0.0.1", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
        ("http://localhost.example.com", "plain http"),
        ("http://0.0.0.0", "plain http"),
        ("http://[::2]", "plain http"),
        ("https://user:pass-word@api.connectly.ai", "user name or a password"),
        ("https://key@api.connectly.ai", "user name or a password"),
        ("https://api.connectly.ai?a=b", "query or a fragment"),
        ("https://api.connectly.ai#", "query or a fragment"),
        ("ftp://api.connectly.ai", "not of the form"),
        ("api.connectly.ai", "not of the form"),
        ("https://", "not of the form"),
        ("", "not of the form"),
        ("https://api.connectly.ai:port", "not of the form"),
        ("https://api.connectly.ai:99999", "not of the form"),
        ("https://api connectly.ai", "characters"),
        ("https://api.connectly.ai/a b", "characters"),
        ("https://api.connectly.ai/%2e%2e", "characters"),
        ("https://api.connectly.ai\\@127.0.0.1", "user name or a password"),
        ("https://api.connectly.ai\\.example.com", "characters"),
    ],
)
def test_an_address_that_is_not_safe_is_refused(url: str, reason: str):
    with pytest.raises(EndpointError, match=reason) as caught:
        make_endpoint(CONTRACT, url, "demo")
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080/", "http://127.9.9.9/api"]
)
def test_plain_http_is_for_this_machine(url: str):
    assert is_loopback(url)
    assert make_endpoint(CONTRACT, url, "demo").url("session") == url.rstrip("/") + SESSION


@pytest.mark.parametrize(
    "key", ["", "secret\nkey", "secret key", "secret\r\nX-Other: 1", "secret\x00", "secrét", "secret\x7f"]
)
def test_a_key_that_would_break_a_header_is_refused_and_not_repeated(key: str):
    with pytest.raises(EndpointError, match=r"^the API key in CONNECTLY_API_KEY is empty, or holds spaces") as caught:
        check_key(key)
    assert "secr" not in str(caught.value)


# ------------------------------------------------------------------------------------------------- pausing and stopping

REFUSAL = reply(400, error("ERROR_CODE_MESSAGE_PHONE_NUMBER_INVALID"))


def test_so_many_in_a_row_that_were_not_sent_pause_the_run(tmp_path: Path):
    with FaultyServer(REFUSAL, reply(502), then=REFUSAL) as server:
        sent = send(tmp_path, server, 10, pause_after=3)
    assert (sent.end.reason, sent.end.detail) == (
        "failures",
        sentence(ERRORS.codes["ERROR_CODE_MESSAGE_PHONE_NUMBER_INVALID"]),
    )
    assert sent.states == ["failed", "unknown", "failed"] + ["pending"] * 7
    assert len(server.received) == 3


def test_a_success_in_between_begins_the_count_anew(tmp_path: Path):
    with FaultyServer(*[REFUSAL, REFUSAL, ACCEPTED] * 4, then=REFUSAL) as server:
        sent = send(tmp_path, server, 16, pause_after=3)
    assert sent.end.reason == "failures"
    assert sent.states == ["failed", "failed", "sent"] * 4 + ["failed"] * 3 + ["pending"]
    assert len(server.received) == 15


def test_what_waits_for_its_next_request_is_not_in_the_row(tmp_path: Path):
    window = reply(400, error("ERROR_CODE_MESSAGE_OUTSIDE_OF_ELIGIBILITY_WINDOW"))
    with FaultyServer(window, ACCEPTED, *[reply(429)] * 5) as server:
        sent = send(tmp_path, server, 2, fallbacks=True, pause_after=1)
    assert (sent.end.reason, sent.states) == ("done", ["sent", "sent"])


def test_it_never_pauses_if_it_should_not(tmp_path: Path):
    with FaultyServer(then=REFUSAL) as server:
        sent = send(tmp_path, server, 30, pause_after=0, in_flight=5)
    assert (sent.end.reason, sent.states) == ("done", ["failed"] * 30)
    assert len(server.received) == 30


HOLD = raw(*ACCEPTED.pieces, holds=True)


def when_held(
    server: FaultyServer, count: int, *acts: Callable[[Dispatcher], None]
) -> Callable[[Dispatcher], Coroutine[Any, Any, None]]:
    async def during(dispatcher: Dispatcher) -> None:
        await asyncio.to_thread(server.wait_for, count)
        for act in acts:
            act(dispatcher)

    return during


def test_after_a_stop_what_is_in_flight_ends_and_nothing_more_leaves(tmp_path: Path):
    server = FaultyServer(then=HOLD)
    during = when_held(server, 2, Dispatcher.stop, lambda _: server.release())
    with server:
        sent = send(tmp_path, server, 6, in_flight=2, during=during)
    assert (sent.end.reason, sent.end.unrecorded) == ("interrupted", 0)
    assert sent.states == ["sent", "sent", "pending", "pending", "pending", "pending"]
    assert [attempt.position for attempt in sent.attempts] == [1, 2]
    assert sorted(server.bodies) == [body(0), body(1)]


def test_a_stop_between_a_closed_window_and_the_fallback_is_remembered(tmp_path: Path):
    window = reply(504, error("ERROR_CODE_MESSAGE_OUTSIDE_OF_ELIGIBILITY_WINDOW"))
    server = FaultyServer(raw(*window.pieces, holds=True))
    during = when_held(server, 1, Dispatcher.stop, lambda _: server.release())
    with server:
        first = send(tmp_path, server, fallbacks=True, during=during)
        second = resend(tmp_path, server)
    assert (first.end.reason, first.only.state) == ("interrupted", "pending")
    assert first.attempts == [Attempt(1, 1, False, "window", 504)]
    assert (second.end.reason, second.only.state) == ("done", "sent")
    assert second.attempts == [Attempt(1, 1, False, "window", 504), Attempt(1, 2, True, "sent", 201)]
    assert [(each.path, each.body) for each in server.received] == [(SESSION, body(0)), (TEMPLATED, fallback(0))]


def test_after_a_stop_nobody_waits_for_the_end_of_a_pause(tmp_path: Path):
    server = FaultyServer(ACCEPTED, reply(429, b"", "Retry-After: 600"))
    with server:
        sent = send(tmp_path, server, 3, during=when_held(server, 2, lambda dispatcher: _later(dispatcher.stop)))
    assert (sent.end.reason, sent.states) == ("interrupted", ["sent", "pending", "pending"])
    assert sent.seconds < 30


def _later(act: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(0.2, act)


def test_what_is_abandoned_is_unknown(tmp_path: Path):
    server = FaultyServer(then=HOLD)
    with server:
        sent = send(tmp_path, server, 6, in_flight=2, during=when_held(server, 2, Dispatcher.abandon))
    assert (sent.end.reason, sent.end.unrecorded) == ("interrupted", 0)
    assert sent.states == ["unknown", "unknown", "pending", "pending", "pending", "pending"]
    for record in sent.records[:2]:
        assert (record.attempts, record.reason) == (1, "interrupted before its answer came")
    assert sorted(server.bodies) == [body(0), body(1)]


def test_a_stop_and_then_another_leave_unknown_what_does_not_end(tmp_path: Path):
    server = FaultyServer(then=HOLD)
    with server:
        during = when_held(server, 3, Dispatcher.stop, Dispatcher.abandon, Dispatcher.abandon)
        sent = send(tmp_path, server, 5, in_flight=3, during=during)
    assert (sent.end.reason, sent.states) == ("interrupted", ["unknown"] * 3 + ["pending"] * 2)


class Ending:
    """A transport that ends the dispatch at its first request, before that leaves."""

    dispatcher: Dispatcher

    def __init__(self, transport: Transport, end: Callable[[Dispatcher], None]) -> None:
        self._transport, self._end = transport, end

    async def post(self, url: str, body: bytes) -> Reply:
        self._end(self.dispatcher)
        return await self._transport.post(url, body)


@pytest.mark.parametrize(
    ("end", "state"), [(Dispatcher.stop, "sent"), (Dispatcher.abandon, "unknown")], ids=["stop", "abandon"]
)
def test_what_was_written_down_and_had_not_left_waits_as_before(
    tmp_path: Path, end: Callable[[Dispatcher], None], state: str
):
    endings: list[Ending] = []

    def wrap(real: Transport) -> Transport:
        endings.append(Ending(real, end))
        return endings[0]

    async def introduce(dispatcher: Dispatcher) -> None:
        endings[0].dispatcher = dispatcher

    with FaultyServer() as server:
        sent = send(tmp_path, server, 5, in_flight=5, rate=25, wrap=wrap, during=introduce)
    assert [position for position, _, _ in sent.committed] == [1, 2], "two were about to leave, 40 ms apart"
    assert sent.end.reason == "interrupted"
    assert sent.states == [state, "pending", "pending", "pending", "pending"]
    assert [record.attempts for record in sent.records] == [1, 0, 0, 0, 0]
    assert server.bodies == ([body(0)] if state == "sent" else [])


class Broken:
    """A transport with a mistake."""

    async def post(self, url: str, body: bytes) -> Reply:
        raise KeyError(f"{KEY} {url} {body!r}")


def test_a_mistake_of_msgc_leaves_its_message_unknown_and_tells_nothing(tmp_path: Path):
    sent = send(tmp_path, "http://127.0.0.1:1", 2, wrap=lambda _: Broken())
    assert (sent.end.reason, sent.states) == ("done", ["unknown", "unknown"])
    assert {record.reason for record in sent.records} == {"a mistake in msgc itself (KeyError)"}


def test_a_mistake_behind_an_answer_ends_the_run_and_its_message_is_not_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def judge(*_: object) -> None:
        raise KeyError("something")

    with FaultyServer() as server:
        with monkeypatch.context() as patched:
            patched.setattr(Dispatcher, "_judge", judge)
            first = send(tmp_path, server, 3)
        second = resend(tmp_path, server)
    assert (first.end.reason, first.end.detail) == ("failures", "a mistake in msgc itself (KeyError)")
    assert first.states == ["unknown", "pending", "pending"]
    assert (second.end.reason, second.states) == ("done", ["unknown", "sent", "sent"])
    assert server.bodies == [body(0), body(1), body(2)]


# ------------------------------------------------------------------------------------------------- the run file


def every(first: int) -> range:
    return range(first, sys.maxsize)


def check_nothing_left_unrecorded(sent: Sent, server: FaultyServer) -> None:
    """Whatever the server has received had been written down, and is neither pending nor forgotten."""
    written = {body(position - 1) for position, _, _ in sent.committed}
    assert set(server.bodies) <= written
    assert len(server.bodies) == len(set(server.bodies)) <= len(sent.committed)
    assert {body(position) for position, state in enumerate(sent.states) if state == "pending"}.isdisjoint(
        server.bodies
    )


@pytest.mark.parametrize("first", [1, 2, 3, 6])
def test_nothing_leaves_that_cannot_be_written_down(tmp_path: Path, first: int):
    with FaultyServer() as server:
        sent = send(tmp_path, server, 40, in_flight=4, failing={"commit": every(first)})
    assert (sent.end.reason, sent.end.detail) == ("storage", "the disk is full")
    check_nothing_left_unrecorded(sent, server)
    assert set(sent.states) <= {"sent", "sending", "pending"}
    assert sent.end.unrecorded == sent.states.count("sending")
    assert sent.states.count("pending") >= 40 - 4 * (first - 1)
    with RunFile.open(tmp_path / "run.sqlite", for_writing=True) as run_file:
        assert run_file.recover() == sent.end.unrecorded
    records = look(tmp_path / "run.sqlite")
    ended = {body(index) for index, record in enumerate(records) if record.state in ("sent", "unknown")}
    assert ended == set(server.bodies)


def test_answers_are_written_down_once_there_is_room_again(tmp_path: Path):
    with FaultyServer() as server:
        sent = send(tmp_path, server, 40, in_flight=4, failing={"commit": range(3, 5)})
    assert (sent.end.reason, sent.end.unrecorded) == ("storage", 0)
    check_nothing_left_unrecorded(sent, server)
    assert set(sent.states) == {"sent", "pending"}
    assert sent.states.count("sent") == len(server.bodies)


def test_a_run_file_that_cannot_be_read_on_ends_the_run_and_forgets_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("msgc.send.dispatch.PORTION", 4)
    server = FaultyServer(then=HOLD)
    with server:
        during = when_held(server, 3, lambda _: _later(server.release))
        sent = send(tmp_path, server, 20, in_flight=3, failing={"fetch": every(2)}, during=during)
    assert (sent.end.reason, sent.end.detail, sent.end.unrecorded) == ("storage", "the disk is full", 0)
    check_nothing_left_unrecorded(sent, server)
    assert set(sent.states) == {"sent", "pending"}
    assert sent.states.count("sent") == len(server.bodies) == 3


def test_what_a_crash_has_left_on_its_way_is_unknown_only_after_recovery(tmp_path: Path):
    path = write_run(tmp_path / "run.sqlite", [number(index) for index in range(3)])
    with RunFile.open(path, for_writing=True) as run_file:
        run_file.commit([(message, time.time()) for message in run_file.fetch(0, 2)], [])
    with RunFile.open(path, for_writing=True) as run_file:
        assert run_file.counts()["sending"] == 2, "whoever looks changes nothing"
        assert [message.position for message in run_file.fetch(0, 10)] == [3]
    with FaultyServer() as server:
        sent = resend(tmp_path, server)
        assert sent.states == ["sending", "sending", "sent"]
        with RunFile.open(path, for_writing=True) as run_file:
            assert run_file.recover() == 2
            assert run_file.recover() == 0
        sent = resend(tmp_path, server)
    assert sent.states == ["unknown", "unknown", "sent"]
    assert server.bodies == [body(2)]


def test_one_process_at_a_time_sends_a_run(tmp_path: Path):
    path = write_run(tmp_path / "run.sqlite", [number(0)])
    assert not is_locked(path)
    with hold_lock(path):
        assert is_locked(path)
        with pytest.raises(RunIsTaken, match="is being sent by another process"), hold_lock(path):
            pass
        script = (
            "import sys\nfrom pathlib import Path\nfrom msgc.send.lock import RunIsTaken, hold_lock\n"
            "try:\n    with hold_lock(Path(sys.argv[1])):\n        print('held')\n"
            "except RunIsTaken:\n    print('taken')\n"
        )
        command = [sys.executable, "-c", script, str(path)]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=60, check=True)
        assert done.stdout == b"taken\n"
    assert not is_locked(path)
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=60, check=True)
    assert done.stdout == b"held\n"


# ------------------------------------------------------------------------------------------------- one recipient


def check_pair_rate(server: FaultyServer, began: float, recipients: list[str], *, seconds: float, burst: int) -> None:
    """Nobody has got more at any time than the burst, and one more for each interval since."""
    for recipient in set(recipients):
        mine = {body(index) for index, each in enumerate(recipients) if each == recipient}
        times = sorted(each.at for each in server.received if each.body in mine)
        for count, at in enumerate(times, start=1):
            assert count <= burst + math.floor((at - began) / seconds), recipient


@pytest.mark.parametrize("sender", [None, "+14151110000"])
def test_one_recipient_gets_no_more_than_the_burst_and_keeps_nobody_waiting(tmp_path: Path, sender: str | None):
    recipients = [number(0)] * 50 + [number(index) for index in range(1, 21)]
    path = write_run(tmp_path / "run.sqlite", recipients, sender=sender)
    server = FaultyServer()
    with server:
        began = time.monotonic()
        during = when_held(server, PAIR_BURST + 20, lambda dispatcher: _later(dispatcher.stop))
        sent = dispatch(path, server, in_flight=10, during=during)
        assert sent.end.reason == "interrupted"
        assert sent.states[50:] == ["sent"] * 20, "the others have not waited"
        assert sent.states[:PAIR_BURST] == ["sent"] * PAIR_BURST
        check_pair_rate(server, began, recipients, seconds=PAIR_SECONDS, burst=PAIR_BURST)
        had = len(server.received)
        again = dispatch(path, server, in_flight=10, during=_stopped_soon)
    assert again.end.reason == "interrupted"
    assert len(server.received) - had <= math.ceil((time.monotonic() - began) / PAIR_SECONDS), "the file remembers"
    check_pair_rate(server, began, recipients, seconds=PAIR_SECONDS, burst=PAIR_BURST)


async def _stopped_soon(dispatcher: Dispatcher) -> None:
    await asyncio.sleep(0.5)
    dispatcher.stop()


def test_one_recipient_gets_everything_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seconds, burst = 0.05, 10
    for module in ("pace", "dispatch"):
        monkeypatch.setattr(f"msgc.send.{module}.PAIR_SECONDS", seconds)
        monkeypatch.setattr(f"msgc.send.{module}.PAIR_BURST", burst)
    recipients = [number(0)] * 50
    path = write_run(tmp_path / "run.sqlite", recipients)
    with FaultyServer() as server:
        began = time.monotonic()
        sent = dispatch(path, server, in_flight=20)
    assert (sent.end.reason, sent.states) == ("done", ["sent"] * 50)
    assert sorted(server.bodies) == sorted(body(index) for index in range(50))
    check_pair_rate(server, began, recipients, seconds=seconds, burst=burst)
