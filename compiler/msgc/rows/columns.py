"""The columns of a data file, and which parameter or part of the recipient each of them fills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgc.diagnostic import Diagnostic, Rejected, enumerate_words, nearest
from msgc.document import Path
from msgc.parameters import Parameters
from msgc.rows.recipient import PARTS, is_recipients_name
from msgc.rules import finding
from msgc.source import Span

OWN_PREFIX = "msgc_"
"""How the columns begin that msgc adds to a copy of refused rows; they are passed over."""
_MAX_DOTS = 8  # a schema may refer to itself; deeper columns are not readable anyway


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is used: its name and index, where its cells go, whether they are taken as they stand.

    `path` is a place in the values, None if the column is only the recipient's; `part` is a part of the
    recipient, "" for all of it, None if the column has nothing to do with it.
    """

    name: str
    index: int
    path: Path | None
    part: str | None
    is_text: bool


def assign_columns(
    names: Sequence[str], spans: Sequence[Span], parameters: Parameters, to_column: str | None
) -> tuple[list[Column], list[Diagnostic]]:
    """The columns that are used, and warnings about those that are not. `spans` are the places of the names.

    Raises `Rejected` (`data-columns`) for columns that are there twice or missing.
    """
    paths = {name: tuple(name.split(".")) for name in names}
    known = {name: path for name, path in paths.items() if path[0] in parameters.names and parameters.types(path)}
    recipient = to_column or "recipient"
    parts = {recipient: "", **{f"{recipient}.{part}": part for part in PARTS}}
    columns = [
        Column(
            name=name,
            index=index,
            path=known.get(name),
            part=parts.get(name),
            is_text=name in known and parameters.text_only(known[name]),
        )
        for index, name in enumerate(names)
        if name in known or name in parts
    ]
    whole = Span(spans[0].source, spans[0].start, spans[-1].end)
    missing = _missing_names(names, parameters, recipient, to_column)
    problems = list(_conflicts(names, spans, columns))
    if missing:
        problems.append(_missing_problem(missing, names, whole, {column.name for column in columns}))
    if problems:
        raise Rejected(*problems)
    used = {column.name for column in columns}
    unused = [
        (name, span)
        for name, span in zip(names, spans, strict=True)
        if name not in used and not name.startswith(OWN_PREFIX)
    ]
    candidates = [*(".".join(path) for path in _paths(parameters.schema)), *parts]
    alone = not any(column.part is not None for column in columns)
    return columns, [unknown_column(name, span, candidates, is_only_one=alone) for name, span in unused]


def unknown_column(
    name: str,
    span: Span,
    known: Sequence[str],
    *,
    noun: str = "column",
    row: int | None = None,
    is_only_one: bool = False,
) -> Diagnostic:
    """The warning that a column or key of a data file is not used.

    `is_only_one` says that no other column has the recipients.
    """
    if not name:
        return finding("unknown-column", "a column has no name, so it is not used", span)
    hint = nearest(name, known)
    help_text = f"did you mean `{hint}`?" if hint else f"declare a parameter of that name, or remove the {noun}"
    if hint is None and is_only_one and is_recipients_name(name):
        help_text = f"rename it to `recipient` if it says who gets the message, or remove the {noun}"
    return finding("unknown-column", f"the {noun} `{name}` is not used", span, row=row, help=help_text)


def _paths(schema: Any, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The places that are known by name: properties, and properties of objects among them."""
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if isinstance(properties, Mapping) and len(prefix) < _MAX_DOTS:
        for name, subschema in properties.items():
            yield (*prefix, name)
            yield from _paths(subschema, (*prefix, name))


def _conflicts(names: Sequence[str], spans: Sequence[Span], columns: Sequence[Column]) -> Iterator[Diagnostic]:
    counted = Counter(name for name in names if not name.startswith(OWN_PREFIX))
    twice = [name for name, count in counted.items() if name and count > 1]
    if twice:
        indices = [index + 1 for index, name in enumerate(names) if name == twice[0]]
        listed = enumerate_words([f"`{name}`" for name in twice], "and")
        message = f"the {'columns' if len(twice) > 1 else 'column'} {listed} {'are' if len(twice) > 1 else 'is'}"
        places = enumerate_words([str(index) for index in indices], "and")
        yield finding(
            "data-columns",
            f"{message} there twice",
            spans[indices[1] - 1],
            found=f"`{twice[0]}` in columns {places}",
            help="rename or remove one of each",
        )
    used = {column.name: column.index for column in columns}
    for name, index in used.items():
        head, _, rest = name.rpartition(".")
        while rest:
            if head in used:
                message = f"the columns `{head}` and `{name}` both fill `{head}`"
                yield finding("data-columns", message, spans[index], help="keep the one or the other")
                break
            head, _, rest = head.rpartition(".")


def _missing_names(names: Sequence[str], parameters: Parameters, recipient: str, to_column: str | None) -> list[str]:
    missing = list(_missing_parameters(parameters.schema, names, ()))
    if to_column is not None and not _has(names, to_column):
        missing.append(to_column)
    elif f"{recipient}.name" in names and not {f"{recipient}.id", f"{recipient}.userId", recipient} & {*names}:
        missing.append(f"{recipient}.id")
    return missing


def _missing_problem(missing: Sequence[str], names: Sequence[str], whole: Span, used: Collection[str]) -> Diagnostic:
    listed = enumerate_words([f"`{name}`" for name in missing], "and")
    free = [name for name in names if name and name not in used]
    hints = [f"rename `{hint}` to `{name}`" for name in missing if (hint := nearest(name, free))]
    help_text = enumerate_words(hints, "and") or "add what is missing, or give the parameters defaults"
    if 0 < len(hints) < len(missing):
        help_text += ", and add the others"
    return finding(
        "data-columns",
        f"the columns {listed} are missing" if len(missing) > 1 else f"the column {listed} is missing",
        whole,
        found=enumerate_words([f"`{name}`" for name in names if name], "and") or "no names",
        help=help_text,
    )


def _missing_parameters(schema: Any, names: Sequence[str], prefix: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    properties = schema.get("properties", {})
    required = schema.get("required", ())
    for name in properties:
        full = ".".join((*prefix, name))
        if full in names:
            continue
        if _has(names, full):
            yield from _missing_parameters(properties[name], names, (*prefix, name))
        elif name in required:
            yield full


def _has(names: Sequence[str], name: str) -> bool:
    return any(other == name or other.startswith(f"{name}.") for other in names)
