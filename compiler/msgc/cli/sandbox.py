"""`msgc sandbox`: the API on this machine, to try sending and to test."""

from __future__ import annotations

import contextlib
import errno
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from msgc.cli.session import Session, Unusable, shared_options
from msgc.diagnostic import sentence
from msgc.error_table import ErrorTable, read_error_table
from msgc.pipeline import Project
from msgc.resources import ERRORS_FILE, data_folder
from msgc.sandbox.faults import FAULT_KINDS, Faults, read_faults
from msgc.sandbox.loopback import loopback_address
from msgc.sandbox.world import KEY, RATE, Settings, Window, World

if TYPE_CHECKING:
    from msgc.sandbox.answer import Answer
    from msgc.sandbox.serve import Running

_KEY = re.compile(r"[\x21-\x7e]+")
_NUMBER: dict[str, Any] = {"multiple": True, "metavar": "NUMBER"}
_SHARE: dict[str, Any] = {"type": click.FloatRange(0, 1), "default": 0.0, "metavar": "SHARE"}
_SHOWN_DIGITS = 3


@click.command("sandbox")
@click.option("--host", default="127.0.0.1", show_default=True, help="The loopback address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="The port; 0 is any free one."
)
@click.option("--key", default=KEY, show_default=True, help="The API key that it takes.")
@click.option(
    "--rate",
    type=click.IntRange(0),
    default=RATE,
    show_default=True,
    metavar="N",
    help="Requests that it takes in any second; 0 is any number.",
)
@click.option(
    "--retry-after", type=click.IntRange(0), metavar="SECONDS", help="The header of that name with 429 and 503."
)
@click.option("--closed", help="The 24-hour window of this number is closed; repeatable.", **_NUMBER)
@click.option("--never-wrote", help="This customer has never written; repeatable.", **_NUMBER)
@click.option("--all-closed", is_flag=True, help="All windows are closed.")
@click.option("--open", "opened", help="But not that of this number; repeatable.", **_NUMBER)
@click.option(
    "--template",
    "templates",
    multiple=True,
    metavar="NAME[:LANGUAGE]",
    help="Only these exist; repeatable (default: all).",
)
@click.option("--fail", multiple=True, metavar="STATUS=SHARE", help="Answer with a status, accept nothing; repeatable.")
@click.option("--code", multiple=True, metavar="CODE=SHARE", help="Answer with a documented error; repeatable.")
@click.option("--reset", help="Reset the connection, accept nothing.", **_SHARE)
@click.option("--reset-after", help="Accept the message, then reset the connection.", **_SHARE)
@click.option("--drop", help="Accept the message, then close the connection.", **_SHARE)
@click.option("--garble", help="Accept the message, answer what is not JSON.", **_SHARE)
@click.option("--slow", help="Accept the message, answer byte by byte.", **_SHARE)
@click.option(
    "--slow-pause",
    type=float,
    default=Faults.slow_pause,
    show_default=True,
    metavar="SECONDS",
    help="Between the bytes of a slow answer.",
)
@click.option("--stall", help="Accept the message, never answer.", **_SHARE)
@click.option("--latency", type=float, default=0.0, metavar="SECONDS", help="Before every answer.")
@click.option("--seed", type=int, default=0, show_default=True, help="What faults are drawn from.")
@shared_options("format", "catalog")
def command(
    session: Session,
    host: str,
    port: int,
    key: str,
    rate: int,
    retry_after: int | None,
    seed: int,
    templates: tuple[str, ...],
    **options: Any,
) -> None:
    """Run the API on this machine: it checks what the real one checks, answers what it answers, and sends nothing.

    What goes wrong on request does so for a SHARE of the requests, from 0 to 1, and for the same ones with the same
    seed. What was accepted stands at /sandbox/messages, a summary at /sandbox; `PUT /sandbox/faults` and
    `PUT /sandbox/windows` change them while it runs.

    \b
    msgc sandbox
    msgc sandbox --closed +16044441111 --template order_ready:en
    msgc sandbox --fail 503=0.05 --retry-after 1 --drop 0.01 --latency 0.2
    """
    project, errors = session.project_without_catalog(), _errors()
    try:
        loopback_address(host)
        settings = Settings(
            key=_checked_key(key),
            rate=rate,
            retry_after=retry_after,
            window="closed" if options["all_closed"] else "open",
            windows=_windows(options),
            templates=frozenset(map(_template, templates)) if templates else None,
            faults=_faults(options, errors),
            seed=seed,
        )
    except ValueError as error:
        raise click.UsageError(sentence(str(error))) from error
    world = World(project.contract, errors, settings)
    for number in settings.windows:
        if not world.is_number(number):
            raise click.UsageError(f"`{number}` is no phone number in E.164 form, such as +16044441111")
    _serve(session, world, host, port)


def start_sandbox(project: Project) -> Running:
    """A sandbox of a project's API on any free port, to be closed by its caller. Raises `Unusable`."""
    with _explained("127.0.0.1", 0):
        from msgc.sandbox.serve import Running

        return Running(World(project.contract, _errors()))


@contextlib.contextmanager
def _explained(host: str, port: int) -> Iterator[None]:
    """Raises what keeps a sandbox from running as `Unusable`."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "msgc").partition(".")[0]
        if missing == "msgc":
            raise
        raise Unusable(f"the sandbox needs `{missing}`: pip install 'msgc[sandbox]'") from error
    except OSError as error:
        reason = "it is in use" if error.errno == errno.EADDRINUSE else error.strerror or error
        raise Unusable(f"port {port} of {host} cannot be had: {reason}; choose another with `--port`") from error
    except ValueError as error:
        raise Unusable(sentence(str(error))) from error


def _errors() -> ErrorTable:
    return read_error_table(data_folder("schemas") / ERRORS_FILE)


def _serve(session: Session, world: World, host: str, port: int) -> None:
    def announce(base_url: str) -> None:
        session.say(f"the sandbox listens on {base_url}, its key is {world.settings.key}; Ctrl-C ends it")
        session.say("to send to it:")
        session.say(
            f"  CONNECTLY_API_KEY={shlex.quote(world.settings.key)} msgc send NAME --to +16044441111"
            f" --base-url {base_url} --business-id demo"
        )

    def tell(given: Answer, is_told: bool) -> None:
        session.say(_line(given, is_told=is_told))

    with _explained(host, port):
        from msgc.sandbox.serve import serve  # an extra, and slow to import

        serve(world, host, port, on_ready=announce, on_answer=tell if session.verbose else None)
    count = world.traffic.requests
    session.say(f"ended; {count:,} request{'' if count == 1 else 's'}, {world.accepted:,} accepted")


def _line(given: Answer, *, is_told: bool) -> str:
    """A request in one line, without anything of its message and with the end of its recipient only."""
    words = [str(given.status) if is_told else "no answer", given.kind or ""]
    if given.recipient:
        words.append(f"to …{given.recipient[-_SHOWN_DIGITS:]}")
    if given.code:
        words.append(given.code)
    if given.rule:
        words.append(f"({given.rule})")
    if not is_told and given.message is not None:
        words.append("(accepted)")
    return " ".join(words)


def _checked_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("`--key` wants letters, digits and signs, without spaces")
    return key


def _windows(options: dict[str, Any]) -> dict[str, Window]:
    """The windows that the options name. Raises ValueError where they contradict each other."""
    if options["opened"] and not options["all_closed"]:
        raise ValueError("`--open` is for exceptions from `--all-closed`; without it all windows are open")
    windows: dict[str, Window] = {}
    chosen: list[tuple[Window, str]] = [("open", "opened"), ("closed", "closed"), ("never", "never_wrote")]
    for window, option in chosen:
        for number in options[option]:
            if windows.setdefault(number, window) != window:
                raise ValueError(f"`{number}` has two different windows")
    return windows


def _template(text: str) -> tuple[str, str | None]:
    name, colon, language = text.partition(":")
    if not name or (colon and not language):
        raise ValueError(f"`{text}` is no template; write its name, or name and language as in order_ready:en")
    return name, language or None


def _faults(options: dict[str, Any], errors: ErrorTable) -> Faults:
    """The faults that the options name. Raises ValueError."""
    shares = {kind: options[kind] for kind in FAULT_KINDS}
    named = {kind: dict(_shares(f"--{kind}", shares[kind])) for kind in ("fail", "code")}
    pauses = {name: options[name] for name in ("latency", "slow_pause")}
    return read_faults({**shares, **named, **pauses}, errors.codes)


def _shares(option: str, texts: Iterable[str]) -> Iterable[tuple[str, float]]:
    for text in texts:
        name, _, share = text.partition("=")
        try:
            yield name, float(share)
        except ValueError:
            raise ValueError(f"`{option} {text}` has no share; write it like {name or 503}=0.1") from None
