"""What must not be found: the key anywhere, what a message says anywhere but where it has to be.

The program runs as people run it, in every way that sending can go; then every byte that it has written is searched.
"""

import base64
import contextlib
import csv
import json
import math
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from crash import sandbox_world
from faulty_server import ACCEPTED, Answering, Certificate, FaultyServer, Received, Step, make_certificate, raw, reply
from msgc.sandbox.serve import Running
from msgc.sandbox.world import Settings, World
from program import COMMAND, ENVIRONMENT

KEY = "Kq7-never-to-be-seen-f81d4fae"
SHOWN, HIDDEN, LAST = "Quokkabert", "Numbatilda", "Bilbyline"
"""The names in the rows: the first is in the preview's sample, the others are not."""
NAMES = (SHOWN, HIDDEN, LAST)
FIXED = "Wombatgate"
"""What all messages say; it stands in the definition."""
DEFINITION = f"""\
description: A parcel.
params:
  name: {{type: string, maxLength: 12}}
message: {{text: '{{{{ name }}}}, your parcel is at {FIXED}'}}
examples:
  one: {{name: Ana}}
"""
HOLD = raw(*ACCEPTED.pieces, holds=True)
BESIDE = ("", "-wal", "-shm", ".lock")
"""What there is beside a run file, by the end of its name."""


@pytest.fixture
def parcels(tmp_path: Path) -> Path:
    """A project with one definition and a file of rows; whatever the program keeps for itself is below it as well."""
    for name in (".git", "templates", "home", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "templates" / "parcel.yaml").write_text(DEFINITION, encoding="utf-8")
    write_rows(tmp_path, *NAMES)
    return tmp_path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def sandbox() -> Iterator[Running]:
    world = sandbox_world()
    with Running(World(world.contract, world.errors, Settings(key=KEY))) as running:
        yield running


def write_rows(folder: Path, *names: str) -> None:
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["recipient", "name"])
        writer.writerows([f"+1604{index:07}", name] for index, name in enumerate(names))


def environment(folder: Path, **extra: str) -> dict[str, str]:
    proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    own = {name: value for name, value in ENVIRONMENT.items() if name.lower() not in proxies}
    places = {"HOME": str(folder / "home"), "XDG_CACHE_HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp")}
    return {**own, **places, "CONNECTLY_API_KEY": KEY, "MSGC_BUSINESS_ID": "demo", **extra}


SEND = ("send", "parcel", "--data", "rows.csv", "--yes")


def tell(
    folder: Path, address: str, *words: str, command: tuple[str, ...] = (*COMMAND,), **extra: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the program with an address to send to. No file mode is owed to the shell: it would allow everything."""
    done = subprocess.run(
        [*command, *words],
        cwd=folder,
        env=environment(folder, MSGC_BASE_URL=address, **extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=90,
        umask=0,
    )
    check_key(folder, done)
    return done


# ------------------------------------------------------------------------------------------------- the search


def forms(text: str) -> list[bytes]:
    """The spellings in which a text could hide: as it is, in base64 wherever that begins, in hexadecimal, in UTF-16."""
    plain = text.encode()
    bases = [
        _base(plain, encode, before) for encode in (base64.b64encode, base64.urlsafe_b64encode) for before in range(3)
    ]
    return [plain, *bases, plain.hex().encode(), text.encode("utf-16-le"), quote(text, safe="").encode()]


def _base(plain: bytes, encode: Callable[[bytes], bytes], before: int) -> bytes:
    """What base64 makes of some bytes behind so many others, without the letters that depend on its neighbours."""
    return encode(bytes(before) + plain)[math.ceil(before * 8 / 6) : (before + len(plain)) * 8 // 6]


def holds(data: bytes, text: str) -> bool:
    return any(form in data for form in forms(text))


def files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def found(folder: Path, text: str) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in files(folder) if holds(path.read_bytes(), text)}


def check_key(folder: Path, done: subprocess.CompletedProcess[bytes]) -> None:
    assert found(folder, KEY) == set()
    assert not holds(done.stdout, KEY)
    assert not holds(done.stderr, KEY)


def run_files(folder: Path) -> set[str]:
    runs = [*(folder / ".msgc" / "runs").glob("*.sqlite"), *folder.glob("*.sqlite")]
    return {f"{path.relative_to(folder).as_posix()}{end}" for path in runs for end in BESIDE}


def check_text(folder: Path, done: subprocess.CompletedProcess[bytes], *also: str, sample: bool = True) -> None:
    """What messages say is in the author's files and the frozen payloads; one of them is in the preview."""
    allowed = {"rows.csv", *run_files(folder), *also}
    for name in NAMES:
        assert "rows.csv" in found(folder, name) <= allowed
        assert not holds(done.stdout, name)
    assert found(folder, FIXED) <= {"templates/parcel.yaml", *allowed}
    assert not holds(done.stdout, FIXED)
    assert holds(done.stderr, SHOWN) == holds(done.stderr, FIXED) == sample
    assert done.stderr.count(FIXED.encode()) == sample, "the sample, and nothing besides"
    assert not holds(done.stderr, HIDDEN)
    assert not holds(done.stderr, LAST)


def check_modes(folder: Path, *others: str) -> None:
    """Whatever holds a person's data is for its owner alone; the note for git holds none."""
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder / ".msgc").rglob("*")}
    modes |= {folder / name: stat.S_IMODE((folder / name).stat().st_mode) for name in (".msgc", *others)}
    for path, mode in modes.items():
        if path.name != ".gitignore":
            assert oct(mode) == oct(0o700 if path.is_dir() else 0o600), path


def test_the_search_finds_what_it_looks_for():
    for hidden in (KEY.encode(), *(base64.b64encode(b"x" * more + f"{KEY} and more".encode()) for more in range(4))):
        assert holds(b"before " + hidden + b" behind", KEY)
    assert holds(json.dumps({"a": KEY}).encode("utf-16-le"), KEY)
    assert not holds(KEY[:-1].encode() + base64.b64encode(KEY[1:].encode()), KEY)


# ------------------------------------------------------------------------------------------------- however it goes


def echo(status: int, *headers: str) -> Answering:
    """An answer that repeats everything that it was asked, in whatever fields there are for people."""

    def answer(received: Received) -> Step:
        asked, head = received.body.decode(), received.head.decode()
        text = json.loads(asked)["message"]["text"]
        said = {"message": f"cannot send {asked}", "userTitle": text, "userMessage": head, "details": {"text": text}}
        said |= {"code": text, "type": f"{text}!", "cntTraceId": f"{text} {KEY}", KEY: text}
        return reply(status, json.dumps(said).encode(), f"X-Echo: {KEY} {text}", *headers)

    return answer


@dataclass(frozen=True)
class Going:
    """A way for sending to go: what the server does, how the command ends, and what becomes of the rows."""

    answer: Answering
    code: int
    states: dict[str, int]
    words: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)


GOINGS = {
    "sent": Going(ACCEPTED, 0, {"sent": 3}),
    "sent-verbose": Going(ACCEPTED, 0, {"sent": 3}, ("-v",)),
    "sent-json": Going(ACCEPTED, 0, {"sent": 3}, ("--format", "json")),
    "sent-for-developers": Going(
        ACCEPTED, 0, {"sent": 3}, ("-v",), {"PYTHONDEVMODE": "1", "PYTHONASYNCIODEBUG": "1", "MSGC_TRACEBACK": "1"}
    ),
    "400": Going(echo(400), 4, {"failed": 3}),
    "400-verbose": Going(echo(400), 4, {"failed": 3}, ("-v",), {"MSGC_TRACEBACK": "1"}),
    "400-json": Going(echo(400), 4, {"failed": 3}, ("--format", "json")),
    "401": Going(echo(401), 3, {"pending": 3}),
    "401-json": Going(echo(401), 3, {"pending": 3}, ("--format", "json", "-v")),
    "302": Going(echo(302, f"Location: http://127.0.0.1:1/{KEY}"), 3, {"pending": 3}),
    "429-for-long": Going(echo(429, "Retry-After: 100000"), 3, {"pending": 3}),
    "500": Going(echo(500), 4, {"unknown": 3}),
    "200-no-id": Going(echo(200), 4, {"unknown": 3}),
    "reset": Going(raw(ending="reset"), 4, {"unknown": 3}, ("-v",), {"MSGC_TRACEBACK": "1"}),
    "no-http": Going(raw(f"{KEY} {SHOWN} {HIDDEN}\r\n\r\n".encode(), ending="close"), 4, {"unknown": 3}, ("-v",)),
    "paused": Going(echo(404), 4, {"failed": 1, "pending": 2}, ("--pause-after", "1", "--in-flight", "1")),
}


@pytest.mark.parametrize("name", GOINGS)
def test_however_it_goes_nothing_is_given_away(parcels: Path, name: str):
    going = GOINGS[name]
    with FaultyServer(then=going.answer) as server:
        words = ("--run", "run.sqlite", "--result", "result.jsonl", *going.words)
        done = tell(parcels, server.base_url, *SEND, *words, **going.extra)
    assert done.returncode == going.code, done.stderr
    assert server.received, "it did get that far"
    states = [json.loads(line)["state"] for line in (parcels / "result.jsonl").read_text().splitlines()]
    assert {state: states.count(state) for state in set(states)} == going.states
    check_text(parcels, done)
    check_modes(parcels, "run.sqlite", "run.sqlite.lock", "result.jsonl")
    assert HIDDEN.encode() in (parcels / "run.sqlite").read_bytes(), "this is where it has to be"


def test_whoever_looks_at_a_run_sees_no_message(parcels: Path):
    with FaultyServer(echo(500), then=echo(400)) as server:
        tell(parcels, server.base_url, *SEND)
    (run,) = (parcels / ".msgc" / "runs").glob("*.sqlite")
    for words in (("runs", "-v"), ("runs", "show", run.stem), ("runs", "show", run.stem, "--format", "json")):
        done = tell(parcels, server.base_url, *words)
        assert done.returncode == 0, done.stderr
        assert done.stdout
        check_text(parcels, done, sample=False)


def test_in_quiet_no_message_is_shown(parcels: Path):
    with FaultyServer(then=echo(400)) as server:
        done = tell(parcels, server.base_url, *SEND, "-q")
    assert done.returncode == 4
    check_text(parcels, done, sample=False)


def test_a_sandbox_takes_it_all(parcels: Path, sandbox: Running):
    done = tell(parcels, sandbox.base_url, *SEND, "--result", "result.jsonl", "-v")
    assert done.returncode == 0, done.stderr
    assert len(sandbox.world.messages) == 3
    check_text(parcels, done)
    check_modes(parcels, "result.jsonl")
    assert (parcels / ".msgc" / "sent.sqlite").is_file()


def test_the_programs_own_sandbox_gives_nothing_away(parcels: Path):
    command = [*COMMAND, "sandbox", "--port", "0", "--key", KEY, "-v"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=parcels, env=environment(parcels), stdout=pipe, stderr=pipe) as process:
        try:
            assert process.stderr is not None
            first = process.stderr.readline().decode()
            address = next(word.rstrip(",") for word in first.split() if word.startswith("http://"))
            done = tell(parcels, address, *SEND)
        finally:
            process.send_signal(signal.SIGINT)
        said, complaints = process.communicate(timeout=60)
    assert done.returncode == 0, done.stderr
    check_text(parcels, done)
    assert b"3 accepted" in complaints
    for name in (*NAMES, FIXED):
        assert not holds(said + complaints, name)


def test_a_certificate_that_nobody_vouches_for_gives_nothing_away(parcels: Path, certificate: Certificate):
    with FaultyServer(certificate=certificate) as server:
        done = tell(parcels, server.base_url, *SEND, "-v", MSGC_TRACEBACK="1")
    assert done.returncode == 3
    assert server.received == []
    assert b"no secure connection: self-signed certificate" in done.stdout
    check_text(parcels, done)
    check_modes(parcels)


IMPATIENT = "import msgc.send.dispatch as dispatch\ndispatch.PATIENCE = 0.3\nfrom msgc.cli import main\nmain()"


def test_a_refused_connection_gives_nothing_away(parcels: Path):
    command = (sys.executable, "-c", IMPATIENT)
    done = tell(parcels, "http://127.0.0.1:1", *SEND, "-v", command=command, MSGC_TRACEBACK="1")
    assert done.returncode == 3
    assert b"the API cannot be reached: no connection: connection refused" in done.stdout
    check_text(parcels, done)


def test_a_proxy_learns_neither_the_key_nor_a_message_and_its_password_is_not_told(parcels: Path):
    with FaultyServer(then=reply(407)) as proxy:
        address = f"http://somebody:{LAST}-of-the-proxy@127.0.0.1:{proxy.port}"
        done = tell(parcels, "https://api.example.invalid", *SEND, "-v", HTTPS_PROXY=address)
    assert done.returncode == 3
    assert b"stopped: the proxy asks for a password" in done.stdout
    assert {each.path for each in proxy.received} == {"api.example.invalid:443"}
    for received in proxy.received:
        for text in (KEY, *NAMES[:2], FIXED):
            assert not holds(received.head + received.body, text)
    check_text(parcels, done)


# ------------------------------------------------------------------------------------------------- when msgc errs

MISTAKES = {
    "post": (
        "import msgc.send.transport as module\n"
        "async def fail(self, url, body):\n    raise KeyError(self._headers, body)\n"
        "module.Http.post = fail\n"
    ),
    "judge": (
        "import msgc.send.dispatch as module\n"
        "def fail(self, finished, verdict):\n    raise KeyError(finished.message.body, self.transport._headers)\n"
        "module.Dispatcher._judge = fail\n"
    ),
    "run": (
        "import msgc.send.dispatch as module\n"
        "async def fail(self):\n    raise KeyError('something')\n"
        "module.Dispatcher.run = fail\n"
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_of_msgc_gives_nothing_away(parcels: Path, name: str):
    command = (sys.executable, "-c", f"{MISTAKES[name]}from msgc.cli import main\nmain()\n")
    with FaultyServer() as server:
        done = tell(parcels, server.base_url, *SEND, "-v", command=command, MSGC_TRACEBACK="1")
    assert done.returncode == (70 if name == "run" else 4), done.stderr
    assert bool(server.received) == (name == "judge")
    assert (b"a mistake in msgc itself (KeyError)" in done.stdout) == (name != "run")
    assert (b"Traceback" in done.stderr) == (name == "run")
    check_text(parcels, done)
    check_modes(parcels)


@pytest.mark.parametrize("words", [("-v",), ("--format", "json")])
def test_a_crash_leaves_nothing_behind_that_gives_anything_away(parcels: Path, words: tuple[str, ...]):
    command, pipe = [*COMMAND, *SEND, *words], subprocess.PIPE
    with FaultyServer(then=HOLD) as server:
        extra = environment(parcels, MSGC_BASE_URL=server.base_url)
        process = subprocess.Popen(command, cwd=parcels, env=extra, stdout=pipe, stderr=pipe, umask=0)
        server.wait_for(2, 60)
        process.send_signal(signal.SIGKILL)
        said, complaints = process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        done = subprocess.CompletedProcess(command, process.returncode, said, complaints)
        check_key(parcels, done)
        check_text(parcels, done)
        check_modes(parcels)
        (run,) = (parcels / ".msgc" / "runs").glob("*.sqlite")
        assert run.with_name(f"{run.name}-wal").is_file(), "so a crash is what it was"
        server.release()
        done = tell(parcels, server.base_url, "send", "--resume", run.stem, "--yes", "--result", "result.jsonl")
    assert done.returncode == 4, done.stderr
    check_text(parcels, done, sample=False)
    check_modes(parcels, "result.jsonl")


def test_a_crash_while_compiling_leaves_what_only_its_owner_can_read(parcels: Path):
    command, pipe = [*COMMAND, *SEND[:2], "--data", "-", "--data-format", "csv", "--yes", "-v"], subprocess.PIPE
    extra = environment(parcels, MSGC_BASE_URL="http://127.0.0.1:1")
    with subprocess.Popen(command, cwd=parcels, env=extra, stdin=pipe, stdout=pipe, stderr=pipe, umask=0) as process:
        assert process.stdin is not None
        process.stdin.write((parcels / "rows.csv").read_bytes())
        process.stdin.write(b"".join(b"+1605%07d,Ana\n" % index for index in range(6_000)))
        process.stdin.flush()
        process.send_signal(signal.SIGKILL)
        said, complaints = process.communicate(timeout=60)
    check_key(parcels, subprocess.CompletedProcess(command, process.returncode, said, complaints))
    drafts = [path.relative_to(parcels).as_posix() for path in (parcels / ".msgc" / "runs").glob(".*.draft*")]
    assert drafts, "it did get that far"
    for name in NAMES:
        assert found(parcels, name) <= {"rows.csv", *drafts}
    check_modes(parcels)


# ------------------------------------------------------------------------------------------------- before it leaves


def test_invalid_rows_are_copied_for_their_owner_and_shown_as_excerpts_only(parcels: Path):
    longer = f"{LAST}-{LAST}"
    write_rows(parcels, SHOWN, HIDDEN, longer)
    with FaultyServer() as server:
        done = tell(parcels, server.base_url, *SEND, "--skip-invalid", "-v")
    assert done.returncode == 0, done.stderr
    assert len(server.received) == 2
    assert found(parcels, LAST) == {"rows.csv", "rows.rejects.csv"}
    assert holds(done.stderr, longer), "the finding shows the author's own row"
    assert found(parcels, HIDDEN) <= {"rows.csv", *run_files(parcels)}
    for text in (*NAMES, FIXED):
        assert not holds(done.stdout, text)
    assert not holds(done.stderr, HIDDEN)
    assert not holds((parcels / "rows.rejects.csv").read_bytes(), HIDDEN)
    check_modes(parcels, "rows.rejects.csv")


@pytest.mark.parametrize("words", [(), ("--format", "json")])
def test_refused_rows_show_what_is_wrong_and_no_other_row(parcels: Path, words: tuple[str, ...]):
    longer = f"{LAST}-{LAST}"
    write_rows(parcels, SHOWN, HIDDEN, longer)
    with FaultyServer() as server:
        done = tell(parcels, server.base_url, *SEND, *words)
    assert done.returncode == 1
    assert server.connections == 0
    assert holds(done.stdout, longer)
    for text in (SHOWN, HIDDEN, FIXED):
        assert not holds(done.stdout + done.stderr, text)
        assert found(parcels, text) == ({"templates/parcel.yaml"} if text == FIXED else {"rows.csv"})
    check_modes(parcels)


def test_a_dry_run_leaves_no_trace_of_a_message(parcels: Path):
    done = tell(parcels, "http://127.0.0.1:1", *SEND, "--dry-run")
    assert done.returncode == 0, done.stderr
    check_text(parcels, done)
    for name in NAMES:
        assert found(parcels, name) == {"rows.csv"}


@pytest.mark.parametrize("key", [f"{KEY}\nmore", f" {KEY}", f"{KEY}\r\nX-Other: 1", f"{KEY}\N{BULLET}"])
def test_a_key_that_cannot_be_one_is_not_repeated(parcels: Path, key: str):
    with FaultyServer() as server:
        done = tell(parcels, server.base_url, *SEND, CONNECTLY_API_KEY=key, MSGC_TRACEBACK="1")
    assert done.returncode == 2
    assert b"the API key in CONNECTLY_API_KEY is empty, or holds spaces" in done.stderr
    assert server.connections == 0


@pytest.mark.parametrize("address", [f"https://{KEY}@127.0.0.1", f"https://user:{KEY}@127.0.0.1", f"https://a/?{KEY}"])
def test_a_key_in_the_address_is_not_repeated(parcels: Path, address: str):
    done = tell(parcels, address, *SEND)
    assert done.returncode == 2
    assert done.stderr.startswith(b"msgc: the base URL ")


def test_what_is_deleted_is_gone(parcels: Path):
    with FaultyServer() as server:
        done = tell(parcels, server.base_url, *SEND)
        (run,) = (parcels / ".msgc" / "runs").glob("*.sqlite")
        assert done.returncode == 0
        done = tell(parcels, server.base_url, "runs", "delete", run.stem, "--yes")
    assert done.returncode == 0, done.stderr
    assert list((parcels / ".msgc" / "runs").iterdir()) == []
    for name in NAMES:
        assert found(parcels, name) == {"rows.csv"}
    with contextlib.closing(sqlite3.connect(parcels / ".msgc" / "sent.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM entry").fetchone() == (3,), "and what was sent is still known"
