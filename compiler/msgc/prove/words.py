"""A limit that can break, in the author's words: what can become of the value, the arithmetic, and two ways out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from msgc.bounds.words import Range
from msgc.contract import Limit
from msgc.diagnostic import enumerate_words
from msgc.prove.outcome import Outcome
from msgc.template.infer.inferred import Share

_AT_MOST = frozenset({"maxLength", "maxUtf16Length", "maxUtf8Bytes", "maxItems", "maxTotalItems"})
_AT_LEAST = frozenset({"minLength", "minItems", "minTotalItems"})
_UNIQUE = frozenset({"uniqueItemProperties", "uniqueAcross", "differentValues"})
_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_OF_NUMBER = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\|\s*(?:money|number|round)\b", re.ASCII)
_SHORTENED = re.compile(r"(.*?)\s*\|\s*(shorten|truncate)\s*\(\s*(\d+)[^|]*\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Words:
    """The sentence, what was found, what is allowed, and what to do."""

    message: str
    found: str | None
    allowed: str | None
    help: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """The list that a `$for` goes through, as it is written, and how many items it makes."""

    code: str
    count: Range


def number_of(outcome: Outcome) -> int:
    """The number of a limit that has one."""
    constraint = outcome.constraint
    return int(constraint["limit"] if isinstance(constraint, dict) else constraint)


def allowed_of(outcome: Outcome) -> Range | None:
    """What a limit with a number allows; None for all others."""
    if outcome.keyword in _AT_MOST:
        return Range(0, number_of(outcome))
    return Range(number_of(outcome), None) if outcome.keyword in _AT_LEAST else None


def describe(outcome: Outcome, limit: Limit, shares: Sequence[Share], source: Source | None) -> Words:
    """The words of a limit that is broken or can break.

    `shares` are the pieces of a text, `source` is the loop behind a list.
    """
    by = "" if limit.authority == "msgc" else f", by {limit.authority}"
    if outcome.keyword in _AT_MOST or outcome.keyword in _AT_LEAST:
        return _sized(outcome, limit, shares, source, by)
    always = outcome.verdict == "broken"
    whole = limit.message or f"{limit.subject} is not what {limit.authority} allows"
    if outcome.keyword in _UNIQUE:
        whole = limit.message or f"{limit.subject} is there more than once"
        help_ = _distinct_ways(source)
        return Words(_for(whole, always), None, None, help_)
    return Words(_for(whole, always), None, None, _other_ways(outcome, limit, shares))


def _for(whole: str, always: bool) -> str:
    return f"{whole.removesuffix('.')}, {'for all values' if always else 'for some values'}"


def _sized(outcome: Outcome, limit: Limit, shares: Sequence[Share], source: Source | None, by: str) -> Words:
    size = outcome.measured or Range(0, None)
    number = number_of(outcome)
    at_most = outcome.keyword in _AT_MOST
    verb = "take" if limit.unit == "bytes" else "have"
    allowed = f"at {'most' if at_most else 'least'} {_counted(number, limit.unit)}{by}"
    if outcome.verdict == "broken":
        extreme = size.least if at_most else size.most or 0
        amount = f"at {'least' if at_most else 'most'} {_counted(extreme, limit.unit)}"
        message = f"{limit.subject} {'takes' if verb == 'take' else 'has'} {amount}, whatever the values are"
        return Words(message, amount, allowed, _size_ways(outcome, limit, shares, source, number))
    if at_most:
        if size.most is None:
            message = f"{limit.subject} can become longer than {_counted(number, limit.unit)}: nothing bounds it"
            if limit.unit == "items":
                message = f"there can be more than {number:,} {_things(limit)}: nothing bounds them"
            found = None
        else:
            found = f"up to {_counted(size.most, limit.unit)}"
            message = f"{limit.subject} can {verb} {found}"
            if limit.unit == "items":
                message = f"there can be {found.removesuffix(' items')} {_things(limit)}"
        return Words(message, found, allowed, _size_ways(outcome, limit, shares, source, number))
    message = f"{limit.subject} can be empty" if size.least == 0 else f"{limit.subject} can have only {size.least:,}"
    return Words(message, None, allowed, _size_ways(outcome, limit, shares, source, number))


def _things(limit: Limit) -> str:
    return limit.subject.removeprefix("the ")


def _counted(number: int, unit: str) -> str:
    word = "" if unit == "none" else f" {unit}"
    return f"{number:,}{word.removesuffix('s') if number == 1 else word}"


def _size_ways(
    outcome: Outcome, limit: Limit, shares: Sequence[Share], source: Source | None, number: int
) -> str | None:
    if outcome.keyword in ("maxLength", "maxUtf16Length"):
        return _length_ways(shares, number) or limit.help
    if outcome.keyword == "minLength":
        return _empty_ways(shares) or limit.help
    if limit.unit == "items" and source is not None:
        return _count_ways(outcome, source, number)
    return limit.help


def _count_ways(outcome: Outcome, source: Source, number: int) -> str:
    code = source.code
    plain = _PATH.fullmatch(code) is not None
    if outcome.keyword in _AT_LEAST:
        declared = f"give `{code}` a `minItems: {number}`, or " if plain else ""
        return f"{declared}leave the whole out with `$if: {code}`"
    whole, own = (outcome.measured or Range(0, None)).most, source.count.most
    rest = number if whole is None or own is None else max(0, number - (whole - own))
    declared = f"give `{code}` a `maxItems` of at most {rest}, or " if plain else ""
    return f"{declared}take the first ones: `$for: ... in {_bracketed(code)}[:{rest}]`"


def _bracketed(code: str) -> str:
    return code if _PATH.fullmatch(code) else f"({code})"


def _length_ways(shares: Sequence[Share], number: int) -> str | None:
    """The arithmetic, and the two cheapest ways to make the largest piece fit."""
    values = [share for share in shares if share.code]
    if not values:
        return None
    fixed = sum(share.points.most or 0 for share in shares if not share.code)
    largest = max(values, key=lambda share: (share.points.most is None, share.points.most or 0))
    others = [share.points.most for share in values if share is not largest]
    parts = [f"fixed text takes {fixed}"] if fixed else []
    parts += [_spoken(share) for share in values[:4]]
    arithmetic = f"{enumerate_words(parts, 'and')}, of {number} allowed"
    rest = None if None in others else number - fixed - sum(other for other in others if other is not None)
    code = largest.code
    if code.startswith("{%"):
        return f"{arithmetic}: put less into the loop, or bound what it prints"
    printed = _OF_NUMBER.match(code)
    if printed is not None:
        return f"{arithmetic}: give `{printed[1]}` a `maximum` that it never passes"
    if rest is None or rest < 1:
        return f"{arithmetic}: shorten more than one of them"
    cut = _SHORTENED.fullmatch(code)
    if cut is not None:
        return f"{arithmetic}: write `{{{{ {cut[1]} | shorten({rest}) }}}}`"
    shorter = f"write `{{{{ {_grouped(code)} | shorten({rest}) }}}}`"
    if largest.text.literals is not None:
        return f"{arithmetic}: let the words of `{code}` have at most {rest} characters, or {shorter}"
    if _PATH.fullmatch(code):
        return f"{arithmetic}: give `{code}` a `maxLength` of at most {rest}, or {shorter}"
    return f"{arithmetic}: {shorter}"


def _grouped(code: str) -> str:
    return f"({code})" if re.search(r"\s(if|or|and|~|\+)\s", code) else code


def _spoken(share: Share) -> str:
    code = share.code if len(share.code) <= 60 else share.code[:59] + "…"
    bound = "any number" if share.points.most is None else f"up to {share.points.most:,}"
    return f"`{code}` {bound}"


def _empty_ways(shares: Sequence[Share]) -> str | None:
    values = [share for share in shares if share.code]
    if len(values) == 1 and _PATH.fullmatch(values[0].code):
        code = values[0].code
        return (
            f"give `{code}` a `minLength: 1`, or say what stands there instead: `{{{{ {code} | default('-', true) }}}}`"
        )
    return None


def _distinct_ways(source: Source | None) -> str:
    declared = ""
    if source is not None and _PATH.fullmatch(source.code):
        declared = f", or declare that the items of `{source.code}` differ: `uniqueItemProperties: [id]`, for example"
    return f"put `{{{{ loop.index }}}}` into it{declared}"


def _other_ways(outcome: Outcome, limit: Limit, shares: Sequence[Share]) -> str | None:
    values = [share for share in shares if share.code]
    blank = outcome.keyword == "pattern" and "\\S" in str(outcome.constraint)
    if blank and len(values) == 1 and _PATH.fullmatch(values[0].code):
        return f"give `{values[0].code}` the `pattern: '\\S'`, so that it holds more than spaces"
    refuses = outcome.keyword == "not" and isinstance(outcome.constraint, dict)
    pattern = str(outcome.constraint.get("pattern", "")) if refuses else ""
    if len(values) != 1 or not ("\\s$" in pattern or "\\n" in pattern):
        return limit.help or None
    code = values[0].code
    if not _PATH.fullmatch(code):
        return f"write `{{{{ {_grouped(code)} | trim }}}}`" if "\\s$" in pattern else limit.help
    declared = f"give `{code}` the `pattern: '^\\S+( \\S+)*$'`, words with one space between them"
    return f"{declared}, or write `{{{{ {code} | trim }}}}`" if "\\s$" in pattern else declared
