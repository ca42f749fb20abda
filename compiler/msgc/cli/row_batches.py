"""The rows of a data file, compiled in batches by all processors, and how far that has come."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import IO, Any, Generic, TypeVar

import click

from msgc.check import Checked
from msgc.cli import interrupts
from msgc.cli.session import Session, Unusable
from msgc.diagnostic import Diagnostic, Rejected
from msgc.jobs import LostWorker, processors, spread
from msgc.pipeline import CompiledBatch, Project
from msgc.rows import Batch, Block, Blocks, Row, Rows, batch_of

Made = TypeVar("Made")
Advance = Callable[[int, int], None]

_BLOCK = 128 * 1024
"""Bytes of a block: enough that handing it over costs little, so few that its payloads take little memory."""
_OF_LIST = 500
"""Rows of a list that are compiled at once."""


@dataclass(frozen=True, slots=True)
class MadeBatch(Generic[Made]):
    """What was made of a batch. `row(index)` is one of its rows, read once more where another process has read it."""

    made: Made
    row: Callable[[int], Row]


@dataclass(frozen=True, slots=True)
class _Result(Generic[Made]):
    """What was made of a batch, how many rows it has, and what its reader says; `process` made it."""

    made: Made
    rows: int
    refused: tuple[Diagnostic, ...]
    news: frozenset[str]
    process: int


def compile_batches(
    session: Session,
    project: Project,
    checked: Checked,
    rows: Rows,
    stream: IO[bytes],
    jobs: int | None,
    make: Callable[[CompiledBatch], Made],
) -> Generator[MadeBatch[Made]]:
    """What `make` makes of each batch of the rows of `stream`, in their order; it may be called in other processes.

    `jobs` says how many processes share the work, None one for each processor. Raises `Rejected` where the file cannot
    be read on, behind what is made of the rows in front of that, and `Unusable` where a process is lost.
    """
    assert checked.definition is not None
    program = project.program(checked.definition)
    gc.freeze()  # what is there to compile with stays: the collector need not look at it for every few rows

    def result_of(batch: Batch) -> _Result[Made]:
        made = make(project.compile_batch(checked, program, batch))
        return _Result(made, len(batch.values), batch.refused, batch.news, os.getpid())

    def results() -> Generator[tuple[_Result[Made], int, Callable[[int], Row]]]:
        if rows.blocks is None:
            for batch in _of_list(rows):
                yield result_of(batch), 0, batch.row
            return
        read = lru_cache(1)(rows.blocks.read)
        with contextlib.closing(_in_order(rows.blocks, lambda block: result_of(read(block)), jobs)) as pairs:
            for block, result in pairs:
                yield result, len(block.data), lambda index, block=block: read(block).row(index)  # type: ignore[misc]

    with _progress(session, stream, "compiling") as advance, contextlib.closing(results()) as each:
        try:
            for result, size, row in each:
                interrupts.heed()
                yield MadeBatch(result.made, row)
                advance(size, result.rows)
                if result.refused:
                    raise Rejected(*result.refused)
        except LostWorker as lost:
            raise Unusable(str(lost)) from lost


def _of_list(rows: Rows) -> Iterator[Batch]:
    while True:
        batch = batch_of(islice(rows, _OF_LIST))
        if not batch.values and not batch.refused:
            return
        yield batch


def _in_order(
    blocks: Blocks, work: Callable[[Block], _Result[Made]], jobs: int | None
) -> Generator[tuple[Block, _Result[Made]]]:
    cut = blocks.cut(_BLOCK)
    # What the first rows need to be compiled is then there for all processes, and a small file needs no others.
    for block in cut:
        yield block, work(block)
        if blocks.is_settled:
            break
    given: deque[Block] = deque()

    def pieces() -> Iterator[Block]:
        for block in cut:
            given.append(block)
            yield block

    with contextlib.closing(spread(work, pieces(), jobs or processors())) as results:
        for result in results:
            block = given.popleft()
            if result.process != os.getpid() and not blocks.learn(result.news):
                yield block, work(block)
            else:
                yield block, result


@contextlib.contextmanager
def _progress(session: Session, stream: IO[bytes], label: str) -> Iterator[Advance]:
    """A progress bar on a terminal, with rate and time left; it is measured in bytes: nobody has counted the rows.

    What it gives is called with the bytes and the rows that are done.
    """
    if session.quiet or not sys.stderr.isatty():
        yield lambda _size, _rows: None
        return
    try:
        total = os.fstat(stream.fileno()).st_size
    except (OSError, ValueError):
        total = 0
    begun, count = time.monotonic(), 0
    progress: Any = click.progressbar(
        length=total or None, file=sys.stderr, label=label, item_show_func=lambda rate: rate, show_percent=True
    )
    with progress as bar:

        def advance(size: int, rows: int) -> None:
            nonlocal count
            count += rows
            rate = count / max(time.monotonic() - begun, 1e-3)
            bar.update(size, f"{rate:,.0f} rows a second")

        yield advance
        bar.update(max(0, total - bar.pos))
