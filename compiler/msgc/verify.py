"""Verifying: a payload is held against the contract, and every violation becomes a finding in the author's file.

The contract says what is wrong with the JSON; this module says it in the author's words, at the line and inside the
expression that made the value. One cause gives one finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgc.contract import Contract, Limit, Place, read_limit
from msgc.definition import Leaf, Origin
from msgc.diagnostic import Diagnostic, Related, enumerate_words, nearest
from msgc.document import Path
from msgc.payload import Payload, Trace, dotted, pointer
from msgc.rules import finding
from msgc.scalars import content_span
from msgc.source import Span
from msgc.validate import Violation, check_value, chosen_branch

_FOUND_LENGTH = 100
# Assertions about the kind of a value; what else is wrong with a value of the wrong kind is not worth a finding.
_KIND_KEYWORDS = frozenset({"type", "enum", "const", "false"})
_LENGTH_KEYWORDS = frozenset({"maxLength", "minLength", "maxUtf16Length", "pattern"})
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
            violation.path[: len(path)] == path
            and (violation.path != path or violation.keyword not in _KIND_KEYWORDS)
            for path in broken
        )
        if not below and not (rule == _TWIN_RULE and violation.path in too_long):
            kept.append(violation)
    return kept


def describe(violation: Violation, place: Place | None) -> dict[str, Any]:
    """Rule, severity, message, found, allowed, source and help of a violation, without its place."""
    if violation.limit is not None:
        return _describe_limit(violation, read_limit(violation.limit))
    return _describe_structure(violation, place)


def quote(value: Any) -> str:
    """A value as a finding shows it: text in quotes, long values cut."""
    if isinstance(value, str):
        shown = value if len(value) <= _FOUND_LENGTH else value[:_FOUND_LENGTH] + "…"
        return '"' + shown.replace("\n", "⏎") + '"'
    if isinstance(value, dict | list):
        return f"{len(value)} {'keys' if isinstance(value, dict) else 'items'}"
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if value is None or isinstance(
        value, bool
    ) else str(value)


# --------------------------------------------------------------------------------------------------------- wording


def _describe_limit(violation: Violation, limit: Limit) -> dict[str, Any]:
    size, unit = _measure(violation, limit)
    number = _number(violation)
    found = quote(violation.value)
    allowed = None
    message = limit.message
    if violation.keyword in ("maxLength", "maxUtf16Length", "maxUtf8Bytes", "maxItems", "maxTotalItems"):
        allowed = f"at most {number:,} {_plural(unit, number)}"
        message = message or f"{limit.subject} {_has(limit)} {size:,} {_plural(unit, size)}; {limit.authority} allows {number:,}"
        found = f"{size:,} {_plural(unit, size)}: {found}" if isinstance(violation.value, str) else f"{size:,} {_plural(unit, size)}"
    elif violation.keyword in ("minLength", "minItems", "minTotalItems"):
        allowed = f"at least {number:,} {_plural(unit, number)}"
        message = message or (f"{limit.subject} is empty" if not size else f"{limit.subject} {_has(limit)} only {size:,} {_plural(unit, size)}")
    elif violation.keyword in ("maximum", "minimum"):
        bound = "at most" if violation.keyword == "maximum" else "at least"
        allowed = f"{bound} {violation.constraint}"
        message = message or f"{limit.subject} is {quote(violation.value)}, outside what {limit.authority} allows"
    elif violation.keyword in ("uniqueItemProperties", "uniqueAcross", "uniqueItems"):
        repeated = violation.extra.get("found")
        found = quote(repeated) if repeated is not None else found
        message = message or f"{limit.subject} is there more than once"
    elif violation.keyword == "required":
        found = None
    elif violation.keyword == "oneOf" and "matching" in violation.extra:
        found = enumerate_words([str(key) for key in violation.value], "and") if isinstance(violation.value, dict) else found
    elif violation.keyword == "enum":
        allowed = enumerate_words([quote(value) for value in violation.constraint])
    elif isinstance(violation.value, dict | list):
        found = None
    if allowed is not None and limit.authority != "msgc":
        allowed = f"{allowed}, by {limit.authority}"
    return {
        "rule": limit.rule,
        "severity": limit.severity,
        "message": _sentence(message or f"{limit.subject} breaks a limit of {limit.authority}"),
        "found": found,
        "allowed": allowed,
        "source": limit.citation,
        "help": limit.help or None,
    }


def _describe_structure(violation: Violation, place: Place | None) -> dict[str, Any]:
    name = dotted(violation.path) or "the payload"
    rule, found, allowed, help_ = "wrong-type", quote(violation.value), None, None
    message = f"`{name}` is not what the API takes there"
    if violation.keyword in ("additionalProperties", "unevaluatedProperties"):
        key = str(violation.extra.get("key"))
        known = [str(word) for word in violation.extra.get("known", ())]
        close = nearest(key, known)
        rule, found, allowed = "unknown-key", key, enumerate_words(known)
        message = f"`{dotted(violation.path[:-1]) or 'the payload'}` has no key `{key}`"
        help_ = f"did you mean `{close}`?" if close else "remove it"
        if place is not None and key in place.webhook_only:
            message, help_ = f"`{key}` exists in webhooks only and cannot be sent", "remove it"
    elif violation.keyword == "required":
        key = str(violation.extra.get("key"))
        rule, found = "missing-key", None
        message, help_ = f"`{name}` has no `{key}`", f"add `{key}`"
    elif violation.keyword == "enum":
        words = [quote(value) for value in violation.constraint]
        close = nearest(str(violation.value), [str(value) for value in violation.constraint])
        rule, allowed = "unknown-value", enumerate_words(words)
        message = f"{quote(violation.value)} is not a value of `{name}`"
        help_ = f"did you mean `{close}`?" if close else f"write {enumerate_words(words)}"
    elif violation.keyword == "type":
        wanted = violation.constraint if isinstance(violation.constraint, list) else [violation.constraint]
        allowed = enumerate_words([_TYPES.get(word, word) for word in wanted])
        message = f"`{name}` wants {allowed}"
    elif violation.branches:
        inner = chosen_branch(violation)
        if inner:
            return describe(inner[0], place)
    return {"rule": rule, "severity": "error", "message": message, "found": found, "allowed": allowed, "help": help_}


_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def _measure(violation: Violation, limit: Limit) -> tuple[int, str]:
    """How much was found, and in which unit."""
    found = violation.extra.get("found")
    if isinstance(found, int) and not isinstance(found, bool):
        return found, "items" if violation.keyword.endswith("TotalItems") else limit.unit
    if isinstance(violation.value, str):
        return len(violation.value), "characters"
    return (len(violation.value), "items") if isinstance(violation.value, list | dict) else (0, limit.unit)


def _number(violation: Violation) -> int:
    constraint = violation.constraint
    number = constraint["limit"] if isinstance(constraint, dict) else constraint
    return int(number) if isinstance(number, int | float) else 0


def _has(limit: Limit) -> str:
    return "takes" if limit.unit == "bytes" else "has"


def _plural(unit: str, count: int) -> str:
    return unit[:-1] if count == 1 and unit.endswith("s") else unit


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") if not text.startswith("`") else text.rstrip(".")


# ---------------------------------------------------------------------------------------------------------- places


def _explain(payload: Payload, contract: Contract, violation: Violation, fields: dict[str, Any]) -> Diagnostic:
    parent = violation.path[:-1] if violation.keyword in ("additionalProperties", "unevaluatedProperties") else ()
    place = _place(contract, payload, parent)
    words = describe(violation, place)
    span, related = _blame(payload, violation, words["rule"])
    if words.get("found") is not None:
        words["found"] += _because(payload, violation.path, fields["example"])
    for other in violation.extra.get("places", ()):
        trace, _ = payload.locate(other)
        if trace.origin.span != span:
            related.append(Related(trace.origin.span, "and here"))
    return Diagnostic(
        **words, span=span, related=tuple(related), pointer=pointer(violation.path) or None, **fields
    )


def _place(contract: Contract, payload: Payload, path: Path) -> Place | None:
    place: Place | None = contract.request(payload.definition.kind)
    for step in path:
        if place is None:
            return None
        place = place.item if isinstance(step, int) else place.field(str(step))
    return place


def _blame(payload: Payload, violation: Violation, rule: str) -> tuple[Span, list[Related]]:
    trace, rest = payload.locate(violation.path)
    related = [Related(origin.span, "included here") for origin in reversed(trace.through)]
    if rule == "unknown-key":
        return trace.origin.key_span, related
    if violation.keyword in ("required", "anyOf", "oneOf", "minItems", "maxTotalItems", "minTotalItems") or isinstance(
        violation.value, dict | list
    ):
        places = [place for place in violation.extra.get("places", ()) if payload.locate(place)[1] == ()]
        if places and violation.keyword in ("uniqueItemProperties", "uniqueAcross", "maxTotalItems"):
            return payload.locate(places[0])[0].origin.span, related
        return _heading(trace), related
    if not rest and isinstance(trace.node, Leaf):
        return _inside(trace, trace.node), related
    return trace.origin.span, related


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


def _because(payload: Payload, path: Path, example: str | None) -> str:
    """Which parameters a rendered value came from, and which example gave them."""
    trace, rest = payload.locate(path)
    if rest or not isinstance(trace.node, Leaf):
        return f" in the example `{example}`" if example and isinstance(trace.node, Leaf) else ""
    names = dict.fromkeys(reference.name for reference in trace.node.template.references)
    shown = [
        f"{name} = {quote(trace.scope[name])}"
        for name in names
        if name in trace.scope and isinstance(trace.scope[name], str | int | float | bool)
    ]
    source = f"the example `{example}`" if example else ""
    if shown:
        source = f"{enumerate_words(shown[:3], 'and')}{', ' + source if source else ''}"
    return f", from {source}" if source else ""


def _not_json(payload: Payload, path: Path, reason: str, fields: dict[str, Any]) -> Diagnostic:
    trace, _ = payload.locate(path)
    return finding(
        "not-json", f"`{dotted(path)}` {reason}", trace.origin.span, pointer=pointer(path) or None,
        help="JSON cannot carry it: change the value", **fields,
    )  # fmt: skip


def _edges(payload: Payload, fields: dict[str, Any]) -> list[Diagnostic]:
    """Leading and trailing newlines of the message's texts: nearly always an accident of YAML or of a template."""
    problems = []
    for path, text, trace in payload.texts():
        if path[0] == "callbackData" or text == text.strip("\n"):
            continue
        style = trace.origin.document.node(trace.origin.path).style
        leading = text.startswith("\n")
        repair = "write `|-` instead of `|`" if style in ("literal", "folded") and not leading else (
            "add `-` inside the tag, as in `{%- if x %}` or `{% endif -%}`"
        )  # fmt: skip
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
