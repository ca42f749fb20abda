"""The definitions that a command is asked to look at, and checking them under guard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgc.catalog import Catalog, Entry
from msgc.cli import interrupts
from msgc.diagnostic import Diagnostic, Rejected
from msgc.guard import TooSlow, guard
from msgc.rules import finding

if TYPE_CHECKING:
    from msgc.check import Checked
    from msgc.coverage import Record
    from msgc.pipeline import Project


def choose_entries(catalog: Catalog, given: Iterable[str]) -> tuple[list[Entry], list[Diagnostic]]:
    """The definitions that names, files and folders stand for (all where none is given), each once.

    Beside them stand the findings: names and folders that give none, and what is wrong with the catalog's folder
    where all of it is looked at. Raises `Rejected` where the catalog cannot be listed.
    """
    entries, problems = catalog.entries()
    paths = tuple(given)
    if not paths:
        root = catalog.shown(catalog.root)
        return entries, problems if entries else [*problems, _nothing_in(root)]
    chosen: dict[str, Entry] = {}
    found: list[Diagnostic] = []
    for path in paths:
        folder = catalog.locate(path)
        if folder.is_dir() and not any(entry.name == path for entry in entries):
            inside = [entry for entry in entries if entry.path.is_relative_to(folder)]
            if catalog.root.is_relative_to(folder):
                found += problems
            if not inside:
                found.append(_nothing_in(path))
            chosen |= {entry.name: entry for entry in inside}
            continue
        try:
            entry = catalog.find(path, entries)
            chosen[entry.name] = entry
        except Rejected as rejected:
            found += rejected.diagnostics
    return list(chosen.values()), found


def check_entry(project: Project, entry: Entry, record: Record | None = None) -> Checked:
    """A definition checked, with bounds on time and memory. `record` keeps what its examples go through."""
    interrupts.heed()
    try:
        with guard():
            (checked,) = project.check([entry], record)
            return checked
    except (TooSlow, MemoryError) as error:
        what = "time" if isinstance(error, TooSlow) else "memory"
        problem = finding(
            "too-costly",
            f"checking {entry.shown} takes more {what} than any message needs",
            file=entry.shown,
            definition=entry.name,
            help="look for long loops and very large values in it",
        )
        from msgc.check import Checked  # it brings the whole compiler

        return Checked(entry, None, (), (problem,))


def _nothing_in(folder: str) -> Diagnostic:
    return finding(
        "no-definitions",
        f"there are no definitions in {folder}",
        file=folder,
        help="`msgc new text NAME` writes one; definitions are `*.yaml` files whose names do not begin with `_`",
    )
