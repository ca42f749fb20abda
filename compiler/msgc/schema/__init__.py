"""The schema builder: a Swagger 2.0 file and overlays of limits become the contract's two schemas."""

from __future__ import annotations

from msgc.resources import AUTHORING_FILE, PAYLOAD_FILE
from msgc.schema.build import build, build_files, dump, read

__all__ = ["AUTHORING_FILE", "PAYLOAD_FILE", "build", "build_files", "dump", "read"]
