"""How fast a definition's program makes one payload, values to bytes with the parameters checked. One process.

    python tests/benchmarks/programs.py [--rounds 25]

list    a list of ten rows, six templated leaves with filters, a condition and a default
loop    the same kind of list made by one `$for` of ten rows, twenty leaves
text    a text with three names in it

Each is a multiple of `orjson.dumps` of the ready payload. The list is also held against what one would write by hand
with care: Jinja templates and a `jsonschema` validator that are made once, and `json`. All are timed in turns, and the
medians are compared. `profile` tells where a program's time goes, by leaving out one thing after the other.
"""

import argparse
import json
import statistics
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import jsonschema
import orjson

from msgc.contract import read_contract
from msgc.library import Catalog, open_catalog
from msgc.resources import data_folder

LIST = """\
description: An order is on its way.
params:
  first_name: {type: string, minLength: 1, maxLength: 40}
  order: {type: object, properties: {id: {type: string, pattern: '^[A-Z0-9-]{4,13}$'}, late: boolean}}
  city: {type: string, minLength: 1, maxLength: 30}
  note: {type: string, maxLength: 50, default: ''}
message:
  text: "Hi {{ first_name | title }}, order *{{ order.id | upper }}* is on its way\
{% if order.late %}, with our apologies{% endif %}."
  listMessage:
    button: {text: See the items}
    footer: {text: "For {{ city | upper | shorten(40) }}"}
    sections:
      - title: Your order
        rows:
          - id: "row:{{ order.id }}"
            text: "{{ first_name | shorten(24) }}"
            description: "{{ note | default('nothing', true) }}"
          - {id: row 1, text: Slot number 1, description: A constant description of the slot}
          - {id: row 2, text: Slot number 2, description: A constant description of the slot}
          - {id: row 3, text: Slot number 3, description: A constant description of the slot}
          - {id: row 4, text: Slot number 4, description: A constant description of the slot}
          - {id: row 5, text: Slot number 5, description: A constant description of the slot}
          - {id: row 6, text: Slot number 6, description: A constant description of the slot}
          - {id: row 7, text: Slot number 7, description: A constant description of the slot}
          - {id: row 8, text: Slot number 8, description: A constant description of the slot}
          - {id: row 9, text: Slot number 9, description: A constant description of the slot}
callbackData: {order_id: "{{ order.id }}"}
"""
LOOP = """\
description: Slots to choose from.
params:
  slots:
    type: array
    minItems: 1
    maxItems: 10
    items:
      type: object
      properties:
        id: {type: string, minLength: 1, maxLength: 20}
        title: {type: string, minLength: 1, maxLength: 24}
message:
  text: Choose
  listMessage:
    button: {text: See the slots}
    sections:
      - title: Slots
        rows:
          - $for: slot in slots
            id: "slot:{{ loop.index }}:{{ slot.id }}"
            text: "{{ slot.title }}"
"""
TEXT = """\
description: An order comes.
params:
  first_name: {type: string, minLength: 1, maxLength: 40}
  order: {type: string, minLength: 1, maxLength: 20}
  day: {type: string, minLength: 1, maxLength: 20}
message:
  text: "Hi {{ first_name }}, order *{{ order }}* comes on {{ day }}."
"""
DEFINITIONS = {"list": LIST, "loop": LOOP, "text": TEXT}
VALUES: dict[str, dict[str, Any]] = {
    "list": {"first_name": "ana maria", "order": {"id": "A1234", "late": True}, "city": "Paris"},
    "loop": {"slots": [{"id": f"id{number}", "title": f"Slot at {number}"} for number in range(10)]},
    "text": {"first_name": "Ana", "order": "A1234", "day": "Monday"},
}
BARS = {"list": 7, "loop": 15, "text": 14}
BY_HAND_BAR = 120


def by_hand(catalog: Catalog) -> Callable[[dict[str, Any]], bytes]:
    """The list as one would make it with care, without msgc: each library's objects are made once."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 - no HTML
    environment.filters["shorten"] = lambda text, most: text if len(text) <= most else text[: most - 1] + "…"
    parameters = jsonschema.Draft202012Validator(catalog.parameters("list"))
    contract = read_contract(data_folder("schemas") / "payload.schema.json").schema
    schema = {"$ref": contract["x-requests"]["session"], "$defs": contract["$defs"]}
    validator = jsonschema.Draft202012Validator(schema)
    payload = catalog.compile("list", VALUES["list"], to="+16044441111").payload
    assert payload is not None
    payload["message"]["text"] = environment.from_string(
        "Hi {{ first_name | title }}, order *{{ order.id | upper }}* is on its way"
        "{% if order.late %}, with our apologies{% endif %}."
    )
    rows = payload["message"]["listMessage"]["sections"][0]["rows"]
    payload["message"]["listMessage"]["footer"]["text"] = environment.from_string(
        "For {{ city | upper | shorten(40) }}"
    )
    rows[0]["id"] = environment.from_string("row:{{ order.id }}")
    rows[0]["text"] = environment.from_string("{{ first_name | shorten(24) }}")
    rows[0]["description"] = environment.from_string("{{ note | default('nothing', true) }}")
    payload["callbackData"]["order_id"] = environment.from_string("{{ order.id }}")

    def rendered(value: Any, values: dict[str, Any]) -> Any:
        if isinstance(value, jinja2.Template):
            return value.render(values)
        if isinstance(value, dict):
            return {key: rendered(each, values) for key, each in value.items()}
        return [rendered(each, values) for each in value] if isinstance(value, list) else value

    def run(values: dict[str, Any]) -> bytes:
        complete = {"note": "", **values}
        parameters.validate(complete)
        made = rendered(payload, complete)
        validator.validate(made)
        return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in DEFINITIONS.items():
            (Path(folder) / f"{name}.yaml").write_text(text, encoding="utf-8")
        catalog = open_catalog(folder)
        work: dict[str, tuple[Callable[[], Any], int]] = {}
        to = "+16044441111"
        for name, values in VALUES.items():
            definition = catalog._read[name].definition if catalog.parameters(name) else None
            assert definition is not None
            run = catalog._project.program(definition).run
            compiled = catalog.compile(name, values, to=to)
            assert run(values, to) == compiled.json
            payload = compiled.payload
            work[name] = (lambda run=run, values=values: run(values, to), 2000)
            work[f"{name} dumps"] = (lambda payload=payload: orjson.dumps(payload), 10_000)
        hand = by_hand(catalog)
        assert hand(VALUES["list"]) == catalog.compile("list", VALUES["list"], to=to).json
        work["by hand"] = (lambda: hand(VALUES["list"]), 20)
        times: dict[str, list[float]] = {}
        for _ in range(options.rounds):
            for name, (call, count) in work.items():
                times.setdefault(name, []).append(timeit.timeit(call, number=count) / count * 1e6)
    medians = {name: statistics.median(found) for name, found in times.items()}
    for name, bar in BARS.items():
        ratio = medians[name] / medians[f"{name} dumps"]
        print(
            f"{name}: {medians[name]:6.2f} µs, orjson.dumps {medians[f'{name} dumps']:5.2f} µs: "
            f"{ratio:5.1f} times (bar: at most {bar}){'' if ratio <= bar else '  missed'}"
        )
    ratio = medians["by hand"] / medians["list"]
    print(
        f"list by hand: {medians['by hand']:6.0f} µs: {ratio:.0f} times as long "
        f"(bar: at least {BY_HAND_BAR}){'' if ratio >= BY_HAND_BAR else '  missed'}"
    )


if __name__ == "__main__":
    main()
