"""A definition as a card of the gallery: its messages, payloads, parameters, headroom and findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from msgc.check import Checked
from msgc.diagnostic import Diagnostic
from msgc.emit import pretty
from msgc.preview.element import Element, Node, element, html
from msgc.preview.findings import counted, level, listed
from msgc.preview.form import form, parameters
from msgc.preview.headroom import headroom
from msgc.preview.phone import screen, words_of
from msgc.prove import Bound
from msgc.report.escape import escape, escape_json

_CONTENTS = {
    "text": "text",
    "attachments": "media",
    "location": "location",
    "replyButtonMessage": "buttons",
    "listMessage": "list",
    "singleProductMessage": "product",
    "multiProductMessage": "products",
    "template": "template",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A card; `head` and `body` are HTML, `search` what a search looks in, `level` the gravest finding's severity."""

    key: str
    name: str
    kind: str
    level: str
    counts: str
    search: str
    head: str
    body: str

    def plain(self) -> dict[str, str]:
        """The card as JSON, for the page's script."""
        return {name: getattr(self, name) for name in self.__slots__}


def make_card(
    checked: Checked,
    payloads: Sequence[tuple[str, Mapping[str, Any] | None]],
    bounds: Sequence[Bound],
    *,
    served: bool,
) -> Card:
    """The card of a definition. `payloads` are those of its examples, by name, None where an example has none.

    A served page has a form to try values with.
    """
    definition, name = checked.definition, checked.entry.name
    key = quote(name, errors="surrogateescape")  # a file name can be any bytes
    kind = "broken" if definition is None else _CONTENTS.get(definition.content, definition.content)
    counts = counted(checked.diagnostics)
    return Card(
        key=key,
        name=escape(name),
        kind=kind,
        level=level(checked.diagnostics),
        counts=counts,
        search=_search(checked, payloads),
        head=html(_head(checked, key, kind, counts)),
        body=html(_body(checked, payloads, bounds, key, served=served)),
    )


def trial(payload: Mapping[str, Any] | None, findings: Sequence[Diagnostic]) -> str:
    """What became of values that somebody tries, as HTML."""
    parts: list[Node] = []
    if findings:
        parts.append(listed(findings))
    if payload is not None:
        parts.append(_example("your values", payload))
    return html(parts)


def _search(checked: Checked, payloads: Sequence[tuple[str, Mapping[str, Any] | None]]) -> str:
    words = [checked.entry.name, checked.entry.shown]
    if checked.definition is not None:
        words += [checked.definition.description or "", *checked.definition.parameters.names]
    for name, payload in payloads:
        words += [name, *words_of(payload or {})]
    words += [finding.rule for finding in checked.diagnostics]
    return "\n".join(dict.fromkeys(words)).casefold()


def _head(checked: Checked, key: str, kind: str, counts: str) -> list[Node]:
    description = None if checked.definition is None else checked.definition.description
    gravest = level(checked.diagnostics)
    return [
        element("h2", element("a", escape(checked.entry.name), href=f"#{key}", dir="auto")),
        element(
            "p",
            element("span", kind, class_="badge"),
            element("span", counts, class_=f"badge {gravest}") if counts else None,
            element("span", escape(checked.entry.shown), class_="aside"),
            class_="meta",
        ),
        *([element("p", description, class_="description", dir="auto")] if description else []),
    ]


def _body(
    checked: Checked,
    payloads: Sequence[tuple[str, Mapping[str, Any] | None]],
    bounds: Sequence[Bound],
    key: str,
    *,
    served: bool,
) -> list[Node]:
    definition = checked.definition
    parts: list[Node | None] = []
    if payloads:
        parts.append(element("div", *(_example(*each) for each in payloads), class_="examples"))
    elif definition is None:
        parts.append(element("p", "It cannot be rendered: its findings say why.", class_="aside"))
    else:
        parts.append(element("p", "It has no example to show.", class_="aside"))
    if checked.diagnostics:
        summary = element("summary", "Findings", element("span", counted(checked.diagnostics), class_="aside"))
        is_open = level(checked.diagnostics) == "error"
        parts.append(element("details", summary, listed(checked.diagnostics), open=is_open))
    if definition is not None:
        parts += [form(definition, key) if served else parameters(definition), headroom(bounds)]
    return [part for part in parts if part is not None]


def _example(name: str, payload: Mapping[str, Any] | None) -> Element:
    """A message with its payload; `name` is the example's, empty where no values are needed."""
    caption = element("figcaption", escape(name) or "the same for everybody")
    if payload is None:
        return element("figure", caption, element("p", "No message: the findings say why.", class_="aside"))
    text = escape_json(pretty(payload).decode())
    shown = element("pre", text, tabindex="0", dir="ltr", aria_label=f"Payload of {name}" if name else "Payload")
    return element("figure", caption, screen(payload), element("details", element("summary", "Payload"), shown))
