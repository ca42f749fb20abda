"""The API's contract: what a payload may be, limit by limit.

A contract is read from the payload schema that `msgc.schema` builds. It adds nothing to it: a `Place` is a view of
the schema at one spot of a payload, a `Limit` is an `x-limit` annotation, and an override takes a limit out of
the schema or changes its number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any, Literal

from msgc.diagnostic import Severity
from msgc.document import Path
from msgc.validate import Acceptor, Explainer, QuickAcceptor, Violation

RequestKind = Literal["session", "templated"]
KINDS: tuple[RequestKind, ...] = ("session", "templated")
RECIPIENT_RULE = "recipient-missing"

# A keyword whose number a project may override; an override of any other assertion can only switch it off.
_NUMERIC = (
    "maxLength",
    "minLength",
    "maxItems",
    "minItems",
    "maximum",
    "minimum",
    "maxUtf8Bytes",
    "maxUtf16Length",
)
_ENDPOINT = re.compile(r"(?:/(?:[A-Za-z0-9._~:-]+|\{businessId\}))+")
_NUMERIC_TOTALS = ("maxTotalItems", "minTotalItems")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit's own account of itself: whose it is, where that is written, and when it was read there.

    `checked` is "in each message" for what any free text can hold, else "for all values".
    """

    rule: str
    subject: str
    unit: str
    authority: str
    source: str
    seen: str
    confidence: str
    severity: Severity
    help: str
    message: str | None = None
    of: str | None = None
    checked: str = "for all values"

    @property
    def citation(self) -> str:
        """The source with the date on which it was read."""
        return f"{self.source} (read {self.seen})" if self.seen else self.source


class UnknownLimit(Exception):  # noqa: N818 - what is wrong, not with the program
    """An override names a limit (`rule`) that does not exist, or gives a number to one that has none."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Place:
    """What the contract says of one spot in a payload, without its limits."""

    contract: Contract
    schema: Mapping[str, Any]

    @property
    def type(self) -> str:
        """`object`, `array`, `string`, `number`, `integer`, `boolean`, or `any` where every JSON value may stand."""
        kind = self.schema.get("type")
        if isinstance(kind, str):
            return kind
        if "properties" in self.schema:
            return "object"
        return "string" if "enum" in self.schema else "any"

    @property
    def names(self) -> tuple[str, ...]:
        """The keys that an object here may have, in the contract's order."""
        return tuple(self.schema.get("properties", ()))

    @property
    def webhook_only(self) -> tuple[str, ...]:
        """Keys that the API has in webhooks only."""
        return tuple(self.schema.get("x-webhook-only", ()))

    def field(self, name: str) -> Place | None:
        """The place behind a key of an object here, or None for an unknown key."""
        schema = self.schema.get("properties", {}).get(name)
        if schema is None:
            extra = self.schema.get("additionalProperties", False)
            if extra is False:
                return None
            schema = {} if extra is True else extra
        return self.contract.place(schema)

    @property
    def item(self) -> Place:
        """The place of every item of a list here."""
        return self.contract.place(self.schema.get("items", {}))


@dataclass(frozen=True)
class Contract:
    """The payload schema with the project's overrides of limits: rule to number, or False for off."""

    schema: Mapping[str, Any] = field(repr=False)
    overrides: Mapping[str, float | Literal[False]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return id(self)

    @cached_property
    def limits(self) -> Mapping[str, Limit]:
        """Every limit of the contract by its rule, as the contract's sources state it."""
        found: dict[str, Limit] = {}
        for entry in _entries(self.schema):
            limit = read_limit(entry["x-limit"])
            found.setdefault(limit.rule, limit)
        return found

    @cached_property
    def assertions(self) -> Mapping[str, Mapping[str, Any]]:
        """Every limit's schema without its account, by its rule (the first, where several places share it)."""
        found: dict[str, Mapping[str, Any]] = {}
        for entry in _entries(self.schema):
            found.setdefault(entry["x-limit"]["rule"], {k: v for k, v in entry.items() if k != "x-limit"})
        return found

    def summary(self, rule: str) -> str:
        """A limit in one sentence."""
        limit = self.limits[rule]
        if limit.of is not None:
            return "A text fits its limit in characters, but not in UTF-16 units."
        if limit.message is not None:
            return limit.message
        bounds = " and ".join(_bounds(self.assertions[rule]))
        unit = "" if limit.unit == "none" else f" {limit.unit}"
        subject = limit.subject[:1].upper() + limit.subject[1:]
        return f"{subject}: {bounds}{unit}." if bounds else f"{subject}."

    @cached_property
    def effective(self) -> Mapping[str, Any]:
        """The schema with its warnings as assertions and the overrides applied.

        Raises `UnknownLimit` for an override that cannot be applied.
        """
        for rule, value in self.overrides.items():
            if rule not in self.limits:
                raise UnknownLimit(rule, f"there is no limit called `{rule}`")
            if value is not False and _numbers(self.assertions[rule]) != 1:
                raise UnknownLimit(rule, f"the limit `{rule}` has no number; it can only be switched off with `false`")
        result = _with_warnings(self.schema, self.overrides)
        assert isinstance(result, dict)
        return result

    def with_overrides(self, overrides: Mapping[str, float | Literal[False]]) -> Contract:
        """The same contract under other overrides; this very one, with what it has prepared, under equal ones."""
        return self if dict(overrides) == dict(self.overrides) else Contract(self.schema, overrides)

    @cached_property
    def as_stated(self) -> Contract:
        """The same contract without any override: what its sources say."""
        return self.with_overrides({})

    def is_user_id(self, text: str) -> bool:
        """Whether a text has the form of a business-scoped user id, and so is no phone number."""
        return self._is_user_id(text)

    @cached_property
    def _is_user_id(self) -> Callable[[str], bool]:
        stated = self.as_stated
        recipient = stated.request("session").field("recipient")
        user_id = recipient.field("userId") if recipient is not None else None
        if user_id is None:
            return lambda _: False
        return stated._judges_of(user_id.schema)[0].accepts  # noqa: SLF001 - of the same class

    def place(self, schema: Any) -> Place:
        """The view of a sub-schema, its `$ref` followed."""
        while isinstance(schema, Mapping) and "$ref" in schema:
            schema = self.schema["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return Place(self, schema if isinstance(schema, Mapping) else {})

    def request(self, kind: RequestKind) -> Place:
        """The place of a whole request."""
        return self.place({"$ref": self.schema["x-requests"][kind]})

    def endpoint(self, kind: RequestKind) -> str:
        """The path of a request on the API's host, with `{businessId}` in it.

        Raises ValueError for a contract that does not say it, or not in a form that can be filled in.
        """
        path = self.schema.get("x-endpoints", {}).get(kind)
        if not isinstance(path, str) or not _ENDPOINT.fullmatch(path) or path.count("{businessId}") != 1:
            raise ValueError(f"the contract does not say to which path a {kind} message goes: build it again")
        return path

    def judge(self, kind: RequestKind, payload: Any, *, recipient: bool) -> list[Violation]:
        """Everything that the contract says against a payload; nothing when it is accepted.

        `recipient` False leaves out that a payload needs a recipient. `payload` is plain JSON data.
        """
        if self.accepts(kind, payload, recipient=recipient):
            return []
        return self._explainer(kind, recipient).violations(payload)

    def accepts(self, kind: RequestKind, payload: Any, *, recipient: bool) -> bool:
        """Whether the contract has nothing to say against a payload, in a hundredth of the time of saying it."""
        return self._acceptor(kind, recipient).accepts(payload)

    def acceptor(self, kind: RequestKind, *, recipient: bool) -> Callable[[Any], bool]:
        """What `accepts` calls, for who calls it so often that one more call counts."""
        return self._acceptor(kind, recipient).accepts

    def envelope_schema(self, kind: RequestKind) -> Mapping[str, Any] | None:
        """What a request's sender and recipient are judged by alone: the schema of an object of these two.

        None where the contract says something of the recipient that the rest of the message has a part in.
        """
        key = "number" if kind == "templated" else "recipient"
        schema = self.request_schema(kind)
        entries = [entry for entry in schema.get("allOf", ()) if _speaks_of(entry, key)]
        properties = schema.get("properties", {})
        if any(_speaks_of(entry, other) for entry in entries for other in properties.keys() - {key, "sender"}):
            return None
        kept = {name: part for name, part in properties.items() if name in (key, "sender")}
        judged = {"type": "object", "required": [key], "properties": kept, "allOf": [True, *entries]}
        return {**judged, "$defs": self.effective["$defs"]}

    def request_schema(self, kind: RequestKind) -> Mapping[str, Any]:
        """The effective schema of a request, its own `$ref` followed."""
        target = self.effective["x-requests"][kind]
        found: Mapping[str, Any] = self.effective["$defs"][target.removeprefix("#/$defs/")]
        return found

    def rules_of(self, kind: RequestKind) -> Mapping[str, Any]:
        """The schema that a request without a recipient is judged by, with the definitions that it refers to."""
        key = ("rules", kind)
        if key not in self._cache:
            self._cache[key] = self._root(kind, False)
        found: Mapping[str, Any] = self._cache[key]
        return found

    def breaks(self, rule: str, kind: RequestKind, payload: Any) -> bool:
        """Whether a payload breaks one limit, whatever the others say; much faster than `judge` where it does."""
        return not self._alone(rule, kind).accepts(payload)

    def broken_at(self, rule: str, kind: RequestKind, payload: Any) -> list[Path]:
        """Where a payload breaks one limit, whatever the others say; much faster than `judge`."""
        return [path for path, _ in self._alone(rule, kind).places(payload)]

    def _alone(self, rule: str, kind: RequestKind) -> Acceptor:
        key = ("only", rule, kind)
        if key not in self._cache:
            self._cache[key] = Acceptor(_only(self._root(kind, True), rule))
        found: Acceptor = self._cache[key]
        return found

    def judge_at(self, place: Place, value: Any) -> list[Violation]:
        """What the contract says against a value at a place, as far as the value alone decides it."""
        accept, explain = self._judges_of(place.schema)
        return [] if accept.accepts(value) else explain.violations(value)

    @cached_property
    def _cache(self) -> dict[Any, Any]:
        return {}

    def _root(self, kind: RequestKind, recipient: bool) -> Mapping[str, Any]:
        schema = self.effective if recipient else _without(self.effective, RECIPIENT_RULE)
        return {"$schema": schema["$schema"], "$ref": schema["x-requests"][kind], "$defs": schema["$defs"]}

    def _acceptor(self, kind: RequestKind, recipient: bool) -> QuickAcceptor:
        key = ("acceptor", kind, recipient)
        if key not in self._cache:
            self._cache[key] = QuickAcceptor(self._root(kind, recipient))
        found: QuickAcceptor = self._cache[key]
        return found

    def _explainer(self, kind: RequestKind, recipient: bool) -> Explainer:
        key = ("explainer", kind, recipient)
        if key not in self._cache:
            self._cache[key] = Explainer(self._root(kind, recipient))
        found: Explainer = self._cache[key]
        return found

    def _judges_of(self, schema: Mapping[str, Any]) -> tuple[Acceptor, Explainer]:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._cache:
            effective = {**_with_warnings(schema, self.overrides), "$defs": self.effective["$defs"]}
            self._cache[key] = (Acceptor(effective), Explainer(effective))
        found: tuple[Acceptor, Explainer] = self._cache[key]
        return found


def kind_of(payload: Mapping[str, Any]) -> RequestKind:
    """Which of the two requests a payload is, as far as its keys say it."""
    return "templated" if "templateName" in payload and "message" not in payload else "session"


def read_contract(path: FilePath) -> Contract:
    """The contract in a payload schema file. Raises OSError and ValueError for a file that is none."""
    schema = json.loads(path.read_bytes())
    if not isinstance(schema, dict) or "$defs" not in schema or set(KINDS) - set(schema.get("x-requests", ())):
        raise ValueError("it is not a payload schema made by `msgc schema build`")
    return Contract(schema)


def read_limit(annotation: Mapping[str, Any]) -> Limit:
    """An `x-limit` annotation as a value; missing words are empty."""
    return Limit(
        rule=annotation["rule"],
        subject=annotation.get("subject", "the value"),
        unit=annotation.get("unit", "none"),
        authority=annotation.get("authority", "the API"),
        source=annotation.get("source", ""),
        seen=annotation.get("seen", ""),
        confidence=annotation.get("confidence", ""),
        severity=annotation.get("severity", "error"),
        help=annotation.get("help", ""),
        message=annotation.get("message"),
        of=annotation.get("of"),
        checked=annotation.get("checked", "for all values"),
    )


def _speaks_of(schema: Any, name: str) -> bool:
    """Whether a schema mentions a key of the request: by its name, or in a pointer that begins with it."""
    if isinstance(schema, Mapping):
        return name in schema or any(_speaks_of(part, name) for key, part in schema.items() if key != "x-limit")
    if isinstance(schema, list):
        return any(_speaks_of(part, name) for part in schema)
    return isinstance(schema, str) and schema.lstrip("/").split("/")[0] == name


_SCALARS = (str, bool, int, float)  # most of a schema; asked first because asking for a Mapping is slow


def _entries(schema: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(schema, _SCALARS):
        return
    if isinstance(schema, Mapping):
        if "x-limit" in schema:
            yield schema
        for value in schema.values():
            yield from _entries(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _entries(value)


def _bounds(schema: Any) -> Iterator[str]:
    """The numbers of a limit in words, wherever in the assertion they stand."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key in (*_NUMERIC, *_NUMERIC_TOTALS):
                number = value["limit"] if key in _NUMERIC_TOTALS else value
                yield f"at {'least' if key.startswith('min') else 'most'} {number:,}"
            elif key not in ("if", "x-limit"):
                yield from _bounds(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _bounds(item)


def _with_warnings(schema: Any, overrides: Mapping[str, float | Literal[False]]) -> Any:
    if isinstance(schema, _SCALARS):
        return schema
    if isinstance(schema, list):
        return [_with_warnings(item, overrides) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    result = {key: _with_warnings(value, overrides) for key, value in schema.items() if key != "x-warnings"}
    entries = [*schema.get("allOf", ()), *schema.get("x-warnings", ())]
    kept = [
        _with_warnings(_overridden(entry, overrides), overrides)
        for entry in entries
        if _override_of(entry, overrides) is not False
    ]
    if kept:
        result["allOf"] = kept
    else:
        result.pop("allOf", None)
    return result


def _override_of(entry: Mapping[str, Any], overrides: Mapping[str, Any]) -> float | Literal[False] | None:
    limit = entry.get("x-limit", {})
    found: float | Literal[False] | None = overrides.get(limit.get("rule"))
    return overrides.get(limit.get("of")) if found is None else found


def _overridden(entry: Mapping[str, Any], overrides: Mapping[str, Any]) -> Mapping[str, Any]:
    number = _override_of(entry, overrides)
    if number is None:
        return entry
    changed = _renumbered(entry, number)
    assert isinstance(changed, Mapping)
    return {**changed, "x-limit": {**changed.get("x-limit", {}), "authority": "the configuration"}}


def _renumbered(schema: Any, number: float) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: number
            if key in _NUMERIC
            else {**value, "limit": number}
            if key in _NUMERIC_TOTALS
            else value
            if key in ("x-limit", "if")
            else _renumbered(value, number)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_renumbered(item, number) for item in schema]
    return schema


def _numbers(schema: Any) -> int:
    if isinstance(schema, Mapping):
        return sum(
            1 if key in (*_NUMERIC, *_NUMERIC_TOTALS) else 0 if key in ("x-limit", "if") else _numbers(value)
            for key, value in schema.items()
        )
    return sum(map(_numbers, schema)) if isinstance(schema, list) else 0


def _without(schema: Any, rule: str) -> Any:
    if isinstance(schema, _SCALARS):
        return schema
    if isinstance(schema, list):
        return [_without(item, rule) for item in schema if not _has_rule(item, rule)]
    if isinstance(schema, Mapping):
        return {key: _without(value, rule) for key, value in schema.items()}
    return schema


def _only(schema: Any, rule: str) -> Any:
    """The schema without any assertion but one limit, and what leads to where it is stated."""
    if isinstance(schema, list):
        return [_only(item, rule) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "allOf":
            entries = [
                entry if _has_rule(entry, rule) else _only(entry, rule)
                for entry in value
                if _has_rule(entry, rule) or "x-limit" not in entry
            ]
            kept[key] = entries or [True]
        elif key in ("properties", "$defs"):
            kept[key] = {name: _only(part, rule) for name, part in value.items()}
        elif key in ("$ref", "$schema", "items"):
            kept[key] = _only(value, rule)
    return kept


def _has_rule(schema: Any, rule: str) -> bool:
    return (
        not isinstance(schema, _SCALARS)
        and isinstance(schema, Mapping)
        and schema.get("x-limit", {}).get("rule") == rule
    )
