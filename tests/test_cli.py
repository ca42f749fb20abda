"""The command line as a program: how it ends, its exit codes, schemas, rules and completion."""

import contextlib
import json
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import msgc
from msgc.catalog import Entry
from msgc.cli.session import exit_code
from msgc.contract import read_contract
from msgc.explain_rule import explain_rule, rule_table
from msgc.guard import TooSlow, guard
from msgc.load import MissingCParser
from msgc.pipeline import Project
from msgc.resources import data_folder
from msgc.rules import finding
from program import COMMAND, ENVIRONMENT, invoke, run


def test_a_closed_pipe_ends_the_command_quietly(project: Path):
    command, pipe = [*COMMAND, "rules"], subprocess.PIPE
    with subprocess.Popen(command, cwd=project, env=ENVIRONMENT, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(60) == 141
        assert process.stderr.read() == b""


def test_an_interrupt_ends_in_one_line_and_leaves_nothing_half_written(project: Path):
    before = sorted(project.iterdir())
    command, pipe = [*COMMAND, "build", "hello", "--data", "-", "-o", "out.jsonl"], subprocess.PIPE
    with subprocess.Popen(command, cwd=project, env=ENVIRONMENT, stdin=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b'{"name": "Ana"}\n' * 10)
        process.stdin.flush()
        until = time.monotonic() + 30
        while not list(project.glob(".out.jsonl.*")):
            assert time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == b"msgc: interrupted\n"
    assert sorted(project.iterdir()) == before


def test_a_mistake_of_msgc_is_owned_up_to(project: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise KeyError("two\nlines \x1b[2J")

    monkeypatch.delenv("MSGC_TRACEBACK", raising=False)
    monkeypatch.setattr("msgc.cli.check.check_entry", fail)
    code, text = invoke(project, "check")
    assert code == 70
    first, second = text.splitlines()
    assert first.startswith(
        "msgc: a mistake in msgc itself, not in your files: KeyError: 'two\\nlines \\x1b[2J' (cli/check_run.py:"
    )
    assert "report" in second
    monkeypatch.setenv("MSGC_TRACEBACK", "1")
    assert "  Traceback (most recent call last):" in invoke(project, "check")[1].splitlines()


@pytest.mark.parametrize(("error", "shown"), [(MemoryError(), "more memory"), (MissingCParser(), "C parser")])
def test_what_the_machine_lacks_is_said(project: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, shown: str):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("msgc.cli.check.choose_entries", fail)
    code, text = invoke(project, "check")
    assert code == 2
    assert shown in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("error", [TooSlow(), MemoryError()], ids=["time", "memory"])
def test_a_definition_that_costs_too_much_hides_no_other(
    project: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, request: pytest.FixtureRequest
):
    (project / "templates" / "z.yaml").write_text("message: {txt: a}\n")
    real = Project.check

    def check(self: Project, chosen: list[Entry], *rest: object) -> object:
        if chosen[0].name == "hello":
            raise error
        return real(self, chosen, *rest)

    monkeypatch.setattr(Project, "check", check)
    code, text = invoke(project, "check")
    assert code == 1
    what = request.node.callspec.id
    assert f"error[too-costly]: Checking templates/hello.yaml takes more {what} than any message needs" in text
    assert "error[unknown-key]" in text


def test_the_guard_ends_what_does_not_end():
    def spin() -> None:
        while True:
            with contextlib.suppress(Exception):  # as the evaluation of a template does
                time.sleep(1)

    with pytest.raises(TooSlow), guard(0.05):
        spin()
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL


def test_exit_codes():
    wrong = finding("unknown-key", "x")
    unreadable = finding("unreadable-file", "x")
    warning = finding("no-example", "x")
    assert [exit_code(found) for found in ([], [warning], [wrong], [unreadable], [wrong, unreadable])] == [
        0,
        0,
        1,
        2,
        1,
    ]
    assert exit_code([warning], strict=True) == 1
    assert exit_code([unreadable, warning], strict=True) == 1


def test_the_committed_schemas_are_what_the_sources_give(project: Path):
    own = data_folder("schemas")
    done = run(project, "schema", "build", "-o", "made")
    assert done.returncode == 0
    for name in ("payload", "authoring"):
        file = f"{name}.schema.json"
        assert (project / "made" / file).read_bytes() == (own / file).read_bytes()
        assert run(project, "schema", "show", name).stdout == (own / file).read_bytes()


def test_every_rule_explains_itself(project: Path):
    contract = read_contract(data_folder("schemas") / "payload.schema.json")
    table = rule_table(contract)
    for rule, severity, _ in table:
        text = explain_rule(rule, contract)
        assert text is not None
        assert text.startswith(f"# {rule}\n\n")
        assert f"\n- severity: {severity}\n" in text
    listed = json.loads(run(project, "rules", "-f", "json").stdout)["rules"]
    assert [row["rule"] for row in listed] == [rule for rule, _, _ in table]
    lines = run(project, "rules").stdout.decode().splitlines()
    assert [line.split()[:2] for line in lines] == [[rule, severity] for rule, severity, _ in table]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(project: Path, shell: str):
    done = run(project, "completion", shell)
    assert done.returncode == 0
    assert b"_MSGC_COMPLETE" in done.stdout
    extra = {
        "_MSGC_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "msgc ren",
        "COMP_CWORD": "1" if shell != "fish" else "ren",
    }
    script = "from msgc.cli import group; group.main(prog_name='msgc')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=project, env={**ENVIRONMENT, **extra}, capture_output=True, check=True
    )
    assert b"render" in done.stdout
    assert b"check" not in done.stdout


def test_python_runs_it_as_a_module(project: Path):
    assert run(project, "--version").stdout == f"msgc {msgc.__version__}\n".encode()


def test_memory_is_bounded(project: Path):
    script = (
        "import resource, sys, msgc.cli\n"
        "sys.argv = ['msgc', '--version']\n"
        "try:\n"
        "    msgc.cli.main()\n"
        "finally:\n"
        "    print(resource.getrlimit(resource.RLIMIT_AS)[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=ENVIRONMENT, capture_output=True, check=True)
    assert int(done.stdout.split()[-1]) <= 4 << 30
    assert resource.getrlimit(resource.RLIMIT_AS)[0] != 4 << 30
