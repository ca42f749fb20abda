"""The catalog: a folder of definitions, and the only door to the files in it.

Nothing outside the folder, and nothing hidden in it, can be read through a catalog: a definition may have
arrived by pull request, and a symlink or an `$include` must not reach the reviewer's own files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from msgc.decode import MAX_BYTES
from msgc.diagnostic import Diagnostic, Rejected, nearest
from msgc.rules import finding
from msgc.source import Span

if TYPE_CHECKING:
    from msgc.configuration import Configuration

DEFAULT_CATALOG = "templates"
DEFINITION_SUFFIXES = (".yaml", ".yml")
TEST_SUFFIXES = (".test.yaml", ".test.yml")


@dataclass(frozen=True, slots=True)
class Entry:
    """A definition's name (`orders/shipped`), its file, and the file's name as reports show it."""

    name: str
    path: Path
    shown: str


@dataclass(frozen=True)
class Catalog:
    """A folder of definitions. `root` is absolute; reports show files relative to `shown_from`."""

    root: Path
    shown_from: Path

    def shown(self, path: Path) -> str:
        """The name of a file as reports show it: relative where possible, with `/` on every system."""
        try:
            return path.relative_to(self.shown_from).as_posix()
        except ValueError:
            return path.as_posix()

    @property
    def prefix(self) -> str:
        """What the names of files in reports have in front of their paths from the root."""
        base = self.shown(self.root).rstrip("/")
        return "" if base == "." else f"{base}/"

    def locate(self, given: str) -> Path:
        """A path as the command line gives it, absolute.

        One that leads over links into the catalog, or to a folder around it, is spelt as `root` is.
        """
        path = Path(os.path.normpath(self.shown_from / given))
        if not path.is_relative_to(self.root) and path.exists():
            real, root = Path(os.path.realpath(path)), Path(os.path.realpath(self.root))
            if real.is_relative_to(root):
                return self.root / real.relative_to(root)
            if root.is_relative_to(real):
                return (self.root / "x").parents[len(root.relative_to(real).parts)]
        return path

    def entries(self) -> tuple[list[Entry], list[Diagnostic]]:
        """All definitions in the order of their names, and what is wrong with the folder itself.

        Raises `Rejected` when the folder does not exist or cannot be listed.
        """
        problems: list[Diagnostic] = []
        found: dict[str, Entry] = {}
        prefix = self.prefix
        for relative in self._files(problems):
            if not _is_definition(relative):
                continue
            name = relative.rpartition(".")[0]
            entry = Entry(name, self.root / relative, prefix + relative)
            twin = found.get(name.casefold())
            if twin is None:
                found[name.casefold()] = entry
            else:
                problems.append(
                    finding(
                        "duplicate-name",
                        f"two files make the definition `{name}`: {twin.shown} and {entry.shown}",
                        file=entry.shown,
                        help="rename one of them; names are compared without case and ending",
                    )
                )
        return sorted(found.values(), key=lambda entry: entry.name), problems

    def files(self, suffixes: tuple[str, ...] = ("",)) -> list[Path]:
        """All files with one of the endings, in order, those of fragments' folders too, but nothing hidden.

        Raises `Rejected` as `entries` does.
        """
        return [self.root / relative for relative in self._files([]) if relative.endswith(suffixes)]

    def entry(self, name_or_path: str) -> Entry:
        """The definition that a NAME or a path names. Raises `Rejected` (`unknown-definition`)."""
        return self.find(name_or_path, self.entries()[0])

    def find(self, name_or_path: str, entries: Sequence[Entry]) -> Entry:
        """The same among `entries`, for who asks often."""
        given = name_or_path.replace(os.sep, "/")
        path = self.locate(name_or_path)
        inside = Path(os.path.normpath(self.root / name_or_path))
        for entry in entries:
            if entry.name == given or entry.path in (path, inside):
                return entry
        raise Rejected(self._unknown(given, path, [entry.name for entry in entries]))

    def _unknown(self, given: str, path: Path, names: Sequence[str]) -> Diagnostic:
        message = f"there is no definition `{given}` in {self.shown(self.root)}"
        close = {name.casefold(): name for name in names}.get(given.casefold()) or nearest(given, names)
        help_ = f"did you mean `{close}`?" if close else "`msgc list` shows what there is"
        if os.path.lexists(path):
            if not path.is_relative_to(self.root):
                message = f"`{given}` lies outside the catalog {self.shown(self.root)}"
                help_ = "look at it on its own, or choose its catalog with `--catalog`"
            elif path.is_dir():
                message, help_ = f"`{given}` is a folder", "name one of the definitions in it"
            else:
                message = f"`{given}` is not a definition: {_why_not(path.relative_to(self.root))}"
                help_ = "`msgc list` shows the definitions"
                if path.name.endswith(TEST_SUFFIXES):
                    help_ = f"`msgc test {given}` runs it"
        return finding("unknown-definition", message, file=self.shown(self.root), help=help_)

    def read(self, path: Path, span: Span | None = None) -> bytes:
        """A file's bytes. Raises `Rejected` when it is unreadable, too large, or leads out of the catalog."""
        try:
            self._confine(path)
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise Rejected(self._unreadable(path, span, error.strerror or str(error))) from error
        except ValueError as error:
            raise Rejected(self._unreadable(path, span, str(error))) from error
        return data

    def resolve(self, reference: str, suffixes: tuple[str, ...], span: Span | None) -> Path:
        """The file behind a constant path from the catalog's root, as `$include` and `import` name it.

        `suffixes` are the endings allowed here. Raises `Rejected` (`include-path`) at `span`.
        """
        pure = PurePosixPath(reference)
        problem = None
        if not reference:
            problem = "names no file"
        elif "\\" in reference or "\0" in reference or pure.is_absolute() or ".." in pure.parts:
            problem = "is not a plain path from the catalog's root"
        elif not reference.endswith(suffixes):
            problem = f"does not end in {' or '.join(suffixes)}"
        elif any(part.startswith(".") for part in pure.parts):
            problem = "has a hidden part"
        if problem is not None:
            raise Rejected(
                finding(
                    "include-path",
                    f"`{reference}` {problem}",
                    span,
                    found=reference,
                    allowed=f"a path from the catalog's root that ends in {' or '.join(suffixes)}, "
                    "with `/` between its parts and no `..`",
                    help=f"write it as it stands below the catalog's folder, for example `_shared/footer{suffixes[0]}`",
                )
            )
        path = self._exact(pure, suffixes, reference, span)
        try:
            self._confine(path)
        except (OSError, ValueError) as error:
            raise Rejected(self._unreadable(path, span, str(error))) from error
        return path

    def _exact(self, pure: PurePosixPath, suffixes: tuple[str, ...], reference: str, span: Span | None) -> Path:
        # Compared with the folder's listing, so that a wrong case fails on every file system alike.
        path = self.root
        for part in pure.parts:
            try:
                names = os.listdir(path)
            except OSError:
                names = []
            if part not in names:
                known = [candidate for candidate in self._files([]) if candidate.endswith(suffixes)]
                close = nearest(reference, known)
                raise Rejected(
                    finding(
                        "include-path",
                        f"the catalog has no file `{reference}`",
                        span,
                        found=reference,
                        help=f"did you mean `{close}`?"
                        if close
                        else f"the path starts in the folder `{self.shown(self.root)}`",
                    )
                )
            path /= part
        return path

    def _confine(self, path: Path) -> None:
        real = Path(os.path.realpath(path))
        root = Path(os.path.realpath(self.root))
        if not real.is_relative_to(root):
            raise ValueError("it leads out of the catalog through a symbolic link")
        if any(part.startswith(".") for part in real.relative_to(root).parts):
            raise ValueError("it leads to a hidden file")
        if not real.exists():
            raise ValueError("it is a symbolic link that leads nowhere" if path.is_symlink() else "it does not exist")
        # Opening a pipe would wait for ever for somebody to write into it.
        if not real.is_file():
            raise ValueError("it is a folder" if real.is_dir() else "it is not a regular file")

    def _unreadable(self, path: Path, span: Span | None, reason: str) -> Diagnostic:
        return finding(
            "unreadable-file",
            f"`{self.shown(path)}` cannot be read: {reason}",
            span,
            file=self.shown(path),
            help="every file of a catalog lies in the catalog's folder and can be read by whoever checks it",
        )

    def _files(self, problems: list[Diagnostic]) -> Iterator[str]:
        """Every file that is not hidden, by its path from the root with `/`, in order."""
        yield from self._below("", problems, (os.path.realpath(self.root),))

    def _below(self, folder: str, problems: list[Diagnostic], above: tuple[str, ...]) -> Iterator[str]:
        """The files in a folder, which is named with `/` behind it; `above` are the real paths around it."""
        try:
            with os.scandir(self.root / folder) as listing:
                items = sorted(listing, key=lambda item: item.name)
        except OSError as error:
            unreadable = self._unreadable(self.root / folder, None, error.strerror or str(error))
            if not folder:
                raise Rejected(unreadable) from error
            problems.append(unreadable)
            return
        for item in items:
            if item.name.startswith("."):
                continue
            path = folder + item.name
            is_link = item.is_symlink()
            if item.is_dir(follow_symlinks=False) or (is_link and Path(item.path).is_dir()):
                real = os.path.realpath(item.path)
                if is_link and not Path(real).is_relative_to(above[0]):
                    reason = "it leads out of the catalog through a symbolic link"
                    problems.append(self._unreadable(self.root / path, None, reason))
                elif real not in above:
                    yield from self._below(f"{path}/", problems, (*above, real))
            else:
                yield path


def find_root(start: Path, configuration: Configuration, paths: Iterable[str]) -> Path:
    """The catalog's folder, which need not exist, for a command that is given `paths` in the folder `start`.

    It is the configured one, else the folder (or the folder of the file) in `paths`, else `templates` beside the
    configuration.
    """
    default = configuration.catalog or configuration.root / DEFAULT_CATALOG
    for given in paths:
        path = Path(os.path.normpath(start / given))
        if default.is_dir():
            located = Catalog(default, start).locate(given)
            # A name, something in the catalog, or the folder around it (`msgc check .`).
            if not path.exists() or located.is_relative_to(default) or default.is_relative_to(located):
                return default
        if path.is_dir():
            return path
        if path.suffix in DEFINITION_SUFFIXES and path.exists():
            return path.parent
    return default


def _why_not(relative: Path) -> str:
    if any(part.startswith("_") for part in relative.parts):
        return "names that begin with `_` are fragments and macros, which definitions include"
    if any(part.startswith(".") for part in relative.parts):
        return "hidden files are left out"
    if relative.name.endswith(TEST_SUFFIXES):
        return f"the ending {relative.suffixes[-2]}{relative.suffix} is for tests"
    if not relative.name.endswith(DEFINITION_SUFFIXES):
        return f"definitions end in {' or '.join(DEFINITION_SUFFIXES)}"
    return "another file makes a definition of this name"


def _is_definition(relative: str) -> bool:
    is_yaml = relative.endswith(DEFINITION_SUFFIXES) and not relative.endswith(TEST_SUFFIXES)
    return is_yaml and not relative.startswith("_") and "/_" not in relative
