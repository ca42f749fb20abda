"""Eighty-four messages as shops, clinics, banks and bots send them: what is said of each, and that it is true.

`pytest tests/test_corpus.py --update-cases` rewrites `corpus/findings.txt`; review the diff against `corpus/README.md`,
which says what a person sees.
"""

from pathlib import Path

import pytest

from msgc.configuration import find_configuration
from msgc.pipeline import open_project
from msgc.prove import prove

CORPUS = Path(__file__).parent / "corpus"
FINDINGS = CORPUS / "findings.txt"
PROJECT = open_project(CORPUS, find_configuration(CORPUS, CORPUS), catalog=CORPUS)
ENTRIES, _ = PROJECT.entries()


def test_findings_are_those_that_a_person_sees(request):
    lines = []
    for checked in PROJECT.check(ENTRIES):
        for problem in checked.diagnostics:
            place = problem.span.source.position(problem.span.start)[0]
            lines.append(f"{problem.where}:{place}: {problem.severity} {problem.rule}: {problem.found}\n")
    found = "".join(lines)
    if request.config.getoption("--update-cases"):
        FINDINGS.write_text(found, encoding="utf-8")
    assert found == FINDINGS.read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_limit_that_can_break_has_values_that_break_it(entry):
    definition = PROJECT.read(entry).definition
    proof = prove(definition, PROJECT.contract)
    assert len(proof.witnesses) == len(proof.findings), proof.findings
    for rule, values in proof.witnesses:
        _, problems = PROJECT.compile(definition, values)
        assert rule in {problem.rule for problem in problems if problem.severity == "error"}, (rule, values)
