"""A definition's parameters: judging values, filling in defaults, and reading values out of text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

from msgc.diagnostic import Diagnostic, Related, enumerate_words, nearest
from msgc.document import Document, Path
from msgc.parameters.complete import Completer, copy_value, has_defaults
from msgc.parameters.places import ALL, types_at
from msgc.parameters.sentences import KINDS, Sentence, kind, name_of, sentences, subject_of
from msgc.rules import finding
from msgc.scalars import number_problem
from msgc.source import Span
from msgc.validate import Acceptor, Explainer, Violation, accept_parts, check_value

_Findings = list[Diagnostic]
Locate = Callable[[Path, bool], Span | None]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LITERALS: Mapping[str, Any] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Parameters:
    """What values a definition takes: one JSON Schema of a closed object, made from `params`.

    `names` are the parameters in their order, `required` those without a default. `document` and `path` say
    where they are declared, if anywhere.
    """

    schema: Mapping[str, Any]
    document: Document | None = None
    path: Path = ("params",)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order in which they are declared."""
        return tuple(self.schema["properties"])

    @property
    def required(self) -> tuple[str, ...]:
        """The parameters that have no default."""
        return tuple(self.schema["required"])

    def types(self, path: Path) -> frozenset[str]:
        """The JSON types that the schema takes at a place in the values; none where there is no place."""
        known = self._types.get(path)
        if known is None:
            known = self._types[path] = types_at(self.schema, self.schema, path)
        return known

    def text_only(self, path: Path) -> bool:
        """Whether the schema takes only text at a place (or text and null), so that `007` there is a text."""
        types = self.types(path)
        return "string" in types and types <= {"string", "null"}

    def coerce_one(self, document: Document, path: Path, place: Path) -> tuple[Any, list[Diagnostic]]:
        """The value at a path of a document as `coerce` reads it, where it is to stand at a place in the values."""
        problems: list[Diagnostic] = []
        data: Any = document.data
        for step in path:
            data = data[step]
        return self._coerced(document, path, (), data, problems, place), problems

    def coerce(self, document: Document, path: Path) -> tuple[dict[str, Any], list[Diagnostic]]:
        """The values at a place of a document (an example, a `$with`) as plain data, and what is wrong there.

        A number or boolean where only text is taken becomes its literal text. Where text is taken as well as
        numbers, a number that JSON would spell differently is an error (`number-spelling`): it lost
        something. The document is left as it is.
        """
        problems: list[Diagnostic] = []
        data: Any = document.data
        for step in path:
            data = data[step]
        if not isinstance(data, dict):
            message = f"a set of values is a mapping from parameters to values, and this is {kind(data)}"
            hint = "write `{}` for no values at all" if data is None else None
            problems.append(finding("parameter-type", message, document.span(path), help=hint))
            return {}, problems
        return self._coerced(document, path, (), data, problems), problems

    def _coerced(
        self, document: Document, base: Path, path: Path, data: Any, problems: _Findings, place: Path = ()
    ) -> Any:
        if isinstance(data, dict):
            return {k: self._coerced(document, base, (*path, k), v, problems, place) for k, v in data.items()}
        if isinstance(data, list):
            return [self._coerced(document, base, (*path, i), v, problems, place) for i, v in enumerate(data)]
        if data is None or isinstance(data, str):
            return data
        text = document.node((*base, *path)).text
        if text is None:
            return data
        types = self.types((*place, *path))
        if "string" in types and types <= {"string", "null"}:
            return text
        problem = number_problem(document, (*base, *path)) if types else None
        if problem is not None:
            problems.append(problem)
            if problem.severity == "error":
                return 0  # any other number, so that nothing else is said of this one
        if "string" not in types:
            return data
        if not isinstance(data, bool) and text != json.dumps(data):
            problems.append(
                finding(
                    "number-spelling",
                    f"{subject_of((*place, *path))} takes text as well as numbers, and the number {text} would become "
                    f"{json.dumps(data)}",
                    document.span((*base, *path)),
                    found=text,
                    allowed=f'"{text}" for the text, {json.dumps(data)} for the number',
                    help=f'quote it if it is a text: "{text}"',
                )
            )
        return data

    def complete(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of the values in which every default that applies is filled in, at every depth.

        `1.0` where only whole numbers are taken becomes 1: JSON has one number for both, a template prints two.
        """
        plain = dict(values)
        if not self._has_defaults:
            return {key: self._whole((key,), copy_value(value)) for key, value in plain.items()}
        filled: dict[str, Any] = self.completer.fill(plain, [(self.schema, "#")])
        return {key: self._whole((key,), value) for key, value in filled.items()}

    def _whole(self, path: Path, value: Any) -> Any:
        if isinstance(value, float):
            types = self.types(path) if value.is_integer() else frozenset[str]()
            return int(value) if "integer" in types and "number" not in types else value
        if isinstance(value, dict):
            for key, item in value.items():
                value[key] = self._whole((*path, key), item)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                value[index] = self._whole((*path, index), item)
        return value

    def fill_part(self, value: Any, part: Mapping[str, Any], pointer: str) -> Any:
        """A copy of a value for a part of the schema, with defaults. Raises EndlessDefault."""
        return self.completer.fill(value, [(part, pointer)])

    def complete_part(self, name: str, value: Any, part: Any, pointer: str) -> Any:
        """The value of one parameter as `complete` makes it; `part` is its schema, `pointer` leads to it."""
        return self._whole((name,), self.completer.fill(value, [(part, pointer)]))

    def judge(self, values: Any) -> list[Violation]:
        """What is wrong with completed values; what is not even JSON has the keyword `json`."""
        refused = check_value(values)
        if refused:
            return [Violation(path, "json", None, None, extra={"reason": reason}) for path, reason in refused]
        if self.acceptor.accepts(values):
            return []
        # A no without an explanation would be a mistake of ours; it must not become a yes.
        unexplained = Violation((), "json", None, None, extra={"reason": "is refused by the schema in `params`"})
        return Explainer(self.schema).violations(values) or [unexplained]

    def explain(self, violations: Sequence[Violation], locate: Locate, **fields: Any) -> list[Diagnostic]:
        """The findings for what `judge` found, one per cause.

        `locate(path, at_key)` gives the place of a value, or of its key, in the author's file (None where
        there is none); `fields` are further fields of every `Diagnostic` (`row`, `example`, `definition`,
        `file`).
        """
        return [self._finding(sentence, locate, fields) for sentence in sentences(violations)]

    def _finding(self, sentence: Sentence, locate: Locate, fields: Mapping[str, Any]) -> Diagnostic:
        return finding(
            sentence.rule,
            sentence.message,
            locate(sentence.path, sentence.at_key),
            found=sentence.found,
            allowed=sentence.allowed,
            help=sentence.help,
            related=self._declaration(sentence),
            **fields,
        )

    def _declaration(self, sentence: Sentence) -> tuple[Related, ...]:
        if self.document is None or not sentence.path or sentence.path[0] not in self.schema["properties"]:
            return ()
        place = (*self.path, sentence.path[0])
        return (Related(self.document.key_span(place), f"`{sentence.path[0]}` is declared here"),)

    def declaration(self, pointer: str) -> Span | None:
        """Where a part of the schema is declared, by its pointer, or the nearest part around it that is written out."""
        if self.document is None:
            return None
        place: Path = self.path
        data: Any = self.document.data
        for step in self.path:
            data = data[step]
        for word in pointer.split("/")[2:]:
            if isinstance(data, list):
                place, data = (*place, int(word)), data[int(word)]
                continue
            key = word.replace("~1", "/").replace("~0", "~")
            if not isinstance(data, dict) or key not in data:
                break
            place, data = (*place, key), data[key]
        return self.document.key_span(place)

    def from_text(self, path: Path, text: str) -> Any:
        """The value that a text stands for at a place: a `--set` or a CSV cell, typed by the schema.

        Where only text is taken it stays as it is; numbers, booleans and null are read strictly, as JSON
        spells them, lists and objects as JSON. Where text and other types are taken it is a text, unless
        anything at all is taken: then what is JSON is read as JSON. Raises ValueError with a reason such as
        "`x` is not a number".
        """
        types = self.types(path)
        if not types:
            raise ValueError(self._no_such(path))
        if "string" in types:
            return _json_or_text(text) if types == ALL else text
        if text in _LITERALS or text.lower() in ("true", "false"):
            value = _LITERALS[text if text in _LITERALS else text.lower()]
            if ("null" if value is None else "boolean") in types:
                return value
        if types & {"number", "integer"} and (_NUMBER.fullmatch(text) or not types & {"object", "array"}):
            return _number(text, types)
        if types & {"object", "array"}:
            return parse_json(text)
        allowed = enumerate_words([KINDS[name] for name in KINDS if name in types])
        raise ValueError(f"{_cut(text)} is not {allowed}")

    def _no_such(self, path: Path) -> str:
        head = str(path[0]) if path else ""
        if head not in self.names:
            close = nearest(head, self.names)
            return f"there is no parameter `{head}`" + (f"; did you mean `{close}`?" if close else "")
        return f"there is no `{name_of(path)}` in the parameter `{head}`"

    @cached_property
    def acceptor(self) -> Acceptor:
        """The compiled schema. Raises ValueError where it cannot be compiled, which `declare` rules out."""
        return Acceptor(self.schema)

    @cached_property
    def _types(self) -> dict[Path, frozenset[str]]:
        return {}

    @cached_property
    def _has_defaults(self) -> bool:
        return has_defaults(self.schema)

    @cached_property
    def completer(self) -> Completer:
        """What fills in the defaults of the schema and of its parts."""
        # Judges of parts are compiled when one is asked for, which few schemas do.
        return Completer(self.schema, lambda pointer, value: self.accept_part(pointer, value))

    @cached_property
    def accept_part(self) -> Callable[[str, Any], bool]:
        """A judge for parts of the schema by their pointers."""
        return accept_parts(self.schema)


def _number(text: str, types: frozenset[str]) -> int | float:
    words = "a number" if "number" in types else "a whole number"
    if _INTEGER.fullmatch(text):
        # Python refuses to read integers of more than 4,300 digits, and no such number has 64 bits anyway.
        value = int(text) if len(text) <= 20 else 2**64
        if not -(2**63) <= value < 2**64:
            raise ValueError(f"{_cut(text)} needs more than 64 bits")
        return value
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{_cut(text)} is not {words} as JSON spells it")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{_cut(text)} is too large for a number")
    if "number" not in types:  # `1e3` would reach the customer as 1000.0
        raise ValueError(f"{_cut(text)} is not a whole number in plain digits")
    if number == 0 and re.search("[1-9]", text.lower().partition("e")[0]):
        raise ValueError(f"{_cut(text)} is too small for a number")
    return 0 if number == 0 else number


def _json_or_text(text: str) -> Any:
    if text in _LITERALS or text[:1] in ("{", "[", '"') or _NUMBER.fullmatch(text):
        try:
            return parse_json(text)
        except ValueError:
            return text
    return text


def parse_json(text: str) -> Any:
    """The value of a JSON text; ValueError with a reason for anything else, such as repeated keys or NaN."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise ValueError(f"{_cut(text)} is not JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise ValueError(f"{_cut(text)} is nested too deeply") from None
    problems = check_value(value)
    if problems:
        path, reason = problems[0]
        where = f" in `{name_of(path)}`" if path else ""
        raise ValueError(f"{_cut(text)} cannot be used: a value{where} {reason}")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise ValueError(f"the key `{key}` is there twice")
        made[key] = value
    return made


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= 20 else 2**64  # refused as too large, whatever its digits are


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _cut(text: str) -> str:
    return f"`{text if len(text) <= 40 else text[:39] + '…'}`" if text else "an empty text"
