"""The proof of a definition: its templates for all values, its payloads against every limit, as findings and bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgc.bounds.values import Value
from msgc.bounds.words import Range
from msgc.contract import Contract, Limit, RequestKind, read_limit
from msgc.definition import Constant, Definition, Items, Leaf, Repeated
from msgc.diagnostic import Diagnostic, Related, Severity, sentence
from msgc.document import dotted
from msgc.parameters.places import resolve
from msgc.prove.assess import Assessor, is_seen_to_later
from msgc.prove.made import Made
from msgc.prove.outcome import Outcome, Verdict
from msgc.prove.payloads import Expansion, TooLarge, World, unguarded
from msgc.prove.templates import binding_findings, template_findings
from msgc.prove.totals import places
from msgc.prove.witness import Search, Witness
from msgc.scalars import content_span
from msgc.source import Span
from msgc.validate import Violation
from msgc.wording import describe as describe_violation

if TYPE_CHECKING:
    from msgc.prove.words import Source  # the words are for limits that do not hold, and each start counts

_CONTENT_KEYS = frozenset({"required", "anyOf", "oneOf", "not", "if", "false", "minItems", "minTotalItems"})


_OF_VALUES = frozenset({"missing-parameter", "unknown-parameter", "parameter-type", "parameter-value"})


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit at one place of the payload, and whether it is known to hold.

    `place` is the place in the payload as a report shows it (`*` for the items that a `$for` makes), `measured` what
    the limit measures there and `allowed` what it allows, both in the limit's unit; None where it measures nothing.
    `fixed` says that the value there is written out, `span` where; `in_each_message` that the limit is about what any
    free text can hold, so that it is looked for in each message and no parameter is blamed.
    """

    place: str
    rule: str
    severity: Severity
    verdict: Verdict
    measured: Range | None
    allowed: Range | None
    unit: str
    fixed: bool
    in_each_message: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of a definition for all its values; `bounds` only where they were asked for.

    `witnesses` are values that the parameters take and that break a limit, each with the limit's rule.
    """

    findings: tuple[Diagnostic, ...]
    bounds: tuple[Bound, ...] = ()
    witnesses: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def prove(
    definition: Definition, contract: Contract, *, bounds: bool = False, known: Iterable[Diagnostic] = ()
) -> Proof:
    """What holds of a definition for every value of its parameters, and what does not.

    `known` are findings of the definition: what an error says already is not proven again. Never raises for what a
    definition holds.
    """
    try:
        expansion, outcomes = _expanded(definition, contract, everything=bounds)
    except TooLarge:
        return Proof(())
    search = Search(definition, contract)
    errors = [problem for problem in known if problem.severity == "error"]
    findings = [
        problem
        for problem, origin in template_findings(expansion, search)
        if not any(error.rule == problem.rule and _within(error, origin.span) for error in errors)
    ]
    findings += [
        problem
        for problem in binding_findings(expansion, search)
        if not any(error.rule in _OF_VALUES and _within(error, problem.span) for error in errors)
    ]
    # Nothing is said of a leaf that cannot be made, or of a list that holds one.
    failing = expansion.failing
    broken = [*errors, *(problem for problem in findings if problem.severity == "error")]
    witnesses: list[tuple[str, Mapping[str, Any]]] = []
    for outcome in outcomes:
        made = _made_of(outcome, definition)
        if not _is_told(outcome):
            continue
        if any(_within(error, made.origin.span) for error in broken) or made.origin in failing:
            continue
        problem = _limit_finding(outcome, made, _span(outcome, made))
        if problem is not None:
            witness = None if outcome.verdict == "broken" else search.breaking(problem.rule, outcome, made)
            if outcome.verdict != "broken":
                problem = replace(problem, found=_shown(problem.found, witness))
            if witness is not None:
                witnesses.append((problem.rule, witness.values))
            findings.append(problem)
    table = [_bound(outcome, definition) for outcome in outcomes if outcome.limit] if bounds else []
    table.sort(key=lambda bound: (bound.span.file != definition.document.source.name, bound.span.start))
    return Proof(
        tuple(replace(problem, definition=definition.name) for problem in findings), tuple(table), tuple(witnesses)
    )


def unproven(definition: Definition, contract: Contract) -> list[Outcome] | None:
    """Everything that is not known to hold of every payload of a definition, warnings too; None where all is unknown.

    A payload of which none of it breaks is one that the contract accepts, a missing recipient apart.
    """
    try:
        _, outcomes = _expanded(definition, contract, everything=True)
    except TooLarge:
        return None
    return [outcome for outcome in outcomes if outcome.verdict != "proven"]


# --------------------------------------------------------------------------------------------------------- outcomes


def _expanded(definition: Definition, contract: Contract, *, everything: bool) -> tuple[Expansion, list[Outcome]]:
    """The definition's payloads judged: all at once, and case by case only where that leaves something open."""
    expansion = Expansion(definition)
    outcomes = _outcomes(expansion.world(), contract, definition, everything=everything)
    doubts = any(map(_is_told, outcomes)) or any(notes.problems() for notes, _ in expansion.notes.values())
    if doubts and expansion.splits:
        expansion = Expansion(definition)
        worlds = expansion.worlds()
        return expansion, _merged(_outcomes(world, contract, definition, everything=everything) for world in worlds)
    return expansion, _merged([outcomes])


def _is_told(outcome: Outcome) -> bool:
    """Whether an outcome is a finding."""
    return outcome.verdict != "proven" and (outcome.limit is None or not is_seen_to_later(outcome.limit))


@lru_cache(maxsize=8)
def _assessor(contract: Contract, kind: RequestKind) -> tuple[Assessor, Mapping[str, Any]]:
    schema = contract.rules_of(kind)
    return Assessor(lambda target: resolve(schema, target)), {"$ref": schema["$ref"]}


def _outcomes(world: World, contract: Contract, definition: Definition, *, everything: bool) -> list[Outcome]:
    assessor, schema = _assessor(contract, definition.kind)
    return assessor.assess(schema, world.payload, everything=everything)


def _key(outcome: Outcome) -> tuple[object, ...]:
    rule = outcome.limit["rule"] if outcome.limit else (outcome.keyword, outcome.key)
    made = outcome.value.made
    return rule, outcome.path if not isinstance(made, Made) else (made.origin, made.through), outcome.key


_ORDER = ("proven", "can break", "unbounded", "broken")


def _merged(worlds: Iterable[list[Outcome]]) -> list[Outcome]:
    """One outcome for each limit at each place: broken only where it is in every world."""
    found: dict[tuple[object, ...], list[Outcome]] = {}
    count = 0
    for outcomes in worlds:
        count += 1
        here: dict[tuple[object, ...], Outcome] = {}
        for outcome in outcomes:
            key = _key(outcome)
            other = here.get(key)
            if other is None or _ORDER.index(outcome.verdict) > _ORDER.index(other.verdict):
                here[key] = outcome
        for key, outcome in here.items():
            found.setdefault(key, []).append(outcome)
    merged = []
    for outcomes in found.values():
        worst = max(outcomes, key=lambda outcome: _ORDER.index(outcome.verdict))
        if worst.verdict == "broken" and sum(outcome.verdict == "broken" for outcome in outcomes) < count:
            worst = replace(worst, verdict="can break")
        merged.append(worst)
    return merged


# --------------------------------------------------------------------------------------------------------- findings


def _made_of(outcome: Outcome, definition: Definition) -> Made:
    made = outcome.value.made
    return made if isinstance(made, Made) else Made(definition.body, definition.body.origin)


def _limit_finding(outcome: Outcome, made: Made, span: Span) -> Diagnostic | None:
    related = tuple(Related(origin.span, "included here") for origin in reversed(made.through))
    if outcome.limit is None:
        return _structure_finding(outcome, span, related)
    from msgc.prove.words import describe

    limit = read_limit(outcome.limit)
    words = describe(outcome, limit, made.shares, _source(outcome))
    return Diagnostic(
        rule=limit.rule,
        severity="error" if outcome.verdict == "broken" else "warning",
        message=sentence(words.message),
        span=span,
        found=words.found,
        allowed=words.allowed,
        source=limit.citation,
        help=sentence(words.help or "") or None,
        related=related,
    )


def _structure_finding(outcome: Outcome, span: Span, related: tuple[Related, ...]) -> Diagnostic | None:
    if outcome.keyword == "type" or (outcome.keyword == "required" and outcome.key is None):
        return None  # told by the templates' own findings
    violation = Violation(outcome.path, outcome.keyword, outcome.constraint, "…", extra={"key": outcome.key or ""})
    words = describe_violation(violation, None)
    certain = outcome.verdict == "broken"
    message = words["message"] if certain else f"{words['message']}, for some values"
    fields = {**words, "message": message, "severity": "error" if certain else "warning", "found": None}
    return Diagnostic(**fields, span=span, related=related)


def _source(outcome: Outcome) -> Source | None:
    """The loop that makes most items of a list that has too many or too few, or some that are equal."""
    value, keyword = outcome.value, outcome.keyword
    if keyword.endswith("TotalItems"):
        pointer = outcome.constraint["of"]
    elif keyword == "uniqueAcross":
        pointer = outcome.constraint.rpartition("/*")[0]
    else:
        return _longest(value)
    lists = list(places(pointer, value))
    known = [source for inner, _ in lists if (source := _longest(inner)) is not None]
    # Where the lists are repeated themselves, bounding one of them is not enough.
    return max(known, key=_most) if known and all(count.most == 1 for _, count in lists) else None


def _most(source: Source) -> float:
    return float("inf") if source.count.most is None else source.count.most


def _longest(value: Value) -> Source | None:
    made = value.made
    if value.sequence is None or not isinstance(made, Made) or not isinstance(made.node, Items):
        return None
    loops = [node.loop for node in map(unguarded, made.node.entries) if isinstance(node, Repeated)]
    parts = [part.count for part in value.sequence.parts if part.count != Range(1, 1)]
    if not loops or not parts:
        return None
    from msgc.prove.words import Source

    code = loops[0].text.partition(" in ")[2].partition(" if ")[0].strip()
    return Source(code, max(parts, key=lambda count: float("inf") if count.most is None else count.most))


def _span(outcome: Outcome, made: Made) -> Span:
    origin = made.origin
    if isinstance(made.node, Leaf):
        return _inside(made, made.node)
    if origin.path == ():
        return origin.document.source.span(0, 0)
    return (
        origin.key_span if outcome.keyword in _CONTENT_KEYS or outcome.value.kinds & {"list", "object"} else origin.span
    )


def _inside(made: Made, leaf: Leaf) -> Span:
    """The expression that makes most of a text, else the whole leaf."""
    values = [share for share in made.shares if share.code]
    if not values:
        return made.origin.span
    largest = max(values, key=lambda share: (share.points.most is None, share.points.most or 0))
    total = sum(share.points.most or 0 for share in made.shares)
    for start, end in leaf.template.expressions:
        if leaf.template.text[start:end].strip() == largest.code and (
            largest.points.most is None or 2 * largest.points.most > total
        ):
            return content_span(made.origin.document, made.origin.path, start, end)
    return made.origin.span


def _within(problem: Diagnostic, whole: Span | None) -> bool:
    """Whether a finding lies inside of a place, or holds it."""
    span = problem.span
    if span is None or whole is None or span.source != whole.source:
        return False
    return (whole.start <= span.start and span.end <= whole.end) or (
        span.start <= whole.start and whole.end <= span.end
    )


def _shown(found: str | None, witness: Witness | None) -> str:
    start = "" if found is None else f"{found}; "
    if witness is None:
        return f"{start}no values were found that show it"
    size = f"{witness.size} " if witness.size else ""
    return f"{start}{size}with {witness.shown}"


# ------------------------------------------------------------------------------------------------------------ bounds


def _bound(outcome: Outcome, definition: Definition) -> Bound:
    from msgc.prove.words import allowed_of

    assert outcome.limit is not None
    limit: Limit = read_limit(outcome.limit)
    made = _made_of(outcome, definition)
    return Bound(
        dotted(outcome.path) or "(the request)",
        limit.rule,
        limit.severity,
        outcome.verdict,
        outcome.measured,
        allowed_of(outcome),
        limit.unit,
        isinstance(made.node, Constant),
        limit.checked == "in each message",
        _span(outcome, made),
    )
