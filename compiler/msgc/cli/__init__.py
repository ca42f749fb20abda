"""The command line: the one place that prints, exits and reads the environment.

Each command is a module of this package and is imported only when it runs.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from msgc import __version__
from msgc.cli import interrupts
from msgc.guard import limit_memory
from msgc.jobs import LostWorker

COMMANDS = {
    "init": "Make a working catalog here, with editor, hook and CI set-up.",
    "new": "Write a new definition to start from.",
    "list": "List the definitions of the catalog.",
    "check": "Check definitions, or ready-made payloads, for all that can be known.",
    "test": "Run the tests of messages: their cases, and snapshots of what examples send.",
    "render": "Print one payload as JSON.",
    "diff": "Show what changes in what customers receive, between revisions.",
    "build": "Compile definitions to payload files, or a data file to JSON Lines.",
    "preview": "Show messages as a phone shows them, in a browser.",
    "send": "Send one message, a file of payloads, or a definition over a data file.",
    "runs": "List the runs of `send`, show one, or remove it.",
    "schema": "Build and show the contract.",
    "explain": "Explain a rule: its meaning, a bad and a good example, its source.",
    "rules": "List all rules.",
    "sandbox": "Run the API on this machine, to try sending and to test.",
    "completion": "Print the completion script for a shell.",
}

FINDINGS, USAGE, UNREACHED, INCOMPLETE, DIFFERS = 1, 2, 3, 4, 5
INTERNAL, INTERRUPTED, CLOSED = 70, 130, 141

_UNWRITABLE = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG)
"""What a stream that nobody has opened by name says when it takes no more."""

_YOUNG = 50_000
"""New objects before Python looks for cycles among them: modules and documents are many objects, and few cycles."""

_EPILOG = """\b
Exit codes:
  0    clean
  1    findings
  2    usage, configuration or unreadable input
  3    the network or the API does not let anything be sent
  4    some messages have failed, are unknown, or are left
  5    a snapshot differs, or something else does where that is asked for
  70   a mistake in msgc itself
  130  interrupted
  141  whoever read the output closed it

\b
Environment:
  MSGC_CONFIG, MSGC_CATALOG, MSGC_FORMAT, MSGC_COLOR   as the options of every command
  MSGC_SCHEMAS, MSGC_SENDER, MSGC_BUSINESS_ID, MSGC_LOCALE   as the settings of the configuration
  CONNECTLY_API_KEY, MSGC_BASE_URL                     the key and the address to send with
  NO_COLOR                                             reports without colours
  MSGC_CACHE_DIR                                       where `check` remembers its results
  MSGC_TRACEBACK                                       what a report of a mistake in msgc should include
"""


_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Done(SystemExit):
    """The end of a command that has nothing left to put in order; its code is an exit code."""


class _Group(click.Group):
    """Commands by name; a command's module is imported when the command is asked for.

    However a command ends, it ends with an exit code and without a traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]  # `list` is a module of this package once that command has run

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"msgc.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from msgc.diagnostic import nearest

            close = nearest(args[0], COMMANDS) if args else None
            raise click.UsageError(
                f"{error.message} Did you mean `{close}`?" if close else error.message, ctx
            ) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the table above, so that `--help` imports no command.
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError):  # a stream that somebody has put in the place of the real one
                stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except click.ClickException as error:
            _complain(error)
            code = error.exit_code
        except click.Abort:
            code = INTERRUPTED
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                result = super().invoke(ctx)
                interrupts.heed()
                return result
            finally:
                sys.stdout.flush()
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            # The reader (`| head`) has seen enough; Python would complain once more while it shuts down.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(CLOSED)
        except KeyboardInterrupt:
            self._interrupted(ctx)
        except MemoryError:
            click.echo("msgc: the input needs more memory than msgc takes", err=True)
            ctx.exit(USAGE)
        except LostWorker as lost:  # the system has most likely taken its memory
            click.echo(f"msgc: {lost}", err=True)
            ctx.exit(USAGE)
        except OSError as error:
            if error.filename is not None or error.errno not in _UNWRITABLE:
                self._mistaken(ctx, error)
            with contextlib.suppress(OSError):
                click.echo(f"msgc: what there is to say cannot be written: {error.strerror}", err=True)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would complain once more
            ctx.exit(USAGE)
        except Exception as error:  # whatever it is, it is a mistake of ours, and no traceback helps its reader
            self._mistaken(ctx, error)

    def _mistaken(self, ctx: click.Context, error: Exception) -> NoReturn:
        if interrupts.seen():
            self._interrupted(ctx)
        _confess(error)
        ctx.exit(INTERNAL)

    def _interrupted(self, ctx: click.Context) -> NoReturn:
        interrupts.settle()
        click.echo("msgc: interrupted", err=True)
        ctx.exit(INTERRUPTED)


def _complain(error: click.ClickException) -> None:
    """Say what is wrong with a command line; the words in it may be file names from anywhere."""
    from msgc.report.escape import escape

    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    if not isinstance(error, click.UsageError):
        click.echo(f"msgc: {escape(error.format_message())}", err=True)
        return
    click.echo(f"msgc: {escape(' '.join(error.format_message().split()))}", err=True)
    if error.ctx is not None:
        click.echo(f"`{error.ctx.command_path} --help` shows how it is used", err=True)


def _confess(error: Exception) -> None:
    """Own up to a mistake of msgc, with what a report of it needs to say."""
    import traceback

    from msgc.report.escape import escape

    if os.environ.get("MSGC_TRACEBACK"):
        for line in "".join(traceback.format_exception(error)).splitlines():
            click.echo(f"  {escape(line)}", err=True)
    package = Path(__file__).parent.parent
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(package)
    ]
    place = f"{Path(frames[-1].filename).relative_to(package).as_posix()}:{frames[-1].lineno}" if frames else "?"
    words = escape(" ".join(f"{type(error).__name__}: {error}".split())[:200])
    click.echo(f"msgc: a mistake in msgc itself, not in your files: {words} ({place}, msgc {__version__})", err=True)
    click.echo("please report it with this line and the command; MSGC_TRACEBACK=1 shows more to report", err=True)


@click.command(cls=_Group, context_settings=_SETTINGS, epilog=_EPILOG)
@click.version_option(__version__, "-V", "--version", message="msgc %(version)s")
def group() -> None:
    """A compiler for messages: WhatsApp messages as YAML in git, checked before they are sent."""


def main() -> None:
    """The program `msgc`."""
    limit_memory()
    interrupts.watch()
    group.main(prog_name="msgc")


def program() -> None:
    """The program `msgc` as a process of its own, which does not take its modules apart where there is no need to."""
    gc.set_threshold(_YOUNG)
    try:
        main()
    except SystemExit as end:
        # After a Ctrl-C, Python would now and then report while it ends that it was killed by it.
        if not isinstance(end, Done) and not interrupts.seen():
            raise
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 0)
