"""Stages that compare two versions: of one payload, and of whole catalogs."""

import json
from pathlib import Path

import yaml

from casefile import Case
from command_stages import write_files
from msgc.changes import compare_payloads, compare_words
from msgc.changes.catalogs import compare_catalogs
from msgc.configuration import find_configuration
from msgc.pipeline import open_project
from msgc.report.changes import render_changes

_MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}


def changes(case: Case, folder: Path) -> str:
    """`pairs` names pairs of values; the answer is how the second differs from the first, texts word by word."""
    answer = ""
    for name, (before, after) in yaml.safe_load(case.files["pairs"]).items():
        answer += f"== {name} ==\n"
        found = compare_payloads(before, after)
        for change in found:
            was = "" if change.was in (None, change.pointer) else f" (was {change.was})"
            answer += f"{change.kind} {change.pointer or '/'}{was}: "
            if change.kind == "changed" and isinstance(change.before, str) and isinstance(change.after, str):
                pieces = compare_words(change.before, change.after)
                assert "".join(piece.text for piece in pieces if piece.kind != "added") == change.before
                assert "".join(piece.text for piece in pieces if piece.kind != "removed") == change.after
                answer += "".join(_MARKS[piece.kind].format(piece.text) for piece in pieces).replace("\n", "⏎") + "\n"
            elif change.kind == "changed":
                answer += f"{_json(change.before)} → {_json(change.after)}\n"
            else:
                answer += f"{_json(change.before if change.kind == 'removed' else change.after)}\n"
        answer += "" if found else "nothing\n"
    return answer


def diff(case: Case, folder: Path) -> str:
    """Two projects in the folders `old` and `new`; `formats` lists the reports to show, by default text."""
    for side in ("old", "new"):
        (folder / side / "templates").mkdir(parents=True)
    write_files(case, folder)
    sides = []
    for side in ("old", "new"):
        start = folder / side
        (start / ".git").mkdir()  # the search for a configuration ends here
        sides.append(open_project(start, find_configuration(start, start)).library)
    changes = compare_catalogs(sides[0], sides[1], ("main", "the working tree"))
    answer = ""
    for words in case.inputs.get("formats", "text\n").splitlines():
        name, *options = words.split()
        answer += f"== {words} ==\n{render_changes(changes, name, color='color' in options)}"
    return answer.replace("\x1b", "␛")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
