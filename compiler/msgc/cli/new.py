"""`msgc new`: a definition to start from."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import click

from msgc.catalog import DEFINITION_SUFFIXES
from msgc.cli.session import Session, shared_options
from msgc.skeletons import KINDS, skeleton


@click.command("new")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("name")
@shared_options
def command(session: Session, kind: str, name: str) -> None:
    """Write a new definition of KIND under NAME (such as `orders/shipped`) into the catalog."""
    project = session.project()
    for suffix in DEFINITION_SUFFIXES:
        name = name.removesuffix(suffix)
    pure = PurePosixPath(name.replace(os.sep, "/"))
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        raise click.UsageError(f"`{name}` is not a name in the catalog; write it like `orders/shipped`")
    if any(part.startswith((".", "_")) for part in pure.parts):
        raise click.UsageError("names that begin with `.` or `_` are not definitions")
    taken = [entry for entry in project.entries()[0] if entry.name.casefold() == str(pure).casefold()]
    if taken:
        raise click.UsageError(f"{taken[0].shown} is there already")
    path = project.catalog.root / f"{pure}.yaml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(skeleton(kind, depth=len(pure.parts) - 1))
    except FileExistsError as error:
        raise click.UsageError(f"{project.catalog.shown(path)} is there already") from error
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror or error}") from error
    shown = Path(project.catalog.shown(path))
    session.say(f"{shown} written; edit it, then run `msgc check {shown}`")
