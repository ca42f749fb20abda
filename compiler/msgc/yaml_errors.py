"""What the YAML parser's errors mean to an author: its words and marks become findings with a way out."""

from __future__ import annotations

import re
from typing import Any, Final

from msgc.diagnostic import Diagnostic, Related
from msgc.document_builder import MAX_DEPTH
from msgc.quoting import EXPRESSION_KEYS, is_open_quote, is_quoted, requoted, unquoted_value, value_of_line
from msgc.rules import finding
from msgc.source import Source, Span
from msgc.yaml_findings import odd_space, too_deep

# What YAML allows in a file, as libyaml understands it.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_REPAIR: Final = 200
_LINES_ABOVE: Final = 200
_ODD_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff]+")
_NO_SPACE = re.compile(r"[ \t]*(?:-[ \t]+)*(?P<key>[$\w]+):(?P<value>[\"'\[{\w][^\r\n]*)")
_SURROGATE = re.compile(r"\\u([dD][89a-fA-F][0-9a-fA-F]{2})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?")


def forbidden_character(source: Source) -> Diagnostic:
    """The finding for the first character of a text that YAML does not allow."""
    match = _FORBIDDEN.search(source.text)
    start = match.start() if match else 0
    found = f"U+{ord(match.group()):04X}" if match else None
    return finding(
        "encoding",
        "The file holds a character that YAML does not allow",
        source.span(start, start + 1),
        found=found,
        help="Remove it, or write it as an escape in double quotes if it is meant",
    )


def explain(
    source: Source, problem: str, at: int, context: str, context_at: int | None, flow_at: int | None
) -> Diagnostic:
    """The finding for an error of the parser.

    `problem` and `context` are libyaml's words, `at` and `context_at` the offsets of its marks;
    `flow_at` is the beginning of the `{…}` or `[…]` that was being read, if any.
    """
    at = min(at, len(source.text))
    return (
        _tab(source, at, problem)
        or _odd_space(source, at)
        or _surrogate(source, at, problem)
        or _unquoted(source, at, context, context_at, flow_at)
        or _worded(source, problem, at, context, context_at)
    )


def _tab(source: Source, at: int, problem: str) -> Diagnostic | None:
    number, _ = source.position(at)
    start = source.line_start(number)
    line = source.line(number)
    indentation = line[: len(line) - len(line.lstrip(" \t"))]
    if "\t" in indentation and at <= start + len(line):
        at = start + indentation.index("\t")
        message = "The line is indented with a tab"
    elif source.text.startswith("\t", at) or "tab" in problem.split():
        message = "A tab stands where YAML wants spaces"
    else:
        return None
    end = at + 1
    while source.text.startswith("\t", end):
        end += 1
    return finding("yaml-tab", message, source.span(at, end), help="Indent with spaces")


def _odd_space(source: Source, at: int) -> Diagnostic | None:
    """The finding if the line of an error is indented with a space that looks like one and is none for YAML."""
    number, _ = source.position(at)
    line = source.line(number)
    match = _ODD_SPACE.search(line, 0, len(line) - len(line.lstrip()))
    if match is None:
        return None
    start = source.line_start(number)
    return odd_space(source.span(start + match.start(), start + match.end()))


def _surrogate(source: Source, at: int, problem: str) -> Diagnostic | None:
    if problem != "found invalid Unicode character escape code":
        return None
    start = source.text.rfind("\\", 0, at + 1)
    match = _SURROGATE.match(source.text, start) if start >= 0 else None
    if match is None or not match.group().startswith("\\u"):
        return None
    advice = "Write the character itself"
    if match[2] and match[1][1] in "89abAB":
        code = 0x10000 + ((int(match[1], 16) - 0xD800) << 10) + int(match[2], 16) - 0xDC00
        advice += f", or \\U{code:08X}: YAML does not join two `\\u` escapes"
    else:
        advice += ", or its whole code as \\UXXXXXXXX"
    return finding(
        "lone-surrogate",
        "The escape is one half of a surrogate pair",
        source.span(*match.span()),
        found=match.group(),
        help=advice,
    )


def _unquoted(source: Source, at: int, context: str, context_at: int | None, flow_at: int | None) -> Diagnostic | None:
    """The finding if a line of the error holds an expression that ought to be quoted."""
    places = [at]
    # A block collection's own beginning is far from its errors; a flow collection's or a key's is near.
    if context_at is not None and "block mapping" not in context and "block collection" not in context:
        places.append(context_at)
    if flow_at is not None:
        places.append(flow_at)
    for place in places:
        unquoted = unquoted_value(source, place)
        if unquoted is None or is_open_quote(unquoted.value):
            continue
        if unquoted.key in EXPRESSION_KEYS and not re.search(r"\{[{%#]", unquoted.value):
            message = f"The expression of `{unquoted.key}` is not quoted, and YAML cannot read it"
        else:
            message = "A text with a template is not quoted, and YAML cannot read it"
        return finding("unquoted-expression", message, unquoted.span, help=unquoted.advice)
    return None


def _worded(source: Source, problem: str, at: int, context: str, context_at: int | None) -> Diagnostic:
    """The finding in words of our own; the parser's where it says something that is not in the table."""
    make = _Words(source, at, context, context_at)
    if "alias" in context or "anchor" in context:
        return make.mark()
    for known, method in _TABLE:
        if problem.startswith(known):
            return method(make)
    return make.syntax(f"This is not YAML: {problem}", make.here())


class _Words:
    """The wordings, which share the same four facts about an error."""

    def __init__(self, source: Source, at: int, context: str, context_at: int | None) -> None:
        self.source = source
        self.at = at
        self.context = context
        self.context_at = context_at if context_at is not None else at

    def here(self) -> Span:
        """The character at the error; at the end of the text, the last line's end."""
        text = self.source.text
        at = self.at
        if at >= len(text):
            at = len(text.rstrip())
        return self.source.span(at, min(at + 1, len(text)))

    def rest_of_line(self, at: int) -> Span:
        """From an offset to the end of its line."""
        number, _ = self.source.position(at)
        end = self.source.line_start(number) + len(self.source.line(number).rstrip())
        return self.source.span(at, max(at, end))

    def syntax(self, message: str, span: Span, **fields: Any) -> Diagnostic:
        return finding("yaml-syntax", message, span, **fields)

    def quoted_line(self, at: int) -> str:
        """The value on a line, quoted, behind its key: how the author should write it."""
        key, value, _ = value_of_line(self.source, at)
        return f"{key}: {requoted(value)}" if key is not None else requoted(value)

    def colon(self) -> Diagnostic:
        key, _, start = value_of_line(self.source, self.at)
        if key is not None and start <= self.at:
            return self.syntax(
                "A second `: ` stands in one line, so YAML takes the value for a key",
                self.here(),
                help=f"Quote the value: {self.quoted_line(self.at)}",
            )
        above = _NO_SPACE.match(self.source.line(max(self.source.position(self.at)[0] - 1, 1)))
        if above and not above["value"].startswith("//"):
            return self.syntax(
                "A key stands where the text of the line above goes on",
                self.rest_of_line(self._line_text()),
                help=f"Write a space behind the colon on the line above: {above['key']}: {above['value'].rstrip()}",
            )
        return self.syntax(
            "A key stands where the text of the line above goes on",
            self.rest_of_line(self._line_text()),
            help="Indent it exactly like the keys it belongs to",
        )

    def _line_text(self) -> int:
        number, _ = self.source.position(self.at)
        line = self.source.line(number)
        return self.source.line_start(number) + len(line) - len(line.lstrip())

    def no_colon(self) -> Diagnostic:
        return self.syntax(
            "The line is neither `key: value` nor part of the text above it",
            self.rest_of_line(self.context_at),
            help="Write a colon and a space behind a key; indent a text that goes on deeper than its key",
        )

    def start(self) -> Diagnostic:
        char = self.source.text[self.at : self.at + 1]
        sign = "a backtick" if char == "`" else f"`{char}`"
        return self.syntax(
            f"A text cannot begin with {sign}", self.here(), help=f"Quote it: {self.quoted_line(self.at)}"
        )

    def mark(self) -> Diagnostic:
        number, _ = self.source.position(self.context_at)
        char = self.source.text[self.context_at : self.context_at + 1]
        what = "the name of an alias" if char == "*" else "an anchor"
        return finding(
            "yaml-alias",
            f"A text that begins with `{char}` is not quoted, so YAML takes it for {what}",
            self.rest_of_line(self.context_at),
            help=f"Quote it: {self.quoted_line(self.source.line_start(number))}",
        )

    def item(self) -> Diagnostic:
        return self.syntax(
            "A list cannot begin on the line of its key",
            self.here(),
            help="Begin it on the next line, or quote the text if it begins with `- `",
        )

    def open_quote(self) -> Diagnostic:
        return self.syntax(
            "The quote that opens here is never closed",
            self.source.span(self.context_at, self.context_at + 1),
            help=f"Close it with `{self.source.text[self.context_at : self.context_at + 1]}`",
        )

    def open_bracket(self) -> Diagnostic:
        text = self.source.text
        bracket = text[self.context_at : self.context_at + 1]
        closing = "]" if bracket == "[" else "}"
        opened = self.source.span(self.context_at, self.context_at + 1)
        if self.source.position(self.at)[0] == self.source.position(self.context_at)[0]:
            return self.syntax(
                f"A `,` or `{closing}` is missing here",
                self.here(),
                related=(Related(opened, "it was opened here"),),
                help="Quote texts that hold brackets, braces, commas or colons",
            )
        return self.syntax(
            f"The `{bracket}` that opens here is not closed",
            opened,
            help=f"Close it with `{closing}`",
            related=(Related(self.here(), f"a `,` or `{closing}` is missing here at the latest"),),
        )

    def no_key(self) -> Diagnostic:
        line_at = self.source.line_start(self.source.position(self.at)[0])
        before = self.source.text[line_at : self.at].rstrip()
        key, value, _ = value_of_line(self.source, self.at)
        if before and before[-1] in "\"'":
            above = self._open_above(before[-1])
            if above is not None and is_quoted(value):
                return self.syntax(
                    "The quote that opens here is never closed",
                    above,
                    help=f"Close it with `{above.text}`",
                    related=(Related(self.here(), "only here YAML sees that something is wrong"),),
                )
            whole = f"{key}: {requoted(value)}" if key is not None else requoted(value)
            return self.syntax(
                "Text follows behind the closing quote",
                self.rest_of_line(self.at),
                help=f"Quote the whole value: {whole}",
            )
        if before.lstrip("- "):
            whole = f"{key}: {requoted(value)}" if key is not None else requoted(value)
            return self.syntax(
                "YAML does not expect anything more on this line",
                self.rest_of_line(self.at),
                help=f"Quote the whole value if it is text: {whole}" if len(whole) <= _LONGEST_REPAIR else None,
            )
        if self.source.text.startswith("- ", self.at):
            return self.syntax(
                "A list item stands here, but no list goes on at this indentation",
                self.rest_of_line(self.at),
                help="Indent it exactly like the items it belongs to",
            )
        kind = "list item" if "collection" in self.context else "key"
        return self.syntax(
            f"A {kind} of the collection above is expected here",
            self.rest_of_line(self.at),
            related=(Related(self.source.span(self.context_at, self.context_at + 1), "the collection begins here"),),
            help="Indent the line exactly like those it belongs to",
        )

    def _open_above(self, quote: str) -> Span | None:
        """The nearest quote of a kind that opens a value on a line above and is not closed there."""
        number, _ = self.source.position(self.at)
        for line in range(number - 1, max(0, number - 1 - _LINES_ABOVE), -1):
            _, value, start = value_of_line(self.source, self.source.line_start(line))
            if value[:1] == quote and is_open_quote(value):
                return self.source.span(start, start + 1)
        return None

    def escape(self) -> Diagnostic:
        span = self.source.span(self.at, min(self.at + 2, len(self.source.text)))
        return self.syntax(
            "YAML does not know this escape",
            span,
            found=span.text,
            help="Write `\\\\` for a backslash, or use single quotes, where it is an ordinary character",
        )

    def escape_code(self) -> Diagnostic:
        start = max(self.source.text.rfind("\\", 0, self.at + 1), 0)
        return self.syntax(
            "The escape does not name a character",
            self.source.span(start, self.at + 1),
            help="Write \\xXX, \\uXXXX or \\UXXXXXXXX with hexadecimal digits, or the character itself",
        )

    def header(self) -> Diagnostic:
        return self.syntax(
            "Text stands on the line of `|` or `>`",
            self.rest_of_line(self.at),
            help="Begin the text on the next line, indented deeper than its key, or quote it if it begins so",
        )

    def indicator(self) -> Diagnostic:
        return self.syntax(
            "The number behind `|` or `>` says by how many spaces the text is indented",
            self.here(),
            allowed="1 to 9",
            help="Leave it out: the first line of the text tells",
        )

    def version(self) -> Diagnostic:
        return self.syntax(
            "The file asks for a YAML that is not 1.2", self.rest_of_line(self.at), help="Remove the line"
        )

    def value(self) -> Diagnostic:
        return self.syntax("A value is missing here", self.here(), help="Write the value, or remove the comma")

    def after_document(self) -> Diagnostic:
        return self.syntax(
            "The document has ended before this",
            self.rest_of_line(self.at),
            help="Indent all keys of the file's outermost mapping alike, and begin it with a key",
        )

    def tag(self) -> Diagnostic:
        return finding(
            "yaml-tag",
            "The tag is not known to YAML's core schema",
            self.rest_of_line(self.context_at),
            help=f"Quote the text if it begins with `!`: {self.quoted_line(self.at)}",
        )

    def depth(self) -> Diagnostic:
        """The parser's own limit (libyaml has one since PyYAML 6.0.4), met before the builder sees an event."""
        return too_deep(self.source.span(self.at, self.at + 1), MAX_DEPTH, alias=False)


_TABLE: Final = (
    ("mapping values are not allowed", _Words.colon),
    ("could not find expected ':'", _Words.no_colon),
    ("found character that cannot start any token", _Words.start),
    ("mapping keys are not allowed", _Words.start),
    ("block sequence entries are not allowed", _Words.item),
    ("found unexpected end of stream", _Words.open_quote),
    ("found unexpected document indicator", _Words.open_quote),
    ("did not find expected ','", _Words.open_bracket),
    ("did not find expected key", _Words.no_key),
    ("did not find expected '-'", _Words.no_key),
    ("found unknown escape character", _Words.escape),
    ("found invalid Unicode character escape code", _Words.escape_code),
    ("did not find expected hexdecimal number", _Words.escape_code),
    ("did not find expected comment or line break", _Words.header),
    ("did not find expected node content", _Words.value),
    ("did not find expected <document start>", _Words.after_document),
    ("found an indentation indicator", _Words.indicator),
    ("found incompatible YAML document", _Words.version),
    ("found undefined tag handle", _Words.tag),
    ("exceeded maximum nesting depth", _Words.depth),
)
