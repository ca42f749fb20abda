"""The signs of a phone's screen as drawings, because not every system has a font with them."""

from __future__ import annotations

from msgc.preview.element import Element, element

# Paths on a field of 24 by 24.
_PATHS = {
    "image": "M4 4h16v16H4zM6 17h12l-4-6-3 4-2-2zM8.5 7a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
    "video": "M7 4v16l13-8z",
    "audio": "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3z"
    "M6 11v1a6 6 0 0 0 5 5.9V21h2v-3.1a6 6 0 0 0 5-5.9v-1h-2v1a4 4 0 0 1-8 0v-1z",
    "document": "M6 2h8l5 5v15H6zM13 4v4h4z",
    "product": "M8 7a4 4 0 0 1 8 0h4l1 14H3L4 7zM10 7h4a2 2 0 0 0-4 0z",
    "pin": "M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 0 0 0-7-7zM12 6.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z",
    "list": "M4 5h2v2H4zM9 5h11v2H9zM4 11h2v2H4zM9 11h11v2H9zM4 17h2v2H4zM9 17h11v2H9z",
    "reply": "M10 5 3 12l7 7v-4.5c5 0 8.5 1.5 11 5-1-6-4-10-11-11z",
}


def icon(name: str) -> Element:
    """A drawing in the colour of the text around it, which no screen reader reads; a document for an unknown name."""
    path = element("path", d=_PATHS.get(name, _PATHS["document"]), fill_rule="evenodd")
    return element("svg", path, viewBox="0 0 24 24", class_="icon", aria_hidden="true", focusable="false")
