"""Stages that run the command line: a case's files are a folder, its commands are run there, in this process."""

import contextlib
import shlex
from pathlib import Path

from casefile import Case
from click.testing import CliRunner

from msgc.cli import group


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit code and output (both streams, in order) of a command line that begins with `msgc`."""
    words = shlex.split(command)
    assert words[0] == "msgc", command
    with contextlib.chdir(folder):
        result = CliRunner().invoke(group, words[1:], prog_name="msgc", env={"COLUMNS": "100"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def write_files(case: Case, folder: Path) -> None:
    (folder / ".git").mkdir()  # the search for a configuration ends here
    for name, text in case.inputs.items():
        if name != "commands":
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")


def transcript(case: Case, folder: Path, default: str) -> str:
    """Every command of the case with its output and, unless it is 0, its exit code."""
    write_files(case, folder)
    answer = ""
    for command in case.inputs.get("commands", default + "\n").splitlines():
        if command.startswith("cat "):
            answer += f"$ {command}\n{(folder / command[4:]).read_text(encoding='utf-8')}"
        elif command == "ls":
            names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
            answer += "$ ls\n" + "".join(f"{name}\n" for name in names)
        else:
            code, output = run(command, folder)
            answer += f"$ {command}\n{output}" + (f"[exit {code}]\n" if code else "")
    return answer


def check(case: Case, folder: Path) -> str:
    return transcript(case, folder, "msgc check .")


def command(case: Case, folder: Path) -> str:
    return transcript(case, folder, "msgc check .")
