"""Judging ready-made payloads: JSON files, JSON lists and JSON Lines, one payload after the other.

The contract's verdict is the same as for a definition; a finding points into the payload's own file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, BinaryIO

from msgc.contract import Contract, Place, RequestKind
from msgc.decode import decode_text
from msgc.diagnostic import Diagnostic, Rejected, Related
from msgc.document import Path
from msgc.load_json import MAX_JSON_BYTES, load_json, locate_json, parse_json
from msgc.payload import pointer
from msgc.rows.row import Piece
from msgc.rules import finding
from msgc.source import Source, Span
from msgc.validate import CLOSED, Violation, check_value
from msgc.verify import without_echoes
from msgc.wording import describe

LINES_SUFFIXES = (".jsonl", ".ndjson")
MAX_FINDINGS = 1_000
"""After so many findings in one file the rest is counted and not kept."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How many payloads a file holds, and what is wrong with them."""

    count: int
    diagnostics: tuple[Diagnostic, ...]


def judge_file(path: FilePath, name: str, contract: Contract) -> Judged:
    """Judges every payload of a file; `name` is the file's name in reports. Never raises for what it holds."""
    try:
        with path.open("rb") as stream:
            return judge_stream(stream, name, contract, lines=path.suffix in LINES_SUFFIXES)
    except OSError as error:
        reason = error.strerror or str(error)
        return Judged(0, (finding("unreadable-file", f"{name} cannot be read: {reason}", file=name),))


def judge_stream(stream: BinaryIO, name: str, contract: Contract, *, lines: bool) -> Judged:
    """Judges the payloads in a stream: JSON Lines if `lines`, else one JSON value (a payload or a list of them)."""
    problems: list[Diagnostic] = []
    count = 0
    try:
        for count, (value, source, base) in enumerate(_payloads(stream, name, problems, lines=lines), start=1):
            if len(problems) < MAX_FINDINGS:
                problems += judge_payload(value, source, base, contract, row=count if lines or base else None)
    except Rejected as rejected:
        problems += rejected.diagnostics
    if count == 0 and not problems:
        problems.append(
            finding(
                "no-payload",
                f"{name} holds no payload",
                file=name,
                help="write a payload, or a list of payloads",
            )
        )
    return Judged(count, tuple(problems))


def judge_payload(value: Any, source: Source, base: Path, contract: Contract, *, row: int | None) -> list[Diagnostic]:
    """What is wrong with the payload that stands at the path `base` of a JSON text."""

    def span(path: Path) -> Span:
        return source.span(*locate_json(source.text, (*base, *path)))

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
    kind: RequestKind = "templated" if "templateName" in value and "message" not in value else "session"
    problems = []
    for violation in without_echoes(contract.judge(kind, value, recipient=True)):
        words = describe(violation, _parent_place(contract, kind, violation))
        others = [other for other in violation.extra.get("places", ()) if other != violation.path]
        problems.append(
            Diagnostic(
                **words,
                span=span(violation.path),
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


def _payloads(
    stream: BinaryIO, name: str, problems: list[Diagnostic], *, lines: bool
) -> Iterator[tuple[Any, Source, Path]]:
    if lines:
        for number, raw in enumerate(stream, start=1):
            if not raw.strip():
                continue
            try:
                text = decode_text(raw.rstrip(b"\r\n"), name, MAX_JSON_BYTES).text
                piece = Piece(name, text, number)
                yield parse_json(piece), piece, ()
            except Rejected as rejected:
                if len(problems) < MAX_FINDINGS:
                    problems += rejected.diagnostics
        return
    document = load_json(stream.read(MAX_JSON_BYTES + 1), name)
    if isinstance(document.data, list):
        for index, value in enumerate(document.data):
            yield value, document.source, (index,)
    else:
        yield document.data, document.source, ()
