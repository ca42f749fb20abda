"""What the sandbox knows: its key, whose window is open, which templates exist, what was accepted, what came in.

One world is one server's; it is changed by one thread only, and may be read by others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, TypeAlias, get_args

from msgc.contract import Contract, RequestKind
from msgc.emit import compact
from msgc.error_table import ErrorTable
from msgc.sandbox.faults import Fault, Faults
from msgc.sandbox.messages import Messages
from msgc.sandbox.traffic import Traffic
from msgc.sandbox.ulid import Ulids, spell

KEY = "sandbox-key"
"""The key unless another is chosen; it opens nothing but this sandbox, so it is no secret."""
RATE = 200
"""Requests a second that the API takes in all, by https://docs.connectly.ai/messaging/session-messages."""

Window: TypeAlias = Literal["open", "closed", "never"]
"""A customer's 24-hour window; `never` is that of somebody who has not written at all."""
WINDOWS: tuple[Window, ...] = get_args(Window)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a sandbox starts with.

    `rate` 0 is no limit; `retry_after` is the header in seconds that a 429 or 503 has, None for none. `window` is that
    of every number that `windows` does not name. `templates` are those that exist, by name and language (None: every
    language); None for `templates` means that all exist.
    """

    key: str = KEY
    rate: int = RATE
    retry_after: int | None = None
    window: Window = "open"
    windows: Mapping[str, Window] = field(default_factory=dict)
    templates: frozenset[tuple[str, str | None]] | None = None
    faults: Faults = field(default_factory=Faults)
    seed: int = 0


class World:
    """The state of one sandbox; `clock` gives seconds since 1970, `steady` seconds that never go back."""

    def __init__(
        self,
        contract: Contract,
        errors: ErrorTable,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.contract = contract
        self.errors = errors
        self.settings = settings or Settings()
        self.steady = steady
        self.traffic = Traffic()
        self.messages = Messages()
        self.accepted = 0
        self.windows: dict[str, Window] = dict(self.settings.windows)
        self._clock = clock
        # Apart from the chance of faults, which is repeatable; ids differ from run to run.
        self._random = Random()  # noqa: S311 - unique, not secret
        self._ulids = Ulids(self._random)
        self.change_faults(self.settings.faults)

    def change_faults(self, faults: Faults) -> None:
        """From now on these faults and no others, drawn from the seed again."""
        self.faults = faults
        self._dice = Random(self.settings.seed)  # noqa: S311 - repeatable, not secret

    def draw(self) -> Fault | None:
        """What goes wrong with the next request."""
        return self.faults.draw(self._dice.random()) if self.faults.shares else None

    def window(self, number: str) -> Window:
        """The window of a customer."""
        return self.windows.get(number, self.settings.window)

    def has_template(self, name: str, language: str) -> bool:
        """Whether the business has an approved template of that name in that language."""
        known = self.settings.templates
        return known is None or (name, language) in known or (name, None) in known

    def is_number(self, text: str) -> bool:
        """Whether a text is a phone number as the contract has them."""
        place = self.contract.request("session").field("recipient")
        number = None if place is None else place.field("id")
        return number is not None and not (self.contract.is_user_id(text) or self.contract.judge_at(number, text))

    def accept(self, business: str, kind: RequestKind, payload: Any) -> tuple[str, int]:
        """Keeps a message, unanswered as yet; its id for the client and its number among the messages."""
        now = self._clock()
        ulid = self._ulids.next(now)
        self.accepted += 1
        return spell(ulid), self.messages.keep(ulid, business, kind, now, compact(payload))

    def trace_id(self) -> str:
        """An id for support: the digits of a 64-bit number, as the API's."""
        return str(self._random.getrandbits(63))
