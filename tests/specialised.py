"""Programs held against the long way: the same bytes wherever a program gives any, and nothing to say of them."""

import copy
import json
from collections import Counter
from random import Random
from typing import Any

from hypothesis import assume

from generated import Shape, one_in, parameters, values_of
from generated_definitions import definition, message
from generated_templates import template
from msgc.define import define
from msgc.definition import Definition
from msgc.emit import compact
from msgc.load import load_yaml
from msgc.pipeline import Project
from msgc.specialise.program import Program, To
from soundness import ROUNDS

MADE: Counter[str] = Counter()
"""How many comparisons there were, how many had a payload without a finding, how many of these the program made."""

HOSTILE: list[Any] = [
    *("", " ", "\n", "a\n", "\na", "a\0b", "\ud800", "😀", "*bold*", "{{1}}", "\ufffd", "a|b", "| ", '"\\/', "\u2028"),
    *("x" * 41, "x" * 4096, "x" * 4097, "İ" * 30, "ﬁ" * 30, "\x1f", "\x7f", "\u200b", "e\u0301", "A1234", "2026-03-09"),
    *(None, True, False, 0, 1, -1, -0.0, 1.0, 0.1, 1e308, float("nan"), float("inf"), 2**63, 2**64, -(2**63) - 1),
    *([], {}, [[]], [None], {"": 0}, {"id": "a"}, ("a",), b"a", {1: 2}, [1] * 250),
]
RECIPIENTS: list[To] = [
    *(None, "+16044441111", "16044441111", "", "+1", "US.13491208655302741918", "bsuid:x", " +16044441111", "+1\0"),
    *({"id": "+16044441111"}, {"userId": "US.1349"}, {"id": "+16044441111", "name": "Ana"}, {"name": "Ana"}, {}),
]


class Text(str):
    """A text that is more than a text."""

    __slots__ = ()


def spoilt(value: Any, rng: Random) -> Any:
    """The same values with one thing changed somewhere."""
    if isinstance(value, dict) and value and not one_in(rng, 6):
        changed = dict(value)
        key = rng.choice(list(value))
        what = rng.randrange(8)
        if what == 0:
            del changed[key]
        elif what == 1:
            changed[rng.choice(["zzz", f"{key}x", ""])] = rng.choice(HOSTILE)
        else:
            changed[key] = spoilt(value[key], rng)
        return changed
    if isinstance(value, list) and value and not one_in(rng, 4):
        changed_list = list(value)
        index = rng.randrange(len(value))
        if one_in(rng, 3):
            changed_list.insert(index, copy.deepcopy(rng.choice(value)))
        else:
            changed_list[index] = spoilt(value[index], rng)
        return changed_list
    if isinstance(value, str) and one_in(rng, 2):
        return rng.choice([Text(value), f"{value}\n", f" {value}", value + rng.choice("*_~{\0😀\ufffd"), value * 2])
    return copy.deepcopy(rng.choice(HOSTILE))


def compare(project: Project, found: Definition, program: Program, values: Any, to: To) -> None:
    """One comparison. The program may always leave it to the long way; what it gives is what that gives."""
    MADE["compared"] += 1
    before = repr(values)
    made = program.run(values, to)
    assert repr(values) == before
    try:
        payload, problems = project.compile(found, values, to=to)
    except Exception:
        # What is no plain JSON object is not for the long way either.
        assert made is None, (values, to)
        return
    if made is not None:
        assert problems == [], (made, problems)
        assert payload is not None
        assert made == compact(payload)
    if payload is not None and not problems:
        MADE["good"] += 1
        MADE["made"] += made is not None


def compare_by_chance(rng: Random, project: Project) -> None:
    """A definition by chance, with values that fit and others."""
    shapes: dict[str, Shape] = parameters(rng)
    made = message(rng, shapes)
    if one_in(rng, 3):
        made = {"message": {"text": template(rng, shapes)}}
    found, _ = definition(shapes, made, project.library)
    assume(found is not None)
    assert found is not None
    program = project.program(found)
    for _ in range(ROUNDS):
        values = values_of(shapes, found.parameters, rng)
        if values is None:
            continue
        for each in (values, spoilt(values, rng)):
            compare(project, found, program, each, rng.choice(RECIPIENTS) if one_in(rng, 3) else None)


def define_as(data: dict[str, Any], project: Project) -> Definition | None:
    """The definition of some keys; None where there is none."""
    document, _ = load_yaml(json.dumps(data, ensure_ascii=False).encode(), "made.yaml")
    return None if document is None else define(document, "made", project.library).definition


def opened(payload: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A payload with a parameter, of which nothing is known but its type, in the place of each text and number.

    With it, the values that make the payload what it was.
    """
    values: dict[str, Any] = {}
    kinds = {str: "string", int: "integer", float: "number", bool: "boolean"}

    def open_(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: each if key == "channelType" else open_(each) for key, each in value.items()}
        if isinstance(value, list):
            return [open_(each) for each in value]
        if type(value) not in kinds or len(values) == 90:
            return value
        key = f"v{len(values)}"
        values[key] = value
        return f"{{{{ {key} }}}}"

    body = open_({key: each for key, each in payload.items() if key not in ("recipient", "number", "type")})
    return {"params": {key: kinds[type(value)] for key, value in values.items()}, **body}, values


def schema_of(value: Any) -> dict[str, Any]:
    """A schema of a value like this one, with every key."""
    if isinstance(value, dict):
        return {"type": "object", "properties": {key: schema_of(each) for key, each in value.items()}}
    if isinstance(value, list):
        return {"type": "array", "items": schema_of(value[0]) if value else {"type": "string"}}
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return {"type": kinds[type(value)]}


def samples(found: Definition, rng: Random, count: int) -> list[dict[str, Any]]:
    """Values of the definition's examples, as they are and spoilt."""
    plain = [json.loads(json.dumps(dict(example.values))) for example in found.examples] or [{}]
    made = list(plain)
    for _ in range(count):
        values: Any = rng.choice(plain)
        for _ in range(rng.randint(1, 2)):
            values = spoilt(values, rng)
        made.append(values if isinstance(values, dict) else {"x": values})
    return made
