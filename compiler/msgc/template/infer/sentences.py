"""What is said of values that an expression cannot work on: their kinds in words, and what to do."""

from __future__ import annotations

from msgc.bounds.values import Record, Value
from msgc.diagnostic import enumerate_words, nearest
from msgc.template.infer.specials import Absence, special_word
from msgc.template.problem import Place

_KIND_WORDS = {
    "text": "text",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "list": "a list",
    "object": "an object",
}
_SHOWN = 8


def kind_words(value: Value, leave_out: tuple[str, ...] = ()) -> str:
    """The kinds of a value in a sentence: `null or a list`."""
    words = [word for kind, word in _KIND_WORDS.items() if kind in value.kinds and kind not in leave_out]
    if value.special is not None:
        words.append(special_word(value.special))
    return enumerate_words(words)


def failing(operator: str) -> str:
    """That an operator may have no result."""
    return f"`{operator}` may {'divide by zero' if operator in ('/', '//', '%') else 'have no result'} here"


def no_key(record: Record, name: str, place: Place, *, certain: bool) -> Absence:
    """That an object has no such key, or may not have it."""
    if not certain:
        return Absence(
            "undefined-key",
            f"`{place.code}` may be missing" if place.code else f"`{name}` may be missing",
            False,
            f"ask first: `{{% if {place.code} is defined %}}`, or say what else: `| default('-')`"
            if place.code
            else None,
            place,
        )
    known = [key for key in record.fields if isinstance(key, str)]
    near = nearest(name, known)
    if name in ("items", "keys", "values", "get"):
        hint: str | None = "an object has keys and no methods; its keys and values are `order | items`"
    elif near is not None:
        hint = f"did you mean `{near}`?"
    elif known and len(known) <= _SHOWN:
        hint = f"its keys are {enumerate_words([f'`{key}`' for key in known], 'and')}"
    else:
        hint = None if known else "it has no keys"
    return Absence("undefined-key", f"there is no key `{name}`", True, hint, place)


def print_help(value: Value, code: str) -> str | None:
    """What to print in place of a value that cannot be printed."""
    short = code if code and len(code) < 60 and "\n" not in code else "x"
    if value.kinds == {"null"} or (value.null and value.kinds <= {"null", "text", "number"}):
        return f"give it another text: `{{{{ {short} | default('-', true) }}}}`, or leave it out with `{{% if %}}`"
    if value.truth:
        return f"choose the words: `{{{{ 'yes' if {short} else 'no' }}}}`"
    if value.sequence is not None:
        return f"join its items: `{{{{ {short} | join(', ') }}}}`, or go through them with `{{% for %}}`"
    if value.record is not None:
        key = next((key for key in value.record.fields if key.isidentifier()), "key")
        return f"print one of its keys: `{{{{ {short}.{key} }}}}`"
    return "call it, or print one of its values"
