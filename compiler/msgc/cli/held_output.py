"""Output that appears only when everything went well."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from pickle import PickleBuffer
from typing import IO

from msgc.cli.session import Unusable
from msgc.output import umask
from msgc.report.escape import escape_json


class HeldOutput:
    """Lines of JSON in a temporary file, and where they go: a file, or None for standard output."""

    def __init__(
        self, file: IO[bytes], target: Path | None, shown: str, *, private: bool = False, option: str = "-o"
    ) -> None:
        self._file, self._target, self._shown, self._option = file, target, shown, option
        self._mode = 0o600 if private else 0o666

    def write(self, lines: bytes | memoryview | PickleBuffer) -> None:
        """Add to what is held. Raises `Unusable` where there is no room for it."""
        try:
            self._file.write(lines)
        except OSError as error:
            raise _unwritable(self._shown, error, self._option) from error

    def keep(self) -> None:
        """Let the output appear. Raises `Unusable` where it cannot."""
        try:
            self._file.flush()
            if self._target is None:
                self._file.seek(0)
                _print(self._file)
            elif _is_special(self._target):
                self._file.seek(0)
                with self._target.open("wb") as stream:
                    shutil.copyfileobj(self._file, stream)
            else:
                os.chmod(self._file.name, self._mode & ~umask())
                os.replace(self._file.name, self._target)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(self._shown, error, self._option) from error


@contextlib.contextmanager
def held_output(target: Path | None, *, private: bool = False, option: str = "-o") -> Iterator[HeldOutput]:
    """Output for a file, or for standard output where `target` is None. Raises `Unusable` for what is no file.

    A file that is `private` is for its owner alone. `option` is the one that names another.
    """
    shown = "standard output" if target is None else str(target)
    if target is None or _is_special(target):
        with tempfile.TemporaryFile() as file:
            yield HeldOutput(file, target, shown, option=option)
        return
    target = Path(os.path.realpath(target))  # a symbolic link stays one
    if target.is_dir():
        what = "with `--data` the output is" if option == "-o" else f"`{option}` writes"
        raise Unusable(f"{shown} is a folder; {what} one file, such as {Path(shown) / 'out.jsonl'}")
    try:
        held = tempfile.NamedTemporaryFile(  # noqa: SIM115 - it is closed below, and may have moved by then
            dir=target.parent, prefix=f".{target.name}.", delete=False
        )
    except OSError as error:
        raise _unwritable(shown, error, option) from error
    try:
        yield HeldOutput(held, target, shown, private=private, option=option)
    finally:
        held.close()
        with contextlib.suppress(FileNotFoundError):  # it was moved to its place
            os.unlink(held.name)


def _print(file: IO[bytes]) -> None:
    if sys.stdout.isatty():
        # The same JSON, with nothing in it that a terminal obeys.
        for line in file:
            sys.stdout.write(escape_json(line.decode()))
    else:
        shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.flush()


def _is_special(path: Path) -> bool:
    """Whether it is a device or a pipe (`/dev/null`), which must be written to and not replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _unwritable(shown: str, error: OSError, option: str) -> Unusable:
    return Unusable(f"{shown} cannot be written: {error.strerror or error}; choose another file with `{option}`")
