"""What a keyword of our own is: a name, a unit, the shape of its value and one pure check."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msgc.document import Path

Unit = Literal["items", "bytes", "UTF-16 units", "none"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a value breaks a keyword.

    `path` leads from the judged value to the piece at fault; `found` is what was measured there (a count, a
    number of bytes, the repeated value); `places` are the other pieces that belong to it, relative to the
    judged value.
    """

    found: Any
    path: Path = ()
    places: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword: `check(constraint, value)` yields a problem per cause, and none where it does not apply.

    `constraint` is the JSON Schema of the keyword's own value in a schema. `enough(constraint)` is a schema of standard
    keywords, for speed: whatever it accepts keeps the keyword; None where there is none. `surely(constraint)` is
    for speed too, a function of a value: where it is true, `check` finds nothing; where it is false, it says nothing.
    """

    name: str
    unit: Unit
    constraint: Mapping[str, Any]
    check: Callable[[Any, Any], list[Problem]]
    enough: Callable[[Any], Mapping[str, Any]] | None = None
    surely: Callable[[Any], Callable[[Any], bool]] | None = None
