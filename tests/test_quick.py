"""The quick acceptor gives the verdict of the plain one, whatever stands where in a schema."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from msgc.keywords import KEYWORDS
from msgc.validate import Acceptor, QuickAcceptor

_NAMES = st.sampled_from(["a", "b", "maxUtf8Bytes"])
_TEXTS = st.text(st.sampled_from('ab\U0001f600é"\\\n\x01'), max_size=9)
_SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | _TEXTS
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES | _TEXTS, inner, max_size=5),
    max_leaves=14,
)
_POINTERS = st.sampled_from(["/a", "/b", "/a/b", "/a/*", "/*/a", "/a/*/b/*"])
_LEAVES = st.one_of(
    st.builds(lambda n: {"maxUtf16Length": n}, st.integers(0, 9)),
    st.builds(lambda n: {"maxUtf8Bytes": n}, st.integers(0, 200)),
    st.builds(lambda p: {"uniqueAcross": p}, _POINTERS),
    st.builds(lambda p, q: {"differentValues": [p, q]}, _POINTERS, _POINTERS),
    st.builds(lambda names: {"uniqueItemProperties": names}, st.lists(_NAMES, min_size=1, max_size=2, unique=True)),
    st.builds(lambda p, n: {"maxTotalItems": {"of": p, "limit": n}}, _POINTERS, st.integers(0, 4)),
    st.builds(lambda p, n: {"minTotalItems": {"of": p, "limit": n}}, _POINTERS, st.integers(0, 4)),
    st.builds(lambda n: {"multipleOf": n}, st.sampled_from([2, 0.5])),
    st.builds(lambda n: {"maxItems": n}, st.integers(0, 3)),
    st.builds(lambda n: {"required": [n]}, _NAMES),
    st.builds(lambda n: {"dependentRequired": {n: ["b"]}}, _NAMES),
    st.builds(lambda v: {"enum": [v, 1, {"maxUtf8Bytes": 1}]}, _SCALARS),
    st.builds(lambda kind: {"type": kind}, st.sampled_from(["object", "array", "string", "number"])),
    st.builds(lambda name: {"$ref": f"#/$defs/{name}"}, st.sampled_from(["one", "two", "own"])),
    st.just({"unevaluatedProperties": False}),
    st.builds(lambda part: {"additionalProperties": part}, st.sampled_from([False, True, {"type": "string"}])),
    st.builds(lambda n: {"minLength": n}, st.integers(0, 5)),
    st.builds(lambda n: {"maxLength": n}, st.integers(0, 5)),
    st.builds(lambda n: {"minProperties": n}, st.integers(0, 2)),
    st.builds(lambda n: {"minContains": n}, st.integers(0, 2)),
    st.builds(lambda pattern: {"pattern": pattern}, st.sampled_from(["a", "^b", "\\n"])),
    st.booleans(),
)


def _together(parts: list) -> dict:
    return {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}


def _around(inner: st.SearchStrategy) -> st.SearchStrategy:
    several = st.lists(inner, min_size=1, max_size=3)
    of_several = st.sampled_from(["allOf", "anyOf", "oneOf", "prefixItems"])
    of_one = st.sampled_from(["not", "items", "additionalProperties", "contains"])
    return st.one_of(
        st.builds(_together, several),
        st.builds(lambda key, parts: {key: parts}, of_several, several),
        st.builds(lambda key, part: {key: part}, of_one, inner),
        st.builds(lambda parts: {"properties": parts}, st.dictionaries(_NAMES, inner, max_size=3)),
        st.builds(lambda part: {"patternProperties": {"^[am]": part}}, inner),
        st.builds(lambda part: {"dependentSchemas": {"a": part}}, inner),
        st.builds(lambda part: {"propertyNames": part}, inner),
        st.builds(lambda part: {"allOf": [{"if": {"required": ["a"]}, "then": part}]}, inner),
        st.builds(lambda a, b: {"if": a, "then": b}, inner, inner),
        st.builds(lambda a, b, c: {"if": a, "then": b, "else": c}, inner, inner, inner),
        st.builds(lambda a, b: {"items": a, "prefixItems": [b]}, inner, inner),
    )


_SCHEMAS = st.recursive(_LEAVES, _around, max_leaves=8)


def _with_definitions(schema: dict | bool, one: dict | bool, two: dict | bool) -> dict | bool:
    if schema in (True, False):
        return schema
    # A reference that leads round in place is nobody's schema; one that leads into a part of the value is.
    own = {"properties": {"a": {"$ref": "#/$defs/own"}}, "uniqueAcross": "/b/*", "maxUtf8Bytes": 60}
    return {**schema, "$defs": {"one": one, "two": two, "own": own}}


def agree(schema: dict | bool, value: object) -> None:
    exact, quick = Acceptor(schema), QuickAcceptor(schema)
    assert quick.accepts(value) == exact.accepts(value)
    assert not quick.is_quick(value) or exact.accepts(value)


def _refers(schema: object) -> bool:
    return "$ref" in str(schema)


_DEFINITIONS = _SCHEMAS.filter(lambda part: not _refers(part))
_LAWS = st.tuples(_SCHEMAS, _DEFINITIONS, _DEFINITIONS)


@settings(max_examples=1000, deadline=None)
@given(_LAWS, st.lists(_VALUES, min_size=1, max_size=6))
@example(({"if": {"maxUtf8Bytes": 9}, "then": {"maxUtf8Bytes": 5}}, True, True), ["aaaa", "aaaaaa", "aaaaaaaaaa"])
@example(({"allOf": [{"$ref": "#/$defs/one"}]}, {"properties": {"a": {"uniqueAcross": "/*"}}}, True), [{"a": [1, 1]}])
@example(({"not": {"uniqueAcross": "/a"}}, True, True), [{"a": 1}])
@example(({"$ref": "#/$defs/own"}, True, True), [{"a": {"a": {"b": [1, 1]}}}, {"a": {"a": {"b": [1, 2]}}}])
@example(({"allOf": [{"patternProperties": {"^a": {}}}, {"additionalProperties": False}]}, True, True), [{"a": 1}, {}])
@example(({"allOf": [{"properties": {"a": {}}}, {"additionalProperties": False}]}, True, True), [{"a": 1}, {}])
@example(({"allOf": [{"prefixItems": [{}]}, {"items": False}]}, True, True), [[1], []])
@example(({"allOf": [{"minContains": 0}, {"contains": False}]}, True, True), [[1], []])
@example(({"allOf": [{"then": False}, {"if": True}]}, True, True), [1])
def test_any_schema(schemas: tuple, values: list):
    schema = _with_definitions(*schemas)
    for value in values:
        agree(schema, value)


@pytest.mark.long
@settings(max_examples=30_000, deadline=None)
@given(_LAWS, st.lists(_VALUES, min_size=1, max_size=6))
def test_any_schema_for_long(schemas: tuple, values: list):
    schema = _with_definitions(*schemas)
    for value in values:
        agree(schema, value)


@pytest.mark.parametrize("width", [1, 2])
def test_definitions_that_lead_on_and_on(width: int):
    """Followed as far as they go these have a million parts, or more levels than there is room for."""
    last, steps = 400, range(400) if width == 1 else range(380, 400)
    defs = {
        f"d{step}": {"properties": {name: {"$ref": f"#/$defs/d{step + 1}"} for name in "ab"[:width]}} for step in steps
    }
    schema = {"$ref": f"#/$defs/d{steps[0]}", "$defs": {**defs, f"d{last}": {"uniqueAcross": "/*"}}}
    agree(schema, {"a": {"a": [1, 1]}})
    value: object = [1, 1]
    for _ in steps[:20]:
        value = {"a": value}
    agree(schema, value)


_SURELY = [keyword for keyword in KEYWORDS.values() if keyword.surely is not None]
_CONSTRAINTS: dict[str, st.SearchStrategy] = {
    "differentValues": st.lists(_POINTERS, min_size=2, max_size=2, unique=True),
    "maxTotalItems": st.builds(lambda p, n: {"of": p, "limit": n}, _POINTERS, st.integers(0, 4)),
    "uniqueAcross": _POINTERS,
    "uniqueItemProperties": st.lists(_NAMES, min_size=1, max_size=2, unique=True),
}
_NESTED = st.recursive(
    st.sampled_from([1, 1.0, True, "a", "", None]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=12,
)


@pytest.mark.parametrize("keyword", _SURELY, ids=lambda keyword: keyword.name)
@settings(max_examples=500, deadline=None)
@given(data=st.data(), value=_NESTED)
def test_what_is_surely_kept_is_kept(keyword, data: st.DataObject, value: object):
    constraint = data.draw(_CONSTRAINTS[keyword.name])
    if keyword.surely(constraint)(value):
        assert keyword.check(constraint, value) == []


_ENOUGH = [keyword for keyword in KEYWORDS.values() if keyword.enough is not None]
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1)
_PLAIN_TEXTS = st.text(st.sampled_from("ab "), max_size=90)
_PLAIN = st.dictionaries(_PLAIN_TEXTS, _PLAIN_TEXTS | _NUMBERS, max_size=5)


@pytest.mark.parametrize("keyword", _ENOUGH, ids=lambda keyword: keyword.name)
@settings(max_examples=500, deadline=None)
@given(value=_VALUES | _PLAIN, constraint=st.integers(0, 600))
def test_what_is_enough_for_a_keyword_keeps_it(keyword, value: object, constraint: int):
    if Acceptor(keyword.enough(constraint)).accepts(value):
        assert keyword.check(constraint, value) == []


def test_an_object_that_is_as_long_as_what_is_enough_fits():
    keyword = KEYWORDS["maxUtf8Bytes"]
    for constraint in (512, 513, 514, 515, 1024):
        enough = Acceptor(keyword.enough(constraint))
        room = (constraint - 2) // 4 - 6
        key = room // 3
        value = {f"{number}" + "k" * (key - 1): "v" * (room - key) for number in range(4)}
        assert enough.accepts(value)
        assert keyword.check(constraint, value) == []
        assert not enough.accepts({name: text + "v" for name, text in value.items()})
