"""Judging ready-made payloads: JSON files, JSON lists and JSON Lines, one payload after the other.

The contract's verdict is the same as for a definition; a finding points into the payload's own file. What is plainly
good is read and accepted in microseconds; everything else goes the strict way, which knows places. JSON Lines are
judged in batches, which several processes can share; a list is one JSON text, and one process reads it.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, BinaryIO

from msgc.contract import KINDS, Contract, Place, RequestKind, kind_of
from msgc.decode import decode_text
from msgc.diagnostic import Diagnostic, Rejected, Related, Severity, Unshown, sentence
from msgc.document import Path, pointer
from msgc.echoes import without_echoes
from msgc.emit import reread_list, rereader
from msgc.jobs import spread
from msgc.load_json import MAX_JSON_BYTES, locate_json, parse_json
from msgc.rules import finding
from msgc.source import Source, Span
from msgc.validate import CLOSED, Violation, check_value
from msgc.wording import describe

if TYPE_CHECKING:
    from msgc.rows.lines import LineStream

_MISSING = frozenset({"required", "anyOf", "oneOf"})
LINES_SUFFIXES = (".jsonl", ".ndjson")
_KEY_BEFORE = re.compile(r'("(?:[^"\\]|\\.)*")[ \t\r\n]*:[ \t\r\n]*\Z')
MAX_FINDINGS = 1_000
"""After so many findings in one file the rest is counted and not shown."""
_BATCH = 512 * 1024
"""Bytes of JSON Lines that are judged together."""
_ENDLESS = 2 * 1024 * 1024
"""A line with more bytes than that is longer than a row may be, and is not read to its end."""
_FEW = 4
"""Fewer batches than that are judged before other processes have begun to."""

Progress = Callable[[int], None]
"""Is told of each part of a file that is judged: how many bytes it has."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How many payloads a file holds, and what is wrong with them."""

    count: int
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class ReadPayload:
    """A payload as it was read: its value, and where in which text it stands.

    `row` is its line in JSON Lines, its number in a list, None where it is the only one. `refused` says why it could
    not be read, and then there is no value. `is_sound` says that `check_value` is known to find nothing in the value.
    """

    value: Any
    source: Source
    base: Path
    row: int | None
    refused: list[Diagnostic]
    is_sound: bool = False

    def span(self, path: Path = ()) -> Span:
        """Where the value at a path of the payload stands."""
        return self.source.span(*locate_json(self.source.text, (*self.base, *path)))


def judge_file(
    path: FilePath, name: str, contract: Contract, *, jobs: int = 1, progress: Progress | None = None
) -> Judged:
    """Judges every payload of a file; `name` is the file's name in reports.

    Never raises for what it holds; `jobs` and `progress` are told of at `judge_stream`.
    """
    try:
        with path.open("rb") as stream:
            lines = path.suffix.lower() in LINES_SUFFIXES
            return judge_stream(stream, name, contract, lines=lines, jobs=jobs, progress=progress)
    except OSError as error:
        help_ = "name a file with a payload" if path.is_dir() else "check the path, and whether you may read it"
        reason = error.strerror or str(error)
        problem = finding("unreadable-file", f"`{name}` cannot be read: {reason}", file=name, help=help_)
        return Judged(0, (problem,))


def judge_stream(
    stream: BinaryIO,
    name: str,
    contract: Contract,
    *,
    lines: bool | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Judged:
    """Judges the payloads in a stream: JSON Lines if `lines`, else one JSON value (a payload or a list of them).

    Where nothing says which of the two it is (None), a first line that is a JSON object on its own makes it JSON Lines.
    Findings count rows as the file does: lines of JSON Lines, items of a list, both from 1. Up to `jobs` processes
    share the work. Raises `LostWorker` where one of them ends early.
    """
    found = _Found()
    problems: list[Diagnostic] = []
    try:
        resumed, is_lines = _open(stream, lines)
        if is_lines:
            _judge_lines(resumed, name, contract, found, jobs, progress)
        else:
            for read in _document(resumed, name):
                found.add(read.refused or judge_payload(read.value, read, contract))
    except Rejected as rejected:
        problems += rejected.diagnostics
    problems = [problem for each in found.kept for problem in each] + problems
    problems += more_findings(found.left_out, name, "mend those that are shown, and judge it again")
    if found.count == 0 and not problems:
        problems.append(
            finding(
                "no-payload",
                f"there is no payload in {name}",
                file=name,
                help="write a payload, or a list of payloads",
            )
        )
    return Judged(found.count, tuple(problems))


@dataclass(slots=True)
class _Found:
    """What is found in `count` payloads: all of it up to `MAX_FINDINGS`, and how much more there is.

    `is_over` says that nothing can be read behind the last of them.
    """

    count: int = 0
    kept: list[list[Diagnostic]] = field(default_factory=list)
    shown: int = 0
    left_out: Counter[Severity] = field(default_factory=Counter)
    is_over: bool = False

    def add(self, found: list[Diagnostic]) -> None:
        """Take in what was found in one more payload."""
        self.count += 1
        self._keep(found)

    def join(self, other: _Found) -> None:
        """Take in what was found in the payloads that follow."""
        self.count += other.count
        for found in other.kept:
            self._keep(found)
        self.left_out += other.left_out
        self.is_over = other.is_over

    def _keep(self, found: list[Diagnostic]) -> None:
        if not found:
            return
        if self.shown < MAX_FINDINGS:
            self.kept.append(found)
            self.shown += len(found)
        else:
            self.left_out.update(problem.severity for problem in found)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Whole lines of a file, with their breaks, behind `before` others."""

    before: int
    data: bytes


def _judge_lines(
    stream: _Resumed, name: str, contract: Contract, found: _Found, jobs: int, progress: Progress | None
) -> None:
    batches = _cut(stream)
    first = list(islice(batches, _FEW))
    judge = partial(_judge_batch, name=name, contract=contract)
    if len(first) == _FEW:
        for kind in KINDS:
            contract.acceptor(kind, recipient=True)  # every process inherits what is made now
    for size, judged in spread(judge, chain(first, batches), jobs if len(first) == _FEW else 1):
        found.join(judged)
        if progress is not None:
            progress(size)
        if judged.is_over:
            return  # and the generator, which nobody refers to any more, ends its processes


def _cut(stream: _Resumed) -> Iterator[_Batch]:
    before, rest = 0, b""
    while len(rest) <= _ENDLESS and (read := stream.read(_BATCH)):
        data = rest + read
        end = data.rfind(b"\n") + 1
        if end:
            yield _Batch(before, data[:end])
            before += data.count(b"\n")
        rest = data[end:]
    if rest:
        yield _Batch(before, rest)


def _judge_batch(batch: _Batch, *, name: str, contract: Contract) -> tuple[int, _Found]:
    """How many bytes a batch has, and what is found in its payloads."""
    found = _Found()
    lines = batch.data.split(b"\n")
    reread = rereader()
    acceptors: dict[RequestKind, Callable[[Any], bool]] = {}
    for index, line in enumerate(lines):
        if not line:
            continue
        value = reread(line)
        if isinstance(value, dict):
            kind = kind_of(value)
            accepts = acceptors.get(kind) or acceptors.setdefault(kind, contract.acceptor(kind, recipient=True))
            if accepts(value):
                found.count += 1
                continue
        whole = line if index == len(lines) - 1 else line + b"\n"
        for read in _lines(io.BytesIO(whole), name, batch.before + index):
            found.add(read.refused or judge_payload(read.value, read, contract))
            if _ends(read):
                found.is_over = True
                return len(batch.data), found
    return len(batch.data), found


def judge_payload(value: Any, read: ReadPayload, contract: Contract) -> list[Diagnostic]:
    """What is wrong with a payload, at its places in the file it was read from.

    `value` is the one that was read, or the same sent to somebody else.
    """
    source, row, span = read.source, read.row, read.span

    def key_span(path: Path) -> Span:
        start, _ = locate_json(source.text, (*read.base, *path))
        key = _KEY_BEFORE.search(source.text[:start])
        return source.span(key.start(1), key.end(1)) if key is not None else span(path)

    if not isinstance(value, dict):
        return [
            finding(
                "wrong-type",
                "a payload is an object",
                span(()),
                row=row,
                allowed="an object with `message` or `templateName`",
            )
        ]
    unfit = [] if read.is_sound and value is read.value else check_value(value)
    if unfit:
        return [
            finding("not-json", f"a value {reason}", span(path), row=row, pointer=pointer(path))
            for path, reason in unfit
        ]
    kind = kind_of(value)
    problems = []
    violations = without_echoes(contract.judge(kind, value, recipient=True))
    misspelt = {violation.path[:-1] for violation in violations if violation.keyword in CLOSED}
    for violation in violations:
        if violation.keyword in _MISSING and violation.path in misspelt:
            continue  # what is missing there is what has the wrong name
        words = describe(violation, _parent_place(contract, kind, violation))
        others = [other for other in violation.extra.get("places", ()) if other != violation.path]
        problems.append(
            Diagnostic(
                **words,
                span=key_span(violation.path) if violation.keyword in CLOSED else span(violation.path),
                row=row,
                pointer=pointer(violation.path) or None,
                related=tuple(Related(span(other), "and here") for other in others),
            )
        )
    return problems


def _parent_place(contract: Contract, kind: RequestKind, violation: Violation) -> Place | None:
    if violation.keyword not in CLOSED:
        return None
    place: Place | None = contract.request(kind)
    for step in violation.path[:-1]:
        place = None if place is None else place.item if isinstance(step, int) else place.field(str(step))
    return place


class _Resumed:
    """A stream whose first line has been read already, and is read again."""

    def __init__(self, first: bytes, stream: BinaryIO) -> None:
        self._first, self._stream = first, stream
        # The plain `read` waits for all that it may give, and meanwhile Ctrl-C can go unheard.
        self._read_once: Callable[[int], bytes] = getattr(stream, "read1", stream.read)

    def readline(self, limit: int) -> bytes:
        """The next line, or the part of it that fits `limit` bytes."""
        first, self._first = self._first[:limit], self._first[limit:]
        return first or self._stream.readline(limit)

    def read(self, limit: int) -> bytes:
        """Up to `limit` bytes, or the whole first line where it is longer."""
        parts, self._first = [self._first], b""
        left = limit - len(parts[0])
        while left > 0 and (read := self._read_once(left)):
            parts.append(read)
            left -= len(read)
        return b"".join(parts)


def _open(stream: BinaryIO, lines: bool | None) -> tuple[_Resumed, bool]:
    """The stream, and whether it holds JSON Lines."""
    first = stream.readline(MAX_JSON_BYTES + 1)
    return _Resumed(first, stream), lines or (lines is None and _is_object(first))


def read_payloads(stream: BinaryIO, name: str, lines: bool | None) -> Iterator[ReadPayload]:
    """Every payload of a stream; what `lines` says is told at `judge_stream`.

    Raises `Rejected` for what is wrong with the whole file.
    """
    resumed, is_lines = _open(stream, lines)
    yield from _lines(resumed, name) if is_lines else _document(resumed, name)


def _document(stream: _Resumed, name: str) -> Iterator[ReadPayload]:
    data = stream.read(MAX_JSON_BYTES + 1)
    source = decode_text(data, name, MAX_JSON_BYTES)
    known = rereader()(data) or reread_list(data)
    value = parse_json(source) if known is None else known
    is_sound = known is not None
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield ReadPayload(item, source, (index,), index + 1, [], is_sound)
    else:
        yield ReadPayload(value, source, (), None, [], is_sound)


def _lines(stream: LineStream, name: str, before: int = 0) -> Iterator[ReadPayload]:
    from msgc.rows.lines import Lines  # with all of data files, which most payloads that are judged never need
    from msgc.rows.row import Piece

    lines = Lines(stream, name, before)
    reread = rereader()
    while True:
        piece = Piece(lines.name, "")
        try:
            read = lines.read()
            if read is None:
                return
            piece = Piece(lines.name, read[1].rstrip("\r\n"), lines.number)
            known = reread(read[0])
            if known is not None:
                yield ReadPayload(known, piece, (), lines.number, [], is_sound=True)
            elif piece.text.strip():
                yield ReadPayload(parse_json(piece), piece, (), lines.number, [])
        except Rejected as rejected:
            found = [replace(problem, row=lines.number) for problem in rejected.diagnostics]
            refused = ReadPayload(None, piece, (), lines.number, found)
            yield refused
            if _ends(refused):
                return


def _ends(read: ReadPayload) -> bool:
    """Whether nothing can be read behind this one: its line is too long, and what follows is the rest of it."""
    return any(problem.rule == "data-format" for problem in read.refused)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def more_findings(left_out: Mapping[Severity, int], name: str, help_text: str) -> Iterator[Diagnostic]:
    """What is said of the findings in the file `name` that are not shown: one for each severity, with their number."""
    nouns: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
    for severity, noun in nouns.items():
        count = left_out.get(severity, 0)
        if count:
            verb = "is" if count == 1 else "are"
            words = f"{count:,} more {noun}{'' if count == 1 else 's'} in {name} {verb} not shown"
            help_ = sentence(help_text)
            yield Unshown("more-findings", severity, words, file=name, help=help_, count=count)
