"""What `msgc check` costs, as ratios measured in one run.

    python tests/benchmarks/check.py [--definitions 10000] [--rounds 5] [--starts 20] [--jobs 2]

Checked are definitions of five kinds with two examples each: for the first time, against reading and composing the same
files with PyYAML's C parser on one core; and again, unchanged, against a bare script that reads and hashes the files.
Starts are held against that of the bare interpreter. Whole processes, interleaved, medians; the machine's noise cancels
out of a ratio better than out of seconds.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from definitions import PARCEL, TEXT, definition, write_catalog

COMPOSE = """
import sys, yaml
from pathlib import Path
for path in sorted(Path(sys.argv[1]).rglob("*.yaml")):
    yaml.compose(path.read_bytes(), Loader=yaml.CSafeLoader)
"""
HASH = """
import hashlib, sys
from pathlib import Path
for path in sorted(Path(sys.argv[1]).rglob("*.yaml")):
    hashlib.blake2b(path.read_bytes()).digest()
"""
BARS = (
    ("cold", "compose", 12.0, "check of N definitions, nothing remembered / composing them"),
    ("warm", "hash", 2.0, "the same, unchanged / reading and hashing them"),
    ("help", "start", 6.0, "msgc --help / start of the interpreter"),
    ("text cold", "start", 14.0, "check of one text, nothing remembered / start of the interpreter"),
    ("text warm", "start", 6.0, "the same, unchanged / start of the interpreter"),
    ("list cold", "start", 14.0, "check of one list with filters, which need Jinja / start"),
    ("list warm", "start", 6.0, "the same, unchanged / start of the interpreter"),
)
MANY = ("cold", "compose", "warm", "hash")


def seconds(command: list[str], memory: Path) -> float:
    # Byte code is cached, as it is for whoever has installed msgc.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    begin = time.perf_counter()
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**environment, "MSGC_CACHE_DIR": str(memory)},
    )
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--definitions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        many, text, listed = folder / "many", folder / "text" / "message.yaml", folder / "list" / "message.yaml"
        write_catalog(many, options.definitions)
        for path, kind in ((text, TEXT), (listed, PARCEL)):
            path.parent.mkdir()
            path.write_text(definition(0, kind), encoding="utf-8")
        python = [sys.executable, "-P"]
        check = [*python, "-m", "msgc", "check"]
        commands = {
            "cold": [*check, "--jobs", str(options.jobs), str(many)],
            "compose": [*python, "-c", COMPOSE, str(many)],
            "warm": [*check, str(many)],
            "hash": [*python, "-c", HASH, str(many)],
            "help": [*python, "-m", "msgc", "--help"],
            "text cold": [*check, str(text)],
            "text warm": [*check, str(text)],
            "list cold": [*check, str(listed)],
            "list warm": [*check, str(listed)],
            "start": [*python, "-c", "pass"],
        }
        times: dict[str, list[float]] = {each: [] for each in commands}

        def measure(each: str, *, kept: bool) -> None:
            memory = folder / f"memory of {each.split()[0]}"
            if "cold" in each:
                shutil.rmtree(memory := folder / "no memory", ignore_errors=True)
            took = seconds(commands[each], memory)
            if kept:
                times[each].append(took)

        # The first turn warms the caches of files and byte code, and lets msgc remember.
        for turn in range(options.rounds + 1):
            for each in MANY:
                measure(each, kept=turn > 0)
        for turn in range(options.starts + 1):
            for each in [each for each in commands if each not in MANY]:
                measure(each, kept=turn > 0)
    medians = {each: statistics.median(values) for each, values in times.items()}
    print(f"{'':66} {'ratio':>6} {'bar':>5}")
    for above, below, bar, what in BARS:
        ratio = medians[above] / medians[below]
        print(f"{what:66} {ratio:6.2f} {bar:5.0f}{'' if ratio <= bar else '  missed'}")
    for each, value in medians.items():
        print(f"  {each}: {value * 1000:.1f} ms")


if __name__ == "__main__":
    main()
