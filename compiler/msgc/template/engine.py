"""Everything of this room that needs Jinja, behind one door: imported when the first template asks for it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import Template as JinjaTemplate
from jinja2 import nodes

from msgc.native.kinds import Listed, Typed
from msgc.native.quote import filtered, name
from msgc.native.writer import Unsuited, Writer
from msgc.source import Source
from msgc.template import budget
from msgc.template.branch import Branch, ListPath
from msgc.template.branches import branches_of_loop, used_files
from msgc.template.check import references
from msgc.template.compile import (
    Code,
    compile_file,
    compile_tree,
    expression_tree,
    parse_expression,
    parse_loop,
    parse_template,
)
from msgc.template.form import Form, value_form
from msgc.template.infer.inferred import Decided, Inferred, Looped
from msgc.template.infer.interpret import Interpreter, infer_condition, infer_loop, infer_text, infer_value
from msgc.template.infer.specials import Scope
from msgc.template.lexing import Lexed, lex, syntax
from msgc.template.list_paths import path_of, paths_of_names
from msgc.template.native_rounds import NativeRounds
from msgc.template.problem import Place, TemplateProblem
from msgc.template.reference import Reference
from msgc.template.sandbox import Sandbox, not_a_list
from msgc.template.scope import Piece, Round
from msgc.template.spans import Spans
from msgc.template.values import LISTS, demand, native, text_of

if TYPE_CHECKING:
    from msgc.template.translate import Translator

Kind = Literal["constant", "expression", "text"]


@dataclass(frozen=True)
class Compiled:
    """A template that needs Jinja. `place` is that of its expression, or of the whole text."""

    code: Code
    kind: Kind
    expressions: tuple[tuple[int, int], ...]
    references: tuple[Reference, ...]
    place: Place
    interpreter: Callable[[Spans], Interpreter]
    reached: Callable[[Code], tuple[Branch, ...]]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The branches in it, and in the files that it can go through."""
        return self.reached(self.code)

    def infer(self, scope: Scope, *, text: bool) -> Inferred:
        """What it can make, as text or (an expression) as the value that it is."""
        interpreter = self.interpreter(self.code.spans)
        if text or self.kind != "expression":
            return infer_text(interpreter, self.code.tree, scope)
        return infer_value(interpreter, self.node, scope)

    def decide(self, scope: Scope) -> Decided:
        """What it can be as a condition, and what is then known."""
        return infer_condition(self.interpreter(self.code.spans), self.node, scope)

    def native(self, writer: Writer, names: Mapping[str, Typed], *, text: bool) -> Typed | None:
        """Native code for the text or the value, for names of known kinds; None where there is none."""
        translator = self._translator(writer)
        try:
            if text or self.kind != "expression":
                return translator.text(self.code.tree.body, names)
            return translator.given(translator.value(self.node, names))
        except Unsuited:
            return None

    def native_condition(self, writer: Writer, names: Mapping[str, Typed]) -> ast.expr | None:
        """Native code for the expression as a condition; None where there is none."""
        try:
            return self._translator(writer).condition(self.node, names)
        except Unsuited:
            return None

    def _translator(self, writer: Writer) -> Translator:
        from msgc.template.translate import Translator  # only a specialised definition wants it, and each start counts

        return Translator(writer, self.code.template.environment)

    @property
    def node(self) -> nodes.Node:
        """The tree of the only expression."""
        output = self.code.tree.body[-1]
        assert isinstance(output, nodes.Output)
        return output.nodes[0]

    def render(self, scope: Mapping[str, Any]) -> str:
        """The text. Raises TemplateProblem."""
        if self.kind != "expression":
            return "".join(self.code.pieces(scope))
        text: str = self._finished(scope, _printed)
        return text

    def value(self, scope: Mapping[str, Any]) -> Any:
        """The value of the expression, as the template sees it. Raises TemplateProblem."""
        return self._finished(scope, _demanded)

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value of the expression, as plain JSON data. Raises TemplateProblem."""
        return self._finished(scope, native)

    def _finished(self, scope: Mapping[str, Any], finish: Callable[[Any], Any]) -> Any:
        (value,) = self.code.pieces(scope)
        token = budget.begin(budget.Budget())
        try:
            return finish(value)
        except TemplateProblem as problem:
            raise problem.at(self.place, named=True) from None
        finally:
            budget.end(token)

    def traced(self, scope: Mapping[str, Any]) -> list[tuple[int, int, str]]:
        """The text in pieces, each with the offsets of what made it. Raises TemplateProblem."""
        if self.kind == "expression":
            return [(self.place.start, self.place.end, self.render(scope))]
        pieces = self.code.pieces(scope, traced=True)
        places = [piece.place if isinstance(piece, Piece) else self.place for piece in pieces]
        return [(place.start, place.end, str(piece)) for place, piece in zip(places, pieces, strict=True)]


def _printed(value: Any) -> str:
    text = text_of(value)
    budget.allow_text(len(text), "the expression")
    return text


def _demanded(value: Any) -> Any:
    demand(value)
    return value


@dataclass(frozen=True)
class CompiledLoop:
    """`x in items if condition`, compiled."""

    names: tuple[str, ...]
    references: tuple[Reference, ...]
    items: Compiled
    condition: Compiled | None
    unpacked: bool
    paths: Mapping[str, ListPath]
    some: Branch
    none: Branch | None
    place: Place = field(default=Place(None, 0, 0))

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The branches in its expressions."""
        return (*self.items.branches, *(self.condition.branches if self.condition is not None else ()))

    def infer(self, scope: Scope) -> Looped:
        """What its items can be."""
        interpreter = self.items.interpreter(self.items.code.spans)
        condition = None if self.condition is None else self.condition.node
        return infer_loop(interpreter, self.items.node, self.names, condition, scope)

    def native(self, writer: Writer, names: Mapping[str, Typed]) -> NativeRounds | None:
        """Native code for the rounds, for names of known kinds; None where there is none."""
        items = None if self.unpacked else self.items.native(writer, names, text=False)
        if items is None or not isinstance(items.kind, Listed):
            return None
        item, index = name(writer.fresh("i")), name(writer.fresh("n"))
        kept = None
        if self.condition is not None:
            test = self.condition.native_condition(writer, {**names, self.names[0]: Typed(item, items.kind.item)})
            if test is None:
                return None
            kept = filtered(items.code, item, test)
        return NativeRounds(items.code, kept, item, index, items.kind.item, items.kind.most)

    def form(self, names: Mapping[str, Form]) -> Form | None:
        """What it says without how it is written."""
        items = value_form(self.items.node, names)
        condition = () if self.condition is None else value_form(self.condition.node, names)
        return None if items is None or condition is None else ("For", self.names, self.unpacked, items, condition)

    def rounds(self, scope: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The scopes of the rounds. Raises TemplateProblem."""
        items = self.items.value(scope)
        if not isinstance(items, LISTS):
            raise not_a_list(items).at(self.items.place, named=True)
        kept = [item for item in items if self._keeps(item, scope)]
        memory: dict[str, Any] = {}
        for index, item in enumerate(kept):
            yield {**scope, **self._bound(item), "loop": Round(kept, index, memory)}

    def _keeps(self, item: Any, scope: Mapping[str, Any]) -> bool:
        return self.condition is None or bool(self.condition.value({**scope, **self._bound(item)}))

    def _bound(self, item: Any) -> dict[str, Any]:
        if not self.unpacked:
            return {self.names[0]: item}
        if not isinstance(item, LISTS) or len(item) != len(self.names):
            raise TemplateProblem(
                "template-error",
                f"each item must be a list of {len(self.names)} values, one for each name",
                help="give the items one name, or go through `... | items`",
            ).at(self.place)
        return dict(zip(self.names, item, strict=True))


class Engine:
    """Compiles with Jinja. `read` gives the `.j2` file at a path, wanted at a place, or TemplateProblem."""

    def __init__(self, locale: str, macros: Mapping[str, str], read: Callable[[Place, str], Source]) -> None:
        self._read = read
        self._files: dict[str, Code] = {}
        self._sandbox = Sandbox(locale, macros, self.file)
        self._hidden = frozenset(self._sandbox.globals) | frozenset(macros)
        self.template: Callable[[str], Compiled] = lru_cache(maxsize=None)(self._template)

    def file(self, place: Place, path: str) -> JinjaTemplate:
        """The compiled `.j2` file at a path, wanted at a place. Raises TemplateProblem."""
        return self._file(place, path).template

    def _file(self, place: Place, path: str) -> Code:
        code = self._files.get(path)
        if code is None:
            source = self._read(place, path)
            code = self._files[path] = compile_file(self._sandbox, source)
        return code

    def _interpreter(self, spans: Spans) -> Interpreter:
        def opened(place: Place, path: str) -> tuple[nodes.Template, Spans]:
            code = self._file(place, path)
            return code.tree, code.spans

        return Interpreter(self._sandbox, opened, spans)

    def _reached(self, code: Code) -> tuple[Branch, ...]:
        """The branches of a template and of the files that it uses; none of those that cannot be used."""
        found = dict.fromkeys(code.branches)
        seen: set[str] = set()
        waiting = list(used_files(code.tree, self._sandbox.macros))
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            try:
                used = self._file(code.place, path)
            except TemplateProblem:
                continue  # whatever runs into it says why
            found |= dict.fromkeys(used.branches)
            waiting += used_files(used.tree, self._sandbox.macros)
        return tuple(found)

    def _template(self, text: str) -> Compiled:
        lexed = lex(self._sandbox.lexer, text)
        spans = Spans(lexed, None)
        tree = parse_template(self._sandbox, lexed)
        expressions = tuple(_expressions(lexed))
        single = len(expressions) == 1 and lexed.tags == ((0, len(text)),)
        return self._compiled(tree, lexed, spans, expressions, "expression" if single else "text")

    def expression(self, text: str) -> Compiled:
        """An expression without braces. Raises TemplateProblem."""
        lexed = lex(self._sandbox.lexer, text, "variable")
        tree = parse_expression(self._sandbox, lexed)
        return self._compiled(tree, lexed, Spans(lexed, None), ((0, len(text)),), "expression")

    def _compiled(
        self,
        tree: nodes.Template,
        lexed: Lexed,
        spans: Spans,
        expressions: tuple[tuple[int, int], ...],
        kind: Kind,
    ) -> Compiled:
        whole = Place(None, 0, len(lexed.text))
        place = spans.place(tree.body[0].nodes[0]) if kind == "expression" else whole  # type: ignore[attr-defined]
        free = references(tree, spans, self._hidden)
        code = compile_tree(self._sandbox, tree, spans, place, native=kind == "expression")
        return Compiled(code, kind, expressions, free, place, self._interpreter, self._reached)

    def loop(self, text: str) -> CompiledLoop:
        """`x in items if condition`. Raises TemplateProblem."""
        lexed = lex(self._sandbox.lexer, text, "block")
        spans = Spans(lexed, None)
        node = parse_loop(self._sandbox, lexed)
        targets = node.target.items if isinstance(node.target, nodes.Tuple) else [node.target]
        for target in targets:
            if not isinstance(target, nodes.Name) or target.name == "loop":
                place = spans.place(target)
                raise syntax(f"`{place.code}` cannot be set by a loop", place.start, place.end, "use plain names")
        names = tuple(target.name for target in targets if isinstance(target, nodes.Name))
        whole = Place(None, 0, len(text))
        free = references(nodes.Template([node], lineno=1), spans, self._hidden)

        def part(expression: nodes.Node) -> Compiled:
            tree = expression_tree(self._sandbox, expression)
            place = spans.place(expression)
            return Compiled(
                compile_tree(self._sandbox, tree, spans, place, native=True),
                "expression",
                ((place.start, place.end),),
                (),
                place,
                self._interpreter,
                self._reached,
            )

        path = path_of(node.iter, {})
        some, none = branches_of_loop(node, node.iter, path, spans)
        condition = part(node.test) if node.test is not None else None
        unpacked = isinstance(node.target, nodes.Tuple)
        paths = paths_of_names(node, path)
        return CompiledLoop(names, free, part(node.iter), condition, unpacked, paths, some, none, whole)


def _expressions(lexed: Lexed) -> Iterator[tuple[int, int]]:
    """The offsets of the inside of each `{{ }}`, without the white space around it."""
    start = end = None
    for lexeme in lexed.lexemes:
        if lexeme.type == "variable_begin":
            start = end = lexeme.end
        elif lexeme.type == "variable_end":
            if start is not None and end is not None:
                yield start, end
            start = end = None
        elif start is not None:
            start = lexeme.start if start == end else start
            end = lexeme.end
