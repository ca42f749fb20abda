"""Two validators, one contract: jsonschema-rs (the acceptor) and jsonschema (the explainer) agree on payloads.

So does the quick acceptor, which judges ready-made payloads, under overrides too.

The values are payloads of every kind, damaged at random: texts around their limits, doubled ids, missing and foreign
keys, wrong types. They must get the same verdict from both, at places that lie on one path.
"""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casefile import CASES, read_case
from limit_stages import variants
from msgc.contract import KINDS, read_contract
from msgc.resources import data_folder
from msgc.validate import Acceptor, Explainer, QuickAcceptor, check_value

CONTRACT = read_contract(data_folder("schemas") / "payload.schema.json")
ROOTS = {kind: {"$ref": CONTRACT.effective["x-requests"][kind], "$defs": CONTRACT.effective["$defs"]} for kind in KINDS}
ACCEPTORS = {kind: Acceptor(root) for kind, root in ROOTS.items()}
QUICK = {kind: QuickAcceptor(root) for kind, root in ROOTS.items()}
EXPLAINERS = {kind: Explainer(root) for kind, root in ROOTS.items()}

_RECIPIENT = {"id": "+16044441111", "channelType": "whatsapp"}
_HEADER = {"attachment": {"type": "document", "url": "https://example.com/a.pdf", "filename": "a.pdf"}}
_ROWS = [{"id": f"r{n}", "text": f"Row {n}", "description": "d"} for n in range(5)]
_MESSAGES = [
    {"text": "Hello"},
    *({"attachments": [{"type": kind, "url": f"https://example.com/a.{end}", "caption": "c"}]}
      for kind, end in (("image", "jpg"), ("video", "mp4"), ("document", "pdf"), ("audio", "mp3"))),
    {"location": {"latitude": 1.5, "longitude": -2, "name": "n", "address": "a"}},
    {"text": "b", "replyButtonMessage": {"header": _HEADER, "footer": {"text": "f"},
     "buttons": [{"id": "1", "text": "a"}, {"id": "2", "text": "b"}, {"id": "3", "text": "c"}]}},
    {"text": "b", "listMessage": {"header": {"text": "h"}, "footer": {"text": "f"}, "button": {"text": "o"},
     "sections": [{"title": "s", "rows": _ROWS[:3]}, {"title": "t", "rows": _ROWS[3:]}]}},
    {"text": "b", "singleProductMessage": {"footer": {"text": "f"}, "catalogId": "1",
     "productItem": {"productRetailerId": "x"}}},
    {"text": "b", "multiProductMessage": {"header": {"text": "h"}, "footer": {"text": "f"}, "catalogId": "1",
     "sections": [{"title": "s", "productItems": [{"productRetailerId": "x"}, {"productRetailerId": "y"}]}]}},
]  # fmt: skip
PAYLOADS = [
    *(("session", {"sender": {"id": "+14151111234", "channelType": "whatsapp"}, "recipient": _RECIPIENT,
                   "message": message, "callbackData": {"order": "A-1"}}) for message in _MESSAGES),
    ("templated", {"sender": "+14151111234", "number": "+16044441111", "templateName": "t", "language": "en",
                   "parameters": [{"name": "body_1", "value": "v"},
                                  {"name": "header_document", "value": "https://example.com/a.pdf",
                                   "filename": "a.pdf"}]}),
]  # fmt: skip

_TEXTS = st.one_of(
    st.text(max_size=6),
    st.tuples(
        st.sampled_from("aé👍ש *\n"), st.sampled_from([0, 1, 19, 20, 21, 24, 25, 60, 61, 72, 73, 200, 256, 1025])
    ).map(lambda pair: pair[0] * pair[1]),
    st.sampled_from(
        ["whatsapp", "sms", "image", "audio", "https://example.com/x.webp", "ftp://x", "US.1", "+1604", "{{1}}"]
    ),
)
_VALUES = st.one_of(
    _TEXTS, st.none(), st.booleans(), st.integers(-200, 200), st.floats(-200, 200), st.just([]), st.just({}),
    st.lists(_TEXTS, max_size=2), st.dictionaries(st.sampled_from(["id", "text", "title", "rows"]), _TEXTS, max_size=2),
)  # fmt: skip


def _places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


@st.composite
def damaged(draw):
    kind, payload = draw(st.sampled_from(PAYLOADS))
    payload = deepcopy(payload)
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(list(_places(payload))))
        if not path:
            continue
        parent = payload
        for step in path[:-1]:
            parent = parent[step]
        how = draw(st.sampled_from(["replace", "replace", "remove", "double", "foreign"]))
        if how == "replace":
            parent[path[-1]] = draw(_VALUES)
        elif how == "remove":
            del parent[path[-1]]
        elif isinstance(parent, list):
            parent.append(deepcopy(parent[path[-1]]))
        else:
            parent[draw(st.sampled_from(["text", "title", "x", "attachments", "isEcho"]))] = draw(_VALUES)
    return kind, payload


def agree(kind, payload):
    if check_value(payload):
        return
    violations = EXPLAINERS[kind].violations(payload)
    assert QUICK[kind].accepts(payload) == (not violations), (payload, violations)
    assert not QUICK[kind].is_quick(payload) or not violations, (payload, violations)
    assert ACCEPTORS[kind].accepts(payload) == (not violations), (payload, violations)
    fast = {path for path, _ in ACCEPTORS[kind].places(payload)}
    slow = {violation.path for violation in violations}
    assert all(any(_on_one_path(a, b) for b in slow) for a in fast), (fast, slow)
    assert all(any(_on_one_path(a, b) for b in fast) for a in slow), (fast, slow)


def _on_one_path(a, b):
    return a[: len(b)] == b or b[: len(a)] == a


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_damaged_payloads(payload):
    agree(*payload)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None)
@given(damaged())
def test_damaged_payloads_for_long(payload):
    agree(*payload)


@pytest.mark.parametrize("path", sorted((CASES / "limits").rglob("*.txt")), ids=lambda path: path.stem)
def test_every_case_of_a_limit(path):
    for kind, payload in variants(read_case(path)).values():
        agree(kind, payload)


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_good_payloads_do_not_need_the_exact_schema(number):
    kind, payload = PAYLOADS[number]
    assert QUICK[kind].is_quick(payload) == ACCEPTORS[kind].accepts(payload)


OVERRIDES = {
    "callback-data-size": 40, "callback-data-relay": False, "button-title-length": 2, "length-ambiguous": False,
    "list-row-total": False, "button-id-unique": False, "caption-length": 1, "footer-length": 70,
}  # fmt: skip
CHANGED = CONTRACT.with_overrides({rule: value for rule, value in OVERRIDES.items() if rule in CONTRACT.limits})
CHANGED_ROOTS = {
    kind: {"$ref": CHANGED.effective["x-requests"][kind], "$defs": CHANGED.effective["$defs"]} for kind in KINDS
}
CHANGED_JUDGES = {kind: (Acceptor(root), QuickAcceptor(root)) for kind, root in CHANGED_ROOTS.items()}


@settings(max_examples=200, deadline=None)
@given(damaged())
def test_damaged_payloads_under_overrides(damage):
    kind, payload = damage
    if not check_value(payload):
        exact, quick = CHANGED_JUDGES[kind]
        assert quick.accepts(payload) == exact.accepts(payload)
        assert not quick.is_quick(payload) or exact.accepts(payload)
