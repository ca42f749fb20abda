"""Reading: a `*.test.yaml` file becomes a suite, or the reasons why it cannot be one.

Keys are a closed set at every depth, so that a misspelt assertion cannot pass for one that holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from msgc.catalog import Catalog, Entry
from msgc.diagnostic import Diagnostic, Rejected, Severity, nearest
from msgc.document import Document, Path, dotted
from msgc.load import load_yaml
from msgc.rules import finding
from msgc.testing.place import PlaceError, parse_place
from msgc.testing.suite import Assertion, Case, Expectation, Kind, Setting, Suite
from msgc.validate import matches
from msgc.wording import unknown_key

SUITE_KEYS = ("description", "definition", "cases")
ASSERTIONS: tuple[Kind, ...] = ("equals", "contains", "matches", "absent", "max-length")
CASE_KEYS = ("example", "set", "to", *ASSERTIONS, "finding")
FINDING_KEYS = ("rule", "severity", "pointer")
_SEVERITIES = ("error", "warning", "info")
_ENDING = re.compile(r"\.test\.ya?ml$")


def suite_name(name: str) -> str:
    """The name of the definition that a file of tests stands beside, from its own name: `shop/order.test.yaml`."""
    return _ENDING.sub("", name)


def read_suite(
    entry: Entry, catalog: Catalog, definitions: Sequence[Entry], rules: Collection[str]
) -> tuple[Suite | None, list[Diagnostic]]:
    """The suite in a file, or None, and what there is to say of the file.

    `definitions` are those of the catalog, `rules` the names of all rules.
    """
    try:
        document, problems = load_yaml(catalog.read(entry.path), entry.shown)
    except Rejected as rejected:
        return None, list(rejected.diagnostics)
    reader = _Reader(entry, document, [each.name for each in definitions], rules, problems)
    suite = reader.suite()
    return None if any(problem.severity == "error" for problem in problems) else suite, problems


@dataclass
class _Reader:
    entry: Entry
    document: Document
    definitions: Sequence[str]
    rules: Collection[str]
    problems: list[Diagnostic] = field(default_factory=list)

    def suite(self) -> Suite | None:
        data = self.document.data
        if not isinstance(data, dict) or not data:
            what = "is empty" if data is None or data == {} else "is not a mapping"
            self._no_suite(f"the file of tests {what}")
            return None
        self._keys((), data, SUITE_KEYS, "a file of tests")
        description = self._text(("description",)) if "description" in data else None
        definition = self._definition(data)
        cases = self._cases(data)
        return None if definition is None else Suite(self.entry, self.document, description, definition, cases)

    def _no_suite(self, message: str) -> None:
        self._note(
            "test-file",
            message,
            (),
            help="begin with `cases:`, below it the name of a case, and below that what it says: "
            "`example: typical` and `contains: {message.text: Hello}`, for example",
        )

    def _definition(self, data: Mapping[str, Any]) -> str | None:
        given = self._text(("definition",)) if "definition" in data else suite_name(self.entry.name)
        if given is None or given in self.definitions:
            return given
        close = nearest(given, self.definitions)
        if "definition" in data:
            message = f"there is no definition `{given}`"
            help_ = f"did you mean `{close}`?" if close else "`msgc list` shows what there is"
        else:
            message = f"the tests stand beside no definition: there is none called `{given}`"
            help_ = f"name the file after its definition, or name that in it: `definition: {close or 'shop/order'}`"
        self._note("test-definition", message, ("definition",) if "definition" in data else (), help=help_)
        return None

    def _cases(self, data: Mapping[str, Any]) -> tuple[Case, ...]:
        cases = data.get("cases")
        if "cases" not in data:
            if not any(nearest(key, SUITE_KEYS) == "cases" for key in data if key not in SUITE_KEYS):
                self._no_suite("the file of tests has no `cases`")
            return ()
        if not isinstance(cases, dict) or not cases:
            help_ = "write what is tested as a key, and the case below it: `says sorry: {example: late}`"
            if isinstance(cases, list):
                help_ = "write each name as a key, `says sorry:` and not `- name: says sorry`, with the case below it"
            self._note(
                "wrong-type",
                "`cases` wants a mapping from names to cases",
                ("cases",),
                at_key=True,
                help=help_,
            )
            return ()
        return tuple(self._case(name, case) for name, case in cases.items())

    def _case(self, name: str, data: Any) -> Case:
        at: Path = ("cases", name)
        if not name.strip():
            self._note("test-file", "a case has no name", at, at_key=True, help="say what it tests")
        if not isinstance(data, dict) or not data:
            self._note(
                "wrong-type",
                f"the case `{name}` wants a mapping",
                at,
                at_key=True,
                help="write `example: typical` or `set: {…}` below it, and what must hold",
            )
            data = {}
        self._keys(at, data, CASE_KEYS, "a case")
        return Case(
            name=name,
            at=at,
            example=self._text((*at, "example")) if "example" in data else None,
            settings=tuple(self._settings((*at, "set"), data["set"])) if "set" in data else (),
            to=self._text((*at, "to")) if "to" in data else None,
            assertions=tuple(
                assertion for kind in data if kind in ASSERTIONS for assertion in self._assertions(at, kind, data[kind])
            ),
            expectations=tuple(self._expectations((*at, "finding"), data["finding"])) if "finding" in data else (),
        )

    def _settings(self, at: Path, data: Any) -> Iterator[Setting]:
        if not isinstance(data, dict):
            help_ = "write `first_name: Ana` below it, for example"
            self._note("wrong-type", "`set` wants a mapping from parameters to values", at, at_key=True, help=help_)
            return
        for key in data:
            place = tuple(key.split("."))
            if "" in place:
                shown = f"`{key}`" if key else "an empty text"
                message = f"{shown} is not a parameter, nor a property in one"
                self._note("test-file", message, (*at, key), at_key=True, help="write it as `name` or `order.id`")
            else:
                yield Setting(place, (*at, key))

    # ---------------------------------------------------------------------------------------------- assertions

    def _assertions(self, at: Path, kind: Kind, data: Any) -> Iterator[Assertion]:
        here = (*at, kind)
        if kind == "absent":
            for where in self._each(here, data):
                text = self._text(where)
                path = None if text is None else self._place(text, where, at_key=False)
                if path is not None:
                    yield Assertion(kind, path, None, where)
            return
        if not isinstance(data, dict) or not data:
            help_ = f"write `message.text: {_SAMPLES[kind]}` below it, for example"
            self._note("wrong-type", f"`{kind}` wants a mapping from places to values", here, at_key=True, help=help_)
            return
        for place, value in data.items():
            where = (*here, place)
            path = self._place(place, where)
            values = self._values(kind, where, value)
            if path is not None:
                yield from (Assertion(kind, path, each, spot) for each, spot in values)

    def _values(self, kind: Kind, at: Path, value: Any) -> list[tuple[Any, Path]]:
        """What a place is held against, each with its path in the file."""
        if kind == "equals":
            if value is None and not self.document.node(at).text:
                self._note("empty-value", f"{_phrase(at)} has no value", at, at_key=True, help="write one, or `null`")
                return []
            return [(value, at)]
        if kind == "max-length":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                help_ = "write how many characters there may be: `300`, for example"
                self._note("wrong-type", f"{_phrase(at)} wants a whole number", at, help=help_)
                return []
            return [(value, at)]
        found = [(self._text(spot), spot) for spot in self._each(at, value)]
        if kind == "matches":
            found = [(text, spot) for text, spot in found if text is None or self._is_pattern(text, spot)]
        return [(text, spot) for text, spot in found if text is not None]

    def _is_pattern(self, pattern: str, at: Path) -> bool:
        try:
            matches(pattern, "")
        except ValueError:
            self._note(
                "parameter-pattern",
                "the pattern is not a regular expression of the linear-time engine",
                at,
                found=pattern,
                help="write it without lookaround and back references, and `\\` before what is meant literally",
            )
            return False
        return True

    def _expectations(self, at: Path, data: Any) -> Iterator[Expectation]:
        for where in self._each(at, data):
            value = self._value(where)
            if not isinstance(value, dict):
                rule = self._text(where)
                if rule is not None and self._is_rule(rule, where):
                    yield Expectation(rule, None, None, where)
                continue
            self._keys(where, value, FINDING_KEYS, "an expected finding")
            if "rule" not in value:
                if not any(nearest(key, FINDING_KEYS) == "rule" for key in value if key not in FINDING_KEYS):
                    help_ = "write `rule: text-length`, for example"
                    self._note("missing-key", "the expected finding has no `rule`", where, at_key=True, help=help_)
                continue
            rule = self._text((*where, "rule"))
            severity = self._severity((*where, "severity")) if "severity" in value else None
            given = self._text((*where, "pointer")) if "pointer" in value else None
            path = None if given is None else self._place(given, (*where, "pointer"), at_key=False)
            if rule is not None and self._is_rule(rule, (*where, "rule")):
                yield Expectation(rule, severity, path, where)

    def _is_rule(self, rule: str, at: Path) -> bool:
        if rule in self.rules:
            return True
        close = nearest(rule, self.rules)
        help_ = f"did you mean `{close}`?" if close else "`msgc rules` lists every rule"
        self._note("unknown-value", f"there is no rule `{rule}`", at, found=rule, help=help_)
        return False

    def _severity(self, at: Path) -> Severity | None:
        text = self._text(at)
        if text is None or text in _SEVERITIES:
            return cast("Severity | None", text)
        close = nearest(text, _SEVERITIES)
        self._note(
            "unknown-value",
            f"`{text}` is not a severity",
            at,
            found=text,
            allowed="error, warning or info",
            help=f"did you mean `{close}`?" if close else None,
        )
        return None

    # -------------------------------------------------------------------------------------------------- values

    def _value(self, at: Path) -> Any:
        data = self.document.data
        for step in at:
            data = data[step]
        return data

    def _each(self, at: Path, data: Any) -> list[Path]:
        """The paths of a list's items, or of the one value that stands in the place of a list."""
        if isinstance(data, list) and not data:
            self._note("empty-value", f"{_phrase(at)} is an empty list", at, at_key=True, help="remove the key")
        return [(*at, index) for index in range(len(data))] if isinstance(data, list) else [at]

    def _text(self, at: Path) -> str | None:
        """The text at a path; an unquoted number or boolean is its literal text, as everywhere where text is wanted."""
        value = self._value(at)
        if isinstance(value, str):
            return value
        text = self.document.node(at).text
        if value is None and not text:
            self._note("empty-value", f"{_phrase(at)} has no value", at, at_key=True, allowed="text")
        elif value is None or text is None:
            help_ = f'quote it if it is meant as text: "{text}"' if value is None else None
            self._note("wrong-type", f"{_phrase(at)} wants text", at, at_key=value is not None, help=help_)
        else:
            return text
        return None

    def _place(self, text: str, at: Path, *, at_key: bool = True) -> Path | None:
        try:
            return parse_place(text)
        except PlaceError as error:
            self._note("test-place", str(error), at, at_key=at_key, help=error.help)
            return None

    def _keys(self, at: Path, data: Mapping[str, Any], known: Sequence[str], owner: str) -> None:
        for key in data:
            if key not in known:
                words = unknown_key(key, owner, list(known), None)
                span = self.document.key_span((*at, key))
                self.problems.append(Diagnostic(severity="error", span=span, **words))

    def _note(self, rule: str, message: str, at: Path, *, at_key: bool = False, **fields: Any) -> None:
        span = self.document.key_span(at) if at_key else self.document.span(at)
        if at == () or span.start == span.end:
            span = self.document.source.span(0, 0) if at == () else self.document.key_span(at)
        self.problems.append(finding(rule, message, span, **fields))


_SAMPLES = {"equals": "Hello", "contains": "Hello", "matches": "'^Hello'", "max-length": "300"}


def _phrase(at: Path) -> str:
    """What a value of a case is called: its key, or the item of the list behind it."""
    names = at[2:] if at[:1] == ("cases",) else at
    if not names:
        return "the value"
    return (
        f"`{dotted(names[:1])}` of `{names[1]}`"
        if len(names) > 1 and isinstance(names[1], str)
        else f"`{dotted(names)}`"
    )
