"""`msgc explain`: one rule's page."""

from __future__ import annotations

import click

from msgc.cli.session import Session, Unusable, shared_options
from msgc.diagnostic import nearest
from msgc.explain_rule import explain_rule, rule_facts
from msgc.report.json import dump


@click.command("explain")
@click.argument("rule")
@shared_options("catalog")
def command(session: Session, rule: str) -> None:
    """Explain RULE: what it means, a bad and a good example, and who says so.

    \b
    msgc explain button-title-length
    """
    project = session.project_without_catalog()
    text = explain_rule(rule, project.contract)
    if text is None:
        close = nearest(rule, project.rules)
        hint = f"did you mean `{close}`?" if close else "`msgc rules` lists them"
        raise Unusable(f"there is no rule `{rule}`; {hint}")
    if session.format == "json":
        click.echo(dump({"version": 1, **rule_facts(rule, project.contract), "page": text}), nl=False)
        return
    click.echo(text, nl=False)
