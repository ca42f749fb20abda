"""Cells as spreadsheets spoil them: what to write instead of a cell that cannot be read, and numbers read two ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
_YES = frozenset({"yes", "y", "on", "x", "1", "wahr", "ja", "vrai", "oui", "verdadero", "verdadeiro", "vero", "sim"})
_NO = frozenset({"no", "n", "off", "0", "falsch", "nein", "faux", "non", "falso", "não"})
_AROUND = re.compile(r"[^0-9.,+-]*([+-]?[0-9][0-9.,' \u00a0\u202f\u2019]*)[^0-9]*")
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_POINTS = re.compile(r"-?[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_COMMAS = re.compile(r"-?[1-9][0-9]{0,2}(?:,[0-9]{3})+")


def is_spreadsheet_error(cell: str) -> bool:
    """Whether a cell is what a spreadsheet shows where a formula failed."""
    return cell.strip().upper() in _ERRORS


def other_reading(cell: str) -> str | None:
    """`1234` for `1.234`: the number that a spreadsheet with decimal commas may have meant; None for any other."""
    return cell.replace(".", "") if _GROUPED.fullmatch(cell) else None


def edge_of(text: str) -> str | None:
    """What stands unseen around a text, in words: a space, or a character without a width. None where nothing does."""
    for character in (text[:1], text[-1:]):
        if character in (" ", "\t"):
            return "space" if character == " " else "tab"
        if character and (character.isspace() or unicodedata.category(character) == "Cf"):
            return f"{unicodedata.name(character, 'invisible character').lower()} (U+{ord(character):04X})"
    return None


def without_edges(text: str) -> str:
    """A text without what `edge_of` speaks of."""
    start, end = 0, len(text)
    while start < end and edge_of(text[start]):
        start += 1
    while end > start and edge_of(text[end - 1]):
        end -= 1
    return text[start:end]


def repair(cell: str, types: frozenset[str], fits: Callable[[str], bool]) -> str | None:
    """What to write instead of a cell that cannot be read as one of `types`, if that can be told.

    `fits` says whether a text can be read.
    """
    bare = without_edges(cell)
    if bare != cell and fits(bare):
        return f"remove the {edge_of(cell)} around it: write {bare}"
    if bare.startswith("'") and fits(bare[1:]):
        return f"remove the apostrophe: write {bare[1:]}"
    if "boolean" in types and bare.casefold() in _YES | _NO:
        return f"write {'true' if bare.casefold() in _YES else 'false'}"
    if types & {"number", "integer"}:
        takes_points = "number" in types
        found = [number for number in _numbers(bare) if fits(number) and (takes_points or "." not in number)]
        readings = list(dict.fromkeys(found))
        if len(readings) > 1:
            return f"write {readings[0]} or {readings[1]}, whichever is meant: msgc takes no separators of thousands"
        return f"write {readings[0]}" if readings else None
    if "array" in types:
        return 'write a list as JSON: ["a", "b"], which in CSV is "[""a"", ""b""]"'
    return "write an object as JSON, or give each of its properties a column" if "object" in types else None


def _numbers(text: str) -> Iterator[str]:
    """The numbers that a text with separators, a currency or a decimal comma may stand for."""
    match = _AROUND.fullmatch(text)
    if match is None:
        return
    number = re.sub(r"[' \u00a0\u202f\u2019]", "", match[1]).removeprefix("+").rstrip(".,")
    if "," in number and "." in number:
        decimal = max(",", ".", key=number.rfind)
        thousands = "." if decimal == "," else ","
        number = number.replace(thousands, "")
        yield number.replace(decimal, ".") if number.count(decimal) == 1 else number.replace(decimal, "")
        return
    if number.count(",") == 1 or number.count(".") == 1:
        yield number.replace(",", ".")
    if _COMMAS.fullmatch(number) or _POINTS.fullmatch(number):
        yield re.sub("[.,]", "", number)
    if number.isdigit() or number.removeprefix("-").isdigit():
        yield number
