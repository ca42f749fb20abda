"""What `format` and `%` make of a pattern: its literals, and for each directive all that its value can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from msgc.bounds.characters import DIGITS, Mask, mask_of
from msgc.bounds.numbers import LIMIT, Number, integers, magnitudes, of_range, printed
from msgc.bounds.values import NOTHING, Record, Sequence, Value, of_text
from msgc.bounds.words import (
    ANY,
    EMPTY,
    Range,
    Run,
    Text,
    Word,
    clamp,
    literal,
    pieced,
    run,
    text,
)
from msgc.template.budget import SIZE
from msgc.template.infer.call import Call, Transfer
from msgc.template.infer.transfer_cutting import head

_DIRECTIVE = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<flags>[-+ #0]*)(?P<width>\*|[0-9]*)(?:\.(?P<precision>\*|[0-9]*))?(?P<type>.?)",
    re.DOTALL,
)
"""As `operators.formatted` reads it."""
_LONG_NUMBER = 7
_PERCENT = mask_of("%")
_LARGEST = 1e300
"""A larger number has no form with a fraction."""
_HELP = "write `%s` for text, `%d` for an integer, `%.2f` for two decimals, and `%%` for a percent sign"

Fail = Callable[[str, bool], None]
"""Takes the message, and whether it is certain."""


class _NoFormError(Exception):
    """The format makes nothing, whatever its values are; the message says why."""


@dataclass(frozen=True, slots=True)
class _Directive:
    """`%-8.2f`, taken apart."""

    spelled: str
    flags: str
    width: int
    precision: int | None
    kind: str


def _format(call: Call) -> Value:
    """`format`: the pattern with what it is given in the place of its directives."""
    if call.args and call.kwargs:
        call.asked.fail("`format` takes its values either in order or by name, not both", certain=True)
        return NOTHING

    def fail(message: str, certain: bool) -> None:
        call.asked.fail(message, certain=certain, help=_HELP)

    made = _made(call.value, call.args, call.kwargs, fail)
    return NOTHING if made is None else of_text(made)


def formatted(pattern: Value, args: tuple[Value, ...], kwargs: Mapping[str, Value], fail: Fail | None = None) -> Text:
    """What a pattern can make, as in `pattern % value`: an only value may be a tuple or an object of several.

    Empty where it makes nothing.
    """
    report = fail or (lambda message, certain: None)  # noqa: ARG005
    if len(args) != 1 or kwargs:
        return _made(pattern, args, kwargs, report) or EMPTY
    only = args[0]
    found = []
    plain = only.only("text", "number", "boolean", "null", "special")
    if not plain.impossible:
        found.append(_made(pattern, (plain,), {}, report))
    if only.record is not None:
        found.append(_of_record(pattern, only.record, report))
    if only.sequence is not None:
        found.append(_of_sequence(pattern, only.sequence, report))
    there = [made for made in found if made is not None]
    return text(*(word for made in there for word in made.words)) if there else EMPTY


def _of_record(pattern: Value, record: Record, fail: Fail) -> Text | None:
    if record.others.impossible and not any(value.absent for value in record.fields.values()):
        return _made(pattern, (), record.fields, fail)
    return _unread(pattern)


def _of_sequence(pattern: Value, sequence: Sequence, fail: Fail) -> Text | None:
    """The items of a tuple; a list is one value, which cannot be printed."""
    items: list[Value] = []
    for part in sequence.parts:
        if part.count.least != part.count.most or len(items) + part.count.least > _MOST_ITEMS:
            return _unread(pattern)
        items += [part.item] * part.count.least
    return _made(pattern, tuple(items), {}, fail)


_MOST_ITEMS = 64


def _unread(pattern: Value) -> Text:
    """With values of which nothing is known."""
    whole = pattern.text
    return ANY if whole is None or whole.mask & _PERCENT else whole


def _made(pattern: Value, args: tuple[Value, ...], kwargs: Mapping[str, Value], fail: Fail) -> Text | None:
    """All that the patterns make, None where they make nothing; problems are told to `fail`."""
    whole = pattern.text
    if whole is None:
        return None
    known = whole.literals
    if known is None:
        if whole.mask & _PERCENT:
            fail("the directives of the format are not known", False)
        elif args:
            fail(f"the format has 0 directives for {len(args)} values", True)
            return None
        return _unread(pattern)
    found: list[Text] = []
    problems: dict[str, None] = {}
    for each in known:
        try:
            made = _of_pattern(each, args, kwargs, problems)
        except _NoFormError as problem:
            problems[str(problem)] = None
            continue
        kept = clamp(made, 0, SIZE)
        if kept is None:
            problems[f"the format makes a text of more than {SIZE:,} characters"] = None
        else:
            found.append(kept if made.points.most is not None else made)
    for message in problems:
        fail(message, not found)
    return text(*(word for made in found for word in made.words)) if found else None


def _of_pattern(pattern: str, args: tuple[Value, ...], kwargs: Mapping[str, Value], problems: dict[str, None]) -> Text:
    """What one pattern makes. Raises _NoFormError where that is nothing, and adds what can go wrong."""
    found = EMPTY
    end = positions = 0
    for match in _DIRECTIVE.finditer(pattern):
        found = found + literal(pattern[end : match.start()])
        end = match.end()
        if match[0] == "%%":
            found = found + literal("%")
            continue
        directive = _read(match)
        if (match["key"] is not None) != bool(kwargs):
            raise _NoFormError(f"`{match[0]}` does not fit the way in which the values are given")
        if kwargs and match["key"] not in kwargs:
            raise _NoFormError(f"the format asks for `{match['key']}`, which is not given")
        if not kwargs and positions >= len(args):
            raise _NoFormError("the format has more directives than there are values")
        value = kwargs[match["key"]] if kwargs else args[positions]
        positions += 1
        found = found + _printed(directive, value, problems)
    if not kwargs and positions != len(args):
        raise _NoFormError(f"the format has {positions} directives for {len(args)} values")
    return found + literal(pattern[end:])


def _read(match: re.Match[str]) -> _Directive:
    kind, width, precision = match["type"], match["width"], match["precision"]
    if not kind or kind not in "diouxXeEfFgGs" or "*" in (width, precision):
        raise _NoFormError(f"`{match[0]}` is no directive of a format")
    if len(width) >= _LONG_NUMBER or len(precision or "") >= _LONG_NUMBER:
        raise _NoFormError(f"the format makes a text of more than {SIZE:,} characters")
    return _Directive(
        match[0], match["flags"], int(width or 0), None if precision is None else int(precision or 0), kind
    )


# ------------------------------------------------------------------------------------------------------- directives


def _printed(directive: _Directive, value: Value, problems: dict[str, None]) -> Text:
    """What a directive prints of a value, as far as it can."""
    if directive.kind == "s":
        return _padded(directive, [(EMPTY, each) for each in _cut(directive, _spelled(value, problems))])
    number = value.number
    if value.kinds != {"number"} or value.absent:
        problems[f"`{directive.spelled}` takes a number"] = None
    if number is None and value.special is None:
        raise _NoFormError(f"`{directive.spelled}` takes a number")
    number = number or Number()
    if directive.kind in "oxX" and not number.whole:
        problems[f"`{directive.spelled}` takes an integer"] = None
    if directive.kind in "eEfFgG":
        inside = number.between(-_LARGEST, _LARGEST)
        if inside != number:
            problems["the format is given a number that is too large"] = None
        if inside is None:
            raise _NoFormError("the format is given a number that is too large")
        number = inside
    if number.values is not None:
        return _each(directive, number.values)
    forms = {"d": _whole, "i": _whole, "u": _whole, "o": _based, "x": _based, "X": _based, "f": _fixed, "F": _fixed}
    return _padded(directive, forms.get(directive.kind, _with_exponent)(directive, number))


def _spelled(value: Value, problems: dict[str, None]) -> Text:
    if value.special is not None:
        return ANY
    if value.absent or value.kinds - {"text", "number"}:
        problems["only text and numbers can be printed"] = None
    found = [value.text] if value.text is not None else []
    if value.number is not None:
        found.append(printed(value.number))
    if not found:
        raise _NoFormError("only text and numbers can be printed")
    return found[0] if len(found) == 1 else found[0] | found[1]


def _cut(directive: _Directive, whole: Text) -> Iterator[Text]:
    """The first characters of a text, as many as `%.3s` says."""
    most = directive.precision
    for word in whole.words:
        if most is None or (word.points.most is not None and word.points.most <= most):
            yield Text((word,))
            continue
        fits = clamp(Text((word,)), 0, most)
        if fits is not None:
            yield fits
        yield Text((head(word, most),))


def _each(directive: _Directive, values: tuple[float, ...]) -> Text:
    """What Python makes of each number."""
    form = re.sub(r"\(.*\)", "", directive.spelled, flags=re.DOTALL)
    good = [value for value in values if directive.kind not in "oxX" or isinstance(value, int)]
    if not good:
        raise _NoFormError(f"`{directive.spelled}` takes an integer")
    return literal(*(form % value for value in good))


Form = tuple[Text, Text]
"""What stands before the zeros that fill a number up, and what stands behind them."""


def _sign(directive: _Directive, *, negative: bool, positive: bool) -> Text:
    """The sign of a number that can be below zero, and that can be above or at it."""
    mark = "+" if "+" in directive.flags else " " if " " in directive.flags else ""
    if not positive:
        return literal("-")
    return literal("-", mark) if negative else literal(mark)


def _signs(directive: _Directive, number: Number) -> Text:
    """The sign before a fraction: there is a zero below zero as well."""
    below = number.least is None or number.least < 0
    minus_zero = not number.whole and number.zero
    return _sign(directive, negative=below or minus_zero, positive=number.most is None or number.most >= 0)


def _whole(directive: _Directive, number: Number) -> list[Form]:
    """Without its fraction; with zeros in front up to the precision."""
    low, high = magnitudes(number)
    fewest = max(len(str(int(low))), directive.precision or 0)
    most = max(len(str(min(int(high), LIMIT))), directive.precision or 0)
    return [(_integer_sign(directive, number), run(DIGITS, fewest, most))]


def _integer_sign(directive: _Directive, number: Number) -> Text:
    whole = of_range(
        None if number.least is None else int(number.least), None if number.most is None else int(number.most)
    )
    below = whole.least is None or whole.least < 0
    return _sign(directive, negative=below, positive=whole.most is None or whole.most >= 0)


def _based(directive: _Directive, number: Number) -> list[Form]:
    """An integer of base 8 or 16, with `#` behind `0o` or `0x`."""
    ends = integers(number)
    if ends is None:
        raise _NoFormError(f"`{directive.spelled}` takes an integer")
    low, high = magnitudes(of_range(*ends))
    octal = directive.kind == "o"
    digits = mask_of("01234567" if octal else "0123456789abcdef" if directive.kind == "x" else "0123456789ABCDEF")
    fewest, most = (
        max(len(f"{int(end):{'o' if octal else 'x'}}"), directive.precision or 0) for end in (low, min(high, LIMIT))
    )
    mark = literal(f"0{directive.kind}") if "#" in directive.flags else EMPTY
    return [(_sign(directive, negative=ends[0] < 0, positive=ends[1] >= 0) + mark, run(digits, fewest, most))]


def _fixed(directive: _Directive, number: Number) -> list[Form]:
    """So many decimals; as many digits in front of them as the ends of the range have once they are rounded."""
    low, high = magnitudes(number)
    decimals = 6 if directive.precision is None else directive.precision
    fewest, most = (len(f"{float(min(end, _LARGEST)):.{decimals}f}".partition(".")[0]) for end in (low, high))
    point = literal(".") if decimals or "#" in directive.flags else EMPTY
    return [(_signs(directive, number), run(DIGITS, fewest, most) + point + run(DIGITS, decimals, decimals))]


def _with_exponent(directive: _Directive, number: Number) -> list[Form]:
    """`%e`: one digit, the decimals and an exponent; `%g`: that, or up to as many digits as the precision says."""
    decimals = 6 if directive.precision is None else directive.precision
    signs = _signs(directive, number)
    letter = "e" if directive.kind.islower() else "E"
    if directive.kind in "gG":
        return [(signs, run(DIGITS | mask_of(f".{letter}+-"), 1, max(decimals, 1) + 6))]
    point = literal(".") if decimals or "#" in directive.flags else EMPTY
    mantissa = run(DIGITS, 1, 1) + point + run(DIGITS, decimals, decimals)
    return [(signs, mantissa + literal(f"{letter}-", f"{letter}+") + run(DIGITS, 2, 3))]


# ---------------------------------------------------------------------------------------------------------- padding

_ZERO: Mask = mask_of("0")
_SPACE: Mask = mask_of(" ")


def _padded(directive: _Directive, forms: list[Form] | Iterator[Form]) -> Text:
    """Filled up to the width: with spaces in front, behind with `-`, or with zeros in front of a number's digits."""
    found: list[Word] = []
    for before, after in forms:
        zeros = "0" in directive.flags and "-" not in directive.flags and directive.kind != "s"
        fill = _ZERO if zeros else _SPACE
        for front in before.words:
            for back in after.words:
                found += _filled(directive, front, back, fill).words
    return text(*found)


def _filled(directive: _Directive, before: Word, after: Word, fill: Mask) -> Text:
    both = pieced(*before.pieces) + Text((after,))
    points = before.points + after.points
    width = directive.width
    if points.least >= width:
        return both
    most = width - points.least
    padding = Run(fill, most if points.most == points.least else 0, most)
    size = Range(max(width, points.least), None if points.most is None else max(width, points.most))
    if fill == _ZERO:
        pieces = (*before.pieces, padding, *after.pieces)
    elif "-" in directive.flags:
        pieces = (*before.pieces, *after.pieces, padding)
    else:
        pieces = (padding, *before.pieces, *after.pieces)
    return pieced(*pieces, least=size.least, most=size.most)


FORMATS: Mapping[str, Transfer] = {"format": _format}
"""By the names of the filters."""
