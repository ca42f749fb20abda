"""The changes as GitHub-flavoured Markdown for a pull request: what breaks first, then each definition.

Every text of a message is taken for hostile: it stands in `<pre>` or `<code>`, or is escaped so that no part of it can
be markup, a mention, a reference or a link. GitHub takes no comment of more than 65,536 characters, so that what does
not fit is summed up.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from msgc.changes.catalogs import CatalogChanges
from msgc.changes.definitions import DefinitionChange
from msgc.changes.payloads import Change
from msgc.changes.remarks import place_of, remarks
from msgc.changes.words import compare_words
from msgc.parameters.sentences import shown
from msgc.report.changes.told import MORE, conclusion, groups, heading, leaves, silent_examples, title
from msgc.report.escape import escape

MAX_CHARACTERS = 65_536
_OPEN = 10
"""So many definitions are in sight; the others are folded away."""
_MOST_ROWS = 100
_LONGEST = 400
_MOST_LINES = 400
_CUT = "More than fits here: `msgc diff` shows it."
_SPARE = 12_000
"""How many characters are kept for the last lines: the names of what is left out."""

# What begins markup, a table's cell, an address, a mention or a reference.
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~$]")
_LINKING = re.compile(r"@(?=\w)|(?<=:)(?=//)|(?<=www)\.|#(?=\d)", re.IGNORECASE)
_BREAK = "\u200b"  # a zero-width space, which takes the meaning from what it divides
_TAGS = {"same": ("", ""), "removed": ("<del>", "</del>"), "added": ("<ins>", "</ins>")}


def render(changes: CatalogChanges) -> str:
    """The report, ending with a newline, at most `MAX_CHARACTERS` long."""
    lines = [f"### Messages: {_prose(conclusion(changes))}", ""]
    lines += [f"{_code(changes.before)} → {_code(changes.after)}", ""]
    breaking = list(_breaking(changes.definitions))
    if breaking:
        lines += ["| Breaking | |", "|---|---|", *breaking[:_MOST_ROWS], ""]
        if len(breaking) > _MOST_ROWS:
            lines += [f"and {len(breaking) - _MOST_ROWS:,} more breaking changes", ""]
    text = "\n".join(lines) + "\n"
    left: list[DefinitionChange] = []
    for number, change in enumerate(changes.definitions):
        room = MAX_CHARACTERS - _SPARE - len(text)
        section = next((each for each in _sections(change, number >= _OPEN) if len(each) <= room), None)
        if section is None:
            left.append(change)
        else:
            text += section
    text += _left_out(left) if left else ""
    for problem in changes.problems[:3]:
        text += f"- {_prose(problem.message)}\n"
    return text.rstrip("\n") + "\n"


def _left_out(changes: Sequence[DefinitionChange]) -> str:
    """The names of definitions that have no section, as many as there is room for."""
    names = [f"{_code(change.name)} ({_prose(heading(change))})" for change in changes]
    sizes = accumulate(len(name) + 2 for name in names)
    kept = sum(size <= _SPARE - 2_000 for size in sizes)
    more = f" and {len(names) - kept:,} more" if kept < len(names) else ""
    return f"Too much to show here; `msgc diff` shows it: {', '.join(names[:kept])}{more}\n\n"


def _breaking(definitions: Iterable[DefinitionChange]) -> Iterator[str]:
    for change in definitions:
        for remark in remarks(change):
            if remark.level == "breaking":
                yield f"| {_code(change.name)} | {_prose(remark.message)} |"


def _sections(change: DefinitionChange, folded: bool) -> Iterator[str]:
    """A definition's section, then shorter ones for where there is no room."""
    head = f"{_code(change.name)} {_prose(heading(change))}"
    notes = [f"- {_prose(remark.message)}" for remark in remarks(change) if remark.level == "note"]
    words = silent_examples(change)
    notes += [f"- {_prose(words)}"] if words is not None and change.status not in ("added", "removed") else []
    lists = "\n".join([*notes, "", ""]) if notes else ""
    shown_body = lists + "".join(_comparisons(change))
    bodies = [shown_body, f"{lists}{_CUT}\n\n", f"{_CUT}\n\n"]
    for body in bodies if shown_body else [""]:
        if folded and body:
            yield f"<details><summary>{head}</summary>\n\n{body}</details>\n\n"
        else:
            yield f"#### {head}\n\n{body}"


def _comparisons(change: DefinitionChange) -> Iterator[str]:
    lone = change.status in ("added", "removed")
    if change.status == "removed":
        return
    shown_groups = groups(change)
    for group in shown_groups[:1] if lone else shown_groups:
        words = title(group.comparison, lone=lone) + (MORE if group.more else "")
        if group.alike:
            words += f"; the same in {', '.join(name.removeprefix('example ') for name in group.alike)}"
        lines = [line for each in group.changes for line in _change(each)]
        if len(lines) > _MOST_LINES:
            lines = [*lines[:_MOST_LINES], "…"]
        body = "\n".join(lines)
        yield f"{_prose(words)}\n\n<pre>\n{body}\n</pre>\n\n"
    if lone and len(change.comparisons) > 1:
        more = len(change.comparisons) - 1
        yield f"and {more:,} more example{'' if more == 1 else 's'}\n\n"


def _change(change: Change) -> Iterator[str]:
    place = _pre(place_of(change.pointer)) or "the whole"
    if change.kind == "moved":
        yield f"{place} was {_pre(place_of(change.was or ''))} before"
    elif change.kind == "changed" and isinstance(change.before, str) and isinstance(change.after, str):
        yield f"<b>{place}</b>"
        text = ""
        for piece in compare_words(change.before, change.after):
            left, right = _TAGS[piece.kind]
            parts = piece.text.split("\n")
            # A tag ends on its line, and a line break that comes or goes is seen only if it is marked.
            marked = [
                part + ("↵" if piece.kind != "same" and number < len(parts) - 1 else "")
                for number, part in enumerate(parts)
            ]
            text += "\n".join(f"{left}{_pre(part)}{right}" if part else "" for part in marked)
        yield from text.split("\n")
    elif change.kind == "changed":
        yield f"<b>{place}</b>"
        yield f"<del>{_pre(shown(change.before))}</del> <ins>{_pre(shown(change.after))}</ins>"
    else:
        sign, tag = ("+", "ins") if change.kind == "added" else ("-", "del")
        value = change.after if change.kind == "added" else change.before
        for where, leaf in leaves(change.pointer, value):
            first, *rest = (leaf if isinstance(leaf, str) else shown(leaf)).split("\n")
            yield f"<{tag}>{sign} {_pre(where)}: {_pre(first)}</{tag}>"
            yield from (f"<{tag}>{sign}   {_pre(line)}</{tag}>" for line in rest)


def _pre(text: str) -> str:
    """A line of text inside of `<pre>`, where nothing but tags and entities means anything."""
    return html.escape(escape(text), quote=False)


def _prose(text: str) -> str:
    """A sentence in which what stands in backticks is code."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    parts = cut.split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(_code(part) if number % 2 else _plain(part) for number, part in enumerate(parts))


def _code(text: str) -> str:
    return f"<code>{_entities(escape(text))}</code>"


def _plain(text: str) -> str:
    """Text between the words of a sentence. Its own zero-width characters are spelt out first."""
    divided = _LINKING.sub(lambda match: f"{match[0]}{_BREAK}", escape(text))
    return _entities(divided)


def _entities(text: str) -> str:
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)
