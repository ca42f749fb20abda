import codecs
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from msgc.diagnostic import Rejected
from msgc.load_json import MAX_JSON_BYTES, _Scan, load_json, locate_json, parse_json
from msgc.scalars import content_span
from msgc.source import Source

_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=4)
    ),
    max_leaves=15,
)


def rejected(data: bytes) -> list[tuple[str, tuple[int, int] | None]]:
    with pytest.raises(Rejected) as caught:
        load_json(data, "a.json")
    return [(d.rule, (d.span.line, d.span.column) if d.span else None) for d in caught.value.diagnostics]


@given(_VALUE, st.booleans(), st.sampled_from([None, 2]))
def test_what_is_dumped_is_loaded_by_both_readers(value: object, ascii_only: bool, indent: int | None):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    document = load_json(text.encode(), "a.json")
    assert document.data == value
    scan = _Scan(Source("a.json", text))
    scan.run()
    assert (scan.data, scan.findings) == (value, [])
    for path in document.nodes:
        part = document.data
        for step in path:
            part = part[step]
        assert json.loads(document.span(path).text) == part
        assert locate_json(text, path) == (document.span(path).start, document.span(path).end)


@given(st.text('[]{}",:\\u0dtrnaf1-+.e \n\x00é', max_size=40))
@example('{"a": 1, "a": 2}')
@example('["\\ud800\\udc00"]')
@example("-")
@example("1.")
def test_any_text_is_judged_as_by_json(text: str):
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(Rejected):
            parse_json(Source("a.json", text))
        return
    try:
        value = parse_json(Source("a.json", text))
    except Rejected as refused:
        rules = {diagnostic.rule for diagnostic in refused.diagnostics}
    else:
        rules = set()
        assert value == expected
    assert rules <= {"json-duplicate-key", "json-number", "lone-surrogate"}


def test_bytes_are_checked():
    assert load_json(codecs.BOM_UTF8 + b'{"a": 1}', "a.json").data == {"a": 1}
    assert rejected(b'["\xe9"]') == [("encoding", (1, 3))]
    assert rejected('["a"]'.encode("utf-16")) == [("encoding", None)]
    assert rejected(b" " * (MAX_JSON_BYTES + 1)) == [("unreadable-file", None)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[" * 100_000, "json-depth"),
        ('{"a":' * 100_000, "json-depth"),
        ("9" * 100_000, "json-number"),
        ("1e" + "9" * 100_000, "json-number"),
        ('"' + "\\" * 99_999, "json-syntax"),
        ("{" + '"a":1,' * 100_000 + '"a":1}', "json-duplicate-key"),
        (" " * 100_000, "json-syntax"),
        ("[1" + "," * 100_000, "json-syntax"),
        ("-" * 100_000, "json-syntax"),
    ],
)
def test_hostile_texts_end_in_a_finding(text: str, rule: str):
    assert rejected(text.encode())[0][0] == rule


def test_a_path_that_is_not_there_gives_the_nearest_value():
    text = '{"a": [1, {"b": 2}]}'
    assert locate_json(text, ("a", 1, "b")) == (16, 17)
    assert locate_json(text, ("a", 1, "c", 0)) == (10, 18)
    assert locate_json(text, ("x",)) == (0, 20)
    assert locate_json("nonsense", ("x",)) == (0, 8)


def test_a_part_of_a_string_has_its_span():
    document = load_json(b'{"a": "x\\ud83d\\ude00\\n y"}', "a.json")
    assert [content_span(document, ("a",), at, at + 1).text for at in range(5)] == [
        "x",
        "\\ud83d\\ude00",
        "\\n",
        " ",
        "y",
    ]
