"""What goes wrong on request: each fault has a share of the requests, and no request has two.

Faults come from a seeded generator, so the same requests in the same order meet the same faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from msgc.diagnostic import enumerate_words, nearest

FaultKind: TypeAlias = Literal["fail", "code", "reset", "drop", "reset_after", "garble", "slow", "stall"]
"""The ways to go wrong.

Before anything is accepted: `fail` (an answer with a status and no known code), `code` (a documented error), `reset`
(the connection is reset). Once the message is accepted: `drop` (the connection is closed without an answer),
`reset_after` (it is reset), `garble` (the answer is not JSON), `slow` (it trickles), `stall` (there is none, and the
connection stays open until the client gives up).
"""
FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
MAX_SECONDS = 60.0
"""The longest that an answer is held back or trickles."""
_BY_NAME = ("fail", "code")
_STATUSES = range(400, 600)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong; `name` is the status of a `fail`, the code of a `code`."""

    kind: FaultKind
    name: str = ""


@dataclass(frozen=True)
class Faults:
    """Faults with their shares; `latency` are seconds before every answer, `slow_pause` those between slow bytes."""

    shares: Mapping[Fault, float] = field(default_factory=dict)
    latency: float = 0
    slow_pause: float = 0.5

    def draw(self, chance: float) -> Fault | None:
        """The fault that a number from 0 up to 1 stands for, or None."""
        for fault, share in self.shares.items():
            if chance < share:
                return fault
            chance -= share
        return None

    def facts(self) -> dict[str, Any]:
        """The faults as JSON, in the form that `read_faults` reads."""
        told: dict[str, Any] = {kind: {} if kind in _BY_NAME else 0 for kind in FAULT_KINDS}
        for fault, share in self.shares.items():
            if fault.name:
                told[fault.kind][fault.name] = share
            else:
                told[fault.kind] = share
        return {**told, "latency": self.latency, "slow_pause": self.slow_pause}


def read_faults(data: Any, codes: Iterable[str]) -> Faults:
    """The faults in a JSON object: `{"fail": {"503": 0.1}, "drop": 0.02, "latency": 0.5}`; what it leaves out is off.

    `codes` are the documented errors. Raises ValueError with what is wrong.
    """
    if not isinstance(data, dict):
        raise ValueError("faults are a JSON object")
    known = (*FAULT_KINDS, "latency", "slow_pause")
    for key in data:
        if key not in known:
            raise ValueError(f"there is no fault `{key}`{_instead(key, known)}")
    shares: dict[Fault, float] = {}
    for kind in FAULT_KINDS:
        given = data.get(kind, {} if kind in _BY_NAME else 0)
        if kind not in _BY_NAME:
            shares[Fault(kind)] = _number(kind, given, 1)
            continue
        if not isinstance(given, dict):
            example = "ERROR_CODE_UNSPECIFIED" if kind == "code" else "503"
            raise ValueError(f'`{kind}` is a JSON object, such as {{"{example}": 0.1}}')
        for name, share in given.items():
            shares[Fault(kind, _checked_name(kind, name, codes))] = _number(f"{kind} {name}", share, 1)
    total = sum(shares.values())
    if total > 1 + 1e-9:
        raise ValueError(f"the shares of all faults add up to {total:g}; a request has one fault at most, so at most 1")
    latency = _number("latency", data.get("latency", 0), MAX_SECONDS)
    slow_pause = _number("slow_pause", data.get("slow_pause", Faults.slow_pause), MAX_SECONDS)
    return Faults({fault: share for fault, share in shares.items() if share}, latency, slow_pause)


def _checked_name(kind: FaultKind, name: str, codes: Iterable[str]) -> str:
    codes = tuple(codes)
    if kind == "code" and name not in codes:
        raise ValueError(f"there is no documented error `{name}`{_instead(name, codes)}")
    if kind == "fail" and not (name.isascii() and name.isdecimal() and int(name) in _STATUSES):
        raise ValueError(f"`{name}` is no status of an error; those are {_STATUSES[0]} to {_STATUSES[-1]}")
    return name


def _number(name: str, value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"`{name}` is a number from 0 to {most:g}")
    return value


def _instead(name: str, known: tuple[str, ...]) -> str:
    close = nearest(name, known)
    return f"; did you mean `{close}`?" if close else f"; there are {enumerate_words(list(known), 'and')}"
