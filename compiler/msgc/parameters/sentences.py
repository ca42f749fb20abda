"""What breaks a parameter's schema, in words for the author of the values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgc.diagnostic import enumerate_words, nearest
from msgc.document import Path
from msgc.formats import SPELLINGS, is_date
from msgc.validate import CLOSED, Violation, chosen_branch

KINDS: Mapping[str, str] = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
"""How a sentence names the JSON types."""

_SHOWN = 60
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_SPELT_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt]|\Z)")
_LIKE_A_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.][0-9]+)?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A finding's words. `path` is where it lies; `at_key` says that its key is meant, not its value."""

    rule: str
    message: str
    path: Path
    found: str | None = None
    allowed: str | None = None
    help: str | None = None
    at_key: bool = False


def shown(value: Any) -> str:
    """A value as JSON, cut where it becomes long."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def kind(value: Any) -> str:
    """What a value is, in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else type(value).__name__


def name_of(path: Path) -> str:
    """A path as templates write it: `order.lines[0].name`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def subject_of(path: Path) -> str:
    """How a sentence names a place in the values."""
    return f"`{name_of(path)}`" if path else "the set of values"


def sentences(violations: Sequence[Violation]) -> list[Sentence]:
    """One sentence per cause, in the violations' order; what an object lacks comes first, in one sentence."""
    # A misspelled key is one mistake, not an unknown key and a missing one.
    closed = [violation for violation in violations if violation.keyword in CLOSED]
    meant = frozenset((*v.path[:-1], nearest(v.extra["key"], v.extra["known"]) or "") for v in closed)
    return _tell_all(violations, meant)


def _tell_all(violations: Sequence[Violation], meant: frozenset[Path]) -> list[Sentence]:
    """`meant` are the keys that some misspelled key was meant to be."""
    told: list[Sentence] = []
    lacking: dict[Path, list[str]] = {}
    for violation in _causes(violations):
        if violation.keyword != "required":
            told.extend(_tell(violation, meant))
        elif (*violation.path, violation.extra["key"]) not in meant:
            lacking.setdefault(violation.path, []).append(violation.extra["key"])
    return [*(_missing(path, keys) for path, keys in lacking.items()), *told]


def _causes(violations: Sequence[Violation]) -> Iterator[Violation]:
    """The violations without those that only follow from another one at the same place."""
    mistyped = {v.path for v in violations if v.keyword == "type"}
    unlisted = {v.path for v in violations if v.keyword in ("enum", "const")}
    undecided = {v.path for v in violations if v.keyword in ("anyOf", "oneOf")}
    empty = {v.path for v in violations if v.keyword == "minLength" and v.value == ""}
    for violation in violations:
        inferior = violation.keyword not in ("required", *CLOSED)
        if inferior and violation.path in mistyped and violation.keyword != "type":
            continue
        if inferior and violation.path in unlisted and violation.keyword not in ("type", "enum", "const"):
            continue
        if violation.extra.get("mentioned") and violation.path[:-1] in undecided:
            continue  # where no branch fits, the keys of every branch are left over
        if violation.path in empty and violation.keyword in ("pattern", "format"):
            continue
        yield violation


def _missing(path: Path, keys: list[str]) -> Sentence:
    quoted = enumerate_words([f"`{name_of((*path, key))}`" for key in keys], "and")
    noun = "parameter" if not path else "property"
    if len(keys) > 1:
        noun = "parameters" if not path else "properties"
    return Sentence(
        rule="missing-parameter",
        message=f"the {noun} {quoted} {'is' if len(keys) == 1 else 'are'} missing",
        path=path,
        help="give a value, or a `default` in `params`",
        at_key=True,
    )


def _tell(violation: Violation, meant: frozenset[Path]) -> list[Sentence]:
    if violation.branches:
        return _tell_branches(violation, meant)
    if violation.keyword in CLOSED:
        return [_unknown(violation)]
    subject = subject_of(violation.path)
    if "key" in violation.extra and violation.keyword != "dependentRequired":
        subject = f"the name {shown(violation.extra['key'])} in {subject_of(violation.path[:-1])}"
    teller = _TELLERS.get(violation.keyword, _tell_other)
    message, found, allowed = teller(violation)
    rule = "parameter-type" if violation.keyword == "type" else "parameter-value"
    help_text = None
    if violation.keyword == "type":
        help_text = _type_help(violation)
    elif violation.keyword in ("format", "pattern") and isinstance(violation.value, str):
        help_text = _form_help(violation)
    elif violation.keyword == "enum" and isinstance(violation.value, str):
        near = nearest(violation.value, [item for item in violation.constraint if isinstance(item, str)])
        help_text = f"did you mean {shown(near)}?" if near else None
    return [Sentence(rule, f"{subject} {message}", violation.path, found, allowed, help_text)]


def _unknown(violation: Violation) -> Sentence:
    key, known = violation.extra["key"], violation.extra["known"]
    parent = violation.path[:-1]
    near = nearest(key, known)
    noun = f"{subject_of(parent)} has no property" if parent else "there is no parameter"
    if near is not None:
        help_text = f"did you mean `{near}`?"
    elif parent:
        help_text = "leave it out, or declare it in `params` (`additionalProperties: true` lets any key pass)"
    else:
        help_text = "leave it out, or declare it in `params`"
    patterns = [f"names that match `{pattern}`" for pattern in violation.extra["patterns"]]
    allowed = enumerate_words([*(f"`{name}`" for name in known), *patterns]) or "nothing"
    return Sentence("unknown-parameter", f"{noun} `{key}`", violation.path, key, allowed, help_text, at_key=True)


def _tell_branches(violation: Violation, meant: frozenset[Path]) -> list[Sentence]:
    here = [[v for v in branch if v.path == violation.path] for branch in violation.branches]
    if all(any(v.keyword == "type" for v in branch) for branch in here):
        types = [v.constraint for branch in here for v in branch if v.keyword == "type"]
        allowed = enumerate_words(list(dict.fromkeys(word for named in types for word in _words(named))))
        message = f"{subject_of(violation.path)} is {kind(violation.value)} where {allowed} is wanted"
        return [Sentence("parameter-type", message, violation.path, shown(violation.value), allowed)]
    constants = [v.constraint for branch in here for v in branch if v.keyword == "const"]
    if len(constants) == len(violation.branches):
        allowed = enumerate_words([shown(constant) for constant in constants])
        message = f"{subject_of(violation.path)} is none of the values that it may have"
        return [Sentence("parameter-value", message, violation.path, shown(violation.value), allowed)]
    discriminated = _tell_discriminator(violation)
    return [discriminated] if discriminated else _tell_all(chosen_branch(violation), meant)


def _tell_discriminator(violation: Violation) -> Sentence | None:
    """The one property whose value fits none of the branches that are possible at all, if that is the cause."""
    depth = len(violation.path)
    possible = [
        branch for branch in violation.branches if not any(v.keyword == "type" and len(v.path) == depth for v in branch)
    ]
    constants = [
        {v.path: v for v in branch if v.keyword == "const" and len(v.path) == depth + 1} for branch in possible
    ]
    shared = set(constants[0]).intersection(*constants[1:]) if len(constants) > 1 else set()
    if len(shared) != 1:
        return None
    path = shared.pop()
    options = [found[path] for found in constants]
    allowed = enumerate_words([shown(v.constraint) for v in options])
    message = f"{subject_of(path)} is none of the values that it may have"
    return Sentence("parameter-value", message, path, shown(options[0].value), allowed)


def _words(named: str | list[str]) -> list[str]:
    return [KINDS[name] for name in ([named] if isinstance(named, str) else named)]


def _type_help(violation: Violation) -> str | None:
    wanted = [violation.constraint] if isinstance(violation.constraint, str) else violation.constraint
    value = violation.value
    if value is None:
        return "give it a value, or leave it out if it has a `default`"
    if isinstance(value, str) and "boolean" in wanted:
        return "write `true` or `false`, without quotes"
    if isinstance(value, str) and {"number", "integer"} & set(wanted):
        return "write it without quotes" if _LIKE_A_NUMBER.fullmatch(value) else None
    if "string" in wanted and isinstance(value, int | float):
        return "put it in quotes"
    if "array" in wanted and not isinstance(value, dict):
        return "write a list, even for a single item"
    return None


def _form_help(v: Violation) -> str | None:
    bare = v.value.strip()
    if bare != v.value:
        return f"remove the space around it: {shown(bare)}"
    if v.keyword == "format" and v.constraint == "date" and (german := _DAY_FIRST.fullmatch(v.value)):
        day, month, year = german.groups()
        date = f"{year}-{month:0>2}-{day:0>2}"
        return f"write {date}" if is_date(date) else None
    return None


Told = tuple[str, str | None, str | None]


def _tell_type(v: Violation) -> Told:
    allowed = enumerate_words(_words(v.constraint))
    return f"is {kind(v.value)} where {allowed} is wanted", shown(v.value), allowed


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 character`, `2 entries`."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def _size(message: str, bound: str, noun: str, measure: Callable[[Violation], int]) -> Callable[[Violation], Told]:
    def tell(v: Violation) -> Told:
        count = measure(v)
        found = counted(count, noun)
        if isinstance(v.value, str) and count:
            found += f": {shown(v.value)}"
        return "is empty" if not count else message, found, f"{bound} {counted(int(v.constraint), noun)}"

    return tell


def _bound(message: str, bound: str) -> Callable[[Violation], Told]:
    return lambda v: (message, shown(v.value), f"{bound} {shown(v.constraint)}")


def _length(v: Violation) -> int:
    return len(v.value)


def _measured(v: Violation) -> int:
    return int(v.extra["found"])


def _total(message: str, bound: str) -> Callable[[Violation], Told]:
    def tell(v: Violation) -> Told:
        where, limit = v.constraint["of"], v.constraint["limit"]
        return message, f"{counted(_measured(v), 'item')} in all", f"{bound} {limit} in all of {where}"

    return tell


def _tell_repeat(v: Violation) -> Told:
    places = enumerate_words([f"`{name_of(place)}`" for place in v.extra["places"]], "and")
    return f"repeats {places}", shown(v.extra["found"]), "values that all differ"


def _tell_other(v: Violation) -> Told:
    return "does not fit its schema", shown(v.value), f"`{v.keyword}: {shown(v.constraint)}`"


def _tell_format(v: Violation) -> Told:
    allowed = SPELLINGS.get(v.constraint, v.constraint)
    is_spelt = v.constraint in ("date", "date-time") and isinstance(v.value, str) and _SPELT_DATE.match(v.value)
    if is_spelt and not is_date(v.value[:10]):
        return "is a day that does not exist", shown(v.value), allowed
    return "does not have its form", shown(v.value), allowed


_TELLERS: Mapping[str, Callable[[Violation], Told]] = {
    "type": _tell_type,
    "false": lambda v: ("is not wanted here", shown(v.value), "nothing"),
    "json": lambda v: (
        v.extra["reason"],
        None,
        "text, finite numbers of 64 bits, true, false, null, lists, objects",
    ),
    "enum": lambda v: (
        "is none of the values that it may have",
        shown(v.value),
        enumerate_words([shown(item) for item in v.constraint]),
    ),
    "const": lambda v: ("is not the one value that it may have", shown(v.value), shown(v.constraint)),
    "pattern": lambda v: ("does not have its form", shown(v.value), f"text that matches `{v.constraint}`"),
    "format": _tell_format,
    "minLength": _size("is too short", "at least", "character", _length),
    "maxLength": _size("is too long", "at most", "character", _length),
    "maxUtf16Length": _size("is too long", "at most", "UTF-16 unit", _measured),
    "maxUtf8Bytes": _size("is too long", "at most", "byte", _measured),
    "minItems": _size("has too few items", "at least", "item", _length),
    "maxItems": _size("has too many items", "at most", "item", _length),
    "minProperties": _size("has too few entries", "at least", "entry", _length),
    "maxProperties": _size("has too many entries", "at most", "entry", _length),
    "minTotalItems": _total("has too few items", "at least"),
    "maxTotalItems": _total("has too many items", "at most"),
    "minimum": _bound("is too small", "at least"),
    "maximum": _bound("is too large", "at most"),
    "exclusiveMinimum": _bound("is too small", "more than"),
    "exclusiveMaximum": _bound("is too large", "less than"),
    "multipleOf": _bound("is no multiple", "a multiple of"),
    "uniqueItems": _tell_repeat,
    "uniqueItemProperties": _tell_repeat,
    "uniqueAcross": _tell_repeat,
    "differentValues": _tell_repeat,
    "dependentRequired": lambda v: (
        f"lacks `{v.extra['key']}`, which belongs to `{v.extra['because']}`",
        None,
        f"`{v.extra['because']}` together with `{v.extra['key']}`",
    ),
    "oneOf": lambda v: ("fits more than one branch of its `oneOf`", shown(v.value), "exactly one branch"),
    "contains": lambda v: ("has no item of the kind that it needs", shown(v.value), "at least one such item"),
    "minContains": lambda v: ("has too few items of a kind", shown(v.value), f"at least {v.constraint}"),
    "maxContains": lambda v: ("has too many items of a kind", shown(v.value), f"at most {v.constraint}"),
    "unevaluatedItems": lambda v: ("has more items than its schema knows", shown(v.value), None),
    "not": lambda v: ("is what its schema excludes", shown(v.value), f"anything but {shown(v.constraint)}"),
}
