"""Whether a leaf that a `$for` repeats is another text in each round, as ids and titles must be."""

from __future__ import annotations

import re
from collections.abc import Sequence as Items

from msgc.bounds.characters import Mask, mask_of
from msgc.bounds.values import Sequence, Value
from msgc.template import Loop
from msgc.template.infer.inferred import Share

_COUNTERS = frozenset({"loop.index", "loop.index0", "loop.revindex", "loop.revindex0"})
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
# Filters that make different texts of different whole numbers, or of different days.
_OF_INTEGERS = re.compile(r"\s*\|\s*(string|number|money\((['\"])[A-Z]{3}\2\))")
_OF_DAYS = re.compile(r"\s*\|\s*date(\((['\"])(medium|long|full)\2\))?")
_DAY = 10


def differs(pieces: Items[Share], loop: Loop, items: Sequence, inner: Items[str]) -> bool:
    """Whether a text of these pieces is another one in each round of a loop.

    That is so where it holds something that differs (a counter of the loop, a key under which all items differ, or all
    keys of items that differ), and can be read back: what changes is told apart from what stands beside it. `inner` are
    the names of the loops inside of this one, whose rounds change what they print as well.
    """
    changing = [piece for piece in pieces if piece.code and _mentions(piece.code, {*loop.names, *inner, "loop"})]
    if not _holds_all(changing, loop, items) and not any(_tells(piece.code, loop, items, inner) for piece in changing):
        return False
    return len(changing) == 1 or _is_readable(pieces, changing) or _is_readable(pieces[::-1], changing, backwards=True)


def _mentions(code: str, names: set[str]) -> bool:
    return any(name in names for name in _NAME.findall(code))


def _tells(code: str, loop: Loop, items: Sequence, inner: Items[str]) -> bool:
    """Whether what an expression prints is another text in each round."""
    if code in _COUNTERS:
        return not inner
    if len(loop.names) != 1:
        return False
    name = loop.names[0]
    for key in items.distinct:
        path = name if key == "" else f"{name}.{key}"
        if not code.startswith(path):
            continue
        value = items.item if key == "" else _field(items.item, key)
        rest = code[len(path) :]
        if value is None or value.kinds not in ({"text"}, {"number"}):
            continue
        if not rest:
            return True
        if value.number is not None and value.number.whole and _OF_INTEGERS.fullmatch(rest):
            return True
        day = value.text is not None and value.text.points.least == value.text.points.most == _DAY
        if day and _OF_DAYS.fullmatch(rest):
            return True
    return False


def _field(item: Value, key: str) -> Value | None:
    return None if item.record is None else item.record.fields.get(key)


def _holds_all(changing: Items[Share], loop: Loop, items: Sequence) -> bool:
    """Whether a text holds everything that an item has: other items then make other texts."""
    item = items.item
    if "" not in items.distinct or len(loop.names) != 1 or item.record is None or item.kinds != {"object"}:
        return False
    if not item.record.others.impossible:
        return False
    prefix = f"{loop.names[0]}."
    printed = {piece.code.removeprefix(prefix) for piece in changing if piece.code.startswith(prefix)}
    scalars = all(each.kinds in ({"text"}, {"number"}) and not each.absent for each in item.record.fields.values())
    return scalars and printed.issuperset(item.record.fields)


def _is_readable(pieces: Items[Share], changing: Items[Share], *, backwards: bool = False) -> bool:
    """Whether a text can be read back: each piece has one length, or ends before a character that it cannot hold."""
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        if piece not in changing or following is None:
            continue
        points = piece.points
        if points.least == points.most:
            continue
        if following.code or _edge(following, backwards) & piece.text.mask:
            return False
    return True


def _edge(piece: Share, backwards: bool) -> Mask:
    known = piece.text.literals
    return mask_of(known[0][-1 if backwards else 0]) if known and known[0] else piece.text.mask
