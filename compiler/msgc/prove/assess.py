"""Judging by a schema with three answers: a value surely fits, surely does not, or does for some of what it can be.

A failure is `broken` only where no value fits; where one depends on an optional key, an item that may not be there or
a condition, it `can break`. What is not understood of a schema can break as well: nothing is called proven that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msgc.bounds.patterns import verdict as pattern_verdict
from msgc.bounds.values import Value, constants, json_bytes
from msgc.bounds.words import Range
from msgc.document import Path
from msgc.formats import FORMATS
from msgc.keywords import KEYWORDS
from msgc.parameters.ranges import formats
from msgc.prove.outcome import Outcome, Verdict
from msgc.prove.repeats import repeated_items, repeated_places
from msgc.prove.totals import total_items
from msgc.validate import matches

_TYPES = {
    "string": "text",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "null": "null",
    "array": "list",
    "object": "object",
}
_ANNOTATIONS = frozenset(
    {"x-limit", "x-warnings", "x-webhook-only", "title", "description", "default", "examples", "then", "else", "$defs",
     "$schema", "$comment", "deprecated", "readOnly", "writeOnly", "$id", "minContains", "maxContains"}
)  # fmt: skip


def is_seen_to_later(limit: Mapping[str, Any]) -> bool:
    """Whether a limit is looked for in each message and not told of parameters.

    That are limits that only warn, and what any free text may hold, such as a character that cannot be shown.
    """
    return limit.get("severity", "error") != "error" or limit.get("checked") == "in each message"


_Leaf = tuple[str, Callable[[Any, Value], tuple[bool | None, Range | None]]]
_Method = Callable[..., list[Outcome]]
# A schema's own limit, and its keywords, each with what judges it.
_Plan = tuple[Mapping[str, Any] | None, tuple[tuple[str, Any, _Method | None, _Leaf | None], ...]]


def _plan(schema: Mapping[str, Any]) -> _Plan:
    steps = tuple(
        (keyword, constraint, _METHODS.get(keyword), _LEAF.get(keyword))
        for keyword, constraint in schema.items()
        if keyword not in _ANNOTATIONS
    )
    return schema.get("x-limit"), steps


@dataclass
class Assessor:
    """Judges by the schemas of one document; `resolve` follows a `$ref`.

    Many payloads can be judged by one assessor, which remembers how each of its schemas is read.
    """

    resolve: Callable[[str], Any]
    _everything: bool = False
    _proven: list[Outcome] = field(default_factory=list)
    # By the schema's identity; the schema is kept, so that no other one can have it.
    _plans: dict[int, tuple[Any, _Plan]] = field(default_factory=dict)

    def assess(self, schema: Any, value: Value, *, everything: bool = False) -> list[Outcome]:
        """What a schema says of all that a value can be; with `everything` what is proven is told too."""
        self._proven = []
        self._everything = everything
        found = self._check(schema, value, (), None)
        return [*found, *self._proven]

    def fits(self, schema: Any, value: Value) -> bool | None:
        """Whether all that a value can be fits (True), nothing does (False), or some does (None)."""
        loud, self._everything = self._everything, False
        try:
            found = self._check(schema, value, (), None)
        finally:
            self._everything = loud
        if not found:
            return True
        return False if any(outcome.verdict == "broken" for outcome in found) else None

    # ------------------------------------------------------------------------------------------------- the walk

    def _check(self, schema: Any, value: Value, path: Path, limit: Mapping[str, Any] | None) -> list[Outcome]:
        if schema is True or value.impossible:
            return []
        if schema is False:
            return [Outcome("broken", "false", False, value, path, limit)]
        known = self._plans.get(id(schema))
        if known is None:
            known = self._plans[id(schema)] = (schema, _plan(schema))
        stated, steps = known[1]
        if stated is not None:
            if not self._everything and is_seen_to_later(stated):
                return []
            limit = stated
        found: list[Outcome] = []
        for keyword, constraint, method, leaf in steps:
            if method is not None:
                found += method(self, schema, constraint, value, path, limit)
            elif leaf is not None:
                found += self._leaf(keyword, constraint, *leaf, value, path, limit)
            else:
                found.append(Outcome("can break", keyword, constraint, value, path, limit))
        return found

    def _leaf(
        self,
        keyword: str,
        constraint: Any,
        kind: str,
        judge: Callable[[Any, Value], tuple[bool | None, Range | None]],
        value: Value,
        path: Path,
        limit: Mapping[str, Any] | None,
    ) -> list[Outcome]:
        """A keyword that judges one kind of value, and lets all others pass."""
        judged = value if kind == "any" else value.only(kind)
        if judged.impossible:
            return []
        answer, measured = judge(constraint, judged)
        if answer is True:
            self._tell(keyword, constraint, value, path, limit, measured)
            return []
        word: Verdict = "can break"
        if answer is False and judged.kinds == value.kinds:
            word = "broken"
        elif measured is not None and measured.most is None and keyword.startswith("max"):
            word = "unbounded"
        return [Outcome(word, keyword, constraint, value, path, limit, measured)]

    def _tell(
        self,
        keyword: str,
        constraint: Any,
        value: Value,
        path: Path,
        limit: Mapping[str, Any] | None,
        measured: Range | None = None,
    ) -> None:
        if self._everything and limit is not None:
            self._proven.append(Outcome("proven", keyword, constraint, value, path, limit, measured))

    def _reference(self, schema: Any, target: str, value: Value, path: Path, limit: Any) -> list[Outcome]:  # noqa: ARG002
        return self._check(self.resolve(target), value, path, limit)

    def _all(self, schema: Any, parts: list[Any], value: Value, path: Path, limit: Any) -> list[Outcome]:  # noqa: ARG002
        return [outcome for part in parts for outcome in self._check(part, value, path, limit)]

    def _type(self, schema: Any, names: Any, value: Value, path: Path, limit: Any) -> list[Outcome]:  # noqa: ARG002
        allowed = {names} if isinstance(names, str) else set(names)
        kinds = {_TYPES[name] for name in allowed}
        fraction = (
            "integer" in allowed and "number" not in allowed and value.number is not None and not value.number.whole
        )
        wrong = value.kinds - kinds
        if not wrong and not fraction:
            return []
        word: Verdict = "broken" if wrong == value.kinds else "can break"
        return [Outcome(word, "type", names, value, path, limit)]

    def _properties(self, schema: Any, parts: Mapping[str, Any], value: Value, path: Path, limit: Any) -> list[Outcome]:  # noqa: ARG002
        if value.record is None:
            return []
        found = []
        fields = value.record.fields
        names = [name for name in fields if name in parts] if value.record.others.impossible else parts
        for name in names:
            inner, part = value.record.get(name), parts[name]
            if not inner.kinds:
                continue
            outcomes = self._check(part, inner.present, (*path, name), limit)
            sure = not inner.absent and value.kinds == {"object"}
            found += outcomes if sure else _demoted(outcomes)
        return found

    def _additional(self, schema: Any, part: Any, value: Value, path: Path, limit: Any) -> list[Outcome]:
        if value.record is None:
            return []
        patterns = schema.get("patternProperties", {})
        found = []
        for name, inner in value.record.fields.items():
            if name not in schema.get("properties", {}) and not any(matches(each, name) for each in patterns):
                outcomes = self._check(part, inner.present, (*path, name), limit) if inner.kinds else []
                found += outcomes if not inner.absent else _demoted(outcomes)
        if not value.record.others.impossible:
            found += _demoted(self._check(part, value.record.others, (*path, "*"), limit))
        return found

    def _required(self, schema: Any, names: list[str], value: Value, path: Path, limit: Any) -> list[Outcome]:  # noqa: ARG002
        if value.record is None:
            return []
        found = []
        for name in names:
            inner = value.record.get(name)
            if inner.absent:
                sure = not inner.kinds and value.kinds == {"object"}
                found.append(
                    Outcome("broken" if sure else "can break", "required", names, value, path, limit, None, name)
                )
            else:
                self._tell("required", names, inner, (*path, name), limit)
        return found

    def _items(self, schema: Any, part: Any, value: Value, path: Path, limit: Any) -> list[Outcome]:
        if value.sequence is None:
            return []
        fixed = len(schema.get("prefixItems", ()))
        found = []
        for index, each in enumerate(value.sequence.parts):
            if each.count.most == 0 or index < fixed:
                continue
            step: str | int = index if each.count == Range(1, 1) else "*"
            outcomes = self._check(part, each.item, (*path, step), limit)
            found += outcomes if each.count.least > 0 and value.kinds == {"list"} else _demoted(outcomes)
        return found

    def _not(self, schema: Any, part: Any, value: Value, path: Path, limit: Any) -> list[Outcome]:  # noqa: ARG002
        answer = self.fits(part, value)
        if answer is False:
            self._tell("not", part, value, path, limit)
            return []
        return [Outcome("broken" if answer else "can break", "not", part, value, path, limit)]

    def _any(self, schema: Any, parts: list[Any], value: Value, path: Path, limit: Any) -> list[Outcome]:  # noqa: ARG002
        answers = [self.fits(part, value) for part in parts]
        if True in answers or self._by_cases(parts, value):
            self._tell("anyOf", parts, value, path, limit)
            return []
        word: Verdict = "can break" if None in answers else "broken"
        return [Outcome(word, "anyOf", parts, value, path, limit)]

    def _by_cases(self, parts: list[Any], value: Value) -> bool:
        """Whether each kind of value, and each text of a few, has a part that it fits."""
        cases: list[Value] = [value.only(kind) for kind in sorted(value.kinds)]
        if value.kinds == {"text"} and value.text is not None and len(value.text.words) > 1:
            cases = [replace(value, text=replace(value.text, words=(word,))) for word in value.text.words]
        if len(cases) < 2:
            return False
        return all(any(self.fits(part, case) for part in parts) for case in cases)

    def _one(self, schema: Any, parts: list[Any], value: Value, path: Path, limit: Any) -> list[Outcome]:  # noqa: ARG002
        answers = [self.fits(part, value) for part in parts]
        if answers.count(True) == 1 and answers.count(False) == len(answers) - 1:
            self._tell("oneOf", parts, value, path, limit)
            return []
        never = answers.count(True) > 1 or answers.count(False) == len(answers)
        return [Outcome("broken" if never else "can break", "oneOf", parts, value, path, limit)]

    def _if(self, schema: Any, test: Any, value: Value, path: Path, limit: Any) -> list[Outcome]:
        answer = self.fits(test, value)
        found: list[Outcome] = []
        if answer is not False and "then" in schema:
            outcomes = self._check(schema["then"], value, path, limit)
            found += outcomes if answer else _demoted(outcomes)
        if answer is not True and "else" in schema:
            outcomes = self._check(schema["else"], value, path, limit)
            found += outcomes if answer is False else _demoted(outcomes)
        return found


def _demoted(outcomes: list[Outcome]) -> list[Outcome]:
    return [replace(outcome, verdict="can break") if outcome.verdict == "broken" else outcome for outcome in outcomes]


_METHODS: Mapping[str, Callable[[Assessor, Any, Any, Value, Path, Any], list[Outcome]]] = {
    "$ref": Assessor._reference,  # noqa: SLF001 - the table of its own methods
    "allOf": Assessor._all,  # noqa: SLF001
    "type": Assessor._type,  # noqa: SLF001
    "properties": Assessor._properties,  # noqa: SLF001
    "additionalProperties": Assessor._additional,  # noqa: SLF001
    "required": Assessor._required,  # noqa: SLF001
    "items": Assessor._items,  # noqa: SLF001
    "not": Assessor._not,  # noqa: SLF001
    "anyOf": Assessor._any,  # noqa: SLF001
    "oneOf": Assessor._one,  # noqa: SLF001
    "if": Assessor._if,  # noqa: SLF001
}


# ---------------------------------------------------------------------------------------------- keywords of one value

_Answer = tuple[bool | None, Range | None]


def _at_most(limit: int, size: Range) -> _Answer:
    if size.most is not None and size.most <= limit:
        return True, size
    return (False if size.least > limit else None), size


def _at_least(limit: int, size: Range) -> _Answer:
    if size.least >= limit:
        return True, size
    return (False if size.most is not None and size.most < limit else None), size


def _points(value: Value) -> Range:
    assert value.text is not None
    return value.text.points


def _units(value: Value) -> Range:
    assert value.text is not None
    return value.text.units


def _count(value: Value) -> Range:
    assert value.sequence is not None
    return value.sequence.count


def _pattern(pattern: str, value: Value) -> _Answer:
    assert value.text is not None
    return pattern_verdict(pattern, value.text), None


def _members(allowed: list[Any], value: Value) -> _Answer:
    known = constants(value)
    if known is None:
        return None, None
    inside = [any(_same(each, other) for other in allowed) for each in known]
    return (True if all(inside) else None if any(inside) else False), None


def _same(one: Any, two: Any) -> bool:
    return isinstance(one, bool) == isinstance(two, bool) and bool(one == two)


def _constant(allowed: Any, value: Value) -> _Answer:
    if isinstance(allowed, str) and value.kinds == {"text"} and value.text is not None:
        size = value.text.points
        if len(allowed) not in size:
            return False, None
    return _members([allowed], value)


def _minimum(limit: float, value: Value) -> _Answer:
    assert value.number is not None
    if value.number.least is not None and value.number.least >= limit:
        return True, None
    return (False if value.number.most is not None and value.number.most < limit else None), None


def _maximum(limit: float, value: Value) -> _Answer:
    assert value.number is not None
    if value.number.most is not None and value.number.most <= limit:
        return True, None
    return (False if value.number.least is not None and value.number.least > limit else None), None


def _format(name: str, value: Value) -> _Answer:
    known = constants(value.only("text"))
    if value.text == formats().get(name):
        return True, None
    if known is None or name not in FORMATS:
        return None, None
    answers = {FORMATS[name](each) for each in known}
    return (answers.pop() if len(answers) == 1 else None), None


def _unique_items(wanted: bool, value: Value) -> _Answer:
    assert value.sequence is not None
    few = value.sequence.count.most is not None and value.sequence.count.most <= 1
    return (True if not wanted or few or "" in value.sequence.distinct else None), None


def _multiple(step: Any, value: Value) -> _Answer:
    known = constants(value)
    if known is None:
        assert value.number is not None
        return (True if step == 1 and value.number.whole else None), None
    answers = {not KEYWORDS["multipleOf"].check(step, each) for each in known}
    return (answers.pop() if len(answers) == 1 else None), None


_LEAF: Mapping[str, tuple[str, Callable[[Any, Value], _Answer]]] = {
    "maxLength": ("text", lambda limit, value: _at_most(limit, _points(value))),
    "minLength": ("text", lambda limit, value: _at_least(limit, _points(value))),
    "maxUtf16Length": ("text", lambda limit, value: _at_most(limit, _units(value))),
    "maxUtf8Bytes": ("any", lambda limit, value: _at_most(limit, json_bytes(value))),
    "maxItems": ("list", lambda limit, value: _at_most(limit, _count(value))),
    "minItems": ("list", lambda limit, value: _at_least(limit, _count(value))),
    "pattern": ("text", _pattern),
    "enum": ("any", _members),
    "const": ("any", _constant),
    "minimum": ("number", _minimum),
    "maximum": ("number", _maximum),
    "format": ("text", _format),
    "uniqueItems": ("list", _unique_items),
    "multipleOf": ("number", _multiple),
    "maxTotalItems": ("any", lambda limit, value: _at_most(limit["limit"], total_items(limit["of"], value))),
    "minTotalItems": ("any", lambda limit, value: _at_least(limit["limit"], total_items(limit["of"], value))),
    "uniqueItemProperties": ("list", lambda names, value: (repeated_items(names, value), None)),
    "uniqueAcross": ("any", lambda place, value: (repeated_places([place], value), None)),
    "differentValues": ("any", lambda places, value: (repeated_places(places, value), None)),
}
"""A keyword's kind of value, and its answer with the size that it measures."""
