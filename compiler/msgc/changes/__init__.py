"""Changes: what differs between two versions of what customers receive."""

from msgc.changes.payloads import Change, compare_payloads
from msgc.changes.words import Piece, compare_words

__all__ = ["Change", "Piece", "compare_payloads", "compare_words"]
