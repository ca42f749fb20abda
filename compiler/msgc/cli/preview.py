"""`msgc preview`: a gallery of the catalog's messages, served to this machine or written as a page."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import click

from msgc.cli.entries import choose_entries
from msgc.cli.preview_cards import Gallery, notice
from msgc.cli.session import Session, Unusable, exit_code, shared_options
from msgc.diagnostic import Rejected
from msgc.pipeline import Project, open_project
from msgc.preview.board import Board
from msgc.preview.page import make_page
from msgc.report.escape import escape

_LOOK_SECONDS = 0.4
"""How often files are looked at."""


@click.command("preview")
@click.argument("names", nargs=-1, metavar="[PATH|NAME]…")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write the page to DIR/index.html instead.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="The port; 0 is any free one."
)
@click.option("--open/--no-open", "opened", default=None, help="Open it in a browser (default: on a terminal).")
@shared_options("format")
def command(session: Session, names: tuple[str, ...], out: Path | None, port: int, opened: bool | None) -> None:
    """Show definitions and examples as a phone shows them, with their payloads, limits and findings.

    The gallery is served on this machine, follows changes of files, and has forms to try values with; Ctrl-C ends it.
    With --out the same becomes one page without forms that opens from disk and needs no network.

    \b
    msgc preview
    msgc preview orders/shipped orders/late
    msgc preview --out site
    """
    gallery = Gallery(lambda: _project(session, names), names, served=out is None)
    project = session.project(names)
    problems = choose_entries(project.catalog, names)[1]
    if exit_code(problems):
        session.refuse(problems)
    title = f"Messages of {escape(project.catalog.shown(project.catalog.root))}"
    if out is None:
        _serve(session, gallery, title, port, sys.stderr.isatty() if opened is None else opened)
    else:
        cards, problems = gallery.make()
        board = Board()
        board.put(cards, notice(problems))
        path = _write(out, make_page(title, board.since(0), served=False))
        session.say(f"{_count(len(cards), 'definition')} written to {path}")
        if opened:
            _open(path.absolute().as_uri())


def _project(session: Session, names: tuple[str, ...]) -> Project:
    catalog = Path(os.path.abspath(session.catalog)) if session.catalog else None
    return open_project(Path.cwd(), session.configuration(), names, catalog=catalog)


def _serve(session: Session, gallery: Gallery, title: str, port: int, opened: bool) -> None:
    with _explained(port):
        from msgc.preview.app import Gate, make_app  # an extra, and slow to import
        from msgc.serving.connections import Connections
        from msgc.serving.serve import Serving, ended, listen

        listener = listen("127.0.0.1", port)
        gate = Gate(listener.getsockname()[1], secrets.token_urlsafe(24))
        board = Board()
        connections = Connections()
        with contextlib.closing(listener), ended() as is_over:
            cards, problems = gallery.make(is_over.is_set)
            board.put(cards, notice(problems))
            if not is_over.is_set():
                app = make_app(board, title, gate, gallery.render)
                with Serving(app, listener, connections, "preview") as serving:
                    address = f"{serving.base_url}/?token={gate.token}"
                    session.say(f"{_count(len(cards), 'definition')} at {address}")
                    session.say("the page follows the files; Ctrl-C ends it")
                    if opened:
                        _open(address)
                    while not serving.wait(is_over, _LOOK_SECONDS):
                        if gallery.is_stale():
                            _refresh(session, gallery, board, is_over)
    session.say("ended")


def _refresh(session: Session, gallery: Gallery, board: Board, is_over: Event) -> None:
    try:
        cards, problems = gallery.make(is_over.is_set)
    except Rejected as rejected:
        cards, problems = gallery.cards, list(rejected.diagnostics)
    changed = board.put(cards, notice(problems))
    if changed:
        session.say(f"{_count(changed, 'definition')} changed")


@contextlib.contextmanager
def _explained(port: int) -> Iterator[None]:
    """Raises what keeps a preview from being served as `Unusable`."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "msgc").partition(".")[0]
        if missing == "msgc":
            raise
        raise Unusable(
            f"serving a preview needs `{missing}`: pip install 'msgc[preview]'; `--out DIR` writes it without"
        ) from error
    except OSError as error:
        if error.filename is not None:
            raise
        reason = "it is in use" if error.errno == errno.EADDRINUSE else error.strerror or error
        raise Unusable(f"port {port} of 127.0.0.1 cannot be had: {reason}; choose another with `--port`") from error


def _write(folder: Path, page: bytes) -> Path:
    """Writes the page whole or not at all. Raises `Unusable`."""
    path = folder / "index.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".msgc-") as staged:
            made = Path(staged, "index.html")
            made.write_bytes(page)
            os.replace(made, path)
    except OSError as error:
        reason = "it is a file" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror or error
        raise Unusable(f"{path} cannot be written: {reason}; choose another folder with `--out`") from error
    return path


def _open(address: str) -> None:
    import webbrowser  # only who opens one needs it

    webbrowser.open(address)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
