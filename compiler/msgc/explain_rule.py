"""Explaining: what a rule means, put together from its page and, for a limit, from the contract."""

from __future__ import annotations

import textwrap
from typing import Any

from msgc.contract import Contract
from msgc.resources import page
from msgc.rules import RULES

_WIDTH = 100
_WRAP: Any = {"break_long_words": False, "break_on_hyphens": False}


def rule_table(contract: Contract) -> list[tuple[str, str, str]]:
    """Every rule's name, severity and meaning in one sentence; msgc's own first, then the contract's limits."""
    own: list[tuple[str, str, str]] = [(rule.name, rule.severity, rule.summary) for rule in RULES.values()]
    limits: list[tuple[str, str, str]] = [
        (limit.rule, limit.severity, contract.summary(limit.rule))
        for limit in contract.limits.values()
        if limit.rule not in RULES
    ]
    return sorted(own) + sorted(limits)


def rule_facts(rule: str, contract: Contract) -> dict[str, Any]:
    """What is known of a rule as plain data, null where there is nothing. Raises KeyError for an unknown rule."""
    limit = contract.limits.get(rule)
    if limit is not None and limit.of is not None:
        # It stands beside many limits, and the one that happens to come first is not its source.
        facts = {"rule": rule, "severity": limit.severity, "summary": contract.summary(rule)}
        return {**facts, "authority": "msgc", "source": None, "confidence": None, "help": limit.help or None}
    if limit is None:
        own = RULES[rule]
        facts = {"rule": rule, "severity": own.severity, "summary": own.summary}
        return {**facts, "authority": "msgc", "source": None, "confidence": None, "help": None}
    return {
        "rule": rule,
        "severity": limit.severity,
        "summary": contract.summary(rule),
        "authority": limit.authority,
        "source": limit.citation or None,
        "confidence": limit.confidence or None,
        "help": limit.help or None,
    }


def explain_rule(rule: str, contract: Contract) -> str | None:
    """A rule's page as Markdown, or None for an unknown rule."""
    if rule not in contract.limits and rule not in RULES:
        return None
    facts = rule_facts(rule, contract)
    text = page(rule) or f"# {rule}\n"
    lines = [*textwrap.wrap(facts["summary"], _WIDTH, **_WRAP), "", f"- severity: {facts['severity']}"]
    if rule in contract.limits:
        confidence = f" (confidence: {facts['confidence']})" if facts["confidence"] else ""
        lines.append(f"- set by: {facts['authority']}{confidence}")
        lines += [
            f"- {name}: {facts[key]}" for name, key in (("source", "source"), ("what to do", "help")) if facts[key]
        ]
    head, _, rest = text.partition("\n")
    return "\n".join([head, "", *lines]) + "\n" + _wrapped(rest)


def _wrapped(text: str) -> str:
    """The text with its prose in lines of a terminal's width; what stands in fenced blocks is left as it is."""
    lines: list[str] = []
    fenced = False
    for line in text.splitlines():
        fence = line.startswith("```")
        fenced = fenced != fence
        prose = line and not fence and not fenced
        lines += textwrap.wrap(line, _WIDTH, **_WRAP) if prose else [line]
    return "".join(f"{line}\n" for line in lines)
