"""Witnesses: values that the parameters take and that really break what can break, found by rendering them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from msgc.contract import Contract
from msgc.definition import Definition
from msgc.diagnostic import Diagnostic, Rejected, enumerate_words
from msgc.document import Path
from msgc.expand import expand_partly
from msgc.payload import Payload
from msgc.prove.candidates import AIMS, Aim, Maker, variations
from msgc.prove.made import Made
from msgc.prove.outcome import Outcome
from msgc.prove.shrink import shrink
from msgc.source import Span
from msgc.validate import check_value

_MAX_RENDERINGS = 240
_OF_LEAVES = frozenset({"maxLength", "minLength", "pattern"})
_LONGEST_TEXT = 24
_LONGEST_SHOWN = 140
_MOST_ITEMS = 2
_LONGEST_START = 12
_MOST_ECHOES = 120
_MOST_SHOWN = 3
_SIZES = {
    "maxLength": lambda value: f"{len(value):,} characters",
    "maxItems": lambda value: f"{len(value):,} items",
}
_FIRST: Mapping[str, tuple[Aim, ...]] = {
    "maxLength": ("longest", "heavy"),
    "maxUtf8Bytes": ("longest", "heavy"),
    "maxItems": ("longest",),
    "maxTotalItems": ("longest",),
    "minLength": ("shortest",),
    "minItems": ("shortest",),
    "minTotalItems": ("shortest",),
    "required": ("shortest", "null"),
    "uniqueAcross": ("equal",),
    "uniqueItemProperties": ("equal",),
    "pattern": ("blank", "shortest", "spaced"),
    "not": ("spaced", "lines", "longest"),
}


@dataclass(frozen=True, slots=True)
class Witness:
    """Values that break a limit: all of them, and how a report shows those that matter. `size` is what they make."""

    values: Mapping[str, Any]
    shown: str
    size: str | None = None


class Search:
    """Looks for witnesses of one definition. It renders so often at most for each finding, never by the clock."""

    def __init__(self, definition: Definition, contract: Contract) -> None:
        self._definition = definition
        self._contract = contract
        self._left = 0
        self._payloads: dict[str, tuple[Payload | None, list[Diagnostic]] | None] = {}
        self._makers: dict[int, tuple[Maker, dict[tuple[Aim, int], dict[str, Any] | None]]] = {}

    def breaking(self, rule: str, outcome: Outcome, made: Made) -> Witness | None:
        """Values for which a limit is broken where an outcome says that it can be; None where none are found."""

        def shows(values: Mapping[str, Any]) -> bool:
            return self._place(values, rule, outcome, made) is not None

        number = outcome.constraint if isinstance(outcome.constraint, int) else 64
        size = number + 1 if outcome.keyword.startswith("max") else 64
        found = self._search(shows, min(max(size, 8), 6_000), _FIRST.get(outcome.keyword, ()))
        if found is None:
            return None
        values, needed = self._smaller(found, lambda smaller: self._broken(smaller, rule, outcome) is not None)
        if not shows(values):
            values, needed = self._smaller(found, shows)
        self._left = 1
        place = self._place(values, rule, outcome, made)
        size_of = _SIZES.get(outcome.keyword)
        amount = None if size_of is None or place is None else size_of(_value_at(place[0].data, place[1]))
        return Witness(values, self._shown(values, needed or [*made.parameters]), amount)

    def failing(self, problem: Diagnostic) -> Diagnostic:
        """The finding of a template that may fail, with values for which it does where they are found."""

        def shows(values: Mapping[str, Any]) -> bool:
            made = self._rendered(values)
            if made is None:
                return False
            _, problems = made
            return any(found.rule == problem.rule and _overlap(found.span, problem.span) for found in problems)

        found = self._search(shows, 8, ("shortest", "null", "longest"))
        if found is None:
            return replace(problem, found="no values were found that show it")
        values, needed = self._smaller(found, shows)
        return replace(problem, found=f"with {self._shown(values, needed or self._named(problem.span))}")

    def _named(self, span: Span | None) -> list[str]:
        """The parameters that are named at a place."""
        code = "" if span is None else span.source.text[span.start : span.end]
        words = set(re.findall(r"[A-Za-z_]\w*", code))
        return [name for name in self._definition.parameters.names if name in words]

    # ------------------------------------------------------------------------------------------------- the search

    def _search(
        self, shows: Callable[[Mapping[str, Any]], bool], size: int, first: tuple[Aim, ...]
    ) -> Mapping[str, Any] | None:
        self._left = _MAX_RENDERINGS
        tried: set[str] = set()
        for values in self._candidates(size, first):
            key = json.dumps(values, sort_keys=True)
            if key in tried:
                continue
            tried.add(key)
            if shows(values):
                return values
            if self._left <= 0:
                return None
        return None

    def _smaller(
        self, values: Mapping[str, Any], shows: Callable[[Mapping[str, Any]], bool]
    ) -> tuple[Mapping[str, Any], list[str]]:
        self._left = _MAX_RENDERINGS
        return shrink(values, self._plain or {}, shows)

    @cached_property
    def _plain(self) -> dict[str, Any] | None:
        return self._made(1, "plain")

    def _candidates(self, size: int, first: tuple[Aim, ...]) -> Iterator[Mapping[str, Any]]:
        aims = tuple(dict.fromkeys((*first, *AIMS)))
        made: list[dict[str, Any]] = []
        for aim in aims:
            base = self._made(size, aim)
            if base is not None:
                made.append(base)
                yield base
        for aim in aims:
            if aim in ("equal", "spaced", "lines", "blank"):
                varied = (self._made(size, aim, variant) for variant in range(1, 5))
                yield from (base for base in varied if base is not None)
        few = made[: max(1, len(first))]
        for base in few:
            yield from variations(self._makers[size][0], base)
        if "equal" in first:
            yield from self._echoed()
        yield from self._mixed(made, few)
        for base in made[1:]:
            yield from variations(self._makers[size][0], base)

    def _echoed(self) -> Iterator[Mapping[str, Any]]:
        """Plain values in which a text is one that the message has elsewhere, or the end of one."""
        plain = self._plain
        rendered = None if plain is None else self._rendered(plain)
        if plain is None or rendered is None or rendered[0] is None:
            return
        texts = dict.fromkeys(text for _, text, _ in rendered[0].texts())
        ends = dict.fromkeys(text[start:] for text in texts for start in range(min(len(text), _LONGEST_START)))
        made = (changed for end in ends for name in plain for changed in _with_text(plain, name, end))
        parameters = self._definition.parameters
        taken = (values for values in made if parameters.acceptor.accepts(parameters.complete(values)))
        yield from itertools.islice(taken, _MOST_ECHOES)

    def _mixed(self, made: list[dict[str, Any]], few: list[dict[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Examples and plain values in which one parameter is changed at a time."""
        names = self._definition.parameters.names
        for example in self._definition.examples[:3]:
            yield example.values
            yield from ({**example.values, name: base[name]} for name in names for base in few if name in base)
        if self._plain is not None:
            plain = self._plain
            yield from ({**plain, name: base[name]} for name in names for base in made if name in base)

    # ---------------------------------------------------------------------------------------------- what is rendered

    def _rendered(self, values: Mapping[str, Any]) -> tuple[Payload | None, list[Diagnostic]] | None:
        """The payload and the problems of values; None where the parameters do not take them."""
        self._left -= 1
        if self._left < 0:
            return None
        key = json.dumps(values, sort_keys=True)
        if key not in self._payloads:
            self._payloads[key] = self._render(values)
        return self._payloads[key]

    def _render(self, values: Mapping[str, Any]) -> tuple[Payload | None, list[Diagnostic]] | None:
        parameters = self._definition.parameters
        complete = parameters.complete(values)
        if check_value(complete) or not parameters.acceptor.accepts(complete):
            return None
        try:
            return expand_partly(self._definition, complete)
        except Rejected as rejected:
            return None, list(rejected.diagnostics)

    def _made(self, size: int, aim: Aim, variant: int = 0) -> dict[str, Any] | None:
        """Values made with an aim, once for each size."""
        if size not in self._makers:
            self._makers[size] = (Maker(self._definition.parameters, size), {})
        maker, known = self._makers[size]
        if (aim, variant) not in known:
            known[aim, variant] = maker.whole(aim, variant)
        return known[aim, variant]

    def _place(self, values: Mapping[str, Any], rule: str, outcome: Outcome, made: Made) -> tuple[Payload, Path] | None:
        """The payload that breaks a limit at the place that an outcome speaks of, and where in it."""
        payload = self._broken(values, rule, outcome)
        if payload is None:
            return None
        kind = self._definition.kind
        if outcome.limit is not None:
            places = self._contract.broken_at(rule, kind, payload.data)
        else:
            found = self._contract.judge(kind, payload.data, recipient=False)
            places = [each.path for each in found if each.limit is None and each.keyword == outcome.keyword]
        for path in places:
            if payload.is_doubtful(path):
                continue
            trace, _ = payload.locate(path)
            if trace.origin == made.origin or outcome.keyword not in _OF_LEAVES:
                return payload, path
        return None

    def _broken(self, values: Mapping[str, Any], rule: str, outcome: Outcome) -> Payload | None:
        """The payload of values that breaks a limit, wherever it does; None for one that does not."""
        rendered = self._rendered(values)
        if rendered is None or rendered[0] is None:
            return None
        payload = rendered[0]
        if outcome.limit is not None and not self._contract.breaks(rule, self._definition.kind, payload.data):
            return None
        return payload

    def _shown(self, values: Mapping[str, Any], needed: list[str]) -> str:
        if not needed:
            return "any values"
        shown = [f"`{name}` {spell(values[name])}" for name in needed[:_MOST_SHOWN] if name in values]
        absent = [f"no `{name}`" for name in needed[:_MOST_SHOWN] if name not in values]
        return enumerate_words([*shown, *absent], "and")


def _with_text(values: Mapping[str, Any], name: str, text: str) -> Iterator[dict[str, Any]]:
    """The values with a text at each place of one parameter that has a text, down to the keys of a list's items."""
    value = values[name]
    if isinstance(value, str):
        yield {**values, name: text}
    elif isinstance(value, list) and value:
        yield from (
            {**values, name: [inner["item"], *value[1:]]} for inner in _with_text({"item": value[0]}, "item", text)
        )
    elif isinstance(value, dict):
        yield from ({**values, name: inner} for key in value for inner in _with_text(value, key, text))


def _overlap(one: Span | None, other: Span | None) -> bool:
    if one is None or other is None or one.source != other.source:
        return False
    return one.start < other.end and other.start < one.end


def _value_at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def spell(value: Any) -> str:
    """A value as a report shows it: as JSON, long texts and lists shortened and counted."""
    shown = _spelled(value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"


def _spelled(value: Any) -> str:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{json.dumps(value[:8] + '…', ensure_ascii=False)} ({len(value):,} characters)"
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {_spelled(each)}" for key, each in value.items())
            + "}"
        )
    if isinstance(value, list) and len(value) > 1 and all(item == value[0] for item in value):
        return f"{len(value):,} times {_spelled(value[0])}"
    if isinstance(value, list):
        more = [f"… {len(value):,} in all"] if len(value) > _MOST_ITEMS else []
        return "[" + ", ".join([*map(_spelled, value[:_MOST_ITEMS]), *more]) + "]"
    return json.dumps(value, ensure_ascii=False)
