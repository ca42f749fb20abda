"""`msgc diff`: what changes in what customers receive, between two revisions or a revision and the working tree."""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from msgc.catalog import DEFAULT_CATALOG
from msgc.changes.catalogs import compare_catalogs
from msgc.cli import DIFFERS
from msgc.cli.held_output import held_output
from msgc.cli.revisions import Repository, find_repository, read_range
from msgc.cli.session import Session, Unusable, shared_options
from msgc.configuration import Configuration, find_configuration, read_configuration, with_environment
from msgc.diagnostic import Diagnostic, Rejected, enumerate_words, nearest
from msgc.pipeline import Project, open_project
from msgc.report.changes import FORMATS, render_changes

_WORKING_TREE = "the working tree"
_CONFIGURATIONS = ("msgc.toml", "pyproject.toml")


class _Command(click.Command):
    """A command whose words before `--` are a revision, and those behind it names."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        names: list[str] = []
        if "--" in given:
            at = given.index("--")
            given, names = given[:at], given[at + 1 :]
        rest = super().parse_args(ctx, given)
        ctx.params["names"] = tuple(names)
        return rest


class _Output(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """`FORMAT` or `FORMAT=FILE`."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str | None]:
        if isinstance(value, tuple):
            return value
        name, has_file, file = str(value).partition("=")
        if name not in FORMATS:
            close = nearest(name, FORMATS)
            hint = f"did you mean `{close}`?" if close else f"there are {enumerate_words(FORMATS, 'and')}"
            self.fail(f"there is no format `{name}`: {hint}", param, ctx)
        if has_file and not file:
            self.fail(f"`{name}=` names no file", param, ctx)
        return name, file if has_file else None


@click.command("diff", cls=_Command)
@click.argument("revisions", nargs=-1, metavar="[REV[..REV]] [-- NAME…]")
@click.option("--exit-code", is_flag=True, help="End with 5 when something changes.")
@click.option(
    "-f",
    "--format",
    "outputs",
    type=_Output(),
    multiple=True,
    metavar="FORMAT[=FILE]",
    help=f"How to report ({', '.join(FORMATS)}), and into which file; repeatable.",
)
@shared_options("format")
def command(
    session: Session,
    revisions: tuple[str, ...],
    exit_code: bool,
    outputs: tuple[tuple[str, str | None], ...],
    names: tuple[str, ...],
) -> None:
    """Show what changes in what customers receive.

    The working tree is compared with HEAD, or with REV; A..B compares two revisions, A...B the second with the commit
    at which both parted. Each definition is rendered in both versions for the values of its examples, and for some
    that no example has; what is only written otherwise is not told. NAMEs choose definitions; they stand behind `--`.

    \b
    msgc diff
    msgc diff main -- orders/shipped
    msgc diff --exit-code main...HEAD
    msgc diff -f text -f markdown=diff.md -f html=diff.html origin/main
    """
    outputs = outputs or (("text", None),)
    if sum(file is None for _, file in outputs) > 1:
        raise Unusable("only one report goes to standard output; give the others files, as in `-f html=diff.html`")
    if len(revisions) > 1:
        raise Unusable(
            "there is one revision, or two with dots between them, as in `main..topic`; names of definitions stand "
            f"behind `--`, as in `msgc diff {revisions[0]} -- {revisions[1]}`"
        )
    asked = read_range(revisions[0] if revisions else None)
    repository = find_repository(Path.cwd(), os.environ)
    sides = [repository.commit(asked.before), None if asked.after is None else repository.commit(asked.after)]
    if asked.merge_base:
        sides[0] = repository.merge_base(sides[0] or "", sides[1] or "")
    with (
        _project_at(session, repository, sides[0], asked.before) as before,
        _project_at(session, repository, sides[1], asked.after or "") as after,
    ):
        changes = compare_catalogs(
            before.library,
            after.library,
            (asked.before, asked.after or _WORKING_TREE),
            chosen=_chosen(names, before, after),
        )
    for name, file in outputs:
        if file is None:
            text = render_changes(changes, name, color=session.colored(sys.stdout))
            if not (session.quiet and name == "text" and not changes.matters):
                click.echo(text, nl=False, color=True)
            continue
        with held_output(Path(file), option="-f") as held:
            held.write(render_changes(changes, name).encode())
            held.keep()
    sys.exit(DIFFERS if exit_code and changes.matters else 0)


@contextmanager
def _project_at(session: Session, repository: Repository, commit: str | None, name: str) -> Iterator[Project]:
    """The project as it is in a commit, or in the working tree where that is None."""
    if commit is None:
        yield session.project()
        return
    if session.verbose:
        session.say(f"reading {name} ({commit[:12]})")
    with tempfile.TemporaryDirectory(prefix="msgc-diff-", ignore_cleanup_errors=True) as folder:
        root = Path(os.path.realpath(folder)) / "tree"
        (root / ".git").mkdir(parents=True)  # the search for a configuration ends here
        try:
            project = _opened(session, _Tree(repository, commit, root))
        except Rejected as rejected:
            raise Rejected(*(_told(problem, root, name) for problem in rejected.diagnostics)) from None
        yield project


@dataclasses.dataclass(frozen=True, slots=True)
class _Tree:
    """A commit, and the folder that its files are written to as they are needed."""

    repository: Repository
    commit: str
    root: Path

    def take(self, paths: Sequence[Path]) -> None:
        """Write what the commit has at or below some paths of the folder."""
        inside = [path.relative_to(self.root).as_posix() for path in paths if path.is_relative_to(self.root)]
        self.repository.extract(self.commit, ["" if path == "." else path for path in inside], self.root)

    def moved(self, path: Path) -> Path:
        """A path in this folder for one in the working tree; what lies outside of both is not in any commit."""
        if not path.is_relative_to(self.root):
            real = Path(os.path.realpath(path))
            return self.root / real.relative_to(self.repository.top) if self._holds(real) else path
        plain = Path(os.path.normpath(path))
        if plain.is_relative_to(self.root):
            return plain
        return Path(os.path.normpath(self.repository.top / os.path.relpath(plain, self.root)))

    def _holds(self, real: Path) -> bool:
        return real.is_relative_to(self.repository.top)


def _opened(session: Session, tree: _Tree) -> Project:
    start = tree.moved(Path.cwd())
    above = [start, *(folder for folder in start.parents if folder.is_relative_to(tree.root))]
    tree.take([folder / name for folder in above for name in _CONFIGURATIONS])
    start.mkdir(parents=True, exist_ok=True)
    configuration = with_environment(_configuration(session, tree, start), os.environ)
    catalog = session.catalog and Path(os.path.abspath(session.catalog))
    catalog = tree.moved(catalog or configuration.catalog or configuration.root / DEFAULT_CATALOG)
    schemas = configuration.schemas and tree.moved(configuration.schemas)
    overlays = tuple(tree.moved(overlay) for overlay in configuration.overlays)
    tree.take([catalog, *([schemas] if schemas else []), *overlays])
    if catalog.is_relative_to(tree.root):
        catalog.mkdir(parents=True, exist_ok=True)  # there may have been none yet
    changed = dataclasses.replace(configuration, catalog=catalog, schemas=schemas, overlays=overlays)
    return open_project(start if catalog.is_relative_to(start) else tree.root, changed, catalog=catalog)


def _configuration(session: Session, tree: _Tree, start: Path) -> Configuration:
    if session.config is None:
        return find_configuration(start, start)
    path = tree.moved(session.config.absolute())
    tree.take([path])
    return read_configuration(path, start) if path.is_file() else Configuration(path=None, root=path.parent)


def _told(problem: Diagnostic, root: Path, name: str) -> Diagnostic:
    """A finding about a revision, which names its files as git does."""

    def plain(text: str | None) -> str | None:
        return None if text is None else text.replace(f"{root}/", f"{name}:").replace(str(root), name)

    where = problem.where
    message = f"{plain(problem.message)} (in {name})"
    return dataclasses.replace(problem, span=None, file=plain(where), message=message, help=plain(problem.help))


def _chosen(names: Sequence[str], before: Project, after: Project) -> Callable[[str], bool] | None:
    """Which definitions the names and paths stand for, in either version; None for all of them."""
    if not names:
        return None
    known = [(project, project.entries()[0]) for project in (after, before)]
    wanted: set[str] = set()
    for given in names:
        found = set()
        for project, entries in known:
            path = project.catalog.locate(given)
            relative = _below(path, after.catalog.root)
            found |= {
                entry.name
                for entry in entries
                if entry.name == given.removesuffix("/")
                or entry.path == path
                or (relative is not None and _is_at(entry.path.relative_to(project.catalog.root), relative))
            }
        if not found:
            after.catalog.find(given, known[0][1])  # it says why there is none
        wanted |= found
    return wanted.__contains__


def _below(path: Path, root: Path) -> Path | None:
    return path.relative_to(root) if path.is_relative_to(root) else None


def _is_at(path: Path, given: Path) -> bool:
    return path == given or path.is_relative_to(given)
