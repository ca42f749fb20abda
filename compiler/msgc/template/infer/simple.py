"""Templates that only print names and keys are inferred here, without Jinja, as long as nothing can go wrong."""

from __future__ import annotations

from collections.abc import Sequence as Items

from msgc.bounds.numbers import printed
from msgc.bounds.values import Value, of_text
from msgc.bounds.words import EMPTY, Text, literal
from msgc.template.infer.inferred import Inferred, Share
from msgc.template.infer.specials import Scope


def infer_pieces(pieces: Items[str | tuple[str, ...]], scope: Scope, *, value: bool) -> Inferred | None:
    """What the pieces of a simple template make; None for all that needs a second look.

    `value` asks for the value of its only expression, not for its text.
    """
    if value and len(pieces) == 1 and not isinstance(pieces[0], str):
        found = _look_up(pieces[0], scope)
        return None if found is None else Inferred(found)
    whole = EMPTY
    shares = []
    for piece in pieces:
        if isinstance(piece, str):
            text: Text | None = literal(piece)
            code = ""
        else:
            found = _look_up(piece, scope)
            text = None if found is None else _text(found)
            code = ".".join(piece)
        if text is None:
            return None
        whole = whole + text
        shares.append(Share(code, text))
    return Inferred(of_text(whole), tuple(shares))


def _look_up(path: tuple[str, ...], scope: Scope) -> Value | None:
    value = scope.get(path[0])
    for key in path[1:]:
        if value is None or value.kinds != {"object"} or value.absent or value.record is None:
            return None
        value = value.record.get(key)
    return None if value is None or value.absent or value.special is not None else value


def _text(value: Value) -> Text | None:
    if value.kinds == {"text"}:
        return value.text
    return printed(value.number) if value.kinds == {"number"} and value.number is not None else None
