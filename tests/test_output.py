"""What `msgc build` leaves on the disk, whatever happens."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from msgc import output
from msgc.cli import row_findings
from program import ENVIRONMENT, HELLO, PLAIN, invoke, run


def test_a_long_file_takes_no_more_memory_than_a_short_one(project: Path):
    peaks = []
    for rows in (1_000, 16_000):
        (project / "rows.csv").write_text("name\n" + "Ana\n" * rows)
        script = (
            "import resource, sys\n"
            "from msgc.cli import group\n"
            "try:\n"
            "    group.main(['build', 'hello', '--data', 'rows.csv', '-o', 'out.jsonl', '-q'], prog_name='msgc')\n"
            "finally:\n"
            "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=project, env=ENVIRONMENT, capture_output=True, check=True
        )
        peaks.append(int(done.stdout))
        assert (project / "out.jsonl").read_bytes() == b'{"message":{"text":"Hi Ana"}}\n' * rows
    assert peaks[1] < 1.1 * peaks[0]


def test_rows_that_are_all_refused_are_counted(project: Path):
    (project / "rows.jsonl").write_text('{"name": 1}\n' * 150)
    done = run(project, "build", "hello", "--data", "rows.jsonl", "-o", "out.jsonl")
    assert done.returncode == 1
    assert done.stderr.count(b"error[parameter-type]") == row_findings.SHOWN
    assert b"50 more errors in rows.jsonl are not shown" in done.stderr
    assert b"150 errors and 1 warning\n" in done.stderr
    assert done.stderr.endswith(b"nothing was written: 150 of 150 rows are refused\n")
    assert not (project / "out.jsonl").exists()


def test_a_device_is_written_to_and_not_replaced(project: Path):
    (project / "rows.jsonl").write_text('{"name": "Ana"}\n')
    assert run(project, "build", "hello", "--data", "rows.jsonl", "-o", "/dev/null").returncode == 0
    assert not Path("/dev/null").is_file()
    done = run(project, "build", "hello", "--data", "rows.jsonl", "-o", "/dev/stdout", "-q")
    assert done.stdout == b'{"message":{"text":"Hi Ana"}}\n'


def test_a_link_to_the_output_stays_a_link(project: Path):
    (project / "rows.jsonl").write_text('{"name": "Ana"}\n')
    (project / "real.jsonl").write_text("old")
    (project / "link.jsonl").symlink_to("real.jsonl")
    assert run(project, "build", "hello", "--data", "rows.jsonl", "-o", "link.jsonl").returncode == 0
    assert (project / "link.jsonl").is_symlink()
    assert (project / "real.jsonl").read_bytes() == b'{"message":{"text":"Hi Ana"}}\n'


def test_a_full_disk_changes_nothing(project: Path, monkeypatch: pytest.MonkeyPatch):
    assert invoke(project, "build")[0] == 0
    (project / "templates" / "hello.yaml").write_text(HELLO.replace("Hi", "Good day"))
    (project / "templates" / "thanks.yaml").unlink()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = {path: path.read_bytes() for path in (project / "out").iterdir()}
    monkeypatch.setattr(output, "_write", full)
    code, text = invoke(project, "build")
    assert (code, text) == (
        2,
        "msgc: out cannot be written: No space left on device; choose another folder with `-o`\n",
    )
    assert {path: path.read_bytes() for path in (project / "out").iterdir()} == before


def test_a_build_that_is_cut_short_still_knows_its_files(project: Path, monkeypatch: pytest.MonkeyPatch):
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(output, "_remove", cut)
    assert invoke(project, "build")[0] == 0
    (project / "templates" / "thanks.yaml").unlink()
    assert invoke(project, "build") == (130, "msgc: interrupted\n")
    monkeypatch.undo()
    assert invoke(project, "build")[0] == 0
    assert sorted(path.name for path in (project / "out").iterdir()) == [".msgc-manifest.json", "hello.one.json"]


def test_files_that_stay_the_same_keep_their_time(project: Path):
    run(project, "build")
    path = project / "out" / "thanks.json"
    os.utime(path, (1_000_000_000, 1_000_000_000))
    run(project, "build")
    assert path.stat().st_mtime == 1_000_000_000


def test_only_what_msgc_wrote_is_removed(project: Path):
    run(project, "build")
    (project / "out" / "mine.json").write_text("{}")
    manifest = json.loads((project / "out" / ".msgc-manifest.json").read_text())
    manifest["files"]["mine.json"] = "0" * 64
    (project / "out" / ".msgc-manifest.json").write_text(json.dumps(manifest))
    assert run(project, "build").returncode == 0
    assert (project / "out" / "mine.json").exists()


def test_a_pipe_for_a_manifest_does_not_hang(project: Path):
    (project / "out").mkdir()
    os.mkfifo(project / "out" / ".msgc-manifest.json")
    done = run(project, "build")
    assert done.returncode == 2
    assert b"is damaged" in done.stderr


def test_links_in_the_output_lead_nowhere_else(project: Path):
    (project / "elsewhere").mkdir()
    (project / "elsewhere" / "gone.json").write_text("{}")
    (project / "out").mkdir()
    (project / "out" / "deep").symlink_to("../elsewhere")
    digest = hashlib.sha256(b"{}").hexdigest()
    manifest = {"version": 1, "files": {"deep/gone.json": digest}}
    (project / "out" / ".msgc-manifest.json").write_text(json.dumps(manifest))
    assert run(project, "build").returncode == 0
    assert (project / "elsewhere" / "gone.json").exists()
    (project / "templates" / "deep").mkdir()
    (project / "templates" / "deep" / "a.yaml").write_text(PLAIN)
    done = run(project, "build")
    assert done.returncode == 2
    assert b"leads out of out through a symbolic link" in done.stderr
