"""OpenAPI Overlay 1.0 documents: changes to a swagger file, one action after the other.

Every action must match something: that is how a changed swagger file announces itself. This is the only
module that knows the JSONPath library.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import jsonpath_rfc9535 as jsonpath
from jsonpath_rfc9535.selectors import NameSelector

from msgc.diagnostic import Diagnostic, Rejected, Related, nearest
from msgc.document import Document
from msgc.rules import finding
from msgc.schema.tree import Array, Object, Place, kind, plant

_ROOT_KEYS = ("overlay", "info", "extends", "actions")
_ACTION_KEYS = ("target", "description", "update", "remove")


def apply(swagger: Document, overlays: Sequence[Document]) -> Any:
    """The swagger file's data as a fresh tree, changed by every action of every overlay in turn.

    Raises Rejected with a finding for each action that could not be applied.
    """
    tree = plant(swagger)
    problems = [problem for overlay in overlays for problem in _apply_overlay(tree, overlay)]
    if problems:
        raise Rejected(*problems)
    return tree


def _apply_overlay(tree: Any, document: Document) -> list[Diagnostic]:
    overlay = plant(document)
    if not isinstance(overlay, Object):
        message = "an overlay is an object with `overlay`, `info` and `actions`"
        return [finding("overlay-format", message, document.source.span(0), found=kind(overlay))]
    problems = _check_root(overlay)
    if problems:
        return problems
    problems = _unknown_keys(overlay, _ROOT_KEYS, "an overlay")
    actions = overlay["actions"]
    for action, place in zip(actions, actions.places, strict=True):
        wrong = _check_action(action, place)
        problems += wrong or _act(tree, action)
    return problems


def _check_root(overlay: Object) -> list[Diagnostic]:
    problems = []
    version = overlay.get("overlay")
    node = overlay.places["overlay"].document.node(("overlay",)) if "overlay" in overlay else None
    text = version if isinstance(version, str) else node.text if node is not None else None
    if text is None or text.split(".")[:2] != ["1", "0"]:
        place = overlay.places.get("overlay", overlay.place)
        problems.append(
            finding(
                "overlay-format",
                "the file does not say that it is an OpenAPI Overlay 1.0 document",
                place.span if "overlay" in overlay else _beginning(overlay.place),
                allowed="overlay: 1.0.0",
                help="begin the file with `overlay: 1.0.0`",
            )
        )
    actions = overlay.get("actions")
    if not isinstance(actions, Array) or not actions:
        place = overlay.places.get("actions", overlay.place)
        problems.append(
            finding(
                "overlay-format",
                "`actions` is not a list of actions",
                place.span if "actions" in overlay else _beginning(overlay.place),
                help="write at least one action with a `target` and an `update` or `remove: true`",
            )
        )
    return problems


def _beginning(place: Place) -> Any:
    start = place.span.start
    return place.document.source.span(start)


def _check_action(action: Any, place: Place) -> list[Diagnostic]:
    if not isinstance(action, Object):
        return [finding("overlay-format", f"an action is an object, this is {kind(action)}", place.span)]
    problems = _unknown_keys(action, _ACTION_KEYS, "an overlay's action")
    if not isinstance(action.get("target"), str):
        problems.append(
            finding(
                "overlay-format",
                "the action has no `target`",
                place.span,
                help="write the JSONPath of what it changes, such as `target: $.definitions.v1Message`",
            )
        )
    remove = action.get("remove", False)
    if not isinstance(remove, bool):
        problems.append(finding("overlay-format", "`remove` is true or false", action.places["remove"].span))
    elif remove == ("update" in action):
        problems.append(
            finding(
                "overlay-format",
                "the action has `update` and `remove`" if remove else "the action has neither `update` nor `remove`",
                place.span,
                help="give the action either an `update` or `remove: true`",
            )
        )
    return problems


def _unknown_keys(node: Object, known: Sequence[str], what: str) -> list[Diagnostic]:
    problems = []
    for key in node:
        if key in known or key.startswith("x-"):
            continue
        near = nearest(key, known)
        problems.append(
            finding(
                "unknown-key",
                f"{what} has no key `{key}`",
                node.places[key].key_span,
                found=key,
                allowed=", ".join(known),
                help=f"did you mean `{near}`?" if near else None,
            )
        )
    return problems


def _act(tree: Any, action: Object) -> list[Diagnostic]:
    target, place = action["target"], action.places["target"]
    try:
        query = jsonpath.compile(target)
        matches = list(query.finditer(tree))
    except (jsonpath.JSONPathError, ValueError, RecursionError) as error:
        return [_bad_target(target, place, error)]
    if not matches:
        return [_no_match(query, tree, target, place)]
    if "update" not in action:
        return _remove(tree, [match.location for match in matches], place)
    problems: list[Diagnostic] = []
    origin = action.places["update"]
    for match in matches:
        # planted anew for every match, so that a later action cannot change two places through one object
        update = plant(origin.document, origin.path)
        if isinstance(match.value, Array):
            match.value.add(update, origin)
        elif isinstance(match.value, Object) and isinstance(update, Object):
            problems += _merge(match.value, update)
        else:
            problems.append(
                finding(
                    "overlay-merge",
                    f"{kind(update)} cannot be merged into {kind(match.value)}",
                    origin.span,
                    help="an object is updated by an object, and a list by one more item",
                )
            )
    return problems


def _bad_target(target: str, place: Place, error: Exception) -> Diagnostic:
    token = getattr(error, "token", None)
    span, node = place.span, place.document.node(place.path)
    reason = str(error).split(", line ")[0] if token is not None else "it is nested too deeply"
    if token is not None and node.text == target and node.style in ("plain", "single", "double"):
        start = node.start + (node.style != "plain") + token.index
        if span.source.text[start - token.index : start - token.index + len(target)] == target:
            span = span.source.span(min(start, span.end), span.end)
    return finding(
        "overlay-target",
        f"the target is not a JSONPath: {reason}",
        span,
        found=target,
        help="targets are written as RFC 9535 has them, such as `$.definitions.v1Button.properties.text`",
    )


def _no_match(query: jsonpath.JSONPathQuery, tree: Any, target: str, place: Place) -> Diagnostic:
    """Says how far the target leads, because a long path usually fails at one name."""
    reached: list[Any] = [tree]
    hint = None
    for count in range(1, len(query.segments) + 1):
        prefix = jsonpath.JSONPathQuery(env=query.env, segments=query.segments[:count])
        values = [match.value for match in prefix.finditer(tree)]
        if not values:
            before = jsonpath.JSONPathQuery(env=query.env, segments=query.segments[: count - 1])
            selectors = query.segments[count - 1].selectors
            if len(selectors) == 1 and isinstance(selectors[0], NameSelector):
                name = selectors[0].name
                near = nearest(name, [key for value in reached if isinstance(value, Object) for key in value])
                hint = f"`{_short(before)}` has no `{name}`" + (f"; did you mean `{near}`?" if near else "")
            else:
                hint = f"nothing in `{_short(before)}` matches `{query.segments[count - 1]}`"
            break
        reached = values
    return finding(
        "overlay-no-match",
        "the target of this action matches nothing",
        place.span,
        found=target,
        help=hint,
    )


def _short(query: jsonpath.JSONPathQuery) -> str:
    """A query as people write it: `.name` for `['name']`."""
    return re.sub(r"\['([A-Za-z_]\w*)'\]", r".\1", str(query))


def _remove(tree: Any, locations: list[tuple[str | int, ...]], place: Place) -> list[Diagnostic]:
    if () in locations:
        return [finding("overlay-merge", "the whole file cannot be removed", place.span)]
    # backwards, so that the removal of an item does not move the others that are still to go
    for location in sorted(set(locations), key=lambda steps: [(str(type(s)), s) for s in steps], reverse=True):
        node = tree
        for step in location[:-1]:
            node = node[step]
        node.drop(location[-1])
    return []


def _merge(target: Object, update: Object) -> list[Diagnostic]:
    """Objects merge member by member, lists are joined, anything else is replaced."""
    problems: list[Diagnostic] = []
    for key, value in update.items():
        place = update.places[key]
        old = target.get(key)
        if key not in target:
            target.put(key, value, place)
        elif isinstance(old, Object) and isinstance(value, Object):
            problems += _merge(old, value)
        elif isinstance(old, Array) and isinstance(value, Array):
            for item, origin in zip(value, value.places, strict=True):
                old.add(item, origin)
        elif isinstance(old, Object | Array) or isinstance(value, Object | Array):
            problems.append(
                finding(
                    "overlay-merge",
                    f"`{key}` is {kind(old)} in the file, and {kind(value)} cannot be merged into it",
                    place.key_span,
                    help="remove the old value by an action of its own, or give a value of the same kind",
                    related=(Related(target.places[key].key_span, f"`{key}` is {kind(old)} here"),),
                )
            )
        else:
            target.put(key, value, place)
    return problems
