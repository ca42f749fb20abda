"""`msgc diff` in git repositories of its own making: which revisions are compared, and what a hostile one cannot do."""

import base64
import hashlib
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

import command_stages
from msgc.changes.catalogs import CatalogChanges, compare_catalogs
from msgc.changes.definitions import DefinitionChange
from msgc.configuration import find_configuration
from msgc.pipeline import open_project
from msgc.report.changes import render_changes

HI = "params: {name: string}\nmessage: {text: 'Hi {{ name }}'}\nexamples: {one: {name: Ana}}\n"
HELLO = HI.replace("Hi", "Hello")
SILENT = "nothing changes for any recipient\n"
IDENTITY = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "ana@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
}


@pytest.fixture(autouse=True)
def no_configuration_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def git(folder: Path, *words: str, given: bytes = b"") -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **IDENTITY}, input=given, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / "templates" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def commit(folder: Path, **texts: str) -> str:
    write(folder, **texts)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "a commit")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the definition `visit` in its only commit."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, visit=HI)
    return folder


def diff(folder: Path, words: str = "") -> str:
    code, output = command_stages.run(f"msgc diff {words}", folder)
    assert code == 0, output
    return output


def refused(folder: Path, words: str = "") -> str:
    code, output = command_stages.run(f"msgc diff {words}", folder)
    assert code == 2, output
    return output


# ------------------------------------------------------------------------------------------------- which revisions


def test_the_working_tree_is_compared_with_head(repository: Path):
    assert diff(repository) == SILENT
    write(repository, visit=HELLO, new="message: {text: New}\n")
    assert diff(repository) == (
        "new: added, sends `text`\n"
        "  without values\n"
        "    + message.text: New\n"
        "\n"
        "visit: changed\n"
        "  example one\n"
        "    message.text\n"
        "      | [-Hi-]{+Hello+} Ana\n"
        "\n"
        "1 definition changed, 1 added\n"
    )


def test_a_revision_two_of_them_and_where_both_parted(repository: Path):
    first = git(repository, "rev-parse", "HEAD")
    commit(repository, visit=HELLO)
    git(repository, "checkout", "-q", "-b", "topic", first)
    commit(repository, topic="message: {text: Topic}\n")
    assert diff(repository, "main").endswith("\n1 definition changed, 1 added\n")
    assert diff(repository, "main..topic") == diff(repository, "main")
    assert diff(repository, "main...topic").endswith("\n1 definition added\n")
    assert diff(repository, f"{first[:12]}..main").endswith("\n1 definition changed\n")
    assert diff(repository, "topic~1..") == diff(repository, "main...topic")
    assert diff(repository, "..topic") == SILENT


def test_names_and_paths_choose_definitions(repository: Path):
    commit(repository, **{"orders/a": HI, "orders/b": HI, "gone": "message: {text: Gone}\n"})
    write(repository, **{"orders/a": HELLO, "orders/b": HELLO, "visit": HELLO})
    (repository / "templates/gone.yaml").unlink()
    assert diff(repository, "-- visit").endswith("\n1 definition changed\n")
    assert diff(repository, "HEAD -- templates/orders").endswith("\n2 definitions changed\n")
    assert diff(repository, "-- orders/a templates/visit.yaml").endswith("\n2 definitions changed\n")
    assert diff(repository, "-- gone").endswith("\n1 definition removed; 1 breaking change\n")
    code, output = command_stages.run("msgc diff -- visits", repository)
    assert code == 2
    assert "there is no definition `visits`" in output.lower()
    assert "did you mean `visit`?" in output.lower()


def test_from_a_folder_below_and_with_another_catalog(repository: Path):
    write(repository, visit=HELLO)
    expected = diff(repository)
    assert diff(repository / "templates") == expected
    assert diff(repository, "--catalog templates") == expected
    assert diff(repository / "templates", "--catalog .") == expected


def test_through_a_link_to_the_repository(repository: Path, tmp_path: Path):
    write(repository, visit=HELLO)
    (tmp_path / "link").symlink_to(repository)
    assert diff(tmp_path / "link", "--catalog templates") == diff(repository)


def test_each_revision_has_its_own_configuration(repository: Path):
    (repository / "msgc.toml").write_text('catalog = "messages"\nlocale = "de"\n')
    git(repository, "mv", "templates", "messages")
    assert diff(repository) == SILENT
    (repository / "messages/price.yaml").write_text("message: {text: \"{{ 12.5 | money('EUR') }}\"}\n")
    commit(repository)
    (repository / "msgc.toml").write_text('catalog = "messages"\n')
    assert "| [-12,50\xa0-]€{+12.50+}\n" in diff(repository)


def test_a_configuration_of_its_own_contract(repository: Path):
    command_stages.run("msgc schema build -o schemas", repository)
    (repository / "msgc.toml").write_text('schemas = "schemas"\n')
    commit(repository)
    write(repository, visit=HELLO)
    assert diff(repository).endswith("\n1 definition changed\n")
    assert diff(repository, "HEAD~1").endswith("\n1 definition changed\n")


def test_before_there_was_a_catalog_everything_is_new(repository: Path):
    first = git(repository, "commit-tree", git(repository, "mktree"), "-m", "nothing")
    assert diff(repository, first).endswith("\n1 definition added\n")
    assert diff(repository, f"HEAD..{first}").endswith("\n1 definition removed; 1 breaking change\n")


def test_an_annotated_tag_is_a_revision(repository: Path):
    git(repository, "tag", "-a", "v1", "-m", "one")
    write(repository, visit=HELLO)
    assert diff(repository, "v1") == diff(repository)


def test_the_exit_code_tells_of_changes_only_where_it_is_asked(repository: Path):
    assert command_stages.run("msgc diff --exit-code", repository) == (0, SILENT)
    write(repository, visit=HI.replace("}}\n", "}, two: {name: Ben}}\n"))
    code, output = command_stages.run("msgc diff --exit-code", repository)
    assert code == 0, "examples are nothing that a recipient gets"
    assert output.endswith(SILENT)
    write(repository, visit=HELLO)
    assert command_stages.run("msgc diff --exit-code", repository)[0] == 5
    assert command_stages.run("msgc diff -q", repository)[0] == 0


def test_reports_go_to_files(repository: Path):
    write(repository, visit=HELLO)
    shown = diff(repository, "-f text -f json=a.json -f markdown=a.md -f html=a.html")
    assert shown == diff(repository)
    assert json.loads((repository / "a.json").read_text())["summary"]["changed"] == 1
    assert (repository / "a.md").read_text().startswith("### Messages: 1 definition changed\n")
    assert (repository / "a.html").read_text().startswith("<!DOCTYPE html>\n")
    assert diff(repository, "-f json=b.json") == ""
    assert "there is no format `txt`: did you mean `text`?" in refused(repository, "-f txt")
    assert "only one report goes to standard output" in refused(repository, "-f text -f json")
    assert "cannot be written" in refused(repository, "-f json=no/such/folder.json")


# ------------------------------------------------------------------------------------------------- what is missing


def test_outside_of_a_repository(tmp_path: Path):
    write(tmp_path, visit=HI)
    assert refused(tmp_path) == (
        "msgc: this is no git repository, so that there is nothing to compare with; `git init` makes one\n"
    )


def test_without_a_commit(tmp_path: Path):
    git(tmp_path, "init", "-q")
    write(tmp_path, visit=HI)
    assert "has no commit yet, so that there is nothing to compare with: commit first" in refused(tmp_path)


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(repository))
    assert "needs git, and there is no program of that name" in refused(repository)


@pytest.mark.parametrize("revision", ["nonsense", "visit", "main..nonsense", "HEAD:templates"])
def test_an_unknown_revision(repository: Path, revision: str):
    told = refused(repository, revision)
    assert f"git knows no revision `{revision.removeprefix('main..')}`" in told
    assert "names of definitions stand behind `--`" in told


def test_a_revision_is_no_option(repository: Path):
    assert "it must not begin with a dash" in refused(repository, "main..--output=x")
    assert not (repository / "x").exists()
    assert "no such option" in refused(repository, "--output=x").lower()


def test_a_shallow_clone_says_what_to_fetch(repository: Path, tmp_path: Path):
    first = git(repository, "rev-parse", "HEAD")
    commit(repository, visit=HELLO)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    assert diff(tmp_path / "shallow") == SILENT
    told = refused(tmp_path / "shallow", first)
    assert "in this shallow clone; get more with `git fetch --unshallow` (in CI: `fetch-depth: 0`)" in told


def test_histories_without_a_common_commit(repository: Path):
    git(repository, "checkout", "-q", "--orphan", "other")
    commit(repository, other=HI)
    assert "no commit in common" in refused(repository, "main...other")


def test_a_broken_configuration_of_a_revision_is_named_as_git_does(repository: Path):
    (repository / "msgc.toml").write_text("nonsense = 1\n")
    commit(repository)
    (repository / "msgc.toml").unlink()
    told = refused(repository)
    assert "There is no setting `nonsense` (in HEAD)" in told
    assert tempfile.gettempdir() + "/msgc" not in told


# ------------------------------------------------------------------------------------------- hostile repositories


def test_nothing_that_a_repository_configures_is_run(repository: Path):
    trap = repository / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/sprung\ncat\n")
    trap.chmod(0o755)
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        hook = repository / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(trap.read_text())
        hook.chmod(0o755)
    (repository / ".gitattributes").write_text("*.yaml filter=trap diff=trap merge=trap ident text\n")
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "-q", "-m", "attributes")
    (repository / "sprung").unlink(missing_ok=True)
    for key in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy",
        "diff.external", "diff.trap.command", "diff.trap.textconv", "filter.trap.clean", "filter.trap.smudge",
        "filter.trap.process", "pager.rev-parse", "pager.ls-tree", "alias.ls-tree", "credential.helper",
        "gpg.program", "uploadpack.packObjectsHook", "core.alternateRefsCommand",
    ):  # fmt: skip
        git(repository, "config", key, str(trap))
    (repository / "templates/visit.yaml").write_text(HELLO)
    assert diff(repository).endswith("\n1 definition changed\n")
    assert diff(repository, "HEAD~1...HEAD") == SILENT
    assert not (repository / "sprung").exists()


def test_what_is_missing_is_not_fetched(repository: Path):
    git(repository, "config", "remote.origin.url", f"ext::sh -c 'touch {repository}/sprung'")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "protocol.ext.allow", "always")
    blob = git(repository, "rev-parse", "HEAD:templates/visit.yaml")
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    told = refused(repository)
    assert "the revision cannot be read:" in told
    assert "`git fetch` may get them" in told
    assert not (repository / "sprung").exists()


def test_the_variables_of_a_hook_do_not_lead_elsewhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    write(repository, visit=HELLO)
    expected = diff(repository)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "touch sprung")
    assert diff(repository) == expected


def test_names_may_hold_anything(repository: Path):
    folder = repository / "templates"
    (folder / "a\nb.yaml").write_text(HI)
    (folder / "ü \x1b[31m.yaml").write_text(HI)
    (folder / ":(glob)*.yaml").write_text(HI)
    commit(repository)
    assert diff(repository) == SILENT
    (folder / "a\nb.yaml").write_text(HELLO)
    (folder / "ü \x1b[31m.yaml").write_text(HELLO)
    told = diff(repository)
    assert "a\\u{a}b: changed\n" in told
    assert "ü \\u{1b}[31m: changed\n" in told
    assert told.endswith("\n2 definitions changed\n")


def test_links_and_submodules_lead_nowhere(repository: Path, tmp_path: Path):
    secret = tmp_path / "secret.yaml"
    secret.write_text("message: {text: Secret}\n")
    folder = repository / "templates"
    (folder / "absolute.yaml").symlink_to(secret)
    (folder / "relative.yaml").symlink_to("../../secret.yaml")
    (folder / "above").symlink_to("../..")
    (folder / "inside.yaml").symlink_to("visit.yaml")
    commit(repository)
    for name in ("absolute.yaml", "relative.yaml", "above", "inside.yaml"):
        (folder / name).unlink()
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},templates/module")
    git(repository, "commit", "-q", "-m", "a submodule")
    told = diff(repository)
    assert "inside: removed, sent `text`" in told
    assert "absolute: removed\n" in told
    assert "it leads out of the catalog through a symbolic link" in told
    assert "Secret" not in told
    assert "secret" not in told


def test_a_configuration_that_is_a_link_is_not_followed_out(repository: Path, tmp_path: Path):
    (tmp_path / "outside.toml").write_text('catalog = "elsewhere"\n')
    (repository / "msgc.toml").symlink_to("../outside.toml")
    commit(repository)
    (repository / "msgc.toml").unlink()
    assert diff(repository) == SILENT


def _tree(repository: Path, *entries: tuple[str, str, str]) -> str:
    """A tree that no git would make, from modes, names and hashes."""
    raw = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(found) for mode, name, found in entries)
    return git(repository, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw)


def test_trees_that_no_git_would_make_write_nothing_elsewhere(repository: Path, tmp_path: Path):
    blob = git(repository, "hash-object", "-w", "--stdin", given=HELLO.encode())
    out = git(repository, "hash-object", "-w", "--stdin", given=str(tmp_path).encode())
    inner = _tree(repository, ("100644", "evil.yaml", blob))
    above = _tree(repository, ("100644", "evil.yaml", blob), ("40000", "..", inner))
    templates = _tree(
        repository,
        ("120000", "door", out),
        ("40000", "door", inner),
        ("40000", "..", above),
        ("40000", ".git", inner),
        ("100644", "visit.yaml", blob),
        ("100644", "visit.yaml", blob),
        ("40000", "visit.yaml", inner),
    )
    found = git(repository, "commit-tree", _tree(repository, ("40000", "templates", templates)), "-m", "evil")
    before = sorted(path.name for path in tmp_path.iterdir())
    told = diff(repository, found)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert not list(tmp_path.rglob("evil.yaml"))
    assert "visit: changed" in told


def test_neither_the_checkout_nor_the_repository_is_touched(repository: Path, monkeypatch: pytest.MonkeyPatch):
    write(repository, visit=HELLO)

    def state() -> dict[str, tuple[int, str]]:
        return {
            path.relative_to(repository).as_posix(): (
                path.stat().st_mtime_ns,
                hashlib.sha256(path.read_bytes()).hexdigest(),
            )
            for path in repository.rglob("*")
            if path.is_file()
        }

    made: list[tuple[str, int]] = []
    make = tempfile.mkdtemp

    def watched(*words: str | None, **named: str | None) -> str:
        folder = make(*words, **named)
        made.append((folder, Path(folder).stat().st_mode & 0o777))
        return folder

    monkeypatch.setattr(tempfile, "mkdtemp", watched)
    before = state()
    diff(repository, "HEAD")
    diff(repository, "HEAD..HEAD")
    assert state() == before
    ours = [(folder, mode) for folder, mode in made if "msgc-diff-" in folder]
    assert [mode for _, mode in ours] == [0o700] * 3
    assert not any(Path(folder).exists() for folder, _ in ours)


# ------------------------------------------------------------------------------------------------------- reports


def _changes(folder: Path, old: dict[str, str], new: dict[str, str]) -> CatalogChanges:
    libraries = []
    for side, texts in (("old", old), ("new", new)):
        (folder / side / "templates").mkdir(parents=True)
        (folder / side / ".git").mkdir()
        write(folder / side, **texts)
        libraries.append(open_project(folder / side, find_configuration(folder / side)).library)
    return compare_catalogs(libraries[0], libraries[1])


def test_markdown_fits_a_comment_however_much_changes(tmp_path: Path):
    text = "\n".join(f"    line {number} of a long text *with* @markup" for number in range(60))
    old = {f"group/message-{number:03}": f"message:\n  text: |-\n{text}\n" for number in range(60)}
    new = {name: body.replace("long", "short") for name, body in old.items()}
    report = render_changes(_changes(tmp_path, old, new), "markdown")
    assert 30_000 < len(report) <= 65_536
    assert "More than fits here: `msgc diff` shows it." in report
    assert report.count("<pre>") == report.count("</pre>") > 5
    assert report.count("<details>") == report.count("</details>")
    assert all(f"message-{number:03}" in report for number in range(60))


def test_markdown_fits_a_comment_with_more_definitions_than_can_be_named():
    name = "a-name-that-is-rather-long/" * 4
    changes = [DefinitionChange(f"{name}{number}", "removed", content_before="text") for number in range(3_000)]
    report = render_changes(CatalogChanges("a", "b", tuple(changes)), "markdown")
    assert len(report) <= 65_536
    assert "3,000 breaking changes" in report
    assert "Too much to show here; `msgc diff` shows it: <code>a-name" in report
    assert re.search(r"\(removed, sent <code>text</code>\) and 2,\d{3} more\n\Z", report)
    assert report.count("<code>") == report.count("</code>")


def test_a_page_allows_its_own_style_and_nothing_else(tmp_path: Path):
    page = render_changes(_changes(tmp_path, {"a": HI}, {"a": HELLO}), "html")
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(style) == 1
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page
    assert not re.search(r"<script|style=|href=|src=|<img|@import|url\(", page)


def test_the_same_changes_make_the_same_bytes(tmp_path: Path):
    changes = _changes(tmp_path, {"a": HI, "b": HI}, {"a": HELLO, "c": HELLO})
    for name in ("text", "json", "markdown", "html"):
        assert render_changes(changes, name) == render_changes(changes, name)


def test_a_hidden_change_of_a_branch_is_never_nothing(tmp_path: Path):
    """Whatever a definition does otherwise for some values, it is not said that nothing changes."""
    body = "params: {{name: string}}\nmessage: {{text: \"Hi{{% if name == 'Q9' %}} {0}{{% endif %}}\"}}\n"
    body += "examples: {{one: {{name: Ana}}}}\n"
    changes = _changes(tmp_path, {"a": body.format("x")}, {"a": body.format("y")})
    assert changes.matters
    assert render_changes(changes, "text") != SILENT


def test_the_readme_shows_what_is_told(repository: Path):
    """The README's message, changed as its text says."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    before = re.findall(r"```yaml file=templates/visit\.yaml\n(.*?)```", readme, re.DOTALL)[0]
    commit(repository, visit=before)
    after = (
        before.replace("shall we come", "may we come")
        .replace('"yes:', '"visit:')
        .replace("maxLength: 40", "maxLength: 30")
    )
    write(repository, visit=after)
    assert f"\n```text\n$ msgc diff\n{diff(repository)}```\n" in readme
