"""Stages that compare two versions: of one payload, and of whole catalogs."""

import json
from pathlib import Path

import yaml

from casefile import Case
from msgc.changes import compare_payloads, compare_words

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


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
