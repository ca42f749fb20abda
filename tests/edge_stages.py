"""The stages at the edges of the compiler: configuration, data rows, reports."""

import io
import json
from pathlib import Path
from typing import Any

from casefile import Case, describe
from msgc.configuration import check_names, find_configuration, with_environment
from msgc.diagnostic import Diagnostic, Rejected, Related
from msgc.load import load_yaml
from msgc.parameters import declare
from msgc.report import REPORTERS
from msgc.rows import format_of, open_rows
from msgc.source import Source, Span
from msgc.suppress import apply


def report(case: Case, folder: Path) -> str:
    """`findings.json` lists findings: `at` is a file and a text in it, `related` lists file, text, message.

    `options.json` may choose a reporter (`format`) and its arguments.
    """
    sources = {name: Source(name, text) for name, text in case.inputs.items()}
    options = json.loads(case.files.get("options.json", "{}"))
    findings = [_finding(sources, entry) for entry in json.loads(case.files["findings.json"])]
    return REPORTERS[options.pop("format", "text")](findings, **options)


def _finding(sources: dict[str, Source], entry: dict[str, Any]) -> Diagnostic:
    at = entry.pop("at", None)
    span = _span(sources, *at) if at else None
    related = tuple(Related(_span(sources, *place), text) for *place, text in entry.pop("related", []))
    return Diagnostic(span=span, related=related, **entry)


def _span(sources: dict[str, Source], name: str, text: str) -> Span:
    start = sources[name].text.index(text)
    return sources[name].span(start, start + len(text))


def suppress(case: Case, folder: Path) -> str:
    """The findings of `findings.json`, as in the stage `report`, with what the comments make of them."""
    names = [name for name in case.inputs if name.endswith(".yaml")]
    documents = [load_yaml(case.files[name].encode(), name)[0] for name in names]
    sources = {document.source.name: document.source for document in documents}
    findings = [_finding(sources, entry) for entry in json.loads(case.files["findings.json"])]
    rules = ("row-count", "button-title-length", "text-length", "unknown-key")
    answer = apply(findings, documents, rules, **json.loads(case.files.get("options.json", "{}")))
    return describe(answer)


def configuration(case: Case, folder: Path) -> str:
    """The files stand in a repository; `options.json` may say where the search starts, and set variables."""
    (folder / ".git").mkdir()
    for name, text in case.inputs.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    options = json.loads(case.files.get("options.json", "{}"))
    try:
        found = find_configuration(folder / options.get("start", "."))
        found = with_environment(found, options.get("environ", {}))
    except Rejected as rejected:
        return describe(rejected.diagnostics)
    limits = ("button-title-length", "row-count")
    problems = check_names(found, ("unknown-key", "button-title-length"), limits)
    lines = [f"{key}: {_show(value, folder)}" for key, value in vars(found).items() if key != "places"]
    return "\n".join(lines) + "\n" + (describe(problems) if problems else "")


def _show(value: object, folder: Path) -> str:
    if isinstance(value, tuple) and value:
        return ", ".join(_show(item, folder) for item in value)
    return value.as_posix().replace(folder.as_posix(), "ROOT") if isinstance(value, Path) else repr(value)


def rows(case: Case, folder: Path) -> str:
    """`params.yaml` declares parameters; the rows of the file `data.*`, until something ends the reading."""
    document, _ = load_yaml(case.files["params.yaml"].encode(), "params.yaml")
    parameters, problems = declare(document)
    assert not problems
    (name,) = (name for name in case.inputs if name.startswith("data."))
    options = json.loads(case.files.get("options.json", "{}"))
    data = case.files[name].encode("utf-8")
    kind = format_of(name)
    assert kind is not None
    answer = []
    try:
        opened = open_rows(io.BytesIO(data), name, kind, parameters, **options)
        answer += [describe(opened.warnings)] if opened.warnings else []
        for row in opened:
            values = json.dumps(row.values, ensure_ascii=False)
            recipient = json.dumps(row.recipient, ensure_ascii=False)
            answer.append(f"row {row.number}, line {row.line}, to {recipient}: {values}\n")
            answer += [describe(row.problems)] if row.problems else []
    except Rejected as rejected:
        answer.append("rejected\n" + describe(rejected.diagnostics))
    return "".join(answer)
