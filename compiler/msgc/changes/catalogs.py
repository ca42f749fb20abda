"""Two versions of a catalog: which definitions came, went, were renamed, and what is different in the others."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from msgc.catalog import Entry
from msgc.changes.definitions import DefinitionChange, compare_definitions, lone_definition, render
from msgc.changes.forms import form_of
from msgc.check import Checked, read_definition
from msgc.definition import Definition
from msgc.diagnostic import Diagnostic, Rejected
from msgc.emit import compact
from msgc.guard import TooSlow, guard
from msgc.rules import finding
from msgc.shared_files import Library

_LIKE_ENOUGH = 0.6
"""How alike the messages of two definitions must be, from 0 to 1, for the one to be the other under a new name."""
_MAX_PAIRS = 400
_MAX_TEXT = 4_000
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class CatalogChanges:
    """Everything that is different between two versions. `before` and `after` say which they are.

    `definitions` are in the order of their names, without those of which there is nothing to say; `count` is how many
    there are in the later version; `problems` are about the folders themselves.
    """

    before: str
    after: str
    definitions: tuple[DefinitionChange, ...]
    count: int = 0
    problems: tuple[Diagnostic, ...] = ()

    @property
    def matters(self) -> bool:
        """Whether there is a change for anybody; that examples come or go is none."""
        return any(change.matters for change in self.definitions)

    @property
    def reaches_recipients(self) -> bool:
        """Whether a recipient gets something else, as far as the compared values show."""
        return any(change.reaches_recipients for change in self.definitions)


def compare_catalogs(
    before: Library,
    after: Library,
    names: tuple[str, str] = ("before", "after"),
    *,
    chosen: Callable[[str], bool] | None = None,
) -> CatalogChanges:
    """What customers get otherwise once the later version is sent; `names` says which versions they are.

    `chosen` says which definitions to look at, by name. A definition that takes more time or memory than any message
    needs is told as one that cannot be compared.
    """
    old_entries, old_problems = _entries(before)
    new_entries, problems = _entries(after)
    shared = _shared_files(before) == _shared_files(after) and _settings(before) == _settings(after)
    macros = None if _macro_files(before) == _macro_files(after) else _macro_names(before, after)
    libraries = (before, after)
    found: list[DefinitionChange] = []
    gone: dict[str, Checked] = {}
    come: dict[str, Checked] = {}
    for name in dict.fromkeys([*old_entries, *new_entries]):
        mine, theirs = old_entries.get(name), new_entries.get(name)
        if mine is not None and theirs is not None:
            if not (shared and _same_bytes(before, mine, after, theirs)) and (chosen is None or chosen(name)):
                old, new = _read(mine, before), _read(theirs, after)
                found.append(_guarded(new, partial(_compared, old, new, libraries, macros)))
        elif mine is not None:
            gone[name] = _read(mine, before)
        elif theirs is not None:
            come[name] = _read(theirs, after)
    renamed = _renamed(gone, come, libraries)
    for new_name, old_name in renamed.items():
        old, new = gone.pop(old_name), come.pop(new_name)
        if chosen is None or chosen(new_name) or chosen(old_name):
            found.append(_guarded(new, partial(_compared, old, new, libraries, macros)))
    lone = [(checked, partial(_lone, checked, before, "removed")) for checked in gone.values()]
    lone += [(checked, partial(_lone, checked, after, "added")) for checked in come.values()]
    found += [_guarded(*each) for each in lone if chosen is None or chosen(each[0].entry.name)]
    told = sorted((change for change in found if not change.is_empty), key=lambda change: change.name)
    return CatalogChanges(*names, tuple(told), len(new_entries), (*old_problems, *problems))


def _read(entry: Entry, library: Library) -> Checked:
    try:
        with guard():
            return read_definition(entry, library)
    except (TooSlow, MemoryError):
        return Checked(entry, None, (), (_too_costly(entry),))


def _guarded(checked: Checked, compare: Callable[[], DefinitionChange]) -> DefinitionChange:
    entry = checked.entry
    try:
        with guard():
            return compare()
    except (TooSlow, MemoryError):
        return DefinitionChange(name=entry.name, status="broken", file=entry.shown, problems=(_too_costly(entry),))


def _too_costly(entry: Entry) -> Diagnostic:
    return finding(
        "too-costly",
        f"comparing {entry.shown} takes more time or memory than any message needs",
        file=entry.shown,
        definition=entry.name,
        help="look for long loops and very large values in it",
    )


def _entries(library: Library) -> tuple[dict[str, Entry], list[Diagnostic]]:
    try:
        entries, problems = library.catalog.entries()
    except Rejected as rejected:
        return {}, list(rejected.diagnostics)
    return {entry.name: entry for entry in entries}, problems


def _compared(
    old: Checked, new: Checked, libraries: tuple[Library, Library], macros: Collection[str] | None
) -> DefinitionChange:
    if old.definition is None or new.definition is None:
        return _broken(old, new)
    contracts = (libraries[0].contract, libraries[1].contract)
    if macros is not None:
        macros = frozenset(macros) | _own_macros(old.definition) | _own_macros(new.definition)
    return compare_definitions(old.definition, new.definition, contracts, macros=macros)


def _own_macros(definition: Definition) -> frozenset[str]:
    found = definition.document.data.get("macros")
    return frozenset(found if isinstance(found, dict) else ())


def _broken(old: Checked, new: Checked) -> DefinitionChange:
    definition = new.definition or old.definition
    return DefinitionChange(
        name=new.entry.name,
        status="broken",
        was=None if old.entry.name == new.entry.name else old.entry.name,
        file=new.entry.shown,
        content=None if definition is None else definition.content,
        problems_before=_errors(old),
        problems=_errors(new),
    )


def _lone(checked: Checked, library: Library, status: Literal["added", "removed"]) -> DefinitionChange:
    if checked.definition is not None:
        return lone_definition(checked.definition, library.contract, status)
    return DefinitionChange(
        name=checked.entry.name,
        status=status,
        file=checked.entry.shown,
        problems=_errors(checked) if status == "added" else (),
        problems_before=_errors(checked) if status == "removed" else (),
    )


def _errors(checked: Checked) -> tuple[Diagnostic, ...]:
    if checked.definition is not None:
        return ()
    return tuple(problem for problem in checked.diagnostics if problem.severity == "error")


# ------------------------------------------------------------------------------------------------------- sameness


def _same_bytes(before: Library, mine: Entry, after: Library, theirs: Entry) -> bool:
    try:
        return before.catalog.read(mine.path) == after.catalog.read(theirs.path)
    except Rejected:
        return False


def _settings(library: Library) -> tuple[object, ...]:
    contract = library.contract
    return (library.locale, dict(library.macros), library.sender, contract.schema, dict(contract.overrides))


def _shared_files(library: Library) -> Mapping[str, bytes]:
    """Whatever definitions may include: all fragments and files of macros of the catalog."""
    return _files(library, lambda relative: relative.endswith(".j2") or _is_shared(relative))


def _macro_files(library: Library) -> Mapping[str, bytes]:
    return _files(library, lambda relative: relative.endswith(".j2"))


def _is_shared(relative: str) -> bool:
    return relative.endswith((".yaml", ".yml")) and any(part.startswith("_") for part in relative.split("/"))


def _files(library: Library, wanted: Callable[[str], bool]) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    for path in library.catalog.files():
        relative = path.relative_to(library.catalog.root).as_posix()
        if wanted(relative):
            try:
                found[relative] = library.catalog.read(path)
            except Rejected:
                found[relative] = os.fsencode(path.name)  # whoever includes it says why
    return found


def _macro_names(*libraries: Library) -> frozenset[str]:
    """The names by which templates may know files of macros."""
    return frozenset(name for library in libraries for name in library.macros)


# -------------------------------------------------------------------------------------------------------- renaming


def _renamed(
    gone: Mapping[str, Checked], come: Mapping[str, Checked], libraries: tuple[Library, Library]
) -> dict[str, str]:
    """Which new names stand for which old ones: first those that say the same, then those that are most alike."""
    old = {name: checked.definition for name, checked in gone.items() if checked.definition is not None}
    new = {name: checked.definition for name, checked in come.items() if checked.definition is not None}
    found: dict[str, str] = {}
    for name, definition in new.items():
        twin = next((each for each in old if each not in found.values() and _same(old[each], definition)), None)
        if twin is not None:
            found[name] = twin
    left = [name for name in old if name not in found.values()], [name for name in new if name not in found]
    if len(left[0]) * len(left[1]) > _MAX_PAIRS:
        return found
    texts = {name: _text(old[name], libraries[0]) for name in left[0]}
    other_texts = {name: _text(new[name], libraries[1]) for name in left[1]}
    ranked = sorted(
        (-_likeness(texts[one], other_texts[other]), other, one)
        for one in left[0]
        for other in left[1]
        if old[one].kind == new[other].kind
    )
    for likeness, name, earlier in ranked:
        if -likeness >= _LIKE_ENOUGH and name not in found and earlier not in found.values():
            found[name] = earlier
    return found


def _same(before: Definition, after: Definition) -> bool:
    return before.kind == after.kind and form_of(before) == form_of(after)


def _text(definition: Definition, library: Library) -> str:
    """What a definition sends, for comparing: the payloads of its examples, else how it is written."""
    payloads: Iterable[Any] = (render(definition, example.values, library.contract) for example in definition.examples)
    made = [compact(each.payload).decode() for each in payloads if each.payload is not None]
    return ("\n".join(made) or definition.document.source.text)[:_MAX_TEXT]


def _likeness(before: str, after: str) -> float:
    matcher = difflib.SequenceMatcher(None, _WORD.findall(before), _WORD.findall(after))
    if matcher.real_quick_ratio() < _LIKE_ENOUGH or matcher.quick_ratio() < _LIKE_ENOUGH:
        return 0.0
    return matcher.ratio()
