"""Values from the command line: `--set k=v`, `--data FILE`, `--example E`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from msgc.cli.session import Unusable
from msgc.definition import Definition
from msgc.diagnostic import enumerate_words, nearest

if TYPE_CHECKING:
    from msgc.rows import Format

FORMATS = ("csv", "jsonl", "json", "yaml")
_SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")


def example_values(definition: Definition, name: str) -> dict[str, Any]:
    """The values of an example. Raises `Unusable` for an unknown name."""
    for example in definition.examples:
        if example.name == name:
            return dict(example.values)
    names = [example.name for example in definition.examples]
    close = nearest(name, names)
    hint = (
        f"did you mean `{close}`?"
        if close
        else f"its examples are {enumerate_words(names, 'and')}"
        if names
        else "it has none"
    )
    raise Unusable(f"`{definition.name}` has no example `{name}`; {hint}")


def set_values(values: dict[str, Any], settings: tuple[str, ...], definition: Definition) -> dict[str, Any]:
    """The values with every `k=v` or `a.b=v` set, typed by the parameters. Raises `Unusable`."""
    result = dict(values)
    defaults = definition.parameters.complete({})
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name:
            raise Unusable(f"`--set {setting}` is not of the form `name=value`")
        path = tuple(name.split("."))
        known = definition.parameters.names
        if path[0] not in known:
            close = nearest(path[0], known)
            hint = (
                f"did you mean `{close}`?"
                if close
                else f"its parameters are {enumerate_words(known, 'and')}"
                if known
                else "it takes none"
            )
            raise Unusable(f"`{definition.name}` has no parameter `{path[0]}`; {hint}")
        try:
            value = definition.parameters.from_text(path, text)
        except ValueError as error:
            raise Unusable(f"`--set {name}=…`: {error}") from error
        if len(path) > 1 and path[0] in defaults:
            result.setdefault(path[0], defaults[path[0]])  # `order.late=true` leaves the rest of the default
        _put(result, path, value)
    return result


def _put(target: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        inner = target.get(step)
        target[step] = dict(inner) if isinstance(inner, dict) else {}
        target = target[step]
    target[path[-1]] = value


@contextlib.contextmanager
def open_data(given: str, chosen: str | None) -> Iterator[tuple[BinaryIO, str, Format]]:
    """A data file's stream, its name in reports and its format; `-` is standard input. Raises `Unusable`."""
    if given == "-":
        yield sys.stdin.buffer, "<stdin>", _format(chosen or "jsonl")
        return
    from msgc.rows import format_of  # only who names a data file needs what reads it

    found = chosen or format_of(given)
    if found is None and given.lower().endswith(_SPREADSHEETS):
        raise Unusable(f"{given} is a spreadsheet's own format; export it as CSV UTF-8 and name that file")
    if found is None:
        raise Unusable(
            f"the name of {given} does not say what it is; "
            "end it in .csv, .tsv, .jsonl, .json or .yaml, or use --data-format"
        )
    try:
        stream = Path(given).open("rb")  # noqa: SIM115 - closed below; errors of what is done with it are not its own
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unusable(f"{given} cannot be read: {reason}") from error
    with stream:
        yield stream, given, _format(found)


def _format(name: str) -> Format:
    assert name in FORMATS
    return name  # type: ignore[return-value]  # the assertion above says so
