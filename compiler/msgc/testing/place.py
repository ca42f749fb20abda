"""Places in a payload, as tests name them: `message.buttons[2].text`, or the JSON pointer `/message/buttons/2/text`."""

from __future__ import annotations

import re
from typing import Any

from msgc.contract import Place
from msgc.diagnostic import nearest
from msgc.document import Path, dotted

_STEP = re.compile(r"(?:^|\.)([^.\[\]]+)|\[([0-9]{1,9})\]")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
ABSENT: Any = object()
"""What stands for a value at a place that a payload does not have."""


class PlaceError(ValueError):
    """A place that cannot be read, or that no payload has; `help` says what to write instead."""

    def __init__(self, message: str, help: str | None = None) -> None:  # noqa: A002 - as in a diagnostic
        super().__init__(message)
        self.help = help


def parse_place(text: str) -> Path:
    """The path that a place names. Raises PlaceError for what is neither a JSON pointer nor a dotted path."""
    if text == "" or text.startswith("/"):
        if re.search("~(?![01])", text):
            raise PlaceError(
                f"`{text}` is not a JSON pointer", "in a JSON pointer `~0` stands for `~` and `~1` for `/`"
            )
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None or (position == 0 and match[1] is None):
            raise PlaceError(
                f"`{text}` is not a place in a payload",
                "write it as `message.text` or `message.replyButtonMessage.buttons[0].text`, "
                "or as a JSON pointer: `/message/text`",
            )
        steps.append(match[1] if match[1] is not None else int(match[2]))
        position = match.end()
    return tuple(steps)


def settle_place(path: Path, request: Place) -> Path:
    """The path with the indexes of lists as numbers. Raises PlaceError where no payload of the request has it.

    `request` is the contract's place of the whole payload. What the contract leaves open (`callbackData`) may hold
    anything, so that a step of digits stays as it is there.
    """
    settled: list[str | int] = []
    place = request
    for index, step in enumerate(path):
        if place.type == "any":
            settled += path[index:]
            break
        shown = f"`{dotted(tuple(settled))}`" if settled else "the payload"
        if place.type == "array":
            if not _INDEX.fullmatch(str(step)):
                raise PlaceError(
                    f"{shown} is a list and has no `{step}`", "say which item it is, the first one as `[0]`"
                )
            settled.append(int(step))
            place = place.item
            continue
        inner = None if isinstance(step, int) else place.field(step)
        if inner is None:
            raise _unknown(step, shown, place)
        settled.append(step)
        place = inner
    return tuple(settled)


def _unknown(step: str | int, shown: str, place: Place) -> PlaceError:
    if place.type != "object":
        return PlaceError(f"{shown} has nothing inside that could be `{step}`", "leave the rest of the path out")
    if isinstance(step, int):
        return PlaceError(f"{shown} is not a list and has no item {step}", "name one of its keys instead")
    close = nearest(step, place.names)
    known = ", ".join(f"`{name}`" for name in place.names)
    return PlaceError(
        f"{shown} can have no `{step}`",
        f"did you mean `{close}`?" if close else f"it can have {known}" if known else None,
    )


def look_up(data: Any, path: Path) -> tuple[Any, Path]:
    """The value at a path of a payload (`ABSENT` where it has none), and the path as far as it exists."""
    for index, step in enumerate(path):
        if isinstance(data, list) and _INDEX.fullmatch(str(step)) and int(step) < len(data):
            data = data[int(step)]
        elif isinstance(data, dict) and step in data:
            data = data[str(step)]
        else:
            return ABSENT, path[:index]
    return data, path
