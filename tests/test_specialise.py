"""The specialiser: whatever a program makes, the long way makes too, byte for byte."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casefile import find_cases, read_case
from command_stages import write_files
from limit_stages import variants
from msgc.configuration import Configuration, find_configuration
from msgc.definition import Definition
from msgc.diagnostic import Rejected
from msgc.pipeline import Project, open_project
from msgc.specialise.program import Program
from specialised import MADE, RECIPIENTS, compare, compare_by_chance, define_as, opened, samples, schema_of, spoilt

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
@settings(at_length, max_examples=16_000)
def test_programs_make_what_the_long_way_makes_at_length(project: Project, rng: Random):
    compare_by_chance(rng, project)


def test_two_zeros_are_not_the_same(project: Project):
    """They are equal, so that what is remembered of the one must not be given for the other."""
    found = define_as({"params": {"a": "number"}, "message": {"text": "{{ a | money('EUR') }}"}}, project)
    assert found is not None
    program = project.program(found)
    for value in (-0.0, 0.0, -0.0):
        compare(project, found, program, {"a": value}, None)


def compare_catalog(project: Project, rng: Random) -> None:
    for entry in project.entries()[0]:
        found = project.read(entry).definition
        if found is not None:
            program = project.program(found)
            for values in samples(found, rng, 12):
                compare(project, found, program, values, rng.choice(RECIPIENTS))


@pytest.mark.parametrize("folder", [ROOT / "templates", ROOT / "tests" / "corpus"], ids=lambda folder: folder.name)
def test_catalogs(folder: Path):
    compare_catalog(open_project(ROOT, Configuration(None, ROOT), catalog=folder), Random(5))
    assert MADE["made"] > MADE["good"] * 0.9


@pytest.mark.parametrize("stage", ["bounds", "build", "check", "commands", "render", "send", "suppress"])
def test_case_files(stage: str, tmp_path: Path):
    opened_catalogs = 0
    for number, path in enumerate(find_cases(stage)):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_files(read_case(path), folder)
        try:
            configuration = find_configuration(folder, folder)
            catalog = None if configuration.catalog or (folder / "templates").is_dir() else folder
            project = open_project(folder, configuration, catalog=catalog)
        except Rejected:
            continue  # that it is, is what the case is about
        compare_catalog(project, Random(number))
        opened_catalogs += 1
    assert opened_catalogs > 5


def test_templates_of_case_files(project: Project):
    """Every leaf of the case files, hostile ones too, with parameters of known types and with unknown ones."""
    rng = Random(7)
    for path in find_cases("template"):
        case = read_case(path)
        scope = json.loads(case.files.get("scope.json", "{}"))
        for line in case.files["leaves"].splitlines():
            word, _, text = line.replace("⏎", "\n").partition(" ")
            leaf: Any = f"{word} {text}"
            if word == "$if":
                leaf = f"{{{{ 'yes' if ({text}) else 'no' }}}}"
            body: dict[str, Any] = {"message": {"text": leaf}}
            if word == "$for":
                row = {"$for": text, "id": "{{ loop.index }}", "text": "row {{ loop.index }}"}
                body = list_of(row)
            for params in (schema_of(scope)["properties"], {key: {} for key in scope}):
                found = define_as({"params": params, **body}, project)
                if found is not None:
                    program = project.program(found)
                    for values in (scope, spoilt(scope, rng)):
                        compare(project, found, program, values, None)


def list_of(row: dict[str, Any]) -> dict[str, Any]:
    sections = [{"title": "Rows", "rows": [row]}]
    return {"message": {"text": "Choose", "listMessage": {"button": {"text": "Rows"}, "sections": sections}}}


def test_every_limit_that_nothing_proves(project: Project):
    """The payloads of the limits' case files, made of parameters without any limit of their own."""
    for path in find_cases("limits"):
        programs: dict[str, tuple[Definition, Program]] = {}
        for kind, payload in variants(read_case(path)).values():
            for body, values in (opened(payload), (payload, {})):
                key = json.dumps(body)
                if key not in programs:
                    found = define_as(body, project)
                    if found is None or found.kind != kind:
                        continue
                    programs[key] = (found, project.program(found))
                compare(project, *programs[key], values, "+16044441111")
