"""Remembering: the findings of each definition, for as long as everything that they depend on is the same.

The memory of a catalog is one JSON file in a folder that may be deleted at any time. It holds digests of content and
findings, no other text: what a finding points to is read from the catalog again. A memory that is missing, damaged,
another version's, somebody else's or not writable is none; the findings are the same without it.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from msgc import __version__
from msgc.ask import Asker, Question
from msgc.catalog import Entry
from msgc.configuration import Configuration
from msgc.decode import readable
from msgc.diagnostic import Diagnostic, Related
from msgc.digest import digest, digest_of_sources, digest_of_words
from msgc.resources import PAYLOAD_FILE, SWAGGER_FILE, data_folder
from msgc.source import Source, Span

FORMAT = "msgc-memory-1"
MAX_BYTES = 64 << 20
"""A memory that is larger is not kept."""
MAX_CATALOGS = 32
"""How many memories a folder holds: those of the catalogs that were checked last."""
_UNREPEATABLE = frozenset(("too-costly",))
"""Rules whose findings depend on the machine and the moment."""
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600

_MALFORMED = (ValueError, TypeError, KeyError, IndexError)
"""What reading data raises that has not the form in which it was written."""

_Known = list[Any]
"""Of a definition: the digest of its file, the numbers of its other answers, its findings."""


class Memory:
    """What is remembered of a catalog, as `asker` asks it.

    `folder` holds the memories of all catalogs; `context` is the digest of all that findings depend on beside the
    catalog's files, None where that cannot be told: then nothing is remembered.
    """

    def __init__(self, folder: Path, context: str | None, asker: Asker) -> None:
        catalog = asker.catalog
        name = digest_of_words([str(catalog.root), str(catalog.shown_from)])
        self._folder, self._file = folder, folder / f"{name}.json"
        self._context, self._asker = context, asker
        self._answers: list[tuple[Question, str]] = []
        self._numbers: dict[tuple[Question, str], int] = {}
        self._opening: list[int] | None = None
        self._known: dict[str, _Known] = {}
        self._same: dict[int, bool] = {}
        self._read: dict[str, bytes] = {}  # what shared files hold, by the names that reports show
        self._is_new = False
        if context is not None:
            self._take(_load(folder, self._file))

    @property
    def knows_opening(self) -> bool:
        """Whether the project has been opened before, with everything as it is now, and nothing was wrong."""
        try:
            return self._opening is not None and self._hold(self._opening)
        except _MALFORMED:
            return False

    def recall(self, entry: Entry) -> list[Diagnostic] | None:
        """The findings of a definition, if they are remembered and still right."""
        known = self._known.get(entry.shown)
        if known is None:
            return None
        try:
            own, others, findings = known
            found, data = self._asker.again(self._asker.question(entry))
            if found != own or not self._hold(others):
                return None
            files = self._read if data is None or not findings else {**self._read, entry.shown: data}
            return decode(findings, files)
        except _MALFORMED:
            return None

    def keep_opening(self, facts: Mapping[Question, str]) -> None:
        """The project could be opened, and that depends on these answers."""
        self._opening = self._numbered(facts)
        self._is_new = True

    def keep(self, entry: Entry, findings: Iterable[Diagnostic], facts: Mapping[Question, str]) -> None:
        """The findings of a definition depend on these answers. What cannot be told again from them is not kept."""
        findings = list(findings)
        own = self._asker.question(entry)
        self._known.pop(entry.shown, None)
        self._is_new = True
        if own not in facts or not all(facts.values()):
            return
        if any(finding.rule in _UNREPEATABLE for finding in findings):
            return
        plain: list[Any] = []
        if findings:
            try:
                plain = json.loads(json.dumps(encode(findings)))
                files = self._files(facts)
                if decode(plain, files) != findings:
                    return
            except _MALFORMED:
                return
        others = {question: answer for question, answer in facts.items() if question != own}
        self._known[entry.shown] = [facts[own], self._numbered(others), plain]

    @property
    def is_new(self) -> bool:
        """Whether anything is remembered that is not written down."""
        return self._is_new and self._context is not None

    def save(self, entries: Iterable[Entry], context: str | None) -> None:
        """Write down what is remembered of `entries`, all definitions of the catalog.

        `context` is the context by now: if it has changed, nobody knows which of the two the findings are true of.
        """
        if context is None or context != self._context:
            return
        try:
            body = self._body([entry.shown for entry in entries])
        except _MALFORMED:
            return
        _store(self._folder, self._file, json.dumps(body, separators=(",", ":")).encode())

    def _body(self, names: Iterable[str]) -> dict[str, Any]:
        """What is written down: of the definitions in these files, and the answers that they depend on."""
        known = {name: self._known[name] for name in names if name in self._known}
        used = sorted({number for each in known.values() for number in each[1]} | set(self._opening or ()))
        renumbered = {number: index for index, number in enumerate(used)}
        return {
            "context": self._context,
            "answers": [[*question, answer] for question, answer in (self._answers[number] for number in used)],
            "opening": None if self._opening is None else [renumbered[number] for number in self._opening],
            "known": {
                name: [own, [renumbered[number] for number in others], findings]
                for name, (own, others, findings) in known.items()
            },
        }

    def _take(self, body: Any) -> None:
        try:
            if body["context"] != self._context:
                return
            answers = [((kind, name), answer) for kind, name, answer in body["answers"]]
            self._known = {**body["known"]}
            self._opening = body["opening"]
        except _MALFORMED:
            return
        self._answers = answers
        self._numbers = {answer: number for number, answer in enumerate(answers)}

    def _numbered(self, facts: Mapping[Question, str]) -> list[int]:
        numbers = []
        for fact in facts.items():
            if fact not in self._numbers:
                self._numbers[fact] = len(self._answers)
                self._answers.append(fact)
            numbers.append(self._numbers[fact])
        return numbers

    def _hold(self, numbers: Iterable[int]) -> bool:
        """Whether these answers are still the same."""
        return all(self._holds(number) for number in numbers)

    def _holds(self, number: int) -> bool:
        same = self._same.get(number)
        if same is None:
            question, answer = self._answers[number]
            found, data = self._asker.again(question)
            same = self._same[number] = found == answer
            if data is not None:
                self._read[self._shown(question)] = data
        return same

    def _files(self, facts: Mapping[Question, str]) -> dict[str, bytes]:
        """What the files hold that were asked for, if it still is what they were asked for."""
        files = {}
        for question, answer in facts.items():
            found, data = self._asker.again(question)
            if data is not None and found == answer:
                files[self._shown(question)] = data
        return files

    def _shown(self, question: Question) -> str:
        return self._asker.prefix + PurePosixPath(question[1]).as_posix()


def context_of(configuration: Configuration) -> str | None:
    """The digest of all that the findings of a catalog depend on beside its files; None where that cannot be told.

    It covers msgc itself, Python, the installed distributions, the configuration and the contract's files.
    """
    try:
        folder = configuration.schemas or data_folder("schemas")
        contract = [folder / PAYLOAD_FILE]
        if configuration.overlays:
            contract = [folder / SWAGGER_FILE, *sorted(folder.glob("*.overlay.yaml")), *configuration.overlays]
        files = [word for path in contract for word in (str(path), digest(path.read_bytes()))]
        words = [FORMAT, *_msgc(), sys.version, sys.platform, *_distributions(), repr(configuration), *files]
    except (OSError, ValueError):
        return None
    return digest_of_words(words)


def _msgc() -> list[str]:
    package = Path(__file__).parent
    record = package.parent / f"msgc-{__version__}.dist-info" / "RECORD"
    # An installed msgc has a list of its files with their digests; a checkout may change without another version.
    listed = record.read_text(encoding="utf-8") if record.is_file() else digest_of_sources(str(package))
    return [__version__, listed]


def _distributions() -> list[str]:
    """The names, which hold the versions, of all that is installed where Python looks for modules."""
    found = []
    for folder in sys.path:
        with contextlib.suppress(OSError):
            found += sorted(name for name in os.listdir(folder or os.curdir) if name.endswith(("-info", ".egg-link")))
    return found


def encode(findings: Iterable[Diagnostic]) -> list[Any]:
    """Findings as plain JSON data, without the text of the files that they point to."""
    return [
        [
            finding.rule,
            finding.severity,
            finding.message,
            _place(finding.span),
            finding.file,
            finding.row,
            finding.definition,
            finding.example,
            finding.pointer,
            finding.found,
            finding.allowed,
            finding.source,
            finding.help,
            [[_place(related.span), related.message] for related in finding.related],
            finding.suppressed,
        ]
        for finding in findings
    ]


def decode(findings: Iterable[Any], files: Mapping[str, bytes]) -> list[Diagnostic]:
    """The findings again; `files` are the bytes of files by the names that reports show.

    Raises ValueError, TypeError or KeyError for what `encode` has not made, or for a file that is not among them.
    """
    sources: dict[str, Source] = {}

    def span(place: Any) -> Span | None:
        if place is None:
            return None
        name, start, end = place
        if name not in sources:
            sources[name] = readable(files[name], name)
        if not 0 <= start <= end <= len(sources[name].text):
            raise ValueError(f"{name} ends before {end}")
        return Span(sources[name], start, end)

    answer: list[Diagnostic] = []
    for finding in findings:
        rule, severity, message, place, file, row, definition, example, at, found, allowed, source, help_, *rest = (
            finding
        )
        related, suppressed = rest
        near = []
        for other, words in related:
            where = span(other)
            if where is None:
                raise ValueError("a related place is nowhere")
            near.append(Related(where, words))
        told = Diagnostic(
            rule=rule,
            severity=severity,
            message=message,
            span=span(place),
            file=file,
            row=row,
            definition=definition,
            example=example,
            pointer=at,
            found=found,
            allowed=allowed,
            source=source,
            help=help_,
            related=tuple(near),
            suppressed=suppressed,
        )
        answer.append(told)
    return answer


def _place(span: Span | None) -> list[Any] | None:
    return None if span is None else [span.file, span.start, span.end]


def _load(folder: Path, path: Path) -> Any:
    """What a memory's file holds; None unless it is whole, and its folder and it are this user's alone to write."""
    try:
        if not _is_own(os.lstat(folder), stat.S_ISDIR):
            return None
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as stream:
            found = os.fstat(handle)
            if not _is_own(found, stat.S_ISREG) or found.st_size > MAX_BYTES:
                return None
            head, _, body = stream.read(MAX_BYTES).partition(b"\n")
        if head != _head(body):
            return None
        return json.loads(body)
    except (OSError, ValueError, RecursionError, MemoryError):
        return None


def _store(folder: Path, path: Path, body: bytes) -> None:
    """Put a memory in the place of the one before, whole or not at all."""
    if len(body) >= MAX_BYTES:
        return
    half = folder / f"{path.stem}.{os.getpid()}-{os.urandom(4).hex()}.half"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(_PRIVATE_FOLDER)
        if not _is_own(os.lstat(folder), stat.S_ISDIR):
            return
        try:
            handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), _PRIVATE_FILE)
            with os.fdopen(handle, "wb") as stream:
                stream.write(_head(body) + b"\n" + body)
            half.replace(path)
        except OSError:
            half.unlink(missing_ok=True)
            raise
        _forget_old(folder)
    except (OSError, ValueError):
        return


def _forget_old(folder: Path) -> None:
    """Remove the memories that were written longest ago, and what a run has left half written."""
    with os.scandir(folder) as listing:
        files = [(item.stat(follow_symlinks=False).st_mtime, item.path) for item in listing if item.is_file()]
    for _, path in sorted(files)[:-MAX_CATALOGS]:
        Path(path).unlink(missing_ok=True)


def _head(body: bytes) -> bytes:
    return f"{FORMAT} {digest(body)}".encode()


def _is_own(found: os.stat_result, is_kind: Any) -> bool:
    """Whether it is of the right kind, and nobody but this user can have written it."""
    if not is_kind(found.st_mode):
        return False
    if not hasattr(os, "geteuid"):  # Windows, where the folder's own access list decides
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
