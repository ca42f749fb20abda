"""Limits as an overlay states them: one entry of `allOf`, an assertion with its `x-limit` account beside it.

Checks that the accounts are complete and the assertions spelled right (a misspelt keyword would never refuse
anything), and derives what follows from a limit: its warning in UTF-16 units.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgc.diagnostic import Diagnostic, Related, enumerate_words, nearest
from msgc.rules import finding
from msgc.schema.assertions import check_assertion, counts_something, shown
from msgc.schema.tree import Array, Object, Place, kind

SEVERITIES = ("error", "warning")
CONFIDENCES = ("high", "medium", "low")
CHECKED = ("for all values", "in each message")
UNITS = ("characters", "items", "bytes", "degrees", "none", "UTF-16 units")
_REQUIRED = ("rule", "subject", "unit", "authority", "source", "seen", "confidence", "severity", "help")
_OPTIONAL = ("message", "checked")
_RULE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def check_limits(tree: Any) -> list[Diagnostic]:
    """What is wrong with the limits of a swagger file to which its overlays were applied."""
    problems: list[Diagnostic] = []
    rules: dict[str, Place] = {}
    for limit, entry, placed in _find(tree, None, False):
        if not isinstance(limit, Object):
            place = entry.places["x-limit"]
            problems.append(finding("overlay-limit", f"`x-limit` is an object, this is {kind(limit)}", place.span))
            continue
        if not placed:
            problems.append(
                finding(
                    "overlay-limit",
                    "a limit stands where it has no effect",
                    limit.place.key_span,
                    help="write it as an entry of `allOf`: `allOf: [{maxLength: 20, x-limit: {…}}]`",
                )
            )
            continue
        problems += _check_account(limit)
        problems += _check_assertion(entry, limit)
        rule = limit.get("rule")
        if isinstance(rule, str):
            first = rules.setdefault(rule, limit.places["rule"])
            # one action that matches several places states one limit
            if first.identity != limit.places["rule"].identity:
                problems.append(
                    finding(
                        "overlay-limit",
                        f"there are two limits called `{rule}`",
                        limit.places["rule"].span,
                        help="give each limit a rule name of its own",
                        related=(Related(first.span, "the first one"),),
                    )
                )
    seen: set[tuple[Any, ...]] = set()
    unique = []
    for problem in problems:
        identity = (
            problem.rule,
            problem.message,
            problem.where,
            problem.span.start if problem.span else None,
        )
        if identity not in seen:
            unique.append(problem)
        seen.add(identity)
    return unique


def _find(tree: Any, key: str | None, in_all_of: bool) -> Iterator[tuple[Any, Object, bool]]:
    """Every limit with the schema it stands in, and whether that is an entry of `allOf`."""
    if isinstance(tree, Object):
        limit = tree.get("x-limit")
        if "x-limit" in tree and key not in ("properties", "definitions"):
            yield limit, tree, in_all_of
        for name, value in tree.items():
            if name != "x-limit":
                yield from _find(value, name, False)
    elif isinstance(tree, Array):
        for value in tree:
            yield from _find(value, None, key == "allOf")


def _check_account(limit: Object) -> Iterator[Diagnostic]:
    for key in limit:
        if key not in _REQUIRED + _OPTIONAL:
            near = nearest(key, _REQUIRED + _OPTIONAL)
            yield finding(
                "unknown-key",
                f"a limit has no key `{key}`",
                limit.places[key].key_span,
                found=key,
                allowed=", ".join(_REQUIRED + _OPTIONAL),
                help=f"did you mean `{near}`?" if near else None,
            )
    missing = [key for key in _REQUIRED if key not in limit]
    if missing:
        yield finding(
            "overlay-limit",
            f"the limit does not say its {enumerate_words([f'`{key}`' for key in missing], 'and')}",
            limit.place.key_span,
            help="a limit says what it is about, whose it is, where that is written and when it was read",
        )
    for key, value in limit.items():
        if key in _REQUIRED + _OPTIONAL:
            wrong = _wrong_word(key, value)
            if wrong:
                yield finding(
                    "overlay-limit",
                    f"`{key}` of a limit is {wrong}",
                    limit.places[key].span,
                    found=shown(value),
                )


def _wrong_word(key: str, value: Any) -> str | None:
    """What the value of a key of `x-limit` should have been, or None where it is right."""
    if not isinstance(value, str) or not value.strip():
        return "a text"
    closed = {"severity": SEVERITIES, "confidence": CONFIDENCES, "unit": UNITS, "checked": CHECKED}.get(key)
    if closed is not None and value not in closed:
        return enumerate_words(closed)
    if key == "rule" and not _RULE.match(value):
        return "a name in lower case with hyphens, such as `button-title-length`"
    if key == "source" and not value.startswith("https://"):
        return "the https address of the page that states it"
    if key == "seen":
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            return "the date on which the source was read, such as 2026-09-11"
    return None


def _check_assertion(entry: Object, limit: Object) -> Iterator[Diagnostic]:
    if len(entry) == 1:
        yield finding("overlay-limit", "the limit asserts nothing", limit.place.key_span)
        return
    wrong = list(check_assertion(entry, entry.place))
    yield from wrong
    if wrong:
        return
    if "message" not in limit and not counts_something(entry):
        yield finding(
            "overlay-limit",
            "the limit needs a `message`, since its assertion is no plain number",
            limit.place.key_span,
            help="add `message:` with a whole sentence that says what is wrong",
        )


def in_utf16_units(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """The warning that follows from a limit on code points: the same assertion, counted in UTF-16 units.

    None for a limit without `maxLength`, or whose texts hold ASCII only by their `pattern`.
    """
    limit = entry["x-limit"]
    if limit["severity"] != "error" or limit["unit"] != "characters":
        return None
    counted = _recount({key: value for key, value in entry.items() if key != "x-limit"})
    if not counted:
        return None
    account = {key: value for key, value in limit.items() if key != "message"} | {
        "rule": "length-ambiguous",
        "of": limit["rule"],
        "unit": "UTF-16 units",
        "severity": "warning",
        "help": "Shorten the text: nobody states whether an emoji counts as one character or as two.",
    }
    return {**counted, "x-limit": account}


def _recount(schema: Any) -> dict[str, Any]:
    """Only what limits lengths, in UTF-16 units, under the same conditions."""
    if not isinstance(schema, Mapping):
        return {}
    result: dict[str, Any] = {}
    if "maxLength" in schema and "pattern" not in schema:
        result["maxUtf16Length"] = schema["maxLength"]
    named = {name: below for name, value in schema.get("properties", {}).items() if (below := _recount(value))}
    if named:
        result["properties"] = named
    parts = [below for value in schema.get("allOf", ()) if (below := _recount(value))]
    if parts:
        result["allOf"] = parts
    if below := _recount(schema.get("items")):
        result["items"] = below
    branches = {key: below for key in ("then", "else") if (below := _recount(schema.get(key)))}
    if branches and "if" in schema:
        result = {"if": schema["if"], **branches, **result}
    return result
