"""What Jinja allows in a template and is not meant: placeholders `{{1}}`, and tags that leave empty lines behind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_CLOSING = {"{%": "%}", "{#": "#}"}
# Everything in which `{{1}}` is no expression of its own is a match of another kind.
_PIECE = re.compile(
    r"\{#.*?#\}"
    r"|\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}"
    r"|(?P<placeholder>\{\{[-+]?\s*(?P<number>[0-9]+)\s*[-+]?\}\})"
    r"|\{\{(?:[^\"'}]|\"[^\"]*+\"|'[^']*+'|\}(?!\}))*+\}\}"
    r"|\{%(?:[^\"'%]|\"[^\"]*+\"|'[^']*+'|%(?!\}))*+%\}",
    re.DOTALL,
)
_SIGNS = ("-", "+")


@dataclass(frozen=True, slots=True)
class _Tag:
    start: int
    end: int
    text: str

    @property
    def controlled(self) -> bool:
        """Whether the author has said what becomes of the white space around it."""
        return self.text[2:3] in _SIGNS or self.text[-3:-2] in _SIGNS


def lint(text: str) -> list[tuple[str, int, int, str, str]]:
    """The findings about a leaf: (rule, start, end, message, help), offsets in code points into the text.

    `{{1}}` prints 1 and is no placeholder as in WhatsApp's templates. A tag alone on a line prints nothing, but the
    line break around it stays: the message gets an empty line.
    """
    found = _placeholders(text) if "{{" in text else []
    if "\n" not in text:
        return found
    tags = _tags(text)
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        inside = [tag for tag in tags if start <= tag.start and tag.end <= end]
        if inside and not any(tag.controlled for tag in inside) and _only(text, start, end, inside):
            found.append(_warning(text, start, end, inside))
        start = end + 1
    return found


def _placeholders(text: str) -> list[tuple[str, int, int, str, str]]:
    return [
        (
            "numbered-placeholder",
            *match.span(),
            f"`{match[0]}` is a placeholder of WhatsApp's own templates; here it prints {int(match['number'][:20])}",
            "write the name of a parameter, such as `{{ first_name }}`, or the number without braces",
        )
        for match in _PIECE.finditer(text)
        if match["placeholder"] is not None
    ]


def _tags(text: str) -> list[_Tag]:
    """The block tags and comments of a text; what stands between `raw` and `endraw` is no tag."""
    tags: list[_Tag] = []
    position = 0
    raw = False
    while True:
        start = min((at for at in (text.find(mark, position) for mark in _CLOSING) if at >= 0), default=-1)
        end = text.find(_CLOSING[text[start : start + 2]], start + 2) if start >= 0 else -1
        if end < 0:
            return tags
        tag = _Tag(start, end + 2, text[start : end + 2])
        name = tag.text[2:-2].strip("-+ \t\n") if tag.text[1] == "%" else ""
        if not raw or name == "endraw":
            tags.append(tag)
            raw = name == "raw"
            position = tag.end
        else:
            position = start + 2


def _only(text: str, start: int, end: int, tags: list[_Tag]) -> bool:
    """Whether a line holds nothing but tags and white space."""
    rest = text[start : tags[0].start] + text[tags[-1].end : end]
    between = (text[one.end : two.start] for one, two in pairwise(tags))
    return not rest.strip() and not "".join(between).strip()


def _warning(text: str, start: int, end: int, tags: list[_Tag]) -> tuple[str, int, int, str, str]:
    first, last = tags[0], tags[-1]
    if start == 0:  # nothing before the first line could be taken away, so take what comes behind it
        fixed = f"{text[start : last.end - 2].rstrip()} -{last.text[-2:]}"
    else:
        fixed = f"{first.text[:2]}- {text[first.start + 2 : end].strip()}"
    message = "a tag alone on a line" if len(tags) == 1 else "tags alone on a line"
    leaves = "leaves" if len(tags) == 1 else "leave"
    return (
        "template-whitespace",
        first.start,
        last.end,
        f"{message} {leaves} an empty line in the message",
        f"write `{fixed.strip()}`",
    )
