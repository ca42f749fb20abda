"""`msgc rules`: the list of all rules."""

from __future__ import annotations

import click

from msgc.cli.session import Session, shared_options
from msgc.emit import pretty
from msgc.explain_rule import rule_table


@click.command("rules")
@shared_options
def command(session: Session) -> None:
    """List every rule with its severity and meaning. `msgc explain RULE` says more about one."""
    rows = rule_table(session.project_without_catalog().contract)
    if session.format == "json":
        rules = [{"rule": name, "severity": severity, "summary": summary} for name, severity, summary in rows]
        click.echo(pretty({"version": 1, "rules": rules}), nl=False)
        return
    width = max(len(name) for name, _, _ in rows)
    for name, severity, summary in rows:
        click.echo(f"{name:<{width}}  {severity:<7}  {summary}")
