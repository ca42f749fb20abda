"""Patterns and what texts can be: the texts that a pattern allows, and whether a text surely or never matches.

A text's words are run through the pattern's automaton, all their characters at once. What the pattern's tree does not
understand, or what would take too many steps, stays open.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgc.bounds.automata import Automaton, Runner, States, jumped, masks_of, runner_of, whole_automaton
from msgc.bounds.characters import ALL, SPACES, Mask, bit_of, mask_of
from msgc.bounds.pattern_tree import Anchor, Choice, Node, One, Repeat, Row, branches, read
from msgc.bounds.words import ANY, EMPTY, Range, Run, Text, Word, literal, repeat, run, text
from msgc.validate import matches

_FORMAT = "(?:)"
"""Matches nothing, and nobody writes it: it marks the patterns of formats."""
_MAX_STEPS = 4_000
_COUNTED = 24
_LONG = 260


# ---------------------------------------------------------------------------------------------- a pattern's texts


@lru_cache(maxsize=1024)
def text_of_pattern(pattern: str) -> Text:
    """The texts that match a pattern."""
    rows = branches(pattern)
    if not rows:
        return ANY
    found: Text | None = None
    for row, starts, ends in rows:
        made = _text_of(row)
        made = made if starts else ANY + made
        made = made if ends else made + ANY
        found = made if found is None else found | made
    assert found is not None
    tied = all(starts and ends for _, starts, ends in rows)
    return _matching(pattern, found) if tied and not all(_is_flat(row) for row, _, _ in rows) else found


def _matching(pattern: str, whole: Text) -> Text:
    """The text as one run of which its pattern is remembered."""
    points = whole.points
    first, last = _edges(pattern)
    return Text((Word((Run(whole.mask, points.least, points.most, whole.solid, pattern, first, last),)),))


@lru_cache(maxsize=64)
def text_of_format(pattern: str) -> Text:
    """The texts of a format, whose pattern is remembered so that they are told from others of the same form."""
    marked = f"{pattern.removesuffix('$')}{_FORMAT}$"
    return _matching(marked, text_of_pattern(marked))


def _is_flat(node: Node) -> bool:
    """Whether the words of a node say all that it says: only single characters are repeated."""
    if isinstance(node, Repeat):
        return isinstance(node.node, One)
    return not isinstance(node, Row | Choice) or all(map(_is_flat, node.nodes))


def _edges(pattern: str) -> tuple[Mask, Mask]:
    """The characters that the texts of a pattern may begin and end with."""
    automaton = whole_automaton(pattern)
    if automaton is None:
        return ALL, ALL
    everywhere = range(len(automaton.steps))
    reached = jumped(automaton, {0})
    first = last = 0
    ending = {state for state in everywhere if automaton.accepting in jumped(automaton, {state})}
    for state in everywhere:
        for one, target in automaton.steps[state]:
            may, _ = masks_of(one)
            first |= may if state in reached else 0
            last |= may if target in ending else 0
    return first, last


def _text_of(node: Node) -> Text:
    if isinstance(node, One):
        return literal(node.literal) if node.literal is not None else run(masks_of(node)[0], 1, 1)
    if isinstance(node, Repeat):
        return repeat(_text_of(node.node), Range(node.least, node.most))
    assert not isinstance(node, Anchor)
    parts = [_text_of(part) for part in node.nodes]
    if isinstance(node, Choice):
        found = parts[0]
        for part in parts[1:]:
            found = found | part
        return found
    found = EMPTY
    for part in parts:
        found = found + part
    return found


@lru_cache(maxsize=16384)
def verdict(pattern: str, whole: Text) -> bool | None:
    """Whether every text of these matches a pattern (True), none does (False), or it is not known (None)."""
    quick = _quick(pattern, whole)
    if quick is not None:
        return quick
    found: set[bool | None] = set()
    for word in whole.words:
        known = word.literal
        if known is not None:
            found.add(matches(pattern, known))
            continue
        runner = runner_of(pattern)
        if runner is None:
            return None
        answers = set(_answers(runner, word, _COUNTED))
        if len(answers) > 1 and "{" in pattern and _is_long(word):
            # Long counts were loosened, and the pattern counts as well.
            answers = set(_answers(runner, word, _LONG))
        found |= answers
        if len(found) > 1 or None in found:
            return None
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=512)
def _outline(pattern: str) -> tuple[Mask, tuple[tuple[bool, Mask, Mask, bool], ...], bool] | None:
    """Of each match of a pattern, a set that it must hold a character of; and its rows of a single character.

    A row is: tied to the begin, what it may match, what it surely matches, tied to the end. The last answer is whether
    the empty text matches as a row of its own. None for a pattern that is not understood.
    """
    tree = read(pattern)
    if tree is None:
        return None
    rows = []
    empty = Row((Anchor(True), Anchor(False)))
    for row in tree.nodes:
        assert isinstance(row, Row)
        ones = [node for node in row.nodes if isinstance(node, One)]
        if len(ones) == 1 and all(isinstance(node, One | Anchor) for node in row.nodes):
            may, must = masks_of(ones[0])
            rows.append((row.nodes[0] == Anchor(True), may, must, row.nodes[-1] == Anchor(False)))
    plain = len(rows) + tree.nodes.count(empty) == len(tree.nodes)
    return _needed(tree), tuple(rows) if plain else (), empty in tree.nodes


def _needed(node: Node) -> Mask:
    """A set of characters of which every match holds one; everything where there is no such set."""
    if isinstance(node, One):
        return masks_of(node)[0]
    if isinstance(node, Repeat):
        return _needed(node.node) if node.least else ALL
    if isinstance(node, Anchor):
        return ALL
    found = [_needed(part) for part in node.nodes]
    if isinstance(node, Choice):
        whole = 0
        for mask in found:
            whole |= mask
        return whole
    return min(found, key=int.bit_count, default=ALL)


def _quick(pattern: str, whole: Text) -> bool | None:
    """The answer where the characters of a text and its ends tell it already."""
    outline = _outline(pattern)
    if outline is None:
        return None
    needed, rows, empty = outline
    if needed != ALL and not whole.mask & needed:
        return False
    if not rows:
        return None
    nowhere = not any(
        (whole.first if starts else whole.last if ends else whole.mask) & may for starts, may, _, ends in rows
    )
    if nowhere and not (empty and whole.points.least == 0):
        return False
    sure = 0
    for starts, _, must, ends in rows:
        sure |= must if not starts and not ends else 0
    return True if sure and all(_surely_holds(word, sure) for word in whole.words) else None


def _surely_holds(word: Word, mask: Mask) -> bool:
    """Whether a word surely holds a character of a set."""
    for piece in word.pieces:
        if isinstance(piece, str):
            if mask_of(piece) & mask:
                return True
        elif (piece.least and not piece.mask & ~mask) or (piece.solid and not piece.mask & ~SPACES & ~mask):
            return True
    return False


def _is_long(word: Word) -> bool:
    return any(
        isinstance(piece, Run) and piece.most is not None and _COUNTED < piece.most <= _LONG for piece in word.pieces
    )


def _answers(runner: Runner, word: Word, counted: int) -> Iterator[bool | None]:
    """What the texts of a word can answer; None where it takes too long to know."""
    pieces = tuple(_units(word, counted))
    # The second number counts the characters of a set, or is the state of a piece that has a pattern.
    seen: set[tuple[int, int, States]] = set()
    pending: list[tuple[int, int, States]] = [(0, 0, runner.start)]
    while pending:
        position = pending.pop()
        if position in seen:
            continue
        seen.add(position)
        if len(seen) > _MAX_STEPS:
            yield None
            return
        index, count, states = position
        if index == len(pieces):
            yield runner.ends(states, at_start=states == runner.start and _can_be_empty(word))
            continue
        piece = pieces[index]
        if isinstance(piece, Automaton):
            for state in jumped(piece, {count}):
                if state == piece.accepting:
                    pending.append((index + 1, 0, states))
                for one, target in piece.steps[state]:
                    pending += [(index, target, after) for after in runner.after(states, masks_of(one)[0])]
            continue
        mask, least, most = piece
        if count >= least:
            pending.append((index + 1, 0, states))
        if most is None or count < most:
            following = min(count + 1, least) if most is None else count + 1
            pending += [(index, following, after) for after in runner.after(states, mask)]


def _can_be_empty(word: Word) -> bool:
    return word.points.least == 0


def _units(word: Word, counted: int) -> Iterator[tuple[Mask, int, int | None] | Automaton]:
    """The word as characters out of sets, each so many times, or automata of patterns; long counts are loosened."""
    for piece in word.pieces:
        if isinstance(piece, str):
            yield from ((bit_of(character), 1, 1) for character in piece)
            continue
        automaton = None if piece.pattern is None else whole_automaton(piece.pattern)
        if automaton is not None:
            yield automaton
        elif piece.solid and piece.mask & SPACES and piece.least <= 1:
            yield piece.mask & SPACES, 0, None
            yield piece.mask & ~SPACES, 1, 1
            yield piece.mask, 0, None
        else:
            yield _loosened(piece, counted)


def _loosened(piece: Run, counted: int) -> tuple[Mask, int, int | None]:
    if piece.most is not None and piece.most <= counted:
        return piece.mask, piece.least, piece.most
    return piece.mask, min(piece.least, counted), None


@lru_cache(maxsize=4096)
def disjoint(one: Text, two: Text) -> bool:
    """Whether no text is one of both; False also where that takes too long to know."""
    lengths, others = one.points, two.points
    if (lengths.most is not None and lengths.most < others.least) or (
        others.most is not None and others.most < lengths.least
    ):
        return True
    if one.literals is not None and two.literals is not None:
        return not set(one.literals) & set(two.literals)
    return all(_disjoint(a, b) for a in one.words for b in two.words)


def _disjoint(one: Word, two: Word) -> bool:
    """Whether two words have no text in common: both are walked together, character by character."""
    pieces = tuple(_units(one, _COUNTED)), tuple(_units(two, _COUNTED))
    seen: set[tuple[int, int, int, int]] = set()
    pending = [(0, 0, 0, 0)]
    while pending:
        position = pending.pop()
        if position in seen:
            continue
        seen.add(position)
        if len(seen) > _MAX_STEPS:
            return False
        left, ends = _moves(pieces[0], position[0], position[1])
        right, others = _moves(pieces[1], position[2], position[3])
        if ends and others:
            return False
        pending += [(*a, *b) for mask, *a in left for other, *b in right if mask & other]  # type: ignore[misc]
    return True


def _moves(
    pieces: tuple[tuple[Mask, int, int | None] | Automaton, ...], index: int, count: int
) -> tuple[list[tuple[Mask, int, int]], bool]:
    """Where one more character leads from a place in a word, and whether the word can end there."""
    moves: list[tuple[Mask, int, int]] = []
    pending, seen = [(index, count)], set()
    ends = False
    while pending:
        index, count = pending.pop()
        if (index, count) in seen:
            continue
        seen.add((index, count))
        if index == len(pieces):
            ends = True
            continue
        piece = pieces[index]
        if isinstance(piece, Automaton):
            for state in jumped(piece, {count}):
                if state == piece.accepting:
                    pending.append((index + 1, 0))
                moves += [(masks_of(one)[0], index, target) for one, target in piece.steps[state]]
            continue
        mask, least, most = piece
        if count >= least:
            pending.append((index + 1, 0))
        if most is None or count < most:
            moves.append((mask, index, min(count + 1, least) if most is None else count + 1))
    return moves, ends


def meets(pattern: str, whole: Text) -> Text:
    """The texts that match a pattern, as far as they can be told; `whole` where nothing is known."""
    allowed = text_of_pattern(pattern)
    if allowed is ANY:
        return whole
    kept = [word for word in whole.words if word.literal is not None and matches(pattern, word.literal)]
    if len(kept) == len(whole.words):
        return whole
    return text(*kept) if kept and all(word.literal is not None for word in whole.words) else allowed
