"""From a template's text to code that runs: lex, parse, check, generate; and what running it may raise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from jinja2 import Template as JinjaTemplate
from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError, UndefinedError
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser

from msgc.source import Source
from msgc.template import budget
from msgc.template.branch import Branch
from msgc.template.check import prepare
from msgc.template.filters import FILTERS
from msgc.template.generate import Generator
from msgc.template.lexing import Lexed, jinja_tokens, lex, syntax
from msgc.template.list_paths import list_paths
from msgc.template.lists import TESTS
from msgc.template.problem import Place, TemplateProblem
from msgc.template.sandbox import Sandbox
from msgc.template.scope import Piece
from msgc.template.spans import Spans


@dataclass(frozen=True)
class Code:
    """A template that runs. With `native`, it puts out one value instead of text."""

    template: JinjaTemplate
    tree: nodes.Template
    spans: Spans
    place: Place
    branches: tuple[Branch, ...]

    def pieces(self, scope: Mapping[str, Any], *, traced: bool = False) -> list[Any]:
        """What the template puts out for some values. Raises TemplateProblem, placed."""
        token = budget.begin(budget.Budget(traced=traced))
        try:
            found = []
            left = budget.SIZE
            for piece in self.template.root_render_func(self.template.new_context(dict(scope))):
                if isinstance(piece, str):
                    left -= len(piece)
                    if left < 0:
                        raise budget.exceeded(f"the text has more than {budget.SIZE:,} characters")
                found.append(piece)
            return found
        except TemplateProblem as problem:
            raise problem.at(self.place) from None
        except Exception as error:
            raise _python_problem(error).at(self._place_of(error)) from None
        finally:
            budget.end(token)

    def _place_of(self, error: Exception) -> Place:
        """The tag of the innermost template that was running, which the compiled code's line leads to."""
        place = self.place
        trace = error.__traceback__
        while trace is not None:
            running = trace.tb_frame.f_globals.get("__jinja_template__")
            if running is not None:
                spans: Spans = trace.tb_frame.f_globals["SPANS"]
                place = spans.at(running.get_corresponding_lineno(trace.tb_lineno) - 1)
            trace = trace.tb_next
        return place


def _python_problem(error: Exception) -> TemplateProblem:
    if isinstance(error, (RecursionError, MemoryError)):
        return budget.exceeded("the template needs more memory than a message may")
    message = str(error)
    if "unpack" in message:
        return TemplateProblem(
            "template-error",
            "there are not as many values as names",
            help="each must be a list with one value for each name, as in `{% for key, value in order | items %}`",
        )
    if "non-namespace" in message:
        return TemplateProblem(
            "template-error",
            "only keys of a namespace can be set",
            help="make one first: `{% set ns = namespace(total=0) %}`",
        )
    if isinstance(error, UndefinedError):
        return TemplateProblem("undefined-variable", message)
    return TemplateProblem("template-error", f"this cannot be computed: {message}")


def parse_template(sandbox: Sandbox, lexed: Lexed) -> nodes.Template:
    """The tree of a whole template. Raises TemplateProblem, with a place in the leaf."""
    parser = _parser(sandbox, lexed)
    try:
        return parser.parse()
    except TemplateSyntaxError as error:
        raise _syntax_problem(error, lexed) from None


def parse_expression(sandbox: Sandbox, lexed: Lexed) -> nodes.Template:
    """The tree of a template that puts out one expression. Raises TemplateProblem, placed in the leaf."""
    if not lexed.lexemes:
        raise syntax("an expression is expected here", 0, len(lexed.text))
    parser = _parser(sandbox, lexed)
    try:
        expression = parser.parse_expression()
        if not parser.stream.eos:
            parser.fail(f"expected token 'end of template', got {str(parser.stream.current)!r}")
    except TemplateSyntaxError as error:
        raise _syntax_problem(error, lexed) from None
    return expression_tree(sandbox, expression)


def expression_tree(sandbox: Sandbox, expression: nodes.Node) -> nodes.Template:
    """A tree that puts out one expression."""
    tree = nodes.Template([nodes.Output([cast("nodes.Expr", expression)], lineno=1)], lineno=1)
    tree.set_environment(sandbox)
    return tree


def parse_loop(sandbox: Sandbox, lexed: Lexed) -> nodes.For:
    """The tree of `x in items if condition`. Raises TemplateProblem, with a place in the text."""
    end = len(lexed.text) + 1
    tokens = [Token(1, "name", "for"), *_tokens(sandbox, lexed)]
    tokens += [Token(end, "block_end", "%}"), Token(end, "block_begin", "{%"), Token(end, "name", "endfor")]
    parser = Parser(sandbox, "")
    parser.stream = TokenStream(tokens, None, None)
    try:
        loop = parser.parse_for()
    except TemplateSyntaxError as error:
        raise _syntax_problem(error, lexed) from None
    if loop.recursive:
        raise syntax("a loop of the tree cannot be recursive", 0, len(lexed.text))
    return loop


def _parser(sandbox: Sandbox, lexed: Lexed) -> Parser:
    parser = Parser(sandbox, "")
    parser.stream = TokenStream(_tokens(sandbox, lexed), None, None)
    return parser


def _tokens(sandbox: Sandbox, lexed: Lexed) -> list[Token]:
    try:
        return list(jinja_tokens(sandbox.lexer, lexed))
    except TemplateSyntaxError as error:
        raise _syntax_problem(error, lexed) from None


def compile_tree(sandbox: Sandbox, tree: nodes.Template, spans: Spans, place: Place, *, native: bool) -> Code:
    """Code for a tree. Raises TemplateProblem, placed."""
    lists = list_paths(tree)
    weight = prepare(tree, spans, FILTERS, TESTS)
    name = place.source.name if place.source is not None else None
    generator = Generator(sandbox, name, spans, lists, native=native)
    try:
        generator.visit(tree)
        code = compile(generator.code, name or "<template>", "exec")
    except TemplateSyntaxError as error:
        raise TemplateProblem("template-syntax", _sentence(error.message or "")).at(
            spans.at(error.lineno - 1)
        ) from None
    except (RecursionError, MemoryError, SyntaxError, OverflowError):  # what Python's own compiler says of depth
        raise budget.exceeded("the template is nested too deeply").at(place) from None
    template = JinjaTemplate.from_code(sandbox, code, sandbox.globals)
    template.root_render_func.__globals__.update(
        P=tuple(generator.places),
        T=tuple(Piece.of(text, where) for text, where in generator.literals),
        B=tuple(generator.branches),
        SPANS=spans,
        WEIGHT=weight,
    )
    return Code(template, tree, spans, place, tuple(generator.branches))


def compile_file(sandbox: Sandbox, source: Source) -> Code:
    """Code for a `.j2` file. Raises TemplateProblem with a place in that file."""
    try:
        lexed = lex(sandbox.lexer, source.text)
        tree = parse_template(sandbox, lexed)
        return compile_tree(sandbox, tree, Spans(lexed, source), Place(source, 0, 0), native=False)
    except TemplateProblem as problem:
        problem.source = source
        raise


_GOT = re.compile(r"expected token '(.+)', got '(.+)'", re.DOTALL)
_SIGNS = {
    "end of print statement": "}}",
    "end of statement block": "%}",
    "begin of print statement": "{{",
    "begin of statement block": "{%",
    "name": "a name",
    "assign": "=",
    "colon": ":",
    "comma": ",",
    "rparen": ")",
    "lparen": "(",
    "rbracket": "]",
    "rbrace": "}",
}


def _syntax_problem(error: TemplateSyntaxError, lexed: Lexed) -> TemplateProblem:
    """The parser's complaint in the author's words, at the token that it is about."""
    message = error.message or ""
    offset = error.lineno - 1
    number = lexed.index.get(offset)
    if "end of template" in message.split("expected")[0] or "got 'end of template'" in message or number is None:
        end = lexed.lexemes[-1].end if lexed.lexemes else 0
        if number is None and "got" in message and "end of statement block" not in message:
            return syntax(_sentence(message), offset, offset)
        return syntax("the expression ends too early", end, end, _expected(message))
    lexeme = lexed.lexemes[number]
    got = _GOT.search(message)
    raw = lexeme.raw.strip()
    if got:
        hint = _expected(message)
        if got[1] in ("end of print statement", "end of template") and lexeme.type in (
            "name",
            "string",
            "integer",
        ):
            hint = "join values with `~`; apply a filter with `|`"
        elif lexeme.raw == "=" and got[1] in (
            "end of print statement",
            "end of statement block",
            "end of template",
        ):
            hint = "compare with `==`"
        return syntax(f"`{raw}` cannot stand here", lexeme.start, lexeme.end, hint)
    if message.startswith(("unexpected '", "Expected an expression")):
        if lexeme.type.endswith("_end"):
            return syntax("an expression is missing here", lexeme.start, lexeme.end)
        return syntax(f"`{raw}` cannot stand here", lexeme.start, lexeme.end)
    return syntax(_sentence(message), lexeme.start, lexeme.end)


def _expected(message: str) -> str | None:
    got = _GOT.search(message) or re.search(r"expected '(.+)'", message)
    if not got or got[1] == "end of template":
        return None
    sign = _SIGNS.get(got[1], got[1])
    return f"{sign} is expected here" if sign == "a name" else f"`{sign}` is expected here"


_SENTENCES = (
    ("can't assign to special loop", "`loop` belongs to the loop and cannot be set"),
    ("can't assign to", "only a name can be set"),
    ("tag name expected", "the name of a tag is missing here"),
    ("expected call", "a call is expected here, as in `{% call name() %}`"),
    ("You cannot chain", "one test cannot follow another: join them with `and`"),
    ("non-default argument follows", "an argument without a default follows one with a default"),
    ("invalid syntax for function call", "the arguments are not in order: values, then names with values"),
    ("names starting with an underline", "names that begin with `_` belong to their file and cannot be imported"),
    ("When defining macros", "the argument `caller` of a macro needs a default"),
    ("expected name or number", "the name of a key is expected here"),
)


def _sentence(message: str) -> str:
    folded = message.casefold()
    for beginning, sentence in _SENTENCES:
        if folded.startswith(beginning.casefold()):
            return sentence
    return message.rstrip(".")
