"""What compiled templates may do. Each operation of a template is a method here, and nothing else is in reach.

No attribute of a Python object is ever read: `a.b` is a key of an object, a value of the loop, of a namespace or of a
file of macros. Jinja's immutable sandbox stays underneath as a second fence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import Template as JinjaTemplate
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from msgc.diagnostic import nearest
from msgc.template import access, calls, check, operators
from msgc.template.branch import Branch
from msgc.template.budget import allow_integer, allow_text, current
from msgc.template.filters import FILTERS
from msgc.template.lists import TESTS, total_length
from msgc.template.problem import Place, TemplateProblem
from msgc.template.scope import MacroContext, Piece, Rounds, inside
from msgc.template.values import LISTS, LazyModule, Missing, Module, demand, kind, measure, show, text_of

_NO_NAMES: Mapping[str, Any] = {}
_SELDOM_MEANT = frozenset({"dict", "namespace"})
_NOT_OFFERED = {
    "lipsum": "write the text",
    "cycler": "inside of a loop, use `loop.cycle('a', 'b')`",
    "joiner": "join a list: `{{ items | join(', ') }}`",
}


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of compiled templates: one for each locale and set of macros. Frozen once it is made."""

    context_class = MacroContext

    def __init__(self, locale: str, macros: Mapping[str, str], read: Callable[[Place, str], JinjaTemplate]) -> None:
        super().__init__(undefined=Missing, autoescape=False, keep_trailing_newline=True, cache_size=0)
        self.locale = locale
        self.macros = dict(macros)
        self._read = read
        self.filters = {}
        self.tests = {}
        self.globals = dict(calls.GLOBALS)

    # names, keys and attributes

    def absent(self, place: Place, context: Any, name: str, local: tuple[str, ...]) -> Missing:
        """The value of a name that is not there; `local` are the names around it that the context does not know."""
        if name in _NOT_OFFERED:
            return Missing(f"`{name}` is not available in messages", place=place, help=_NOT_OFFERED[name])
        known = {*context.get_all(), *self.macros, *local} - _SELDOM_MEANT - {name}
        near = nearest(name, known)
        return Missing(f"`{name}` is not defined", place=place, help=f"did you mean `{near}`?" if near else None)

    def given(self, place: Place, value: Any) -> Any:
        """The value of a macro's argument."""
        return value.at(place) if isinstance(value, Missing) else value

    def attribute(self, place: Place, value: Any, name: str) -> Any:
        """`value.name`."""
        try:
            if isinstance(value, LazyModule):
                value = self.imported(place, value.path, None, None)
            found = access.attribute(value, name)
        except TemplateProblem as problem:
            raise problem.at(place) from None
        return found.at(place) if isinstance(found, Missing) else found

    def item(self, place: Place, value: Any, key: Any) -> Any:
        """`value[key]`."""
        try:
            if isinstance(value, LazyModule):
                value = self.imported(place, value.path, None, None)
            found = access.item(value, key)
        except TemplateProblem as problem:
            raise problem.at(place) from None
        return found.at(place) if isinstance(found, Missing) else found

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Jinja's own way in, for what does not go through the generated code."""
        return access.attribute(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Jinja's own way in; also that of the filters that take a key."""
        return access.item(obj, argument)

    def cut(self, place: Place, value: Any, start: Any, stop: Any, step: Any) -> Any:
        """`value[start:stop:step]`."""
        try:
            demand(value)
            for bound in (start, stop, step):
                demand(bound)
            if not isinstance(value, (str, *LISTS)):
                raise operators.mismatch(f"{kind(value)} cannot be cut into pieces", value)
            if not all(bound is None or type(bound) is int for bound in (start, stop, step)) or step == 0:
                raise TemplateProblem("template-error", "the bounds of a slice are integers, and its step is not 0")
            current().step()
            current().charge(len(value))
            return value[start:stop:step]
        except TemplateProblem as problem:
            raise problem.at(place) from None

    # operators and literals

    def binary(self, place: Place, operator: str, left: Any, right: Any) -> Any:
        """`left operator right`."""
        try:
            return operators.binary(operator, left, right)
        except TemplateProblem as problem:
            raise problem.at(place) from None

    def unary(self, place: Place, operator: str, value: Any) -> Any:
        """`operator value`."""
        try:
            return operators.unary(operator, value)
        except TemplateProblem as problem:
            raise problem.at(place) from None

    def compared(self, place: Place, signs: tuple[str, ...], *values: Any) -> bool:
        """`a < b < c`."""
        try:
            return operators.compared(signs, values)
        except TemplateProblem as problem:
            raise problem.at(place) from None

    def tied(self, place: Place, places: tuple[Place, ...], *values: Any) -> str:
        """`a ~ b`."""
        texts = [self.printed(part, value) for part, value in zip(places, values, strict=True)]
        try:
            return operators.tied(texts)
        except TemplateProblem as problem:
            raise problem.at(place) from None

    def built(self, place: Place, value: Any) -> Any:
        """`[a, b]`."""
        try:
            current().step()
            measure(value, "the expression")
        except TemplateProblem as problem:
            raise problem.at(place) from None
        return value

    def built_object(self, place: Place, pairs: tuple[tuple[Any, Any], ...]) -> dict[Any, Any]:
        """`{a: b}`."""
        made = {}
        for key, value in pairs:
            try:
                demand(key)
                if not isinstance(key, (str, int, float, bool, type(None))):
                    raise TemplateProblem("template-error", "a key of an object must be text", found=show(key))
            except TemplateProblem as problem:
                raise problem.at(place) from None
            made[key] = value
        self.built(place, made)
        return made

    # filters, tests and calls

    def apply_filter(self, name: str, value: Any, args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
        """A filter's result, counted. Raises TemplateProblem, without a place."""
        signature = FILTERS.get(name)
        if signature is None:
            check.unknown("filter", name, FILTERS, None)
        budget = current()
        budget.step(signature.cost)
        arguments = tuple(args)
        budget.charge(total_length((value, *arguments, *kwargs.values())))
        result = signature.call(self, name, value, arguments, kwargs)
        if isinstance(result, str):
            allow_text(len(result), f"`{name}`")
        elif isinstance(result, (list, dict)):
            measure(result, f"`{name}`")
        elif isinstance(result, int):
            allow_integer(result, f"`{name}`")
        return result

    def apply_test(self, name: str, value: Any, args: Iterable[Any], kwargs: Mapping[str, Any]) -> bool:
        """A test's result, counted. Raises TemplateProblem, without a place."""
        budget = current()
        budget.step()
        signature = TESTS.get(name)
        if signature is None:
            check.unknown("test", name, TESTS, None)
        arguments = tuple(args)
        budget.charge(total_length((value, *arguments)))
        return bool(signature.call(self, name, value, arguments, kwargs))

    def filtered(
        self,
        place: Place,
        name: str,
        value: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] = _NO_NAMES,
    ) -> Any:
        """`value | name(...)`."""
        try:
            result = self.apply_filter(name, value, args, kwargs)
        except TemplateProblem as problem:
            raise problem.at(place) from None
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise _unexpected(f"`{name}` cannot work on this", value, error).at(place) from None
        return result.at(place) if isinstance(result, Missing) else result

    def tested(
        self,
        place: Place,
        name: str,
        value: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] = _NO_NAMES,
    ) -> bool:
        """`value is name(...)`."""
        try:
            return self.apply_test(name, value, args, kwargs)
        except TemplateProblem as problem:
            raise problem.at(place) from None
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise _unexpected(f"`{name}` cannot test this", value, error).at(place) from None

    def called(
        self, place: Place, function: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] = _NO_NAMES
    ) -> Any:
        """`function(...)`: a macro, a function of the loop, or one of the three global functions."""
        try:
            demand(function)
            budget = current()
            budget.step()
            for value in (*args, *kwargs.values()):
                measure(value, "the call")
            if isinstance(function, Macro):
                return self._call_macro(place, function, args, kwargs)
            if isinstance(function, LoopContext):
                return self._call_loop(place, function, args, kwargs)
            result = calls.call(function, args, kwargs)
        except TemplateProblem as problem:
            raise problem.at(place) from None
        return result

    def _call_macro(self, place: Place, macro: Macro, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        name = macro.name or "caller"
        calls.check_macro(macro, name, args, kwargs)
        budget = current()
        budget.enter(f"`{name}`")
        try:
            return macro(*args, **kwargs)
        except TemplateProblem as problem:
            raise problem.called_from(place) from None
        finally:
            budget.leave()

    def _call_loop(self, place: Place, loop: LoopContext, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        if kwargs or len(args) != 1:
            raise TemplateProblem("template-call", "`loop` takes one list")
        if loop._recurse is None:  # noqa: SLF001
            raise TemplateProblem(
                "template-call", "only a recursive loop can be called", help="write `{% for ... recursive %}`"
            )
        items = self.rounds(place, args[0])
        budget = current()
        budget.enter("`loop`")
        try:
            return loop(items)
        except TemplateProblem as problem:
            raise problem.called_from(place) from None
        finally:
            budget.leave()

    def spread(self, place: Place, value: Any) -> Iterable[Any]:
        """`*value` among arguments."""
        if not isinstance(value, LISTS):
            raise TemplateProblem("template-call", "`*` takes a list", found=show(value)).at(place)
        return value

    def spread_object(self, place: Place, value: Any) -> Mapping[str, Any]:
        """`**value` among arguments."""
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise TemplateProblem("template-call", "`**` takes an object", found=show(value)).at(place)
        return value

    # statements

    def rounds(self, place: Place, value: Any) -> Rounds:
        """What a `for` goes through: a list, counted."""
        try:
            demand(value)
            if not isinstance(value, (*LISTS, Rounds)):
                raise not_a_list(value)
        except TemplateProblem as problem:
            raise problem.at(place, named=True) from None
        return value if isinstance(value, Rounds) else Rounds(value, place)

    def printed(self, place: Place, value: Any) -> str:
        """A value as text."""
        try:
            text = text_of(value)
            allow_text(len(text), "the expression")
        except TemplateProblem as problem:
            raise problem.at(place, named=True) from None
        return Piece.of(text, place) if current().traced else text

    def concat(self, pieces: Iterable[str]) -> str:
        """The text of a macro, of a block or of a whole file."""
        texts = list(pieces)
        allow_text(sum(map(len, texts)), "this block")
        return "".join(texts)

    def weigh(self, weight: int) -> None:
        """Pays for one run of a large body."""
        current().step(weight)

    # branches

    def going(self, branch: Branch) -> None:
        """A branch, which a message goes now."""
        recorder = current().recorder
        if recorder is not None:
            recorder.add(branch)

    def choosing(self, yes: Branch, no: Branch | None, condition: Any) -> Any:
        """A condition, and the branches that it chooses between."""
        recorder = current().recorder
        if recorder is not None:
            branch = yes if condition else no
            if branch is not None:
                recorder.add(branch)
        return condition

    # files

    def _opened(self, place: Place, path: str) -> JinjaTemplate:
        template = self._read(place, path)
        current().step(template.root_render_func.__globals__["WEIGHT"])
        return template

    def imported(
        self, place: Place, path: str, known: Mapping[str, Any] | None, local: Mapping[str, Any] | None
    ) -> Module:
        """The macros of a file, run once for each leaf so that one leaf cannot change what the next one sees."""
        budget = current()
        alone = known is None
        if alone and path in budget.modules:
            found: Module = budget.modules[path]
            return found
        with inside(place, path):
            template = self._opened(place, path)
            context = template.new_context(dict(known or {}), not alone, local)
            for _ in template.root_render_func(context):
                pass
        module = Module(path, context.get_exported())
        if alone:
            budget.modules[path] = module
        return module

    def exported(self, place: Place, module: Module, name: str) -> Any:
        """One name of a file of macros."""
        found = access.exported(module, name)
        if isinstance(found, Missing):
            demand(found.at(place))
        return found

    def include(self, place: Place, path: str, known: Mapping[str, Any] | None, local: Mapping[str, Any] | None) -> str:
        """The text of another file."""
        with inside(place, path):
            template = self._opened(place, path)
            context = template.new_context(dict(known or {}), known is not None, local)
            return self.concat(template.root_render_func(context))


def not_a_list(value: Any) -> TemplateProblem:
    """The problem of a loop over something else than a list."""
    if isinstance(value, dict):
        hint = "go through its keys and values: `{% for key, value in {code} | items %}`"
    elif type(value) is int:
        hint = "count up to it: `{% for i in range({code}) %}`"
    elif value is None:
        hint = "ask first whether it is there: `{% if {code} %}`, or use an empty list: `{code} or []`"
    else:
        hint = None
    return TemplateProblem(
        "not-a-list", f"a loop goes through a list, not through {kind(value)}", found=show(value), help=hint
    )


def _unexpected(message: str, value: Any, error: Exception) -> TemplateProblem:
    return TemplateProblem("filter-argument", f"{message}: {error}", found=show(value))
