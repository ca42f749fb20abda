"""Defining: a document becomes a definition, or the reasons why it cannot be one.

Everything that can be said without values is said here: the keys, the parameters, the templates' syntax and names,
the fragments. Fragments and macro files are read through the catalog, once each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msgc.contract import Place, RequestKind
from msgc.definition import Constant, Definition, Fields, Fragment, Items, Node, Origin
from msgc.diagnostic import Diagnostic, Rejected, Related, nearest
from msgc.document import Document, Path
from msgc.leaves import Leaves, Scope, Static
from msgc.load import MAX_DEPTH
from msgc.own_keys import OWN_KEYS, OwnKeys
from msgc.parameters import Parameters, declare
from msgc.rules import finding
from msgc.shape import Shaper
from msgc.shared_files import Library
from msgc.template import Environment
from msgc.wording import unknown_key

FRAGMENT_KEYS = ("description", "params", "content")


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
    _locale: str = ""
    _opened: list[str] = field(default_factory=list)  # the fragments around the one that is read
    _depth: int = 0  # of the place at which it is included
    _fragments: dict[tuple[str, str], Fragment | None] = field(default_factory=dict)

    def define(self) -> Definition | None:
        data = self.document.data
        if not isinstance(data, dict) or not data:
            what = "is empty" if data is None or data == {} else "is not a mapping"
            self._note(
                "not-a-definition", f"the definition {what}", (), help="`msgc new text NAME` writes one to start from"
            )
            return None
        own = OwnKeys(self.document, self.problems)
        kind = self._kind(data)
        macros, broken = own.macros(self.library.macros, self.library.template_file)
        parameters, problems = declare(self.document)
        self.problems += problems
        environment = self._environment(own, kind, macros)
        own.collisions(parameters, macros)
        if environment is not None:
            own.compile_macros(environment)
        body = None
        if environment is not None and kind is not None:
            names = frozenset(parameters.names) | broken
            closed = isinstance(data.get("params", {}), dict) and not self._is_misspelt(data, kind, "params")
            body = self._body(data, kind, parameters, Scope(environment, names, closed))
        examples = own.examples(parameters)
        fallback = own.text("fallback", "name a templated definition of this catalog")
        description = own.text("description", "say in a sentence when the message is sent")
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
            locale=self._locale,
        )

    def _is_misspelt(self, data: Mapping[str, Any], kind: RequestKind, wanted: str) -> bool:
        """Whether an unknown key was probably meant to be `wanted`, so that its absence is no finding of its own."""
        names = (*OWN_KEYS, *self.library.contract.request(kind).names)
        return wanted not in data and any(key not in names and nearest(key, names) == wanted for key in data)

    def _kind(self, data: Mapping[str, Any]) -> RequestKind | None:
        if "message" in data and "templateName" in data:
            self._note(
                "request-kind",
                "a definition is a session message (`message`) or a templated one (`templateName`), not both",
                ("templateName",),
                at_key=True,
                help="make two definitions; the session message can name the other one as its `fallback`",
                related=(Related(self.document.key_span(("message",)), "the message"),),
            )
            return None
        if "templateName" in data or "message" in data:
            return "session" if "message" in data else "templated"
        session, templated = self.library.contract.request("session"), self.library.contract.request("templated")
        message = session.field("message")
        inside = [key for key in data if message is not None and key in message.names]
        if inside:
            self._no_kind(f"put `{inside[0]}` below `message:`")
            return None
        names = tuple(dict.fromkeys((*OWN_KEYS, *session.names, *templated.names)))
        for key in data:
            if key not in names and nearest(key, names) in ("message", "templateName"):
                words = unknown_key(key, "a definition", list(names), None)
                self.problems.append(Diagnostic(severity="error", span=self.document.key_span((key,)), **words))
                return None
        self._no_kind("add `message:` with the message's content below it")
        return None

    def _no_kind(self, help_: str) -> None:
        what = "neither `message` (a session message) nor `templateName` (a templated one)"
        self._note("request-kind", f"the definition has {what}", (), help=help_)

    def _environment(self, own: OwnKeys, kind: RequestKind | None, macros: Mapping[str, str]) -> Environment | None:
        """The environment in the definition's locale: its own, a template's language, else the configured one."""
        given = own.text("locale", "write `locale: en`, for example, or remove the key")
        language = own.data.get("language") if kind == "templated" else None
        tries = [given or self.library.locale]
        if given is None and isinstance(language, str) and "{" not in language:
            # WhatsApp has codes that are no locales (`es_SPA`); the contract judges their form.
            tries = [language, re.split("[_-]", language)[0]]
        for locale in tries:
            try:
                environment = self.library.environment(locale, macros)
            except ValueError:
                continue
            self._locale = locale
            return environment
        self._note(
            "unknown-locale",
            f"`{tries[0]}` is not a locale",
            ("locale" if given is not None else "language",),
            found=tries[0],
            allowed="a locale as `en`, `pt_BR` or `zh_Hant_TW`",
            help="it decides how dates, numbers and money are written; `locale:` can name another one than `language:`"
            if given is None
            else "it decides how dates, numbers and money are written",
        )
        return None

    def _unused(self, leaves: Leaves, parameters: Parameters) -> None:
        if leaves.uses_all or any(problem.severity == "error" for problem in leaves.problems):
            return
        for name in parameters.names:
            if name not in leaves.used:
                span = leaves.document.key_span(("params", name))
                message = f"the parameter `{name}` is never used"
                self.problems.append(
                    finding("unused-parameter", message, span, help="remove it, or use it in the message")
                )

    # -------------------------------------------------------------------------------------------------- the body

    def _body(self, data: Mapping[str, Any], kind: RequestKind, parameters: Parameters, scope: Scope) -> Fields | None:
        place = self.library.contract.request(kind)
        # A parameter with the name of macros is hidden by them, which is told at its declaration.
        leaves = Leaves(self.document, used=set(scope.environment.macros))
        shaper = Shaper(leaves, self._include)
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
        self._take(leaves, parameters)
        return Fields(Origin(self.document, ()), tuple(entries)) if whole else None

    def _take(self, leaves: Leaves, parameters: Parameters) -> None:
        """What a document's leaves have collected."""
        self.problems += leaves.problems
        self.statics += leaves.statics
        self._unused(leaves, parameters)

    def _request_field(self, shaper: Shaper, key: str, place: Place, scope: Scope) -> Node | None:
        data = self.document.data[key]
        if key.startswith("$"):
            shaper.note(
                "structure-word",
                f"`{key}` cannot stand at the root of a definition",
                (key,),
                help="whether a message is sent at all is for the sender to decide"
                if key == "$if"
                else "structure words stand below `message:` and the other keys of the request",
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
        nodes: list[Node | None] = []
        for slot in data:
            path: Path = ("parameters", slot)
            if slot.startswith("$"):
                shaper.note(
                    "structure-word",
                    f"`{slot}` cannot stand among the slots of a template",
                    path,
                    help="put `$if` and `$value` below the slot's name, or write `parameters` as a list",
                )
                return None
            nodes.append(shaper.slot(path, slot, item, scope))
        made = tuple(node for node in nodes if node is not None)
        return Items(Origin(self.document, ("parameters",)), made) if len(made) == len(nodes) else None

    def _configured_sender(self, kind: RequestKind) -> Node:
        sender = Constant(Origin(self.document, ()), self.library.sender)
        if kind == "templated":
            return sender
        channel = Constant(sender.origin, "whatsapp")
        return Fields(sender.origin, (("id", sender), ("channelType", channel)))

    # ------------------------------------------------------------------------------------------------- fragments

    def _include(self, origin: Origin, place: Place, whole: Place | None) -> Fragment | None:
        path = str(origin.document.node(origin.path).text)
        if self._is_too_deep(path, origin):
            return None
        # A fragment is made once for each kind of place, however often fragments include each other.
        key = (path, json.dumps([place.schema, whole.schema if whole is not None else None], sort_keys=True))
        if key in self._fragments:
            return self._fragments[key]
        try:
            document, problems = self.library.fragment_file(path, origin.span)
        except Rejected as rejected:
            self.problems += rejected.diagnostics
            return None
        self.problems += problems
        if document not in self.documents:
            self.documents.append(document)
        depth = self._depth
        self._opened.append(path)
        self._depth += len(origin.path)
        try:
            self._fragments[key] = self._fragment(path, origin, document, place, whole)
        finally:
            self._opened.pop()
            self._depth = depth
        return self._fragments[key]

    def _is_too_deep(self, path: str, origin: Origin) -> bool:
        if path in self._opened:
            chain = " → ".join([*self._opened[self._opened.index(path) :], path])
            help_ = "take one of these `$include`s out"
            self.problems.append(
                finding("include-cycle", "a fragment includes itself", origin.span, found=chain, help=help_)
            )
            return True
        if self._depth + len(origin.path) > MAX_DEPTH:
            message = f"with its fragments the payload is nested deeper than {MAX_DEPTH} levels"
            help_ = "include fewer fragments inside each other"
            self.problems.append(finding("payload-limit", message, origin.span, help=help_))
            return True
        return False

    def _fragment(
        self, path: str, origin: Origin, document: Document, place: Place, whole: Place | None
    ) -> Fragment | None:
        data = document.data
        if not isinstance(data, dict) or "content" not in data:
            self._no_fragment(path, origin, document)
            return None
        parameters, problems = declare(document)
        self.problems += problems
        for key in data:
            if key not in FRAGMENT_KEYS:
                words = unknown_key(key, "a fragment", list(FRAGMENT_KEYS), None)
                self.problems.append(Diagnostic(severity="error", span=document.key_span((key,)), **words))
        environment = self.library.environment(self._locale, self.library.macros)
        leaves = Leaves(document)
        inside = whole if whole is not None and isinstance(data["content"], list) else place
        scope = Scope(environment, frozenset(parameters.names), closed=isinstance(data.get("params", {}), dict))
        node = Shaper(leaves, self._include).shape(("content",), inside, scope)
        here = Related(origin.span, "included here")
        leaves.problems[:] = [replace(problem, related=(*problem.related, here)) for problem in leaves.problems]
        self._take(leaves, parameters)
        return None if node is None else Fragment(path, document, parameters, node)

    def _no_fragment(self, path: str, origin: Origin, document: Document) -> None:
        data = document.data
        for key in data if isinstance(data, dict) else ():
            if key not in FRAGMENT_KEYS and nearest(key, FRAGMENT_KEYS) == "content":
                words = unknown_key(key, "a fragment", list(FRAGMENT_KEYS), None)
                self.problems.append(Diagnostic(severity="error", span=document.key_span((key,)), **words))
                return
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

    def _note(self, rule: str, message: str, path: Path, *, at_key: bool = False, **fields: Any) -> None:
        span = self.document.key_span(path) if at_key else self.document.span(path)
        if path == ():
            span = self.document.source.span(0, 0)
        self.problems.append(finding(rule, message, span, **fields))
