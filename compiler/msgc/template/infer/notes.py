"""What a template may do wrong when it runs, noted while it is walked.

A place can be walked several times, with other values each time: a problem is certain where every walk ends in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from msgc.bounds.values import FALSE, TRUE
from msgc.template.problem import Place

_Key = tuple[str, str | None, int, int]
_Spot = tuple[str | None, int, int]


@dataclass(frozen=True, slots=True)
class Note:
    """A problem: `certain` if it happens whenever its place is reached. `trace` leads from there out to the leaf.

    `aspect` tells several things apart that are looked at in one place: a filter's value and its arguments.
    """

    rule: str
    message: str
    place: Place
    certain: bool
    help: str | None = None
    trace: tuple[Place, ...] = ()
    aspect: str = ""


@dataclass
class Notes:
    """The notes of one template, and what its conditions can be."""

    _found: dict[_Key, Note] = field(default_factory=dict)
    _passed: set[_Key] = field(default_factory=set)
    _there: set[_Spot] = field(default_factory=set)
    _truths: dict[Place, int] = field(default_factory=dict)

    def passed(self, rule: str, place: Place, aspect: str = "") -> None:
        """A walk has come through a place without a problem of this kind."""
        self._passed.add(_key(rule + aspect, place))

    def there(self, place: Place) -> None:
        """A walk has found a value at a place, where others may find none."""
        self._there.add(_spot(place))

    def add(self, note: Note) -> None:
        """A walk has found a problem."""
        if not note.certain:
            self.passed(note.rule, note.place, note.aspect)
        self._found.setdefault(_key(note.rule + note.aspect, note.place), note)

    def decided(self, place: Place, truth: int) -> None:
        """A walk has seen what a condition can be."""
        self._truths[place] = self._truths.get(place, 0) | truth

    def merge(self, other: Notes) -> None:
        """Take in what another walk has noted."""
        for key, note in other._found.items():
            self._found.setdefault(key, note)
        self._passed |= other._passed
        self._there |= other._there
        for place, truth in other._truths.items():
            self.decided(place, truth)

    def problems(self) -> list[Note]:
        """The problems, each once; those that some walk came through are not certain."""
        return [
            replace(note, certain=note.certain and key not in self._passed and not self._is_there(note))
            for key, note in self._found.items()
        ]

    def _is_there(self, note: Note) -> bool:
        return note.rule.startswith("undefined-") and _spot(note.place) in self._there

    def constant(self) -> list[tuple[Place, bool]]:
        """The conditions that are the same in every walk: true, or false."""
        return [(place, truth == TRUE) for place, truth in self._truths.items() if truth in (TRUE, FALSE)]


def _key(rule: str, place: Place) -> _Key:
    return (rule, *_spot(place))


def _spot(place: Place) -> _Spot:
    return None if place.source is None else place.source.name, place.start, place.end
