"""The specialiser: whatever a program makes, the long way makes too, byte for byte."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msgc.configuration import Configuration
from msgc.pipeline import Project, open_project
from specialised import MADE, RECIPIENTS, compare, compare_by_chance, samples

RANDOM = st.randoms(use_true_random=False)
quiet = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
at_length = settings(deadline=None, suppress_health_check=list(HealthCheck))
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def project() -> Project:
    return open_project(ROOT, Configuration(None, ROOT))


@pytest.fixture(scope="module", autouse=True)
def tell(request: pytest.FixtureRequest) -> Iterator[None]:
    MADE.clear()
    yield
    if request.config.getoption("--long"):
        capture = request.config.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled():
            print(f"\n{MADE['compared']:,} comparisons, {MADE['good']:,} good, {MADE['made']:,} by programs")


@given(rng=RANDOM)
@settings(quiet, max_examples=80)
def test_programs_make_what_the_long_way_makes(project: Project, rng: Random):
    compare_by_chance(rng, project)


@pytest.mark.long
@given(rng=RANDOM)
@settings(at_length, max_examples=14_000)
def test_programs_make_what_the_long_way_makes_at_length(project: Project, rng: Random):
    compare_by_chance(rng, project)


CATALOGS = [ROOT / "templates", ROOT / "tests" / "corpus"]


@pytest.mark.parametrize("folder", CATALOGS, ids=lambda folder: folder.name)
def test_catalogs(folder: Path):
    project = open_project(ROOT, Configuration(None, ROOT), catalog=folder)
    rng = Random(5)
    for entry in project.entries()[0]:
        checked = project.read(entry)
        if checked.definition is None:
            continue
        program = project.program(checked.definition)
        for values in samples(checked.definition, rng, 12):
            compare(project, checked.definition, program, values, rng.choice(RECIPIENTS))
