"""Making values small that show a problem: shorter texts, fewer items, plainer parameters, as long as they show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgc.document import Path

Shows = Callable[[Mapping[str, Any]], bool]
_MAX_TRIES = 120
_NUMBERS = (0, 1, -1, 2, 10, 91, 100, 181, 1_000, 1_000_000)


def shrink(values: Mapping[str, Any], plain: Mapping[str, Any], shows: Shows) -> tuple[dict[str, Any], list[str]]:
    """Smaller values that still show the problem, and the parameters that it depends on.

    `plain` are values for all parameters that show nothing in themselves.
    """
    current = dict(values)
    needed = []
    for name in values:
        without = {key: value for key, value in current.items() if key != name}
        tries = [without, *([{**current, name: plain[name]}] if name in plain else [])]
        found = next((tried for tried in tries if shows(tried)), None)
        if found is None:
            needed.append(name)
        else:
            current = found
    left = _MAX_TRIES
    for name in needed:
        for path in [*_places(current[name], (name,))]:
            left = _cut(current, path, shows, left)
    return current, needed


def _places(value: Any, path: Path) -> Iterator[Path]:
    """Where texts, lists and numbers stand in a value; of a list's items, the first."""
    if isinstance(value, str | list | int | float) and not isinstance(value, bool):
        yield path
    if isinstance(value, list) and value:
        yield from _places(value[0], (*path, 0))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*path, key))


def _cut(current: dict[str, Any], path: Path, shows: Shows, left: int) -> int:
    """Cuts a text or a list as short as the problem allows; bisected, since length is what most problems are about."""
    value: Any = current
    for step in path:
        if isinstance(value, list) and isinstance(step, int) and step >= len(value):
            return left
        value = value[step]
    if isinstance(value, int | float):
        return _plainer(current, path, value, shows, left)
    least, most = 0, len(value)
    while least < most and left > 0:
        middle = (least + most) // 2
        left -= 1
        if shows(_put(current, path, value[:middle])):
            most = middle
        else:
            least = middle + 1
    cut = _put(current, path, value[:most])
    if most < len(value) and shows(cut):
        current.update(cut)
    return left


def _plainer(current: dict[str, Any], path: Path, value: float, shows: Shows, left: int) -> int:
    """Takes the plainest number that shows the problem too."""
    for number in _NUMBERS:
        if left <= 0 or abs(number) >= abs(value):
            return left
        left -= 1
        tried = _put(current, path, number)
        if shows(tried):
            current.update(tried)
            return left
    return left


def _put(whole: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step = path[0]
    changed = _put(whole[step], path[1:], value)
    if isinstance(whole, list) and isinstance(step, int):
        return [*whole[:step], changed, *whole[step + 1 :]]
    return {**whole, step: changed}
