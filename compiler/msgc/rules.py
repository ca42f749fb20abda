"""The table of msgc's own rules. The rules of the API's limits stand in the overlay, beside their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from msgc.diagnostic import Diagnostic, Severity
from msgc.source import Span


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its kebab-case name, its default severity, and what it means in one sentence."""

    name: str
    severity: Severity
    summary: str


def _table(*rows: tuple[str, Severity, str]) -> dict[str, Rule]:
    return {name: Rule(name, severity, summary) for name, severity, summary in rows}


RULES = _table(
    # load: a file becomes a document
    ("unreadable-file", "error", "The file cannot be read, or is larger than a definition may be."),
    ("encoding", "error", "The file is not UTF-8, or holds a character that YAML does not allow."),
    ("yaml-syntax", "error", "The file is not YAML."),
    ("yaml-tab", "error", "A tab indents a line; YAML allows only spaces there."),
    ("yaml-duplicate-key", "error", "A mapping has the same key twice."),
    ("yaml-key", "error", "A key is not text."),
    ("yaml-merge-key", "error", "Merge keys (`<<`) are not YAML 1.2."),
    ("yaml-tag", "error", "A tag asks for a type that YAML's core schema does not have."),
    ("yaml-documents", "error", "The file holds more than one YAML document."),
    ("yaml-depth", "error", "Collections are nested deeper than 64 levels."),
    ("yaml-size", "error", "The document has more than 100,000 nodes once its aliases are expanded."),
    ("yaml-alias", "error", "An alias contains itself or has no anchor."),
    ("yaml-number", "error", "A number is not finite or needs more than 64 bits."),
    ("large-integer", "warning", "An integer beyond 2^53 loses digits in programs that read JSON numbers as doubles."),
    ("unquoted-expression", "error", "An expression in `{{ }}` is not quoted, so YAML reads it as a mapping."),
    ("comment-after-expression", "warning", "A `#` cuts an unquoted expression or text short."),
    ("lone-surrogate", "error", "Text holds half of a surrogate pair, which UTF-8 cannot express."),
    ("json-syntax", "error", "The text is not JSON."),
)


def finding(rule: str, message: str, span: Span | None = None, **fields: Any) -> Diagnostic:
    """A diagnostic of one of msgc's own rules, at the rule's default severity.

    `fields` are the remaining fields of `Diagnostic`. Raises KeyError for a rule that is not in the table.
    """
    return Diagnostic(rule=rule, severity=RULES[rule].severity, message=message, span=span, **fields)
