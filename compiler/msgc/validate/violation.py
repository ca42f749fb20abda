"""One way in which a value breaks its schema, and which branch of a choice its author meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgc.document import Path

Schema = Mapping[str, Any] | bool
CLOSED = ("additionalProperties", "unevaluatedProperties")
"""The keywords that close an object."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a value breaks its schema.

    `path` leads to the value at fault, `keyword` and `constraint` are what it breaks (`"false"` where nothing
    at all is allowed), `limit` is the nearest `x-limit` around the keyword. `branches` are the violations of
    each branch of an `anyOf` or `oneOf`. `extra` holds what the keyword has to tell beyond that:

    - `required`, `dependentRequired`: `key`, the missing name (`path` is the object that lacks it); the
      latter also `because`, the name that asks for it
    - `additionalProperties`, `unevaluatedProperties`: `key`, the unknown name; `known`, the names that would
      do; `patterns`, those of `patternProperties` (`path` ends in the unknown key)
    - `unevaluatedProperties` also `mentioned`: whether a schema that does not apply here has such a property
    - inside `propertyNames`: `key`, the refused name (`path` ends in it)
    - `oneOf`, where more than one branch fits: `matching`, their numbers
    - `uniqueItems` and our own keywords: `found`, what was measured, and `places`, the other paths that
      belong to it
    """

    path: Path
    keyword: str
    constraint: Any
    value: Any
    limit: Mapping[str, Any] | None = None
    branches: tuple[tuple[Violation, ...], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


def chosen_branch(violation: Violation) -> tuple[Violation, ...]:
    """What is wrong with the branch of an `anyOf` or `oneOf` that the author was probably writing.

    That is the branch whose type fits, whose constants and enums fit, that lacks and refuses the fewest keys,
    and whose trouble lies deepest; the first of equals. Empty where there are no branches to choose from.
    """
    return min(violation.branches, key=lambda branch: _strangeness(branch, len(violation.path)), default=())


def _strangeness(branch: tuple[Violation, ...], depth: int) -> tuple[int, int, int, int, int]:
    here = [violation for violation in branch if len(violation.path) == depth]
    near = [violation for violation in branch if len(violation.path) <= depth + 1]
    return (
        sum(violation.keyword in ("type", "false") for violation in here),
        sum(violation.keyword in ("const", "enum") for violation in near),
        sum(violation.keyword in ("required", *CLOSED) for violation in near),
        -min((len(violation.path) for violation in branch), default=0),
        len(branch),
    )
