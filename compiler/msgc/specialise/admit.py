"""Code that admits values: they fit their schema and are plain JSON, or the code is left.

What is admitted has a kind. Schemas that say more than this module knows are judged by the compiled schema, one
parameter at a time; of such a value nothing is known but that it fits.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from typing import Any

from msgc.formats import FORMATS
from msgc.native.kinds import (
    FOREIGN,
    LONGEST_LIST,
    LONGEST_TEXT,
    Keyed,
    Kind,
    Listed,
    Maybe,
    Null,
    Nullable,
    Number,
    Text,
    Truth,
    Typed,
)
from msgc.native.quote import constant, name
from msgc.native.writer import Refused, Unsuited, Writer
from msgc.parameters import Parameters
from msgc.parameters.places import join
from msgc.validate import check_value, pattern_test

_SAYS_NOTHING = frozenset(
    {"title", "description", "examples", "deprecated", "$comment", "default", "readOnly", "writeOnly"}
)
_OF_TEXT = frozenset({"minLength", "maxLength", "pattern", "format"})
_OF_NUMBER = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_OF_LIST = frozenset({"items", "minItems", "maxItems"})
_OF_OBJECT = frozenset({"properties", "required", "additionalProperties"})
_KNOWN: Mapping[str, frozenset[str]] = {
    "string": _OF_TEXT | {"enum", "const"},
    "integer": _OF_NUMBER,
    "number": _OF_NUMBER,
    "boolean": frozenset(),
    "null": frozenset(),
    "array": _OF_LIST,
    "object": _OF_OBJECT,
}
_DEFAULTS: Mapping[str, tuple[type, ...]] = {
    "string": (str, type(None)),
    "integer": (int, type(None)),
    "number": (int, float, type(None)),
    "boolean": (bool, type(None)),
    "null": (type(None),),
    "array": (),
    "object": (),
}
"""The defaults that can be shared by all messages, and need no defaults of their own."""
_LARGEST = 1.7976931348623157e308
_REMEMBERED = 4_096
_MOST_FIELDS = 100


class Admission:
    """Writes the code that admits values; `texts` are the variables of all texts that the schemas leave free.

    `gathered` is the variable of a list of those that are not there in every message, if there can be any. Without
    `keeps` nobody asks for them.
    """

    def __init__(self, writer: Writer, *, keeps: bool) -> None:
        self.writer = writer
        self.texts: list[ast.expr] = []
        self.gathered: ast.Name | None = None
        self._keeps = keeps
        self._inside = 0
        self._waiting: list[ast.expr] = []

    def object(self, parameters: Parameters, values: ast.expr) -> dict[str, Typed]:
        """Admits the values of all parameters, defaults filled in; gives each by its name. Raises `Unsuited`."""
        if self._keeps and _varies(parameters.schema):
            self.gathered = self.writer.let(ast.List([], ast.Load()))
        self.writer.add("if type(X) is not dict: return None", X=values)
        return self._fields(parameters, parameters.schema, values)[1]

    @contextmanager
    def _within(self, block: AbstractContextManager[None]) -> Iterator[None]:
        """What is written meanwhile is not run for every message, or more than once."""
        self._inside += 1
        outer, self._waiting = self._waiting, []
        with block:
            yield
            if self._waiting:
                assert self.gathered is not None
                self.writer.add("G += T", G=self.gathered, T=ast.Tuple(self._waiting, ast.Load()))
        self._waiting = outer
        self._inside -= 1

    # ---------------------------------------------------------------------------------------------------- values

    def _value(self, schema: Mapping[str, Any], value: ast.expr) -> tuple[Kind, ast.expr]:
        """The kind of an admitted value, and the value with its defaults."""
        names = schema["type"]
        if isinstance(names, list):
            (inner,) = [each for each in names if each != "null"]
            filled = self.writer.let(value)
            with self._within(self.writer.block("if X is not None:", X=value)):
                kind, made = self._value({**schema, "type": inner}, value)
                self.writer.add("F = M", F=filled, M=made)
            return Nullable(kind), filled
        add = self.writer.add
        if names == "string":
            return self._text(schema, value), value
        if names in ("integer", "number"):
            return self._number(schema, value), value
        if names == "boolean":
            add("if X is not True and X is not False: return None", X=value)
            return Truth(), value
        if names == "null":
            add("if X is not None: return None", X=value)
            return Null(), value
        if names == "array":
            return self._list(schema, value)
        add("if type(X) is not dict: return None", X=value)
        made, fields = self._fields(None, schema, value)
        variables = {} if self._inside else {key: typed.code for key, typed in fields.items()}
        return Keyed({key: typed.kind for key, typed in fields.items()}, variables), made

    def _text(self, schema: Mapping[str, Any], value: ast.expr) -> Text:
        add, bind = self.writer.add, self.writer.bind
        words = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if words is not None:
            add("if type(X) is not str or X not in E: return None", X=value, E=bind(frozenset(words)))
            return Text(max(map(len, words)), not any("\n" in word for word in words))
        most = min(schema.get("maxLength", LONGEST_TEXT), LONGEST_TEXT)
        least = schema.get("minLength", 0)
        if least:
            test = "if type(X) is not str or not A <= len(X) <= B: return None"
            add(test, X=value, A=bind(least), B=bind(most))
        else:
            add("if type(X) is not str or len(X) > B: return None", X=value, B=bind(most))
        if "pattern" in schema:
            add("if not P(X): return None", P=bind(pattern_test(schema["pattern"])), X=value)
        if "format" in schema:
            judge = lru_cache(maxsize=_REMEMBERED)(FORMATS[schema["format"]])
            add("if not P(X): return None", P=bind(judge), X=value)
        self._keep(value)
        return Text(most)

    def _keep(self, text: ast.expr) -> None:
        """Remembers a text whose characters are free."""
        if not self._keeps:
            return
        (self._waiting if self._inside else self.texts).append(text)

    def _number(self, schema: Mapping[str, Any], value: ast.expr) -> Number:
        add, bind = self.writer.add, self.writer.bind
        whole = schema["type"] == "integer"
        if whole:
            add("if type(X) is not int: return None", X=value)
            add("if not A <= X <= B: return None", X=value, A=bind(-(2**63)), B=bind(2**64 - 1))
        else:
            add(
                "if type(X) is int:\n"
                "    if not A <= X <= B: return None\n"
                "elif type(X) is not float or not L <= X <= M: return None",
                X=value,
                A=bind(-(2**63)),
                B=bind(2**64 - 1),
                L=bind(-_LARGEST),
                M=bind(_LARGEST),
            )
        for keyword, sign in (
            ("minimum", "<"),
            ("maximum", ">"),
            ("exclusiveMinimum", "<="),
            ("exclusiveMaximum", ">="),
        ):
            if keyword in schema:
                add(f"if X {sign} A: return None", X=value, A=bind(schema[keyword]))
        return Number(whole)

    def _list(self, schema: Mapping[str, Any], value: ast.expr) -> tuple[Kind, ast.expr]:
        add, bind = self.writer.add, self.writer.bind
        most = min(schema.get("maxItems", LONGEST_LIST), LONGEST_LIST)
        least = schema.get("minItems", 0)
        test = "if type(X) is not list or not A <= len(X) <= B: return None"
        add(test, X=value, A=bind(least), B=bind(most))
        items = schema["items"]
        item = name(self.writer.fresh("i"))
        filling = _fills(items)
        made = self.writer.let(ast.List([], ast.Load())) if filling else value
        loop = self.writer.block("for I in L:", I=ast.Name(item.id, ast.Store()), L=value)
        with self._within(loop):
            kind, filled = self._value(items, item)
            if filling:
                add("M.append(X)", M=made, X=filled)
        return Listed(kind, most), made

    # --------------------------------------------------------------------------------------------------- objects

    def _fields(
        self, parameters: Parameters | None, schema: Mapping[str, Any], value: ast.expr
    ) -> tuple[ast.expr, dict[str, Typed]]:
        """The object with its defaults, and its fields. Of all `parameters`, nobody reads the object."""
        add = self.writer.add
        properties, required = schema.get("properties", {}), schema.get("required", ())
        fills = parameters is None and _fills(schema)
        made: ast.expr = self.writer.let(value) if fills else value
        lacking = any(_may_lack(required, key, part) or _has_default(part) for key, part in properties.items())
        size = constant(len(properties))
        count: ast.expr = self.writer.let(size) if lacking else size
        found: dict[str, Typed] = {}
        for key, part in properties.items():
            variable = name(self.writer.fresh())
            parts = {"V": variable, "X": value, "K": constant(key), "M": made, "C": count}
            has_default = _has_default(part)
            if key in required and not has_default:
                add("V = X[K]", **parts)
            else:
                add("V = X.get(K, MISSING)\nif V is MISSING: C -= 1", **parts)
            if has_default:
                add("if V is MISSING: V = D", D=self.writer.bind(part["default"]), **parts)
                if fills:
                    add("if K not in X: M = {**M, K: V}", **parts)
            elif key not in required:
                found[key] = self._optional(part, variable)
                continue
            kind, inner = self._field(parameters, key, part, variable)
            found[key] = Typed(inner, kind)
            if fills and _fills(part):
                add("if A is not V: M = {**M, K: A}", A=inner, **parts)
        add("if len(X) != C: return None", X=value, C=count)
        return made, found

    def _optional(self, part: Any, variable: ast.Name) -> Typed:
        """A field that may be missing, and has no default."""
        if not is_native(part):
            raise Unsuited
        with self._within(self.writer.block("if V is not MISSING:", V=variable)):
            kind, filled = self._value(part, variable)
            self.writer.add("V = F", V=variable, F=filled)
        return Typed(variable, Maybe(kind))

    def _field(self, parameters: Parameters | None, key: str, part: Any, variable: ast.Name) -> tuple[Kind, ast.expr]:
        if is_native(part):
            return self._value(part, variable)
        if parameters is None:
            raise Unsuited
        judge = self.writer.bind(_judge(parameters, key, part))
        self.writer.add("V = J(V)", V=variable, J=judge)
        return FOREIGN, variable


def _judge(parameters: Parameters, key: str, part: Any) -> Callable[[Any], Any]:
    """What fills in the defaults of one parameter and judges it, whatever its schema says."""
    pointer = join("#", "properties", key)

    def judge(value: Any) -> Any:
        filled = parameters.complete_part(key, value, part, pointer)
        if check_value(filled) or not parameters.accept_part(pointer, filled):
            raise Refused
        return filled

    return judge


def is_native(schema: Any) -> bool:
    """Whether this module knows all that a schema says."""
    if not isinstance(schema, Mapping):
        return False
    names = schema.get("type")
    if isinstance(names, list):
        others = [each for each in names if each != "null"]
        if len(others) != 1 or len(names) != 2 or {"enum", "const"} & schema.keys():
            return False
        names = others[0]
    if not isinstance(names, str) or not schema.keys() - {"type"} <= _KNOWN[names] | _SAYS_NOTHING:
        return False
    if "default" in schema and not isinstance(schema["default"], _DEFAULTS[names]):
        return False
    if names == "string":
        words = schema.get("enum", [schema["const"]] if "const" in schema else [])
        if words and _OF_TEXT & schema.keys():
            return False
        plain = all(isinstance(word, str) and not check_value(word) for word in words)
        return plain and schema.get("format", "date") in FORMATS
    if names == "array":
        return is_native(schema.get("items"))
    if names == "object":
        parts = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or len(parts) > _MOST_FIELDS:
            return False
        required = set(schema.get("required", ()))
        if required - parts.keys() or any(
            _fills(part) for key, part in parts.items() if _may_lack(required, key, part)
        ):
            return False
        return all(is_native(part) for part in parts.values())
    return True


def _fills(schema: Any) -> bool:
    """Whether filling in defaults can change a value."""
    if not isinstance(schema, Mapping):
        return False
    parts = schema.get("properties", {})
    required = schema.get("required", ())
    own = any("default" in part and key not in required for key, part in parts.items() if isinstance(part, Mapping))
    return own or any(map(_fills, parts.values())) or _fills(schema.get("items"))


def _varies(schema: Any) -> bool:
    """Whether there are values in it that are not there in every message, or more than once."""
    if not isinstance(schema, Mapping):
        return False
    parts, required = schema.get("properties", {}), schema.get("required", ())
    may_lack = any(_may_lack(required, key, part) for key, part in parts.items())
    return "items" in schema or isinstance(schema.get("type"), list) or may_lack or any(map(_varies, parts.values()))


def _may_lack(required: Collection[str], key: str, part: Any) -> bool:
    return key not in required and not _has_default(part)


def _has_default(part: Any) -> bool:
    return isinstance(part, Mapping) and "default" in part
