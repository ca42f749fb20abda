"""Files and folders that no transcript can hold: pipes, links, names and bytes that are not UTF-8, huge files."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from msgc.load import MAX_BYTES
from program import PLAIN, invoke, run


def test_a_pipe_in_the_catalog_is_refused_and_not_waited_for(project: Path):
    os.mkfifo(project / "templates" / "pipe.yaml")
    done = run(project, "check")
    assert done.returncode == 2
    assert b"`templates/pipe.yaml` cannot be read: it is not a regular file" in done.stdout


def test_a_dangling_link_is_refused(project: Path):
    (project / "templates" / "gone.yaml").symlink_to("missing.yaml")
    done = run(project, "check")
    assert done.returncode == 2
    assert b"`templates/gone.yaml` cannot be read: it is a symbolic link that leads nowhere" in done.stdout


def test_links_do_not_lead_out_of_the_catalog(project: Path):
    (project / "secret.yaml").write_text(PLAIN)
    (project / "outside").mkdir()
    (project / "templates" / "out.yaml").symlink_to("../secret.yaml")
    (project / "templates" / "folder").symlink_to("../outside")
    (project / "templates" / "loop").symlink_to(".")
    done = run(project, "check")
    assert done.returncode == 2
    assert done.stdout.count(b"it leads out of the catalog through a symbolic link") == 2
    assert done.stdout.endswith(b"2 errors in 2 of 3 files\n")


def test_a_folder_called_like_a_definition_is_a_folder(project: Path):
    (project / "templates" / "x.yaml").mkdir()
    (project / "templates" / "x.yaml" / "a.yaml").write_text(PLAIN)
    assert run(project, "check", "templates/x.yaml").stdout == b"no problems in 1 file\n"
    assert b"* x.yaml/a " in run(project, "list").stdout


def test_a_huge_file_is_refused(project: Path):
    (project / "templates" / "huge.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    done = run(project, "check")
    assert done.returncode == 2
    assert b"error[unreadable-file]: The file is too large\n --> templates/huge.yaml\n" in done.stdout


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are UTF-8 there")
def test_a_name_that_is_not_utf_8_is_shown_escaped(project: Path):
    path = os.fsencode(project / "templates") + b"/caf\xe9.yaml"
    Path(os.fsdecode(path)).write_text("message: {txt: a}\n")
    done = run(project, "check")
    assert done.returncode == 1
    assert b" --> templates/caf\\u{dce9}.yaml:1:11\n" in done.stdout
    assert b"* caf\\u{dce9}" in run(project, "list").stdout
    names = [row["name"] for row in json.loads(run(project, "list", "-f", "json").stdout)["definitions"]]
    assert names == ["caf\udce9", "hello", "thanks"]
    assert json.loads(run(project, "check", "-f", "json").stdout)["findings"][0]["file"] == "templates/caf\udce9.yaml"
    assert run(project, "check", b"templates/caf\xe9.yaml").returncode == 1


def test_bytes_that_are_no_utf_8_have_their_place(project: Path):
    (project / "templates" / "latin.yaml").write_bytes(b"message:\n  text: caf\xe9\n")
    (project / "rows.jsonl").write_bytes(b'{"name": "Ana"}\n{"name": "Ren\xe9"}\n')
    assert b" --> templates/latin.yaml:2:12\n" in run(project, "check").stdout
    done = run(project, "check", "--payloads", "rows.jsonl")
    assert b"error[encoding]: The file is not UTF-8\n --> rows.jsonl:2:14\n" in done.stdout
    done = run(project, "build", "hello", "--data", "rows.jsonl")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b" --> rows.jsonl:2:14\n" in done.stderr


def test_a_folder_that_cannot_be_listed_hides_nothing_else(project: Path, monkeypatch: pytest.MonkeyPatch):
    (project / "templates" / "locked").mkdir()
    (project / "templates" / "bad.yaml").write_text("message: {txt: a}\n")
    real = os.scandir

    def scandir(path: Path) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    code, text = invoke(project, "check")
    assert code == 1
    assert "`templates/locked` cannot be read: Permission denied" in text
    assert "error[unknown-key]" in text


def test_payloads_come_from_process_substitution_too(project: Path):
    payload = b'{"number":"+16044441111","templateName":"a","language":"en"}\n'
    read, write = os.pipe()
    os.write(write, payload)
    os.close(write)
    done = run(project, "check", "--payloads", f"/dev/fd/{read}", pass_fds=[read])
    os.close(read)
    assert (done.returncode, done.stdout) == (0, b"no problems in 1 file\n")


def test_a_line_without_an_end_fills_no_memory(project: Path):
    (project / "long.jsonl").write_bytes(b"{" + b" " * (3 << 20))
    done = run(project, "check", "--payloads", "long.jsonl")
    assert done.returncode == 1
    assert done.stdout.count(b"error[") == 1
    assert b"A line has more than 1,048,576 bytes" in done.stdout


def test_of_very_many_findings_the_rest_is_counted(project: Path):
    (project / "many.jsonl").write_text("{}\n" * 1200)
    report = json.loads(run(project, "check", "--payloads", "many.jsonl", "-f", "json").stdout)
    assert report["findings"][0]["rule"] == "more-findings"
    assert len(report["findings"]) <= 1_010


def test_a_path_over_a_link_is_one_in_the_catalog(project: Path, tmp_path_factory: pytest.TempPathFactory):
    link = tmp_path_factory.mktemp("links") / "project"
    link.symlink_to(project)
    (project / "templates" / "deep").mkdir()
    (project / "templates" / "deep" / "a.yaml").write_text("message: {$include: _shared/hi.yaml}\n")
    (project / "templates" / "_shared").mkdir()
    (project / "templates" / "_shared" / "hi.yaml").write_text("content: {text: Hi}\n")
    for path in ("templates/deep/a.yaml", "templates/deep", ".", "templates/../templates/deep"):
        assert run(project, "check", str(link / path)).returncode == 0
