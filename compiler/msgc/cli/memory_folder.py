"""Where `msgc check` remembers its results: a folder of this user that may be deleted at any time."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "MSGC_CACHE_DIR"


def memory_folder(environ: Mapping[str, str], root: Path) -> Path | None:
    """The folder of the memories, which need not exist; None where there is no place outside the catalog at `root`."""
    home = _caches(environ)
    if home is None or not home.is_absolute() or home.is_relative_to(root):
        return None
    return home / "check"


def _caches(environ: Mapping[str, str]) -> Path | None:
    if given := environ.get(VARIABLE):
        return Path(given).absolute()
    try:
        if sys.platform == "win32":
            local = environ.get("LOCALAPPDATA")
            return Path(local, "msgc", "Cache") if local else None
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "msgc"
        # A path that is not absolute is to be ignored, says the XDG specification.
        named = Path(environ.get("XDG_CACHE_HOME") or "")
        return (named if named.is_absolute() else Path.home() / ".cache") / "msgc"
    except RuntimeError:  # nobody's home
        return None
