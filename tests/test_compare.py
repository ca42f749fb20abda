"""Comparing parameters, held against the validators: what fits must fit, and what certainly does not has a witness."""

import json
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from msgc.load import load_yaml
from msgc.parameters import Parameters, declare
from msgc.parameters.compare import compare
from msgc.parameters.complete import EndlessDefault
from msgc.parameters.judges import judges_of
from msgc.parameters.samples import Sampler
from msgc.parameters.texts import lengths, text_of
from msgc.validate import check_value, matches


def _declare(params: object) -> Parameters | None:
    document, _ = load_yaml(json.dumps({"params": params}, ensure_ascii=False).encode(), "menu.yaml")
    declared, problems = declare(document)
    return None if any(problem.severity == "error" for problem in problems) else declared


def _differences(mine: object, theirs: object, known: object = ()) -> list[tuple[str, str, bool]]:
    one, other = _declare({"a": mine}), _declare({"a": theirs})
    assert one is not None
    assert other is not None
    return [(found.name, found.keyword, found.certain) for found in compare(one, other, known)]


# ------------------------------------------------------------------------------------- two schemas and a value

_CONSTANTS = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        "",
        "aaa",
        0,
        1,
        2,
        0.5,
        -1,
        True,
        False,
        None,
        [],
        ["a"],
        [1, 1],
        {},
        {"a": 1},
        {"a": "a", "b": 2},
    ]
)
_NAMES = st.sampled_from(["a", "b", "c"])
_PATTERNS = st.sampled_from(["^a", "b$", "^[ab]*$", "^a{1,3}$", "^(ab|b)?$"])
_SIZES = st.integers(0, 4)


def _with(**keywords: st.SearchStrategy) -> st.SearchStrategy:
    """A mapping of some of the keywords."""
    return st.fixed_dictionaries({}, optional=keywords)


def _typed(*types: object, **keywords: st.SearchStrategy) -> st.SearchStrategy:
    return st.builds(lambda kind, rest: {"type": kind, **rest}, st.sampled_from(types), _with(**keywords))


_NUMBERS = st.sampled_from([-1, 0, 0.5, 1, 2, 3])
_LEAVES = st.one_of(
    st.sampled_from(["string", "integer", "number", "boolean", "null", True, False]),
    _typed("string", "string", ["string", "null"], minLength=_SIZES, maxLength=_SIZES, pattern=_PATTERNS,
           format=st.sampled_from(["date", "uuid", "email"]), maxUtf16Length=_SIZES, maxUtf8Bytes=st.integers(2, 9)),
    _typed("number", "integer", minimum=_NUMBERS, maximum=_NUMBERS, exclusiveMinimum=_NUMBERS,
           exclusiveMaximum=_NUMBERS, multipleOf=st.sampled_from([1, 2, 3, 0.5, 0.1])),
    st.builds(lambda values: {"enum": values}, st.lists(_CONSTANTS, min_size=1, max_size=4)),
    st.builds(lambda value: {"const": value}, _CONSTANTS),
)  # fmt: skip


def _around(inner: st.SearchStrategy) -> st.SearchStrategy:
    some = st.lists(inner, min_size=1, max_size=3)
    property_ = st.one_of(inner, st.builds(lambda value: {"default": value}, _CONSTANTS))
    return st.one_of(
        _typed("array", items=inner, prefixItems=some, minItems=_SIZES, maxItems=_SIZES, uniqueItems=st.booleans(),
               contains=inner, unevaluatedItems=inner, maxTotalItems=st.just({"of": "/*/a", "limit": 1})),
        _typed("object", properties=st.dictionaries(_NAMES, property_, max_size=3), required=st.lists(_NAMES,
               unique=True, max_size=2), additionalProperties=inner, minProperties=_SIZES, maxProperties=_SIZES),
        _typed("object", properties=st.dictionaries(_NAMES, property_, max_size=3),
               patternProperties=st.dictionaries(st.sampled_from(["^a", "b$", "^x"]), inner, max_size=2),
               dependentRequired=st.just({"a": ["b"]}), dependentSchemas=st.dictionaries(_NAMES, inner, max_size=1),
               propertyNames=st.just({"maxLength": 1}), unevaluatedProperties=inner, allOf=some),
        _with(anyOf=some, type=st.sampled_from(["string", "object", "number"])),
        _with(oneOf=some, type=st.sampled_from(["string", "object", "number"])),
        _with(**{"if": inner, "then": inner, "else": inner, "not": inner}),
        st.builds(lambda part: {"$ref": "#/$defs/t", "$defs": {"t": part}}, inner),
    )  # fmt: skip


_SCHEMAS = st.recursive(_LEAVES, _around, max_leaves=8)
_VALUES = st.recursive(
    st.one_of(_CONSTANTS, st.sampled_from(["2026-03-09", "👍", "x", 1.5])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c", "x", "ab"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[object, object]:
    """Two schemas: the second is the first one with a few changes, or any other."""
    mine = draw(_SCHEMAS)
    theirs = draw(st.one_of(st.just(mine), _SCHEMAS))
    for _ in range(draw(st.integers(0, 2))):
        theirs = _change(draw, theirs)
    return mine, theirs


def _change(draw: st.DrawFn, schema: object) -> object:
    """A copy of a schema in which something is changed."""
    if isinstance(schema, dict) and schema and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(schema)))
        changed = {**schema, key: _change(draw, schema[key])}
        return {k: v for k, v in changed.items() if k != key} if draw(st.booleans()) else changed
    if isinstance(schema, list) and schema:
        index = draw(st.integers(0, len(schema) - 1))
        return [*schema[:index], _change(draw, schema[index]), *schema[index + 1 :]]
    if isinstance(schema, int | float) and not isinstance(schema, bool):
        return schema + draw(st.sampled_from([-1, 1]))
    return draw(_LEAVES)


def _sent(mine: Parameters, theirs: Parameters, value: object) -> tuple[bool, bool] | None:
    """Whether a definition takes a value, and whether its fallback takes what the definition made of it."""
    try:
        values = mine.complete({"a": value})
        # Where defaults depend on what is there, filling them in twice may give more: no message does that.
        if check_value(values) or mine.complete(values) != values:
            return None
        return mine.acceptor.accepts(values), theirs.acceptor.accepts(theirs.complete(values))
    except EndlessDefault:
        return None


def _agrees(pair: tuple[object, object], values: list[object]) -> None:
    mine, theirs = _declare({"a": pair[0]}), _declare({"a": pair[1]})
    assume(mine is not None)
    assume(theirs is not None)
    differences = compare(mine, theirs)
    for difference in differences:
        for witness in difference.witness:
            assert _sent(mine, theirs, witness) in ((True, False), None)
        assert difference.certain == bool(difference.witness)
    if not differences:
        for value in [*values, *Sampler(300).values(judges_of(mine, "a"))]:
            assert _sent(mine, theirs, value) != (True, False), value
    assert compare(mine, mine) == []


@settings(max_examples=300, deadline=None)
@given(_pairs(), st.lists(_VALUES, max_size=10))
def test_the_comparison_agrees_with_the_validators(pair, values):
    _agrees(pair, values)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(_pairs(), st.lists(_VALUES, max_size=10))
def test_the_comparison_agrees_with_the_validators_for_long(pair, values):
    _agrees(pair, values)


@settings(max_examples=200, deadline=None)
@given(st.lists(_CONSTANTS, min_size=1, max_size=5), _SCHEMAS)
def test_what_can_be_enumerated_is_decided_exactly(values, schema):
    mine, theirs = _declare({"a": {"enum": values}}), _declare({"a": schema})
    assume(theirs is not None)
    assert mine is not None
    differences = [found for found in compare(mine, theirs) if found.keyword not in ("default", "depth", "size")]
    verdicts = [_sent(mine, theirs, value) for value in values]
    assume(None not in verdicts)
    assert any(found.certain for found in differences) == ((True, False) in verdicts)


# --------------------------------------------------------------------------------------------------- remarks


def test_remarks_make_no_difference():
    mine = {"type": "string", "pattern": "^a", "title": "A", "description": "One.", "examples": ["a"], "default": "a"}
    theirs = {"type": ["string"], "pattern": "^a", "$comment": "b", "deprecated": True, "default": "ab"}
    assert _differences(mine, theirs) == []


def test_a_value_that_is_known_decides_what_else_would_be_a_doubt():
    mine, theirs = {"type": "string", "pattern": "^[A-Z]{3}$"}, {"type": "string", "pattern": "^[A-PR-Z]+$"}
    assert _differences(mine, theirs) == [("a", "pattern", False)]
    assert _differences(mine, theirs, [{"a": "ABC"}, {"a": "ABQ"}]) == [("a", "pattern", True)]


def test_a_parameter_that_is_lacking_is_needed_unless_it_has_a_default():
    mine = _declare({"a": "string"})
    theirs = _declare({"b": "string", "c": {"type": "string", "default": ""}, "d": {"$ref": "#/$defs/e", "$defs": {
        "e": {"default": 1}}}})  # fmt: skip
    assert [(found.name, found.certain, found.mine, found.theirs) for found in compare(mine, theirs)] == [
        ("b", True, None, "#/properties/b")
    ]


def _object(properties: object, **keywords: object) -> object:
    return {"type": "object", "properties": properties, **keywords}


def _chain(length: int, last: object) -> object:
    links = {f"d{n}": _object({"x": {"$ref": f"#/$defs/d{n + 1}"}}) for n in range(length)}
    return {"$ref": "#/$defs/d0", "$defs": links | {f"d{length}": last}}


def _choices(depth: int, size: int) -> object:
    if not depth:
        return _object({"x": {"type": "string", "maxLength": size}})
    return {"anyOf": [_object({f"k{n}": _choices(depth - 1, size)}) for n in range(3)]}


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (_chain(150, "string"), _chain(150, {"type": "string", "maxLength": 4})),
        (_choices(5, 60), _choices(5, 40)),
        (_object({f"k{n}": "string" for n in range(900)}), _object({f"k{n}": "integer" for n in range(900)})),
        ({"enum": [f"v{n}" for n in range(3000)]}, {"enum": [f"v{n}" for n in range(1, 3001)]}),
        ("string", {"type": "string", "maxLength": 1_000_000_000}),
        ({"type": "array", "minItems": 1_000_000}, {"type": "array", "maxItems": 1_000_000_000}),
        ({"type": "string", "pattern": "^((a{0,20}b){20}c){9}$"}, {"type": "string", "pattern": "^((((a*)*)*)*)*$"}),
        ({"type": "number", "minimum": 1e308}, {"type": "number", "maximum": -1e308, "multipleOf": 1e-300}),
    ],
    ids=["chain", "choices", "wide", "values", "long", "list", "pattern", "numbers"],
)
def test_large_schemas_are_compared_in_bounded_time(mine, theirs):
    started = time.perf_counter()
    assert _differences(mine, theirs)
    assert time.perf_counter() - started < 5


# ------------------------------------------------------------------------------------------- texts of patterns

_ATOMS = st.recursive(
    st.sampled_from(["a", "b", r"\+", "[ab]", "[^a]", ".", r"\d", r"\w", "[a-c0-9-]", r"\u0061", r"[^\s{}]"]),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner.map("(?:{})".format), st.sampled_from(["?", "*", "+", "{2}", "{1,3}", "{0,}?"])),
        st.builds("({}|{})".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=6,
)
_REGEXES = st.builds("{}{}{}".format, st.sampled_from(["", "^"]), _ATOMS, st.sampled_from(["", "$", "$|^a"]))


@settings(max_examples=300, deadline=None)
@given(_REGEXES, st.lists(st.text("ab+1 \n", max_size=7), max_size=20), st.integers(0, 12))
def test_the_lengths_of_a_pattern_hold_for_all_that_it_matches(pattern, texts, length):
    least, most = lengths(pattern)
    for text in [*texts, text_of(pattern), text_of(pattern, length)]:
        if text is not None and matches(pattern, text):
            assert least <= len(text)
            assert most is None or len(text) <= most


@pytest.mark.parametrize(
    ("pattern", "expected", "text"),
    [
        ("^[A-Z0-9-]{4,13}$", (4, 13), "AAAA"),
        ("^([01][0-9]|2[0-3]):[0-5][0-9]$", (5, 5), "00:00"),
        (r"^[^\s{}\uFFFD]+( [^\s{}\uFFFD]+)*$", (1, None), "a"),
        (r"^[+][1-9][0-9]{6,14}$", (8, 16), "+1000000"),
        ("^(a|bcd)?$", (0, 3), ""),
        ("a{3}", (3, None), "aaa"),
        ("^a$|^bb$", (1, 2), "a"),
        ("^a|b$", (1, None), "a"),
        ("", (0, None), ""),
        ("(?i)^a$", (0, None), None),
        (r"^\bab$", (0, None), None),
        ("^[a-z&&[^b]]$", (0, None), None),
    ],
)
def test_what_the_texts_of_a_pattern_are_like(pattern, expected, text):
    assert (lengths(pattern), text_of(pattern)) == (expected, text)
