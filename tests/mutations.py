"""Plants a fault into the limits, one at a time, and sees whether a case file notices it.

    python tests/mutations.py            all mutants, about five minutes; exit 1 if one survives
    python tests/mutations.py row-count  only those whose name holds the word

Run it after changing `schemas/limits.overlay.yaml`, a module of `msgc.keywords`, or cases below
`tests/cases/limits` and `tests/cases/keywords`. A mutant of the overlay is built and judged by all cases of the limits,
that of its own rule first; one of a keyword's module changes the functions where they are, so that both validators
run it. A mutant is killed when an answer differs from what its case expects, survives when none does, and is
equivalent when `EQUIVALENT` has the reason why no payload can tell it apart. A survivor is a missing
case.
"""

import importlib
import inspect
import json
import multiprocessing
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from types import FunctionType, ModuleType
from typing import Any

from casefile import find_cases, read_case
from limit_stages import SCHEMA, answers, judge, keywords, variants
from msgc.contract import Contract, read_contract
from msgc.diagnostic import Rejected
from msgc.load_json import load_json
from msgc.schema.build import build, read
from mutations_of_keywords import FAULTS
from mutations_of_patterns import mutate_pattern

NUMBERS = (
    "maxLength minLength maxItems minItems maximum minimum maxUtf8Bytes maxUtf16Length limit".split()  # noqa: SIM905
)

# Mutants (names as regular expressions) that no payload can tell from the original, each with the reason.
EQUIVALENT: dict[str, str] = {
    r"\$\.definitions\.v1Referral: dropped": "nothing refers to the definition any more, so the schema leaves it out",
    r"order-strategy-unspecified: not/const dropped": "the enum has no other value that could be refused as well",
    r"text-(length|blank): if/not/anyOf/[01](/required/0/\w+ renamed| dropped)": (
        "text beside an attachment or a location is refused whatever it holds, and the rest is not told"
    ),
}

Mutant = tuple[str, str, Any]
"""A kind of fault, the mutant's name, and the mutated value."""


# ------------------------------------------------------------------------------------------------------- the overlay


def mutate_overlay(overlay: dict[str, Any]) -> Iterator[Mutant]:
    """Every mutant of every action, as the data of a whole overlay."""
    for action in overlay["actions"]:
        entries = action.get("update", {}).get("allOf", ())
        name = entries[0]["x-limit"]["rule"] if entries else action["target"]

        def changed(entry: dict[str, Any], action: dict[str, Any] = action) -> dict[str, Any]:
            other = {**action, "update": {**action["update"], "allOf": [entry]}}
            return {**overlay, "actions": [other if each is action else each for each in overlay["actions"]]}

        actions = [other for other in overlay["actions"] if other is not action]
        yield "entry dropped", f"{name}: dropped", {**overlay, "actions": actions}
        for entry in entries:
            limit = entry["x-limit"]
            other = {"error": "warning", "warning": "error"}[limit["severity"]]
            yield "severity flipped", f"{name}: {other}", changed({**entry, "x-limit": {**limit, "severity": other}})
            assertion = {key: value for key, value in entry.items() if key != "x-limit"}
            for kind, what, mutated in (*mutate_assertion(assertion, None), *mutate_everywhere(assertion)):
                yield kind, f"{name}: {what}", changed({**mutated, "x-limit": limit})


def mutate_everywhere(assertion: Any) -> Iterator[Mutant]:
    """Faults in a pattern that stands in several places of one limit; a test sees to it that they stay equal."""
    for pattern in repeated_patterns(assertion):
        for what, other in mutate_pattern(pattern):
            yield "pattern broken", f"everywhere/pattern/{what}", _replace(assertion, pattern, other)


def repeated_patterns(value: Any) -> list[str]:
    """The patterns that an assertion has more than once."""
    return [pattern for pattern, times in Counter(_patterns(value)).items() if times > 1]


def _patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        for below in value.values():
            yield from _patterns(below)
    elif isinstance(value, list):
        for below in value:
            yield from _patterns(below)


def _replace(value: Any, pattern: str, other: str) -> Any:
    if isinstance(value, dict):
        return {key: _replace(below, pattern, other) for key, below in value.items()}
    if isinstance(value, list):
        return [_replace(below, pattern, other) for below in value]
    return other if value == pattern else value


def mutate_assertion(value: Any, keyword: str | None, shared: Sequence[str] | None = None) -> Iterator[Mutant]:
    """Every way to break one spot of an assertion; the name holds the path to the spot."""
    shared = repeated_patterns(value) if shared is None else shared
    if isinstance(value, dict):
        for key, below in value.items():
            rest = {name: child for name, child in value.items() if name != key}
            yield "part dropped", f"{key} dropped", rest
            for kind, what, mutated in mutate_assertion(below, key, shared):
                yield kind, f"{key}/{what}", {**value, key: mutated}
    elif isinstance(value, list):
        for index, below in enumerate(value):
            if len(value) > 1:
                what = below if isinstance(below, str) else index
                yield "part dropped", f"{what} dropped", [*value[:index], *value[index + 1 :]]
            for kind, what, mutated in mutate_assertion(below, keyword, shared):
                yield kind, f"{index}/{what}", [*value[:index], mutated, *value[index + 1 :]]
    elif isinstance(value, int | float) and keyword in NUMBERS:
        for step in (1, -1):
            yield f"number {step:+}", f"{step:+}", value + step
    elif isinstance(value, str) and keyword == "pattern":
        for what, pattern in () if value in shared else mutate_pattern(value):
            yield "pattern broken", what, pattern
    elif isinstance(value, str):
        # of `required`, `enum`, `const`, `type` and pointers: what it names is something else
        yield "name broken", f"{value} renamed", "null" if keyword == "type" else f"{value}_"


class Judge:
    """All cases, read once, and the contract that a mutant is built from."""

    def __init__(self) -> None:
        self.swagger = read(SCHEMA.parent / "service.swagger.json")
        self.overlay = read(SCHEMA.parent / "limits.overlay.yaml").data
        self.limits = {}
        for path in find_cases("limits"):
            case = read_case(path)
            expected = answers(case.expected)
            self.limits[path.stem] = [(*variant, expected[phrase]) for phrase, variant in variants(case).items()]
        self.keywords = [read_case(path) for path in find_cases("keywords")]

    def contract(self, overlay: Any) -> Contract:
        document = load_json(json.dumps(overlay).encode(), "limits.overlay.json")
        return Contract(build(self.swagger, [document])[0])

    def is_killed_by_limits(self, contract: Contract, rule: str) -> bool:
        own = self.limits.get(rule, [])
        others = [variant for stem, group in self.limits.items() if stem != rule for variant in group]
        return any(judge(kind, payload, contract) != expected for kind, payload, expected in (*own, *others))

    def is_killed_by_keywords(self) -> bool:
        # what raises is noticed, too
        try:
            return any(keywords(case, case.path) != case.expected for case in self.keywords)
        except Exception:
            return True


def judge_overlay(judge: Judge, mutant: Any, name: str) -> bool:
    try:
        return judge.is_killed_by_limits(judge.contract(mutant), name.split(":")[0])
    except Rejected:  # the builder sees that the limit makes no sense
        return True


# ------------------------------------------------------------------------------------------------ the keyword modules


def functions(module: ModuleType) -> dict[str, FunctionType]:
    """A module's own functions by name, caches taken off."""
    found = {name: inspect.unwrap(value) for name, value in vars(module).items() if callable(value)}
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    }


def judge_keyword(judge: Judge, module_name: str, old: str, new: str) -> bool:
    """Whether any case notices that `old` reads `new` in a module of `msgc.keywords`."""
    module = importlib.import_module(f"msgc.keywords.{module_name}")
    source = inspect.getsource(module)
    assert source.count(old) == 1, f"{module_name} has {source.count(old)} times {old!r}; mend mutations_of_keywords.py"
    faulty = ModuleType(module.__name__)
    exec(compile(source.replace(old, new), f"<{module_name}, changed>", "exec"), vars(faulty))  # noqa: S102
    mutated = functions(faulty)
    original = {name: function.__code__ for name, function in functions(module).items()}
    try:
        for name, function in functions(module).items():
            function.__code__ = mutated[name].__code__
        _forget(module)
        contract = read_contract(SCHEMA)
        try:
            return judge.is_killed_by_keywords() or judge.is_killed_by_limits(contract, "")
        except Exception:
            return True
    finally:
        for name, function in functions(module).items():
            function.__code__ = original[name]
        _forget(module)


def _forget(module: ModuleType) -> None:
    for value in vars(module).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()


# ------------------------------------------------------------------------------------------------------------ the run


def run_share(share: int, shares: int, words: list[str]) -> list[tuple[str, str, bool]]:
    """Kind, name and whether it was killed, of every mutant of one of several processes."""
    judge = Judge()
    mutants = [(kind, name, (mutant,)) for kind, name, mutant in mutate_overlay(judge.overlay)]
    mutants += [("keyword module", f"{module}: {what}", (module, old, new)) for module, old, new, what in FAULTS]
    chosen = [mutant for mutant in mutants if all(word in mutant[1] for word in words)]
    results = []
    for kind, name, mutant in chosen[share::shares]:
        of_keyword = kind == "keyword module"
        killed = judge_keyword(judge, *mutant) if of_keyword else judge_overlay(judge, *mutant, name)
        results.append((kind, name, killed))
    return results


def main(words: list[str]) -> int:
    started = time.monotonic()
    judge = Judge()
    sound = not judge.is_killed_by_limits(judge.contract(judge.overlay), "") and not judge.is_killed_by_keywords()
    assert sound, "cases fail without any fault; run pytest first"
    shares = os.cpu_count() or 1
    with multiprocessing.Pool(shares) as pool:
        parts = pool.starmap(run_share, [(share, shares, words) for share in range(shares)])
    counts: Counter[tuple[str, str]] = Counter()
    complaints = []
    unmet = set(EQUIVALENT)
    for kind, name, killed in sorted(result for part in parts for result in part):
        reason = next((pattern for pattern in EQUIVALENT if re.fullmatch(pattern, name)), None)
        counts[kind, "killed" if killed else "survived" if reason is None else "equivalent"] += 1
        if not killed and reason is None:
            complaints.append(f"survived: {name}")
        elif killed and reason is not None:
            complaints.append(f"killed, though listed as equivalent: {name}")
        unmet.discard(reason or "")
    if not words:
        complaints += [f"listed as equivalent, but there is no such mutant: {name}" for name in sorted(unmet)]
    _report(counts, complaints, time.monotonic() - started)
    return 1 if complaints else 0


def _report(counts: Counter[tuple[str, str]], complaints: list[str], seconds: float) -> None:
    results = ("killed", "equivalent", "survived")
    print("equivalent, because no payload can tell:")
    for name, reason in EQUIVALENT.items():
        print(f"  {name}\n    {reason}")
    print("".join(f"{line}\n" for line in complaints))
    print(f"{'fault':<20}{''.join(f'{result:>12}' for result in results)}")
    kinds = dict.fromkeys(kind for kind, _ in counts)
    for kind in kinds:
        print(f"{kind:<20}{''.join(f'{counts[kind, result]:>12,}' for result in results)}")
    totals = [sum(counts[kind, result] for kind in kinds) for result in results]
    print(f"{'all':<20}{''.join(f'{total:>12,}' for total in totals)}   in {seconds:.0f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
