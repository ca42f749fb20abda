"""msgc as a library: open a catalog, compile a definition, get a payload or findings.

A catalog reads each definition once and keeps it; open a new one after the files have changed. Nothing here prints,
reads the environment or touches the network. Threads may share a catalog: what two of them make at the same time is
made twice and kept once.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from msgc.check import Checked
from msgc.configuration import Configuration, find_configuration
from msgc.coverage import Coverage, Record
from msgc.definition import Definition
from msgc.diagnostic import Diagnostic, Rejected, distinct, enumerate_words
from msgc.emit import compact, parsed
from msgc.pipeline import Project, open_project
from msgc.prove import Bound
from msgc.specialise.program import Program


@dataclass(frozen=True)
class Compiled:
    """One definition compiled for one set of values.

    `findings` say why there is no payload where there is none, and hold warnings too.
    """

    findings: tuple[Diagnostic, ...]
    _made: bytes | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether there is a payload, which is one that the API accepts."""
        return self._made is not None

    @cached_property
    def payload(self) -> dict[str, Any] | None:
        """The request's body as plain data, which is the caller's to change; None where there is none."""
        if self._made is None:
            return None
        data: dict[str, Any] = parsed(self._made)
        return data

    @property
    def json(self) -> bytes:
        """The payload as compact UTF-8 JSON, as the caller has changed it. Raises `Rejected` where there is none."""
        if self._made is None:
            raise Rejected(*self.findings)
        return compact(self.payload) if "payload" in self.__dict__ else self._made


@dataclass(frozen=True, eq=False)
class Catalog:
    """An open catalog; `open_catalog` makes one."""

    _project: Project
    _read: dict[str, Checked] = field(default_factory=dict, init=False, repr=False)
    _programs: dict[str, Program | None] = field(default_factory=dict, init=False, repr=False)

    @property
    def names(self) -> list[str]:
        """The names of all definitions, in order. Raises `Rejected` where the folder cannot be listed."""
        return [entry.name for entry in self._project.entries()[0]]

    def check(self) -> list[Diagnostic]:
        """All findings of all definitions, in the order of reports, as `msgc check` has them.

        Suppressed findings are among them, with the reason in `suppressed`. Raises `Rejected` where the folder cannot
        be listed.
        """
        entries, problems = self._project.entries()
        for checked in self._project.check(entries):
            problems += checked.diagnostics
        return sorted(distinct(problems), key=lambda problem: problem.sort_key)

    def coverage(self) -> Coverage:
        """How much of all definitions their examples go through, as `msgc check --coverage` says it.

        What ignore comments set aside is left out. Raises `Rejected` where the folder cannot be listed.
        """
        record = Record()
        for _ in self._project.check(self._project.entries()[0], record):
            pass
        return record.judge(self._project.rules.keys())[0]

    def parameters(self, name: str) -> dict[str, Any]:
        """The parameters of a definition as JSON Schema. Raises `Rejected` for an unknown or broken definition."""
        definition = self._definition(name).definition
        assert definition is not None
        schema: dict[str, Any] = copy.deepcopy(dict(definition.parameters.schema))
        return schema

    def examples(self, name: str) -> list[str]:
        """The names of a definition's examples. Raises `Rejected` as `parameters` does."""
        definition = self._definition(name).definition
        assert definition is not None
        return [example.name for example in definition.examples]

    def example(self, name: str, example: str) -> dict[str, Any]:
        """The values of an example, defaults applied.

        Raises `Rejected` as `parameters` does, and KeyError for an unknown example.
        """
        definition = self._definition(name).definition
        assert definition is not None
        for each in definition.examples:
            if each.name == example:
                return definition.parameters.complete(each.values)
        raise KeyError(
            f"`{definition.name}` has no example `{example}`, but {enumerate_words(self.examples(name), 'and')}"
        )

    def bounds(self, name: str) -> tuple[Bound, ...]:
        """Every limit at every place of a definition, and whether it holds for all values that its parameters take.

        Raises `Rejected` as `parameters` does.
        """
        return self._project.bounds(self._project.catalog.entry(name))

    def compile(
        self, name: str, values: Mapping[str, Any] | None = None, *, to: str | Mapping[str, str] | None = None
    ) -> Compiled:
        """The payload of a definition (by name or path) for values: plain JSON data, which is left as it is.

        `to` is the recipient: a phone number, a BSUID, or the fields of the API's recipient. Without it everything but
        the recipient is verified, and the payload has none unless the definition does. Values that do not fit give
        findings. Raises `Rejected` for a definition that does not exist or is broken.
        """
        checked = self._definition(name)
        definition = checked.definition
        assert definition is not None
        program = self._program(definition)
        made = None if program is None else program.run({} if values is None else dict(values), to)
        if made is not None:
            return Compiled((), made)
        payload, found = self._project.compile(definition, values or {}, to=to)
        findings = tuple(self._project.settle(checked, found))
        if payload is None or any(finding.severity == "error" for finding in findings):
            return Compiled(findings)
        return Compiled(findings, compact(payload))

    def _program(self, definition: Definition) -> Program | None:
        """The definition's program, but not for the first time that it is compiled: it takes longer to make."""
        if definition.name not in self._programs:
            self._programs[definition.name] = None
            return None
        program = self._programs[definition.name]
        if program is None:
            program = self._programs[definition.name] = self._project.program(definition)
        return program

    def _definition(self, name: str) -> Checked:
        checked = self._read.get(name)
        if checked is None:
            checked = self._project.read(self._project.catalog.entry(name))
            self._read[name] = checked
        if checked.definition is None:
            raise Rejected(*checked.diagnostics)
        return checked


def open_catalog(folder: str | os.PathLike[str] | None = None) -> Catalog:
    """The catalog in a folder, or the configured one where no folder is given.

    The configuration is looked for from the folder upwards, as the command line does; environment variables are for
    the command line only. Raises `Rejected` where there is no catalog or the configuration is wrong.
    """
    start = Path.cwd()
    root = None if folder is None else Path(os.path.abspath(folder))
    configuration: Configuration = find_configuration(start if root is None else root, start)
    return Catalog(open_project(start, configuration, catalog=root))
