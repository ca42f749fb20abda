"""What a gallery shows at the moment, and what of it is new since somebody looked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from msgc.preview.card import Card


class Board:
    """Cards in their order with the version in which each last changed. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = 0
        self._cards: dict[str, tuple[int, Card]] = {}
        self._notice = ""

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._version

    def put(self, cards: Sequence[Card], notice: str = "") -> int:
        """Replaces all cards, and the HTML above them; how many cards are new, changed or gone."""
        with self._lock:
            version = self._version + 1
            before = self._cards
            after = {card.key: before.get(card.key) for card in cards}
            self._cards = {
                card.key: (version, card) if (old := after[card.key]) is None or old[1] != card else old
                for card in cards
            }
            changed = sum(since == version for since, _ in self._cards.values()) + len(before.keys() - after.keys())
            if changed or notice != self._notice or list(before) != list(self._cards):
                self._version, self._notice = version, notice
            return changed

    def since(self, version: int) -> dict[str, Any]:
        """As JSON: the version, the keys of all cards in order, those that changed after a version, and the notice."""
        with self._lock:
            return {
                "version": self._version,
                "order": list(self._cards),
                "cards": [card.plain() for since, card in self._cards.values() if since > version],
                "notice": self._notice,
            }
