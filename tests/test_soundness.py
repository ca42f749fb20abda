"""Inference held against the templates themselves: whatever they make, and whatever goes wrong, was said before.

Templates, their parameters and values are made by chance. With `--long` there are more than 100,000 renderings.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generated import Shape
from generated_definitions import definition
from msgc.configuration import Configuration
from msgc.load import load_yaml
from msgc.parameters import Parameters, declare
from msgc.parameters.ranges import ranges_of
from msgc.pipeline import open_project
from msgc.shared_files import Library
from soundness import MADE, Judged, check_by_chance, check_definition, check_template

RANDOM = st.randoms(use_true_random=False)
quiet = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
at_length = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", autouse=True)
def most_renderings_have_a_result(request: pytest.FixtureRequest) -> Iterator[None]:
    MADE.clear()
    yield
    if request.config.getoption("--long"):
        capture = request.config.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled():
            print(f"\n{MADE['tried']:,} renderings, {MADE['made']:,} of them with a result")
    assert MADE["made"] >= 0.7 * MADE["tried"]


@pytest.fixture(scope="module")
def library() -> Library:
    root = Path(__file__).parent.parent
    return open_project(root, Configuration(None, root)).library


@given(rng=RANDOM)
@settings(quiet, max_examples=250)
def test_inference_holds_what_templates_do(rng: Random):
    check_by_chance(rng)


@pytest.mark.long
@given(rng=RANDOM)
@settings(at_length, max_examples=16_000)
def test_inference_holds_what_templates_do_at_length(rng: Random):
    check_by_chance(rng)


@given(rng=RANDOM)
@settings(quiet, max_examples=80)
def test_proofs_hold_for_all_payloads(library: Library, rng: Random):
    check_definition(rng, library)


@pytest.mark.long
@given(rng=RANDOM)
@settings(at_length, max_examples=3_000)
def test_proofs_hold_for_all_payloads_at_length(library: Library, rng: Random):
    check_definition(rng, library)


# ------------------------------------------------------------------------------------------------ what was unsound

TEXT_OR_NULL = {"type": ["string", "null"]}
OPTIONAL = {"type": "object", "properties": {"x": {"type": "string", "maxLength": 3}}, "required": []}
FRACTIONS = {"type": "number", "minimum": 0, "maximum": 10}
FEW = {"type": "array", "items": {"type": "string"}, "maxItems": 2}
MIXED = {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}}

FOUND: list[tuple[str, dict[str, Any], str, list[dict[str, Any]]]] = [
    # values of parameters
    ("whole-floats", {"a": {"type": "number", "multipleOf": 1, "maximum": 5}}, "{{ a }}",
     [{"a": 5}, {"a": 5.0}, {"a": -0.0}]),
    ("spellings", {"a": {"enum": [1, 2.5]}}, "{{ a }}", [{"a": 1}, {"a": 1.0}]),
    ("spelled-zeros", {"a": {"const": 0, "type": "number"}}, "{{ a }}", [{"a": 0}, {"a": -0.0}]),
    ("spelled-inside", {"a": {"enum": [{"x": 1}]}}, "{{ a.x }}", [{"a": {"x": 1}}, {"a": {"x": 1.0}}]),
    ("equal-zeros", {"a": FRACTIONS}, "{% if a == 0 %}{{ a }}{% endif %}", [{"a": 0}, {"a": 0.0}, {"a": -0.0}]),
    # what is missing
    ("missing-item", {"a": OPTIONAL}, "{{ [a.x] }}", [{"a": {}}, {"a": {"x": "y"}}]),
    ("missing-value", {"a": OPTIONAL}, "{{ {'k': a.x, 'l': ''} }}", [{"a": {}}]),
    ("first-missing", {"a": OPTIONAL}, "{{ [a.x] | first | default('z') }}", [{"a": {}}]),
    ("only-missing", {"a": OPTIONAL}, "{{ ([] + [a.x]) | first }}", [{"a": {}}]),
    ("compared-missing", {"a": OPTIONAL}, "{{ 'y' if 'b' in ['c', a.x] else 'n' }}", [{"a": {}}]),
    ("mapped-missing", {"a": OPTIONAL}, "{{ [a.x] | map('string') | join }}", [{"a": {}}]),
    ("joined-missing", {"a": OPTIONAL}, "{{ [a.x, 'b'] | join }}", [{"a": {}}]),
    ("formatted-missing", {"a": OPTIONAL}, "{{ '%s' | format(a.x) }}", [{"a": {}}]),
    ("grouped-missing", {"a": FEW}, "{{ a | groupby(0) | length }}", [{"a": [""]}, {"a": ["b"]}]),
    ("last-of-nothing", {"a": {"enum": ["", "ab"]}}, "{{ a | last }}", [{"a": ""}, {"a": "ab"}]),
    ("item-of-truth", {"a": {"type": "boolean"}}, "{{ a[3] }}", [{"a": True}]),
    ("item-by-null", {"a": FEW, "b": TEXT_OR_NULL}, "{{ a[b] }}", [{"a": ["c"], "b": None}]),
    # an `if` without `else`
    ("no-else", {"a": {"type": "boolean"}}, "{{ 'x' if a }}", [{"a": False}, {"a": True}]),
    ("no-else-or", {"a": {"type": "boolean"}}, "{{ ('x' if a) or 'y' }}", [{"a": False}, {"a": True}]),
    ("no-else-and", {"a": {"type": "boolean"}}, "{{ ('x' if a) and 'y' }}", [{"a": False}, {"a": True}]),
    ("no-else-if", {"a": {"type": "boolean"}}, "{% if ('x' if a) %}1{% else %}2{% endif %}", [{"a": False}]),
    ("no-else-joined", {"a": {"type": "boolean"}}, "{{ ['x' if a, 'y'] | join('-') }}", [{"a": False}]),
    ("no-else-chosen", {"a": {"type": "boolean"}}, "{{ ['x' if a] | select | length }}", [{"a": False}]),
    ("no-else-format", {"a": {"type": "boolean"}}, "{{ '%s-' | format('x' if a) }}", [{"a": False}]),
    ("no-else-given", {}, "{% macro m(x, y=x) %}({% if y %}{{ y }}{% endif %}){% endmacro %}{{ m('b' if 1 > 2) }}",
     [{}]),
    # what an operation takes
    ("cut-by-null", {"a": FRACTIONS, "b": TEXT_OR_NULL}, "{{ 'abc'[:a] }}{{ 'abc'[:b] }}",
     [{"a": 1.5, "b": None}, {"a": 1, "b": "x"}]),
    ("range-of-text", {"a": MIXED}, "{{ range(a[0]) | join }}", [{"a": ["b"]}, {"a": [2]}]),
    ("range-of-nothing", {}, "{{ range() }}", [{}]),
    ("range-of-steps", {"a": {"type": "integer", "minimum": 0, "maximum": 2}}, "{{ range(1, 5, a) | join }}",
     [{"a": 0}, {"a": 2}]),
    ("range-and-list", {}, "{{ range(2) + [3] }}", [{}]),
    ("range-repeated", {}, "{{ range(2) * 2 }}", [{}]),
    ("tuples", {"a": FEW}, "{% for i in a | batch(2) %}{{ (i + ['x']) | join }}{% endfor %}", [{"a": ["b"]}]),
    ("percent", {"a": TEXT_OR_NULL}, "{{ '%d' % (a,) }}", [{"a": None}, {"a": "b"}]),
    ("no-order", {"a": MIXED}, "{{ a | min }}{{ a | sort | join }}", [{"a": ["b", 1]}, {"a": [2, 1]}]),
    ("groups-without-order", {"a": {"type": "array", "items": {"type": "object", "properties": {"x": TEXT_OR_NULL}}}},
     "{{ a | groupby('x') | length }}", [{"a": [{"x": None}, {"x": "b"}]}]),
    ("unique-lists", {"a": FEW}, "{{ [a, a] | unique | length }}", [{"a": []}]),
    ("fraction-given", {"a": FRACTIONS}, "{{ 'abc' | center(a) }}", [{"a": 1.5}]),
    ("unprintable-item", {"a": {"type": "array", "items": TEXT_OR_NULL}}, "{{ a | join }}", [{"a": [None]}, {"a": []}]),
    ("unprintable-text", {"a": TEXT_OR_NULL}, "{{ a | string }}", [{"a": None}]),
    ("empty-list-is-fine", {"a": {"type": "array", "items": {"type": "integer"}}}, "{{ a | groupby(0) | length }}",
     [{"a": []}]),
    ("cycle-of-nothing", {}, "{% for i in [1] %}{{ loop.cycle() }}{% endfor %}", [{}]),
    ("object-of-text", {}, "{{ dict('a') }}", [{}]),
    # loops
    ("no-rounds", {},
     "{% set n = namespace(x=0) %}{% for i in [] %}{% set n.x = loop.index %}{{ loop.index }}{% endfor %}{{ n.x }}",
     [{}]),
    ("never-an-item", {}, "{% for i in [] if 'a' in ['b', i] %}{% endfor %}", [{}]),
    ("two-names", {"a": FEW}, "{% for i, j in a | batch(2) %}{{ i }}{{ j }}{% endfor %}",
     [{"a": ["b"]}, {"a": ["b", "c"]}]),
    ("two-names-tested", {"a": FEW}, "{% for i, j in a | batch(2) if 0 %}{% endfor %}", [{"a": ["b"]}]),
    ("two-characters", {"a": FEW}, "{% for i, j in a %}{{ i }}{% endfor %}", [{"a": ["bc"]}, {"a": ["b"]}]),
    ("two-set", {"a": FEW}, "{% set i, j = a %}{{ j }}", [{"a": ["b"]}, {"a": ["b", "c"]}]),
    # macros and namespaces
    ("set-later", {}, "{% set v = 1 %}{% macro m() %}{{ v }}{% endmacro %}{% set v = 2 %}{{ m() }}", [{}]),
    ("set-at-all-later", {}, "{% macro m() %}{{ v }}{% endmacro %}{% set v = 2 %}{{ m() }}", [{}]),
    ("hidden", {}, "{% set v = 1 %}{% macro m() %}{{ v }}{% endmacro %}{% for v in [5] %}{{ m() }}{% endfor %}", [{}]),
    ("calls-itself", {},
     "{% macro m(x) %}{{ x }}{% endmacro %}{% macro m(x) %}{{ m(1) if x == 2 else 'w' }}{% endmacro %}{{ m(2) }}",
     [{}]),
    ("one-of-two-macros", {"a": {"type": "boolean"}},
     "{% if a %}{% macro m() %}1{% endmacro %}{% else %}{% macro m() %}two{% endmacro %}{% endif %}{{ m() }}",
     [{"a": True}, {"a": False}]),
    ("a-macro-by-choice", {"a": {"type": "boolean"}},
     "{% macro m() %}1{% endmacro %}{% macro n() %}two{% endmacro %}{% set f = m if a else n %}{{ f() }}",
     [{"a": True}, {"a": False}]),
    ("block-not-used", {}, "{% macro m() %}a{% endmacro %}{% call m() %}b{% endcall %}", [{}]),
    ("block-wanted", {},
     "{% macro m() %}a{% endmacro %}{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ m() }}{% endcall %}",
     [{}]),
    ("namespace-read", {},
     "{% set n = namespace(x=1) %}{% macro m() %}{{ n.x }}{% endmacro %}{% set n.x = 2 %}{{ m() }}",
     [{}]),
    ("namespace-set", {},
     "{% set n = namespace(x=1) %}{% macro m() %}{% set n.x = 'ab' %}{% endmacro %}{{ m() }}{{ n.x }}",
     [{}]),
    ("namespace-set-in-block", {},
     "{% set n = namespace(x=1) %}{% filter upper %}{% set n.x = 'ab' %}{% endfilter %}{{ n.x }}",
     [{}]),
]  # fmt: skip


def _declare(data: dict[str, Any]) -> Parameters:
    known, problems = declare(load_yaml(json.dumps({"params": data}).encode(), "found.yaml")[0])
    assert problems == []
    return known


@pytest.mark.parametrize(("params", "text", "values"), [pytest.param(*found[1:], id=found[0]) for found in FOUND])
def test_what_was_unsound_once(params: dict[str, Any], text: str, values: list[dict[str, Any]]):
    known = _declare(params)
    completed = [known.complete(each) for each in values]
    assert [known.judge(each) for each in completed] == [[]] * len(values)
    made = MADE.copy()
    check_template(text, ranges_of(known), completed)
    MADE.clear()
    MADE.update(made)  # many of these have no result, and are meant to


MIXED_PARAMETER = "{{ 'Hello' if a else 'Hi\\nall' }}"


def test_a_pattern_that_some_of_a_few_texts_match_is_not_proven(library: Library):
    shapes = {"a": Shape("boolean", {"type": "boolean"})}
    made, problems = definition(
        shapes, {"templateName": "x", "language": "en", "parameters": {"body_1": MIXED_PARAMETER}}, library
    )
    assert problems == []
    assert made is not None
    judged = Judged(made, library)
    assert ("template-parameter-space", "parameters[*].value") in judged.open
    judged.check({"a": True})
    judged.check({"a": False})
