"""What one leaf may cost. All is counted, nothing is timed, so that a verdict is the same on every machine.

`STEPS`, `SIZE`, `WORK`, `DEPTH`, `NESTING` and `BITS` hold while a leaf is rendered, and start anew with each, as far
as the message around it has `STEPS_IN_ALL` and `WORK_IN_ALL` left; the limits below `BITS` hold for a leaf's text,
before it is parsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any

from msgc.template.branch import Recorder
from msgc.template.problem import TemplateProblem

STEPS = 100_000
"""Rounds of loops, calls, filters, tests and operators."""
SIZE = 100_000
"""Code points of a text, items of a list (counted through nested lists), made on the way or put out."""
WORK = 2_000_000
"""Code points and items that are read and made in all."""
STEPS_IN_ALL = 3 * STEPS
"""Steps of all templates of one message; each time that one runs is a step."""
WORK_IN_ALL = 3 * WORK
"""Code points and items that are read and made by all templates of one message."""
DEPTH = 50
"""Macros, includes and recursive loops within each other."""
NESTING = 100
"""Lists and objects within each other."""
BITS = 4096
"""Bits of an integer."""

BRACKETS = 20
"""Brackets within each other."""
BLOCKS = 15
"""Block tags within each other."""
OPERATORS = 100
"""Operators, filters, dots and calls in one expression."""
LENGTH = 100_000
"""Code points of a template's text."""
TAGS = 1_000
"""Tags of a template's text."""
TOKENS = 10_000
"""Names, signs and literals of a template's text."""


def exceeded(message: str, found: str | None = None, help: str | None = None) -> TemplateProblem:  # noqa: A002
    """The problem of a limit that is passed; `message` names the limit and what passes it."""
    return TemplateProblem("template-limit", message, found=found, help=help)


def _ending(problem: TemplateProblem, whole: bool) -> TemplateProblem:
    problem.ends_message = whole
    return problem


class Budget:
    """What is left for one leaf, and what is loaded while it is rendered; `recorder` is that of its message."""

    __slots__ = ("depth", "including", "message", "modules", "recorder", "steps", "traced", "work")

    def __init__(self, *, traced: bool = False) -> None:
        self.message = _MESSAGE.get()
        self.recorder = None if self.message is None else self.message.recorder
        self.steps = STEPS if self.message is None else min(STEPS, self.message.steps)
        self.work = WORK if self.message is None else min(WORK, self.message.work)
        if self.message is not None:
            self.message.steps -= self.steps + 1
            self.message.work -= self.work
        self.depth = 0
        self.traced = traced
        self.modules: dict[str, Any] = {}
        self.including: tuple[str, ...] = ()

    def step(self, count: int = 1) -> None:
        """Pays for one round, call, filter or operator. Raises TemplateProblem when nothing is left."""
        self.steps -= count
        if self.steps < 0:
            whole = self.message is not None and self.message.steps < 0
            what = f"message takes more than {STEPS_IN_ALL:,} steps in all" if whole else _TOO_MANY_STEPS
            raise _ending(exceeded(f"the {what}", help=_LESS), whole)

    def charge(self, size: int) -> None:
        """Pays for handling `size` code points or items. Raises TemplateProblem when nothing is left."""
        self.work -= size
        if self.work < 0:
            whole = self.message is not None and self.message.work <= 0
            what, most = ("message", WORK_IN_ALL) if whole else ("template", WORK)
            words = f"the {what} handles more than {most:,} characters and items in all"
            raise _ending(exceeded(words, help=_LESS), whole)

    def enter(self, what: str) -> None:
        """One more macro, include or recursive loop, until `leave`. Raises TemplateProblem if too deep."""
        self.step()
        if self.depth >= DEPTH:
            raise exceeded(f"{what} is called more than {DEPTH} calls deep", help="end the recursion earlier")
        self.depth += 1

    def leave(self) -> None:
        """Ends what `enter` began."""
        self.depth -= 1

    def settle(self) -> None:
        """Gives back to the message what the leaf has not used."""
        if self.message is not None:
            self.message.steps += max(self.steps, 0)
            self.message.work += max(self.work, 0)


class Message:
    """What is left for the templates of one message together, and who is told of the branches that they go."""

    __slots__ = ("recorder", "steps", "work")

    def __init__(self, recorder: Recorder | None) -> None:
        self.recorder = recorder
        self.steps = STEPS_IN_ALL
        self.work = WORK_IN_ALL


_MESSAGE: ContextVar[Message | None] = ContextVar("message", default=None)


@contextmanager
def one_message(recorder: Recorder | None = None, *, steps: int = 0, work: int = 0) -> Iterator[None]:
    """The templates that run inside of the block belong to one message, and are paid for together.

    A `recorder` is told of every branch that they go. `steps` and `work` are spent on the message already.
    """
    message = Message(recorder)
    message.steps -= steps
    message.work -= work
    token = _MESSAGE.set(message)
    try:
        yield
    finally:
        _MESSAGE.reset(token)


_TOO_MANY_STEPS = f"template takes more than {STEPS:,} steps"
_LESS = "a message needs far less: shorten the loops, or compute the value before it is given to the message"
_CURRENT: ContextVar[Budget] = ContextVar("budget")
current = _CURRENT.get
begin = _CURRENT.set


def end(token: Token[Budget]) -> None:
    """Ends the leaf that `begin` began."""
    _CURRENT.get().settle()
    _CURRENT.reset(token)


def allow_text(size: int, what: str) -> None:
    """Pays for a text of `size` code points that `what` makes. Raises TemplateProblem if it is too long."""
    if size > SIZE:
        raise exceeded(f"{what} makes a text of more than {SIZE:,} characters", found=f"{size:,} characters")
    current().charge(size)


def allow_items(size: int, what: str) -> None:
    """Pays for a list of `size` items that `what` makes. Raises TemplateProblem if it is too long."""
    if size > SIZE:
        raise exceeded(f"{what} makes a list of more than {SIZE:,} items", found=f"{size:,} items")
    current().charge(size)


def allow_integer(value: int, what: str) -> int:
    """The integer, if it has no more than 4,096 bits; else TemplateProblem."""
    if value.bit_length() > BITS:
        raise exceeded(f"{what} makes an integer of more than {BITS:,} bits", found=f"{value.bit_length():,} bits")
    return value
