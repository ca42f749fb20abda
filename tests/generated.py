"""Parameters by chance: schemas in the dialect of `params`, and values that fit them, the extremes among them.

All chance comes from a `random.Random`; Hypothesis has one that it can replay and shrink. Simple choices stand first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from msgc.load import load_yaml
from msgc.parameters import Parameters, declare

LETTERS = "aaB1 zé漢👍ßİ\n\t\"\\'-_.,%{}<&#ŉﬁΣς\u00a0\u2028\ufeff\ufffd0\x01 "
WORDS = [
    *("a", "", "Ana", " ", "x y", "Ana María", "é", "👍", "ß", "İ", "ŉ", "a\nb", "  pad  ", "O'Neil", 'say "hi"', "12"),
    *("3.5", "-7", "ΑΣ", "ǆ", "100%", "a-b-c", "https://e.co/?q=1&r=ü", "\n", "\u00a0", "hello world", "UPPER"),
    *("a,b,c", "👩‍👩‍👧", "1e3"),
]  # fmt: skip
PATTERNS: list[tuple[str, list[str]]] = [
    ("^[a-z]*$", ["", "a", "abc", "zzzzzzzzzz"]),
    ("^[A-Z0-9-]{4,20}$", ["A-10", "AAAA", "0" * 20, "----"]),
    (r"^[^\s{}\uFFFD]+( [^\s{}\uFFFD]+)*$", ["a", "a b", "é 👍 ß", "Ana María dos Santos", "İİİ ŉ"]),
    (r"^\d+$", ["0", "7", "007", "1234567890"]),
    (r"^(yes|no)?$", ["", "yes", "no"]),
    (r"\S", ["a", " a ", "\n.\n", "👍"]),
    ("^a|b$", ["a", "b", "abc", "xb", "a\n", "👍b"]),
    (r"^[+][1-9][0-9]{6,14}$", ["+1234567", "+123456789012345"]),
    (r"^.{2,5}$", ["ab", "a b", "👍👍👍👍👍", "\t\t"]),
    (r"^x", ["x", "x ", "x\n\n", "xß"]),
]
FORMATS = {
    "date": ["2026-03-09", "2024-02-29", "0001-01-01", "9999-12-31"],
    "date-time": ["2026-03-09T16:30:00Z", "2026-03-09t23:59:59.123456789-03:00", "0001-01-01T00:00:00+14:00"],
    "time": ["16:30:00Z", "00:00:00.5+02:00", "23:59:59-11:30"],
    "email": ["a@b", "ana.maria@example.com"],
    "uri": ["a:", "https://example.com/a?b=c#d"],
    "uuid": ["8e3f1ad2-5b0c-4a9e-9d6f-0b1c2d3e4f50", "00000000-0000-0000-0000-000000000000"],
}
_EDGES = [
    0,
    1,
    -1,
    2,
    3,
    5,
    9,
    10,
    12,
    99,
    100,
    255,
    999,
    1000,
    4096,
    10**6,
    10**9,
    2**53 + 1,
    2**63 - 1,
    -5,
    -100,
    -(2**63),
]


@dataclass(frozen=True)
class Shape:
    """A kind of values: what a template can do with them, their schema, and how one of them is made.

    `fields` are the keys of an object, each with whether it can be missing.
    """

    kind: str
    schema: Any = True
    make: Callable[[Random], Any] = field(default=lambda _: None, compare=False)
    item: Shape | None = None
    fields: Mapping[str, tuple[Shape, bool]] = field(default_factory=dict, compare=False)
    nullable: bool = False
    format: str | None = None


def one_in(rng: Random, count: int) -> bool:
    return rng.randrange(count) == count - 1


def some_text(rng: Random, least: int, most: int) -> str:
    """A text of a length between two, both lengths often."""
    size = rng.choice([least, most, rng.randint(least, most)])
    if size > 12:
        word = "".join(rng.choice(LETTERS) for _ in range(6))
        return (word * size)[:size]
    return "".join(rng.choice(LETTERS) for _ in range(size))


# ------------------------------------------------------------------------------------------------------------ scalars


def texts(rng: Random) -> Shape:
    kind = rng.choice(["length", "pattern", "enum", "plain", "format", "pattern", "const", "units"])
    schema: dict[str, Any] = {"type": "string"}
    if kind in ("length", "units"):
        least, most = rng.choice([(0, 10), (1, 5), (0, 1), (1, 40), (3, 3), (2, 80), (0, 0)])
        if kind == "length":
            schema |= {"minLength": least, "maxLength": most} if least else {"maxLength": most}
        else:
            schema |= {"maxUtf16Length": most} if one_in(rng, 2) else {"maxUtf8Bytes": most + 2}
        return Shape("text", schema, lambda r: some_text(r, least, most))
    if kind == "pattern":
        pattern, samples = rng.choice(PATTERNS)
        schema["pattern"] = pattern
        if one_in(rng, 3):
            schema["maxLength"] = 12
        return Shape("text", schema, lambda r: r.choice(samples))
    if kind == "format":
        name = rng.choice(list(FORMATS))
        schema["format"] = name
        return Shape("text", schema, lambda r: r.choice(FORMATS[name]), format=name)
    if kind == "enum":
        words = list(dict.fromkeys(rng.choice(WORDS) for _ in range(rng.randint(1, 4))))
        return Shape("text", {"enum": words}, lambda r: r.choice(words))
    if kind == "const":
        word = rng.choice(WORDS)
        return Shape("text", {"const": word}, lambda _: word)
    return Shape("text", schema, lambda r: r.choice(WORDS) if one_in(r, 2) else some_text(r, 0, 30))


def integers(rng: Random) -> Shape:
    schema: dict[str, Any] = {"type": "integer"}
    low, high = rng.choice([(0, 5), (1, 3), (-3, 3), (0, 100), (1, 12), (-1000, 1000), (0, 10**6), (7, 7), (None, None),
                            (0, None), (None, 9)])  # fmt: skip
    step = rng.choice([1, 1, 1, 5, 0.5, 3])
    if low is not None:
        schema |= {"exclusiveMinimum": low - 1} if one_in(rng, 4) else {"minimum": low}
    if high is not None:
        schema |= {"exclusiveMaximum": high + 0.5} if one_in(rng, 4) else {"maximum": high}
    if step != 1:
        schema["multipleOf"] = step
    least, most = -(2**63) if low is None else low, 2**63 if high is None else high
    edges = [each for each in _EDGES if least <= each <= most]

    def make(r: Random) -> int:
        number = r.choice(
            [
                r.choice(edges or [least]),
                least,
                most,
                r.randint(max(least, -500), min(most, 500) if least <= 500 else most),
            ]
        )
        return number if step == 1 else int(number // step * step) if isinstance(step, int) else number

    return Shape("integer", schema, make)


def reals(rng: Random) -> Shape:
    schema: dict[str, Any] = {"type": "number"}
    low, high = rng.choice(
        [(0, 10), (0, 1), (-1.5, 1.5), (0, 999.99), (0.01, 100000), (-1e6, 1e6), (None, None), (0, None), (1, 1)]
    )
    places = rng.choice([None, 2, 1, 0, None])
    if low is not None:
        schema["minimum"] = low
    if high is not None:
        schema |= {"exclusiveMaximum": high + 1} if one_in(rng, 5) else {"maximum": high}
    if places is not None:
        schema["multipleOf"] = 10**-places if places else 1
    least, most = -1e9 if low is None else low, 1e9 if high is None else high

    def make(r: Random) -> float:
        number = r.choice(
            [least, most, least + (most - least) * r.randint(0, 1000) / 1000, 0, 1, 0.5, 1e-5, 2.5, 1e16, -0.0]
        )
        number = min(max(number, least), most)
        if places is not None:
            number = round(number, places)
        return int(number) if number == int(number) and one_in(r, 2) else float(number)

    return Shape("number", schema, make)


def named_numbers(rng: Random) -> Shape:
    numbers: list[float] = list(
        dict.fromkeys(rng.choice([1, 2.5, 0, 7, -3, 1000, 0.1]) for _ in range(rng.randint(1, 4)))
    )
    kind = "number" if any(isinstance(each, float) for each in numbers) else "integer"

    def make(r: Random) -> float:
        number = r.choice(numbers)
        return float(number) if one_in(r, 3) else number

    return Shape(kind, {"enum": numbers}, make)


def booleans(_: Random) -> Shape:
    return Shape("boolean", {"type": "boolean"}, lambda r: one_in(r, 2))


def scalars(rng: Random) -> Shape:
    """Text most of all."""
    return rng.choice([texts, texts, integers, reals, booleans, named_numbers, texts])(rng)


# ------------------------------------------------------------------------------------------------------- what holds


def lists(rng: Random, depth: int) -> Shape:
    item = rng.choice(
        [texts, integers, reals, lambda r: objects(r, depth - 1), texts] if depth > 0 else [texts, integers]
    )(rng)
    least, most = rng.choice([(0, 3), (1, 3), (0, 1), (2, 2), (0, 8), (1, 1), (0, None), (3, 6)])
    schema: dict[str, Any] = {"type": "array", "items": item.schema}
    unique = one_in(rng, 4)
    if least:
        schema["minItems"] = least
    if most is not None:
        schema["maxItems"] = most
    if unique:
        schema["uniqueItems"] = True

    def make(r: Random) -> list[Any]:
        size = r.choice([least, 4 if most is None else most, r.randint(least, 5 if most is None else most)])
        made = [item.make(r) for _ in range(size)]
        return [each for index, each in enumerate(made) if each not in made[:index]] if unique else made

    return Shape("list", schema, make, item)


def objects(rng: Random, depth: int) -> Shape:
    names = ["id", "name", "total", "note", "tags"][: rng.randint(1, 5)]
    fields: dict[str, tuple[Shape, bool]] = {}
    for name in names:
        shape = maybe(
            rng, lists(rng, 0) if name == "tags" and depth > 0 else reals(rng) if name == "total" else scalars(rng)
        )
        fields[name] = shape, one_in(rng, 4)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: shape.schema for name, (shape, _) in fields.items()},
    }
    if any(optional for _, optional in fields.values()):
        schema["required"] = [name for name, (_, optional) in fields.items() if not optional]

    def make(r: Random) -> dict[str, Any]:
        return {name: shape.make(r) for name, (shape, optional) in fields.items() if not (optional and one_in(r, 2))}

    return Shape("object", schema, make, fields=fields)


def maybe(rng: Random, shape: Shape) -> Shape:
    """The same, or null, where its schema names a type."""
    if not one_in(rng, 5) or "type" not in shape.schema:
        return shape
    schema = {**shape.schema, "type": [shape.schema["type"], "null"]}
    return replace(shape, schema=schema, nullable=True, make=lambda r: None if one_in(r, 3) else shape.make(r))


def eithers(rng: Random) -> Shape:
    """A text or a number, which can only be printed and compared."""
    one, two = texts(rng), rng.choice([integers, reals])(rng)
    return Shape("either", {"anyOf": [one.schema, two.schema]}, lambda r: r.choice([one, two]).make(r))


def parameters(rng: Random) -> dict[str, Shape]:
    """One to four parameters."""
    found: dict[str, Shape] = {}
    for name in ["a", "b", "c", "d"][: rng.randint(1, 4)]:
        make = rng.choice(
            [
                texts,
                integers,
                lambda r: lists(r, 1),
                reals,
                booleans,
                lambda r: objects(r, 1),
                texts,
                eithers,
                named_numbers,
            ]
        )
        shape = maybe(rng, make(rng))
        if one_in(rng, 6):
            shape = _with_default(shape, rng)
        found[name] = shape
    return found


def _with_default(shape: Shape, rng: Random) -> Shape:
    return replace(shape, schema={**shape.schema, "default": shape.make(rng)})


def declared(shapes: Mapping[str, Shape]) -> Parameters | None:
    """The parameters of some shapes; None where a default does not fit its schema."""
    data = {"params": {name: shape.schema for name, shape in shapes.items()}}
    document = load_yaml(json.dumps(data, ensure_ascii=False).encode(), "generated.yaml")[0]
    found, problems = declare(document)
    return None if any(problem.severity == "error" for problem in problems) else found


def values_of(shapes: Mapping[str, Shape], known: Parameters, rng: Random) -> dict[str, Any] | None:
    """Values that fit, completed; None where chance made some that do not."""
    made = {}
    for name, shape in shapes.items():
        if not ("default" in shape.schema and one_in(rng, 2)):
            made[name] = shape.make(rng)
    completed = known.complete(made)
    return None if known.judge(completed) else completed
