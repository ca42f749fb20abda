"""Tame texts: those of which nothing unusual can come, as nearly all texts are.

A limit such as "no formatting in a label" holds for a name and a street, and may not hold for `*` or `_`. So a
definition is proven for tame texts, one cheap look at all texts of a message says whether they are, and only a message
with another one has its payload judged whole.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from msgc.native.quote import constant, expression, text_of
from msgc.native.writer import Writer
from msgc.parameters import Parameters
from msgc.specialise.admit import is_native

_SIGNS = "*_~{\N{REPLACEMENT CHARACTER}"
_BEYOND = "\U00010000-\U0010ffff"
_INSIDE = rf"[^\s{_SIGNS}{_BEYOND}]"
PATTERN = rf"^({_INSIDE}(({_INSIDE}|[ ])*{_INSIDE})?)?$"
"""No sign of WhatsApp's formatting, of a placeholder or of a broken encoding; spaces only, and none at the edges.

No character either that is two units in UTF-16, such as most emoji.
"""
_EDGE = "|"
_WILD = re.compile(f"[{_SIGNS[-1]}{_BEYOND}]")


def is_tame(writer: Writer, texts: list[ast.expr], gathered: ast.expr | None) -> ast.expr:
    """Code that is true only where every text is tame, has no NUL and can be written as UTF-8.

    What Python calls printable has no control character, no half of a surrogate pair, and no space but the common one.
    """
    parts: list[str | ast.expr] = [_EDGE]
    for text in texts:
        parts += [text, _EDGE]
    if gathered is not None:
        parts += [expression("E.join(G)", E=constant(_EDGE), G=gathered), _EDGE]
    signs = " or ".join(f"{sign!r} in t" for sign in (f"{_EDGE} ", f" {_EDGE}", *_SIGNS[:-1]))
    source = f"(t := T).isprintable() and not ({signs}) and (t.isascii() or not W(t))"
    return expression(source, T=text_of(parts), W=writer.bind(_WILD.search))


def tamed(parameters: Parameters) -> Parameters:
    """The parameters as they are where all texts are tame."""
    properties = {
        key: _tamed(part) if is_native(part) else part for key, part in parameters.schema["properties"].items()
    }
    return replace(parameters, schema={**parameters.schema, "properties": properties})


def _tamed(schema: Mapping[str, Any]) -> Any:
    names = schema.get("type")
    types = names if isinstance(names, list) else [names]
    changed = dict(schema)
    # Of a text with a pattern of its own, that pattern says more.
    if "string" in types and not {"enum", "const", "pattern", "format"} & schema.keys():
        changed["allOf"] = [{"pattern": PATTERN}]
    if "items" in schema:
        changed["items"] = _tamed(schema["items"])
    if "properties" in schema:
        changed["properties"] = {key: _tamed(part) for key, part in schema["properties"].items()}
    return changed
