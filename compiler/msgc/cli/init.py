"""`msgc init`: a working catalog, with editor, hook and CI set-up."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from msgc.cli.session import Session, shared_options
from msgc.emit import pretty
from msgc.pipeline import DEFAULT_CATALOG
from msgc.resources import data_folder
from msgc.skeletons import SCHEMA_FILE, skeleton

_CONFIGURATION = """\
# Settings of msgc; every key is optional.
syntax = 1
catalog = "{catalog}"
# sender = "+14151111234"
# locale = "en"
"""
_EDITOR = """\
{{
  "yaml.schemas": {{
    "./{catalog}/.msgc.schema.json": ["{catalog}/**/*.yaml", "!{catalog}/**/_*", "!{catalog}/**/*.test.yaml"]
  }}
}}
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
        files: ^{catalog}/
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
        with: {{python-version: "3.12"}}
      - run: pip install msgc
      - run: msgc check
"""
_IGNORED = ("out/", ".msgc/")


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option("--bare", is_flag=True, help="One small message instead of the starter catalog.")
@click.option("--no-editor", is_flag=True, help="Leave out `.vscode/settings.json`.")
@click.option("--no-hook", is_flag=True, help="Leave out `.pre-commit-config.yaml`.")
@click.option("--no-ci", is_flag=True, help="Leave out the GitHub workflow.")
@shared_options
def command(session: Session, folder: Path, bare: bool, no_editor: bool, no_hook: bool, no_ci: bool) -> None:
    """Make a working catalog in FOLDER (default: here). Files that are there already are left as they are."""
    name = session.catalog.as_posix() if session.catalog is not None else DEFAULT_CATALOG
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise click.UsageError("`--catalog` of `init` is a folder inside the new project, such as `messages`")
    catalog = folder / name
    schema = session.project_without_catalog().authoring_schema()
    files: dict[Path, bytes] = {folder / "msgc.toml": _CONFIGURATION.format(catalog=name).encode()}
    if bare:
        files[catalog / "welcome.yaml"] = skeleton("text").encode()
    else:
        starter = data_folder("templates")
        for source in sorted(path for path in starter.rglob("*") if path.is_file()):
            if not source.name.startswith("."):
                files[catalog / source.relative_to(starter)] = source.read_bytes()
    files[catalog / SCHEMA_FILE] = pretty(schema)
    if not no_editor:
        files[folder / ".vscode" / "settings.json"] = _EDITOR.format(catalog=name).encode()
    if not no_hook:
        files[folder / ".pre-commit-config.yaml"] = _HOOK.format(catalog=name).encode()
    if not no_ci:
        files[folder / ".github" / "workflows" / "messages.yml"] = _WORKFLOW.format().encode()
    try:
        kept = [path for path, data in files.items() if not _write_new(path, data)]
        _ignore(folder / ".gitignore")
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be written: {error.strerror}") from error
    for path in kept:
        session.say(f"kept {path}: it was there already")
    made = len(files) - len(kept)
    session.say(f"{made} file{'' if made == 1 else 's'} written to {folder}; next: `msgc check`, then `msgc build`")
    if shutil.which("git") and not (folder / ".git").exists() and session.verbose:
        session.say("hint: `git init` makes the history that a catalog lives in")


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
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    missing = [line for line in _IGNORED if line not in lines]
    if missing:
        path.write_text("\n".join([*lines, *missing]) + "\n", encoding="utf-8", newline="\n")
