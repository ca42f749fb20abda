"""The API's errors, as `schemas/errors.yaml` lists them: what each code means, and what it means for a send.

Sources disagree about the types and statuses that come with a code, so a code decides alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from msgc.document import Document
from msgc.load import load_yaml

Meaning: TypeAlias = Literal["permanent", "window", "stop", "unknown"]
"""What an error means for a send: refused for good; the window is closed; the account is refused; nobody knows."""

_FIELDS = {"class", "type", "status", "rules", "meaning", "help", "source", "seen", "confidence"}


@dataclass(frozen=True, slots=True)
class KnownError:
    """An error that the API documents. `type` and `status` are what the sandbox answers with its code.

    `rules` are the contract's limits whose breach the API answers with it.
    """

    name: str
    meaning: Meaning
    sentence: str
    help: str
    source: str
    seen: str
    confidence: str
    type: str | None = None
    status: int | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class ErrorTable:
    """Every known error by its `code`, and those that are known by their `type` only."""

    codes: Mapping[str, KnownError]
    types: Mapping[str, KnownError]

    def find(self, code: str | None, type_: str | None) -> KnownError | None:
        """The known error of an answer; its code says more than its type."""
        return self.codes.get(code or "") or self.types.get(type_ or "")

    @cached_property
    def of_rules(self) -> Mapping[str, KnownError]:
        """The error that the breach of a limit is answered with, by the limit's rule; most limits have none."""
        return {rule: error for error in self.codes.values() for rule in error.rules}


def read_error_table(path: Path) -> ErrorTable:
    """The table in a file. Raises OSError, `Rejected` for what is not YAML, and ValueError for what is no table."""
    document, _ = load_yaml(path.read_bytes(), path.name)
    data = document.data
    if not isinstance(data, dict) or set(data) != {"version", "codes", "types"} or data["version"] != 1:
        raise ValueError(f"{path.name} is not a table of errors of version 1")
    codes, types = (_entries(document, key) for key in ("codes", "types"))
    table = ErrorTable(codes, types)
    if len(table.of_rules) != sum(len(error.rules) for error in codes.values()):
        raise ValueError(f"{path.name} names a rule for more than one error")
    return table


def _entries(document: Document, key: str) -> dict[str, KnownError]:
    entries: Any = document.data[key]
    return {name: _entry(name, fields) for name, fields in entries.items()}


def _entry(name: str, fields: Any) -> KnownError:
    if not isinstance(fields, dict) or not {"class", "meaning", "help"} <= set(fields) <= _FIELDS:
        raise ValueError(f"{name} does not have the fields of an error")
    if fields["class"] not in get_args(Meaning):
        raise ValueError(f"{name} has no class such as {', '.join(get_args(Meaning))}")
    if not isinstance(fields.get("rules", []), list):
        raise ValueError(f"{name} has `rules` that are no list")
    return KnownError(
        name=name,
        meaning=fields["class"],
        sentence=fields["meaning"],
        help=fields["help"],
        source=fields.get("source", ""),
        seen=fields.get("seen", ""),
        confidence=fields.get("confidence", ""),
        type=fields.get("type"),
        status=fields.get("status"),
        rules=tuple(fields.get("rules", ())),
    )
