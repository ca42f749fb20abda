"""Definitions to start from, one for each kind of message."""

from __future__ import annotations

from pathlib import Path

KINDS = {
    "text": "a text",
    "image": "an image with a caption",
    "video": "a video with a caption",
    "audio": "a voice or audio file",
    "document": "a document with its file name",
    "location": "a place on the map",
    "list": "a text with a list to choose from",
    "buttons": "a text with reply buttons",
    "product": "one product of a catalog",
    "products": "several products of a catalog",
    "template": "a template that WhatsApp approved",
}
SCHEMA_FILE = ".msgc.schema.json"


def skeleton(kind: str, depth: int = 0) -> str:
    """The text of a new definition; `depth` is how many folders lie between it and the catalog's root."""
    body = (Path(__file__).parent / f"{kind}.yaml").read_text(encoding="utf-8")
    return f"# yaml-language-server: $schema={'../' * depth or './'}{SCHEMA_FILE}\n{body}"
