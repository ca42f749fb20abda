"""Coverage where a case file cannot say it: for templates by chance, and through the library."""

import contextlib
import dataclasses
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import msgc
from generated import declared
from generated_templates import expression, template
from msgc.coverage import Coverage
from msgc.list_scope import ListScope
from msgc.template import Branch, TemplateProblem, one_message
from soundness import Known, compiled

quiet = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@given(rng=st.randoms(use_true_random=False))
@settings(quiet, max_examples=200)
def test_a_template_goes_only_branches_that_it_has_and_makes_the_same_whether_they_are_recorded(rng: Random):
    known = Known(rng)
    made = compiled(rng.choice((template, expression))(rng, known.shapes))
    for branch in made.branches:
        assert made.text[branch.place.start : branch.place.end] == branch.place.code != ""
    for values in known.values:
        taken: set[Branch] = set()
        results = []
        for recorder in (None, taken):
            with one_message(recorder), contextlib.suppress(TemplateProblem):
                results.append(made.render(values))
        assert results[:1] == results[1:] or not results
        assert taken <= set(made.branches)


@given(rng=st.randoms(use_true_random=False))
@settings(quiet, max_examples=200)
def test_a_list_that_cannot_be_empty_is_never_gone_past(rng: Random):
    known = Known(rng)
    parameters = declared(known.shapes)
    assert parameters is not None
    scope = ListScope.of(parameters)
    made = compiled(template(rng, known.shapes))
    for values in known.values:
        taken: set[Branch] = set()
        with one_message(taken), contextlib.suppress(TemplateProblem):
            made.render(values)
        assert not [branch for branch in taken if scope.is_filled(branch.filled)]


@pytest.mark.parametrize(
    ("covered", "total", "percent"), [(0, 0, 100), (0, 3, 0), (1, 3, 33), (2, 3, 66), (999, 1000, 99), (3, 3, 100)]
)
def test_a_percentage_is_whole_only_where_everything_is_covered(covered: int, total: int, percent: int):
    assert Coverage(covered, total, ()).percent == percent


def test_a_catalog_tells_its_coverage(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(
        "description: A.\n"
        "params: {late: boolean, bold: boolean}\n"
        "message: {text: \"Hi{{ '!' if late }}{{ '*' if bold }}\"}  # msgc: ignore[uncovered] it will do\n"
        "examples: {one: {late: true, bold: true}}\n",
        encoding="utf-8",
    )
    (tmp_path / "b.yaml").write_text(
        "description: B.\nparams: {late: boolean}\n"
        "message: {text: \"Hi{{ '!' if late }}\"}\nexamples: {one: {late: false}}\n",
        encoding="utf-8",
    )
    catalog = msgc.open_catalog(tmp_path)
    coverage = catalog.coverage()
    assert (coverage.covered, coverage.total, coverage.percent) == (3, 4, 75)
    assert [(found.rule, found.definition, found.span.text, found.message) for found in coverage.uncovered] == [
        ("uncovered", "b", "late", "No example has `late` true here")
    ]
    with pytest.raises(dataclasses.FrozenInstanceError):
        coverage.covered = 4  # type: ignore[misc]
    assert catalog.coverage() == coverage
    assert "uncovered" not in {found.rule for found in catalog.check()}
