"""The gallery as one HTML page that holds all it needs.

Its own script and style are named by their hashes in the content security policy, so that no other can run, wherever
a text of the catalog should end up. Pictures may come from https, but the script asks for them only after a click.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgc.preview.element import Element, element, html

_FOLDER = Path(__file__).parent


@cache
def asset(name: str) -> str:
    """The text of a file of this package: `phone.css`, `gallery.css`, `gallery.js`."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def hash_of(text: str) -> str:
    """A script or a style as a content security policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def style() -> str:
    """The page's style."""
    return asset("phone.css") + asset("gallery.css")


def policy(*, served: bool) -> str:
    """The content security policy; `frame-ancestors` works in a header only, which only a server sends."""
    parts = [
        "default-src 'none'",
        f"script-src {hash_of(asset('gallery.js'))}",
        f"style-src {hash_of(style())}",
        "img-src https:",
        "media-src https:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*parts, "connect-src 'self'", "frame-ancestors 'none'"] if served else parts)


def make_page(title: str, data: Mapping[str, Any], *, served: bool) -> bytes:
    """The page in UTF-8. `title` says whose messages these are; `data` is what the script draws, see `Board.since`."""
    meta = [
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
    ]
    if not served:
        meta.insert(0, element("meta", http_equiv="Content-Security-Policy", content=policy(served=False)))
    # `<` alone could end the script's element; in JSON it has another spelling.
    text = json.dumps({**data, "served": served}, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    page = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{html(meta)}\n<style>{style()}</style>\n'
        f"</head>\n<body>\n{html([_frame(title)])}\n"
        f'<script type="application/json" id="data">{text}</script>\n<script>{asset("gallery.js")}</script>\n'
        "</body>\n</html>\n"
    )
    return page.encode("utf-8", "replace")  # names of files need not be text


def _frame(title: str) -> Element:
    search = element(
        "input",
        type="search",
        id="search",
        placeholder="Search  ( / )",
        aria_label="Search in names, texts and findings",
        autocomplete="off",
        spellcheck="false",
    )
    kinds = element("select", element("option", "all kinds", value=""), id="kinds", aria_label="Kind")
    levels = [("", "all findings"), ("any", "with findings"), ("error", "with errors"), ("none", "without findings")]
    found = element(
        "select", *(element("option", text, value=value) for value, text in levels), id="levels", aria_label="Findings"
    )
    theme = element("button", "Theme", type="button", id="theme")
    return element(
        "div",
        element("a", "Skip to the messages", href="#messages", class_="skip"),
        element(
            "header",
            element("h1", title),
            element("div", search, kinds, found, theme, class_="tools", role="search"),
            element("p", id="status", role="status"),
        ),
        element("noscript", element("p", "This page draws its messages with a script of its own, which is off.")),
        element(
            "div",
            element(
                "nav",
                element("ul", id="names"),
                element(
                    "p", "Keys: / searches, ↑ and ↓ go through the names, j and k through the messages.", class_="aside"
                ),
                aria_label="Definitions",
            ),
            element("main", element("div", id="notice"), element("div", id="cards"), id="messages", tabindex="-1"),
            class_="columns",
        ),
        class_="page",
    )
