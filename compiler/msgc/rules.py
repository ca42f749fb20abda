"""The table of msgc's own rules. The rules of the API's limits stand in the overlay, beside their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from msgc.diagnostic import Diagnostic, Severity, sentence
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
    (
        "large-integer",
        "warning",
        "An integer beyond 2^53 loses digits in programs that read JSON numbers as doubles.",
    ),
    (
        "unquoted-expression",
        "error",
        "An expression in `{{ }}` is not quoted, so YAML reads it as a mapping.",
    ),
    ("comment-after-expression", "warning", "A `#` cuts an unquoted expression or text short."),
    ("lone-surrogate", "error", "Text holds half of a surrogate pair, which UTF-8 cannot express."),
    ("json-syntax", "error", "The text is not JSON."),
    ("json-duplicate-key", "error", "An object has the same key twice."),
    ("json-number", "error", "A number is not finite or needs more than 64 bits."),
    ("json-depth", "error", "Objects and arrays are nested deeper than 64 levels."),
    # edges: configuration, suppressions, data files
    ("configuration", "error", "The configuration is not what msgc understands."),
    ("suppression", "warning", "A comment that suppresses findings names no known rule or gives no reason."),
    ("unused-suppression", "warning", "A comment suppresses a finding that is not there."),
    ("data-format", "error", "A data file cannot be read as CSV, JSON Lines, JSON or YAML."),
    ("data-columns", "error", "A data file lacks columns that the definition needs, or has one twice."),
    ("unknown-column", "warning", "A data file has a column that the definition does not use."),
    ("data-row", "error", "A row has more or fewer cells than the header, or is not an object."),
    ("data-value", "error", "A cell does not hold what its parameter takes."),
    ("data-recipient", "error", "A row's recipient is missing, or a spreadsheet has changed it."),
    ("spreadsheet-number", "warning", "A spreadsheet seems to have changed how a number or a text is written."),
    ("equal-rows", "error", "Two rows of a data file make the same message for the same recipient."),
    ("sent-before", "error", "The same message was sent to the same recipient within the last seven days."),
    ("no-recipient", "warning", "A data file says nothing of recipients, and neither does the definition."),
    # closed sets of keys, in definitions, overlays and limits
    ("unknown-key", "error", "A key is not one of those that may stand there."),
    # catalog: the folder and the files in it
    ("no-catalog", "error", "There is no folder of definitions to work on."),
    ("no-definitions", "error", "A folder holds no definition."),
    ("no-contract", "error", "The API's contract cannot be read."),
    ("no-payload", "error", "A file of payloads holds none."),
    ("more-findings", "error", "A file has more findings than a report shows."),
    ("unknown-definition", "error", "A command names a definition that is not in the catalog."),
    ("duplicate-name", "error", "Two files make definitions of the same name."),
    ("include-path", "error", "A path does not name a file of the catalog that may be used there."),
    ("include-cycle", "error", "A fragment includes itself."),
    ("too-costly", "error", "Checking a definition takes more time or memory than any message needs."),
    # define: a document becomes a definition
    ("not-a-definition", "error", "A file of the catalog is not a definition."),
    ("not-a-fragment", "error", "An included file is not a fragment."),
    ("request-kind", "error", "A definition is not exactly one of a session message and a templated one."),
    ("structure-word", "error", "A key that begins with `$` is unknown, or stands where it cannot."),
    ("wrong-type", "error", "A value has another type than its place wants."),
    ("missing-key", "error", "An object lacks a key that it must have."),
    ("unknown-value", "error", "A value is not one of those that its place takes."),
    ("empty-value", "error", "A key has no value where text or a number is wanted."),
    ("macro-name", "error", "Macros have a name that templates cannot use, or that is taken."),
    ("unknown-locale", "error", "A locale is not known."),
    ("example-name", "error", "An example has a name that no file can be named after."),
    ("no-example", "warning", "A definition has parameters and no example."),
    ("uncovered", "info", "No example goes through a branch of a template or of a structure word."),
    ("unused-parameter", "warning", "A parameter is never used."),
    ("fallback", "error", "A fallback is not a templated definition of the catalog that takes the same values."),
    ("fallback-doubt", "warning", "It cannot be told whether a fallback takes all values that its definition takes."),
    # expand and verify: values become a payload
    ("payload-limit", "error", "A payload grows beyond 20,000 parts."),
    ("not-json", "error", "A rendered value cannot be expressed in JSON."),
    ("edge-newline", "warning", "A text begins or ends with a newline."),
    ("limit-overridden", "info", "A payload passes only because the configuration overrides a limit."),
    # schema builder: a swagger file and its overlays become the contract
    ("swagger-version", "error", "The file is not a Swagger 2.0 file."),
    ("schema-ref", "error", "A `$ref` leads nowhere, or out of the file."),
    (
        "schema-unsupported",
        "error",
        "The swagger file holds a construct that cannot become a payload schema.",
    ),
    ("overlay-format", "error", "The file is not an OpenAPI Overlay 1.0 document."),
    ("overlay-target", "error", "The target of an overlay's action is not a JSONPath."),
    ("overlay-no-match", "error", "The target of an overlay's action matches nothing in the swagger file."),
    ("overlay-merge", "error", "An overlay's update does not fit what it updates."),
    (
        "overlay-limit",
        "error",
        "A limit in an overlay is not stated in full, or asserts nothing that can be checked.",
    ),
    # templates: the leaves are rendered
    ("template-syntax", "error", "A template is not one that Jinja understands."),
    ("template-limit", "error", "A template is larger, or takes more steps or memory, than a message may."),
    ("template-attribute", "error", "A template reaches for something that a value does not have."),
    ("template-call", "error", "A template calls what cannot be called, or with arguments that it does not take."),
    ("template-include", "error", "A file that a template includes or imports cannot be used."),
    ("template-unsupported", "error", "A template uses a part of Jinja that messages do without."),
    ("template-error", "error", "A template computes something that has no result."),
    ("template-whitespace", "warning", "A tag alone on a line leaves an empty line in the message."),
    ("numbered-placeholder", "error", "A template prints a bare number, as in a template of WhatsApp's own."),
    ("unknown-filter", "error", "A template uses a filter that does not exist."),
    ("unknown-test", "error", "A template uses a test that does not exist."),
    ("undefined-variable", "error", "A template reads a name that is not defined."),
    ("undefined-key", "error", "A template reads a key or an item that is not there."),
    ("unprintable-value", "error", "A template prints something that is neither text nor a number."),
    ("constant-condition", "warning", "A condition is the same for all values, so that it decides nothing."),
    ("not-a-list", "error", "A loop goes through something that is not a list."),
    ("filter-argument", "error", "A filter or a test is given a value that it does not take."),
    # parameters: what values a definition takes
    ("parameter-name", "error", "A parameter has a name that templates cannot use."),
    ("parameter-schema", "error", "A parameter's schema is not a schema that msgc understands."),
    ("parameter-pattern", "error", "A pattern is not a regular expression of the linear-time engine."),
    ("parameter-default", "error", "A default does not fit its own schema."),
    ("missing-parameter", "error", "A parameter, or a property in one, has no value."),
    (
        "unknown-parameter",
        "error",
        "A value is given for a parameter, or a property in one, that does not exist.",
    ),
    ("parameter-type", "error", "A value has another type than its parameter's."),
    ("parameter-value", "error", "A value does not fit its parameter's schema."),
    (
        "number-spelling",
        "error",
        "A number would lose digits or signs where text is taken as well: quote it.",
    ),
    # tests of messages, and snapshots of what they send
    ("test-file", "error", "A file of tests has no cases, or is not what msgc understands as one."),
    ("test-definition", "error", "A file of tests stands beside no definition, and names none that exists."),
    ("test-place", "error", "A test speaks of a place that no payload of its definition has."),
    ("test-failed", "error", "A case of a test gives something else than it says."),
    ("snapshot-file", "error", "A file of snapshots is not one that msgc has written."),
    ("snapshot-differs", "error", "An example gives another payload than its snapshot, or has no snapshot."),
    ("snapshot-obsolete", "warning", "A snapshot is of an example or a definition that does not exist."),
)


def finding(rule: str, message: str, span: Span | None = None, **fields: Any) -> Diagnostic:
    """A diagnostic of one of msgc's own rules, at the rule's default severity.

    `message` and `help` become sentences; `fields` are the remaining fields of `Diagnostic`. Raises KeyError for a
    rule that is not in the table.
    """
    if fields.get("help") is not None:
        fields["help"] = sentence(fields["help"])
    return Diagnostic(rule=rule, severity=RULES[rule].severity, message=sentence(message), span=span, **fields)
