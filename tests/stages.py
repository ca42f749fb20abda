"""What each stage of the compiler answers to a case file, as text."""

from collections.abc import Callable
from pathlib import Path

import edge_stages
import load_stages
import schema_stages
from casefile import Case

STAGES: dict[str, Callable[[Case, Path], str]] = {}

# loaders
STAGES["load"] = load_stages.load
STAGES["load-json"] = load_stages.load_json_stage

# configuration, data rows, reports
STAGES["report"] = edge_stages.report
STAGES["configuration"] = edge_stages.configuration
STAGES["suppress"] = edge_stages.suppress
STAGES["rows"] = edge_stages.rows

# schema builder
STAGES["schema"] = schema_stages.schema
