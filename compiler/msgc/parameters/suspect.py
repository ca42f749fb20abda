"""Everything that may keep a parameter's values from fitting its fallback's, found in the two schemas alone.

The schemas are walked together: at each place what a definition's values are like is held against what the fallback's
schemas ask of them. Suspecting too much is allowed, overlooking something is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from msgc.parameters.extents import whole_numbers
from msgc.parameters.judges import GROUPS, Judges, judges_of
from msgc.parameters.likeness import same
from msgc.parameters.places import join
from msgc.parameters.samples import Sampler
from msgc.parameters.suspect_keywords import suspect_keywords
from msgc.parameters.suspicion import (
    Pair,
    Place,
    Suspicion,
    suspect_never,
    suspect_types,
    suspect_undecided,
    suspect_values,
    wanted_types,
)
from msgc.parameters.values import Parameters
from msgc.validate import matches

MAX_PAIRS = 10_000
"""How many schemas are held against each other for one parameter; what takes more is a doubt."""
MAX_DEPTH = 24
MAX_SUSPICIONS = 20

Ways = Sequence[tuple[Judges, str]]
"""The definition's values: each with the judges of one alternative and the group of its type."""


def suspect(mine: Parameters, theirs: Parameters, name: str, sampler: Sampler) -> list[Suspicion]:
    """What is suspected of the values of a parameter that both have; where nothing is, every value fits."""
    pair, place = (judges_of(mine, name), judges_of(theirs, name)), Place((name,), name)
    suspicions: list[Suspicion] = []
    try:
        for suspicion in itertools.islice(_Walk(sampler).place(*pair, place), MAX_SUSPICIONS):
            suspicions.append(suspicion)  # noqa: PERF402 - what was found before it became too much is kept
    except (_TooLarge, RecursionError):
        reason = "the two schemas have too many parts to be compared"
        suspicions.append(suspect_undecided(pair[1], place, "size", reason))
    return suspicions


class _TooLarge(Exception):  # noqa: N818 - named for what was found
    """The two schemas have more parts than are held against each other."""


class _Walk:
    """One walk through two schemas."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler
        self._steps = MAX_PAIRS
        # Pairs that are held against each other already: a schema that leads back to itself fits if all else does.
        self._seen: set[object] = set()

    def place(self, mine: Judges, theirs: Judges, place: Place) -> Iterator[Suspicion]:
        """What is suspected of the values at a place and inside of it."""
        if mine.refuses_all or all(schema is True for schema, _ in theirs.parts):
            return
        pair = (mine.key, theirs.key)
        if pair in self._seen:
            return
        self._seen.add(pair)
        self._spend(len(mine.parts) * len(theirs.parts))
        if _alike(mine, theirs):
            return
        if theirs.fills_by_choice:
            reason = "which of its defaults are filled in there depends on the value"
            yield suspect_undecided(theirs, place, "default", reason)
        alternatives = mine.alternatives()
        self._spend(sum(len(judges.parts) for judges in alternatives) * len(theirs.parts))
        ways = [(judges, name) for judges in alternatives for name in GROUPS if GROUPS[name] & judges.types]
        yield from self._ways(ways, theirs, place)

    def _ways(self, ways: Ways, theirs: Judges, place: Place) -> Iterator[Suspicion]:
        if place.depth > MAX_DEPTH:
            yield suspect_undecided(theirs, place, "depth", "the two schemas are nested too deeply to be compared")
            return
        if any(schema is False for schema, _ in theirs.parts):
            yield suspect_never(theirs, place, lambda: self._samples(ways))
            return
        yield from suspect_types(ways, theirs, place, self._sampler)
        wanted = wanted_types(theirs)
        for mine, group in ways:
            if GROUPS[group] & mine.types & wanted:
                yield from self._group(mine, group, theirs, place)

    def _group(self, mine: Judges, group: str, theirs: Judges, place: Place) -> Iterator[Suspicion]:
        values = mine.values(group)
        if values is None and group == "number" and (theirs.constants("enum") or theirs.constants("const")):
            values = whole_numbers(mine)
        if values is not None:
            refused = [value for value in values if not theirs.takes(value)]
            if refused:
                yield suspect_values(refused, theirs, place)
            return
        chosen = self._chosen(mine, group, theirs, place)
        if len(chosen.parts) > len(theirs.parts):
            theirs = chosen
            yield from suspect_types([(mine, group)], theirs, place, self._sampler)
        decided = True
        for schema, pointer in theirs.parts:
            self._spend(1 + len(mine.parts))
            if not isinstance(schema, Mapping) or (not theirs.fills and _says(mine.parts, mine, schema, theirs)):
                continue
            pair = Pair(place, group, mine, theirs, self._sampler, schema, pointer)
            yield from suspect_keywords(pair)
            for keyword, rule in self._choices().items():
                for suspicion in rule(pair) if keyword in schema else ():
                    decided = False
                    yield suspicion
        # Where it is open which branch counts, it is not said of all keys that only one of them may know.
        if group == "array":
            yield from self._items(mine, theirs, place, all_of=decided)
        elif group == "object":
            yield from self._entries(mine, theirs, place, all_of=decided)

    def _items(self, mine: Judges, theirs: Judges, place: Place, *, all_of: bool) -> Iterator[Suspicion]:
        prefixes = [*mine.constants("prefixItems"), *theirs.constants("prefixItems")]
        fixed = max([0, *map(len, prefixes)])
        most = [int(count) for count in mine.constants("maxItems")]
        for index in range(min([fixed + 1, *most])):
            there = place.item(index, any_one=index == fixed)
            yield from self.place(mine.inside(index), theirs.inside(index, all_of=all_of), there)

    def _entries(self, mine: Judges, theirs: Judges, place: Place, *, all_of: bool) -> Iterator[Suspicion]:
        for key in dict.fromkeys((*mine.names, *theirs.names)):
            inside, asked = mine.inside(key), theirs.inside(key, all_of=all_of)
            if not inside.refuses_all:
                yield from self.place(inside, asked, place.key(key))
            if key in theirs.defaults and key not in mine.guaranteed and not asked.takes(theirs.defaults[key]):
                reason = f"its default for `{key}` does not fit everywhere"
                yield suspect_undecided(theirs, place, "default", reason)
        patterns = [name for found in theirs.constants("patternProperties") for name in found]
        for label, inside in mine.others():
            for other in dict.fromkeys((label, *patterns)):
                name = self._entry_name(label, other, mine, theirs)
                asked = theirs.other(other, all_of=all_of)
                yield from self.place(inside, asked, place.key(name, "*"))

    def _entry_name(self, label: str | None, other: str | None, mine: Judges, theirs: Judges) -> str:
        """A name of an entry that matches up to two patterns, if one is found."""
        taken = {*mine.names, *theirs.names}
        names = [*self._sampler.names(other), *self._sampler.names(label), *self._sampler.names(None, 9)]
        free = [name for name in names if name not in taken] or names
        fitting = (name for name in free if all(matches(p, name) for p in (label, other) if p is not None))
        return next(fitting, free[0])

    # --------------------------------------------------------------------------------------------- choices

    def _choices(self) -> Mapping[str, Callable[[Pair], Iterator[Suspicion]]]:
        """The rules of the keywords that judge the same value by further schemas."""
        return {
            "anyOf": self._any_of,
            "oneOf": self._one_of,
            "not": self._not,
            "if": self._if,
            "dependentSchemas": self._dependent,
        }

    def _branch(self, pair: Pair, *steps: str | int) -> Judges:
        part: Any = pair.schema
        for step in steps:
            part = part[step]
        return pair.theirs.within([(part, join(pair.pointer, *steps))])

    def _inside(self, pair: Pair, branch: Judges) -> Iterator[Suspicion]:
        """What is suspected against a branch of the pair's schema; the schema itself decides in the end."""
        place = replace(pair.place, depth=pair.place.depth + 1)
        for suspicion in self._ways([(pair.mine, pair.group)], branch, place):
            yield replace(suspicion, scope=pair.place.path, refuses=pair.refuses_part)

    def _fits(self, pair: Pair, branch: Judges) -> bool:
        """Whether nothing is suspected against a branch."""
        before = set(self._seen)
        if next(self._inside(pair, branch), None) is None:
            return True
        self._seen = before  # what was found to fit on the way may have rested on what did not
        return False

    def _chosen(self, mine: Judges, group: str, theirs: Judges, place: Place) -> Judges:
        """The fallback's judges with those branches of its choices that decide on these values, or surely take them."""
        parts = list(theirs.parts)
        for schema, pointer in parts:  # what is added on the way may have choices of its own
            if isinstance(schema, Mapping):
                pair = Pair(place, group, mine, theirs, self._sampler, schema, pointer)
                for keyword in ("anyOf", "oneOf"):
                    branches = self._possible(pair, keyword)
                    if len(branches) > 1:
                        comparable = keyword == "anyOf" or pair.shares("oneOf")
                        branches = [branch for branch in branches if comparable and self._fits(pair, branch)]
                    parts += [part for branch in branches for part in branch.parts if part not in parts]
        return theirs.within(parts)

    def _possible(self, pair: Pair, keyword: str) -> list[Judges]:
        """The branches of a choice that may take one of the values."""
        branches = [self._branch(pair, keyword, index) for index in range(len(pair.schema.get(keyword, ())))]
        return [branch for branch in branches if not self._excludes(pair.mine, pair.group, branch)]

    def _any_of(self, pair: Pair) -> Iterator[Suspicion]:
        if not any(branch.key[0] <= pair.theirs.key[0] for branch in self._possible(pair, "anyOf")):
            yield self._no_branch(pair, "anyOf")

    def _one_of(self, pair: Pair) -> Iterator[Suspicion]:
        possible = self._possible(pair, "oneOf")
        if pair.shares("oneOf") or (len(possible) == 1 and possible[0].key[0] <= pair.theirs.key[0]):
            return
        if not any(self._fits(pair, branch) for branch in possible):
            yield self._no_branch(pair, "oneOf")
            return
        yield pair.suspect(
            "oneOf",
            must="must fit exactly one branch of `oneOf`",
            always="fits exactly one branch of `oneOf`",
            reason="more than one of its branches may fit",
            refuses=pair.refuses_part,
            probes=lambda: itertools.chain(*map(self._sampler.values, possible), pair.samples()),
        )

    def _no_branch(self, pair: Pair, keyword: str) -> Suspicion:
        return pair.suspect(
            keyword,
            must=f"must fit a branch of `{keyword}`",
            always=f"fits a branch of `{keyword}`",
            reason="no branch was found that takes all of its values",
            refuses=pair.refuses_part,
        )

    def _not(self, pair: Pair) -> Iterator[Suspicion]:
        branch = self._branch(pair, "not")
        if not pair.shares("not") and not self._excludes(pair.mine, pair.group, branch):
            yield pair.suspect(
                "not",
                must="`not` refuses that",
                always="is something that `not` lets pass",
                reason="what `not` excludes cannot be compared",
                refuses=pair.refuses_part,
                probes=lambda: itertools.chain(self._sampler.values(branch, pair.group), pair.samples()),
            )

    def _if(self, pair: Pair) -> Iterator[Suspicion]:
        if pair.shares("if", "then", "else"):
            return
        then = self._branch(pair, "then") if "then" in pair.schema else None
        otherwise = self._branch(pair, "else") if "else" in pair.schema else None
        if otherwise is not None and not self._fits(pair, otherwise) and not self._fits(pair, self._branch(pair, "if")):
            yield from self._conditional(pair, "else")
        if then is None or self._fits(pair, then):
            return
        if not self._excludes(pair.mine, pair.group, self._branch(pair, "if")):
            yield from self._conditional(pair, "then")

    def _conditional(self, pair: Pair, keyword: str) -> Iterator[Suspicion]:
        yield pair.suspect(
            keyword,
            must=f"`{keyword}` refuses that",
            always=f"fits `{keyword}` where that counts",
            reason="it depends on the value whether that counts",
            refuses=pair.refuses_part,
            probes=lambda: itertools.chain(self._sampler.values(self._branch(pair, "if"), pair.group), pair.samples()),
        )

    def _dependent(self, pair: Pair) -> Iterator[Suspicion]:
        if pair.group != "object":
            return
        for key in pair.schema["dependentSchemas"]:
            if key not in pair.theirs.defaults and pair.mine.inside(key).refuses_all:
                continue
            known = [
                (schema["dependentSchemas"][key], join(pointer, "dependentSchemas", key))
                for schema, pointer in pair.mine.parts
                if isinstance(schema, Mapping) and key in schema.get("dependentSchemas", {})
            ]
            filled = key in pair.theirs.defaults and key not in pair.mine.guaranteed
            mine = pair.mine if filled else pair.mine.within([*pair.mine.parts, *known])
            yield from self._inside(replace(pair, mine=mine), self._branch(pair, "dependentSchemas", key))

    def _excludes(self, mine: Judges, group: str, theirs: Judges, depth: int = 0) -> bool:
        """Whether it is certain that some judges refuse every value of the definition."""
        self._spend(len(theirs.parts))
        if not GROUPS[group] & mine.types & theirs.types or theirs.refuses_all:
            return True
        values = mine.values(group)
        if values is not None:
            return not any(theirs.takes(value) for value in values)
        if group != "object" or depth > 3:
            return False
        for key in mine.guaranteed.intersection(theirs.names):
            inside, asked = mine.inside(key), theirs.inside(key)
            ways = [(way, name) for way in inside.alternatives() for name in GROUPS if GROUPS[name] & way.types]
            if all(self._excludes(way, name, asked, depth + 1) for way, name in ways):
                return True
        lacking = (key for keys in theirs.constants("required") for key in keys)
        return any(key not in theirs.defaults and mine.inside(key).refuses_all for key in lacking)

    def _samples(self, ways: Ways) -> Iterator[Any]:
        for judges, group in ways:
            yield from itertools.islice(self._sampler.values(judges, group), 10)

    def _spend(self, steps: int) -> None:
        self._steps -= steps
        if self._steps < 0:
            raise _TooLarge


def _alike(mine: Judges, theirs: Judges) -> bool:
    """Whether whatever judges a place in the fallback judges it here too, by the same words."""
    if not all(_says(mine.parts, mine, schema, theirs) for schema, _ in theirs.parts):
        return False
    # Defaults that are filled in here already change nothing any more.
    return not theirs.fills or all(_says(mine.filling, mine, schema, theirs) for schema, _ in theirs.filling)


def _says(parts: Sequence[tuple[Any, str]], mine: Judges, wanted: Any, theirs: Judges) -> bool:
    return any(same(mine.root, schema, theirs.root, wanted) for schema, _ in parts)
