"""Programs of others that some tests drive: a browser, and packages of npm.

Where they are missing, a test is skipped and says what it needs; with `MSGC_TEST_TOOLS=required` it fails.
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def chromium() -> str:
    """The path of Chromium (Debian's package `chromium`)."""
    return shutil.which("chromium") or _missing("Chromium: apt-get install chromium")


def node_package(name: str) -> Path:
    """The folder of a package of npm, in the folder that `MSGC_TEST_NODE_MODULES` names; Node.js is there too."""
    if shutil.which("node") is None:
        _missing("Node.js: apt-get install nodejs")
    folder = Path(os.environ.get("MSGC_TEST_NODE_MODULES", "node_modules")).absolute() / name
    if not folder.is_dir():
        _missing(f"{name}: npm install --prefix DIR {name}, and MSGC_TEST_NODE_MODULES=DIR/node_modules")
    return folder


def _missing(what: str) -> NoReturn:
    words = f"this test drives {what}"
    if os.environ.get("MSGC_TEST_TOOLS") == "required":
        pytest.fail(words)
    pytest.skip(words)
