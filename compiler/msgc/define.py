"""Defining: a document becomes a definition, or the reasons why it cannot be one.

Everything that can be said without values is said here: the keys, the parameters, the templates' syntax and names,
the fragments. Fragments and macro files are read through the catalog, once each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgc.catalog import DEFINITION_SUFFIXES, Catalog
from msgc.contract import Contract, Place, RequestKind
from msgc.decode import decode_text
from msgc.definition import Constant, Definition, Example, Fields, Fragment, Items, Node, Origin
from msgc.diagnostic import Diagnostic, Rejected, nearest
from msgc.document import Document, Path
from msgc.load import MAX_BYTES, load_yaml
from msgc.parameters import Parameters, declare
from msgc.rules import finding
from msgc.shape import Scope, Shaper, Static
from msgc.source import Source, Span
from msgc.template import Environment
from msgc.wording import unknown_key

OWN_KEYS = ("description", "params", "macros", "examples", "fallback", "locale")
FRAGMENT_KEYS = ("description", "params", "content")
_EXAMPLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


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
    _documents: dict[str, tuple[Document, list[Diagnostic]] | Rejected] = field(default_factory=dict)
    _sources: dict[str, Source] = field(default_factory=dict)
    _environments: dict[tuple[Any, ...], Environment] = field(default_factory=dict)

    def environment(self, locale: str, macros: Mapping[str, str]) -> Environment:
        """The environment for a locale and macros. Raises ValueError for an unknown locale."""
        key = (locale, tuple(sorted(macros.items())))
        if key not in self._environments:
            self._environments[key] = Environment(locale, self.template_file, macros)
        return self._environments[key]

    def template_file(self, path: str, span: Span | None) -> Source:
        """The source of a `.j2` file of the catalog. Raises `Rejected`."""
        if path not in self._sources:
            file = self.catalog.resolve(path, (".j2",), span)
            self._sources[path] = decode_text(self.catalog.read(file, span), self.catalog.shown(file), MAX_BYTES)
        return self._sources[path]

    def fragment_file(self, path: str, span: Span) -> tuple[Document, list[Diagnostic]]:
        """The document of a fragment file and its warnings. Raises `Rejected`, the first time with the reasons."""
        file = self.catalog.resolve(path, DEFINITION_SUFFIXES, span)
        known = self._documents.get(path)
        if known is None:
            try:
                known = load_yaml(self.catalog.read(file, span), self.catalog.shown(file))
            except Rejected as rejected:
                known = rejected
            self._documents[path] = known
        if isinstance(known, Rejected):
            raise known
        return known


@dataclass(frozen=True, slots=True)
class Defined:
    """The definition in a document, or None, and everything that is wrong with it (warnings included).

    `documents` are the fragments it includes; `statics` are its constants, to be judged by their places.
    """

    definition: Definition | None
    problems: tuple[Diagnostic, ...]
    documents: tuple[Document, ...]
    statics: tuple[Static, ...]


def define(document: Document, name: str, library: Library) -> Defined:
    """What a document defines. Reads fragments and macro files through the library's catalog."""
    definer = _Definer(document, name, library)
    definition = definer.define()
    return Defined(definition, tuple(definer.problems), tuple(definer.documents), tuple(definer.statics))


@dataclass
class _Definer:
    document: Document
    name: str
    library: Library
    problems: list[Diagnostic] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    statics: list[Static] = field(default_factory=list)
    _opened: list[str] = field(default_factory=list)

    def define(self) -> Definition | None:
        data = self.document.data
        if not isinstance(data, dict) or not data:
            what = "is empty" if data is None or data == {} else "is not a mapping"
            self._note(
                "not-a-definition",
                f"the definition {what}",
                (),
                help="`msgc new text NAME` writes one to start from",
            )
            return None
        kind = self._kind(data)
        locale = self._locale(data, kind)
        macros = self._macros(data)
        parameters, problems = declare(self.document)
        self.problems += problems
        environment = self._environment(locale, macros)
        shaper = Shaper(self.document, self._include)
        body = None
        if environment is not None and kind is not None:
            self._collisions(parameters, macros)
            body = self._body(shaper, data, kind, Scope(environment, frozenset(parameters.names)))
        self.problems += shaper.problems
        self.statics += shaper.statics
        examples = self._examples(data, parameters)
        self._unused(shaper, parameters, self.document)
        fallback = self._text_key(data, "fallback")
        description = self._text_key(data, "description")
        if kind is None or body is None or any(problem.severity == "error" for problem in self.problems):
            return None
        return Definition(
            name=self.name,
            document=self.document,
            kind=kind,
            description=description,
            parameters=parameters,
            examples=examples,
            body=body,
            fallback=fallback,
            locale=locale,
        )

    # ------------------------------------------------------------------------------------------- msgc's own keys

    def _kind(self, data: Mapping[str, Any]) -> RequestKind | None:
        if "message" in data and "templateName" in data:
            self._note(
                "request-kind",
                "a definition is a session message (`message`) or a templated one (`templateName`), not both",
                ("templateName",),
                at_key=True,
                help="make two definitions; the session message can name the other one as its `fallback`",
            )
            return None
        if "templateName" in data:
            return "templated"
        if "message" in data:
            return "session"
        contract = self.library.contract
        names = {*contract.request("session").names, *contract.request("templated").names, *OWN_KEYS}
        for key in data:
            if key not in names and nearest(key, ("message", "templateName")) is not None:
                words = unknown_key(key, "a definition", sorted(names), None)
                self.problems.append(Diagnostic(severity="error", span=self.document.key_span((key,)), **words))
                return None
        message = contract.request("session").field("message")
        inside = [key for key in data if message is not None and key in message.names]
        hint = f"put `{inside[0]}` below `message:`" if inside else "add `message:` with the message's content below it"
        self._note(
            "request-kind",
            "the definition has neither `message` (a session message) nor `templateName` (a templated one)",
            (),
            help=hint,
        )
        return None

    def _locale(self, data: Mapping[str, Any], kind: RequestKind | None) -> str:
        given = self._text_key(data, "locale")
        if given is not None:
            return given
        language = data.get("language") if kind == "templated" else None
        return language if isinstance(language, str) and "{" not in language else self.library.locale

    def _macros(self, data: Mapping[str, Any]) -> dict[str, str]:
        macros = dict(self.library.macros)
        given = data.get("macros", {})
        if not isinstance(given, dict):
            self._note("wrong-type", "`macros` wants a mapping from names to `.j2` files", ("macros",), at_key=True)
            return macros
        for name, path in given.items():
            here: Path = ("macros", name)
            if not _IDENTIFIER.fullmatch(name):
                self._note(
                    "macro-name",
                    f"`{name}` cannot be the name of macros",
                    here,
                    at_key=True,
                    allowed="letters, digits and `_`, not beginning with a digit",
                )
            elif not isinstance(path, str):
                self._note("wrong-type", f"`{name}` wants the path of a `.j2` file", here)
            else:
                try:
                    self.library.template_file(path, self.document.span(here))
                    macros[name] = path
                except Rejected as rejected:
                    self.problems += rejected.diagnostics
        return macros

    def _collisions(self, parameters: Parameters, macros: Mapping[str, str]) -> None:
        for name in parameters.names:
            if name in macros:
                self._note(
                    "macro-name",
                    f"the parameter `{name}` has the name of macros",
                    ("params", name),
                    at_key=True,
                    help="rename one of the two",
                )

    def _environment(self, locale: str, macros: Mapping[str, str]) -> Environment | None:
        try:
            return self.library.environment(locale, macros)
        except ValueError:
            key = "locale" if "locale" in self.document.data else "language"
            self._note(
                "unknown-locale",
                f"`{locale}` is not a locale",
                (key,),
                found=locale,
                allowed="a locale as `en`, `pt_BR` or `zh_Hant_TW`",
                help="`locale:` decides how dates, numbers and money are written",
            )
            return None

    def _text_key(self, data: Mapping[str, Any], key: str) -> str | None:
        value = data.get(key)
        if key not in data or (isinstance(value, str) and value):
            return value
        self._note("wrong-type", f"`{key}` wants text", (key,), at_key=value is None, allowed="text")
        return None

    def _examples(self, data: Mapping[str, Any], parameters: Parameters) -> tuple[Example, ...]:
        given = data.get("examples", {})
        if not isinstance(given, dict):
            self._note("wrong-type", "`examples` wants a mapping from names to values", ("examples",), at_key=True)
            return ()
        examples = []
        for name, values in given.items():
            path: Path = ("examples", name)
            if not _EXAMPLE_NAME.fullmatch(name):
                self._note(
                    "example-name",
                    f"`{name}` cannot be the name of an example, because a file is named after it",
                    path,
                    at_key=True,
                    allowed="letters, digits, `_`, `-` and `.`, beginning with a letter or digit",
                )
            elif not isinstance(values, dict) and values is not None:
                self._note("wrong-type", f"the example `{name}` wants a mapping from parameters to values", path)
            else:
                coerced, problems = parameters.coerce(self.document, path) if values else ({}, [])
                self.problems += problems
                if not problems:
                    examples.append(Example(name, Origin(self.document, path), coerced))
        if parameters.names and not given:
            self._note(
                "no-example",
                "the definition has parameters and no example, so nothing about its rendered text is checked",
                ("params",),
                at_key=True,
                help="add `examples:` with one set of values, for instance the longest a customer can have",
            )
        return tuple(examples)

    def _unused(self, shaper: Shaper, parameters: Parameters, document: Document) -> None:
        if any(problem.severity == "error" for problem in shaper.problems):
            return
        for name in parameters.names:
            if name not in shaper.used:
                self.problems.append(
                    finding(
                        "unused-parameter",
                        f"the parameter `{name}` is never used",
                        document.key_span(("params", name)),
                        help="remove it, or use it in the message",
                    )
                )

    # -------------------------------------------------------------------------------------------------- the body

    def _body(self, shaper: Shaper, data: Mapping[str, Any], kind: RequestKind, scope: Scope) -> Fields | None:
        place = self.library.contract.request(kind)
        entries: list[tuple[str, Node]] = []
        whole = True
        if self.library.sender is not None and "sender" not in data:
            entries.append(("sender", self._configured_sender(kind)))
        for key in data:
            if key in OWN_KEYS:
                continue
            node = self._request_field(shaper, key, place, scope)
            whole = whole and node is not None
            if node is not None:
                entries.append((key, node))
        return Fields(Origin(self.document, ()), tuple(entries)) if whole else None

    def _request_field(self, shaper: Shaper, key: str, place: Place, scope: Scope) -> Node | None:
        data = self.document.data[key]
        if key.startswith("$"):
            shaper.note(
                "structure-word",
                f"`{key}` cannot stand at the root of a definition",
                (key,),
                at_key=True,
                help="whether a message is sent at all is for the sender to decide",
            )
            return None
        inside = place.field(key)
        if inside is None:
            shaper.unknown_key((key,), place, (*OWN_KEYS, *place.names))
            return None
        if key == "message" and isinstance(data, dict) and "$if" in data:
            shaper.note(
                "structure-word",
                "`$if` cannot stand on `message`: nothing would be left to send",
                (key, "$if"),
                at_key=True,
                help="put `$if` on a part of the message",
            )
            return None
        if key in ("sender", "recipient"):
            return shaper.address((key,), inside, scope)
        if key == "parameters" and isinstance(data, dict) and inside.type == "array" and "$include" not in data:
            return self._slots(shaper, data, inside.item, scope)
        return shaper.shape((key,), inside, scope)

    def _slots(self, shaper: Shaper, data: Mapping[str, Any], item: Place, scope: Scope) -> Node | None:
        """The template's parameters as a mapping from slot to value, made the list that the API wants."""
        nodes: list[Node] = []
        for slot in data:
            path: Path = ("parameters", slot)
            if slot.startswith("$"):
                shaper.note(
                    "structure-word",
                    f"`{slot}` cannot stand among the slots of a template",
                    path,
                    at_key=True,
                    help="put `$if` and `$value` below the slot's name, or write `parameters` as a list",
                )
                return None
            node = shaper.slot(path, slot, item, scope)
            if node is None:
                return None
            nodes.append(node)
        return Items(Origin(self.document, ("parameters",)), tuple(nodes))

    def _configured_sender(self, kind: RequestKind) -> Node:
        sender = Constant(Origin(self.document, ()), self.library.sender)
        if kind == "templated":
            return sender
        channel = Constant(sender.origin, "whatsapp")
        return Fields(sender.origin, (("id", sender), ("channelType", channel)))

    # ------------------------------------------------------------------------------------------------- fragments

    def _include(self, origin: Origin, place: Place, whole: Place | None) -> Fragment | None:
        path = str(origin.document.node(origin.path).text)
        if path in self._opened:
            chain = " → ".join([*self._opened[self._opened.index(path) :], path])
            self.problems.append(
                finding(
                    "include-cycle",
                    "a fragment includes itself",
                    origin.span,
                    found=chain,
                    help="take one of these `$include`s out",
                )
            )
            return None
        try:
            document, problems = self.library.fragment_file(path, origin.span)
        except Rejected as rejected:
            self.problems += rejected.diagnostics
            return None
        self.problems += problems
        if document not in self.documents:
            self.documents.append(document)
        self._opened.append(path)
        try:
            return self._fragment(path, origin, document, place, whole)
        finally:
            self._opened.pop()

    def _fragment(
        self, path: str, origin: Origin, document: Document, place: Place, whole: Place | None
    ) -> Fragment | None:
        data = document.data
        if not isinstance(data, dict) or "content" not in data:
            is_definition = isinstance(data, dict) and ("message" in data or "templateName" in data)
            self.problems.append(
                finding(
                    "not-a-fragment",
                    f"`{path}` is a definition, not a fragment" if is_definition else f"`{path}` has no `content`",
                    origin.span,
                    found=path,
                    help="a fragment's file or folder begins with `_`, and what it stands for is under `content:`",
                )
            )
            return None
        parameters, problems = declare(document)
        self.problems += problems
        for key in data:
            if key not in FRAGMENT_KEYS:
                words = unknown_key(key, "a fragment", list(FRAGMENT_KEYS), None)
                self.problems.append(Diagnostic(severity="error", span=document.key_span((key,)), **words))
        environment = self.library.environment(self._fragment_locale, self.library.macros)
        shaper = Shaper(document, self._include)
        content = data["content"]
        inside = whole if whole is not None and isinstance(content, list) else place
        node = shaper.shape(("content",), inside, Scope(environment, frozenset(parameters.names)))
        self.problems += shaper.problems
        self.statics += shaper.statics
        self._unused(shaper, parameters, document)
        return None if node is None else Fragment(path, document, parameters, node)

    @property
    def _fragment_locale(self) -> str:
        data = self.document.data
        kind: RequestKind = "templated" if "templateName" in data else "session"
        return self._locale(data, kind)

    def _note(self, rule: str, message: str, path: Path, *, at_key: bool = False, **fields: Any) -> None:
        span = self.document.key_span(path) if at_key else self.document.span(path)
        if path == ():
            span = self.document.source.span(0, 0)
        self.problems.append(finding(rule, message, span, **fields))
