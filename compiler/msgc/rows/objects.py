"""Rows that are objects: JSON Lines, read line by line, and lists in JSON and YAML, read as a whole."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from msgc.diagnostic import Diagnostic, Rejected, sentence
from msgc.document import Document, Path
from msgc.load import MAX_BYTES, load_yaml
from msgc.load_json import MAX_JSON_BYTES, load_json, parse_json
from msgc.parameters import Parameters
from msgc.rows.columns import OWN_PREFIX, unknown_column
from msgc.rows.lines import MAX_ROW, Lines, lines_behind
from msgc.rows.recipient import check_recipient, no_recipient
from msgc.rows.reserve import Reserve
from msgc.rows.row import Batch, Block, Locate, Piece, Recipient, Row, Rows, batch_of
from msgc.rules import finding
from msgc.source import Span


def read_lines(
    stream: BinaryIO, name: str, parameters: Parameters, to_column: str | None, needs_recipient: bool
) -> Rows:
    """The rows of a JSON Lines file: one object a line; blank lines are left out but counted."""
    reader = _Reader(parameters, to_column, needs_recipient)
    return Rows(b"", "", (), _read_lines(Lines(stream, name), reader), _LineBlocks(stream, name, reader))


def _read_lines(lines: Lines, reader: _Reader) -> Iterator[Row]:
    while (line := lines.read()) is not None:
        raw, text = line
        if text.isspace():
            continue
        piece = Piece(lines.name, text, lines.number)
        locate = _locator(piece)
        try:
            item = parse_json(piece)
        except Rejected as rejected:
            problems = tuple(replace(problem, row=lines.number) for problem in rejected.diagnostics)
            yield Row(lines.number, lines.number, {}, None, raw, problems, locate, frozenset([()]))
            continue
        yield reader.row(lines.number, lines.number, item, raw, locate)


class _LineBlocks:
    """The rows of a JSON Lines file in blocks."""

    def __init__(self, stream: BinaryIO, name: str, reader: _Reader) -> None:
        self._reserve = Reserve(stream)
        self._name = name
        self._reader = reader

    @property
    def is_settled(self) -> bool:
        """Whether it is known if there are recipients, which the first row says."""
        return self._reader.expects_recipient is not None

    def cut(self, size: int) -> Iterator[Block]:
        """Blocks of about `size` bytes, to be iterated once. What cannot be read on is the last one."""
        reserve, line, wanted = self._reserve, 0, size
        while True:
            ahead = reserve.peek(wanted)
            if not ahead:
                return
            end = len(ahead) if len(ahead) < wanted else ahead.rfind(b"\n") + 1
            if end == 0 and wanted <= MAX_ROW:
                wanted += size
                continue
            wanted = size
            block = Block(reserve.take(end or len(ahead)), line, line, is_plain=True)
            yield block
            if end == 0:  # a line that is too long: where it is read, that is said
                return
            line += block.data.count(b"\n")

    def read(self, block: Block) -> Batch:
        """The rows of a block."""
        lines = lines_behind(io.BytesIO(block.data), self._name, block.line)
        before = frozenset(self._reader.reported)
        batch = batch_of(_read_lines(lines, self._reader))
        return replace(batch, news=frozenset(self._reader.reported - before))

    def learn(self, news: frozenset[str]) -> bool:
        """Takes in which keys somebody else was the first to report; False where one of them was reported before."""
        if news & self._reader.reported:
            return False
        self._reader.reported |= news
        return True


def _locator(piece: Piece) -> Locate:
    def locate(path: Path, is_key: bool) -> Span:
        try:
            document = load_json(piece.text.encode("utf-8"), piece.name)
        except Rejected:
            return piece.span(0, len(piece.text.rstrip()))
        span = document.key_span(path) if is_key else document.span(path)
        return piece.span(span.start, span.end)

    return locate


def read_json_list(
    stream: BinaryIO, name: str, parameters: Parameters, to_column: str | None, needs_recipient: bool
) -> Rows:
    """The rows of a JSON file that holds a list of objects. Raises `Rejected`."""
    data = stream.read(MAX_JSON_BYTES + 1)
    try:
        document = load_json(data, name)
    except Rejected as rejected:
        raise Rejected(*_named_better(rejected, data)) from None
    _demand_list(document)
    reader = _Reader(parameters, to_column, needs_recipient)
    return Rows(b"", "", (), _read_list(document, reader, parameters, is_yaml=False))


def _named_better(rejected: Rejected, data: bytes) -> Iterator[Diagnostic]:
    """The findings on a file that is not JSON; where its first lines are objects, it is JSON Lines."""
    lines = [line for line in data.split(b"\n", 2)[:2] if line.strip()]
    is_lines = len(lines) == 2 and all(_is_object(line) for line in lines)
    help_text = "the file is JSON Lines: name it .jsonl, or say `--data-format jsonl`"
    for problem in rejected.diagnostics:
        yield replace(problem, help=sentence(help_text)) if is_lines and problem.rule == "json-syntax" else problem


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def read_yaml_list(
    stream: BinaryIO, name: str, parameters: Parameters, to_column: str | None, needs_recipient: bool
) -> Rows:
    """The rows of a YAML file that holds a list of mappings. Raises `Rejected`."""
    document, warnings = load_yaml(stream.read(MAX_BYTES + 1), name)
    _demand_list(document)
    rows = _read_list(document, _Reader(parameters, to_column, needs_recipient), parameters, is_yaml=True)
    return Rows(b"", "", tuple(warnings), rows)


def _demand_list(document: Document) -> None:
    if not isinstance(document.data, list):
        kind = "an object" if isinstance(document.data, dict) else "a single value"
        help_text = "write a list of objects, one for each row"
        message = f"the file holds {kind}, not a list of rows"
        raise Rejected(finding("data-format", message, document.source.span(0), help=help_text))


def _read_list(document: Document, reader: _Reader, parameters: Parameters, *, is_yaml: bool) -> Iterator[Row]:
    for index, item in enumerate(document.data):
        locate = _item_locator(document, index)
        if not is_yaml or not isinstance(item, dict):
            yield reader.row(index + 1, locate((), False).line, item, b"", locate)
            continue
        # Only what belongs to parameters is theirs to judge; an alias may stand for the same item twice.
        known = {key: value for key, value in item.items() if key in parameters.names}
        values, problems = parameters.coerce(Document(document.source, {index: known}, document.nodes), (index,))
        texts = {reader.recipient: _texts(document, (index, reader.recipient))} if reader.recipient in item else {}
        row = reader.row(index + 1, locate((), False).line, {**item, **values, **texts}, b"", locate)
        found = (replace(problem, row=index + 1) for problem in problems)
        yield replace(row, problems=(*row.problems, *found))


def _texts(document: Document, path: Path) -> Any:
    """The recipient as it is written: an unquoted `+16044441111` is a number to YAML, but keeps its plus."""
    value: Any = document.data
    for step in path:
        value = value[step]
    if isinstance(value, dict):
        return {key: _texts(document, (*path, key)) for key in value}
    text = document.node(path).text
    return text if isinstance(value, int | float) and text is not None else value


def _item_locator(document: Document, index: int) -> Locate:
    def locate(path: Path, is_key: bool) -> Span:
        return document.key_span((index, *path)) if is_key else document.span((index, *path))

    return locate


class _Reader:
    """Makes rows of objects. Keys that are not used are found once each."""

    def __init__(self, parameters: Parameters, to_column: str | None, needs_recipient: bool) -> None:
        self._names = set(parameters.names)
        self.recipient = to_column or "recipient"
        # The first row says whether there are recipients: a row that lacks one must not get somebody else's.
        self.expects_recipient: bool | None = True if to_column is not None else None
        self.reported: set[str] = set()
        self._needs_recipient = needs_recipient

    def row(self, number: int, line: int, item: object, raw: bytes, locate: Locate) -> Row:
        """The row of one item of the file."""
        if not isinstance(item, dict):
            help_text = 'write an object: {"name": "value"}'
            problem = finding("data-row", "the row is not an object", locate((), False), row=number, help=help_text)
            return Row(number, line, {}, None, raw, (problem,), locate, frozenset([()]), item)
        problems: list[Diagnostic] = []
        if self.expects_recipient is None:
            self.expects_recipient = self.recipient in item
            if self._needs_recipient and not self.expects_recipient:
                problems.append(self._no_recipient(item, number, locate))
        problems += self._unknown(item, number, locate)
        recipient: Recipient | None = None
        if self.expects_recipient or self.recipient in item:
            recipient, refused = check_recipient(
                item.get(self.recipient), lambda: locate((self.recipient,), False), number
            )
            problems += [refused] if refused is not None else []
        values = {key: value for key, value in item.items() if key in self._names}
        return Row(number, line, values, recipient, raw, tuple(problems), self._named(locate), item=item)

    def _named(self, locate: Locate) -> Locate:
        """A recipient under another key is found there."""
        if self.recipient == "recipient":
            return locate
        return lambda path, is_key: locate((self.recipient, *path[1:]) if path[:1] == ("recipient",) else path, is_key)

    def _no_recipient(self, item: Mapping[str, Any], number: int, locate: Locate) -> Diagnostic:
        names = [*item]
        spans = [locate((name,), True) for name in names] or [locate((), False)]
        problem, meant = no_recipient(names, [*item.values()], spans)
        if meant is not None:
            self.reported.add(names[meant])  # one cause, one finding
        return replace(problem, row=number, span=problem.span if meant is not None else locate((), False))

    def _unknown(self, item: Mapping[str, Any], number: int, locate: Locate) -> Iterator[Diagnostic]:
        for key in item:
            if key.startswith(OWN_PREFIX) and key not in self._names:
                continue
            if key not in self._names and key != self.recipient and key not in self.reported:
                self.reported.add(key)
                span = locate((key,), True)
                known = [*self._names, self.recipient]
                alone = not self.expects_recipient
                yield unknown_column(key, span, known, noun="key", row=number, is_only_one=alone)
