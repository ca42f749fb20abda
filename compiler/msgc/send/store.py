"""The folder `.msgc` of a project: its runs and its register. It is for its owner alone, and ignores itself in git."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgc.send.lock import lock_path
from msgc.send.storage import StorageError, explained

_RUN_SUFFIX = ".sqlite"
_DRAFT = ".draft"
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z2-7]{4}")
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"  # in the order in which names are sorted
_OLD_DRAFT_SECONDS = 24 * 3600
SPARE_BYTES = 16 << 20
BYTES_PER_MESSAGE = 400
"""What journalling a message needs on disk at the most, measured: its attempt, its index entry, the log of changes."""


@dataclass(frozen=True, slots=True)
class Store:
    """The folder in which msgc keeps what a project has sent; `root` is the project's."""

    root: Path

    @property
    def folder(self) -> Path:
        """`.msgc`, whether or not it is there."""
        return self.root / ".msgc"

    @property
    def register(self) -> Path:
        """The file of the register of what was sent."""
        return self.folder / "sent.sqlite"

    def prepare(self) -> None:
        """Make the folder, if need be, and clear away drafts that nobody finished. Raises StorageError."""
        runs = self.folder / "runs"
        with explained(runs):
            for folder in (self.folder, runs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            ignore = self.folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("# What was sent, and to whom, belongs in no repository.\n*\n", encoding="utf-8")
            for draft in runs.glob(f"*{_DRAFT}"):
                if draft.stat().st_mtime < time.time() - _OLD_DRAFT_SECONDS:
                    draft.unlink(missing_ok=True)

    def new_id(self, now: float) -> str:
        """A name for a run that begins now: the time in UTC, its thousandths in two letters, and two by chance."""
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
        high, low = divmod(int(now % 1 * len(_LETTERS) ** 2), len(_LETTERS))
        chance = (secrets.choice(_LETTERS) for _ in range(2))
        return f"{stamp}-{_LETTERS[high]}{_LETTERS[low]}{''.join(chance)}"

    def path(self, run: str) -> Path:
        """The file of a run by its id."""
        return self.folder / "runs" / f"{run}{_RUN_SUFFIX}"

    def draft(self, run: str, target: Path) -> Path:
        """The file in which a run is put together, beside where it will be."""
        return target.with_name(f".{run}{_DRAFT}")

    def find(self, given: str) -> Path:
        """The file of a run as a command names it: its id, or a path. Raises StorageError."""
        path = self.path(given) if _ID.fullmatch(given) else Path(given)
        if not path.is_file():
            raise StorageError(f"there is no run `{given}`; `msgc runs` lists those there are")
        return path

    def runs(self) -> Iterator[Path]:
        """The files of all runs, the latest first."""
        runs = self.folder / "runs"
        yield from sorted((path for path in runs.glob(f"*{_RUN_SUFFIX}")), reverse=True)


def remove_run(path: Path) -> None:
    """Remove a run file, its lock and what SQLite keeps beside it. Raises StorageError."""
    with explained(path):
        for each in (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"), lock_path(path), path):
            each.unlink(missing_ok=True)


def check_room(folder: Path, messages: int) -> None:
    """Whether the disk has room to journal so many messages. Raises StorageError before anything is sent."""
    with explained(folder):
        free = shutil.disk_usage(folder).free
    needed = SPARE_BYTES + messages * BYTES_PER_MESSAGE
    if free < needed:
        raise StorageError(
            f"the disk of {folder} has {free >> 20:,} MiB left, and writing down what is sent may need "
            f"{needed >> 20:,}; make room, or put the run elsewhere with `--run FILE`"
        )
