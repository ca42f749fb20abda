"""The messages that `msgc send` is asked for: one, those of a data file, or ready-made payloads; each verified."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from msgc.check import Checked
from msgc.cli.render import load_definition
from msgc.cli.row_batches import compile_batches
from msgc.cli.send_options import Options
from msgc.cli.session import Session, Unusable
from msgc.cli.values import example_values, open_data, set_values
from msgc.contract import kind_of
from msgc.diagnostic import Diagnostic
from msgc.emit import parse
from msgc.fallback import fallback_values
from msgc.judge import LINES_SUFFIXES, ReadPayload, judge_payload, read_payloads
from msgc.pipeline import CompiledBatch, Project, readdressed
from msgc.rows import Row, Rows, open_rows
from msgc.rules import finding
from msgc.send.prepare import Ready, recipient_of
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
        batches = compile_batches(session, project, checked, opened, stream, 1, _as_it_is)
        is_told = any(each.rule == "no-recipient" for each in of_file)
        candidates = _of_rows(project, checked, fallback, batches, is_told=is_told)
        yield Messages(candidates, definition.name, definition.name, shown, (*warnings, *of_file), opened)


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
    yield _candidate(project, checked, fallback, values, payload, problems)


def _of_rows(
    project: Project, checked: Checked, fallback: Checked | None, batches: Iterator[CompiledBatch], *, is_told: bool
) -> Iterator[Candidate]:
    """The candidates of a data file; `is_told` says that a finding on all of it speaks of recipients already."""
    for compiled in batches:
        for index, payload in enumerate(compiled.payloads):
            candidate, is_told = _of_row(project, checked, fallback, compiled, index, payload, is_told=is_told)
            yield candidate


def _of_row(
    project: Project,
    checked: Checked,
    fallback: Checked | None,
    compiled: CompiledBatch,
    index: int,
    payload: bytes | None,
    *,
    is_told: bool,
) -> tuple[Candidate, bool]:
    definition = checked.definition
    assert definition is not None
    batch, told = compiled.batch, compiled.told.get(index)
    number, values = batch.numbers[index], batch.values[index]
    if told is not None:
        values = told.row.values
    assert values is not None, "a row of which there is something to say is told"
    problems = _demanded(told.problems) if told is not None else []
    is_told = is_told or any(problem.rule == "no-recipient" for problem in problems)
    data = None if payload is None else parse(payload)

    def row() -> Row:
        return told.row if told is not None else batch.row(index)

    if data is not None and recipient_of(definition.kind, data) is None:
        data = None
        if not is_told:
            help_ = "name a column `recipient`, or say which it is with `--to-column`"
            span = row().locate((), False)
            problems.append(finding("data-recipient", "the row has no recipient", span, row=number, help=help_))
    return _candidate(project, checked, fallback, values, data, problems, number, row), is_told


def _as_it_is(compiled: CompiledBatch) -> CompiledBatch:
    return compiled


def _candidate(
    project: Project,
    checked: Checked,
    fallback: Checked | None,
    values: dict[str, Any],
    payload: dict[str, Any] | None,
    problems: list[Diagnostic],
    number: int = 1,
    row: Callable[[], Row] | None = None,
) -> Candidate:
    """The candidate of a definition's payload, with its fallback compiled for the same values and recipient."""
    definition = checked.definition
    assert definition is not None

    def locate() -> Span | None:
        return row().locate((), False) if row is not None else None

    if payload is None:
        return Candidate(None, tuple(problems), number, locate, row)
    complete = definition.parameters.complete(values)
    ready = Ready(number, complete, definition.kind, payload)
    if fallback is not None and fallback.definition is not None:
        other = fallback.definition
        here = row() if row is not None else None
        to = here.recipient if here is not None else None
        made, found = project.compile(
            other, fallback_values(other, complete), to=to or recipient_of(definition.kind, payload), row=here
        )
        found = project.settle(fallback, found)
        problems = [*problems, *found]
        if made is None or any(problem.severity == "error" for problem in found):
            return Candidate(None, tuple(problems), number, locate, row)
        ready = replace(ready, fallback_kind=other.kind, fallback=made)
    return Candidate(ready, tuple(problems), number, locate, row)


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
        yield Candidate(Ready(number, values, kind, value), tuple(problems), number, read.span)


def _with_way_out(problems: list[Diagnostic], to: str | None) -> list[Diagnostic]:
    """The findings; where no recipient is given, with the option that gives one."""
    if to is not None:
        return problems
    help_ = "Say who gets the message with `--to`, as in `--to +16044441111`, or write it into the payload"
    return [replace(each, help=help_) if each.rule == "recipient-missing" else each for each in problems]


def _demanded(problems: tuple[Diagnostic, ...] | list[Diagnostic]) -> list[Diagnostic]:
    """The findings, where payloads are to be sent: without a recipient they cannot be."""
    return [replace(each, severity="error") if each.rule == "no-recipient" else each for each in problems]
