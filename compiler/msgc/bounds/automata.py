"""Patterns as automata that read all characters of a set at once."""

from __future__ import annotations

import re
import sys
from array import array
from dataclasses import dataclass
from functools import lru_cache

from msgc.bounds.characters import ASCII, ASTRAL, LATIN, SAMPLES, WIDE, Mask, bit_of
from msgc.bounds.pattern_tree import Anchor, Choice, Node, One, Repeat, branches, read
from msgc.validate import matches

_PLAIN_CLASS = re.compile(r"\[\^?(?:\\[dDwWsS]|\\[^A-Za-z0-9]|\\[nrtfv]|[\x00-\x7f])+\]|\\[dDwWsS]|\.")

_MAX_STATES = 600

_BLOCKS = {
    LATIN: range(0x80, 0x800),
    WIDE: range(0x800, 0x10000),
    ASTRAL: range(0x10000, 0x110000),
}


@lru_cache(maxsize=512)
def masks_of(one: One) -> tuple[Mask, Mask]:
    """The characters that a node may match, and those that it surely matches (of a group beyond ASCII, all)."""
    if one.literal is not None:
        bit = bit_of(one.literal)
        return bit, bit & ASCII
    pattern = f"^{one.pattern}$"
    may = sum(1 << code for code in range(128) if matches(pattern, chr(code)))
    must = may
    plain = _PLAIN_CLASS.fullmatch(one.pattern) is not None
    for bit, sample in SAMPLES.items():
        if plain:
            # What is written in ASCII treats all of a group alike.
            if matches(pattern, sample):
                may, must = may | bit, must | bit
        elif bit in _BLOCKS:
            if matches(one.pattern, _all_of(bit)):
                may |= bit
        elif matches(pattern, sample):
            may |= bit
    return may, must


@lru_cache(maxsize=4)
def _all_of(bit: Mask) -> str:
    # A million characters, decoded at once: halves of surrogate pairs are no characters, and are left out.
    block = array("I", _BLOCKS[bit]).tobytes().decode(f"utf-32-{sys.byteorder[0]}e", "ignore")
    return block if bit == ASTRAL else "".join(character for character in block if bit_of(character) == bit)


@dataclass(frozen=True, slots=True)
class Automaton:
    """States are numbers; `steps` lead on by a node's characters, `jumps` by nothing, or only at an anchor."""

    steps: tuple[tuple[tuple[One, int], ...], ...]
    jumps: tuple[tuple[tuple[bool | None, int], ...], ...]
    accepting: int


class _TooLarge(Exception):  # noqa: N818 - named for what happened
    """The automaton would have too many states."""


@lru_cache(maxsize=512)
def _automaton(pattern: str) -> Automaton | None:
    tree = read(pattern)
    return None if tree is None else _built(tree)


@lru_cache(maxsize=512)
def whole_automaton(pattern: str) -> Automaton | None:
    """The automaton of a pattern that is tied to both ends, without its anchors."""
    rows = branches(pattern)
    return None if rows is None else _built(Choice(tuple(row for row, _, _ in rows)))


def _built(tree: Node) -> Automaton | None:
    steps: list[list[tuple[One, int]]] = []
    jumps: list[list[tuple[bool | None, int]]] = []

    def state() -> int:
        if len(steps) > _MAX_STATES:
            raise _TooLarge
        steps.append([])
        jumps.append([])
        return len(steps) - 1

    def build(node: Node, start: int) -> int:
        if isinstance(node, One):
            end = state()
            steps[start].append((node, end))
            return end
        if isinstance(node, Anchor):
            end = state()
            jumps[start].append((node.at_start, end))
            return end
        if isinstance(node, Choice):
            end = state()
            for part in node.nodes:
                jumps[build(part, start)].append((None, end))
            return end
        if isinstance(node, Repeat):
            for _ in range(node.least):
                start = build(node.node, start)
            if node.most is None:
                again = state()
                jumps[start].append((None, again))
                jumps[build(node.node, again)].append((None, again))
                return again
            end = state()
            jumps[start].append((None, end))
            for _ in range(node.most - node.least):
                start = build(node.node, start)
                jumps[start].append((None, end))
            return end
        for part in node.nodes:
            start = build(part, start)
        return start

    try:
        accepting = build(tree, state())
    except _TooLarge:
        return None
    return Automaton(tuple(map(tuple, steps)), tuple(map(tuple, jumps)), accepting)


def jumped(automaton: Automaton, states: set[int]) -> set[int]:
    """The states that are reached by nothing."""
    pending = list(states)
    while pending:
        for _, target in automaton.jumps[pending.pop()]:
            if target not in states:
                states.add(target)
                pending.append(target)
    return states


States = frozenset[int]

MATCHED: States = frozenset((-1,))
"""All that is left to say once the pattern was found."""


class Runner:
    """Walks one automaton; it searches anywhere in a text, as patterns of JSON Schema do."""

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        self.start = self._closed(frozenset((0,)), at_start=True)
        self._known: dict[tuple[States, Mask], list[tuple[Mask, list[States]]]] = {}

    def _closed(self, states: States, *, at_start: bool = False, at_end: bool = False) -> States:
        found = set(states)
        pending = list(states)
        while pending:
            for anchor, target in self._automaton.jumps[pending.pop()]:
                there = anchor is None or (at_start if anchor else at_end)
                if there and target not in found:
                    found.add(target)
                    pending.append(target)
        return MATCHED if self._automaton.accepting in found else frozenset(found)

    def ends(self, states: States, *, at_start: bool) -> bool:
        """Whether the pattern is found if the text ends here."""
        return states == MATCHED or self._closed(states, at_start=at_start, at_end=True) == MATCHED

    def after(self, states: States, mask: Mask) -> list[States]:
        """All that can be the case after one more character out of a set."""
        if states == MATCHED:
            return [states]
        key = (states, mask)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = [(mask, self._after(states, mask))]
        return known[0][1]

    def _after(self, states: States, mask: Mask) -> list[States]:
        edges = [(masks_of(one), target) for state in states for one, target in self._automaton.steps[state]]
        # Characters that all edges treat alike are one case.
        cases = [mask]
        for (may, must), _ in edges:
            cases = [part for case in cases for part in (case & must, case & may & ~must, case & ~may) if part]
        found: dict[States, None] = {}
        for case in cases:
            sure = {target for (_, must), target in edges if not case & ~must}
            open_ = {target for (may, must), target in edges if case & may and case & ~must}
            # More states match more texts, so that the fewest and the most stand for all between them.
            for targets in (sure, sure | open_):
                # A search may begin anew at every character.
                found[self._closed(frozenset((*targets, 0)))] = None
        return list(found)


@lru_cache(maxsize=512)
def runner_of(pattern: str) -> Runner | None:
    """What walks the automaton of a pattern; None for a pattern that is not understood or too large."""
    automaton = _automaton(pattern)
    return None if automaton is None else Runner(automaton)
