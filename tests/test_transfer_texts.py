from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, nodes

from abstract import TOKENS, holds, texts
from msgc.bounds.characters import (
    SPACES,
    mask_of,
)
from msgc.bounds.contains import contains
from msgc.bounds.numbers import of_range
from msgc.bounds.values import (
    EITHER,
    Value,
    of_constant,
    of_number,
    of_text,
)
from msgc.bounds.words import Run, Text, literal, pieced, run
from msgc.template import budget
from msgc.template.filters import FILTERS
from msgc.template.infer.call import Call
from msgc.template.infer.transfer_texts import (
    TEXTS,
)
from msgc.template.problem import TemplateProblem
from msgc.template.sandbox import Sandbox
from msgc.template.values import Missing

NARROW = Path(__file__).parent / "transfer_texts.txt"
SANDBOX = Sandbox("en", {}, lambda *_: pytest.fail("no file is read"))


@dataclass
class Asking:
    locale: str = "en"
    fails: list[tuple[str, bool]] = field(default_factory=list)

    def fail(self, message: str, *, certain: bool, **_: Any) -> None:
        self.fails.append((message, certain))


def transfer(
    name: str,
    value: Value,
    arguments: Mapping[str, Value] | None = None,
    args: tuple[Value, ...] = (),
    kwargs: Mapping[str, Value] | None = None,
) -> tuple[Value, list[tuple[str, bool]]]:
    asking = Asking()
    made = TEXTS[name](Call(name, value, arguments or {}, args, kwargs or {}, asking))  # type: ignore[arg-type]
    return made, asking.fails


def really(name: str, value: Any, args: tuple[Any, ...] = (), **kwargs: Any) -> Any:
    """The real filter's result. Raises TemplateProblem."""
    token = budget.begin(budget.Budget())
    try:
        return FILTERS[name].call(SANDBOX, name, value, args, kwargs)
    finally:
        budget.end(token)


# ----------------------------------------------------------------------------------------------------- any of them


@st.composite
def widened(draw: st.DrawFn, concrete: Any) -> Value:
    """What is known of an argument: that it is this one, or this one among others."""
    found = of_constant(concrete)
    how = draw(st.sampled_from(["same", "same", "same", "few", "range"]))
    if how == "same":
        return found
    if isinstance(concrete, bool):
        return Value(truth=EITHER)
    if isinstance(concrete, int):
        if how == "few":
            return found | of_constant(concrete + draw(st.sampled_from([-40, -1, 1, 3])))
        ends = [draw(st.sampled_from([concrete, concrete - 3, None])), draw(st.sampled_from([concrete, 300, None]))]
        return of_number(of_range(ends[0], ends[1] if ends[1] is None else max(ends[1], concrete)))
    if isinstance(concrete, str):
        if how == "few":
            return found | of_text(literal(*draw(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=2))))
        size = len(concrete)
        return of_text(run(mask_of(concrete) | mask_of("ab"), max(0, size - 1), draw(st.sampled_from([size, 9, None]))))
    return found


SIZES = st.integers(0, 12) | st.integers(-2, 60)
WORDS = st.sampled_from(TOKENS) | st.sampled_from(
    ["", "a", "ab", "aa", " ", "  ", "...", "\n", "\r\n", "bé", "ok", "o"]
)
TRUTHS = st.booleans()
ARGUMENTS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "capitalize": {},
    "center": {"width": SIZES},
    "first": {},
    "indent": {"width": SIZES | WORDS, "first": TRUTHS, "blank": TRUTHS},
    "last": {},
    "length": {},
    "lower": {},
    "replace": {"old": WORDS, "new": WORDS, "count": st.integers(-1, 3) | st.none()},
    "reverse": {},
    "shorten": {"n": SIZES},
    "string": {},
    "title": {},
    "trim": {"chars": WORDS | st.just(" ab") | st.none()},
    "truncate": {"length": SIZES, "killwords": TRUTHS, "end": WORDS, "leeway": st.integers(-1, 7)},
    "upper": {},
    "urlencode": {},
    "wordcount": {},
    "wordwrap": {
        "width": SIZES,
        "break_long_words": TRUTHS,
        "wrapstring": WORDS,
        "break_on_hyphens": TRUTHS,
    },
}


def of_known(name: str, text: Text, member: str) -> st.SearchStrategy[dict[str, Any]]:
    """The arguments; what is replaced or stripped is often a part of the text."""
    given = dict(ARGUMENTS[name])
    if member and "old" in given:
        given["old"] |= st.integers(0, len(member) - 1).flatmap(
            lambda at: st.integers(1, 3).map(lambda size: member[at : at + size])
        )
    required = {key for key, kinds in FILTERS[name].parameters.items() if kinds.startswith("!")}
    return st.fixed_dictionaries(
        {key: strategy for key, strategy in given.items() if key in required},
        optional={key: strategy for key, strategy in given.items() if key not in required},
    )


def check_sound(name: str, data: st.DataObject) -> None:
    known, member = data.draw(texts())
    arguments = data.draw(of_known(name, known, member))
    abstract = {key: data.draw(widened(each)) for key, each in arguments.items()}
    judge(name, of_text(known), member, arguments, abstract)


def judge(name: str, value: Value, concrete: Any, arguments: Mapping[str, Any], abstract: Mapping[str, Value]) -> None:
    """The transfer's result holds the filter's; where that raises, the transfer has said so."""
    made, fails = transfer(name, value, abstract)
    try:
        there = really(name, concrete, **arguments)
    except TemplateProblem:
        there = None
    if there is None:
        assert fails, (name, concrete, arguments)
        return
    if isinstance(there, Missing):
        assert made.absent
    else:
        assert holds(made, there), (made, there)
    assert not any(certain for _, certain in fails)


@pytest.mark.parametrize("name", ARGUMENTS)
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_what_a_filter_makes_is_held(name: str, data: st.DataObject):
    check_sound(name, data)


@pytest.mark.long
@pytest.mark.parametrize("name", ARGUMENTS)
@given(data=st.data())
@settings(max_examples=2_000, deadline=None)
def test_what_a_filter_makes_is_held_for_long(name: str, data: st.DataObject):
    check_sound(name, data)


def test_every_filter_of_texts_has_its_transfer():
    takes_text = {name for name, signature in FILTERS.items() if "text" in signature.takes.split("|")}
    elsewhere = {"date", "time", "int", "float", "list", "join"}
    assert set(TEXTS) == (takes_text | {"string"}) - elsewhere
    assert set(ARGUMENTS) == set(TEXTS) - {"count", "format"}


# ------------------------------------------------------------------------------------------------- no more than that


@dataclass(frozen=True)
class Given:
    """A text as its pieces: literals, and for runs the characters of which all rows are tried."""

    pieces: tuple[str | tuple[str, int, int], ...]
    solid: bool = False

    @property
    def text(self) -> Text:
        return pieced(
            *(
                piece if isinstance(piece, str) else Run(mask_of(piece[0]), *piece[1:], self.solid)
                for piece in self.pieces
            )
        )

    def members(self) -> Iterator[str]:
        rows = [[piece] if isinstance(piece, str) else list(self._rows(*piece)) for piece in self.pieces]
        yield from map("".join, product(*rows))

    def _rows(self, alphabet: str, least: int, most: int) -> Iterator[str]:
        for size in range(least, most + 1):
            for row in map("".join, product(alphabet, repeat=size)):
                if not self.solid or mask_of(row) & ~SPACES:
                    yield row


def applied(expression: str) -> tuple[str, dict[str, Any]]:
    """The name and the arguments of a filter, from `name(1, key=2)`."""
    node = next(iter(Environment(autoescape=True).parse(f"{{{{ x | {expression} }}}}").find_all(nodes.Filter)))
    names = list(FILTERS[node.name].parameters)
    given = {name: argument.as_const() for name, argument in zip(names, node.args, strict=False)}
    return node.name, given | {keyword.key: keyword.value.as_const() for keyword in node.kwargs}


ROWS: list[tuple[Any, ...]] = [
    ("upper", ("a1", 0, 3)),
    ("upper", ("aΐ", 1, 3)),
    ("upper", "abcß", ("x", 1, 2)),
    ("upper", ("ﬃa", 1, 2)),
    ("upper", ("👍a", 1, 2)),
    ("lower", ("A1", 0, 3)),
    ("lower", ("aİ", 1, 3)),
    ("lower", "ΑΣ", ("a1", 1, 2)),
    ("lower", ("\u212a1", 1, 3)),
    ("title", ("ΐİ ", 1, 4)),
    ("title", ("ﬁ ", 1, 4)),
    ("title", ("ﬁ", 1, 3)),
    ("title", ("ab", 1, 3)),
    ("title", "x", ("ΐİ -", 1, 3)),
    ("title", ("1", 0, 1), "ßa"),
    ("title", ("ﬁ ", 0, 2), "ﬁ"),
    ("title", "x", ("ﬁ ", 1, 4)),
    ("title", "a b", ("c", 1, 2), " d"),
    ("capitalize", ("ΐİ", 1, 3)),
    ("capitalize", ("ab", 1, 3)),
    ("capitalize", ("ab", 0, 2), "cD"),
    ("capitalize", "hELLO", ("aB", 0, 2)),
    ("capitalize", ("ﬁ", 1, 3)),
    ("center(5)", ("a", 2, 7)),
    ("center(5)", ("a", 2, 2)),
    ("center(6)", ("a", 3, 3)),
    ("center(6)", ("a", 2, 2)),
    ("center(2)", ("a", 2, 7)),
    ("center(3)", ("a", 2, 7)),
    ("indent(2)", ("a", 1, 2), "\n", ("b", 1, 2)),
    ("indent(2)", ("a\n", 1, 3)),
    ("indent(2)", ("a\n", 1, 4)),
    ("indent(2,blank=true)", ("a\n", 1, 3)),
    ("indent(2,first=true)", ("a", 1, 2)),
    ("indent(2)", "a\n\nb", ("c", 0, 1)),
    ("indent(2)", "a\n", ("b\n", 0, 2)),
    ("indent(2)", ("a\r\n", 1, 4)),
    ("indent('ab')", "x\n", ("y", 1, 2)),
    ("indent(2, blank=true)", ("\n", 1, 3)),
    ("replace('a','b')", ("ac", 1, 3)),
    ("replace('a','')", ("ac", 1, 3)),
    ("replace('a','xyz')", ("ac", 1, 3)),
    ("replace('ab','')", ("abc", 1, 4)),
    ("replace('ab','c')", ("abc", 1, 4)),
    ("replace('ab','xyz')", ("abc", 1, 4)),
    ("replace(' ','')", ("12", 1, 3)),
    ("replace('NAME','Anna')", "Hello NAME", ("!", 0, 2)),
    ("replace('ab','')", "xa", ("bc", 1, 2)),
    ("replace('','-')", ("a", 1, 3)),
    ("replace('a','bb',1)", ("ac", 1, 3)),
    ("replace('a','bb',0)", ("ac", 1, 3)),
    ("replace('','-',2)", ("a", 0, 3)),
    (
        "replace(' ','')",
        ("a ", 1, 3),
    ),
    ("replace(' ','-')", ("a ", 1, 3)),
    ("trim", ("a ", 1, 3)),
    ("trim", ("a ", 0, 3)),
    ("trim", " ", ("ab", 1, 2), "\n"),
    ("trim", " ", ("a ", 0, 2), " "),
    ("trim", "x", (" ", 0, 2)),
    ("trim", ("a ", 1, 2), "-", ("b ", 1, 2)),
    ("trim('ab')", ("abc", 1, 3)),
    ("trim(none)", " a", ("b", 1, 2), " "),
    ("trim('')", ("a ", 1, 2)),
    ("trim", ("ab", 0, 2)),
    ("trim", (" ", 1, 2)),
    ("shorten(3)", ("ab", 1, 5)),
    ("shorten(3)", ("a ", 1, 4)),
    *[(f"shorten({n})", "Hello ", ("ab", 1, 3)) for n in (1, 3, 6, 7, 8, 9)],
    ("shorten(4)", ("a\r\n", 1, 5)),
    ("shorten(3)", ("é", 1, 5)),
    ("shorten(5)", "Zoë: ", ("ab", 1, 4)),
    ("shorten(9)", "Order ", ("é ", 1, 6)),
    ("truncate(4,end='..')", ("ab", 1, 10)),
    ("truncate(4,end='..',leeway=0)", ("ab", 1, 10)),
    ("truncate(4,end='..',leeway=0)", ("a ", 1, 6)),
    ("truncate(4,true,'..',0)", ("a ", 1, 6)),
    ("truncate(6,end='.',leeway=0)", "ok ", ("a ", 1, 4), "b"),
    ("truncate(2,end='..',leeway=0)", ("ab", 1, 3)),
    ("truncate(9,true,'..',0)", "Hello ", ("a", 1, 6)),
    ("wordwrap(3)", ("a", 1, 7)),
    ("wordwrap(3)", ("a ", 1, 3)),
    ("wordwrap(2)", ("a ", 1, 5)),
    ("wordwrap(1)", ("a", 1, 5)),
    ("wordwrap(3,wrapstring='ab')", ("a-", 1, 6)),
    ("wordwrap(3)", ("a\n", 1, 3)),
    ("wordwrap(3)", ("a\n", 1, 5)),
    ("wordwrap(4)", "a", ("b", 1, 2)),
    ("wordwrap(4, wrapstring='')", ("a ", 1, 6)),
    ("urlencode", ("a/", 1, 2)),
    ("urlencode", ("a ", 1, 2)),
    ("urlencode", (" ", 1, 2)),
    ("urlencode", ("é", 1, 2)),
    ("urlencode", ("漢", 1, 2)),
    ("urlencode", ("👍a", 1, 2)),
    ("urlencode", "a b", ("c", 1, 2)),
    ("reverse", "ab", ("cd", 1, 2)),
]


def test_bounds_are_as_narrow_as_they_were(request: pytest.FixtureRequest):
    """Each text of a few characters through the real filter: its transfer holds them all, and how much more is kept.

    `pytest --update-cases` rewrites the file; a range that has become narrower or wider shows in its diff.
    """
    lines = []
    for expression, *pieces in ROWS:
        name, arguments = applied(expression)
        given_ = Given(tuple(pieces))
        made, _ = transfer(name, of_text(given_.text), {key: of_constant(each) for key, each in arguments.items()})
        results = {really(name, member, **arguments) for member in given_.members()}
        assert all(contains(made, result) for result in results), (expression, pieces)
        assert made.text is not None
        sizes = sorted(map(len, results))
        octets = sorted(len(result.encode()) for result in results)
        lines.append(
            f"{expression} of {pieces}: {sizes[0]} to {sizes[-1]} characters in {made.text.points}, "
            f"{octets[0]} to {octets[-1]} bytes in {made.text.octets}\n"
        )
    found = "".join(lines)
    if request.config.getoption("--update-cases"):
        NARROW.write_text(found, encoding="utf-8")
    assert found == NARROW.read_text(encoding="utf-8")
