"""Asking: what a result depends on in the files of its catalog, as questions that can be asked again.

Everything that the check of a definition takes from a catalog's files comes as the answer to a question: the bytes of a
file, the file behind a path in an `$include` or `import`, the list of all definitions. "There is no such file" is an
answer too. A result holds for as long as each of its questions has the same answer.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, TypeVar

from msgc.catalog import DEFINITION_SUFFIXES, Catalog, Entry
from msgc.decode import MAX_BYTES
from msgc.diagnostic import Diagnostic, Rejected
from msgc.digest import digest, digest_of_words
from msgc.source import Span

Answer = TypeVar("Answer")
Question: TypeAlias = tuple[str, str]
"""What is asked, and of which file: to read it (by its path from the root), the template or fragment behind its name,
or all entries (of no file)."""

TEMPLATE, FRAGMENT, READ, ENTRIES = "template", "fragment", "read", "entries"
_SUFFIXES = {TEMPLATE: (".j2",), FRAGMENT: DEFINITION_SUFFIXES}
_UNSTABLE = ""  # no digest is empty, so nothing that depends on it is ever the same again
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class Asker:
    """Asks a catalog, and remembers the questions with a digest of each answer.

    From its first beginning it is for one run: folders are then taken to stay where they are, and the definitions to
    be the same.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.prefix = catalog.prefix
        self._root = catalog.root.as_posix().rstrip("/")
        self._is_run = False
        self._answers: dict[Question, str] = {}
        self._asked: set[Question] = set()
        self._inside: dict[str, bool] = {}
        self._entries: tuple[list[Entry], list[Diagnostic]] | None = None

    def begin(self) -> None:
        """From here on other questions count."""
        self._is_run = True
        self._asked = set()

    def facts(self) -> dict[Question, str]:
        """The questions since the last beginning, with the digests of their answers.

        An empty digest is that of an answer that has changed meanwhile.
        """
        return {question: self._answers[question] for question in sorted(self._asked)}

    def note(self, kind: str, name: str) -> None:
        """A question is asked again whose answer somebody has kept."""
        if (kind, name) in self._answers:
            self._asked.add((kind, name))

    def question(self, entry: Entry) -> Question:
        """The question for the file of a definition."""
        return READ, entry.shown[len(self.prefix) :]

    def definition(self, entry: Entry) -> bytes:
        """The bytes of a definition's file. Raises `Rejected` as `Catalog.read` does."""
        return self._read(self.question(entry)[1])

    def _read(self, name: str) -> bytes:
        return self._ask((READ, name), lambda: self._bytes(f"{self._root}/{name}"), digest)

    def template(self, reference: str, span: Span | None) -> tuple[Path, bytes]:
        """The file behind the name of a `.j2` file, and its bytes. Raises `Rejected` at `span`."""
        return self._shared(TEMPLATE, reference, span)

    def fragment(self, reference: str, span: Span | None) -> tuple[Path, bytes]:
        """The file behind the name of a fragment, and its bytes. Raises `Rejected` at `span`."""
        return self._shared(FRAGMENT, reference, span)

    def entries(self) -> tuple[list[Entry], list[Diagnostic]]:
        """All definitions, and what is wrong with the folder. Raises `Rejected` as `Catalog.entries` does."""
        if self._entries is not None:
            self._asked.add((ENTRIES, ""))
            return self._entries
        found = self._ask((ENTRIES, ""), self.catalog.entries, lambda all_: digest_of_words(e.shown for e in all_[0]))
        self._entries = found if self._is_run else None
        return found

    def again(self, question: Question) -> tuple[str, bytes | None]:
        """The digest of a question's answer now, and the bytes that it gives, if any. ValueError for no question."""
        kind, name = question
        data: bytes | None = None
        try:
            if kind == READ:
                data = self._read(name)
            elif kind in _SUFFIXES:
                data = self._shared(kind, name, None)[1]
            elif kind == ENTRIES:
                self.entries()
            else:
                raise ValueError(f"`{kind}` is no question")
        except Rejected:
            pass
        return self._answers[question], data

    def _bytes(self, path: str) -> bytes:
        """A file's bytes, as `Catalog.read` gives them, but faster in a run for a plain file in a plain folder."""
        if self._is_run:
            folder, _, name = path.rpartition("/")
            inside = self._inside.get(folder)
            if inside is None:
                inside = self._inside[folder] = _is_plain(Path(folder), self.catalog.root)
            data = _read_plain(path) if inside and not name.startswith(".") else None
            if data is not None:
                return data
        return self.catalog.read(Path(path))

    def _shared(self, kind: str, reference: str, span: Span | None) -> tuple[Path, bytes]:
        def answer() -> tuple[Path, bytes]:
            path = self.catalog.resolve(reference, _SUFFIXES[kind], span)
            return path, self.catalog.read(path, span)

        return self._ask((kind, reference), answer, lambda found: digest(found[1]))

    def _ask(self, question: Question, answer: Callable[[], Answer], digest_of: Callable[[Answer], str]) -> Answer:
        try:
            found = answer()
        except Rejected as rejected:
            self._keep(question, "-" + digest_of_words(_words(rejected)))
            raise
        self._keep(question, digest_of(found))
        return found

    def _keep(self, question: Question, answered: str) -> None:
        known = self._answers.setdefault(question, answered)
        if known != answered:
            self._answers[question] = _UNSTABLE
        self._asked.add(question)


def _words(rejected: Rejected) -> list[str]:
    """What a refusal says, wherever it is said."""
    return [
        text
        for problem in rejected.diagnostics
        for text in (problem.rule, problem.message, problem.found or "", problem.allowed or "", problem.help or "")
    ]


def _is_plain(folder: Path, root: Path) -> bool:
    """Whether a folder is the catalog's or lies in it, with no link and nothing hidden on the way from there."""
    if not folder.is_relative_to(root):
        return False
    inside = folder.relative_to(root)
    if any(part.startswith(".") for part in inside.parts):
        return False
    return Path(os.path.realpath(folder)) == Path(os.path.realpath(root)) / inside


def _read_plain(path: str) -> bytes | None:
    """The bytes of a file that is no link and no pipe, up to one more than a file may have; else None."""
    if not hasattr(os, "O_NOFOLLOW"):
        return None
    try:
        handle = os.open(path, os.O_RDONLY | _NO_LINK)
    except (OSError, ValueError):
        return None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return None
        pieces, room = [], MAX_BYTES + 1
        while room > 0 and (piece := os.read(handle, min(room, found.st_size + 1))):
            pieces.append(piece)
            room -= len(piece)
        return b"".join(pieces)
    except OSError:
        return None
    finally:
        os.close(handle)
