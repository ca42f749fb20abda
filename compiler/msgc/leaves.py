"""Leaves: a scalar, a condition or a loop's head, standing at a place of the contract, becomes constant or template.

Leaves are compiled one by one, so that no value can ever change the structure around them. What is wrong with one is
noted and the walk goes on; a leaf that could not be made is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from msgc.contract import Place
from msgc.definition import Constant, Leaf, Node, Origin, Wanted
from msgc.diagnostic import Diagnostic, Related, enumerate_words, nearest
from msgc.document import Document, Path
from msgc.emit import spelling
from msgc.rules import finding
from msgc.scalars import content_span, number_problem
from msgc.template import Environment, Loop, Reference, Template, TemplateProblem, lint

_INCLUDING = re.compile(r"\{%[-+]?\s*include\b|\bwith\s+context\b")
_OPENERS = ("{{", "{%", "{#")
# Names of Jinja's own that a template can read, but that no parameter can have.
_OF_JINJA = frozenset({"loop", "self", "super", "caller", "varargs", "kwargs", "range", "dict", "namespace"})
JSON_NAMES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "any": "any JSON value",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that leaves can see, and the environment that compiles them.

    `closed` is False where a name's declaration is broken: any other name may then be one that was meant there.
    """

    environment: Environment
    names: frozenset[str]
    closed: bool = True

    def with_loop(self, loop: Loop | None) -> Scope:
        """The same scope inside a loop; a loop that could not be read may have any names."""
        if loop is None:
            return replace(self, closed=False)
        return replace(self, names=self.names | {*loop.names, "loop"})


@dataclass(frozen=True, slots=True)
class Static:
    """Something that is the same whatever the values are: a constant leaf, or a list with a fixed number of items.

    `value` stands for it when its place judges it; `at_key` says where a finding points.
    """

    origin: Origin
    place: Place
    value: Any
    at_key: bool = False


@dataclass
class Leaves:
    """Makes the leaves of one document and collects what is wrong with them and which names they used."""

    document: Document
    problems: list[Diagnostic] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    uses_all: bool = False  # a file that a template includes sees every name
    statics: list[Static] = field(default_factory=list)

    def note(self, rule: str, message: str, path: Path, *, at_key: bool = False, **fields: Any) -> None:
        """Add a finding at a path of the document."""
        span = self.document.key_span(path) if at_key else Origin(self.document, path).span
        self.problems.append(finding(rule, message, span, **fields))

    def wrong_type(self, path: Path, place: Place, data: Any, help_: str) -> None:
        """Note a value of another type than its place wants."""
        found = _spoken(data)
        self.note(
            "wrong-type",
            f"{phrase(path)} wants {JSON_NAMES[place.type]}, not {found}",
            path,
            at_key=isinstance(data, dict | list),
            found=found,
            allowed=JSON_NAMES[place.type],
            help=help_,
        )

    def empty(self, path: Path, wanted: str, help_: str | None = None) -> None:
        """Note a value that is null, or not there at all, where another one is wanted."""
        text = self.document.node(path).text
        if help_ is None:
            help_ = "write a value, or remove the key"
            if text and wanted == "string":
                help_ = f'remove the key, or quote the word if it is meant as text: "{text}"'
        what = "has no value" if not text else f"is `{text}`, which is no value"
        self.note(
            "empty-value", f"{phrase(path)} {what}", path, at_key=not text, allowed=JSON_NAMES[wanted], help=help_
        )

    # -------------------------------------------------------------------------------------------------- scalars

    def scalar(self, path: Path, data: Any, place: Place, scope: Scope) -> Node | None:
        """The leaf for a scalar at a place that takes scalars."""
        wanted = cast("Wanted", place.type)
        origin = Origin(self.document, path)
        if isinstance(data, str):
            return self._text(origin, data, wanted, place, scope)
        if data is None and wanted != "any":
            self.empty(path, wanted)
            return None
        if wanted == "string":
            return self._constant(origin, self.document.node(path).text, place)
        return self._constant(origin, data, place) if self._fits(path, data, place, wanted) else None

    def _constant(self, origin: Origin, value: Any, place: Place) -> Node:
        self.statics.append(Static(origin, place, value))
        return Constant(origin, value)

    def _fits(self, path: Path, data: Any, place: Place, wanted: Wanted) -> bool:
        number = isinstance(data, int | float) and not isinstance(data, bool)
        problem = number_problem(self.document, path) if number and wanted != "boolean" else None
        if problem is not None:
            self.problems.append(problem)
            if problem.severity == "error":
                return False
        if wanted == "any":
            return not number or self._spelled(path, data)
        right = isinstance(data, bool) if wanted == "boolean" else number
        if right and wanted == "integer":
            right = isinstance(data, int)
        if not right:
            self.wrong_type(path, place, data, f"write {JSON_NAMES[wanted]}")
        return right

    def _spelled(self, path: Path, number: float) -> bool:
        """Whether a number is written as JSON writes it, so that nothing of it is lost."""
        text = self.document.node(path).text
        if text == spelling(number):
            return True
        self.note(
            "number-spelling",
            f"the number {text} would be sent as {spelling(number)}",
            path,
            found=text,
            allowed="a number as JSON spells it",
            help=f'quote it to keep it as it is: "{text}"',
        )
        return False

    def _text(self, origin: Origin, text: str, wanted: Wanted, place: Place, scope: Scope) -> Node | None:
        if not any(opener in text for opener in _OPENERS):
            if wanted in ("string", "any"):
                return self._constant(origin, text, place)
            self._not_text(
                origin.path,
                text,
                wanted,
                f"write {JSON_NAMES[wanted]} without quotes, or one expression in `{{{{ }}}}`",
            )
            return None
        try:
            template = scope.environment.compile(text)
        except TemplateProblem as problem:
            self.problems.append(template_finding(problem, origin))
            return None
        known = self._references(origin.path, template.references, scope)
        self.uses_all = self.uses_all or _INCLUDING.search(text) is not None
        for rule, start, end, message, help_ in lint(text):
            self.problems.append(finding(rule, message, self._part(origin.path, start, end), help=help_))
        if wanted not in ("string", "any") and template.kind != "expression":
            self._not_text(origin.path, text, wanted, "remove everything around the expression, spaces too")
            return None
        return Leaf(origin, template, wanted) if known else None

    def _not_text(self, path: Path, text: str, wanted: Wanted, help_: str) -> None:
        self.note(
            "wrong-type",
            f"{phrase(path)} wants {JSON_NAMES[wanted]}, not text",
            path,
            found=f'"{text}"',
            allowed=f"{JSON_NAMES[wanted]}, or exactly one expression in `{{{{ }}}}`",
            help=help_,
        )

    # ---------------------------------------------------------------------------------------------- expressions

    def condition(self, path: Path, scope: Scope) -> Template | None:
        """The expression of an `$if`."""
        text = self.document.node(path).text
        if text is None or not text.strip():
            self.note("structure-word", "`$if` wants an expression", path, at_key=True, help="write `$if: order.late`")
            return None
        try:
            template = scope.environment.compile_expression(text)
        except TemplateProblem as problem:
            self._expression_problem(path, text, problem)
            return None
        return template if self._references(path, template.references, scope) else None

    def loop(self, path: Path, data: Any, scope: Scope) -> Loop | None:
        """The head of a `$for`; None only where its names cannot be known."""
        text = self.document.node(path).text
        if not isinstance(data, str) or text is None:
            self.note("structure-word", "`$for` wants `x in xs`", path, at_key=True, help="write `$for: row in rows`")
            return None
        try:
            loop = scope.environment.compile_loop(text)
        except TemplateProblem as problem:
            self._expression_problem(path, text, problem)
            return None
        self._references(path, loop.references, scope)
        return loop

    def _expression_problem(self, path: Path, text: str, problem: TemplateProblem) -> None:
        if "{{" not in text and "{%" not in text:
            self.problems.append(template_finding(problem, Origin(self.document, path)))
            return
        bare = " ".join(text.replace("{{", " ").replace("}}", " ").split())
        self.note(
            "structure-word",
            f"`{path[-1]}` takes an expression as it is, without braces",
            path,
            found=text,
            help=f"write `{path[-1]}: {bare}`" if "{%" not in text else None,
        )

    def _references(self, path: Path, references: Iterable[Reference], scope: Scope) -> bool:
        """Whether all names are known; those that are not are noted."""
        known = True
        for reference in references:
            self.used.add(reference.name)
            if reference.name in scope.names:
                continue
            known = False
            if scope.closed:
                self.problems.append(self._undefined(path, reference, scope))
        return known

    def _undefined(self, path: Path, reference: Reference, scope: Scope) -> Diagnostic:
        name, span = reference.name, self._part(path, reference.start, reference.end)
        names = sorted(scope.names)
        close = nearest(name, [*names, *scope.environment.macros])
        help_ = f"did you mean `{close}`?" if close else f"declare it under `params:`, as `{name}: string`"
        message = f"there is no parameter `{name}`"
        before = (self.document.node(path).text or "")[: reference.start].rstrip()
        if close is None and name.isupper() and before.endswith("("):
            help_ = f"quote it if it is text: `'{name}'`"
        if name == "loop":
            message, help_ = "`loop` is there only in the item that a `$for` makes", "use it beside or below a `$for`"
        elif name in _OF_JINJA:
            message, help_ = f"`{name}` is no value", "print a parameter, or what an expression makes of it"
        return finding(
            "undefined-variable",
            message,
            span,
            found=name,
            allowed=enumerate_words(names) if names else "no parameter is declared",
            help=help_,
        )

    def _part(self, path: Path, start: int, end: int) -> Any:
        return content_span(self.document, path, start, end)


def template_finding(problem: TemplateProblem, origin: Origin) -> Diagnostic:
    """A template's problem as a diagnostic at its place: in the leaf at `origin`, or in a `.j2` file it uses."""
    span = content_span(origin.document, origin.path, problem.start, problem.end)
    related: list[Related] = []
    if problem.source is not None:
        span = problem.source.span(problem.start, problem.end)
        for source, start, end in problem.trace:
            if source is None:
                inner = content_span(origin.document, origin.path, start, end)
                related.append(Related(inner, "used here"))
            else:
                related.append(Related(source.span(start, end), "called here"))
    help_ = problem.help
    if help_ is not None and origin.path[-1:] in (("$for",), ("$if",)):
        # In a leaf it is a tag, in the tree a structure word.
        help_ = re.sub(r"\{% (if|for) (.*?) %\}", r"$\1: \2", help_)
    return finding(problem.rule, problem.message, span, found=problem.found, help=help_, related=tuple(related))


def phrase(path: Path) -> str:
    """What stands at a path, as a finding's sentence calls it: `` `text` ``, an item of `` `rows` ``."""
    steps = [step for step in path if not (isinstance(step, str) and step.startswith("$"))]
    names = [step for step in steps if isinstance(step, str)]
    if not names:
        return "the file"
    return f"an item of `{names[-1]}`" if isinstance(steps[-1], int) else f"`{names[-1]}`"


def _spoken(data: Any) -> str:
    if isinstance(data, dict | list):
        return "a mapping" if isinstance(data, dict) else "a list"
    if isinstance(data, bool):
        return "true" if data else "false"
    return "nothing" if data is None else "a number" if isinstance(data, int | float) else "text"
