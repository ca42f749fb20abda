"""Every rule has a page, and the examples on it are true: they are put through the real command line.

A page is `compiler/msgc/pages/<rule>.md`: a heading that is the rule, what it means, `## Bad` and `## Good`. The fenced
blocks of an example are the files of one project. A block's info string says which:

    yaml                   the definition `templates/example.yaml`
    LANGUAGE file=PATH     another file of the catalog, at PATH below `templates/`
    toml                   the configuration, `msgc.toml`
    json                   a ready-made payload; `msgc check --payloads` judges it
    csv, jsonl             a data file; `msgc build example --data` compiles its rows
    json swagger           a Swagger file; `msgc schema build` builds with it, or else with msgc's own
    yaml overlay           an overlay; `msgc schema build` builds with it, where no `toml` names it
    sh                     the command lines to run instead of those above, or of `msgc check`

A bad example breaks its rule and no other; a good one has no finding at all.
"""

import contextlib
import functools
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from msgc import open_contract
from msgc.cli import group
from msgc.contract import read_contract
from msgc.explain_rule import explain_rule
from msgc.resources import data_folder
from msgc.rules import RULES
from msgc.template.filters import FILTERS
from msgc.template.lists import TESTS

PAGES = Path(__file__).parent.parent / "compiler" / "msgc" / "pages"
_CONTRACT = read_contract(data_folder("schemas") / "payload.schema.json")
SEVERITIES = {name: limit.severity for name, limit in _CONTRACT.limits.items()}
SEVERITIES |= {name: rule.severity for name, rule in RULES.items()}

IN_PROSE = {
    "encoding": "a page is UTF-8 itself, and a control character in it would be invisible",
    "more-findings": "its example would be a thousand lines long",
    "sent-before": "it depends on what was sent before, which no file of the example says",
    "too-costly": "its example would have to take seconds, and how many depends on the machine",
    "unreadable-file": "a file's rights, and links that lead out of a folder, are not text",
}
"""The rules whose bad example cannot be written down as text, and why."""

_PAGE = re.compile(
    r"# (?P<rule>\S+)\n\n(?P<meaning>(?!#|```).+?)\n\n## Bad\n\n(?P<bad>.+?)\n\n## Good\n\n(?P<good>.+)\n", re.DOTALL
)
_BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLACES = {"yaml": "templates/example.yaml", "toml": "msgc.toml", "json": "payload.json", "csv": "data.csv"}
_PLACES |= {"jsonl": "data.jsonl", "json swagger": "service.swagger.json", "yaml overlay": "ours.overlay.yaml"}
_read_once = functools.cache(read_contract)


@pytest.fixture(autouse=True)
def one_contract(monkeypatch: pytest.MonkeyPatch):
    """All examples are judged by one contract in memory: to read and prepare it for each takes longer than the rest."""
    monkeypatch.setattr(open_contract, "read_contract", _read_once)


@dataclass(frozen=True)
class Example:
    """The files of one example by their paths, and the command lines that are run on them."""

    files: dict[str, str]
    commands: tuple[str, ...]


def read_page(rule: str) -> re.Match[str]:
    text = (PAGES / f"{rule}.md").read_text(encoding="utf-8")
    page = _PAGE.fullmatch(text)
    assert page, f"{rule}.md is a heading, what the rule means, `## Bad` and `## Good`, with empty lines between"
    assert text.count("\n## ") == 2
    assert page["rule"] == rule
    return page


def read_example(text: str) -> Example:
    files: dict[str, str] = {}
    commands: list[str] = []
    for info, body in _BLOCK.findall(text):
        if info == "sh":
            commands += body.splitlines()
            continue
        name = f"templates/{info.partition(' file=')[2]}" if " file=" in info else _PLACES[info]
        assert name not in files, f"two blocks are {name}"
        files[name] = body
    return Example(files, tuple(commands or _commands(files)))


def _commands(files: dict[str, str]) -> list[str]:
    if ("service.swagger.json" in files or "ours.overlay.yaml" in files) and "msgc.toml" not in files:
        own = data_folder("schemas") / "service.swagger.json"
        swagger = "service.swagger.json" if "service.swagger.json" in files else shlex.quote(str(own))
        overlay = " --overlay ours.overlay.yaml" if "ours.overlay.yaml" in files else ""
        return [f"msgc schema build --swagger {swagger}{overlay} -o contract"]
    if "payload.json" in files:
        return ["msgc check --payloads payload.json"]
    data = next((name for name in files if name.startswith("data.")), None)
    return [f"msgc build example --data {data} -o out.jsonl"] if data else ["msgc check"]


def findings_of(example: Example, folder: Path) -> tuple[list[dict[str, Any]], int]:
    """What the example's commands report and do not set aside, and the highest of their exit codes."""
    (folder / ".git").mkdir()  # the search for a configuration ends here
    for name, text in example.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    findings, code = [], 0
    for command in example.commands:
        words = shlex.split(command)
        assert words[0] == "msgc", command
        with contextlib.chdir(folder):
            result = CliRunner().invoke(group, [*words[1:], "-q", "--format", "json"], prog_name="msgc")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        code = max(code, result.exit_code)
        for stream in (result.stdout, result.stderr):
            if stream.startswith('{\n  "version"'):
                findings += [finding for finding in json.loads(stream)["findings"] if finding["suppressed"] is None]
    return findings, code


def shown(findings: list[dict[str, Any]]) -> str:
    return "\n".join(f"{found['file']}:{found['line']} {found['rule']}: {found['message']}" for found in findings)


def test_every_rule_has_a_page_and_every_page_a_rule():
    assert sorted(path.stem for path in PAGES.iterdir()) == sorted(SEVERITIES)


@pytest.mark.parametrize("rule", sorted(SEVERITIES))
def test_a_bad_example_breaks_its_rule_and_no_other(rule: str, tmp_path: Path):
    text = read_page(rule)["bad"]
    if rule in IN_PROSE:
        assert "```" not in text, "then the rule is not one of those that cannot be shown"
        return
    assert "```" in text
    findings, code = findings_of(read_example(text), tmp_path)
    told = [(found["rule"], found["severity"]) for found in findings if found["severity"] != "info"]
    told += [(found["rule"], "info") for found in findings if found["rule"] == rule and found["severity"] == "info"]
    assert set(told) == {(rule, SEVERITIES[rule])}, shown(findings) or "nothing was found"
    assert (code != 0) == (SEVERITIES[rule] == "error")


@pytest.mark.parametrize("rule", sorted(SEVERITIES))
def test_a_good_example_is_clean(rule: str, tmp_path: Path):
    text = read_page(rule)["good"]
    if rule in IN_PROSE:
        return
    assert "```" in text
    findings, code = findings_of(read_example(text), tmp_path)
    assert (findings, code) == ([], 0), shown(findings)


def test_explain_shows_the_examples_as_they_are_and_prose_in_short_lines():
    for rule in SEVERITIES:
        text = explain_rule(rule, _CONTRACT)
        assert text is not None
        assert _BLOCK.findall(text) == _BLOCK.findall((PAGES / f"{rule}.md").read_text(encoding="utf-8"))
        prose = [line for line in _BLOCK.sub("", text).splitlines() if not line.startswith("- ")]
        assert prose[:2] == [f"# {rule}", ""]
        assert max(map(len, prose)) <= 100, rule


@pytest.mark.parametrize("rule", sorted(IN_PROSE))
def test_the_rules_told_in_prose_exist(rule: str):
    assert rule in SEVERITIES


@pytest.mark.parametrize(("rule", "offered"), [("unknown-filter", FILTERS), ("unknown-test", TESTS)])
def test_the_pages_list_what_templates_offer(rule: str, offered: dict[str, Any]):
    named = set(re.findall(r"`(\w+)`", read_page(rule)["meaning"]))
    assert named == {name for name in offered if name.isidentifier()}
