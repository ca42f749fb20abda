"""How much room every limit leaves, for all values that the parameters take, as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from msgc.preview.element import Element, element
from msgc.prove import Bound

_TIGHT = 0.9


def headroom(bounds: Sequence[Bound]) -> Element | None:
    """A table of the limits that something can come near to, the tightest first; None where there are none."""
    shown = sorted(filter(_is_shown, bounds), key=_tightness)
    if not shown:
        return None
    rows = [
        element(
            "tr",
            element("th", element("code", bound.place), scope="row"),
            element("td", bound.rule),
            element("td", "" if bound.measured is None else f"{bound.measured}"),
            element("td", _allowed(bound)),
            element("td", _meter(bound)),
            element("td", _verdict(bound), class_="" if bound.verdict == "proven" else "open"),
        )
        for bound in shown
    ]
    heads = ("place", "limit", "can be", "allowed", "room", "for all values")
    table = element(
        "table",
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *rows),
        class_="headroom",
    )
    hidden = len(bounds) - len(shown)
    return element(
        "details",
        element("summary", "Headroom", element("span", _summary(shown), class_="aside")),
        element("div", table, class_="wide", tabindex="0", role="region", aria_label="Headroom"),
        element("p", f"and {hidden:,} more, all proven", class_="aside") if hidden else None,
    )


def _is_shown(bound: Bound) -> bool:
    if bound.verdict != "proven":
        return bound.severity == "error" and not bound.in_each_message
    return bound.severity == "error" and bound.measured is not None and bool(bound.allowed and bound.allowed.most)


def _tightness(bound: Bound) -> tuple[bool, bool, float]:
    """What can be broken first, what values decide before what is written out, then by how little room is left."""
    return bound.verdict == "proven", bound.fixed, -_share(bound)


def _share(bound: Bound) -> float:
    """How much of what is allowed can be used; more than 1 is too much."""
    if bound.allowed is None or not bound.allowed.most:
        return 0.0
    if bound.measured is None or bound.measured.most is None:
        return float("inf")
    return bound.measured.most / bound.allowed.most


def _allowed(bound: Bound) -> str:
    if bound.allowed is None:
        return ""
    unit = "" if bound.unit == "none" else f" {bound.unit}"
    return f"{bound.allowed}{unit}"


def _meter(bound: Bound) -> Element | str:
    allowed, measured = bound.allowed, bound.measured
    if allowed is None or not allowed.most or measured is None:
        return ""
    most = allowed.most * 2 if measured.most is None else measured.most
    is_over = most > allowed.most
    room = "none" if is_over else f"{allowed.most - most:,}"
    return element(
        "meter",
        min="0",
        max=f"{allowed.most}",
        low=f"{allowed.most * _TIGHT:g}",
        high=f"{allowed.most * _TIGHT if is_over else allowed.most:g}",
        optimum="0",
        value=f"{min(most, allowed.most)}",
        aria_label=f"room: {room}",
        title=f"room: {room}",
    )


def _verdict(bound: Bound) -> str:
    return bound.verdict


def _summary(shown: Sequence[Bound]) -> str:
    open_ = sum(bound.verdict != "proven" for bound in shown)
    if open_:
        return f"{open_:,} of {len(shown):,} can be broken"
    bound = shown[0]
    assert bound.measured is not None
    assert bound.allowed is not None
    assert bound.allowed.most is not None
    unit = "" if bound.unit == "none" else f" {bound.unit}"
    return f"least at {bound.place}: {bound.measured.most:,} of {bound.allowed.most:,}{unit}"
