"""What every command needs: the options they share, the project they speak of, and how they report."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from msgc.cli import FINDINGS, USAGE
from msgc.configuration import Configuration, find_configuration, read_configuration, with_environment
from msgc.diagnostic import Diagnostic, MissingCParser, Rejected
from msgc.report import REPORTERS, escape

if TYPE_CHECKING:
    from msgc.catalog import Catalog
    from msgc.contract import Contract
    from msgc.coverage import Coverage
    from msgc.pipeline import Project

Command = TypeVar("Command", bound=Callable[..., Any])
# Configuration and input that cannot be read at all: exit code 2, as for a wrong command line.
_UNREADABLE = frozenset(
    {
        "configuration",
        "no-catalog",
        "no-contract",
        "no-definitions",
        "no-payload",
        "unknown-definition",
        "unreadable-file",
    }
)


class Unusable(click.ClickException):
    """What was asked for cannot be done; the text says why and what to do instead. Exit code 2."""

    exit_code = USAGE


@dataclass(frozen=True)
class Session:
    """The options that commands share. `format` is a reporter's name; `color` None means: on a terminal."""

    config: Path | None = None
    catalog: Path | None = None
    format: str = "text"
    color: bool | None = None
    quiet: bool = False
    verbose: bool = False

    def configuration(self, start: Path | None = None) -> Configuration:
        """The configuration file seen from a folder (by default the working one), then the environment over it."""
        here = Path.cwd()
        found = read_configuration(self.config, here) if self.config else find_configuration(start or here, here)
        return with_environment(found, os.environ)

    def project(self, paths: Iterable[str] = ()) -> Project:
        """The project seen from the working folder. Exits with 2 where there is none."""
        project = self.open(self.read_configuration(), self.root, paths)
        self.show(project.configuration, project.catalog)
        return project

    def project_without_catalog(self, start: Path | None = None) -> Project:
        """The project for a command that looks at no definition: any folder will do as its catalog."""
        return self.open(self.read_configuration(start), Path.cwd(), ())

    @property
    def root(self) -> Path | None:
        """The catalog's folder, where an option names it."""
        return Path(os.path.abspath(self.catalog)) if self.catalog else None

    def contract(self) -> Contract:
        """The contract, for a command that needs nothing else of a project. Exits with 2 where it cannot be read."""
        from msgc.open_contract import open_contract  # few commands need no more

        try:
            configuration = self.configuration(None)
            if not configuration.macros:  # they are read with the rest
                return open_contract(configuration)
        except Rejected as rejected:
            self.fail(rejected.diagnostics)
        return self.project_without_catalog().contract

    def read_configuration(self, start: Path | None = None) -> Configuration:
        """As `configuration`. Exits with 2 where it is wrong."""
        try:
            return self.configuration(start)
        except Rejected as rejected:
            self.fail(rejected.diagnostics)

    def open(self, configuration: Configuration, catalog: Path | None, paths: Iterable[str]) -> Project:
        """The project under a configuration. Exits with 2 where there is none."""
        from msgc.pipeline import open_project  # it brings the whole compiler, which a start need not have

        try:
            return open_project(Path.cwd(), configuration, paths, catalog=catalog)
        except Rejected as rejected:
            self.fail(rejected.diagnostics)

    def show(self, configuration: Configuration, catalog: Catalog) -> None:
        """Say, under `--verbose`, what a command works on."""
        if self.verbose:
            self.say(f"configuration: {catalog.shown(configuration.path) if configuration.path else 'none'}")
            self.say(f"catalog: {catalog.shown(catalog.root)}")

    def report(
        self,
        diagnostics: Iterable[Diagnostic],
        files: int | None = None,
        *,
        coverage: Coverage | None = None,
        err: bool = False,
        strict: bool = False,
    ) -> None:
        """Print a report: on stdout where it is the answer, on stderr where the answer is something else.

        Under `--quiet` it has only what fails the command: errors, and with `strict` warnings.
        """
        stream = sys.stderr if err else sys.stdout
        shown = sorted(diagnostics, key=lambda problem: problem.sort_key)
        if self.quiet and self.format == "text":
            shown = [problem for problem in shown if fails(problem, strict=strict)]
            if not shown:
                return
        text = REPORTERS[self.format](shown, files=files, coverage=coverage, color=self.colored(stream))
        click.echo(text, nl=False, err=err, color=True)

    def refuse(self, diagnostics: Iterable[Diagnostic], code: int | None = None) -> NoReturn:
        """Report why there is no answer, and exit. In JSON the report then is the answer."""
        problems = list(diagnostics)
        self.report(problems, err=self.format == "text")
        sys.exit(code or exit_code(problems) or FINDINGS)

    def fail(self, diagnostics: Iterable[Diagnostic]) -> NoReturn:
        """Report what keeps the command from working, and exit with 2."""
        self.refuse(diagnostics, USAGE)

    def say(self, text: str) -> None:
        """Progress and results for people, on stderr; nothing under `--quiet`."""
        if not self.quiet:
            click.echo(escape(text), err=True)

    def colored(self, stream: Any) -> bool:
        """Whether a stream gets colours: `--color`, else `NO_COLOR`, else whether it is a terminal."""
        if self.color is not None:
            return self.color
        return not os.environ.get("NO_COLOR") and stream.isatty() and os.environ.get("TERM") != "dumb"


_COLORS = {"auto": None, "always": True, "never": False}
_FORMAT: dict[str, Any] = {
    "type": click.Choice(list(REPORTERS)),
    "default": "text",
    "envvar": "MSGC_FORMAT",
    "show_envvar": True,
    "help": "How to report.",
}
_OPTIONS = {
    "format": click.option("-f", "--format", **_FORMAT),
    "catalog": click.option(
        "--catalog", type=click.Path(path_type=Path), metavar="DIR", help="The folder of definitions."
    ),
    "config": click.option(
        "--config",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="FILE",
        envvar="MSGC_CONFIG",
        show_envvar=True,
        help="The configuration (default: the nearest msgc.toml or pyproject.toml).",
    ),
    "color": click.option(
        "--color",
        type=click.Choice(list(_COLORS)),
        default="auto",
        envvar="MSGC_COLOR",
        show_envvar=True,
        help="Colours in reports.",
    ),
    "quiet": click.option("-q", "--quiet", is_flag=True, help="Errors only, no progress."),
    "verbose": click.option("-v", "--verbose", is_flag=True, help="Say what is read and done."),
}


def shared_options(*left_out: str, short_format: bool = True) -> Callable[[Command], Command]:
    """The options of every command but those `left_out`; the command's first argument is a `Session` of them.

    Without `short_format` the option `-f` is the command's own. What a command raises as `Rejected` is reported and
    ends it.
    """
    options = _OPTIONS if short_format else {**_OPTIONS, "format": click.option("--format", **_FORMAT)}
    names = [each.name for each in fields(Session) if each.name not in left_out]

    def decorate(command: Command) -> Command:
        def run(**arguments: Any) -> Any:
            chosen = {name: arguments.pop(name) for name in names}
            session = Session(**{**chosen, "color": _COLORS[chosen["color"]]})
            try:
                return command(session, **arguments)
            except Rejected as rejected:
                session.refuse(rejected.diagnostics)
            except MissingCParser as missing:
                raise Unusable(str(missing)) from missing

        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]  # click's own
        decorated: Any = run
        for name, option in reversed(options.items()):
            if name in names:
                decorated = option(decorated)
        result: Command = decorated
        return result

    return decorate


def fails(problem: Diagnostic, *, strict: bool = False) -> bool:
    """Whether a finding fails a command: an error that no comment suppresses, with `strict` a warning too."""
    return problem.suppressed is None and (problem.severity == "error" or (strict and problem.severity == "warning"))


def exit_code(diagnostics: Iterable[Diagnostic], *, strict: bool = False) -> int:
    """0 clean, 1 findings (errors, with `strict` warnings too), 2 where the input could not be read at all."""
    failing = [problem for problem in diagnostics if fails(problem, strict=strict)]
    if failing and all(problem.rule in _UNREADABLE for problem in failing):
        return USAGE
    return FINDINGS if failing else 0
