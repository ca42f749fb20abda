"""Checking: everything about a definition that can be known without sending it.

A definition is defined, rendered for each of its examples, and every payload is verified. Constants that no payload
holds (an `$if` can hide them from every example) are held against the limits of their own place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from msgc.catalog import Entry
from msgc.contract import Place
from msgc.define import define
from msgc.definition import Definition, Example, Origin
from msgc.diagnostic import Diagnostic, Rejected, distinct
from msgc.document import Document, Path
from msgc.echoes import without_echoes
from msgc.expand import expand_partly
from msgc.leaves import Static
from msgc.load import load_yaml
from msgc.payload import Payload
from msgc.prove import prove
from msgc.shared_files import Library
from msgc.source import Span
from msgc.verify import verify
from msgc.wording import describe

if TYPE_CHECKING:
    from msgc.coverage import Record  # only few runs keep one


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking one file gave: the definition (None where it is broken), its documents and the findings."""

    entry: Entry
    definition: Definition | None
    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_definition(entry: Entry, library: Library) -> Checked:
    """The definition in a file, and what keeps it from being rendered or is doubtful in it."""
    return _read(entry, library)[0]


def _read(entry: Entry, library: Library) -> tuple[Checked, tuple[Static, ...]]:
    try:
        document, warnings = load_yaml(library.asker.definition(entry), entry.shown)
    except Rejected as rejected:
        return Checked(entry, None, (), _named(rejected.diagnostics, entry.name)), ()
    defined = define(document, entry.name, library)
    documents = tuple(dict.fromkeys((document, *defined.documents)))
    problems = _named([*warnings, *defined.problems], entry.name)
    return Checked(entry, defined.definition, documents, problems), defined.statics


def check(entry: Entry, library: Library, record: Record | None = None) -> Checked:
    """Everything that can be known about a definition without sending it. Never raises for what a file holds.

    `record` is told of its branches, and of those that its examples go through.
    """
    read, statics = _read(entry, library)
    problems = list(read.diagnostics)
    judged: set[Origin] = set()
    if read.definition is not None:
        problems += _fallback(read.definition, library)
        if record is not None:
            record.define(read.definition, read.documents)
        for payload, found in _rendered(read.definition, library, record):
            problems += found
            if payload is not None:
                judged.update(payload.origins())
    for static in statics:
        if static.origin not in judged:
            problems += _judge_static(static)
    if read.definition is not None:
        problems += prove(read.definition, library.contract, known=problems).findings
    return replace(read, diagnostics=tuple(distinct(_named(problems, entry.name))))


def _rendered(
    definition: Definition, library: Library, record: Record | None
) -> Iterator[tuple[Payload | None, list[Diagnostic]]]:
    for example in definition.examples:
        yield render_example(definition, example, library, record)
    if not definition.needs_values and not definition.examples:
        yield _render(definition, definition.parameters.complete({}), None, library, record)


def render_example(
    definition: Definition, example: Example, library: Library, record: Record | None = None
) -> tuple[Payload | None, list[Diagnostic]]:
    """The payload of an example, and what is wrong with the example or the payload."""
    parameters = definition.parameters
    values = parameters.complete(example.values)
    violations = parameters.judge(values)
    if violations:
        document, base = example.origin.document, example.origin.path

        def locate(path: Path, at_key: bool) -> Span:
            whole = (*base, *path)
            if not path or whole not in document.nodes:
                return document.key_span(base)
            return document.key_span(whole) if at_key else document.span(whole)

        return None, parameters.explain(violations, locate, definition=definition.name, example=example.name)
    return _render(definition, values, example.name, library, record)


def _render(
    definition: Definition, values: dict[str, object], example: str | None, library: Library, record: Record | None
) -> tuple[Payload | None, list[Diagnostic]]:
    try:
        payload, problems = expand_partly(definition, values, record)
    except Rejected as rejected:
        return None, _of_example(rejected.diagnostics, definition, example)
    verified = verify(payload, library.contract, recipient=False, example=example)
    return None if problems else payload, [*_of_example(problems, definition, example), *verified]


def _of_example(problems: Iterable[Diagnostic], definition: Definition, example: str | None) -> list[Diagnostic]:
    named = _named(problems, definition.name)
    return [replace(problem, example=problem.example or example) for problem in named]


def _judge_static(static: Static) -> list[Diagnostic]:
    place: Place = static.place
    problems = []
    for violation in without_echoes(place.contract.judge_at(place, static.value)):
        if len(violation.path) > 0:
            continue
        named = tuple(step for step in static.origin.path if step != "$value")
        words = describe(replace(violation, path=named), place)
        span = static.origin.key_span if static.at_key else static.origin.span
        problems.append(Diagnostic(**words, span=span))
    return problems


def read_fallback(definition: Definition, library: Library) -> Checked | None:
    """The definition that is sent in this one's place when the window is closed; None where the catalog has none."""
    entries, _ = library.asker.entries()
    entry = next((entry for entry in entries if entry.name == definition.fallback), None)
    return None if entry is None else read_definition(entry, library)


def _fallback(definition: Definition, library: Library) -> list[Diagnostic]:
    if definition.fallback is None:
        return []
    from msgc.fallback import compare_fallback, refuse_any, refuse_missing  # few definitions want it

    if definition.kind == "templated":
        return [refuse_any(definition)]
    read = read_fallback(definition, library)
    if read is None:
        return [refuse_missing(definition, [entry.name for entry in library.asker.entries()[0]])]
    # A broken definition's own findings say why.
    return [] if read.definition is None else compare_fallback(definition, read.definition)


def _named(problems: Iterable[Diagnostic], name: str) -> tuple[Diagnostic, ...]:
    return tuple(problem if problem.definition else replace(problem, definition=name) for problem in problems)
