"""How many findings there are, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgc.diagnostic import Diagnostic, Unshown, enumerate_words


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings that count, by severity; those that a comment suppresses; files that have any that count."""

    errors: int
    warnings: int
    infos: int
    suppressed: int
    files: int


def count(diagnostics: Iterable[Diagnostic]) -> Counts:
    """The counts of a run's findings."""
    everything = list(diagnostics)
    counted = [diagnostic for diagnostic in everything if diagnostic.suppressed is None]
    by_severity = {
        severity: sum(_weight(diagnostic) for diagnostic in counted if diagnostic.severity == severity)
        for severity in ("error", "warning", "info")
    }
    return Counts(
        errors=by_severity["error"],
        warnings=by_severity["warning"],
        infos=by_severity["info"],
        suppressed=len(everything) - len(counted),
        files=len({diagnostic.where for diagnostic in counted if diagnostic.where is not None}),
    )


def _weight(diagnostic: Diagnostic) -> int:
    return diagnostic.count if isinstance(diagnostic, Unshown) else 1


def summarize(diagnostics: Iterable[Diagnostic], files: int | None = None) -> str:
    """`3 errors and 1 warning in 2 of 14 files`; `files` is how many files were looked at, if known."""
    counts = count(diagnostics)
    numbers = ((counts.errors, "error"), (counts.warnings, "warning"), (counts.infos, "note"))
    words = [_plural(number, noun) for number, noun in numbers if number]
    sentence = enumerate_words(words, "and") or "no problems"
    if words and files is not None and files > 1 and 0 < counts.files <= files:
        sentence += f" in {counts.files} of {_plural(files, 'file')}"
    elif words and counts.files > 1:
        sentence += f" in {_plural(counts.files, 'file')}"
    elif not words and files is not None:
        sentence += f" in {_plural(files, 'file')}"
    if counts.suppressed:
        sentence += f" ({counts.suppressed} suppressed)"
    return sentence


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
