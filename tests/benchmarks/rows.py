"""How fast `msgc build --data` compiles many rows, on one core and on two, and in how much memory. Whole processes.

    python tests/benchmarks/rows.py [one] [two] [memory] [--rows 100000] [--rounds 5]

one      seconds with `--jobs 1`, as a multiple of a bare script's: `csv.DictReader`, `orjson.dumps` of a ready dict
two      seconds with `--jobs 2` into a file, how many times less than with one
memory   the largest resident set of any process, at these rows and at 10,000

Every number is a ratio of one run: what is compared is run in turns, and the medians are compared. The bars are for
1,000,000 rows; fewer are a quick look, in which the start of the processes counts for more.
"""

import argparse
import filecmp
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIST = """\
description: The parcel has left the warehouse.
params:
  first_name: {type: string, minLength: 1, maxLength: 20}
  order: {type: string, pattern: '^[A-Z0-9-]{4,13}$', maxLength: 13}
  shop: {type: string, minLength: 1, maxLength: 24}
  parcels: {type: integer, minimum: 1, maximum: 99}
message:
  text: "Hi {{ first_name }}, order *{{ order }}* is on its way from {{ shop }}."
  listMessage:
    button: {text: See the choices}
    sections:
      - title: Delivery
        rows:
          - {id: "track:{{ order }}", text: Track it, description: "{{ parcels }} in all"}
          - {id: "later:{{ order }}", text: Deliver it later, description: Choose another day}
          - {id: "shop:{{ order }}", text: Pick it up, description: "{{ shop }}"}
      - title: Help
        rows:
          - {id: "call:{{ order }}", text: Call me}
          - {id: "stop:{{ order }}", text: Stop these messages}
examples:
  typical: {first_name: Ana, order: A-1042, shop: Harbour Street, parcels: 2}
"""
BARE = """
import csv, sys
import orjson
with open(sys.argv[1], newline="", encoding="utf-8") as stream, open(sys.argv[2], "wb") as out:
    ready = orjson.loads(sys.argv[3])
    for row in csv.DictReader(stream):
        out.write(orjson.dumps(ready) + b"\\n")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", choices=["one", "two", "memory", []])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    which = options.which or ["one", "two", "memory"]
    print(f"{options.rows:,} rows, {options.rounds} rounds")
    print(f"{'':58} {'measured':>9} {'bar':>9}")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / ".git").mkdir()
        (place / "templates").mkdir()
        (place / "templates" / "shipped.yaml").write_text(LIST)
        rows = write_rows(place, options.rows)
        build = [sys.executable, "-m", "msgc", "build", "shipped", "-q", "--data"]
        ready = first_payload(place, [*build, write_rows(place, 1)])
        ways = {
            "bare": [sys.executable, "-c", BARE, rows, "bare.jsonl", ready],
            "one": [*build, rows, "-o", "one.jsonl", "--jobs", "1"],
            "two": [*build, rows, "-o", "two.jsonl", "--jobs", "2"],
        }
        if "two" not in which:
            del ways["two"]
        if "one" in which or "two" in which:
            seconds: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(options.rounds):
                for way, command in ways.items():
                    seconds[way].append(measured(place, command)[0])
            medians = {way: statistics.median(found) for way, found in seconds.items()}
            for way, median in medians.items():
                print(f"  {way:5} {median:7.2f} s, {median / options.rows * 1e6:6.2f} µs a row")
            assert "two" not in which or filecmp.cmp(place / "one.jsonl", place / "two.jsonl", shallow=False)
            if "one" in which:
                tell("--jobs 1 / csv.DictReader and orjson.dumps", medians["one"] / medians["bare"], 3, at_most=True)
            if "two" in which:
                tell("--jobs 1 / --jobs 2", medians["one"] / medians["two"], 1.6, at_most=False)
        if "memory" in which:
            for jobs in ("1", "2"):
                command = [*build, rows, "-o", "one.jsonl", "--jobs", jobs]
                many = measured(place, command)[1]
                command[command.index(rows)] = write_rows(place, 10_000)
                few = measured(place, command)[1]
                tell(f"MB resident at {options.rows:,} rows, --jobs {jobs}", many, 200, at_most=True)
                tell("the same / that at 10,000 rows", many / few, 1.2, at_most=True)


def tell(what: str, value: float, bar: float, *, at_most: bool) -> None:
    is_met = value <= bar if at_most else value >= bar
    print(f"{what:58} {value:9.3f} {'≤' if at_most else '≥'} {bar:7.3f}{'' if is_met else '  missed'}", flush=True)


def write_rows(place: Path, count: int) -> str:
    names, shops = ("Ana", "Björn", "Chloé", "María José", "Li"), ("Harbour Street", "Old Town", "Zürich")
    with (place / f"rows-{count}.csv").open("w", encoding="utf-8", newline="") as stream:
        stream.write("recipient,first_name,order,shop,parcels\n")
        stream.writelines(
            f"+1604{number:07},{names[number % 5]},A-{number + 1000},{shops[number % 3]},{number % 7 + 1}\n"
            for number in range(count)
        )
    return f"rows-{count}.csv"


def first_payload(place: Path, command: list[str]) -> str:
    return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.partition("\n")[0]


def measured(place: Path, command: list[str]) -> tuple[float, float]:
    """The seconds that a command takes, and the megabytes of its largest process."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, status
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
