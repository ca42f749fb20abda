"""A document's data as a tree that can be changed and still knows where every piece of it was written.

An overlay mixes pieces of several files, so a path no longer says where something stands. Objects and arrays
are ordinary dicts and lists, to which JSONPath and JSON apply, that also hold the place of each member.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from msgc.document import Document, Path
from msgc.source import Span


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a piece was written: a path in a document."""

    document: Document
    path: Path

    @property
    def span(self) -> Span:
        """The text of the value."""
        return self.document.span(self.path)

    @property
    def key_span(self) -> Span:
        """The text of the key in front of the value; for list items and the root, of the value."""
        return self.document.key_span(self.path)

    @property
    def file(self) -> str:
        """The name of the file, as reports show it."""
        return self.document.source.name

    @property
    def identity(self) -> tuple[int, Path]:
        """Equal for pieces that one text made, however often an overlay has planted it."""
        return id(self.document), self.path


class Object(dict[str, Any]):
    """A JSON object that knows its place and its members' places."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: dict[str, Place] = {}

    def put(self, key: str, value: Any, place: Place) -> None:
        """Set a member and the place it comes from."""
        self[key] = value
        self.places[key] = place

    def drop(self, key: str) -> None:
        """Remove a member."""
        del self[key]
        del self.places[key]


class Array(list[Any]):
    """A JSON array that knows its place and its items' places."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []

    def add(self, value: Any, place: Place) -> None:
        """Append an item and the place it comes from."""
        self.append(value)
        self.places.append(place)

    def drop(self, index: int) -> None:
        """Remove an item."""
        del self[index]
        del self.places[index]


def plant(document: Document, path: Path = ()) -> Any:
    """A fresh tree of a document's data from `path` downwards; the document stays as it is."""
    data = document.data
    for step in path:
        data = data[step]
    return _plant(document, path, data)


def _plant(document: Document, path: Path, data: Any) -> Any:
    place = Place(document, path)
    if isinstance(data, dict):
        tree = Object(place)
        for key, value in data.items():
            below = (*path, key)
            tree.put(key, _plant(document, below, value), Place(document, below))
        return tree
    if isinstance(data, list):
        items = Array(place)
        for index, value in enumerate(data):
            below = (*path, index)
            items.add(_plant(document, below, value), Place(document, below))
        return items
    return data


def plain(tree: Any) -> Any:
    """The same data as plain dicts and lists, sharing nothing with the tree."""
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    return tree


def kind(value: Any) -> str:
    """What a value is, in the words of a message to an author."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names: dict[type, str] = {
        str: "text",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return next(name for type_, name in names.items() if isinstance(value, type_))
