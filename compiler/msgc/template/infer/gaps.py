"""Filters that change letters or cut a text leave its gaps: what is on one line, with single spaces, stays so."""

from __future__ import annotations

from msgc.bounds.characters import SPACES
from msgc.bounds.patterns import verdict
from msgc.bounds.values import Value, of_text
from msgc.bounds.words import Run, Text, Word
from msgc.template.infer.call import Call, Transfer

_SPACED_ONCE = r"^[^\s]+( [^\s]+)*$"
KEEPING = frozenset({"capitalize", "lower", "shorten", "title", "truncate", "upper"})
"""The filters that add no white space (but for an `end` of one's own), and take none away inside of a text."""


def keeping_gaps(transfer: Transfer) -> Transfer:
    """The transfer function, with the promise that a text of words with one space between them stays one.

    Without it a run of characters with a space among them could be nothing but spaces.
    """

    def transferred(call: Call) -> Value:
        result = transfer(call)
        before, after = call.value.text, result.text
        if before is None or after is None or after.literals is not None or not after.mask & SPACES:
            return result
        if "end" in call.arguments or before == after or verdict(_SPACED_ONCE, before) is not True:
            return result
        points = after.points
        edge = after.mask & ~SPACES
        run = Run(after.mask, max(1, points.least), points.most, True, _SPACED_ONCE, edge, edge)
        return of_text(Text((Word((run,)),)))

    return transferred
