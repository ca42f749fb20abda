"""The output folder of a build: written whole or not at all, and cleaned of what an earlier build left."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

MANIFEST = ".msgc-manifest.json"
MAX_MANIFEST = 64 << 20
"""The size of a manifest in bytes: a million files and their digests."""


class OutputError(Exception):
    """The output folder cannot be written; the text says why and what to do."""


def write_output(folder: Path, files: Mapping[str, bytes], *, complete: bool) -> int:
    """Writes files (names with `/`) below a folder, and removes those of earlier builds.

    With `complete` the files are all that the catalog gives; else earlier files stay. Only files that the manifest
    names, with the content that it knows, are ever removed. Everything is written beside its place first and then
    moved there, so that a full disk or a wrong permission changes nothing. Returns how many files were removed.
    Raises OutputError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        earlier = _read_manifest(folder)
        known = earlier | {name: _digest(data) for name, data in files.items()}
        stale = sorted(earlier.keys() - files.keys()) if complete else []
        _refuse_obstacles(folder, files)
        with _staging(folder) as staged:
            for name, data in files.items():
                _write(staged / name, data)
            # Should the rest be cut short, the next build still knows all files as msgc's own.
            _write_manifest(folder, known)
            for name in files:
                _move(staged / name, folder / name)
        removed = sum(_remove(folder, name, earlier[name]) for name in stale)
        if stale:
            _write_manifest(folder, {name: digest for name, digest in known.items() if name not in stale})
    except OSError as error:
        reason = "it is a file" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror or error
        raise OutputError(f"{folder} cannot be written: {reason}; choose another folder with `-o`") from error
    return removed


def umask() -> int:
    """The permissions that this process's new files go without."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _read_manifest(folder: Path) -> dict[str, str]:
    path = folder / MANIFEST
    damaged = OutputError(f"{path} is damaged; remove {folder} and build again")
    try:
        state = path.lstat()
        if not stat.S_ISREG(state.st_mode) or state.st_size > MAX_MANIFEST:
            raise damaged  # a pipe would never end, and a link could lead anywhere
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):
        data = None
    files = data.get("files") if isinstance(data, dict) else None
    if not isinstance(files, dict) or not all(isinstance(digest, str) for digest in files.values()):
        raise damaged
    return {name: digest for name, digest in files.items() if name.endswith(".json") and _is_plain(name)}


def _is_plain(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not name.startswith("/") and ".." not in parts and "\0" not in name and "\\" not in name


def _refuse_obstacles(folder: Path, names: Iterable[str]) -> None:
    root = Path(os.path.realpath(folder))
    for name in names:
        path = folder / name
        if path.is_dir():
            raise OutputError(
                f"{path} is a folder, and a payload file is to stand there; remove it, or choose another `-o`"
            )
        for parent in path.parents:
            if parent == folder:
                break
            if parent.exists() and not parent.is_dir():
                raise OutputError(
                    f"{parent} is a file, and a folder is to stand there; remove it, or choose another `-o`"
                )
        if not Path(os.path.realpath(path.parent)).is_relative_to(root):
            raise OutputError(f"{path.parent} leads out of {folder} through a symbolic link; remove it")


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    staged = Path(tempfile.mkdtemp(dir=folder, prefix=".msgc-"))
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # A file that stays the same keeps its time, so that tools which watch it stay quiet.
    if not (target.is_file() and target.read_bytes() == source.read_bytes()):
        os.replace(source, target)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write_manifest(folder: Path, files: Mapping[str, str]) -> None:
    data = (json.dumps({"version": 1, "files": dict(sorted(files.items()))}, indent=2) + "\n").encode()
    with _staging(folder) as staged:
        _write(staged / MANIFEST, data)
        _move(staged / MANIFEST, folder / MANIFEST)


def _remove(folder: Path, name: str, digest: str) -> int:
    path = folder / name
    if not Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(folder)):
        return 0
    try:
        if path.is_symlink() or not path.is_file() or _digest(path.read_bytes()) != digest:
            return 0  # somebody else's, or changed by somebody else
        path.unlink()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return 0
    parent = path.parent
    while parent != folder and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent
    return 1
