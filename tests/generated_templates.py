"""Templates by chance: all statements, over the parameters and over names that the template sets itself."""

from __future__ import annotations

from random import Random

from generated import Shape, one_in
from generated_expressions import EITHER, INTEGER, NUMBER, TEXT, Names, Writer

_MACRO = Shape("macro")
_POSITIONS = [
    *("", "", "{{ loop.index }}", "{{ loop.index0 }}/{{ loop.length }}", "{% if not loop.last %}, {% endif %}"),
    *("{{ ', ' if not loop.first }}", "{{ loop.revindex }}", "{{ loop.cycle('a', 'bb') }}", "{{ loop.revindex0 }}"),
    *("{% if loop.first %}<{% endif %}", "{{ loop.depth }}", "{% if loop.changed(ITEM) %}!{% endif %}"),
    *("{% if loop.previtem is defined %}^{% endif %}", "{{ 'n' if loop.nextitem is defined else '.' }}"),
    "{% if loop.length > 1 %}{{ loop.index }}. {% endif %}",
]
_NAMESPACES = [
    ("0", "n.x + 1", "{{ n.x }}"),
    ("''", "n.x ~ 'ab'", "{{ n.x }}"),
    ("false", "true", "{{ 'yes' if n.x else 'no' }}"),
    ("0", "n.x + <integer>", "{{ n.x }}"),
    ("'-'", "<text>", "{{ n.x }}"),
    ("[]", "n.x + [loop.index]", "{{ n.x | join(',') }}"),
    ("1", "[n.x * 2, 64] | min", "{{ n.x }}"),
    ("none", "loop.index", "{{ n.x | default('-', true) }}"),
]
"""What a namespace holds at first, what it is set to in each round of a loop, and how it is shown."""
_CHANGES = [
    "CHANGE",
    "CHANGE",
    "{% if loop.first %}CHANGE{% endif %}",
    "{% if <guard> %}CHANGE{% endif %}",
    "{% filter upper %}CHANGE{% endfilter %}",
    "{% set w %}CHANGE{% endset %}",
    "{% with w = 1 %}CHANGE{% endwith %}",
]
_FIXED = ["a", " ", "Hi ", "\n", ", ", "é", "👍 ", "ß", "\n\n", "x: ", '"', "İ", "{ ", "—", "  ", "1"]


def template(rng: Random, names: Names) -> str:
    """A template of text."""
    return _Body(rng, names, loops=0).write(rng.randint(1, 5), depth=2)


def expression(rng: Random, names: Names) -> str:
    """A template that is one expression, of any kind."""
    return "{{ " + Writer(rng, names).value(rng.randint(0, 3)) + " }}"


class _Body:
    def __init__(self, rng: Random, names: Names, loops: int) -> None:
        self.rng = rng
        self.writer = Writer(rng, names)
        self.loops = loops

    @property
    def names(self) -> dict[str, Shape]:
        return self.writer.names

    def write(self, count: int, depth: int) -> str:
        return "".join(self._piece(depth) for _ in range(count))

    def inside(self, depth: int, **more: Shape) -> str:
        """A body whose names stay inside."""
        outer = dict(self.names)
        self.names.update(more)
        text = self.write(self.rng.randint(1, 3), depth - 1)
        self.writer.names = outer
        return text

    def _piece(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0 or one_in(rng, 2):
            return rng.choice([self._fixed, self._output, self._output])()
        return rng.choice(
            [
                self._if,
                self._for,
                self._set,
                self._for,
                self._if,
                self._with,
                self._macro,
                self._namespace,
                self._filter,
            ]
        )(depth)

    def _fixed(self) -> str:
        return self.rng.choice(_FIXED)

    def _output(self) -> str:
        rng = self.rng
        dashes = rng.choice([("", ""), ("", ""), ("", ""), ("-", ""), ("", "-")])
        return f"{{{{{dashes[0]} {self.writer.printable(rng.randint(0, 2))} {dashes[1]}}}}}"

    def _if(self, depth: int) -> str:
        rng, writer = self.rng, self.writer
        guarded = self._guarded(depth)
        if guarded is not None and one_in(rng, 2):
            return guarded
        text = f"{{% if {writer.condition(rng.randint(0, 2))} %}}{self._branch(depth)}"
        if one_in(rng, 3):
            text += f"{{% elif {writer.condition(1)} %}}{self._branch(depth)}"
        if one_in(rng, 2):
            text += f"{{% else %}}{self._branch(depth)}"
        return text + "{% endif %}"

    def _branch(self, depth: int) -> str:
        """A body that may set names which are there before."""
        text = self.inside(depth)
        known = [
            name for name, shape in self.names.items() if name.startswith("v") and shape.kind in ("text", "integer")
        ]
        if known and one_in(self.rng, 2):
            name = self.rng.choice(known)
            made = self.writer.text(1) if self.names[name].kind == "text" else self.writer.integer(1)
            text += f"{{% set {name} = {made} %}}"
        return text

    def _guarded(self, depth: int) -> str | None:
        """What may be missing, printed where it is there."""
        found = [
            (code, shape)
            for code, shape, loose in self.writer.paths()
            if (loose or shape.nullable) and code.count(".") < 2
        ]
        if not found:
            return None
        code, shape = self.rng.choice(found)
        printable = shape.kind in ("text", "integer", "number", "either")
        inner = f"{{{{ {code} }}}}" if printable else self._output()
        test = (
            f"{code} is defined and {code} is not none" if not one_in(self.rng, 3) else f"{code} is defined and {code}"
        )
        if "." not in code:
            test = self.rng.choice([f"{code} is not none", code, f"not ({code} is none)"])
        return f"{{% if {test} %}}{inner}{{% else %}}{self.inside(depth)}{{% endif %}}"

    def _for(self, depth: int) -> str:
        rng, writer = self.rng, self.writer
        self.loops += 1
        code, item = writer.items(rng.randint(0, 2))
        name = f"i{self.loops}"
        target = name
        more = {name: item}
        if item.kind == "list" and one_in(rng, 4):
            target, more = f"{name}, j{self.loops}", {name: item.item or EITHER, f"j{self.loops}": item.item or EITHER}
        test = ""
        if one_in(rng, 4):
            outer = dict(self.names)
            self.names.update(more)
            test = f" if {writer.condition(1)}"
            writer.names = outer
        position = rng.choice(_POSITIONS).replace("ITEM", name)
        printed = (
            f"{{{{ {name} }}}}"
            if item.kind in ("text", "integer", "number", "either") and not item.nullable and target == name
            else ""
        )
        after = rng.choice(["", "", ", ", "\n"])
        body = f"{printed}{self.inside(depth, **more) if one_in(rng, 2) else ''}{position}{after}"
        other = f"{{% else %}}{self.inside(depth)}" if one_in(rng, 4) else ""
        return f"{{% for {target} in {code}{test} %}}{body}{other}{{% endfor %}}"

    def _set(self, depth: int) -> str:
        rng, writer = self.rng, self.writer
        name = rng.choice(["v1", "v2", "v3"])
        kind = rng.randrange(5)
        if kind == 4:
            text = f"{{% set {name}{rng.choice(['', ' | upper', ' | trim'])} %}}{self.inside(depth)}{{% endset %}}"
            self.names[name] = TEXT
            return text
        made, shape = [
            lambda: (writer.text(2), TEXT),
            lambda: (writer.integer(2), INTEGER),
            lambda: (writer.number(2), NUMBER),
            lambda: self._list_set(),
        ][kind]()
        self.names[name] = shape
        return f"{{% set {name} = {made} %}}"

    def _list_set(self) -> tuple[str, Shape]:
        code, item = self.writer.items(1)
        return code, Shape("list", item=item)

    def _with(self, depth: int) -> str:
        rng, writer = self.rng, self.writer
        name = rng.choice(["w1", "w2", "v1"])
        made, shape = (writer.text(1), TEXT) if one_in(rng, 2) else (writer.integer(1), INTEGER)
        return f"{{% with {name} = {made} %}}{self.inside(depth, **{name: shape})}{{% endwith %}}"

    def _macro(self, depth: int) -> str:
        rng, writer = self.rng, self.writer
        name = rng.choice(["m1", "m2"])
        called = one_in(rng, 3)
        default = rng.choice(["''", "'dé'", "x", "0"])
        inner = "{{ caller() }}" if called else ""
        given = f"{{{{ x }}}}{rng.choice(['', '-', ' '])}{inner}{{% if y %}}{{{{ y }}}}{{% endif %}}"
        body = f"{{% macro {name}(x, y={default}) %}}{given}{self._output()}{{% endmacro %}}"
        if called:
            return body + f"{{% call {name}({writer.printable(1)}) %}}{self.inside(depth)}{{% endcall %}}"
        self.names[name] = _MACRO
        return body + f"{{{{ {name}({writer.printable(1)}) }}}}"

    def _namespace(self, _: int) -> str:
        rng, writer = self.rng, self.writer
        code, _item = writer.items(1)
        start, step, shown = rng.choice(_NAMESPACES)
        change = rng.choice(_CHANGES).replace("CHANGE", f"{{% set n.x = {step} %}}")
        rounds = f"{{% for z in {code} %}}{writer.write(change, 1)}{rng.choice(['', shown])}{{% endfor %}}"
        return f"{{% set n = namespace(x={start}) %}}{rounds}{shown}"

    def _filter(self, depth: int) -> str:
        name = self.rng.choice(
            ["upper", "trim", "replace('a', 'bcd')", "indent(2)", "title", "shorten(9)", "wordwrap(6)", "reverse"]
        )
        return f"{{% filter {name} %}}{self.inside(depth)}{{% endfilter %}}"
