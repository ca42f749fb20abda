"""Every case file under `tests/cases/`, one test each. A stage is one function in `stages.py`."""

from pathlib import Path

import pytest

from casefile import CASES, case_id, find_cases, read_case
from stages import STAGES


def test_every_folder_of_cases_has_a_stage():
    assert {folder.name for folder in CASES.iterdir()} == set(STAGES)


@pytest.mark.parametrize(
    ("stage", "path"),
    [pytest.param(stage, path, id=case_id(path)) for stage in STAGES for path in find_cases(stage)],
)
def test_case(stage: str, path: Path, tmp_path: Path, request: pytest.FixtureRequest):
    case = read_case(path)
    answer = STAGES[stage](case, tmp_path)
    if request.config.getoption("--update-cases") and answer != case.expected:
        case.rewrite(answer)
    assert answer == read_case(path).expected
