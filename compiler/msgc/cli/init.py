"""`msgc init`: a working catalog, with editor, hook and CI set-up."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click

from msgc.catalog import DEFAULT_CATALOG
from msgc.cli.session import Session, Unusable, shared_options
from msgc.emit import pretty
from msgc.report import escape
from msgc.resources import data_folder
from msgc.skeletons import SCHEMA_FILE, skeleton

_CONFIGURATION = """\
# Settings of msgc; every key is optional.
syntax = 1
catalog = {catalog}
# sender = "+14151111234"
# locale = "en"
"""
_HOOK = """\
repos:
  - repo: local
    hooks:
      - id: msgc-check
        name: msgc check
        entry: msgc check
        language: system
        pass_filenames: false
        files: {files}
"""
_WORKFLOW = """\
name: messages
on:
  push:
  pull_request:
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install msgc
      - run: msgc check
"""
_IGNORED = (b"out/", b".msgc/")


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--bare", is_flag=True, help="One small message instead of the starter catalog.")
@click.option("--no-editor", is_flag=True, help="Leave out `.vscode/settings.json`.")
@click.option("--no-hook", is_flag=True, help="Leave out `.pre-commit-config.yaml`.")
@click.option("--no-ci", is_flag=True, help="Leave out the GitHub workflow.")
@shared_options("config")
def command(session: Session, folder: Path, bare: bool, no_editor: bool, no_hook: bool, no_ci: bool) -> None:
    """Make a working catalog in FOLDER (default: here). Files that are there already are left as they are.

    Only the schema for editors, which is generated, is made anew, and `.gitignore` gets the lines that it lacks.

    \b
    msgc init
    msgc init --bare --catalog messages ../shop
    """
    project = session.project_without_catalog(folder.absolute())
    root = project.configuration.root if project.configuration.path is not None else None
    is_configured = root == Path(os.path.abspath(folder))
    name = _catalog_name(session, folder, project.configuration.catalog if is_configured else None)
    files = _files(name, bare=bare, editor=not no_editor, hook=not no_hook, workflow=not no_ci)
    if is_configured:
        del files["msgc.toml"]
    try:
        kept = [file for file, data in files.items() if not _write_new(folder / file, data)]
        (folder / name / SCHEMA_FILE).write_bytes(pretty(project.authoring_schema()))
        _ignore(folder / ".gitignore")
    except OSError as error:
        shown = error.filename or folder
        raise Unusable(f"{shown} cannot be written: {error.strerror or error}; choose another folder") from error
    if kept:
        session.say(f"{len(kept)} {'file was' if len(kept) == 1 else 'files were'} there already and left alone")
    for file in kept if session.verbose else ():
        session.say(f"kept {folder / file}")
    made = len(files) - len(kept) + 1
    session.say(f"{made} file{'' if made == 1 else 's'} written to {folder}; next: `msgc check`, then `msgc build`")


def _catalog_name(session: Session, folder: Path, configured: Path | None) -> str:
    """The catalog's folder below the new project: `--catalog`, else the configured one, else the default."""
    if session.catalog is not None:
        chosen = session.catalog
    elif configured is not None:
        chosen = Path(os.path.relpath(configured, folder))
    else:
        chosen = Path(DEFAULT_CATALOG)
    name = Path(os.path.normpath(chosen)).as_posix()
    if chosen.is_absolute() or name.split("/")[0] in ("..", ".") or escape(name) != name:
        raise Unusable("the catalog of `init` is a folder inside the new project, such as `--catalog messages`")
    return name


def _files(name: str, *, bare: bool, editor: bool, hook: bool, workflow: bool) -> dict[str, bytes]:
    """What `init` writes, by its path below the project's folder."""
    files = {"msgc.toml": _CONFIGURATION.format(catalog=json.dumps(name, ensure_ascii=False)).encode()}
    if bare:
        files[f"{name}/welcome.yaml"] = skeleton("text").encode()
    else:
        starter = data_folder("templates")
        for source in sorted(path for path in starter.rglob("*") if path.is_file()):
            if not source.name.startswith("."):
                files[f"{name}/{source.relative_to(starter).as_posix()}"] = source.read_bytes()
    if editor:
        schema = {f"./{name}/{SCHEMA_FILE}": [f"{name}/**/*.yaml", f"!{name}/**/_*", f"!{name}/**/*.test.yaml"]}
        files[".vscode/settings.json"] = (json.dumps({"yaml.schemas": schema}, indent=2) + "\n").encode()
    if hook:
        pattern = json.dumps(f"^{re.escape(name)}/", ensure_ascii=False)
        files[".pre-commit-config.yaml"] = _HOOK.format(files=pattern).encode()
    if workflow:
        files[".github/workflows/messages.yml"] = _WORKFLOW.encode()
    return files


def _write_new(path: Path, data: bytes) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as stream:
            stream.write(data)
    except FileExistsError:
        return False
    return True


def _ignore(path: Path) -> None:
    """Payloads and run files do not belong into git; what else is ignored stays as it is."""
    before = path.read_bytes() if path.exists() else b""
    missing = [line for line in _IGNORED if line not in before.split()]
    if missing:
        gap = b"" if not before or before.endswith(b"\n") else b"\n"
        path.write_bytes(before + gap + b"".join(line + b"\n" for line in missing))
