"""The stage that reads parameters and judges values by them."""

import json
from pathlib import Path
from typing import Any

from casefile import Case, describe
from msgc.diagnostic import Rejected
from msgc.load import load_yaml
from msgc.parameters import Parameters, declare


def parameters(case: Case, folder: Path) -> str:
    """A definition's `params`, then the values of each of its `examples`, completed and judged.

    `texts` has lines `order.id=007`: what a text at a place is read as.
    """
    try:
        document, warnings = load_yaml(case.files["menu.yaml"].encode(), "menu.yaml")
    except Rejected as rejected:
        return describe(rejected.diagnostics)
    declared, problems = declare(document)
    answer = describe([*warnings, *problems]).lstrip("\n")
    for name in document.data.get("examples", {}):
        path = ("examples", name)
        values, problems = declared.coerce(document, path)
        if not problems:
            values = declared.complete(values)
            problems = declared.explain(
                declared.judge(values),
                lambda place, at_key, path=path: (document.key_span if at_key else document.span)((*path, *place)),
                example=name,
            )
        shown = describe(problems) if problems else json.dumps(values, ensure_ascii=False) + "\n"
        answer += f"== {name} ==\n{shown}"
    for line in case.files.get("texts", "").splitlines():
        place, text = line.split("=", 1)
        answer += f"{line} -> {_read(declared, tuple(place.split('.')), text)}\n"
    return answer or "(nothing)\n"


def _read(declared: Parameters, place: tuple[Any, ...], text: str) -> str:
    try:
        return json.dumps(declared.from_text(place, text), ensure_ascii=False)
    except ValueError as error:
        return f"refused: {error}"
