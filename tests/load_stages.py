"""What the loaders answer to case files: the findings, or the data with the place of every value."""

import json
from collections.abc import Callable
from pathlib import Path

from casefile import Case, describe
from msgc.diagnostic import Diagnostic, Rejected
from msgc.document import Document
from msgc.load import load_yaml
from msgc.load_json import load_json


def load(case: Case, folder: Path) -> str:
    """Each file of the case on its own; comments and places are listed where a file loads."""
    return _each(case, load_yaml)


def load_json_stage(case: Case, folder: Path) -> str:
    return _each(case, lambda data, name: (load_json(data, name), []))


def _each(case: Case, loader: Callable[[bytes, str], tuple[Document, list[Diagnostic]]]) -> str:
    answer = []
    for name, text in case.inputs.items():
        try:
            document, warnings = loader(text.encode(), name)
        except Rejected as rejected:
            answer.append(describe(rejected.diagnostics))
            continue
        if warnings:
            answer.append(describe(warnings))
        answer.append(f"{name}: {json.dumps(document.data, ensure_ascii=False)}\n")
        if case.path.stem == "places":
            answer.extend(_places(document))
    return "".join(answer)


def _places(document: Document) -> list[str]:
    lines = []
    for path, node in document.nodes.items():
        span, key = document.span(path), document.key_span(path)
        place = f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"
        keyed = f" key {key.line}:{key.column} {key.text!r}" if node.key_start < node.key_end else ""
        lines.append(f"  {'/'.join(map(str, path)) or '.'} {node.style} {place} {span.text!r}{keyed}\n")
    return lines
