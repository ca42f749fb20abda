"""The messages that `msgc send` is asked for: one, those of a data file, or ready-made payloads; each verified."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from msgc.check import Checked
from msgc.cli.render import load_definition
from msgc.cli.row_batches import MadeBatch, compile_batches
from msgc.cli.send_options import Options
from msgc.cli.session import Session, Unusable
from msgc.cli.values import example_values, open_data, set_values
from msgc.contract import kind_of
from msgc.diagnostic import Diagnostic
from msgc.emit import compact, parsed
from msgc.fallback import fallback_values
from msgc.judge import LINES_SUFFIXES, ReadPayload, judge_payload, read_payloads
from msgc.pipeline import CompiledBatch, Project, readdressed
from msgc.rows import Row, Rows, open_rows
from msgc.rules import finding
from msgc.send.prepare import Ready, recipient_of, sender_of
from msgc.source import Span

_PAYLOADS_LABEL = "payloads"
"""Not the file's name: a copy of a file holds the same messages."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message, or None where the findings on its row speak against it. `row` is its row in a data file."""

    ready: Ready | None
    problems: tuple[Diagnostic, ...]
    number: int
    locate: Callable[[], Span | None]
    row: Callable[[], Row] | None = None


@dataclass(frozen=True, slots=True)
class Messages:
    """What there is to send: `label` names it in the register, `data` is the file it comes from.

    `warnings` are about all of it; `rows` is the opened data file, for a copy of what is refused.
    """

    candidates: Iterator[Candidate]
    label: str
    definition: str | None
    data: str | None
    warnings: tuple[Diagnostic, ...] = ()
    rows: Rows | None = None


@contextlib.contextmanager
def open_messages(session: Session, project: Project, options: Options) -> Iterator[Messages]:
    """The messages that are asked for, compiled and verified one by one as they are taken.

    Raises `Rejected` for a file or a definition that cannot be used, also while they are taken, and `Unusable`.
    """
    if options.payloads is not None:
        given = options.payloads
        lines = True if given.lower().endswith(LINES_SUFFIXES) else None
        with open_data(given, "json") as (stream, shown, _):
            payloads = read_payloads(stream, shown, lines)
            yield Messages(_of_payloads(project, payloads, options.to), _PAYLOADS_LABEL, None, shown)
        return
    assert options.name is not None
    checked = load_definition(session, project, options.name)
    definition = checked.definition
    assert definition is not None
    fallback = _fallback(project, checked) if options.allow_fallback else None
    warnings = tuple(project.settle(checked, checked.diagnostics))
    if options.data is None:
        candidates = _single(project, checked, fallback, options)
        yield Messages(candidates, definition.name, definition.name, None, warnings)
        return
    with open_data(options.data, options.data_format) as (stream, shown, kind):
        alone = not {name for name, _ in definition.body.entries} & {"recipient", "number"}
        opened = open_rows(stream, shown, kind, definition.parameters, options.to_column, needs_recipient=alone)
        of_file = tuple(_demanded(project.settle(checked, opened.warnings)))
        is_told = any(each.rule == "no-recipient" for each in of_file)
        maker = _Maker(project, checked, fallback, is_told=is_told)
        batches = compile_batches(session, project, checked, opened, stream, options.jobs, maker.of_rows)
        with contextlib.closing(batches):
            yield Messages(_of_rows(batches), definition.name, definition.name, shown, (*warnings, *of_file), opened)


def _fallback(project: Project, checked: Checked) -> Checked:
    definition = checked.definition
    assert definition is not None
    if definition.fallback is None:
        raise Unusable(f"`--allow-fallback`: the definition `{definition.name}` names no `fallback`")
    fallback = project.read_fallback(definition)
    if fallback is None or fallback.definition is None:
        raise Unusable(
            f"`--allow-fallback`: `{definition.fallback}` cannot be used; "
            f"`msgc check {definition.name} {definition.fallback}` says why"
        )
    return fallback


def _single(project: Project, checked: Checked, fallback: Checked | None, options: Options) -> Iterator[Candidate]:
    definition = checked.definition
    assert definition is not None
    values = example_values(definition, options.example) if options.example is not None else {}
    values = set_values(values, options.settings, definition)
    payload, problems = project.compile(definition, values, to=options.to, example=options.example)
    problems = project.settle(checked, problems)
    if payload is not None and recipient_of(definition.kind, payload) is None:
        raise Unusable("say who gets the message with `--to`, as in `--to +16044441111`")
    if any(problem.severity == "error" for problem in problems):
        payload = None
    message = _Maker(project, checked, fallback).message(
        1, values, None if payload is None else compact(payload), problems, lambda: None
    )
    yield Candidate(message.ready, message.problems, message.number, lambda: None)


class _Message(NamedTuple):
    """What a `Candidate` says, as far as it can be handed over by another process."""

    number: int
    ready: Ready | None
    problems: tuple[Diagnostic, ...]


class _Maker:
    """Makes messages of what was compiled of a definition.

    `is_told` says that a finding speaks of recipients already, so that no row needs to say that it has none.
    """

    def __init__(self, project: Project, checked: Checked, fallback: Checked | None, *, is_told: bool = False) -> None:
        assert checked.definition is not None
        self._project = project
        self._definition = checked.definition
        self._fallback = fallback
        self._is_told = is_told

    def of_rows(self, compiled: CompiledBatch) -> list[_Message]:
        """The messages of a batch of rows."""
        return [self._of_row(compiled, index, payload) for index, payload in enumerate(compiled.payloads)]

    def _of_row(self, compiled: CompiledBatch, index: int, payload: bytes | None) -> _Message:
        batch, told = compiled.batch, compiled.told.get(index)
        number, values = batch.numbers[index], batch.values[index]
        problems: list[Diagnostic] = []
        if told is not None:
            values = told.row.values
            problems = _demanded(told.problems)
            self._is_told = self._is_told or any(problem.rule == "no-recipient" for problem in problems)
        assert values is not None, "a row of which there is something to say is told"

        def row() -> Row:
            return told.row if told is not None else batch.row(index)

        return self.message(number, values, payload, problems, row)

    def message(
        self,
        number: int,
        values: dict[str, Any],
        payload: bytes | None,
        problems: list[Diagnostic],
        row: Callable[[], Row | None],
    ) -> _Message:
        """The message of a payload, with its fallback compiled for the same values and recipient."""
        definition = self._definition
        data = {} if payload is None else parsed(payload)
        recipient = recipient_of(definition.kind, data)
        if payload is None or recipient is None:
            if payload is not None and not self._is_told:
                problems = [*problems, _lost(row(), number)]
            return _Message(number, None, tuple(problems))
        complete = definition.parameters.complete(values)
        ready = Ready(number, complete, definition.kind, sender_of(definition.kind, data), recipient, payload)
        if self._fallback is None or self._fallback.definition is None:
            return _Message(number, ready, tuple(problems))
        other, here = self._fallback.definition, row()
        to = here.recipient if here is not None else None
        made, found = self._project.compile(other, fallback_values(other, complete), to=to or recipient, row=here)
        found = self._project.settle(self._fallback, found)
        problems = [*problems, *found]
        if made is None or any(problem.severity == "error" for problem in found):
            return _Message(number, None, tuple(problems))
        return _Message(number, ready._replace(fallback_kind=other.kind, fallback=compact(made)), tuple(problems))


def _lost(row: Row | None, number: int) -> Diagnostic:
    """The finding on a row that has no recipient, in a file that has no column of them."""
    span = None if row is None else row.locate((), False)
    help_ = "name a column `recipient`, or say which it is with `--to-column`"
    return finding("data-recipient", "the row has no recipient", span, row=number, help=help_)


def _of_rows(batches: Iterator[MadeBatch[list[_Message]]]) -> Iterator[Candidate]:
    for batch in batches:
        for index, message in enumerate(batch.made):
            row = partial(batch.row, index)
            yield Candidate(message.ready, message.problems, message.number, partial(_place, row), row)


def _place(row: Callable[[], Row]) -> Span:
    return row().locate((), False)


def _of_payloads(project: Project, payloads: Iterator[ReadPayload], to: str | None) -> Iterator[Candidate]:
    for position, read in enumerate(payloads, start=1):
        value = read.value
        if to is not None and isinstance(value, dict):
            value = readdressed(value, kind_of(value), to, project.contract)
        problems = _with_way_out(read.refused or judge_payload(value, read, project.contract), to)
        number = read.row or position
        if any(problem.severity == "error" for problem in problems):
            yield Candidate(None, tuple(problems), number, read.span)
            continue
        kind = kind_of(value)
        values = {key: item for key, item in value.items() if key not in ("recipient", "number")}
        recipient = recipient_of(kind, value)
        assert recipient is not None, "a payload without a recipient has a finding"
        ready = Ready(number, values, kind, sender_of(kind, value), recipient, compact(value))
        yield Candidate(ready, tuple(problems), number, read.span)


def _with_way_out(problems: list[Diagnostic], to: str | None) -> list[Diagnostic]:
    """The findings; where no recipient is given, with the option that gives one."""
    if to is not None:
        return problems
    help_ = "Say who gets the message with `--to`, as in `--to +16044441111`, or write it into the payload"
    return [replace(each, help=help_) if each.rule == "recipient-missing" else each for each in problems]


def _demanded(problems: tuple[Diagnostic, ...] | list[Diagnostic]) -> list[Diagnostic]:
    """The findings, where payloads are to be sent: without a recipient they cannot be."""
    return [replace(each, severity="error") if each.rule == "no-recipient" else each for each in problems]
