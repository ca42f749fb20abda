"""Carrying out a run of `msgc send`, new or interrupted: the lock, the loop, the signals, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from msgc.cli import INCOMPLETE, UNREACHED, interrupts
from msgc.cli.held_output import held_output
from msgc.cli.send_files import check_result
from msgc.cli.send_options import Options
from msgc.cli.send_screen import confirm, counted, counts_words, show_preview, show_progress, show_summary
from msgc.cli.send_way import Way, open_way
from msgc.cli.session import Session, Unusable
from msgc.pipeline import Project
from msgc.send.dispatch import Dispatcher, End, Settings
from msgc.send.lock import hold_lock
from msgc.send.message import Run, State
from msgc.send.register import Entry, Register
from msgc.send.results import result_lines
from msgc.send.run_file import RunFile
from msgc.send.store import Store, check_room, remove_run

_UNREACHED = ("account", "unreachable", "throttled")
_RETRIED: dict[str | None, tuple[State, ...]] = {
    None: (),
    "failed": ("failed",),
    "unknown": ("unknown",),
    "all": ("failed", "unknown"),
}


def resume(session: Session, project: Project, options: Options) -> NoReturn:
    """Go on with a run that was interrupted. Raises StorageError and `Unusable`."""
    assert options.resumed is not None
    store = Store(project.configuration.root)
    path = store.find(options.resumed)
    with RunFile.open(path, for_writing=False) as looked_at:
        run = looked_at.run
    options = _frozen(options, run)
    check_result(options.result, path)
    with contextlib.ExitStack() as stack:
        way = stack.enter_context(open_way(session, project, options))
        stack.enter_context(hold_lock(path))
        run_file = stack.enter_context(RunFile.open(path, for_writing=True))
        interrupted = run_file.recover()
        if interrupted:
            verb = "was on its" if interrupted == 1 else "were on their"
            session.say(f"{counted(interrupted, 'message')} {verb} way when the process ended: now unknown")
        counts = run_file.counts()
        retried = _RETRIED[options.retry]
        waiting = counts["pending"] + sum(counts[state] for state in retried)
        if waiting == 0:
            session.say(f"nothing is left to send of run {run.id}")
            show_summary(session, run_file, options.resumed or run.id, End("done"), project.error_table())
            _write_result(options, run_file)
            sys.exit(INCOMPLETE if counts["failed"] + counts["unknown"] else 0)
        session.say(f"{'run':<10} {run.id}: {counts_words(counts)}; {waiting:,} to send")
        if counts["unknown"] and "unknown" in retried:
            session.say("what is unknown may have been sent already, and would then be sent twice")
        states: tuple[State, ...] = ("pending", *retried)
        show_preview(session, run_file, run, way.pacing(run_file, states), states=states)
        if options.dry_run:
            session.say("nothing was sent: this was a dry run")
            sys.exit(0)
        if not options.yes:
            confirm(session, f"Send {counted(waiting, 'message')}?")
        check_room(path.parent, waiting)
        register = None
        if not run.is_sandbox:
            store.prepare()
            register = stack.enter_context(Register(store.register))
            entry = _enter(register, run_file, states, again=options.again)
            if entry is not None:
                raise Unusable(
                    f"run {entry.run} has sent some of these messages in the meantime; `--again` sends them once more"
                )
        run_file.reopen(retried)
        _carry_out(session, project, options, way, run_file, register)


def carry_out(
    session: Session,
    project: Project,
    options: Options,
    way: Way,
    path: Path,
    register: Register | None,
    *,
    again: bool,
) -> NoReturn:
    """Send what is pending in a run that was just published. Raises StorageError and `Unusable`.

    The run is published before it is entered, so that whatever the register names can be gone on with.
    """
    with hold_lock(path), RunFile.open(path, for_writing=True) as run_file:
        entry = _enter(register, run_file, ("pending",), again=again)
        if entry is not None:
            remove_run(path)
            raise Unusable(f"run {entry.run} has begun to send some of these messages meanwhile; nothing was sent")
        _carry_out(session, project, options, way, run_file, register)


def _enter(register: Register | None, run_file: RunFile, states: tuple[State, ...], *, again: bool) -> Entry | None:
    if register is None:
        return None
    return register.enter(run_file.run.id, run_file.digests(states), time.time(), again=again)


def _carry_out(
    session: Session, project: Project, options: Options, way: Way, run_file: RunFile, register: Register | None
) -> NoReturn:
    gc.freeze()  # what was made to compile stays as it is: the collector need not look at it for every message
    end = asyncio.run(_dispatch(session, project, options, way, run_file))
    run = run_file.run
    if register is not None:
        register.remove(run.id, run_file.digests(("failed",)))
    shown = run.id if options.run_path is None and options.resumed is None else options.resumed or options.run_path
    show_summary(session, run_file, str(shown), end, project.error_table())
    _write_result(options, run_file)
    counts = run_file.counts()
    if end.reason in _UNREACHED:
        sys.exit(UNREACHED)
    sys.exit(0 if counts["sent"] == sum(counts.values()) else INCOMPLETE)


async def _dispatch(session: Session, project: Project, options: Options, way: Way, run_file: RunFile) -> End:
    pacing = way.pacing(run_file)
    async with way.http() as http:
        dispatcher = Dispatcher(
            run_file,
            http,
            way.endpoint,
            project.error_table(),
            pacing.pace(),
            Settings(pacing.in_flight, options.pause_after),
        )

        def interrupt() -> None:
            words = f"waiting for {dispatcher.in_flight:,} in flight; once more to leave them unknown"
            if dispatcher.is_ending:
                words = "stopped; what was in flight is unknown"
                dispatcher.abandon()
            else:
                dispatcher.stop()
            with contextlib.suppress(OSError):  # a terminal that is gone is one reason to be here
                session.say(words)

        with interrupts.handed_to(interrupt):
            progress = asyncio.create_task(show_progress(session, dispatcher, run_file.counts()["pending"]))
            try:
                return await dispatcher.run()
            finally:
                progress.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError):  # a terminal may be gone
                    await progress


def _frozen(options: Options, run: Run) -> Options:
    """The options of a resumed run: it goes where it went before, and as fast unless they say otherwise."""
    if run.is_sandbox != options.sandbox:
        raise Unusable(
            f"run {run.id} was sent to a sandbox that is gone; add `--sandbox` to go on with a new one"
            if run.is_sandbox
            else f"run {run.id} was not sent to a sandbox; leave `--sandbox` out"
        )
    options = replace(options, rate=options.rate or run.rate, in_flight=options.in_flight or run.in_flight)
    if run.is_sandbox:
        return options
    for option, given, frozen in (
        ("--base-url", (options.base_url or "").rstrip("/"), run.base_url),
        ("--business-id", options.business_id, run.business_id),
    ):
        if given and given != frozen:
            raise Unusable(f"run {run.id} goes to {frozen}, and `{option}` (or its variable) says {given}")
    return replace(options, base_url=run.base_url, business_id=run.business_id)


def _write_result(options: Options, run_file: RunFile) -> None:
    if options.result is None:
        return
    with held_output(Path(options.result), private=True, option="--result") as held:
        for line in result_lines(run_file.records()):
            held.write(line)
        held.keep()
