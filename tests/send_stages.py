"""Stages of sending: what an answer means, and whole transcripts of `msgc send` and `msgc runs`.

Whatever differs from run to run has a name in the answers: RUN-1, RUN-2 and so on for runs in the order in which they
are made (later commands may use these names), ULID, TRACE, TIME, and "a moment ago".
"""

import contextlib
import json
import os
import re
import shutil
import sqlite3
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from unittest.mock import patch

from casefile import Case
from command_stages import run, write_files
from msgc import open_contract
from msgc.contract import read_contract
from msgc.error_table import read_error_table
from msgc.resources import ERRORS_FILE, PAYLOAD_FILE, data_folder
from msgc.sandbox.faults import read_faults
from msgc.sandbox.serve import Running
from msgc.sandbox.world import Settings, Window, World
from msgc.send.answer import Answer, Failure, Phase, Reply
from msgc.send.classify import classify as judge

NOW = 1_795_521_600.0
"""2026-11-24T12:00:00Z: the time at which the replies of a case come."""
_CONTRACT = read_contract(data_folder("schemas") / PAYLOAD_FILE)
_ERRORS = read_error_table(data_folder("schemas") / ERRORS_FILE)
_TLS = ssl.create_default_context()
_PHASES: tuple[Phase, ...] = ("lost", "unreached", "insecure")
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy knows this machine's sandbox
_REPEATED = re.compile(r"<(.)\*([0-9]+)>")
_BYTE = re.compile(rb"<0x([0-9a-f]{2})>")


def classify(case: Case, folder: Path) -> str:
    """Every file is a reply: a status, perhaps `Retry-After: …`, an empty line, the body. The verdicts, field by field.

    Without the empty line the body could not be read. `lost: reason`, `unreached: reason` and `insecure: reason` are
    requests without an answer. `<A*1000>` stands for a thousand A, `<0xff>` for a byte.
    """
    with _clock_in("America/New_York"):  # no verdict depends on where the machine stands
        return "".join(f"{name}\n{_verdict(text)}" for name, text in case.inputs.items())


@contextlib.contextmanager
def _clock_in(zone: str) -> Iterator[None]:
    try:
        with patch.dict(os.environ, TZ=zone):
            time.tzset()
            yield
    finally:
        time.tzset()


def _verdict(text: str) -> str:
    verdict = judge(_reply(text), _ERRORS, NOW)
    facts = [(field.name, getattr(verdict, field.name)) for field in fields(verdict)[2:]]
    lines = [f"  {verdict.outcome}: {verdict.reason}"]
    lines += [f"  {name}: {value}" for name, value in facts if value is not None]
    return "".join(f"{line}\n" for line in lines)


def _reply(text: str) -> Reply:
    for phase in _PHASES:
        if text.startswith(f"{phase}: "):
            return Failure(phase, text.removeprefix(f"{phase}: ").strip())
    head, is_whole, body = text.partition("\n\n")
    status, *headers = head.rstrip("\n").split("\n")
    retry_after = None
    for header in headers:
        name, _, retry_after = header.partition(": ")
        assert name == "Retry-After", header
    raw = _REPEATED.sub(lambda match: match[1] * int(match[2]), body).removesuffix("\n").encode()
    raw = _BYTE.sub(lambda match: bytes.fromhex(match[1].decode()), raw)
    return Answer(int(status), raw if is_whole else None, retry_after)


def send(case: Case, folder: Path) -> str:
    """Every command of the case with its output and, unless it is 0, its exit code.

    With a file `sandbox.json` (`closed`, `never`, `templates`, `faults`, `rate`, `retry_after`) one sandbox is kept for
    the whole case; its key, its address and a business are in the environment of all commands, and `$SANDBOX` is its
    address in a command. In a file `␍` is a carriage return and `␉` a tab; so does `cat` show them.

    Commands besides `msgc`: `cat FILE`, `ls`, `rm FILE`, `cp FROM TO`, `mkdir FOLDER`, `sql FILE STATEMENT`, `accepted`
    (what the sandbox has accepted, sorted), `PUT /sandbox/faults {…}` and `PUT /sandbox/windows {…}`.
    """
    files = {name: text.replace("␍", "\r").replace("␉", "\t") for name, text in case.inputs.items()}
    write_files(Case(case.path, files), folder)
    with contextlib.ExitStack() as stack:
        # To read the contract, and the certificates that no sandbox needs, takes longer than the rest of a command.
        stack.enter_context(patch.object(open_contract, "read_contract", lambda _: _CONTRACT))
        stack.enter_context(patch.object(ssl, "create_default_context", lambda: _TLS))
        stack.enter_context(patch.dict(os.environ))
        for name in ("CONNECTLY_API_KEY", "MSGC_BASE_URL", "MSGC_BUSINESS_ID"):
            os.environ.pop(name, None)
        sandbox = None
        if "sandbox.json" in files:
            sandbox = _sandbox(json.loads(files["sandbox.json"]))
            # The next case need not wait until it has ended.
            stack.callback(threading.Thread(target=sandbox.close).start)
            os.environ |= {"CONNECTLY_API_KEY": sandbox.key, "MSGC_BASE_URL": sandbox.base_url}
            os.environ["MSGC_BUSINESS_ID"] = "demo"
        names = _Names(folder, sandbox.base_url if sandbox else "http://127.0.0.1:1")
        answer = ""
        for line in files["commands"].splitlines():
            output = _carry_out(names.real(line), folder, sandbox)
            names.look()
            answer += f"$ {line}\n{names.plain(output)}"
    return answer


def _sandbox(given: dict[str, Any]) -> Running:
    windows: dict[str, Window] = dict.fromkeys(given.pop("closed", []), "closed")
    windows |= dict.fromkeys(given.pop("never", []), "never")
    templates = given.pop("templates", None)
    settings = Settings(
        windows=windows,
        templates=None if templates is None else frozenset((name, None) for name in templates),
        faults=read_faults(given.pop("faults", {}), _ERRORS.codes),
        **given,
    )
    return Running(World(_CONTRACT, _ERRORS, settings))


def _carry_out(line: str, folder: Path, sandbox: Running | None) -> str:
    word, _, rest = line.partition(" ")
    match word:
        case "cat" if not (folder / rest).exists():
            return "(there is no such file)\n"
        case "cat":
            text = (folder / rest).read_bytes().decode("utf-8")
            ending = "" if text.endswith("\n") else "\n(no final newline)\n"
            return text.replace("\r", "␍").replace("\t", "␉") + ending
        case "ls":
            names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
            return "".join(f"{name}\n" for name in names)
        case "rm":
            (folder / rest).unlink()
        case "cp":
            shutil.copy(*(folder / name for name in rest.split()))
        case "mkdir":
            (folder / rest).mkdir(parents=True)
        case "sql":
            name, _, statement = rest.partition(" ")
            with contextlib.closing(sqlite3.connect(folder / name)) as connection, connection:
                return "".join(f"{'|'.join(map(str, row))}\n" for row in connection.execute(statement))
        case "accepted":
            return "".join(f"{message}\n" for message in sorted(_accepted(sandbox))) or "nothing\n"
        case "PUT":
            path, _, body = rest.partition(" ")
            _ask(sandbox, word, path, body)
        case _:
            code, output = run(line, folder)
            return output + (f"[exit {code}]\n" if code else "")
    return ""


def _accepted(sandbox: Running | None) -> Iterator[str]:
    for message in json.loads(_ask(sandbox, "GET", "/sandbox/messages"))["messages"]:
        body = message["body"]
        to = body.get("number") or body["recipient"].get("id") or body["recipient"].get("userId")
        what = body["templateName"] if "templateName" in body else body["message"].get("text", "…")
        yield f"to {to}: {what}" + ("" if message["answered"] else " (nobody was told)")


def _ask(sandbox: Running | None, method: str, path: str, body: str = "") -> str:
    assert sandbox is not None, "the case has a `sandbox.json`"
    request = urllib.request.Request(f"{sandbox.base_url}{path}", body.encode() or None, method=method)
    with _OPENER.open(request, timeout=10) as response:
        return str(response.read().decode())


class _Names:
    """The names of what differs from run to run."""

    _RUN = re.compile(r"\b[0-9]{8}-[0-9]{6}-[a-z2-7]{4}\b")
    _PATTERNS = (
        (re.compile(r"http://127\.0\.0\.1:[0-9]+"), "http://sandbox"),
        (re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b"), "ULID"),
        (re.compile(r'"cntTraceId":"[0-9]+"'), '"cntTraceId":"TRACE"'),
        (re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"), "TIME"),
        (re.compile(r"\b[0-9]+ seconds? ago"), "a moment ago"),
        (re.compile(r"\b[0-9]+\.[0-9]+\.[0-9]+(?=\))"), "VERSION"),
    )

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = folder
        self._address = address
        self._runs: dict[str, str] = {}

    def look(self) -> None:
        """Name the runs that have been made."""
        for path in sorted((self._folder / ".msgc" / "runs").glob("*.sqlite")):
            self._name(path.stem)

    def real(self, text: str) -> str:
        """A command with what the names stand for."""
        text = text.replace("$SANDBOX", self._address)
        for run_id, name in self._runs.items():
            text = re.sub(rf"\b{name}\b", run_id, text)
        return text

    def plain(self, text: str) -> str:
        """An output with names in the place of what they stand for."""
        text = self._RUN.sub(lambda match: self._name(match[0]), text)
        text = text.replace(self._address, "http://sandbox").replace(self._folder.as_posix(), "/project")
        for pattern, name in self._PATTERNS:
            text = pattern.sub(name, text)
        return text

    def _name(self, run_id: str) -> str:
        return self._runs.setdefault(run_id, f"RUN-{len(self._runs) + 1}")
