"""The text of a template as tokens that know where they stand, checked before anything is parsed.

Jinja's lexer knows only lines. Here its tokens are found again in the text one after the other, and their offset is
what the parser, the tree and the compiled code take for a line number. Limits on nesting are counted on the tokens,
so that the verdict on a hostile template does not depend on the recursion limit of the interpreter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Lexer
from jinja2.lexer import Token as JinjaToken

from msgc.diagnostic import nearest
from msgc.template.budget import BITS, BLOCKS, BRACKETS, LENGTH, OPERATORS, TAGS, TOKENS, exceeded
from msgc.template.problem import Place, TemplateProblem

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = frozenset(OPENERS.values())
BLOCK_TAGS = frozenset({"for", "if", "macro", "call", "filter", "set", "with"})
KNOWN_TAGS = BLOCK_TAGS | {"include", "import", "from", "print", "raw"}
_MIDDLE = {"else": ("if", "for"), "elif": ("if",)}
_OPERATOR_NAMES = frozenset({"and", "or", "not", "in", "is", "if", "else"})
_NOT_OPERATORS = frozenset({",", ":", "=", ")", "]", "}"})
_BEGINNINGS = frozenset({"variable_begin", "block_begin"})
_IGNORED = frozenset({"whitespace", "comment_begin", "comment", "comment_end", "raw_begin", "raw_end"})
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_KNOWN_ESCAPES = frozenset("\n\\'\"abfnrtv01234567xNuU")
_BIG_OCTAL = re.compile(r"(?<!\\)(?:\\\\)*\\[4-7][0-7]{2}")
_DIGITS = BITS // 3  # more than any integer of 4,096 bits has in base 8, 10 or 16


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of the template: offsets in code points, the lexer's type, its text as written."""

    start: int
    end: int
    type: str
    raw: str


@dataclass(frozen=True)
class Lexed:
    """A template's text and its pieces, without white space and comments. `tags` are the ranges of whole tags."""

    text: str
    lexemes: tuple[Lexeme, ...]
    tags: tuple[tuple[int, int], ...]
    comments: tuple[tuple[int, int], ...] = field(default=())

    @cached_property
    def index(self) -> dict[int, int]:
        """The position in `lexemes` of the piece that begins at an offset."""
        return {lexeme.start: number for number, lexeme in enumerate(self.lexemes)}

    @cached_property
    def partner(self) -> dict[int, int]:
        """For the position of each bracket in `lexemes`, that of its other half."""
        pairs: dict[int, int] = {}
        stack: list[int] = []
        for number, lexeme in enumerate(self.lexemes):
            if lexeme.type != "operator":
                continue
            if lexeme.raw in OPENERS:
                stack.append(number)
            elif lexeme.raw in CLOSERS and stack:
                pairs[number] = stack.pop()
                pairs[pairs[number]] = number
        return pairs

    def tag_at(self, offset: int) -> tuple[int, int]:
        """The range of the tag that covers an offset; else that offset alone."""
        return next(((start, end) for start, end in self.tags if start <= offset < end), (offset, offset))


def lex(lexer: Lexer, text: str, state: str | None = None) -> Lexed:
    """The pieces of a template; with the state "variable" or "block", those of the inside of a tag.

    Raises TemplateProblem, placed, for what is no template and for what passes the limits of a text.
    """
    if len(text) > LENGTH:
        raise exceeded(f"the template has more than {LENGTH:,} characters").at(Place(None, 0, 0))
    lexemes: list[Lexeme] = []
    comments = []
    tags = 0
    for lexeme in _pieces(lexer, text, state):
        if lexeme.type in _IGNORED:
            if lexeme.type.startswith("comment"):
                comments.append((lexeme.start, lexeme.end))
            continue
        _check_piece(lexeme)
        lexemes.append(lexeme)
        tags += lexeme.type in _BEGINNINGS
        if tags > TAGS or len(lexemes) > TOKENS:
            limit = f"{TAGS:,} tags" if tags > TAGS else f"{TOKENS:,} names, signs and literals"
            raise exceeded(f"the template has more than {limit}").at(Place(None, lexeme.start, lexeme.end))
    lexed = Lexed(text, tuple(lexemes), tuple(_tags(lexemes)), tuple(comments))
    _check_expressions(lexed, state)
    if state is None:
        _check_blocks(lexed)
    return lexed


def jinja_tokens(lexer: Lexer, lexed: Lexed) -> Iterator[JinjaToken]:
    """The tokens as Jinja's parser takes them, with offset + 1 in the place of the line."""
    for lexeme in lexed.lexemes:
        if lexeme.type == "data":
            yield JinjaToken(lexeme.start + 1, "data", lexed.text[lexeme.start : lexeme.end])
        else:
            raw = _ESCAPE.sub(_keep_escape, lexeme.raw) if "\\" in lexeme.raw else lexeme.raw
            for token in lexer.wrap([(lexeme.start + 1, lexeme.type, raw)]):
                if token.type == "string" and any("\ud800" <= character <= "\udfff" for character in token.value):
                    raise TemplateProblem(
                        "lone-surrogate",
                        "the text holds half of a character (a lone surrogate)",
                        help="write the character itself",
                    ).at(Place(None, lexeme.start, lexeme.end))
                yield token


def _keep_escape(match: re.Match[str]) -> str:
    return match[0] if match[1] in _KNOWN_ESCAPES else "\\" + match[0]


def _pieces(lexer: Lexer, text: str, state: str | None) -> Iterator[Lexeme]:
    plain, offsets = _newlines(text)
    position = start = 0
    kind = ""
    opened: list[int] = []
    begin = -1
    stream = lexer.tokeniter(plain, None, None, state)
    while True:
        try:
            _, kind, raw = next(stream)
        except StopIteration:
            return
        except TemplateSyntaxError as error:
            if begin >= 0 and _is_left_open(plain, begin):
                tag = offsets[begin] if offsets else begin
                raise _open_tag(text[tag : tag + 2], tag) from None
            if "expected" in (error.message or "") and opened:
                raise _unclosed(text, offsets[opened[-1]] if offsets else opened[-1]) from None
            raise _unlexable(error, text, offsets, start if kind.endswith("_begin") else position) from None
        start = position
        while not plain.startswith(raw, start):
            start += 1  # white space that a `-` took away
        position = start + len(raw)
        if kind in ("variable_begin", "block_begin"):
            begin = start
        elif kind in ("variable_end", "block_end"):
            begin = -1
        elif kind == "operator" and raw in OPENERS:
            opened.append(start)
        elif kind == "operator" and raw in CLOSERS:
            opened.pop()
        end = start + len(raw.rstrip()) if kind.endswith("_end") and kind != "comment_end" else position
        yield Lexeme(offsets[start], offsets[end], kind, raw) if offsets else Lexeme(start, end, kind, raw)


def _is_left_open(text: str, begin: int) -> bool:
    """Whether no end of the tag that begins here comes before the beginning of another one."""
    end = text.find("}}" if text[begin + 1] == "{" else "%}", begin + 2)
    return end < 0 or any(0 <= text.find(mark, begin + 2) < end for mark in ("{{", "{%"))


def _open_tag(raw: str, start: int) -> TemplateProblem:
    brace = "}}" if raw == "{{" else "%}"
    return syntax(f"`{raw}` is never closed", start, start + 2, f"close it with `{brace}`")


def _newlines(text: str) -> tuple[str, list[int] | None]:
    """The text with every line break as one character, as the lexer reads it, and the offsets that it came from."""
    if "\r" not in text:
        return text, None
    plain, offsets = [], []
    for number, character in enumerate(text):
        if character == "\n" and text[number - 1 : number] == "\r":
            continue
        plain.append("\n" if character == "\r" else character)
        offsets.append(number)
    return "".join(plain), [*offsets, len(text)]


def _unlexable(error: TemplateSyntaxError, text: str, offsets: list[int] | None, at: int) -> TemplateProblem:
    start = offsets[at] if offsets else at
    message = error.message or ""
    if message.startswith("Missing end of comment"):
        return syntax("the comment is never closed", start, start + 2, "close it with `#}`")
    if message.startswith("Missing end of raw"):
        return syntax("`{% raw %}` is never closed", start, start + 2, "close it with `{% endraw %}`")
    start += len(text[start:]) - len(text[start:].lstrip())
    character = text[start : start + 1]
    if character in ("'", '"'):
        return syntax("the text is never closed", start, start + 1, f"close it with `{character}`")
    if character in CLOSERS:
        braces = "the expression ends with `}}`" if character == "}" else None
        return syntax(f"`{character}` closes nothing", start, start + 1, braces)
    return syntax(f"`{character}` has no meaning in an expression", start, start + 1, _MEANT.get(character))


def _unclosed(text: str, start: int) -> TemplateProblem:
    return syntax(f"`{text[start]}` is never closed", start, start + 1, f"close it with `{OPENERS[text[start]]}`")


_MEANT = {
    "&": "write `and`",
    "!": "write `not`",
    "$": "write the name without `$`",
    "?": "write `{{ a if condition else b }}`",
    "`": "write texts in quotes",
    "“": 'use straight quotes: `"`',
    "”": 'use straight quotes: `"`',
    "‘": "use straight quotes: `'`",
    "’": "use straight quotes: `'`",
}


def syntax(message: str, start: int, end: int, help: str | None = None) -> TemplateProblem:  # noqa: A002
    """The problem of a template that Jinja does not understand."""
    return TemplateProblem("template-syntax", message, help=help).at(Place(None, start, end))


def _check_piece(lexeme: Lexeme) -> None:
    place = Place(None, lexeme.start, lexeme.end)
    if lexeme.type == "integer" and len(lexeme.raw) > _DIGITS:
        raise exceeded(f"the integer has more than {BITS:,} bits").at(place)
    if lexeme.type == "float" and float(lexeme.raw.replace("_", "")) == float("inf"):
        raise exceeded("the number is too large").at(place)
    if lexeme.type == "name" and not lexeme.raw.isascii():
        usual = unicodedata.normalize("NFKC", lexeme.raw)
        if usual != lexeme.raw:
            raise syntax(f"`{lexeme.raw}` is an unusual spelling of a name", place.start, place.end, f"write `{usual}`")
    if lexeme.type == "string" and _BIG_OCTAL.search(lexeme.raw):
        raise syntax("an octal escape ends at `\\377`", place.start, place.end, "write the character itself")


def _tags(lexemes: list[Lexeme]) -> Iterator[tuple[int, int]]:
    start = 0
    for lexeme in lexemes:
        if lexeme.type in _BEGINNINGS:
            start = lexeme.start
        elif lexeme.type in ("variable_end", "block_end"):
            yield start, lexeme.end


def _check_expressions(lexed: Lexed, state: str | None) -> None:
    depth = operators = 0
    opened: list[Lexeme] = []
    for lexeme in lexed.lexemes:
        place = Place(None, lexeme.start, lexeme.end)
        if lexeme.type.endswith("_end"):
            if state is not None:
                raise syntax(f"`{lexeme.raw.strip()}` closes nothing here", place.start, place.end, _NO_BRACES)
            operators = 0
        elif lexeme.type.endswith("_begin") or lexeme.type == "data":
            if opened:
                break
            operators = 0
        elif lexeme.type == "operator" and lexeme.raw in OPENERS:
            opened.append(lexeme)
            depth = len(opened)
            if depth > BRACKETS:
                raise exceeded(f"brackets are nested more than {BRACKETS} deep").at(place)
        elif lexeme.type == "operator" and lexeme.raw in CLOSERS and opened:
            opened.pop()
        if (lexeme.type == "operator" and lexeme.raw not in _NOT_OPERATORS) or (
            lexeme.type == "name" and lexeme.raw in _OPERATOR_NAMES
        ):
            operators += 1
            if operators > OPERATORS:
                raise exceeded(f"the expression has more than {OPERATORS} operators").at(place)
    if opened:
        raise _unclosed(lexed.text, opened[-1].start)
    if state is None and lexed.lexemes and len(lexed.tags) < _opening_tags(lexed):
        last = next(lexeme for lexeme in reversed(lexed.lexemes) if lexeme.type.endswith("_begin"))
        brace = "}}" if last.type == "variable_begin" else "%}"
        raise syntax(f"`{last.raw}` is never closed", last.start, last.end, f"close it with `{brace}`")


_NO_BRACES = "an expression stands here as it is, without `{{ }}`"


def _opening_tags(lexed: Lexed) -> int:
    return sum(1 for lexeme in lexed.lexemes if lexeme.type in _BEGINNINGS)


def _check_blocks(lexed: Lexed) -> None:
    """Every block tag is known, closed, and no deeper than allowed."""
    stack: list[tuple[str, Lexeme]] = []
    lexemes = lexed.lexemes
    for number, lexeme in enumerate(lexemes):
        if lexeme.type != "block_begin" or number + 1 >= len(lexemes) or lexemes[number + 1].type != "name":
            continue
        tag = lexemes[number + 1]
        if tag.raw in _NOT_OFFERED:
            message = f"`{{% {tag.raw} %}}` is not available in messages"
            raise TemplateProblem("template-unsupported", message, help=_NOT_OFFERED[tag.raw]).at(
                Place(None, tag.start, tag.end)
            )
        if tag.raw in BLOCK_TAGS:
            if tag.raw != "set" or _is_block_set(lexemes, number + 2):
                stack.append((tag.raw, tag))
                if len(stack) > BLOCKS:
                    raise exceeded(f"tags are nested more than {BLOCKS} deep").at(Place(None, tag.start, tag.end))
        elif tag.raw in _MIDDLE or tag.raw.removeprefix("end") in BLOCK_TAGS:
            _check_closing(tag, stack)
        elif tag.raw not in KNOWN_TAGS:
            known = KNOWN_TAGS | {f"end{name}" for name in BLOCK_TAGS} | set(_MIDDLE)
            near = "elif" if tag.raw in ("elseif", "elsif", "elsewhen") else nearest(tag.raw, known)
            raise syntax(
                f"there is no tag `{tag.raw}`",
                tag.start,
                tag.end,
                f"did you mean `{near}`?" if near else None,
            )
    if stack:
        name, tag = stack[-1]
        raise syntax(f"`{{% {name} %}}` is never closed", tag.start, tag.end, f"close it with `{{% end{name} %}}`")


def _check_closing(tag: Lexeme, stack: list[tuple[str, Lexeme]]) -> None:
    innermost = stack[-1][0] if stack else None
    if tag.raw in _MIDDLE:
        if innermost in _MIDDLE[tag.raw]:
            return
    elif innermost == tag.raw.removeprefix("end"):
        stack.pop()
        return
    if innermost is None:
        raise syntax(f"`{{% {tag.raw} %}}` belongs to no open tag", tag.start, tag.end, None)
    raise syntax(
        f"`{{% {tag.raw} %}}` stands inside of `{{% {innermost} %}}`, which is still open",
        tag.start,
        tag.end,
        f"close that first with `{{% end{innermost} %}}`",
    )


def _is_block_set(lexemes: tuple[Lexeme, ...], number: int) -> bool:
    """Whether a `set` tag (its pieces begin at `number`) captures a block: it has no `=` outside of brackets."""
    depth = 0
    for lexeme in lexemes[number:]:
        if lexeme.type == "block_end":
            return True
        if lexeme.type == "operator":
            depth += (lexeme.raw in OPENERS) - (lexeme.raw in CLOSERS)
            if lexeme.raw == "=" and depth == 0:
                return False
    return False


_NOT_OFFERED = {
    "extends": "include a file instead: `{% include 'parts/name.j2' %}`",
    "block": "put shared text in a macro, and call it",
    "endblock": "put shared text in a macro, and call it",
    "autoescape": "messages are plain text: nothing is escaped",
    "endautoescape": "messages are plain text: nothing is escaped",
    "do": "assign the result instead: `{% set name = ... %}`",
    "debug": "print the values one by one",
    "trans": "write the text of each language in its own definition",
    "break": "choose the items before: `{% for x in items if condition %}`",
    "continue": "choose the items before: `{% for x in items if condition %}`",
}
