import codecs
import random
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from casefile import describe
from msgc import load
from msgc.comments import find_comments
from msgc.decode import MAX_BYTES
from msgc.diagnostic import Rejected
from msgc.load import MAX_NODES, MissingCParser, load_yaml
from msgc.quoting import quoted
from msgc.scalars import NumberError, content_offsets, content_span, resolve
from msgc.yaml_errors import _ODD_SPACE


def rejected(data: bytes) -> list[tuple[str, tuple[int, int] | None]]:
    with pytest.raises(Rejected) as caught:
        load_yaml(data, "a.yaml")
    findings = caught.value.diagnostics
    return [(d.rule, (d.span.line, d.span.column) if d.span else None) for d in findings]


# --- bytes


def test_a_bom_is_no_part_of_the_text():
    document, warnings = load_yaml(codecs.BOM_UTF8 + b"a: b", "a.yaml")
    assert (document.data, warnings) == ({"a": "b"}, [])
    assert document.span(("a",)).column == 4


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_other_unicode_encodings_are_named(encoding: str):
    data = "\ufeffa: b".encode(encoding) if encoding.endswith("be") else "a: b".encode(encoding)
    with pytest.raises(Rejected) as caught:
        load_yaml(data, "a.yaml")
    assert describe(caught.value.diagnostics) == (
        f"error[encoding] a.yaml\n  The file is {encoding[:6].upper()}, not UTF-8\n  help: Save the file as UTF-8\n"
    )


def test_a_byte_that_is_not_utf8_is_located():
    with pytest.raises(Rejected) as caught:
        load_yaml(codecs.BOM_UTF8 + "é: ü\nname: ".encode() + b"Jos\xe9\n", "a.yaml")
    assert describe(caught.value.diagnostics) == (
        "error[encoding] a.yaml:2:10-2:11\n"
        "  The file is not UTF-8\n"
        "  found: byte 0xe9 at position 20\n"
        "  help: Save the file as UTF-8; it may be Latin-1 or Windows-1252 now\n"
    )


@pytest.mark.parametrize("data", [b"a: \xed\xa0\x80", b"a: \xc0\x80", b"a: \xf4\x90\x80\x80", b"a: \xe2\x82"])
def test_encodings_of_what_is_no_character_are_refused(data: bytes):
    assert rejected(data) == [("encoding", (1, 4))]


@pytest.mark.parametrize("char", ["\0", "\x07", "\x1b", "\x7f", "\x9b", "\ufffe", "\uffff"])
def test_characters_that_yaml_does_not_allow_are_located(char: str):
    assert rejected(f"é😀: 1\r\nb: 'x{char}'\r\n".encode()) == [("encoding", (2, 6))]


def test_size_is_limited():
    assert load_yaml(b"a: " + b"b" * (MAX_BYTES - 3), "a.yaml")[0].data["a"][0] == "b"
    assert rejected(b"a: " + b"b" * (MAX_BYTES - 2)) == [("unreadable-file", None)]


def test_a_missing_c_parser_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    with pytest.raises(MissingCParser, match="libyaml"):
        load_yaml(b"a: b", "a.yaml")


# --- limits


def test_depth_is_limited():
    assert load_yaml(b"[" * 64 + b"]" * 64, "a.yaml")[1] == []
    assert rejected(b"[" * 65 + b"]" * 65) == [("yaml-depth", (1, 65))]
    assert load_yaml(b"- " * 64 + b"a", "a.yaml")[1] == []
    assert rejected(b"- " * 65 + b"a") == [("yaml-depth", (1, 129))]


def test_nodes_are_limited():
    items = MAX_NODES - 1  # and the list itself
    assert len(load_yaml(b"[" + b"a," * items + b"]", "a.yaml")[0].nodes) == MAX_NODES
    assert rejected(b"[" + b"a," * (items + 1) + b"]") == [("yaml-size", (1, 2 * items + 2))]
    assert rejected(b"[&a [b],\n" + b"*a," * 50_000 + b"]") == [("yaml-size", (2, 149995))]


def test_errors_are_limited_and_warnings_do_not_end_the_reading():
    assert len(rejected(b"a: 1\n" * 1000)) == 100
    document, warnings = load_yaml(b"- x {{ a }} # b\n" * 150, "a.yaml")
    assert (len(document.data), len(warnings)) == (150, 150)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[" * 50_000, "yaml-depth"),
        ("{" * 50_000, "unquoted-expression"),
        ("- " * 50_000, "yaml-depth"),
        ("? " * 50_000, "yaml-key"),
        ("{a: " * 50_000, "yaml-depth"),
        ("[? " * 50_000, "yaml-key"),
        ("*a " * 50_000, "yaml-alias"),
        ("!a " * 50_000, "yaml-tag"),
        ("a: b: " * 50_000, "yaml-syntax"),
        ("---\n" * 50_000, "yaml-documents"),
        ("\t" * 50_000 + "a: b", "yaml-tab"),
        ("a: {{ " + " " * 500_000, "unquoted-expression"),
        ("a: [" + "{{ x }}, " * 50_000 + "]", "unquoted-expression"),
        ("a: " + "9" * 500_000, "yaml-number"),
        ("a: 0x" + "f" * 500_000, "yaml-number"),
        ("a: 1e" + "9" * 500_000, "yaml-number"),
        ("a: " + "x: '" * 100_000, "yaml-syntax"),
        ("&a [" * 64 + "*a" + "]" * 64, "yaml-alias"),
    ],
)
def test_hostile_files_end_in_a_finding(text: str, rule: str):
    assert rejected(text.encode())[0][0] == rule


@pytest.mark.parametrize("length", [22, 4300, 5000, 500_000])
def test_leading_zeros_do_not_count_as_digits(length: int):
    assert resolve("0" * length + "12") == 12


# --- data

_NO_DUMP = "\ufeff\u2028\u2029"  # PyYAML writes the last two as line breaks, as YAML 1.1 had it

_KEY = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters=_NO_DUMP), max_size=8
)
_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters=_NO_DUMP)
    | st.sampled_from("\n\t "),
    max_size=40,
)
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEY, inner, max_size=4),
    max_leaves=12,
)


class _Dumper(yaml.SafeDumper):
    """Quotes what is text to YAML 1.1 and something else to 1.2 (`0E0`)."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    try:
        plain = isinstance(resolve(text), str) and not _ODD_SPACE.match(text)
    except NumberError:
        plain = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else "'")


_Dumper.add_representer(str, _represent_text)


@given(_VALUE, st.booleans(), st.sampled_from(["\n", "\r\n", "\r"]))
@example({"0E0": None}, False, "\n")
@example({"\xa0": None}, False, "\n")
def test_what_is_dumped_is_loaded(value: object, flow: bool, line_break: str):
    text = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, default_flow_style=flow, sort_keys=False, width=40)
    document, _ = load_yaml(text.replace("\n", line_break).encode(), "a.yaml")
    assert document.data == value
    assert find_comments(document) == []
    for path, node in document.nodes.items():
        assert 0 <= node.start <= node.end <= len(document.source.text), path


@given(st.text("abc:#-?&*!|>'\"%@`{}[],~ \t\r\n0.e\x85\u2028é😀<\\x", max_size=60))
@example("{{")
@example("? {{ a }}\n: {{ b }}")
@example("[{{ a }}: b")
@example("!")
@example("&a")
@example("- !a\n- &b\n")
@example("a: &b\n  &c d: e")
@example("|")
@example("a: |\n \n  \n")
def test_any_text_is_loaded_or_refused_with_places(text: str):
    try:
        document, findings = load_yaml(text.encode(), "a.yaml")
    except Rejected as refused:
        findings = list(refused.diagnostics)
        assert any(diagnostic.severity == "error" for diagnostic in findings)
    else:
        for node in document.nodes.values():
            offsets = content_offsets(document.source, node)
            assert len(offsets) == len(node.text or "") + 1
            assert offsets == sorted(offsets)
            assert node.start <= offsets[0]
        find_comments(document)
    for diagnostic in findings:
        assert diagnostic.span is None or 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)


@pytest.mark.long
def test_mutated_definitions_are_loaded_or_refused():
    seed = '# c\na: &x {b: [1, \'d\', "e\\n"]}\nf: |-\n  {{ g }}\n  h # i\nj: *x\n$if: k == "l" # m\nn: >+\n o\n\n p\n'
    chance = random.Random(1)
    for _ in range(30_000):
        chars = list(seed)
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(chars))
            chars[at : at + chance.randint(0, 2)] = chance.choice(
                [*seed, "{{ ", " }}", "\t", "\r", "\0", "\ufeff", "<<", ": "]
            )
        try:
            load_yaml("".join(chars).encode(), "a.yaml")
        except Rejected as refused:
            describe(refused.diagnostics)


# --- places inside scalars


def _scalar_document(text: str, style: str, width: int, line_break: str, depth: int) -> str:
    value: object = yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style or None)
    for _ in range(depth):
        key = yaml.ScalarNode("tag:yaml.org,2002:str", "key")
        value = yaml.MappingNode("tag:yaml.org,2002:map", [(key, value)])
    return yaml.serialize(value, width=width, allow_unicode=True).replace("\n", line_break)


_WORDS = st.lists(
    st.sampled_from(["a", "bc", "{{ d }}", "é", "😀", "it's", '"q"', "\\", "#", "x: y", "\t", "\x07"]), max_size=12
)


@settings(max_examples=400)
@given(
    _WORDS,
    st.lists(st.sampled_from([" ", " ", "  ", "\n", "\n\n", "\n\n\n", "\n  ", " \n", ""]), min_size=12, max_size=12),
    st.sampled_from(["", "'", '"', "|", ">"]),
    st.integers(4, 40),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 3),
)
def test_each_character_of_a_scalar_has_its_place(
    words: list[str], gaps: list[str], style: str, width: int, line_break: str, depth: int
):
    text = "".join(word + gap for word, gap in zip(words, gaps, strict=False))
    raw = _scalar_document(text, style, width, line_break, depth)
    document, _ = load_yaml(raw.encode(), "a.yaml")
    path = ("key",) * depth
    node = document.nodes[path]
    text = node.text or ""  # what was meant, except where the emitter folds at a tab or writes a plain `# x`
    offsets = content_offsets(document.source, node)
    assert len(offsets) == len(text) + 1
    assert offsets == sorted(offsets)
    for char, offset in zip(text, offsets, strict=False):
        there = raw[offset]
        if char == "\n":
            assert there in "\r\n" or raw[offset : offset + 2] == "\\n"
        elif char == " ":
            assert there in " \r\n" or raw[offset : offset + 2] == "\\ "
        else:
            assert there == char or (there == "\\" and node.style == "double")
    assert len(set(offsets[:-1])) == len(text)
    assert raw[node.end : offsets[-1]].strip() == ""  # only the empty lines of `|+` lie behind a scalar's end


@pytest.mark.parametrize(
    ("raw", "start", "end", "place"),
    [
        ("a: hello", 1, 3, "el"),
        ("a: 'it''s'", 2, 4, "''s"),
        ('a: "x\\u00e9y"', 1, 2, "\\u00e9"),
        ('a: "x\\\n    y"', 0, 2, "x\\\n    y"),
        ('a: "x\\\n\n    y"', 1, 2, "\n    "),
        ("a: one\n  two", 4, 7, "two"),
        ("a: one\n\n\n  two", 3, 5, "\n\n\n  "),
        ("a: |\n  b\n   c\n\n  d", 3, 4, "c"),
        ("a: |\n  b\n   c\n\n  d", 6, 7, "d"),
        ("a: |2\n    b", 2, 3, "b"),
        ("a: |-  # c\r\n  b\r\n  d\r\n", 2, 3, "d"),
        ("a: >\n  b\n  c\n\n  d\n   e\n  f", 2, 3, "c"),
        ("a: >\n  b\n  c\n\n  d\n   e\n  f", 4, 5, "d"),
        ("a: >\n  b\n  c\n\n  d\n   e\n  f", 7, 8, "e"),
        ("a: >\n  b\n  c\n\n  d\n   e\n  f", 9, 10, "f"),
        ("a: &x !!str 'b'", 0, 1, "b"),
        ("a: x\u2028y\x85z", 4, 5, "z"),
        ("a: &x !!str \u00a0\x85b", 0, 2, "\u00a0\x85"),
        ("a: b", 0, 99, "b"),
        ("a: b", 7, 5, ""),
        ("a: [b]", 0, 1, ""),
        ("a: ''", 0, 1, ""),
        ("a:", 0, 1, ""),
    ],
)
def test_a_part_of_a_scalar_has_its_span(raw: str, start: int, end: int, place: str):
    document, _ = load_yaml(raw.encode(), "a.yaml")
    assert content_span(document, ("a",), start, end).text == place


# --- comments


def test_comments_are_told_from_scalars():
    raw = (
        "# one\n"
        "a: b # two\n"
        "'c # no': \"d # no\" #three # still three\n"
        "e: |  # four\n"
        "  f # no\n"
        "  # no\n"
        "\n"
        "# five\n"
        "g#no: h#no\n"
        "i: [j, # six\n"
        "  k]\t# seven\r\n"
        "l: &m # eight\n"
        "  n\n"
        "o: *m # nine\n"
        "p: >-\n"
        "  q\n"
        " # ten\n"
        "r: |\n"
        "# eleven"
    )
    document, _ = load_yaml(raw.encode(), "a.yaml")
    comments = find_comments(document)
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
    assert [re.sub(r"^# ?| #.*", "", comment.text) for comment in comments] == words
    assert all(raw[comment.start : comment.end] == comment.text for comment in comments)


# --- quoting


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters="\ufeff\u2028\u2029")
    )
)
@example('{{ "it\'s" }} \\')
def test_a_quoted_text_is_that_text(text: str):
    document, _ = load_yaml(f"a: {quoted(text)}".encode(), "a.yaml")
    assert document.data == {"a": text}


def test_only_the_loader_imports_yaml():
    package = Path(load.__file__).parent
    imports = re.compile(r"^\s*(?:import|from) yaml\b", re.MULTILINE)
    users = [path.name for path in package.rglob("*.py") if imports.search(path.read_text(encoding="utf-8"))]
    assert users == ["load.py"]
