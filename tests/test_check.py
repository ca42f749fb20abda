"""What case files cannot hold: symbolic links, what a run says of a fragment that many definitions include, and what
a fallback is sent with.
"""

from pathlib import Path

import pytest

from msgc.check import read_fallback
from msgc.configuration import Configuration
from msgc.diagnostic import Diagnostic
from msgc.fallback import fallback_values
from msgc.pipeline import open_project


def check(root: Path) -> list[Diagnostic]:
    project = open_project(root, Configuration(None, root))
    entries, problems = project.entries()
    return [*problems, *(problem for checked in project.check(entries) for problem in checked.diagnostics)]


def link(path: Path, target: Path) -> None:
    try:
        path.symlink_to(target)
    except OSError:
        pytest.skip("this system makes no symbolic links")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "secret.yaml").write_text("content: {text: Secret}\nmessage: {text: Secret}\n")
    return tmp_path


def test_a_definition_is_no_link_that_leads_out_of_the_catalog(root: Path):
    link(root / "templates" / "a.yaml", root / "secret.yaml")
    (problem,) = check(root)
    assert (problem.rule, problem.where) == ("unreadable-file", "templates/a.yaml")
    assert "Secret" not in str(problem)


@pytest.mark.parametrize("target", ["secret.yaml", "templates/.hidden.yaml"])
def test_a_fragment_is_no_link_that_leads_out_or_to_hidden_files(root: Path, target: str):
    (root / "templates" / ".hidden.yaml").write_text("content: {text: Secret}\n")
    link(root / "templates" / "_footer.yaml", root / target)
    (root / "templates" / "a.yaml").write_text("message: {text: Hi}\ncallbackData: {$include: _footer.yaml}\n")
    (problem,) = check(root)
    assert problem.rule == "unreadable-file"
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == (2, 26)


def test_a_link_inside_the_catalog_is_followed(root: Path):
    (root / "templates" / "_real.yaml").write_text("content: x\n")
    link(root / "templates" / "_footer.yaml", root / "templates" / "_real.yaml")
    (root / "templates" / "a.yaml").write_text("message: {text: Hi}\ncallbackData: {$include: _footer.yaml}\n")
    assert check(root) == []


def test_a_fallback_is_read_and_takes_what_it_has_parameters_for(root: Path):
    names = "params: {name: string, order: {type: string, default: none}}\n"
    (root / "templates" / "a.yaml").write_text(f"{names}message: {{text: Hi}}\nfallback: b\n")
    (root / "templates" / "b.yaml").write_text(
        "params: {order: string, tone: {type: string, default: warm}}\ntemplateName: b\nlanguage: en\n"
    )
    project = open_project(root, Configuration(None, root))
    definition, other = (project.read(entry).definition for entry in project.entries()[0])
    assert definition is not None
    assert other is not None
    read = read_fallback(definition, project.library)
    assert read is not None
    assert read.definition is not None
    assert read.definition.name == "b"
    values = definition.parameters.complete({"name": "Ana"})
    assert fallback_values(read.definition, values) == {"order": "none", "tone": "warm"}
    assert read_fallback(other, project.library) is None
