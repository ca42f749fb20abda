"""The crash test at length: 5,000 messages, the sender killed a hundred times, two of a hundred answers lost.

python tests/benchmarks/crash.py [--rows 5000] [--kills 100] [--seed 0]
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from crash import send_under_fire


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        outcome = send_under_fire(Path(folder), options.rows, options.kills, seed=options.seed)
    print(f"{outcome.rows:,} rows, {outcome.kills} kills, {time.perf_counter() - began:.0f} s")
    print(f"  states: {dict(outcome.states)}; accepted by the sandbox: {outcome.accepted:,}")
    print(f"  accepted twice: {len(outcome.accepted_twice)}; contradictions: {len(outcome.contradictions)}")
    print(f"  unknown and never accepted: {outcome.unknown_never_accepted} (allowed {10 * outcome.kills})")
    print(f"  unknown in all: {outcome.states['unknown']} (allowed {outcome.lost + 10 * outcome.kills})")
    outcome.check()


if __name__ == "__main__":
    main()
