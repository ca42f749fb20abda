"""The two validators, held against each other, and what only one of them says."""

import math
from enum import IntEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgc.formats import FORMATS, SPELLINGS
from msgc.keywords import KEYWORDS
from msgc.validate import (
    MAX_DEPTH,
    MAX_VALUES,
    Acceptor,
    Explainer,
    Violation,
    accept_parts,
    check_value,
    chosen_branch,
    matches,
)

# ---------------------------------------------------------------------------------------- agreement of the validators

_TEXTS = st.sampled_from(["", "a", "b", "ab", "a\n", "éa", "👍", "2026-02-28", "2026-02-30", "x@y.pt", "١"])
_NUMBERS = st.one_of(
    st.integers(-3, 12),
    st.sampled_from([2**53 + 1, -(2**63), 2**64 - 1, 0.1, 0.3, 1.0, 1e300, 5e-324, -0.0, 2.5, 9007199254740992.0]),
    st.floats(allow_nan=False, allow_infinity=False),
)
_NAMES = st.sampled_from(["a", "b", "id", "rows", "x y", "é"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), _TEXTS, _NUMBERS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)
_PATTERNS = st.sampled_from(["^a", "a$", "^[0-9]+$", "^.$", r"\w", "b|é", "^$"])
_POINTERS = st.sampled_from(["/a", "/*/id", "/rows/*/id", "/a/*", "/*", "/b"])
_TOTALS = st.fixed_dictionaries({"of": _POINTERS, "limit": st.integers(0, 3)})
_COUNTS = st.integers(0, 4)
_TYPES = st.sampled_from(["string", "number", "integer", "boolean", "object", "array", "null"])


def _keywords(schemas: st.SearchStrategy) -> dict[str, st.SearchStrategy]:
    some = st.lists(schemas, min_size=1, max_size=3)
    named = st.dictionaries(_NAMES, schemas, max_size=3)
    return {
        "type": st.one_of(_TYPES, st.lists(_TYPES, min_size=1, max_size=3, unique=True)),
        "const": VALUES,
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "minimum": _NUMBERS,
        "maximum": _NUMBERS,
        "exclusiveMinimum": _NUMBERS,
        "exclusiveMaximum": _NUMBERS,
        "multipleOf": st.sampled_from([1, 2, 0.1, 0.01, 2.5, 1e-300, 1e300, 3]),
        "pattern": _PATTERNS,
        "format": st.sampled_from(list(FORMATS)),
        "uniqueItems": st.booleans(),
        "required": st.lists(_NAMES, max_size=2, unique=True),
        "dependentRequired": st.dictionaries(_NAMES, st.lists(_NAMES, max_size=2, unique=True), max_size=2),
        **dict.fromkeys(
            ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
             "maxUtf8Bytes", "maxUtf16Length"),
            _COUNTS,
        ),
        "uniqueItemProperties": st.lists(_NAMES, min_size=1, max_size=2, unique=True),
        "uniqueAcross": _POINTERS,
        "maxTotalItems": _TOTALS,
        "minTotalItems": _TOTALS,
        "differentValues": st.lists(_POINTERS, min_size=2, max_size=3, unique=True),
        **dict.fromkeys(("items", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems",
                         "propertyNames", "not", "if", "then", "else"), schemas),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), some),
        "properties": named,
        "dependentSchemas": named,
        "patternProperties": st.dictionaries(_PATTERNS, schemas, max_size=2),
        "$ref": st.sampled_from(["#/$defs/a", "#/$defs/b"]),
    }  # fmt: skip


def _schema(schemas: st.SearchStrategy) -> st.SearchStrategy:
    keywords = _keywords(schemas)
    return st.lists(st.sampled_from(sorted(keywords)), max_size=4, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({name: keywords[name] for name in chosen})
    )


SCHEMAS = st.recursive(st.one_of(st.booleans(), _schema(st.booleans())), _schema, max_leaves=6)


def _without_references(schema):
    if isinstance(schema, dict):
        return {key: _without_references(value) for key, value in schema.items() if key != "$ref"}
    return [_without_references(item) for item in schema] if isinstance(schema, list) else schema


ROOTS = st.builds(
    lambda schema, a, b: {
        **(schema if isinstance(schema, dict) else {"allOf": [schema]}),
        "$defs": {"a": _without_references(a), "b": _without_references(b)},
    },
    SCHEMAS, SCHEMAS, SCHEMAS,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(ROOTS, VALUES)
def test_the_validators_agree(schema, value):
    _agree(schema, value)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(ROOTS, VALUES)
def test_the_validators_agree_for_long(schema, value):
    _agree(schema, value)


def _agree(schema, value):
    violations = Explainer(schema).violations(value)
    assert Acceptor(schema).accepts(value) == (not violations), violations


# One keyword at a time, so that the order in which the validators give up does not matter.
SIMPLE = st.sampled_from(sorted(set(_keywords(st.booleans())) - {"$ref", "if", "then", "else"})).flatmap(
    lambda name: st.fixed_dictionaries({name: _keywords(_schema(st.booleans()))[name].map(_without_references)})
)


@settings(max_examples=600, deadline=None)
@given(SIMPLE, VALUES)
def test_the_validators_agree_on_places(schema, value):
    expected = {place for place, _ in Acceptor(schema).places(value)}
    # The reference points deeper for these: at the unknown key, at the name, at the second of two equal values.
    deeper = {"additionalProperties", "unevaluatedProperties", "uniqueItems", "propertyNames", *KEYWORDS}
    found = {violation.path for violation in Explainer(schema).violations(value)}
    if _mentions(schema, deeper):
        assert bool(found) == bool(expected)
        assert all(any(place[: len(other)] == other for other in expected) for place in found)
    else:
        assert found == expected


def _mentions(schema, names):
    if isinstance(schema, dict):
        return bool(names & schema.keys()) or any(_mentions(part, names) for part in schema.values())
    return isinstance(schema, list) and any(_mentions(part, names) for part in schema)


# -------------------------------------------------------------------------------------------------- our own keywords

KEYWORD_CASES = [
    ("multipleOf", 0.1, [0.3, 1, 0, -0.7, "x", True, None], [0.35, 0.05, 1e-300]),
    ("multipleOf", 3, [9, 9.0, 2**63 - 2**63 % 3], [10, 9.5, 2**53 + 3]),
    ("maxUtf8Bytes", 5, ["abc", "éx", 12345, None, [1, 2], {}], ["abcd", "éxy", 123456, {"a": 1}, 1.25e-7]),
    ("maxUtf8Bytes", 1024, ["a" * 1022, "é" * 511], ["a" * 1023, "é" * 511 + "a", '"' * 512]),
    ("maxUtf16Length", 4, ["abcd", "👍👍", "é" * 4, 12345], ["abcde", "👍👍a", "שלום!", "👍👍👍"]),
    ("uniqueItemProperties", ["id", "t"],
     [[{"id": 1}, {"id": "1"}, {"id": True}, {"t": 1}, {}], [{"id": ""}, {"id": ""}], "x", [1, 1]],
     [[{"id": 1}, {"id": 1.0}], [{"t": "a"}, {"t": "a"}], [{"id": [1]}, {"t": 2}, {"id": [1]}]]),
    ("uniqueAcross", "/s/*/r/*/id",
     [{"s": [{"r": [{"id": 1}]}, {"r": [{"id": 2}]}]}, {"s": 1}, {"s": [{"r": {}}]}, []],
     [{"s": [{"r": [{"id": 1}]}, {"r": [{"id": 1}]}]}, {"s": [{"r": [{"id": "a"}, {"id": "a"}]}]}]),
    ("maxTotalItems", {"of": "/s/*/r", "limit": 3},
     [{"s": [{"r": [1, 2]}, {"r": [3]}]}, {}, {"s": [{"r": "abcdef"}]}],
     [{"s": [{"r": [1, 2]}, {"r": [3, 4]}]}, {"s": [{"r": [1, 2, 3, 4]}]}]),
    ("minTotalItems", {"of": "/s/*/r", "limit": 1},
     [{"s": [{"r": []}, {"r": [3]}]}, {}, {"s": []}],
     [{"s": [{"r": []}, {"r": []}]}, {"s": [{"r": []}]}]),
    ("differentValues", ["/a/id", "/b/id"],
     [{"a": {"id": 1}, "b": {"id": "1"}}, {"a": {"id": 1}}, {"a": {}, "b": {}}],
     [{"a": {"id": "x"}, "b": {"id": "x"}}]),
]  # fmt: skip


def test_every_keyword_has_a_case():
    assert {name for name, *_ in KEYWORD_CASES} == set(KEYWORDS)


@pytest.mark.parametrize(("name", "constraint", "good", "bad"), KEYWORD_CASES)
def test_keywords(name, constraint, good, bad):
    acceptor, explainer = Acceptor({name: constraint}), Explainer({name: constraint})
    assert Acceptor(KEYWORDS[name].constraint).accepts(constraint)
    for value in good:
        assert acceptor.accepts(value), value
        assert explainer.violations(value) == []
    for value in bad:
        assert not acceptor.accepts(value), value
        assert {violation.keyword for violation in explainer.violations(value)} == {name}


@given(VALUES, st.integers(0, 200))
def test_bytes_are_those_of_compact_json(value, limit):
    import orjson

    assert bool(KEYWORDS["maxUtf8Bytes"].check(limit, value)) == (len(orjson.dumps(value)) > limit)


def test_repeated_values_are_told_with_both_places():
    value = {"s": [{"r": [{"id": 1}]}, {"r": [{"id": 2}, {"id": 1}]}]}
    schema = {"properties": {"l": {"uniqueAcross": "/s/*/r/*/id"}}}
    (violation,) = Explainer(schema).violations({"l": value})
    assert violation.path == ("l", "s", 1, "r", 1, "id")
    assert violation.extra == {"found": 1, "places": (("l", "s", 0, "r", 0, "id"),)}


def test_a_total_tells_its_count_and_the_first_item_too_many():
    schema = {"maxTotalItems": {"of": "/s/*/r", "limit": 2}}
    (violation,) = Explainer(schema).violations({"s": [{"r": [1]}, {"r": [2, 3, 4]}]})
    assert (violation.path, violation.extra) == ((), {"found": 4, "places": (("s", 1, "r", 1),)})


# ----------------------------------------------------------------------------------------------------------- formats

FORMAT_CASES = {
    "date": (
        ["2026-02-28", "2024-02-29", "0001-01-01"],
        ["2026-02-29", "2026-2-8", "26-02-28", "2026-02-28\n", "2026-13-01", "٢٠٢٦-02-28", "0000-01-01", ""],
    ),
    "time": (
        ["16:30:00Z", "16:30:00.5z", "00:00:00+23:59", "23:59:60Z", "22:59:60-01:00", "00:29:60+00:30"],
        ["16:30", "16:30:00", "24:00:00Z", "16:60:00Z", "16:30:61Z", "16:30:00+24:00", "12:00:60Z", "16:30:00Z\n"],
    ),
    "date-time": (
        ["2026-02-28T16:30:00Z", "2026-02-28t16:30:00+01:00"],
        ["2026-02-28 16:30:00Z", "2026-02-30T16:30:00Z", "2026-02-28T16:30:00", "2026-02-28", "2026-02-28T"],
    ),
    "email": (
        ["ana@example.com", "a.b+c@x.pt", "a@localhost", "o'neil@x.ie"],
        ["ana", "@x.pt", "ana@", "a..b@x.pt", ".a@x.pt", "ana@x..pt", "ana@-x.pt", "ana@x.pt\n", "a b@x.pt", "á@x.pt"],
    ),
    "uri": (
        ["https://example.com/a?b=c#d", "mailto:a@x.pt", "tel:+351123", "http://[::1]:80/", "urn:x:y", "file:///a"],
        ["/a", "example.com", "https://x y", "https://x/%zz", "://x", "https://é.pt", "https://x\n", "http://[x]/", ""],
    ),
    "uuid": (
        ["8e3f1ad2-5b0c-4a9e-9d6f-0b1c2d3e4f50", "8E3F1AD2-5B0C-4A9E-9D6F-0B1C2D3E4F50"],
        ["8e3f1ad25b0c4a9e9d6f0b1c2d3e4f50", "8e3f1ad2-5b0c-4a9e-9d6f-0b1c2d3e4f5", "{8e3f1ad2-5b0c}"],
    ),
}  # fmt: skip


def test_every_format_has_cases_and_a_spelling():
    assert set(FORMAT_CASES) == set(FORMATS) == set(SPELLINGS)


@pytest.mark.parametrize("name", FORMAT_CASES)
def test_formats(name):
    good, bad = FORMAT_CASES[name]
    acceptor, explainer = Acceptor({"format": name}), Explainer({"format": name})
    for text in good:
        assert acceptor.accepts(text), text
        assert explainer.violations(text) == []
    for text in bad:
        assert not acceptor.accepts(text), text
        assert [violation.keyword for violation in explainer.violations(text)] == ["format"]
    assert acceptor.accepts(12)


# ------------------------------------------------------------------------------------------------------ what is JSON


class Text(str):
    """Text of another class."""

    __slots__ = ()


class Size(IntEnum):
    """Numbers of another class."""

    S = 1


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({"a": [math.nan]}, ("a", 0), "is not a finite number"),
        ([-math.inf], (0,), "is not a finite number"),
        ({"a": 2**64}, ("a",), "is an integer of more than 64 bits"),
        (-(2**63) - 1, (), "is an integer of more than 64 bits"),
        ({"a": "x\ud800"}, ("a",), "holds half of a surrogate pair, which UTF-8 cannot express"),
        ({"\udfff": 1}, (), "has a key that holds half of a surrogate pair, which UTF-8 cannot express"),
        (["a\0b"], (0,), "holds a NUL character"),
        ({1: 2}, (), "has a key that is not text: 1"),
        ({"a": {1}}, ("a",), "is a set, which JSON cannot express"),
        ((1,), (), "is a tuple, which JSON cannot express"),
        (b"x", (), "is a bytes, which JSON cannot express"),
        ([Text("x")], (0,), "is a Text, and no plain text"),
        ({"a": Size.S}, ("a",), "is a Size, and no plain number"),
    ],
)
def test_what_is_not_json_is_refused_where_it_stands(value, path, reason):
    assert check_value(value) == [(path, reason)]


@given(VALUES)
def test_json_passes(value):
    assert check_value(value) == []


def test_every_problem_is_told_in_order():
    value = {"a": math.nan, "b": ["\0", {"c": 2**70}]}
    assert [path for path, _ in check_value(value)] == [("a",), ("b", 0), ("b", 1, "c")]


def _nested(depth):
    value = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_depth_and_size_are_limited():
    assert check_value(_nested(MAX_DEPTH)) == []
    assert check_value(_nested(MAX_DEPTH + 1)) == [((0,) * MAX_DEPTH, "is nested deeper than 100 levels")]
    assert check_value([0] * (MAX_VALUES - 1)) == []
    assert check_value([0] * MAX_VALUES) == [((), "has more than 200,000 parts")]
    laughs = ["ha"]
    for _ in range(40):
        laughs = [laughs, laughs]
    assert check_value(laughs) == [((), "has more than 200,000 parts")]
    laughs.append(laughs)
    assert len(check_value(laughs)) == 1


def test_the_deepest_value_can_be_explained():
    schema = {"$defs": {"n": {"anyOf": [{"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}}, {"const": 0}]}},
              "$ref": "#/$defs/n"}  # fmt: skip
    value = 1
    for _ in range(MAX_DEPTH):
        value = {"n": value}
    assert not Acceptor(schema).accepts(value)
    assert Explainer(schema).violations(value)[0].keyword == "anyOf"


# ------------------------------------------------------------------------------------------------ patterns and places


def test_patterns_take_linear_time_in_both():
    text = "a" * 50_000 + "b"
    schema = {"pattern": "^(a+)+$", "patternProperties": {"^(a+)+$": False}, "additionalProperties": False}
    assert not Acceptor(schema).accepts(text)
    assert [v.keyword for v in Explainer(schema).violations(text)] == ["pattern"]
    assert [v.keyword for v in Explainer(schema).violations({text: 1})] == ["additionalProperties"]


def test_a_final_newline_does_not_pass_a_pattern():
    assert matches("^a$", "a")
    assert not matches("^a$", "a\n")
    assert Explainer({"pattern": "^a$"}).violations("a\n") != []


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "(", r"\h"])
def test_bad_patterns_raise(pattern):
    with pytest.raises(ValueError, match="regex"):
        matches(pattern, "a")


@pytest.mark.parametrize("reference", ["http://127.0.0.1:9/x.json", "file:///etc/passwd", "other.json", "#/nowhere"])
def test_references_are_never_fetched(reference):
    with pytest.raises(ValueError, match=r"present|exist"):
        Acceptor({"$ref": reference})
    with pytest.raises(Exception, match=r"nresolvable|PointerToNowhere"):
        Explainer({"$ref": reference}).violations(1)


LIMITED = {
    "$defs": {"b": {"properties": {"t": {"allOf": [{"maxLength": 2, "x-limit": {"rule": "title"}}]}}}},
    "allOf": [{"if": {"required": ["l"]}, "then": {"required": ["t"]}, "x-limit": {"rule": "body"}}],
    "properties": {
        "b": {"$ref": "#/$defs/b"},
        "c": {"oneOf": [{"type": "string", "maxLength": 1, "x-limit": {"rule": "inner"}}, {"type": "array"}],
              "x-limit": {"rule": "outer"}},
        "f": {"properties": {"x": False}, "x-limit": {"rule": "never"}},
        "w": {"x-warnings": [{"maxUtf16Length": 2, "x-limit": {"rule": "ambiguous"}}]},
    },
    "additionalProperties": True,
}  # fmt: skip


def _rules(value, schema=LIMITED):
    return [(v.path, v.keyword, (v.limit or {}).get("rule")) for v in Explainer(schema).violations(value)]


def test_the_nearest_limit_is_found_through_references_and_conditions():
    assert _rules({"b": {"t": "abc"}}) == [(("b", "t"), "maxLength", "title")]
    assert _rules({"l": 1}) == [((), "required", "body")]
    assert _rules({"f": {"x": 1}}) == [(("f", "x"), "false", "never")]
    (choice,) = Explainer(LIMITED).violations({"c": "ab"})
    assert choice.limit == {"rule": "outer"}
    assert [[v.limit["rule"] for v in branch] for branch in choice.branches] == [["inner"], ["outer"]]


def test_unknown_and_missing_keys_are_told_one_by_one():
    schema = {"properties": {"a": {}, "b": {}}, "patternProperties": {"^x": {}}, "required": ["a", "b"],
              "additionalProperties": False, "dependentRequired": {"c": ["d", "b"]}}  # fmt: skip
    found = [(v.path, v.keyword, dict(v.extra)) for v in Explainer(schema).violations({"c": 1, "xa": 2, "d": 3})]
    names = {"known": ("a", "b"), "patterns": ("^x",)}
    assert found == [
        ((), "required", {"key": "a"}),
        ((), "required", {"key": "b"}),
        (("c",), "additionalProperties", {"key": "c", **names}),
        (("d",), "additionalProperties", {"key": "d", **names}),
        ((), "dependentRequired", {"key": "b", "because": "c"}),
    ]


def test_the_same_violation_is_told_once():
    schema = {"$ref": "#/$defs/a", "allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"maxLength": 1}}}
    assert len(Explainer(schema).violations("ab")) == 1


def _branch(value):
    (violation,) = Explainer(CHOICE).violations(value)
    return [(v.path, v.keyword) for v in chosen_branch(violation)]


CHOICE = {
    "oneOf": [
        {"type": "string"},
        {"type": "object", "required": ["kind", "r"], "additionalProperties": False,
         "properties": {"kind": {"const": "circle"}, "r": {"type": "number"}}},
        {"type": "object", "required": ["kind", "w"], "additionalProperties": False,
         "properties": {"kind": {"const": "box"}, "w": {"type": "number"}}},
    ]
}  # fmt: skip


def test_the_branch_that_the_author_was_writing():
    assert _branch({"kind": "box", "w": "x"}) == [(("w",), "type")]
    assert _branch({"kind": "box"}) == [((), "required")]
    assert _branch({"kind": "circle", "w": 1}) == [((), "required"), (("w",), "additionalProperties")]
    assert _branch({"w": "x"}) == [((), "required"), (("w",), "type")]
    assert _branch(3) == [((), "type")]


def test_more_than_one_fitting_branch_is_told():
    (violation,) = Explainer({"oneOf": [True, {"type": "string"}, {"type": "number"}]}).violations("a")
    assert violation == Violation((), "oneOf", violation.constraint, "a", extra={"matching": (0, 1)})
    assert chosen_branch(violation) == ()


def test_parts_are_judged_by_their_pointers():
    accept = accept_parts({"properties": {"a b/c~": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"type": "integer"}}})
    assert accept("#/properties/a b~1c~0", 1)
    assert not accept("#/properties/a b~1c~0", "1")
    root = {"$defs": {"n": {"type": "integer"}}}
    assert Explainer(root).violations("x", {"$ref": "#/$defs/n"})[0].keyword == "type"
