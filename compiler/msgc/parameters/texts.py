"""How long the texts are that a pattern matches, and one such text.

Only the everyday part of the pattern language is understood: characters, classes, groups, alternatives and counts, with
`^` and `$` at the outer ends. Of any other pattern nothing is said.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from msgc.validate import matches

_COUNT = re.compile(r"\{([0-9]{1,6})(,([0-9]{1,6})?)?\}")
_CODE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
_PROPERTY = re.compile(r"\\[pP](?:\{[A-Za-z_=]+\}|[A-Z])")
# Not those with sets in them, `[a-z&&[^b]]`.
_CLASS = re.compile(r"\[\^?(?:\\.|([&~-])(?!\1)|[^\]\\\[&~-])+\]", re.DOTALL)
_KINDS = "dDwWsS"
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_SPECIAL = frozenset("\\^$.|?*+()[]{}")
_TRIES = "aAxX0123456789-_ .:/+@#,;'!?eéÑ漢👍\t\n"
_MAX_TEXT = 10_000
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class _One:
    """One character out of a class, or a certain one. `pattern` matches it."""

    pattern: str
    literal: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    nodes: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    nodes: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    node: _Node
    least: int
    most: int | None


_Node: TypeAlias = _One | _Row | _Choice | _Repeat


def lengths(pattern: str) -> tuple[int, int | None]:
    """The fewest and the most characters of the texts that match; None where there is no limit, or none is known."""
    branches = _read(pattern)
    if not branches:
        return 0, None
    least = min(_least(node) for node, _, _ in branches)
    if not all(starts and ends for _, starts, ends in branches):
        return least, None
    most = [_most(node) for node, _, _ in branches]
    return least, None if None in most else max(size for size in most if size is not None)


def text_of(pattern: str, length: int = 0) -> str | None:
    """A text that matches and has at least so many characters, if possible not more; None where none is found."""
    for node, starts, ends in _read(pattern) or ():
        text = _grow(node, length)
        if text is None:
            continue
        if len(text) < length and not (starts and ends):
            fill = "a" * (length - len(text))
            text = text + fill if not ends else fill + text
        if matches(pattern, text):
            return text
    return None


# ------------------------------------------------------------------------------------------------------ reading


class _Unread(ValueError):  # noqa: N818 - named for what happened
    """The pattern uses what is not understood here."""


@lru_cache(maxsize=256)
def _read(pattern: str) -> tuple[tuple[_Node, bool, bool], ...] | None:
    """The alternatives of a pattern, each with whether it is tied to the text's begin and end."""
    reader = _Reader(pattern)
    branches: list[tuple[_Node, bool, bool]] = []
    try:
        while True:
            starts = reader.take("^")
            row = reader.row(0)
            branches.append((row, starts, reader.take("$")))
            if reader.at == len(pattern):
                return tuple(branches)
            if not reader.take("|"):
                raise _Unread
    except _Unread:
        return None


@dataclass
class _Reader:
    text: str
    at: int = 0

    def take(self, word: str) -> bool:
        if not self.text.startswith(word, self.at):
            return False
        self.at += len(word)
        return True

    def row(self, depth: int) -> _Node:
        nodes: list[_Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)$":
            nodes.append(self._counted(self._atom(depth)))
        return _Row(tuple(nodes))

    def _atom(self, depth: int) -> _Node:
        if depth > _MAX_DEPTH:
            raise _Unread
        if self.take("("):
            if not self.take("?:") and self.text.startswith("?", self.at):
                raise _Unread
            branches = [self.row(depth + 1)]
            while self.take("|"):
                branches.append(self.row(depth + 1))
            if not self.take(")"):
                raise _Unread
            return _Choice(tuple(branches))
        if self.take("."):
            return _One(".")
        if self.text[self.at] == "\\":
            return self._escape()
        if self.text[self.at] == "[":
            return self._whole(_CLASS)
        if self.text[self.at] in _SPECIAL:
            raise _Unread
        self.at += 1
        return _One("", self.text[self.at - 1])

    def _whole(self, form: re.Pattern[str]) -> _One:
        match = form.match(self.text, self.at)
        if match is None:
            raise _Unread
        self.at = match.end()
        return _One(match[0])

    def _escape(self) -> _Node:
        code = _CODE.match(self.text, self.at)
        if code is not None:
            self.at = code.end()
            number = int(code[1] or code[2], 16)
            if 0xD800 <= number <= 0xDFFF:
                raise _Unread
            return _One("", chr(number))
        letter = self.text[self.at + 1 : self.at + 2]
        if letter in ("p", "P"):
            return self._whole(_PROPERTY)
        self.at += 2
        if letter and letter in _KINDS:
            return _One("\\" + letter)
        if letter in _LETTERS:
            return _One("", _LETTERS[letter])
        if not letter or letter.isalnum():
            raise _Unread  # `\b` is no character, and other letters are for the engine to explain
        return _One("", letter)

    def _counted(self, node: _Node) -> _Node:
        count = _COUNT.match(self.text, self.at)
        if count is not None:
            self.at = count.end()
            least = int(count[1])
            node = _Repeat(node, least, least if count[2] is None else int(count[3]) if count[3] else None)
        elif self.take("*"):
            node = _Repeat(node, 0, None)
        elif self.take("+"):
            node = _Repeat(node, 1, None)
        elif self.take("?"):
            node = _Repeat(node, 0, 1)
        else:
            return node
        self.take("?")  # how greedy it is does not change what matches
        return node


# ---------------------------------------------------------------------------------------------------- measuring


def _least(node: _Node) -> int:
    if isinstance(node, _One):
        return 1
    if isinstance(node, _Row):
        return sum(map(_least, node.nodes))
    if isinstance(node, _Choice):
        return min(map(_least, node.nodes))
    return node.least * _least(node.node) if node.least else 0


def _most(node: _Node) -> int | None:
    if isinstance(node, _One):
        return 1
    if isinstance(node, _Repeat):
        inner = _most(node.node)
        if inner == 0 or node.most == 0:
            return 0
        return None if inner is None or node.most is None else inner * node.most
    sizes = [_most(part) for part in node.nodes]
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        return None
    return sum(known) if isinstance(node, _Row) else max(known)


def _grow(node: _Node, length: int) -> str | None:
    """A text of a node with at least so many characters, or as many as it can have; None where none is found."""
    if _least(node) > _MAX_TEXT or length > _MAX_TEXT:
        return None
    if isinstance(node, _One):
        return node.literal if node.literal is not None else _character(node.pattern)
    if isinstance(node, _Row):
        texts = [_grow(part, 0) for part in node.nodes]
        for index, part in enumerate(node.nodes):
            lacking = length - sum(len(text or "") for text in texts)
            if lacking > 0:
                texts[index] = _grow(part, len(texts[index] or "") + lacking)
        return None if None in texts else "".join(text for text in texts if text is not None)
    if isinstance(node, _Choice):
        grown = [text for part in node.nodes if (text := _grow(part, length)) is not None]
        enough = [text for text in grown if len(text) >= length]
        return min(enough, key=len) if enough else max(grown, key=len, default=None)
    return _repeated(node, length)


def _repeated(node: _Repeat, length: int) -> str | None:
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
