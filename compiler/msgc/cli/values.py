"""Values from the command line: `--set k=v`, `--data FILE`, `--example E`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from msgc.definition import Definition
from msgc.diagnostic import enumerate_words, nearest
from msgc.rows import Format, format_of


def example_values(definition: Definition, name: str) -> dict[str, Any]:
    """The values of an example. Raises a usage error for an unknown name."""
    for example in definition.examples:
        if example.name == name:
            return dict(example.values)
    names = [example.name for example in definition.examples]
    close = nearest(name, names)
    hint = (
        f"did you mean `{close}`?"
        if close
        else f"there is {enumerate_words(names, 'and')}"
        if names
        else "there are none"
    )
    raise click.UsageError(f"`{definition.name}` has no example `{name}`; {hint}")


def set_values(values: dict[str, Any], settings: tuple[str, ...], definition: Definition) -> dict[str, Any]:
    """The values with every `k=v` or `a.b=v` set, typed by the parameters. Raises a usage error."""
    result = dict(values)
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name:
            raise click.UsageError(f"`--set {setting}` is not of the form `name=value`")
        path = tuple(name.split("."))
        known = definition.parameters.names
        if path[0] not in known:
            close = nearest(path[0], known)
            hint = (
                f"did you mean `{close}`?"
                if close
                else f"there is {enumerate_words(known, 'and')}"
                if known
                else "it takes none"
            )
            raise click.UsageError(f"`{definition.name}` has no parameter `{path[0]}`; {hint}")
        try:
            value = definition.parameters.from_text(path, text)
        except ValueError as error:
            raise click.UsageError(f"`--set {name}=…`: {error}") from error
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
    """A data file's stream, its name in reports and its format; `-` is standard input. Raises a usage error."""
    if given == "-":
        yield sys.stdin.buffer, "<stdin>", _format(chosen or "jsonl")
        return
    found = chosen or format_of(given)
    if found is None:
        raise click.UsageError(
            f"the name of {given} does not say what it is; "
            "end it in .csv, .tsv, .jsonl, .json or .yaml, or use --data-format"
        )
    try:
        with Path(given).open("rb") as stream:
            yield stream, given, _format(found)
    except OSError as error:
        raise click.UsageError(f"{given} cannot be read: {error.strerror or error}") from error


def _format(name: str) -> Format:
    assert name in ("csv", "jsonl", "json", "yaml")
    return name  # type: ignore[return-value]  # the assertion above says so
