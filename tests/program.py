"""msgc run as a program of its own, or in this process where a test replaces what a command calls."""

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner

import msgc
from msgc.cli import group

PLAIN = "description: Thanks.\nmessage:\n  text: Thank you.\n"
HELLO = (
    "description: Hello.\nparams: {name: {type: string, maxLength: 40}}\n"
    "message: {text: 'Hi {{ name }}'}\nexamples: {one: {name: Ana}}\n"
)
# What tests remember is no memory of their user's.
MEMORY = os.environ["MSGC_CACHE_DIR"] = tempfile.mkdtemp(prefix="msgc-tests-")
atexit.register(shutil.rmtree, MEMORY, ignore_errors=True)
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("MSGC_", "NO_COLOR"))},
    "PYTHONPATH": str(Path(msgc.__file__).parent.parent),
    "MSGC_CACHE_DIR": MEMORY,
}
COMMAND = [sys.executable, "-m", "msgc"]


def write_project(folder: Path) -> Path:
    """A catalog of two definitions, `thanks` and `hello`."""
    (folder / ".git").mkdir()
    (folder / "templates").mkdir()
    (folder / "templates" / "thanks.yaml").write_text(PLAIN, encoding="utf-8")
    (folder / "templates" / "hello.yaml").write_text(HELLO, encoding="utf-8")
    return folder


def run(folder: Path, *words: str | bytes, **extra: object) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run([*COMMAND, *words], cwd=folder, env=ENVIRONMENT, capture_output=True, timeout=60, **extra)  # type: ignore[call-overload]
    assert b"Traceback" not in done.stderr
    assert done.returncode != 70, done.stderr
    return done


def invoke(folder: Path, *words: str) -> tuple[int, str]:
    """Exit code and output of a command in this process."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(group, words, prog_name="msgc")
    return result.exit_code, result.output
