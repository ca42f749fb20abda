"""Every bar of speed, one table after the other.

    python tests/benchmarks FOLDER [--quick]

The peers are installed into FOLDER. It takes about half an hour on two cores; `--quick` has fewer rows, definitions
and rounds, which shows the same within noise but for the starts of processes, which count for more.
"""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

import msgc

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    quick = options.quick
    print(
        f"msgc {msgc.__version__}, Python {platform.python_version()}, {os.cpu_count()} processors, "
        f"{platform.system()} {platform.machine()}"
    )
    runs = {
        "programs.py": ["--rounds", "9" if quick else "25"],
        "rows.py": ["--rows", "100000" if quick else "1000000", "--rounds", "3"],
        "check.py": ["--definitions", "1000" if quick else "10000", "--rounds", "3"],
        "peers.py": [options.folder, *(["--payloads", "1000"] if quick else [])],
    }
    for script, words in runs.items():
        print(f"\n{script} {' '.join(words)}", flush=True)
        subprocess.run([sys.executable, HERE / script, *words], check=True)


if __name__ == "__main__":
    main()
