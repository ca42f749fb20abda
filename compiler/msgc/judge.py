"""Judging ready-made payloads: JSON files, JSON lists and JSON Lines, one payload after the other.

The contract's verdict is the same as for a definition; a finding points into the payload's own file.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, BinaryIO

from msgc.contract import Contract, Place, RequestKind, kind_of
from msgc.diagnostic import Diagnostic, Rejected, Related, Severity, Unshown, sentence
from msgc.document import Path
from msgc.load_json import MAX_JSON_BYTES, load_json, locate_json, parse_json
from msgc.payload import pointer
from msgc.rows.lines import Lines
from msgc.rows.row import Piece
from msgc.rules import finding
from msgc.source import Source, Span
from msgc.validate import CLOSED, Violation, check_value
from msgc.verify import without_echoes
from msgc.wording import describe

_MISSING = frozenset({"required", "anyOf", "oneOf"})
LINES_SUFFIXES = (".jsonl", ".ndjson")
_KEY_BEFORE = re.compile(r'("(?:[^"\\]|\\.)*")[ \t\r\n]*:[ \t\r\n]*\Z')
MAX_FINDINGS = 1_000
"""After so many findings in one file the rest is counted and not shown."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How many payloads a file holds, and what is wrong with them."""

    count: int
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class ReadPayload:
    """A payload as it was read: its value, and where in which text it stands.

    `row` is its line in JSON Lines, its number in a list, None where it is the only one. `refused` says why it could
    not be read, and then there is no value.
    """

    value: Any
    source: Source
    base: Path
    row: int | None
    refused: list[Diagnostic]

    def span(self, path: Path = ()) -> Span:
        """Where the value at a path of the payload stands."""
        return self.source.span(*locate_json(self.source.text, (*self.base, *path)))


def judge_file(path: FilePath, name: str, contract: Contract) -> Judged:
    """Judges every payload of a file; `name` is the file's name in reports. Never raises for what it holds."""
    try:
        with path.open("rb") as stream:
            return judge_stream(stream, name, contract, lines=path.suffix.lower() in LINES_SUFFIXES)
    except OSError as error:
        help_ = "name a file with a payload" if path.is_dir() else "check the path, and whether you may read it"
        reason = error.strerror or str(error)
        problem = finding("unreadable-file", f"`{name}` cannot be read: {reason}", file=name, help=help_)
        return Judged(0, (problem,))


def judge_stream(stream: BinaryIO, name: str, contract: Contract, *, lines: bool | None = None) -> Judged:
    """Judges the payloads in a stream: JSON Lines if `lines`, else one JSON value (a payload or a list of them).

    Where nothing says which of the two it is (None), a first line that is a JSON object on its own makes it JSON Lines.
    Findings count rows as the file does: lines of JSON Lines, items of a list, both from 1.
    """
    problems: list[Diagnostic] = []
    count = 0
    left_out: Counter[Severity] = Counter()
    try:
        for read in read_payloads(stream, name, lines):
            count += 1
            found = read.refused or judge_payload(read.value, read, contract)
            if len(problems) < MAX_FINDINGS:
                problems += found
            else:
                left_out.update(problem.severity for problem in found)
    except Rejected as rejected:
        problems += rejected.diagnostics
    problems += more_findings(left_out, name, "mend those that are shown, and judge it again")
    if count == 0 and not problems:
        problems.append(
            finding(
                "no-payload",
                f"there is no payload in {name}",
                file=name,
                help="write a payload, or a list of payloads",
            )
        )
    return Judged(count, tuple(problems))


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
    unfit = check_value(value)
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

    def readline(self, limit: int) -> bytes:
        """The next line, or the part of it that fits `limit` bytes."""
        first, self._first = self._first[:limit], self._first[limit:]
        return first or self._stream.readline(limit)

    def read(self, limit: int) -> bytes:
        """Up to `limit` bytes."""
        first, self._first = self._first, b""
        return first + self._stream.read(max(0, limit - len(first)))


def read_payloads(stream: BinaryIO, name: str, lines: bool | None) -> Iterator[ReadPayload]:
    """Every payload of a stream; what `lines` says is told at `judge_stream`.

    Raises `Rejected` for what is wrong with the whole file.
    """
    first = stream.readline(MAX_JSON_BYTES + 1)
    resumed = _Resumed(first, stream)
    if lines or (lines is None and _is_object(first)):
        yield from _lines(Lines(resumed, name))
        return
    document = load_json(resumed.read(MAX_JSON_BYTES + 1), name)
    if isinstance(document.data, list):
        for index, value in enumerate(document.data):
            yield ReadPayload(value, document.source, (index,), index + 1, [])
    else:
        yield ReadPayload(document.data, document.source, (), None, [])


def _lines(lines: Lines) -> Iterator[ReadPayload]:
    while True:
        piece = Piece(lines.name, "")
        try:
            read = lines.read()
            if read is None:
                return
            piece = Piece(lines.name, read[1].rstrip("\r\n"), lines.number)
            if piece.text.strip():
                yield ReadPayload(parse_json(piece), piece, (), lines.number, [])
        except Rejected as rejected:
            found = [replace(problem, row=lines.number) for problem in rejected.diagnostics]
            yield ReadPayload(None, piece, (), lines.number, found)
            if any(problem.rule == "data-format" for problem in found):
                return  # the line is too long, and what follows is the rest of it


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
