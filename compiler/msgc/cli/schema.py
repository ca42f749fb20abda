"""`msgc schema`: build the contract from swagger and overlays, and show it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from msgc.cli.session import Session, exit_code, shared_options
from msgc.diagnostic import Rejected
from msgc.emit import pretty
from msgc.resources import data_folder
from msgc.schema.build import build_files


@click.group("schema")
def command() -> None:
    """Build and show the contract: what the API takes, limit by limit."""


@command.command("build")
@click.option("--swagger", type=click.Path(path_type=Path), help="The API's Swagger 2.0 file (default: msgc's own).")
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=click.Path(path_type=Path),
    help="An OpenAPI Overlay with limits; repeatable (default: msgc's own).",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="The folder for the two schemas.",
)
@shared_options
def build(session: Session, swagger: Path | None, overlays: tuple[Path, ...], output: Path) -> None:
    """Build `payload.schema.json` and `authoring.schema.json` from a swagger file and overlays."""
    own = data_folder("schemas")
    chosen = overlays or ((own / "limits.overlay.yaml",) if swagger is None else ())
    try:
        paths = build_files(swagger or own / "service.swagger.json", chosen, output)
    except Rejected as rejected:
        session.report(rejected.diagnostics, err=session.format == "text")
        sys.exit(exit_code(rejected.diagnostics))
    except OSError as error:
        raise click.UsageError(f"{output} cannot be written: {error.strerror or error}") from error
    for path in paths:
        session.say(f"{path} written")


@command.command("show")
@click.argument("which", type=click.Choice(["payload", "authoring"]))
@shared_options
def show(session: Session, which: str) -> None:
    """Print the payload schema (what is sent) or the authoring schema (what editors know)."""
    project = session.project_without_catalog()
    if which == "payload":
        click.echo(pretty(project.contract.schema), nl=False)
        return
    click.echo(pretty(project.authoring_schema()), nl=False)
