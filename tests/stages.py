"""What each stage of the compiler answers to a case file, as text."""

from collections.abc import Callable
from pathlib import Path

import change_stages
import command_stages
import edge_stages
import limit_stages
import load_stages
import parameter_stages
import preview_stages
import prove_stages
import schema_stages
import send_stages
import template_stages
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

# parameters
STAGES["parameters"] = parameter_stages.parameters

# the whole pipeline, through the command line
STAGES["check"] = command_stages.check
STAGES["render"] = command_stages.command
STAGES["build"] = command_stages.command
STAGES["commands"] = command_stages.command

# templates
STAGES["template"] = template_stages.template

# proofs
STAGES["bounds"] = prove_stages.bounds

# the contract
STAGES["limits"] = limit_stages.limits
STAGES["keywords"] = limit_stages.keywords

# changes
STAGES["changes"] = change_stages.changes
STAGES["diff"] = change_stages.diff

# sending
STAGES["classify"] = send_stages.classify
STAGES["send"] = send_stages.send

# the gallery
STAGES["preview"] = preview_stages.preview
