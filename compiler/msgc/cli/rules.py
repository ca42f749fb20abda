"""`msgc rules`: the list of all rules."""

from __future__ import annotations

import click

from msgc.cli.session import Session, shared_options
from msgc.explain_rule import rule_facts, rule_table
from msgc.report.json import dump


@click.command("rules")
@shared_options("catalog")
def command(session: Session) -> None:
    """List every rule with its severity and meaning. `msgc explain RULE` says more about one.

    \b
    msgc rules | grep button
    msgc rules -f json
    """
    contract = session.project_without_catalog().contract
    rows = rule_table(contract)
    if session.format == "json":
        click.echo(dump({"version": 1, "rules": [rule_facts(name, contract) for name, _, _ in rows]}), nl=False)
        return
    width = max(len(name) for name, _, _ in rows)
    for name, severity, summary in rows:
        click.echo(f"{name:<{width}}  {severity:<7}  {summary}")
