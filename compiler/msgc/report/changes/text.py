"""The changes for people at a terminal: texts word by word, what breaks first.

    visit: changed
      breaking: the id of a button is "sure" now, and was "yes": flows and reports know it by the old one
      example typical
        message.text
          | Hi Ana, [-shall we-]{+may we+} come on Monday?

In colour, what goes is red and what comes is green, without brackets. Whatever comes from files is escaped and stands
behind a label or a bar: no line begins with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgc.changes.catalogs import CatalogChanges
from msgc.changes.definitions import DefinitionChange
from msgc.changes.payloads import Change
from msgc.changes.remarks import place_of, remarks
from msgc.changes.words import Piece, compare_words
from msgc.parameters.sentences import shown
from msgc.report.changes.told import MORE, conclusion, groups, heading, leaves, silent_examples, title
from msgc.report.escape import escape

_COLORS = {"removed": "31", "added": "32"}
_BRACKETS = {"removed": ("[-", "-]"), "added": ("{+", "+}")}
_AROUND = 1
"""How many lines that stay are shown around those that differ."""


def render(changes: CatalogChanges, *, color: bool = False) -> str:
    """The report, ending with a newline."""
    blocks = ["\n".join(_definition(change, color)) for change in changes.definitions]
    problems = [f"{escape(problem.message)}" for problem in changes.problems]
    blocks += ["\n".join(f"note: {problem}" for problem in problems)] if problems else []
    hue = "32" if not changes.matters else "33"
    return "\n\n".join([*blocks, _paint(conclusion(changes), f"1;{hue}", color)]) + "\n"


def _definition(change: DefinitionChange, color: bool) -> Iterator[str]:
    yield f"{_paint(escape(change.name), '1', color)}: {escape(heading(change))}"
    for remark in remarks(change):
        label = _paint("breaking:", "1;31", color) if remark.level == "breaking" else _paint("note:", "36", color)
        yield f"  {label} {escape(remark.message)}"
    lone = change.status in ("added", "removed")
    shown_groups = groups(change)
    if change.status == "removed":
        return
    for group in shown_groups[:1] if lone else shown_groups:
        yield f"  {escape(title(group.comparison, lone=lone))}{MORE if group.more else ''}"
        for each in group.changes:
            yield from (f"    {line}" for line in _change(each, color))
        if group.alike:
            yield f"    the same in {escape(', '.join(name.removeprefix('example ') for name in group.alike))}"
    if lone:
        more = len(change.comparisons) - 1
        if more > 0:
            yield f"  and {more:,} more example{'' if more == 1 else 's'}"
        return
    words = silent_examples(change)
    if words is not None:
        yield f"  {escape(words)}"


def _change(change: Change, color: bool) -> Iterator[str]:
    place = escape(place_of(change.pointer)) or "the whole"
    if change.kind == "moved":
        yield f"{place} was {escape(place_of(change.was or ''))} before"
    elif change.kind == "changed" and isinstance(change.before, str) and isinstance(change.after, str):
        yield place
        yield from (f"  | {line}".rstrip() for line in _words(compare_words(change.before, change.after), color))
    elif change.kind == "changed":
        yield place
        yield f"  | {_mark('removed', shown(change.before), color)}{_mark('added', shown(change.after), color)}"
    else:
        sign, kind = ("+", "added") if change.kind == "added" else ("-", "removed")
        value = change.after if change.kind == "added" else change.before
        for where, leaf in leaves(change.pointer, value):
            text = str(leaf) if isinstance(leaf, str) else shown(leaf)
            for number, line in enumerate(text.split("\n")):
                head = f"{sign} {escape(where)}: " if not number else f"{sign}   "
                yield _paint(f"{head}{escape(line)}".rstrip(), _COLORS[kind], color)


def _words(pieces: Sequence[Piece], color: bool) -> Iterator[str]:
    """The lines of two texts in one, those that stay and are far from any that differ left out."""
    lines: list[tuple[str, bool]] = [("", False)]
    for piece in pieces:
        for number, part in enumerate(piece.text.split("\n")):
            if number:
                text, differs = lines[-1]
                # A line break that comes or goes is seen only if it is marked.
                mark = _mark(piece.kind, "↵", color) if piece.kind != "same" else ""
                lines[-1] = (text + mark, differs or piece.kind != "same")
                lines.append(("", False))
            if part:
                text, differs = lines[-1]
                lines[-1] = (text + _mark(piece.kind, part, color), differs or piece.kind != "same")
    wanted = {
        near
        for index, (_, differs) in enumerate(lines)
        if differs
        for near in range(index - _AROUND, index + _AROUND + 1)
    }
    return _with_gaps([text for text, _ in lines], wanted)


def _with_gaps(lines: Sequence[str], wanted: Iterable[int]) -> Iterator[str]:
    kept = set(wanted)
    gap = False
    for index, line in enumerate(lines):
        if index in kept:
            gap = False
            yield line
        elif not gap:
            gap = True
            yield "…"


def _mark(kind: str, text: Any, color: bool) -> str:
    plain = escape(text)
    if kind == "same":
        return plain
    if color:
        return _paint(plain, _COLORS[kind], color)
    left, right = _BRACKETS[kind]
    return f"{left}{plain}{right}"


def _paint(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color and text else text
