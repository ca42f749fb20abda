"""What every command needs: the options they share, the project they speak of, and how they report."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from msgc.cli import FINDINGS, USAGE
from msgc.configuration import Configuration, find_configuration, read_configuration, with_environment
from msgc.diagnostic import Diagnostic, Rejected
from msgc.load import MissingCParser
from msgc.pipeline import Project, open_project
from msgc.report import REPORTERS, escape

Command = TypeVar("Command", bound=Callable[..., Any])
# Configuration and input that cannot be read at all: exit code 2, as for a wrong command line.
_UNREADABLE = frozenset(
    {"configuration", "no-catalog", "no-contract", "unreadable-file", "unknown-definition", "no-definitions"}
)


@dataclass(frozen=True)
class Session:
    """The options that commands share. `format` is a reporter's name; `color` None means: on a terminal."""

    config: Path | None = None
    catalog: Path | None = None
    format: str = "text"
    color: bool | None = None
    quiet: bool = False
    verbose: bool = False

    def configuration(self) -> Configuration:
        """The configuration file, then the environment over it. Exits with 2 where it is wrong."""
        try:
            here = Path.cwd()
            found = read_configuration(self.config, here) if self.config else find_configuration(here)
            return with_environment(found, os.environ)
        except Rejected as rejected:
            self.fail(rejected.diagnostics)

    def project(self, paths: Iterable[str] = ()) -> Project:
        """The project seen from the working folder. Exits with 2 where there is none."""
        return self._open(Path(os.path.abspath(self.catalog)) if self.catalog else None, paths)

    def project_without_catalog(self) -> Project:
        """The project for a command that looks at no definition: any folder will do as its catalog."""
        return self._open(Path.cwd(), ())

    def _open(self, catalog: Path | None, paths: Iterable[str]) -> Project:
        try:
            return open_project(Path.cwd(), self.configuration(), paths, catalog=catalog)
        except Rejected as rejected:
            self.fail(rejected.diagnostics)
        except MissingCParser as missing:
            raise click.ClickException(str(missing)) from missing

    def report(self, diagnostics: Iterable[Diagnostic], files: int | None = None, *, err: bool = False) -> None:
        """Print a report: on stdout where it is the answer, on stderr where the answer is something else."""
        stream = sys.stderr if err else sys.stdout
        shown = list(diagnostics)
        if self.quiet and self.format == "text":
            shown = [problem for problem in shown if problem.severity == "error"]
            if not shown:
                return
        text = REPORTERS[self.format](shown, files=files, color=self.colored(stream))
        click.echo(text, nl=False, err=err, color=True)

    def say(self, text: str) -> None:
        """Progress and results for people, on stderr; nothing under `--quiet`."""
        if not self.quiet:
            click.echo(escape(text), err=True)

    def colored(self, stream: Any) -> bool:
        """Whether a stream gets colours: `--color`, else `NO_COLOR`, else whether it is a terminal."""
        if self.color is not None:
            return self.color
        return not os.environ.get("NO_COLOR") and stream.isatty() and os.environ.get("TERM") != "dumb"

    def fail(self, diagnostics: Iterable[Diagnostic]) -> NoReturn:
        """Report what keeps the command from working, and exit with 2."""
        self.report(diagnostics, err=self.format == "text")
        sys.exit(USAGE)


def shared_options(command: Command) -> Command:
    """The options of every command; the command gets them as its first argument, a `Session`."""

    def wrap(**arguments: Any) -> Any:
        names = ("config", "catalog", "format", "color", "quiet", "verbose")
        chosen = {name: arguments.pop(name) for name in names}
        colors = {"auto": None, "always": True, "never": False}
        return command(Session(**{**chosen, "color": colors[chosen["color"]]}), **arguments)

    wrap.__name__, wrap.__doc__ = command.__name__, command.__doc__
    wrap.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]  # click's own
    options = [
        click.option(
            "-f",
            "--format",
            type=click.Choice(list(REPORTERS)),
            default="text",
            help="How to report findings.",
        ),
        click.option("--catalog", type=click.Path(path_type=Path), help="The folder of definitions."),
        click.option(
            "--config",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="The configuration file.",
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            help="Colours in reports.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Errors only, no progress."),
        click.option("-v", "--verbose", is_flag=True, help="Say more about what is done."),
    ]
    decorated: Any = wrap
    for option in reversed(options):
        decorated = option(decorated)
    result: Command = decorated
    return result


def exit_code(diagnostics: Iterable[Diagnostic], *, strict: bool = False) -> int:
    """0 clean, 1 findings (errors, with `strict` warnings too), 2 where the input could not be read at all."""
    counted = [problem for problem in diagnostics if problem.suppressed is None]
    failing = [
        problem for problem in counted if problem.severity == "error" or (strict and problem.severity == "warning")
    ]
    if failing and all(problem.rule in _UNREADABLE for problem in failing):
        return USAGE
    return FINDINGS if failing else 0
