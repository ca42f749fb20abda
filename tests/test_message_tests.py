"""Tests of messages: what a case file cannot say. The rest is in `cases/commands/test/`."""

import contextlib
import json
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command_stages import run
from msgc.changes import compare_payloads
from msgc.diagnostic import Diagnostic
from msgc.load import load_yaml
from msgc.testing.place import PlaceError, look_up, parse_place
from msgc.testing.report import REPORTERS
from msgc.testing.report.text import change_lines
from msgc.testing.report.text import render as render_text
from msgc.testing.result import Failure, Result, SuiteResult
from msgc.testing.snapshots import snapshots_text

# What texts of messages hold, and what YAML, terminals and XML stumble over.
CHARACTERS = st.sampled_from([*"ab  \n\n\t\r-:#'\"\\{}[]|>&*!%@`,?0~<=", "é", "👨", "\u200d", "\u202e", "\ufeff"])
CHARACTERS |= st.sampled_from(["\x1b", "\x85", "\u2028", "\u2029", "\ufffe", "\U000e0067", "\x7f", "\xad", "\ue000"])
CHARACTERS |= st.characters(codec="utf-8", exclude_characters="\0")
TEXTS = st.text(CHARACTERS, max_size=12)
KEYS = TEXTS | st.sampled_from(["true", "null", "1", "1e5", "~", "$if", "a.b", "on", "0x1", "-", "a-b"])
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS | TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
PAYLOADS = st.dictionaries(KEYS, VALUES, max_size=4)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(KEYS.filter(bool), PAYLOADS, min_size=1, max_size=3))
def test_a_snapshot_is_read_as_what_was_written(payloads: dict[str, Any]):
    text = snapshots_text("shop/order", payloads)
    document, _ = load_yaml(text.encode(), "order.snap")
    assert document.data == payloads
    assert list(document.data) == list(payloads)
    assert compare_payloads(document.data, payloads) == ()
    assert snapshots_text("shop/order", document.data) == text


@given(TEXTS)
def test_a_snapshot_of_a_text_has_a_line_for_each_of_its_lines_and_nothing_hidden(text: str):
    written = snapshots_text("a", {"one": {"text": text}})
    head = "# What each example of a sends, written by `msgc test --update`: review it in git.\n\none:\n  text:"
    assert written.startswith(head)
    lines = written[len(head) :].split("\n")
    breaks = text.removesuffix("\n").count("\n")
    assert breaks <= len(lines) - 2 <= breaks + 2 if breaks else len(lines) == 2
    assert all(line == line.rstrip() for line in lines)
    assert not any(ord(character) < 32 for line in lines for character in line)
    assert not set(written) & set("\u200d\u202e\ufeff\x85\u2028\x7f\xad")


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3))
def test_a_change_shows_both_texts_whole_and_nothing_that_a_terminal_obeys(texts: list[tuple[str, str]]):
    before = {f"t{index}": pair[0] for index, pair in enumerate(texts)}
    after = {f"t{index}": pair[1] for index, pair in enumerate(texts)}
    for change in compare_payloads(before, after):
        place, *lines = change_lines(change)
        assert place.startswith(change.pointer[1:])
        assert all(line[:2] in ("- ", "+ ", "  ") for line in lines), lines
        assert any(line.startswith("- ") for line in lines) or any(line.startswith("+ ") for line in lines)
        assert not any(ord(character) < 32 for line in lines for character in line)
        removed = [line[2:] for line in lines if line[0] == "-"]
        added = [line[2:] for line in lines if line[0] == "+"]
        assert removed != added


# What readers of JUnit's format agree on; Jenkins refuses others.
ATTRIBUTES = {
    ("testsuites", "errors", "failures", "name", "tests"),
    ("testsuite", "errors", "failures", "name", "skipped", "tests"),
    ("testcase", "classname", "name"),
    ("failure", "message", "type"),
    ("error", "message", "type"),
}


@given(TEXTS, TEXTS, TEXTS)
def test_reports_of_any_text_are_well_formed(name: str, message: str, text: str):
    problem = Diagnostic("test-failed", "error", message, file=name, found=text, definition=name)
    (change,) = compare_payloads({"a": text}, {"a": f"{text}."})
    result = Result(name, "failed", (Failure(problem, (change,)),))
    suites = [
        SuiteResult(name, "cases", name, text, (result, Result(text, "passed"))),
        SuiteResult(name, "cases", name, None, (), (problem,)),
    ]
    root = ET.fromstring(REPORTERS["junit"](suites))  # noqa: S314 - our own
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    assert [len(case) for case in root.iter("testcase")] == [1, 0, 1]
    assert {(element.tag, *sorted(element.attrib)) for element in root.iter()} == ATTRIBUTES
    report = json.loads(REPORTERS["json"](suites))
    assert report["suites"][0]["results"][0]["failures"][0]["changes"][0]["after"] == f"{text}."
    shown = render_text(suites)
    ours = re.compile(r"(failed|broken|in the case|error\[| |2 cases: |$)")
    assert all(ours.match(line) for line in shown.split("\n")), shown
    assert not any(ord(character) < 32 for character in shown.replace("\n", ""))


@given(st.lists(TEXTS | st.integers(0, 3).map(str), max_size=4))
def test_every_place_can_be_written_as_a_pointer(steps: list[str]):
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    assert parse_place(pointer) == tuple(steps)
    data: Any = "here"
    for step in reversed(steps):
        data = {step: data}
    assert look_up(data, parse_place(pointer)) == ("here", tuple(steps))


@given(TEXTS)
def test_no_text_breaks_the_reading_of_places(text: str):
    with contextlib.suppress(PlaceError):
        assert isinstance(parse_place(text), tuple)


HELLO = "message: {text: Hello}\n"


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "hello.yaml").write_text(HELLO)
    return tmp_path


def test_snapshots_that_stay_the_same_are_not_written(catalog: Path):
    assert run("msgc test --update -q", catalog)[0] == 0
    file = catalog / "templates" / "__snapshots__" / "hello.snap"
    os.utime(file, (1, 1))
    assert run("msgc test --update -q", catalog) == (0, "")
    assert file.stat().st_mtime == 1
    assert [path.name for path in file.parent.iterdir()] == ["hello.snap"]


def test_line_ends_of_another_system_change_nothing(catalog: Path):
    (catalog / "templates" / "hello.yaml").write_text('message: {text: "Hello\\n\\nyou"}\n')
    run("msgc test --update -q", catalog)
    file = catalog / "templates" / "__snapshots__" / "hello.snap"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert run("msgc test", catalog)[0] == 0


@pytest.mark.parametrize("linked", ["__snapshots__", "__snapshots__/hello.snap"])
def test_snapshots_are_not_written_through_a_link(linked: str, catalog: Path, tmp_path_factory: pytest.TempPathFactory):
    outside = tmp_path_factory.mktemp("outside")
    target = outside if linked == "__snapshots__" else outside / "victim"
    if target != outside:
        (catalog / "templates" / "__snapshots__").mkdir()
        target.write_text("mine")
    (catalog / "templates" / linked).symlink_to(target)
    code, output = run("msgc test --update", catalog)
    assert code in (1, 2)
    assert "symbolic link" in output
    assert [path.read_text() for path in outside.iterdir()] == ([] if target == outside else ["mine"])


def test_what_could_not_be_read_again_is_not_written(catalog: Path):
    deep = "[" * 62 + "]" * 62
    (catalog / "templates" / "hello.yaml").write_text(f"{HELLO}callbackData: {{a: {deep}}}\n")
    assert run("msgc build", catalog)[0] == 0
    code, output = run("msgc test --update", catalog)
    assert code == 2
    assert output.startswith("msgc: templates/__snapshots__/hello.snap cannot keep these payloads: ")
    assert not (catalog / "templates" / "__snapshots__").exists()


def test_snapshots_that_cannot_be_written_are_told_of(catalog: Path):
    (catalog / "templates" / "__snapshots__").write_text("a file")
    assert run("msgc test --update", catalog) == (
        2,
        "msgc: templates/__snapshots__/hello.snap cannot be written: a file stands in the place of its folder\n",
    )


def test_a_test_that_takes_for_ever_ends(catalog: Path, monkeypatch: pytest.MonkeyPatch):
    def endless(*_: Any, **__: Any) -> Any:
        while True:
            pass

    monkeypatch.setattr("msgc.guard.guard.__wrapped__.__defaults__", (0.2,))
    monkeypatch.setattr("msgc.testing.tester.run_case", endless)
    (catalog / "templates" / "hello.test.yaml").write_text("cases: {one: {equals: {message.text: Hello}}}\n")
    code, output = run("msgc test --no-snapshots", catalog)
    assert code == 1
    assert "error[too-costly]: Testing templates/hello.test.yaml takes more time than any message needs" in output


def test_the_same_run_gives_the_same_report(catalog: Path):
    (catalog / "templates" / "hello.test.yaml").write_text("cases: {one: {equals: {message.text: Hi}}, two: {to: x}}\n")
    for words in ("", "-f json", "-f junit"):
        first = run(f"msgc test {words}", catalog)
        assert first[0] == 1
        assert first == run(f"msgc test {words}", catalog)
