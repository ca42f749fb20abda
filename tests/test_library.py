"""msgc as programs use it, and the list of what they may rely on."""

import dataclasses
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import msgc
from msgc.pipeline import Project

HELLO = """description: Hello.
params:
  name: {type: string, minLength: 1, maxLength: 60}
  order: {type: object, properties: {id: {type: string, maxLength: 20}}, default: {id: A-1}}
message:
  text: Did it arrive?
  replyButtonMessage:
    buttons:
      - {id: "yes", text: "Yes, {{ name }}"}
callbackData: {order: "{{ order }}", list: [1, {a: b}]}
examples:
  typical: {name: Ana}
"""
TEMPLATED = "description: T.\ntemplateName: order_ready\nlanguage: en\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    catalog = tmp_path / "messages"
    (catalog / "deep").mkdir(parents=True)
    (catalog / "hello.yaml").write_text(HELLO, encoding="utf-8")
    (catalog / "deep" / "ready.yaml").write_text(TEMPLATED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return catalog


def rejected(call: object, *arguments: object) -> list[tuple[str, str, str | None]]:
    with pytest.raises(msgc.Rejected) as caught:
        call(*arguments)  # type: ignore[operator]
    return [(finding.rule, finding.message, finding.where) for finding in caught.value.diagnostics]


def test_the_public_surface():
    assert msgc.__all__ == ["Catalog", "Compiled", "Diagnostic", "Rejected", "__version__", "open_catalog"]
    for name in msgc.__all__:
        assert getattr(msgc, name) is not None
    surface = {
        cls: sorted(name for name in {*vars(cls), *(each.name for each in dataclasses.fields(cls))} if name[0] != "_")
        for cls in (msgc.Catalog, msgc.Compiled)
    }
    assert surface == {
        msgc.Catalog: ["bounds", "check", "compile", "coverage", "example", "examples", "names", "parameters"],
        msgc.Compiled: ["findings", "json", "ok", "payload"],
    }
    assert [field.name for field in dataclasses.fields(msgc.Diagnostic)] == [
        "rule",
        "severity",
        "message",
        "span",
        "file",
        "row",
        "definition",
        "example",
        "pointer",
        "found",
        "allowed",
        "source",
        "help",
        "related",
        "suppressed",
    ]
    assert issubclass(msgc.Rejected, Exception)
    with pytest.raises(AttributeError, match="module 'msgc' has no attribute 'nothing'"):
        _ = msgc.nothing  # type: ignore[attr-defined]


def test_a_definition_compiles(folder: Path):
    catalog = msgc.open_catalog(folder)
    assert catalog.names == ["deep/ready", "hello"]
    compiled = catalog.compile("hello", {"name": "Ana"}, to="+16044441111")
    assert (compiled.ok, compiled.findings) == (True, ())
    assert json.loads(compiled.json) == compiled.payload
    assert compiled.payload == {
        "recipient": {"id": "+16044441111", "channelType": "whatsapp"},
        "message": {
            "text": "Did it arrive?",
            "replyButtonMessage": {"buttons": [{"id": "yes", "text": "Yes, Ana"}]},
        },
        "callbackData": {"order": {"id": "A-1"}, "list": [1, {"a": "b"}]},
    }
    assert catalog.compile("messages/deep/ready.yaml").payload == {"templateName": "order_ready", "language": "en"}
    assert catalog.compile("deep/ready", to="+16044441111").payload == {
        "number": "+16044441111",
        "templateName": "order_ready",
        "language": "en",
    }
    with_name = catalog.compile("hello", {"name": "Ana"}, to={"id": "+16044441111", "name": "Ana B."}).payload
    assert with_name is not None
    assert with_name["recipient"] == {"id": "+16044441111", "name": "Ana B.", "channelType": "whatsapp"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [("missing-parameter", "The parameter `name` is missing")]),
        ({"name": 1}, [("parameter-type", "`name` is a number where text is wanted")]),
        ({"name": "Ana", "nam": "x"}, [("unknown-parameter", "There is no parameter `nam`")]),
        (
            {"name": "\ud800"},
            [("parameter-value", "`name` holds half of a surrogate pair, which UTF-8 cannot express")],
        ),
        ({"name": float("nan")}, None),
        ({"name": object()}, None),
        (
            {"name": "x" * 30},
            [("button-title-length", "The title of a reply button has 35 characters; WhatsApp allows 20")],
        ),
    ],
    ids=["missing", "type", "unknown", "surrogate", "nan", "object", "limit"],
)
def test_values_that_do_not_fit_give_findings(folder: Path, values: dict[str, object], expected: object):
    catalog = msgc.open_catalog(folder)
    compiled = catalog.compile("hello", values)
    assert repr([catalog.compile("hello", values).findings for _ in range(2)]) == repr([compiled.findings] * 2)
    assert not compiled.ok
    assert compiled.payload is None
    found = [(finding.rule, finding.message) for finding in compiled.findings]
    assert found == expected if expected is not None else len(found) == 1
    assert {finding.where for finding in compiled.findings} == {"messages/hello.yaml"}
    with pytest.raises(msgc.Rejected) as caught:
        _ = compiled.json
    assert caught.value.diagnostics == compiled.findings


def test_a_wrong_recipient_is_a_finding(folder: Path):
    compiled = msgc.open_catalog(folder).compile("hello", {"name": "Ana"}, to="604")
    assert [(finding.rule, finding.span, finding.pointer) for finding in compiled.findings] == [
        ("recipient-phone", None, "/recipient/id")
    ]


def test_payload_and_values_are_the_callers(folder: Path):
    catalog = msgc.open_catalog(folder)
    values = {"name": "Ana", "order": {"id": "B-2"}}
    first = catalog.compile("hello", values).payload
    assert first is not None
    assert values == {"name": "Ana", "order": {"id": "B-2"}}
    expected = json.dumps(first)
    first["message"]["replyButtonMessage"]["buttons"].clear()
    first["callbackData"]["order"]["id"] = "changed"
    first["callbackData"]["list"][1]["a"] = "changed"
    assert json.dumps(catalog.compile("hello", values).payload) == expected
    catalog.parameters("hello")["properties"].clear()
    catalog.example("hello", "typical")["order"]["id"] = "changed"
    assert json.dumps(catalog.compile("hello", values).payload) == expected
    assert catalog.example("hello", "typical") == {"name": "Ana", "order": {"id": "A-1"}}


def test_what_is_compiled_again_is_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch):
    values = {"name": "Ana", "order": {"id": "B-2"}}
    catalog = msgc.open_catalog(folder)
    first = [catalog.compile("hello", values, to=to) for to in (None, "+16044441111")]
    # From now on a program does it, without the long way.
    monkeypatch.setattr(Project, "compile", None)
    for _ in range(2):
        again = [catalog.compile("hello", values, to=to) for to in (None, "+16044441111")]
        assert [each.json for each in again] == [each.json for each in first]
        assert [each.payload for each in again] == [each.payload for each in first]
        assert again == first
    changed = catalog.compile("hello", values)
    assert changed.payload is not None
    changed.payload["callbackData"] = "ö"
    assert changed.json == first[0].json.partition(b',"callbackData"')[0] + ',"callbackData":"ö"}'.encode()


def test_parameters_and_examples(folder: Path):
    catalog = msgc.open_catalog(folder)
    assert list(catalog.parameters("hello")["properties"]) == ["name", "order"]
    assert catalog.parameters("hello")["required"] == ["name"]
    assert catalog.examples("hello") == ["typical"]
    assert catalog.examples("deep/ready") == []
    with pytest.raises(KeyError, match="`hello` has no example `typcal`, but typical"):
        catalog.example("hello", "typcal")


def test_a_broken_definition_hides_no_other(folder: Path):
    (folder / "broken.yaml").write_text("message: [\n")
    catalog = msgc.open_catalog(folder)
    expected = [("yaml-syntax", "A value is missing here", "messages/broken.yaml")]
    assert rejected(catalog.compile, "broken") == expected
    assert rejected(catalog.parameters, "broken") == expected
    found = [finding for finding in catalog.check() if finding.severity == "error"]
    assert [(finding.rule, finding.message, finding.where) for finding in found] == expected
    assert catalog.compile("hello", {"name": "Ana"}).ok


def test_what_is_not_there(folder: Path, tmp_path: Path):
    catalog = msgc.open_catalog(folder)
    assert rejected(catalog.compile, "helo") == [
        ("unknown-definition", "There is no definition `helo` in messages", "messages")
    ]
    assert rejected(msgc.open_catalog, "nowhere") == [("no-catalog", "There is no catalog at nowhere", "nowhere")]
    assert rejected(msgc.open_catalog) == [("no-catalog", "There is no catalog at templates", "templates")]
    (tmp_path / "msgc.toml").write_text("catalgo = 1\n")
    assert rejected(msgc.open_catalog) == [("configuration", "There is no setting `catalgo`", "msgc.toml")]


def test_the_configuration_is_heeded_and_the_environment_is_not(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "msgc.toml").write_text(
        'catalog = "messages"\nsender = "+14151111234"\n'
        '[limits]\nbutton-title-length = 30\n[severity]\nno-example = "off"\n'
    )
    (folder / "none.yaml").write_text("description: N.\nparams: {a: string}\nmessage: {text: '{{ a }}'}\n")
    monkeypatch.setenv("MSGC_CATALOG", "nowhere")
    catalog = msgc.open_catalog()
    compiled = catalog.compile("hello", {"name": "x" * 20})
    assert compiled.payload is not None
    assert compiled.payload["sender"]["id"] == "+14151111234"
    assert [(finding.rule, finding.severity) for finding in compiled.findings] == [("limit-overridden", "info")]
    assert {finding.rule for finding in catalog.check()} == {"button-title-length", "text-empty", "text-length"}


def test_a_comment_suppresses_no_refusal(folder: Path):
    text = HELLO.replace('- {id: "yes"', '# msgc: ignore[button-title-length] we like it\n      - {id: "yes"')
    (folder / "hello.yaml").write_text(text.replace("Yes, {{ name }}", "Yes, thank you, {{ name }}"))
    catalog = msgc.open_catalog(folder)
    compiled = catalog.compile("hello", {"name": "Ana Maria Sofia"})
    assert not compiled.ok
    assert [(finding.rule, finding.suppressed) for finding in compiled.findings] == [("button-title-length", None)]
    (doubt,) = catalog.check()
    assert (doubt.severity, doubt.suppressed) == ("warning", "we like it")


def test_threads_may_share_a_catalog(folder: Path):
    for number in range(8):
        (folder / f"h{number}.yaml").write_text(HELLO.replace("Yes", f"{{{{ 'y{number}' | upper }}}}"))
    catalog = msgc.open_catalog(folder)
    start = threading.Barrier(8)

    def work(thread: int) -> list[object]:
        start.wait()
        made = []
        for number in range(40):
            compiled = catalog.compile(f"h{(thread + number) % 8}", {"name": f"N{thread}-{number}"})
            assert compiled.payload is not None
            made.append(compiled.payload["message"]["replyButtonMessage"]["buttons"][0]["text"])
        return made

    with ThreadPoolExecutor(8) as pool:
        for thread, made in enumerate(pool.map(work, range(8))):
            assert made == [f"Y{(thread + number) % 8}, N{thread}-{number}" for number in range(40)]


def test_nothing_is_printed(folder: Path, capfd: pytest.CaptureFixture[str]):
    (folder / "broken.yaml").write_text("message: {txt: a}\n")
    msgc.open_catalog(os.fspath(folder)).check()
    assert capfd.readouterr() == ("", "")
