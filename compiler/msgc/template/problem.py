"""What goes wrong in a template, and the place at which it does.

A problem is raised bare where it is found and learns its place while it unwinds: operators and filters know
nothing of positions, the compiled code around them does.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgc.source import Source


@dataclass(frozen=True, slots=True)
class Place:
    """A half-open range of code points in a template; `source` is None for the leaf itself, else a `.j2` file."""

    source: Source | None
    start: int
    end: int
    code: str = ""


class TemplateProblem(Exception):  # noqa: N818 - a problem of the message, not of the program
    """A template that cannot be compiled or rendered, told to its author.

    `rule`, `message`, `found` and `help` are those of a diagnostic. `start` and `end` are offsets in code points
    into `source.text`, or into the leaf's own text where `source` is None. `trace` leads from the innermost
    place that called (a macro, an include) to the leaf, as `(source, start, end)`. `ends_message` says that nothing
    is left for the message's other templates, so that they need not be tried.
    """

    def __init__(self, rule: str, message: str, *, found: str | None = None, help: str | None = None) -> None:  # noqa: A002
        super().__init__(message)
        self.rule = rule
        self.message = _clipped(message)
        self.found = None if found is None else _clipped(found)
        self.help = None if help is None else _clipped(help)
        self.source: Source | None = None
        self.start = 0
        self.end = 0
        self.located = False
        self.ends_message = False
        self.trace: tuple[tuple[Source | None, int, int], ...] = ()

    def at(self, place: Place, *, named: bool = False) -> TemplateProblem:
        """The problem, placed; a place that is already known stays.

        `{code}` in the help becomes the code there if it is what the help speaks of (`named`), else any name.
        """
        if not self.located:
            self.source, self.start, self.end = place.source, place.start, place.end
            self.located = True
            if self.help is not None:
                short = named and 0 < len(place.code) <= _LONGEST_CODE and "\n" not in place.code
                self.help = self.help.replace("{code}", place.code if short else "x")
        return self

    def called_from(self, place: Place) -> TemplateProblem:
        """The problem, with one more place on its way out to the leaf; equal places in a row are told once."""
        step = (place.source, place.start, place.end)
        if step != (self.source, self.start, self.end) and step not in self.trace and len(self.trace) < _TRACE:
            self.trace = (*self.trace, step)
        return self

    def moved(self, shift: int) -> TemplateProblem:
        """The problem, with the offsets that lie in the leaf moved by `shift` code points."""
        if self.source is None:
            self.start, self.end = self.start + shift, self.end + shift
        self.trace = tuple(
            (source, start + shift, end + shift) if source is None else (source, start, end)
            for source, start, end in self.trace
        )
        return self


def _clipped(text: str) -> str:
    """The text, cut in its middle if a template has made it too long to be read."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}…{text[-_LONGEST // 2 :]}"


_LONGEST = 300
_TRACE = 12
_LONGEST_CODE = 60
