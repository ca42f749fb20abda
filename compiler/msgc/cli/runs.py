"""`msgc runs`: the runs of `msgc send` that there are, one of them in detail, and removing them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from msgc.cli.held_output import held_output
from msgc.cli.send_files import check_result
from msgc.cli.send_screen import ago, confirm, counts_words, show_run, summary
from msgc.cli.session import Session, Unusable, shared_options
from msgc.report.escape import escape
from msgc.report.json import dump
from msgc.send.lock import hold_lock, is_locked
from msgc.send.message import Record
from msgc.send.register import Register
from msgc.send.results import result_lines
from msgc.send.run_file import RunFile
from msgc.send.storage import StorageError
from msgc.send.store import Store, remove_run


@click.group("runs", invoke_without_command=True)
@shared_options("catalog")
@click.pass_context
def command(context: click.Context, session: Session) -> None:
    """List the runs of `msgc send`, the latest first; show or remove one.

    \b
    msgc runs
    msgc runs show 20261124-134502-k3f7
    msgc runs delete 20261124-134502-k3f7
    """
    if context.invoked_subcommand is None:
        with _storage():
            _list(session)


def _list(session: Session) -> None:
    store = _store(session)
    facts, damaged = [], False
    for path in store.runs():
        try:
            with RunFile.open(path, for_writing=False) as run_file:
                run, counts = run_file.run, run_file.counts()
        except StorageError as error:
            click.echo(f"msgc: {escape(str(error))}", err=True)
            damaged = True
            continue
        is_running = is_locked(path)
        if session.format == "json":
            facts.append({**summary(run, counts, [], None), "is_running": is_running})
            continue
        state = "running, " if is_running else ""
        of = run.definition or run.data or run.label
        click.echo(escape(f"{run.id} {of}: {state}{counts_words(counts)} ({ago(run.created)})"))
    if session.format == "json":
        click.echo(dump({"version": 1, "runs": facts}), nl=False)
    elif not any(True for _ in store.runs()):
        session.say(f"there are no runs in {store.folder}; `msgc send` makes one")
    sys.exit(2 if damaged else 0)


@command.command("show", short_help="Show what became of a run's messages.")
@click.argument("run", metavar="RUN")
@click.option("--result", metavar="FILE", help="Write a line of JSON for every message.")
@shared_options("catalog")
def show(session: Session, run: str, result: str | None) -> None:
    """Show a run: what it is, how many messages are in each state, and by code why those were not sent.

    RUN is a run's id or the path of its file.

    \b
    msgc runs show 20261124-134502-k3f7
    msgc runs show 20261124-134502-k3f7 --result sent.jsonl
    """
    with _storage():
        project = session.project_without_catalog()
        path = Store(project.configuration.root).find(run)
        check_result(result, path)
        with RunFile.open(path, for_writing=False) as run_file:
            if result is not None:
                with held_output(Path(result), private=True, option="--result") as held:
                    for line in result_lines(_settled(run_file, is_running=is_locked(path))):
                        held.write(line)
                    held.keep()
            show_run(session, run_file, run, project.error_table(), is_running=is_locked(path))


@command.command("delete", short_help="Remove runs, and the personal data in them.")
@click.argument("runs", metavar="RUN…", nargs=-1, required=True)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@shared_options("catalog")
def delete(session: Session, runs: tuple[str, ...], yes: bool) -> None:
    """Remove runs, and with them the messages and numbers that they hold.

    What they have sent is still remembered for seven days, as digests; what they have not sent can be sent again.

    \b
    msgc runs delete 20261124-134502-k3f7
    """
    with _storage():
        store = _store(session)
        for path in [store.find(run) for run in runs]:
            try:
                _delete(session, store, path, yes=yes)
            except StorageError as error:
                if is_locked(path):
                    raise
                # A file that is damaged is removed all the same: nothing else can be done with it.
                session.say(str(error))
                if not yes:
                    _confirm(session, f"Remove {path} all the same?")
                remove_run(path)
            session.say(f"{path.name} removed")


def _delete(session: Session, store: Store, path: Path, *, yes: bool) -> None:
    with hold_lock(path), RunFile.open(path, for_writing=True) as run_file:
        run, counts = run_file.run, run_file.counts()
        run_file.recover()
        if not yes:
            _confirm(session, f"Remove run {run.id} ({counts_words(counts)})?")
        if store.register.exists() and not run.is_sandbox:
            with Register(store.register) as register:
                register.remove(run.id, run_file.digests(("pending", "failed")))
    remove_run(path)


def _confirm(session: Session, question: str) -> None:
    confirm(session, question, otherwise="say `--yes` to remove it", outcome="nothing was removed")


def _settled(run_file: RunFile, *, is_running: bool) -> Iterator[Record]:
    """The records of a run; what nobody is sending any more although it says so is unknown."""
    for record in run_file.records():
        if record.state == "sending" and not is_running:
            record = replace(record, state="unknown")
        yield record


def _store(session: Session) -> Store:
    return Store(session.project_without_catalog().configuration.root)


@contextlib.contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except StorageError as error:
        raise Unusable(str(error)) from error
