"""Snapshots: what every example of a definition sends, kept in a file beside it that people review.

`shop/__snapshots__/order-shipped.snap` is YAML: a mapping from examples to payloads, in which texts of several lines
are written as lines, so that a change of one line is one changed line. Payloads are compared by their values, whatever
the order of keys, so that a later msgc may write the same in another way.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgc.catalog import Catalog, Entry
from msgc.changes import compare_payloads
from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Document
from msgc.emit import spelling
from msgc.load import load_yaml
from msgc.output import umask
from msgc.report.escape import is_hidden
from msgc.rules import finding
from msgc.testing.result import Failure, Result

FOLDER = "__snapshots__"
SUFFIX = ".snap"
WITHOUT_VALUES = "(without values)"
"""The name of the snapshot of a definition that needs no values and has no examples. No example can be called so."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_WORDS = frozenset(("true", "false", "null"))


class SnapshotError(Exception):
    """A file of snapshots cannot be written; the text says why."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """A file of snapshots: the payloads by the names of their examples. `document` is None where there is no file."""

    path: Path
    shown: str
    payloads: Mapping[str, Any]
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What an example makes: its payload, or None and the findings that say why there is none."""

    name: str
    payload: Any
    problems: tuple[Diagnostic, ...] = ()


def snapshots_path(definition: Path) -> Path:
    """The file of a definition's snapshots, by the definition's own file."""
    return definition.parent / FOLDER / (definition.stem + SUFFIX)


def read_snapshots(entry: Entry, catalog: Catalog) -> Snapshots:
    """The snapshots of a definition; none where there is no file. Raises `Rejected` for a file that is none of them."""
    path = snapshots_path(entry.path)
    shown = catalog.shown(path)
    if not os.path.lexists(path):
        return Snapshots(path, shown, {})
    document, _ = load_yaml(catalog.read(path), shown)
    payloads = {} if document.data is None else document.data
    if not isinstance(payloads, dict) or not all(isinstance(payload, dict) for payload in payloads.values()):
        raise Rejected(
            finding(
                "snapshot-file",
                "the file is not a mapping from examples to payloads, as snapshots are",
                document.source.span(0, 0),
                definition=entry.name,
                help="take it from git again, or write it anew with `msgc test --update`",
            )
        )
    return Snapshots(path, shown, payloads, document)


def compare_snapshots(entry: Entry, kept: Snapshots, made: Sequence[Made], *, whole: bool = True) -> Iterator[Result]:
    """The result of every example in their order, then those of snapshots that belong to none.

    `whole` says that `made` are all examples of the definition; else nothing is obsolete.
    """
    for each in made:
        span = None if kept.document is None else kept.document.key_span((each.name,))
        line = None if span is None or each.name not in kept.payloads else span.line
        if each.payload is None:
            yield Result(each.name, "failed", tuple(Failure(problem) for problem in each.problems), line)
        elif each.name not in kept.payloads:
            problem = _finding(entry, kept, each.name, f"{_subject(each.name)} has no snapshot", None)
            yield Result(each.name, "missing", (Failure(problem),))
        else:
            changes = compare_payloads(kept.payloads[each.name], each.payload)
            if changes:
                first = next((change.was for change in changes if change.was is not None), "")
                message = f"{_subject(each.name)} gives another payload than its snapshot"
                problem = _finding(entry, kept, each.name, message, first)
                yield Result(each.name, "differs", (Failure(problem, changes),), line)
            else:
                yield Result(each.name, "passed", (), line)
    names = {each.name for each in made}
    for name in kept.payloads if whole else ():
        if name not in names and kept.document is not None:
            yield Result(name, "obsolete", (Failure(_obsolete(entry.name, kept.document, name)),), _line(kept, name))


def abandoned(catalog: Catalog, definitions: Iterable[Entry]) -> list[Path]:
    """The files of snapshots whose definitions are no longer there, in order. Raises `Rejected`."""
    owned = {snapshots_path(entry.path) for entry in definitions}
    return [path for path in catalog.files((SUFFIX,)) if path.parent.name == FOLDER and path not in owned]


def abandoned_result(catalog: Catalog, path: Path) -> Result:
    """The result of a file of snapshots whose definition is no longer there."""
    shown = catalog.shown(path)
    message = "the snapshots belong to no definition"
    help_ = "`msgc test --update` removes the file; if the definition was renamed, rename the file as well"
    return Result("", "obsolete", (Failure(finding("snapshot-obsolete", message, file=shown, help=help_)),))


def updated(
    kept: Snapshots, made: Sequence[Made], results: Iterable[Result], *, whole: bool = True
) -> tuple[dict[str, Any], list[Result]]:
    """The payloads to keep from now on, and the results of having written them.

    A snapshot whose example is broken stays as it is, and without `whole` all those that `made` says nothing of.
    """
    fresh = {each.name: each.payload for each in made if each.payload is not None}
    gone, told = set(), []
    for result in results:
        if result.status in ("missing", "differs"):
            told.append(Result(result.name, "written"))
        elif result.status == "obsolete":
            gone.add(result.name)
            told.append(Result(result.name, "removed"))
        else:
            told.append(result)
    left = {name: payload for name, payload in kept.payloads.items() if name not in gone}
    names = dict.fromkeys((*left, *fresh) if not whole else (*(each.name for each in made), *left))
    return {name: fresh.get(name, left.get(name)) for name in names if name in fresh or name in left}, told


def write_snapshots(catalog: Catalog, definition: str, path: Path, payloads: Mapping[str, Any]) -> None:
    """Write a definition's file of snapshots, or remove it where there are none. Raises SnapshotError.

    A file that stays the same is left alone; another one is put in its place at once.
    """
    data = snapshots_text(definition, payloads).encode()
    try:  # what could not be read again would fail for ever
        load_yaml(data, catalog.shown(path))
    except Rejected as rejected:
        raise SnapshotError(f"{catalog.shown(path)} cannot keep these payloads: {rejected}") from rejected
    try:
        _refuse_elsewhere(catalog, path)
        if not payloads:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # others may still be in it
                path.parent.rmdir()
            return
        if path.is_file() and path.read_bytes() == data:
            return
        path.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".msgc-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.chmod(name, 0o666 & ~umask())
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        in_the_way = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "a file stands in the place of its folder" if in_the_way else error.strerror or error
        raise SnapshotError(f"{catalog.shown(path)} cannot be written: {reason}") from error


def _refuse_elsewhere(catalog: Catalog, path: Path) -> None:
    real = Path(os.path.realpath(path.parent))
    if path.is_symlink() or not real.is_relative_to(os.path.realpath(catalog.root)):
        raise SnapshotError(f"{catalog.shown(path)} leads elsewhere through a symbolic link; remove the link")


def _finding(entry: Entry, kept: Snapshots, name: str, message: str, pointer: str | None) -> Diagnostic:
    fields: dict[str, Any] = {
        "definition": entry.name,
        "example": None if name == WITHOUT_VALUES else name,
        "pointer": pointer or None,
        "help": "look at what differs; if it is meant, `msgc test --update` writes the snapshot anew"
        if pointer is not None
        else "`msgc test --update` writes it",
    }
    if kept.document is None or pointer is None:
        return finding("snapshot-differs", message, file=kept.shown, **fields)
    return finding("snapshot-differs", message, _span(kept.document, name, pointer), **fields)


def _span(document: Document, name: str, pointer: str) -> Any:
    """Where the value at a pointer into a snapshot stands."""
    path: list[str | int] = [name]
    data: Any = document.data[name]
    for word in pointer.split("/")[1:]:
        step: str | int = int(word) if isinstance(data, list) else word.replace("~1", "/").replace("~0", "~")
        path.append(step)
        data = data[step]
    return document.key_span(tuple(path))


def _obsolete(definition: str, document: Document, name: str) -> Diagnostic:
    message = f"the snapshot `{name}` is of no example"
    help_ = "`msgc test --update` removes it"
    return finding("snapshot-obsolete", message, document.key_span((name,)), definition=definition, help=help_)


def _line(kept: Snapshots, name: str) -> int | None:
    return None if kept.document is None else kept.document.key_span((name,)).line


def _subject(name: str) -> str:
    return "the definition" if name == WITHOUT_VALUES else f"the example `{name}`"


# ------------------------------------------------------------------------------------------------------------- the text


def snapshots_text(definition: str, payloads: Mapping[str, Any]) -> str:
    """The file of a definition's snapshots."""
    head = f"# What each example of {_comment(definition)} sends, written by `msgc test --update`: review it in git.\n"
    parts = [f"\n{_key(name)}:" + "".join(_behind(payload, 0)) for name, payload in payloads.items()]
    return head + "".join(parts)


def _comment(text: str) -> str:
    return "".join("?" if is_hidden(character) else character for character in text)


def _lines(value: Any, depth: int) -> Iterator[str]:
    """The lines of a mapping or list that is not empty, each ending in a line break."""
    indent = "  " * depth
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield f"{indent}{_key(key)}:"
            yield from _behind(item, depth)
        return
    for item in value:
        inner = list(_lines(item, depth + 1)) if isinstance(item, Mapping) and item else None
        if inner is not None:  # its first key stands behind the dash
            first = "".join(inner)[2 * (depth + 1) :]
            yield f"{indent}- {first}"
        else:
            yield f"{indent}-"
            yield from _behind(item, depth)


def _behind(value: Any, depth: int) -> Iterator[str]:
    """What stands behind a key's colon or an item's dash."""
    if isinstance(value, Mapping | list):
        if value:
            yield "\n"
            yield from _lines(value, depth + 1)
        else:
            yield " {}\n" if isinstance(value, Mapping) else " []\n"
    elif isinstance(value, str) and _is_block(value):
        indent = "  " * (depth + 1)
        yield " |\n" if value.endswith("\n") else " |-\n"
        yield from (f"{indent}{line}\n" if line else "\n" for line in value.removesuffix("\n").split("\n"))
    elif isinstance(value, str) and "\n" in value.removesuffix("\n"):
        yield from _quoted_lines(value, "  " * (depth + 1))
    else:
        yield f" {_scalar(value)}\n"


def _is_block(text: str) -> bool:
    """Whether a text can be written as lines, with nothing in it that a reader or an editor would lose."""
    lines = text.split("\n")
    return (
        "\n" in text.removesuffix("\n")
        and not text.endswith("\n\n")
        and all(line == line.rstrip() for line in lines)
        and not any(_is_spelt(character) for character in text if character != "\n")
        and not lines[0][:1].isspace()
        and bool(lines[0])
    )


def _key(text: str) -> str:
    is_plain = _PLAIN_KEY.fullmatch(text) is not None and text.casefold() not in _WORDS
    return text if is_plain else _quoted(text)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, int) else spelling(value)


def _quoted_lines(text: str, indent: str) -> Iterator[str]:
    """A text of several lines between double quotes, each on a line of its own."""
    yield ' "\\\n'
    lines = text.split("\n")
    for index, line in enumerate(lines):
        spelt = _quoted(line)[1:-1]
        spelt = f"\\{spelt}" if spelt.startswith(" ") else spelt
        if index < len(lines) - 1:
            yield f"{indent}{spelt}\\n\\\n"
        else:
            yield f'{indent}{spelt}"\n'


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _quoted(text: str) -> str:
    """A text between double quotes, with characters that nobody sees spelt out."""
    return '"' + "".join(_ESCAPES.get(each) or (_spelt(each) if _is_spelt(each) else each) for each in text) + '"'


def _is_spelt(character: str) -> bool:
    """Whether a character is spelt out: one that nobody sees, or one that YAML does not have."""
    return is_hidden(character) or character in "\ufffe\uffff"


def _spelt(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
