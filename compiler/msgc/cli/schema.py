"""`msgc schema`: build the contract from swagger and overlays, and show it."""

from __future__ import annotations

from pathlib import Path

import click

from msgc.cli.session import Session, Unusable, shared_options
from msgc.emit import pretty
from msgc.resources import SWAGGER_FILE, data_folder


@click.group("schema")
def command() -> None:
    """Build and show the contract: what the API takes, limit by limit."""


@command.command("build", short_help="Build the two schemas from a swagger file and overlays.")
@click.option(
    "--swagger",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The API's Swagger 2.0 file, JSON or YAML (default: msgc's own).",
)
@click.option(
    "--overlay",
    "overlays",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An OpenAPI Overlay with limits; repeatable (default: msgc's own, unless there is --swagger).",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where to write.")
@shared_options("catalog", "config")
def build(session: Session, swagger: Path | None, overlays: tuple[Path, ...], output: Path) -> None:
    """Build `payload.schema.json` and `authoring.schema.json` from a swagger file and overlays.

    With `schemas = "DIR"` in the configuration, msgc takes its contract from there. With any error nothing is written.

    \b
    msgc schema build --swagger api.swagger.json --overlay limits.overlay.yaml -o schemas
    """
    from msgc.schema.build import build_files  # `schema show` has no need of it

    own = data_folder("schemas")
    chosen = overlays or ((own / "limits.overlay.yaml",) if swagger is None else ())
    try:
        paths = build_files(swagger or own / SWAGGER_FILE, chosen, output)
    except OSError as error:
        reason = "it is a file" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror or error
        raise Unusable(f"{output} cannot be written: {reason}; choose another folder with `-o`") from error
    if session.format == "json":
        session.report([])
    for path in paths:
        session.say(f"{path} written")


@command.command("show", short_help="Print the payload or the authoring schema.")
@click.argument("which", type=click.Choice(["payload", "authoring"]), metavar="payload|authoring")
@shared_options("catalog")
def show(session: Session, which: str) -> None:
    """Print the payload schema (what is sent) or the authoring schema (what editors know).

    \b
    msgc schema show authoring > templates/.msgc.schema.json
    """
    project = session.project_without_catalog()
    schema = project.contract.schema if which == "payload" else project.authoring_schema()
    click.echo(pretty(schema), nl=False)
