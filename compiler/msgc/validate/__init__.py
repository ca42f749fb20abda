"""Judging JSON values by JSON Schema 2020-12: accept fast, explain slowly.

An `Acceptor` says yes or no in microseconds (jsonschema-rs); an `Explainer` (jsonschema, the reference) says
what is wrong and where, and is only asked after a no, because it is a hundred times slower and slow to
import. A `QuickAcceptor` is an `Acceptor` for schemas that judge many values. What the two libraries might read
differently has one implementation that both call: our keywords, `multipleOf`, the formats; and patterns run on the
linear-time engine of jsonschema-rs in both. Neither ever fetches a schema.

Values must have passed `check_value` first; both validators may raise on what is not JSON.
"""

from msgc.validate.accept import Acceptor, accept_parts, matches, pattern_test
from msgc.validate.explain import Explainer
from msgc.validate.quick import QuickAcceptor
from msgc.validate.value import MAX_DEPTH, MAX_VALUES, check_value
from msgc.validate.violation import CLOSED, Schema, Violation, chosen_branch

__all__ = [
    "CLOSED",
    "MAX_DEPTH",
    "MAX_VALUES",
    "Acceptor",
    "Explainer",
    "QuickAcceptor",
    "Schema",
    "Violation",
    "accept_parts",
    "check_value",
    "chosen_branch",
    "matches",
    "pattern_test",
]
