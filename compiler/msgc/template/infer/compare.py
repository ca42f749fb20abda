"""What a comparison of two values can say, and whether it can be made at all."""

from __future__ import annotations

from msgc.bounds.numbers import Number
from msgc.bounds.values import EITHER, FALSE, TRUE, UNKNOWN, Value, constants

_MOST_PAIRS = 4_096


def compare(operator: str, left: Value, right: Value) -> tuple[int, bool | None]:
    """The bits `TRUE` and `FALSE` of `left operator right`.

    Beside them whether it fails: for all values (True), for some (False), or never (None).
    """
    if UNKNOWN in (left.special, right.special):
        return EITHER, None
    if operator in ("in", "notin"):
        found, failed = _contained(left, right)
        return (found if operator == "in" else _turned(found)), failed
    if operator in ("eq", "ne"):
        found = _equal(left, right)
        return (found if operator == "eq" else _turned(found)), None
    return _ordered(operator, left, right)


def _turned(truth: int) -> int:
    return (FALSE if truth & TRUE else 0) | (TRUE if truth & FALSE else 0)


def _equal(left: Value, right: Value) -> int:
    one, two = constants(left), constants(right)
    if one is not None and two is not None and len(one) * len(two) <= _MOST_PAIRS:
        found = 0
        for each in one:
            for other in two:
                found |= TRUE if each == other else FALSE
        return found
    kinds = left.kinds & right.kinds
    # As for Python, true is 1 and false is 0.
    numeric = {"number", "boolean"}
    if not kinds and not (left.kinds & numeric and right.kinds & numeric):
        return FALSE
    if kinds == {"number"} and left.kinds == right.kinds == {"number"} and left.number and right.number:
        return FALSE if _apart(left.number, right.number) else EITHER
    if left.kinds == right.kinds == {"text"} and left.text and right.text:
        lengths, others = left.text.points, right.text.points
        shorter = lengths.most is not None and lengths.most < others.least
        longer = others.most is not None and others.most < lengths.least
        return FALSE if shorter or longer else EITHER
    return EITHER


def _apart(one: Number, two: Number) -> bool:
    below = one.most is not None and two.least is not None and one.most < two.least
    above = two.most is not None and one.least is not None and two.most < one.least
    return below or above


def _ordered(operator: str, left: Value, right: Value) -> tuple[int, bool | None]:
    pairs = {(one, two) for one in left.kinds for two in right.kinds}
    wrong = pairs - {("number", "number"), ("text", "text")}
    failed = None if not wrong else wrong == pairs
    found = 0
    if left.number is not None and right.number is not None:
        found |= _order(operator, left.number, right.number)
    if left.text is not None and right.text is not None:
        found |= _text_order(operator, left, right)
    return found, failed


def _order(operator: str, one: Number, two: Number) -> int:
    if operator in ("gt", "gteq"):
        one, two = two, one
    strict = operator in ("lt", "gt")
    always = (
        one.most is not None and two.least is not None and (one.most < two.least if strict else one.most <= two.least)
    )
    never = (
        one.least is not None and two.most is not None and (one.least >= two.most if strict else one.least > two.most)
    )
    return TRUE if always else FALSE if never else EITHER


def _text_order(operator: str, left: Value, right: Value) -> int:
    one, two = constants(left.only("text")), constants(right.only("text"))
    if one is None or two is None:
        return EITHER
    found = 0
    for each in one:
        for other in two:
            holds = {"lt": each < other, "lteq": each <= other, "gt": each > other, "gteq": each >= other}[operator]
            found |= TRUE if holds else FALSE
    return found


def _contained(item: Value, holder: Value) -> tuple[int, bool | None]:
    found = 0
    wrong = holder.kinds - {"list", "object", "text"}
    failed = None if not wrong else wrong == holder.kinds
    if holder.text is not None:
        found |= _in_text(item, holder)
        if item.kinds - {"text"}:
            failed = holder.kinds == {"text"} and item.text is None
    if holder.record is not None:
        found |= _in_keys(item, holder)
    if holder.sequence is not None:
        found |= _in_list(item, holder)
    return found, failed


def _in_text(item: Value, holder: Value) -> int:
    one, two = constants(item.only("text")), constants(holder.only("text"))
    if item.text is None:
        return 0
    if one is not None and two is not None and len(one) * len(two) <= _MOST_PAIRS:
        found = 0
        for each in one:
            for other in two:
                found |= TRUE if each in other else FALSE
        return found
    assert holder.text is not None
    missing = item.text.points.least > 0 and not item.text.mask & holder.text.mask
    return FALSE if missing else EITHER


def _in_keys(item: Value, holder: Value) -> int:
    known = constants(item, 1)
    assert holder.record is not None
    if not known or not isinstance(known[0], str):
        return EITHER
    found = holder.record.get(known[0])
    return (TRUE if found.kinds else 0) | (FALSE if found.absent else 0)


def _in_list(item: Value, holder: Value) -> int:
    assert holder.sequence is not None
    if holder.sequence.count.most == 0:
        return FALSE
    found = 0
    sure = False
    for part in holder.sequence.parts:
        equal = _equal(item, part.item)
        found |= equal & TRUE
        sure = sure or (equal == TRUE and part.count.least > 0)
    if sure:
        return TRUE
    known = constants(item)
    members: set[object] = set()
    for part in holder.sequence.parts:
        one = constants(part.item, 1)
        if one and part.count.least > 0:
            members.add(one[0])
    if known is not None and all(any(each == member for member in members) for each in known):
        return TRUE
    return found | FALSE
