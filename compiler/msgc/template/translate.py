"""From a template's tree to native code, for values whose kinds are known.

Each construct either has the very meaning that the sandbox gives it, for the kinds that it meets here, or raises
`Unsuited`: then the template is run by its own compiled function. What a template can do wrong ends the native code
(`Refused`, or whatever Python raises), and the long way says what it is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes

from msgc.native.kinds import (
    FOREIGN,
    LONGEST_NUMBER,
    LONGEST_TEXT,
    Foreign,
    InLoop,
    Keyed,
    Kind,
    Listed,
    Maybe,
    Null,
    Nullable,
    Number,
    Text,
    Truth,
    Typed,
    joined,
)
from msgc.native.quote import constant, expression, filtered, name, text_of
from msgc.native.writer import Unsuited, Writer
from msgc.template import foreign
from msgc.template.budget import SIZE
from msgc.template.generate import ROUNDS, WEIGHT
from msgc.template.native_pieces import key_of
from msgc.template.translate_filters import FILTERS

Scope = Mapping[str, Typed]
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_LOOP_VALUES = {
    "index": "index",
    "index0": "index - 1",
    "revindex": "count - index + 1",
    "revindex0": "count - index",
    "first": "index == 1",
    "last": "index == count",
    "length": "count",
}


class Translator:
    """Translates the templates of one function; `sandbox` is the environment whose filters they use."""

    def __init__(self, writer: Writer, sandbox: Any) -> None:
        self.writer = writer
        self.sandbox = sandbox

    # ----------------------------------------------------------------------------------------------------- text

    def text(self, body: list[nodes.Node], scope: Scope) -> Typed:
        """The text that a template's body puts out. Raises `Unsuited`."""
        parts: list[str | ast.expr] = []
        most = 0
        even = True
        kind: Kind | None = None
        for piece in self._pieces(body, scope):
            if isinstance(piece, str):
                parts.append(piece)
                kind = None
                even = even and "\n" not in piece
                most += len(piece)
            else:
                parts.append(piece.code)
                kind = piece.kind
                even = even and _is_even(kind)
                most += _length(piece.kind)
        if most > SIZE:
            raise Unsuited
        self.writer.pay(work=most)
        if len(parts) == 1 and isinstance(kind, Text):
            return Typed(parts[0], kind)  # type: ignore[arg-type]  # a kind is that of an expression
        return Typed(text_of(parts), Text(most, even))

    def _pieces(self, body: list[nodes.Node], scope: Scope) -> Iterator[str | Typed]:
        for node in body:
            if isinstance(node, nodes.Output):
                for child in node.nodes:
                    if isinstance(child, nodes.TemplateData):
                        yield child.data
                    else:
                        yield self.printed(self.value(child, scope))
            elif isinstance(node, nodes.If):
                yield self._if(node, scope)
            elif isinstance(node, nodes.For):
                yield self._for(node, scope)
            elif not _is_toll(node):
                raise Unsuited

    def _if(self, node: nodes.If, scope: Scope) -> Typed:
        last = self.text(node.else_, scope)
        for part in reversed([node, *node.elif_]):
            test = self.condition(part.test, scope)
            then = self.text(part.body, scope)
            kind = joined(then.kind, last.kind)
            assert kind is not None
            last = Typed(expression("A if C else B", A=then.code, B=last.code, C=test), kind)
        return last

    def _for(self, node: nodes.For, scope: Scope) -> Typed:
        if node.recursive or node.else_ or not isinstance(node.target, nodes.Name) or node.target.name == "loop":
            raise Unsuited
        items = self.given(self.value(_items(node), scope))
        if not isinstance(items.kind, Listed):
            raise Unsuited
        item, index = self.writer.fresh("i"), self.writer.fresh("n")
        bound = {**scope, node.target.name: Typed(name(item), items.kind.item)}
        source, count = items.code, expression("len(L)", L=items.code)
        with self.writer.repeated(items.kind.most):
            self.writer.pay(steps=2)
            if node.test is not None:
                test = self.condition(node.test, {key: value for key, value in bound.items() if key != "loop"})
                source = filtered(source, name(item), test)
            bound["loop"] = Typed(name(index), InLoop(name(index), None if node.test is not None else count))
            made = self.text(node.body, bound)
        assert isinstance(made.kind, Text)
        if made.kind.most * items.kind.most > SIZE:
            raise Unsuited
        rounds = expression("[T for X in enumerate(L, 1)]", T=made.code, L=source)
        target = ast.Tuple([ast.Name(index, ast.Store()), ast.Name(item, ast.Store())], ast.Store())
        assert isinstance(rounds, ast.ListComp)
        rounds.generators[0].target = target
        code = expression("J(L)", J=self.writer.bind("".join), L=rounds)
        return Typed(code, Text(made.kind.most * items.kind.most, made.kind.even))

    def printed(self, typed: Typed) -> Typed:
        """A value as a template prints it: text and numbers only."""
        typed = self.given(typed)
        if isinstance(typed.kind, Text | Number):
            return typed
        if isinstance(typed.kind, Nullable) and isinstance(typed.kind.kind, Text | Number):
            return Typed(expression("X if X is not None else refuse()", X=typed.code), typed.kind.kind)
        if isinstance(typed.kind, Foreign):
            code = expression("P(X)", P=self.writer.bind(foreign.printed), X=typed.code)
            return Typed(code, Text(LONGEST_TEXT, even=False))
        raise Unsuited

    # --------------------------------------------------------------------------------------------------- values

    def given(self, typed: Typed) -> Typed:
        """A value that is there: what is missing ends the code."""
        if isinstance(typed.kind, Maybe):
            return Typed(expression("X if X is not MISSING else refuse()", X=typed.code), typed.kind.kind)
        return typed

    def value(self, node: nodes.Node, scope: Scope) -> Typed:
        """An expression's value. Raises `Unsuited`."""
        self.writer.pay(steps=1)
        translate = _VALUES.get(type(node))
        if translate is None:
            raise Unsuited
        found: Typed = translate(self, node, scope)
        return found

    def _name(self, node: nodes.Name, scope: Scope) -> Typed:
        if node.name not in scope:
            raise Unsuited
        return scope[node.name]

    def _constant(self, node: nodes.Const, _: Scope) -> Typed:
        value = node.value
        if isinstance(value, str):
            if "\0" in value or not _is_unicode(value):
                raise Unsuited
            return Typed(constant(value), Text(len(value), "\n" not in value))
        if value is None:
            return Typed(constant(None), Null())
        if isinstance(value, bool):
            return Typed(constant(value), Truth())
        if isinstance(value, int) and -(2**63) <= value < 2**64:
            return Typed(constant(value), Number(whole=True))
        raise Unsuited

    def _key(self, node: nodes.Getattr | nodes.Getitem, scope: Scope) -> Typed:
        if isinstance(node, nodes.Getattr):
            key: Any = node.attr
        elif isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str | int):
            key = node.arg.value
        else:
            raise Unsuited
        if isinstance(node.node, nodes.Name) and node.node.name == "loop" and "loop" in scope:
            return _of_loop(scope["loop"].kind, key)
        holder = self.given(self.value(node.node, scope))
        kind = holder.kind
        if isinstance(kind, Listed) and type(key) is int:
            return Typed(expression("X[K]", X=holder.code, K=constant(key)), kind.item)
        if isinstance(kind, Foreign) and isinstance(key, str):
            code = expression("G(X, K)", G=self.writer.bind(foreign.key_of), X=holder.code, K=constant(key))
            return Typed(code, FOREIGN)
        if not isinstance(kind, Keyed) or key not in kind.fields:
            raise Unsuited
        return key_of(holder.code, kind, str(key))

    def _choice(self, node: nodes.CondExpr, scope: Scope) -> Typed:
        if node.expr2 is None:
            raise Unsuited
        test = self.condition(node.test, scope)
        return _either("A if C else B", self.value(node.expr1, scope), self.value(node.expr2, scope), C=test)

    def _or(self, node: nodes.Or | nodes.And, scope: Scope) -> Typed:
        sign = "or" if isinstance(node, nodes.Or) else "and"
        left, right = (self.given(self.value(each, scope)) for each in (node.left, node.right))
        return _either(f"A {sign} B", left, right)

    def _concat(self, node: nodes.Concat, scope: Scope) -> Typed:
        made = [self.printed(self.value(each, scope)) for each in node.nodes]
        most = sum(_length(each.kind) for each in made)
        self.writer.pay(steps=1, work=most)
        if most > SIZE:
            raise Unsuited
        return Typed(text_of([each.code for each in made]), Text(most, all(_is_even(each.kind) for each in made)))

    def _filter(self, node: nodes.Filter, scope: Scope) -> Typed:
        translate = FILTERS.get(node.name)
        if translate is None or node.node is None or node.dyn_args is not None or node.dyn_kwargs is not None:
            raise Unsuited
        value = self.value(node.node, scope)
        if node.name not in ("default", "d"):
            value = self.given(value)
        arguments = [self.value(argument, scope) for argument in node.args]
        named = {str(keyword.key): self.value(keyword.value, scope) for keyword in node.kwargs}
        return translate(self, node.name, value, arguments, named)

    def _truth(self, node: nodes.Node, scope: Scope) -> Typed:
        return Typed(self.condition(node, scope), Truth())

    # ----------------------------------------------------------------------------------------------- conditions

    def condition(self, node: nodes.Node, scope: Scope) -> ast.expr:
        """An expression as a condition: its truth is what counts. Raises `Unsuited`."""
        self.writer.pay(steps=1)
        if isinstance(node, nodes.Not):
            return expression("not A", A=self.condition(node.node, scope))
        if isinstance(node, nodes.And | nodes.Or):
            sign = "or" if isinstance(node, nodes.Or) else "and"
            left, right = self.condition(node.left, scope), self.condition(node.right, scope)
            return expression(f"A {sign} B", A=left, B=right)
        if isinstance(node, nodes.Compare):
            return self._compared(node, scope)
        if isinstance(node, nodes.Test):
            return self._tested(node, scope)
        typed = self.given(self.value(node, scope))
        if isinstance(typed.kind, InLoop):
            raise Unsuited
        return typed.code

    def _compared(self, node: nodes.Compare, scope: Scope) -> ast.expr:
        if len(node.ops) != 1:
            raise Unsuited
        (operand,) = node.ops
        left = self.given(self.value(node.expr, scope))
        if operand.op in ("in", "notin"):
            return self._contained(operand, left)
        right = self.given(self.value(operand.expr, scope))
        kinds = (left.kind, right.kind)
        if not (_all(kinds, Text) or _all(kinds, Number) or (_all(kinds, Truth) and operand.op in ("eq", "ne"))):
            raise Unsuited
        return expression(f"A {_SIGNS[operand.op]} B", A=left.code, B=right.code)

    def _contained(self, operand: nodes.Operand, left: Typed) -> ast.expr:
        """`in` a list of texts that are written out."""
        holder = operand.expr
        if not isinstance(holder, nodes.List | nodes.Tuple) or not isinstance(left.kind, Text):
            raise Unsuited
        texts = [each.value for each in holder.items if isinstance(each, nodes.Const) and isinstance(each.value, str)]
        if len(texts) != len(holder.items):
            raise Unsuited
        self.writer.pay(steps=2, work=2 * len(texts))
        sign = "in" if operand.op == "in" else "not in"
        return expression(f"A {sign} B", A=left.code, B=self.writer.bind(tuple(texts)))

    def _tested(self, node: nodes.Test, scope: Scope) -> ast.expr:
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise Unsuited
        typed = self.value(node.node, scope)
        if node.name in ("defined", "undefined"):
            sign = "is not" if node.name == "defined" else "is"
            if isinstance(typed.kind, Maybe):
                return expression(f"X {sign} MISSING", X=typed.code)
            if not self._is_sure(node.node, scope):
                raise Unsuited
            return constant(node.name == "defined")
        if node.name == "none":
            code = self.given(typed).code
            # Python warns of `is` beside what is written out.
            return constant(code.value is None) if isinstance(code, ast.Constant) else expression("X is None", X=code)
        raise Unsuited

    def _is_sure(self, node: nodes.Node, scope: Scope) -> bool:
        """Whether it is a name, or a key that an object surely has, of something of which the same is true."""
        if isinstance(node, nodes.Name):
            return True
        if not isinstance(node, nodes.Getattr) or not self._is_sure(node.node, scope):
            return False
        holder = self.value(node.node, scope).kind
        return isinstance(holder, Keyed) and node.attr in holder.fields


_VALUES: Mapping[type[nodes.Node], Any] = {
    nodes.Name: Translator._name,  # noqa: SLF001 - the table of its own methods
    nodes.Const: Translator._constant,  # noqa: SLF001
    nodes.Getattr: Translator._key,  # noqa: SLF001
    nodes.Getitem: Translator._key,  # noqa: SLF001
    nodes.CondExpr: Translator._choice,  # noqa: SLF001
    nodes.And: Translator._or,  # noqa: SLF001
    nodes.Or: Translator._or,  # noqa: SLF001
    nodes.Concat: Translator._concat,  # noqa: SLF001
    nodes.Filter: Translator._filter,  # noqa: SLF001
    nodes.Not: Translator._truth,  # noqa: SLF001
    nodes.Compare: Translator._truth,  # noqa: SLF001
    nodes.Test: Translator._truth,  # noqa: SLF001
}


def _either(source: str, one: Typed, other: Typed, **parts: ast.expr) -> Typed:
    """A value that is one of two, of which something is known only where they are alike."""
    kind = joined(one.kind, other.kind)
    if kind is None or isinstance(kind, Maybe | InLoop):
        raise Unsuited
    return Typed(expression(source, A=one.code, B=other.code, **parts), kind)


def _of_loop(kind: Kind, key: Any) -> Typed:
    if not isinstance(kind, InLoop) or key not in _LOOP_VALUES:
        raise Unsuited
    source = _LOOP_VALUES[key]
    if kind.count is None and "count" in source:
        raise Unsuited
    code = expression(source, index=kind.index, count=kind.count or kind.index)
    return Typed(code, Truth() if key in ("first", "last") else Number(whole=True))


def _items(node: nodes.For) -> nodes.Node:
    """What a loop goes through, without the count of its rounds."""
    if isinstance(node.iter, nodes.Filter) and node.iter.name == ROUNDS and node.iter.node is not None:
        return node.iter.node
    return node.iter


def _is_toll(node: nodes.Node) -> bool:
    return isinstance(node, nodes.ExprStmt) and isinstance(node.node, nodes.Filter) and node.node.name == WEIGHT


def _is_even(kind: Kind) -> bool:
    return not isinstance(kind, Text) or kind.even


def _length(kind: Kind) -> int:
    return kind.most if isinstance(kind, Text) else LONGEST_NUMBER


def _all(kinds: tuple[Kind, ...], wanted: type) -> bool:
    return all(isinstance(kind, wanted) for kind in kinds)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
