"""The fallback: the templated definition that is sent in a message's place when the 24-hour window is closed.

Whatever a message is sent with must do for its fallback too, so every value that the one's parameters take must fit the
other's. What surely does not is an error, what cannot be told a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgc.definition import Definition
from msgc.diagnostic import Diagnostic, Related, nearest
from msgc.parameters.compare import Difference, compare
from msgc.rules import finding
from msgc.source import Span


def fallback_values(fallback: Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a fallback, from the completed values of the message that it stands in for.

    They are those of the parameters that it has, with its own defaults.
    """
    names = fallback.parameters.names
    return fallback.parameters.complete({name: value for name, value in values.items() if name in names})


def refuse_missing(definition: Definition, names: Iterable[str]) -> Diagnostic:
    """The finding about a fallback that is none of the catalog's definitions, which have these names."""
    named = definition.fallback or ""
    close = nearest(named, names)
    return finding(
        "fallback",
        f"there is no definition `{named}` to fall back to",
        _span(definition),
        found=named,
        help=f"did you mean `{close}`?" if close else "name a templated definition of this catalog",
    )


def refuse_any(definition: Definition) -> Diagnostic:
    """The finding about the fallback of a templated message."""
    message = "a templated message has no fallback: it can always be sent"
    return finding("fallback", message, _span(definition), help="remove it")


def compare_fallback(definition: Definition, fallback: Definition) -> list[Diagnostic]:
    """What keeps a fallback from being sent in a definition's place, and what is doubtful about it."""
    if fallback.kind != "templated":
        message = f"`{fallback.name}` is a session message, which a closed window refuses as well"
        return [finding("fallback", message, _span(definition), help="name a definition with `templateName`")]
    known = [definition.parameters.complete(example.values) for example in definition.examples]
    differences = compare(definition.parameters, fallback.parameters, known)
    return [_tell(difference, definition, fallback) for difference in differences]


def _tell(difference: Difference, definition: Definition, fallback: Definition) -> Diagnostic:
    mine = None if difference.mine is None else definition.parameters.declaration(difference.mine)
    theirs = fallback.parameters.declaration(difference.theirs)
    places = ((mine, "declared here"), (theirs, "declared here for the fallback"))
    return finding(
        "fallback" if difference.certain else "fallback-doubt",
        difference.message,
        _span(definition),
        found=difference.found,
        allowed=difference.allowed,
        help=difference.help,
        related=tuple(Related(span, words) for span, words in places if span is not None),
    )


def _span(definition: Definition) -> Span:
    return definition.document.span(("fallback",))
