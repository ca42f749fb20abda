"""Patterns as trees: the everyday part of their language, and nothing is said of any other pattern.

Understood are characters, classes, groups, alternatives, counts, `^` and `$`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

_COUNT = re.compile(r"\{([0-9]{1,6})(,([0-9]{1,6})?)?\}")
_CODE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_PROPERTY = re.compile(r"\\[pP](?:\{[A-Za-z_=]+\}|[A-Z])")
# Not those with sets in them, `[a-z&&[^b]]`.
_CLASS = re.compile(r"\[\^?(?:\\.|([&~-])(?!\1)|[^\]\\\[&~-])+\]", re.DOTALL)
_KINDS = "dDwWsS"
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_SPECIAL = frozenset("\\^$.|?*+()[]{}")
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class One:
    """One character out of a class, or a certain one. `pattern` matches it."""

    pattern: str
    literal: str | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """`^` or `$`: the begin or the end of the text."""

    at_start: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Nodes one behind the other."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some nodes."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A node so many times; `most` is None where there is no limit."""

    node: Node
    least: int
    most: int | None


Node: TypeAlias = One | Anchor | Row | Choice | Repeat
Branch = tuple[Row, bool, bool]


class _Unread(ValueError):  # noqa: N818 - named for what happened
    """The pattern uses what is not understood here."""


@lru_cache(maxsize=1024)
def read(pattern: str) -> Choice | None:
    """The tree of a pattern; None for one that is not understood."""
    reader = _Reader(pattern)
    rows = []
    try:
        while True:
            rows.append(reader.row(0))
            if reader.at == len(pattern):
                return Choice(tuple(rows))
            if not reader.take("|"):
                raise _Unread
    except _Unread:
        return None


@lru_cache(maxsize=1024)
def branches(pattern: str) -> tuple[Branch, ...] | None:
    """The alternatives of a pattern, each with whether it is tied to the text's begin and to its end.

    None for a pattern that is not understood, or that has `^` or `$` elsewhere than at the outer ends.
    """
    tree = read(pattern)
    if tree is None:
        return None
    found = []
    for row in tree.nodes:
        assert isinstance(row, Row)
        nodes = row.nodes
        starts = nodes[:1] == (Anchor(True),)
        ends = nodes[-1:] == (Anchor(False),)
        inner = Row(nodes[starts : len(nodes) - ends])
        if _holds_anchor(inner):
            return None
        found.append((inner, starts, ends))
    return tuple(found)


def _holds_anchor(node: Node) -> bool:
    if isinstance(node, Row | Choice):
        return any(map(_holds_anchor, node.nodes))
    return isinstance(node, Anchor) or (isinstance(node, Repeat) and _holds_anchor(node.node))


@dataclass
class _Reader:
    text: str
    at: int = 0

    def take(self, word: str) -> bool:
        if not self.text.startswith(word, self.at):
            return False
        self.at += len(word)
        return True

    def row(self, depth: int) -> Row:
        nodes: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            if self.text[self.at] in "^$":
                self.at += 1
                nodes.append(Anchor(self.text[self.at - 1] == "^"))
            else:
                nodes.append(self._counted(self._atom(depth)))
        return Row(tuple(nodes))

    def _atom(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise _Unread
        if self.take("("):
            if not self.take("?:") and self.text.startswith("?", self.at):
                raise _Unread
            rows = [self.row(depth + 1)]
            while self.take("|"):
                rows.append(self.row(depth + 1))
            if not self.take(")"):
                raise _Unread
            return Choice(tuple(rows))
        if self.take("."):
            return One(".")
        if self.text[self.at] == "\\":
            return self._escape()
        if self.text[self.at] == "[":
            return self._whole(_CLASS)
        if self.text[self.at] in _SPECIAL:
            raise _Unread
        self.at += 1
        return One("", self.text[self.at - 1])

    def _whole(self, form: re.Pattern[str]) -> One:
        match = form.match(self.text, self.at)
        if match is None:
            raise _Unread
        self.at = match.end()
        return One(match[0])

    def _escape(self) -> Node:
        code = _CODE.match(self.text, self.at)
        if code is not None:
            self.at = code.end()
            number = int(code[1] or code[2], 16)
            if 0xD800 <= number <= 0xDFFF:
                raise _Unread
            return One("", chr(number))
        letter = self.text[self.at + 1 : self.at + 2]
        if letter in ("p", "P"):
            return self._whole(_PROPERTY)
        self.at += 2
        if letter and letter in _KINDS:
            return One("\\" + letter)
        if letter in _LETTERS:
            return One("", _LETTERS[letter])
        if not letter or letter.isalnum():
            raise _Unread  # `\b` is no character, and other letters are for the engine to explain
        return One("", letter)

    def _counted(self, node: Node) -> Node:
        count = _COUNT.match(self.text, self.at)
        if count is not None:
            self.at = count.end()
            least = int(count[1])
            node = Repeat(node, least, least if count[2] is None else int(count[3]) if count[3] else None)
        elif self.take("*"):
            node = Repeat(node, 0, None)
        elif self.take("+"):
            node = Repeat(node, 1, None)
        elif self.take("?"):
            node = Repeat(node, 0, 1)
        else:
            return node
        self.take("?")  # how greedy it is does not change what matches
        return node
