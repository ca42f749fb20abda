"""What the tests of a template can say of a value: the bits `TRUE` and `FALSE`, and whether the test can fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgc.bounds.characters import LOWER, UPPER
from msgc.bounds.values import EITHER, FALSE, TRUE, Value, constants
from msgc.template.infer.compare import compare

Answer = tuple[int, bool | None]
Truth = Callable[[Value, Mapping[str, Value]], Answer]


def _kind(*kinds: str) -> Truth:
    def test(value: Value, _: Mapping[str, Value]) -> Answer:
        found = TRUE if value.kinds & set(kinds) else 0
        return found | (FALSE if value.kinds - set(kinds) else 0), None

    return test


def _defined(value: Value, _: Mapping[str, Value]) -> Answer:
    return (TRUE if value.kinds else 0) | (FALSE if value.absent or value.special == "no else" else 0), None


def _undefined(value: Value, given: Mapping[str, Value]) -> Answer:
    truth, _ = _defined(value, given)
    return (FALSE if truth & TRUE else 0) | (TRUE if truth & FALSE else 0), None


def _is(bit: int) -> Truth:
    def test(value: Value, _: Mapping[str, Value]) -> Answer:
        found = TRUE if value.truth & bit else 0
        return found | (FALSE if value.truth & ~bit or value.kinds - {"boolean"} else 0), None

    return test


def _number_kind(*, whole: bool) -> Truth:
    def test(value: Value, _: Mapping[str, Value]) -> Answer:
        if value.kinds != {"number"} or value.number is None:
            return (FALSE if value.number is None else EITHER), None
        if value.number.whole:
            return (TRUE if whole else FALSE), None
        values = value.number.values
        if values is not None and not any(isinstance(each, int) for each in values):
            return (FALSE if whole else TRUE), None
        return EITHER, None

    return test


def _modulo(value: Value, divisor: Value, remainder: int) -> int:
    known, by = constants(value), constants(divisor)
    if known is None or by is None or not all(by):
        return EITHER
    found = 0
    for each in known:
        for other in by:
            found |= TRUE if each % other == remainder else FALSE
    return found


def _odd(remainder: int) -> Truth:
    from msgc.bounds.values import of_constant

    two = of_constant(2)
    return lambda value, _: (_modulo(value, two, remainder), None)


def _case(letters: int, others: int) -> Truth:
    """`islower`: at least one letter of the case and none of the other; only ASCII is looked at."""

    def test(value: Value, _: Mapping[str, Value]) -> Answer:
        if value.text is None:
            return EITHER, None
        mask = value.text.mask
        plain = mask >> 128 == 0
        if plain and not mask & letters:
            return FALSE, None
        return EITHER, None

    del others
    return test


def _comparison(operator: str) -> Truth:
    return lambda value, given: compare(operator, value, given["other"])


def _unsure(_: Value, __: Mapping[str, Value]) -> Answer:
    return EITHER, None


TRUTHS: Mapping[str, Truth] = {
    "odd": _odd(1),
    "even": _odd(0),
    "divisibleby": lambda value, given: (_modulo(value, given["num"], 0), None),
    "defined": _defined,
    "undefined": _undefined,
    "none": _kind("null"),
    "boolean": _kind("boolean"),
    "true": _is(TRUE),
    "false": _is(FALSE),
    "integer": _number_kind(whole=True),
    "float": _number_kind(whole=False),
    "number": _kind("number"),
    "string": _kind("text"),
    "mapping": _kind("object"),
    "sequence": _kind("text", "list", "object"),
    "iterable": _kind("text", "list", "object"),
    "lower": _case(LOWER, UPPER),
    "upper": _case(UPPER, LOWER),
    "sameas": _unsure,
    "in": _comparison("in"),
    **dict.fromkeys(("==", "eq", "equalto"), _comparison("eq")),
    **dict.fromkeys(("!=", "ne"), _comparison("ne")),
    **dict.fromkeys((">", "gt", "greaterthan"), _comparison("gt")),
    **dict.fromkeys((">=", "ge"), _comparison("gteq")),
    **dict.fromkeys(("<", "lt", "lessthan"), _comparison("lt")),
    **dict.fromkeys(("<=", "le"), _comparison("lteq")),
}
"""By the names of the tests, as `lists.TESTS` has them."""
