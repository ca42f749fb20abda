"""A parsed file: plain data, with a side table that knows where each piece of it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from msgc.source import Source, Span

Path: TypeAlias = tuple[str | int, ...]
Style = Literal["plain", "single", "double", "literal", "folded", "block", "flow"]


@dataclass(frozen=True, slots=True)
class Node:
    """Where one value of a document stands: offsets in code points, half open.

    `style` is how a scalar or a collection is written. `text` is a scalar's text before its type was resolved
    (`007` stays "007"), None for collections. `key_start`/`key_end` cover the key in front of the value; for list
    items and the root they are equal to `start`.
    """

    start: int
    end: int
    key_start: int
    key_end: int
    style: Style
    text: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A file's data (dicts, lists and scalars) and its side table from path to node; the root's path is `()`.

    Two documents are equal only when they are the same one.
    """

    source: Source
    data: Any
    nodes: Mapping[Path, Node]

    def node(self, path: Path) -> Node:
        """The node at a path, or the nearest one above it that exists."""
        while path not in self.nodes:
            path = path[:-1]
        return self.nodes[path]

    def span(self, path: Path) -> Span:
        """Where the value at a path stands (or the nearest one above it that exists)."""
        node = self.node(path)
        return Span(self.source, node.start, node.end)

    def key_span(self, path: Path) -> Span:
        """Where the key of the value at a path stands; for list items, the value."""
        node = self.node(path)
        if node.key_start == node.key_end:
            return Span(self.source, node.start, node.end)
        return Span(self.source, node.key_start, node.key_end)


def pointer(path: Path) -> str:
    """A path as an RFC 6901 JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def dotted(path: Path) -> str:
    """A path as people write it: `message.buttons[2].text`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
