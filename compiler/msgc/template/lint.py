"""What is allowed in a template and still probably not meant: tags that leave empty lines behind."""

from __future__ import annotations

import re

_TAG_LINE = re.compile(r"[ \t]*((?:\{%.*?%\}|\{#.*?#\})[ \t]*)+", re.DOTALL)
_TAG = re.compile(r"\{([%#])([-+]?)(.*?)([-+]?)([%#])\}", re.DOTALL)
_RAW = re.compile(r"\{%[-+]?\s*raw\s*-?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}", re.DOTALL)


def lint(text: str) -> list[tuple[str, int, int, str, str]]:
    """The warnings of a leaf: (rule, start, end, message, help), offsets in code points into the text.

    A tag alone on a line prints nothing, but the line break around it stays: the message gets an empty line.
    """
    if "\n" not in text or not ("{%" in text or "{#" in text):
        return []
    hidden = [match.span() for match in _RAW.finditer(text)]
    found = []
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line.rstrip("\r\n"))
        match = _TAG_LINE.fullmatch(text, start, end)
        if match is not None and not any(low < start < high for low, high in hidden):
            tags = list(_TAG.finditer(text, start, end))
            if tags and not any(tag[2] or tag[4] for tag in tags):
                found.append(_warning(text, start, end, tags))
        start += len(line)
    return found


def _warning(text: str, start: int, end: int, tags: list[re.Match[str]]) -> tuple[str, int, int, str, str]:
    first, last = tags[0], tags[-1]
    if start == 0:
        sign = last[1]
        fixed = text[start : last.start()] + f"{{{sign}{last[3].rstrip()} -{sign}}}"
    else:
        sign = first[1]
        fixed = text[start : first.start()] + f"{{{sign}- {first[3].lstrip()}{sign}}}" + text[first.end() : end]
    what = "this tag" if len(tags) == 1 else "these tags"
    return (
        "template-whitespace",
        first.start(),
        last.end(),
        f"{what} alone on a line leaves an empty line in the message" if len(tags) == 1 else
        f"{what} alone on a line leave an empty line in the message",
        f"write `{fixed.strip()}`",
    )
