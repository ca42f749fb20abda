"""The stages of the contract: payloads against the API's limits, and values against our own keywords.

A case of a limit names a payload that is accepted, and variants of it:

    -- payload --
    recipient: {id: "+16044441111", channelType: whatsapp}
    message: {text: Hello}
    -- variants --
    4,096 characters:
      /message/text: {repeat: x, times: 4096}
    no text:
      remove: /message/text

A variant sets what its pointers name and removes what `remove` lists; one without either is the payload itself.
`in: list` begins with the section `-- payload list --` instead. `{repeat: …, times: n}` is a text repeated, or else a
list of copies in whose texts every `#` is the copy's number; `then` is put behind it.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from casefile import Case
from msgc.contract import Contract, Place, RequestKind, read_contract
from msgc.document import pointer
from msgc.echoes import without_echoes
from msgc.keywords import KEYWORDS
from msgc.load import load_yaml
from msgc.validate import CLOSED, Acceptor, Explainer, Violation
from msgc.wording import describe

ACCEPTED = "accepted\n"
SCHEMA = Path(__file__).parent.parent / "schemas" / "payload.schema.json"


@cache
def contract() -> Contract:
    return read_contract(SCHEMA)


def limits(case: Case, folder: Path) -> str:
    """What the contract says of each variant: `accepted`, or its findings in full."""
    return "".join(
        f"== {phrase} ==\n{judge(kind, payload, contract())}" for phrase, (kind, payload) in variants(case).items()
    )


def judge(kind: RequestKind, payload: Any, contract: Contract) -> str:
    violations = without_echoes(contract.judge(kind, payload, recipient=True))
    return "".join(_describe(violation, contract, kind) for violation in violations) or ACCEPTED


def variants(case: Case) -> dict[str, tuple[RequestKind, Any]]:
    """Each variant's phrase with the kind of its request and the payload."""
    result: dict[str, tuple[RequestKind, Any]] = {}
    for phrase, changes in _yaml(case, "variants").items():
        changes = dict(changes or {})
        name = changes.pop("in", None)
        payload = _expand(_yaml(case, f"payload {name}" if name else "payload"))
        # a variant without the template's name is still a templated message
        kind: RequestKind = "templated" if "templateName" in payload else "session"
        removed = changes.pop("remove", [])
        for place in [removed] if isinstance(removed, str) else removed:
            parent, key = _parent(payload, place)
            del parent[key]
        for place, value in changes.items():
            parent, key = _parent(payload, place)
            parent[key] = _expand(value)
        result[phrase] = (kind, payload)
    return result


def answers(text: str) -> dict[str, str]:
    """What a case expects, by the variant's phrase."""
    pieces = re.split(r"^== (.*) ==\n", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def keywords(case: Case, folder: Path) -> str:
    """What a keyword of our own finds in each of the `values`, after both validators agreed about it.

    The case's file name is the keyword's; `constraint` is its value in the schema.
    """
    name = case.path.stem
    constraint = _yaml(case, "constraint")
    schema = {name: constraint}
    answer = ""
    for phrase, value in _yaml(case, "values").items():
        value = _expand(value)
        problems = KEYWORDS[name].check(constraint, value)
        violations = Explainer(schema).violations(value)
        assert Acceptor(schema).accepts(value) == (not problems) == (not violations), phrase
        assert [violation.path for violation in violations] == [problem.path for problem in problems], phrase
        answer += f"== {phrase} ==\n"
        for problem in problems:
            others = "".join(f"; also {_shown(path)}" for path in problem.places)
            answer += f"{_shown(problem.path)}: {json.dumps(problem.found, ensure_ascii=False)}{others}\n"
        answer += "" if problems else ACCEPTED
    return answer


def _describe(violation: Violation, contract: Contract, kind: RequestKind) -> str:
    words = describe(violation, _parent_place(violation, contract, kind))
    lines = [f"{words['severity']}[{words['rule']}] {_shown(violation.path)}", f"  {words['message']}"]
    fields = ("found", "allowed", "source", "help")
    lines += [f"  {name}: {words[name]}" for name in fields if words.get(name) is not None]
    lines += [f"  also: {_shown(other)}" for other in violation.extra.get("places", ()) if other != violation.path]
    return "\n".join(lines) + "\n"


def _shown(path: Any) -> str:
    return pointer(path) or "(the whole)"


def _parent_place(violation: Violation, contract: Contract, kind: RequestKind) -> Place | None:
    place: Place | None = contract.request(kind)
    if violation.keyword not in CLOSED:
        return None
    for step in violation.path[:-1]:
        place = None if place is None else place.item if isinstance(step, int) else place.field(step)
    return place


def _yaml(case: Case, section: str) -> Any:
    document, warnings = load_yaml(case.files[section].encode(), section)
    assert not warnings, f"{case.path}: {warnings}"
    return document.data


def _parent(payload: Any, place: str) -> tuple[Any, Any]:
    assert place.startswith("/"), place
    *steps, last = place[1:].split("/")
    for step in steps:
        payload = payload[int(step) if isinstance(payload, list) else step]
    return payload, int(last) if isinstance(payload, list) else last


def _expand(value: Any) -> Any:
    """A fresh copy of a value with every `repeat` written out."""
    if isinstance(value, list):
        return [_expand(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "repeat" not in value:
        return {key: _expand(item) for key, item in value.items()}
    piece, times, rest = value["repeat"], value["times"], value.get("then")
    assert set(value) <= {"repeat", "times", "then"}, value
    if isinstance(piece, str):
        return piece * times + (rest or "")
    return [_numbered(_expand(piece), str(number)) for number in range(1, times + 1)] + _expand(rest or [])


def _numbered(value: Any, number: str) -> Any:
    if isinstance(value, list):
        return [_numbered(item, number) for item in value]
    if isinstance(value, dict):
        return {key: _numbered(item, number) for key, item in value.items()}
    return value.replace("#", number) if isinstance(value, str) else value
