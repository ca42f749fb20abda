"""From a swagger file and its overlays to the two schemas, and the files that hold them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgc.diagnostic import Rejected
from msgc.document import Document
from msgc.load import load_yaml
from msgc.load_json import load_json
from msgc.resources import AUTHORING_FILE, PAYLOAD_FILE
from msgc.rules import finding
from msgc.schema import authoring, overlay, payload
from msgc.schema.limits import check_limits
from msgc.schema.swagger import read_service


def build(swagger: Document, overlays: Sequence[Document]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The payload schema and the authoring schema of a service, as plain data in a fixed order.

    Raises Rejected with located findings: what an overlay could not do, limits that are not stated in full, a
    file that is not Swagger 2.0, references that lead nowhere, constructs that are not supported.
    """
    if not isinstance(swagger.data, dict):
        message = "the file is not a Swagger 2.0 file: it holds no object"
        raise Rejected(finding("swagger-version", message, swagger.source.span(0), allowed="swagger: 2.0"))
    tree = overlay.apply(swagger, overlays)
    service = read_service(tree)
    problems = check_limits(tree)
    if problems:
        raise Rejected(*problems)
    strict = payload.convert(service)
    return strict, authoring.convert(strict)


def dump(schema: Any) -> bytes:
    """A schema as the bytes of its file: UTF-8, two spaces, a final newline."""
    return (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def build_files(swagger: Path, overlays: Sequence[Path], folder: Path) -> tuple[Path, Path]:
    """Builds both schemas into `folder`, which is made if need be, and answers the two files' paths.

    Nothing is written when anything is wrong: Rejected with the findings, OSError where the folder cannot be
    written.
    """
    document = read(swagger)
    strict, lenient = build(document, [read(path) for path in overlays])
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / PAYLOAD_FILE, folder / AUTHORING_FILE
    for path, schema in zip(paths, (strict, lenient), strict=True):
        _replace(path, dump(schema))
    return paths


def read(path: Path) -> Document:
    """A JSON or YAML file as a document; Rejected where it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Rejected(
            finding(
                "unreadable-file",
                f"the file cannot be read: {reason}",
                file=path.as_posix(),
                help="check the path, and whether you may read it",
            )
        ) from None
    if path.suffix.lower() == ".json":
        return load_json(data, path.as_posix())
    return load_yaml(data, path.as_posix())[0]


def _replace(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        # mkstemp makes a file for its owner alone; a schema is for everybody who may read its folder
        draft.chmod(0o666 & ~_umask())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
