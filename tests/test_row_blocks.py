"""Blocks of rows, read column by column where that is safe, are the rows that strict reading gives one by one."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from msgc.diagnostic import Diagnostic, Rejected
from msgc.load import load_yaml
from msgc.parameters import Parameters, declare
from msgc.rows import Format, Row, Rows, open_rows
from msgc.rows.lines import MAX_ROW
from msgc.source import Span

PARAMETERS = """\
params:
  a: {type: string, default: ''}
  n: {type: integer, default: 0}
  f: {type: [number, boolean], default: 0}
  l: {type: array, items: {type: integer}, default: []}
  o: {type: object, properties: {x: {type: string, default: ''}, y: {type: number, default: 0}}, default: {}}
"""
PLAIN = st.sampled_from(["", "x", "é", "1", "12", "1.5", "1.234", "true", "[1, 2]", "{}", "+16044441111", "a b"])
SPOILT = ["#N/A", "#n/a", "# x", "1.6E+10", "16044441111", "'+16044441111", " +16044441111", "1e5", "[1"]
SIGNS = [
    "\0",
    "\ufeff",
    "\u2028",
    "x\ry",
    "x,y;z",
    '"',
    '""',
    'a"b',
    '"a',
    "two\nlines",
    "two\r\nlines",
    "\n",
    "+1\n+2",
]
ODD = st.sampled_from([*SPOILT, *SIGNS])
HEADERS = st.sampled_from(
    ["a", "recipient,a", "a,n,f,l", "recipient.id,recipient.name,a", "recipient,o.x,o.y,n", "n,other"]
)
QUOTED = '"{}"'


def parameters() -> Parameters:
    return declare(load_yaml(PARAMETERS.encode(), "params.yaml")[0])[0]


KNOWN = parameters()


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """CSV as programs write it, and as it should not be."""
    delimiter = draw(st.sampled_from(",;\t"))
    header = draw(HEADERS).replace(",", delimiter)
    width = header.count(delimiter) + 1
    cells = draw(st.sampled_from([PLAIN, PLAIN | ODD, ODD]))
    quoting = draw(st.sampled_from(["none", "needed", "all", "any"]))

    def written(cell: str) -> str:
        is_needed = any(sign in cell for sign in (delimiter, '"', "\n", "\r"))
        if quoting == "all" or (quoting == "needed" and is_needed) or (quoting == "any" and draw(st.booleans())):
            return QUOTED.format(cell.replace('"', '""'))
        return cell

    breaks = st.sampled_from(["\n"]) if draw(st.booleans()) else st.sampled_from(["\n", "\r\n", "\n\n", "\r", "\n\r\n"])
    text = draw(st.sampled_from(["", "\ufeff", f"sep={delimiter}\n"])) + header + draw(st.sampled_from(["\n", "\r\n"]))
    for _ in range(draw(st.integers(0, 12))):
        count = width if draw(st.integers(0, 9)) else draw(st.integers(1, width + 1))
        text += delimiter.join(written(draw(cells)) for _ in range(count)) + draw(breaks)
    data = (text if draw(st.booleans()) else text.rstrip("\r\n")).encode()
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.sampled_from([b"\xff", b"\xc3", b'"', b"\0", b"\r", b"\n"])) + data[at:]
    return data


RAW = st.text(st.sampled_from('a,;"\t\r\n\0 1#é'), max_size=60).map(str.encode) | st.binary(max_size=60)


def opened(data: bytes, kind: Format) -> Rows:
    return open_rows(io.BytesIO(data), "data", kind, KNOWN, needs_recipient=True)


def seen(row: Row) -> tuple[Row, list[Span]]:
    """A row with the places that it tells, which its comparison leaves out."""
    paths = [(), ("a",), ("n",), ("o", "x"), ("recipient",), ("other",)]
    return row, [row.locate(path, False) for path in paths]


def one_by_one(data: bytes, kind: Format) -> tuple[list[tuple[Row, list[Span]]], tuple[Diagnostic, ...]]:
    given = opened(data, kind)
    rows: list[tuple[Row, list[Span]]] = []
    try:
        rows.extend(map(seen, given))  # as far as it goes
    except Rejected as rejected:
        return rows, rejected.diagnostics
    return rows, ()


def in_blocks(data: bytes, kind: Format, size: int) -> tuple[list[tuple[Row, list[Span]]], tuple[Diagnostic, ...]]:
    blocks = opened(data, kind).blocks
    assert blocks is not None
    rows: list[tuple[Row, list[Span]]] = []
    lists: list[object] = []
    for block in blocks.cut(size):
        batch = blocks.read(block)
        for index, values in enumerate(batch.values):
            row = batch.row(index)
            assert batch.numbers[index] == row.number
            if values is not None:
                assert (values, batch.recipients[index], ()) == (row.values, row.recipient, row.problems)
                assert [*map(type, values.values())] == [*map(type, row.values.values())]
                lists += [value for value in values.values() if isinstance(value, list | dict)]
            rows.append(seen(row))
        if batch.refused:
            return rows, batch.refused
    assert len({*map(id, lists)}) == len(lists), "no row shares what another one could change"
    return rows, ()


@settings(max_examples=200, deadline=None)
@given(files() | RAW.map(lambda data: b"a,n\n" + data), st.integers(1, 80))
@example(b"a\nx\n\ny", 1)
@example(b"l\n[1]\n[1]\n", 99)
@example(b'a,n\n"x\n",1\n"y', 3)
@example(b'a,n\nx"\n"y,1\n,2\n', 4)
@example(b"a;f\nx;1.234\ny;1.5\n", 200)
@example(b'a,n\nx"y\nz",1\nq,2\nr,3\n', 9)
@example(b'a,n\n"x"y,"z\nw"\nq,2\nr,3\n', 16)
@example(b'a,n\n"x","y\nz"1,2\nq,2\nr,3\n', 16)
def test_blocks_of_a_table_hold_the_rows_that_strict_reading_gives(data: bytes, size: int):
    try:
        expected = one_by_one(data, "csv")
    except Rejected:  # the header is read in one way only
        return
    assert in_blocks(data, "csv", size) == expected
    assert in_blocks(data, "csv", 1 << 20) == expected


ITEM = st.sampled_from(
    [
        *["", " ", "\u2028", "[]", "{", '{"a": "x"}', '{"n": 1, "other": 2}', '{"more": null}', '{"a": "\\ud800"}'],
        '{"a": "x", "recipient": "+16044441111"}',
        '{"recipient": {"id": "+16044441111", "name": "Ana"}}',
        '{"recipient": 1}',
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ITEM, max_size=8).map("\n".join).map(str.encode) | RAW, st.integers(1, 80))
def test_blocks_of_json_lines_hold_the_rows_that_strict_reading_gives(data: bytes, size: int):
    assert in_blocks(data, "jsonl", size) == one_by_one(data, "jsonl")


def cut(data: bytes, kind: Format, size: int) -> Iterator[tuple[bytes, bool]]:
    blocks = opened(data, kind).blocks
    assert blocks is not None
    return ((block.data, block.is_plain) for block in blocks.cut(size))


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_blocks_are_as_long_as_they_are_asked_to_be(kind: Format):
    head, line = (b"a,n\n", b'"x",1\n') if kind == "csv" else (b"", b'{"a": "x"}\n')
    found = [data for data, _ in cut(head + line * 1000, kind, 100)]
    assert b"".join(found) == line * 1000
    assert {len(data) for data in found[:-1]} == {100 // len(line) * len(line)}


def test_what_is_well_formed_is_known_to_be():
    assert [plain for _, plain in cut(b'a,n\n"x ""y""\n",1\nx,"2"\r\n' * 50, "csv", 100)].count(False) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"x" * MAX_ROW + b"\n",
        b'"' + b"y\n" * MAX_ROW,
        b"x\n" + b'"y\n' * 9 + b"z" * (MAX_ROW + 1),
        b'x"y\n' * 99_999,
        b'"' + b'""\n' * (MAX_ROW // 3 - 10) + b'"\n"z"\n',
        b"\n" * 99_999 + b'"',
    ],
    ids=["long-line", "long-row", "long-line-in-a-row", "stray-quotes", "almost-too-long", "blank"],
)
def test_limits_are_those_of_strict_reading(data: bytes):
    data = b"a\nbefore\n" + data
    rows, refused = one_by_one(data, "csv")
    found, why = in_blocks(data, "csv", 50_000)
    assert [row for row, _ in found] == [row for row, _ in rows]
    assert why == refused
