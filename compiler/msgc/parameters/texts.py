"""How long the texts are that a pattern matches, and one such text.

Only the everyday part of the pattern language is understood: characters, classes, groups, alternatives and counts, with
`^` and `$` at the outer ends. Of any other pattern nothing is said.
"""

from __future__ import annotations

import itertools
from functools import lru_cache

from msgc.bounds.pattern_tree import Choice, Node, One, Repeat, Row, branches
from msgc.validate import matches

_TRIES = "aAxX0123456789-_ .:/+@#,;'!?eéÑ漢👍\t\n"
_MAX_TEXT = 10_000


def lengths(pattern: str) -> tuple[int, int | None]:
    """The fewest and the most characters of the texts that match; None where there is no limit, or none is known."""
    rows = branches(pattern)
    if not rows:
        return 0, None
    least = min(_least(node) for node, _, _ in rows)
    if not all(starts and ends for _, starts, ends in rows):
        return least, None
    most = [_most(node) for node, _, _ in rows]
    return least, None if None in most else max(size for size in most if size is not None)


def text_of(pattern: str, length: int = 0) -> str | None:
    """A text that matches and has at least so many characters, if possible not more; None where none is found."""
    for node, starts, ends in branches(pattern) or ():
        text = _grow(node, length)
        if text is None:
            continue
        if len(text) < length and not (starts and ends):
            fill = "a" * (length - len(text))
            text = text + fill if not ends else fill + text
        if matches(pattern, text):
            return text
    return None


# ---------------------------------------------------------------------------------------------------- measuring


def _least(node: Node) -> int:
    if isinstance(node, One):
        return 1
    if isinstance(node, Row):
        return sum(map(_least, node.nodes))
    if isinstance(node, Choice):
        return min(map(_least, node.nodes))
    assert isinstance(node, Repeat)
    return node.least * _least(node.node) if node.least else 0


def _most(node: Node) -> int | None:
    if isinstance(node, One):
        return 1
    if isinstance(node, Repeat):
        inner = _most(node.node)
        if inner == 0 or node.most == 0:
            return 0
        return None if inner is None or node.most is None else inner * node.most
    assert isinstance(node, Row | Choice)
    sizes = [_most(part) for part in node.nodes]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return None
    return sum(known) if isinstance(node, Row) else max(known)


def _grow(node: Node, length: int) -> str | None:
    """A text of a node with at least so many characters, or as many as it can have; None where none is found."""
    if _least(node) > _MAX_TEXT or length > _MAX_TEXT:
        return None
    if isinstance(node, One):
        return node.literal if node.literal is not None else _character(node.pattern)
    if isinstance(node, Row):
        texts = [_grow(part, 0) for part in node.nodes]
        for index, part in enumerate(node.nodes):
            lacking = length - sum(len(text or "") for text in texts)
            if lacking > 0:
                texts[index] = _grow(part, len(texts[index] or "") + lacking)
        return None if None in texts else "".join(text for text in texts if text is not None)
    if isinstance(node, Choice):
        grown = [text for part in node.nodes if (text := _grow(part, length)) is not None]
        enough = [text for text in grown if len(text) >= length]
        return min(enough, key=len) if enough else max(grown, key=len, default=None)
    assert isinstance(node, Repeat)
    return _repeated(node, length)


def _repeated(node: Repeat, length: int) -> str | None:
    text = ""
    for count in itertools.count():
        if count == node.most or (count >= node.least and len(text) >= length):
            break
        more = _grow(node.node, max(0, length - len(text)))
        if more is None and count < node.least:
            return None
        if not more:
            break  # and so would all the other rounds be
        text += more
    return text


@lru_cache(maxsize=256)
def _character(pattern: str) -> str | None:
    return next((one for one in _TRIES if matches(f"^{pattern}$", one)), None)
