"""The output folder of a build: written whole or not at all, and cleaned of what an earlier build left."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

MANIFEST = ".msgc-manifest.json"


class OutputError(Exception):
    """The output folder cannot be written; the text says why and what to do."""


def write_output(folder: Path, files: Mapping[str, bytes], *, complete: bool) -> int:
    """Writes files (names with `/`) below a folder, each atomically, and removes those of earlier builds.

    With `complete` the files are all that the catalog gives; else earlier files stay. Only files that the manifest
    names are ever removed. Returns how many were. Raises OutputError before anything is changed where it can.
    """
    _refuse_clashes(files)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        earlier = _read_manifest(folder)
        for name, data in files.items():
            _write(folder, name, data)
        stale = sorted(earlier - set(files)) if complete else []
        removed = sum(_remove(folder, name) for name in stale)
        listed = sorted(files) if complete else sorted({*earlier, *files})
        _write(folder, MANIFEST, (json.dumps({"version": 1, "files": listed}, indent=2) + "\n").encode())
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written: {error.strerror or error}; choose another folder with `-o`"
        ) from error
    return removed


def _refuse_clashes(files: Mapping[str, bytes]) -> None:
    seen: dict[str, str] = {}
    for name in files:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise OutputError(f"two payloads would be written to one file: {other} and {name}; rename an example")


def _read_manifest(folder: Path) -> set[str]:
    try:
        data = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return set()
    except ValueError:
        data = None
    names = data.get("files") if isinstance(data, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise OutputError(f"{folder / MANIFEST} is damaged; remove {folder} and build again")
    inside = {name for name in names if not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts}
    return {name for name in inside if name.endswith(".json")}


def _write(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_bytes() == data:
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".msgc-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _remove(folder: Path, name: str) -> int:
    path = folder / name
    try:
        path.unlink()
    except FileNotFoundError:
        return 0
    parent = path.parent
    while parent != folder and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent
    return 1
