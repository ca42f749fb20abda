"""What all reports of changes say alike: headings, which comparisons tell something of their own, the last line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgc.changes.catalogs import CatalogChanges
from msgc.changes.definitions import Comparison, DefinitionChange
from msgc.changes.payloads import Change
from msgc.changes.remarks import place_of, remarks
from msgc.changes.words import edits
from msgc.diagnostic import enumerate_words

NOTHING = "nothing changes for any recipient"
_ORDER = ("changed", "renamed", "added", "removed", "broken")


@dataclass(frozen=True, slots=True)
class Group:
    """A comparison that tells something, and the examples that tell the same."""

    comparison: Comparison
    alike: tuple[str, ...] = ()


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
        return f"no example has it, but with {comparison.example}"
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
    """The comparisons to show: those that tell of a difference, each kind of difference once."""
    found: dict[object, list[Comparison]] = {}
    for comparison in change.comparisons:
        if comparison.changes or (comparison.presence == "tried" and comparison.differs):
            found.setdefault(_signature(comparison), []).append(comparison)
    return [Group(first, tuple(title(each) for each in rest)) for first, *rest in found.values()]


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


def _signature(comparison: Comparison) -> object:
    """What is different, apart from what the values put into it."""
    return tuple((change.kind, change.pointer, _edits(change)) for change in comparison.changes)


def _edits(change: Change) -> object:
    if change.kind == "changed" and isinstance(change.before, str) and isinstance(change.after, str):
        return edits(change.before, change.after)
    if change.kind == "changed":
        return repr((change.before, change.after))
    return None


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
