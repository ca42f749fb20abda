"""Proving: what a definition's message can become for all values of its parameters, held against the contract.

`payloads` expands a definition with what its parameters can be instead of values; `assess` judges the result by the
contract's schema, with three answers: always, never, or not for all values. `prove` puts it together.
"""

from msgc.prove.prove import Bound, Proof, prove, unproven

__all__ = ["Bound", "Proof", "prove", "unproven"]
