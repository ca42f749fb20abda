"""What a file of tests says, once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from msgc.catalog import Entry
from msgc.diagnostic import Severity
from msgc.document import Document, Path

Kind = Literal["equals", "contains", "matches", "absent", "max-length"]


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a place of the payload must be. `at` is the assertion's path in the file of tests.

    `path` leads into the payload; a list's index may still be text, which `run` settles. `value` is what the place is
    held against: a JSON value, a text, a pattern, a number of code points; None for `absent`.
    """

    kind: Kind
    path: Path
    value: Any
    at: Path


@dataclass(frozen=True, slots=True)
class Expectation:
    """A finding that must be there: its rule, and where they are stated its severity and its place in the payload."""

    rule: str
    severity: Severity | None
    path: Path | None
    at: Path


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of a case: its place in the parameters' values (`order.late` is two steps) and in the file of tests."""

    place: Path
    at: Path


@dataclass(frozen=True, slots=True)
class Case:
    """One case: where its values come from, and what must be true of what they make. `at` is its path in the file."""

    name: str
    at: Path
    example: str | None
    settings: tuple[Setting, ...]
    to: str | None
    assertions: tuple[Assertion, ...]
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Suite:
    """A file of tests. `definition` is the name of the definition that it tests."""

    entry: Entry
    document: Document
    description: str | None
    definition: str
    cases: tuple[Case, ...]
