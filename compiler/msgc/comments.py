"""The comments of a YAML file, which its data does not show."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass

from msgc.document import Document

_SIGN = re.compile(r"(?:\A|(?<=[ \t\r\n]))#")
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: its place (offsets in code points, half open) and its text with the `#`."""

    start: int
    end: int
    text: str


def find_comments(document: Document) -> list[Comment]:
    """All comments of a YAML document, in order; a `#` inside a scalar or a key is none."""
    text = document.source.text
    if "#" not in text:
        return []
    spans: set[tuple[int, int]] = set()
    for node in document.nodes.values():
        if node.key_start < node.key_end:
            spans.add((node.key_start, node.key_end))
        if node.text is not None and node.start < node.end:
            header = _BLOCK_HEADER.match(text, node.start) if node.style in ("literal", "folded") else None
            if header is None:
                spans.add((node.start, node.end))
            else:  # `|  # a comment`: the text begins on the next line
                line_end = document.source.line_start(document.source.position(node.start)[0])
                line_end += len(document.source.line(document.source.position(node.start)[0]))
                spans.add((line_end, node.end))
    ordered = sorted(spans)
    starts = [start for start, _ in ordered]
    comments: list[Comment] = []
    behind = 0  # the end of the last comment: what looks like a second one inside it is its text
    for match in _SIGN.finditer(text):
        start = match.start()
        index = bisect.bisect_right(starts, start) - 1
        rest = _REST_OF_LINE.match(text, start)
        if rest is not None and start >= behind and not (index >= 0 and start < ordered[index][1]):
            behind = rest.end()
            comments.append(Comment(start, behind, rest.group()))
    return comments
