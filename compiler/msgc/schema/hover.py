"""What editors show of a place: its title, its description, and its limits with who sets them and where that is told.

Twice, since editors differ: `description` is plain text for all of them, `markdownDescription` is for those that show
Markdown (VS Code and whatever else uses yaml-language-server), with links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_SPECIAL = re.compile(r"[\\*_{}\[\]<>#|~]")
_CODE = re.compile(r"(`[^`\n]+`)")


def words(schema: Mapping[str, Any], limits: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """`title`, `description` and `markdownDescription` of a schema; `limits` are others that speak of it too."""
    stated = str(schema.get("description", "")).strip()
    entries = [*own_limits(schema), *limits]
    told = [(entry["x-limit"], text) for entry in entries if (text := describe(entry)) is not None]
    result = {"title": schema["title"]} if schema.get("title") else {}
    if not stated and not told:
        return result
    plain = [stated] if stated else []
    plain += [f"{text} ({limit['authority']}, {limit['source']})." for limit, text in told]
    marked = [in_markdown(stated)] if stated else []
    if told:
        marked.append("\n".join(_line(limit, text) for limit, text in told))
    return {**result, "description": "\n\n".join(plain), "markdownDescription": "\n\n".join(marked)}


def say(text: str) -> dict[str, str]:
    """The description of something that msgc itself knows."""
    return {"description": text, "markdownDescription": in_markdown(text)}


def in_markdown(text: str) -> str:
    """A text as Markdown that shows it as it is; what stands between backquotes stays code."""
    pieces = _CODE.split(text)
    return "".join(
        piece if index % 2 else _SPECIAL.sub(lambda found: f"\\{found[0]}", piece) for index, piece in enumerate(pieces)
    )


def own_limits(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The limits of a place that are told at it: not those that speak of one of its properties only."""
    return [entry for entry in limits_of(schema) if subject_key(entry) is None]


def limits_of(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every limit that a schema states, those that are warnings last."""
    return [entry for key in ("allOf", "x-warnings") for entry in schema.get(key, ()) if "x-limit" in entry]


def limits_about(schema: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The limits of an object that speak of one of its properties only, often under a condition."""
    return [entry for entry in limits_of(schema) if subject_key(entry) == key]


def subject_key(entry: Mapping[str, Any]) -> str | None:
    """The only property that a limit of an object bounds, if there is one."""
    asserted = entry["then"] if "if" in entry and "then" in entry else entry
    named = asserted.get("properties", {})
    if len(named) != 1 or set(asserted) - {"properties", "x-limit"}:
        return None
    return str(next(iter(named)))


def describe(entry: Mapping[str, Any]) -> str | None:
    """A limit in a few words: what is allowed.

    None for what an editor shows by itself: that a key is required, or the other unit of the same length.
    """
    limit = entry["x-limit"]
    key = subject_key(entry)
    if limit["rule"] == "length-ambiguous":
        return None
    if key is None and set(entry) <= {"required", "properties", "x-limit"}:
        return None
    warning = limit["severity"] == "warning"
    asserted = entry["then"] if "if" in entry and "then" in entry else entry
    about = asserted["properties"][key] if key is not None else asserted
    bounds = _bounds(about, limit["unit"]) if isinstance(about, Mapping) else None
    if bounds is not None:
        text = f"better {bounds}" if warning else bounds
        if key is not None or "if" in entry:
            # of several lengths of one text, each says when it holds
            text = f"{text}: {limit['subject']}"
    elif limit.get("message"):
        text = f"{'warning' if warning else 'refused'}: {limit['message']}"
    else:
        text = limit["help"]
    return f"{text[0].upper()}{text[1:].rstrip('.')}"


def _line(limit: Mapping[str, Any], text: str) -> str:
    source = f"[read {limit['seen']}](<{limit['source']}>)"
    return f"- {in_markdown(text)} — {in_markdown(limit['authority'])}, {source}, `{limit['rule']}`"


def _bounds(entry: Mapping[str, Any], unit: str) -> str | None:
    def pick(*names: str) -> Any:
        value = next((entry[name] for name in names if name in entry), None)
        return value["limit"] if isinstance(value, Mapping) else value

    low = pick("minLength", "minItems", "minimum", "minTotalItems", "minProperties")
    high = pick("maxLength", "maxItems", "maximum", "maxUtf8Bytes", "maxTotalItems", "maxProperties")
    noun = "" if unit == "none" else f" {unit}"
    if low is not None and high is not None:
        return f"from {low} to {high}{noun}" if low != high else f"exactly {low}{noun}"
    if low == 1 and "minimum" not in entry:
        return "not empty"
    if low is not None:
        return f"at least {low}{noun}"
    return f"at most {high}{noun.removesuffix('s') if high == 1 else noun}" if high is not None else None
