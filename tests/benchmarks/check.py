"""How much `msgc check` costs, as ratios measured in one run.

    python tests/benchmarks/check.py [--definitions 1000] [--rounds 5]

Two bars: checking N definitions against reading and composing the same files with PyYAML's C parser, and checking one
clean file against starting the bare interpreter. Whole processes, interleaved, medians; the machine's noise cancels
out of a ratio better than out of seconds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARS = {"check of N definitions / composing them": 40.0, "check of one file / interpreter start": 14.0}
COMPOSE = """
import sys, yaml
from pathlib import Path
for path in sorted(Path(sys.argv[1]).rglob("*.yaml")):
    yaml.compose(path.read_bytes(), Loader=yaml.CLoader)
"""
DEFINITION = """\
# yaml-language-server: $schema=../.msgc.schema.json
description: Parcel {number} has left the warehouse.
params:
  first_name: {{type: string, minLength: 1, maxLength: 40}}
  order:
    type: object
    properties: {{id: {{type: string, pattern: '^[A-Z0-9-]{{4,13}}$'}}, late: boolean}}
  lines:
    type: array
    minItems: 1
    maxItems: 10
    items:
      type: object
      properties: {{name: {{type: string, minLength: 1, maxLength: 200}}, note: {{type: string, default: ''}}}}
message:
  text: |-
    Hi {{{{ first_name }}}}, order *{{{{ order.id }}}}* ({number}) is on its way
    {{%- if order.late %}}, with our apologies for the delay{{% endif %}}.
  listMessage:
    button: {{text: See the items}}
    footer:
      $if: order.late
      text: We are sorry
    sections:
      - title: Your order
        rows:
          - $for: line in lines
            id: "line:{{{{ loop.index }}}}"
            text: "{{{{ line.name | shorten(24) }}}}"
            description:
              $if: line.note
              $value: "{{{{ line.note | shorten(72) }}}}"
callbackData: {{order_id: "{{{{ order.id }}}}", campaign: {number}}}
examples:
  typical: {{first_name: Ana, order: {{id: A-1042, late: false}}, lines: [{{name: Green tea}}]}}
"""


def seconds(command: list[str]) -> float:
    begin = time.perf_counter()
    # Byte code is cached, as it is for whoever has installed msgc.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--definitions", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        many, one = Path(folder, "many"), Path(folder, "one")
        for number in range(options.definitions):
            path = many / f"group{number % 20}" / f"message{number}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(DEFINITION.format(number=number), encoding="utf-8")
        one.mkdir()
        (one / "message.yaml").write_text(DEFINITION.format(number=1), encoding="utf-8")
        check = [sys.executable, "-m", "msgc", "check"]
        commands = {
            "check": [*check, str(many)],
            "compose": [sys.executable, "-c", COMPOSE, str(many)],
            "one": [*check, str(one / "message.yaml")],
            "start": [sys.executable, "-c", "pass"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for command in commands.values():
            seconds(command)  # warm the caches of files and byte code
        for _ in range(options.rounds):
            for name, command in commands.items():
                times[name].append(seconds(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    ratios = dict(zip(BARS, (medians["check"] / medians["compose"], medians["one"] / medians["start"]), strict=True))
    print(f"{'':45} {'ratio':>7} {'bar':>7}")
    for name, ratio in ratios.items():
        print(f"{name:45} {ratio:7.1f} {BARS[name]:7.0f}{'' if ratio <= BARS[name] else '  missed'}")
    for name, value in medians.items():
        print(f"  {name}: {value * 1000:.1f} ms")


if __name__ == "__main__":
    main()
