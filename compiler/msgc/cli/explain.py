"""`msgc explain`: one rule's page."""

from __future__ import annotations

import click

from msgc.cli.session import Session, shared_options
from msgc.diagnostic import nearest
from msgc.explain_rule import explain_rule


@click.command("explain")
@click.argument("rule")
@shared_options
def command(session: Session, rule: str) -> None:
    """Explain RULE: what it means, a bad and a good example, and who says so."""
    project = session.project_without_catalog()
    text = explain_rule(rule, project.contract)
    if text is None:
        close = nearest(rule, project.rules)
        hint = f"did you mean `{close}`?" if close else "`msgc rules` lists them"
        raise click.UsageError(f"there is no rule `{rule}`; {hint}")
    click.echo(text, nl=False)
