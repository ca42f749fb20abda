"""Case files: small text archives of named files, ending with what is expected of them.

    A line of prose that says what the case is about (optional).
    -- menu.yaml --
    the file's text
    -- expect --
    the stage's whole answer

A case's path below `tests/cases/` is its test id; the first folder is the stage.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from msgc.diagnostic import Diagnostic

CASES = Path(__file__).parent / "cases"
_MARKER = re.compile(r"^-- (.+) --\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    path: Path
    files: dict[str, str]

    @property
    def expected(self) -> str:
        return self.files["expect"]

    @property
    def inputs(self) -> dict[str, str]:
        return {name: text for name, text in self.files.items() if name != "expect"}

    def rewrite(self, answer: str) -> None:
        text = self.path.read_text(encoding="utf-8")
        head = text[: text.index("-- expect --\n")]
        self.path.write_text(f"{head}-- expect --\n{answer}", encoding="utf-8", newline="")


def read_case(path: Path) -> Case:
    pieces = _MARKER.split(path.read_bytes().decode("utf-8"))
    files = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    assert list(files)[-1] == "expect", f"{path}: the last section is `-- expect --`"
    return Case(path, files)


def find_cases(stage: str) -> list[Path]:
    return sorted((CASES / stage).rglob("*.txt"))


def case_id(path: Path) -> str:
    return path.relative_to(CASES).with_suffix("").as_posix()


def describe(diagnostics: list[Diagnostic] | tuple[Diagnostic, ...]) -> str:
    """Every field of every finding that is set, in a form that is easy to review."""
    return "\n".join(line for diagnostic in diagnostics for line in _describe(diagnostic)) + "\n"


def _describe(diagnostic: Diagnostic) -> list[str]:
    span = diagnostic.span
    place = f" {diagnostic.where}"
    if span is not None:
        place += f":{span.line}:{span.column}-{span.end_line}:{span.end_column}"
    lines = [f"{diagnostic.severity}[{diagnostic.rule}]{place}", f"  {diagnostic.message}"]
    for name in (
        "row",
        "definition",
        "example",
        "pointer",
        "found",
        "allowed",
        "source",
        "help",
        "suppressed",
    ):
        value = getattr(diagnostic, name)
        if value is not None:
            lines.append(f"  {name}: {value}")
    lines += [f"  related: {r.span.file}:{r.span.line}:{r.span.column} {r.message}" for r in diagnostic.related]
    return lines
