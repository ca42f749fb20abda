"""Expressions by chance, of a wanted kind, over the names that there are: the grammar, filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from random import Random

import generated_grammar as grammar
from generated import WORDS, Shape, one_in

TEXT, INTEGER, NUMBER, EITHER, OTHER = (Shape(kind) for kind in ("text", "integer", "number", "either", "other"))
PLAIN = frozenset({"text", "integer", "number"})
Names = Mapping[str, Shape]
Path = tuple[str, Shape, bool]
"""The code of what can be named, its shape, and whether it may not be there."""

_PLACEHOLDER = re.compile(r"<([a-z]+)(0?)>")
_SMALL = 20


def quoted(text: str) -> str:
    """A text as a literal of a template."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{escaped}'"


class Writer:
    """Writes expressions over some names. `careless` is how seldom what may be missing is taken as it is."""

    def __init__(self, rng: Random, names: Names, careless: int = 12) -> None:
        self.rng = rng
        self.names = dict(names)
        self.careless = careless
        self._kinds: dict[str, Callable[[int], str]] = {
            "text": self.text,
            "integer": self.integer,
            "number": self.number,
            "condition": self.condition,
            "value": self.value,
            "printable": self.printable,
            "items": lambda depth: self.items(depth)[0],
            "integers": lambda depth: self._list_of({"integer"}, self.integer, depth),
            "numbers": lambda depth: self._list_of({"integer", "number"}, self.number, depth),
            "joined": self._joined,
            "called": self._called,
            "small": self.small,
            "either": lambda depth: self._path("either") or self.integer(depth),
            "anything": lambda _: self._any_path(),
            "flag": lambda _: self._path("boolean") or rng.choice(["true", "false", "1", "''", "[]", "none"]),
            "guard": lambda _: self._guard(),
            "date": lambda _: self._moment("date", "'2024-05-31'"),
            "clock": lambda _: self._moment("time", "'14:30'"),
            "word": lambda _: quoted(rng.choice(WORDS)),
            "piece": lambda _: quoted(rng.choice(["", " ", "-", "a", "ab", "…", "\n", "ß"])),
            "size": lambda _: rng.choice(["1", "3", "5", "10", "20", "79", self.small(0), self.integer(0)]),
        }

    def write(self, form: str, depth: int) -> str:
        """A form of the grammar with its places filled in."""
        return _PLACEHOLDER.sub(lambda match: self._kinds[match[1]](0 if match[2] else depth), form)

    # ----------------------------------------------------------------------------------------------------- paths

    def paths(self) -> Iterator[Path]:
        """All that can be named."""
        for name, shape in self.names.items():
            yield from _below(name, shape, False)

    def _path(self, *kinds: str) -> str | None:
        """The code of something of these kinds, guarded where it may be missing or null."""
        found = [each for each in self.paths() if each[1].kind in kinds]
        return self._guarded(*self.rng.choice(found)) if found else None

    def _guarded(self, code: str, shape: Shape, loose: bool) -> str:
        if not (loose or shape.nullable) or one_in(self.rng, self.careless):
            return code
        other = {"text": "'-'", "list": "[]", "boolean": "false"}.get(shape.kind, "0")
        if loose:
            strict = ", true" if shape.nullable else ""
            forms = [f"({code} | default({other}{strict}))"]
            forms += [] if shape.nullable else [f"({code} if {code} is defined else {other})"]
            return self.rng.choice(forms)
        return self.rng.choice(
            [f"({code} | d({other}, true))", f"({code} or {other})", f"({code} if {code} else {other})"]
        )

    def _any_path(self) -> str:
        found = list(self.paths())
        return self.rng.choice(found)[0] if found else "1"

    def _moment(self, form: str, sample: str) -> str:
        found = [
            code
            for code, shape, loose in self.paths()
            if shape.format in (form, "date-time") and not loose and not shape.nullable
        ]
        return self.rng.choice(found) if found else sample

    # ----------------------------------------------------------------------------------------------------- kinds

    def text(self, depth: int) -> str:
        """A text."""
        if depth <= 0:
            found = None if one_in(self.rng, 4) else self._path("text")
            return found or quoted(self.rng.choice(WORDS))
        return self.write(self.rng.choice(grammar.TEXTS), depth - 1)

    def printable(self, depth: int) -> str:
        """What can be printed: text, or a number."""
        return self.write(self.rng.choice(grammar.PRINTABLE), depth)

    def integer(self, depth: int) -> str:
        """A whole number."""
        if depth <= 0:
            found = None if one_in(self.rng, 4) else self._path("integer")
            return found or str(self.rng.choice([1, 0, 2, 3, 10, -1, 100, 12345]))
        return self.write(self.rng.choice(grammar.INTEGERS), depth - 1)

    def number(self, depth: int) -> str:
        """A number."""
        if depth <= 0:
            found = None if one_in(self.rng, 4) else self._path("number", "integer")
            return found or str(self.rng.choice([0.5, 1, 2.25, 0.0, 99.99, 1e-7, 1e20, -3.5]))
        return self.write(self.rng.choice(grammar.NUMBERS), depth - 1)

    def small(self, depth: int) -> str:
        """A whole number with which texts and lists stay short."""
        found = [
            code
            for code, shape, loose in self.paths()
            if shape.kind == "integer" and not loose and not shape.nullable and _is_small(shape.schema)
        ]
        if found and not one_in(self.rng, 3):
            return self.rng.choice(found)
        return f"(({self.text(depth)}) | length % 5)" if one_in(self.rng, 3) else str(self.rng.randint(0, 4))

    def condition(self, depth: int) -> str:
        """What is asked for its truth."""
        return self.write(self.rng.choice(grammar.CONDITIONS), depth - 1) if depth > 0 else self._guard()

    def value(self, depth: int) -> str:
        """Anything at all."""
        return self.write(self.rng.choice(grammar.VALUES), depth - 1) if depth > 0 else self._any_path()

    def _guard(self) -> str:
        """A condition on what a path leads to, most of all on what may be missing or null."""
        found = list(self.paths())
        if not found:
            return "true"
        code, shape, loose = self.rng.choice([each for each in found if each[2] or each[1].nullable] or found)
        forms = grammar.GUARDS
        if loose or code.count(".") > 1:
            forms = grammar.LOOSE
        elif not shape.nullable:
            forms = [*forms, *grammar.GUARDS_OF.get(shape.kind, ())]
        return self.write(self.rng.choice(forms).replace("{0}", code), 0)

    def _called(self, depth: int) -> str:
        found = [name for name, shape in self.names.items() if shape.kind == "macro"]
        if not found:
            return self.text(depth)
        forms = ["{0}(<printable>)", "{0}(<printable>, <printable0>)", "{0}(<text0>, y=<printable>)"]
        return self.write(self.rng.choice(forms).replace("{0}", self.rng.choice(found)), depth)

    # ----------------------------------------------------------------------------------------------------- lists

    def _list_of(self, kinds: set[str], make: Callable[[int], str], depth: int) -> str:
        lists = [
            (code, shape.item) for code, shape, loose in self.paths() if shape.item and not loose and not shape.nullable
        ]
        found = [code for code, item in lists if item.kind in kinds and not item.nullable]
        for code, item in lists:
            keys = [key for key, inner in _sure_keys(item) if inner.kind in kinds]
            found += [f"({code} | map(attribute='{key}') | list)" for key in keys]
        if found and not one_in(self.rng, 3):
            return self.rng.choice(found)
        return f"[{', '.join(make(depth) for _ in range(self.rng.randint(0, 3)))}]"

    def items(self, depth: int) -> tuple[str, Shape]:
        """A list, and the shape of its items."""
        rng = self.rng
        if depth <= 0 or one_in(rng, 3):
            found = [each for each in self.paths() if each[1].item]
            if found and not one_in(rng, 4):
                path = rng.choice(found)
                return self._guarded(*path), path[1].item or OTHER
            kind, shape = rng.choice([("text", TEXT), ("number", NUMBER), ("integer", INTEGER)])
            lists = [f"[{', '.join(f'<{kind}>' for _ in range(rng.randint(0, 3)))}]"]
            lists += ["(<text>) | list"] if kind == "text" else []
            lists += (
                ["range(<small0>)", "range(2, <small0>)", "range(-1, <small0>, 2)", "range(3, 0, -1)"]
                if kind == "integer"
                else []
            )
            return self.write(rng.choice(lists), depth - 1), shape
        code, item = self.items(depth - 1)
        form, made = rng.choice(self._changes(item))
        return self.write(form.replace("{0}", code), depth - 1), made

    def _changes(self, item: Shape) -> list[tuple[str, Shape]]:
        """What can be made of a list of such items: forms, and the shapes of the items then."""
        found = [(form, item) for form in grammar.SAME_ITEMS]
        found.append(("({0}) | batch(2)", Shape("list", item=item)))
        if item.kind in PLAIN and not item.nullable:
            found += [(form.replace("<test>", self._test_of(item)), item) for form in grammar.PLAIN_ITEMS]
        if item.kind == "text" and not item.nullable:
            found += [(form, TEXT) for form in grammar.TEXT_ITEMS]
            found.append(("({0}) | map('length')", INTEGER))
        for key, (inner, optional) in item.fields.items() if not item.nullable else ():
            if optional:
                made = EITHER if inner.kind in PLAIN and not inner.nullable else OTHER
                default = "" if one_in(self.rng, self.careless) else ", default='~'"
                found += [(f"({{0}}) | map(attribute='{key}'{default})", made)] * 3
                continue
            found += [(f"({{0}}) | map(attribute='{key}')", inner)] * 3
            found += [(form.replace("{1}", key), item) for form in grammar.KEYED_ITEMS]
            if inner.kind in PLAIN and not inner.nullable:
                found.append((f"({{0}}) | groupby('{key}') | map(attribute='grouper')", inner))
                test = self._test_of(inner)
                found += [(form.replace("{1}", key).replace("<test>", test), item) for form in grammar.SORTED_ITEMS]
        return found

    def _test_of(self, item: Shape) -> str:
        names = ["eq", "ne", "gt", "le", "equalto", "!=", *(["odd", "even"] if item.kind == "integer" else [])]
        name = self.rng.choice(names)
        if name in ("odd", "even"):
            return quoted(name)
        return f"{quoted(name)}, {self.text(0) if item.kind == 'text' else self.integer(0)}"

    def _joined(self, depth: int) -> str:
        code, item = self.items(depth)
        separator = self.rng.choice(["''", "', '", "' '", "'\\n'", self.text(0)])
        if item.kind in PLAIN | {"either"} and not item.nullable:
            return f"({code}) | join({self.rng.choice(['', 'd='])}{separator})"
        keys = [key for key, inner in _sure_keys(item) if inner.kind in PLAIN]
        if keys:
            key = self.rng.choice(keys)
            forms = [f"map(attribute='{key}') | join({separator})", f"join({separator}, attribute='{key}')"]
            return f"({code}) | {self.rng.choice(forms)}"
        return f"({code}) | length | string"


def _below(code: str, shape: Shape, loose: bool) -> Iterator[Path]:
    yield code, shape, loose
    for key, (inner, optional) in shape.fields.items() if not shape.nullable else ():
        yield from _below(f"{code}.{key}", inner, loose or optional)


def _sure_keys(item: Shape) -> Iterator[tuple[str, Shape]]:
    """The keys that every item has, and that are not null."""
    for key, (inner, optional) in item.fields.items() if not item.nullable else ():
        if not optional and not inner.nullable:
            yield key, inner


def _is_small(schema: object) -> bool:
    return (
        isinstance(schema, dict)
        and abs(schema.get("maximum", _SMALL)) < _SMALL
        and abs(schema.get("minimum", _SMALL)) < _SMALL
    )
