"""A rendered payload that remembers which node of the definition made each of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from msgc.definition import Definition, Node, Origin
from msgc.document import Path


@dataclass(frozen=True, slots=True)
class Trace:
    """The node behind one value of a payload, the values visible to it, and the traces of what is inside.

    `through` are the places of the `$include`s that led here, innermost last. `failed` says that the value could
    not be made: what stands in its place says nothing about the message.
    """

    node: Node
    scope: dict[str, Any]
    through: tuple[Origin, ...] = ()
    children: dict[str | int, Trace] | None = None
    failed: bool = False

    @property
    def holed(self) -> bool:
        """Whether the value, or something in it, could not be made; a stand-in is there, or nothing."""
        return self.failed or any(child.holed for child in (self.children or {}).values())

    @property
    def origin(self) -> Origin:
        """The place in the author's file."""
        return self.node.origin


@dataclass(frozen=True, slots=True)
class Payload:
    """A definition rendered for one set of values: plain JSON data and the traces of its parts."""

    definition: Definition
    data: dict[str, Any]
    trace: Trace

    def locate(self, path: Path) -> tuple[Trace, Path]:
        """The trace at a path of the payload, or of the nearest part above it, and what is left of the path."""
        trace = self.trace
        for depth, step in enumerate(path):
            child = (trace.children or {}).get(step)
            if child is None:
                return trace, path[depth:]
            trace = child
        return trace, ()

    def is_doubtful(self, path: Path) -> bool:
        """Whether what is at a path of the payload depends on a part that could not be made."""
        trace = self.trace
        for step in path:
            if trace.failed:
                return True
            child = (trace.children or {}).get(step)
            if child is None:
                break
            trace = child
        return trace.holed

    def origins(self) -> Iterator[Origin]:
        """The places in the author's files of all its parts."""
        pending = [self.trace]
        while pending:
            trace = pending.pop()
            yield trace.origin
            pending += (trace.children or {}).values()

    def texts(self) -> Iterator[tuple[Path, str, Trace]]:
        """Every text of the payload that a template or a constant made, with its path."""
        yield from _texts((), self.data, self.trace)


def _texts(path: Path, value: Any, trace: Trace) -> Iterator[tuple[Path, str, Trace]]:
    if isinstance(value, str):
        yield path, value, trace
    elif trace.children is not None and isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for step, item in items:
            if step in trace.children:
                yield from _texts((*path, step), item, trace.children[step])
