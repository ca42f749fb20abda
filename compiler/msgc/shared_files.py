"""The files that definitions share: fragments, macro files, and the environments over them, each read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgc.ask import FRAGMENT, TEMPLATE, Asker
from msgc.catalog import Catalog
from msgc.contract import Contract
from msgc.decode import decode_text
from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Document
from msgc.load import MAX_BYTES, load_yaml
from msgc.source import Source, Span
from msgc.template import Environment


@dataclass
class Library:
    """The files that definitions share, each read once: fragments, macro files, and the environments over them.

    `macros` and `locale` are the configuration's; `sender` is the configured sender's number or None.
    """

    catalog: Catalog
    contract: Contract
    locale: str = "en"
    macros: Mapping[str, str] = field(default_factory=dict)
    sender: str | None = None
    asker: Asker = field(init=False, repr=False)
    _documents: dict[str, tuple[Document, list[Diagnostic]] | Rejected] = field(default_factory=dict)
    _sources: dict[str, Source] = field(default_factory=dict)
    _environments: dict[tuple[Any, ...], Environment] = field(default_factory=dict)
    _used: dict[tuple[Any, ...], set[str]] = field(default_factory=dict)  # the `.j2` files of each environment

    def __post_init__(self) -> None:
        self.asker = Asker(self.catalog)

    def environment(self, locale: str, macros: Mapping[str, str]) -> Environment:
        """The environment for a locale and macros. Raises ValueError for an unknown locale."""
        key = (locale, tuple(sorted(macros.items())))
        used = self._used.setdefault(key, set())

        def load(path: str, span: Span | None) -> Source:
            used.add(path)
            return self.template_file(path, span)

        if key not in self._environments:
            self._environments[key] = Environment(locale, load, macros)
        # What others have read in the environment is compiled there, and not asked for again.
        for path in used:
            self.asker.note(TEMPLATE, path)
        return self._environments[key]

    def template_file(self, path: str, span: Span | None) -> Source:
        """The source of a `.j2` file of the catalog. Raises `Rejected`."""
        if path not in self._sources:
            file, data = self.asker.template(path, span)
            self._sources[path] = decode_text(data, self.catalog.shown(file), MAX_BYTES)
        self.asker.note(TEMPLATE, path)
        return self._sources[path]

    def fragment_file(self, path: str, span: Span) -> tuple[Document, list[Diagnostic]]:
        """The document of a fragment file and its warnings. Raises `Rejected`."""
        known = self._documents.get(path)
        if known is None:
            file, data = self.asker.fragment(path, span)
            try:
                known = load_yaml(data, self.catalog.shown(file))
            except Rejected as rejected:
                known = rejected
            self._documents[path] = known
        self.asker.note(FRAGMENT, path)
        if isinstance(known, Rejected):
            raise known
        return known
