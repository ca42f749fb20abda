"""Revisions of a git repository, read without touching its checkout: the only room that starts git.

A repository may be anybody's: only plumbing commands are run, which need neither hooks nor filters nor the index, and
no program or address that its configuration names is used. Files become plain files in a private folder.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from msgc.cli.session import Unusable

_TIMEOUT = 60.0
_MAX_FILE = 16 * 1024 * 1024
_MAX_TOTAL = 512 * 1024 * 1024
_MAX_FILES = 50_000
_ABSENT = "not all of its files are here; `git fetch` may get them"
_HASH = re.compile(rb"[0-9a-f]{40,64}")
# What a user may have set to let git work at all. Everything else of git's is left out: a hook that runs msgc has
# variables that make git look at another repository or index.
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES",
         "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH")  # fmt: skip
_SAFE = {
    "GIT_ALLOW_PROTOCOL": "none",  # an object that is not here is not fetched from anywhere
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
_OPTIONS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager")


@dataclass(frozen=True, slots=True)
class Range:
    """The two sides of a comparison; `after` None is the working tree.

    With `merge_base` the earlier side is the commit at which both have parted.
    """

    before: str
    after: str | None
    merge_base: bool = False


def read_range(text: str | None) -> Range:
    """`REV`, `A..B` or `A...B`, where an empty side is HEAD; without text HEAD and the working tree."""
    if text is None:
        return Range("HEAD", None)
    for dots in ("...", ".."):
        before, found, after = text.partition(dots)
        if found:
            return Range(before or "HEAD", after or "HEAD", dots == "...")
    return Range(text, None)


@dataclass(frozen=True)
class Repository:
    """A git repository. `top` is its working tree's folder, with links resolved."""

    top: Path
    environ: Mapping[str, str]

    def commit(self, revision: str) -> str:
        """The hash of a revision's commit. Raises `Unusable` with what to do where there is none."""
        if revision.startswith("-") or "\0" in revision or "\n" in revision or not revision:
            raise Unusable(f"`{revision}` is no revision: it must not begin with a dash")
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        found = done.stdout.strip()
        if done.returncode == 0 and _HASH.fullmatch(found):
            return found.decode()
        raise Unusable(self._why_unknown(revision))

    def merge_base(self, before: str, after: str) -> str:
        """The commit at which two have parted. Raises `Unusable` where they have nothing in common."""
        done = self._run("merge-base", before, after)
        found = done.stdout.split(b"\n")[0]
        if done.returncode == 0 and _HASH.fullmatch(found):
            return found.decode()
        hint = "; this clone is shallow: `git fetch --unshallow` gets the rest" if self._is_shallow() else ""
        raise Unusable(f"the two revisions have no commit in common{hint}; compare them with `..`")

    def extract(self, commit: str, paths: Iterable[str], target: Path) -> None:
        """Write the files of a commit at or below some paths (from the top, `/` between parts) into a folder.

        Regular files become regular files, symbolic links stay links and are made last, so that nothing is written
        through one; submodules are left out. Raises `Unusable` where git or the commit has not what is asked for.
        """
        entries = [entry for path in paths for entry in self._tree(commit, path)]
        files = [entry for entry in entries if entry.mode in ("100644", "100755", "100664")]
        if len(files) > _MAX_FILES or sum(min(entry.size, _MAX_FILE) for entry in files) > _MAX_TOTAL:
            raise Unusable("the catalog of that revision has more files than msgc compares")
        small = [entry for entry in files if entry.size <= _MAX_FILE]
        links = [entry for entry in entries if entry.mode == "120000" and entry.size < os.pathconf("/", "PC_PATH_MAX")]
        blobs = self._blobs(dict.fromkeys(entry.hash for entry in (*small, *links)))
        for entry in small:
            _write(target, entry.path, blobs[entry.hash])
        for entry in files:
            if entry.size > _MAX_FILE:
                _write(target, entry.path, b" " * (1024 * 1024 + 1))  # too large either way, and told as such
        for entry in links:
            place = _place(target, entry.path)
            if place is not None and not os.path.lexists(place):
                _link(place, blobs[entry.hash])

    def _tree(self, commit: str, path: str) -> Iterator[_Entry]:
        done = self._run("ls-tree", "-r", "-z", "-l", "--full-tree", commit, *(["--", path] if path else []))
        if done.returncode:
            raise Unusable(self._failed("its files cannot be listed", done))
        for line in done.stdout.split(b"\0"):
            head, tab, name = line.partition(b"\t")
            if not tab:
                continue
            mode, kind, found, size = head.split()
            if kind == b"blob":
                if not size.isdigit():
                    raise Unusable(self._failed(_ABSENT, done))
                yield _Entry(os.fsdecode(name), mode.decode(), found, int(size))

    def _blobs(self, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        wanted = list(hashes)
        if not wanted:
            return {}
        done = self._run("cat-file", "--batch", given=b"".join(each + b"\n" for each in wanted))
        found: dict[bytes, bytes] = {}
        at = 0
        for each in wanted:
            end = done.stdout.find(b"\n", at)
            head = done.stdout[at:end].split() if end >= 0 else []
            if len(head) != 3 or head[1] != b"blob":
                raise Unusable(self._failed(_ABSENT, done))
            size = int(head[2])
            found[each] = done.stdout[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found

    def _why_unknown(self, revision: str) -> str:
        if self._run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").returncode:
            return "the repository has no commit yet, so that there is nothing to compare with: commit first"
        shown = f"git knows no revision `{revision}`"
        if self._is_shallow():
            return f"{shown} in this shallow clone; get more with `git fetch --unshallow` (in CI: `fetch-depth: 0`)"
        names = "; names of definitions stand behind `--`, as in `msgc diff HEAD -- orders/shipped`"
        return f"{shown}; `git branch --all` and `git log` show what there is{names}"

    def _is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"

    def _failed(self, what: str, done: subprocess.CompletedProcess[bytes]) -> str:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        return f"the revision cannot be read: {what}{f' (git says: {said})' if said else ''}"

    def _run(self, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return _run_git(self.top, self.environ, *words, given=given)


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    mode: str
    hash: bytes
    size: int


def find_repository(folder: Path, environ: Mapping[str, str]) -> Repository:
    """The repository that a folder lies in. `environ` are the variables to start git with.

    Raises `Unusable` where there is no git or no repository, or where git does not trust it.
    """
    clean = {name: value for name, value in environ.items() if not name.startswith("GIT_") or name in _KEPT} | _SAFE
    done = _run_git(folder, clean, "rev-parse", "--show-toplevel")
    if done.returncode == 0 and done.stdout.strip():
        return Repository(Path(os.path.realpath(os.fsdecode(done.stdout.removesuffix(b"\n")))), clean)
    said = done.stderr.decode("utf-8", "replace")
    if "dubious ownership" in said or "safe.directory" in said:
        raise Unusable(
            "git does not trust this repository, which belongs to somebody else; "
            "`git config --global --add safe.directory PATH` tells it to"
        )
    if "not a git repository" in said or not said.strip():
        raise Unusable("this is no git repository, so that there is nothing to compare with; `git init` makes one")
    raise Unusable(f"git cannot be asked about this folder (git says: {said.strip().splitlines()[0]})")


def _run_git(
    folder: Path, environ: Mapping[str, str], *words: str, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("git", path=environ.get("PATH"))
    if program is None:
        raise Unusable("`msgc diff` needs git, and there is no program of that name; install it")
    try:
        return subprocess.run(  # noqa: S603 - git itself, with words that are no options of its own
            [program, *_OPTIONS, *words],
            cwd=folder,
            env=dict(environ),
            input=given,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unusable(f"git has not answered within {_TIMEOUT:.0f} seconds") from error
    except OSError as error:
        raise Unusable(f"git cannot be started: {error.strerror or error}") from error


def _place(target: Path, name: str) -> Path | None:
    """Where a file of a tree belongs; None for a name that no tree should have."""
    parts = PurePosixPath(name).parts
    odd = {"", ".", ".."}
    if name.startswith("/") or odd.intersection(name.split("/")) or any(part.lower() == ".git" for part in parts):
        return None
    if os.sep != "/" and (os.sep in name or ":" in name):
        return None
    return target.joinpath(*parts)


def _link(place: Path, to: bytes) -> None:
    with contextlib.suppress(OSError):  # of a tree that no git would make
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.fsdecode(to))


def _write(target: Path, name: str, data: bytes) -> None:
    place = _place(target, name)
    if place is None:
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except (FileExistsError, NotADirectoryError):
        return  # a tree with two entries of one name, or a file system that takes two names for one
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
