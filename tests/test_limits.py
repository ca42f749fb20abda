"""The limits' case files are whole, and both validators give the same verdict on each of their payloads."""

import re
from collections import Counter
from pathlib import Path

import pytest

import msgc.keywords
from casefile import Case, case_id, find_cases, read_case
from limit_stages import ACCEPTED, answers, contract, variants
from msgc.keywords import KEYWORDS
from msgc.validate import Acceptor, Explainer
from mutations_of_keywords import FAULTS

CASES = {path.stem: read_case(path) for path in find_cases("limits")}
TWIN = "length-ambiguous"
LENGTHS = sorted(rule for rule, limit in contract().limits.items() if limit.unit == "characters" and not limit.message)


@pytest.mark.parametrize("rule", sorted(contract().limits))
def test_every_limit_has_payloads_on_both_sides(rule: str):
    found = [case for case in CASES.values() if rule in rules_of(case)] if rule == TWIN else [CASES[rule]]
    assert found
    for case in found:
        assert rule in rules_of(case)
        assert ACCEPTED in answers(case.expected).values(), case_id(case.path)


def test_every_case_of_a_limit_is_named_after_it_or_about_the_absence_of_one():
    others = set(CASES) - set(contract().limits)
    assert others == {"product-without-body", "single-product-header", "webhook-only"}


@pytest.mark.parametrize("rule", LENGTHS)
def test_every_length_is_tried_with_emoji_and_with_right_to_left_text(rule: str):
    told = dict.fromkeys((True, False), "")
    for phrase, (_, payload) in variants(CASES[rule]).items():
        answer = answers(CASES[rule].expected)[phrase]
        told[f"[{rule}]" not in answer] += repr(payload)
    for accepted, payloads in told.items():
        assert re.search("[א-ת]", payloads), (rule, accepted)
        assert re.search("[😀-🙏]", payloads), (rule, accepted)


@pytest.mark.parametrize("name", sorted(CASES))
def test_both_validators_agree_on_every_payload(name: str):
    schema = contract().effective
    for phrase, (kind, payload) in variants(CASES[name]).items():
        root = {"$schema": schema["$schema"], "$ref": schema["x-requests"][kind], "$defs": schema["$defs"]}
        accepted = answers(CASES[name].expected)[phrase] == ACCEPTED
        assert judges(root)[0].accepts(payload) == accepted, phrase
        assert (not judges(root)[1].violations(payload)) == accepted, phrase


def test_a_pattern_that_several_places_of_a_limit_share_is_the_same_everywhere():
    for rule in ("unresolved-placeholder", "replacement-character", "label-newline", "label-markup", "label-blank"):
        found = Counter(re.findall(r"'pattern': ('[^']*'|\"[^\"]*\")", repr(contract().assertions[rule])))
        assert len(found) == 1, rule
        assert max(found.values()) >= 8, rule


def test_every_keyword_has_a_case():
    assert {path.stem for path in find_cases("keywords")} == set(KEYWORDS)


def test_the_faults_of_the_mutation_run_fit_the_modules():
    for module, old, new, what in FAULTS:
        source = (Path(msgc.keywords.__file__).parent / f"{module}.py").read_text(encoding="utf-8")
        assert source.count(old) == 1, (module, what)
        assert old != new


_JUDGES: dict[str, tuple[Acceptor, Explainer]] = {}


def judges(root: dict) -> tuple[Acceptor, Explainer]:
    key = root["$ref"]
    if key not in _JUDGES:
        _JUDGES[key] = Acceptor(root), Explainer(root)
    return _JUDGES[key]


def rules_of(case: Case) -> set[str]:
    return set(re.findall(r"^(?:error|warning)\[([\w-]+)\]", case.expected, flags=re.MULTILINE))
