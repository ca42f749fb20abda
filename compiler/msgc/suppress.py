"""Comments that suppress findings: `# msgc: ignore[rule, other-rule] reason`.

A comment behind something speaks of its own line, a comment alone on its line of the next one. That line
stands for what begins on it: a text of many lines, and the list or mapping that is the value of its key. Only
warnings and notes can be set aside: what the API refuses stays refused, and `check` says the same as `build`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgc.diagnostic import Diagnostic, nearest
from msgc.document import Document
from msgc.rules import finding
from msgc.source import Source, Span

if TYPE_CHECKING:
    from msgc.comments import Comment

_HELP = "write `# msgc: ignore[rule] reason`"
_MARK = re.compile(r"#+[ \t]*msgc[ \t]*:[ \t]*")
_IGNORE = re.compile(r"ignore[ \t]*\[([^\]]*)\][ \t]*(.*)")
_NAME = re.compile(r"[^\s,]+")
_OF_A_RUN = frozenset(("uncovered",))
"""Rules that are judged when all files of a run have been looked at, where that is asked for."""


@dataclass(frozen=True)
class _Suppression:
    """One rule named by one comment: where the name stands, and which offsets of the file it speaks of."""

    rule: str
    reason: str
    name: Span
    target: range
    values: frozenset[int]

    def covers(self, diagnostic: Diagnostic) -> bool:
        span = diagnostic.span
        if span is None or diagnostic.rule != self.rule or span.file != self.name.file:
            return False
        return span.start in self.target or span.start in self.values


def apply(
    diagnostics: Iterable[Diagnostic],
    documents: Iterable[Document],
    rules: Collection[str],
    *,
    report_unused: bool = True,
    of_a_run: bool = False,
) -> list[Diagnostic]:
    """The findings, marked as `suppressed` where a comment in `documents` says so, and findings on comments.

    `rules` are the names of all rules there are. `report_unused=False` is for runs that do not look for every
    finding of the documents. Rules that are switched off must still be among the findings, or their comments
    count as unused. `of_a_run` is for the findings of the whole run at its end: of comments, only those about such
    rules are then reported.
    """
    problems: list[Diagnostic] = []
    suppressions: list[_Suppression] = []
    for document in documents:
        for item in _suppressions(document, rules):
            if isinstance(item, _Suppression):
                suppressions.append(item)
            elif not of_a_run:
                problems.append(item)
    if not suppressions:
        return [*diagnostics, *problems]
    used: set[_Suppression] = set()
    heeded: set[_Suppression] = set()
    answer: list[Diagnostic] = []
    for diagnostic in diagnostics:
        covering = [suppression for suppression in suppressions if suppression.covers(diagnostic)]
        used.update(covering)
        if covering and diagnostic.severity != "error":
            heeded.update(covering)
            answer.append(dataclasses.replace(diagnostic, suppressed=covering[0].reason))
        else:
            answer.append(diagnostic)
    if report_unused:
        sought = [suppression for suppression in suppressions if (suppression.rule in _OF_A_RUN) == of_a_run]
        problems += [_unused(suppression) for suppression in sought if suppression not in used]
        # One that sets a doubt aside is right, though the same rule can be an error for an example.
        problems += [_refused(suppression) for suppression in sought if suppression in used - heeded]
    return [*answer, *problems]


def _refused(suppression: _Suppression) -> Diagnostic:
    return finding(
        "suppression",
        f"`{suppression.rule}` is an error here, and a comment cannot set an error aside",
        suppression.name,
        help="mend what it reports; a limit that does not hold for you can be set in the configuration, under `limits`",
    )


def _unused(suppression: _Suppression) -> Diagnostic:
    return finding(
        "unused-suppression",
        f"there is no finding of `{suppression.rule}` here to suppress",
        suppression.name,
        help="remove the comment, or put it on or directly above the line of the finding",
    )


def _suppressions(document: Document, rules: Collection[str]) -> Iterator[_Suppression | Diagnostic]:
    if "msgc" not in document.source.text:
        return
    from msgc.comments import find_comments  # few files have comments for msgc

    for comment in find_comments(document):
        mark = _MARK.match(comment.text)
        if mark is not None:
            yield from _parse(document, comment, mark.end(), rules)


def _parse(
    document: Document, comment: Comment, offset: int, rules: Collection[str]
) -> Iterator[_Suppression | Diagnostic]:
    source = document.source
    whole = source.span(comment.start, comment.end)
    order = _IGNORE.fullmatch(comment.text, offset)
    if order is None:
        yield finding("suppression", "this comment to msgc is not understood", whole, help=_HELP)
        return
    names = list(_NAME.finditer(comment.text, order.start(1), order.end(1)))
    reason = order[2].strip()
    if not names or not reason:
        lack = "gives no reason" if names else "names no rule"
        yield finding("suppression", f"the comment {lack}, so it suppresses nothing", whole, help=_HELP)
        return
    target, values = _target(document, source.position(comment.start)[0])
    for name in names:
        span = source.span(comment.start + name.start(), comment.start + name.end())
        if name[0] in rules:
            yield _Suppression(name[0], reason, span, target, values)
        else:
            hint = nearest(name[0], rules)
            help_text = f"did you mean `{hint}`?" if hint else "`msgc rules` lists every rule"
            yield finding("suppression", f"there is no rule `{name[0]}`", span, help=help_text)


def _target(document: Document, line: int) -> tuple[range, frozenset[int]]:
    """The offsets that a comment on a line speaks of, and those of the values whose keys stand there."""
    source = document.source
    if _is_comment(source, line):
        while line <= source.line_count and _is_comment(source, line):
            line += 1
    if line > source.line_count:
        return range(0), frozenset()
    start = source.line_start(line)
    end = start + len(source.line(line)) + 1
    on_line = range(start, end)
    values = set()
    for node in document.nodes.values():
        if node.start in on_line and node.text is not None:
            end = max(end, node.end)
        if node.key_start in on_line and node.key_start < node.key_end:
            values.add(node.start)
    return range(start, end), frozenset(values)


def _is_comment(source: Source, line: int) -> bool:
    return source.line(line).lstrip().startswith("#")
