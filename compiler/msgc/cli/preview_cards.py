"""The cards of a gallery, made from a project and made anew where a file has changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from msgc.catalog import DEFINITION_SUFFIXES, Entry
from msgc.check import Checked
from msgc.cli.entries import check_entry, choose_entries
from msgc.diagnostic import Diagnostic, Rejected
from msgc.emit import parsed
from msgc.guard import TooSlow, guard
from msgc.load import MAX_BYTES
from msgc.pipeline import Project
from msgc.preview.card import Card, make_card, trial
from msgc.preview.element import element, html
from msgc.preview.findings import listed
from msgc.prove import Bound
from msgc.rules import finding

_SUFFIXES = (*DEFINITION_SUFFIXES, ".j2")
_Stamp = tuple[tuple[str, int, int], ...]


class Gallery:
    """The cards of the definitions that `names` stand for. `open_project` opens the project as it is now."""

    def __init__(self, open_project: Callable[[], Project], names: Iterable[str], *, served: bool) -> None:
        self._open = open_project
        self._names = tuple(names)
        self._served = served
        self._made: dict[str, tuple[bytes, Card]] = {}
        self._checked: dict[str, Checked] = {}
        self._project: Project | None = None
        self._stamp: _Stamp = ()

    @property
    def cards(self) -> list[Card]:
        """The cards as they were last made."""
        return [card for _, card in self._made.values()]

    def is_stale(self) -> bool:
        """Whether a file has another time or size than when the cards were made."""
        return self._project is None or self._stamp != _stamp(self._project)

    def make(self, is_over: Callable[[], bool] = lambda: False) -> tuple[list[Card], list[Diagnostic]]:
        """All cards, of which those are made whose files have other contents now, and what is wrong with the catalog.

        Raises `Rejected` where there is no catalog to show; `is_over` ends it before its time.
        """
        if self._project is not None:
            self._stamp = _stamp(self._project)
        project = self._open()
        self._stamp = _stamp(project)
        entries, problems = choose_entries(project.catalog, self._names)
        around = _digest_around(project, entries)
        made: dict[str, tuple[bytes, Card]] = {}
        checked: dict[str, Checked] = {}
        self._project = project
        for entry in entries:
            if is_over():
                break
            digest = _digest(entry, around)
            before = self._made.get(entry.name)
            if before is not None and before[0] == digest:
                made[entry.name], checked[entry.name] = before, self._checked[entry.name]
                continue
            each = checked[entry.name] = check_entry(project, entry)
            made[entry.name] = digest, self._card(project, each)
        self._made, self._checked = made, checked
        return self.cards, problems

    def _card(self, project: Project, checked: Checked) -> Card:
        payloads: list[tuple[str, Mapping[str, Any] | None]] = []
        bounds: tuple[Bound, ...] = ()
        definition = checked.definition
        try:
            with guard():
                files = {} if definition is None else project.build(checked)[0]
                bounds = () if definition is None else project.bounds(checked.entry)
        except (TooSlow, MemoryError, Rejected):  # its findings, or their absence for lack of time, say the rest
            files = {}
        if definition is not None:
            names = [example.name for example in definition.examples]
            stems = {name: f"{definition.name}.{name}.json" for name in names}
            if not names and not definition.needs_values:
                stems = {"": f"{definition.name}.json"}
            payloads = [(name, parsed(files[stem]) if stem in files else None) for name, stem in stems.items()]
        return make_card(checked, payloads, bounds, served=self._served)

    def render(self, name: str, texts: Mapping[str, str]) -> str:
        """What a definition makes of the texts of its parameters (as `--set` takes them), as HTML."""
        checked, project = self._checked.get(name), self._project
        if checked is None or checked.definition is None or project is None:
            return html([element("p", "This definition is not there any more, or is broken.")])
        definition = checked.definition
        required = definition.parameters.schema["required"]
        values: dict[str, Any] = {}
        for key, text in texts.items():
            if not text and key not in required:
                continue  # as an empty cell of a data file
            try:
                values[key] = definition.parameters.from_text((key,), text)
            except ValueError as error:
                problem = finding("parameter-type", f"`{key}`: {error}", file=checked.entry.shown)
                return trial(None, [problem])
        payload, problems = project.compile(definition, values)
        return trial(payload, project.settle(checked, problems))


def notice(problems: Iterable[Diagnostic]) -> str:
    """What is wrong with the catalog as a whole, as HTML."""
    found = list(problems)
    return html([listed(found)]) if found else ""


def _stamp(project: Project) -> _Stamp:
    """Names, times and sizes of all files that decide what a gallery shows."""
    found = []
    for path in _files(project):
        try:
            state = path.stat()
            found.append((os.fspath(path), state.st_mtime_ns, state.st_size))
        except OSError:  # gone since it was listed, or a link that leads nowhere
            found.append((os.fspath(path), 0, 0))
    return tuple(found)


def _files(project: Project) -> list[Path]:
    configuration = project.configuration
    found = {configuration.path, *(project.catalog.shown_from / name for name in ("msgc.toml", "pyproject.toml"))}
    files = sorted(path for path in found if path is not None)  # one that is not there may come
    files += [] if configuration.schemas is None else sorted(configuration.schemas.iterdir())
    for here, inside, names in os.walk(project.catalog.root):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        files += [Path(here, name) for name in sorted(names) if name.endswith(_SUFFIXES) and not name.startswith(".")]
    return files


def _digest_around(project: Project, entries: Iterable[Entry]) -> tuple[bytes, bytes]:
    """Digests of all files but the definitions, and of all files."""
    own = {entry.path for entry in entries}
    shared, whole = hashlib.sha256(), hashlib.sha256()
    for path in _files(project):
        content = hashlib.sha256(os.fspath(path).encode("utf-8", "surrogateescape") + b"\0" + _bytes(path)).digest()
        whole.update(content)
        if path not in own:
            shared.update(content)
    return shared.digest(), whole.digest()


def _digest(entry: Entry, around: tuple[bytes, bytes]) -> bytes:
    content = _bytes(entry.path)
    # A definition with a fallback is judged together with that one.
    return hashlib.sha256(around[b"fallback" in content] + content).digest()


def _bytes(path: Path) -> bytes:
    """What a file holds, as far as msgc would read it; a file that cannot be read holds nothing."""
    try:
        if not path.is_file():
            return b""  # opening a pipe would wait for ever
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError:
        return b""
