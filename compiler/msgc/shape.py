"""Shaping: a YAML value, standing at a place of the contract, becomes a node of a definition.

The tree is read first and leaves are compiled afterwards, one by one, so that no value can ever change the structure.
What is wrong with one value is noted and the walk goes on; a node that could not be made is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from msgc.contract import Place
from msgc.definition import (
    Address,
    Constant,
    Fields,
    Fragment,
    Guarded,
    Included,
    Items,
    Leaf,
    Node,
    Origin,
    Repeated,
    Wanted,
)
from msgc.diagnostic import Diagnostic, Related, enumerate_words, nearest
from msgc.document import Document, Path
from msgc.emit import spelling
from msgc.rules import RULES, finding
from msgc.scalars import content_span
from msgc.template import Environment, Loop, Reference, Template, TemplateProblem, lint
from msgc.wording import unknown_key

STRUCTURE_WORDS = ("$for", "$if", "$include", "$value", "$with")
_OPENERS = ("{{", "{%", "{#")
_JSON_NAMES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}
_JSON_NAMES |= {"object": "a mapping", "array": "a list", "any": "any JSON value"}


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that leaves can see, and the environment that compiles them."""

    environment: Environment
    names: frozenset[str]

    def with_names(self, names: tuple[str, ...]) -> Scope:
        """The same scope with the names of a loop added."""
        return Scope(self.environment, self.names | set(names))


@dataclass(frozen=True, slots=True)
class Static:
    """Something that is the same whatever the values are: a constant leaf, or a list with a fixed number of items.

    `value` stands for it when its place judges it; `at_key` says where a finding points.
    """

    origin: Origin
    place: Place
    value: Any
    at_key: bool = False


@dataclass
class Shaper:
    """Makes nodes from one document and collects what is wrong with it and which names it used.

    `include` makes the fragment behind an `$include`, given its place and that of the list around it, which a
    fragment that is a list is spliced into; it returns None after noting why it could not.
    """

    document: Document
    include: Callable[[Origin, Place, Place | None], Fragment | None]
    problems: list[Diagnostic] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    statics: list[Static] = field(default_factory=list)

    def shape(self, path: Path, place: Place, scope: Scope, whole: Place | None = None) -> Node | None:
        """The node for the value at `path`; `place` says what the contract has there.

        `whole` is the place of the list that the value is an item of, None for a value that is no list item.
        """
        data = self._data(path)
        if isinstance(data, dict):
            return self._mapping(path, data, place, scope, whole)
        if isinstance(data, list):
            return self._list(path, data, place, scope)
        return self._scalar(path, data, place, scope)

    def note(self, rule: str, message: str, path: Path, *, at_key: bool = False, **fields: Any) -> None:
        """Add a finding at a path of the document."""
        span = self.document.key_span(path) if at_key else self.document.span(path)
        self.problems.append(finding(rule, message, span, **fields))

    def address(self, path: Path, place: Place, scope: Scope) -> Node | None:
        """A sender or recipient: plain text is a phone number or a BSUID, a mapping is the API's object."""
        if isinstance(self._data(path), dict | list) or place.type != "object":
            return self.shape(path, place, scope)
        text = place.field("id")
        node = self._scalar(path, self._data(path), text or place, scope)
        return None if node is None else Address(node.origin, node)

    def slot(self, path: Path, name: str, item: Place, scope: Scope) -> Node | None:
        """A template's slot written as a key: the item `{name: slot, value: …}` that the API wants.

        The value is a text, or a mapping with `value` and what else an item has (a document's `filename`).
        """
        data = self._data(path)
        others = {key: schema for key, schema in item.schema.get("properties", {}).items() if key != "name"}
        long_form = isinstance(data, dict) and any(key in others for key in data)
        if long_form:
            node = self.shape(path, Place(item.contract, {**item.schema, "properties": others}), scope)
        else:
            node = self.shape(path, item.field("value") or item, scope)
        guard = node if isinstance(node, Guarded) else None
        inside = guard.node if guard is not None else node
        if inside is None:
            return None
        key = Constant(Origin(self.document, path), name)
        rest = inside.entries if long_form and isinstance(inside, Fields) else (("value", inside),)
        fields = Fields(Origin(self.document, path), (("name", key), *rest))
        return fields if guard is None else Guarded(guard.origin, guard.condition, fields)

    # ------------------------------------------------------------------------------------------------ mappings

    def _mapping(
        self, path: Path, data: Mapping[str, Any], place: Place, scope: Scope, whole: Place | None
    ) -> Node | None:
        words = [key for key in data if key.startswith("$")]
        for word in words:
            if word not in STRUCTURE_WORDS:
                close = nearest(word, STRUCTURE_WORDS)
                self.note(
                    "structure-word",
                    f"`{word}` is not a structure word",
                    (*path, word),
                    at_key=True,
                    found=word,
                    allowed=enumerate_words(STRUCTURE_WORDS),
                    help=f"did you mean `{close}`?" if close else "a key of the payload cannot begin with `$`",
                )
        if "$for" in data and whole is None:
            self.note(
                "structure-word",
                "`$for` stands outside a list",
                (*path, "$for"),
                at_key=True,
                help="`$for` makes list items: write `- $for: x in xs` as an item of a list",
            )
        inner = scope
        loop = self._loop(path, data["$for"], scope) if "$for" in data and whole is not None else None
        if loop is not None:
            inner = scope.with_names((*loop.names, "loop"))
        condition = self._expression((*path, "$if"), inner) if "$if" in data else None
        node = self._core(path, data, place, inner, whole)
        if node is None or ("$if" in data and condition is None) or ("$for" in data and loop is None):
            return None
        if condition is not None:
            node = Guarded(Origin(self.document, (*path, "$if")), condition, node)
        if loop is not None:
            node = Repeated(Origin(self.document, (*path, "$for")), loop, node)
        return node

    def _core(
        self, path: Path, data: Mapping[str, Any], place: Place, scope: Scope, whole: Place | None
    ) -> Node | None:
        if "$include" in data:
            return self._include(path, data, place, scope, whole)
        if "$with" in data:
            self.note("structure-word", "`$with` stands without `$include`", (*path, "$with"), at_key=True)
        if "$value" in data:
            return self._value(path, data, place, scope)
        if place.type not in ("object", "any"):
            help_ = (
                "write the text in `$value:` beside `$if:`"
                if "$if" in data and place.type != "array"
                else "begin each item with `- `"
                if place.type == "array"
                else "write the value itself, without keys"
            )
            self._wrong_type(path, place, "a mapping", help_)
            return None
        keys = [key for key in data if key not in STRUCTURE_WORDS]
        nodes = {key: self.field(path, key, place, scope) for key in keys if not key.startswith("$")}
        entries = tuple((key, node) for key, node in nodes.items() if node is not None)
        return Fields(Origin(self.document, path), entries) if len(entries) == len(keys) else None

    def field(self, path: Path, key: str, place: Place, scope: Scope) -> Node | None:
        """The node behind a key of an object; an unknown key is noted."""
        inside = place if place.type == "any" else place.field(key)
        if inside is not None:
            return self.shape((*path, key), inside, scope)
        self.unknown_key((*path, key), place, place.names)
        return None

    def unknown_key(self, path: Path, place: Place, names: tuple[str, ...]) -> None:
        """Note a key that its object does not have."""
        key = str(path[-1])
        parents = [step for step in path[:-1] if isinstance(step, str) and not step.startswith("$")]
        owner = "a definition" if len(path) == 1 else f"`{parents[-1]}`"
        if len(path) > 1 and isinstance(path[-2], int):
            owner = f"an item of `{parents[-1]}`"
        words = unknown_key(key, owner, list(names), place)
        if self._data(path) is None and ("{" in key or "}" in key):
            words["help"] = f'quote the text, so that YAML does not read it as a mapping: "{key}"'
        self.problems.append(
            Diagnostic(severity=RULES["unknown-key"].severity, span=self.document.key_span(path), **words)
        )

    def _value(self, path: Path, data: Mapping[str, Any], place: Place, scope: Scope) -> Node | None:
        for key in data:
            if key not in ("$value", "$if", "$for"):
                self.note("structure-word", f"`{key}` stands beside `$value`", (*path, key), at_key=True)
                return None
        if place.type in ("object", "array") or isinstance(data["$value"], dict | list):
            self.note(
                "structure-word",
                "`$value` makes a text, a number or a truth value, and nothing else",
                (*path, "$value"),
                at_key=True,
                help="put the keys beside `$if` directly, without `$value`",
            )
            return None
        return self._scalar((*path, "$value"), data["$value"], place, scope)

    def _include(
        self, path: Path, data: Mapping[str, Any], place: Place, scope: Scope, whole: Place | None
    ) -> Node | None:
        for key in data:
            if key not in ("$include", "$with", "$if", "$for") and (key in STRUCTURE_WORDS or not key.startswith("$")):
                self.note(
                    "structure-word",
                    f"`{key}` stands beside `$include`, which replaces the whole mapping",
                    (*path, key),
                    at_key=True,
                    allowed="`$with`, `$if` and `$for` beside `$include`",
                    help="put the key into the fragment, or write the mapping out here",
                )
                return None
        origin = Origin(self.document, (*path, "$include"))
        if not isinstance(data["$include"], str):
            self.note("include-path", "`$include` wants the path of a fragment as text", (*path, "$include"))
            return None
        fragment = self.include(origin, place, whole)
        with_path = (*path, "$with")
        given = data.get("$with", {})
        if not isinstance(given, dict):
            self.note(
                "structure-word",
                "`$with` wants a mapping from the fragment's parameters to values",
                with_path,
                at_key=True,
            )
            return None
        if fragment is None:
            return None
        bindings: list[tuple[str, Node]] = []
        for name in given:
            # The fragment's own parameters judge the value later; here only texts are told from other JSON.
            wanted = "string" if fragment.parameters.text_only((name,)) else None
            inside = Place(place.contract, {"type": wanted} if wanted else {})
            child = self.shape((*with_path, name), inside, scope)
            if child is None:
                return None
            bindings.append((name, child))
        bound = Origin(self.document, with_path if "$with" in data else origin.path)
        return Included(origin, fragment, tuple(bindings), bound)

    # --------------------------------------------------------------------------------------------------- lists

    def _list(self, path: Path, data: list[Any], place: Place, scope: Scope) -> Node | None:
        if place.type not in ("array", "any"):
            self._wrong_type(path, place, "a list", "remove the `- `")
            return None
        item = place if place.type == "any" else place.item
        nodes = [self.shape((*path, index), item, scope, whole=place) for index in range(len(data))]
        made = tuple(node for node in nodes if node is not None)
        if len(made) < len(nodes):
            return None
        origin = Origin(self.document, path)
        if place.type == "array" and not any(isinstance(node, Guarded | Repeated | Included) for node in made):
            self.statics.append(
                Static(
                    origin,
                    Place(place.contract, _without_items(place.schema)),
                    [None] * len(made),
                    at_key=True,
                )
            )
        return Items(origin, made)

    def _loop(self, path: Path, text: Any, scope: Scope) -> Loop | None:
        path = (*path, "$for")
        if not isinstance(text, str):
            self.note("structure-word", "`$for` wants `x in xs`", path, help="write `$for: row in rows`")
            return None
        if self._braces(path, text):
            return None
        try:
            loop = scope.environment.compile_loop(text)
        except TemplateProblem as problem:
            self._template_problem(path, problem)
            return None
        return loop if self._references(path, loop.references, scope) else None

    # -------------------------------------------------------------------------------------------------- leaves

    def _scalar(self, path: Path, data: Any, place: Place, scope: Scope) -> Node | None:
        if place.type in ("object", "array"):
            hint = (
                "its keys belong on the lines below, indented" if place.type == "object" else "write `- ` items below"
            )
            self._wrong_type(path, place, _spoken(data), hint)
            return None
        wanted = cast("Wanted", place.type)
        origin = Origin(self.document, path)
        if isinstance(data, str):
            return self._text(origin, data, wanted, place, scope)
        if data is None and wanted != "any":
            self.note(
                "empty-value",
                f"`{_key(path)}` has no value",
                path,
                at_key=True,
                allowed=_JSON_NAMES[wanted],
                help='write a value, remove the key, or quote the word if it is meant as text: "null"',
            )
            return None
        if wanted == "string":
            return self._constant(origin, self.document.node(path).text, place)
        if not self._fits(path, data, place, wanted):
            return None
        return self._constant(origin, data, place)

    def _constant(self, origin: Origin, value: Any, place: Place) -> Node:
        self.statics.append(Static(origin, place, value))
        return Constant(origin, value)

    def _fits(self, path: Path, data: Any, place: Place, wanted: Wanted) -> bool:
        number = isinstance(data, int | float) and not isinstance(data, bool)
        if wanted == "any":
            text = self.document.node(path).text
            if number and text != spelling(data):
                self.note(
                    "number-spelling",
                    f"the number {text} would be sent as {spelling(data)}",
                    path,
                    found=str(text),
                    allowed="a number as JSON spells it",
                    help=f'quote it to keep it as it is: "{text}"',
                )
                return False
            return True
        right = isinstance(data, bool) if wanted == "boolean" else number
        if right and wanted == "integer":
            right = isinstance(data, int)
        if not right:
            self._wrong_type(path, place, _spoken(data), f"write {_JSON_NAMES[wanted]}")
        return right

    def _text(self, origin: Origin, text: str, wanted: Wanted, place: Place, scope: Scope) -> Node | None:
        if not any(opener in text for opener in _OPENERS):
            if wanted in ("string", "any"):
                return self._constant(origin, text, place)
            self.note(
                "wrong-type",
                f"`{_key(origin.path)}` wants {_JSON_NAMES[wanted]}, not text",
                origin.path,
                found=f'"{text}"',
                allowed=_JSON_NAMES[wanted],
                help=f"write {_JSON_NAMES[wanted]} without quotes, or one expression in `{{{{ }}}}`",
            )
            return None
        try:
            template = scope.environment.compile(text)
        except TemplateProblem as problem:
            self._template_problem(origin.path, problem)
            return None
        known = self._references(origin.path, template.references, scope)
        for rule, start, end, message, help_ in lint(text):
            span = content_span(self.document, origin.path, start, end)
            self.problems.append(finding(rule, message, span, help=help_))
        if wanted not in ("string", "any") and template.kind != "expression":
            self.note(
                "wrong-type",
                f"`{_key(origin.path)}` wants {_JSON_NAMES[wanted]}; a template with text around it makes text",
                origin.path,
                found=f'"{text}"',
                allowed=f"{_JSON_NAMES[wanted]}, or exactly one expression in `{{{{ }}}}`",
                help="remove everything around the expression, spaces too",
            )
            return None
        return Leaf(origin, template, wanted) if known else None

    def _expression(self, path: Path, scope: Scope) -> Template | None:
        text = self.document.node(path).text
        if text is None or not text.strip():
            self.note("structure-word", f"`{path[-1]}` wants an expression", path, at_key=True)
            return None
        if self._braces(path, text):
            return None
        try:
            template = scope.environment.compile_expression(text)
        except TemplateProblem as problem:
            self._template_problem(path, problem)
            return None
        return template if self._references(path, template.references, scope) else None

    def _braces(self, path: Path, text: str) -> bool:
        if "{{" not in text and "{%" not in text:
            return False
        bare = text.replace("{{", "").replace("}}", "").strip()
        self.note(
            "structure-word",
            f"`{path[-1]}` takes an expression as it is, without braces",
            path,
            found=text,
            help=f"write `{path[-1]}: {bare}`",
        )
        return True

    def _references(self, path: Path, references: Iterable[Reference], scope: Scope) -> bool:
        known = True
        for reference in references:
            self.used.add(reference.name)
            if reference.name in scope.names:
                continue
            known = False
            names = sorted(scope.names)
            close = nearest(reference.name, names)
            self.problems.append(
                finding(
                    "undefined-variable",
                    f"there is no parameter `{reference.name}`",
                    content_span(self.document, path, reference.start, reference.end),
                    found=reference.name,
                    allowed=enumerate_words(names) if names else "no parameter is declared",
                    help=f"did you mean `{close}`?"
                    if close
                    else f"declare it under `params:`, as `{reference.name}: string`",
                )
            )
        return known

    # ------------------------------------------------------------------------------------------------ messages

    def _template_problem(self, path: Path, problem: TemplateProblem) -> None:
        self.problems.append(template_finding(problem, Origin(self.document, path)))

    def _wrong_type(self, path: Path, place: Place, found: str, help_: str) -> None:
        self.note(
            "wrong-type",
            f"`{_key(path)}` wants {_JSON_NAMES[place.type]}, not {found}",
            path,
            at_key=found in ("a mapping", "a list"),
            found=found,
            allowed=_JSON_NAMES[place.type],
            help=help_,
        )

    def _data(self, path: Path) -> Any:
        data = self.document.data
        for step in path:
            data = data[step]
        return data


def template_finding(problem: TemplateProblem, origin: Origin) -> Diagnostic:
    """A template's problem as a diagnostic at its place: in the leaf at `origin`, or in a `.j2` file it uses."""
    here = content_span(origin.document, origin.path, problem.start, problem.end)
    span = here
    related: list[Related] = []
    if problem.source is not None:
        span = problem.source.span(problem.start, problem.end)
        for source, start, end in problem.trace:
            if source is None:
                inner = content_span(origin.document, origin.path, start, end)
                related.append(Related(inner, "used here"))
            else:
                related.append(Related(source.span(start, end), "called here"))
    return finding(
        problem.rule,
        problem.message,
        span,
        found=problem.found,
        help=problem.help,
        related=tuple(related),
    )


def _key(path: Path) -> str:
    names = [step for step in path if isinstance(step, str) and not step.startswith("$")]
    return names[-1] if names else "the file"


def _spoken(data: Any) -> str:
    if isinstance(data, bool):
        return "true" if data else "false"
    return "nothing" if data is None else "a number" if isinstance(data, int | float) else "text"


def _without_items(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in schema.items() if key != "items"}
