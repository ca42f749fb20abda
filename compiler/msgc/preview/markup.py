"""What WhatsApp makes of the signs in a text: *bold*, _italic_, ~struck~, `code`, ```mono```, quotes, lists and links.

WhatsApp states no grammar; this one follows what its apps show. A sign opens at the beginning of a word and closes at
the end of one, on the same line; inside code nothing else is read; what is not closed is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgc.preview.element import Element, Node, element, link

_EMPHASIS = {"*": "strong", "_": "em", "~": "s"}
_MONO = re.compile(r"```(?!`)(.*?\S.*?)```", re.DOTALL)
_CODE = re.compile(r"(?<![^\W_`])`(?=[^`\s])([^`\n]*[^`\s])`(?![^\W_`])")
_LINK = re.compile(r"(?<![^\W_])https?://[^\s<>\"]*[^\s<>\"*_~`.,;:!?'()\[\]{}]", re.IGNORECASE)
_WHOLE = ((_MONO, "mono"), (_CODE, "code"), (_LINK, "link"))
_QUOTE = re.compile(r"> ?(?=\S)")
_BULLET = re.compile(r"[*-] (?=\S)")
_NUMBER = re.compile(r"([0-9]{1,3})\. (?=\S)")


def markup(text: str) -> tuple[Node, ...]:
    """A text as paragraphs, quotes and lists. Lines of a paragraph are separated by line feeds."""
    blocks: list[Node] = []
    lines = [(_kind(line), line) for line in _lines(_atoms(text.replace("\r\n", "\n")))]
    at = 0
    while at < len(lines):
        kind = lines[at][0]
        end = at
        while end < len(lines) and lines[end][0] == kind:
            end += 1
        blocks.append(_block(kind, [line for _, line in lines[at:end]], is_last=end == len(lines)))
        at = end
    return tuple(blocks)


def _atoms(text: str) -> list[Node]:
    """The characters of a text, with code and links each as one element that nothing inside can be read in."""
    return list(_cut(text, 0))


def _cut(text: str, rank: int) -> Iterator[Node]:
    if rank == len(_WHOLE):
        yield from text
        return
    pattern, kind = _WHOLE[rank]
    at = 0
    for match in pattern.finditer(text):
        yield from _cut(text[at : match.start()], rank + 1)
        if kind == "link":
            yield link(match[0], match[0])
        else:
            yield element("code", match[1], class_=kind)
        at = match.end()
    yield from _cut(text[at:], rank + 1)


def _lines(atoms: Sequence[Node]) -> Iterator[list[Node]]:
    line: list[Node] = []
    for atom in atoms:
        if atom == "\n":
            yield line
            line = []
        else:
            line.append(atom)
    yield line


def _kind(line: Sequence[Node]) -> str:
    head = "".join(atom if isinstance(atom, str) else "x" for atom in line[:6])
    for name, pattern in (("quote", _QUOTE), ("bullets", _BULLET), ("numbers", _NUMBER)):
        if pattern.match(head):
            return name
    return "plain"


def _block(kind: str, lines: list[list[Node]], *, is_last: bool) -> Element:
    if kind == "plain":
        # The line feed at the end of a paragraph shows nothing, so that an empty line before a list needs one more.
        gap = [] if is_last or lines[-1] else ["\n"]
        return element("p", *_joined(lines), *gap, dir="auto")
    if kind == "quote":
        return element("blockquote", *_joined([_behind(_QUOTE, line)[1] for line in lines]), dir="auto")
    if kind == "bullets":
        return element("ul", *(element("li", *_inline(_behind(_BULLET, line)[1])) for line in lines), dir="auto")
    numbered = [_behind(_NUMBER, line) for line in lines]
    return element("ol", *(element("li", *_inline(rest), value=number) for number, rest in numbered), dir="auto")


def _behind(pattern: re.Pattern[str], line: list[Node]) -> tuple[str, list[Node]]:
    """What a line's sign says (the number of a numbered one), and the line without it."""
    head = "".join(atom if isinstance(atom, str) else "x" for atom in line[:6])
    match = pattern.match(head)
    assert match is not None
    return match[1] if match.re.groups else "", line[match.end() :]


def _joined(lines: Sequence[list[Node]]) -> list[Node]:
    nodes: list[Node] = []
    for index, line in enumerate(lines):
        nodes += ["\n"] if index else []
        nodes += _inline(line)
    return _merged(nodes)


def _inline(atoms: Sequence[Node], inside: frozenset[str] = frozenset()) -> list[Node]:
    """A line with its emphasis; `inside` are the signs that are open around it, which cannot open again."""
    nodes: list[Node] = []
    hopeless = set(inside)
    at = 0
    while at < len(atoms):
        sign = atoms[at]
        if isinstance(sign, str) and sign in _EMPHASIS and sign not in hopeless and _opens(atoms, at):
            end = next((end for end in range(at + 2, len(atoms)) if atoms[end] == sign and _closes(atoms, end)), None)
            if end is not None:
                nodes.append(element(_EMPHASIS[sign], *_inline(atoms[at + 1 : end], inside | {sign})))
                at = end + 1
                continue
            hopeless.add(sign)  # nothing further on closes it: a long text is looked through once for each sign
        nodes.append(sign)
        at += 1
    return _merged(nodes)


def _opens(atoms: Sequence[Node], at: int) -> bool:
    before = atoms[at - 1] if at else " "
    behind = atoms[at + 1] if at + 1 < len(atoms) else " "
    return not _is_word(before) and not _is_space(behind) and behind != atoms[at]


def _closes(atoms: Sequence[Node], at: int) -> bool:
    behind = atoms[at + 1] if at + 1 < len(atoms) else " "
    return not _is_space(atoms[at - 1]) and not _is_word(behind)


def _is_word(atom: Node) -> bool:
    return isinstance(atom, str) and atom.isalnum()


def _is_space(atom: Node) -> bool:
    return isinstance(atom, str) and atom.isspace()


def _merged(nodes: Sequence[Node]) -> list[Node]:
    """The same with one text instead of many that stand side by side."""
    merged: list[Node] = []
    text: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            text.append(node)
            continue
        if text:
            merged.append("".join(text))
            text = []
        merged.append(node)
    if text:
        merged.append("".join(text))
    return merged
