"""Python code for a template's tree, in which every operation goes through the sandbox and knows its place.

Jinja's own generator does the statements and the scopes. Expressions are written anew: what Jinja leaves to Python
(operators, comparisons, `~`, literals, calls, filters) becomes a call of a method of `sandbox.Sandbox`, with the place
that a problem is to be reported at. Nothing is computed while compiling, so that each problem is found in one way.
"""

# ruff: noqa: N802, N815 - the visitors are named as Jinja calls them

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.idtracking import VAR_LOAD_PARAMETER, Symbols

from msgc.template.branch import Branch, ListPath
from msgc.template.branches import branches_of_choice, branches_of_if, branches_of_loop
from msgc.template.problem import Place
from msgc.template.spans import Spans

ROUNDS = "(rounds)"
"""The name of the filter, unwritable in a template, that counts what a `for` goes through."""
WEIGHT = "(weight)"
"""The name of the filter, unwritable in a template, that pays for one run of the body of a loop or macro."""

_GOING = "(going)"
_CHOOSING = "(choosing)"


class Generator(CodeGenerator):
    """Writes the code of one template; what it knows as `P` are `places`, `literals` as `T`, `branches` as `B`.

    `lists` are the paths of the lists of its loops. With `native`, what stands at the top is put out as the value that
    it is, not as text.
    """

    def __init__(
        self, environment: Any, name: str | None, spans: Spans, lists: Mapping[int, ListPath], *, native: bool = False
    ) -> None:
        self._written = StringIO()
        super().__init__(environment, name, name, self._written, optimized=False)
        self.places: list[Place] = []
        self.literals: list[tuple[str, Place]] = []
        self.branches: list[Branch] = []
        self._spans = spans
        self._lists = lists
        self._native = native

    @property
    def code(self) -> str:
        """The Python code that was written."""
        return self._written.getvalue()

    def _at(self, place: Place) -> str:
        self.places.append(place)
        return f"P[{len(self.places) - 1}]"

    def pull_dependencies(self, nodes: Iterable[nodes.Node]) -> None:
        """Nothing: filters and tests are found by name when they are used."""

    # statements

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        """Each piece by itself, so that what is put out can be told apart again."""
        for child in node.nodes:
            self.start_write(frame, child)
            if isinstance(child, nodes.TemplateData):
                self.literals.append((child.data, self._spans.literal(child)))
                self.write(f"T[{len(self.literals) - 1}]")
            elif self._native and frame.buffer is None:
                self.visit(child, frame)
            else:
                self._printed(child, frame)
            self.end_write(frame)

    def visit_If(self, node: nodes.If, frame: Frame) -> None:
        """Each condition tells where it leads to."""
        holds, fails = branches_of_if(node, self._spans)
        last = len(node.elif_)
        parts = [
            nodes.If(
                self._choosing(part.test, holds[number], fails if number == last else None),
                part.body,
                [],
                [],
                lineno=part.lineno,
            )
            for number, part in enumerate((node, *node.elif_))
        ]
        parts[0].elif_, parts[0].else_ = parts[1:], node.else_
        super().visit_If(parts[0], frame)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        """Each round tells that there is one, and what comes in place of rounds that there is none."""
        items = node.iter.node if isinstance(node.iter, nodes.Filter) and node.iter.name == ROUNDS else node.iter
        assert items is not None
        some, none = branches_of_loop(node, items, self._lists[id(node)], self._spans)
        body = [self._going(some, node), *node.body]
        otherwise = node.else_ if none is None else [self._going(none, node), *node.else_]
        loop = nodes.For(node.target, node.iter, body, otherwise, node.test, node.recursive, lineno=node.lineno)
        super().visit_For(loop, frame)

    def _going(self, branch: Branch, node: nodes.Node) -> nodes.ExprStmt:
        mark = nodes.Filter(None, _GOING, [nodes.Const(self._of(branch))], [], None, None, lineno=node.lineno)
        return nodes.ExprStmt(mark, lineno=node.lineno)

    def _choosing(self, test: nodes.Node, yes: Branch, no: Branch | None) -> nodes.Filter:
        known = nodes.Const(f"{self._of(yes)}, {'None' if no is None else self._of(no)}")
        return nodes.Filter(test, _CHOOSING, [known], [], None, None, lineno=test.lineno)

    def _of(self, branch: Branch) -> str:
        self.branches.append(branch)
        return f"B[{len(self.branches) - 1}]"

    def _printed(self, node: nodes.Expr, frame: Frame, **options: bool) -> None:
        self.write(f"environment.printed({self._at(self._spans.place(node))}, ")
        self.visit(node, frame, **options)
        self.write(")")

    def visit_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> None:
        """The called macro may give back something else than text, when it is no macro."""
        call_frame, macro = self.macro_body(node, frame)
        self.writeline("caller = ")
        self.macro_def(macro, call_frame)
        self.start_write(frame, node)
        self._printed(node.call, frame, forward_caller=True)
        self.end_write(frame)

    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:
        """A filter may give back something else than text."""
        inner = frame.inner()
        inner.symbols.analyze_node(node)
        self.enter_frame(inner)
        self.buffer(inner)
        self.blockvisit(node.body, inner)
        self.start_write(frame, node)
        self._printed(node.filter, inner)
        self.end_write(frame)
        self.leave_frame(inner)

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:
        """The path was checked to be a constant."""
        scope = f"context.get_all(), {self.dump_local_context(frame)}" if node.with_context else "None, None"
        self.simple_write(
            f"environment.include({self._at(self._spans.tag(node))}, {_path(node)!r}, {scope})", frame, node
        )

    def _import_common(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> None:
        scope = f"context.get_all(), {self.dump_local_context(frame)}" if node.with_context else "None, None"
        self.write(f"environment.imported({self._at(self._spans.tag(node))}, {_path(node)!r}, {scope})")

    def visit_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:
        """A name that the file does not offer is a problem of the import, not of its use."""
        self.newline(node)
        self.write("included_template = ")
        self._import_common(node, frame)
        for entry in node.names:
            name, alias = entry if isinstance(entry, tuple) else (entry, entry)
            reference = frame.symbols.ref(alias)
            place = self._at(self._spans.tag(node))
            self.writeline(f"{reference} = environment.exported({place}, included_template, {name!r})")
            if frame.toplevel:
                self.writeline(f"context.vars[{alias!r}] = {reference}")
                self.writeline(f"context.exported_vars.discard({alias!r})")

    # expressions

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:
        """A name that is not there becomes a value that knows its place."""
        if node.ctx != "load":
            super().visit_Name(node, frame)
            return
        reference = frame.symbols.ref(node.name)
        load = frame.symbols.find_load(reference)
        if load is not None and load[0] == VAR_LOAD_PARAMETER and not self.parameter_is_undeclared(reference):
            if node.name == "loop":
                self.write(reference)
            else:
                self.write(f"environment.given({self._at(self._spans.place(node))}, {reference})")
            return
        place = self._at(self._spans.place(node))
        absent = f"environment.absent({place}, context, {node.name!r}, {_local_names(frame)!r})"
        self.write(f"({reference} if {reference} is not missing else {absent})")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """`a.b`."""
        self._method("attribute", node, frame, node.node, repr(node.attr))

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:
        """`a[b]` and `a[b:c]`."""
        if not isinstance(node.arg, nodes.Slice):
            self._method("item", node, frame, node.node, node.arg)
            return
        parts = (node.arg.start, node.arg.stop, node.arg.step)
        self._method("cut", node, frame, node.node, *("None" if part is None else part for part in parts))

    def _method(self, name: str, node: nodes.Node, frame: Frame, *arguments: nodes.Node | str) -> None:
        self.write(f"environment.{name}({self._at(self._spans.place(node))}")
        for argument in arguments:
            self.write(", ")
            if isinstance(argument, str):
                self.write(argument)
            else:
                self.visit(argument, frame)
        self.write(")")

    def _binary(self, node: nodes.BinExpr, frame: Frame) -> None:
        self._method("binary", node, frame, repr(node.operator), node.left, node.right)

    visit_Add = visit_Sub = visit_Mul = visit_Div = visit_FloorDiv = visit_Mod = visit_Pow = _binary

    def _unary(self, node: nodes.UnaryExpr, frame: Frame) -> None:
        self._method("unary", node, frame, repr(node.operator), node.node)

    visit_Neg = visit_Pos = _unary

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        """`a ~ b ~ c`, each with its own place."""
        places = ", ".join(self._at(self._spans.place(part)) for part in node.nodes)
        self._method("tied", node, frame, f"({places},)", *node.nodes)

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        """`a < b < c`; all sides are computed, whatever the first comparison says."""
        operators = tuple(operand.op for operand in node.ops)
        self._method("compared", node, frame, repr(operators), node.expr, *(operand.expr for operand in node.ops))

    def _built(self, node: nodes.List | nodes.Tuple, frame: Frame) -> None:
        brackets = "[]" if isinstance(node, nodes.List) else "()"
        self.write(f"environment.built({self._at(self._spans.place(node))}, {brackets[0]}")
        for item in node.items:
            self.visit(item, frame)
            self.write(", ")
        self.write(f"{brackets[1]})")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:
        """`[a, b]`."""
        self._built(node, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:
        """`(a, b)`; as a target of an assignment, Python's own."""
        if node.ctx == "load":
            self._built(node, frame)
        else:
            super().visit_Tuple(node, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:
        """`{a: b}`."""
        self.write(f"environment.built_object({self._at(self._spans.place(node))}, (")
        for pair in node.items:
            self.write("(")
            self.visit(pair.key, frame)
            self.write(", ")
            self.visit(pair.value, frame)
            self.write("), ")
        self.write("))")

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:
        """`a | b(c)`; inside of a filter block the text of the block stands for `a`."""
        if node.name == ROUNDS and node.node is not None:
            self._method("rounds", node.node, frame, node.node)
            return
        if node.name == WEIGHT:
            self.write(f"environment.weigh({node.args[0].as_const()!r})")
            return
        if node.name == _GOING:
            self.write(f"environment.going({node.args[0].as_const()})")
            return
        if node.name == _CHOOSING and node.node is not None:
            self.write(f"environment.choosing({node.args[0].as_const()}, ")
            self.visit(node.node, frame)
            self.write(")")
            return
        self.write(f"environment.filtered({self._at(self._spans.call(node))}, {node.name!r}, ")
        if node.node is None:
            self.write(f"concat({frame.buffer})")
        else:
            self.visit(node.node, frame)
        self._arguments(node, frame)
        self.write(")")

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:
        """`a is b(c)`."""
        self.write(f"environment.tested({self._at(self._spans.call(node))}, {node.name!r}, ")
        self.visit(node.node, frame)
        self._arguments(node, frame)
        self.write(")")

    def visit_CondExpr(self, node: nodes.CondExpr, frame: Frame) -> None:
        """`a if condition else b`."""
        test = self._choosing(node.test, *branches_of_choice(node, self._spans))
        super().visit_CondExpr(nodes.CondExpr(test, node.expr1, node.expr2, lineno=node.lineno), frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """`a(b, c=d)`."""
        self.write(f"environment.called({self._at(self._spans.place(node))}, ")
        self.visit(node.node, frame)
        self._arguments(node, frame, forward_caller)
        self.write(")")

    def _arguments(
        self, node: nodes.Call | nodes.Filter | nodes.Test, frame: Frame, forward_caller: bool = False
    ) -> None:
        """The arguments as a tuple and a dict, so that no name in a template can be one of the sandbox's own."""
        if not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs or forward_caller):
            return
        self.write(", (")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        if node.dyn_args is not None:
            self.write("*")
            self._method("spread", node.dyn_args, frame, node.dyn_args)
            self.write(",")
        self.write("), {")
        for keyword in node.kwargs:
            self.write(f"{keyword.key!r}: ")
            self.visit(keyword.value, frame)
            self.write(", ")
        if forward_caller:
            self.write("'caller': caller, ")
        if node.dyn_kwargs is not None:
            self.write("**")
            self._method("spread_object", node.dyn_kwargs, frame, node.dyn_kwargs)
        self.write("}")


def _path(node: nodes.Include | nodes.Import | nodes.FromImport) -> str:
    return str(node.template.as_const())


def _local_names(frame: Frame) -> tuple[str, ...]:
    """The arguments and variables that an expression in the frame could have meant."""
    names: set[str] = set()
    symbols: Symbols | None = frame.symbols
    while symbols is not None:
        loads = symbols.loads
        names |= {name for name, ref in symbols.refs.items() if loads.get(ref, ("",))[0] == VAR_LOAD_PARAMETER}
        names |= symbols.stores
        symbols = symbols.parent
    return tuple(sorted(names - {"caller", "varargs", "kwargs"}))
