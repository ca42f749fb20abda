"""The pipeline: from a folder, a configuration and a contract to checked definitions and payload bytes.

Everything above this module (the command line, programs that use msgc as a library) talks to a `Project`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgc import suppress
from msgc.catalog import Catalog, Entry, find_root
from msgc.check import Checked, check, read_definition, read_fallback, render_example
from msgc.configuration import Configuration, with_severities
from msgc.contract import Contract, RequestKind
from msgc.definition import Definition
from msgc.diagnostic import Diagnostic, Rejected, distinct
from msgc.document import Path as ValuePath
from msgc.emit import compact, pretty
from msgc.expand import address_fields, expand
from msgc.open_contract import open_contract, reason_of
from msgc.payload import Payload
from msgc.prove import Bound, prove
from msgc.resources import ERRORS_FILE, data_folder
from msgc.rules import RULES, finding
from msgc.shared_files import Library
from msgc.source import Span
from msgc.validate import Violation
from msgc.verify import verify

if TYPE_CHECKING:
    from msgc.coverage import Record
    from msgc.error_table import ErrorTable
    from msgc.rows import Batch, Row  # only who names a data file needs what reads it
    from msgc.specialise.program import Program
    from msgc.testing.tester import Tester, Wanted


@dataclass(frozen=True, slots=True)
class CompiledRow:
    """A row of a data file compiled: its payload's bytes (None where it is refused), and what there is to say of it."""

    row: Row
    payload: bytes | None
    problems: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class CompiledBatch:
    """The rows of a batch compiled, in order: their payloads (None where a row is refused).

    `told` has, by their index, the rows of which there is, or might have been, something to say.
    """

    batch: Batch
    payloads: Sequence[bytes | None]
    told: Mapping[int, CompiledRow]


@dataclass(frozen=True)
class Project:
    """A catalog with its configuration and contract. `shown_from` is the folder that reports name files from."""

    configuration: Configuration
    catalog: Catalog
    contract: Contract
    library: Library = field(repr=False)

    @cached_property
    def rules(self) -> dict[str, str]:
        """Every rule there is, msgc's own and the contract's, with its default severity."""
        own: dict[str, str] = {name: rule.severity for name, rule in RULES.items()}
        return own | {name: limit.severity for name, limit in self.contract.limits.items()}

    def authoring_schema(self) -> dict[str, Any]:
        """The schema that editors use for definitions, made from this contract with the project's limits and levels."""
        from msgc.schema import authoring  # only few commands want it, and each start counts

        return authoring.convert(self.contract.effective, self.configuration.severity)

    def entries(self) -> tuple[list[Entry], list[Diagnostic]]:
        """All definitions of the catalog, and what is wrong with the folder."""
        return self.catalog.entries()

    def check(self, entries: Iterable[Entry], record: Record | None = None) -> Iterator[Checked]:
        """Checks definitions one by one; suppressions and severities are applied. `record` keeps what examples do."""
        for entry in entries:
            checked = check(entry, self.library, record)
            yield replace(checked, diagnostics=tuple(self.settle(checked)))

    def settle(self, checked: Checked, found: Iterable[Diagnostic] | None = None) -> list[Diagnostic]:
        """Findings of a file with its ignore comments and the configured severities applied, in order.

        They are those of `checked`, or `found`: some of what there is to find, so that no comment counts as unused.
        """
        problems = checked.diagnostics if found is None else found
        marked = suppress.apply(problems, checked.documents, self.rules.keys(), report_unused=found is None)
        return sorted(with_severities(marked, self.configuration), key=lambda problem: problem.sort_key)

    def read(self, entry: Entry) -> Checked:
        """A definition with what can be said about it before it is rendered."""
        return read_definition(entry, self.library)

    def bounds(self, entry: Entry) -> tuple[Bound, ...]:
        """Every limit at every place of a definition, with what is known of it. Raises `Rejected` for a broken one."""
        checked = self.read(entry)
        if checked.definition is None:
            raise Rejected(*self.settle(checked))
        return prove(checked.definition, self.contract, bounds=True).bounds

    def read_fallback(self, definition: Definition) -> Checked | None:
        """The templated definition to send where the 24-hour window is closed; None where none can be used."""
        checked = read_fallback(definition, self.library)
        if checked is None or checked.definition is None or checked.definition.kind != "templated":
            return None
        return checked

    def tester(self, entries: Sequence[Entry], *, strict: bool = False, wanted: Wanted | None = None) -> Tester:
        """What runs the tests of the catalog, whose definitions are `entries`; see `Tester`."""
        from msgc.testing.tester import Tester  # only `msgc test` does

        def grade(found: Iterable[Diagnostic]) -> list[Diagnostic]:
            return with_severities(found, self.configuration)

        rules = self.rules.keys()
        return Tester(self.library, entries, rules, self.read, self.render, self.settle, grade, strict, wanted)

    def error_table(self) -> ErrorTable:
        """The API's errors, from the folder of the contract or else msgc's own. Raises `Rejected`."""
        from msgc.error_table import read_error_table  # only sending wants it

        folder = self.configuration.schemas
        path = folder / ERRORS_FILE if folder is not None else data_folder("schemas") / ERRORS_FILE
        if not path.is_file():
            path = data_folder("schemas") / ERRORS_FILE
        try:
            return read_error_table(path)
        except (OSError, ValueError) as error:
            message = f"the table of errors {path} cannot be read: {reason_of(error)}"
            raise Rejected(finding("no-contract", message, file=str(path))) from error

    def render(
        self,
        definition: Definition,
        values: Mapping[str, Any],
        *,
        to: str | Mapping[str, str] | None = None,
        example: str | None = None,
    ) -> tuple[Payload | None, list[Diagnostic]]:
        """The payload for values that fit the parameters (defaults applied), and what is wrong with it.

        `to` is the recipient: a phone number, a BSUID, or the fields of the API's recipient.
        """
        try:
            payload = expand(definition, values)
        except Rejected as rejected:
            return None, [
                replace(problem, definition=problem.definition or definition.name, example=problem.example or example)
                for problem in rejected.diagnostics
            ]
        if to is None:
            return payload, verify(payload, self.contract, recipient=False, example=example)
        payload = with_recipient(payload, to, self.contract)
        problems = verify(payload, self.contract, recipient=True, example=example)
        return payload, [_without_place(problem, definition) for problem in problems]

    def compile(
        self,
        definition: Definition,
        values: Mapping[str, Any],
        *,
        to: str | Mapping[str, str] | None = None,
        example: str | None = None,
        row: Row | None = None,
    ) -> tuple[dict[str, Any] | None, list[Diagnostic]]:
        """The payload's data for raw values, and what is wrong with the values or the payload.

        `row` is the row of a data file that the values came from. With an error among the findings the data is not to
        be used.
        """
        parameters = definition.parameters
        complete = parameters.complete(dict(values))
        violations = parameters.judge(complete)
        if row is not None and row.unread:
            violations = [violation for violation in violations if not _follows(violation, row.unread)]
            if not violations:
                return None, []
        if violations:

            def locate(path: ValuePath, at_key: bool) -> Span | None:
                is_from_row = row is not None and (not path or row.values.get(str(path[0])) == values.get(str(path[0])))
                return row.locate(path, at_key) if row is not None and is_from_row else None

            return None, parameters.explain(
                violations,
                locate,
                definition=definition.name,
                example=example,
                row=row.number if row else None,
                file=definition.document.source.name,
            )
        payload, problems = self.render(definition, complete, to=to, example=example)
        if row is not None:
            problems = [_of_row(problem, row) for problem in problems]
        return (None if payload is None else payload.data), problems

    def program(self, definition: Definition) -> Program:
        """The definition as a program, which makes most payloads without the long way of `compile`."""
        from msgc.specialise.specialise import specialise  # whoever compiles once does without

        return specialise(definition, self.contract)

    def compile_batch(self, checked: Checked, program: Program, batch: Batch) -> CompiledBatch:
        """The rows of a data file compiled, those of a batch at once; a row with an error has no payload.

        `checked` has a definition, whose program is `program`; its ignore comments and the configured severities are
        applied.
        """
        run = program.run
        payloads: list[bytes | None]
        if None in batch.values:
            pairs = zip(batch.values, batch.recipients, strict=True)
            payloads = [None if values is None else run(values, to) for values, to in pairs]
        else:
            payloads = list(map(run, batch.values, batch.recipients))  # type: ignore[arg-type]  # none is None
        told: dict[int, CompiledRow] = {}
        if None in payloads:
            for index, payload in enumerate(payloads):
                if payload is None:
                    told[index] = self.compile_row(checked, batch.row(index))
                    payloads[index] = told[index].payload
        return CompiledBatch(batch, payloads, told)

    def compile_row(self, checked: Checked, row: Row) -> CompiledRow:
        """A row of a data file compiled the long way, which tells all there is to say of it."""
        definition = checked.definition
        assert definition is not None
        found: list[Diagnostic] = list(row.problems)
        payload = None
        if not row.is_broken or () not in row.unread:
            # Of a row with a bad cell the others are judged all the same: one run tells everything.
            payload, more = self.compile(definition, row.values, to=row.recipient, row=row)
            found += more
        found = self.settle(checked, found) if found else found
        refused = payload is None or row.is_broken or any(problem.severity == "error" for problem in found)
        return CompiledRow(row, None if payload is None or refused else compact(payload), tuple(found))

    def build(self, checked: Checked) -> tuple[dict[str, bytes], list[Diagnostic]]:
        """The payload files of a definition by name: one for each example, or one where no values are needed."""
        definition = checked.definition
        if definition is None:
            return {}, []
        files: dict[str, bytes] = {}
        problems: list[Diagnostic] = []
        for example in definition.examples:
            payload, found = render_example(definition, example, self.library)
            problems += found
            if payload is not None:
                files[f"{definition.name}.{example.name}.json"] = pretty(payload.data)
        if not definition.examples and not definition.needs_values:
            payload, found = self.render(definition, definition.parameters.complete({}))
            problems += found
            if payload is not None:
                files[f"{definition.name}.json"] = pretty(payload.data)
        return files, distinct(problems)


def open_project(
    start: Path, configuration: Configuration, paths: Iterable[str] = (), *, catalog: Path | None = None
) -> Project:
    """The project seen from the folder `start`.

    The catalog is `catalog` if given, else the configured one, else the folder (or the folder of the file) in
    `paths`, else `templates` beside the configuration. Raises `Rejected` when there is no catalog, when the contract
    cannot be read, or when the configuration names rules and limits that do not exist.
    """
    contract = open_contract(configuration)
    paths = tuple(paths)
    root = catalog or find_root(start, configuration, paths)
    if not root.is_dir():
        raise Rejected(
            finding(
                "no-catalog",
                f"{_missing(start, paths)}there is no catalog at {_shown(root, start)}",
                file=_shown(root, start),
                help="`msgc init` makes one; or name a folder, as in `msgc check path/to/messages`",
            )
        )
    folder = Catalog(root, start)
    library = Library(folder, contract, configuration.locale or "en", configuration.macros, configuration.sender)
    for name, path in configuration.macros.items():
        library.template_file(path, configuration.places.get(("macros", name)))
    return Project(configuration, folder, contract, library)


def with_recipient(payload: Payload, to: str | Mapping[str, str], contract: Contract) -> Payload:
    """The payload sent to somebody else."""
    return replace(payload, data=readdressed(payload.data, payload.definition.kind, to, contract))


def readdressed(
    data: Mapping[str, Any], kind: RequestKind, to: str | Mapping[str, str], contract: Contract
) -> dict[str, Any]:
    """A payload's data sent to somebody else: `recipient` of a session message, `number` of a templated one."""
    if kind == "templated":
        text = to if isinstance(to, str) else to.get("id") or to.get("userId") or ""
        number = f"bsuid:{text}" if contract.is_user_id(text) else text
        return {"number": number, **{key: value for key, value in data.items() if key != "number"}}
    fields = address_fields(to, contract) if isinstance(to, str) else {**to, "channelType": "whatsapp"}
    front = {"sender": data["sender"]} if "sender" in data else {}
    front["recipient"] = fields
    return front | {key: value for key, value in data.items() if key not in front}


def _without_place(problem: Diagnostic, definition: Definition) -> Diagnostic:
    """A finding on a recipient that came from outside: no line of the definition is to blame."""
    if (problem.pointer or "").split("/")[1:2] not in (["recipient"], ["number"]):
        return problem
    return replace(problem, span=None, file=definition.document.source.name, related=())


def _follows(violation: Violation, unread: frozenset[ValuePath]) -> bool:
    """Whether a violation may be there only because of a cell that could not be read, which has its own finding."""
    lacks = violation.keyword == "required"
    path = (*violation.path, violation.extra["key"]) if lacks else violation.path
    return any(path[: len(place)] == place[: len(path)] for place in unread)


def _of_row(problem: Diagnostic, row: Row) -> Diagnostic:
    # What has no place in the definition came with the row: its recipient.
    span = problem.span or row.locate(("recipient",), False)
    return replace(problem, row=row.number, span=span)


def _missing(start: Path, paths: tuple[str, ...]) -> str:
    absent = next((path for path in paths if not (start / path).exists()), None)
    return f"`{absent}` does not exist, and " if absent is not None else ""


def _shown(path: Path, start: Path) -> str:
    return path.relative_to(start).as_posix() if path.is_relative_to(start) else path.as_posix()
