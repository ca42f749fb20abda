"""Whether values that must all differ can be equal."""

from __future__ import annotations

from itertools import combinations

from msgc.bounds.contains import contains
from msgc.bounds.patterns import disjoint
from msgc.bounds.values import Value, constants
from msgc.bounds.words import Range
from msgc.prove.made import Made
from msgc.prove.totals import places


def repeated_items(names: list[str], value: Value) -> bool | None:
    """Whether the items of a list differ under each name: surely (True), surely not (False), or perhaps (None)."""
    declared = value.sequence.distinct if value.sequence is not None else frozenset[str]()
    names = [name for name in names if name not in declared]
    answers = {_differ(list(places(f"/*/{_escaped(name)}", value))) for name in names}
    return False if False in answers else None if None in answers else True


def repeated_places(pointers: list[str], value: Value) -> bool | None:
    """Whether what stands at some places differs: surely (True), surely not (False), or perhaps (None)."""
    return _differ([found for pointer in pointers for found in places(pointer, value)])


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _differ(found: list[tuple[Value, Range]]) -> bool | None:
    perhaps = False
    for value, count in found:
        if count.most is not None and count.most <= 1:
            continue
        made = value.made
        if isinstance(made, Made) and made.loops and made.differs:
            continue
        only = constants(value, 1)
        if only and only[0] == "":
            continue  # empty texts are passed over: their emptiness is the finding
        if only and count.least > 1:
            return False
        perhaps = True
    for (one, times), (two, others) in combinations(found, 2):
        if times.most == 0 or others.most == 0:
            continue
        answer = _apart(one, two)
        if answer is False and times.least > 0 and others.least > 0:
            return False
        perhaps = perhaps or answer is not True
    return None if perhaps else True


def _same_parts(one: Value, two: Value) -> bool:
    """Whether two texts print the same expressions of the same values, beside fixed text of another length."""
    made, other = one.made, two.made
    if not isinstance(made, Made) or not isinstance(other, Made) or made.loops or other.loops:
        return False
    if made.through != other.through or not made.shares or not other.shares:
        return False
    codes = [sorted(share.code for share in each.shares if share.code) for each in (made, other)]
    if codes[0] != codes[1] or any(code.startswith("{%") for code in codes[0]):
        return False
    sizes = [sum(share.points.most or 0 for share in each.shares if not share.code) for each in (made, other)]
    return sizes[0] != sizes[1]


def _apart(one: Value, two: Value) -> bool | None:
    """Whether two values differ."""
    if _same_parts(one, two):
        return True
    known, others = constants(one), constants(two)
    if known is not None and others is not None:
        common = [each for each in known if each in others and each != ""]
        if not common:
            return True
        return False if len(known) == len(others) == 1 else None
    for few, many in ((known, two), (others, one)):
        if few is not None and not any(contains(many, each) for each in few):
            return True
    if one.kinds == two.kinds == {"text"} and one.text is not None and two.text is not None:
        return True if disjoint(one.text, two.text) else None
    return None if one.kinds & two.kinds else True
