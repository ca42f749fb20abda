"""Verifying: a payload is held against the contract, and every violation becomes a finding in the author's file.

The contract says what is wrong with the JSON; this module says it in the author's words, at the line and inside the
expression that made the value. One cause gives one finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgc.contract import Contract, Place
from msgc.definition import Constant, Leaf, Origin
from msgc.diagnostic import Diagnostic, Related, enumerate_words
from msgc.document import Path
from msgc.payload import Payload, Trace, dotted, pointer
from msgc.rules import finding
from msgc.scalars import content_span
from msgc.source import Span
from msgc.validate import CLOSED, Violation, check_value
from msgc.wording import describe, quote

# Assertions about the kind of a value; what else is wrong with a value of the wrong kind is not worth a finding.
_KIND_KEYWORDS = frozenset({"type", "enum", "const", "false"})
# What is wrong with a whole object or list is told at its key; its excerpt would say less.
_WHOLE_KEYWORDS = frozenset({"required", "anyOf", "oneOf", "minItems", "minTotalItems"})
_TWIN_RULE = "length-ambiguous"


def verify(payload: Payload, contract: Contract, *, recipient: bool, example: str | None = None) -> list[Diagnostic]:
    """What is wrong with a payload, and what is doubtful. Empty for a payload that the API accepts.

    `recipient` says whether a payload without one is wrong; `example` names the example that gave the values.
    Findings of severity `info` (`limit-overridden`) tell where only an override lets the payload pass.
    """
    fields: dict[str, Any] = {"definition": payload.definition.name, "example": example}
    unfit = check_value(payload.data)
    if unfit:
        return [_not_json(payload, path, reason, fields) for path, reason in unfit]
    kind = payload.definition.kind
    violations = contract.judge(kind, payload.data, recipient=recipient)
    problems = [_explain(payload, contract, violation, fields) for violation in without_echoes(violations)]
    if contract.overrides:
        problems += _overridden(payload, contract, violations, recipient, fields)
    return problems + _edges(payload, fields)


def without_echoes(violations: Iterable[Violation]) -> list[Violation]:
    """The violations without those that only repeat another one in other words."""
    everything = list(violations)
    broken = [violation.path for violation in everything if violation.keyword in _KIND_KEYWORDS]
    too_long = {violation.path for violation in everything if violation.keyword == "maxLength"}
    kept = []
    for violation in everything:
        rule = violation.limit["rule"] if violation.limit else None
        below = any(
            violation.path[: len(path)] == path and (violation.path != path or violation.keyword not in _KIND_KEYWORDS)
            for path in broken
        )
        if not below and not (rule == _TWIN_RULE and violation.path in too_long):
            kept.append(violation)
    return kept


# ---------------------------------------------------------------------------------------------------------- places


def _explain(payload: Payload, contract: Contract, violation: Violation, fields: dict[str, Any]) -> Diagnostic:
    place = _place(contract, payload, violation.path[:-1]) if violation.keyword in CLOSED else None
    words = describe(violation, place)
    trace, rest = payload.locate(violation.path)
    span = _blame(payload, violation, words["rule"], trace, exact=not rest)
    if words.get("found") is not None:
        words["found"] += _because(trace, fields["example"], exact=not rest)
    related = [Related(origin.span, "included here") for origin in reversed(trace.through)]
    for other in violation.extra.get("places", ()):
        other_span = payload.locate(other)[0].origin.span
        if other_span != span:
            related.append(Related(other_span, "and here"))
    if isinstance(trace.node, Constant) and not rest:
        fields = {**fields, "example": None}  # it is wrong for every value
    return Diagnostic(**words, span=span, related=tuple(related), pointer=pointer(violation.path) or None, **fields)


def _place(contract: Contract, payload: Payload, path: Path) -> Place | None:
    place: Place | None = contract.request(payload.definition.kind)
    for step in path:
        place = None if place is None else place.item if isinstance(step, int) else place.field(str(step))
    return place


def _blame(payload: Payload, violation: Violation, rule: str, trace: Trace, *, exact: bool) -> Span:
    if rule == "unknown-key":
        return trace.origin.key_span
    places = [place for place in violation.extra.get("places", ()) if not payload.locate(place)[1]]
    if places and isinstance(violation.value, dict | list):
        return payload.locate(places[0])[0].origin.span
    if violation.keyword in _WHOLE_KEYWORDS or isinstance(violation.value, dict | list):
        return _heading(trace)
    if exact and isinstance(trace.node, Leaf):
        return _inside(trace, trace.node)
    return trace.origin.span


def _heading(trace: Trace) -> Span:
    """The key of a collection: a whole list in an excerpt says less than its name."""
    origin: Origin = trace.origin
    if origin.path == ():
        return origin.document.source.span(0, 0)
    return origin.key_span


def _inside(trace: Trace, leaf: Leaf) -> Span:
    """The expression of a template that made most of its text, or the whole leaf where that is not clear."""
    expressions = leaf.template.expressions
    if len(expressions) != 1:
        return trace.origin.span
    start, end = expressions[0]
    return content_span(trace.origin.document, trace.origin.path, start, end)


def _because(trace: Trace, example: str | None, *, exact: bool) -> str:
    """Which parameters a rendered value came from, and which example gave them."""
    if not exact or not isinstance(trace.node, Leaf):
        return ""
    names = dict.fromkeys(reference.name for reference in trace.node.template.references)
    values = {name: trace.scope.get(name) for name in names}
    sources = [
        f"{name} = {quote(value)}" for name, value in values.items() if isinstance(value, str | int | float | bool)
    ]
    sources += [f"the example `{example}`"] if example else []
    return f", from {enumerate_words(sources[:4], 'and')}" if sources else ""


def _not_json(payload: Payload, path: Path, reason: str, fields: dict[str, Any]) -> Diagnostic:
    trace, _ = payload.locate(path)
    return finding(
        "not-json",
        f"`{dotted(path)}` {reason}",
        trace.origin.span,
        pointer=pointer(path) or None,
        help="JSON cannot carry it: change the value",
        **fields,
    )


def _edges(payload: Payload, fields: dict[str, Any]) -> list[Diagnostic]:
    """Leading and trailing newlines of the message's texts: nearly always an accident of YAML or of a template."""
    problems = []
    for path, text, trace in payload.texts():
        if path[0] == "callbackData" or text == text.strip("\n"):
            continue
        style = trace.origin.document.node(trace.origin.path).style
        leading = text.startswith("\n")
        repair = (
            "write `|-` instead of `|`"
            if style in ("literal", "folded") and not leading
            else ("add `-` inside the tag, as in `{%- if x %}` or `{% endif -%}`")
        )
        problems.append(
            finding(
                "edge-newline",
                f"`{dotted(path)}` {'begins' if leading else 'ends'} with a newline",
                trace.origin.key_span,
                pointer=pointer(path),
                found=quote(text),
                help=repair,
                **fields,
            )
        )
    return problems


def _overridden(
    payload: Payload, contract: Contract, violations: list[Violation], recipient: bool, fields: dict[str, Any]
) -> list[Diagnostic]:
    """What the sources' own limits would have said, where an override keeps silent."""
    strict = contract.with_overrides({})
    said = {(violation.path, violation.limit["rule"]) for violation in violations if violation.limit}
    problems = []
    for violation in without_echoes(strict.judge(payload.definition.kind, payload.data, recipient=recipient)):
        rule = violation.limit["rule"] if violation.limit else ""
        if rule in contract.overrides and (violation.path, rule) not in said:
            plain = _explain(payload, contract, violation, fields)
            value = contract.overrides[rule]
            setting = "switched off" if value is False else f"set to {value}"
            problems.append(
                finding(
                    "limit-overridden",
                    f"{plain.message}; the limit `{rule}` is {setting} by the configuration",
                    plain.span,
                    pointer=plain.pointer,
                    found=plain.found,
                    allowed=plain.allowed,
                    source=plain.source,
                    help="remove the override from the configuration once the message fits",
                    **fields,
                )
            )
    return problems
