"""Parameters: what values a definition takes, declared in `params` as JSON Schema 2020-12.

`declare` turns `params` into `Parameters` and finds what is wrong with the declaration; `Parameters` reads,
completes and judges values. At every depth a property without `default` is required unless its object states
`required`, an object is closed unless it states `additionalProperties`, and defaults apply before the check.
`compare` (a module of its own, because few commands need it) holds two definitions' parameters against each other.
"""

from msgc.parameters.declaration import declare
from msgc.parameters.values import Parameters, parse_json

__all__ = ["Parameters", "declare", "parse_json"]
