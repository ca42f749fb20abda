from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from abstract import CONCRETE, INTEGERS, TOKENS, holds, numbers, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, nodes

from msgc.bounds.characters import (
    ALL,
    ASCII,
    DIGITS,
    LINE_ENDS,
    LOWER,
    SAMPLES,
    SPACES,
    STRIPPED,
    UPPER,
    Mask,
    bit_of,
    mask_of,
)
from msgc.bounds.numbers import ANY_NUMBER, Number, of_range
from msgc.bounds.patterns import text_of_pattern
from msgc.bounds.values import (
    EITHER,
    NOTHING,
    NULL,
    UNKNOWN,
    Record,
    Sequence,
    Value,
    constants,
    of_constant,
    of_items,
    of_number,
    of_text,
)
from msgc.bounds.words import ANY, EMPTY, Range, Run, Text, literal, pieced, run
from msgc.template import budget, operators
from msgc.template.filters import FILTERS
from msgc.template.infer import transfer_formats
from msgc.template.infer.call import Call
from msgc.template.infer.transfer_cases import LOWERCASE, TITLECASE, UPPERCASE, Case
from msgc.template.infer.transfer_texts import (
    TEXTS,
    first_of_text,
    formatted,
    last_of_text,
    length_of_text,
    reversed_text,
)
from msgc.template.problem import TemplateProblem
from msgc.template.sandbox import Sandbox
from msgc.template.values import Missing

SANDBOX = Sandbox("en", {}, lambda place, path: pytest.fail("no file is read"))


@dataclass
class Asking:
    locale: str = "en"
    fails: list[tuple[str, bool]] = field(default_factory=list)

    def fail(self, message: str, *, certain: bool, help: str | None = None) -> None:
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
WORDS = st.sampled_from(TOKENS) | st.sampled_from(["", "a", "ab", "aa", " ", "  ", "...", "\n", "\r\n", "bé", "ok", "o"])
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


def judge(
    name: str, value: Value, concrete: Any, arguments: Mapping[str, Any], abstract: Mapping[str, Value]
) -> None:
    """The transfer's result holds the filter's; where that raises, the transfer has said so."""
    made, fails = transfer(name, value, abstract)
    try:
        there = really(name, concrete, **arguments)
    except TemplateProblem as problem:
        assert fails, problem
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


def rows_of(text: Text) -> set[str]:
    """All texts of runs of ASCII characters."""
    found = set()
    for word in text.words:
        parts: list[list[str]] = []
        for piece in word.pieces:
            if isinstance(piece, str):
                parts.append([piece])
                continue
            assert piece.most is not None
            assert not piece.mask & ~ASCII or piece.most == 0
            letters = [chr(code) for code in range(128) if piece.mask >> code & 1]
            sizes = range(piece.least, piece.most + 1)
            parts.append(["".join(row) for size in sizes for row in product(letters, repeat=size)])
        found |= {row for row in map("".join, product(*parts)) if holds(of_text(text), row)}
    return found


def applied(expression: str) -> tuple[str, dict[str, Any]]:
    """The name and the arguments of a filter, from `name(1, key=2)`."""
    node = next(iter(Environment(autoescape=False).parse(f"{{{{ x | {expression} }}}}").find_all(nodes.Filter)))
    names = list(FILTERS[node.name].parameters)
    given = {name: argument.as_const() for name, argument in zip(names, node.args, strict=False)}
    return node.name, given | {keyword.key: keyword.value.as_const() for keyword in node.kwargs}
