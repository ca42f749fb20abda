"""The sandbox: what it refuses and why, what it loses on request, what it keeps, and how it begins and ends."""

import contextlib
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest

from msgc.configuration import find_configuration
from msgc.contract import Contract, read_contract
from msgc.emit import compact
from msgc.error_table import ErrorTable, read_error_table
from msgc.judge import judge_stream
from msgc.pipeline import open_project
from msgc.resources import ERRORS_FILE, PAYLOAD_FILE, data_folder
from msgc.sandbox.answer import MAX_BODY, Answer, Request, answer
from msgc.sandbox.faults import Fault, Faults, read_faults
from msgc.sandbox.loopback import is_loopback, loopback_address
from msgc.sandbox.messages import Messages
from msgc.sandbox.serve import Running
from msgc.sandbox.traffic import Traffic
from msgc.sandbox.ulid import Ulids, spell
from msgc.sandbox.world import KEY, Settings, World
from program import COMMAND, ENVIRONMENT, invoke, run

CONTRACT: Contract = read_contract(data_folder("schemas") / PAYLOAD_FILE)
ERRORS: ErrorTable = read_error_table(data_folder("schemas") / ERRORS_FILE)
ANA, BO = "+16044441111", "+16044442222"
TO = {"id": ANA, "channelType": "whatsapp"}
TEXT = {"recipient": TO, "message": {"text": "Hello"}}
TEMPLATE = {"number": ANA, "templateName": "order_ready", "language": "en"}
SESSION_PATH = "/v1/businesses/demo/send/messages"
TEMPLATED_PATH = "/v1/businesses/demo/send/whatsapp_templated_messages"
OWN = "ERROR_CODE_SANDBOX_"
ANYWHERE = "0.0.0.0"  # noqa: S104 - to be refused


def make_world(**settings: Any) -> World:
    return World(CONTRACT, ERRORS, Settings(**settings))


def post(world: World, body: Any, kind: Any = "session", **extra: Any) -> Answer:
    data = body if isinstance(body, bytes) else compact(body)
    return answer(Request(kind, data, **{"key": KEY, **extra}), world)


def told(given: Answer) -> Any:
    return json.loads(given.body)


def message(**content: Any) -> dict[str, Any]:
    return {"recipient": TO, "message": content}


def attached(**attachment: Any) -> dict[str, Any]:
    return message(attachments=[{"type": "image", **attachment}])


# ------------------------------------------------------------------------------------------------- what is refused

IMAGE = {"type": "image", "url": "https://example.com/a.png"}
SLOT = "/parameters/0"


@pytest.mark.parametrize(
    ("kind", "body", "code", "rule", "place"),
    [
        ("session", message(text=""), "ERROR_CODE_MESSAGE_TEXT_EMPTY", "text-empty", "/message/text"),
        (
            "session",
            message(attachments=[IMAGE, IMAGE]),
            "ERROR_CODE_MESSAGE_ATTACHMENTS_NUMBER_INVALID",
            "attachment-count",
            "/message/attachments",
        ),
        (
            "session",
            message(attachments=[]),
            "ERROR_CODE_MESSAGE_ATTACHMENTS_NUMBER_INVALID",
            "attachment-missing",
            "/message/attachments",
        ),
        (
            "session",
            attached(url=""),
            "ERROR_CODE_MESSAGE_ATTACHMENT_EMPTY",
            "attachment-url-empty",
            "/message/attachments/0/url",
        ),
        (
            "session",
            attached(),
            "ERROR_CODE_MESSAGE_ATTACHMENT_EMPTY",
            "attachment-url-missing",
            "/message/attachments/0",
        ),
        (
            "session",
            attached(url="example.com"),
            "ERROR_CODE_MESSAGE_ATTACHMENT_INVALID",
            "attachment-url-scheme",
            "/message/attachments/0/url",
        ),
        (
            "session",
            {**TEXT, "recipient": {**TO, "id": "6044441111"}},
            "ERROR_CODE_PHONE_NUMBER_BAD_FORMAT",
            "recipient-phone",
            "/recipient/id",
        ),
        (
            "session",
            {**TEXT, "sender": {"id": "123", "channelType": "whatsapp"}},
            "ERROR_CODE_INVALID_SENDER_ID",
            "sender-phone",
            "/sender/id",
        ),
        ("session", {**TEXT, "sender": TO}, "ERROR_CODE_MESSAGE_SELF_INVALID", "sender-is-recipient", ""),
        (
            "session",
            {**TEXT, "callbackData": "x" * 1100},
            f"{OWN}REQUEST_INVALID",
            "callback-data-size",
            "/callbackData",
        ),
        ("session", {"message": {"text": "a"}}, f"{OWN}REQUEST_INVALID", "recipient-missing", ""),
        ("session", message(txet="Hello"), f"{OWN}REQUEST_INVALID", "unknown-key", "/message/txet"),
        (
            "session",
            {**TEXT, "recipient": {"userId": "US.13491208655302741918", "channelType": "whatsapp"}},
            f"{OWN}REQUEST_INVALID",
            "bsuid-recipient",
            "/recipient/userId",
        ),
        (
            "session",
            {**TEXT, "recipient": {"id": "US.13491208655302741918", "channelType": "whatsapp"}},
            f"{OWN}REQUEST_INVALID",
            "bsuid-recipient",
            "/recipient/id",
        ),
        ("session", TEMPLATE, f"{OWN}REQUEST_INVALID", "unknown-key", "/number"),
        ("session", [TEXT], f"{OWN}REQUEST_INVALID", "wrong-type", ""),
        ("session", message(text="a\0b"), f"{OWN}REQUEST_INVALID", "not-json", "/message/text"),
        ("templated", TEXT, f"{OWN}REQUEST_INVALID", "unknown-key", "/recipient"),
        (
            "templated",
            {**TEMPLATE, "number": "604"},
            "ERROR_CODE_PHONE_NUMBER_BAD_FORMAT",
            "template-number",
            "/number",
        ),
        (
            "templated",
            {**TEMPLATE, "sender": "604"},
            "ERROR_CODE_INVALID_SENDER_ID",
            "template-sender-phone",
            "/sender",
        ),
        (
            "templated",
            {**TEMPLATE, "sender": ANA},
            "ERROR_CODE_MESSAGE_SELF_INVALID",
            "template-sender-is-recipient",
            "",
        ),
        (
            "templated",
            {**TEMPLATE, "parameters": [{"name": "body_1", "value": "a\nb"}]},
            "ERROR_CODE_MESSAGE_TEMPLATE_INPUT_INVALID",
            "template-parameter-space",
            SLOT,
        ),
        (
            "templated",
            {**TEMPLATE, "parameters": [{"name": "body_1"}]},
            "ERROR_CODE_MESSAGE_TEMPLATE_INPUT_INVALID",
            "template-parameter-value-missing",
            SLOT,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "-" in value else "",
)
def test_a_broken_contract_is_answered_with_its_code(kind: str, body: Any, code: str, rule: str, place: str):
    world = make_world()
    given = post(world, body, kind)
    error = told(given)
    assert (given.status, error["type"], error["code"]) == (400, "ERROR_TYPE_INVALID_REQUEST", code)
    assert (error["details"]["rule"], error["details"]["pointer"][: len(place)]) == (rule, place)
    assert (given.code, given.rule, given.ending, given.message) == (code, rule, "whole", None)
    assert world.accepted == len(world.messages) == 0


def test_an_error_has_the_documented_fields():
    error = told(post(make_world(), message(text="")))
    names = ["message", "type", "code", "userTitle", "userMessage", "cntTraceId", "details"]
    assert list(error) == names
    assert error["message"] == error["userTitle"] == "The text of the message is empty."
    assert re.fullmatch(r"[0-9]{1,19}", error["cntTraceId"])
    assert error["cntTraceId"] in error["userMessage"]
    assert error["details"] == {"rule": "text-empty", "pointer": "/message/text"}


def test_the_documented_code_wins_over_those_that_are_not_and_the_others_are_told():
    rows = [{"id": str(number), "text": "x" * 30} for number in range(40)]
    body = message(text="", listMessage={"button": {"text": "See"}, "sections": [{"title": "a", "rows": rows}]})
    details = told(post(make_world(), body))["details"]
    assert (details["rule"], details["pointer"]) == ("text-empty", "/message/text")
    assert len(details["others"]) == 20
    assert {"rule": "row-title-length", "pointer": "/message/listMessage/sections/0/rows/3/text"} in details["others"]


@pytest.mark.parametrize(
    ("body", "rule", "line", "column"),
    [
        (b"", "json-syntax", 1, 1),
        (b'{"message": {\n"text": "a" "b"}}', "json-syntax", 2, 13),
        (b'{"message": 1,\n "message": 2}', "json-duplicate-key", 2, 2),
        (b'{"message": NaN}', "json-number", 1, 13),
        (b'{"message": 123456789012345678901234567890}', "json-number", 1, 13),
        (b'{"message": "\\ud800"}', "lone-surrogate", 1, 13),
        (b"[" * 100_000, "json-depth", 1, 65),
        (b'{"message": "\xff"}', "encoding", 1, 14),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_body_that_is_not_strict_json_is_refused_at_its_place(body: bytes, rule: str, line: int, column: int):
    given = post(make_world(), body)
    error = told(given)
    assert (given.status, error["code"]) == (400, f"{OWN}REQUEST_INVALID")
    assert error["details"]["rule"] == rule
    assert (error["details"]["line"], error["details"]["column"]) == (line, column)


MARK = "Zanzibar"


@pytest.mark.parametrize(
    "body",
    [
        message(text=MARK * 1000),
        message(text=MARK, attachments=[{"type": MARK, "url": MARK}]),
        message(text=[MARK]),
        message(text="a", listMessage={"button": {"text": MARK * 9}, "sections": [{"rows": [{"id": MARK * 99}] * 2}]}),
        {**TEXT, "callbackData": MARK * 200},
        {**TEXT, "recipient": {"id": MARK, "channelType": MARK}},
        MARK,
        f'{{"message": {MARK}}}'.encode(),
        f'{{"message": "{MARK}", "message": "\\x{MARK}"}}'.encode(),
        f'{{"message": "{MARK}\n"}}'.encode(),
    ],
)
def test_no_answer_repeats_what_a_message_holds(body: Any):
    given = post(make_world(), body)
    assert given.status == 400
    assert MARK not in given.body.decode()
    assert MARK not in repr(given)


def test_an_error_behind_many_warnings_is_refused():
    doubtful = [{"name": f"nose_{number}", "value": "a"} for number in range(600)]
    assert post(make_world(), {**TEMPLATE, "parameters": doubtful}, "templated").status == 201
    given = post(make_world(), {**TEMPLATE, "parameters": [*doubtful, {"name": "body_1"}]}, "templated")
    assert (given.status, given.rule) == (400, "template-parameter-value-missing")


def test_a_body_with_very_many_errors_is_answered_with_some_of_them():
    given = post(make_world(), message(attachments=[{"type": MARK, "url": ""}] * 2_000))
    error = told(given)
    assert (error["details"]["rule"], error["details"]["pointer"]) == (
        "attachment-url-empty",
        "/message/attachments/0/url",
    )
    assert len(error["details"]["others"]) == 20


def test_a_long_key_is_cut_in_the_answer():
    given = post(make_world(), message(**{"x" * 900_000: 1}))
    assert given.status == 400
    assert len(given.body) < 2_000


PAYLOADS: list[Any] = [
    TEXT,
    TEMPLATE,
    message(),
    message(text="a", location={"latitude": 1, "longitude": 2}),
    message(text=" "),
    message(location={"latitude": 91, "longitude": 2}),
    message(text="a", replyButtonMessage={"buttons": [{"id": str(n), "text": "Yes"} for n in range(4)]}),
    message(text="{{ name }}"),
    {**TEMPLATE, "parameters": [{"name": "nose_1", "value": "a"}]},
    {**TEMPLATE, "number": "bsuid:US.13491208655302741918"},
    {**TEMPLATE, "language": 3},
    {"templateName": "a"},
    {},
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_the_verdict_is_that_of_check(payload: dict[str, Any]):
    kind = "templated" if "templateName" in payload else "session"
    found = judge_stream(BytesIO(compact(payload)), "payload.json", CONTRACT)
    errors = {problem.rule for problem in found.diagnostics if problem.severity == "error"}
    given = post(make_world(), payload, kind)
    assert (given.status == 400) == bool(errors)
    assert not errors or given.rule in errors


def test_rules_of_the_error_table_are_limits_that_are_errors():
    for rule, error in ERRORS.of_rules.items():
        assert CONTRACT.limits[rule].severity == "error", rule
        assert error.status == 400, rule
    assert all(error.status and error.type for error in ERRORS.codes.values())


@pytest.mark.parametrize(
    ("rules", "words"), [("[a, b]", "more than one error"), ("a", "`rules` that are no list")], ids=["twice", "no list"]
)
def test_a_table_with_wrong_rules_is_none(rules: str, words: str, tmp_path: Path):
    entry = f"{{class: stop, meaning: a, help: b, rules: {rules}}}"
    path = tmp_path / "errors.yaml"
    path.write_text(f"version: 1\ncodes:\n  A: {entry}\n  B: {entry}\ntypes: {{}}\n")
    with pytest.raises(ValueError, match=words):
        read_error_table(path)


# ----------------------------------------------------------------------------------- what the sandbox knows


@pytest.mark.parametrize(
    ("settings", "to", "code"),
    [
        ({}, ANA, None),
        ({"windows": {ANA: "closed"}}, ANA, "ERROR_CODE_MESSAGE_OUTSIDE_OF_ELIGIBILITY_WINDOW"),
        ({"windows": {ANA: "closed"}}, BO, None),
        ({"windows": {ANA: "never"}}, ANA, "ERROR_CODE_MESSAGE_CUSTOMER_NO_CONVERSATION_INITIATION"),
        ({"window": "closed"}, ANA, "ERROR_CODE_MESSAGE_OUTSIDE_OF_ELIGIBILITY_WINDOW"),
        ({"window": "closed", "windows": {ANA: "open"}}, ANA, None),
    ],
    ids=str,
)
def test_a_session_message_needs_an_open_window(settings: dict[str, Any], to: str, code: str | None):
    world = make_world(**settings)
    given = post(world, {**TEXT, "recipient": {**TO, "id": to}})
    if code is None:
        assert given.status == 201
    else:
        known = ERRORS.codes[code]
        error = told(given)
        assert (given.status, error["type"], error["code"]) == (known.status, known.type, code)
        assert (given.recipient, given.rule, error["details"]) == (to, "", {})
    assert post(world, TEMPLATE, "templated").status == 201  # a template needs none


@pytest.mark.parametrize(
    ("templates", "exists"),
    [
        (None, True),
        ({("order_ready", None)}, True),
        ({("order_ready", "en")}, True),
        ({("order_ready", "de")}, False),
        ({("other", None)}, False),
    ],
    ids=str,
)
def test_a_template_has_to_exist(templates: set[tuple[str, str | None]] | None, exists: bool):
    given = post(make_world(templates=None if templates is None else frozenset(templates)), TEMPLATE, "templated")
    assert given.status == (201 if exists else 400)
    assert exists or told(given)["code"] == "ERROR_CODE_MESSAGE_TEMPLATE_NOT_FOUND"


@pytest.mark.parametrize("key", [None, "", "sandbox-keys", "SANDBOX-KEY"])
def test_another_key_is_refused(key: str | None):
    given = post(make_world(), TEXT, key=key)
    assert given.status == 401
    assert told(given)["type"] == "ERROR_TYPE_AUTHENTICATION"
    assert post(make_world(key="other"), TEXT, key="other").status == 201


def test_another_method_is_refused():
    given = post(make_world(), TEXT, method="GET")
    assert (given.status, given.headers) == (405, (("allow", "POST"),))
    assert told(given)["code"] == f"{OWN}METHOD_NOT_ALLOWED"


def test_a_body_beyond_the_cap_is_refused_and_one_below_it_is_read():
    given = post(make_world(), b" " * (MAX_BODY + 1))
    assert (given.status, told(given)["code"]) == (413, f"{OWN}REQUEST_TOO_LARGE")
    assert post(make_world(), compact(TEXT).ljust(MAX_BODY)).status == 201


@pytest.mark.parametrize("pause", [None, 7])
def test_beyond_the_rate_of_a_sliding_second_requests_are_refused(pause: int | None):
    times = [1000.0, 1000.4, 1000.8, 1000.9, 1000.999, 1001.0, 1001.2, 1001.4, 1001.5]
    world = World(CONTRACT, ERRORS, Settings(rate=3, retry_after=pause), steady=iter(times).__next__)
    statuses = []
    for _ in times:
        given = post(world, TEXT)
        statuses.append(given.status)
        if given.status == 429:
            assert told(given)["code"] == f"{OWN}RATE_EXCEEDED"
            assert given.headers == (() if pause is None else (("retry-after", "7"),))
    assert statuses == [201, 201, 201, 429, 429, 201, 429, 201, 429]
    assert (world.traffic.requests, world.traffic.peak) == (9, 7)


def test_the_peak_is_the_fullest_sliding_second():
    traffic, random, times = Traffic(), Random(1), []
    for _ in range(2_000):
        times.append((times[-1] if times else 0.0) + random.choice([0.0, 0.001, 0.03, 0.5]))
        traffic.arrive(times[-1])
    assert traffic.peak == max(sum(end - 1 < time <= end for time in times) for end in times)
    assert traffic.admit(0, 0)


def test_an_accepted_message_is_kept_as_it_is():
    world = World(CONTRACT, ERRORS, clock=lambda: 1_700_000_000.25)
    body = {"recipient": TO, "message": {"text": "Añ\u2028😀"}, "callbackData": [1, 2.5, None, {"a": "b"}]}
    given = post(world, json.dumps(body, indent=4).encode(), business="shop")
    (kept,) = world.messages
    assert (given.status, given.message, told(given)) == (201, 0, {"id": kept.id})
    assert (kept.business, kept.kind, kept.at, kept.answered) == ("shop", "session", 1_700_000_000.25, False)
    assert json.loads(kept.body) == body
    assert b"\n" not in kept.body


# ------------------------------------------------------------------------------------------------- ids and messages


def test_ids_are_ulids_that_sort_by_time_and_never_repeat():
    ulids = Ulids(Random(0))
    times = [1_700_000_000.0] * 500 + [1_700_000_001.0, 1_699_999_999.0, 1_700_000_002.5]
    ids = [spell(ulids.next(now)) for now in times]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", id_) for id_ in ids)
    # The first ten characters are the time: https://github.com/ulid/spec, whose example this is.
    assert spell(1469918176385 << 80)[:10] == "01ARYZ6S41"
    assert spell((1 << 128) - 1) == "7" + "Z" * 25


def test_numbers_of_messages_are_not_used_again():
    messages = Messages()
    assert [messages.keep(n, "demo", "session", 0.5, b"{}") for n in range(3)] == [0, 1, 2]
    messages.mark_answered(1)
    assert ([each.answered for each in messages], messages.lost) == ([False, True, False], 2)
    assert messages[-1].id == spell(2)
    lines = messages.lines(range(3))
    assert json.loads(next(lines))["id"] == spell(0)
    assert messages.forget() == 3
    assert list(lines) == []
    assert messages.keep(3, "demo", "templated", 0.5, b"{}") == 3
    messages.mark_answered(1)  # forgotten
    assert (messages[0].kind, messages[0].answered) == ("templated", False)


# ------------------------------------------------------------------------------------------------- faults


def test_faults_have_their_share_and_the_same_seed_gives_the_same_ones():
    faults = read_faults({"fail": {"503": 0.2, "500": 0.1}, "code": {"ERROR_CODE_UNSPECIFIED": 0.1}}, ERRORS.codes)

    def outcomes(seed: int) -> list[str]:
        world = make_world(faults=faults, seed=seed, rate=0)
        return [str(given.status) + given.code for given in (post(world, TEXT) for _ in range(1_000))]

    first = outcomes(4)
    counts = Counter(first)
    assert 150 < counts[f"503{OWN}FAULT"] < 250
    assert 60 < counts[f"500{OWN}FAULT"] < 140
    assert 60 < counts["500ERROR_CODE_UNSPECIFIED"] < 140
    assert 550 < counts["201"] < 650
    assert first == outcomes(4) != outcomes(5)


@pytest.mark.parametrize(
    ("kind", "status", "ending", "accepted"),
    [
        ("drop", 201, "drop", 1),
        ("reset", 0, "reset", 0),
        ("reset_after", 201, "reset", 1),
        ("garble", 201, "whole", 1),
        ("slow", 201, "slow", 1),
        ("stall", 201, "stall", 1),
    ],
)
def test_a_fault_comes_before_or_after_the_message_is_accepted(kind: Any, status: int, ending: str, accepted: int):
    world = make_world(faults=Faults({Fault(kind): 1}))
    given = post(world, TEXT)
    assert (given.status, given.ending, world.accepted) == (status, ending, accepted)
    assert kind != "garble" or not given.body.startswith(b"{")
    if accepted:
        assert post(world, message(text="")).status == 400  # what is refused is refused as ever


def test_a_fault_with_a_status_may_tell_when_to_come_back():
    faults = Faults({Fault("fail", "503"): 1})
    assert post(make_world(faults=faults), TEXT).headers == ()
    given = post(make_world(faults=faults, retry_after=2), TEXT)
    assert (given.status, given.headers, given.code) == (503, (("retry-after", "2"),), f"{OWN}FAULT")
    assert given.code not in ERRORS.codes


def test_faults_are_told_in_the_form_in_which_they_are_read():
    data = {"fail": {"503": 0.1, "429": 0.2}, "code": {"ERROR_CODE_UNSPECIFIED": 0.05}, "slow": 0.3, "latency": 2}
    faults = read_faults({**data, "slow_pause": 0}, ERRORS.codes)
    assert read_faults(faults.facts(), ERRORS.codes) == faults
    assert {**faults.facts(), **data} == faults.facts()
    assert faults.draw(0.1) == Fault("fail", "429")
    assert faults.draw(0.99) is None
    assert Faults().draw(0) is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "faults are a JSON object"),
        ({"dorp": 0.1}, "there is no fault `dorp`; did you mean `drop`?"),
        ({"drop": 1.1}, "`drop` is a number from 0 to 1"),
        ({"drop": "0.1"}, "`drop` is a number from 0 to 1"),
        ({"drop": True}, "`drop` is a number from 0 to 1"),
        ({"drop": float("nan")}, "`drop` is a number from 0 to 1"),
        ({"drop": 0.6, "slow": 0.5}, "the shares of all faults add up to 1.1"),
        ({"fail": 0.1}, '`fail` is a JSON object, such as {"503": 0.1}'),
        ({"fail": {"200": 0.1}}, "`200` is no status of an error; those are 400 to 599"),
        ({"fail": {"5O3": 0.1}}, "`5O3` is no status of an error; those are 400 to 599"),
        ({"fail": {"503": -1}}, "`fail 503` is a number from 0 to 1"),
        (
            {"code": {"ERROR_CODE_UNSPECIFED": 1}},
            "there is no documented error `ERROR_CODE_UNSPECIFED`; did you mean `ERROR_CODE_UNSPECIFIED`?",
        ),
        ({"latency": 61}, "`latency` is a number from 0 to 60"),
    ],
    ids=str,
)
def test_what_is_no_fault_is_refused(data: Any, words: str):
    with pytest.raises(ValueError, match=re.escape(words)):
        read_faults(data, ERRORS.codes)


# ------------------------------------------------------------------------------------------------- over the wire


class Client:
    """A connection to a sandbox that is opened anew once it is lost."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        data = body if body is None or isinstance(body, bytes) else compact(body)
        try:
            self.connection.request(
                method, path, data, {name.replace("_", "-"): text for name, text in headers.items()}
            )
            response = self.connection.getresponse()
            return response.status, response.headers, response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise

    def json(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        status, found, data = self.ask(method, path, body, **headers)
        assert found["content-type"] == "application/json"
        return status, json.loads(data)

    def post(self, body: Any = TEXT, path: str = SESSION_PATH) -> tuple[int, Any]:
        return self.json("POST", path, body, X_API_Key=self.running.key)

    def faults(self, **faults: Any) -> None:
        assert self.json("PUT", "/sandbox/faults", faults)[0] == 200

    def summary(self) -> Any:
        return self.json("GET", "/sandbox")[1]

    def messages(self, query: str = "") -> Any:
        return self.json("GET", f"/sandbox/messages{query}")[1]


@contextlib.contextmanager
def sandbox(on_answer: Callable[[Answer, bool], None] | None = None, **settings: Any) -> Iterator[Client]:
    before = threading.active_count()
    with Running(make_world(**settings), on_answer=on_answer) as running:
        client = Client(running)
        try:
            yield client
        finally:
            client.connection.close()
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", running.port), timeout=2):
        pass


def eventually(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_messages_are_accepted_and_shown():
    with sandbox() as client:
        assert client.running.base_url == f"http://127.0.0.1:{client.running.port}"
        ids = [client.post({**TEXT, "recipient": {**TO, "id": to}})[1]["id"] for to in (ANA, BO, ANA)]
        status, told = client.post(TEMPLATE, TEMPLATED_PATH)
        assert status == 201
        ids.append(told["id"])
        user = {**TEMPLATE, "number": "bsuid:US.13491208655302741918"}
        ids.append(client.post(user, TEMPLATED_PATH)[1]["id"])
        assert client.post(message(text=""))[0] == 400

        found = client.messages()
        assert found["count"] == 5
        assert [each["id"] for each in found["messages"]] == ids == sorted(ids)
        assert found["messages"][0]["body"] == TEXT
        first = found["messages"][0]
        assert {**first, "at": 0, "id": ""} == {
            "id": "",
            "business": "demo",
            "kind": "session",
            "at": 0,
            "answered": True,
            "body": TEXT,
        }
        assert abs(first["at"] - time.time()) < 60
        assert [each["kind"] for each in found["messages"]] == ["session"] * 3 + ["templated"] * 2

        def shown(query: str) -> tuple[int, list[int]]:
            page = client.messages(query)
            return page["count"], [ids.index(each["id"]) for each in page["messages"]]

        assert shown("?limit=2") == (5, [0, 1])
        assert shown("?limit=2&offset=4") == (5, [4])
        assert shown("?offset=9") == (5, [])
        assert shown(f"?recipient={ANA}") == (3, [0, 2, 3])
        assert shown(f"?recipient=%2B{ANA[1:]}&limit=1&offset=1") == (3, [2])
        assert shown("?recipient=US.13491208655302741918") == (1, [4])
        assert shown("?recipient=%2B1604444") == (0, [])

        _, headers, data = client.ask("GET", "/sandbox/messages.jsonl")
        assert headers["content-type"] == "application/x-ndjson"
        assert [json.loads(line) for line in data.splitlines()] == client.messages()["messages"]

        assert client.summary() == {
            "requests": 6,
            "answers": {"201": 5, "400": 1},
            "unanswered": 0,
            "accepted": 5,
            "kept": 5,
            "lost": 0,
            "peak": 6,
            "rate": 200,
        }
        assert client.json("DELETE", "/sandbox/messages") == (200, {"forgotten": 5})
        assert client.messages() == {"count": 0, "messages": []}
        assert client.ask("GET", "/sandbox/messages.jsonl")[2] == b""
        assert (client.summary()["accepted"], client.summary()["kept"]) == (5, 0)


def test_more_messages_than_fit_a_page_or_a_part():
    with sandbox(rate=0) as client:
        for _ in range(1_203):
            client.running.world.accept("demo", "session", TEXT)
        assert len(client.messages()["messages"]) == 100
        assert len(client.messages("?limit=2000")["messages"]) == 1_203
        lines = client.ask("GET", "/sandbox/messages.jsonl")[2].splitlines()
        assert len({json.loads(line)["id"] for line in lines}) == 1_203


def test_what_the_gateway_refuses_over_the_wire():
    with sandbox(rate=4, retry_after=3) as client:
        for path in (
            "/",
            "/v1/businesses/demo/send",
            f"{SESSION_PATH}/",
            "/v1/businesses//send/messages",
            "/sandboxes",
        ):
            status, error = client.json("POST", path, TEXT, X_API_Key=KEY)
            assert (status, error["code"]) == (404, f"{OWN}ROUTE_UNKNOWN"), path
        status, headers, _ = client.ask("GET", SESSION_PATH, X_API_Key=KEY)
        assert (status, headers["allow"]) == (405, "POST")
        assert client.json("POST", SESSION_PATH, TEXT)[0] == 401
        assert client.json("POST", SESSION_PATH, TEXT, x_api_key=KEY)[0] == 201  # in any case
        status, error = client.post(b" " * (MAX_BODY + 1))
        assert (status, error["code"]) == (413, f"{OWN}REQUEST_TOO_LARGE")
        assert client.post()[0] == 201  # on the same connection, or a new one
        assert client.post()[0] == 201
        status, headers, _ = client.ask("POST", SESSION_PATH, TEXT, X_API_Key=KEY)
        assert (status, headers["retry-after"]) == (429, "3")
        assert client.summary()["answers"] == {"201": 3, "401": 1, "405": 1, "413": 1, "429": 1}


def test_a_body_may_come_in_pieces():
    with sandbox() as client, socket.create_connection(("127.0.0.1", client.running.port), timeout=5) as raw:
        body = compact(TEXT)
        head = f"POST {SESSION_PATH} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\nConnection: close\r\n"
        for part in (f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), b"5\r\n", body[:5], b"\r\n"):
            raw.sendall(part)
            time.sleep(0.02)
        raw.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body) - 5, body[5:]))
        with raw.makefile("rb") as stream:
            assert stream.readline() == b"HTTP/1.1 201 Created\r\n"


def test_a_client_that_leaves_in_the_middle_of_its_request_has_sent_nothing():
    with sandbox() as client:
        with socket.create_connection(("127.0.0.1", client.running.port), timeout=5) as raw:
            raw.sendall(f"POST {SESSION_PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{{".encode())
            time.sleep(0.05)
        time.sleep(0.05)
        assert client.summary()["requests"] == 0


@pytest.mark.parametrize(
    ("kind", "error", "accepted"),
    [
        ("drop", http.client.RemoteDisconnected, 1),
        ("reset", ConnectionResetError, 0),
        ("reset_after", ConnectionResetError, 1),
    ],
)
def test_a_connection_ends_without_an_answer(kind: str, error: type[Exception], accepted: int):
    with sandbox() as client:
        client.faults(**{kind: 1})
        for _ in range(3):
            with pytest.raises(error) as caught:
                client.post()
            assert caught.type is error  # an orderly end is a kind of reset to http.client
        client.faults()
        assert client.post()[0] == 201
        eventually(lambda: client.summary()["unanswered"] == 3)
        summary = client.summary()
        assert (summary["accepted"], summary["lost"]) == (3 * accepted + 1, 3 * accepted)
        assert [each["answered"] for each in client.messages()["messages"]] == [False] * 3 * accepted + [True]


def test_an_answer_that_is_not_json():
    with sandbox(faults=Faults({Fault("garble"): 1})) as client:
        status, _, data = client.ask("POST", SESSION_PATH, TEXT, X_API_Key=KEY)
        assert status == 201
        with pytest.raises(ValueError, match="Expecting value"):
            json.loads(data)
        assert client.messages()["messages"][0]["answered"] is True


def test_a_stalled_answer_waits_until_the_client_gives_up():
    with sandbox(faults=Faults({Fault("stall"): 1})) as client:
        client.connection.timeout = 0.2
        with pytest.raises(TimeoutError):
            client.post()
        client.faults()
        eventually(lambda: client.summary()["unanswered"] == 1)
        assert client.messages()["messages"][0]["answered"] is False


def test_a_slow_answer_comes_byte_by_byte_and_whole():
    with sandbox(faults=Faults({Fault("slow"): 1}, slow_pause=0.005)) as client:
        begin = time.monotonic()
        status, told = client.post()
        assert (status, list(told)) == (201, ["id"])
        assert time.monotonic() - begin > 30 * 0.005
        client.faults(slow=1, slow_pause=0)
        assert client.post()[0] == 201
        client.faults(slow=1, slow_pause=0.05)
        client.connection.request("POST", SESSION_PATH, compact(TEXT), {"X-API-Key": KEY})
        assert client.connection.getresponse().status == 201
        client.connection.close()  # before the body is there
        eventually(lambda: client.summary()["unanswered"] == 1)
        assert [each["answered"] for each in client.messages()["messages"]] == [True, True, False]


def test_latency_comes_before_every_answer():
    with sandbox(faults=Faults(latency=0.2)) as client:
        for body, expected in ((TEXT, 201), (b"", 400)):
            begin = time.monotonic()
            assert client.post(body)[0] == expected
            assert time.monotonic() - begin > 0.19
        client.connection.close()
        client.connection.timeout = 0.05
        with pytest.raises(TimeoutError):
            client.post()
        client.faults()
        eventually(lambda: client.summary()["lost"] == 1)


def test_faults_and_windows_can_be_changed():
    with sandbox(seed=3) as client:
        client.faults(fail={"500": 0.5})
        first = [client.post()[0] for _ in range(20)]
        client.faults(fail={"500": 0.5})
        assert [client.post()[0] for _ in range(20)] == first  # drawn from the seed again
        assert set(first) == {201, 500}
        assert client.json("GET", "/sandbox/faults")[1]["fail"] == {"500": 0.5}
        client.faults()
        status, windows = client.json("PUT", "/sandbox/windows", {ANA: "closed", BO: "never"})
        assert (status, windows) == (200, {"default": "open", "windows": {ANA: "closed", BO: "never"}})
        assert client.post()[1]["code"] == "ERROR_CODE_MESSAGE_OUTSIDE_OF_ELIGIBILITY_WINDOW"
        client.json("PUT", "/sandbox/windows", {ANA: "open"})
        assert client.json("GET", "/sandbox/windows")[1]["windows"] == {ANA: "open", BO: "never"}
        assert client.post()[0] == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("PUT", "/sandbox/faults", b"{", "The body is no JSON"),
        ("PUT", "/sandbox/faults", [], "The body is a JSON object."),
        ("PUT", "/sandbox/faults", {"dorp": 1}, "There is no fault `dorp`; did you mean `drop`?."),
        ("PUT", "/sandbox/windows", {"604": "open"}, "A window is that of a phone number in E.164 form"),
        ("PUT", "/sandbox/windows", {"US.13491208655302741918": "open"}, "A window is that of a phone number"),
        ("PUT", "/sandbox/windows", {ANA: "shut"}, "A window is open, closed or never."),
        ("GET", "/sandbox/messages?limit=x", None, "`limit` is a whole number."),
        ("GET", "/sandbox/messages?limit=-1", None, "`limit` is a whole number."),
        ("GET", "/sandbox/messages?limit=10001", None, "`limit` is 10,000 at most"),
        ("GET", "/sandbox/messages?ofset=1", None, "`ofset` is unknown; did you mean `offset`?"),
        ("GET", "/sandbox/messages?limit=1&limit=2", None, "`limit` is there twice."),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("/") else "",
)
def test_a_control_that_makes_no_sense_is_refused(method: str, path: str, body: Any, words: str, shared: Client):
    status, error = shared.json(method, path, body)
    assert (status, error["code"]) == (400, f"{OWN}REQUEST_INVALID")
    assert error["message"].startswith(words.removesuffix("."))
    assert shared.json("GET", "/sandbox/faults")[1] == Faults().facts()


@pytest.mark.parametrize("path", ["/sandbox", "/sandbox/messages", "/sandbox/messages.jsonl", "/sandbox/faults"])
def test_controls_are_for_this_machine_and_have_their_methods(path: str, shared: Client):
    for host in ("example.com", "127.0.0.1.example.com", "localhost.example.com:8080", "10.0.0.1", "[::1", ""):
        status, error = shared.json("GET", path, Host=host)
        assert (status, error["code"]) == (403, f"{OWN}HOST_REFUSED"), host
    assert shared.ask("GET", path, Host="LOCALHOST:1")[0] == 200
    status, headers, _ = shared.ask("POST", path, b"{}")
    assert status == 405
    assert headers["allow"].split(", ")[0] in ("GET", "DELETE")


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with sandbox() as client:
        yield client


def test_a_mistake_of_the_sandbox_is_told_without_the_message(monkeypatch: pytest.MonkeyPatch, capfd: Any):
    with sandbox() as client:

        def fail(*_: object) -> None:
            raise KeyError(MARK)

        monkeypatch.setattr(client.running.world, "accept", fail)
        status, error = client.post()
        assert (status, error["code"]) == (500, f"{OWN}MISTAKE")
        assert error["details"]["exception"] == "KeyError"
        assert MARK not in json.dumps(error)
    assert capfd.readouterr().err == ""


def test_whoever_waits_does_not_keep_it_from_stopping():
    heard: list[bool] = []
    with sandbox(on_answer=lambda _, is_told: heard.append(is_told), faults=Faults({Fault("stall"): 1})) as client:
        raws = [socket.create_connection(("127.0.0.1", client.running.port), timeout=5) for _ in range(3)]
        raws[0].sendall(b"POST ")
        body = compact(TEXT)
        head = f"POST {SESSION_PATH} HTTP/1.1\r\nHost: a\r\nX-API-Key: {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
        raws[1].sendall(head.encode() + body)
        eventually(lambda: client.running.world.accepted == 1)
        begin = time.monotonic()
        client.running.close()
        assert time.monotonic() - begin < 2
        assert not client.running.is_alive
        assert heard == [False]
        for raw in raws:
            raw.close()


def test_many_clients_at_once_are_all_served():
    with sandbox(rate=0, faults=Faults({Fault("drop"): 0.05, Fault("fail", "503"): 0.05})) as client:
        answered: list[str] = []

        def work() -> None:
            each = Client(client.running)
            for _ in range(100):
                with contextlib.suppress(http.client.RemoteDisconnected):
                    status, found = each.post()
                    if status == 201:
                        answered.append(found["id"])
            each.connection.close()

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        eventually(lambda: client.summary()["unanswered"] == client.summary()["lost"] > 0)
        summary = client.summary()
        assert summary["requests"] == 800 == summary["unanswered"] + sum(summary["answers"].values())
        assert summary["answers"]["201"] == len(set(answered)) == summary["accepted"] - summary["lost"]
        kept = [json.loads(line) for line in client.ask("GET", "/sandbox/messages.jsonl")[2].splitlines()]
        assert {each["id"] for each in kept if each["answered"]} == set(answered)
        assert [each["id"] for each in kept] == sorted(each["id"] for each in kept)


# ------------------------------------------------------------------------------------------------- where it listens


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1"), ("127.8.9.1", "127.8.9.1"), ("localhost", "127.0.0.1"), ("::1", "::1")],
)
def test_loopback_addresses_are_listened_on(host: str, address: str):
    assert loopback_address(host) == address
    assert is_loopback(f"[{host}]:80" if ":" in host else f"{host}:80")


@pytest.mark.parametrize("host", ["192.168.0.1", "::", ANYWHERE, "example.com", "", "::ffff:127.0.0.1", "127.1"])
def test_other_addresses_are_not(host: str):
    with pytest.raises(ValueError, match="this machine only"):
        loopback_address(host)
    with pytest.raises(ValueError, match="this machine only"):
        Running(make_world(), host)
    assert not is_loopback(host)


def test_the_other_loopback_address():
    try:
        running = Running(make_world(), "::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    with running, contextlib.closing(http.client.HTTPConnection("::1", running.port, timeout=5)) as connection:
        assert running.base_url == f"http://[::1]:{running.port}"
        connection.request("GET", "/sandbox")
        assert connection.getresponse().status == 200


def test_a_contract_that_names_no_path_serves_nothing():
    schema = {key: value for key, value in CONTRACT.schema.items() if key != "x-endpoints"}
    before = threading.active_count()
    with pytest.raises(ValueError, match="does not say to which path"):
        Running(World(Contract(schema), ERRORS))
    assert threading.active_count() == before


def test_the_slower_parser_ends_connections_as_well(monkeypatch: pytest.MonkeyPatch):
    import importlib

    from msgc.serving import serve

    monkeypatch.setitem(sys.modules, "uvicorn.protocols.http.httptools_impl", None)
    try:
        importlib.reload(serve)
        assert serve.HttpProtocol.__name__ == "H11Protocol"
        with Running(make_world(faults=Faults({Fault("reset_after"): 1}))) as running:
            client = Client(running)
            with pytest.raises(ConnectionResetError):
                client.post()
            client.faults()
            assert client.post()[0] == 201
            client.connection.close()
    finally:
        monkeypatch.undo()
        importlib.reload(serve)


# ------------------------------------------------------------------------------------------------- the command


@contextlib.contextmanager
def program(folder: Path, *words: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """`msgc sandbox` on any free port, once it listens."""
    command = [*COMMAND, "sandbox", "--port", "0", *words]
    process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        port = re.match(r"the sandbox listens on http://127\.0\.0\.1:([0-9]+), its key is ", line)
        assert port, line
        yield process, int(port[1])
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def send(port: int, payload: Any) -> int:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("POST", SESSION_PATH, compact(payload), {"X-API-Key": KEY})
        return connection.getresponse().status


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_the_command_serves_until_it_is_asked_to_end(number: signal.Signals, tmp_path: Path):
    with program(tmp_path, "-v", "--all-closed", "--open", ANA) as (process, port):
        assert process.stderr is not None
        assert process.stderr.readline() == b"to send to it:\n"
        assert process.stderr.readline().decode().strip() == (
            f"CONNECTLY_API_KEY=sandbox-key msgc send NAME --to +16044441111 --base-url http://127.0.0.1:{port} "
            "--business-id demo"
        )
        assert send(port, TEXT) == 201
        assert send(port, {**TEXT, "recipient": {**TO, "id": BO}}) == 504
        assert send(port, message(text="")) == 400
        begin = time.monotonic()
        process.send_signal(number)
        assert process.wait(10) == 0
        assert time.monotonic() - begin < 3
        assert process.stderr.read().decode().splitlines() == [
            "201 session to …111",
            "504 session to …222 ERROR_CODE_MESSAGE_OUTSIDE_OF_ELIGIBILITY_WINDOW",
            "400 session to …111 ERROR_CODE_MESSAGE_TEXT_EMPTY (text-empty)",
            "ended; 3 requests, 1 accepted",
        ]


def test_the_command_takes_faults_and_says_nothing_unless_asked(tmp_path: Path):
    with program(tmp_path, "--fail", "503=1", "--slow-pause", "0.1") as (process, port):
        assert send(port, TEXT) == 503
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        assert process.stderr is not None
        assert process.stderr.read().decode().splitlines()[2:] == ["ended; 1 request, 0 accepted"]


def test_a_port_in_use_is_a_clear_error(project: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(project, "sandbox", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"msgc: port {port} of 127.0.0.1 cannot be had: it is in use; choose another with `--port`\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", ANYWHERE], f"`{ANYWHERE}` is no loopback address; the sandbox holds people's numbers"),
        (["--port", "70000"], "Invalid value for '--port'"),
        (["--key", ""], "`--key` wants letters, digits and signs, without spaces"),
        (["--key", "a b"], "`--key` wants letters, digits and signs, without spaces"),
        (["--rate", "-1"], "Invalid value for '--rate'"),
        (["--closed", "604"], "`604` is no phone number in E.164 form"),
        (["--open", ANA], "`--open` is for exceptions from `--all-closed`"),
        (["--closed", ANA, "--never-wrote", ANA], f"`{ANA}` has two different windows"),
        (["--template", "a:"], "`a:` is no template"),
        (["--fail", "503"], "`--fail 503` has no share; write it like 503=0.1"),
        (["--fail", "200=1"], "`200` is no status of an error"),
        (["--code", "ERROR_CODE_UNSPECIFED=1"], "There is no documented error `ERROR_CODE_UNSPECIFED`; did you mean"),
        (["--drop", "2"], "Invalid value for '--drop'"),
        (["--drop", "0.6", "--stall", "0.6"], "The shares of all faults add up to 1.2"),
        (["--latency", "90"], "`latency` is a number from 0 to 60"),
    ],
    ids=" ".join,
)
def test_options_that_cannot_be_are_usage_errors(words: list[str], said: str, project: Path):
    code, output = invoke(project, "sandbox", *words)
    assert code == 2
    assert output.removeprefix("msgc: ").startswith(said)


@pytest.mark.parametrize("missing", ["uvicorn", "starlette"])
def test_without_the_extra_the_command_says_what_to_install(
    missing: str, project: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in [name for name in sys.modules if name.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("msgc.sandbox.serve", "msgc.sandbox.app", "msgc.serving.serve"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    assert invoke(project, "sandbox", "--help")[0] == 0
    code, output = invoke(project, "sandbox")
    assert code == 2
    assert output == f"msgc: the sandbox needs `{missing}`: pip install 'msgc[sandbox]'\n"


def test_another_program_can_start_one(project: Path):
    from msgc.cli.sandbox import start_sandbox

    with start_sandbox(open_project(project, find_configuration(project, project))) as running:
        client = Client(running)
        assert (running.key, client.post()[0]) == (KEY, 201)
        client.connection.close()
