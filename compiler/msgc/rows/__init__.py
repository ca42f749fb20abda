"""Data files: CSV, JSON Lines, and lists in JSON or YAML become rows of values for a definition.

CSV and JSON Lines are read line by line, or block by block, so that memory does not grow with the file. What is wrong
with the whole file is raised; what is wrong with one row is kept with that row, and the next row is read.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import BinaryIO

from msgc.parameters import Parameters
from msgc.rows.csv import read_csv
from msgc.rows.objects import read_json_list, read_lines, read_yaml_list
from msgc.rows.row import Batch, Block, Blocks, Format, Row, Rows, batch_of

_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
}
_READERS = {"csv": read_csv, "jsonl": read_lines, "json": read_json_list, "yaml": read_yaml_list}


def format_of(name: str) -> Format | None:
    """The format that a file's name says it has, or None."""
    return _FORMATS.get(PurePath(name).suffix.lower())


def open_rows(
    stream: BinaryIO,
    name: str,
    format: Format,  # noqa: A002 - what it is
    parameters: Parameters,
    to_column: str | None = None,
    *,
    needs_recipient: bool = False,
) -> Rows:
    """The rows of a data file, read as they are asked for; `name` is how reports show the file.

    `to_column` names the column of the recipient if it is not `recipient`; with `needs_recipient` a file that has no
    such column gets a warning. Raises `Rejected` for a file that
    cannot be read or lacks columns; so can reading on (bytes that are not UTF-8, an open quote).
    """
    return _READERS[format](stream, name, parameters, to_column, needs_recipient)


__all__ = ["Batch", "Block", "Blocks", "Format", "Row", "Rows", "batch_of", "format_of", "open_rows"]
