"""What is found wrong with a payload, without what only repeats it in other words."""

from __future__ import annotations

from collections.abc import Iterable

from msgc.validate import Violation

# Assertions about the kind of a value; what else is wrong with a value of the wrong kind is not worth a finding.
_KIND_KEYWORDS = frozenset({"type", "enum", "const", "false"})
_TWIN_RULE = "length-ambiguous"


def without_echoes(violations: Iterable[Violation]) -> list[Violation]:
    """The violations without those that only repeat another one in other words."""
    everything = list(violations)
    broken = {violation.path for violation in everything if violation.keyword in _KIND_KEYWORDS}
    too_long = {violation.path for violation in everything if violation.keyword == "maxLength"}
    kept = []
    for violation in everything:
        rule = violation.limit["rule"] if violation.limit else None
        path = violation.path
        below = any(path[:length] in broken for length in range(len(path)))
        below = below or (path in broken and violation.keyword not in _KIND_KEYWORDS)
        if not below and not (rule == _TWIN_RULE and path in too_long):
            kept.append(violation)
    return kept
