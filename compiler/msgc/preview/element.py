"""HTML as values: text is escaped when it is written, and an address that is none of the web becomes no link."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

_VOID = frozenset({"br", "img", "input", "link", "meta"})
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Element:
    """An element; `attributes` are in order, their names and the tag are this program's own words."""

    tag: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Node, ...] = ()


Node: TypeAlias = str | Element
"""A text or an element."""


def element(tag: str, *children: Node | None, **attributes: str | bool | None) -> Element:
    """An element; children that are None and attributes that are None or False are left out.

    `class_` is the attribute `class`, `data_kind` is `data-kind`, True is an attribute without a value.
    """
    named = tuple(
        (name.rstrip("_").replace("_", "-"), "" if value is True else value)
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    return Element(tag, named, tuple(child for child in children if child is not None))


def html(nodes: Iterable[Node]) -> str:
    """The nodes as HTML text."""
    pieces: list[str] = []
    for node in nodes:
        _write(node, pieces)
    return "".join(pieces)


def _write(node: Node, pieces: list[str]) -> None:
    if isinstance(node, str):
        pieces.append(escape(node, quote=False))
        return
    attributes = "".join(f' {name}="{escape(value)}"' if value else f" {name}" for name, value in node.attributes)
    pieces.append(f"<{node.tag}{attributes}>")
    if node.tag not in _VOID:
        for child in node.children:
            _write(child, pieces)
        pieces.append(f"</{node.tag}>")


def web_address(text: str) -> str | None:
    """The text if it is an address of the web (http or https), which alone may become a link; else None."""
    return text if _ADDRESS.fullmatch(text) else None


def link(address: str, *children: Node, **attributes: str | bool | None) -> Element:
    """A link that opens by itself and tells the other side nothing; without an address of the web, plain text."""
    if web_address(address) is None:
        return element("span", *children, **attributes)
    return element("a", *children, href=address, target="_blank", rel="noopener noreferrer", **attributes)
