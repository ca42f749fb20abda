"""A sender that is killed again and again while a sandbox loses some of its answers, and what must hold in the end."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from msgc.contract import read_contract
from msgc.error_table import read_error_table
from msgc.resources import ERRORS_FILE, PAYLOAD_FILE, data_folder
from msgc.sandbox.faults import read_faults
from msgc.sandbox.serve import Running
from msgc.sandbox.world import Settings, World
from program import COMMAND, ENVIRONMENT, write_project

IN_FLIGHT = 10


@dataclass(frozen=True)
class Outcome:
    """What a run that was killed many times has come to, beside the sandbox's own record."""

    rows: int
    kills: int
    states: Counter[str]
    accepted: int
    accepted_twice: list[str]
    contradictions: list[str]
    unknown_never_accepted: int
    lost: int

    def check(self) -> None:
        assert sum(self.states.values()) == self.rows, "every row has one state"
        assert set(self.states) <= {"sent", "unknown"}, self.states
        assert self.accepted_twice == []
        assert self.contradictions == []
        assert self.unknown_never_accepted <= IN_FLIGHT * self.kills
        assert self.states["unknown"] <= self.lost + IN_FLIGHT * self.kills


def send_under_fire(folder: Path, rows: int, kills: int, *, seed: int, drop: float = 0.02) -> Outcome:
    """Sends `rows` messages while the sender is killed `kills` times at random moments, then to the end."""
    chance = random.Random(seed)
    write_project(folder)
    numbers = [f"+1604{number:07}" for number in range(rows)]
    (folder / "rows.csv").write_text("recipient,name\n" + "".join(f"{number},Ana\n" for number in numbers))
    with Running(sandbox_world(seed, drop=drop, latency=0.01)) as sandbox:
        send = [*COMMAND, "send", "hello", "--data", "rows.csv", "--run", "run.sqlite"]
        done = 0
        while done < kills:
            resumed = (folder / "run.sqlite").exists()
            command = [*COMMAND, "send", "--resume", "run.sqlite"] if resumed else send
            process = _start(folder, command, sandbox, rate="200")
            _wait_for_start(process, chance.uniform(0.0, 0.35))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                done += 1
            _, errors = process.communicate()
            assert process.returncode in (-signal.SIGKILL, 0, 4), errors
            assert process.returncode == -signal.SIGKILL, f"it ended by itself after {done} kills: take more rows"
        last = [*COMMAND, "send", "--resume", "run.sqlite", "--result", "result.jsonl"]
        process = _start(folder, last, sandbox, rate="none")
        _, errors = process.communicate(timeout=120)
        assert process.returncode in (0, 4), errors
        return _judge(folder, sandbox.world, rows, kills)


def sandbox_world(seed: int = 0, **faults: float) -> World:
    """A sandbox without a limit of its rate, with these faults."""
    contract = read_contract(data_folder("schemas") / PAYLOAD_FILE)
    errors = read_error_table(data_folder("schemas") / ERRORS_FILE)
    return World(contract, errors, Settings(rate=0, faults=read_faults(faults, errors.codes), seed=seed))


def _start(folder: Path, command: list[str], sandbox: Running, *, rate: str) -> subprocess.Popen[str]:
    environment = {**ENVIRONMENT, "CONNECTLY_API_KEY": sandbox.key, "MSGC_BUSINESS_ID": "demo"}
    options = ["--yes", "--base-url", sandbox.base_url, "--in-flight", str(IN_FLIGHT), "--rate", rate]
    return subprocess.Popen(
        [*command, *options], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _wait_for_start(process: subprocess.Popen[str], seconds: float) -> None:
    """Until it shows what it will do, or has ended, and then for so many seconds more."""
    assert process.stderr is not None
    said = b""
    while b"\nrate " not in said and (piece := os.read(process.stderr.fileno(), 65536)):
        said += piece
    time.sleep(seconds)


def _judge(folder: Path, world: World, rows: int, kills: int) -> Outcome:
    accepted: dict[str, list[str]] = {}
    for index in range(len(world.messages)):
        kept = world.messages[index]
        accepted.setdefault(json.loads(kept.body)["recipient"]["id"], []).append(kept.id)
    results = [json.loads(line) for line in (folder / "result.jsonl").read_text().splitlines()]
    contradictions = []
    for result in results:
        ids = accepted.get(result["recipient"], [])
        if result["state"] == "sent" and ids != [result["id"]]:
            contradictions.append(f"row {result['row']} is sent as {result['id']}, and the record has {ids}")
        if result["state"] not in ("sent", "unknown"):
            contradictions.append(f"row {result['row']} is {result['state']}")
    unknown = [result["recipient"] for result in results if result["state"] == "unknown"]
    return Outcome(
        rows=rows,
        kills=kills,
        states=Counter(result["state"] for result in results),
        accepted=len(world.messages),
        accepted_twice=[number for number, ids in accepted.items() if len(ids) > 1],
        contradictions=contradictions,
        unknown_never_accepted=sum(number not in accepted for number in unknown),
        lost=world.messages.lost,
    )
