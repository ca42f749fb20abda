"""The register of what was sent: who has entered a message, for how long, and what a message is known by."""

import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgc.send.register import KEPT_SECONDS, Entry, Register, digest_of
from msgc.send.run_file import RunFile
from msgc.send.storage import StorageError, keep_private
from program import ENVIRONMENT

NOW = 1_795_521_600.0
A, B, C = (bytes([number]) * 16 for number in range(3))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sent.sqlite"


@pytest.fixture
def register(path: Path) -> Iterator[Register]:
    with Register(path) as opened:
        yield opened


def found(register: Register, *digests: bytes, now: float = NOW) -> list[str | None]:
    entries = [register.find(digest, now) for digest in digests]
    return [entry.run if entry is not None else None for entry in entries]


# ---------------------------------------------------------------------------------------- entering


def test_what_a_run_has_entered_is_found_and_nothing_else(register: Register):
    assert register.enter("one", [A, B], NOW, again=False) is None
    assert register.find(A, NOW + 5) == Entry("one", NOW)
    assert found(register, A, B, C) == ["one", "one", None]


def test_all_or_none_is_entered(register: Register):
    register.enter("one", [B], NOW, again=False)
    assert register.enter("two", [A, B, C], NOW + 1, again=False) == Entry("one", NOW)
    assert found(register, A, B, C) == [None, "one", None]


def test_all_or_none_is_entered_of_many_as_well(register: Register):
    many = [number.to_bytes(16) for number in range(3_000)]
    register.enter("one", [many[-1]], NOW, again=False)
    assert register.enter("two", many, NOW, again=False) == Entry("one", NOW)
    assert set(found(register, *many[:-1])) == {None}
    assert register.enter("two", many[:-1], NOW, again=False) is None
    assert set(found(register, *many[:-1])) == {"two"}


def test_all_or_none_is_entered_where_the_digests_break_off(register: Register):
    def digests() -> Iterator[bytes]:
        yield from (number.to_bytes(16) for number in range(1_200))
        raise OSError("the run file is gone")

    with pytest.raises(StorageError):
        register.enter("one", digests(), NOW, again=False)
    assert found(register, (0).to_bytes(16)) == [None]


def test_a_run_may_enter_its_own_once_more(register: Register):
    register.enter("one", [A, B], NOW, again=False)
    assert register.enter("one", [A, C], NOW + 60, again=False) is None
    assert register.find(A, NOW + 60) == Entry("one", NOW + 60)
    assert register.find(B, NOW + 60) == Entry("one", NOW)


def test_again_takes_the_others_entries_over(register: Register):
    register.enter("one", [A, B], NOW, again=False)
    assert register.enter("two", [A, C], NOW + 60, again=True) is None
    assert found(register, A, B, C) == ["two", "one", "two"]


def test_nothing_can_be_entered(register: Register):
    assert register.enter("one", [], NOW, again=False) is None


# ---------------------------------------------------------------------------------------- taking out, forgetting


def test_a_run_takes_out_its_own_only(register: Register):
    register.enter("one", [A, B], NOW, again=False)
    register.enter("two", [B], NOW, again=True)
    register.remove("one", [A, B, C])
    assert found(register, A, B) == [None, "two"]


def test_after_seven_days_everything_is_forgotten(register: Register, path: Path):
    register.enter("one", [A], NOW, again=False)
    last = NOW + KEPT_SECONDS
    assert found(register, A, now=last - 1) == ["one"]
    assert found(register, A, now=last) == [None]
    assert register.enter("two", [A, B], last - 1, again=False) == Entry("one", NOW)
    assert register.enter("two", [A, B], last, again=False) is None
    assert found(register, A, B, now=last) == ["two", "two"]


def test_what_is_forgotten_is_gone_from_the_file(register: Register, path: Path):
    register.enter("one", [A, B], NOW, again=False)
    register.enter("two", [C], NOW + KEPT_SECONDS, again=False)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT digest, run FROM entry").fetchall() == [(C, "two")]


def test_a_clock_that_was_set_back_forgets_nothing(register: Register):
    register.enter("one", [A], NOW, again=False)
    assert found(register, A, now=NOW - KEPT_SECONDS) == ["one"]


# ---------------------------------------------------------------------------------------- the file


def test_the_file_is_for_its_owner_alone_and_lasts(path: Path):
    with Register(path) as register:
        register.enter("one", [A], NOW, again=False)
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    with Register(path) as register:
        assert found(register, A) == ["one"]


def test_the_file_holds_no_number_and_no_text(path: Path):
    digest = digest_of("https://api.connectly.ai shop", "hello", "+16044441111", {"name": "Anastasia"}, 0)
    with Register(path) as register:
        register.enter("one", [digest], NOW, again=False)
    data = path.read_bytes()
    assert b"one" in data
    assert not any(secret in data for secret in (b"6044441111", b"Anastasia", b"hello", b"shop"))


def test_to_open_it_once_more_ends_no_transaction(path: Path):
    """To close a file ends all locks that a process has on it, where locks are POSIX's."""
    with Register(path) as register:
        register._connection.execute("BEGIN IMMEDIATE")
        keep_private(path)
        script = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0.1).execute('BEGIN IMMEDIATE')"
        done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=60)
        assert "database is locked" in done.stderr


def test_two_that_are_open_see_each_other(path: Path):
    with Register(path) as one, Register(path) as two:
        one.enter("one", [A], NOW, again=False)
        assert found(two, A) == ["one"]
        assert two.enter("two", [A, B], NOW, again=False) == Entry("one", NOW)
        one.remove("one", [A])
        assert two.enter("two", [A, B], NOW, again=False) is None
        assert found(one, A, B) == ["two", "two"]


RACE = """
import sys
import time
from pathlib import Path
from msgc.send.register import Register
print("ready", flush=True)
for line in sys.stdin:
    digests = [*(number.to_bytes(16) for number in range(int(sys.argv[2]))), sys.argv[1].encode().ljust(16)]
    start, path = line.strip().split(maxsplit=1)
    while time.time() < float(start):
        pass  # so that all begin at the same moment
    with Register(Path(path)) as register:
        print(register.enter(sys.argv[1], digests, 1795521600.0, again=False), flush=True)
"""


def race(folder: Path, rounds: int, common: int) -> list[tuple[Path, dict[str, str]]]:
    """In each round three processes make one register and enter so many common digests and one of their own."""
    names = ["one", "two", "three"]
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, name, str(common)],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in names
    ]
    try:
        answers = []
        assert [racer.stdout.readline() for racer in racers if racer.stdout] == ["ready\n"] * 3
        for number in range(rounds):
            path, start = folder / f"{number}.sqlite", time.time() + 0.01
            for racer in racers:
                assert racer.stdin is not None
                racer.stdin.write(f"{start} {path}\n")
                racer.stdin.flush()
            lines = [racer.stdout.readline().strip() for racer in racers if racer.stdout]
            answers.append((path, dict(zip(names, lines, strict=True))))
        return answers
    finally:
        for racer in racers:
            racer.communicate(timeout=60)


def test_of_processes_one_enters_everything_and_the_others_nothing(tmp_path: Path):
    for path, answers in race(tmp_path, rounds=8, common=1_000):
        winner = next(name for name, answer in answers.items() if answer == "None")
        losers = {answer for name, answer in answers.items() if name != winner}
        assert losers == {f"Entry(run='{winner}', at=1795521600.0)"}
        with Register(path) as register:
            assert set(found(register, *(number.to_bytes(16) for number in range(1_000)))) == {winner}
            own = found(register, *(name.encode().ljust(16) for name in answers))
            assert [run for run in own if run] == [winner]


def test_processes_that_make_the_file_at_the_same_time_do_not_lose_each_others(tmp_path: Path):
    """The first that a project ever sends, from several terminals at once."""
    for path, answers in race(tmp_path, rounds=25, common=0):
        assert set(answers.values()) == {"None"}, answers
        with Register(path) as register:
            assert found(register, *(name.encode().ljust(16) for name in answers)) == [*answers]


DAMAGED = {
    "text": b"This is no database.\n",
    "long text": b"This is no database, and longer than the header of one, which has a hundred bytes.\n" * 50,
    "a header alone": b"SQLite format 3\0" + b"\xff" * 84,
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused_and_left_alone(path: Path, data: bytes):
    path.write_bytes(data)
    with pytest.raises(StorageError, match=r"sent\.sqlite"):
        Register(path)
    assert path.read_bytes() == data


def test_a_file_with_a_damaged_page_is_refused_before_anything_is_entered(path: Path):
    with Register(path) as register:
        register.enter("one", [number.to_bytes(16) for number in range(2_000)], NOW, again=False)
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StorageError, match="damaged"), Register(path) as register:
        register.enter("two", [A], NOW, again=False)


def test_a_newer_file_is_refused_and_left_alone(path: Path):
    with Register(path) as register:
        register.enter("one", [A], NOW, again=False)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(StorageError, match="was written by a newer msgc; install it"):
        Register(path)


def test_somebody_elses_database_is_refused_and_left_alone(path: Path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE fruit (name TEXT)")
    with pytest.raises(StorageError, match="is not msgc's register of what was sent; move it out of the way"):
        Register(path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("fruit",)]


def test_a_run_file_is_no_register(path: Path):
    RunFile.create(path).close()
    with pytest.raises(StorageError, match="is not msgc's register"):
        Register(path)


def test_an_empty_file_becomes_a_register(path: Path):
    """What a crash leaves between making the file and filling it."""
    path.touch()
    with Register(path) as register:
        assert register.enter("one", [A], NOW, again=False) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_file_that_cannot_be_written_is_refused(path: Path):
    Register(path).__exit__()
    path.chmod(0o400)
    with pytest.raises(StorageError, match="read-only"), Register(path) as register:
        register.enter("one", [A], NOW, again=False)


def test_a_folder_is_refused(path: Path):
    path.mkdir()
    with pytest.raises(StorageError, match=r"sent\.sqlite"):
        Register(path)


# ---------------------------------------------------------------------------------------- digests

texts = st.text(st.characters(codec="utf-8"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
PLAIN = ("https://api.connectly.ai shop", "hello", "+16044441111", {"name": "Ana", "order": {"id": "A1"}}, 0)


def with_part(index: int, other: object) -> tuple[object, ...]:
    return (*PLAIN[:index], other, *PLAIN[index + 1 :])


OTHERS = {
    "address": with_part(0, "https://api.connectly.ai shop2"),
    "label": with_part(1, "hello2"),
    "recipient": with_part(2, "+16044442222"),
    "a value": with_part(3, {"name": "Ben", "order": {"id": "A1"}}),
    "an inner value": with_part(3, {"name": "Ana", "order": {"id": "A2"}}),
    "a value more": with_part(3, {"name": "Ana", "order": {"id": "A1"}, "note": ""}),
    "a value less": with_part(3, {"name": "Ana"}),
    "a type": with_part(3, {"name": "Ana", "order": {"id": ["A1"]}}),
    "occurrence": with_part(4, 1),
    "a boundary": ("https://api.connectly.ai", " shophello", *PLAIN[2:]),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_digest_differs_in_every_part(other: tuple[object, ...]):
    assert digest_of(*other) != digest_of(*PLAIN)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, "1"), (1, True), (0, False), (None, "null"), ("", None), ([], {}), ({}, None), (1, 2), (0.1, 0.2), ("a", "A")],
)
def test_values_of_different_types_have_different_digests(one: object, other: object):
    assert digest_of(*with_part(3, one)) != digest_of(*with_part(3, other))  # type: ignore[arg-type]


@given(st.dictionaries(texts, values, min_size=2, max_size=5), st.randoms())
def test_a_digest_is_the_same_for_equal_values_in_another_order(given_values: dict[str, object], chance: object):
    def shuffled(value: object) -> object:
        if isinstance(value, dict):
            items = [(key, shuffled(item)) for key, item in value.items()]
            chance.shuffle(items)  # type: ignore[attr-defined]
            return dict(items)
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    assert digest_of(*with_part(3, shuffled(given_values))) == digest_of(*with_part(3, given_values))  # type: ignore[arg-type]


@given(values, values)
def test_a_digest_differs_where_values_do(one: object, other: object):
    is_equal = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest_of(*with_part(3, one)) == digest_of(*with_part(3, other))) == is_equal  # type: ignore[arg-type]


def test_the_order_of_a_list_counts():
    assert digest_of(*with_part(3, ["a", "b"])) != digest_of(*with_part(3, ["b", "a"]))  # type: ignore[arg-type]


def test_a_digest_is_the_same_tomorrow():
    """What is in a register was put there by an earlier version; a change here forgets it all."""
    assert digest_of(*PLAIN).hex() == "2408aee3c958428d74dbf95826039497"
