"""Whether every value of a definition's parameters fits its fallback: what does not, and what cannot be told.

The values are completed ones; of those the fallback takes the parameters that it has, with its own defaults. Whatever
could go wrong is suspected first, from the two schemas alone. A suspicion is certain once a value is found that the
definition takes and the fallback refuses, and else a doubt. Where nothing is suspected, every value fits.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgc.diagnostic import nearest
from msgc.document import Path
from msgc.parameters.complete import EndlessDefault
from msgc.parameters.judges import Judges, judges_of
from msgc.parameters.likeness import has_default
from msgc.parameters.places import join
from msgc.parameters.samples import Sampler
from msgc.parameters.suspect import suspect
from msgc.parameters.suspicion import Suspicion, with_values
from msgc.parameters.values import Parameters
from msgc.validate import check_value

_MAX_TRIES = 150


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that a definition's values may be, and its fallback's must not.

    `path` leads to it in the values (0 stands for any item of a list), `name` is what the author calls it. If it is
    `certain`, `witness` holds a value of the whole parameter that the definition takes and the fallback refuses, unless
    the definition lacks the parameter. Else it cannot be told whether there is one, and `message` says why. `mine` and
    `theirs` point to what the two schemas say of it; `mine` is None where the definition says nothing. `may`, `must`
    and `reason` are the parts of `message`, for those who compare something else than a fallback: what the witness is
    (after "may"), what the other schema wants (after "must"), and why nothing is certain.
    """

    path: Path
    name: str
    keyword: str
    certain: bool
    message: str
    found: str | None
    allowed: str | None
    help: str
    theirs: str
    mine: str | None = None
    witness: tuple[Any, ...] = ()
    may: str | None = None
    must: str = ""
    reason: str | None = None


def compare(mine: Parameters, theirs: Parameters, known: Sequence[Mapping[str, Any]] = ()) -> list[Difference]:
    """How the parameters of a definition do not fit those of its fallback; nothing where every value fits.

    `known` are sets of values that the definition takes, which are tried first.
    """
    found: list[Difference] = []
    for name in theirs.names:
        if name in mine.names:
            values = [given[name] for given in known if name in given]
            found += _Parameter(mine, theirs, name, values).differences()
        elif not has_default(theirs.schema, theirs.schema["properties"][name]):
            found.append(_lacking(mine, theirs, name))
    return found


def _lacking(mine: Parameters, theirs: Parameters, name: str) -> Difference:
    near = nearest(name, [other for other in mine.names if other not in theirs.names])
    return Difference(
        path=(name,),
        name=name,
        keyword="required",
        certain=True,
        message=f"the fallback needs `{name}`, and there is no such parameter here",
        found=None,
        allowed=None,
        help=f"did you mean `{near}`? Both need the same name"
        if near
        else f"declare `{name}` here, or give it a `default` in the fallback",
        theirs=join("#/properties", name),
    )


@dataclass(frozen=True)
class _Parameter:
    """A parameter that both have; `known` are values of it."""

    mine: Parameters
    theirs: Parameters
    name: str
    known: Sequence[Any]

    def differences(self) -> list[Difference]:
        """The differences, each once."""
        sampler = Sampler()
        suspicions = _merged(suspect(self.mine, self.theirs, self.name, sampler))
        return [self._settle(suspicion, judges_of(self.mine, self.name), sampler) for suspicion in suspicions]

    def _settle(self, suspicion: Suspicion, judges: Judges, sampler: Sampler) -> Difference:
        """The difference that a suspicion comes to: certain if a value shows it."""
        name, witness = suspicion.place.name, self._witness(suspicion, judges, sampler)
        found, allowed = None, suspicion.allowed
        if witness:
            found = suspicion.may(witness[1])
            allowed = suspicion.explain(witness[1]) if suspicion.explain is not None else allowed
            message = f"`{name}` may {found} here, and {suspicion.must} in the fallback"
        else:
            always = f"always {suspicion.always}".replace("always is ", "is always ", 1)
            message = f"it cannot be told whether `{name}` {always}, as the fallback wants: {suspicion.reason}"
        return Difference(
            path=suspicion.place.path,
            name=name,
            keyword=suspicion.keyword,
            certain=bool(witness),
            message=message,
            found=found.removeprefix("be ").removeprefix("have ") if found and allowed else None,
            allowed=allowed,
            help=suspicion.help,
            theirs=suspicion.pointer,
            mine=_pointer(judges, suspicion.place.path[1:]),
            witness=witness[:1],
            may=suspicion.may(witness[1]) if witness else None,
            must=suspicion.must,
            reason=None if witness else suspicion.reason,
        )

    def _witness(self, suspicion: Suspicion, judges: Judges, sampler: Sampler) -> tuple[Any, ...]:
        """A value of the whole parameter that the definition takes and the fallback refuses, and what it is there."""
        sampler.restart()
        try:
            for value in itertools.islice(self._tries(suspicion, judges, sampler), _MAX_TRIES):
                found = self._refuted(value, suspicion)
                if found:
                    return found
        except RecursionError:
            pass
        return ()

    def _tries(self, suspicion: Suspicion, judges: Judges, sampler: Sampler) -> Iterator[Any]:
        yield from self.known
        path = suspicion.at[1:]
        probes = [value for known in self.known for value in _found_at(known, path)]
        probes += itertools.islice(suspicion.probes(), _MAX_TRIES)
        for known in self.known:
            yield from (_put(known, path, probe) for probe in probes)
        yield from sampler.placed(judges, path, probes)

    def _refuted(self, value: Any, suspicion: Suspicion) -> tuple[Any, ...]:
        """The value as the definition has it, and what then stands at the suspicious place; empty if it fits."""
        name, pointer = self.name, join("#/properties", self.name)
        if check_value(value):
            return ()
        try:
            mine = self.mine.complete({name: value})
            if not self.mine.accept_part(pointer, mine[name]):
                return ()
            theirs = self.theirs.complete({name: mine[name]})
        except EndlessDefault:
            return ()
        if self.theirs.accept_part(pointer, theirs[name]):
            return ()
        seen, decisive = _get(mine, suspicion.at), _get(theirs, suspicion.scope or suspicion.at)
        return (mine[name], seen[0]) if seen and decisive and suspicion.refuses(decisive[0]) else ()


def _merged(suspicions: Iterable[Suspicion]) -> list[Suspicion]:
    """Each suspicion once, with all that there is to try for it: alternatives may suspect the same."""
    found: dict[tuple[str, ...], Suspicion] = {}
    for suspicion in suspicions:
        mark = (suspicion.place.name, suspicion.keyword, suspicion.pointer, suspicion.must)
        other = found.get(mark)
        found[mark] = suspicion if other is None else _joined(other, suspicion)
    return list(found.values())


def _joined(first: Suspicion, second: Suspicion) -> Suspicion:
    def probes() -> Iterator[Any]:
        yield from itertools.islice(first.probes(), _MAX_TRIES // 2)
        yield from second.probes()

    joined = replace(first, probes=probes)
    return with_values(joined, [*first.values, *second.values]) if first.values else joined


def _pointer(judges: Judges, path: Path) -> str:
    """The pointer to what the definition says of a place, or of the nearest place around it."""
    for step in path:
        inside = judges.inside(step)
        if not inside.parts or inside.refuses_all:
            break
        judges = inside
    return judges.parts[0][1]


def _get(value: Any, path: Path) -> tuple[Any, ...]:
    """What stands at a path, in a tuple; an empty one where there is no such place."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return ()
        elif not isinstance(value, dict) or step not in value:
            return ()
        value = value[step]
    return (value,)


def _found_at(value: Any, path: Path) -> Iterator[Any]:
    """What stands at a path in which every number stands for any item."""
    if not path:
        yield value
    elif isinstance(path[0], int) and isinstance(value, list):
        for item in value:
            yield from _found_at(item, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _found_at(value[path[0]], path[1:])


def _put(value: Any, path: Path, probe: Any) -> Any:
    """A copy of a value with something else at a path, where the path leads through it."""
    if not path:
        return probe
    step = path[0]
    if isinstance(value, dict) and isinstance(step, str):
        return {**value, step: _put(value.get(step), path[1:], probe)}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], _put(value[step], path[1:], probe), *value[step + 1 :]]
    return value
