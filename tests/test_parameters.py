"""Parameters: what the case files under `cases/parameters` do not show."""

import contextlib
import copy
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgc.document import Document
from msgc.load import load_yaml
from msgc.parameters import Parameters, declare, parse_json
from msgc.validate import check_value


def _document(data: object) -> Document:
    # JSON is YAML; surrogate pairs are spelled out, because YAML has no `\ud83d\udc4d`.
    return load_yaml(json.dumps(data, ensure_ascii=False).encode(), "menu.yaml")[0]


def _declare(params: object) -> Parameters:
    declared, problems = declare(_document({"params": params}))
    assert problems == []
    return declared


def _nowhere(path, at_key):
    return None


def test_a_definition_without_params_takes_nothing():
    declared, problems = declare(_document({"message": {"text": "hi"}}))
    assert (declared.names, declared.required, problems) == ((), (), [])
    assert declared.judge({}) == []
    assert [violation.path for violation in declared.judge({"a": 1})] == [("a",)]


def test_names_keep_their_order_and_defaults_are_not_required():
    declared = _declare({"b": "string", "a": {"type": "string", "default": "x"}, "c": {"$ref": "#/$defs/d", "$defs": {
        "d": {"type": "integer", "default": 1}}}})  # fmt: skip
    assert declared.names == ("b", "a", "c")
    assert declared.required == ("b",)
    assert declared.complete({"b": "y"}) == {"b": "y", "a": "x", "c": 1}


def test_a_parameter_with_a_mistake_takes_any_value():
    declared, problems = declare(_document({"params": {"a": "strng", "b": "string"}}))
    assert [problem.rule for problem in problems] == ["parameter-schema"]
    assert declared.judge({"a": [1], "b": "x"}) == []
    assert [violation.path for violation in declared.judge({"a": [1], "b": 2})] == [("b",)]


def test_completed_values_share_nothing_with_what_was_given():
    declared = _declare({"a": {"default": {"x": []}}, "b": {"type": "array", "items": True}})
    values = {"b": [{"c": [1]}]}
    before = copy.deepcopy(values)
    first, second = declared.complete(values), declared.complete(values)
    first["a"]["x"].append(1)
    first["b"][0]["c"].append(2)
    assert values == before
    assert second == declared.complete(values) == {"a": {"x": []}, "b": [{"c": [1]}]}


PLACES = {
    "s": "string",
    "n": {"type": ["string", "null"]},
    "e": {"enum": ["a", "b"]},
    "i": {"anyOf": ["string", "integer"]},
    "any": True,
    "o": {"type": "object", "properties": {"x": "string"}, "patternProperties": {"^n": "number"},
          "additionalProperties": "string"},
    "l": {"type": "array", "prefixItems": ["integer"], "items": "string"},
    "u": {"oneOf": ["integer", {"type": "object", "properties": {"x": "string"}}]},
    "both": {"allOf": [{"type": ["string", "integer"]}, {"type": ["string", "null"]}]},
    "r": {"$ref": "#/$defs/t", "$defs": {"t": {"type": "object", "properties": {"k": {"$ref": "#/$defs/t"},
          "v": "string"}, "required": []}}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "types"),
    [
        (("s",), {"string"}),
        (("s", "x"), set()),
        (("n",), {"string", "null"}),
        (("e",), {"string"}),
        (("i",), {"string", "integer"}),
        (("o", "x"), {"string"}),
        (("o", "n1"), {"number", "integer"}),
        (("o", "zzz"), {"string"}),
        (("o", 0), set()),
        (("l", 0), {"integer"}),
        (("l", 7), {"string"}),
        (("u", "x"), {"string"}),
        (("u", "y"), set()),
        (("both",), {"string"}),
        (("r", "k", "k", "k", "v"), {"string"}),
        (("nobody",), set()),
        ((), {"object"}),
    ],
)
def test_the_types_at_a_place(path, types):
    declared = _declare(PLACES)
    # A branch that closes nothing by itself leaves `("u", "y")` open as far as single keywords can tell.
    expected = {"array", "boolean", "integer", "null", "number", "object", "string"} if path == ("u", "y") else types
    assert declared.types(path) == expected
    assert declared.text_only(path) == (bool(types) and types <= {"string", "null"})


def test_values_that_are_not_json_are_told_before_any_validation():
    declared = _declare({"a": True})
    (diagnostic,) = declared.explain(declared.judge({"a": {"b": float("nan")}}), _nowhere, row=7)
    assert (diagnostic.rule, diagnostic.row) == ("parameter-value", 7)
    assert diagnostic.message == "`a.b` is not a finite number"


def test_a_refusal_that_cannot_be_explained_stays_a_refusal(monkeypatch):
    monkeypatch.setattr("msgc.validate.Explainer.violations", lambda *_: [])
    (diagnostic,) = (declared := _declare({"a": "string"})).explain(declared.judge({"a": 1}), _nowhere)
    assert diagnostic.message == "The set of values is refused by the schema in `params`"


def test_all_missing_parameters_are_one_finding():
    declared = _declare({"a": "string", "b": "string", "c": "string"})
    asked = []
    (diagnostic,) = declared.explain(declared.judge({}), lambda path, at_key: asked.append((path, at_key)))
    assert diagnostic.message == "The parameters `a`, `b` and `c` are missing"
    assert asked == [((), True)]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{" * 5, "9" * 5_000, "[" + "9" * 5_000 + "]", '{"a":1,"a":2}', "", "01"]
)
def test_bad_json_is_refused_at_once(text):
    started = time.perf_counter()
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)
    assert time.perf_counter() - started < 1


_WORDS = st.sampled_from(
    [
        "string",
        "integer",
        "boolean",
        "object",
        "array",
        "null",
        "strng",
        "#",
        "#/$defs/a",
        "#/properties/a",
        "^a",
        "(",
        "date",
    ]
)
_LEAVES = st.one_of(_WORDS, st.integers(-2, 5), st.booleans(), st.none(), st.text("ab 👍é", max_size=3))
_KEYS = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "default",
        "required",
        "$ref",
        "$defs",
        "a",
        "b",
        "allOf",
        "anyOf",
        "oneOf",
        "if",
        "then",
        "not",
        "enum",
        "const",
        "pattern",
        "format",
        "minLength",
        "additionalProperties",
        "patternProperties",
        "maxItems",
        "prefixItems",
        "dependentSchemas",
        "uniqueItems",
        "minimum",
        "multipleOf",
        "maxTotalItems",
        "of",
        "limit",
        "typ",
    ]
)
_RAW = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=15,
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=8,
)


def _survives(params, values):
    document = _document({"params": params, "values": values})
    declared, problems = declare(document)
    assert all(problem.span is not None for problem in problems)
    coerced, problems = declared.coerce(document, ("values",))
    if problems:
        return
    before = copy.deepcopy(coerced)
    completed = declared.complete(coerced)
    assert coerced == before
    violations = declared.judge(completed)
    assert declared.acceptor.accepts(completed) == (not violations)
    diagnostics = declared.explain(violations, lambda path, _: document.span(("values", *path)))
    assert bool(diagnostics) == bool(violations)
    if not violations:
        assert declared.complete(completed) == completed
    for name in declared.names:
        for text in ("1", "x", "[1]", "null"):
            with contextlib.suppress(ValueError):
                assert check_value(declared.from_text((name,), text)) == []


_NAMED = st.dictionaries(st.sampled_from(["a", "b", "c"]), _RAW, max_size=3)
_GIVEN = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), _VALUES, max_size=3)


@settings(max_examples=300, deadline=None)
@given(_NAMED, _GIVEN)
def test_whatever_is_declared_is_judged_or_refused(params, values):
    _survives(params, values)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(_NAMED, _GIVEN)
def test_whatever_is_declared_is_judged_or_refused_for_long(params, values):
    _survives(params, values)
