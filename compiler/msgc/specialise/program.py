"""A definition's program: values in, payload bytes out, or a refusal to say anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

To: TypeAlias = str | Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Program:
    """Makes payloads of one definition.

    `run(values, to)` gives the payload as compact JSON, the same bytes as expanding, verifying and emitting give, for
    values that fit and a payload of which there is nothing at all to say. It gives None wherever there may be
    something to say: a value that does not fit, a limit that may break, a template that may go wrong. Whoever gets
    None compiles the values the long way, which finds out and says it. The values are left as they are.
    """

    run: Callable[[dict[str, Any], To], bytes | None]
