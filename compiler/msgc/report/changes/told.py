"""What all reports of changes say alike: headings, which comparisons tell something of their own, the last line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from msgc.changes.catalogs import CatalogChanges
from msgc.changes.definitions import Comparison, DefinitionChange
from msgc.changes.marks import marks_of
from msgc.changes.payloads import Change
from msgc.changes.remarks import place_of, remarks
from msgc.diagnostic import enumerate_words

MORE = ", beside what is shown above"
NOTHING = "nothing changes for any recipient"
_ORDER = ("changed", "renamed", "added", "removed", "broken")


@dataclass(frozen=True, slots=True)
class Group:
    """A comparison that tells something, and the examples that tell the same.

    `changes` are those which no earlier group has; `more` says that the comparison has others too.
    """

    comparison: Comparison
    changes: tuple[Change, ...]
    alike: tuple[str, ...] = ()
    more: bool = False


def heading(change: DefinitionChange) -> str:
    """What happened to a definition, in a few words."""
    if change.status == "added":
        return f"added, sends `{change.content}`" if change.content else "added"
    if change.status == "removed":
        return f"removed, sent `{change.content_before}`" if change.content_before else "removed"
    if change.status == "renamed":
        return f"renamed from `{change.was}`"
    if change.status == "broken":
        return "cannot be compared"
    return "changed" if change.matters else "examples changed"


def title(comparison: Comparison, *, lone: bool = False) -> str:
    """What the values of a comparison are; `lone` where only one version has the definition at all."""
    if comparison.example is None:
        return "without values"
    if comparison.presence == "tried":
        return f"no example shows it: with {comparison.example}"
    words = f"example {comparison.example}"
    if lone:
        return words
    if comparison.presence == "added":
        words += " (new)"
    elif comparison.presence == "removed":
        words += " (removed)"
    elif comparison.values_changed:
        words += " (with other values)"
    return words


def groups(change: DefinitionChange) -> list[Group]:
    """The comparisons to show: each difference with the first example that has it."""
    found: list[Group] = []
    owners: dict[object, int] = {}
    for comparison in change.comparisons:
        if not comparison.changes:
            continue
        marks = {mark: None for each in comparison.changes for mark in marks_of(each)}
        new = [each for each in comparison.changes if not marks_of(each) <= owners.keys()]
        if new:
            for mark in marks:
                owners.setdefault(mark, len(found))
            found.append(Group(comparison, tuple(new), more=len(new) < len(comparison.changes)))
        elif change.status not in ("added", "removed"):
            owner = owners[next(iter(marks))]
            found[owner] = replace(found[owner], alike=(*found[owner].alike, title(comparison)))
    return found


def silent_examples(change: DefinitionChange) -> str | None:
    """What happened to examples that show no difference themselves; None where nothing did."""
    told: dict[str, list[str]] = {"added": [], "removed": [], "has other values": []}
    for comparison in change.comparisons:
        if comparison.changes or comparison.example is None or comparison.presence == "tried":
            continue
        if comparison.presence in told:
            told[comparison.presence].append(comparison.example)
        elif comparison.values_changed:
            told["has other values"].append(comparison.example)
    words = []
    for what, names in told.items():
        if names:
            noun = "example" if len(names) == 1 else "examples"
            verb = what if len(names) == 1 else what.replace("has", "have")
            words.append(f"{noun} {enumerate_words(names, 'and')} {verb}")
    return "; ".join(words) or None


def leaves(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value inside of a value that is no object or list, with its place as people write it."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            step = str(key).replace("~", "~0").replace("/", "~1")
            yield from leaves(f"{pointer}/{step}", item)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(f"{pointer}/{index}", item)
    else:
        yield place_of(pointer), value


def conclusion(changes: CatalogChanges) -> str:
    """The last line: how many definitions of each kind, how much breaks, and whether recipients are reached."""
    if not changes.matters:
        return NOTHING
    counts: Counter[str] = Counter(change.status for change in changes.definitions if change.matters)
    parts = [f"{counts[status]:,} {status}" for status in _ORDER if counts[status]]
    number, _, rest = parts[0].partition(" ")
    noun = "definition" if number == "1" else "definitions"
    broken = rest.replace("broken", "not comparable")
    text = ", ".join([f"{number} {noun} {broken}", *(part.replace("broken", "not comparable") for part in parts[1:])])
    breaking = count_breaking(changes.definitions)
    if breaking:
        text += f"; {breaking:,} breaking change{'' if breaking == 1 else 's'}"
    if not changes.reaches_recipients:
        doubt = any(change.unseen for change in changes.definitions)
        text += "; no difference shows in what is sent" if doubt else "; what is sent stays the same"
    return text


def count_breaking(definitions: Iterable[DefinitionChange]) -> int:
    """How many things break for callers and flows."""
    return sum(remark.level == "breaking" for change in definitions for remark in remarks(change))
