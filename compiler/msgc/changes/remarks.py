"""What to heed about a change: what breaks for those who send, and for flows and reports that know buttons by their id.

Remarks are sentences made from a `DefinitionChange`; the fields that they were made from stay beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msgc.changes.definitions import ELSEWHERE, Comparison, DefinitionChange
from msgc.changes.words import edits
from msgc.diagnostic import enumerate_words
from msgc.parameters.sentences import shown

Level = Literal["breaking", "note"]
_ID = re.compile(r"/(buttons|rows)/\d+/id\Z")
_NOUNS = {"buttons": "button", "rows": "row"}
_FEW = 5


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence about a change. `kind` is a word for programs; `breaking` ones want somebody to act."""

    level: Level
    kind: str
    message: str


def remarks(change: DefinitionChange) -> tuple[Remark, ...]:
    """All remarks about one definition, those that break something first."""
    found = dict.fromkeys(_remarks(change))
    return tuple(sorted(found, key=lambda remark: remark.level != "breaking"))


def _remarks(change: DefinitionChange) -> Iterator[Remark]:
    if change.status == "removed":
        yield Remark("breaking", "removed", f"`{change.name}` is gone: who sends it gets an error")
        return
    if change.status == "renamed":
        message = f"`{change.was}` is called `{change.name}` now: who sends it must use the new name"
        yield Remark("breaking", "renamed", message)
    yield from _errors(change)
    if change.status == "added":
        return
    if change.content_before != change.content and None not in (change.content_before, change.content):
        message = f"it sends `{change.content}` now, and sent `{change.content_before}`"
        yield Remark("breaking", "content", message)
    for parameter in change.parameters:
        kind = f"parameter-{parameter.kind}"
        yield Remark("breaking" if parameter.breaks else "note", kind, parameter.message)
    told: set[object] = set()
    for comparison in change.comparisons:
        for mark, remark in (*_ids(comparison), *_callback_data(comparison), *_refusals(comparison)):
            if mark not in told:  # examples differ in values, not in what happens to the message
                told.add(mark)
                yield remark
    if change.fallback is not None:
        before, after = (f"`{name}`" if name is not None else "nothing" for name in change.fallback)
        yield Remark("note", "fallback", f"a closed window falls back to {after} now, and did to {before}")
    for limit in change.headroom:
        # A text without any limit is an author's everyday warning; a limit that known values exceed is not.
        level: Level = "breaking" if limit.kind == "can-break" and limit.after is not None else "note"
        yield Remark(level, f"limit-{limit.kind}", f"{limit.message} [{limit.rule}]")
    if change.unseen:
        names = [place if place == ELSEWHERE else f"`{place}`" for place in change.unseen]
        places = enumerate_words(names, "and")
        verb = "is" if len(change.unseen) == 1 else "are"
        many = f"{change.compared:,} set{'' if change.compared == 1 else 's'} of values"
        shows = f"no difference shows with {many}" if change.compared else "there are no values to compare it with"
        yield Remark("note", "unseen", f"{places} {verb} made differently; {shows}")


def _errors(change: DefinitionChange) -> Iterator[Remark]:
    words_after = "it has errors" if change.status == "added" else "it has errors now, so that nothing can be compared"
    for problems, words, level in (
        (change.problems_before, "it had errors before, so that nothing can be compared", "note"),
        (change.problems, words_after, "note" if change.problems_before else "breaking"),
    ):
        if problems:
            first = problems[0]
            place = f" ({first.where}:{first.span.line})" if first.span is not None else ""
            more = f", and {len(problems) - 1:,} more" if len(problems) > 1 else ""
            text = f"{words}: {first.message}{place}{more}"
            yield Remark("breaking" if level == "breaking" else "note", "errors", text)


_Marked = tuple[object, Remark]
"""A remark, with what is the same about it in every example."""


def _ids(comparison: Comparison) -> Iterator[_Marked]:
    before, after = comparison.before.payload, comparison.after.payload
    if before is None or after is None:
        return
    renamed: set[tuple[str, str]] = set()
    for change in comparison.changes:
        match = _ID.search(change.pointer)
        if match is None or change.kind != "changed":
            continue
        noun, old, new = _NOUNS[match[1]], str(change.before), str(change.after)
        renamed.add((match[1], old))
        if old not in _identities(after, match[1]):
            message = (
                f"the id of a {noun} is {shown(new)} now, and was {shown(old)}: flows and reports know the old one"
            )
            place = re.sub(r"/\d+", "/*", change.pointer)
            yield (noun, place, edits(old, new)), Remark("breaking", f"{noun}-id", message)
    for kind, noun in _NOUNS.items():
        known, new_ids = _identities(before, kind), _identities(after, kind)
        places = {key: place for place, key in enumerate(known)}
        gone = [key for key in known if key not in new_ids and (kind, key) not in renamed]
        if gone:
            names = [f"{shown(known[key])} (id {shown(key)})" for key in gone[:_FEW]]
            names += [f"{len(gone) - _FEW:,} more"] if len(gone) > _FEW else []
            words = f"the {noun} {names[0]} is" if len(gone) == 1 else f"the {kind} {enumerate_words(names, 'and')} are"
            remark = Remark("breaking", f"{noun}-removed", f"{words} gone: flows may wait for an answer by it")
            yield (kind, tuple(places[key] for key in gone)), remark


def _identities(value: Any, kind: str) -> dict[str, str]:
    """The ids of all buttons or rows in a payload, with what they say."""
    found: dict[str, str] = {}
    if isinstance(value, Mapping):
        items = value.get(kind)
        for item in items if isinstance(items, list) else ():
            if isinstance(item, Mapping) and isinstance(item.get("id"), str):
                found.setdefault(item["id"], str(item.get("text", "")))
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for part in parts:
        found |= _identities(part, kind)
    return found


def _callback_data(comparison: Comparison) -> Iterator[_Marked]:
    for change in comparison.changes:
        if change.pointer.split("/")[1:2] != ["callbackData"]:
            continue
        place, mark = place_of(change.pointer), (change.kind, change.pointer)
        if change.kind == "removed":
            message = f"`{place}` is gone: whatever reads it back finds nothing"
            yield mark, Remark("breaking", "callback-data", message)
        elif change.kind == "changed":
            level: Level = "note" if type(change.before) is type(change.after) else "breaking"
            message = f"`{place}` is {shown(change.after)} now, and was {shown(change.before)}"
            yield mark, Remark(level, "callback-data", message)


def place_of(pointer: str) -> str:
    """An RFC 6901 pointer as people write it: `message.buttons[2].text`."""
    text = ""
    for part in pointer.split("/")[1:]:
        step = part.replace("~1", "/").replace("~0", "~")
        text += f"[{step}]" if step.isdecimal() else f".{step}" if text else step
    return text


def _refusals(comparison: Comparison) -> Iterator[_Marked]:
    what = f"example `{comparison.example}`" if comparison.example is not None else "the message"
    if comparison.newly_refused and comparison.presence in ("both", "removed"):
        reason = comparison.newly_refused[0]
        yield ("refused", reason), Remark("breaking", "refused", f"{what} is refused now: {reason}")
    elif comparison.accepted_now and comparison.presence == "both":
        reason = comparison.before.refused[0]
        yield ("accepted", reason), Remark("note", "accepted", f"{what} is not refused any more: {reason}")
