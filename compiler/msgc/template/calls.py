"""What a template may call besides macros: `range`, `dict`, `namespace`, and two functions of the loop."""

from __future__ import annotations

from collections.abc import Mapping
from types import MethodType
from typing import Any

from jinja2.runtime import LoopContext, Macro
from jinja2.utils import Namespace

from msgc.diagnostic import enumerate_words, nearest
from msgc.template.budget import SIZE, exceeded
from msgc.template.problem import TemplateProblem
from msgc.template.values import LazyModule, Module, kind, measure, show

_LOOP_CALLS = frozenset({"cycle", "changed"})
_MOST_BOUNDS = 3


def make_range(*bounds: Any) -> range:
    """`range(stop)`, `range(start, stop, step)`: of at most 100,000 items. Raises TemplateProblem."""
    if not 1 <= len(bounds) <= _MOST_BOUNDS or not all(type(bound) is int for bound in bounds):
        found = ", ".join(map(show, bounds)) or "nothing"
        raise TemplateProblem("template-call", "`range` takes one to three integers", found=found)
    if len(bounds) == _MOST_BOUNDS and bounds[2] == 0:
        raise TemplateProblem("template-call", "the step of `range` cannot be 0")
    made = range(*bounds)
    try:
        size = len(made)
    except OverflowError:
        size = SIZE + 1
    if size > SIZE:
        raise exceeded(f"`range` makes a list of more than {SIZE:,} items")
    return made


GLOBALS: Mapping[str, Any] = {"range": make_range, "dict": dict, "namespace": Namespace}


def call(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """The result of a function that is no macro. Raises TemplateProblem, also for what cannot be called."""
    if function is make_range:
        if kwargs:
            raise TemplateProblem("template-call", "`range` takes its integers without names")
        return make_range(*args)
    if function is dict or function is Namespace:
        if not all(isinstance(value, dict) for value in args) or len(args) > 1:
            name = "dict" if function is dict else "namespace"
            raise TemplateProblem(
                "template-call",
                f"`{name}` takes named values, and an object before them",
                found=", ".join(map(show, args)),
            )
        made = {**(args[0] if args else {}), **kwargs}
        measure(made, "the call")
        return made if function is dict else Namespace(made)
    if isinstance(function, MethodType) and isinstance(function.__self__, LoopContext):
        name = function.__func__.__name__
        if name in _LOOP_CALLS and not kwargs and (args or name != "cycle"):
            return function(*args)
        raise TemplateProblem("template-call", f"`loop.{name}` needs values, without names")
    if isinstance(function, (Module, LazyModule)):
        hint = "call one of its macros: `{code}`".replace("{code}", f"{function.name}.name(...)")
        raise TemplateProblem("template-call", "a file of macros cannot be called", help=hint)
    raise TemplateProblem(
        "template-call",
        f"{kind(function)} cannot be called",
        found=show(function),
        help="only macros, `range`, `dict`, `namespace`, `loop.cycle` and `loop.changed` can",
    )


def check_macro(macro: Macro, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Raises TemplateProblem where a macro does not take these arguments."""
    names = list(macro.arguments)
    takes = f"it takes {enumerate_words([f'`{each}`' for each in names], 'and')}" if names else "it takes no arguments"
    if len(args) > len(names) and not macro.catch_varargs:
        raise TemplateProblem(
            "template-call",
            f"`{name}` is given {len(args)} values, but takes at most {len(names)}",
            help=takes,
        )
    for key in kwargs:
        if key in names[: len(args)]:
            raise TemplateProblem("template-call", f"`{name}` is given `{key}` twice")
        if key == "caller" and (macro.caller or macro.explicit_caller or macro.catch_kwargs):
            continue
        if key == "caller":
            raise TemplateProblem(
                "template-call",
                f"`{name}` does not use the block that `{{% call %}}` gives it",
                help="print it in the macro with `{{ caller() }}`",
            )
        if key not in names and not macro.catch_kwargs:
            near = nearest(key, names)
            raise TemplateProblem(
                "template-call",
                f"`{name}` has no argument `{key}`",
                help=f"did you mean `{near}`?" if near else takes,
            )
