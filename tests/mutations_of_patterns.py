"""Faults in regular expressions, for `mutations.py`: a bound, an anchor, an alternative or a sign that is wrong."""

import itertools
import re
from collections.abc import Iterator

# An escape, a character class, a group's opening, a quantifier's bounds, or any other character.
_SIGN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\(\?[a-z]*:|\{\d+(?:,\d*)?\}|.", re.DOTALL)
_BOUNDS = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_MEMBER = re.compile(r"\\.-\\.|\\.|[^\\]-[^\\]|[^\\]")


def mutate_pattern(pattern: str) -> Iterator[tuple[str, str]]:
    """Every mutant of a pattern with its name: what is changed, at which offset."""
    signs = _SIGN.findall(pattern)
    place = 0
    for index, sign in enumerate(signs):
        before, after = "".join(signs[:index]), "".join(signs[index + 1 :])
        for what, other in _mutate_sign(sign):
            yield f"{what} at {place}", before + other + after
        place += len(sign)
    yield from _without_alternatives(signs)
    if re.search("[A-Za-z]", re.sub(r"\\.", "", pattern)):
        yield "in any case", f"(?i){pattern}"
    yield "nothing", "[^\\s\\S]"
    yield "anything", ""


def _mutate_sign(sign: str) -> Iterator[tuple[str, str]]:
    if sign in ("^", "$", "?"):
        yield f"no {sign}", ""
    elif sign in ("*", "+"):
        yield f"{sign} turned", {"*": "+", "+": "*"}[sign]
    elif bounds := _BOUNDS.fullmatch(sign):
        low, high = int(bounds[1]), bounds[2]
        for step in (1, -1):
            if high is None:
                yield f"{low}{step:+}", f"{{{low + step}}}"
            elif low + step <= int(high or low + step):
                yield f"from {low}{step:+}", f"{{{max(low + step, 0)},{high}}}"
            if high:
                yield f"to {high}{step:+}", f"{{{low},{int(high) + step}}}"
    elif sign.startswith("[") and len(sign) > 1:
        negated = sign.startswith("[^")
        members = _MEMBER.findall(sign[2 if negated else 1 : -1])
        for index, member in enumerate(members):
            rest = "".join([*members[:index], *members[index + 1 :]])
            other = f"[{'^' if negated else ''}{rest}]" if rest else "[\\s\\S]" if negated else "[^\\s\\S]"
            yield f"no {member} in {sign}", other
            if re.fullmatch("[^\\\\]-[^\\\\]", member):
                yield f"shorter {member} in {sign}", sign.replace(member, f"{member[:2]}{chr(ord(member[2]) - 1)}", 1)
                yield f"late {member} in {sign}", sign.replace(member, f"{chr(ord(member[0]) + 1)}{member[1:]}", 1)


def _without_alternatives(signs: list[str]) -> Iterator[tuple[str, str]]:
    """The pattern without one of its alternatives, for each of them in every group."""
    opened: list[list[int]] = [[-1]]
    groups = []
    for index, sign in enumerate(signs):
        if sign == "(" or sign.startswith("(?"):
            opened.append([index])
        elif sign == ")":
            groups.append([*opened.pop(), index])
        elif sign == "|":
            opened[-1].append(index)
    groups.append([*opened.pop(), len(signs)])
    for group in groups:
        if len(group) < 3:
            continue
        for start, end in itertools.pairwise(group):
            # the bar before it goes with it; the first one takes the bar behind it
            first = start == group[0]
            kept = [*signs[: start + 1], *signs[end + 1 :]] if first else [*signs[:start], *signs[end:]]
            yield f"no {''.join(signs[start + 1 : end])!r}", "".join(kept)
