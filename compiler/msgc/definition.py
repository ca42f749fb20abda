"""What a definition is once its structure is understood: a tree of nodes that values turn into a payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from msgc.contract import Contract, RequestKind
from msgc.document import Document, Path
from msgc.parameters import Parameters
from msgc.source import Span
from msgc.template import Loop, Template

# What a place wants of a leaf: a JSON type's name, or "any" where every JSON value is allowed.
Wanted = Literal["string", "number", "integer", "boolean", "any"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The place in an author's file that a node was made from."""

    document: Document
    path: Path

    @property
    def span(self) -> Span:
        """Where the value stands; a value that is not written at all is found at its key."""
        span = self.document.span(self.path)
        return span if span.start < span.end else self.key_span

    @property
    def key_span(self) -> Span:
        """Where the value's key stands; for list items, the value."""
        return self.document.key_span(self.path)


@dataclass(frozen=True, slots=True)
class Constant:
    """A leaf that is the same for everybody."""

    origin: Origin
    value: Any


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf with a template, and what its place wants."""

    origin: Origin
    template: Template
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Fields:
    """An object; the entries keep the definition's order."""

    origin: Origin
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    origin: Origin
    entries: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A node that is there only when its `$if` holds. `origin` is the condition's place."""

    origin: Origin
    condition: Template
    node: Node


@dataclass(frozen=True, slots=True)
class Repeated:
    """A list item made once for each round of its `$for`. `origin` is the place of the loop's text."""

    origin: Origin
    loop: Loop
    node: Node


@dataclass(frozen=True, slots=True)
class Included:
    """A fragment's content in the place of an `$include`; `bindings` give its parameters their values."""

    origin: Origin
    fragment: Fragment
    bindings: tuple[tuple[str, Node], ...]
    bindings_origin: Origin


@dataclass(frozen=True, slots=True)
class Address:
    """A sender or recipient written as one text, which becomes the API's object for a phone number or a BSUID.

    `contract` knows the one from the other.
    """

    origin: Origin
    node: Node
    contract: Contract


Node: TypeAlias = Constant | Leaf | Fields | Items | Guarded | Repeated | Included | Address


@dataclass(frozen=True, slots=True)
class Fragment:
    """A fragment file, understood for the place that includes it."""

    path: str
    document: Document
    parameters: Parameters
    content: Node


@dataclass(frozen=True, slots=True)
class Example:
    """A named set of values that a definition brings along."""

    name: str
    origin: Origin
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition whose structure is right. `body` is the request without msgc's own keys."""

    name: str
    document: Document
    kind: RequestKind
    description: str | None
    parameters: Parameters
    examples: tuple[Example, ...]
    body: Fields
    fallback: str | None
    locale: str

    @property
    def content(self) -> str:
        """What it sends, as the API names it: `text`, `listMessage`, the type of an attachment, `template`."""
        if self.kind == "templated":
            return "template"
        message = dict(self.body.entries).get("message")
        while isinstance(message, Included):
            message = message.fragment.content
        names = [name for name, _ in message.entries] if isinstance(message, Fields) else []
        return next((name for name in names if name not in ("text", "id")), "text")

    @property
    def needs_values(self) -> bool:
        """Whether it cannot be rendered without values."""
        return bool(self.parameters.required)
