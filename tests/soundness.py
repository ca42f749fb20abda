"""What inference and proofs are held against: real renderings, each a question whether it was foreseen."""

import json
import re
from collections import Counter
from random import Random
from typing import Any

from hypothesis import assume
from jinja2 import nodes
from jinja2.runtime import Undefined

from generated import Shape, declared, parameters, values_of
from generated_definitions import definition, message
from generated_expressions import Writer
from generated_templates import expression, template
from msgc.bounds.contains import contains
from msgc.bounds.values import Value, json_bytes
from msgc.definition import Definition
from msgc.diagnostic import Rejected
from msgc.document import dotted
from msgc.expand import expand
from msgc.parameters.ranges import ranges_of
from msgc.payload import Payload
from msgc.prove import Proof, prove
from msgc.shared_files import Library
from msgc.source import Source, Span
from msgc.template import Environment, Template, TemplateProblem, one_message
from msgc.template.infer.inferred import Inferred
from msgc.template.infer.notes import Note
from msgc.verify import verify

MADE: Counter[str] = Counter()
"""How many renderings were tried, and how many of them had a result."""
ROUNDS = 8


# ------------------------------------------------------------------------------------------------- one template


def no_file(path: str, _: Span | None) -> Source:
    raise AssertionError(f"there is no file {path}")


def environment() -> Environment:
    return Environment("en", no_file, {})


def compiled(text: str) -> Template:
    return environment().compile(text)


def rendered(made: Template, values: dict[str, Any]) -> Any:
    """The value of an expression, or the text. Raises TemplateProblem."""
    MADE["tried"] += 1
    with one_message():
        result = made.evaluate(values) if made.kind == "expression" else made.render(values)
    MADE["made"] += 1
    return result


def check_result(value: Value, result: Any) -> None:
    """Property A: the result is one of those that were said to be all, and as large as they are."""
    assert contains(value, result), (result, value)
    if value.special is not None:
        return
    encoded = json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(encoded) in json_bytes(value), (result, json_bytes(value))
    if isinstance(result, str):
        assert value.text is not None
        assert len(result) in value.text.points
        assert len(result.encode("utf-16-le")) // 2 in value.text.units
        assert len(result.encode()) in value.text.octets
        assert len(encoded) - 2 in value.text.escaped
        assert result.strip() or not value.text.solid


def check_problem(problem: TemplateProblem, inferred: Inferred) -> None:
    """Property B: what goes wrong was noted, by its rule or for its place."""
    if problem.rule == "template-limit" or not inferred.whole or "not finite" in problem.message:
        # `1e999` is a number that the filter `float(0)` takes for an infinite one.
        return
    place = problem.start, problem.end
    notes = inferred.notes.problems()
    assert any(note.rule == problem.rule or (note.place.start, note.place.end) == place for note in notes), problem


def surely_run(made: Template, notes: list[Note]) -> list[Note]:
    """The certain notes of an expression in which nothing is left out and nothing is repeated."""
    if made.kind != "expression":
        return []
    tree = made._engine().code.tree
    if any(True for _ in tree.find_all((nodes.CondExpr, nodes.And, nodes.Or, nodes.Filter))):
        return []
    return [note for note in notes if note.certain]


def check_template(text: str, scope: dict[str, Value], values: list[dict[str, Any]]) -> None:
    made = compiled(text)
    inferred = made.infer(scope, text=made.kind != "expression")
    certain = surely_run(made, inferred.notes.problems())
    settled = with_constants(text, inferred)
    for each in values:
        try:
            result = rendered(made, each)
        except TemplateProblem as problem:
            check_problem(problem, inferred)
            continue
        assert not certain, certain
        check_result(inferred.value, result)
        if settled is not None:
            assert rendered(compiled(settled), each) == result, settled


def with_constants(text: str, inferred: Inferred) -> str | None:
    """The template with the conditions that are always the same written as what they are; None where there are none."""
    found = [(place, truth) for place, truth in inferred.notes.constant() if place.source is None]
    end = len(text)
    for place, truth in sorted(found, key=lambda each: (-each[0].end, each[0].start)):
        if place.end <= end:
            text = f"{text[: place.start]}({str(truth).lower()}){text[place.end :]}"
            end = place.start
    return text if found else None


def check_condition(code: str, scope: dict[str, Value], values: list[dict[str, Any]]) -> None:
    """Property C: the truth of a condition is possible, and what is known beside it holds the values at hand."""
    made = environment().compile_expression(code)
    decided = made.decide(scope)
    for each in values:
        MADE["tried"] += 1
        try:
            with one_message():
                truth = bool(made.evaluate(each))
        except TemplateProblem as problem:
            check_problem(problem, Inferred(Value(), notes=decided.notes))
            continue
        MADE["made"] += 1
        narrowed = decided.true if truth else decided.false
        assert narrowed is not None, truth
        for name, value in each.items():
            assert contains(narrowed[name], value), (name, value, narrowed[name])


def check_loop(code: str, scope: dict[str, Value], values: list[dict[str, Any]]) -> None:
    loop = environment().compile_loop(code)
    looped = loop.infer(scope)
    for each in values:
        MADE["tried"] += 1
        try:
            with one_message():
                rounds = [[each[name] for name in loop.names] for each in loop.rounds(each)]
        except TemplateProblem as problem:
            check_problem(problem, Inferred(Value(), notes=looped.notes))
            continue
        MADE["made"] += 1
        assert looped.items is not None
        items = [names[0] if len(names) == 1 else names for names in rounds]
        if any(isinstance(item, Undefined) for item in items):
            continue  # an item that is missing is said to be when it is asked for
        assert contains(Value(sequence=looped.items), items), (items, looped.items)


class Known:
    """Parameters by chance, what they can be, and some of their values."""

    def __init__(self, rng: Random) -> None:
        self.shapes: dict[str, Shape] = parameters(rng)
        known = declared(self.shapes)
        assume(known is not None)
        assert known is not None
        self.scope = ranges_of(known)
        self.values = [made for _ in range(ROUNDS) if (made := values_of(self.shapes, known, rng)) is not None]


def check_by_chance(rng: Random) -> None:
    known = Known(rng)
    for values in known.values:  # Property D
        for name, value in values.items():
            assert contains(known.scope[name], value)
    which = rng.randrange(8)
    if which == 7:
        check_condition(Writer(rng, known.shapes).condition(2), known.scope, known.values)
    elif which == 6:
        writer = Writer(rng, known.shapes)
        check_loop(f"it in {writer.items(2)[0]}", known.scope, known.values)
    else:
        check_template((template if which < 4 else expression)(rng, known.shapes), known.scope, known.values)


# ---------------------------------------------------------------------------------------------- whole definitions


class Judged:
    """A definition, what is proven of it, and what payloads say to that."""

    def __init__(self, found: Definition, library: Library) -> None:
        self.definition = found
        self.contract = library.contract
        self.proof: Proof = prove(found, library.contract, bounds=True)
        self.open = {(bound.rule, anywhere(bound.place)) for bound in self.proof.bounds if bound.verdict != "proven"}
        self.broken = {bound.rule for bound in self.proof.bounds if bound.verdict == "broken"}
        unproven = any(bound.verdict != "proven" and bound.severity == "error" for bound in self.proof.bounds)
        self.clean = not self.proof.findings and not unproven

    def check(self, values: dict[str, Any]) -> None:
        """Property E: what is proven holds, and what is broken never does."""
        MADE["tried"] += 1
        payload, problems = self.expanded(values)
        if payload is None:
            assert not self.clean or "template-limit" in problems
            return
        MADE["made"] += 1
        violated = {
            (violation.limit["rule"], anywhere(dotted(violation.path)))
            for violation in self.contract.judge(self.definition.kind, payload.data, recipient=False)
            if violation.limit is not None
        }
        for rule, place in violated:
            assert any(rule == known and place.startswith(above) for known, above in self.open), (rule, place)
        assert self.broken <= {rule for rule, _ in violated}
        if self.clean:
            assert self.errors(payload) == []

    def expanded(self, values: dict[str, Any]) -> tuple[Payload | None, set[str]]:
        try:
            return expand(self.definition, values), set()
        except Rejected as rejected:
            return None, {problem.rule for problem in rejected.diagnostics}

    def errors(self, payload: Payload) -> list[str]:
        found = verify(payload, self.contract, recipient=False)
        return [problem.message for problem in found if problem.severity == "error"]


def anywhere(place: str) -> str:
    """A place in the payload, without the numbers of items."""
    whole = "" if place == "(the request)" else place
    return ITEM.sub("[*]", whole)


ITEM = re.compile(r"\[\d+\]|\.\*(?=\.|$)")


def check_definition(rng: Random, library: Library) -> None:
    known = Known(rng)
    made, _ = definition(known.shapes, message(rng, known.shapes), library)
    assume(made is not None)
    assert made is not None
    judged = Judged(made, library)
    for values in known.values:
        judged.check(values)
