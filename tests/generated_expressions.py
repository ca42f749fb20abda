"""Expressions by chance, of a wanted kind: over the names that there are, and with every filter and test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from generated import WORDS, Shape, one_in

TEXT, INTEGER, NUMBER, ANY = Shape("text"), Shape("integer"), Shape("number"), Shape("either")
Names = Mapping[str, Shape]
_KEYS = ["id", "name", "total", "note", "tags"]


def quoted(text: str) -> str:
    """A text as a literal of a template."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{escaped}'"


class Writer:
    """Writes expressions over some names. `careless` is how seldom a value that may be missing is printed as it is."""

    def __init__(self, rng: Random, names: Names, careless: int = 12) -> None:
        self.rng = rng
        self.names = dict(names)
        self.careless = careless

    # ----------------------------------------------------------------------------------------------------- paths

    def paths(self) -> Iterator[tuple[str, Shape, bool]]:
        """What can be named: its code, its shape, and whether it may not be there."""
        for name, shape in self.names.items():
            yield from self._paths(name, shape, False)

    def _paths(self, code: str, shape: Shape, loose: bool) -> Iterator[tuple[str, Shape, bool]]:
        yield code, shape, loose
        if shape.nullable:
            return
        for key, (inner, optional) in shape.fields.items():
            yield from self._paths(f"{code}.{key}", inner, loose or optional)

    def path(self, *kinds: str) -> tuple[str, Shape] | None:
        """The code of something of these kinds, guarded where it may be missing or null."""
        found = [each for each in self.paths() if each[1].kind in kinds]
        if not found:
            return None
        code, shape, loose = self.rng.choice(found)
        if (loose or shape.nullable) and not one_in(self.rng, self.careless):
            other = {"text": "'-'", "list": "[]", "object": "{}", "boolean": "false"}.get(shape.kind, "0")
            if shape.kind == "object":
                return None
            if shape.nullable:
                other = f"default({other}, true)"
            else:
                other = f"default({other})"
            form = self.rng.choice(["({0} | {1})", "({0} | {1})", "({0} if {0} else {2})", "({0} or {2})"])
            if loose and not shape.nullable:
                form = self.rng.choice(["({0} | {1})", "({0} if {0} is defined else {2})"])
            elif loose:
                form = "({0} | {1})"
            return form.format(code, other, other.partition("(")[2].partition(",")[0].rstrip(")")), shape
        return code, shape

    def any_path(self) -> str | None:
        found = list(self.paths())
        return self.rng.choice(found)[0] if found else None

    # ------------------------------------------------------------------------------------------------------ text

    def text(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            found = self.path("text") if not one_in(rng, 4) else None
            return found[0] if found else quoted(rng.choice(WORDS))
        return rng.choice(_TEXTS)(self, depth - 1)

    def printable(self, depth: int) -> str:
        """What can be printed: text, or a number."""
        rng = self.rng
        which = rng.randrange(6)
        if which == 4:
            return self.number(depth)
        if which == 5:
            found = self.path("either")
            return found[0] if found else self.integer(depth)
        return self.text(depth)

    def _filtered(self, depth: int) -> str:
        rng = self.rng
        size = rng.choice(["1", "3", "10", "20", "79", self.integer(0) if one_in(rng, 4) else "5"])
        word = quoted(rng.choice(["", " ", "-", "a", "ab", "…", "\n", "ß"]))
        name = rng.choice(
            [
                *("upper", "lower", "title", "capitalize", "trim", f"trim({word})", f"center({size})", f"center(width={size})"),
                *(f"indent({size})", f"indent({size}, true)", "indent(2, blank=true)", f"indent({word})", "urlencode"),
                *(f"replace({word}, {quoted(rng.choice(WORDS))})", f"replace('a', {word}, 1)", f"replace({self.text(0)}, {word})"),
                *(f"shorten({size})", "shorten(5)", f"truncate({rng.choice([3, 5, 10, 20])})", "truncate(8, true, '…')"),
                *("truncate(7, true, '..', 3)", "truncate(6, false, '', 0)", f"wordwrap({size})", f"wordwrap(5, false, {word})"),
                *("wordwrap(8, break_on_hyphens=false)", "reverse", "string", "default('x')", "d('x', true)"),
                *("format", "list | join", f"list | join({word})", "unique" if False else "list | unique | join('')"),
                *("list | sort | join('')", "list | sort(reverse=true) | join(',')"),
            ]
        )
        return f"({self.text(depth)}) | {name}"

    def _concatenated(self, depth: int) -> str:
        parts = [self.printable(depth) for _ in range(self.rng.randint(2, 3))]
        return "(" + " ~ ".join(f"({part})" for part in parts) + ")"

    def _added(self, depth: int) -> str:
        return f"(({self.text(depth)}) + ({self.text(depth)}))"

    def _times(self, depth: int) -> str:
        count = self.rng.choice(["2", "3", "0", "-1", "5", f"({self.small(0)})"])
        return f"(({self.text(depth)}) * {count})" if one_in(self.rng, 3) else f"({count} * ({self.text(depth)}))"

    def _cut(self, depth: int) -> str:
        cut = self.rng.choice(["[:3]", "[1:]", "[:-1]", "[-2:]", "[::2]", "[::-1]", "[1:4]", "[:0]", "[5:]", "[:10]", f"[:{self.small(0)}]"])
        return f"({self.text(depth)}){cut}"

    def _character(self, depth: int) -> str:
        return f"(({self.text(depth)}) ~ 'z')[{self.rng.choice(['0', '-1', '0', str(self.rng.randrange(3))])}]" if not one_in(
            self.rng, 3
        ) else f"(({self.text(depth)}) ~ '!') | {self.rng.choice(['first', 'last'])}"

    def _choice(self, depth: int) -> str:
        if one_in(self.rng, 8):
            return f"({self.text(depth)} if {self.condition(depth)})"
        return f"({self.text(depth)} if {self.condition(depth)} else {self.text(depth)})"

    def _or(self, depth: int) -> str:
        word = self.rng.choice(["or", "or", "and"])
        return f"(({self.text(depth)}) {word} ({self.text(depth)}))"

    def _percent(self, depth: int) -> str:
        rng = self.rng
        pattern, given = rng.choice(
            [
                ("%s", "t"), ("%s-%s", "tt"), ("%d", "n"), ("%5d|", "n"), ("%-8s|", "t"), ("%08.3f", "n"), ("%.2f", "n"), ("%e", "n"),
                ("%g", "n"), ("%x", "i"), ("%o", "i"), ("%%%s", "t"), ("%.3s", "t"), ("%+d", "i"), ("%i%%", "n"), ("%10.1f", "n"), ("%#x", "i"),
                ("% d", "n"), ("%s", "n"), ("%.0f", "n"), ("%G", "n"), ("%-6.2f|", "n"), ("ß%sİ", "t"),
            ]
        )  # fmt: skip
        makers = {"t": self.printable, "n": self.number, "i": self.integer}
        values = [f"({makers[each](depth)})" for each in given]
        if one_in(rng, 2):
            return f"({quoted(pattern)} | format({', '.join(values)}))"
        return f"({quoted(pattern)} % ({', '.join(values)},))" if len(values) > 1 or one_in(rng, 2) else f"({quoted(pattern)} % {values[0]})"

    def _local(self, depth: int) -> str:
        rng = self.rng
        money = quoted(rng.choice(["EUR", "USD", "JPY", "BRL"]))
        return rng.choice(
            [
                lambda: f"({self.number(depth)}) | number",
                lambda: f"({self.number(depth)}) | number({rng.choice([0, 1, 2, 5])})",
                lambda: f"({self.number(depth)}) | money({money})",
                lambda: f"({self.number(depth)}) | filesizeformat",
                lambda: f"({self.integer(depth)}) | filesizeformat(true)",
                lambda: f"({self.integer(depth)}) | plural(one={self.text(0)}, other={self.text(0)})",
                lambda: f"({self.number(depth)}) | plural('1', 'many', zero={self.text(0)})",
                lambda: f"({self.number(depth)}) | string",
                lambda: f"({self._moment('date', 'date-time')}) | date({quoted(rng.choice(['short', 'medium', 'long', 'full', 'd MMM y', 'EEEE']))})",
                lambda: f"({self._moment('date')}) | date",
                lambda: f"({self._moment('time', 'date-time')}) | time({quoted(rng.choice(['short', 'medium', 'HH:mm', 'h a']))})",
                lambda: f"({self._moment('time')}) | time",
            ]
        )()

    def _moment(self, *formats: str) -> str:
        found = [code for code, shape, loose in self.paths() if shape.format in formats and not loose and not shape.nullable]
        samples = {"date": "'2024-05-31'", "time": "'14:30'", "date-time": "'2024-05-31T14:30:00Z'"}
        return self.rng.choice(found) if found else samples[formats[0]]

    def _joined(self, depth: int) -> str:
        rng = self.rng
        found = self.items(depth)
        code, item = found
        separator = rng.choice(["", "', '", "' '", "'\n'".replace("\n", "\\n"), "d='-'", self.text(0)])
        if item.kind in ("text", "integer", "number", "either") and not item.nullable:
            return f"({code}) | join({separator})"
        keys = [key for key, (shape, optional) in item.fields.items() if shape.kind in ("text", "integer", "number") and not shape.nullable and not optional]
        if keys and not item.nullable:
            key = rng.choice(keys)
            if one_in(rng, 2):
                return f"({code}) | map(attribute='{key}') | join({separator})"
            return f"({code}) | join({separator if separator.startswith(chr(39)) else repr(',')}, attribute='{key}')"
        if item.fields and not item.nullable:
            return f"({code}) | map(attribute='{next(iter(item.fields))}', default='?') | select | map('string') | join"
        return f"({code}) | length | string"

    def _called(self, depth: int) -> str:
        found = [name for name, shape in self.names.items() if shape.kind == "macro"]
        if not found:
            return self._filtered(depth)
        name = self.rng.choice(found)
        arguments = self.rng.choice(
            [lambda: self.printable(depth), lambda: f"{self.printable(depth)}, {self.printable(0)}", lambda: f"{self.text(0)}, y={self.printable(depth)}"]
        )()
        return f"{name}({arguments})"

    # --------------------------------------------------------------------------------------------------- numbers

    def small(self, depth: int) -> str:
        """A small integer."""
        found = [code for code, shape, loose in self.paths() if shape.kind == "integer" and not loose and not shape.nullable
                 and isinstance(shape.schema, dict) and abs(shape.schema.get("maximum", 999)) < 20 and shape.schema.get("minimum", -99) > -20]  # fmt: skip
        if found and not one_in(self.rng, 3):
            return self.rng.choice(found)
        return f"({self.text(depth)}) | length % 5" if one_in(self.rng, 3) else str(self.rng.randint(0, 4))

    def integer(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            found = self.path("integer") if not one_in(rng, 4) else None
            return found[0] if found else str(rng.choice([1, 0, 2, 3, 10, -1, 100, 12345]))
        return rng.choice(
            [
                lambda: self.integer(0),
                lambda: f"({self.integer(depth - 1)} {rng.choice('+-*')} {self.integer(depth - 1)})",
                lambda: f"({self.integer(depth - 1)} {rng.choice(['//', '%'])} {rng.choice([2, 3, 7, -4, 100, 10])})",
                lambda: f"({self.integer(depth - 1)}) ** {rng.choice([0, 1, 2, 3])}" if one_in(rng, 2) else f"(2 ** ({self.small(0)}))",
                lambda: f"({self.text(depth - 1)}) | {rng.choice(['length', 'count', 'wordcount'])}",
                lambda: f"({self.items(depth - 1)[0]}) | {rng.choice(['length', 'count'])}",
                lambda: f"({self.number(depth - 1)}) | int",
                lambda: f"({self.text(depth - 1)}) | int({rng.choice([0, 1, -5])})",
                lambda: f"({self.number(depth - 1)}) | round | int",
                lambda: f"({self.integer(depth - 1)}) | abs",
                lambda: f"(-({self.integer(depth - 1)}))",
                lambda: f"({self.integers(depth - 1)}) | sum",
                lambda: f"(({self.integers(depth - 1)}) + [{self.integer(0)}]) | {rng.choice(['min', 'max', 'first', 'last', 'sum', 'sum(start=2)'])}",
                lambda: f"({self.integer(depth - 1)} if {self.condition(depth - 1)} else {self.integer(depth - 1)})",
                lambda: f"({self.integer(depth - 1)} {rng.choice(['or', 'and'])} {self.integer(depth - 1)})",
                lambda: f"range({self.small(depth - 1)}) | {rng.choice(['length', 'sum', 'list | length'])}",
            ]
        )()

    def number(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            found = self.path("number", "integer") if not one_in(rng, 4) else None
            return found[0] if found else str(rng.choice([0.5, 1, 2.25, 0.0, 99.99, 1e-7, 1e20, -3.5]))
        return rng.choice(
            [
                lambda: self.number(0),
                lambda: self.integer(depth),
                lambda: f"({self.number(depth - 1)} {rng.choice('+-*')} {self.number(depth - 1)})",
                lambda: f"({self.number(depth - 1)} {rng.choice(['/', '/', '//', '%'])} {rng.choice([2, 3, 7, 0.5, 100, -8])})",
                lambda: f"({self.number(depth - 1)} / ({self.integer(depth - 1)} or 1))",
                lambda: f"({self.number(depth - 1)}) | round({rng.choice(['', '2', '1', chr(39).join(['1, ', 'floor', '']), '-1', '0, ' + quoted('ceil'), '3'])})",
                lambda: f"({self.number(depth - 1)}) | abs",
                lambda: f"({self.number(depth - 1)}) | float",
                lambda: f"({self.text(depth - 1)}) | float(0.5)",
                lambda: f"(-({self.number(depth - 1)}))",
                lambda: f"({self.numbers(depth - 1)}) | sum",
                lambda: f"(({self.numbers(depth - 1)}) + [{self.number(0)}]) | {rng.choice(['min', 'max', 'first', 'last', 'sort | last'])}",
                lambda: f"({self.number(depth - 1)} if {self.condition(depth - 1)} else {self.number(depth - 1)})",
                lambda: f"(({self.number(depth - 1)}) ** {rng.choice([0, 1, 2, 0.5])})" if one_in(rng, 6) else f"(({self.integer(0)}) ** 2)",
            ]
        )()

    # ----------------------------------------------------------------------------------------------------- lists

    def integers(self, depth: int) -> str:
        return self._list_of(("integer",), lambda: self.integer(depth), depth)

    def numbers(self, depth: int) -> str:
        return self._list_of(("integer", "number"), lambda: self.number(depth), depth)

    def _list_of(self, kinds: tuple[str, ...], make, depth: int) -> str:  # noqa: ANN001
        found = [code for code, shape, loose in self.paths() if shape.kind == "list" and not loose and not shape.nullable and shape.item is not None
                 and shape.item.kind in kinds and not shape.item.nullable]  # fmt: skip
        holders = [(code, key) for code, shape, loose in self.paths() if shape.kind == "list" and not loose and not shape.nullable and shape.item is not None
                   and not shape.item.nullable for key, (inner, optional) in shape.item.fields.items() if inner.kind in kinds and not optional and not inner.nullable]  # fmt: skip
        if found and not one_in(self.rng, 3):
            return self.rng.choice(found)
        if holders and one_in(self.rng, 2):
            code, key = self.rng.choice(holders)
            return f"{code} | map(attribute='{key}') | list"
        return "[" + ", ".join(make() for _ in range(self.rng.randint(0, 3))) + "]"

    def items(self, depth: int) -> tuple[str, Shape]:
        """A list, and the shape of its items."""
        rng = self.rng
        if depth <= 0 or one_in(rng, 3):
            found = self.path("list") if not one_in(rng, 4) else None
            if found and found[1].item is not None:
                return found[0], found[1].item
            return rng.choice(
                [
                    lambda: ("[" + ", ".join(self.text(depth) for _ in range(rng.randint(0, 3))) + "]", TEXT),
                    lambda: ("[" + ", ".join(self.number(depth) for _ in range(rng.randint(0, 3))) + "]", NUMBER),
                    lambda: (f"range({self.small(0)})", INTEGER),
                    lambda: (f"range({rng.randint(-2, 2)}, {self.small(0)}, {rng.choice([1, 2, -1])})", INTEGER),
                    lambda: (f"({self.text(depth)}) | list", TEXT),
                ]
            )()
        code, item = self.items(depth - 1)
        plain = item.kind in ("text", "integer", "number") and not item.nullable
        options = [
            lambda: (f"({code})[{rng.choice([':2', '1:', ':-1', '::2', '::-1', '-1:', ':0', '1:3', ':' + self.small(0)])}]", item),
            lambda: (f"({code}) | reverse", item),
            lambda: (f"({code}) | list", item),
            lambda: (f"({code}) | {rng.choice(['select', 'reject'])}", item),
            lambda: (f"({code}) | select({quoted(rng.choice(['defined', 'none', 'string', 'number', 'mapping']))})", item),
            lambda: (f"(({code}) | list + {code} | list)", item),
            lambda: (f"(({code}) | list * {rng.choice([0, 1, 2, self.small(0)])})", item),
            lambda: (f"({code}) | batch({rng.choice([1, 2, 3, '2, ' + quoted('x') if item.kind == 'text' else 2])}) | first | default([])", item),
            lambda: (f"({code} if {self.condition(depth - 1)} else [])", item),
            lambda: (f"({code}) | batch(2)", Shape("list", item=item)),
            lambda: (f"({code}) | map('string')" if plain else f"({code})", TEXT if plain else item),
        ]
        if plain:
            options += [
                lambda: (f"({code}) | sort{rng.choice(['', '(reverse=true)', '(case_sensitive=true)'])}", item),
                lambda: (f"({code}) | unique{rng.choice(['', '(true)'])}", item),
                lambda: (f"({code}) | groupby(0) | list" if False else f"({code}) | unique | sort", item),
                lambda: (f"({code}) | {rng.choice(['select', 'reject'])}({self._test_of(item)})", item),
            ]
        if item.kind == "text" and not item.nullable:
            options.append(lambda: (f"({code}) | map({quoted(rng.choice(['upper', 'lower', 'trim', 'title', 'reverse', 'capitalize', 'urlencode']))})", TEXT))
            options.append(lambda: (f"({code}) | map('shorten', {rng.randint(1, 6)})", TEXT))
            options.append(lambda: (f"({code}) | map('length')", INTEGER))
            options.append(lambda: (f"({code}) | map('replace', 'a', {self.text(0)})", TEXT))
        if item.fields and not item.nullable:
            key, (inner, optional) = rng.choice(list(item.fields.items()))
            default = "" if not optional or one_in(rng, 9) else ", default='~'"
            shape = inner if not default else Shape("either" if inner.kind in ("text", "integer", "number") and not inner.nullable else "other")
            options += [lambda: (f"({code}) | map(attribute='{key}'{default})", shape)] * 3
            if not optional:
                options += [
                    lambda: (f"({code}) | selectattr('{key}')", item),
                    lambda: (f"({code}) | rejectattr('{key}', 'defined')", item),
                    lambda: (f"({code}) | selectattr('{key}', {quoted(rng.choice(['none', 'defined', 'string']))})", item),
                ]
                if inner.kind in ("text", "integer", "number") and not inner.nullable:
                    options += [
                        lambda: (f"({code}) | sort(attribute='{key}')", item),
                        lambda: (f"({code}) | unique(attribute='{key}')", item),
                        lambda: (f"({code}) | groupby('{key}') | map(attribute='grouper')", inner),
                        lambda: (f"({code}) | groupby('{key}') | map(attribute='list') | first | default([])", item),
                        lambda: (f"({code}) | selectattr('{key}', {self._test_of(inner)})", item),
                    ]
        return rng.choice(options)()

    def _test_of(self, item: Shape) -> str:
        other = self.text(0) if item.kind == "text" else self.integer(0)
        names = ["eq", "ne", "gt", "le", "equalto", "!="]
        if item.kind == "integer":
            names += ["odd", "even", "divisibleby"]
        name = self.rng.choice(names)
        return quoted(name) if name in ("odd", "even") else f"{quoted(name)}, {3 if name == 'divisibleby' else other}"

    # ------------------------------------------------------------------------------------------------ conditions

    def condition(self, depth: int) -> str:
        rng = self.rng
        return rng.choice(
            [
                lambda: self._flag(),
                lambda: self._guard(),
                lambda: self._guard(),
                lambda: f"({self.integer(depth)}) {rng.choice(['==', '!=', '<', '<=', '>', '>='])} {rng.choice(['0', '1', '2', '3', self.number(0)])}",
                lambda: f"({self.number(0)}) {rng.choice(['<', '<=', '>', '>='])} ({self.number(0)}) {rng.choice(['<', '>='])} {self.integer(0)}",
                lambda: f"({self.text(depth)}) {rng.choice(['==', '!=', '<', '>=', 'in', 'not in'])} ({self.text(0)})",
                lambda: f"({self.printable(0)}) {rng.choice(['in', 'not in'])} [{self.printable(0)}, {self.printable(0)}]",
                lambda: f"({self.printable(0)}) in ({self.items(depth - 1)[0]})",
                lambda: f"({self.text(0)}) | length {rng.choice(['>', '<', '==', '>=', '<=', '!='])} {rng.choice([0, 1, 3, 5, 10])}",
                lambda: f"({self.items(0)[0]}) | {rng.choice(['length', 'count'])} {rng.choice(['>', '<', '==', '>=', '<=', '!='])} {rng.choice([0, 1, 2, 3])}",
                lambda: self._test(depth),
                lambda: self._test(depth),
                lambda: f"(not {self.condition(depth - 1)})",
                lambda: f"(({self.condition(depth - 1)}) {rng.choice(['and', 'or'])} ({self.condition(depth - 1)}))" if depth > 0 else self._flag(),
                lambda: f"({self.items(depth - 1)[0]})",
                lambda: f"({self.text(0)})",
            ]
        )()

    def _flag(self) -> str:
        found = self.path("boolean")
        return found[0] if found else self.rng.choice(["true", "false", "1", "''", "[]", "none"])

    def _guard(self) -> str:
        """A condition on what a path leads to."""
        rng = self.rng
        found = list(self.paths())
        if not found:
            return "true"
        code, shape, loose = rng.choice([each for each in found if each[2] or each[1].nullable] or found)
        loose = loose or code.count(".") > 1
        forms = ["{0}", "{0} is not none", "not {0}", "{0} is none"] if not loose else ["{0} is defined", "{0} is defined and {0}", "{0} is undefined", "{0} | default('')"]
        sized = shape.kind in ("text", "list", "object") and not shape.nullable and not loose
        if sized:
            forms += [f"{{0}} | length {rng.choice(['>', '==', '<', '<=', '>=', '!='])} {rng.choice([0, 1, 2, 5])}", "{0} | length"]
        if shape.kind in ("integer", "number") and not shape.nullable and not loose:
            forms += [f"{{0}} {rng.choice(['>', '==', '<', '<=', '>=', '!='])} {rng.choice([0, 1, 2, 2.5, 100])}", "0 < {0} <= 3", "{0} in [1, 2, 3]", "{0} is eq 1",
                      "{0} == true", "{0} is ge 2", "{0} is not gt 2.5", "1 == {0}", f"{self.integer(0)} > {{0}}"]  # fmt: skip
        if shape.kind == "text" and not loose:
            forms += [f"{{0}} == {quoted(rng.choice(WORDS))}", f"{{0}} in ['a', '', {quoted(rng.choice(WORDS))}]", f"{{0}} != {quoted(rng.choice(WORDS))}",
                      "{0} is string", "{0} is in ['yes', 'a']", "{0} not in ['no', 'Ana']"]  # fmt: skip
        if shape.kind == "boolean" and not loose:
            forms += ["{0} is true", "{0} is false", "{0} == false", "{0} == 1", "{0} is not true", "{0} is boolean", "{0} in [1, 0]"]
        if shape.kind == "either":
            forms += ["{0} is string", "{0} is number", "{0} is not string", "{0} is integer", "{0} == 1", "{0} in ['a', 1]"]
        return rng.choice(forms).format(code)

    def _test(self, depth: int) -> str:
        rng = self.rng
        word = rng.choice(["is", "is", "is not"])
        anything = self.any_path() or "1"
        return rng.choice(
            [
                lambda: f"({self.integer(depth)}) {word} {rng.choice(['odd', 'even', 'divisibleby 3', 'divisibleby(2)', 'integer', 'float', 'number', 'gt 2', 'le 5', 'eq 1', 'ne 0'])}",
                lambda: f"({self.text(depth)}) {word} {rng.choice(['lower', 'upper', 'string', 'sequence', 'iterable', 'mapping', 'number', 'none'])}",
                lambda: f"({self.number(depth)}) {word} {rng.choice(['integer', 'float', 'number', 'string', 'lt 1', 'ge 0.5'])}",
                lambda: f"({self.text(0)}) {word} {rng.choice(['in', 'eq', 'ne', 'equalto'])}({self.text(0)})",
                lambda: f"{anything} {word} {rng.choice(['defined', 'undefined'])}",
                lambda: f"{anything} {word} defined and {anything} {word} {rng.choice(['none', 'boolean', 'true', 'false', 'mapping', 'sequence', 'string', 'number'])}",
                lambda: f"({self.items(0)[0]}) {word} {rng.choice(['sequence', 'iterable', 'mapping', 'string'])}",
            ]
        )()

    # -------------------------------------------------------------------------------------------------- anything

    def value(self, depth: int) -> str:
        """Anything at all."""
        rng = self.rng
        return rng.choice(
            [
                lambda: self.text(depth),
                lambda: self.integer(depth),
                lambda: self.number(depth),
                lambda: self.items(depth)[0],
                lambda: self.condition(depth),
                lambda: self.any_path() or "none",
                lambda: f"{{'x': {self.value(depth - 1)}, {quoted(rng.choice(['x', 'y']))}: {self.text(0)}}}" if depth > 0 else "none",
                lambda: f"({self.items(depth)[0]}) | groupby({rng.choice([0, quoted('id'), quoted('name')])})" if one_in(rng, 3) else self.items(depth)[0],
                lambda: f"({self.any_path() or 1}) | {rng.choice(['items', 'dictsort', 'length', 'list', 'first', 'last', 'string', 'int', 'float', 'default(1)', 'default(0, true)'])}"
                if one_in(rng, 3) else self._joined(depth),
                lambda: f"({self.any_path() or 1})[{rng.choice([quoted(rng.choice(_KEYS)), '0', '-1', self.text(0), self.integer(0)])}]" if one_in(rng, 4) else self.text(depth),
                lambda: f"{self.any_path() or 1}.{rng.choice(_KEYS)}" if one_in(rng, 3) else self.number(depth),
            ]
        )()


_TEXTS = [
    lambda writer, depth: writer.text(0),
    Writer._filtered,
    Writer._concatenated,
    Writer._choice,
    Writer._filtered,
    Writer._joined,
    Writer._local,
    Writer._cut,
    Writer._added,
    Writer._times,
    Writer._or,
    Writer._percent,
    Writer._called,
    Writer._character,
    Writer._filtered,
]
