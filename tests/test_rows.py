"""Data files on any text at all, and what case files cannot hold. Findings are pinned in `cases/rows`."""

import csv
import io
import json
import time
import tracemalloc
from collections.abc import Iterator
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgc.diagnostic import Rejected
from msgc.load import load_yaml
from msgc.parameters import Parameters, declare
from msgc.report import REPORTERS
from msgc.rows import Row, format_of, open_rows
from msgc.rows.cells import Malformed, OpenQuote, quick_cells, split_cells
from msgc.rows.lines import MAX_ROW
from msgc.rows.repair import is_spreadsheet_error


def parameters(
    text: str = "params: {a: {type: string, default: ''}, b: {type: string, default: ''}}",
) -> Parameters:
    return declare(load_yaml(text.encode(), "params.yaml")[0])[0]


def read(data: bytes, name: str = "data.csv", to_column: str | None = None) -> list[Row]:
    return list(open_rows(io.BytesIO(data), name, format_of(name) or "csv", parameters(), to_column))


SIGNS = st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(',;"\t\r\n \ufeff'))
CELL = st.text(SIGNS, max_size=8).filter(lambda cell: not is_spreadsheet_error(cell))


@given(st.lists(st.tuples(CELL, CELL), max_size=6), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]))
def test_what_python_writes_is_read_and_kept_byte_for_byte(rows, delimiter, line_break):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_break, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    data = text.getvalue().encode()
    opened = open_rows(io.BytesIO(data), "data.csv", "csv", parameters())
    found = list(opened)
    expected = [(a, b) for a, b in rows if a or b]
    assert [(row.values.get("a", ""), row.values.get("b", "")) for row in found] == expected
    assert [row.number for row in found] == [i + 2 for i, row in enumerate(rows) if any(row)]
    if len(expected) == len(rows):
        assert opened.header + b"".join(row.raw for row in found) == data


@given(st.text(st.sampled_from('a,;"\t\r\n\0 '), max_size=16), st.sampled_from(",;\t"))
def test_the_fast_way_to_split_a_row_agrees_with_the_strict_one(text: str, delimiter: str):
    quick = quick_cells(text, delimiter)
    try:
        cells, places = split_cells(text, delimiter)
    except (Malformed, OpenQuote):
        cells, places = None, []
    if quick is not None:
        assert quick == cells
    for cell, (start, end) in zip(cells or (), places, strict=True):
        written = text[start:end]
        assert cell == (written[1:-1].replace('""', '"') if written.startswith('"') else written)


@given(st.binary(max_size=60) | st.text(st.sampled_from('a,";\t\r\n1'), max_size=30).map(str.encode))
def test_any_bytes_give_rows_or_findings_that_can_be_shown(data: bytes):
    for name, head in (("data.csv", b"a,b\n"), ("data.jsonl", b""), ("data.json", b""), ("data.yaml", b"")):
        try:
            rows = read(head + data, name)
            problems = [problem for row in rows for problem in row.problems]
            assert all(problem.row == row.number for row in rows for problem in row.problems)
            assert all(row.locate(("a",), True).line >= row.line for row in rows)
        except Rejected as rejected:
            problems = list(rejected.diagnostics)
        REPORTERS["text"](problems)
        REPORTERS["json"](problems)


def test_line_breaks_of_windows_and_none_at_the_end():
    rows = read(b'a,b\r\nx,y\r\n"p\r\nq",z')
    assert [(row.values, row.line) for row in rows] == [
        ({"a": "x", "b": "y"}, 2),
        ({"a": "p\r\nq", "b": "z"}, 3),
    ]


@pytest.mark.parametrize("row", [b"x\ry,z\n", b'"x"\r,z\n', b"x,y\r\r\n", b'"x","y"\r\r\n'])
def test_a_lone_carriage_return_ends_no_row(row: bytes):
    (found,) = read(b"a,b\n" + row)
    (problem,) = found.problems
    assert (problem.rule, problem.message) == ("data-row", "A lone carriage return stands in the row")


@pytest.mark.parametrize(
    ("data", "rule", "place"),
    [
        (b"a,b\nx,y\nx,\xfc\n", "encoding", (3, 3)),
        (b"\xef\xbb\xbf\xfc", "encoding", (1, 1)),
        ("a,b\n".encode("utf-16"), "encoding", None),
        (b"a,b\n" + b"x" * MAX_ROW + b"\n", "data-format", (2, 1)),
        (b'a,b\nx,"' + b"y\n" * MAX_ROW, "data-format", (2, 3)),
    ],
    ids=["latin-1", "latin-1-header", "utf-16", "long-line", "long-row"],
)
def test_what_cannot_be_read_is_refused_at_its_place(data: bytes, rule: str, place: tuple[int, int] | None):
    with pytest.raises(Rejected) as rejected:
        read(data)
    (problem,) = rejected.value.diagnostics
    assert (problem.rule, problem.where) == (rule, "data.csv")
    assert (problem.span and (problem.span.line, problem.span.column)) == place


def test_a_place_in_a_row_is_that_of_the_cell():
    data = b'a,b\nx,y\n"p\nq", z\n'
    row = read(data)[1]
    span = row.locate(("b",), False)
    assert (span.text, span.line, span.column, span.end_column) == (" z", 4, 4, 6)
    assert row.locate(("a",), False).text == '"p\nq"'
    assert row.locate(("other",), False).text == '"p\nq", z'


def test_an_excerpt_of_a_late_row_shows_that_row():
    (*_, last) = read(b"a,b\n" + b"x,y\n" * 5_000 + b"x,y,z\n")
    assert "5002 | x,y,z\n" in REPORTERS["text"](last.problems)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A.CSV", "csv"),
        ("a.tsv", "csv"),
        ("x/a.jsonl", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.yml", "yaml"),
        ("-", None),
    ],
)
def test_the_format_follows_from_the_name(name: str, expected: str | None):
    assert format_of(name) == expected


class Endless(io.RawIOBase):
    """Rows that are made while they are read."""

    def __init__(self, header: bytes, row: bytes, count: int) -> None:
        self._lines: Iterator[bytes] = (header if i == 0 else row for i in range(count + 1))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        line = next(self._lines, b"")
        buffer[: len(line)] = line
        return len(line)


@pytest.mark.parametrize(
    ("name", "header", "row"), [("a.csv", b"a,b\n", b'x,"y"\n'), ("a.jsonl", b"{}\n", b'{"a": "x"}\n')]
)
def test_memory_does_not_grow_with_the_rows(name: str, header: bytes, row: bytes):
    def peak(count: int) -> int:
        stream: BinaryIO = io.BufferedReader(Endless(header, row, count))
        tracemalloc.start()
        for _ in open_rows(stream, name, format_of(name) or "csv", parameters()):
            pass
        measured = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return measured

    peak(10)
    assert peak(5_000) < peak(500) * 1.5


def test_a_row_of_many_lines_takes_no_quadratic_time():
    data = b'a,b\n"' + b'""\n' * (MAX_ROW // 3 - 10) + b'",x\n'
    begun = time.monotonic()
    (row,) = read(data)
    assert row.values["b"] == "x"
    assert time.monotonic() - begun < 5


def test_yaml_aliases_and_json_lists_are_rows_too():
    rows = read(b"- &x {a: one, recipient: +16044441111}\n- *x\n", "data.yaml")
    assert [row.values for row in rows] == [{"a": "one"}] * 2
    assert [row.recipient for row in rows] == ["+16044441111"] * 2
    data = [{"a": str(i)} for i in range(200)]
    assert [row.values for row in read(json.dumps(data).encode(), "data.json")] == data
