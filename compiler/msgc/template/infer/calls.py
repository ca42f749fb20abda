"""Filters, tests and calls: arguments are held against signatures, and what comes back is asked of the tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Items
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from jinja2 import nodes
from jinja2.runtime import Undefined

from msgc.bounds.numbers import of_range
from msgc.bounds.values import (
    ABSENT,
    ANY_TEXT,
    ANYTHING,
    EITHER,
    NOBODY_KNOWS,
    NOTHING,
    UNKNOWN,
    Part,
    Record,
    Sequence,
    Value,
    bounded,
    constants,
    of_constant,
    of_number,
    of_text,
    of_truth,
)
from msgc.bounds.words import EMPTY, Range
from msgc.diagnostic import enumerate_words
from msgc.template import budget
from msgc.template.filters import FILTERS
from msgc.template.infer.call import Call
from msgc.template.infer.expressions import Expressions
from msgc.template.infer.notes import Notes
from msgc.template.infer.sentences import kind_words
from msgc.template.infer.specials import (
    NO_ELSE,
    Absence,
    FunctionValue,
    LoopValue,
    MacroValue,
    ModuleValue,
    NamespaceValue,
    Scope,
)
from msgc.template.infer.transfers import TRANSFERS
from msgc.template.infer.truths import TRUTHS
from msgc.template.lists import TESTS
from msgc.template.problem import Place, TemplateProblem
from msgc.template.signature import Signature

_MOST_COMBINATIONS = 64
_KINDS: Mapping[str, tuple[str, ...]] = {
    "any": ("text", "number", "boolean", "null", "list", "object", "special"),
    "text": ("text",),
    "integer": ("number",),
    "number": ("number",),
    "boolean": ("boolean",),
    "list": ("list",),
    "object": ("object",),
    "null": ("null",),
}
_WORDS = {"text": "text", "integer": "an integer", "number": "a number", "boolean": "true or false", "list": "a list",
          "object": "an object", "null": "null", "any": "any value"}  # fmt: skip
_ARGUMENT = "filter-argument"
_INDIFFERENT = frozenset({"batch", "count", "d", "default", "first", "join", "last", "length", "list", "map", "reverse",
                          "slice"})  # fmt: skip
"""Filters that do not look at the items of a list, or say themselves what is wrong with them."""


_TAKING_ONE = frozenset({"first", "last", "min", "max"})


class _Asking:
    """What a transfer function can ask while one filter is walked."""

    def __init__(self, walker: Calls, name: str, value: Value, place: Place, scope: Scope) -> None:
        parts = () if value.sequence is None else value.sequence.parts
        self._sure = value.kinds == {"list"} and all(part.count.least > 0 for part in parts)
        self._walker = walker
        self._name = name
        self._place = place
        self._scope = scope
        self.failed = False

    @property
    def locale(self) -> str:
        return self._walker.sandbox.locale  # type: ignore[no-any-return]

    def filtered(self, name: str, value: Value, args: tuple[Value, ...], kwargs: Mapping[str, Value]) -> Value:
        with self._inside():
            return self._walker.filtered(
                name, self._given(FILTERS, name, value), args, kwargs, self._place, self._scope
            )

    def tested(self, name: str, value: Value, args: tuple[Value, ...], kwargs: Mapping[str, Value]) -> int:
        with self._inside():
            return self._walker.tested(name, self._given(TESTS, name, value), args, kwargs, self._place)

    def item(self, value: Value, key: Value) -> Value:
        with self._inside():
            return self._walker.item(value, key, self._place, self._scope)

    def _given(self, signatures: Mapping[str, Signature], name: str, value: Value) -> Value:
        """An item, demanded unless the filter or test can do without one."""
        signature = signatures.get(name)
        return value if signature is None or signature.lenient else self._walker.demand_text(value, self._place)

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """What goes wrong for an item is certain only where there surely is one."""
        if self._sure:
            yield
            return
        outer, self._walker.notes = self._walker.notes, Notes()
        try:
            yield
        finally:
            inner, self._walker.notes = self._walker.notes, outer
            for note in inner.problems():
                outer.add(replace(note, certain=False))

    def fail(self, message: str, *, certain: bool, help: str | None = None) -> None:  # noqa: A002
        self.failed = True
        rule = "unprintable-value" if self._name == "string" else _ARGUMENT
        self._walker.note(rule, self._place, message, certain=certain, help=help, aspect="result")

    def unprintable(self, message: str, *, certain: bool) -> None:
        self._walker.note("unprintable-value", self._place, message, certain=certain)

    def missing(self, value: Value, message: str, *, certain: bool) -> None:
        absence = value.made if isinstance(value.made, Absence) else None
        rule, help_ = ("undefined-key", None) if absence is None else (absence.rule, absence.help)
        self._walker.note(rule, self._place, message, certain=certain, help=help_)


class Calls(Expressions):
    """Walks filters, tests and calls as well. `sandbox` runs a filter on values that are few and known."""

    sandbox: Any

    def _filter(self, node: nodes.Filter, scope: Scope) -> Value:
        place = self.spans.call(node)
        if node.node is None:
            value = of_text(self.block_text)
        else:
            value = self.evaluate(node.node, scope)
            if not FILTERS[node.name].lenient:
                value = self._demand_plainly(value, node.node)
        args, kwargs = self.arguments(node, scope)
        result = self.filtered(node.name, value, args, kwargs, place, scope)
        empty = value.sequence is None or value.sequence.count.least == 0
        if result.absent and node.name in _TAKING_ONE and empty:
            self.demand_inside(value, place)
            code = self.spans.place(node).code
            message = f"`{code}` may take nothing, where the list is empty"
            help_ = f"say what else there is: `{{{{ {code} | default('-') }}}}`, or ask first with `{{% if %}}`"
            result = replace(result, made=Absence("undefined-variable", message, not result.kinds, help_))
        return result

    block_text = EMPTY

    def _demand_plainly(self, value: Value, node: nodes.Node) -> Value:
        return self.demand_text(value, self.spans.place(node))

    def demand_text(self, value: Value, place: Place) -> Value:
        """The value, demanded; what an `if` without `else` leaves out is the empty text."""
        if value.special == NO_ELSE:
            value = replace(value, special=None) | of_text(EMPTY)
        return self.demand(value, place)

    def arguments(
        self, node: nodes.Filter | nodes.Test | nodes.Call, scope: Scope
    ) -> tuple[tuple[Value, ...], dict[str, Value]]:
        """What is given to a filter, a test or a macro; what `*` and `**` spread is not followed."""
        args = tuple(self.evaluate(argument, scope) for argument in node.args)
        kwargs = {str(keyword.key): self.evaluate(keyword.value, scope) for keyword in node.kwargs}
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            kwargs[UNKNOWN] = ANYTHING
        return args, kwargs

    def filtered(
        self,
        name: str,
        value: Value,
        args: tuple[Value, ...],
        kwargs: Mapping[str, Value],
        place: Place,
        scope: Scope,
    ) -> Value:
        """What a filter makes of a value."""
        signature = FILTERS.get(name)
        if signature is None or UNKNOWN in kwargs:
            return ANYTHING
        if not signature.lenient:
            value = self._fitting(name, signature, value, place)
            if value is None or value.impossible:
                return NOTHING
        bound: dict[str, Value] = {}
        if name == "format":
            args = tuple(self.demand_text(each, place) for each in args)
            kwargs = {key: self.demand_text(each, place) for key, each in kwargs.items()}
        if not signature.variadic:
            found = self._bound(name, signature, args, kwargs, place)
            if found is None:
                return NOTHING
            bound = found
        if name not in _INDIFFERENT:
            self.demand_inside(value, place)
        known = self._run(name, signature, value, args, kwargs, place)
        if known is not None:
            return known
        transfer = TRANSFERS.get(name)
        if transfer is None:
            return ANYTHING
        return transfer(Call(name, value, bound, args, dict(kwargs), _Asking(self, name, value, place, scope)))

    def _fitting(self, name: str, signature: Signature, value: Value, place: Place) -> Value:
        """The value as far as the filter or test takes it; what it does not take is noted."""
        if value.special == UNKNOWN:
            return ANYTHING.only(*(kind for each in signature.takes.split("|") for kind in _KINDS[each]))
        takes = signature.takes.split("|")
        allowed = {kind for each in takes for kind in _KINDS[each]}
        wrong = value.kinds - allowed
        fraction = "integer" in takes and "number" not in takes and value.number is not None and not value.number.whole
        if wrong or fraction:
            self.note(
                _ARGUMENT,
                place,
                f"`{name}` takes {enumerate_words([_WORDS[each] for each in takes])}, and is given "
                + (kind_words(value, tuple(allowed)) if wrong else "a number that may not be whole"),
                certain=bool(wrong) and wrong == value.kinds,
                help=signature.instead if signature.instead and "number" in wrong else _conversion(takes, wrong),
            )
        else:
            self.notes.passed(_ARGUMENT, place)
        return value.only(*allowed) if wrong else value

    def _bound(
        self, name: str, signature: Signature, args: Items[Value], kwargs: Mapping[str, Value], place: Place
    ) -> dict[str, Value] | None:
        """The arguments by name; None where they do not fit the signature, which is noted."""
        names = list(signature.parameters)
        bound = dict(zip(names, args, strict=False))
        unknown = [key for key in kwargs if key not in names or key in bound]
        bound.update({key: value for key, value in kwargs.items() if key in names})
        missing = [key for key, kinds in signature.parameters.items() if kinds.startswith("!") and key not in bound]
        message = None
        if len(args) > len(names):
            message = f"`{name}` takes at most {len(names)} argument{'' if len(names) == 1 else 's'}"
        elif unknown:
            message = f"`{name}` has no argument `{unknown[0]}`"
        elif missing:
            message = f"`{name}` needs the argument `{missing[0]}`"
        if message is not None:
            takes = f"it takes {enumerate_words([f'`{each}`' for each in names], 'and')}" if names else None
            self.note(_ARGUMENT, place, message, certain=True, help=takes, aspect="arguments")
            return None
        for key, value in bound.items():
            kinds = signature.parameters[key].removeprefix("!").split("|")
            value = self.demand(value, place)
            if value.special == UNKNOWN:
                bound[key] = ANYTHING.only(*(kind for each in kinds for kind in _KINDS[each]))
                continue
            allowed = {kind for each in kinds for kind in _KINDS[each]}
            wrong = value.kinds - allowed
            if "integer" in kinds and "number" not in kinds and value.number is not None and not value.number.whole:
                self.note(_ARGUMENT, place, f"the argument `{key}` of `{name}` takes an integer", certain=False)
            if wrong:
                certain = wrong == value.kinds
                takes = enumerate_words([_WORDS[each] for each in kinds])
                self.note(
                    _ARGUMENT,
                    place,
                    f"the argument `{key}` of `{name}` takes {takes}, and is given {kind_words(value, tuple(allowed))}",
                    certain=certain,
                    aspect=key,
                )
                if certain:
                    return None
            else:
                self.notes.passed(_ARGUMENT, place, key)
            bound[key] = value.only(*allowed)
        return bound

    def _run(
        self,
        name: str,
        signature: Signature,
        value: Value,
        args: tuple[Value, ...],
        kwargs: Mapping[str, Value],
        place: Place,
    ) -> Value | None:
        """The results of the filter itself, where value and arguments are few and known."""
        if value.absent and not value.kinds:
            return None
        known = [constants(each) for each in (value, *args, *kwargs.values())]
        count = 1
        for each in known:
            if not each:
                return None
            count *= len(each)
        if count > _MOST_COMBINATIONS:
            return None
        found, problems, total = NOTHING, [], 0
        for combination in itertools.product(*(each or () for each in known)):
            total += 1
            given = combination[1 : 1 + len(args)]
            named = dict(zip(kwargs, combination[1 + len(args) :], strict=True))
            token = budget.begin(budget.Budget())
            try:
                found = found | _plain(signature.call(self.sandbox, name, combination[0], given, named))
            except TemplateProblem as problem:
                problems.append(problem)
            except (ArithmeticError, LookupError, TypeError, ValueError):
                problems.append(TemplateProblem(_ARGUMENT, f"`{name}` cannot work on this"))
            finally:
                budget.end(token)
        if problems:
            first = problems[0]
            self.note(
                first.rule, place, first.message, certain=len(problems) == total, help=first.help, aspect="result"
            )
        else:
            self.notes.passed(_ARGUMENT, place, "result")
        return found

    # --------------------------------------------------------------------------------------------------- tests

    def _tested(self, node: nodes.Test, scope: Scope) -> Value:
        value = self.evaluate(node.node, scope)
        args, kwargs = self.arguments(node, scope)
        if not TESTS[node.name].lenient:
            value = self._demand_plainly(value, node.node)
        return of_truth(self.tested(node.name, value, args, kwargs, self.spans.call(node)))

    def tested(
        self, name: str, value: Value, args: tuple[Value, ...], kwargs: Mapping[str, Value], place: Place
    ) -> int:
        """What a test says of a value."""
        signature = TESTS.get(name)
        if signature is None or UNKNOWN in kwargs:
            return EITHER
        if not signature.lenient:
            value = self._fitting(name, signature, value, place)
            if value.impossible:
                return 0
        bound = self._bound(name, signature, args, kwargs, place)
        if bound is None:
            return EITHER
        truth, failed = TRUTHS[name](value, bound)
        if failed is not None:
            self.note("template-error", place, f"`{name}` cannot compare these", certain=failed)
        return truth

    # --------------------------------------------------------------------------------------------------- calls

    def _call(self, node: nodes.Call, scope: Scope) -> Value:
        place = self.spans.place(node)
        function = self.given(node.node, scope)
        args, kwargs = self.arguments(node, scope)
        special = function.special
        if function.impossible:
            return NOTHING
        if special == UNKNOWN:
            return NOBODY_KNOWS
        if special is None or function.kinds != {"special"}:
            if special is None:
                self.note(
                    "template-call",
                    place,
                    f"{kind_words(function)} cannot be called",
                    certain=True,
                    help="only macros, `range`, `dict`, `namespace`, `loop.cycle` and `loop.changed` can",
                )
                return NOTHING
            return ANYTHING
        if isinstance(special, MacroValue):
            return self.macro(special, args, kwargs, place, caller=None, around=scope)
        if isinstance(special, FunctionValue):
            return self._function(special.name, args, kwargs, node)
        if isinstance(special, LoopValue):
            return ANY_TEXT
        if isinstance(special, ModuleValue):
            self.note("template-call", place, "a file of macros cannot be called", certain=True)
            return NOTHING
        return ANYTHING

    def macro(
        self,
        macro: MacroValue,
        args: tuple[Value, ...],
        kwargs: Mapping[str, Value],
        place: Place,
        *,
        caller: Value | None,
        around: Scope,
    ) -> Value:
        """What a macro gives back; `around` is what is known where it is called."""
        raise NotImplementedError

    def _function(self, name: str, args: tuple[Value, ...], kwargs: Mapping[str, Value], node: nodes.Call) -> Value:
        if name == "range":
            self._check_range(args, kwargs, self.spans.place(node))
            made = _range(tuple(each.only("number") for each in args))
            return made if made.sequence is None else Value(sequence=replace(made.sequence, foreign=True))
        if name in ("dict", "namespace") and any(each.kinds != {"object"} or each.absent for each in args[:2]):
            message = f"`{name}` takes named values, and an object before them"
            self.note("template-call", self.spans.place(node), message, certain=False)
        if name == "dict":
            known = not args and UNKNOWN not in kwargs
            return bounded(Value(record=Record(dict(kwargs), NOTHING))) if known else ANYTHING
        if name == "namespace":
            return Value(special=NamespaceValue(f"(namespace {node.lineno})"))
        if name == "loop.cycle":
            if kwargs or not args:
                place = self.spans.place(node)
                self.note(
                    "template-call", place, "`loop.cycle` needs values, without names", certain=UNKNOWN not in kwargs
                )
            found = NOTHING
            for value in args:
                found = found | value
            return found
        return of_truth(EITHER)

    def _check_range(self, args: tuple[Value, ...], kwargs: Mapping[str, Value], place: Place) -> None:
        """Notes where `range` may be given something else than one to three integers, or a step of 0."""
        spread = UNKNOWN in kwargs
        wrong = not spread and (bool(kwargs) or not 1 <= len(args) <= _MOST_BOUNDS)
        unsure = spread
        for each in args:
            number = each.number
            whole = number is not None and number.whole
            unsure = unsure or each.absent or each.kinds != {"number"} or not whole
            wrong = wrong or (number is None and each.special is None)
        if wrong or unsure:
            self.note("template-call", place, "`range` takes one to three integers", certain=wrong)
        step = args[2].number if len(args) == _MOST_BOUNDS else None
        if step is not None and step.zero:
            self.note("template-call", place, "the step of `range` may be 0", certain=False)


_MOST_BOUNDS = 3


def _range(args: tuple[Value, ...]) -> Value:
    known = [constants(each, 1) for each in args]
    if not args:
        return NOTHING
    if all(known):
        bounds = [each[0] for each in known if each]
        if all(type(bound) is int for bound in bounds) and (len(bounds) < 3 or bounds[2] != 0):
            made = range(*bounds)
            if not made[24:]:
                return of_constant(list(made))
            ends = sorted((made[0], made[-1]))
            length = abs(made[-1] - made[0]) // abs(made.step) + 1  # `len` knows no count of more than 64 bits
            return Value(sequence=Sequence((Part(of_number(of_range(*ends)), Range(length, length)),)))
    most = args[0].number.most if len(args) == 1 and args[0].number is not None else None
    least = args[0].number.least if len(args) == 1 and args[0].number is not None else None
    count = Range(0 if least is None else max(0, int(least)), None if most is None else max(0, int(most)))
    last = None if count.most is None else max(0, count.most - 1)
    item = of_number(of_range(0, last)) if len(args) == 1 else of_number(of_range(None, None))
    return Value(sequence=Sequence((Part(item, count),)))


def _plain(result: Any) -> Value:
    if result is None or isinstance(result, (str, int, float, bool)):
        return of_constant(result)
    if isinstance(result, (list, tuple)):
        return Value(sequence=Sequence(tuple(Part(_plain(each), Range(1, 1)) for each in result)))
    return ABSENT if isinstance(result, Undefined) else ANYTHING


def _conversion(takes: list[str], wrong: frozenset[str] | set[str]) -> str | None:
    if takes == ["text"] and wrong == {"number"}:
        return "make it text before: `| string | ...`"
    if "null" in wrong:
        return "say what else it is: `| default('-', true) | ...`"
    if "text" in takes and "list" in wrong:
        return "join its items before: `| join(', ') | ...`"
    if "list" in takes and "object" in wrong:
        return "make a list of it before: `| items | ...`"
    return None
