"""Verifying: a payload is held against the contract, and every violation becomes a finding in the author's file.

The contract says what is wrong with the JSON; this module says it in the author's words, at the line and inside the
expression that made the value. One cause gives one finding.
"""

from __future__ import annotations

import re
from typing import Any

from msgc.contract import Contract, Place
from msgc.definition import Constant, Leaf, Origin
from msgc.diagnostic import Diagnostic, Related, enumerate_words
from msgc.document import Path, dotted, pointer
from msgc.echoes import without_echoes
from msgc.payload import Payload, Trace
from msgc.rules import finding
from msgc.scalars import content_span
from msgc.source import Span
from msgc.template import lint
from msgc.validate import CLOSED, Violation, check_value
from msgc.wording import describe, quote

# What is wrong with a whole object or list is told at its key; its excerpt would say less.
_LENGTH_KEYWORDS = frozenset({"maxLength", "maxUtf16Length"})
_WHOLE_KEYWORDS = frozenset({"required", "anyOf", "oneOf", "minItems", "minTotalItems"})
_SOURCES = 4
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_BLOCK_HEADER = re.compile(r"([|>][1-9]?)\+?")


def verify(payload: Payload, contract: Contract, *, recipient: bool, example: str | None = None) -> list[Diagnostic]:
    """What is wrong with a payload, and what is doubtful. Empty for a payload that the API accepts.

    `recipient` says whether a payload without one is wrong; `example` names the example that gave the values.
    Findings of severity `info` (`limit-overridden`) tell where only an override lets the payload pass.
    """
    fields: dict[str, Any] = {"definition": payload.definition.name, "example": example}
    unfit = check_value(payload.data)
    if unfit:
        return [_not_json(payload, path, reason, fields) for path, reason in unfit if not payload.is_doubtful(path)]
    kind = payload.definition.kind
    violations = [
        violation
        for violation in contract.judge(kind, payload.data, recipient=recipient)
        if not payload.is_doubtful(violation.path)
    ]
    problems = [_explain(payload, contract, violation, fields) for violation in without_echoes(violations)]
    if contract.overrides:
        problems += _overridden(payload, contract, violations, recipient, fields)
    return problems + _edges(payload, fields)


# ---------------------------------------------------------------------------------------------------------- places


def _explain(payload: Payload, contract: Contract, violation: Violation, fields: dict[str, Any]) -> Diagnostic:
    place = _place(contract, payload, violation.path[:-1]) if violation.keyword in CLOSED else None
    words = describe(violation, place)
    trace, rest = payload.locate(violation.path)
    span = _blame(payload, violation, words["rule"], trace, exact=not rest)
    if words.get("found") is not None:
        words["found"] += _because(trace, violation.value, exact=not rest)
    related = [Related(origin.span, "included here") for origin in reversed(trace.through)]
    for other in violation.extra.get("places", ()):
        related += _other_place(payload.locate(other)[0], span, related)
    if isinstance(trace.node, Constant) and not rest:
        fields = {**fields, "example": None}  # it is wrong for every value
    return Diagnostic(**words, span=span, related=tuple(related), pointer=pointer(violation.path) or None, **fields)


def _other_place(other: Trace, span: Span, known: list[Related]) -> list[Related]:
    """Where the twin of a value stands; twins that a fragment makes differ only in who includes it."""
    if other.origin.span != span:
        return [Related(other.origin.span, "and here")]
    told = {related.span for related in known}
    return [Related(origin.span, "and here") for origin in other.through if origin.span not in told]


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
        return _inside(trace, trace.node, mostly=violation.keyword in _LENGTH_KEYWORDS)
    return trace.origin.span


def _heading(trace: Trace) -> Span:
    """The key of a collection: a whole list in an excerpt says less than its name."""
    origin: Origin = trace.origin
    if origin.path == ():
        return origin.document.source.span(0, 0)
    return origin.key_span


def _inside(trace: Trace, leaf: Leaf, *, mostly: bool) -> Span:
    """The expression that made the text of a template (or, with `mostly`, most of it), else the whole leaf."""
    pieces = leaf.template.traced(trace.scope)
    start, end, made = max(pieces, key=lambda piece: len(piece[2]), default=(0, 0, ""))
    size = sum(len(text) for _, _, text in pieces)
    is_maker = 2 * len(made) > size if mostly else len(made) == size
    if not is_maker or (start, end) not in leaf.template.expressions:
        return trace.origin.span
    return content_span(trace.origin.document, trace.origin.path, start, end)


def _because(trace: Trace, made: Any, *, exact: bool) -> str:
    """Which parameters a rendered value came from."""
    if not exact or not isinstance(trace.node, Leaf):
        return ""
    sources = {}
    for reference in trace.node.template.references:
        dotted_name = _DOTTED.match(trace.node.template.text, reference.start)
        name = dotted_name[0] if dotted_name else reference.name
        value = _look_up(name, trace.scope)
        if isinstance(value, str | int | float | bool):
            sources[name] = name if value == made else f"{name} = {quote(value)}"
    return f", from {enumerate_words(list(sources.values())[:_SOURCES], 'and')}" if sources else ""


def _look_up(name: str, scope: dict[str, Any]) -> Any:
    value: Any = scope
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


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
        leading, trailing = text.startswith("\n"), text.endswith("\n")
        if _is_told_by_lint(trace, leading=leading):
            continue
        where = " and ".join(word for word, there in (("begins", leading), ("ends", trailing)) if there)
        problems.append(
            finding(
                "edge-newline",
                f"`{dotted(path)}` {where} with a newline",
                trace.origin.key_span,
                pointer=pointer(path),
                found=quote(text) + _because(trace, text, exact=True),
                help=_without_newline(trace, leading=leading),
                **fields if isinstance(trace.node, Leaf) else {**fields, "example": None},
            )
        )
    return problems


def _is_told_by_lint(trace: Trace, *, leading: bool) -> bool:
    """Whether the newline stands beside a tag alone on its line, which the definition's own findings tell."""
    if not isinstance(trace.node, Leaf):
        return False
    text = trace.node.template.text
    return any(not (text[:start] if leading else text[end:]).strip() for _, start, end, _, _ in lint(text))


def _without_newline(trace: Trace, *, leading: bool) -> str:
    """How to write a text without the newline at its edge."""
    node = trace.origin.document.node(trace.origin.path)
    text = node.text or ""
    if text.startswith("\n") if leading else text.endswith("\n"):
        header = _BLOCK_HEADER.match(trace.origin.document.source.text, node.start)
        if header is None or leading:
            return "remove it from the text"
        return f"write `{header[1]}-` instead of `{header[0]}`"
    if isinstance(trace.node, Leaf) and trace.node.template.expressions:
        start, end = trace.node.template.expressions[0 if leading else -1]
        if (text[:start].rstrip() == "{{") if leading else (text[end:].lstrip() == "}}"):
            return f"it comes from the value: write `{{{{ {text[start:end].strip(' -')} | trim }}}}`"
    return "add `-` inside the tag, as in `{%- if x %}` or `{% endif -%}`"


def _overridden(
    payload: Payload, contract: Contract, violations: list[Violation], recipient: bool, fields: dict[str, Any]
) -> list[Diagnostic]:
    """What the sources' own limits would have said, where an override keeps silent."""
    strict = contract.as_stated
    said = {(violation.path, violation.limit["rule"]) for violation in violations if violation.limit}
    problems = []
    for violation in without_echoes(strict.judge(payload.definition.kind, payload.data, recipient=recipient)):
        rule = violation.limit["rule"] if violation.limit else ""
        known = payload.is_doubtful(violation.path) or (violation.path, rule) in said
        if rule in contract.overrides and not known:
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
                    **{**fields, "example": plain.example},
                )
            )
    return problems
