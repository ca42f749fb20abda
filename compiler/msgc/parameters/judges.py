"""All that judges one value: the schema at its place, what that refers to, and what its `allOf` adds.

Of a schema's choices (`anyOf`, `oneOf`, `if`) nothing is known until `alternatives` takes one: less is then known of
the values than there is to know, never more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from msgc.keywords.places import identity
from msgc.parameters.complete import EndlessDefault
from msgc.parameters.likeness import has_default, holds_defaults
from msgc.parameters.places import ALL, join, parts_at, pointer_of, resolve, types_at
from msgc.parameters.values import Parameters
from msgc.validate import check_value

Part = tuple[Any, str]
"""A subschema, with the pointer that leads to it."""

GROUPS: Mapping[str, frozenset[str]] = {
    "string": frozenset(("string",)),
    "number": frozenset(("number", "integer")),
    "boolean": frozenset(("boolean",)),
    "null": frozenset(("null",)),
    "array": frozenset(("array",)),
    "object": frozenset(("object",)),
}
"""The types that one set of keywords is about, by the name of the set."""

MAX_ALTERNATIVES = 32


@dataclass(frozen=True)
class Judges:
    """The subschemas that all judge one value. `filling` are those whose defaults are filled in whatever it is."""

    parameters: Parameters
    parts: tuple[Part, ...]
    filling: tuple[Part, ...]

    @property
    def root(self) -> Mapping[str, Any]:
        """The schema that references lead into."""
        return self.parameters.schema

    @cached_property
    def key(self) -> tuple[frozenset[str], frozenset[str]]:
        """What makes these judges other than any others of the same parameters."""
        return frozenset(pointer for _, pointer in self.parts), frozenset(pointer for _, pointer in self.filling)

    @cached_property
    def schemas(self) -> tuple[Mapping[str, Any], ...]:
        """The schemas of the parts that are more than yes or no."""
        return tuple(schema for schema, _ in self.parts if isinstance(schema, Mapping))

    @cached_property
    def refuses_all(self) -> bool:
        """Whether there is no value at all."""
        return any(schema is False for schema, _ in self.parts) or not self.types

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types of the values."""
        types = ALL
        for schema, _ in self.parts:
            types &= types_at(self.root, schema, ())
        steps = self.constants("multipleOf")
        return types - {"number"} if any(isinstance(step, int) for step in steps) else types

    @cached_property
    def fills(self) -> bool:
        """Whether a default may be filled in, in the value or somewhere inside of it."""
        return holds_defaults(self.root, [schema for schema, _ in (*self.parts, *self.filling)])

    @property
    def fills_by_choice(self) -> bool:
        """Whether it depends on the value which defaults are filled in."""
        sure = self.key[1]
        chosen = [schema for schema, pointer in self.parts if pointer not in sure]
        chosen += [part for schema in self.schemas for part in _choices(schema)]
        return holds_defaults(self.root, chosen)

    def constants(self, keyword: str) -> list[Any]:
        """What the parts say under a keyword, one after the other."""
        return [schema[keyword] for schema in self.schemas if keyword in schema]

    def accepts(self, value: Any) -> bool:
        """Whether all parts take a value as it is."""
        return all(self.parameters.accept_part(pointer, value) for _, pointer in self.parts)

    def fill(self, value: Any) -> Any:
        """A copy of a value with the defaults that are filled in. Raises EndlessDefault."""
        return self.parameters.completer.fill(value, self.filling)

    def takes(self, value: Any) -> bool:
        """Whether all parts take a value once its defaults are filled in."""
        try:
            return self.accepts(self.fill(value))
        except EndlessDefault:
            return False

    def has(self, value: Any) -> bool:
        """Whether a value, with its defaults filled in, can be one of those that are judged here."""
        try:
            return not check_value(value) and self.accepts(value) and identity(self.fill(value)) == identity(value)
        except EndlessDefault:
            return False

    def within(self, parts: Iterable[Part]) -> Judges:
        """Other subschemas that judge the same value."""
        return replace(self, parts=flatten(self.root, parts))

    # ------------------------------------------------------------------------------------------- alternatives

    def alternatives(self) -> list[Judges]:
        """These judges once for each way through their choices; together they take every value that these take."""
        done: list[Judges] = []
        pending: list[tuple[Judges, frozenset[tuple[str, str]]]] = [(self, frozenset())]
        while pending:
            judges, taken = pending.pop()
            found = next(_open(judges, taken), None)
            if found is None:
                done += [] if judges.refuses_all else [judges]
                continue
            mark, choices = found
            if len(done) + len(pending) + len(choices) > MAX_ALTERNATIVES:
                choices = [()]
            for choice in reversed(choices):
                parts = flatten(self.root, [*judges.parts, *choice])
                pending.append((replace(judges, parts=parts), taken | {mark}))
        return done

    def values(self, group: str) -> list[Any] | None:
        """All values of a group of types, where they are few enough to be named; one of them may not be possible."""
        named = [*self.constants("enum"), *([value] for value in self.constants("const"))]
        if named:
            values = min(named, key=len)
        elif group in ("boolean", "null"):
            values = [True, False] if group == "boolean" else [None]
        else:
            return None
        return [value for value in values if types_of(value) <= GROUPS[group] and self.has(value)]

    # ------------------------------------------------------------------------------------------------ objects

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The properties that are declared, or would be if a choice that is open were taken."""
        around = (schema for part in self.parts for schema in self._in_place(*part, sure=False))
        return tuple(dict.fromkeys(name for schema in around for name in schema.get("properties", ())))

    @cached_property
    def guaranteed(self) -> frozenset[str]:
        """The keys that every object has, once its defaults are filled in."""
        return frozenset(name for names in self.constants("required") for name in names) | self.defaults.keys()

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The defaults of properties, by their names."""
        found: dict[str, Any] = {}
        for schema, _ in self.filling:
            for name, part in schema.get("properties", {}).items() if isinstance(schema, Mapping) else ():
                if name not in found and has_default(self.root, part):
                    found[name] = self.parameters.completer.default(part)[0]
        return found

    def inside(self, step: str | int, *, all_of: bool = False) -> Judges:
        """What judges the value under a key or at an index.

        What is perhaps not asked is left out, unless `all_of`: then it is there.
        """
        parts = [*_below(self.parts, step)]
        word = "unevaluatedItems" if isinstance(step, int) else "unevaluatedProperties"
        for schema, pointer in self.parts:
            if isinstance(schema, Mapping) and word in schema and not self._evaluates(schema, pointer, step, all_of):
                parts.append((schema[word], join(pointer, word)))
        filling = flatten(self.root, _below(self.filling, step))
        return replace(self, parts=flatten(self.root, parts), filling=filling)

    def others(self) -> list[tuple[str | None, Judges]]:
        """What judges the values under keys that no part declares: under those of each pattern, and the rest (None)."""
        patterns = dict.fromkeys(name for found in self.constants("patternProperties") for name in found)
        found = [(label, self.other(label)) for label in (*patterns, None)]
        return [(label, judges) for label, judges in found if not judges.refuses_all]

    def other(self, label: str | None, *, all_of: bool = False) -> Judges:
        """What judges the values under undeclared keys that match a pattern of the parts, or (None) none of them.

        What is perhaps not asked is left out, unless `all_of`: then it is there.
        """
        parts: list[Part] = []
        filling: list[Part] = []
        for schema, pointer in self.parts:
            if not isinstance(schema, Mapping):
                continue
            patterns = schema.get(_PATTERNS, {})
            if label in patterns:
                parts.append((patterns[label], join(pointer, _PATTERNS, str(label))))
            parts += [
                (schema[word], join(pointer, word))
                for word in (_ADDITIONAL, _UNEVALUATED)
                if word in schema and self._reaches(schema, pointer, word, label, all_of)
            ]
        for schema, pointer in self.filling:
            patterns = schema.get(_PATTERNS, {}) if isinstance(schema, Mapping) else {}
            if label in patterns:
                filling.append((patterns[label], join(pointer, _PATTERNS, str(label))))
            elif isinstance(schema, Mapping) and _ADDITIONAL in schema and not patterns:
                filling.append((schema[_ADDITIONAL], join(pointer, _ADDITIONAL)))
        return replace(self, parts=flatten(self.root, parts), filling=flatten(self.root, filling))

    def _reaches(self, schema: Mapping[str, Any], pointer: str, word: str, label: str | None, all_of: bool) -> bool:
        """Whether a keyword judges what other keywords leave over, under undeclared keys of a label."""
        around = [schema] if word == "additionalProperties" else self._in_place(schema, pointer, sure=all_of)
        known = {pattern for part, _ in self.parts if isinstance(part, Mapping) for pattern in part.get(_PATTERNS, ())}
        for part in around:
            if part is not schema and (_ADDITIONAL in part or _UNEVALUATED in part):
                return False
            if part is schema and word == _UNEVALUATED and _ADDITIONAL in part:
                return False
            patterns = part.get(_PATTERNS, {})
            if label in patterns:
                return False
            if not all_of and patterns and (label is not None or not known.issuperset(patterns)):
                return False
        return True

    def _evaluates(self, schema: Mapping[str, Any], pointer: str, step: str | int, sure: bool) -> bool:
        """Whether another keyword than `unevaluated…` of this schema judges what is under a key or at an index."""
        word = "unevaluatedItems" if isinstance(step, int) else _UNEVALUATED
        for part in self._in_place(schema, pointer, sure=sure):
            if part is not schema and word in part:
                return True
            if next(parts_at(part, step), None) is not None:
                return True
            if isinstance(step, int) and "contains" in part and not sure:
                return True
        return False

    def _in_place(self, schema: Any, pointer: str, *, sure: bool) -> Iterator[Mapping[str, Any]]:
        """A schema and those in it that judge the same value: if `sure` those that do, else all that may."""
        chosen = self.key[0]
        pending, seen = [(schema, pointer)], set()
        while pending:
            part, place = pending.pop()
            if not isinstance(part, Mapping) or place in seen:
                continue
            seen.add(place)
            yield part
            pending += _conjuncts(self.root, part, place)
            branches = [(branch, join(place, "oneOf", i)) for i, branch in enumerate(part.get("oneOf", ()))]
            others = [(branch, join(place, "anyOf", i)) for i, branch in enumerate(part.get("anyOf", ()))]
            others += [(part[word], join(place, word)) for word in ("if", "then", "else") if word in part]
            dependent = part.get("dependentSchemas", {})
            others += [(branch, join(place, "dependentSchemas", name)) for name, branch in dependent.items()]
            taken = [branch for branch in branches if branch[1] in chosen]
            if sure:
                pending += taken + [branch for branch in others if branch[1] in chosen]
            else:
                pending += (taken or branches) + others


_PATTERNS, _ADDITIONAL, _UNEVALUATED = "patternProperties", "additionalProperties", "unevaluatedProperties"


def judges_of(parameters: Parameters, name: str) -> Judges:
    """What judges the value of a parameter."""
    parts = flatten(parameters.schema, [(parameters.schema["properties"][name], join("#/properties", name))])
    return Judges(parameters, parts, parts)


def flatten(root: Mapping[str, Any], parts: Iterable[Part]) -> tuple[Part, ...]:
    """Subschemas, with those that they refer to and those of their `allOf`, each once."""
    found: dict[str, Any] = {}
    pending = [*parts][::-1]
    while pending:
        schema, pointer = pending.pop()
        if pointer not in found:
            found[pointer] = schema
            if isinstance(schema, Mapping):
                pending += _conjuncts(root, schema, pointer)[::-1]
    return tuple((schema, pointer) for pointer, schema in found.items())


def types_of(value: Any) -> frozenset[str]:
    """The JSON type of a value, as a set."""
    if value is None:
        return GROUPS["null"]
    if isinstance(value, bool):
        return GROUPS["boolean"]
    if isinstance(value, str):
        return GROUPS["string"]
    if isinstance(value, int | float):
        return frozenset(("integer" if isinstance(value, int) or value.is_integer() else "number",))
    return GROUPS["array"] if isinstance(value, list) else GROUPS["object"]


def _conjuncts(root: Mapping[str, Any], schema: Mapping[str, Any], pointer: str) -> list[Part]:
    found: list[Part] = []
    if "$ref" in schema:
        found.append((resolve(root, schema["$ref"]), pointer_of(schema["$ref"])))
    found += [(part, join(pointer, "allOf", index)) for index, part in enumerate(schema.get("allOf", ()))]
    return found


def _choices(schema: Mapping[str, Any]) -> Iterator[Any]:
    """The subschemas whose defaults are filled in for some values and not for others."""
    for word in ("anyOf", "oneOf"):
        yield from schema.get(word, ())
    if "if" in schema:
        yield from (schema[word] for word in ("then", "else") if word in schema)
    yield from schema.get("dependentSchemas", {}).values()


def _open(
    judges: Judges, taken: frozenset[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], list[tuple[Part, ...]]]]:
    """The choices that are still to be made, each with its mark and the ways that there are."""
    for schema, pointer in judges.parts:
        for word in ("anyOf", "oneOf", "if"):
            if isinstance(schema, Mapping) and word in schema and (pointer, word) not in taken:
                yield (pointer, word), _ways(schema, pointer, word)


def _ways(schema: Mapping[str, Any], pointer: str, word: str) -> list[tuple[Part, ...]]:
    if word != "if":
        return [((part, join(pointer, word, index)),) for index, part in enumerate(schema[word])]
    branch = {name: ((schema[name], join(pointer, name)),) for name in ("if", "then", "else") if name in schema}
    return [(*branch["if"], *branch.get("then", ())), branch.get("else", ())]


def _below(parts: Sequence[Part], step: str | int) -> Iterator[Part]:
    for schema, pointer in parts:
        if isinstance(schema, Mapping):
            for steps, part in parts_at(schema, step):
                yield part, join(pointer, *steps)
