"""Reports of changes: for people (`text`), programs (`json`), a pull request (`markdown`), and as a page (`html`).

A reporter gets all changes and returns the whole report; it never prints.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from msgc.changes.catalogs import CatalogChanges

FORMATS = ("text", "json", "markdown", "html")


def render_changes(changes: CatalogChanges, format_: str, *, color: bool = False) -> str:
    """The report in one of `FORMATS`, ending with a newline; `color` adds ANSI colours to text."""
    module = importlib.import_module(f"msgc.report.changes.{format_}")  # each draws in what only it needs
    if format_ == "text":
        text: str = module.render(changes, color=color)
        return text
    write: Callable[[CatalogChanges], str] = module.render
    return write(changes)
