"""The command line: the one place that prints, exits and reads the environment.

Each command is a module of this package and is imported only when it runs.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

from msgc import __version__
from msgc.guard import limit_memory

COMMANDS = {
    "init": "Make a working catalog here, with editor, hook and CI set-up.",
    "new": "Write a new definition to start from.",
    "list": "List the definitions of the catalog.",
    "check": "Check definitions, or ready-made payloads, for everything that can be known.",
    "render": "Print one payload as JSON.",
    "build": "Compile definitions to payload files, or a data file to JSON Lines.",
    "schema": "Build and show the contract.",
    "explain": "Explain a rule: what it means, a bad and a good example, its source.",
    "rules": "List all rules.",
    "completion": "Print the completion script for a shell.",
}

FINDINGS, USAGE = 1, 2


class _LazyGroup(click.Group):
    """Commands by name; a command's module is imported when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

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
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 clean, 1 findings, 2 usage, configuration or unreadable input.",
)
@click.version_option(__version__, "-V", "--version", message="msgc %(version)s")
def group() -> None:
    """A compiler for messages: WhatsApp messages as YAML in git, checked before they are sent."""


def main() -> None:
    """The program `msgc`."""
    limit_memory()
    try:
        group.main(prog_name="msgc", standalone_mode=True)
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; Python would complain once more while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(USAGE)
