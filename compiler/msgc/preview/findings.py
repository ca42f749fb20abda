"""Findings at their lines, as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgc.diagnostic import Diagnostic, sentence
from msgc.preview.element import Element, Node, element, link
from msgc.report.escape import escape
from msgc.source import Span

_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_MAX_LINES = 6
_WIDTH = 240
"""How many characters of a line are shown at most."""
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def level(findings: Iterable[Diagnostic]) -> str:
    """The gravest severity among findings that no comment suppresses; empty where there is none."""
    found = {finding.severity for finding in findings if finding.suppressed is None}
    return next((each for each in ("error", "warning", "info") if each in found), "")


def counted(findings: Iterable[Diagnostic]) -> str:
    """`1 error, 2 warnings`: what there is, in words; empty where there is nothing."""
    shown = [finding.severity for finding in findings if finding.suppressed is None]
    numbers = [(shown.count(severity), word) for severity, word in _LEVELS.items()]  # type: ignore[arg-type]  # its keys are severities
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in numbers if number)


def listed(findings: Sequence[Diagnostic]) -> Element:
    """The findings in the order given, each with the lines of the file that it is about."""
    return element("ol", *map(_listed, findings), class_="findings")


def prose(text: str) -> Iterator[Node]:
    """A sentence of msgc's with what stands between backquotes as code."""
    for index, part in enumerate(text.split("`")):
        if part:
            yield element("code", escape(part), class_="code") if index % 2 else escape(part)


def _listed(finding: Diagnostic) -> Element:
    is_set_aside = finding.suppressed is not None
    span = finding.span
    where = None if finding.where is None else escape(finding.where)
    if span is not None:
        where = f"{where}:{span.line}:{span.column}"
    facts: list[Node] = []
    for name, value in _facts(finding):
        facts += [element("dt", name), element("dd", *_with_links(value))]
    return element(
        "li",
        element(
            "p",
            element("strong", _LEVELS[finding.severity], class_="level"),
            " ",
            *prose(sentence(finding.message)),
            class_="message",
        ),
        element("p", where or "", " ", element("span", finding.rule, class_="rule"), class_="where"),
        None if span is None else _excerpt(span),
        element("dl", *facts) if facts else None,
        class_=f"finding {'suppressed' if is_set_aside else finding.severity}",
    )


def _facts(finding: Diagnostic) -> Iterator[tuple[str, str]]:
    if finding.example is not None:
        yield "in", f"example {finding.example}"
    for name in ("found", "allowed", "source"):
        value = getattr(finding, name)
        if value is not None:
            yield name, value
    for related in finding.related:
        yield "note", f"{related.span.file}:{related.span.line}:{related.span.column}: {related.message}"
    if finding.help is not None:
        yield "help", finding.help
    if finding.suppressed is not None:
        yield "set aside", finding.suppressed


def _with_links(text: str) -> Iterator[Node]:
    at = 0
    for match in _ADDRESS.finditer(text):
        yield from _lines(text[at : match.start()])
        yield link(match[0], match[0])
        at = match.end()
    yield from _lines(text[at:])


def _lines(text: str) -> Iterator[Node]:
    for index, line in enumerate(text.split("\n")):
        if index:
            yield "\n"
        yield from prose(line)


def _excerpt(span: Span) -> Element:
    """The lines of a span with what it covers marked."""
    source = span.source
    (line, column), end = source.position(span.start), span.start + len(span.text.rstrip())
    end_line, end_column = source.position(end)
    last = min(end_line, line + _MAX_LINES - 1)
    rows: list[Node] = []
    for number in range(line, last + 1):
        text = source.line(number)
        start = column - 1 if number == line else len(text) - len(text.lstrip())
        stop = end_column - 1 if number == end_line else len(text)
        rows += ["\n"] if rows else []
        rows += [element("span", f"{number:>4} ", class_="number"), *_marked(text, start, max(stop, start))]
    if last < end_line:
        rows.append("\n   …")
    return element("pre", *rows, class_="excerpt", tabindex="0", dir="ltr", aria_label="where it stands")


def _marked(text: str, start: int, stop: int) -> list[Node]:
    first = max(0, min(start - _WIDTH // 3, len(text) - _WIDTH)) if len(text) > _WIDTH else 0
    last = min(len(text), first + _WIDTH)
    pieces: list[Node] = ["…"] if first else []
    pieces += [_shown(text[first:start]), element("mark", _shown(text[start : min(stop, last)]) or " ")]
    return [*pieces, _shown(text[max(stop, first) : last]), *(["…"] if last < len(text) else [])]


def _shown(text: str) -> str:
    return escape(text.replace("\t", "    "))
