"""A suspicion: something that a definition's values may be, and that its fallback may refuse.

It is a doubt until a value is found that shows it, so that it comes with values to try.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgc.diagnostic import enumerate_words
from msgc.document import Path
from msgc.parameters.judges import GROUPS, Judges
from msgc.parameters.likeness import same
from msgc.parameters.places import join
from msgc.parameters.samples import Sampler
from msgc.parameters.sentences import KINDS, sentences, shown
from msgc.validate import Acceptor, Explainer

SHOWN_VALUES = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the values: a path that leads there, and what the author calls it (`order.lines[].name`)."""

    path: Path
    name: str
    depth: int = 0

    def key(self, key: str, name: str | None = None) -> Place:
        """The place under a key; `name` is what it is called where the key is any."""
        return Place((*self.path, key), f"{self.name}.{key if name is None else name}", self.depth + 1)

    def item(self, index: int, *, any_one: bool) -> Place:
        """The place of an item."""
        return Place((*self.path, index), f"{self.name}[{'' if any_one else index}]", self.depth + 1)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something that the definition's values at a place may be, and the fallback's must not.

    `may` says what a value is, in words that follow "may"; `must` and `always` say what the fallback wants, in words
    that come before "in the fallback" and after "always". `probes` are values to try at the place `at`. `refuses` then
    decides on what the fallback is given there, or at the place `scope`. `explain` says what is allowed instead of a
    value at fault, where that takes long to find out. `values` are the values at fault, where they are all known.
    """

    place: Place
    keyword: str
    pointer: str
    may: Callable[[Any], str]
    must: str
    always: str
    help: str
    reason: str
    at: Path
    probes: Callable[[], Iterable[Any]]
    refuses: Callable[[Any], bool]
    scope: Path | None = None
    allowed: str | None = None
    explain: Callable[[Any], str | None] | None = None
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """The definition's values of one group of types at a place, and one schema of those that judge the fallback's."""

    place: Place
    group: str
    mine: Judges
    theirs: Judges
    sampler: Sampler
    schema: Mapping[str, Any]
    pointer: str

    def samples(self) -> Iterator[Any]:
        """Some of the definition's values."""
        return self.sampler.values(self.mine, self.group)

    def shares(self, *keywords: str) -> bool:
        """Whether the definition says the same by these keywords, and the fallback judges the same values."""
        if self.theirs.fills:
            return False
        wanted = {keyword: self.schema[keyword] for keyword in keywords if keyword in self.schema}
        return any(
            same(self.mine.root, {k: schema[k] for k in keywords if k in schema}, self.theirs.root, wanted)
            for schema in self.mine.schemas
        )

    def suspect(self, keyword: str, **fields: Any) -> Suspicion:
        """A suspicion against a keyword of the schema; what a rule does not say is filled in."""
        constraint = {keyword: self.schema[keyword]}
        given: dict[str, Any] = {
            "may": lambda value: f"be {shown(value)}",
            "help": f"write the same `{keyword}` in both",
            "reason": "no value was found that shows it",
            "at": self.place.path,
            "probes": self.samples,
            "refuses": lambda value: not Acceptor(constraint).accepts(value),
        }
        return Suspicion(place=self.place, keyword=keyword, pointer=self.pointer, **(given | fields))

    def refuses_part(self, value: Any) -> bool:
        """Whether the fallback's schema refuses a value."""
        return not self.theirs.parameters.accept_part(self.pointer, value)


def suspect_types(
    pairs: Iterable[tuple[Judges, str]], theirs: Judges, place: Place, sampler: Sampler
) -> Iterator[Suspicion]:
    """What the definition's values are and the fallback's are not."""
    wanted = wanted_types(theirs)
    pairs = list(pairs)
    surplus = {name for mine, group in pairs for name in _surplus(mine, group, wanted)}
    if not surplus:
        return
    names = wanted - {"integer"} if "number" in wanted else wanted
    words = enumerate_words([word for name, word in KINDS.items() if name in names]) or "nothing"
    pointer = next(pointer for schema, pointer in theirs.parts if isinstance(schema, Mapping) and "type" in schema)

    def probes() -> Iterator[Any]:
        for mine, group in pairs:
            if _surplus(mine, group, wanted):
                yield from itertools.islice(sampler.values(mine, group), 40)

    yield Suspicion(
        place=place,
        keyword="type",
        pointer=pointer,
        may=lambda _: "be " + enumerate_words([word for name, word in KINDS.items() if name in surplus]),
        must=f"must be {words}",
        always=f"is {words}",
        help="take the same types in both",
        reason="no value of another type was found, nor a proof that there is none",
        at=place.path,
        probes=probes,
        refuses=lambda value: not Acceptor({"type": sorted(wanted)} if wanted else False).accepts(value),
        allowed=words,
    )


def _surplus(mine: Judges, group: str, wanted: frozenset[str]) -> frozenset[str]:
    types = mine.types & GROUPS[group]
    # Every number may be a whole one, so that it is named once, as what it is.
    return types & {"number"} if "number" in types - wanted else types - wanted


def wanted_types(theirs: Judges) -> frozenset[str]:
    """The types that the `type` keywords leave."""
    types = frozenset(KINDS)
    for named in theirs.constants("type"):
        names = frozenset([named] if isinstance(named, str) else named)
        types &= names | {"integer"} if "number" in names else names
    return types


def suspect_never(theirs: Judges, place: Place, samples: Callable[[], Iterable[Any]]) -> Suspicion:
    """A value that may be there, and nothing may be in the fallback."""
    owner, dot, _ = place.name.rpartition(".")
    hint = f"declare it in the fallback's `{owner}` as well, or set `additionalProperties: true` there"
    return Suspicion(
        place=place,
        keyword="false",
        pointer=next(pointer for schema, pointer in theirs.parts if schema is False),
        may=lambda _: "be given",
        must="must not be there",
        always="is left out",
        help=hint if dot else "take the same values in both",
        reason="no such value was found, nor a proof that there is none",
        at=place.path,
        probes=samples,
        refuses=lambda _: True,
    )


def suspect_values(values: list[Any], theirs: Judges, place: Place) -> Suspicion:
    """The values, among the few that the definition has, that the fallback refuses."""
    lists = [*theirs.constants("enum"), *([value] for value in theirs.constants("const"))]
    words = one_of(min(lists, key=len)) if lists else None
    suspicion = Suspicion(
        place=place,
        keyword="enum",
        pointer=theirs.parts[0][1],
        may=shown,
        must=f"must be {words}" if words else "does not fit its schema",
        always=f"is {words}" if words else "fits its schema",
        help="take the same values in both",
        reason="",
        at=place.path,
        probes=tuple,
        refuses=lambda value: not theirs.accepts(value),
        allowed=words,
        explain=None if words else lambda value: _explain(value, theirs),
    )
    return with_values(suspicion, values)


def one_of(values: Sequence[Any]) -> str:
    """Some values in words, the first few of them if they are many."""
    words = [shown(value) for value in values]
    if len(words) > SHOWN_VALUES + 1:
        words = [*words[:SHOWN_VALUES], f"one of {len(words) - SHOWN_VALUES:,} others"]
    return enumerate_words(words)


def _explain(value: Any, theirs: Judges) -> str | None:
    explainer = Explainer(theirs.root)
    told = (sentences(explainer.violations(value, schema)) for schema, _ in theirs.parts)
    return next((sentence.allowed for found in told for sentence in found), None)


def with_values(suspicion: Suspicion, values: list[Any]) -> Suspicion:
    """A suspicion against certain values."""
    named = one_of(values)
    return replace(
        suspicion,
        values=tuple(values),
        may=lambda _: f"be {named}",
        reason=f"it would refuse {named}, and whether that can be is not known",
        probes=lambda: values,
    )


def suspect_undecided(theirs: Judges, place: Place, keyword: str, reason: str) -> Suspicion:
    """Whatever cannot be compared."""
    return Suspicion(
        place=place,
        keyword=keyword,
        pointer=theirs.parts[0][1],
        may=lambda value: f"be {shown(value)}",
        must="refused",
        always="fits",
        help="write the same schema in both",
        reason=reason,
        at=place.path,
        probes=tuple,
        refuses=lambda value: not theirs.accepts(value),
    )


def suspect_missing(pair: Pair, key: str) -> Suspicion:
    """A key that may be absent, and must be there in the fallback."""
    pointer = join(pair.pointer, "properties", key)
    return Suspicion(
        place=pair.place.key(key),
        keyword="required",
        pointer=pointer if key in pair.schema.get("properties", {}) else pair.pointer,
        may=lambda _: "be missing",
        must="must be there",
        always="is there",
        help="require it here, or give it a `default` here or in the fallback",
        reason="no value without it was found, nor a proof that there is none",
        at=pair.place.path,
        probes=lambda: itertools.chain(pair.sampler.objects(pair.mine, 0), pair.samples()),
        refuses=lambda value: isinstance(value, dict) and key not in value,
    )
