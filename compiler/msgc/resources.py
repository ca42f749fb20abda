"""Where msgc's own data lies: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

SWAGGER_FILE = "service.swagger.json"
PAYLOAD_FILE = "payload.schema.json"
AUTHORING_FILE = "authoring.schema.json"
ERRORS_FILE = "errors.yaml"
_PACKAGE = Path(__file__).parent


def data_folder(name: str) -> Path:
    """The folder `schemas` or `templates` that came with this msgc. Raises FileNotFoundError."""
    for candidate in (_PACKAGE / "data" / name, _PACKAGE.parent.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"this installation of msgc lacks its folder `{name}`; install it again")


def page(rule: str) -> str | None:
    """The Markdown page of a rule, or None where there is none."""
    path = _PACKAGE / "pages" / f"{rule}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else None
