"""Stages that run the command line: a case's files are a folder, its commands are run there, in this process.

A command may have variables before it and a file of its standard input behind it: `NO_COLOR=1 msgc check - < x.json`.
"""

import contextlib
import re
import shlex
import shutil
from pathlib import Path

from click.testing import CliRunner

from casefile import Case
from msgc.cli import group

_VARIABLE = re.compile(r"[A-Z_]+=")
_CLEAN = {"COLUMNS": "100", "MSGC_TRACEBACK": "1"}


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit code and output (both streams, in order) of a command line that runs `msgc`."""
    words = shlex.split(command)
    environment: dict[str, str | None] = {**_CLEAN}
    while _VARIABLE.match(words[0]):
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    assert words[0] == "msgc", command
    given = b""
    if words[-2:-1] == ["<"]:
        given = (folder / words[-1]).read_bytes()
        words = words[:-2]
    with contextlib.chdir(folder):
        result = CliRunner().invoke(group, words[1:], input=given, prog_name="msgc", env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code != 70, result.output
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
        elif command.startswith("rm "):
            (folder / command[3:]).unlink()
            answer += f"$ {command}\n"
        elif command.startswith("cp "):
            source, target = command.split()[1:]
            shutil.copyfile(folder / source, folder / target)
            answer += f"$ {command}\n"
        elif command == "ls":
            names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
            answer += "$ ls\n" + "".join(f"{name}\n" for name in names)
        else:
            code, output = run(command, folder)
            answer += f"$ {command}\n{output}" + (f"[exit {code}]\n" if code else "")
    return answer.replace(folder.as_posix(), "/project")


def check(case: Case, folder: Path) -> str:
    return transcript(case, folder, "msgc check .")


def command(case: Case, folder: Path) -> str:
    return transcript(case, folder, "msgc check .")
