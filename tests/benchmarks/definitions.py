"""Definitions for benchmarks: five kinds of messages, each with two examples, no two of them alike."""

from pathlib import Path

SHARED = {
    "_shared/footer.yaml": """\
description: The footer of messages that people may answer.
params:
  team: {type: string, minLength: 1, maxLength: 19}
content:
  text: "{{ team }} · Reply here any time"
""",
    "_shared/money.j2": """\
{% macro total(amount, currency) %}{{ amount | money(currency) }}{% endmacro %}
""",
}

PARCEL = """\
# yaml-language-server: $schema=../.msgc.schema.json
description: Parcel NUMBER has left the warehouse.
params:
  first_name: {type: string, minLength: 1, maxLength: 40}
  order:
    type: object
    properties: {id: {type: string, pattern: '^[A-Z0-9-]{4,13}$'}, late: boolean}
  lines:
    type: array
    minItems: 1
    maxItems: 10
    items:
      type: object
      properties: {name: {type: string, minLength: 1, maxLength: 200}, note: {type: string, default: ''}}
message:
  text: |-
    Hi {{ first_name }}, order *{{ order.id }}* (NUMBER) is on its way
    {%- if order.late %}, with our apologies for the delay{% endif %}.
  listMessage:
    button: {text: See the items}
    footer:
      $if: order.late
      text: We are sorry
    sections:
      - title: Your order
        rows:
          - $for: line in lines
            id: "line:{{ loop.index }}"
            text: "{{ line.name | shorten(24) }}"
            description:
              $if: line.note
              $value: "{{ line.note | shorten(72) }}"
callbackData: {order_id: "{{ order.id }}", campaign: C-NUMBER}
examples:
  typical: {first_name: Ana, order: {id: A-1042, late: false}, lines: [{name: Green tea}]}
  late:
    first_name: Maximiliana Konstantina
    order: {id: A-NUMBER, late: true}
    lines: [{name: Green tea, note: Two tins}, {name: A kettle with a long name that is cut}, {name: Cups}]
"""
VISIT = """\
description: Reminder NUMBER of a visit.
locale: en_US
params:
  patient: {type: string, minLength: 1, maxLength: 40}
  id: {type: string, pattern: '^[A-Z0-9-]{4,20}$'}
  day: {type: string, format: date}
  steps: {type: array, maxItems: 4, default: [], items: {type: string, minLength: 1, maxLength: 60}}
message:
  text: |-
    Hello {{ patient }}, we look forward to seeing you in room NUMBER.

    *{{ day | date('full') }}*
    {%- if steps %}

    Before you come:
    {%- for step in steps %}
    • {{ step }}
    {%- endfor %}
    {%- endif %}
  replyButtonMessage:
    header: {text: Your appointment}
    footer: {$include: _shared/footer.yaml, $with: {team: Desk NUMBER}}
    buttons:
      - {id: "confirm:{{ id }}", text: I will be there}
      - {id: "move:{{ id }}", text: Another time}
callbackData: {kind: visit-NUMBER, appointment: "{{ id }}"}
examples:
  typical: {patient: Sam, id: APT-NUMBER, day: '2027-03-18'}
  prepared: {patient: Samantha, id: APT-9NUMBER, day: '2027-09-22', steps: [Drink water, Bring your card]}
"""
RECEIPT = """\
description: The receipt of shop NUMBER.
macros: {money: _shared/money.j2}
params:
  name: {type: string, minLength: 1, maxLength: 30}
  amount: {type: number, minimum: 0, maximum: 99999}
  points: {type: integer, minimum: 0, maximum: 500, default: 0}
message:
  text: |-
    Thank you, {{ name }}. Shop NUMBER has your payment of {{ money.total(amount, 'EUR') }}
    {%- if points > 0 %} and gives you {{ points | plural('point', 'points') }}{% endif %}.
examples:
  typical: {name: Ana, amount: 12.5}
  rewarded: {name: Ana, amount: 1250, points: 12}
"""
TEMPLATED = """\
description: The approved template NUMBER.
params:
  name: {type: string, minLength: 1, maxLength: 40, pattern: '^\\S+( \\S+)*$'}
  place: {enum: [north, south, harbour]}
templateName: pickup_NUMBER
language: en
parameters:
  body_1: "{{ name }}"
  body_2: "{{ place | title }}, desk NUMBER"
callbackData: {place: "{{ place }}"}
examples:
  typical: {name: Ana, place: north}
  other: {name: Maximiliana, place: harbour}
"""
NEWS = """\
description: News NUMBER of a ticket.
params:
  ticket: {type: string, pattern: '^T-[0-9]{1,8}$'}
  status: {enum: [open, waiting, closed]}
  agent: {type: string, maxLength: 30, default: ''}
message:
  text: >-
    Ticket {{ ticket }} of queue NUMBER is {{ status }}{{ ', looked after by ' ~ agent if agent else '' }}.
    {{ 'We need an answer from you.' if status == 'waiting' else 'There is nothing that you need to do.' }}
callbackData:
  ticket: "{{ ticket }}"
  closed: "{{ 'yes' if status == 'closed' else 'no' }}"
examples:
  open: {ticket: T-NUMBER, status: open, agent: Lee}
  waiting: {ticket: T-1, status: waiting}
"""
TEXT = """\
description: A text NUMBER that prints parameters as they are.
params:
  name: {type: string, minLength: 1, maxLength: 40}
  order: {type: string, pattern: '^[A-Z0-9-]{4,13}$'}
message:
  text: "Hi {{ name }}, order *{{ order }}* (NUMBER) is on its way."
callbackData: {order_id: "{{ order }}"}
examples:
  typical: {name: Ana, order: A-NUMBER}
  other: {name: Maximiliana Konstantina, order: B-NUMBER}
"""
KINDS = (PARCEL, VISIT, RECEIPT, TEMPLATED, NEWS)


def definition(number: int, kind: str | None = None) -> str:
    """The text of a definition; its kind follows from its number where none is given."""
    return (kind or KINDS[number % len(KINDS)]).replace("NUMBER", f"{number:04}")


def write_catalog(folder: Path, count: int) -> None:
    """Writes `count` definitions into twenty folders, and what they share."""
    for name, text in SHARED.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for number in range(count):
        path = folder / f"group{number % 20}" / f"message{number}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(definition(number), encoding="utf-8")
