"""Running: what a case makes of its definition is held against what the case says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from msgc.changes import Change, compare_payloads
from msgc.contract import Contract
from msgc.definition import Definition, Example
from msgc.diagnostic import Diagnostic, enumerate_words, nearest
from msgc.document import Document, Path, dotted, pointer
from msgc.payload import Payload
from msgc.rules import finding
from msgc.source import Span
from msgc.testing.place import ABSENT, PlaceError, look_up, settle_place
from msgc.testing.result import Failure, Result
from msgc.testing.suite import Assertion, Case, Expectation, Suite
from msgc.validate import matches
from msgc.wording import quote

Render = Callable[[Mapping[str, Any], str | None, str | None], tuple[Payload | None, list[Diagnostic]]]
"""The payload for complete values, a recipient or None and an example's name or None, and what is wrong with it."""
Settle = Callable[[Iterable[Diagnostic]], list[Diagnostic]]
"""Findings with the definition's ignore comments and the configured severities applied."""

_SHOWN = 400
"""How many characters of a text a failure shows."""


def run_case(
    suite: Suite,
    case: Case,
    definition: Definition,
    contract: Contract,
    render: Render,
    settle: Settle,
    *,
    strict: bool = False,
) -> Result:
    """The result of one case. With `strict` an unexpected warning fails it as an unexpected error does."""
    runner = _Runner(suite, case, definition, contract, strict)
    failures = runner.run(render, settle)
    line = suite.document.key_span(case.at).line
    return Result(case.name, "failed" if failures else "passed", tuple(failures), line)


@dataclass(frozen=True)
class _Runner:
    suite: Suite
    case: Case
    definition: Definition
    contract: Contract
    strict: bool

    @property
    def document(self) -> Document:
        return self.suite.document

    def run(self, render: Render, settle: Settle) -> list[Failure]:
        misread, assertions, expectations = self._settled()
        example, values, problems = self._values()
        if problems:
            misread += [Failure(problem) for problem in problems]
        if misread:  # what the case says is not what it means, so that nothing else can be said of it
            return misread
        payload, found = self._make(values, example, render)
        told = [problem for problem in settle(found) if problem.suppressed is None]
        failures = [Failure(problem) for problem in told if self._fails(problem, expectations)]
        failures += [self._not_found(each, told) for each in expectations if not _is_met(each, told)]
        if payload is None:
            if assertions and not failures:
                failures.append(self._no_payload(assertions[0]))
            return failures
        for assertion in assertions:
            failures += self._judge(assertion, payload.data)
        return failures

    def _settled(self) -> tuple[list[Failure], list[Assertion], list[Expectation]]:
        """What is wrong with places, and the assertions and expected findings with those that the contract knows."""
        request = self.contract.request(self.definition.kind)
        failures: list[Failure] = []
        assertions, expectations = [], []
        for assertion in self.case.assertions:
            try:
                assertions.append(replace(assertion, path=settle_place(assertion.path, request)))
            except PlaceError as error:
                listed = isinstance(assertion.at[-1], int) and assertion.kind != "absent"
                at = assertion.at[:-1] if listed else assertion.at
                failures.append(self._misplaced(error, at, at_key=assertion.kind != "absent"))
        for expectation in self.case.expectations:
            try:
                path = None if expectation.path is None else settle_place(expectation.path, request)
                expectations.append(replace(expectation, path=path))
            except PlaceError as error:
                failures.append(self._misplaced(error, (*expectation.at, "pointer"), at_key=False))
        return list(dict.fromkeys(failures)), assertions, expectations

    def _misplaced(self, error: PlaceError, at: Path, *, at_key: bool) -> Failure:
        span = self.document.key_span(at) if at_key else self.document.span(at)
        return Failure(self._finding("test-place", str(error), span, help=error.help))

    # -------------------------------------------------------------------------------------------------- values

    def _values(self) -> tuple[Example | None, dict[str, Any], list[Diagnostic]]:
        """The example, the values of the case, and what of both cannot be read."""
        problems: list[Diagnostic] = []
        example = None
        if self.case.example is not None:
            example = next((each for each in self.definition.examples if each.name == self.case.example), None)
            if example is None:
                problems.append(self._no_example(self.case.example))
        values = {} if example is None else dict(example.values)
        defaults = self.definition.parameters.complete({})
        for setting in self.case.settings:
            value, found = self.definition.parameters.coerce_one(self.document, setting.at, setting.place)
            problems += [replace(problem, definition=self.definition.name) for problem in found]
            head = str(setting.place[0])
            if len(setting.place) > 1 and head in defaults:
                values.setdefault(head, defaults[head])  # `order.late` leaves the rest of the default
            _put(values, setting.place, value)
        return example, values, [problem for problem in problems if problem.severity == "error"]

    def _no_example(self, name: str) -> Diagnostic:
        names = [example.name for example in self.definition.examples]
        close = nearest(name, names)
        help_ = (
            f"did you mean `{close}`?"
            if close
            else f"it has {enumerate_words(names, 'and')}"
            if names
            else "it has none"
        )
        return self._finding(
            "unknown-value",
            f"`{self.definition.name}` has no example `{name}`",
            self.document.span((*self.case.at, "example")),
            found=name,
            help=help_,
        )

    def _make(
        self, values: Mapping[str, Any], example: Example | None, render: Render
    ) -> tuple[Payload | None, list[Diagnostic]]:
        parameters = self.definition.parameters
        complete = parameters.complete(values)
        violations = parameters.judge(complete)
        # With other values than the example's a finding is not one on the example.
        name = example.name if example is not None and not self.case.settings else None
        if not violations:
            return render(complete, self.case.to, name)

        def locate(path: Path, at_key: bool) -> Span:
            return self._locate(path, at_key, example)

        found = parameters.explain(violations, locate, definition=self.definition.name, example=name)
        return None, [replace(problem, help=_how_to_give(problem)) for problem in found]

    def _locate(self, path: Path, at_key: bool, example: Example | None) -> Span:
        """Where a value of the case is written: below `set`, in the example, or nowhere and so at the case's name."""
        for setting in reversed(self.case.settings):
            depth = len(setting.place)
            if path and setting.place[: len(path)] == path[:depth]:
                whole = (*setting.at, *path[depth:])
                inside = whole if whole in self.document.nodes else setting.at
                is_key = at_key or len(path) < depth or inside != whole
                return self.document.key_span(inside) if is_key else self.document.span(inside)
        if example is not None and path:
            document, whole = example.origin.document, (*example.origin.path, *path)
            if whole in document.nodes:
                return document.key_span(whole) if at_key else document.span(whole)
        return self.document.key_span(self.case.at)

    # ------------------------------------------------------------------------------------------------ findings

    def _fails(self, problem: Diagnostic, expectations: Iterable[Expectation]) -> bool:
        if any(_is_met(expectation, (problem,)) for expectation in expectations):
            return False
        return problem.severity == "error" or (self.strict and problem.severity == "warning")

    def _not_found(self, expectation: Expectation, told: Iterable[Diagnostic]) -> Failure:
        others = list(dict.fromkeys(_described(problem) for problem in told))
        span = self.document.span(expectation.at)
        wanted = f"a finding of the rule `{expectation.rule}`"
        if expectation.severity is not None:
            wanted += f" with the severity {expectation.severity}"
        if expectation.path is not None:
            wanted += f" at `{dotted(expectation.path)}`"
        found = ", ".join(others) or "no findings"
        return Failure(self._finding("test-failed", f"{wanted} is expected, and there is none", span, found=found))

    def _no_payload(self, assertion: Assertion) -> Failure:
        return Failure(
            self._finding(
                "test-failed",
                f"`{dotted(assertion.path)}` is not there: with the findings that are expected there is no payload",
                self.document.key_span(assertion.at),
                help=f"leave `{assertion.kind}` out of this case",
            )
        )

    # ---------------------------------------------------------------------------------------------- assertions

    def _judge(self, assertion: Assertion, data: Mapping[str, Any]) -> Iterator[Failure]:
        value, reached = look_up(data, assertion.path)
        name = f"`{dotted(assertion.path)}`" if assertion.path else "the payload"
        if assertion.kind == "absent":
            if value is not ABSENT:
                yield self._failed(assertion, f"{name} is there", found=_shown(value))
            return
        if value is ABSENT:
            above, _ = look_up(data, reached)
            yield self._failed(
                assertion, f"{name} is not there", at_key=True, help=_nearby(above, assertion.path, reached)
            )
        elif assertion.kind == "equals":
            changes = compare_payloads(_literal(self.document, assertion.at, assertion.value, value), value)
            if changes:
                below = tuple(_below(assertion.path, change) for change in changes)
                yield replace(self._failed(assertion, f"{name} is not what is expected"), changes=below)
        elif not isinstance(value, str):
            yield self._failed(
                assertion, f"{name} is no text, and `{assertion.kind}` looks at texts", at_key=True, found=_shown(value)
            )
        elif assertion.kind == "contains":
            if assertion.value not in value:
                yield self._failed(
                    assertion,
                    f"{name} does not contain the text",
                    found=_shown(value),
                    help=_otherwise(assertion.value, value),
                )
        elif assertion.kind == "matches":
            if not matches(assertion.value, value):
                yield self._failed(assertion, f"{name} does not match the pattern", found=_shown(value))
        elif len(value) > assertion.value:
            size = f"{len(value):,} character{'' if len(value) == 1 else 's'}"
            yield self._failed(
                assertion,
                f"{name} is too long",
                found=f"{size}: {_shown(value)}",
                allowed=f"at most {assertion.value:,} character{'' if assertion.value == 1 else 's'}, by this case",
            )

    def _failed(self, assertion: Assertion, message: str, *, at_key: bool = False, **fields: Any) -> Failure:
        span = self.document.key_span(assertion.at) if at_key else self.document.span(assertion.at)
        return Failure(self._finding("test-failed", message, span, pointer=pointer(assertion.path) or None, **fields))

    def _finding(self, rule: str, message: str, span: Span, **fields: Any) -> Diagnostic:
        return finding(rule, message, span, definition=self.definition.name, **fields)


def _put(target: dict[str, Any], place: Path, value: Any) -> None:
    for step in place[:-1]:
        inner = target.get(str(step))
        target[str(step)] = dict(inner) if isinstance(inner, dict) else {}
        target = target[str(step)]
    target[str(place[-1])] = value


def _how_to_give(problem: Diagnostic) -> str | None:
    if problem.rule != "missing-parameter":
        return problem.help
    return "Give what is missing below `set`, or name an `example` that has it"


def _is_met(expectation: Expectation, told: Iterable[Diagnostic]) -> bool:
    return any(
        problem.rule == expectation.rule
        and expectation.severity in (None, problem.severity)
        and (expectation.path is None or pointer(expectation.path) == (problem.pointer or ""))
        for problem in told
    )


def _described(problem: Diagnostic) -> str:
    where = f" at {_dotted_pointer(problem.pointer)}" if problem.pointer else ""
    return f"{problem.rule} ({problem.severity}){where}"


def _dotted_pointer(text: str) -> str:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]
    return dotted(tuple(int(step) if step.isascii() and step.isdigit() else step for step in steps))


def _literal(document: Document, at: Path, expected: Any, actual: Any) -> Any:
    """What is expected, where an unquoted number or boolean that a text is held against is its literal text."""
    if isinstance(expected, dict):
        inner = actual if isinstance(actual, dict) else {}
        return {key: _literal(document, (*at, key), value, inner.get(key)) for key, value in expected.items()}
    if isinstance(expected, list):
        items = actual if isinstance(actual, list) else []
        pairs = [*items, *[None] * len(expected)]
        return [_literal(document, (*at, index), value, pairs[index]) for index, value in enumerate(expected)]
    if isinstance(actual, str) and isinstance(expected, bool | int | float):
        return document.node(at).text
    return expected


def _below(path: Path, change: Change) -> Change:
    """A change inside of the value at a path, as one of the whole payload."""
    above = pointer(path)
    return replace(change, pointer=above + change.pointer, was=None if change.was is None else above + change.was)


def _shown(value: Any) -> str:
    if not isinstance(value, str) or len(value) <= _SHOWN:
        return quote(value) if not isinstance(value, str) else '"' + value.replace("\n", "⏎") + '"'
    return '"' + value[:_SHOWN].replace("\n", "⏎") + '…"'


def _nearby(above: Any, path: Path, reached: Path) -> str | None:
    """What the payload has in the nearest place above one that it does not have."""
    where = f"`{dotted(reached)}`" if reached else "the payload"
    if isinstance(above, list):
        return f"{where} has {len(above)} item{'' if len(above) == 1 else 's'}, the first of which is `[0]`"
    if isinstance(above, dict):
        close = nearest(str(path[len(reached)]), above)
        known = enumerate_words([f"`{key}`" for key in above], "and")
        return f"did you mean `{close}`?" if close else f"{where} has {known}" if known else f"{where} has nothing"
    return None


def _otherwise(wanted: str, text: str) -> str | None:
    """Where a text has what is looked for in other letters, or with other white space, how."""
    start = text.casefold().find(wanted.casefold())
    if start >= 0 and len(text.casefold()) == len(text):
        return f"it has it in other letters: `{text[start : start + len(wanted)]}`"
    if wanted.split() and " ".join(wanted.split()) in " ".join(text.split()):
        return "it has it with other white space"
    return None
