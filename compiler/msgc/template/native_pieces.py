"""Native code for texts whose tags only print names and keys, which need no Jinja."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from msgc.native.kinds import LONGEST_NUMBER, Keyed, Maybe, Nullable, Number, Text, Typed
from msgc.native.quote import constant, expression, text_of

_Pieces = Sequence[str | tuple[str, ...]]


def native_pieces(pieces: _Pieces, names: Mapping[str, Typed], *, value: bool) -> Typed | None:
    """The text of pieces, or with `value` the value of the only one; None where something is not known to print."""
    if value:
        (path,) = pieces
        found = _found(path, names)
        return None if found is None or isinstance(found.kind, Maybe) else found
    parts: list[str | ast.expr] = []
    most = 0
    even = True
    only: Typed | None = None
    for piece in pieces:
        if isinstance(piece, str):
            parts.append(piece)
            most += len(piece)
            even = even and "\n" not in piece
            continue
        only = _found(piece, names)
        only = None if only is None else _printable(only)
        if only is None:
            return None
        parts.append(only.code)
        most += only.kind.most if isinstance(only.kind, Text) else LONGEST_NUMBER
    if only is not None and len(parts) == 1 and isinstance(only.kind, Text):
        return only
    return Typed(text_of(parts), Text(most, even))


def _printable(typed: Typed) -> Typed | None:
    kind, code = typed.kind, typed.code
    if isinstance(kind, Maybe):
        kind, code = kind.kind, expression("X if X is not MISSING else refuse()", X=code)
    if isinstance(kind, Nullable):
        kind, code = kind.kind, expression("X if X is not None else refuse()", X=code)
    return Typed(code, kind) if isinstance(kind, Text | Number) else None


def key_of(holder: ast.expr, kind: Keyed, key: str) -> Typed:
    """The value of a known key of an object."""
    found = kind.fields[key]
    if key in kind.variables:
        return Typed(kind.variables[key], found)
    source = "X.get(K, MISSING)" if isinstance(found, Maybe) else "X[K]"
    return Typed(expression(source, X=holder, K=constant(key)), found)


def _found(path: str | tuple[str, ...], names: Mapping[str, Typed]) -> Typed | None:
    """The value at a dotted path through objects whose keys are known."""
    typed = names.get(path[0])
    for key in path[1:]:
        if typed is None or not isinstance(typed.kind, Keyed) or key not in typed.kind.fields:
            return None
        typed = key_of(typed.code, typed.kind, key)
    return typed
