"""Explaining: what a rule means, put together from its page and, for a limit, from the contract."""

from __future__ import annotations

from msgc.contract import Contract
from msgc.resources import page
from msgc.rules import RULES


def rule_table(contract: Contract) -> list[tuple[str, str, str]]:
    """Every rule's name, severity and meaning in one sentence; msgc's own first, then the contract's limits."""
    own: list[tuple[str, str, str]] = [(rule.name, rule.severity, rule.summary) for rule in RULES.values()]
    limits: list[tuple[str, str, str]] = [
        (limit.rule, limit.severity, contract.summary(limit.rule))
        for limit in contract.limits.values()
        if limit.rule not in RULES
    ]
    return sorted(own) + sorted(limits)


def explain_rule(rule: str, contract: Contract) -> str | None:
    """A rule's page as Markdown, or None for an unknown rule."""
    text = page(rule)
    limit = contract.limits.get(rule)
    if limit is None and rule not in RULES:
        return None
    if text is None:
        summary = contract.summary(rule) if limit is not None else RULES[rule].summary
        text = f"# {rule}\n\n{summary}\n"
    facts = []
    if limit is not None:
        facts += [
            f"- severity: {limit.severity}",
            f"- set by: {limit.authority} (confidence: {limit.confidence})",
            f"- source: {limit.citation}",
        ]
        if limit.help:
            facts.append(f"- what to do: {limit.help}")
    else:
        facts.append(f"- severity: {RULES[rule].severity}")
    head, _, rest = text.partition("\n")
    return "\n".join([head, "", *facts]) + "\n" + (rest if rest.startswith("\n") else "\n" + rest)
