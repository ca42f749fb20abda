"""The filters that have native code: what each one is for the kinds that it takes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from jinja2.filters import FILTERS as JINJA

from msgc.native.kinds import Kind, Listed, Maybe, Nullable, Number, Text, Truth, Typed, joined
from msgc.native.quote import expression
from msgc.native.writer import Unsuited
from msgc.template import filters
from msgc.template.budget import SIZE
from msgc.template.signature import Signature

if TYPE_CHECKING:
    from msgc.template.translate import Translator

_Arguments: TypeAlias = list[Typed]
_Named: TypeAlias = Mapping[str, Typed]
_Translate: TypeAlias = "Callable[[Translator, str, Typed, _Arguments, _Named], Typed]"

_REMEMBERED = 4_096
"""Results of a slow filter that are kept: a campaign's dates and amounts are few."""
_LONGEST_WORDING = 1_000
"""Code points of a date, a time, a number or an amount in words."""
_GROWTH = 3
"""How many code points a change of case can make of one."""


def _bound(name: str, arguments: _Arguments, named: _Named) -> dict[str, Any]:
    """The arguments of a filter by name, where all are written out and fit its signature."""
    signature: Signature = filters.FILTERS[name]
    names = list(signature.parameters)
    given = dict(zip(names, arguments, strict=False)) | dict(named)
    if len(arguments) > len(names) or len(given) != len(arguments) + len(named) or not given.keys() <= set(names):
        raise Unsuited
    if any(kinds.startswith("!") and key not in given for key, kinds in signature.parameters.items()):
        raise Unsuited
    values = {}
    for key, typed in given.items():
        if not isinstance(typed.code, ast.Constant):
            raise Unsuited
        values[key] = typed.code.value
        wanted = signature.parameters[key].removeprefix("!").split("|")
        if _word(values[key]) not in wanted and "any" not in wanted:
            raise Unsuited
    return values


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if value is None:
        return "null"
    return "text" if isinstance(value, str) else "integer" if isinstance(value, int) else "number"


def _demand(typed: Typed, kind: type) -> None:
    if not isinstance(typed.kind, kind):
        raise Unsuited


def _made(translator: Translator, most: int, code: ast.expr, *texts: object) -> Typed:
    """A text of at most `most` code points, made of other texts; these are kinds, and what is written out."""
    if most > SIZE:
        raise Unsuited
    translator.writer.pay(work=2 * most, steps=30)
    even = all(text.even if isinstance(text, Text) else "\n" not in str(text) for text in texts)
    return Typed(code, Text(most, even))


def _cased(translator: Translator, name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    _demand(value, Text)
    _bound(name, arguments, named)
    assert isinstance(value.kind, Text)
    return _made(translator, value.kind.most * _GROWTH, expression(f"X.{name}()", X=value.code), value.kind)


def _title(translator: Translator, name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    _demand(value, Text)
    _bound(name, arguments, named)
    assert isinstance(value.kind, Text)
    function = translator.writer.bind(JINJA["title"])
    return _made(translator, value.kind.most * _GROWTH, expression("F(X)", F=function, X=value.code), value.kind)


def _trim(translator: Translator, name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    _demand(value, Text)
    chars = _bound(name, arguments, named).get("chars")
    assert isinstance(value.kind, Text)
    code = expression("X.strip(C)", X=value.code, C=translator.writer.bind(chars))
    return _made(translator, value.kind.most, code, value.kind)


def _default(translator: Translator, _name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    given = dict(zip(("default_value", "boolean"), arguments, strict=False)) | dict(named)
    if len(given) != len(arguments) + len(named) or not given.keys() <= {"default_value", "boolean"}:
        raise Unsuited
    other = given.get("default_value") or Typed(translator.writer.bind(""), Text(0))
    choice = given.get("boolean")
    if isinstance(other.kind, Maybe) or (choice is not None and not isinstance(choice.code, ast.Constant)):
        raise Unsuited
    if choice is not None and not isinstance(choice.kind, Truth):
        raise Unsuited
    boolean = choice is not None and isinstance(choice.code, ast.Constant) and choice.code.value is True
    code, kind = value.code, value.kind
    if isinstance(kind, Maybe):
        code, kind = expression("X if X is not MISSING else D", X=code, D=other.code), kind.kind
        if isinstance(kind, Nullable) and not boolean:
            raise Unsuited
        kind = _joined(kind.kind if isinstance(kind, Nullable) else kind, other.kind)
    if boolean:
        kind = _joined(kind.kind if isinstance(kind, Nullable) else kind, other.kind)
        code = expression("X or D", X=code, D=other.code)
    return Typed(code, kind)


def _joined(one: Kind, other: Kind) -> Kind:
    kind = joined(one, other)
    if kind is None:
        raise Unsuited
    return kind


def _length(_translator: Translator, name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    _bound(name, arguments, named)
    if not isinstance(value.kind, Text | Listed):
        raise Unsuited
    return Typed(expression("len(X)", X=value.code), Number(whole=True))


def _string(translator: Translator, name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    _bound(name, arguments, named)
    shown = translator.printed(value)
    if isinstance(shown.kind, Text):
        return shown
    return Typed(expression("str(X)", X=shown.code), Text(400))


def _join(translator: Translator, name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    given = _bound(name, arguments, named)
    if not isinstance(value.kind, Listed) or given.get("attribute") is not None:
        raise Unsuited
    item, between = value.kind.item, given.get("d", "")
    if not isinstance(item, Text):
        raise Unsuited
    most = value.kind.most * (item.most + len(between))
    code = expression("D.join(X)", D=translator.writer.bind(between), X=value.code)
    return _made(translator, most, code, item, between)


def _replace(translator: Translator, name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    _demand(value, Text)
    given = _bound(name, arguments, named)
    old, new, count = given["old"], given["new"], given.get("count")
    if not isinstance(old, str) or not isinstance(new, str) or count is not None:
        raise Unsuited
    assert isinstance(value.kind, Text)
    most = value.kind.most + (value.kind.most + 1) * len(new)
    bind = translator.writer.bind
    code = expression("X.replace(A, B)", X=value.code, A=bind(old), B=bind(new))
    return _made(translator, most, code, value.kind, new)


def _shortened(translator: Translator, name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    """`shorten` and `truncate`: a text that is short enough stays what it is."""
    _demand(value, Text)
    given = _bound(name, arguments, named)
    signature = filters.FILTERS[name]
    sandbox = (translator.sandbox,) if signature.seen else ()
    function = translator.writer.bind(partial(_call, signature.function, sandbox, given))
    assert isinstance(value.kind, Text)
    size = given["n"] if name == "shorten" else given.get("length", 255)
    if size < 1 or (name == "truncate" and (size < len(given.get("end", "...")) or given.get("leeway", 0) < 0)):
        raise Unsuited
    most = min(value.kind.most, size + (0 if name == "shorten" else given.get("leeway") or 5))
    parts = {"X": value.code, "N": translator.writer.bind(size), "F": function}
    if isinstance(value.code, ast.Name):
        code = expression("X if len(X) <= N else F(X)", **parts)
    else:
        known = translator.writer.fresh("s")
        code = expression(f"{known} if len({known} := X) <= N else F({known})", **parts)
    return _made(translator, most, code, value.kind, given.get("end", ""))


def _worded(translator: Translator, name: str, value: Typed, arguments: _Arguments, named: _Named) -> Typed:
    """What a language says: `date`, `time`, `number`, `money`, `plural`."""
    _demand(value, Text if name in ("date", "time") else Number)
    given = _bound(name, arguments, named)
    call = partial(_call, filters.FILTERS[name].function, (translator.sandbox,), given)
    remembered = lru_cache(maxsize=_REMEMBERED, typed=True)(call)
    # Two zeros are equal and not the same: one has a minus.
    function = translator.writer.bind(lambda value: remembered(value) if value else call(value))
    longest = max([_LONGEST_WORDING, *(len(text) for text in given.values() if isinstance(text, str))])
    return _made(translator, longest, expression("F(X)", F=function, X=value.code), *given.values())


def _call(function: Callable[..., Any], before: tuple[Any, ...], given: Mapping[str, Any], value: Any) -> Any:
    return function(*before, value, **given)


FILTERS: Mapping[str, _Translate] = {
    "upper": _cased,
    "lower": _cased,
    "capitalize": _cased,
    "title": _title,
    "trim": _trim,
    "default": _default,
    "d": _default,
    "length": _length,
    "count": _length,
    "string": _string,
    "join": _join,
    "replace": _replace,
    "shorten": _shortened,
    "truncate": _shortened,
    "date": _worded,
    "time": _worded,
    "number": _worded,
    "money": _worded,
    "plural": _worded,
}
