"""msgc's own keys of a definition: what stands beside the message and is not sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgc.definition import Example, Origin
from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Document, Path
from msgc.leaves import template_finding
from msgc.parameters import Parameters
from msgc.rules import finding
from msgc.source import Source, Span
from msgc.template import Environment, TemplateProblem

OWN_KEYS = ("description", "params", "macros", "examples", "fallback", "locale")
_EXAMPLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class OwnKeys:
    """Reads msgc's own keys of one document and collects what is wrong with them."""

    document: Document
    problems: list[Diagnostic] = field(default_factory=list)

    @property
    def data(self) -> Mapping[str, Any]:
        """The document's root, which is a mapping."""
        data: Mapping[str, Any] = self.document.data
        return data

    def text(self, key: str, help_: str) -> str | None:
        """The text behind a key; None where it is not there or is no text."""
        value = self.data.get(key)
        if key not in self.data or (isinstance(value, str) and value):
            return value
        self.note("wrong-type", f"`{key}` wants text", (key,), allowed="text", help=help_)
        return None

    def macros(
        self, configured: Mapping[str, str], load: Callable[[str, Span], Source]
    ) -> tuple[dict[str, str], frozenset[str]]:
        """The paths of macro files by name, over the configured ones; and the names whose files cannot be used."""
        macros, broken = dict(configured), set()
        given = self.data.get("macros", {})
        if not isinstance(given, dict):
            self.note(
                "wrong-type",
                "`macros` wants a mapping from names to `.j2` files",
                ("macros",),
                at_key=True,
                help="write `money: _money.j2` below it, for example",
            )
            return macros, frozenset()
        for name, path in given.items():
            try:
                if self._macro(name, path):
                    load(path, self.document.span(("macros", name)))
                    macros[name] = path
                    continue
            except Rejected as rejected:
                self.problems += rejected.diagnostics
            broken.add(name)
        return macros, frozenset(broken)

    def compile_macros(self, environment: Environment) -> None:
        """Note what is wrong with the definition's own macro files, used or not."""
        given = self.data.get("macros")
        for name, path in given.items() if isinstance(given, dict) else ():
            if isinstance(path, str) and environment.macros.get(name) == path:
                try:
                    environment.compile_file(path)
                except TemplateProblem as problem:
                    self.problems.append(template_finding(problem, Origin(self.document, ("macros", name))))

    def _macro(self, name: str, path: Any) -> bool:
        here: Path = ("macros", name)
        if not _IDENTIFIER.fullmatch(name):
            self.note(
                "macro-name",
                f"`{name}` cannot be the name of macros",
                here,
                at_key=True,
                allowed="letters, digits and `_`, not beginning with a digit",
            )
            return False
        if not isinstance(path, str):
            help_ = "write it from the catalog's root, as in `money: _shared/money.j2`"
            self.note("wrong-type", f"`{name}` wants the path of a `.j2` file", here, help=help_)
            return False
        return True

    def collisions(self, parameters: Parameters, macros: Mapping[str, str]) -> None:
        """Note parameters that have the name of macros."""
        for name in parameters.names:
            if name in macros:
                self.note(
                    "macro-name",
                    f"the parameter `{name}` has the name of macros",
                    ("params", name),
                    at_key=True,
                    help="rename one of the two",
                )

    def examples(self, parameters: Parameters) -> tuple[Example, ...]:
        """The examples whose values can be read."""
        given = self.data.get("examples", {})
        if not isinstance(given, dict):
            self.note(
                "wrong-type",
                "`examples` wants a mapping from names to values",
                ("examples",),
                at_key=True,
                help="write `typical: {first_name: Ana}` below it, for example, or remove the key",
            )
            return ()
        examples = [self._example(name, values, parameters) for name, values in given.items()]
        if parameters.names and not given:
            checked = "nothing about its rendered text is checked"
            if not parameters.required:
                checked = "it is checked with its defaults only"
            self.note(
                "no-example",
                f"the definition has parameters and no example, so {checked}",
                ("params",),
                at_key=True,
                help="add `examples:` with one set of values, for instance the longest a customer can have",
            )
        return tuple(example for example in examples if example is not None)

    def _example(self, name: str, values: Any, parameters: Parameters) -> Example | None:
        path: Path = ("examples", name)
        if not _EXAMPLE_NAME.fullmatch(name):
            shown = f"`{name}`" if name else "an empty text"
            self.note(
                "example-name",
                f"{shown} cannot be the name of an example, because a file is named after it",
                path,
                at_key=True,
                allowed="letters, digits, `_`, `-` and `.`, beginning with a letter or digit",
            )
            return None
        if not isinstance(values, dict) and values is not None:
            message = f"the example `{name}` wants a mapping from parameters to values"
            self.note("wrong-type", message, path, help="write `first_name: Ana` below it, for example")
            return None
        coerced, problems = parameters.coerce(self.document, path) if values else ({}, [])
        self.problems += problems
        return None if problems else Example(name, Origin(self.document, path), coerced)

    def note(self, rule: str, message: str, path: Path, *, at_key: bool = False, **fields: Any) -> None:
        """Add a finding at a path of the document."""
        span = self.document.key_span(path) if at_key else Origin(self.document, path).span
        self.problems.append(finding(rule, message, span, **fields))
