"""The report of tests for people: a line for each file, what is wrong in full, and a line that counts.

    passed   templates/visit.test.yaml  3 cases
    differs  templates/__snapshots__/visit.snap  1 of 2 snapshots differs

    error[snapshot-differs]: The example `typical` gives another payload than its snapshot
      --> templates/__snapshots__/visit.snap:5
       |
       | message.text
       | - Hi Ana, see you on Monday.
       | + Hi Ana, we see you on Monday.

Whatever comes from a file is escaped, and stands behind a word of ours or a bar: no line begins with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from msgc.changes import Change, Piece, compare_words
from msgc.diagnostic import Diagnostic, enumerate_words
from msgc.document import dotted
from msgc.report.escape import escape, escape_json
from msgc.report.text import block
from msgc.testing.result import BAD, Counts, Failure, Result, Status, SuiteResult, count

_CONTEXT = 2
"""How many lines of a text around those that differ are shown."""
_WIDTH = 8
_COLORS = {"passed": "32", "written": "36", "removed": "36", "obsolete": "33"}
_RED, _GREEN = "31", "32"


def render(suites: Sequence[SuiteResult], *, color: bool = False, quiet: bool = False) -> str:
    """The report, ending with a newline. Under `quiet` it has only what is wrong, and nothing where nothing is."""
    shown = [suite for suite in suites if not quiet or suite.status in BAD]
    blocks = ["\n".join(_line(suite, color) for suite in shown)]
    told: set[Diagnostic] = set()
    for suite in suites:
        blocks += [block(note, color) for note in suite.notes if not quiet]
        blocks += _problems(suite, told, color)
        for result in suite.results:
            heading = _heading(suite, result, color)
            for failure in result.failures:
                if result.status == "missing":
                    continue  # the line of the file and the conclusion say it
                blocks.append(heading + _failure(failure, suite.file, color, told))
                heading = ""
    counts = count(suites)
    if quiet and not shown:
        return ""
    return "\n\n".join([each for each in blocks if each] + ["\n".join(_conclusion(counts, color))]) + "\n"


def failure_text(failure: Failure, file: str) -> str:
    """One failure of a file in lines, without colours."""
    return _failure(failure, file, False, set())


def summary(suite: SuiteResult) -> str:
    """What there is to say of a file in a few words: `3 cases`, `1 of 3 cases failed`."""
    if suite.problems:
        errors = len(suite.problems)
        return f"not run, because of {errors} error{'' if errors == 1 else 's'}"
    if suite.kind == "snapshots" and [result.name for result in suite.results] == [""]:
        return "of no definition"
    noun = "case" if suite.kind == "cases" else "snapshot"
    whole = _plural(len(suite.results), noun)
    statuses = [result.status for result in suite.results]
    parts: list[str] = []
    for status, one, many in _WORDS:
        number = statuses.count(status)
        if number:
            of_all = f"{number:,} of {whole}" if number < len(statuses) else whole
            parts.append(f"{of_all if not parts else f'{number:,}'} {one if number == 1 else many}")
    return enumerate_words(parts, "and") or whole


_WORDS: tuple[tuple[Status, str, str], ...] = (
    ("failed", "failed", "failed"),
    ("differs", "differs", "differ"),
    ("missing", "is missing", "are missing"),
    ("obsolete", "is obsolete", "are obsolete"),
    ("written", "written", "written"),
    ("removed", "removed", "removed"),
)


def _line(suite: SuiteResult, color: bool) -> str:
    status = suite.status
    word = _paint(f"{status:<{_WIDTH}}", f"1;{_COLORS.get(status, _RED)}", color)
    about = f": {escape(suite.description)}" if suite.description else ""
    return f"{word} {escape(suite.file)}{about}  {_paint(summary(suite), '2', color)}"


def _heading(suite: SuiteResult, result: Result, color: bool) -> str:
    """The line above the failures of a result, as far as they do not say themselves what they are of."""
    if suite.kind == "snapshots" and result.status != "failed":
        return ""
    noun = "case" if suite.kind == "cases" else "example"
    return _paint(f"in the {noun} `{escape(result.name)}` of {escape(suite.definition)}", "1", color) + "\n"


def _problems(suite: SuiteResult, told: set[Diagnostic], color: bool) -> Iterator[str]:
    for problem in suite.problems:
        if problem not in told:
            told.add(problem)
            yield block(problem, color)


def _failure(failure: Failure, file: str, color: bool, told: set[Diagnostic]) -> str:
    problem = failure.finding
    if not failure.changes and problem in told:
        return f"  {_paint(f'{problem.severity}[{escape(problem.rule)}]', f'1;{_RED}', color)} as above"
    told.add(problem)
    if problem.rule == "snapshot-differs" and problem.span is not None:
        # The change shows the line that an excerpt would.
        shown = replace(problem, span=None, file=f"{problem.span.file}:{problem.span.line}", help=None)
    elif problem.where == file:
        shown = problem
    else:
        return block(problem, color)
    # The heading, or the file's own name, says which definition it is.
    lines = [block(replace(shown, definition=None, example=None), color)]
    margin = " " * len(str(problem.span.end_line)) if problem.span is not None and shown.span is not None else " "
    bar = _paint(f"{margin} |", "34", color)
    for change in failure.changes:
        lines.append(bar)
        lines += [f"{bar} {line}".rstrip() for line in change_lines(change, color)]
    return "\n".join(lines)


# ---------------------------------------------------------------------------------------------------------- changes


def change_lines(change: Change, color: bool = False) -> Iterator[str]:
    """One change of a payload in lines: the place, and what was (`-`) and what is (`+`); texts line by line."""
    where = escape(_place(change.pointer))
    was = "" if change.was in (None, change.pointer) else f", was {escape(_place(change.was or ''))}"
    yield _paint(where, "1", color) + (f" ({change.kind}{was})" if change.kind != "changed" or was else "")
    if change.kind == "moved":
        return
    if isinstance(change.before, str) and isinstance(change.after, str) and change.kind == "changed":
        yield from _text_lines(change.before, change.after, color)
        return
    if change.kind != "added":
        yield from (_paint(f"- {line}", _RED, color) for line in _value_lines(change.before))
    if change.kind != "removed":
        yield from (_paint(f"+ {line}", _GREEN, color) for line in _value_lines(change.after))


def _place(pointer: str) -> str:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return dotted(tuple(int(step) if step.isascii() and step.isdigit() else step for step in steps)) or "(the payload)"


def _value_lines(value: Any) -> list[str]:
    """A value in lines: a text as it is where it needs no quotes to be told from other values, else JSON."""
    if isinstance(value, str) and value.strip() and not _is_json(value):
        return [escape(line) for line in value.split("\n")]
    return escape_json(json.dumps(value, ensure_ascii=False, indent=2 if value else None)).split("\n")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _text_lines(before: str, after: str, color: bool) -> Iterator[str]:
    """Two texts with the words that differ; unchanged lines far from any change are left out."""
    if _value_lines(before)[0].startswith('"') or _value_lines(after)[0].startswith('"'):
        yield from (_paint(f"- {line}", _RED, color) for line in _quoted_lines(before))
        yield from (_paint(f"+ {line}", _GREEN, color) for line in _quoted_lines(after))
        return
    rows = _rows(compare_words(before, after))
    near = {
        index
        for place, (left, right) in enumerate(rows)
        if not _is_same(left, right)
        for index in range(place - _CONTEXT, place + _CONTEXT + 1)
    }
    skipped = False
    for index, (left, right) in enumerate(rows):
        if index not in near:
            if not skipped:
                yield "  …"
            skipped = True
            continue
        skipped = False
        if _is_same(left, right):
            yield f"  {_written(left or (), _RED, False)}"
            continue
        if left is not None:
            yield _paint("- ", _RED, color) + _written(left, _RED, color)
        if right is not None:
            yield _paint("+ ", _GREEN, color) + _written(right, _GREEN, color)


_Line = tuple[Piece, ...]


def _is_same(left: _Line | None, right: _Line | None) -> bool:
    return left is not None and left == right


def _rows(pieces: Sequence[Piece]) -> list[tuple[_Line | None, _Line | None]]:
    """The lines of both texts, side by side where they share something; None where one has no line there."""
    rows: list[tuple[_Line | None, _Line | None]] = []
    left: list[list[Piece]] = [[]]
    right: list[list[Piece]] = [[]]

    def close() -> None:
        for index in range(max(len(left), len(right))):
            one = tuple(left[index]) if index < len(left) else None
            other = tuple(right[index]) if index < len(right) else None
            rows.append((one, other))
        left[:], right[:] = [[]], [[]]

    for piece in pieces:
        for number, text in enumerate(piece.text.split("\n")):
            if number:
                if piece.kind == "same":
                    close()
                else:
                    (left if piece.kind == "removed" else right).append([])
            if text and piece.kind != "added":
                left[-1].append(Piece(piece.kind, text))
            if text and piece.kind != "removed":
                right[-1].append(Piece(piece.kind, text))
    close()
    return rows


def _written(line: _Line, hue: str, color: bool) -> str:
    """One line of a text, the words that differ set off from those around them."""
    return "".join(_paint(escape(piece.text), hue if piece.kind == "same" else f"7;{hue}", color) for piece in line)


def _quoted_lines(text: str) -> list[str]:
    return escape_json(json.dumps(text, ensure_ascii=False)).split("\n")


# ------------------------------------------------------------------------------------------------------- conclusion


def _conclusion(counts: Counts, color: bool) -> Iterator[str]:
    whole = enumerate_words(
        [_plural(number, noun) for number, noun in ((counts.cases, "case"), (counts.snapshots, "snapshot")) if number],
        "and",
    )
    parts = [
        text
        for number, text in (
            (counts.broken, f"{_plural(counts.broken, 'file')} not run"),
            (counts.failed, f"{counts.failed:,} failed"),
            (counts.unmade, f"{counts.unmade:,} without a payload"),
            (counts.differ, f"{counts.differ:,} {'differs' if counts.differ == 1 else 'differ'}"),
            (counts.missing, f"{counts.missing:,} missing"),
            (counts.obsolete, f"{counts.obsolete:,} obsolete"),
        )
        if number
    ]
    done = [
        text
        for number, text in (
            (counts.written, f"{counts.written:,} written"),
            (counts.removed, f"{counts.removed:,} removed"),
        )
        if number
    ]
    hue = _GREEN if not parts else "33" if counts.obsolete and len(parts) == 1 else _RED
    told = ", ".join([*parts, *done] or ["passed"])
    yield _paint(f"{whole}: {told}" if whole else told if parts or done else "nothing to test", f"1;{hue}", color)
    if counts.missing:
        yield "`msgc test --update` writes the snapshots that are missing"
    elif counts.differ:
        yield "`msgc test --update` takes what differs for right; look at it first"


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _paint(text: str, codes: str, color: bool) -> str:
    return f"\x1b[{codes}m{text}\x1b[0m" if color else text
