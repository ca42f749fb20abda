"""Sending as a person sees it: the question, the progress, Ctrl-C."""

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crash import sandbox_world
from msgc.sandbox.serve import Running
from program import COMMAND, ENVIRONMENT

SEND = ["send", "hello", "--data", "rows.csv", "--run", "run.sqlite"]


class Terminal:
    """A command whose streams are a terminal."""

    def __init__(self, folder: Path, sandbox: Running, *words: str) -> None:
        self._main, other = pty.openpty()
        environment = {**ENVIRONMENT, "TERM": "xterm", "CONNECTLY_API_KEY": sandbox.key, "MSGC_BUSINESS_ID": "demo"}
        command = [*COMMAND, *words, "--base-url", sandbox.base_url]
        # What runs the tests may have been told to ignore a hang-up, as `nohup` does; the command then would too.
        before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
        try:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=other, stdout=other, stderr=other, start_new_session=True
            )
        finally:
            signal.signal(signal.SIGHUP, before)
        os.close(other)
        self.text = ""

    def read_until(self, wanted: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while wanted not in self.text:
            assert time.monotonic() < deadline, self.text
            piece = self._read()
            assert piece, self.text
            self.text += piece

    def type(self, text: str) -> None:
        os.write(self._main, text.encode())

    def end(self) -> int:
        while piece := self._read():
            self.text += piece
        os.close(self._main)
        return self.process.wait(60)

    def _read(self) -> str:
        try:
            return os.read(self._main, 65536).decode().replace("\r\n", "\n")
        except OSError:  # how Linux says that nobody writes any more
            return ""


@pytest.fixture
def slow() -> Iterator[Running]:
    with Running(sandbox_world(latency=0.3)) as running:
        yield running


def write_rows(folder: Path, count: int) -> None:
    rows = "".join(f"+1604{number:07},Ana\n" for number in range(count))
    (folder / "rows.csv").write_text(f"recipient,name\n{rows}")


def states(folder: Path) -> dict[str, int]:
    done = subprocess.run(
        [*COMMAND, "runs", "show", "run.sqlite", "-f", "json"], cwd=folder, env=ENVIRONMENT, capture_output=True
    )
    return {state: number for state, number in json.loads(done.stdout)["counts"].items() if number}


def accepted(sandbox: Running) -> int:
    return len(sandbox.world.messages)


def test_a_no_sends_nothing_and_leaves_nothing(project: Path, slow: Running):
    write_rows(project, 3)
    terminal = Terminal(project, slow, *SEND)
    terminal.read_until("Send 3 messages? [y/N]: ")
    terminal.type("n\n")
    assert terminal.end() == 0
    assert terminal.text.endswith("nothing was sent\n")
    assert accepted(slow) == 0
    assert not (project / "run.sqlite").exists()
    assert [path.name for path in project.glob(".*draft")] == []


def test_a_yes_sends_and_shows_how_far_it_is(project: Path, slow: Running):
    write_rows(project, 40)
    terminal = Terminal(project, slow, *SEND, "--rate", "40")
    terminal.read_until("[y/N]: ")
    terminal.type("y\n")
    assert terminal.end() == 0
    assert re.search(r"\r[0-9]+ of 40 sent, [0-9]+ a second, [0-9]+ seconds? left\x1b\[K", terminal.text)
    assert terminal.text.endswith("\r\x1b[K40 messages: 40 sent\n")
    assert accepted(slow) == 40


def test_one_message_that_was_sent_asks_again(project: Path, slow: Running):
    words = ["send", "hello", "--to", "+16044441111", "--set", "name=Ana"]
    first = Terminal(project, slow, *words, "--yes")
    assert first.end() == 0
    for answer, count in (("n", 1), ("y", 2)):
        terminal = Terminal(project, slow, *words)
        terminal.read_until("Send it once more? [y/N]: ")
        assert re.search(r"The same message was sent [0-9]+ seconds? ago \(run [0-9a-z-]+\)", terminal.text)
        terminal.type(f"{answer}\n")
        assert terminal.end() == 0
        assert accepted(slow) == count


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_ends_what_is_in_flight_and_goes_on_later(
    project: Path, slow: Running, number: signal.Signals
):
    write_rows(project, 400)
    terminal = Terminal(project, slow, *SEND, "--yes", "--rate", "40")
    terminal.read_until(" of 400 sent")
    terminal.process.send_signal(number)
    assert terminal.end() == 4
    assert re.search(r"waiting for [0-9]+ in flight; once more to leave them unknown\n", terminal.text)
    found = states(project)
    assert set(found) == {"sent", "pending"}
    assert found["sent"] == accepted(slow)
    left = found["pending"]
    assert f"\ninterrupted\n`msgc send --resume run.sqlite` sends the {left} that are left\n" in terminal.text
    slow.world.change_faults(sandbox_world().faults)
    resumed = Terminal(project, slow, "send", "--resume", "run.sqlite", "--yes", "--rate", "none")
    assert resumed.end() == 0
    assert states(project) == {"sent": 400}
    assert accepted(slow) == 400


def test_a_second_ctrl_c_waits_for_nothing(project: Path):
    with Running(sandbox_world(latency=20)) as stuck:
        write_rows(project, 50)
        terminal = Terminal(project, stuck, *SEND, "--yes", "--rate", "none", "--in-flight", "7")
        terminal.read_until(" of 50 sent")
        deadline = time.monotonic() + 30
        while stuck.world.traffic.requests < 7 and time.monotonic() < deadline:
            time.sleep(0.01)
        terminal.process.send_signal(signal.SIGINT)
        terminal.read_until("once more to leave them unknown")
        terminal.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert terminal.end() == 4
        assert time.monotonic() - began < 10
        assert states(project) == {"pending": 43, "unknown": 7}
        assert "  7 unknown: interrupted before its answer came\n" in terminal.text


def test_a_run_that_is_being_sent_is_for_one_process(project: Path, slow: Running):
    write_rows(project, 400)
    terminal = Terminal(project, slow, *SEND, "--yes", "--rate", "100")
    terminal.read_until(" of 400 sent")
    second = Terminal(project, slow, "send", "--resume", "run.sqlite", "--yes")
    assert second.end() == 2
    assert "is being sent by another process; wait for it, or end it first" in second.text
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 4
    assert states(project)["sent"] == accepted(slow)


def test_progress_says_what_keeps_messages_from_leaving(project: Path):
    with Running(sandbox_world()) as gone:
        pass
    write_rows(project, 3)
    terminal = Terminal(project, gone, *SEND, "--yes")
    terminal.read_until("0 of 3 sent, 0 a second, no connection: connection refused, for 1 of 60 seconds")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 4
    assert states(project) == {"pending": 3}


def test_a_full_disk_behind_the_output_is_no_mistake_of_msgc(project: Path, slow: Running):
    write_rows(project, 3)
    environment = {**ENVIRONMENT, "CONNECTLY_API_KEY": slow.key, "MSGC_BUSINESS_ID": "demo"}
    with Path("/dev/full").open("w") as full:
        command = [*COMMAND, *SEND, "--yes", "-q", "--base-url", slow.base_url]
        done = subprocess.run(command, cwd=project, env=environment, stdout=full, stderr=subprocess.PIPE, text=True)
        assert (done.returncode, done.stderr) == (0, "")  # there was nothing to say
        command = [*COMMAND, "runs", "show", "run.sqlite"]
        done = subprocess.run(command, cwd=project, env=environment, stdout=full, stderr=subprocess.PIPE, text=True)
    told = "msgc: what there is to say cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, told)
    assert states(project) == {"sent": 3}
