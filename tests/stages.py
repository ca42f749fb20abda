"""What each stage of the compiler answers to a case file, as text."""

from collections.abc import Callable
from pathlib import Path

from casefile import Case

STAGES: dict[str, Callable[[Case, Path], str]] = {}
