"""`msgc new`: a definition to start from."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import click

from msgc.catalog import DEFINITION_SUFFIXES, Catalog
from msgc.cli.session import Session, Unusable, shared_options
from msgc.diagnostic import enumerate_words, nearest
from msgc.report import escape
from msgc.skeletons import KINDS, skeleton

_KINDS = "\n".join(f"    {name:<10}{what}" for name, what in KINDS.items())


@click.command(
    "new",
    help=f"""Write a new definition of KIND under NAME (such as `orders/shipped`) into the catalog.

    \b
    Kinds:
{_KINDS}

    \b
    msgc new list orders/choose-return
    """,
)
@click.argument("kind")
@click.argument("name")
@shared_options()
def command(session: Session, kind: str, name: str) -> None:
    """Write a new definition; the help text above says more."""
    if kind not in KINDS:
        close = nearest(kind, KINDS)
        hint = f"did you mean `{close}`?" if close else f"there are {enumerate_words(list(KINDS), 'and')}"
        raise Unusable(f"there is no kind `{kind}`; {hint}")
    project = session.project()
    catalog = project.catalog
    pure = _name(catalog, name)
    taken = [entry for entry in catalog.entries()[0] if entry.name.casefold() == str(pure).casefold()]
    if taken:
        raise Unusable(f"{taken[0].shown} is there already; choose another name")
    path = catalog.root / f"{pure}.yaml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(skeleton(kind, depth=len(pure.parts) - 1))
    except FileExistsError as error:
        raise Unusable(f"{catalog.shown(path)} cannot be written: there is something of that name") from error
    except OSError as error:
        raise Unusable(f"{catalog.shown(path)} cannot be written: {error.strerror or error}") from error
    shown = catalog.shown(path)
    session.say(f"{shown} written; edit it, then run `msgc check {pure}`")


def _name(catalog: Catalog, given: str) -> PurePosixPath:
    """The name of a definition that is to be, from a name or a path into the catalog. Raises `Unusable`."""
    text = given.replace(os.sep, "/")
    path = Path(os.path.normpath(catalog.shown_from / text))
    if path.suffix in DEFINITION_SUFFIXES and path.is_relative_to(catalog.root) and path != catalog.root:
        text = path.relative_to(catalog.root).as_posix()
    for suffix in DEFINITION_SUFFIXES:
        text = text.removesuffix(suffix)
    pure = PurePosixPath(text)
    if pure.is_absolute() or ".." in pure.parts or not pure.parts:
        raise Unusable(
            f"`{given}` is not a name in the catalog {catalog.shown(catalog.root)}; write it like orders/shipped"
        )
    if any(part.startswith((".", "_")) for part in pure.parts):
        raise Unusable(f"`{given}`: names that begin with `.` or `_` are not definitions; choose another")
    if pure.name.endswith(".test"):
        raise Unusable(f"`{given}`: names that end in `.test` are not definitions; choose another")
    if escape(text) != text or "\\" in text:
        raise Unusable(f"`{given}` holds a character that a name cannot have; use letters, digits, `-`, `_` and `/`")
    return pure
