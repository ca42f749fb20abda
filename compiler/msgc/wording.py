"""Wording: a violation of the contract in the author's words, without its place.

A limit's own account (`x-limit`) gives the subject, the unit, the authority and the advice; a keyword gives the
sentence. What a limit says in `message` wins over the sentence.
"""

from __future__ import annotations

from typing import Any

from msgc.contract import Limit, Place, read_limit
from msgc.diagnostic import enumerate_words, nearest, sentence
from msgc.document import dotted
from msgc.validate import CLOSED, Violation, chosen_branch

_FOUND_LENGTH = 100
_AT_MOST = frozenset({"maxLength", "maxUtf16Length", "maxUtf8Bytes", "maxItems", "maxTotalItems"})
_AT_LEAST = frozenset({"minLength", "minItems", "minTotalItems"})
_UNIQUE = frozenset({"uniqueItemProperties", "uniqueAcross", "uniqueItems"})
_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def describe(violation: Violation, place: Place | None) -> dict[str, Any]:
    """Rule, severity, message, found, allowed, source and help of a violation: fields of a diagnostic.

    `place` is the contract's view of the object in which an unknown key stands, where it is known.
    """
    if violation.limit is not None:
        return _describe_limit(violation, read_limit(violation.limit))
    inner = chosen_branch(violation)
    if inner:
        return describe(inner[0], place)
    words = _describe_structure(violation, place)
    return words | {"message": sentence(words["message"]), "help": sentence(words.get("help") or "") or None}


def quote(value: Any) -> str:
    """A value as a finding shows it: text in quotes, long values cut, collections counted."""
    if isinstance(value, str):
        shown = value if len(value) <= _FOUND_LENGTH else value[:_FOUND_LENGTH] + "…"
        return '"' + shown.replace("\n", "⏎") + '"'
    if isinstance(value, dict | list):
        word = "key" if isinstance(value, dict) else "item"
        return f"{len(value)} {word}{'' if len(value) == 1 else 's'}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _describe_limit(violation: Violation, limit: Limit) -> dict[str, Any]:
    text, found, allowed = _sides(violation, limit)
    if allowed is not None and limit.authority != "msgc":
        allowed = f"{allowed}, by {limit.authority}"
    return {
        "rule": limit.rule,
        "severity": limit.severity,
        "message": sentence(limit.message or text),
        "found": found,
        "allowed": allowed,
        "source": limit.citation,
        "help": sentence(limit.help) or None,
    }


def _sides(violation: Violation, limit: Limit) -> tuple[str, str | None, str | None]:
    """The sentence that says what is wrong, what was found, and what is allowed."""
    keyword, value = violation.keyword, violation.value
    found = None if isinstance(value, dict | list) else quote(value)
    if keyword in _AT_MOST or keyword in _AT_LEAST:
        size, unit = _measure(violation, limit)
        number = _number(violation)
        has = "takes" if limit.unit == "bytes" else "has"
        counted = f"{size:,} {_plural(unit, size)}"
        bound = f"{number:,} {_plural(unit, number)}"
        if keyword in _AT_LEAST:
            text = f"{limit.subject} is empty" if not size else f"{limit.subject} {has} only {counted}"
            return text, found, f"at least {bound}"
        counted = f"{counted}: {found}" if isinstance(value, str) else counted
        if limit.of is not None:
            bound = f"{number:,} {_plural('characters', number)}"
        return _too_much(violation, limit, size, unit, number), counted, f"at most {bound}"
    if keyword in ("maximum", "minimum"):
        side = "at most" if keyword == "maximum" else "at least"
        unit = "" if limit.unit == "none" else f" {limit.unit}"
        return f"{limit.subject} is outside its range", found, f"{side} {violation.constraint}{unit}"
    if keyword in _UNIQUE:
        repeated = violation.extra.get("found")
        return f"{limit.subject} is there more than once", quote(repeated), None
    if keyword == "enum":
        return (
            f"{limit.subject} is unknown",
            found,
            enumerate_words([quote(word) for word in violation.constraint]),
        )
    if keyword == "oneOf" and isinstance(value, dict):
        return (
            f"{limit.subject} is not one of its kinds",
            enumerate_words(sorted(map(str, value)), "and"),
            None,
        )
    return (
        f"{limit.subject} is not what {limit.authority} allows",
        None if keyword == "required" else found,
        None,
    )


def _too_much(violation: Violation, limit: Limit, size: int, unit: str, number: int) -> str:
    # Nobody states our own advice, and `msgc allows` would read like a setting.
    allowance = (
        f"at most {number:,} are advised" if limit.authority == "msgc" else f"{limit.authority} allows {number:,}"
    )
    counted = f"{size:,} {_plural(unit, size)}"
    if limit.of is not None and isinstance(violation.value, str):
        characters = f"{len(violation.value):,} {_plural('characters', len(violation.value))}"
        return f"{limit.subject} may be too long: it has {characters}, which are {counted}; {allowance}"
    if unit == "items" and limit.subject.startswith("the "):
        return f"there {'is' if size == 1 else 'are'} {size:,} {limit.subject.removeprefix('the ')}; {allowance}"
    return f"{limit.subject} {'takes' if limit.unit == 'bytes' else 'has'} {counted}; {allowance}"


def _describe_structure(violation: Violation, place: Place | None) -> dict[str, Any]:
    name = f"`{dotted(violation.path)}`" if violation.path else "the payload"
    words: dict[str, Any] = {
        "rule": "wrong-type",
        "severity": "error",
        "message": f"{name} is not what the API takes there",
        "found": quote(violation.value),
    }
    if violation.keyword in CLOSED:
        key = str(violation.extra["key"])
        known = [str(word) for word in violation.extra.get("known", ())]
        owner = f"`{dotted(violation.path[:-1])}`" if violation.path[1:] else "the payload"
        words |= unknown_key(key, owner, known, place)
    elif violation.keyword == "required":
        key = str(violation.extra["key"])
        words |= {
            "rule": "missing-key",
            "message": f"{name} has no `{key}`",
            "found": None,
            "help": f"add `{key}`",
        }
    elif violation.keyword in ("enum", "const"):
        values = violation.constraint if violation.keyword == "enum" else [violation.constraint]
        # An enum's zero value is known to the API and means that nothing was chosen: no advice.
        values = [value for value in values if not str(value).endswith("_unspecified")]
        close = nearest(str(violation.value), [str(value) for value in values])
        allowed = enumerate_words([quote(value) for value in values]) or None
        words |= {
            "rule": "unknown-value",
            "message": f"{quote(violation.value)} is not a value of {name}",
            "allowed": allowed,
            "help": f"did you mean `{close}`?" if close else f"write {allowed}" if allowed else "leave it out",
        }
    elif violation.keyword == "type":
        wanted = violation.constraint if isinstance(violation.constraint, list) else [violation.constraint]
        allowed = enumerate_words([_TYPES.get(str(word), str(word)) for word in wanted])
        words |= {"message": f"{name} wants {allowed}", "allowed": allowed}
    return words


def unknown_key(key: str, owner: str, known: list[str], place: Place | None) -> dict[str, Any]:
    """The fields of a finding about a key that `owner` (a phrase) does not have; `known` are those that it has."""
    if place is not None and key in place.webhook_only:
        return {
            "rule": "unknown-key",
            "message": f"`{key}` exists in webhooks only and cannot be sent",
            "found": key,
            "help": "Remove it",
        }
    close = nearest(key, known)
    return {
        "rule": "unknown-key",
        "message": sentence(f"{owner} has no key `{key}`"),
        "found": key,
        "allowed": enumerate_words(known),
        "help": f"Did you mean `{close}`?" if close else "Remove it, or use one of the allowed keys",
    }


def _measure(violation: Violation, limit: Limit) -> tuple[int, str]:
    """How much was found, and in which unit."""
    found = violation.extra.get("found")
    if isinstance(found, int):
        return found, limit.unit if limit.unit != "none" else "items"
    unit = "characters" if isinstance(violation.value, str) else "items"
    return len(violation.value), unit


def _number(violation: Violation) -> int:
    constraint = violation.constraint
    number = constraint["limit"] if isinstance(constraint, dict) else constraint
    assert isinstance(number, int | float), "the builder has checked the constraint"
    return int(number)


def _plural(unit: str, count: int) -> str:
    return unit[:-1] if count == 1 and unit.endswith("s") else unit
