"""What a project says about itself: `[tool.msgc]` in pyproject.toml, or the same keys in msgc.toml.

A configuration comes with the catalog, perhaps by pull request. So no file can set the address that messages
go to, or hold the key: those come from the command line and the environment only.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeGuard

from msgc.diagnostic import Diagnostic, Rejected, Severity, enumerate_words, nearest
from msgc.rules import finding
from msgc.source import Source, Span

if TYPE_CHECKING:
    from msgc.document import Document

SYNTAX = 1
"""The version of the language that this msgc knows."""

Limit: TypeAlias = int | float | Literal[False]
Level: TypeAlias = Literal["error", "warning", "info", "off"]
_LEVELS = ("error", "warning", "info", "off")
_ADDRESS = re.compile(r"(base[-_]?)?ur[li]|endpoint|host", re.IGNORECASE)
_SECRET = re.compile(r"key|token|secret|password|credential", re.IGNORECASE)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True)
class Configuration:
    """A project's settings; whatever is not set is None or empty.

    `path` is the file (None: no configuration), `root` the folder it stands in, else the repository's root,
    else the folder where the search began. `catalog`, `schemas` and `overlays` are absolute. `limits` maps
    the rule of a limit to the number that replaces it, or to False where it is lifted.
    `places` says where a key stands, for findings that only the caller can make.
    """

    path: Path | None
    root: Path
    syntax: int = SYNTAX
    catalog: Path | None = None
    schemas: Path | None = None
    overlays: tuple[Path, ...] = ()
    sender: str | None = None
    business_id: str | None = None
    locale: str | None = None
    macros: Mapping[str, str] = field(default_factory=dict)
    coverage_fail_under: int | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict)
    severity: Mapping[str, Level] = field(default_factory=dict)
    places: Mapping[tuple[str, ...], Span] = field(default_factory=dict, repr=False, compare=False)


def find_configuration(start: Path, shown_from: Path | None = None) -> Configuration:
    """The nearest configuration at or above the folder `start`, not beyond the repository's root.

    Reports name the file relative to `shown_from`, by default `start`. Raises `Rejected`
    (`configuration`) with all that is wrong.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        found = _configuration_in(folder, start if shown_from is None else shown_from.absolute())
        if found is not None:
            return found
        if (folder / ".git").exists():
            return Configuration(path=None, root=folder)
    return Configuration(path=None, root=start)


def read_configuration(path: Path, shown_from: Path) -> Configuration:
    """The configuration in one file. Raises `Rejected` (`configuration`) with all that is wrong with it."""
    document, prefix = _read(path.absolute(), shown_from.absolute())
    return _settings(path.absolute(), document, prefix)


def with_environment(configuration: Configuration, environ: Mapping[str, str]) -> Configuration:
    """The configuration, overridden by `MSGC_` variables.

    They are `MSGC_CATALOG`, `MSGC_SCHEMAS`, `MSGC_SENDER`, `MSGC_BUSINESS_ID` and `MSGC_LOCALE`.
    Relative paths start at the working folder; empty variables count as unset. Raises `Rejected`
    (`configuration`) for a value that cannot be used.
    """
    changes: dict[str, Any] = {}
    for key in ("catalog", "schemas"):
        if value := environ.get(f"MSGC_{key.upper()}"):
            changes[key] = Path(value).absolute()
    for key in ("sender", "business_id"):
        if value := environ.get(f"MSGC_{key.upper()}"):
            changes[key] = value
    if value := environ.get("MSGC_LOCALE"):
        if not _LOCALE.match(value):
            message = "the environment variable `MSGC_LOCALE` is not the name of a locale"
            raise Rejected(finding("configuration", message, found=value, allowed="a name such as en or de_AT"))
        changes["locale"] = value
    return dataclasses.replace(configuration, **changes)


def check_names(configuration: Configuration, rules: Collection[str], limits: Collection[str]) -> list[Diagnostic]:
    """Findings for names in `severity` that are no rule, and in `limits` that are no rule of a limit."""
    findings = []
    for table, names, known, what in (
        ("severity", configuration.severity, rules, "rule"),
        ("limits", configuration.limits, limits, "limit"),
    ):
        for name in names:
            if name in known:
                continue
            hint = nearest(name, known)
            if hint is None and name in rules:
                help_text = "only the limits of the API can be set; `severity` changes the level of a rule"
            else:
                help_text = f"did you mean `{hint}`?" if hint else f"`msgc rules` lists every {what}"
            span = configuration.places.get((table, name))
            findings.append(finding("configuration", f"there is no {what} `{name}`", span, help=help_text))
    return findings


def with_severities(diagnostics: Iterable[Diagnostic], configuration: Configuration) -> list[Diagnostic]:
    """The findings at the levels that the configuration gives their rules, without those that are off."""
    changed = []
    for diagnostic in diagnostics:
        level = configuration.severity.get(diagnostic.rule, diagnostic.severity)
        if level != "off":
            severity: Severity = level
            changed.append(dataclasses.replace(diagnostic, severity=severity))
    return changed


def _configuration_in(folder: Path, start: Path) -> Configuration | None:
    own, shared = folder / "msgc.toml", folder / "pyproject.toml"
    section = _pyproject(shared, start) if shared.is_file() else None
    if own.is_file():
        if section is not None:
            span = section.key_span(("tool", "msgc"))
            message = f"{_shown(own, start)} and [tool.msgc] in pyproject.toml both configure msgc"
            raise Rejected(finding("configuration", message, span, help="move everything into one of them"))
        return read_configuration(own, start)
    return _settings(shared, section, ("tool", "msgc")) if section is not None else None


def _pyproject(path: Path, start: Path) -> Document | None:
    """The file's document if it has a section for msgc. A file without that word need not even be TOML."""
    try:
        if b"msgc" not in path.read_bytes():
            return None
        document, _ = _read(path, start)
    except OSError:
        return None
    tool = document.data.get("tool")
    return document if isinstance(tool, dict) and "msgc" in tool else None


def _read(path: Path, shown_from: Path) -> tuple[Document, tuple[str, ...]]:
    from msgc.load_toml import load_toml  # many projects have no configuration, and each start counts

    name = _shown(path, shown_from)
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        raise Rejected(finding("configuration", message, file=name)) from None
    return load_toml(data, name), ("tool", "msgc") if path.name == "pyproject.toml" else ()


def _shown(path: Path, shown_from: Path) -> str:
    try:
        return Path(os.path.relpath(path, shown_from)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def _settings(path: Path, document: Document, prefix: tuple[str, ...]) -> Configuration:
    table: Any = document.data
    for key in prefix:
        table = table.get(key, {}) if isinstance(table, dict) else {}
    places = _places(_masked(document, prefix), prefix)
    problems = list(_problems(table, places))
    if problems:
        raise Rejected(*problems)
    root = path.parent
    values = dict(table)
    for key in ("catalog", "schemas"):
        if key in table:
            values[key] = root / table[key]
    values["coverage_fail_under"] = values.pop("coverage-fail-under", None)
    values["overlays"] = tuple(root / overlay for overlay in table.get("overlays", ()))
    return Configuration(path=path, root=root, places=places, **values)


def _places(document: Document, prefix: tuple[str, ...]) -> dict[tuple[str, ...], Span]:
    """Where each key stands, as a path below the section; `()` is the section itself."""
    places = {
        tuple(str(step) for step in path[len(prefix) :]): document.key_span(path)
        for path in document.nodes
        if path[: len(prefix)] == prefix
    }
    return {(): document.key_span(prefix) if prefix else document.source.span(0), **places}


def _masked(document: Document, prefix: tuple[str, ...]) -> Document:
    """The document, with dots for the values of keys that look like secrets: no excerpt shows them."""
    text = document.source.text
    for path, node in document.nodes.items():
        below = path[len(prefix) :]
        if below and str(below[0]) not in _CHECKS and _SECRET.search(str(below[-1])):
            hidden = re.sub(r"[^\n]", "•", text[node.start : node.end])
            text = text[: node.start] + hidden + text[node.end :]
    return dataclasses.replace(document, source=Source(document.source.name, text))


Place: TypeAlias = tuple[str, ...]
Problem: TypeAlias = tuple[Place, str, dict[str, str]]
"""A key's path, what is wrong with its value, and further fields of the finding."""


def _problems(table: object, places: Mapping[Place, Span]) -> Iterator[Diagnostic]:
    for path, message, fields in _judge(table):
        place = path
        while place not in places:
            place = place[:-1]
        yield finding("configuration", message, places[place], **fields)


def _judge(table: object) -> Iterator[Problem]:
    if not isinstance(table, dict):
        yield (), "`tool.msgc` is not a table", {}
        return
    syntax = table.get("syntax", SYNTAX)
    if _is_integer(syntax) and syntax > SYNTAX:
        # Nothing else is judged: a newer language may have keys and values that are unknown here.
        message = f"the catalog is written in syntax {syntax}, which is newer than this msgc"
        help_text = "install a newer msgc: pip install --upgrade msgc"
        yield ("syntax",), message, {"allowed": f"syntax {SYNTAX}", "help": help_text}
        return
    for key, value in table.items():
        check = _CHECKS.get(key)
        if check is not None:
            yield from check((key,), value)
        else:
            yield _unknown_key(key)


def _unknown_key(key: str) -> Problem:
    if _ADDRESS.fullmatch(key):
        message = f"`{key}` cannot stand in a file, because a changed file could then send messages elsewhere"
        return (key,), message, {"help": "use --base-url or the environment variable MSGC_BASE_URL"}
    if _SECRET.search(key):
        message = f"`{key}` cannot stand in a file, because files are shared and kept for ever"
        help_text = "set the environment variable CONNECTLY_API_KEY; revoke the key if this file was shared"
        return (key,), message, {"help": help_text}
    if key == "tool":
        return (key,), "in msgc.toml the keys stand at the top", {"help": "remove the line [tool.msgc]"}
    hint = nearest(key, _CHECKS)
    help_text = f"did you mean `{hint}`?" if hint else f"known keys: {enumerate_words(list(_CHECKS), 'and')}"
    return (key,), f"there is no setting `{key}`", {"help": help_text}


def _check_syntax(path: Place, value: object) -> Iterator[Problem]:
    if not _is_integer(value) or value != SYNTAX:
        yield path, "`syntax` is not a version of the language", {"allowed": str(SYNTAX)}


def _check_text(path: Place, value: object) -> Iterator[Problem]:
    if not isinstance(value, str) or not value.strip():
        fields = {"found": _kind(value), "allowed": "a text that is not empty"}
        if _is_integer(value):
            fields["help"] = "put it in quotes; a number loses its plus"
        yield path, f"`{path[-1]}` is not a text", fields
    elif "\0" in value:
        yield path, f"`{path[-1]}` holds a NUL character", {}


def _check_locale(path: Place, value: object) -> Iterator[Problem]:
    if not isinstance(value, str) or not _LOCALE.match(value):
        found = value if isinstance(value, str) else _kind(value)
        allowed = 'a name such as "en" or "de_AT"'
        yield path, "`locale` is not the name of a locale", {"found": found, "allowed": allowed}


def _check_overlays(path: Place, value: object) -> Iterator[Problem]:
    if not isinstance(value, list):
        fields = {
            "found": _kind(value),
            "allowed": "a list of paths",
            "help": 'write overlays = ["my.overlay.yaml"]',
        }
        yield path, "`overlays` is not a list", fields
        return
    for index, item in enumerate(value):
        if not isinstance(item, str) or not item.strip() or "\0" in item:
            yield (*path, str(index)), "an overlay is not a path", {"found": _kind(item), "allowed": "a path"}


def _check_macros(path: Place, value: object) -> Iterator[Problem]:
    if not isinstance(value, dict):
        fields = {"found": _kind(value), "allowed": "a table of names and paths"}
        yield path, "`macros` is not a table", fields
        return
    for name, file in value.items():
        if not _IDENTIFIER.match(name):
            yield (
                (*path, name),
                f"`{name}` cannot be the name of macros",
                {"allowed": "letters, digits and _"},
            )
        elif not isinstance(file, str) or not file.endswith(".j2"):
            found = file if isinstance(file, str) else _kind(file)
            fields = {"found": found, "allowed": "the path of a .j2 file in the catalog"}
            yield (*path, name), f"the macros `{name}` are not a .j2 file", fields


def _check_percent(path: Place, value: object) -> Iterator[Problem]:
    if not _is_integer(value) or not 0 <= value <= _WHOLE:
        found = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _kind(value)
        yield path, f"`{path[-1]}` is not a percentage", {"found": found, "allowed": "a whole number from 0 to 100"}


_WHOLE = 100


def _check_limits(path: Place, value: object) -> Iterator[Problem]:
    if not isinstance(value, dict):
        fields = {"found": _kind(value), "allowed": "a table of rules and numbers"}
        yield path, "`limits` is not a table", fields
        return
    for rule, limit in value.items():
        is_number = isinstance(limit, int | float) and not isinstance(limit, bool)
        if limit is not False and not (is_number and 0 <= limit < float("inf")):
            found = "true" if limit is True else str(limit) if is_number else _kind(limit)
            fields = {"found": found, "allowed": "a number from 0, or false to lift the limit"}
            yield (*path, rule), f"the limit `{rule}` cannot be set to this", fields


def _check_severity(path: Place, value: object) -> Iterator[Problem]:
    if not isinstance(value, dict):
        fields = {"found": _kind(value), "allowed": "a table of rules and levels"}
        yield path, "`severity` is not a table", fields
        return
    for rule, level in value.items():
        if level not in _LEVELS:
            hint = nearest(level, _LEVELS) if isinstance(level, str) else None
            fields = {"found": level if isinstance(level, str) else _kind(level)}
            fields["allowed"] = enumerate_words(_LEVELS)
            if hint:
                fields["help"] = f"did you mean `{hint}`?"
            yield (*path, rule), f"the severity of `{rule}` is not a level", fields


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _kind(value: object) -> str:
    kinds = {
        str: "a text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    if value == "":
        return "an empty text"
    return kinds.get(type(value), "a date or a time")


_CHECKS: dict[str, Callable[[Place, object], Iterator[Problem]]] = {
    "syntax": _check_syntax,
    "catalog": _check_text,
    "schemas": _check_text,
    "overlays": _check_overlays,
    "sender": _check_text,
    "business_id": _check_text,
    "locale": _check_locale,
    "macros": _check_macros,
    "coverage-fail-under": _check_percent,
    "limits": _check_limits,
    "severity": _check_severity,
}
