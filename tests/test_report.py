"""Reports on any text at all; their wording is pinned in `cases/report`."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from msgc.diagnostic import Diagnostic, Related
from msgc.graphemes import display_width
from msgc.report import REPORTERS, escape
from msgc.report.text import EXCERPT_WIDTH
from msgc.source import Source

NASTY = "\x1b\x07\r\n\t\x85\u200b\u200d\u202e\u2066\ufeff\U000e0041\ud800-->=|"
HOSTILE = st.text(st.one_of(st.characters(), st.sampled_from(NASTY)), max_size=40)
LINE = re.compile(r" *(-->| \||\d+ \||… \|| =)( |$)|(error|warning|note)\[|\d+ error|$")
EVERY_KEY = [
    "rule",
    "severity",
    "message",
    "file",
    "line",
    "column",
    "end_line",
    "end_column",
    "row",
    "definition",
    "example",
    "pointer",
    "found",
    "allowed",
    "source",
    "help",
    "related",
    "suppressed",
]


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    source = Source(draw(HOSTILE), draw(HOSTILE) * draw(st.integers(0, 8)))
    offsets = st.integers(0, len(source.text))
    start, end = sorted((draw(offsets), draw(offsets)))
    optional = st.none() | HOSTILE
    return Diagnostic(
        rule=draw(HOSTILE),
        severity="error",
        message=draw(HOSTILE),
        span=source.span(start, end),
        row=draw(st.none() | st.integers(1, 9)),
        definition=draw(optional),
        example=draw(optional),
        found=draw(optional),
        allowed=draw(optional),
        source=draw(optional),
        help=draw(optional),
        related=(Related(source.span(start), draw(HOSTILE)),),
    )


@given(diagnostics())
def test_no_line_begins_with_foreign_text_and_none_holds_hidden_characters(diagnostic: Diagnostic):
    report = REPORTERS["text"]([diagnostic])
    assert escape(report.replace("\n", "")) == report.replace("\n", "")
    for line in report.split("\n"):
        assert LINE.match(line), line


@given(diagnostics())
def test_excerpts_are_cut(diagnostic: Diagnostic):
    bare = Diagnostic("a", "error", "m", span=diagnostic.span)
    for line in REPORTERS["text"]([bare]).split("\n"):
        if match := re.match(r" *\d* \| ?(.*)", line):
            assert display_width(match[1]) <= EXCERPT_WIDTH + 1


@given(diagnostics())
def test_a_json_report_keeps_every_value_and_is_safe_to_print(diagnostic: Diagnostic):
    report = REPORTERS["json"]([diagnostic])
    assert escape(report.replace("\n", "")) == report.replace("\n", "")
    (found,) = json.loads(report)["findings"]
    assert list(found) == EVERY_KEY
    whole = json.loads(json.dumps(diagnostic.message))  # JSON joins the halves of a surrogate pair
    assert (found["message"], found["line"], found["column"]) == (
        whole,
        diagnostic.span.line,
        diagnostic.span.column,
    )


def test_a_line_of_a_megabyte_is_cut_at_once():
    source = Source("a.yaml", "世" * 1_000_000)
    report = REPORTERS["text"]([Diagnostic("a", "error", "m", span=source.span(500_000, 900_000))])
    assert len(report) < 1000


def test_carets_stand_under_what_they_mark():
    line = "\tключ: 'e\u0301 שלום 🙂 世界' # x"
    source = Source("a.yaml", line)
    for start in range(len(line)):
        report = REPORTERS["text"]([Diagnostic("a", "error", "m", span=source.span(start, start + 1))])
        shown, carets = (row[4:] for row in report.split("\n")[3:5])
        before = line[:start].replace("\t", "    ")
        assert carets.index("^") == display_width(before), (start, shown)
