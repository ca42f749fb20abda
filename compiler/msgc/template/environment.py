"""The room's door: an environment compiles the leaves, expressions and loops of definitions, and reads their macros.

Texts without tags, and texts whose tags only print names and keys, do not need Jinja: it is imported for the first
template that does, or that goes wrong.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from msgc.bounds.values import of_constant
from msgc.bounds.words import literal
from msgc.diagnostic import Rejected
from msgc.source import Source, Span
from msgc.template.branch import Branch, ListPath, failing, holding
from msgc.template.budget import SIZE
from msgc.template.infer.inferred import Decided, Inferred, Looped, Share
from msgc.template.infer.simple import infer_pieces
from msgc.template.infer.specials import Scope
from msgc.template.localize import check_locale
from msgc.template.problem import Place, TemplateProblem
from msgc.template.reference import Reference

if TYPE_CHECKING:
    from msgc.native.kinds import Typed
    from msgc.native.writer import Writer
    from msgc.template.engine import Compiled, CompiledLoop, Engine
    from msgc.template.form import Form
    from msgc.template.native_rounds import NativeRounds

Kind = Literal["constant", "expression", "text"]

_MARKS = re.compile(r"\{[{%#]")
_SIMPLE = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}", re.ASCII)
_WORDS = frozenset(
    {"true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else"}
    | {"self", "super", "loop", "range", "dict", "namespace"}
)


class Template:
    """A compiled leaf or expression; it holds no values and never changes.

    `kind` is "constant" (no tags at all), "expression" (exactly one `{{ }}`) or "text". `expressions` are the
    offsets of what stands between each `{{ }}`, `references` the names that it reads from outside.
    """

    __slots__ = ("_engine", "_is_expression", "_pieces", "expressions", "kind", "references", "text")

    def __init__(
        self,
        text: str,
        kind: Kind,
        expressions: tuple[tuple[int, int], ...],
        references: tuple[Reference, ...],
        engine: Callable[[], Compiled],
        pieces: tuple[str | tuple[str, ...], ...] | None,
    ) -> None:
        self.text = text
        self.kind = kind
        self.expressions = expressions
        self.references = references
        self._engine = engine
        self._pieces = pieces

    def render(self, scope: Mapping[str, Any]) -> str:
        """The text for some values. Raises TemplateProblem, with offsets into this text or into a `.j2` file."""
        if self.kind == "constant":
            return self.text
        if self._pieces is not None:
            text = _print_simply(self._pieces, scope)
            if text is not None:
                return text
        return self._engine().render(scope)

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value of an expression, as plain JSON data; of all else, the text. Raises TemplateProblem."""
        if self.kind != "expression":
            return self.render(scope)
        if self._pieces is not None:
            value = _look_up(self._pieces[0], scope)
            if value is None or type(value) in _SCALARS:
                return value
        return self._engine().evaluate(scope)

    def traced(self, scope: Mapping[str, Any]) -> list[tuple[int, int, str]]:
        """The text in pieces, each with the offsets in the leaf of the expression or the literal that made it."""
        if self.kind == "constant":
            return [(0, len(self.text), self.text)]
        return self._engine().traced(scope)

    def infer(self, scope: Scope, *, text: bool) -> Inferred:
        """What the template can make for all that the names of a scope can be: its text, or (an expression) its value.

        Never raises for what a template does: that is in the result's notes.
        """
        if self.kind == "constant":
            return Inferred(of_constant(self.text), (Share("", literal(self.text)),))
        if self._pieces is not None:
            found = infer_pieces(self._pieces, scope, value=not text and self.kind == "expression")
            if found is not None:
                return found
        return self._engine().infer(scope, text=text)

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The branches in it, and in the `.j2` files that it can go through."""
        return () if self.kind == "constant" or self._pieces is not None else self._engine().branches

    @property
    def outcomes(self) -> tuple[Branch, Branch]:
        """Of an expression that is a condition: that it is true, and that it is false."""
        whole = Place(None, 0, len(self.text), self.text)
        return holding(whole), failing([whole])

    def decide(self, scope: Scope) -> Decided:
        """What an expression can be as a condition, and what is known of the scope in either case."""
        return self._engine().decide(scope)

    def native(self, writer: Writer, names: Mapping[str, Typed], *, text: bool) -> Typed | None:
        """Native code for the text (of an expression, the value) for names of known kinds; None if there is none."""
        if self._pieces is not None:
            from msgc.template.native_pieces import native_pieces  # only a specialised definition wants it

            return native_pieces(self._pieces, names, value=not text and self.kind == "expression")
        return self._engine().native(writer, names, text=text)

    def native_condition(self, writer: Writer, names: Mapping[str, Typed]) -> ast.expr | None:
        """Native code for an expression as a condition; None where there is none."""
        return self._engine().native_condition(writer, names)

    def form(self, names: Mapping[str, Form], *, text: bool) -> Form | None:
        """What it says without how it is written, as text or (an expression) as the value that it is.

        `names` are replaced by their forms; None where that cannot be done.
        """
        from msgc.template.form import path_form, text_form, tree_form, value_form  # only comparing wants it

        whole = text or self.kind != "expression"
        if self.kind == "constant":
            return text_form((self.text,), names)
        if self._pieces is not None:
            return text_form(self._pieces, names) if whole else path_form(_path(self._pieces[0]), names)
        compiled = self._engine()
        return tree_form(compiled.code.tree, names) if whole else value_form(compiled.node, names)

    def __repr__(self) -> str:
        return f"Template({self.text!r})"


def _path(piece: str | tuple[str, ...]) -> tuple[str, ...]:
    assert isinstance(piece, tuple)
    return piece


_SCALARS = (str, int, float, bool)


def _look_up(path: str | tuple[str, ...], scope: Mapping[str, Any]) -> Any:
    """The value at a dotted path through plain objects; else an object that is no value of a message."""
    value: Any = scope.get(path[0], _ELSEWHERE)
    for key in path[1:]:
        if type(value) is not dict or key not in value:
            return _ELSEWHERE
        value = value[key]
    return value


_ELSEWHERE = object()


def _print_simply(pieces: tuple[str | tuple[str, ...], ...], scope: Mapping[str, Any]) -> str | None:
    """The text of names and keys that hold text or integers; None for all that needs a second look."""
    texts = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
            continue
        value = _look_up(piece, scope)
        kind = type(value)
        if kind is str:
            texts.append(value)
        elif (kind is int and -_SMALL < value < _SMALL) or (kind is float and math.isfinite(value)):
            texts.append(str(value))
        else:
            return None
    text = "".join(texts)
    return text if len(text) <= SIZE else None


_SMALL = 2**63


def _simple_pieces(text: str) -> tuple[str | tuple[str, ...], ...] | None:
    """The literals and dotted paths of a text whose tags only print names and keys; None for all others."""
    split = _SIMPLE.split(text)
    for number, piece in enumerate(split):
        if number % 2 == 0:
            if _MARKS.search(piece) or (piece.endswith("{") and number + 1 < len(split)):
                return None
        elif piece.split(".")[0] in _WORDS:
            return None
    return tuple(tuple(piece.split(".")) if number % 2 else piece for number, piece in enumerate(split) if piece)


class Loop:
    """A compiled `x in items if condition`. `names` are the names that each round sets, beside `loop`."""

    __slots__ = ("_loop", "names", "references", "text")

    def __init__(self, text: str, loop: CompiledLoop) -> None:
        self.text = text
        self._loop = loop
        self.names = loop.names
        self.references = loop.references

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The branches in its expressions, and in the `.j2` files that they can go through."""
        return self._loop.branches

    @property
    def outcomes(self) -> tuple[Branch, Branch | None]:
        """That it has a round, and that it has none; None where it is seen to have one always."""
        return self._loop.some, self._loop.none

    @property
    def paths(self) -> Mapping[str, ListPath]:
        """The names that each round sets, as items of the list at a path; nothing where that is unknown."""
        return self._loop.paths

    def rounds(self, scope: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The scope of each round: `scope` with the loop's names and `loop`.

        Raises TemplateProblem, with offsets into this text.
        """
        return self._loop.rounds(scope)

    def infer(self, scope: Scope) -> Looped:
        """What the items can be, and what is known in a round."""
        return self._loop.infer(scope)

    def form(self, names: Mapping[str, Form]) -> Form | None:
        """What it says without how it is written; `names` are replaced by their forms, None where that cannot be."""
        return None if not names.keys().isdisjoint(self.names) else self._loop.form(names)

    def native(self, writer: Writer, names: Mapping[str, Typed]) -> NativeRounds | None:
        """Native code for the rounds, for names of known kinds; None where there is none."""
        return self._loop.native(writer, names)


class Environment:
    """What the templates of a definition share: the locale of its filters, and its files of macros.

    `locale` is the name of a locale (`en`, `pt_BR`); ValueError if it is not known. `load` gives the `.j2` file at a
    path of the catalog, or raises Rejected. `macros` maps the names by which templates know files of macros to paths.
    """

    def __init__(self, locale: str, load: Callable[[str, Span | None], Source], macros: Mapping[str, str]) -> None:
        self.locale = check_locale(locale)
        self._load = load
        self.macros = dict(macros)
        self._templates: dict[str, Template] = {}
        self._expressions: dict[str, Template] = {}
        self._loops: dict[str, Loop] = {}

    @cached_property
    def _engine(self) -> Engine:
        from msgc.template.engine import Engine

        return Engine(self.locale, self.macros, self._read)

    def _read(self, place: Place, path: str) -> Source:
        span = None if place.source is None else Span(place.source, place.start, place.end)
        try:
            return self._load(path, span)
        except Rejected as rejected:
            first = rejected.diagnostics[0]
            raise TemplateProblem(first.rule, first.message, found=first.found, help=first.help).at(place) from None

    def compile(self, text: str) -> Template:
        """A leaf. Raises TemplateProblem, with offsets into the text."""
        template = self._templates.get(text)
        if template is None:
            template = self._templates[text] = self._compile(text)
        return template

    def _compile(self, text: str) -> Template:
        if not _MARKS.search(text):
            return Template(text, "constant", (), (), lambda: self._engine.template(text), None)
        pieces = _simple_pieces(text)
        if pieces is None or not self.macros.keys().isdisjoint(
            piece[0] for piece in pieces if isinstance(piece, tuple)
        ):
            compiled = self._engine.template(text)
            return Template(text, compiled.kind, compiled.expressions, compiled.references, lambda: compiled, None)
        found = [match.span(1) for match in _SIMPLE.finditer(text)]
        references = [Reference(text[start:end].split(".")[0], start, end) for start, end in found]
        return Template(
            text,
            "expression" if len(pieces) == 1 else "text",
            tuple(found),
            tuple(Reference(each.name, each.start, each.start + len(each.name)) for each in references),
            lambda: self._engine.template(text),
            pieces,
        )

    def compile_expression(self, text: str) -> Template:
        """An expression without `{{ }}`, as `$if` has it. Raises TemplateProblem, with offsets into the text."""
        template = self._expressions.get(text)
        if template is None:
            compiled = self._engine.expression(text)
            template = Template(text, "expression", ((0, len(text)),), compiled.references, lambda: compiled, None)
            self._expressions[text] = template
        return template

    def compile_loop(self, text: str) -> Loop:
        """`x in items if condition`, as `$for` has it. Raises TemplateProblem, with offsets into the text."""
        loop = self._loops.get(text)
        if loop is None:
            loop = self._loops[text] = Loop(text, self._engine.loop(text))
        return loop

    def compile_file(self, path: str) -> None:
        """Reads and compiles a `.j2` file, as its first use would. Raises TemplateProblem, placed in that file."""
        self._engine.file(Place(None, 0, 0), path)
