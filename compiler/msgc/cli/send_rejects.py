"""The rows that `msgc send --skip-invalid` leaves out, copied into a file to be mended."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

from msgc.cli.held_output import HeldOutput, held_output
from msgc.cli.send_messages import Candidate, Messages
from msgc.cli.send_options import Options
from msgc.cli.session import Unusable
from msgc.diagnostic import Diagnostic
from msgc.judge import LINES_SUFFIXES
from msgc.rows.rejects import reject_header, reject_row


class Rejects:
    """The copy of the rows that are left out, where one is asked for."""

    def __init__(self, messages: Messages, held: HeldOutput | None, target: Path | None) -> None:
        self._messages, self._held, self._target = messages, held, target
        self._is_empty = True

    @property
    def shown(self) -> str | None:
        """The name of the copy; None where there is nothing in it."""
        return None if self._is_empty else str(self._target)

    def write(self, candidate: Candidate, problems: list[Diagnostic]) -> None:
        """Add a row. Raises `Unusable` where there is no room."""
        rows, row = self._messages.rows, candidate.row
        if self._held is None or rows is None or row is None:
            return
        if self._is_empty:
            self._held.write(reject_header(rows))
        self._is_empty = False
        self._held.write(reject_row(row(), rows, problems))

    def keep(self) -> None:
        """Let the copy appear, if there is anything in it."""
        if self._held is not None and not self._is_empty:
            self._held.keep()


@contextlib.contextmanager
def open_rejects(options: Options, messages: Messages) -> Iterator[Rejects]:
    """The copy of the rows of a data file that `--skip-invalid` leaves out. Raises `Unusable`."""
    if not options.skip_invalid or messages.rows is None:
        yield Rejects(messages, None, None)
        return
    target = Path(options.rejects) if options.rejects is not None else None
    if target is None:
        if options.data == "-":
            raise Unusable("`--skip-invalid` copies refused rows into a file: name it with `--rejects FILE`")
        data = Path(str(options.data))
        # The items of a list have no lines of their own, so their copies are JSON Lines.
        suffix = data.suffix if messages.rows.delimiter or data.suffix.lower() in LINES_SUFFIXES else ".jsonl"
        target = data.with_name(f"{data.stem}.rejects{suffix}")
        numbers = itertools.count(2)
        while target.exists():  # somebody may be mending an earlier one
            target = data.with_name(f"{data.stem}.rejects-{next(numbers)}{suffix}")
    with held_output(target, private=True, option="--rejects") as held:
        yield Rejects(messages, held, target)
