"""The findings about YAML that can be read but is not allowed, or not what its author thinks it is."""

from __future__ import annotations

import re

from msgc.diagnostic import Diagnostic, Related
from msgc.quoting import quoted, shown, unquoted_value, value_of_line
from msgc.rules import finding
from msgc.scalars import Scalar
from msgc.source import Source, Span

_TRAILING_COMMENT = re.compile(r"[ \t]+(#[^\r\n]*)")
_SUPPRESSION = re.compile(r"#\s*msgc:\s*ignore\[")


def bad_tag(span: Span, tag: str, key: str | None) -> Diagnostic:
    """A tag of another type than the value's, or of a type that the core schema does not have."""
    if key == "$if" and not tag.startswith("!!"):
        advice = f"Write `not` and quote it: $if: {quoted('not ' + tag[1:])}"
    else:
        advice = "Remove the tag, or quote the text if it begins with `!`"
    return finding(
        "yaml-tag",
        f"The tag `{shown(tag)}` does not fit this value",
        span,
        allowed="!!str, !!int, !!float, !!bool, !!null, !!map and !!seq on values of that type",
        help=advice,
    )


def cutting_comment(source: Source, start: int, end: int, key: str | None) -> Diagnostic | None:
    """The finding if a comment stands behind the unquoted value at `start`, unless it is written for msgc."""
    match = _TRAILING_COMMENT.match(source.text, end)
    if match is None or _SUPPRESSION.match(match[1]):
        return None
    value = source.text[start:end]
    whole = "" if "\n" in value or "\r" in value else quoted(source.text[start : match.end()].rstrip())
    return finding(
        "comment-after-expression",
        "What stands behind ` #` is a comment and no part of the expression",
        source.span(match.start(1), match.end(1)),
        found=shown(match[1]),
        help="Put the comment on a line of its own, or quote the value if it belongs to it"
        + (f": {key}: {whole}" if key and whole else f": {whole}" if whole else ""),
    )


def merge_key(span: Span) -> Diagnostic:
    """A `<<` that YAML 1.1 would have merged."""
    return finding(
        "yaml-merge-key",
        "Merge keys (`<<`) are not part of YAML 1.2",
        span,
        help="Write the keys out, or put what is shared into a fragment and `$include` it",
    )


def bad_key(span: Span, value: Scalar, text: str) -> Diagnostic:
    """A key that is a number, a boolean or null."""
    kind = "null" if value is None else "a boolean" if isinstance(value, bool) else "a number"
    return finding(
        "yaml-key",
        f"The key is {kind}, not text",
        span,
        found=shown(text) or None,
        help=f"Quote it: {quoted(shown(text))}" if text else "Give the key a name",
    )


def collection_key(span: Span) -> Diagnostic:
    """A list or a mapping as a key."""
    return finding("yaml-key", "The key is a collection, not text", span, help="Quote the key if it is text")


def duplicate_key(span: Span, first: Span, key: str) -> Diagnostic:
    """A key that its mapping has already."""
    return finding(
        "yaml-duplicate-key",
        f"The key `{shown(key)}` stands here a second time",
        span,
        help="Remove one of the two, or rename it",
        related=(Related(first, "it stands here first"),),
    )


def unquoted_expression(source: Source, at: int) -> Diagnostic:
    """The `{{` at `at` opens two mappings."""
    value = unquoted_value(source, at)
    return finding(
        "unquoted-expression",
        "The expression is not quoted, so YAML reads `{{` as a mapping",
        value.span if value is not None else source.span(at, at + 2),
        help=value.advice if value is not None else "Quote the whole value",
    )


def second_document(span: Span) -> Diagnostic:
    """A `---` in the middle of a file."""
    return finding(
        "yaml-documents",
        "A second YAML document begins here",
        span,
        help="Keep to one document in a file; a line of `---` inside a text must be indented",
    )


def too_deep(span: Span, limit: int, alias: bool) -> Diagnostic:
    """A collection below too many others, as written or because an alias repeats it there."""
    return finding(
        "yaml-depth",
        "Written out, the alias nests collections too deeply" if alias else "Collections are nested too deeply here",
        span,
        allowed=f"at most {limit} levels",
    )


def too_large(span: Span, limit: int) -> Diagnostic:
    """The value with which a document has too many."""
    return finding(
        "yaml-size",
        "The document has too many values",
        span,
        allowed=f"at most {limit:,} values, each alias counted as if it were written out",
        help="Split it into several files, or use fewer aliases",
    )


def missing_anchor(span: Span, name: str) -> Diagnostic:
    """An alias of nothing: usually a text in WhatsApp's bold type."""
    key, value, start = value_of_line(span.source, span.start)
    repair = ""
    if start == span.start:
        repair = f": {key}: {quoted(shown(value))}" if key is not None else f": {quoted(shown(value))}"
    return finding(
        "yaml-alias",
        f"The alias `*{shown(name)}` has no anchor above it",
        span,
        help=f"If it is a text that begins with `*`, quote it{repair}",
    )


def endless_alias(span: Span, name: str) -> Diagnostic:
    """An alias inside the collection that it repeats."""
    return finding(
        "yaml-alias",
        f"The alias `*{shown(name)}` stands inside what it repeats",
        span,
        help="Write the part that is meant out",
    )


def odd_space(span: Span) -> Diagnostic:
    """White space of Unicode, such as the no-break space of a web page, where YAML wants ordinary spaces."""
    code = ord(span.text[:1])
    name = "A no-break space" if code == 0xA0 else "A space of another kind"
    return finding(
        "yaml-syntax",
        f"{name} (U+{code:04X}) stands where YAML wants an ordinary space",
        span,
        help="Replace it with ordinary spaces; it often comes along when text is copied from a page",
    )


def no_space(span: Span, key: str, value: str) -> Diagnostic:
    """A key and its value that are one text, because no space stands behind the colon."""
    return finding(
        "yaml-syntax",
        f"No space stands behind the colon of `{shown(key)}`, so YAML reads no key here",
        span,
        help=f"Write a space: {shown(f'{key}: {value}')}",
    )


def comma_in_value(span: Span, key: str, value: str) -> Diagnostic:
    """A key without a colon in `{…}`: the rest of an unquoted text behind its comma. `value` is the whole text."""
    return finding(
        "yaml-syntax",
        f"In `{{…}}` a comma ends a value, so `{shown(span.text)}` is read as a key, and it has no colon",
        span,
        help=f"Quote the text if the comma is part of it: {key}: {quoted(shown(value))}",
    )
