"""What the filters can make that put something in: `center`, `indent`, `replace` and `urlencode`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise

from jinja2.utils import url_quote

from msgc.bounds.characters import (
    ASCII,
    LINE_ENDS,
    NEWLINE,
    SPACES,
    Mask,
    bit_of,
    heaviest,
    lightest,
    mask_of,
)
from msgc.bounds.numbers import printed
from msgc.bounds.patterns import verdict
from msgc.bounds.values import FALSE, NOTHING, TRUE, Record, Sequence, Value, of_text
from msgc.bounds.words import (
    EMPTY,
    Piece,
    Range,
    Run,
    Text,
    Word,
    clamp,
    each_word,
    literal,
    pieced,
    repeat,
    run,
    text,
)
from msgc.template.budget import SIZE
from msgc.template.infer.call import Call, Transfer

_SPACE = mask_of(" ")
_RETURN = mask_of("\r")
_MOST_COMBINATIONS = 24


def _text(call: Call) -> Text:
    assert call.value.text is not None
    return call.value.text


def spelled(value: Value) -> Text | None:
    """The texts as which a value prints, as far as it is text or a number."""
    if value.number is None:
        return value.text
    return printed(value.number) if value.text is None else value.text | printed(value.number)


def allowed(call: Call, made: Text) -> Value:
    """A text that is made, as far as it is no longer than a text may be; nothing, with a problem, where it never is."""
    kept = clamp(made, 0, SIZE)
    if kept is None:
        call.asked.fail(f"`{call.name}` makes a text of more than {SIZE:,} characters", certain=True)
        return NOTHING
    return of_text(made)


# -------------------------------------------------------------------------------------------------------- centering


def _center(call: Call) -> Value:
    """`center(n)`: spaces on both sides of what is shorter than n characters, n in all."""
    width = call.integers("width", 80) or Range(0, None)
    return allowed(call, each_word(_text(call), lambda word: _centered(word, width)))


def _centered(word: Word, width: Range) -> Text:
    points = word.points
    if width.most is not None and width.most <= points.least:
        return Text((word,))
    most = None if width.most is None or points.most is None else max(width.most, points.most)
    side = None if width.most is None else (width.most - points.least + 1) // 2
    before = after = Run(_SPACE, 0, side)
    if points.least == points.most and width.least == width.most and side is not None:
        # As Python does it: an odd space goes to the left where the width is odd.
        both = width.least - points.least
        left = both // 2 + (both & width.least & 1)
        before, after = Run(_SPACE, left, left), Run(_SPACE, both - left, both - left)
    return pieced(before, *word.pieces, after, least=max(width.least, points.least), most=most)


# --------------------------------------------------------------------------------------------------------- indenting


def _indent(call: Call) -> Value:
    """`indent(n)`: n spaces, or another text, before each line but the first that is not empty.

    With `blank` also before empty ones, with `first` before the first. All line ends are LF afterwards.
    """
    by = _indentation(call)
    found: Text | None = None
    for first in _booleans(call, "first"):
        for blank in _booleans(call, "blank"):
            made = each_word(_text(call), partial(_indented, by=by, blank=blank))
            made = by + made if first else made
            found = made if found is None else found | made
    return NOTHING if found is None else allowed(call, found)


def _booleans(call: Call, name: str) -> list[bool]:
    truth = call.arguments[name].truth if name in call.arguments else FALSE
    return [each for each, bit in ((True, TRUE), (False, FALSE)) if truth & bit]


def _indentation(call: Call) -> Text:
    given = call.arguments.get("width")
    if given is None:
        return literal("    ")
    found = given.text
    if given.number is not None:
        least, most = given.number.least, given.number.most
        ends = (0 if least is None else max(0, int(least)), None if most is None else max(0, int(most)))
        spaces = literal(" " * ends[0]) if ends[0] == ends[1] and ends[0] <= SIZE else run(_SPACE, *ends)
        found = spaces if found is None else found | spaces
    return found or EMPTY


def _indented(word: Word, by: Text, *, blank: bool) -> Text:
    if not word.mask & LINE_ENDS:
        return Text((word,))
    returns = bool(word.mask & _RETURN)
    found = EMPTY
    for piece in word.pieces:
        mask = mask_of(piece) if isinstance(piece, str) else piece.mask
        if not mask & LINE_ENDS:
            found = found + pieced(piece)
        elif isinstance(piece, str) and not returns:
            found = found + _indented_literal(piece, by, blank=blank)
        else:
            found = found + _indented_run(piece, mask, by, blank=blank, returns=returns)
    if word.most is None or by.points.most is None:
        return found
    return clamp(found, 0, word.most * (1 + by.points.most)) or found


def _indented_literal(piece: str, by: Text, *, blank: bool) -> Text:
    """A piece without CR among others: what follows it decides on the indent behind a line end that ends it."""
    lines = (piece + "x").splitlines()
    found = literal(lines[0] if len(lines) > 1 else piece)
    for line in lines[1:-1]:
        found = found + literal("\n") + (by if line or blank else EMPTY) + literal(line)
    last = lines[-1][:-1]
    indent = by if last or blank else by | EMPTY
    return found + literal("\n") + indent + literal(last) if len(lines) > 1 else found


def _indented_run(piece: Piece, mask: Mask, by: Text, *, blank: bool, returns: bool) -> Text:
    """Of CR LF one line end is left, and of a CR that ends the text nothing."""
    least, most = (len(piece), len(piece)) if isinstance(piece, str) else (piece.least, piece.most)
    solid = bool(mask_of(piece) & ~SPACES) if isinstance(piece, str) else piece.solid
    deep = by.points.most
    if most is not None and deep is not None:
        most += deep * (most if blank else (most + 1) // 2)
    else:
        most = None
    if returns:
        least = max(0, least // 2 - 1)
    elif blank:
        least += 0 if mask & ~LINE_ENDS else least * by.points.least
    made = mask & ~LINE_ENDS | NEWLINE | by.mask
    return pieced(Run(made, max(least, solid), most, solid))


# --------------------------------------------------------------------------------------------------------- replacing


def _replace(call: Call) -> Value:
    """`replace(old, new)`: unchanged where `old` cannot occur; else as many times as it fits in, `new` in its place."""
    old, new = spelled(call.arguments["old"]), spelled(call.arguments["new"])
    assert old is not None
    assert new is not None
    found: Text | None = None
    for count in _counts(call):
        if old.literals is None or len(old.literals) > _MOST_COMBINATIONS:
            made = each_word(_text(call), partial(_replaced_anyhow, old=old, new=new, count=count))
            found = made if found is None else found | made
            continue
        for each in old.literals:
            made = each_word(_text(call), partial(_replaced, old=each, new=new, count=count))
            found = made if found is None else found | made
    return NOTHING if found is None else allowed(call, found)


def _counts(call: Call) -> list[Range]:
    """How many times at most; a range where that is not one number, and no end where there is no limit."""
    given = call.arguments.get("count")
    every = Range(SIZE, None)
    if given is None:
        return [every]
    found = [every] if given.null else []
    if given.number is not None:
        least, most = given.number.least, given.number.most
        if least is None or least < 0:
            found = [every]
        if most is None or most >= 0:
            found.append(Range(0 if least is None else max(0, int(least)), None if most is None else int(most)))
    return found


def _replaced(word: Word, old: str, new: Text, count: Range) -> Text:
    if count.most == 0 or (old and verdict(_escaped(old), Text((word,))) is False):
        return Text((word,))
    limited = count.most is not None or count.least < SIZE
    if not old:
        return _replaced_anyhow(word, EMPTY, new, count)
    known = word.literal
    if known is not None and (not limited or count.least == count.most):
        return _rejoined(known, old, new, count.most)
    if limited:
        return _replaced_anyhow(word, literal(old), new, count)
    found = EMPTY
    for pieces in _apart(word.pieces, old):
        group = Word(pieces)
        only = group.literal
        if only is not None:
            found = found + _rejoined(only, old, new, None)
        elif verdict(_escaped(old), Text((group,))) is False:
            found = found + pieced(*pieces)
        else:
            found = found + _replaced_anyhow(group, literal(old), new, count)
    if word.most is None and word.least == 0:
        return found
    whole = _replaced_anyhow(word, literal(old), new, count).points
    return clamp(found, whole.least, whole.most) or found


def _rejoined(known: str, old: str, new: Text, count: int | None) -> Text:
    parts = known.split(old, -1 if count is None else count)
    found = literal(parts[0])
    for part in parts[1:]:
        found = found + new + literal(part)
    return found


def _apart(pieces: tuple[Piece, ...], old: str) -> Iterator[tuple[Piece, ...]]:
    """Pieces in groups such that `old` never lies across two of them."""
    start = 0
    for index in range(1, len(pieces)):
        last, first = Word(pieces[:index]).edge(-1), Word(pieces[index:]).edge(0)
        if not any(last & bit_of(left) and first & bit_of(right) for left, right in pairwise(old)):
            yield pieces[start:index]
            start = index
    yield pieces[start:]


_SPECIAL = frozenset("\\^$.|?*+()[]{}/-")


def _escaped(text: str) -> str:
    """The pattern that finds a text."""
    return "".join("\\" + character if character in _SPECIAL else character for character in text)


def _replaced_anyhow(word: Word, old: Text, new: Text, count: Range) -> Text:
    """With an `old` of which only a range may be known: it may be anywhere, up to `count` times."""
    points, before, after = word.points, old.points, new.points
    if before.least > 0 and (not old.first & word.mask or (points.most is not None and points.most < before.least)):
        return Text((word,))
    most = None
    if points.most is not None and after.most is not None:
        times = _times(points.most, before.least, count.most)
        most = points.most + max(0, times * (after.most - before.least))
    least = points.least
    if before.most is None or after.least < before.most:
        least = _shrunk(points, before, after, count.most)
    elif before.least == before.most == 0:
        least += _times(points.least, 0, count.least) * after.least
    kept = word.mask
    if count.most is None and count.least >= SIZE and old.literals is not None and len(old.literals) == 1:
        only = old.literals[0]
        kept &= ~(mask_of(only) & ASCII) if len(only) == 1 else ~0
    solid = word.solid and (not old.mask & ~SPACES or new.solid)
    return pieced(Run(kept | new.mask, max(least, int(solid)), most, solid))


def _times(size: int, old: int, count: int | None) -> int:
    """How often something so long can be found in a text, at most."""
    found = size + 1 if old == 0 else size // old
    return found if count is None else min(found, count)


def _shrunk(size: Range, old: Range, new: Range, count: int | None) -> int:
    """The least that is left of a text by something longer that gives way to something shorter."""
    if old.least != old.most:
        return min(size.least, new.least)
    # One more character can make one more place for it.
    full = -(-size.least // old.least) * old.least
    sizes = [size.least] + ([full] if full in size else [])
    return min(each - _times(each, old.least, count) * (old.least - new.least) for each in sizes)


# --------------------------------------------------------------------------------------------- parts of an address

_SAFE = mask_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~/")
_QUOTED = mask_of("%0123456789ABCDEF")


def _urlencode(call: Call) -> Value:
    """`urlencode`: what is not safe in an address becomes `%` and two digits for each of its bytes in UTF-8.

    Of an object or a list of pairs, `key=value` with `&` between; only how long they are is known.
    """
    found = NOTHING
    own = spelled(call.value)
    if own is not None:
        found = of_text(each_word(own, _quoted))
    if call.value.record is not None:
        found = found | of_text(_query(_pairs(call, call.value.record)))
    if call.value.sequence is not None:
        found = found | of_text(_listed_query(call, call.value.sequence))
    return found


def _quoted(word: Word) -> Text:
    pieces: list[Piece] = [
        url_quote(piece) if isinstance(piece, str) else _quoted_run(piece, _SAFE) for piece in word.pieces
    ]
    most = None if word.most is None else word.most * _widest(word.mask, _SAFE)
    return pieced(*pieces, least=word.least, most=most)


def _quoted_run(piece: Run, safe: Mask) -> Run:
    others = piece.mask & ~safe
    if not others:
        return piece
    least = piece.least * (1 if piece.mask & safe else 3 * lightest(others)[1])
    most = None if piece.most is None else piece.most * _widest(piece.mask, safe)
    return Run(piece.mask & safe | _QUOTED, least, most)


def _widest(mask: Mask, safe: Mask) -> int:
    return max(1, 3 * heaviest(mask & ~safe)[1])


_IN_QUERY = _SAFE & ~mask_of("/") | _SPACE


def _pairs(call: Call, record: Record) -> list[tuple[Text, Range]]:
    """`key=value` of each key, and whether it is there."""
    known = [(literal(key), value) for key, value in record.fields.items()]
    found = [(_pair(call, key, value), Range(int(not value.absent), 1)) for key, value in known if value.kinds]
    if not record.others.impossible:
        found.append((_pair(call, run(_ANYTHING), record.others), Range(0, None)))
    return found


_ANYTHING = _IN_QUERY | _QUOTED | mask_of("&=+")


def _pair(call: Call, key: Text, value: Value) -> Text:
    printable = spelled(value)
    if printable is None or value.kinds - {"text", "number"}:
        message = "`urlencode` is given a value that is neither text nor a number"
        call.asked.fail(message, certain=printable is None and not value.absent and value.special is None)
    return _in_query(key) + literal("=") + (run(_ANYTHING) if value.special is not None else _in_query(printable))


def _in_query(whole: Text | None) -> Text:
    if whole is None:
        return EMPTY
    found: list[Word] = []
    for word in whole.words:
        pieces: list[Piece] = [
            url_quote(piece, for_qs=True) if isinstance(piece, str) else _in_query_run(piece) for piece in word.pieces
        ]
        found += pieced(*pieces, least=word.least).words
    return text(*found)


def _in_query_run(piece: Run) -> Run:
    made = _quoted_run(piece, _IN_QUERY)
    if not made.mask & _SPACE:
        return made
    return replace(made.plain, mask=made.mask & ~_SPACE | mask_of("+"), solid=False)


def _query(pairs: list[tuple[Text, Range]]) -> Text:
    """Pairs in any order, with `&` between."""
    if len(pairs) == 1 and pairs[0][1] == Range(1, 1):
        return pairs[0][0]
    total, count, mask = Range(0, 0), Range(0, 0), 0
    for pair, there in pairs:
        total, count, mask = total + pair.points.times(there), count + there, mask | pair.mask
    between = Range(max(0, count.least - 1), None if count.most is None else max(0, count.most - 1))
    points = total + between
    return run(mask | mask_of("&"), points.least, points.most)


def _listed_query(call: Call, sequence: Sequence) -> Text:
    if sequence.count.most == 0:
        return EMPTY
    item = sequence.item
    surely = item.kinds == {"list"} and item.sequence is not None and item.sequence.count == Range(2, 2)
    if not surely:
        never = item.sequence is None or 2 not in item.sequence.count
        certain = never and item.special is None and sequence.count.least > 0
        call.asked.fail("`urlencode` takes text, a number, an object, or a list of pairs", certain=certain)
        return run(_ANYTHING)
    assert item.sequence is not None
    ends = [part.item for part in item.sequence.parts if part.count.most != 0]
    key = spelled(ends[0])
    pair = _pair(call, run(_ANYTHING) if key is None else key, ends[-1])
    return repeat(pair + run(mask_of("&"), 0, 1), sequence.count)


FILLING: Mapping[str, Transfer] = {
    "center": _center,
    "indent": _indent,
    "replace": _replace,
    "urlencode": _urlencode,
}
"""By the names of the filters."""
