"""The files that `msgc send` writes: none takes another's place, and none turns out unwritable once all is sent."""

from __future__ import annotations

import os
from pathlib import Path

from msgc.cli.held_output import held_output
from msgc.cli.send_options import Options
from msgc.cli.session import Unusable


def check_files(options: Options) -> None:
    """Raises `Unusable` where what a new run writes cannot be written, or would replace what it reads."""
    taken: dict[str, str] = {}
    for what, given in (("the data file", options.data), ("the file of payloads", options.payloads)):
        if given is not None and given != "-":
            taken[os.path.realpath(given)] = what
    for option, given in (
        ("--run", options.run_path),
        ("--rejects", options.rejects),
        ("--result", options.result),
    ):
        if given is not None:
            _claim(taken, option, given)
    if options.run_path is not None:
        path = Path(options.run_path)
        if path.exists():
            raise Unusable(f"{path} is there already; `--resume {path}` goes on with it")
        if not path.absolute().parent.is_dir():
            raise Unusable(f"{path} cannot be written: there is no folder {path.parent}; make it, or leave `--run` out")
    check_result(options.result)


def check_result(result: str | None, run: Path | None = None) -> None:
    """Raises `Unusable` where a result cannot be written, or would replace the run that it tells of."""
    if result is None:
        return
    if run is not None:
        _claim({os.path.realpath(run): "the run itself"}, "--result", result)
    with held_output(Path(result), private=True, option="--result"):
        pass


def _claim(taken: dict[str, str], option: str, given: str) -> None:
    path = os.path.realpath(given)
    if path in taken and path != os.path.realpath(os.devnull):
        raise Unusable(f"`{option} {given}` is {taken[path]}, and would be written over it; name another file")
    taken[path] = f"what `{option}` writes"
