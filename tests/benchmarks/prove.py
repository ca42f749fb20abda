"""What the proof adds to checking a catalog, as ratios measured in one run.

    python tests/benchmarks/prove.py [--definitions 1000] [--rounds 5]

Checked are definitions of parcels as the benchmark of `check` has them, all proven; the starter catalog; and the
corpus, of which every third definition has a limit that can break, so that values are searched for that break it. The
bar is that the proof of the first costs at most as much again as checking them without it. One process, interleaved,
medians.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from definitions import PARCEL, definition

import msgc.check
from msgc.library import open_catalog
from msgc.prove import Proof, prove

BAR = 1.0
ROOT = Path(__file__).parents[2]


def seconds(folder: Path, proves: bool) -> float:
    msgc.check.prove = prove if proves else lambda *_, **__: Proof(())
    begin = time.perf_counter()
    open_catalog(folder).check()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--definitions", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder)
        for number in range(options.definitions):
            path = many / f"group{number % 20}" / f"message{number}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(definition(number, PARCEL), encoding="utf-8")
        folders = {"many": many, "starter catalog": ROOT / "templates", "corpus": ROOT / "tests" / "corpus"}
        times: dict[tuple[str, bool], list[float]] = {}
        for turn in range(options.rounds + 1):
            for name, each in folders.items():
                for proves in (False, True):
                    took = seconds(each, proves)
                    if turn:  # the first round warms the caches
                        times.setdefault((name, proves), []).append(took)
    for name in folders:
        without, with_proof = (statistics.median(times[name, proves]) for proves in (False, True))
        ratio = with_proof / without - 1
        bar = f"   bar {BAR}{'' if ratio <= BAR else '  missed'}" if name == "many" else ""
        print(f"{name:16} {without * 1e3:8.0f} ms without, {with_proof * 1e3:8.0f} ms with: {ratio:5.2f} more{bar}")


if __name__ == "__main__":
    main()
