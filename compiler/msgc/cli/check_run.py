"""A run of `msgc check` over definitions: what is remembered is recalled, the rest is checked by several processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgc.ask import Asker, Question
from msgc.catalog import Catalog, Entry, find_root
from msgc.cli.memory_folder import memory_folder
from msgc.cli.session import Session, Unusable
from msgc.diagnostic import Diagnostic, Rejected
from msgc.remember import Memory, context_of

if TYPE_CHECKING:
    from msgc.check import Checked
    from msgc.coverage import Record
    from msgc.pipeline import Project

Check: TypeAlias = "Callable[[Project, Entry, Record | None], Checked]"
Result: TypeAlias = tuple[list[Diagnostic], dict[Question, str]]
"""The findings of a definition, and the answers that they depend on."""

_ALONE = 24
"""So many definitions are checked before work is spread: what all processes need is then loaded in each."""
_WORTH = 40
"""With fewer left than this, starting processes takes longer than they save."""
_PIECE = 16


class CheckRun:
    """The catalog of a run and, once something must be checked, the project.

    Without `remember` nothing is recalled, and nothing kept. Exits with 2 where there is no project.
    """

    def __init__(self, session: Session, paths: tuple[str, ...], *, remember: bool) -> None:
        self._session, self._paths = session, paths
        self._configuration = session.read_configuration()
        self._project: Project | None = None
        self._memory = self._open_memory() if remember else None
        known = self._memory is not None and self._memory.knows_opening
        self.catalog = self._catalog() if known else self.project.catalog
        session.show(self._configuration, self.catalog)

    @property
    def project(self) -> Project:
        """The project, opened when it is first wanted."""
        if self._project is None:
            self._project = self._session.open(self._configuration, self._session.root, self._paths)
            asker = self._project.library.asker
            if self._memory is not None:
                self._memory.keep_opening(asker.facts())
            asker.begin()
        return self._project

    def check(
        self, entries: Sequence[Entry], check: Check, jobs: int, record: Record | None = None
    ) -> Iterator[list[Diagnostic]]:
        """The findings of each definition, in order. `record` keeps what examples go through, in this process."""
        recalled: dict[str, list[Diagnostic] | None] = {}
        if self._memory is not None and record is None:
            recalled = {entry.shown: self._memory.recall(entry) for entry in entries}
        missing = [entry for entry in entries if recalled.get(entry.shown) is None]
        results = self._checked(missing, check, 1 if record is not None else jobs, record)
        for entry in entries:
            if self._session.verbose:
                self._session.say(f"checking {entry.shown}")
            found = recalled.get(entry.shown)
            if found is None:
                found, facts = next(results)
                if self._memory is not None:
                    self._memory.keep(entry, found, facts)
            yield found

    def save(self) -> None:
        """Remember what has been found."""
        if self._memory is None or not self._memory.is_new:
            return
        try:
            self._memory.save(self.catalog.entries()[0], context_of(self._configuration))
        except Rejected:
            return

    def _catalog(self) -> Catalog:
        start = Path.cwd()
        return Catalog(self._session.root or find_root(start, self._configuration, self._paths), start)

    def _open_memory(self) -> Memory | None:
        catalog = self._catalog()
        folder = memory_folder(os.environ, catalog.root)
        if folder is None or not catalog.root.is_dir():
            return None
        asker = Asker(catalog)
        asker.begin()
        return Memory(folder, context_of(self._configuration), asker)

    def _checked(self, entries: Sequence[Entry], check: Check, jobs: int, record: Record | None) -> Iterator[Result]:
        def work(piece: Sequence[Entry]) -> list[Result]:
            return [self._checked_here(entry, check, record) for entry in piece]

        first, others = entries[:_ALONE], entries[_ALONE:]
        if jobs == 1 or len(others) < _WORTH:
            first, others = entries, []
        for entry in first:
            yield self._checked_here(entry, check, record)
        if not others:
            return
        from msgc.jobs import LostWorker, spread  # only large catalogs want them

        pieces = [others[start : start + _PIECE] for start in range(0, len(others), _PIECE)]
        try:
            for results in spread(work, pieces, jobs):
                yield from results
        except LostWorker as lost:
            raise Unusable(str(lost)) from lost

    def _checked_here(self, entry: Entry, check: Check, record: Record | None) -> Result:
        asker = self.project.library.asker
        asker.begin()
        checked = check(self.project, entry, record)
        return list(checked.diagnostics), asker.facts()
