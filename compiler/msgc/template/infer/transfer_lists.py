"""What the filters of lists, objects and any value can make: how many items are left, and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from msgc.bounds.numbers import ANY_NUMBER, Number, added, multiplied, numbers, of_range, printed
from msgc.bounds.values import (
    ABSENT,
    ANYTHING,
    FALSE,
    NOTHING,
    TRUE,
    UNKNOWN,
    Part,
    Record,
    Sequence,
    Value,
    constants,
    of_constant,
    of_number,
    of_text,
    truth_of,
)
from msgc.bounds.words import ANY, EMPTY, Range, Text, repeat, run
from msgc.template.infer.call import Call, Transfer
from msgc.template.infer.narrow import truthy
from msgc.template.infer.specials import NO_ELSE, GroupValue
from msgc.template.infer.transfer_texts import first_of_text, last_of_text, length_of_text, reversed_text

_ONE = Range(1, 1)
_NO_ITEMS = Sequence()


def _listed(value: Value) -> Sequence:
    """The items that a filter goes through: those of a list, the characters of a text, the keys of an object."""
    found: Sequence | None = value.sequence
    if value.text is not None:
        characters = Sequence((Part(of_text(run(value.text.mask, 1, 1)), value.text.points),))
        found = characters if found is None else found | characters
    if value.record is not None:
        keys = Sequence((Part(_keys(value.record), _size(value.record)),))
        found = keys if found is None else found | keys
    return found or _NO_ITEMS


def _keys(record: Record) -> Value:
    found = NOTHING
    for key in record.fields:
        found = found | of_constant(key)
    return found if record.others.impossible else found | Value(text=ANY)


def _size(record: Record) -> Range:
    sure = sum(not value.absent for value in record.fields.values())
    possible = sum(bool(value.kinds) for value in record.fields.values())
    return Range(sure, possible if record.others.impossible else None)


def _default(call: Call) -> Value:
    """`default(x)`: the value where it is there (with `true`, where it counts as true), else `x`."""
    other = call.arguments.get("default_value", of_text(EMPTY))
    strict = call.arguments.get("boolean")
    truth = FALSE if strict is None else strict.truth
    value = call.value
    missing = value.absent or value.special == NO_ELSE
    kept = replace(value, absent=False, special=None if value.special == NO_ELSE else value.special, made=None)
    found = NOTHING
    if truth & FALSE:
        found = kept | other if missing else kept
    if truth & TRUE:
        there = truthy(kept)
        found = found | there
        if missing or truth_of(kept) & FALSE:
            found = found | other
    return found


def _length(call: Call) -> Value:
    """`length`: the number of characters, items or keys."""
    value = call.value
    found = NOTHING
    for count in (
        None if value.text is None else length_of_text(value.text),
        None if value.sequence is None else value.sequence.count,
        None if value.record is None else _size(value.record),
    ):
        if count is not None:
            found = found | of_number(of_range(count.least, count.most))
    return found


def _first(call: Call) -> Value:
    """`first`: the first item, character or key; absent where there may be none."""
    value = call.value
    found = NOTHING if value.text is None else first_of_text(value.text)
    if value.sequence is not None:
        found = found | _edge(value.sequence.parts, value.sequence.count)
    if value.record is not None:
        keys = _listed(Value(record=value.record))
        found = found | _edge(keys.parts, keys.count)
    return found


def _last(call: Call) -> Value:
    """`last`: the last item or character; absent where there may be none."""
    value = call.value
    found = NOTHING if value.text is None else last_of_text(value.text)
    if value.sequence is not None:
        found = found | _edge(value.sequence.parts[::-1], value.sequence.count)
    return found


def _edge(parts: tuple[Part, ...], count: Range) -> Value:
    found = NOTHING if count.least > 0 else ABSENT
    for part in parts:
        if part.count.most != 0:
            found = found | part.item
        if part.count.least > 0:
            break
    return found


def _path(call: Call, value: Value, name: str = "attribute") -> Value:
    """What `attribute` names in an item: a key, a dotted path, an index."""
    attribute = call.arguments.get(name)
    known = None if attribute is None else constants(attribute, 1)
    if attribute is None or known == [None]:
        return value
    if not known:
        return ANYTHING
    return _followed(call, value, known[0])


def _followed(call: Call, value: Value, path: object) -> Value:
    steps: list[object] = [path]
    if isinstance(path, str):
        steps = [int(step) if step.isascii() and step.isdigit() else step for step in path.split(".")]
    for step in steps:
        if value.absent and not value.kinds:
            return value
        value = call.asked.item(replace(value, absent=False), of_constant(step)) | (ABSENT if value.absent else NOTHING)
    return value


def _printed(call: Call, value: Value) -> Text | None:
    """The texts as which an item prints; what cannot be printed fails."""
    if value.special == UNKNOWN:
        return ANY
    if value.special == NO_ELSE:
        value = replace(value, special=None) | of_text(EMPTY)
    wrong = value.kinds - {"text", "number"}
    sure = value.text is None and value.number is None and not _may_be_empty(call)
    if value.absent:
        call.asked.missing(value, f"`{call.name}` is given something that is missing", certain=sure and not wrong)
    if wrong:
        words = "an item that is neither text nor a number"
        call.asked.unprintable(f"`{call.name}` is given {words}", certain=sure and not value.absent)
    text = value.text
    if value.number is not None:
        spelled = printed(value.number)
        text = spelled if text is None else text | spelled
    return text


def _may_be_empty(call: Call) -> bool:
    return _listed(call.value).count.least == 0


def _join(call: Call) -> Value:
    """`join(d)`: the items one behind the other, with `d` between each two."""
    separator = call.arguments.get("d", of_text(EMPTY)).text or EMPTY
    listed = _listed(call.value)
    count = listed.count
    if count.most == 0:
        return of_text(EMPTY)
    parts: list[tuple[Text, Range]] = []
    for part in listed.parts:
        if part.count.most == 0:
            continue
        text = _printed(call, _path(call, part.item))
        if text is None:
            return of_text(EMPTY) if count.least == 0 else NOTHING
        parts.append((text, part.count))
    if all(each == _ONE for _, each in parts):
        whole = EMPTY
        for index, (text, _) in enumerate(parts):
            whole = whole + (separator + text if index else text)
        return of_text(whole)
    first = parts[0][0]
    for text, each in zip((text for text, _ in parts[1:]), (each for _, each in parts), strict=False):
        if each.least > 0:
            break
        first = first | text
    body = parts[0][0]
    for text, _ in parts[1:]:
        body = body | text
    rest = Range(max(0, count.least - 1), None if count.most is None else count.most - 1)
    whole = first + repeat(separator + body, rest)
    return of_text(whole if count.least > 0 else whole | EMPTY)


def _ordered(call: Call, keys: Value, count: Range) -> None:
    """Notes where what is compared may have no order; only one value needs none."""
    kinds = keys.kinds
    if (count.most is None or count.most > 1) and not (kinds <= {"text"} or kinds <= {"number", "boolean"}):
        call.asked.fail(
            f"`{call.name}` compares values that may have no order among each other",
            certain=False,
            help="all must be text, or all must be numbers",
        )


def _sorted_by(call: Call, item: Value) -> list[Value]:
    """What items are sorted by: keys, of which `sort` takes several."""
    attribute = call.arguments.get("attribute")
    known = None if attribute is None else constants(attribute, 1)
    if call.name == "sort" and known and isinstance(known[0], str):
        return [_followed(call, item, path) for path in known[0].split(",")]
    return [_path(call, item)]


def _same_items(call: Call) -> Value:
    """`sort`, `reverse`, `list`: the same items, in another order."""
    value = call.value
    if call.name == "sort":
        for key in _sorted_by(call, _listed(value).item):
            _missing_key(call, key)
            _ordered(call, key, _listed(value).count)
    if call.name == "reverse":
        found = NOTHING if value.text is None else of_text(reversed_text(value.text))
        if value.sequence is not None:
            found = found | Value(sequence=Sequence(value.sequence.parts[::-1], value.sequence.distinct))
        return found
    listed = _listed(value)
    if len(listed.parts) <= 1 or call.name == "list":
        return Value(sequence=replace(listed, foreign=False))
    return Value(sequence=Sequence((Part(listed.item, listed.count),), listed.distinct))


def _missing_key(call: Call, key: Value) -> None:
    if key.absent:
        call.asked.missing(key, f"`{call.name}` finds no such key in some items", certain=False)


def _unique(call: Call) -> Value:
    """`unique`: each item once; of few possible items as many as there are, at most."""
    listed = _listed(call.value)
    most = listed.count.most
    key = _path(call, listed.item)
    _missing_key(call, key)
    if key.kinds & {"list", "object"}:
        sure = not key.kinds - {"list", "object"} and listed.count.least > 0
        call.asked.fail("`unique` compares text and numbers only", certain=sure and not key.absent)
    known = constants(_path(call, listed.item).present)
    if known is not None:
        most = len(known) if most is None else min(most, len(known))
    attribute = constants(call.arguments["attribute"], 1) if "attribute" in call.arguments else None
    distinct = set(listed.distinct)
    if "attribute" not in call.arguments:
        distinct.add("")
    elif attribute and isinstance(attribute[0], str):
        distinct.add(attribute[0])
    count = Range(min(1, listed.count.least), most)
    return Value(sequence=Sequence((Part(listed.item, count),), frozenset(distinct)))


def _extreme(call: Call) -> Value:
    """`min`, `max`: one of the items; absent where there may be none."""
    listed = _listed(call.value)
    item = listed.item
    for key in _sorted_by(call, item):
        _missing_key(call, key)
        _ordered(call, key, listed.count)
    if item.kinds == {"number"} and item.number is not None and "attribute" not in call.arguments:
        item = of_number(_least_of(listed, smallest=call.name == "min") or item.number)
    return item | (ABSENT if listed.count.least == 0 else NOTHING)


def _least_of(listed: Sequence, *, smallest: bool) -> Number | None:
    """The smallest of some numbers is no larger than the largest that any of them can be."""
    sure = [part.item.number for part in listed.parts if part.count.least > 0 and part.item.number is not None]
    everything = listed.item.number
    if not sure or everything is None:
        return None
    if smallest:
        most = [number.most for number in sure if number.most is not None]
        return everything.between(None, min(most)) if most else everything
    least = [number.least for number in sure if number.least is not None]
    return everything.between(max(least), None) if least else everything


def _sum(call: Call) -> Value:
    """`sum`: the start and as many items as there are."""
    start = call.arguments["start"].number if "start" in call.arguments else None
    total = start or numbers([0])
    listed = _listed(call.value)
    for part in listed.parts:
        item = _path(call, part.item)
        if item.kinds - {"number"} or item.absent:
            call.asked.fail("`sum` adds numbers only", certain=item.number is None and part.count.least > 0)
        if item.number is None:
            continue
        count = of_range(part.count.least, part.count.most)
        total = added(total, multiplied(item.number, count) if part.count.most is not None else _many(item.number))
    whole = total.whole and all(part.item.number is None or part.item.number.whole for part in listed.parts)
    return of_number(total if whole or total.decimals is None else replace(total, decimals=None, values=None))


def _many(number: Number) -> Number:
    least = 0 if number.least is not None and number.least >= 0 else None
    most = 0 if number.most is not None and number.most <= 0 else None
    return Number(least, most, number.whole) if number.least is not None or number.most is not None else ANY_NUMBER


def _groupby(call: Call) -> Value:
    """`groupby(key)`: groups of at least one item, no more than there are items or keys."""
    listed = _listed(call.value)
    grouper = _path(call, listed.item)
    if "default" in call.arguments:
        grouper = replace(grouper, absent=False) | call.arguments["default"]
    _ordered(call, grouper, listed.count)
    if grouper.absent:
        sure = not grouper.kinds and listed.count.least > 0
        call.asked.missing(grouper, "`groupby` needs the key in every item", certain=sure)
        grouper = replace(grouper, absent=False, made=None)
    most = listed.count.most
    known = constants(grouper)
    groups = most if known is None else len(known) if most is None else min(most, len(known))
    items = Value(sequence=Sequence((Part(listed.item, Range(1, most)),), listed.distinct))
    pair = Value(
        sequence=Sequence((Part(grouper, _ONE), Part(items, _ONE)), foreign=True), special=GroupValue(grouper, items)
    )
    return Value(sequence=Sequence((Part(pair, Range(min(1, listed.count.least), groups)),)))


def _map(call: Call) -> Value:
    """`map(filter)`, `map(attribute=key)`: each item, changed."""
    listed = _listed(call.value)
    parts = []
    for part in listed.parts:
        if call.args:
            name = constants(call.args[0], 1)
            if not name or not isinstance(name[0], str):
                return ANYTHING
            item = call.asked.filtered(name[0], part.item, call.args[1:], call.kwargs)
        elif "attribute" in call.kwargs:
            known = constants(call.kwargs["attribute"], 1)
            item = _followed(call, part.item, known[0]) if known else ANYTHING
            if "default" in call.kwargs and item.absent:
                item = replace(item, absent=False, made=None) | call.kwargs["default"]
        else:
            call.asked.fail("`map` needs a filter's name or `attribute`", certain=True)
            return NOTHING
        if item.absent:
            sure = not item.kinds and part.count.least > 0
            call.asked.missing(item, "`map` finds nothing in some items", certain=sure)
            item = replace(item, absent=False, made=None)
        parts.append(Part(item, part.count))
    return Value(sequence=Sequence(tuple(parts)))


def _choose(call: Call) -> Value:
    """`select`, `reject` and with a key `selectattr`, `rejectattr`: none of the items, some, or all."""
    keep = call.name.startswith("select")
    args = list(call.args)
    key = args.pop(0) if call.name.endswith("attr") and args else None
    path = None if key is None else constants(key, 1)
    parts = []
    for part in _listed(call.value).parts:
        looked = part.item if key is None else _followed(call, part.item, path[0]) if path else ANYTHING
        truth = _chosen(call, args, looked)
        wanted, other = (TRUE, FALSE) if keep else (FALSE, TRUE)
        if not truth & wanted:
            continue
        least = part.count.least if not truth & other else 0
        parts.append(Part(part.item, Range(least, part.count.most)))
    return Value(sequence=Sequence(tuple(parts), _listed(call.value).distinct))


def _chosen(call: Call, args: list[Value], looked: Value) -> int:
    if not args:
        return truth_of(looked)
    name = constants(args[0], 1)
    if not name or not isinstance(name[0], str):
        return TRUE | FALSE
    return call.asked.tested(name[0], looked, tuple(args[1:]), call.kwargs)


def _batch(call: Call) -> Value:
    """`batch(n)`: rows of n items, the last one shorter or filled up."""
    listed = _listed(call.value)
    size = call.integers("linecount", 1)
    most = None if size is None else size.most
    item = listed.item | call.arguments.get("fill_with", NOTHING)
    row = Value(sequence=Sequence((Part(item, Range(1, most)),), foreign=True))
    return Value(sequence=Sequence((Part(row, Range(min(1, listed.count.least), listed.count.most)),)))


def _slice(call: Call) -> Value:
    """`slice(n)`: n columns."""
    listed = _listed(call.value)
    size = call.integers("slices", 1) or Range(1, None)
    item = listed.item | call.arguments.get("fill_with", NOTHING)
    most = None if listed.count.most is None else listed.count.most + 1
    column = Value(sequence=Sequence((Part(item, Range(0, most)),), foreign=True))
    return Value(sequence=Sequence((Part(column, Range(max(0, size.least), size.most)),)))


def _items(call: Call) -> Value:
    """`items`, `dictsort`: pairs of a key and its value."""
    record = call.value.record or Record({}, NOTHING)
    if call.name == "items" and record.others.impossible and not any(v.absent for v in record.fields.values()):
        pairs = (_pair(of_constant(key), value) for key, value in record.fields.items())
        return Value(sequence=Sequence(tuple(Part(pair, _ONE) for pair in pairs)))
    value = record.others
    for each in record.fields.values():
        value = value | each.present
    return Value(sequence=Sequence((Part(_pair(_keys(record), value), _size(record)),)))


def _pair(key: Value, value: Value) -> Value:
    return Value(sequence=Sequence((Part(key, _ONE), Part(value.present, _ONE)), foreign=True))


LISTS: Mapping[str, Transfer] = {
    **dict.fromkeys(("default", "d"), _default),
    **dict.fromkeys(("length", "count"), _length),
    "first": _first,
    "last": _last,
    "join": _join,
    **dict.fromkeys(("sort", "reverse", "list"), _same_items),
    "unique": _unique,
    **dict.fromkeys(("min", "max"), _extreme),
    "sum": _sum,
    "groupby": _groupby,
    "map": _map,
    **dict.fromkeys(("select", "reject", "selectattr", "rejectattr"), _choose),
    "batch": _batch,
    "slice": _slice,
    **dict.fromkeys(("items", "dictsort"), _items),
}
