"""Shaping: a YAML value, standing at a place of the contract, becomes a node of a definition.

The tree is read first and leaves are compiled afterwards, one by one, so that no value can ever change the structure.
What is wrong with one value is noted and the walk goes on; a node that could not be made is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgc.contract import Place
from msgc.definition import Address, Constant, Fields, Fragment, Guarded, Included, Items, Node, Origin, Repeated
from msgc.diagnostic import Diagnostic, enumerate_words, nearest
from msgc.document import Document, Path
from msgc.leaves import Leaves, Scope, Static
from msgc.rules import RULES
from msgc.wording import unknown_key

STRUCTURE_WORDS = ("$for", "$if", "$include", "$value", "$with")


@dataclass
class Shaper:
    """Makes nodes from one document; its `leaves` collect what is wrong with it and which names it used.

    `include` makes the fragment behind an `$include`, given its place and that of the list around it, which a
    fragment that is a list is spliced into; it returns None after noting why it could not.
    """

    leaves: Leaves
    include: Callable[[Origin, Place, Place | None], Fragment | None]

    @property
    def document(self) -> Document:
        """The document that is shaped."""
        return self.leaves.document

    def note(self, rule: str, message: str, path: Path, *, at_key: bool = True, **fields: Any) -> None:
        """Add a finding at a path of the document."""
        self.leaves.note(rule, message, path, at_key=at_key, **fields)

    def shape(self, path: Path, place: Place, scope: Scope, whole: Place | None = None) -> Node | None:
        """The node for the value at `path`; `place` says what the contract has there.

        `whole` is the place of the list that the value is an item of, None for a value that is no list item.
        """
        data = self._data(path)
        if isinstance(data, dict):
            return self._mapping(path, data, place, scope, whole)
        if isinstance(data, list):
            return self._list(path, data, place, scope)
        if place.type not in ("object", "array"):
            return self.leaves.scalar(path, data, place, scope)
        self._no_collection(path, data, place)
        return None

    def _no_collection(self, path: Path, data: Any, place: Place) -> None:
        """Note a scalar where a mapping or a list belongs."""
        help_ = "write a list below it, `- ` before each item"
        if place.type == "object":
            help_ = "write its keys on the lines below, indented"
            if data is not None and "text" in place.names:
                help_ = "write it as `text:` on the line below, indented"
            elif isinstance(path[-1], int):
                help_ = f"write its keys, beginning with `- {place.names[0]}: …`" if place.names else help_
        if data is None:
            self.leaves.empty(path, place.type, help_)
        else:
            self.leaves.wrong_type(path, place, data, help_)

    def address(self, path: Path, place: Place, scope: Scope) -> Node | None:
        """A sender or recipient: plain text is a phone number or a BSUID, a mapping is the API's object."""
        data = self._data(path)
        if isinstance(data, dict) or place.type != "object":
            return self.shape(path, place, scope)
        if isinstance(data, list):
            self.leaves.wrong_type(
                path, place, data, "write one phone number: a message has one sender and goes to one"
            )
            return None
        if data is None:
            self.leaves.empty(path, "string", "write a phone number, or remove the key: it can be given when sending")
            return None
        node = self.leaves.scalar(path, data, place.field("id") or place, scope)
        return None if node is None else Address(node.origin, node, place.contract)

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
        misspelt = False
        for word in data:
            if word.startswith("$") and word not in STRUCTURE_WORDS:
                close = nearest(word, STRUCTURE_WORDS)
                misspelt = misspelt or close is not None
                self.note(
                    "structure-word",
                    f"`{word}` is not a structure word",
                    (*path, word),
                    found=word,
                    allowed=enumerate_words(STRUCTURE_WORDS),
                    help=f"did you mean `{close}`?" if close else "a key of the payload cannot begin with `$`",
                )
        if "$for" in data and whole is None:
            self.note(
                "structure-word",
                "`$for` stands outside a list",
                (*path, "$for"),
                help="`$for` makes list items: write `- $for: x in xs` as an item of a list",
            )
        if misspelt or ("$for" in data and whole is None):
            return None  # what depends on the word would only give findings of the same cause
        loop = self.leaves.loop((*path, "$for"), data["$for"], scope) if "$for" in data else None
        inner = scope.with_loop(loop) if "$for" in data else scope
        condition = self.leaves.condition((*path, "$if"), inner) if "$if" in data else None
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
        if "$with" in data and "$value" not in data:
            help_ = "it gives a fragment its values: write `$include: _shared/footer.yaml` above it"
            self.note("structure-word", "`$with` stands without `$include`", (*path, "$with"), help=help_)
        if "$value" in data:
            return self._value(path, data, place, scope)
        if place.type not in ("object", "any"):
            help_ = "write the value itself, without keys"
            if place.type == "array":
                help_ = "begin each item with `- `"
            elif "$if" in data or "$for" in data:
                help_ = "write the text in `$value:`, beside the structure words"
            self.leaves.wrong_type(path, place, data, help_)
            return None
        keys = [key for key in data if key not in STRUCTURE_WORDS]
        nodes = {key: self.field(path, key, place, scope) for key in keys if not key.startswith("$")}
        entries = tuple((key, node) for key, node in nodes.items() if node is not None)
        return Fields(Origin(self.document, path), entries) if len(entries) == len(keys) else None

    def field(self, path: Path, key: str, place: Place, scope: Scope) -> Node | None:
        """The node behind a key of an object; an unknown key is noted."""
        inside = _anything(place) if place.type == "any" else place.field(key)
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
        self.leaves.problems.append(
            Diagnostic(severity=RULES["unknown-key"].severity, span=self.document.key_span(path), **words)
        )

    def _value(self, path: Path, data: Mapping[str, Any], place: Place, scope: Scope) -> Node | None:
        for key in data:
            if key not in ("$value", "$if", "$for"):
                beside = "`$if` and `$for` beside `$value`"
                self.note("structure-word", f"`{key}` stands beside `$value`", (*path, key), allowed=beside)
                return None
        help_ = None
        if place.type in ("object", "array"):
            help_ = "write the keys or the items themselves, without `$value`"
        elif isinstance(data["$value"], dict | list):
            help_ = "write one text, number or truth value behind it"
        if help_ is not None:
            message = "`$value` makes a text, a number or a truth value, and nothing else"
            self.note("structure-word", message, (*path, "$value"), help=help_)
            return None
        return self.leaves.scalar((*path, "$value"), data["$value"], place, scope)

    def _include(
        self, path: Path, data: Mapping[str, Any], place: Place, scope: Scope, whole: Place | None
    ) -> Node | None:
        for key in data:
            if key not in ("$include", "$with", "$if", "$for") and (key in STRUCTURE_WORDS or not key.startswith("$")):
                self.note(
                    "structure-word",
                    f"`{key}` stands beside `$include`, which replaces the whole mapping",
                    (*path, key),
                    allowed="`$with`, `$if` and `$for` beside `$include`",
                    help="put the key into the fragment, or write the mapping out here",
                )
                return None
        origin = Origin(self.document, (*path, "$include"))
        if not isinstance(data["$include"], str):
            help_ = "write `$include: _shared/footer.yaml`, for example"
            self.note("include-path", "`$include` wants the path of a fragment", (*path, "$include"), help=help_)
            return None
        fragment = self.include(origin, place, whole)
        with_path = (*path, "$with")
        given = data.get("$with", {})
        if not isinstance(given, dict):
            self.note(
                "structure-word",
                "`$with` wants a mapping from the fragment's parameters to values",
                with_path,
            )
            return None
        nodes: dict[str, Node | None] = {}
        for name in given:
            # The fragment's own parameters judge the value later; here only texts are told from other JSON.
            is_text = fragment is not None and fragment.parameters.text_only((name,))
            inside = Place(place.contract, {"type": "string"} if is_text else {})
            nodes[name] = self.shape((*with_path, name), inside, scope)
        bindings = tuple((name, node) for name, node in nodes.items() if node is not None)
        if fragment is None or len(bindings) < len(nodes):
            return None
        bound = Origin(self.document, with_path if "$with" in data else origin.path)
        return Included(origin, fragment, bindings, bound)

    # --------------------------------------------------------------------------------------------------- lists

    def _list(self, path: Path, data: list[Any], place: Place, scope: Scope) -> Node | None:
        if place.type not in ("array", "any"):
            brackets = self.document.node(path).style == "flow"
            self.leaves.wrong_type(path, place, data, "remove the brackets" if brackets else "remove the `- `")
            return None
        item = _anything(place) if place.type == "any" else place.item
        nodes = [self.shape((*path, index), item, scope, whole=place) for index in range(len(data))]
        made = tuple(node for node in nodes if node is not None)
        if len(made) < len(nodes):
            return None
        origin = Origin(self.document, path)
        if place.type == "array" and not any(isinstance(node, Guarded | Repeated | Included) for node in made):
            self.leaves.statics.append(
                Static(origin, Place(place.contract, _without_items(place.schema)), [None] * len(made), at_key=True)
            )
        return Items(origin, made)

    def _data(self, path: Path) -> Any:
        data = self.document.data
        for step in path:
            data = data[step]
        return data


def _anything(place: Place) -> Place:
    """The place inside of one that takes any JSON, whose own limits speak of it as a whole."""
    return Place(place.contract, {})


def _without_items(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in schema.items() if key != "items"}
