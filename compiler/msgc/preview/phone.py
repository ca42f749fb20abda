"""A payload as the phone of the customer shows it, as HTML.

Anything that is JSON can be drawn, also what the API would refuse: what has the wrong type is left out. Nothing is
fetched: a picture is a placeholder that links to its address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgc.emit import spelling
from msgc.preview.element import Element, Node, element, html, link, web_address
from msgc.preview.icons import icon
from msgc.preview.markup import markup

_KINDS = {"image": "Image", "video": "Video", "audio": "Voice message", "document": "Document"}
_TIME = "09:41"
_SLOT = re.compile(r"(header|body|button|footer)_?(.*)", re.DOTALL)
_MAPS = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=16/{0}/{1}"


def phone(payload: Mapping[str, Any]) -> str:
    """The payload of a session message or of a templated one as the HTML of a phone's screen.

    Its look is in `phone.css`; it needs no script: a list opens by itself, a picture is a link.
    """
    return html([screen(payload)])


def screen(payload: Mapping[str, Any]) -> Element:
    """The same as an element."""
    if "templateName" in payload:
        sender, parts = _text(payload.get("sender")), _template(payload)
    else:
        who = _object(payload.get("sender"))
        sender = _text(who.get("name")) or _text(who.get("id"))
        parts = _session(_object(payload.get("message")))
    return element(
        "div",
        element(
            "div",
            element("span", class_="avatar", aria_hidden="true"),
            element("span", sender or "Your business", class_="name", dir="auto"),
            class_="bar",
        ),
        element("div", *(parts or [element("p", "nothing to show", class_="nothing")]), class_="chat"),
        class_="phone",
    )


def words_of(payload: Mapping[str, Any]) -> list[str]:
    """Every text in a payload, to search in."""
    found: list[str] = []
    rest: list[Any] = [payload]
    while rest:
        value = rest.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, Mapping):
            rest += reversed([*value.values()])
        elif isinstance(value, list):
            rest += reversed(value)
    return found


# -------------------------------------------------------------------------------------------------- session messages


def _session(message: Mapping[str, Any]) -> list[Node]:
    body = _text(message.get("text"))
    for key, draw in _CONTENTS.items():
        if isinstance(message.get(key), Mapping):
            return draw(message[key], body)
    attachments = [_object(each) for each in _list(message.get("attachments"))]
    bubbles: list[Node] = [_attachment(each) for each in attachments]
    if isinstance(message.get("location"), Mapping):
        bubbles.append(_bubble(*_location(message["location"])))
    if body:
        bubbles.append(_bubble(_body(body)))
    return bubbles


def _buttons(content: Mapping[str, Any], body: str) -> list[Node]:
    labels = [_text(_object(each).get("text")) for each in _list(content.get("buttons"))]
    return [_bubble(*_framed(content, body)), _replies(labels)] if labels else [_bubble(*_framed(content, body))]


def _choices(content: Mapping[str, Any], body: str) -> list[Node]:
    sections = [
        _section(
            section,
            [
                (_text(row.get("text")), _text(row.get("description")))
                for row in map(_object, _list(section.get("rows")))
            ],
            "choice",
        )
        for section in map(_object, _list(content.get("sections")))
    ]
    label = _text(_object(content.get("button")).get("text"))
    return [_bubble(*_framed(content, body)), _sheet("list", label, sections)]


def _product(content: Mapping[str, Any], body: str) -> list[Node]:
    name = _text(_object(content.get("productItem")).get("productRetailerId"))
    card = element(
        "div",
        element("span", icon("product"), class_="picture"),
        element("span", name or "(no product)", class_="title", dir="auto"),
        element("span", f"catalog {_text(content.get('catalogId')) or '(none)'}", class_="note", dir="auto"),
        class_="product",
    )
    return [_bubble(card, *_framed({"footer": content.get("footer")}, body)), _replies(["View"], "")]


def _products(content: Mapping[str, Any], body: str) -> list[Node]:
    groups = [_object(each) for each in _list(content.get("sections"))]
    sections = []
    count = 0
    for group in groups:
        items = [_text(_object(each).get("productRetailerId")) for each in _list(group.get("productItems"))]
        count += len(items)
        sections.append(_section(group, [(item, "") for item in items], "item"))
    card = element(
        "div",
        element("span", icon("product"), class_="picture"),
        element("span", f"{count:,} item{'' if count == 1 else 's'}", class_="title"),
        element("span", f"catalog {_text(content.get('catalogId')) or '(none)'}", class_="note", dir="auto"),
        class_="product",
    )
    return [_bubble(card, *_framed(content, body)), _sheet("", "View items", sections)]


_CONTENTS = {
    "replyButtonMessage": _buttons,
    "listMessage": _choices,
    "singleProductMessage": _product,
    "multiProductMessage": _products,
}


def _framed(content: Mapping[str, Any], body: str) -> list[Node]:
    """Header, body and footer of an interactive message."""
    header, footer = _object(content.get("header")), _text(_object(content.get("footer")).get("text"))
    parts: list[Node] = []
    if isinstance(header.get("attachment"), Mapping):
        parts += _media(header["attachment"])
    if _text(header.get("text")):
        parts.append(element("div", _text(header.get("text")), class_="header", dir="auto"))
    if body:
        parts.append(_body(body))
    if footer:
        parts.append(element("div", footer, class_="footer", dir="auto"))
    return parts


def _attachment(content: Mapping[str, Any]) -> Element:
    caption = _text(content.get("caption"))
    return _bubble(*_media(content), *([_body(caption)] if caption else []))


def _media(content: Mapping[str, Any]) -> list[Node]:
    kind = _text(content.get("type"))
    address = _text(content.get("url"))
    name = _text(content.get("filename")) if kind == "document" else ""
    shown = [
        element("span", icon(kind), class_="picture"),
        element("span", name or _KINDS.get(kind, "Attachment"), class_="title", dir="auto"),
        element("span", address or "(no address)", class_="note", dir="ltr"),
    ]
    style = f"media {kind if kind in _KINDS else 'other'}"
    if web_address(address) is None:
        return [element("div", *shown, class_=style)]
    loadable = kind if kind in ("image", "video", "audio") and address.lower().startswith("https:") else None
    return [link(address, *shown, class_=style, data_media=loadable)]


def _location(content: Mapping[str, Any]) -> list[Node]:
    places = [content.get(name) for name in ("latitude", "longitude")]
    numbers = [spelling(place) for place in places if isinstance(place, int | float) and not isinstance(place, bool)]
    where = ", ".join(numbers)
    shown = [element("span", icon("pin"), class_="pin"), element("span", where, class_="note")]
    pin = link(_MAPS.format(*numbers), *shown, class_="map") if len(numbers) == len(places) else None
    texts = [(_text(content.get("name")), "title"), (_text(content.get("address")), "note")]
    lines = [element("div", text, class_=style, dir="auto") for text, style in texts if text]
    return [pin or element("div", *shown, class_="map"), *lines]


# ------------------------------------------------------------------------------------------------ templated messages


def _template(payload: Mapping[str, Any]) -> list[Node]:
    """A template: its own text lies at WhatsApp, so that only what fills it can be shown."""
    media: list[Node] = []
    rows: list[Node] = []
    labels: list[str] = []
    for slot in map(_object, _list(payload.get("parameters"))):
        name, value = _text(slot.get("name")), _text(slot.get("value"))
        match = _SLOT.fullmatch(name)
        part, rest = (match[1], match[2]) if match else ("", "")
        if part == "header" and rest in _KINDS:
            media += _media({"type": rest, "url": value, "filename": slot.get("filename")})
            continue
        if part == "button":
            labels.append(f"{name}: {value}")
            continue
        rows += [element("dt", name or "(no name)", dir="auto"), element("dd", value, dir="auto")]
    named = element(
        "div",
        element("span", "Template ", class_="note"),
        element("strong", _text(payload.get("templateName")) or "(no name)", dir="auto"),
        element("span", f" {_text(payload.get('language'))}", class_="note"),
        class_="template",
    )
    values = element("dl", *rows, class_="slots") if rows else None
    note = element("div", "Its text is the one that WhatsApp approved; these values fill it.", class_="footer")
    parts = [*media, named, *([values] if values else []), note]
    return [_bubble(*parts), *([_replies(labels, "")] if labels else [])]


# ------------------------------------------------------------------------------------------------------------ pieces


def _bubble(*parts: Node) -> Element:
    return element("div", *parts, element("div", _TIME, class_="time", aria_hidden="true"), class_="bubble")


def _body(text: str) -> Element:
    return element("div", *markup(text), class_="body")


def _replies(labels: Iterable[str], sign: str = "reply") -> Element:
    return element("ul", *(element("li", *_label(sign, text)) for text in labels), class_="replies")


def _label(sign: str, text: str) -> list[Node]:
    shown = element("span", text or "(no label)", dir="auto")
    return [icon(sign), shown] if sign else [shown]


def _sheet(sign: str, label: str, sections: list[Element]) -> Element:
    """What opens from the bottom of the screen when its button is tapped."""
    title = element("div", label, class_="sheet-title", dir="auto") if label else None
    return element(
        "details",
        element("summary", *_label(sign, label)),
        element("div", title, *sections, class_="sheet"),
        class_="opens",
    )


def _section(section: Mapping[str, Any], rows: Iterable[tuple[str, str]], style: str) -> Element:
    title = _text(section.get("title"))
    items = [
        element(
            "li",
            element("span", name or "(no title)", class_="title", dir="auto"),
            element("span", note, class_="note", dir="auto") if note else None,
        )
        for name, note in rows
    ]
    heading = element("div", title, class_="section-title", dir="auto") if title else None
    return element("div", heading, element("ul", *items, class_=style), class_="section")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
