"""Saying what is wrong with a value, and where: jsonschema, with our keywords and exact places."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from msgc.document import Path
from msgc.formats import FORMATS
from msgc.keywords import KEYWORDS, Keyword
from msgc.keywords.places import identity
from msgc.validate.accept import matches
from msgc.validate.violation import CLOSED, Schema, Violation


class Explainer:
    """A schema that says what is wrong with a value, one violation per cause, in the schema's own order."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def violations(self, value: Any, part: Schema | None = None) -> list[Violation]:
        """Everything that is wrong with the value; empty exactly where an `Acceptor` accepts it.

        `part` is the part of the schema to judge by, if not the whole; its references still start at the
        root.
        """
        found: dict[str, Violation] = {}
        for error in self._errors(value, part):
            violation = _violation(error, (), None)
            # A definition reached twice, by `$ref` and by `allOf`, says everything twice.
            found.setdefault(repr(violation), violation)
        return list(found.values())

    def _errors(self, value: Any, part: Schema | None) -> list[Any]:
        validator = _reference()(self._schema)
        if part is not None:
            validator = validator.evolve(schema=part)
        try:
            return list(validator.iter_errors(value))
        except RecursionError:
            # A recursive schema costs a dozen frames per level of the value, which may have 100 levels.
            limit = sys.getrecursionlimit()
            sys.setrecursionlimit(limit + 4000)
            try:
                return list(validator.iter_errors(value))
            finally:
                sys.setrecursionlimit(limit)


def _violation(error: Any, prefix: Path, limit: Mapping[str, Any] | None) -> Violation:
    path = (*prefix, *error.relative_path)
    own = getattr(error, "limit", None) or limit
    extra = dict(getattr(error, "extra", {}))
    if "places" in extra:
        judged = path[: len(path) - extra.pop("depth")]
        extra["places"] = tuple((*judged, *place) for place in extra["places"])
    return Violation(
        path=path,
        keyword=error.validator or "false",
        constraint=False if error.validator is None else error.validator_value,
        value=error.instance,
        limit=own,
        branches=tuple(
            tuple(_violation(child, path, own) for child in branch) for branch in getattr(error, "branches", ())
        ),
        extra=extra,
    )


# The keyword functions have jsonschema's signature: validator, the keyword's value, the instance, its schema.
_Errors = Iterator[Any]
_SAME: Any = object()


def _error(message: str, *, path: Path = (), instance: Any = _SAME, **extra: Any) -> Any:
    """A bare error of `jsonschema`, which adds the rest of its place while it unwinds."""
    from jsonschema.exceptions import ValidationError

    given = {} if instance is _SAME else {"instance": instance}
    error: Any = ValidationError(message, path=path, **given)
    error.extra = extra
    return error


def _is_valid(validator: Any, instance: Any, schema: Any) -> bool:
    return next(validator.descend(instance, schema), None) is None


def _descend(validator: Any, value: Any, schema: Any, key: str | int) -> _Errors:
    """The errors of a property or an item; jsonschema forgets their place where the schema is `false`."""
    if schema is False:
        error = _error("false", path=(key,), instance=value)
        error.validator = None
        yield error
    else:
        yield from validator.descend(value, schema, path=key)


def _check_pattern(_: Any, pattern: str, instance: Any, __: Any) -> _Errors:
    if isinstance(instance, str) and not matches(pattern, instance):
        yield _error("pattern")


def _check_format(_: Any, name: str, instance: Any, __: Any) -> _Errors:
    if isinstance(instance, str) and name in FORMATS and not FORMATS[name](instance):
        yield _error("format")


def _check_pattern_properties(validator: Any, patterns: dict[str, Any], instance: Any, _: Any) -> _Errors:
    if isinstance(instance, dict):
        for pattern, subschema in patterns.items():
            for key, value in instance.items():
                if matches(pattern, key):
                    yield from _descend(validator, value, subschema, key)


def _check_additional(validator: Any, subschema: Any, instance: Any, schema: dict[str, Any]) -> _Errors:
    if not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    extra = [k for k in instance if k not in known and not any(matches(pattern, k) for pattern in patterns)]
    for key in extra:
        if subschema is False:
            fields = {"key": key, "known": tuple(known), "patterns": tuple(patterns)}
            yield _error("unknown key", path=(key,), instance=instance[key], **fields)
        else:
            yield from _descend(validator, instance[key], subschema, key)


def _check_unevaluated(validator: Any, subschema: Any, instance: Any, schema: dict[str, Any]) -> _Errors:
    if not isinstance(instance, dict):
        return
    others = {key: value for key, value in schema.items() if key != "unevaluatedProperties"}
    known: list[str] = []
    evaluated = _evaluated_keys(validator, instance, others, known)
    for key in instance:
        if key in evaluated:
            continue
        if subschema is False:
            names = tuple(name for name in dict.fromkeys(known) if name != key)
            patterns = tuple(schema.get("patternProperties", ()))
            fields = {"key": key, "known": names, "patterns": patterns, "mentioned": key in known}
            yield _error("unknown key", path=(key,), instance=instance[key], **fields)
        else:
            yield from _descend(validator, instance[key], subschema, key)


def _evaluated_keys(validator: Any, instance: dict[str, Any], schema: Any, known: list[str]) -> set[str]:
    """The keys that a schema, and what applies in its place, have judged; `known` gathers the names in it.

    jsonschema's own function would run patterns on Python's engine.
    """
    if isinstance(schema, bool):
        return set()
    known.extend(schema.get("properties", ()))
    keys = set(instance).intersection(schema.get("properties", ()))
    keys.update(k for k in instance for pattern in schema.get("patternProperties", ()) if matches(pattern, k))
    if any(keyword in schema for keyword in CLOSED):
        # Whatever is left was judged by this keyword; where it was refused the whole schema fails anyway.
        return set(instance)
    if "$ref" in schema:
        resolved = validator._resolver.lookup(schema["$ref"])  # noqa: SLF001 - there is no public way
        within = validator.evolve(schema=resolved.contents, _resolver=resolved.resolver)
        keys |= _evaluated_keys(within, instance, resolved.contents, known)
    applied = [*schema.get("allOf", ())]
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if _is_valid(validator, instance, branch):
            applied.append(branch)
        else:
            _evaluated_keys(validator, instance, branch, known)
    if "if" in schema:
        holds = _is_valid(validator, instance, schema["if"])
        applied += [schema["if"], schema.get("then", True)] if holds else [schema.get("else", True)]
    applied += [sub for key, sub in schema.get("dependentSchemas", {}).items() if key in instance]
    for branch in applied:
        keys |= _evaluated_keys(validator, instance, branch, known)
    return keys


def _check_property_names(validator: Any, subschema: Any, instance: Any, _: Any) -> _Errors:
    if isinstance(instance, dict):
        for key in instance:
            for error in _descend(validator, key, subschema, key):
                error.extra = {**getattr(error, "extra", {}), "key": key}
                yield error


def _check_required(_: Any, names: list[str], instance: Any, __: Any) -> _Errors:
    if isinstance(instance, dict):
        yield from (_error("missing", key=name) for name in names if name not in instance)


def _check_dependent(_: Any, names: dict[str, list[str]], instance: Any, __: Any) -> _Errors:
    if isinstance(instance, dict):
        for because, needed in names.items():
            if because in instance:
                yield from (_error("missing", key=n, because=because) for n in needed if n not in instance)


def _check_unique(_: Any, unique: bool, instance: Any, __: Any) -> _Errors:
    # jsonschema sorts the items and compares neighbours, which overlooks [1, x], [true, x], [1, x].
    first: dict[Any, int] = {}
    for index, item in enumerate(instance if unique and isinstance(instance, list) else ()):
        known = first.setdefault(identity(item), index)
        if known != index:
            yield _error("repeated", path=(index,), instance=item, found=item, places=((known,),), depth=1)


def _check_properties(validator: Any, properties: dict[str, Any], instance: Any, _: Any) -> _Errors:
    if isinstance(instance, dict):
        for key, subschema in properties.items():
            if key in instance:
                yield from _descend(validator, instance[key], subschema, key)


def _check_prefix_items(validator: Any, schemas: list[Any], instance: Any, _: Any) -> _Errors:
    if isinstance(instance, list):
        for index, (item, subschema) in enumerate(zip(instance, schemas, strict=False)):
            yield from _descend(validator, item, subschema, index)


def _check_items(validator: Any, subschema: Any, instance: Any, schema: dict[str, Any]) -> _Errors:
    if isinstance(instance, list):
        for index in range(len(schema.get("prefixItems", ())), len(instance)):
            yield from _descend(validator, instance[index], subschema, index)


def _check_any_of(validator: Any, branches: list[Any], instance: Any, _: Any) -> _Errors:
    errors = [list(validator.descend(instance, branch)) for branch in branches]
    if all(errors):
        yield _branching(errors)


def _check_one_of(validator: Any, branches: list[Any], instance: Any, _: Any) -> _Errors:
    errors = [list(validator.descend(instance, branch)) for branch in branches]
    matching = tuple(index for index, wrong in enumerate(errors) if not wrong)
    if not matching:
        yield _branching(errors)
    elif len(matching) > 1:
        yield _error("more than one", matching=matching)


def _branching(errors: list[list[Any]]) -> Any:
    error = _error("no branch fits")
    error.branches = errors
    return error


def _check_ours(keyword: Keyword) -> Callable[..., _Errors]:
    def check(_: Any, constraint: Any, instance: Any, __: Any) -> _Errors:
        for problem in keyword.check(constraint, instance):
            found, places, depth = problem.found, problem.places, len(problem.path)
            value = found if problem.path else instance
            yield _error("ours", path=problem.path, instance=value, found=found, places=places, depth=depth)

    return check


def _with_limit(check: Callable[..., Any]) -> Callable[..., _Errors]:
    """The same keyword; its errors learn the nearest `x-limit` while they unwind through the schemas."""

    def checked(validator: Any, constraint: Any, instance: Any, schema: Any) -> _Errors:
        for error in check(validator, constraint, instance, schema) or ():
            if not hasattr(error, "limit") and "x-limit" in schema:
                error.limit = schema["x-limit"]
            yield error

    return checked


@cache
def _reference() -> Callable[[Schema], Any]:
    """A maker of `jsonschema` validators, imported only now: that takes longer than a whole clean run."""
    import referencing
    from jsonschema import validators

    checks: dict[str, Callable[..., Any]] = {
        **validators.Draft202012Validator.VALIDATORS,
        "additionalProperties": _check_additional,
        "anyOf": _check_any_of,
        "dependentRequired": _check_dependent,
        "format": _check_format,
        "items": _check_items,
        "oneOf": _check_one_of,
        "pattern": _check_pattern,
        "patternProperties": _check_pattern_properties,
        "prefixItems": _check_prefix_items,
        "properties": _check_properties,
        "propertyNames": _check_property_names,
        "required": _check_required,
        "unevaluatedProperties": _check_unevaluated,
        "uniqueItems": _check_unique,
        **{name: _check_ours(keyword) for name, keyword in KEYWORDS.items()},
    }
    extend: Any = validators.extend
    checks = {name: _with_limit(check) for name, check in checks.items()}
    validator = extend(validators.Draft202012Validator, checks)
    # Without a registry of its own, jsonschema fetches remote references.
    registry: Any = referencing.Registry()
    return lambda schema: validator(schema, registry=registry)
