"""Text as people see it: the one room that knows about terminal columns and grapheme clusters.

Only this module imports wcwidth, and only when text that is not ASCII asks for it.
"""

from __future__ import annotations


def display_width(text: str) -> int:
    """How many columns of a terminal `text` covers; wide characters take two, combining marks none.

    Control characters must have been escaped before; one that was not counts as one column.
    """
    if text.isascii():
        return len(text)
    import wcwidth

    width = wcwidth.wcswidth(text)
    return width if width >= 0 else sum(max(wcwidth.wcwidth(character), 1) for character in text)


def shorten(text: str, limit: int) -> str:
    """`text`, cut to at most `limit` code points (at least 1) with a final `…` if it is longer.

    The cut falls between graphemes, so that no emoji or accented letter is torn; spaces before the `…` go.
    """
    if len(text) <= limit:
        return text
    if text[:limit].isascii():
        # CR LF is the only grapheme of more than one ASCII character; a mark may still follow the last one
        kept = limit - 1
        if text[kept].isascii() and text[kept - 1 : kept + 1] != "\r\n":
            return text[:kept].rstrip() + "…"
    import wcwidth

    kept = 0
    for grapheme in wcwidth.iter_graphemes(text[: limit + _LONGEST_GRAPHEME]):
        if kept + len(grapheme) > limit - 1:
            break
        kept += len(grapheme)
    return text[:kept].rstrip() + "…"


def graphemes(text: str) -> list[str]:
    """`text` in the pieces that people see as one character."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    import wcwidth

    return list(wcwidth.iter_graphemes(text))


_LONGEST_GRAPHEME = 64
"""How far to look past the cut for the end of a grapheme; families and flags have at most some fifteen."""
