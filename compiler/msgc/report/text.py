"""The report for people: what is wrong, where it stands, and what to do.

    error[button-title-length]: the title of a reply button is longer than WhatsApp allows
      --> templates/orders/shipped.yaml:9:16
       |
     9 |         title: "See all the items of your order"
       |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       = found: 31 characters
       = allowed: at most 20 characters

Whatever comes from a file is escaped, and stands behind a label or a gutter: no line begins with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgc.diagnostic import Diagnostic, Severity
from msgc.graphemes import display_width
from msgc.report.escape import escape
from msgc.report.summary import count, summarize
from msgc.source import Source, Span

if TYPE_CHECKING:
    from msgc.coverage import Coverage

EXCERPT_WIDTH = 120
"""How many columns of a line of the author's file are shown at most."""

_TAB = "    "
_COLORS: dict[Severity, str] = {"error": "31", "warning": "33", "info": "36"}
_LABELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


def render(
    diagnostics: Iterable[Diagnostic],
    *,
    files: int | None = None,
    coverage: Coverage | None = None,
    color: bool = False,
) -> str:
    """The text report, ending with a newline.

    Suppressed findings are counted but not shown. `files` is how many files were looked at, if that is known;
    `coverage` is told in a line at the end; `color` adds ANSI colours.
    """
    findings = sorted(diagnostics, key=lambda diagnostic: diagnostic.sort_key)
    shown = [diagnostic for diagnostic in findings if diagnostic.suppressed is None]
    blocks = ["\n".join(_block(diagnostic, color)) for diagnostic in shown]
    told = "" if coverage is None else f"{_covered(coverage)}\n"
    return "\n\n".join([*blocks, _conclusion(findings, files, color)]) + "\n" + told


def block(finding: Diagnostic, color: bool = False) -> str:
    """One finding with its place, an excerpt and all that is known of it, in lines."""
    return "\n".join(_block(finding, color))


def _conclusion(findings: list[Diagnostic], files: int | None, color: bool) -> str:
    counts = count(findings)
    hue = "31" if counts.errors else "33" if counts.warnings else "32"
    return _paint(summarize(findings, files), f"1;{hue}", color)


def _covered(coverage: Coverage) -> str:
    noun = "branch" if coverage.total == 1 else "branches"
    return f"coverage of examples: {coverage.percent}% ({coverage.covered:,} of {coverage.total:,} {noun})"


def _block(diagnostic: Diagnostic, color: bool) -> Iterator[str]:
    span = diagnostic.span
    hue = _COLORS[diagnostic.severity]
    header = _paint(f"{_LABELS[diagnostic.severity]}[{escape(diagnostic.rule)}]", f"1;{hue}", color)
    yield f"{header}{_paint(f': {escape(diagnostic.message)}', '1', color)}"
    margin = len(str(_trimmed_end(span)[0])) if span is not None else 1
    if diagnostic.where is not None:
        arrow = _paint(f"{' ' * margin}-->", "34", color)
        yield f"{arrow} {_place(span) if span is not None else escape(diagnostic.where)}"
    if span is not None:
        for label, text, is_marker in _excerpt(span):
            gutter = _paint(f"{label:>{margin}} |", "34", color)
            yield f"{gutter} {_paint(text, f'1;{hue}', color and is_marker)}".rstrip()
    bar = _paint(f"{' ' * margin} |", "34", color)
    equals = _paint(f"{' ' * margin} =", "34", color)
    for name, value in _facts(diagnostic):
        first, *rest = value.split("\n") if name == "help" else [value]
        yield f"{equals} {_paint(f'{name}:', '1', color)} {escape(first)}".rstrip()
        for line in rest:
            # The bar keeps further lines of a repair from looking like lines of the report.
            yield f"{bar} {' ' * (len(name) + 1)} {escape(line.replace(chr(9), _TAB))}".rstrip()


def _facts(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    """The labelled lines under the excerpt; help, which may show a repair of several lines, comes last."""
    subject = _subject(diagnostic)
    if subject:
        yield "in", subject
    for name in ("found", "allowed", "source"):
        value = getattr(diagnostic, name)
        if value is not None:
            yield name, value
    for related in diagnostic.related:
        yield "note", f"{_place(related.span)}: {related.message}"
    if diagnostic.help is not None:
        yield "help", diagnostic.help


def _subject(diagnostic: Diagnostic) -> str:
    """Which definition, example and row the finding belongs to, as far as its place does not say so."""
    parts = []
    name = diagnostic.definition
    stem = (diagnostic.where or "").rpartition(".")[0]
    in_own_file = name is not None and f"/{stem}".endswith(f"/{name}")
    if name is not None and not in_own_file:
        parts.append(f"definition {name}")
    if diagnostic.example is not None:
        parts.append(f"example {diagnostic.example}")
    if diagnostic.row is not None:
        parts.append(f"row {diagnostic.row}")
    return ", ".join(parts)


def _place(span: Span) -> str:
    return f"{escape(span.file)}:{span.line}:{span.column}"


def _trimmed_end(span: Span) -> tuple[int, int]:
    """Line and column of the span's end, without the white space that blocks of YAML end with."""
    end = span.start + len(span.text.rstrip())
    return span.source.position(end)


def _excerpt(span: Span) -> Iterator[tuple[str, str, bool]]:
    """Gutter label, text, and whether the text is a line of carets; first and last line of a longer span."""
    source = span.source
    line, column = source.position(span.start)
    end_line, end_column = _trimmed_end(span)
    yield "", "", False
    if end_line == line:
        yield from _marked_line(source, line, column, end_column)
        return
    yield from _marked_line(source, line, column, len(source.line(line).rstrip()) + 1)
    if end_line > line + 1:
        yield "…", "", False
    last = source.line(end_line)
    yield from _marked_line(source, end_line, len(last) - len(last.lstrip()) + 1, end_column)


def _marked_line(source: Source, number: int, column: int, end_column: int) -> Iterator[tuple[str, str, bool]]:
    text, caret, length = _cut(source.line(number), column - 1, end_column - 1)
    yield str(number), text, False
    yield "", " " * caret + "^" * length, True


def _cut(line: str, start: int, end: int) -> tuple[str, int, int]:
    """At most EXCERPT_WIDTH columns of a line, with the first column and the length of the carets under it.

    `start` and `end` are offsets in code points; an empty range gets one caret.
    """
    start = min(start, len(line))
    end = max(start, min(end, len(line)))
    # Only the neighbourhood can be shown; measuring a line of a megabyte would take seconds.
    first, last = max(0, start - EXCERPT_WIDTH), min(len(line), start + 2 * EXCERPT_WIDTH)
    shown = [_TAB if character == "\t" else escape(character) for character in line[first:last]]
    start, end = start - first, min(end, last) - first
    left, right = 0, len(shown)
    if first or last < len(line) or display_width("".join(shown)) > EXCERPT_WIDTH:
        left, right = _window([display_width(cell) for cell in shown], start, end)
    head = "…" if first or left else ""
    tail = "…" if right < len(shown) or last < len(line) else ""
    text = "".join(shown[left:right])
    caret = display_width(head + "".join(shown[left:start]))
    until = display_width(head + "".join(shown[left : min(end, right)]))
    return f"{head}{text}{tail}".rstrip(), caret, max(1, until - caret)


def _window(widths: list[int], start: int, end: int) -> tuple[int, int]:
    """The cells to show: the marked ones as far as they fit, then as much before them as behind them."""
    room = EXCERPT_WIDTH - 2  # an ellipsis on either side
    right = start
    while right < end and room >= widths[right]:
        room -= widths[right]
        right += 1
    left = start
    grown = True
    while grown:
        grown = False
        if left > 0 and room >= widths[left - 1]:
            left -= 1
            room -= widths[left]
            grown = True
        if right >= end and right < len(widths) and room >= widths[right]:
            room -= widths[right]
            right += 1
            grown = True
    return left, right


def _paint(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color and text else text
