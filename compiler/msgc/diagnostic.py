"""What msgc finds: one complete, frozen value, made once and printed by somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from msgc.source import Span

_WORD = re.compile(r"[a-z]+(?=[ ,:;]|$)")
Severity = Literal["error", "warning", "info"]

# Of a fallback there is one place, and many things can be wrong with it.
_EACH_ITS_CAUSE = frozenset(("fallback", "fallback-doubt"))


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to a diagnostic, with what is to be seen there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding, written for the author of the message.

    `message` says what is wrong in one sentence without a final full stop; `found` and `allowed` are the two
    sides of a limit; `source` is the address or name of whoever set it; `help` says what to do. `span` is None
    where no text could be read; `file` then names the file. `row` is the number of a data row as a spreadsheet
    shows it, `pointer` an RFC 6901 pointer into the payload, `suppressed` the reason given by an ignore comment.
    """

    rule: str
    severity: Severity
    message: str
    span: Span | None = None
    file: str | None = None
    row: int | None = None
    definition: str | None = None
    example: str | None = None
    pointer: str | None = None
    found: str | None = None
    allowed: str | None = None
    source: str | None = None
    help: str | None = None
    related: tuple[Related, ...] = ()
    suppressed: str | None = None

    @property
    def where(self) -> str | None:
        """The file in which the finding lies, as reports show it."""
        return self.span.file if self.span is not None else self.file

    @property
    def sort_key(self) -> tuple[str, int, int, int, str]:
        """File, row, line, column, rule: the order of every report."""
        line, column = self.span.source.position(self.span.start) if self.span is not None else (0, 0)
        return (self.where or "", self.row or 0, line, column, self.rule)


@dataclass(frozen=True, slots=True)
class Unshown(Diagnostic):
    """A finding that stands for `count` others of its severity, which are not shown but belong to the totals."""

    count: int = 1


class Rejected(Exception):  # noqa: N818 - not an error of the program: the input was refused, and here is why
    """A stage could not produce its value; `diagnostics` say why and are never empty."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics: tuple[Diagnostic, ...] = diagnostics


class MissingCParser(RuntimeError):  # noqa: N818 - named for what is missing
    """PyYAML is installed without its C parser; the text says how to get it."""

    def __init__(self) -> None:
        super().__init__(
            "PyYAML is installed without its C parser (libyaml). Install one of its wheels, "
            "`pip install --force-reinstall --only-binary :all: pyyaml`, or libyaml and PyYAML again"
        )


def distinct(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One finding for one cause: the same rule at the same place is told once, with a pointer if any has one."""
    kept: dict[tuple[object, ...], Diagnostic] = {}
    for problem in problems:
        cause = problem.message if problem.rule in _EACH_ITS_CAUSE else None
        key = (problem.rule, problem.where, problem.span, problem.row, cause)
        other = kept.get(key)
        if other is None:
            kept[key] = problem
        else:  # what is wrong without any example is wrong in all of them
            example = other.example if problem.example is not None else None
            kept[key] = replace(
                other,
                pointer=other.pointer or problem.pointer,
                related=other.related or problem.related,
                example=example,
            )
    return list(kept.values())


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be, or None.

    Spellings that differ only in case, `_` and `-` win over mere likeness (`list_message` is `listMessage`).
    """
    candidates: Sequence[str] = sorted(set(known))
    folded = {re.sub(r"[-_ ]", "", name).casefold(): name for name in reversed(candidates)}
    plain = re.sub(r"[-_ ]", "", word).casefold()
    if plain in folded and folded[plain] != word:
        return folded[plain]
    import difflib  # many runs suggest nothing, and each start counts

    close = difflib.get_close_matches(plain, list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close and folded[close[0]] != word else None


def sentence(text: str) -> str:
    """A text that begins with a capital, unless it begins with code or a file, and has no final full stop."""
    plain = text[:1].upper() + text[1:] if _WORD.match(text) else text
    return plain.removesuffix(".") if not plain.endswith("..") else plain


def enumerate_words(words: Sequence[str], last: str = "or") -> str:
    """`a, b or c`: a list of words as a sentence has it."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
