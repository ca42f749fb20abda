"""Run files that are damaged in a place that is not looked at first, and the lock of a run."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from msgc.send.lock import RunIsTaken, hold_lock, is_locked, lock_path
from msgc.send.message import Frozen, Run
from msgc.send.run_file import RunFile
from msgc.send.storage import StorageError
from msgc.send.store import remove_run
from program import ENVIRONMENT

RUN = Run(
    id="20261124-120000-2a3b",
    created=1_795_521_600.0,
    version="1",
    label="hello",
    definition="hello",
    data="rows.csv",
    base_url="https://api.connectly.ai",
    business_id="demo",
    is_sandbox=False,
    allow_fallback=False,
)


def publish(path: Path, count: int = 3) -> Path:
    draft = RunFile.create(path.with_name("draft"))
    for row in range(count):
        digest = row.to_bytes(16)
        assert draft.add(Frozen(row, None, f"+1604{row:07}", digest, "session", b'{"message":{"text":"Hi"}}')) is None
    draft.publish(RUN, path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return publish(tmp_path / "run.sqlite")


# ---------------------------------------------------------------------------------------- the file


def test_a_run_is_what_was_published_and_for_its_owner_alone(path: Path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["run.sqlite"]
    with RunFile.open(path, for_writing=True) as run_file:
        assert run_file.run == RUN
        assert run_file.counts() == {"pending": 3, "sending": 0, "sent": 0, "failed": 0, "unknown": 0}
        assert [message.recipient for message in run_file.fetch(0, 10)] == [f"+1604{row:07}" for row in range(3)]


def test_a_message_with_the_same_digest_is_not_added(tmp_path: Path):
    with RunFile.create(tmp_path / "draft") as draft:
        assert draft.add(Frozen(2, None, "+16044441111", b"a" * 16, "session", b"{}")) is None
        assert draft.add(Frozen(7, None, "+16044441111", b"a" * 16, "session", b"{}")) == 2
        assert draft.counts()["pending"] == 1


def test_a_run_is_never_written_over_another(path: Path):
    before = path.read_bytes()
    draft = RunFile.create(path.with_name("draft"))
    with pytest.raises(StorageError, match="is there already; a run is never written over another"):
        draft.publish(RUN, path)
    assert path.read_bytes() == before


def test_a_damaged_page_is_found_before_anything_is_sent(tmp_path: Path):
    path = publish(tmp_path / "run.sqlite", 2_000)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    with pytest.raises(StorageError, match="damaged"):
        RunFile.open(path, for_writing=True)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, share: float):
    path = publish(tmp_path / "run.sqlite", 2_000)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(StorageError, match="damaged"):
        RunFile.open(path, for_writing=True)


@pytest.mark.parametrize("for_writing", [False, True])
def test_what_is_no_run_is_refused_and_left_alone(tmp_path: Path, for_writing: bool):
    path = tmp_path / "run.sqlite"
    with pytest.raises(StorageError, match="there is no run at"):
        RunFile.open(path, for_writing=for_writing)
    assert not path.exists()
    path.write_bytes(b"")
    with pytest.raises(StorageError, match="is not a run file of msgc"):
        RunFile.open(path, for_writing=for_writing)
    path.write_bytes(b"no database" * 100)
    with pytest.raises(StorageError, match="is damaged, or none of msgc's"):
        RunFile.open(path, for_writing=for_writing)
    assert path.read_bytes() == b"no database" * 100


@pytest.mark.parametrize("for_writing", [False, True])
def test_a_newer_run_is_refused(path: Path, for_writing: bool):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(StorageError, match="was written by a newer msgc; install it"):
        RunFile.open(path, for_writing=for_writing)


def test_looking_changes_nothing(path: Path):
    before = path.read_bytes()
    with RunFile.open(path, for_writing=False) as run_file:
        assert run_file.run == RUN
        assert len(list(run_file.records())) == 3
        with pytest.raises(StorageError, match="it is read-only"):
            run_file.recover()
    assert path.read_bytes() == before


# ---------------------------------------------------------------------------------------- the lock

HOLD = """
import sys
import time
from pathlib import Path
from msgc.send.lock import hold_lock, RunIsTaken
print("ready", flush=True)
for line in sys.stdin:
    start, path = line.strip().split(maxsplit=1)
    while time.time() < float(start):
        pass  # so that all begin at the same moment
    try:
        with hold_lock(Path(path)):
            print("held", flush=True)
            sys.stdin.readline()
    except RunIsTaken:
        print("taken", flush=True)
        sys.stdin.readline()
"""


class Holder:
    """A process that takes locks when it is told."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD],
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.hear() == "ready"

    def tell(self, text: str = "") -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def holders() -> Iterator[list[Holder]]:
    started = [Holder() for _ in range(3)]
    yield started
    for holder in started:
        holder.process.communicate(timeout=60)


def test_of_processes_that_begin_at_the_same_time_one_has_the_run(tmp_path: Path, holders: list[Holder]):
    for number in range(3):
        start = time.time() + 0.01
        for holder in holders:
            holder.tell(f"{start} {tmp_path / f'{number}.sqlite'}")
        assert sorted(holder.hear() for holder in holders) == ["held", "taken", "taken"]
        for holder in holders:
            holder.tell()


def test_a_lock_is_free_again_however_its_holder_ends(path: Path, holders: list[Holder]):
    assert not is_locked(path)
    holder = holders[0]
    holder.tell(f"0 {path}")
    assert holder.hear() == "held"
    assert is_locked(path)
    with pytest.raises(RunIsTaken, match="is being sent by another process; wait for it, or end it first"):
        hold_lock(path).__enter__()
    holder.process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    holder.process.wait(60)
    assert not is_locked(path)
    with hold_lock(path):
        assert stat.S_IMODE(lock_path(path).stat().st_mode) == 0o600


def test_to_ask_does_not_end_the_lock_that_one_has(path: Path, holders: list[Holder]):
    """To close a file ends all locks that a process has on it, where locks are POSIX's."""
    with hold_lock(path):
        assert is_locked(path)
        with pytest.raises(RunIsTaken):
            hold_lock(path).__enter__()
        holders[0].tell(f"0 {path}")
        assert holders[0].hear() == "taken"


def test_who_only_asks_makes_no_lock(path: Path):
    assert not is_locked(path)
    assert not lock_path(path).exists()


def test_removing_a_run_leaves_nothing(path: Path):
    with hold_lock(path), RunFile.open(path, for_writing=True) as run_file:
        run_file.recover()
    with RunFile.open(path, for_writing=False) as run_file:
        assert run_file.run == RUN
    remove_run(path)
    assert list(path.parent.iterdir()) == []
