"""What a terminal gets, and what only a terminal gets."""

import json
import os
import pty
import subprocess
from pathlib import Path

from program import COMMAND, ENVIRONMENT, run


def in_terminal(folder: Path, *words: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and output of a command whose streams are a terminal."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env={**ENVIRONMENT, "TERM": "xterm", **(env or {})},
        stdin=other,
        stdout=other,
        stderr=other,
    )
    os.close(other)
    text = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not piece:
            break
        text += piece
    os.close(main)
    return process.wait(60), text.decode().replace("\r\n", "\n")


def test_colours_are_for_terminals(project: Path):
    assert in_terminal(project, "check") == (0, "\x1b[1;32mno problems in 2 files\x1b[0m\n")
    plain = (0, "no problems in 2 files\n")
    assert in_terminal(project, "check", env={"NO_COLOR": "1"}) == plain
    assert in_terminal(project, "check", env={"TERM": "dumb"}) == plain
    assert in_terminal(project, "check", "--color", "never") == plain
    assert in_terminal(project, "check", env={"NO_COLOR": ""})[1].startswith("\x1b[")
    assert run(project, "check").stdout == b"no problems in 2 files\n"


def test_a_terminal_gets_payloads_with_nothing_it_obeys(project: Path):
    hostile = "\u202eabc\x9b2J\u200b"
    (project / "rows.jsonl").write_text(json.dumps({"name": hostile}) + "\n")
    for words in (["render", "hello", "--set", f"name={hostile}"], ["build", "hello", "--data", "rows.jsonl", "-q"]):
        code, shown = in_terminal(project, *words)
        assert code == 0
        assert "\\u202eabc\\u009b2J\\u200b" in shown
        assert json.loads(shown)["message"]["text"] == f"Hi {hostile}"
        assert hostile.encode() in run(project, *words).stdout


def test_progress_is_for_terminals(project: Path):
    (project / "rows.csv").write_text("name,recipient\n" + "Ana,+16044441111\n" * 2_000)
    code, shown = in_terminal(project, "build", "hello", "--data", "rows.csv", "-o", "out.jsonl")
    assert code == 0
    assert "compiling" in shown
    assert "100%" in shown
    assert "compiling" not in in_terminal(project, "build", "hello", "--data", "rows.csv", "-o", "out.jsonl", "-q")[1]
    done = run(project, "build", "hello", "--data", "rows.csv", "-o", "out.jsonl")
    assert (done.stdout, done.stderr) == (b"", b"2,000 payloads written to out.jsonl\n")


def test_an_encoding_that_lacks_a_character_loses_no_report(project: Path):
    (project / "templates" / "bad.yaml").write_text("message: {tèxt漢: a}\n", encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, "check"], cwd=project, env={**ENVIRONMENT, "PYTHONIOENCODING": "latin-1"}, capture_output=True
    )
    assert done.returncode == 1
    assert b"`message` has no key `t\xe8xt\\u6f22`" in done.stdout
