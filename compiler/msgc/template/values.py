"""The values that templates work on: what they are called, how they print, how large they are.

A template sees text, numbers, true and false, null, lists and objects, and five things of its own: a missing
value, a namespace, a macro, a loop and a file's macros. Nothing of Python shows through.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MethodType
from typing import Any, NamedTuple, NoReturn

from jinja2.runtime import LoopContext, Macro, StrictUndefined, Undefined
from jinja2.utils import Namespace

from msgc.diagnostic import enumerate_words
from msgc.template.budget import NESTING, SIZE, allow_integer, current, exceeded
from msgc.template.problem import Place, TemplateProblem

LISTS = (list, tuple, range)


class Group(NamedTuple):
    """One group of the filter `groupby`: the value they share, and the items."""

    grouper: Any
    list: list[Any]


class Module:
    """What a `.j2` file offers: its public macros and variables, by name."""

    def __init__(self, name: str, exported: Mapping[str, Any]) -> None:
        self.name = name
        self.exported = exported


class LazyModule:
    """A file's macros that a message knows by name, not read before they are used."""

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = path


class Missing(StrictUndefined):
    """A name or key that is not there. Asking whether it is defined is allowed; all else raises the problem."""

    __slots__ = ("missing_help", "missing_place", "missing_rule")

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = None,  # noqa: ARG002 - the runtime's own signature
        name: str | None = None,
        exc: Any = None,  # noqa: ARG002
        rule: str = "undefined-variable",
        place: Place | None = None,
        help: str | None = None,  # noqa: A002
    ) -> None:
        if hint is not None and hint.startswith("parameter "):  # the words of Jinja's own generated code
            hint = f"the argument `{name}` is not given to the macro"
        elif hint == "No caller defined":
            hint = "the macro is called without a block: call it with `{% call name() %}...{% endcall %}`"
        super().__init__(hint or f"`{name}` is not defined", name=name, exc=self._problem)  # type: ignore[arg-type]
        self.missing_rule = rule
        self.missing_place = place
        self.missing_help = help

    def _problem(self, message: str) -> TemplateProblem:
        problem = TemplateProblem(self.missing_rule, message, help=self.missing_help)
        return problem.at(self.missing_place) if self.missing_place is not None else problem

    def fail(self) -> NoReturn:
        """Raises the problem."""
        raise self._problem(str(self._undefined_hint))

    def at(self, place: Place) -> Missing:
        """The same, known to be missing at a place; a place that is already known stays."""
        if self.missing_place is not None:
            return self
        return Missing(self._undefined_hint, rule=self.missing_rule, place=place, help=self.missing_help)


def demand(value: Any) -> None:
    """Raises TemplateProblem if the value is missing."""
    if isinstance(value, Missing):
        value.fail()
    if isinstance(value, Undefined):
        raise TemplateProblem(
            "undefined-variable",
            "an `if` without `else` gave no value here",
            help="add the `else`: `{{ a if condition else b }}`",
        )


def kind(value: Any) -> str:
    """What a value is, in the author's words, with its article."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    for types, word in _KINDS:
        if isinstance(value, types):
            return word
    return "a function"


_KINDS: tuple[tuple[Any, str], ...] = (
    (str, "text"),
    ((int, float), "a number"),
    (LISTS, "a list"),
    (dict, "an object"),
    (Undefined, "a missing value"),
    (Macro, "a macro"),
    (LoopContext, "the loop"),
    (Namespace, "a namespace"),
    ((Module, LazyModule), "a file of macros"),
    (MethodType, "a function"),
)


def show(value: Any) -> str:
    """A value as a finding shows it: short, and spelled as in JSON."""
    if isinstance(value, str):
        return f"the text {_short(value)}"
    if isinstance(value, bool) or value is None:
        return kind(value)
    if isinstance(value, (int, float)):
        return f"the number {_short_number(value)}"
    if isinstance(value, LISTS):
        return f"a list of {len(value)} item{'' if len(value) == 1 else 's'}" if len(value) else "an empty list"
    if isinstance(value, dict):
        keys = [f"`{key}`" for key in list(value)[:5]]
        more = ["more"] if len(value) > len(keys) else []
        word = "key" if len(value) == 1 else "keys"
        return f"an object with the {word} {enumerate_words(keys + more, 'and')}" if value else "an empty object"
    return kind(value)


def _short(text: str) -> str:
    quoted = text if len(text) <= 40 else text[:39] + "…"
    return f'"{quoted}"'


def _short_number(value: float) -> str:
    if isinstance(value, int) and value.bit_length() > 128:
        return f"of {value.bit_length()} bits"
    return str(value)


def text_of(value: Any) -> str:
    """A value as text: text and finite numbers only. Raises TemplateProblem for all else."""
    kind_of = type(value)
    if kind_of is str:
        return str(value)
    if kind_of is int:
        return str(allow_integer(value, "this"))
    if kind_of is float and math.isfinite(value):
        return str(value)
    if isinstance(value, Missing):
        demand(value)
    if isinstance(value, Undefined):
        return ""  # `{{ a if condition }}`: nothing, as in Jinja
    what = kind(value)
    return _refuse(value, "a number that is not finite" if what == "a number" else what)


def _refuse(value: Any, what: str) -> str:
    raise TemplateProblem(
        "unprintable-value",
        f"{what} cannot be printed; only text and numbers can",
        found=show(value),
        help=_print_help(value),
    )


def _print_help(value: Any) -> str:
    if value is None:
        return "give it another text: `{{ {code} | default('none', true) }}`, or leave it out with `{% if %}`"
    if isinstance(value, bool):
        return "choose the words: `{{ 'yes' if {code} else 'no' }}`"
    if isinstance(value, LISTS):
        return "join its items: `{{ {code} | join(', ') }}`, or go through them with `{% for %}`"
    if isinstance(value, dict):
        key = next((key for key in value if isinstance(key, str) and key.isidentifier()), "key")
        return f"print one of its keys: `{{{{ {{code}}.{key} }}}}`"
    if isinstance(value, float):
        return "check the computation: it has no result that can be written down"
    if isinstance(value, Macro):
        return "call it, with its arguments in parentheses: `{{ {code}(...) }}`"
    if isinstance(value, (Module, LazyModule)):
        return "call one of its macros: `{{ {code}.name(...) }}`"
    if isinstance(value, LoopContext):
        return "print one of its values, such as `{{ loop.index }}`"
    return "call it, or print one of its values"


def measure(value: Any, what: str) -> int:
    """How many items a value holds, counted through nested lists and objects, and paid for.

    Raises TemplateProblem beyond 100,000 items or 100 levels; what passes can be compared, hashed and walked.
    """
    if not isinstance(value, (*LISTS, dict)):
        return 1
    total, level, layer = 0, 0, [value]
    while layer:
        level += 1
        if level > NESTING:
            raise exceeded(f"{what} nests lists or objects more than {NESTING} levels deep")
        below: list[Any] = []
        for holder in layer:
            total += len(holder)
            if total > SIZE:
                raise exceeded(f"{what} makes a list of more than {SIZE:,} items")
            if isinstance(holder, range):
                continue
            children = holder.values() if isinstance(holder, dict) else holder
            below += [child for child in children if isinstance(child, (list, tuple, dict, range))]
        layer = below
    current().charge(total)
    return total


def native(value: Any) -> Any:
    """The value of an expression as plain JSON data: tuples and ranges become lists.

    Raises TemplateProblem where a value is not data (a macro, a loop, a missing value).
    """
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, Undefined):
        return text_of(value)
    measure(value, "the expression")
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TemplateProblem("unprintable-value", "a key of an object must be text", found=show(key))
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, LISTS):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    demand(value)
    raise TemplateProblem("unprintable-value", f"{kind(value)} is no value of a message", help=_print_help(value))
