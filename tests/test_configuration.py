"""Configurations: what case files cannot hold. The wording is pinned in `cases/configuration`."""

import tomllib
from pathlib import Path

import pytest

from msgc.configuration import (
    Configuration,
    find_configuration,
    read_configuration,
    with_environment,
    with_severities,
)
from msgc.diagnostic import Diagnostic, Rejected
from msgc.load_toml import MAX_BYTES, load_toml
from msgc.report import REPORTERS

TOML = '''# a = 1
title = "a # b = 3 [c]"
'single quoted' . b = 1.5
text = """
x = "]" \\"""
""""
dates = 1979-05-27 07:32:00   # behind = it
literal = \'\'\'[z]
y = 1\'\'\'
list = [
  1, "two", [3, {four = 4, "fi.ve" = [5]}], # six = 6
]
[ a . "b.c" ]
inner = { x = 1, y.z = 2 }
[[many]]
n = 1
[[many]]
n = 2
'''


def paths(value: object, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    if path[:1] == ("many",):
        return {("many",), ("many", "n")}  # tables of an array share their places
    if isinstance(value, dict):
        return {path}.union(*(paths(item, (*path, key)) for key, item in value.items()))
    if isinstance(value, list):
        return {path}.union(*(paths(item, (*path, index)) for index, item in enumerate(value)))
    return {path}


def test_every_key_of_a_toml_file_has_its_place():
    document = load_toml(TOML.encode(), "x.toml")
    assert set(document.nodes) == paths(tomllib.loads(TOML))
    places = {
        ("title",): ("title", '"a # b = 3 [c]"'),
        ("single quoted", "b"): ("'single quoted' . b", "1.5"),
        ("dates",): ("dates", "1979-05-27 07:32:00"),
        ("list", 1): ('"two"', '"two"'),
        ("list", 2, 1, "fi.ve", 0): ("5", "5"),
        ("list", 2, 1, "fi.ve"): ('"fi.ve"', "[5]"),
        ("a", "b.c"): ('[ a . "b.c" ]', '[ a . "b.c" ]'),
        ("a", "b.c", "inner", "y", "z"): ("y.z", "2"),
    }
    for path, expected in places.items():
        assert (document.key_span(path).text, document.span(path).text) == expected


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff", "The file is not UTF-8: byte 1 cannot be read"),
        (b"a" * (MAX_BYTES + 1), "The file has 1,048,577 bytes; a configuration may have 1,048,576"),
        (b"a = " + b"[" * 100_000, "The file is nested too deeply"),
        (b"a = " + b"1" * 5_000, "The file is not TOML: a number is too long"),
    ],
    ids=["encoding", "size", "depth", "number"],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, data: bytes, message: str):
    (tmp_path / "msgc.toml").write_bytes(data)
    with pytest.raises(Rejected) as rejected:
        find_configuration(tmp_path)
    (problem,) = rejected.value.diagnostics
    assert (problem.rule, problem.where, problem.message) == ("configuration", "msgc.toml", message)


def test_a_missing_file(tmp_path: Path):
    with pytest.raises(Rejected, match="The file cannot be read: No such file or directory"):
        read_configuration(tmp_path / "other.toml", tmp_path)


def test_the_search_ends_at_the_root_of_the_repository(tmp_path: Path):
    (tmp_path / "msgc.toml").write_text('locale = "de"')
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "repository" / "folder").mkdir()
    found = find_configuration(tmp_path / "repository" / "folder")
    assert found == Configuration(path=None, root=tmp_path / "repository")


def test_a_broken_file_of_other_tools_is_passed_by(tmp_path: Path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.other")
    assert find_configuration(tmp_path).path is None


@pytest.mark.parametrize("text", ['api_key = "s3cr3t"', 'x = {token = "s3cr3t"}', "api-key = s3cr3t", '"key" = s3cr3t'])
def test_no_report_shows_a_key(tmp_path: Path, text: str):
    (tmp_path / "msgc.toml").write_text(text)
    with pytest.raises(Rejected) as rejected:
        find_configuration(tmp_path)
    for report in REPORTERS.values():
        assert "s3cr3t" not in report(rejected.value.diagnostics)


def test_severities_change_or_drop_findings():
    findings = [Diagnostic(rule, "error", "m") for rule in ("a", "b", "c")]
    configuration = Configuration(None, Path(), severity={"a": "off", "b": "warning"})
    changed = with_severities(findings, configuration)
    assert [(finding.rule, finding.severity) for finding in changed] == [("b", "warning"), ("c", "error")]


def test_a_relative_path_in_a_variable_starts_at_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert with_environment(Configuration(None, Path("/x")), {"MSGC_CATALOG": "m"}).catalog == tmp_path / "m"
