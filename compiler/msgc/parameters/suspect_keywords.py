"""What a keyword of a fallback's schema may refuse: one small rule for each keyword that holds no subschemas.

A rule leaves early where what is known of the definition's values rules a refusal out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from msgc.diagnostic import enumerate_words
from msgc.formats import SPELLINGS
from msgc.keywords.multiple_of import check as check_multiple
from msgc.parameters.extents import (
    Bound,
    entry_counts,
    greatest_number,
    item_counts,
    least_number,
    text_lengths,
    units,
)
from msgc.parameters.places import join
from msgc.parameters.samples import multiples, numbers
from msgc.parameters.sentences import counted, shown
from msgc.parameters.suspicion import SHOWN_VALUES, Pair, Suspicion, one_of, suspect_missing


def _constants(pair: Pair, keyword: str, values: list[Any]) -> Iterator[Suspicion]:
    words = one_of(values)
    yield pair.suspect(
        keyword,
        must=f"must be {words}",
        always=f"is {words}",
        allowed=words,
        help="take the same values in both",
    )


def _enum(pair: Pair) -> Iterator[Suspicion]:
    yield from _constants(pair, "enum", pair.schema["enum"])


def _const(pair: Pair) -> Iterator[Suspicion]:
    yield from _constants(pair, "const", [pair.schema["const"]])


def _min_length(pair: Pair) -> Iterator[Suspicion]:
    least, (wanted, words) = text_lengths(pair.mine)[0], _count(pair, "minLength", "character")
    if least < wanted:
        yield pair.suspect(
            "minLength",
            may=_sized("character", len),
            must=f"must have at least {words}",
            always=f"has at least {words}",
            help=f"ask for `minLength: {wanted}` here, or for less in the fallback",
            allowed=f"at least {words}",
            probes=lambda: _texts(pair, {least, (least + wanted) // 2, wanted - 1}),
        )


def _max_length(pair: Pair) -> Iterator[Suspicion]:
    most, (wanted, words) = text_lengths(pair.mine)[1], _count(pair, "maxLength", "character")
    if most is None or most > wanted:
        yield pair.suspect(
            "maxLength",
            may=_sized("character", len, unlimited=most is None),
            must=f"at most {wanted:,}",
            always=f"has at most {words}",
            help=f"set `maxLength: {wanted}` here, or allow more in the fallback",
            allowed=f"at most {words}",
            probes=lambda: _texts(pair, {wanted + 1} if most is None else {most, wanted + 1}),
        )


def _max_units(pair: Pair) -> Iterator[Suspicion]:
    most, (wanted, words) = units(pair.mine), _count(pair, "maxUtf16Length", "UTF-16 unit")
    if most is None or most > wanted:
        yield pair.suspect(
            "maxUtf16Length",
            may=_sized("UTF-16 unit", lambda text: len(text.encode("utf-16-le")) // 2, unlimited=most is None),
            must=f"at most {wanted:,}",
            always=f"has at most {words}",
            help=f"set `maxUtf16Length: {wanted}` here, or allow more in the fallback",
            allowed=f"at most {words}",
            probes=lambda: _texts(pair, {wanted // 2 + 1, wanted + 1}),
        )


def _max_bytes(pair: Pair) -> Iterator[Suspicion]:
    wanted, words = _count(pair, "maxUtf8Bytes", "byte")
    known = [int(size) for size in pair.mine.constants("maxUtf8Bytes")] if not pair.theirs.fills else []
    length = text_lengths(pair.mine)[1] if pair.group == "string" else None
    if length is not None:
        known.append(2 + 6 * length)  # JSON writes a control character as `\u0001`
    if min(known, default=wanted + 1) > wanted:
        yield pair.suspect(
            "maxUtf8Bytes",
            may=lambda value: f"be {shown(value)}",
            must=f"may take {words} at most",
            always=f"takes at most {words}",
            help=f"set `maxUtf8Bytes: {wanted}` here, or allow more in the fallback",
            allowed=f"at most {words}",
            probes=lambda: _texts(pair, {wanted // 4 + 1, wanted}) if pair.group == "string" else pair.samples(),
        )


def _pattern(pair: Pair) -> Iterator[Suspicion]:
    pattern = pair.schema["pattern"]
    if pattern in pair.mine.constants("pattern"):
        return
    fields = {}
    if pair.mine.constants("pattern"):
        fields["reason"] = "it has another pattern here, and two patterns cannot be compared"
    elif pair.mine.constants("format"):
        fields["reason"] = "it has a `format` here, which cannot be compared with a pattern"
    yield pair.suspect(
        "pattern",
        must=f"must match `{pattern}`",
        always=f"matches `{pattern}`",
        allowed=f"text that matches `{pattern}`",
        **fields,
    )


def _format(pair: Pair) -> Iterator[Suspicion]:
    name = pair.schema["format"]
    if name in pair.mine.constants("format"):
        return
    fields = {}
    if pair.mine.constants("pattern"):
        fields["reason"] = "it has a `pattern` here, which cannot be compared with a format"
    elif pair.mine.constants("format"):
        fields["reason"] = "it has another `format` here"
    yield pair.suspect(
        "format", must=f"must be {SPELLINGS[name]}", always=f"is {SPELLINGS[name]}", allowed=SPELLINGS[name], **fields
    )


def _lower(keyword: str, *, is_open: bool) -> Callable[[Pair], Iterator[Suspicion]]:
    def rule(pair: Pair) -> Iterator[Suspicion]:
        wanted, known = pair.schema[keyword], least_number(pair.mine)
        if known is not None and (known.number > wanted or (known.number == wanted and (known.open or not is_open))):
            return
        side = "more than" if is_open else "at least"
        yield pair.suspect(
            keyword,
            may=(lambda _: "be as small as you like") if known is None else lambda value: f"be {shown(value)}",
            must=f"must be {side} {shown(wanted)}",
            always=f"is {side} {shown(wanted)}",
            allowed=f"{side} {shown(wanted)}",
            help=f"set `{keyword}: {shown(wanted)}` here, or allow less in the fallback",
            probes=lambda: _numbers(pair, known, wanted, -1),
        )

    return rule


def _upper(keyword: str, *, is_open: bool) -> Callable[[Pair], Iterator[Suspicion]]:
    def rule(pair: Pair) -> Iterator[Suspicion]:
        wanted, known = pair.schema[keyword], greatest_number(pair.mine)
        if known is not None and (known.number < wanted or (known.number == wanted and (known.open or not is_open))):
            return
        side = "less than" if is_open else "at most"
        yield pair.suspect(
            keyword,
            may=(lambda _: "be as large as you like") if known is None else lambda value: f"be {shown(value)}",
            must=f"must be {side} {shown(wanted)}",
            always=f"is {side} {shown(wanted)}",
            allowed=f"{side} {shown(wanted)}",
            help=f"set `{keyword}: {shown(wanted)}` here, or allow more in the fallback",
            probes=lambda: _numbers(pair, known, wanted, 1),
        )

    return rule


def _numbers(pair: Pair, known: Bound | None, wanted: float, side: int) -> Iterator[float]:
    """Numbers on the wrong side of a bound: the farthest there is, then the nearest ones."""
    if known is not None:
        yield known.number
        yield known.number - side
        yield (known.number + wanted) / 2
    yield from (wanted, wanted + side, wanted + side / 2)
    for step in pair.mine.constants("multipleOf"):
        yield from multiples(step, wanted)
    yield from numbers(pair.mine)


def _multiple(pair: Pair) -> Iterator[Suspicion]:
    wanted = pair.schema["multipleOf"]
    steps = pair.mine.constants("multipleOf") + ([1] if "number" not in pair.mine.types else [])
    if any(not check_multiple(wanted, step) for step in steps):
        return
    yield pair.suspect(
        "multipleOf",
        must=f"must be a multiple of {shown(wanted)}",
        always=f"is a multiple of {shown(wanted)}",
        allowed=f"a multiple of {shown(wanted)}",
        probes=lambda: numbers(pair.mine),
    )


def _min_items(pair: Pair) -> Iterator[Suspicion]:
    least, (wanted, words) = item_counts(pair.mine)[0], _count(pair, "minItems", "item")
    if least < wanted:
        yield pair.suspect(
            "minItems",
            may=_sized("item", len),
            must=f"must have at least {words}",
            always=f"has at least {words}",
            help=f"ask for `minItems: {wanted}` here, or for less in the fallback",
            allowed=f"at least {words}",
            probes=lambda: _lists(pair, {least, wanted - 1}),
        )


def _max_items(pair: Pair) -> Iterator[Suspicion]:
    most, (wanted, words) = item_counts(pair.mine)[1], _count(pair, "maxItems", "item")
    if most is None or most > wanted:
        yield pair.suspect(
            "maxItems",
            may=_sized("item", len, unlimited=most is None),
            must=f"at most {wanted:,}",
            always=f"has at most {words}",
            help=f"set `maxItems: {wanted}` here, or allow more in the fallback",
            allowed=f"at most {words}",
            probes=lambda: _lists(pair, {wanted + 1} if most is None else {most, wanted + 1}),
        )


def _min_properties(pair: Pair) -> Iterator[Suspicion]:
    least, (wanted, words) = entry_counts(pair.mine)[0], _count(pair, "minProperties", "entry")
    least = max(least, len(pair.mine.guaranteed | pair.theirs.defaults.keys()))
    if least < wanted:
        yield pair.suspect(
            "minProperties",
            may=_sized("entry", len),
            must=f"must have at least {words}",
            always=f"has at least {words}",
            help=f"ask for `minProperties: {wanted}` here, or for less in the fallback",
            allowed=f"at least {words}",
            probes=lambda: _objects(pair, {0, wanted - 1}),
        )


def _max_properties(pair: Pair) -> Iterator[Suspicion]:
    most, (wanted, words) = entry_counts(pair.mine)[1], _count(pair, "maxProperties", "entry")
    added = pair.theirs.defaults.keys() - pair.mine.guaranteed
    if most is None or most + len(added) > wanted:
        yield pair.suspect(
            "maxProperties",
            may=_sized("entry", len, unlimited=most is None),
            must=f"at most {wanted:,}",
            always=f"has at most {words}",
            help=f"set `maxProperties: {wanted}` here, or allow more in the fallback",
            allowed=f"at most {words}",
            probes=lambda: _objects(pair, {wanted + 1, wanted, *([most] if most is not None else [])}),
        )


def _required(pair: Pair) -> Iterator[Suspicion]:
    for key in pair.schema["required"]:
        if key not in pair.mine.guaranteed and key not in pair.theirs.defaults:
            yield suspect_missing(pair, key)


def _dependent_required(pair: Pair) -> Iterator[Suspicion]:
    sure = pair.mine.guaranteed | pair.theirs.defaults.keys()
    for because, keys in pair.schema["dependentRequired"].items():
        filled = because in pair.theirs.defaults and because not in pair.mine.guaranteed
        known = {key for names in pair.mine.constants("dependentRequired") for key in names.get(because, ())}
        if filled or not pair.mine.inside(because).refuses_all:
            yield from (_lacking(pair, because, key) for key in keys if key not in sure | (set() if filled else known))


def _lacking(pair: Pair, because: str, key: str) -> Suspicion:
    return replace(
        suspect_missing(pair, key),
        may=lambda _: f"be missing beside `{because}`",
        always=f"stands beside `{because}`",
        probes=lambda: _with_key(pair, because),
        refuses=lambda value: isinstance(value, dict) and because in value and key not in value,
    )


def _with_key(pair: Pair, key: str) -> Iterator[Any]:
    yield from pair.samples()
    yield from pair.sampler.placed(
        pair.mine, (key,), list(itertools.islice(pair.sampler.values(pair.mine.inside(key)), 3))
    )


def _property_names(pair: Pair) -> Iterator[Suspicion]:
    if pair.shares("propertyNames"):
        return
    pointer = join(pair.pointer, "propertyNames")
    accept = pair.theirs.parameters.accept_part
    keys = {key for key in pair.mine.names if not pair.mine.inside(key).refuses_all} | pair.theirs.defaults.keys()
    refused = sorted(key for key in {*keys, *pair.mine.guaranteed} if not accept(pointer, key))
    if refused or pair.mine.others():
        names = enumerate_words([f"`{key}`" for key in refused[:SHOWN_VALUES]])
        yield pair.suspect(
            "propertyNames",
            may=lambda _: f"have {names}" if names else "have entries of other names",
            must="takes no such name",
            always="has names that fit `propertyNames`",
            refuses=lambda value: any(not accept(pointer, key) for key in value),
            probes=lambda: itertools.chain(*(_with_key(pair, key) for key in refused), _objects(pair, {1, 2})),
        )


def _unique(pair: Pair) -> Iterator[Suspicion]:
    if pair.schema["uniqueItems"] and item_counts(pair.mine)[1] not in (0, 1):
        yield from _opaque("uniqueItems", must="must not repeat an item", always="repeats no item")(pair)


def _total(keyword: str) -> Callable[[Pair], Iterator[Suspicion]]:
    most = keyword == "maxTotalItems"

    def rule(pair: Pair) -> Iterator[Suspicion]:
        wanted = pair.schema[keyword]
        for known in pair.mine.constants(keyword):
            tight = known["limit"] <= wanted["limit"] if most else known["limit"] >= wanted["limit"]
            if known["of"] == wanted["of"] and tight and not pair.theirs.fills:
                return
        yield from _opaque(keyword)(pair)

    return rule


def _unique_properties(pair: Pair) -> Iterator[Suspicion]:
    wanted = set(pair.schema["uniqueItemProperties"])
    known = {name for names in pair.mine.constants("uniqueItemProperties") for name in names}
    if not wanted <= known or pair.theirs.fills:
        yield from _opaque("uniqueItemProperties")(pair)


def _opaque(
    keyword: str, *beside: str, must: str | None = None, always: str | None = None
) -> Callable[[Pair], Iterator[Suspicion]]:
    """The rule of a keyword that fits only where the definition has it too, with those beside it."""

    def rule(pair: Pair) -> Iterator[Suspicion]:
        if pair.shares(keyword, *beside):
            return
        yield pair.suspect(
            keyword,
            must=must or f"`{keyword}` refuses that",
            always=always or f"fits `{keyword}`",
            reason=f"`{keyword}` cannot be compared with other keywords",
            refuses=pair.refuses_part,
            probes=lambda: itertools.chain(pair.samples(), _lists(pair, {1, 2, 3})),
        )

    return rule


Rule = Callable[[Pair], Iterator[Suspicion]]

RULES: Mapping[str, Mapping[str, Rule]] = {
    "string": {
        "minLength": _min_length,
        "maxLength": _max_length,
        "maxUtf16Length": _max_units,
        "pattern": _pattern,
        "format": _format,
    },
    "number": {
        "minimum": _lower("minimum", is_open=False),
        "exclusiveMinimum": _lower("exclusiveMinimum", is_open=True),
        "maximum": _upper("maximum", is_open=False),
        "exclusiveMaximum": _upper("exclusiveMaximum", is_open=True),
        "multipleOf": _multiple,
    },
    "array": {
        "minItems": _min_items,
        "maxItems": _max_items,
        "uniqueItems": _unique,
        "contains": _opaque("contains", "minContains", "maxContains"),
        "uniqueItemProperties": _unique_properties,
    },
    "object": {
        "minProperties": _min_properties,
        "maxProperties": _max_properties,
        "required": _required,
        "dependentRequired": _dependent_required,
        "propertyNames": _property_names,
    },
    "": {
        "enum": _enum,
        "const": _const,
        "maxUtf8Bytes": _max_bytes,
        "maxTotalItems": _total("maxTotalItems"),
        "minTotalItems": _total("minTotalItems"),
        "uniqueAcross": _opaque("uniqueAcross"),
        "differentValues": _opaque("differentValues"),
    },
}
"""The rules by the group of types that a keyword is about (the last ones are about every value) and by keyword."""


def suspect_keywords(pair: Pair) -> Iterator[Suspicion]:
    """What the keywords of the pair's schema may refuse, those that hold subschemas left out."""
    for keyword in pair.schema:
        rule = RULES[pair.group].get(keyword) if pair.group in RULES else None
        rule = rule or RULES[""].get(keyword)
        if rule is not None:
            yield from rule(pair)


def _count(pair: Pair, keyword: str, noun: str) -> tuple[int, str]:
    number = int(pair.schema[keyword])
    return number, counted(number, noun)


def _sized(noun: str, measure: Callable[[Any], int], *, unlimited: bool = False) -> Callable[[Any], str]:
    plural = counted(2, noun)[2:]

    def may(value: Any) -> str:
        if unlimited:
            return f"have any number of {plural}"
        return f"have {counted(measure(value), noun)}" if value else "be empty"

    return may


def _texts(pair: Pair, sizes: set[int]) -> Iterator[str]:
    """Texts of some lengths, the longest first."""
    for size in sorted(sizes, reverse=True):
        yield from pair.sampler.texts(pair.mine, max(0, size))
    yield from pair.samples()


def _lists(pair: Pair, sizes: set[int]) -> Iterator[Any]:
    if pair.group == "array":
        for size in sorted(sizes, reverse=True):
            yield from pair.sampler.lists(pair.mine, max(0, size))


def _objects(pair: Pair, sizes: set[int]) -> Iterator[Any]:
    for size in sorted(sizes, reverse=True):
        yield from pair.sampler.objects(pair.mine, max(0, size))
    yield from pair.samples()
