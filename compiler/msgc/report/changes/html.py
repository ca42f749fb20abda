"""The changes as one page that stands by itself: every message before and after, side by side.

The page has no script and loads nothing; its policy allows its own style only, by hash. Every text of a message is
escaped, with what nobody sees spelt out.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from msgc.changes.catalogs import CatalogChanges
from msgc.changes.definitions import Comparison, DefinitionChange, Rendered
from msgc.changes.payloads import Change
from msgc.changes.remarks import place_of, remarks
from msgc.changes.words import Piece, compare_words
from msgc.parameters.sentences import shown
from msgc.report.changes.told import MORE, conclusion, groups, heading, silent_examples, title
from msgc.report.escape import escape

Side = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Marks:
    """What is different in a payload, by pointer: texts in pieces, and values that are in this version only."""

    side: Side
    words: Mapping[str, tuple[Piece, ...]]
    whole: frozenset[str]

    def is_whole(self, pointer: str) -> bool:
        """Whether the other version has nothing like this value, or something else in its place."""
        return any(pointer == each or pointer.startswith(f"{each}/") for each in self.whole)


Draw = Callable[[Mapping[str, Any], Marks], str]
"""Makes HTML of a payload, with what is different in it marked."""


def render(changes: CatalogChanges, draw: Draw | None = None) -> str:
    """The page, ending with a newline. `draw` shows a payload; by default its texts are listed with their places."""
    style = files("msgc.report.changes").joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    what = conclusion(changes)
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        '<head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>Changes of messages</title>",
        f"<style>{style}</style></head>",
        "<body><main>",
        f"<h1>{_text(what[:1].upper() + what[1:])}</h1>",
        f"<p>{_code(changes.before)} → {_code(changes.after)}</p>",
    ]
    for change in changes.definitions:
        parts += _definition(change, draw or list_texts)
    if changes.problems:
        parts += ["<ul>", *(f"<li>{_text(problem.message)}</li>" for problem in changes.problems), "</ul>"]
    return "\n".join([*parts, "</main></body>", "</html>"]) + "\n"


def list_texts(payload: Mapping[str, Any], marks: Marks) -> str:
    """A payload as the list of its texts, each with its place."""
    rows = "".join(
        f'<dt>{_text(place_of(pointer))}</dt><dd dir="auto">{_marked(pointer, value, marks)}</dd>'
        for pointer, value in _leaves("", payload)
    )
    return f"<dl>{rows}</dl>"


def _definition(change: DefinitionChange, draw: Draw) -> Iterator[str]:
    yield f"<section><h2>{_text(change.name)} <small>{_prose(heading(change))}</small></h2>"
    told = [
        f'<li><span class="breaking">breaking</span> {_prose(remark.message)}</li>'
        if remark.level == "breaking"
        else f"<li>{_prose(remark.message)}</li>"
        for remark in remarks(change)
    ]
    words = silent_examples(change)
    lone = change.status in ("added", "removed")
    told += [f"<li>{_text(words)}</li>"] if words is not None and not lone else []
    yield from (["<ul>", *told, "</ul>"] if told else [])
    for group in groups(change):
        alike = ", ".join(name.removeprefix("example ") for name in group.alike)
        more = f" <small>the same in {_text(alike)}</small>" if alike and not lone else ""
        yield f"<h3>{_text(title(group.comparison, lone=lone))}{MORE if group.more else ''}{more}</h3>"
        yield '<div class="sides">'
        yield _side("before", group.comparison, draw)
        yield _side("after", group.comparison, draw)
        yield "</div>"
    yield "</section>"


def _side(side: Side, comparison: Comparison, draw: Draw) -> str:
    rendered: Rendered = comparison.before if side == "before" else comparison.after
    body = "<p>nothing</p>"
    if rendered.payload is not None:
        body = draw(rendered.payload, marks_of(comparison.changes, side))
    refused = "".join(f'<p class="breaking">{_text(reason)}</p>' for reason in rendered.refused)
    return f'<div class="side"><p>{side}</p>{refused}{body}</div>'


def marks_of(changes: tuple[Change, ...], side: Side) -> Marks:
    """The marks of one side."""
    words: dict[str, tuple[Piece, ...]] = {}
    whole: set[str] = set()
    for change in changes:
        place = change.was if side == "before" else change.pointer
        if place is None or (side == "after" and change.kind == "removed"):
            continue
        if change.kind in ("added", "removed"):
            whole.add(place)
        elif change.kind == "changed" and isinstance(change.before, str) and isinstance(change.after, str):
            words[place] = compare_words(change.before, change.after)
        elif change.kind == "changed":
            whole.add(place)
    return Marks(side, words, frozenset(whole))


def _marked(pointer: str, value: Any, marks: Marks) -> str:
    tag, hidden = ("del", "added") if marks.side == "before" else ("ins", "removed")
    pieces = marks.words.get(pointer)
    if pieces is not None:
        kept = [piece for piece in pieces if piece.kind != hidden]
        return "".join(
            _text(piece.text) if piece.kind == "same" else f"<{tag}>{_text(piece.text)}</{tag}>" for piece in kept
        )
    text = _text(value if isinstance(value, str) else shown(value))
    return f"<{tag}>{text}</{tag}>" if marks.is_whole(pointer) else text


def _leaves(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}", item)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(f"{pointer}/{index}", item)
    else:
        yield pointer, value


def _prose(text: str) -> str:
    """A sentence in which what stands in backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(_code(part) if number % 2 else _text(part) for number, part in enumerate(parts))


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _text(text: str) -> str:
    """Text as text: escaped, and what nobody sees spelt out; line breaks stay."""
    return html.escape("\n".join(escape(line) for line in text.split("\n")))
