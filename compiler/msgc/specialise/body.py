"""From a definition's nodes to code that puts out the payload's JSON, piece by piece.

What is constant is JSON already when the code is written. A leaf's template is native code where it can be, else its
own compiled function is called; what stands around it is the same in both cases.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from msgc.definition import Address, Constant, Fields, Guarded, Included, Items, Leaf, Node, Repeated
from msgc.emit import compact
from msgc.expand import address_fields
from msgc.native.kinds import FOREIGN, InLoop, Kind, Maybe, Number, Text, Truth, Typed
from msgc.native.quote import constant, expression, name
from msgc.native.writer import MISSING, Refused, Unsuited, Writer
from msgc.specialise.admit import Admission
from msgc.specialise.residue import Residue, has_edges
from msgc.specialise.unlike import Unlike
from msgc.template import Template
from msgc.template.budget import SIZE
from msgc.validate import check_value

_Entries: TypeAlias = tuple[tuple[str, Node], ...]
_ROUNDS = 200
"""Rounds of a loop of the tree that is not native; more go the long way."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that leaves see. `whole` is the variable of all of them as a mapping, once a template wants it."""

    names: Mapping[str, Typed]
    loop: tuple[ast.expr, ast.expr, ast.expr] | None = None


class Body:
    """Writes the code of one payload; pieces of JSON go to the list `out` of the function."""

    def __init__(self, writer: Writer, residue: Residue) -> None:
        self.writer = writer
        self.residue = residue
        self.runs_jinja = False
        self._literal = b""
        self._pieces: list[ast.expr] = []
        self._path: tuple[str, ...] = ()
        self._branches = 0
        self._unlike = {path: Unlike(writer) for path in residue.unlike}

    # --------------------------------------------------------------------------------------------------- output

    def literal(self, data: bytes) -> None:
        """Puts out constant bytes."""
        self._literal += data

    def _piece(self, code: ast.expr) -> None:
        """Puts out the bytes that an expression gives."""
        self._end_literal()
        self._pieces.append(code)

    def _end_literal(self) -> None:
        if self._literal:
            self._pieces.append(constant(self._literal))
            self._literal = b""

    def flush(self) -> None:
        """Writes the statement that puts out what has gathered; needed before the code branches."""
        self._end_literal()
        if len(self._pieces) == 1:
            self.writer.add("out.append(P)", P=self._pieces[0])
        elif self._pieces:
            self.writer.add("out += P", P=ast.Tuple(self._pieces, ast.Load()))
        self._pieces = []

    @contextmanager
    def _branch(self, source: str, times: int = 1, **parts: ast.expr) -> Iterator[None]:
        self.flush()
        self._branches += 1
        with self.writer.block(source, times, **parts):
            yield
            self.flush()
        self._branches -= 1

    # ---------------------------------------------------------------------------------------------------- nodes

    def end(self) -> None:
        """Writes what is left to do when all of the payload is written."""
        self.flush()
        for values in self._unlike.values():
            values.check()

    def write(self, node: Node, scope: Scope) -> None:
        """The code of a node. Raises `Unsuited`."""
        self.writer.pay(nodes=1)
        if isinstance(node, Constant):
            self._tell(constant(node.value), isinstance(node.value, str))
            self.literal(_constant(node.value))
        elif isinstance(node, Leaf):
            self._leaf(node, scope)
        elif isinstance(node, Fields):
            self._fields(node.entries, scope)
        elif isinstance(node, Items):
            self._collection(b"[]", [(b"", "*", child) for child in node.entries], scope)
        elif isinstance(node, Included):
            self.write(node.fragment.content, self._included(node, scope))
        elif isinstance(node, Address):
            self._address(node, scope)
        else:
            raise Unsuited

    def write_addressed(self, key: str, before: _Entries, after: _Entries, recipient: ast.expr, scope: Scope) -> None:
        """The code of a request whose recipient comes from outside, as JSON that an expression gives."""
        self.literal(b"{")
        for entry, node in before:
            if not _is_certain(node):
                raise Unsuited
            self.literal(compact(entry) + b":")
            with self._at(entry):
                self.write(node, scope)
            self.literal(b",")
        self.literal(compact(key) + b":")
        self._piece(recipient)
        for entry, node in after:
            with self._at(entry):
                self._entry(b"," + compact(entry) + b":", node, scope)
        self.literal(b"}")

    def _fields(self, entries: _Entries, scope: Scope) -> None:
        self._collection(b"{}", [(compact(key) + b":", key, child) for key, child in entries], scope)

    def _collection(self, brackets: bytes, entries: list[tuple[bytes, str, Node]], scope: Scope) -> None:
        """An object or a list: each part begins with a comma, but the first that is there."""
        self.literal(brackets[:1])
        certain = False
        start: ast.Name | None = None
        for key, step, child in entries:
            if not certain and not _is_certain(child) and start is None:
                self.flush()
                start = self.writer.let(expression("len(out)"))
            with self._at(step):
                if not certain and start is None:
                    self.literal(key)
                    self.write(child, scope)
                    certain = True
                else:
                    self._entry(b"," + key, child, scope)
        if start is not None:
            self.flush()
            self.writer.add("if len(out) > S: out[S] = out[S][1:]", S=start)
        self.literal(brackets[1:])

    def _entry(self, before: bytes, node: Node, scope: Scope) -> None:
        """A part of an object or of a list, with what stands before it, if it is there."""
        if isinstance(node, Guarded):
            test = self._condition(node.condition, scope)
            self.writer.pay(nodes=1)
            with self._branch("if C:", C=test):
                self._entry(before, node.node, scope)
        elif isinstance(node, Repeated):
            self._repeated(before, node, scope)
        elif isinstance(node, Included) and before == b"," and isinstance(_content(node), Items):
            self._spliced(node, scope)
        else:
            self.literal(before)
            self.write(node, scope)

    def _spliced(self, node: Included, scope: Scope) -> None:
        """The items of a fragment that is a list, in the place of the one that includes it."""
        self.writer.pay(nodes=1)
        inner = self._included(node, scope)
        content = node.fragment.content
        while isinstance(content, Included):
            self.writer.pay(nodes=1)
            inner, content = self._included(content, inner), content.fragment.content
        assert isinstance(content, Items)
        for child in content.entries:
            self._entry(b",", child, inner)

    def _repeated(self, before: bytes, node: Repeated, scope: Scope) -> None:
        loop = node.loop
        native = loop.native(self.writer, scope.names)
        self.flush()
        if native is None:
            whole = self._whole(scope)
            rounds = self.writer.bind(_few_rounds(loop.rounds))
            inner = name(self.writer.fresh("r"))
            self.runs_jinja = True
            with self._branch("for R in F(W):", _ROUNDS, R=inner, F=rounds, W=whole):
                names = {each: _typed(inner, each) for each in loop.names}
                others = {key: typed for key, typed in scope.names.items() if key not in names and key != "loop"}
                self._entry(before, node.node, Scope({**others, **names}, (inner, inner, inner)))
            return
        items, kept, item, index = native.items, native.kept, native.item, native.index
        listed = self.writer.let(items)
        if kept is not None:
            self.writer.add("L = K", L=listed, K=kept)
        memory = self.writer.let(ast.Dict([], []))
        bound = {
            loop.names[0]: Typed(item, native.kind),
            "loop": Typed(index, InLoop(index, expression("len(L)", L=listed))),
        }
        inside = Scope({**scope.names, **bound}, (listed, index, memory))
        head = {"I": index, "X": item, "L": listed}
        if not _is_plain(node.node):
            with self._branch("for I, X in enumerate(L, 1):", native.most, **head):
                self._entry(before, node.node, inside)
            return
        # One call that makes the JSON of all rounds takes half the time of one for each leaf.
        made = self.writer.let(ast.List([], ast.Load()))
        with self._branch("for I, X in enumerate(L, 1):", native.most, **head):
            self.writer.add("M.append(V)", M=made, V=self._plain(node.node, inside))
        with self._branch("if M:", M=made):
            self._piece(expression("C + dumps(M)[1:-1]", C=constant(before), M=made))

    def _plain(self, node: Node, scope: Scope) -> ast.expr:
        """A node without structure words as a value; its leaves are checked."""
        self.writer.pay(nodes=1)
        if isinstance(node, Constant):
            self._tell(constant(node.value), isinstance(node.value, str))
            _constant(node.value)
            return self.writer.bind(node.value)
        if isinstance(node, Leaf):
            return self._checked(node, scope)
        assert isinstance(node, Fields)
        values = []
        for key, child in node.entries:
            with self._at(key):
                values.append(self._plain(child, scope))
        return ast.Dict([constant(key) for key, _ in node.entries], values)

    # --------------------------------------------------------------------------------------------------- leaves

    def _leaf(self, node: Leaf, scope: Scope) -> None:
        self._piece(expression("dumps(X)", X=self._checked(node, scope)))

    def _checked(self, node: Leaf, scope: Scope) -> ast.Name:
        """The variable of a leaf's value, which is what its place wants."""
        self.writer.pay(steps=1)
        as_text = node.wanted == "string" or (node.wanted == "any" and node.template.kind != "expression")
        typed = self._value(node.template, scope, as_text=as_text)
        variable = typed.code if isinstance(typed.code, ast.Name) else self.writer.let(typed.code)
        if as_text:
            self._check_text(node, Typed(variable, typed.kind))
        elif not _is_wanted(typed.kind, node.wanted):
            guard = self.writer.bind(_guard(node.wanted))
            self.writer.add("G(X)", G=guard, X=variable)
        if not as_text and node.wanted == "any":
            self._check_text(node, Typed(variable, typed.kind))
        self._tell(variable, isinstance(typed.kind, Text))
        return variable

    def _tell(self, value: ast.expr, is_text: bool) -> None:
        """Remembers a value where those of a place must be unlike each other."""
        here = self._unlike.get(self._path)
        if here is not None and is_text:
            here.add(value, branched=self._branches > 0)
        elif any(path[: len(self._path)] == self._path for path in self._unlike):
            self.residue.always = True  # what it holds is not seen here

    @contextmanager
    def _at(self, step: str) -> Iterator[None]:
        self._path = (*self._path, step)
        yield
        self._path = self._path[:-1]

    def _value(self, template: Template, scope: Scope, *, as_text: bool) -> Typed:
        """A template's text or value: native, or by its own function."""
        native = template.native(self.writer, scope.names, text=as_text)
        if native is not None:
            return native
        self.runs_jinja = True
        function = template.render if as_text else template.evaluate
        code = expression("F(W)", F=self.writer.bind(function), W=self._whole(scope))
        if as_text:
            variable = self.writer.let(code)
            self.writer.add("if '\\0' in X: return None", X=variable)
            return Typed(variable, Text(SIZE, even=False))
        return Typed(code, FOREIGN)

    def _condition(self, template: Template, scope: Scope) -> ast.expr:
        native = template.native_condition(self.writer, scope.names)
        if native is not None:
            return native
        self.runs_jinja = True
        return expression("F(W)", F=self.writer.bind(template.evaluate), W=self._whole(scope))

    def _check_text(self, node: Leaf, typed: Typed) -> None:
        """What is left to check of a leaf: limits that are not proven, and line breaks at its edges."""
        for test in self.residue.checks(node.origin, self.writer, typed):
            self.writer.add("if not T: return None", T=test)

    def _whole(self, scope: Scope) -> ast.expr:
        """All names as a mapping, for templates that are not native."""
        known = [(key, typed) for key, typed in scope.names.items() if key != "loop"]
        keys = [constant(key) for key, _ in known]
        made: ast.expr = ast.Dict(list(keys), [typed.code for _, typed in known])
        if any(isinstance(typed.kind, Maybe) for _, typed in known):
            made = expression("F(W)", F=self.writer.bind(_present), W=made)
        if scope.loop is not None:
            listed, index, memory = scope.loop
            if listed is index:
                loop = expression("R['loop']", R=listed)
            else:
                loop = expression("F(L, I - 1, M)", F=self.writer.bind(_round), L=listed, I=index, M=memory)
            made = expression("{**W, 'loop': L}", W=made, L=loop)
        return made

    # ------------------------------------------------------------------------------------- fragments, addresses

    def _included(self, node: Included, scope: Scope) -> Scope:
        """The names that a fragment's content sees: its parameters, admitted."""
        given: list[ast.expr] = []
        for _, binding in node.bindings:
            given.append(self._bound(binding, scope))
        keys: list[ast.expr | None] = [constant(key) for key, _ in node.bindings]
        values = self.writer.let(ast.Dict(keys, given))
        admission = Admission(self.writer, keeps=False)
        return Scope(admission.object(node.fragment.parameters, values))

    def _bound(self, node: Node, scope: Scope) -> ast.expr:
        self.writer.pay(nodes=1)
        if isinstance(node, Constant):
            return self.writer.bind(node.value)
        if isinstance(node, Leaf):
            self.writer.pay(steps=1)
            as_text = node.wanted == "string" or node.template.kind != "expression"
            return self.writer.let(self._value(node.template, scope, as_text=as_text).code)
        if isinstance(node, Fields | Items) and not _has_structure(node):
            if isinstance(node, Fields):
                keys: list[ast.expr | None] = [constant(key) for key, _ in node.entries]
                return ast.Dict(keys, [self._bound(child, scope) for _, child in node.entries])
            return ast.List([self._bound(child, scope) for child in node.entries], ast.Load())
        raise Unsuited

    def _address(self, node: Address, scope: Scope) -> None:
        if isinstance(node.node, Constant):
            value = node.node.value
            self.literal(compact(address_fields(value, node.contract)) if isinstance(value, str) else b"{}")
            self._tell(constant(value), is_text=False)
            return
        if not isinstance(node.node, Leaf):
            raise Unsuited
        typed = self._value(node.node.template, scope, as_text=True)
        address = self.writer.bind(lambda text: compact(address_fields(text, node.contract)))
        self.residue.always = True
        self._piece(expression("A(X)", A=address, X=typed.code))


def _is_plain(node: Node) -> bool:
    """Whether a node is an object of leaves and such objects, without structure words."""
    return isinstance(node, Fields) and all(
        isinstance(child, Constant | Leaf) or _is_plain(child) for _, child in node.entries
    )


def _constant(value: Any) -> bytes:
    if check_value(value) or has_edges(value):
        raise Unsuited
    return compact(value)


def _is_certain(node: Node) -> bool:
    """Whether a node is always there, once."""
    if isinstance(node, Guarded | Repeated):
        return False
    return not isinstance(node, Included) or not isinstance(_content(node), Items)


def _content(node: Included) -> Node:
    content = node.fragment.content
    return _content(content) if isinstance(content, Included) else content


def _has_structure(node: Node) -> bool:
    if isinstance(node, Fields):
        return any(_has_structure(child) for _, child in node.entries)
    if isinstance(node, Items):
        return any(map(_has_structure, node.entries))
    return not isinstance(node, Constant | Leaf)


def _is_wanted(kind: Kind, wanted: str) -> bool:
    """Whether every value of a kind is what a place wants."""
    if wanted == "boolean":
        return isinstance(kind, Truth)
    if wanted == "any":
        return isinstance(kind, Text | Truth) or (isinstance(kind, Number) and kind.whole)
    return False


def _guard(wanted: str) -> Callable[[Any], None]:
    types: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "boolean": (bool,)}

    def guard(value: Any) -> None:
        if wanted != "any" and type(value) not in types[wanted]:
            raise Refused
        if check_value(value):
            raise Refused

    return guard


def _typed(inner: ast.Name, key: str) -> Typed:
    return Typed(expression("R[K]", R=inner, K=constant(key)), FOREIGN)


def _few_rounds(rounds: Callable[[Mapping[str, Any]], Iterator[dict[str, Any]]]) -> Callable[[Any], list[Any]]:
    def few(scope: Mapping[str, Any]) -> list[Any]:
        found = list(rounds(scope))
        if len(found) > _ROUNDS:
            raise Refused
        return found

    return few


def _present(names: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in names.items() if value is not MISSING}


def _round(items: list[Any], index: int, memory: dict[str, Any]) -> Any:
    from msgc.template.scope import Round  # it brings Jinja, which not every definition needs

    return Round(items, index, memory)
