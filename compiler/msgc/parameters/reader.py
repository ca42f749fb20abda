"""Reading one parameter's schema: shorthand is written out, references are confined, objects are closed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from msgc.diagnostic import Diagnostic, enumerate_words, nearest
from msgc.document import Document, Path
from msgc.formats import FORMATS
from msgc.parameters.places import join, pointer_of, reference_to
from msgc.parameters.sentences import shown
from msgc.parameters.vocabulary import (
    IN_PLACE,
    IN_PLACE_LISTS,
    KEYWORD_HELP,
    KNOWN,
    SCHEMA,
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    TEXT,
    TYPE_HELP,
    TYPES,
    refuse_keyword_value,
)
from msgc.rules import finding
from msgc.scalars import number_problem
from msgc.validate import matches

# Lookaround, atomic groups, back references, conditionals: what the linear-time engine leaves out on purpose.
_BACKTRACKING = re.compile(r"\(\?(?:[=!>(]|<[=!])|(?<!\\)(?:\\\\)*\\(?:[1-9]|k[<{'])")
# Under these keywords a subschema judges the same value as the schema around it.
_WITHIN = (*IN_PLACE, *IN_PLACE_LISTS, "dependentSchemas")
_TEXT_TYPES: tuple[Any, ...] = ("string", ["string"], ["string", "null"], ["null", "string"])


def _complaint(pattern: str) -> str:
    """Where Python's engine sees the mistake in a pattern; the linear-time engine does not tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python wonders about `[[a]`, which is no complaint
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f": {error}"
    return ""


@dataclass(frozen=True, slots=True)
class Part:
    """A subschema as it was read: its places in the file and in the schema, and what the author calls it."""

    schema: Any
    path: Path
    pointer: str
    name: str


@dataclass
class Reader:
    """Reads the schema of one parameter: `base` is its place in the document, `root` its pointer.

    Afterwards `problems` are what is wrong with it and `parts` are all its subschemas.
    """

    document: Document
    base: Path
    root: str
    problems: list[Diagnostic] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    _by_pointer: dict[str, Any] = field(default_factory=dict)
    _references: list[tuple[dict[str, Any], Path]] = field(default_factory=list)
    _objects: list[tuple[dict[str, Any], frozenset[str]]] = field(default_factory=list)
    _closable: list[dict[str, Any]] = field(default_factory=list)

    def read_all(self, raw: Any) -> Any:
        """The schema written out; it means nothing if there are problems."""
        schema = self._read(raw, self.base, self.root, in_place=False, declared=frozenset())
        for part, path in self._references:
            self._resolve(part, path)
        if not self.problems:
            self._refuse_loops()
        if self.problems:
            return True
        for part, declared in self._objects:
            names = [name for name, sub in part["properties"].items() if not self.has_default(sub)]
            # A property that the object around declares already is required there, or not.
            part.setdefault("required", [name for name in names if name not in declared])
        for part in self._closable:
            self._close(part)
        return schema

    def has_default(self, schema: Any) -> bool:
        """Whether a subschema has a default, by itself or by the schema that it refers to."""
        while isinstance(schema, dict):
            if "default" in schema:
                return True
            reference = schema.get("$ref")
            schema = self._by_pointer.get(pointer_of(reference)) if isinstance(reference, str) else None
            if self.problems:
                return False
        return False

    # ------------------------------------------------------------------------------------------- reading

    def _read(self, raw: Any, path: Path, pointer: str, *, in_place: bool, declared: frozenset[str]) -> Any:
        """One subschema. `declared` are the properties of the objects around it that judge the same value."""
        if isinstance(raw, str):
            schema: Any = {"type": raw}
            self._check_type(raw, path)
        elif isinstance(raw, bool | dict):
            schema = raw if isinstance(raw, bool) else {}
        else:
            hint = "write `string`, for example" if raw is None else None
            message = "wants a schema: a type's name or a mapping of keywords"
            self._note(path, message, raw, at_key=raw is None, help=hint, colon="")
            return True
        self._by_pointer[pointer] = schema
        self.parts.append(Part(schema, path, pointer, self._name(path)))
        if isinstance(raw, dict):
            properties = raw.get("properties")
            inner = declared | frozenset(properties if isinstance(properties, dict) else ())
            if raw and not KNOWN.intersection(raw) and not any(nearest(key, KNOWN) for key in raw):
                self._note_properties(path, raw)
                return True
            for key, value in raw.items():
                self._read_keyword(schema, key, value, raw, path, pointer, inner)
            if "properties" in schema:
                self._objects.append((schema, declared))
        if isinstance(schema, dict) and not in_place:
            self._closable.append(schema)
        return schema

    def _read_keyword(
        self,
        schema: dict[str, Any],
        key: str,
        value: Any,
        raw: dict[str, Any],
        path: Path,
        pointer: str,
        declared: frozenset[str],
    ) -> None:
        here = (*path, key)
        if key not in KNOWN:
            self._unknown(here, key)
            return
        # Constants are read as values are: `007` is a text where only text is taken.
        if key in TEXT or (key in ("const", "enum", "default") and raw.get("type") in _TEXT_TYPES):
            value = self._literal(here, value)
        refusal = refuse_keyword_value(key, value)
        if refusal is not None:
            self._wrong_value(here, key, value, refusal)
            return
        inside = declared if key in _WITHIN else frozenset()
        in_place = key in _WITHIN or key == "$defs"
        if key in SCHEMA:
            schema[key] = self._read(value, here, join(pointer, key), in_place=in_place, declared=inside)
        elif key in SCHEMA_LISTS:
            schema[key] = [
                self._read(part, (*here, i), join(pointer, key, i), in_place=in_place, declared=inside)
                for i, part in enumerate(value)
            ]
        elif key in SCHEMA_MAPS:
            schema[key] = {
                name: self._read(part, (*here, name), join(pointer, key, name), in_place=in_place, declared=inside)
                for name, part in value.items()
            }
            if key == "patternProperties":
                for pattern in value:
                    self._check_pattern((*here, pattern), pattern, at_key=True)
        else:
            schema[key] = value
            self._check_numbers(here, value)
            self._check_value(here, key, value, schema)

    def _check_numbers(self, path: Path, value: Any) -> None:
        """Numbers in a constant that are too large, or beyond what doubles hold, are findings."""
        if isinstance(value, dict | list):
            for step, part in value.items() if isinstance(value, dict) else enumerate(value):
                self._check_numbers((*path, step), part)
        elif isinstance(value, int):
            problem = number_problem(self.document, path)
            self.problems += [problem] if problem is not None else []

    def _check_value(self, path: Path, key: str, value: Any, schema: dict[str, Any]) -> None:
        if key == "type":
            for index, name in enumerate([value] if isinstance(value, str) else value):
                self._check_type(name, path if isinstance(value, str) else (*path, index))
        elif key == "pattern":
            self._check_pattern(path, value)
        elif key == "format" and value not in FORMATS:
            near = nearest(value, FORMATS)
            self._note(
                path,
                f"the format `{value}` is not supported",
                value,
                allowed=enumerate_words([f"`{name}`" for name in FORMATS]),
                help=f"did you mean `{near}`?" if near else "write a `pattern` instead",
            )
        elif key == "$ref":
            self._references.append((schema, path))

    def _check_type(self, name: str, path: Path) -> None:
        if name in TYPES:
            return
        near = nearest(name, TYPES)
        hint = TYPE_HELP.get(name.lower()) or (f"did you mean `{near}`?" if near else None)
        allowed = enumerate_words([f"`{known}`" for known in TYPES])
        self._note(path, f"there is no type `{name}`", name, allowed=allowed, help=hint)

    def _check_pattern(self, path: Path, pattern: str, *, at_key: bool = False) -> None:
        try:
            matches(pattern, "")
        except ValueError:
            message, hint = f"the pattern is not a regular expression{_complaint(pattern)}", None
            if _BACKTRACKING.search(pattern):
                message = "the pattern uses lookaround or a back reference, which can take for ever"
                hint = "write out the forms that you want, `^(a|b)$`, or use several patterns in `allOf`"
            self._note(path, message, pattern, rule="parameter-pattern", at_key=at_key, help=hint)

    def _unknown(self, path: Path, key: str) -> None:
        near = nearest(key, KNOWN)
        hint = KEYWORD_HELP.get(key) or (f"did you mean `{near}`?" if near else None)
        hint = hint or "the properties of an object stand below `properties`"
        self._note(path, f"there is no keyword `{key}` in a schema", key, at_key=True, help=hint)

    def _note_properties(self, path: Path, raw: dict[str, Any]) -> None:
        names = enumerate_words([f"`{key}`" for key in raw], "and")
        message = f"{names} {'is no keyword' if len(raw) == 1 else 'are no keywords'} of a schema"
        hint = KEYWORD_HELP.get(next(iter(raw))) or "if these are an object's properties, put them below `properties`"
        self._note((*path, next(iter(raw))), message, None, at_key=True, help=hint)

    def _wrong_value(self, path: Path, key: str, value: Any, words: str) -> None:
        hint = None
        if key == "required" and isinstance(value, bool):
            hint = "a property without `default` is required; give an optional one its `default`"
        self._note(path, f"`{key}` wants {words}", value, allowed=words, help=hint, at_key=value is None)

    # ---------------------------------------------------------------------------- references and objects

    def _resolve(self, schema: dict[str, Any], path: Path) -> None:
        reference = schema["$ref"]
        if reference != "#" and not reference.startswith("#/"):
            self._note(
                path,
                "`$ref` leads out of the parameter, and nothing is ever fetched",
                reference,
                allowed="`#/…`, a place in the same parameter",
                help="copy the schema to `$defs` and write `#/$defs/name`",
            )
            return
        target = self.root + pointer_of(reference)[1:]
        if target in self._by_pointer:
            schema["$ref"] = reference_to(target)
            return
        known = [reference_to("#" + place.removeprefix(self.root)) for place in self._by_pointer]
        near = nearest(reference, known)
        self._note(
            path,
            "`$ref` leads nowhere in this parameter",
            reference,
            allowed=enumerate_words([f"`{place}`" for place in known[:10]]),
            help=f"did you mean `{near}`?" if near else "`#` is the parameter's own schema",
        )

    def _refuse_loops(self) -> None:
        """Refuses a schema that judges the same value by itself again, for ever."""
        done: set[int] = set()
        for part, path in self._references:
            trail: set[int] = set()
            pending: list[tuple[Any, bool]] = [(part, False)]
            while pending:
                schema, leaving = pending.pop()
                if leaving:
                    trail.discard(id(schema))
                    done.add(id(schema))
                elif id(schema) in trail:
                    message = "`$ref` leads back to itself without going into the value"
                    hint = "a schema may refer to itself below `properties` or `items` only"
                    self._note(path, message, None, help=hint)
                    return
                elif isinstance(schema, dict) and id(schema) not in done:
                    trail.add(id(schema))
                    pending.append((schema, True))
                    pending += [(inner, False) for inner in self._in_place(schema)]

    def _in_place(self, schema: dict[str, Any]) -> Iterator[Any]:
        for key in IN_PLACE:
            if key in schema:
                yield schema[key]
        for key in IN_PLACE_LISTS:
            yield from schema.get(key, ())
        yield from schema.get("dependentSchemas", {}).values()
        if "$ref" in schema:
            yield self._by_pointer[pointer_of(schema["$ref"])]

    def _close(self, schema: dict[str, Any]) -> None:
        if "additionalProperties" in schema or "unevaluatedProperties" in schema or not self._is_object(schema):
            return
        composed = any(True for _ in self._in_place(schema))
        schema["unevaluatedProperties" if composed else "additionalProperties"] = False

    def _is_object(self, schema: Any) -> bool:
        pending, seen = [schema], set()
        while pending:
            part = pending.pop()
            if not isinstance(part, dict) or id(part) in seen:
                continue
            seen.add(id(part))  # definitions that refer to each other twice would be met exponentially often
            named = part.get("type", ())
            if "object" in ([named] if isinstance(named, str) else named) or "properties" in part:
                return True
            if "patternProperties" in part:
                return True
            # What `not` excludes does not make the value an object.
            pending += [inner for inner in self._in_place(part) if inner is not part.get("not")]
        return False

    # ------------------------------------------------------------------------------------------- wording

    def _literal(self, path: Path, value: Any) -> Any:
        """The literal text of an unquoted number or boolean, and of those in a list."""
        if isinstance(value, list):
            return [self._literal((*path, index), item) for index, item in enumerate(value)]
        if isinstance(value, int | float):
            return self.document.node(path).text or value
        return value

    def _name(self, path: Path) -> str:
        """What the author calls the value that a subschema is about: `order.lines[].name`."""
        name = str(self.base[-1])
        steps = iter(path[len(self.base) :])
        for step in steps:
            if step == "properties":
                name += "".join(f".{key}" for key in (next(steps, None),) if key is not None)
            elif step in ("items", "prefixItems"):
                name += "[]"
        return name

    def _note(
        self,
        path: Path,
        message: str,
        value: Any,
        *,
        at_key: bool = False,
        rule: str = "parameter-schema",
        colon: str = ":",
        **fields: Any,
    ) -> None:
        span = self.document.key_span(path) if at_key else self.document.span(path)
        if value is not None:
            fields["found"] = value if isinstance(value, str) else shown(value)
        self.problems.append(finding(rule, f"`{self._name(path)}`{colon} {message}", span, **fields))
