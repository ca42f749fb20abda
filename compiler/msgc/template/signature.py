"""What a filter or a test takes, so that a wrong value is a finding in the author's words and never a traceback."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2.runtime import Undefined

from msgc.diagnostic import enumerate_words, nearest
from msgc.template.problem import TemplateProblem
from msgc.template.values import LISTS, demand, show

_FITS: Mapping[str, Callable[[Any], bool]] = {
    "any": lambda value: True,  # noqa: ARG005
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float) and math.isfinite(value),
    "boolean": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, LISTS),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
_WORDS = {
    "text": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "object": "an object",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """A function that templates can call by name.

    `takes` and the values of `parameters` are kinds joined by `|`; a parameter whose kinds begin with `!` is required.
    `function` is called with the value and the arguments that were given, by name; with `variadic`, with the
    arguments as they are. `lenient` lets a missing value through, `seen` gives the sandbox as the first argument,
    `cost` is the number of steps of one call; `instead` is the help where a number is given for text.
    """

    function: Callable[..., Any]
    takes: str = "any"
    parameters: Mapping[str, str] = field(default_factory=dict)
    variadic: bool = False
    lenient: bool = False
    seen: bool = False
    cost: int = 1
    instead: str | None = None

    def call(self, sandbox: Any, name: str, value: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The function's result. Raises TemplateProblem for a value or an argument of another kind."""
        if not self.lenient:
            value = self._checked(name, value)
        given = (sandbox,) if self.seen else ()
        if self.variadic:
            return self.function(*given, value, *args, **kwargs)
        return self.function(*given, value, **self._bound(name, args, kwargs))

    def _checked(self, name: str, value: Any) -> Any:
        if isinstance(value, Undefined):
            if type(value) is not Undefined:
                demand(value)
            value = ""  # an `if` without `else`
        if not _fits(value, self.takes):
            raise TemplateProblem(
                "filter-argument",
                f"`{name}` takes {_words(self.takes)}",
                found=show(value),
                help=self.instead
                if self.instead is not None and _fits(value, "number")
                else _conversion(self.takes, value),
            )
        return value

    def _bound(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        names = list(self.parameters)
        if len(args) > len(names):
            most = f"at most {len(names)} argument{'s' if len(names) > 1 else ''}" if names else "no arguments"
            raise TemplateProblem(
                "filter-argument", f"`{name}` takes {most}", found=f"{len(args)} argument{'s' if len(args) > 1 else ''}"
            )
        bound = dict(zip(names, args, strict=False))
        for key, value in kwargs.items():
            if key not in self.parameters or key in bound:
                twice = f"`{name}` is given `{key}` twice"
                near = nearest(key, names)
                raise TemplateProblem(
                    "filter-argument",
                    twice if key in bound else f"`{name}` has no argument `{key}`",
                    help=f"did you mean `{near}`?" if near else _has(names),
                )
            bound[key] = value
        for key, kinds in self.parameters.items():
            if key in bound:
                demand(bound[key])
                if not _fits(bound[key], kinds.removeprefix("!")):
                    raise TemplateProblem(
                        "filter-argument",
                        f"the argument `{key}` of `{name}` takes {_words(kinds.removeprefix('!'))}",
                        found=show(bound[key]),
                    )
            elif kinds.startswith("!"):
                raise TemplateProblem("filter-argument", f"`{name}` needs the argument `{key}`", help=_has(names))
        return bound


PLAIN_NUMBER = "without separators of thousands and with a decimal point, such as `1234.5`"


def is_number(text: str) -> bool:
    """Whether a text is a finite number that the filter `float` reads."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _has(names: Sequence[str]) -> str:
    if not names:
        return "it takes no arguments"
    return f"it takes {enumerate_words([f'`{name}`' for name in names], 'and')}"


def _fits(value: Any, kinds: str) -> bool:
    return any(_FITS[kind](value) for kind in kinds.split("|"))


def _words(kinds: str) -> str:
    return enumerate_words([_WORDS[kind] for kind in kinds.split("|") if kind in _WORDS])


def _conversion(takes: str, value: Any) -> str | None:
    kinds = takes.split("|")
    if takes == "text" and _fits(value, "number"):
        return "make it text before: `| string | ...`"
    if "number" in kinds and isinstance(value, str):
        if is_number(value):
            return "make it a number before, by its parameter's type or by `| float | ...`"
        return f"give it a number, {PLAIN_NUMBER}, by a parameter of the type `number`"
    if "list" in kinds and isinstance(value, dict):
        return "make a list of it before: `| items | ...`"
    if "text" in kinds and _fits(value, "list"):
        return "join its items before: `| join(', ') | ...`"
    return None
