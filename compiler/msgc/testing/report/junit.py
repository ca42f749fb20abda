"""The report of tests as JUnit's XML, which CI shows as tests: a suite for each file, a test for each case or snapshot.

There are no times in it, so that the same results give the same report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgc.report.escape import escape
from msgc.report.text import block
from msgc.testing.report.text import failure_text
from msgc.testing.result import Result, SuiteResult

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;"}
_FAILING = ("failed", "differs", "missing")


def render(suites: Sequence[SuiteResult]) -> str:
    """The XML document, ending with a newline."""
    tests = sum(map(_tests, suites))
    failures = sum(map(_failures, suites))
    errors = sum(bool(suite.problems) for suite in suites)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="msgc test" tests="{tests}" failures="{failures}" errors="{errors}">',
        *(line for suite in suites for line in _suite(suite)),
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _tests(suite: SuiteResult) -> int:
    return 1 if suite.problems else len(suite.results)


def _failures(suite: SuiteResult) -> int:
    return sum(result.status in _FAILING for result in suite.results)


def _suite(suite: SuiteResult) -> Iterator[str]:
    counts = f'tests="{_tests(suite)}" failures="{_failures(suite)}" errors="{int(bool(suite.problems))}" skipped="0"'
    yield f'  <testsuite name="{_attribute(suite.file)}" {counts}>'
    name = _attribute(suite.definition)
    if suite.problems:
        yield f'    <testcase classname="{name}" name="{_attribute(suite.file)}">'
        yield from _element("error", suite.problems[0].rule, suite.problems[0].message, map(block, suite.problems))
        yield "    </testcase>"
    for result in suite.results:
        yield from _case(suite, result, name)
    yield "  </testsuite>"


def _case(suite: SuiteResult, result: Result, owner: str) -> Iterator[str]:
    words = result.name or suite.file
    head = f'    <testcase classname="{owner}" name="{_attribute(words)}"'
    if not result.failures:
        yield f"{head}/>"
        return
    yield f"{head}>"
    texts = [failure_text(failure, suite.file) for failure in result.failures]
    if result.status in _FAILING:
        first = result.failures[0].finding
        yield from _element("failure", first.rule, first.message, texts)
    else:
        yield f"      <system-out>{_text(texts)}</system-out>"
    yield "    </testcase>"


def _element(name: str, rule: str, message: str, texts: Iterator[str] | Sequence[str]) -> Iterator[str]:
    yield f'      <{name} type="{_attribute(rule)}" message="{_attribute(message)}">{_text(list(texts))}</{name}>'


def _attribute(text: str) -> str:
    return _xml(escape(text))


def _text(blocks: Sequence[str]) -> str:
    """Blocks of lines as the text of an element."""
    return "\n" + _xml("\n\n".join(blocks)).replace("&#10;", "\n") + "\n"


def _xml(text: str) -> str:
    """A text, all control characters of which are spelt out, as XML has it."""
    entities = {**_ENTITIES, "\ufffe": "\\u{fffe}", "\uffff": "\\u{ffff}"}  # no characters of XML 1.0
    return "".join(entities.get(character, character) for character in text)
