"""Ready-made payloads: the fast reader takes nothing that the strict one refuses, and batches change no finding."""

import io
import json
import os
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from msgc import judge
from msgc.contract import read_contract
from msgc.diagnostic import Rejected
from msgc.emit import compact, pretty, reread_list, rereader
from msgc.judge import Judged, ReadPayload, judge_payload, judge_stream
from msgc.load_json import parse_json
from msgc.resources import data_folder
from msgc.rows.lines import Lines
from msgc.rows.row import Piece
from msgc.source import Source
from msgc.validate import check_value
from program import COMMAND, ENVIRONMENT, invoke, run

reread = rereader()
CONTRACT = read_contract(data_folder("schemas") / "payload.schema.json")

# JSON as nobody should write it: keys that come twice, numbers that are spelt otherwise, escapes, odd spaces.
_KEYS = st.sampled_from(['"a"', '"a b"', '"ab"', '"b"', '"\\u0061"', '"a\\u003ab"', '"a:b"', '"\\u0000"', '""', '"é"'])
_STRINGS = st.sampled_from(
    [
        '""', '" "', '"a  b"', '"12:45, {[1]}"', '"\\"a\\": 1"', '"\\\\"', '"\\/"', '"\\n"', '"\n"', '"\x7f"', '"\x01"',
        '"\\u0000"', '"\\\\u0000"', '"\\ud83d\\ude00"', '"😀"', '"\\ud83d"', '"\\ude00\\ud83d"', '"\\u00e9"',
        '"é\u2028"',
    ]
)  # fmt: skip
_NUMBERS = st.sampled_from(
    [
        "0", "-0", "1", "-1", "-0.0", "1.0", "1.50", "1e5", "1E5", "1e400", "-1e400", "1e-400", "01", "+1", ".5", "1.",
        "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809",
        "1.8446744073709552e+19", "1.8446744073709552e19", "0.1", "0.10000000000000001", "9" * 40, "NaN", "Infinity",
    ]
)  # fmt: skip
_SPACES = st.sampled_from(["", "", "", " ", "\t", "\r", "\n", "  ", "\x0b", "\xa0", "\ufeff"])
_WORDS = st.sampled_from(["true", "false", "null", "True", "nul", ""])


@st.composite
def _object(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    members = draw(st.lists(st.tuples(_SPACES, _KEYS, _SPACES, _SPACES, inner, _SPACES), max_size=4))
    return "{" + ",".join(f"{a}{key}{b}:{c}{value}{d}" for a, key, b, c, value, d in members) + "}"


@st.composite
def _array(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(st.tuples(_SPACES, inner, _SPACES), max_size=4))
    return "[" + ",".join(a + item + b for a, item, b in items) + "]"


_TEXTS = st.recursive(
    _STRINGS | _NUMBERS | _WORDS, lambda inner: _object(inner) | _array(inner), max_leaves=12
) | st.builds(lambda depth, text: "[" * depth + text + "]" * depth, st.sampled_from([3, 62, 63, 64, 65, 300]), _NUMBERS)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def _exactly(value: object) -> object:
    """A stand-in that differs wherever two values differ, also where Python calls them equal."""
    if isinstance(value, dict):
        return [(key, _exactly(item)) for key, item in value.items()]
    return [_exactly(item) for item in value] if isinstance(value, list) else (type(value), repr(value))


def _strictly(data: bytes) -> object:
    return parse_json(Source("a.json", data.decode("utf-8")))


def same_as_strict(data: bytes) -> None:
    for known in (reread(data), reread_list(data)):
        if known is not None:
            assert _exactly(known) == _exactly(_strictly(data))
            values = [known] if known is reread(data) or isinstance(known, dict) else known
            assert [check_value(value) for value in values] == [[]] * len(values)


@settings(max_examples=3000)
@given(_SPACES, _TEXTS, _SPACES)
@example("", '{"a": 1, "a": 1}', "")
@example("", '{"a":1,"\\u0061":1}', "")
@example("", '{"a b": 1, "ab": 1, "a b": 1}', "")
@example("", "[18446744073709551616]", "")
@example("", '["\\u0000"]', "")
def test_hostile_texts(before: str, text: str, behind: str):
    same_as_strict((before + text + behind).encode())


@settings(max_examples=500)
@given(_TEXTS, st.integers(0, 200), st.binary(max_size=3))
def test_bytes_that_are_no_text(text: str, at: int, added: bytes):
    data = text.encode()
    data = data[:at] + added + data[at:]
    try:
        data.decode()
    except UnicodeDecodeError:
        assert reread(data) is None
        assert reread_list(data) is None
    else:
        same_as_strict(data)


@given(_VALUES)
def test_what_is_emitted_is_known_again(value: object):
    spaced = json.dumps(value, ensure_ascii=False).encode()
    is_known = isinstance(value, dict | list) and not check_value(value) and compact(value).count(b"\\u0000") == 0
    for data in (compact(value), pretty(value), compact(value) + b"\r"):
        assert (reread(data) == value) if is_known else (reread(data) is None)
    if reread(spaced) is not None:  # Python spells some numbers otherwise
        assert _exactly(reread(spaced)) == _exactly(value)


def test_what_others_write_is_known_too():
    value = {"recipient": {"id": "+1"}, "message": {"text": "Ana: 12:45, {a} 👋"}, "n": [1, -2, 1.5, True, None]}
    for data in (json.dumps(value, ensure_ascii=False), json.dumps(value, ensure_ascii=False, indent=4)):
        assert reread(data.encode()) == value
    assert reread_list(compact([value] * 1000)) == [value] * 1000


def test_large_and_deep_values_are_left_to_the_strict_reader():
    assert reread(b"[" + b"0," * 150_000 + b"0]") is None
    assert reread(b"[" * 64 + b"]" * 64) is not None
    assert reread(b"[" * 65 + b"]" * 65) is None
    assert reread_list(b"[" * 64 + b"]" * 64) is not None
    assert reread_list(b"[" * 65 + b"]" * 65) is None
    assert reread_list(b"[" * 500 + b"]" * 500) is None
    assert reread_list(b'{"a":1}') is None


# --- batches and processes ---

GOOD = b'{"recipient":{"id":"+16044441111","channelType":"whatsapp"},"message":{"text":"Hi %d"}}'
LINES = [
    GOOD % 1,
    json.dumps(json.loads(GOOD % 2)).encode(),
    b'{"number":"+16044441111","templateName":"a","language":"en"}',
    b"",
    b"   ",
    b"\xc2\xa0",
    b'{"message":{"txt":"Hi"}}',
    b'{"recipient":{"id":"604","channelType":"whatsapp"},"message":{"text":"' + b"x" * 1025 + b'","y":1}}',
    b'{"recipient":{"id":"+16044441111","channelType":"whatsapp"},"message":{"text":"Hi"},"message":{"text":"Hi"}}',
    b'{"recipient":{"id":"+16044441111","channelType":"whatsapp"},"message":{"text":"a\\u0000"}}',
    b'{"recipient":{"id":"+16044441111","channelType":"whatsapp"},"message":{"text":"\\ud800"}}',
    b'{"a": 18446744073709551616}',
    b'{"message":',
    b"\xff",
    b"[1]",
    b"7",
    b"null",
    b"[" * 70 + b"]" * 70,
]


def one_by_one(data: bytes) -> Judged:
    """The findings without batches and without the fast way: each line is read strictly and judged by itself."""
    lines = Lines(io.BytesIO(data), "a.jsonl")
    count, problems, left_out = 0, [], Counter()
    while True:
        piece = Piece("a.jsonl", "")
        try:
            read = lines.read()
            if read is None:
                break
            piece = Piece("a.jsonl", read[1].rstrip("\r\n"), lines.number)
            if not piece.text.strip():
                continue
            found = judge_payload(value := parse_json(piece), ReadPayload(value, piece, (), lines.number, []), CONTRACT)
        except Rejected as rejected:
            found = [judge.replace(problem, row=lines.number) for problem in rejected.diagnostics]
        count += 1
        if len(problems) < judge.MAX_FINDINGS:
            problems += found
        else:
            left_out.update(problem.severity for problem in found)
        if any(problem.rule == "data-format" for problem in found):
            break
    problems += judge.more_findings(left_out, "a.jsonl", "mend those that are shown, and judge it again")
    if not count and not problems:
        problems += judge_stream(io.BytesIO(b""), "a.jsonl", CONTRACT, lines=True).diagnostics
    return Judged(count, tuple(problems))


def in_batches(data: bytes, jobs: int) -> Judged:
    return judge_stream(io.BytesIO(data), "a.jsonl", CONTRACT, lines=True, jobs=jobs)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is counted in bytes or findings is small."""
    monkeypatch.setattr(judge, "_BATCH", 600)
    monkeypatch.setattr(judge, "_FEW", 2)
    monkeypatch.setattr(judge, "MAX_FINDINGS", 12)
    monkeypatch.setattr(judge, "_ENDLESS", 3100)
    monkeypatch.setattr("msgc.emit.MOST_BYTES", 2000)
    monkeypatch.setattr("msgc.rows.lines.MAX_ROW", 3000)


_FILES = st.builds(
    lambda mark, lines, ends, final: mark + b"".join(a + b for a, b in zip(lines, ends, strict=False)) + final,
    st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"PK\x03\x04"]),
    st.lists(st.sampled_from([*LINES, *[GOOD % 3] * 8, GOOD % 4 + b" " * 3000]), max_size=30),
    st.lists(st.sampled_from([b"\n", b"\n", b"\r\n", b"\r\r\n"]), min_size=30, max_size=30),
    st.sampled_from([b"", b"\n", GOOD % 5, b"{", b" " * 3001]),
)


@pytest.mark.usefixtures("small")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_FILES)
def test_batches_change_nothing(data: bytes):
    assert in_batches(data, 1) == one_by_one(data)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("final", [b"", b"\n", b"\n" + b"x" * 4000 + b"\n" + GOOD % 1])
@pytest.mark.parametrize("limit", [12, 10_000])
def test_processes_change_nothing(monkeypatch: pytest.MonkeyPatch, mark: bytes, end: bytes, final: bytes, limit: int):
    monkeypatch.setattr(judge, "MAX_FINDINGS", limit)
    data = mark + end.join([*LINES, *[GOOD % 3] * 20] * 3) + final
    assert in_batches(data, 2) == in_batches(data, 1) == one_by_one(data)


def test_a_long_line_between_others_is_the_last_that_is_read():
    data = b"\n".join([GOOD % 1, b'{"a":"' + b"x" * (1 << 20) + b'"}', b"7"])
    judged = in_batches(data, 2)
    assert judged == one_by_one(data)
    assert [(problem.rule, problem.row) for problem in judged.diagnostics] == [("data-format", 2)]


def large_file(folder: Path) -> None:
    """Many batches, the most of them with something wrong, no line break at the end."""
    lines = [GOOD % number if number % 97 else LINES[number // 97 % len(LINES)] for number in range(60_000)]
    (folder / "large.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines))


@pytest.mark.parametrize("format_", ["text", "json"])
def test_reports_are_the_same_however_many_share_the_work(project: Path, format_: str):
    large_file(project)
    one, two, all_ = (
        run(project, "check", "--payloads", "large.jsonl", "-f", format_, *words)
        for words in (["-j", "1"], ["--jobs", "2"], [])
    )
    assert one.returncode == 1
    assert one.stdout.count(b"\n") > 1000
    assert (one.stdout, one.stderr) == (two.stdout, two.stderr) == (all_.stdout, all_.stderr)


def test_a_process_that_dies_is_no_success(project: Path, monkeypatch: pytest.MonkeyPatch):
    large_file(project)
    parent = os.getpid()

    def die(*_: object, **__: object) -> None:
        assert os.getpid() != parent
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(judge, "_judge_batch", die)
    code, shown = invoke(project, "check", "--payloads", "-j", "2", "large.jsonl")
    assert code == 2
    assert shown == "msgc: a process that did a part of the work ended early; try again with `--jobs 1`\n"


def test_an_interrupt_ends_all_processes(project: Path):
    command, pipe = [*COMMAND, "check", "--payloads", "-j", "2", "-"], subprocess.PIPE
    with subprocess.Popen(command, cwd=project, env=ENVIRONMENT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write((GOOD % 1 + b"\n") * 60_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stdout.read() == b""  # nobody else holds it open
        assert process.stderr.read() == b"msgc: interrupted\n"
