"""msgc as a library: open a catalog, compile a definition, get a payload or findings.

A catalog reads each definition once and keeps it; make a new one after the files have changed. Nothing here prints,
reads the environment or touches the network.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgc.check import Checked, distinct
from msgc.configuration import Configuration, find_configuration
from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Path as ValuePath
from msgc.emit import compact
from msgc.pipeline import Project, open_project
from msgc.source import Span


@dataclass(frozen=True, slots=True)
class Compiled:
    """One definition compiled for one set of values.

    `payload` is the request's body as plain data, None where it could not be made or is refused; `findings` say why,
    and hold warnings too.
    """

    payload: dict[str, Any] | None
    findings: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """Whether the payload is one that the API accepts."""
        return self.payload is not None

    @property
    def json(self) -> bytes:
        """The payload as compact UTF-8 JSON. Raises `Rejected` where there is none."""
        if self.payload is None:
            raise Rejected(*self.findings)
        return compact(self.payload)


@dataclass
class Catalog:
    """An open catalog; `open_catalog` makes one."""

    project: Project
    _read: dict[str, Checked] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of all definitions. Raises `Rejected` where the folder cannot be listed."""
        return [entry.name for entry in self.project.entries()[0]]

    def check(self) -> list[Diagnostic]:
        """All findings of all definitions, in the order of reports."""
        entries, problems = self.project.entries()
        for checked in self.project.check(entries):
            problems += checked.diagnostics
        return sorted(distinct(problems), key=lambda problem: problem.sort_key)

    def parameters(self, name: str) -> dict[str, Any]:
        """The parameters of a definition as JSON Schema. Raises `Rejected` for an unknown or broken definition."""
        checked = self._definition(name)
        assert checked.definition is not None
        return dict(checked.definition.parameters.schema)

    def example(self, name: str, example: str) -> dict[str, Any]:
        """The values of an example. Raises `Rejected` as `parameters` does, KeyError for an unknown example."""
        checked = self._definition(name)
        assert checked.definition is not None
        return {each.name: dict(each.values) for each in checked.definition.examples}[example]

    def compile(self, name: str, values: Mapping[str, Any] | None = None, *, to: str | None = None) -> Compiled:
        """The payload of a definition (by name or path) for values, sent `to` a phone number or BSUID.

        Without `to` everything but the recipient is verified, and the payload has none unless the definition does.
        Raises `Rejected` for a definition that does not exist or is broken.
        """
        definition = self._definition(name).definition
        assert definition is not None
        parameters = definition.parameters
        complete = parameters.complete(dict(values or {}))
        violations = parameters.judge(complete)
        if violations:

            def nowhere(_path: ValuePath, _at_key: bool) -> Span | None:
                return None

            problems = parameters.explain(violations, nowhere, definition=definition.name)
            return Compiled(None, tuple(problems))
        payload, problems = self.project.render(definition, complete, to=to)
        refused = payload is None or any(problem.severity == "error" for problem in problems)
        return Compiled(None if payload is None or refused else payload.data, tuple(problems))

    def _definition(self, name: str) -> Checked:
        checked = self._read.get(name)
        if checked is None:
            checked = self.project.read(self.project.catalog.entry(name))
            self._read[name] = checked
        if checked.definition is None:
            raise Rejected(*checked.diagnostics)
        return checked


def open_catalog(folder: str | os.PathLike[str] | None = None) -> Catalog:
    """The catalog in a folder, or the configured one where no folder is given.

    The configuration is looked for from the folder upwards, as the command line does. Raises `Rejected` where there
    is no catalog or the configuration is wrong.
    """
    start = Path.cwd()
    root = None if folder is None else Path(os.path.abspath(folder))
    configuration: Configuration = find_configuration(start if root is None else root)
    return Catalog(open_project(start, configuration, catalog=root))
