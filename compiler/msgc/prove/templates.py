"""What the templates of a definition may do wrong, and what its fragments are given, as findings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from msgc.definition import Included, Origin
from msgc.diagnostic import Diagnostic, Related, enumerate_words, nearest
from msgc.parameters.places import resolve
from msgc.prove.assess import Assessor
from msgc.prove.payloads import Binding, Expansion
from msgc.prove.witness import Search
from msgc.rules import finding
from msgc.scalars import content_span
from msgc.source import Span
from msgc.template.infer.notes import Note
from msgc.template.problem import Place

_WANTED = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}


def template_findings(expansion: Expansion, search: Search) -> Iterator[tuple[Diagnostic, Origin]]:
    """The problems of all templates, errors where they are certain; and the conditions that decide nothing.

    Each comes with the place of its leaf in the tree.
    """
    for origin, (notes, through) in expansion.notes.items():
        for note in notes.problems():
            problem = _note_finding(note, origin, through)
            yield (problem if note.certain else search.failing(problem)), origin
        if not through:
            for place, truth in notes.constant():
                if place.source is None:
                    yield _constant_condition(place, truth, origin), origin
    for origin, (wanted, _, certain) in expansion.wrong.items():
        verb = "makes" if certain else "may make"
        problem = finding(
            "wrong-type",
            f"the expression {verb} something else than {_WANTED[wanted]}, which belongs here",
            origin.span,
            allowed=_WANTED[wanted],
            help="declare the parameter with that type, or convert it with `| int` or `| float`",
        )
        yield (problem if certain else search.failing(replace(problem, severity="warning"))), origin


def _note_finding(note: Note, origin: Origin, through: tuple[Origin, ...]) -> Diagnostic:
    span, related = _placed(note.place, note.trace, origin)
    related += tuple(Related(each.span, "included here") for each in reversed(through))
    help_ = note.help
    if help_ is not None and origin.path[-1:] in (("$for",), ("$if",)):
        help_ = re.sub(r"\{% (if|for) (.*?) %\}", r"$\1: \2", help_)
    problem = finding(note.rule, note.message, span, help=help_, related=related)
    return problem if note.certain else replace(problem, severity="warning")


def _placed(place: Place, trace: tuple[Place, ...], origin: Origin) -> tuple[Span, tuple[Related, ...]]:
    if place.source is None:
        return content_span(origin.document, origin.path, place.start, place.end), ()
    related = []
    for outer in trace:
        if outer.source is None:
            related.append(Related(content_span(origin.document, origin.path, outer.start, outer.end), "used here"))
        else:
            related.append(Related(outer.source.span(outer.start, outer.end), "called here"))
    return place.source.span(place.start, place.end), tuple(related)


def _constant_condition(place: Place, truth: bool, origin: Origin) -> Diagnostic:
    code = place.code if len(place.code) <= 60 else place.code[:59] + "…"
    return finding(
        "constant-condition",
        f"`{code}` is always {'true' if truth else 'false'}",
        content_span(origin.document, origin.path, place.start, place.end),
        help="take the condition out, or correct it: no value that the parameters take changes it",
    )


def binding_findings(expansion: Expansion, search: Search) -> Iterator[Diagnostic]:
    """What `$with` gives to fragments that they do not take."""
    told: set[tuple[object, ...]] = set()
    for binding in expansion.bindings:
        key = (binding.included.origin, binding.name)
        if key in told:
            continue
        problem = _binding_finding(binding)
        if problem is not None:
            told.add(key)
            yield problem if problem.severity == "error" else search.failing(problem)


def _binding_finding(binding: Binding) -> Diagnostic | None:
    included, name = binding.included, binding.name
    parameters = included.fragment.parameters
    if binding.value is None or binding.node is None:
        return finding(
            "missing-parameter",
            f"`{name}` has no value",
            included.origin.span,
            help="give it a value in `$with`, or a `default` in the fragment",
            related=_where(included),
        )
    if name not in parameters.names:
        near = nearest(name, parameters.names)
        takes = enumerate_words([f"`{each}`" for each in parameters.names], "and")
        return finding(
            "unknown-parameter",
            f"the fragment has no parameter `{name}`",
            binding.node.origin.key_span,
            found=name,
            help=f"did you mean `{near}`?" if near else f"it takes {takes}" if takes else "it takes none",
            related=_where(included),
        )
    assessor = Assessor(lambda target: resolve(parameters.schema, target))
    value = binding.value.present
    outcomes = assessor.assess(parameters.schema["properties"][name], value)
    if not outcomes:
        return None
    certain = any(outcome.verdict == "broken" for outcome in outcomes)
    problem = finding(
        "parameter-value",
        f"what `{name}` is given {'does not fit' if certain else 'may not fit'} the fragment's schema",
        binding.node.origin.span,
        allowed=_allowed(outcomes[0].keyword, outcomes[0].constraint),
        help="bound the value as the fragment does, or widen the fragment's schema",
        related=_where(included),
    )
    return problem if certain else replace(problem, severity="warning")


def _where(included: Included) -> tuple[Related, ...]:
    span = included.fragment.document.key_span(("params",)) if included.fragment.parameters.names else None
    return () if span is None else (Related(span, "the fragment's parameters"),)


def _allowed(keyword: str, constraint: object) -> str | None:
    return f"`{keyword}: {constraint}`" if isinstance(constraint, str | int | float) else None
