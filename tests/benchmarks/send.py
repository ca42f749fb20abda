"""How fast, how evenly and in how much memory `msgc send` sends. Whole processes against a server of their own.

    python tests/benchmarks/send.py [throughput] [pace] [memory] [--rows 1000000] [--seconds 60] [--rounds 5]

throughput   requests a second without a rate limit, 20 in flight, journal included, as a share of a bare aiohttp loop's
pace         at 200 a second and 150 ms latency: the rate that the server sees, its busiest second, the client's core
memory       the largest resident set of a run of 1,000,000 rows, and of 10,000
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
IN_FLIGHT = 20
HELLO = "description: Hello.\nparams: {name: string}\nmessage: {text: 'Hi {{ name }}, your order is on its way.'}\n"
BARE = """
import asyncio, sys
import aiohttp
async def main(url, count, width):
    body = b'{"recipient":{"id":"+16044441111","channelType":"whatsapp"},"message":{"text":"Hi Ana, on its way."}}'
    headers = {"X-API-Key": "k", "Content-Type": "application/json"}
    left = count
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:
        async def work():
            nonlocal left
            while left > 0:
                left -= 1
                async with session.post(url, data=body) as response:
                    await response.read()
        await asyncio.gather(*(work() for _ in range(width)))
asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", choices=[*MEASURES, []])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{'':58} {'measured':>9} {'bar':>9}")
    for name in options.which or MEASURES:
        MEASURES[name](options)


def tell(what: str, value: float, bar: float, *, at_most: bool) -> None:
    is_met = value <= bar if at_most else value >= bar
    print(f"{what:58} {value:9.3f} {'≤' if at_most else '≥'} {bar:7.3f}{'' if is_met else '  missed'}", flush=True)


def throughput(options: argparse.Namespace) -> None:
    count = 10_000
    shares = []
    with folder(count) as place, bare_server(0.0) as url:
        for _ in range(options.rounds):
            subprocess.run([sys.executable, "-c", BARE, f"{url}/", str(count), str(IN_FLIGHT)], check=True)
            bare = rate_of(ask(url))
            send(place, url, "none").wait()
            shares.append(rate_of(ask(url)) / bare)
    tell("requests a second / those of a bare aiohttp loop", statistics.median(shares), 0.5, at_most=False)


def pace(options: argparse.Namespace) -> None:
    rate = 200
    with folder(rate * options.seconds) as place, bare_server(0.15) as url:
        compiling = processor_seconds(send(place, url, str(rate), "--dry-run", in_flight=100))
        used = processor_seconds(send(place, url, str(rate), in_flight=100)) - compiling
        seen = ask(url)
    tell("rate that the server saw / 200 a second", rate_of(seen) / rate, 1.02, at_most=True)
    tell("the same, at least", rate_of(seen) / rate, 0.98, at_most=False)
    tell("busiest second / 200", seen["busiest"] / rate, 1.05, at_most=True)
    tell("the client's share of a core", used / (seen["last"] - seen["first"]), 0.4, at_most=True)


def memory(options: argparse.Namespace) -> None:
    peaks = {}
    for count in (10_000, options.rows):
        with folder(count) as place, sandbox() as url:
            process = send(place, url, "none", output=subprocess.PIPE)
            _, status, usage = os.wait4(process.pid, 0)
            assert process.stdout is not None
            assert status == 0, process.stdout.read().decode()
            peaks[count] = usage.ru_maxrss / 1024
    tell(f"MB resident at {options.rows:,} rows", peaks[options.rows], 250, at_most=True)
    tell("the same / that at 10,000 rows", peaks[options.rows] / peaks[10_000], 1.3, at_most=True)


MEASURES = {"throughput": throughput, "pace": pace, "memory": memory}


@contextlib.contextmanager
def folder(rows: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / ".git").mkdir()
        (place / "templates").mkdir()
        (place / "templates" / "hello.yaml").write_text(HELLO)
        with (place / "rows.csv").open("w") as stream:
            stream.write("recipient,name\n")
            stream.writelines(f"+1604{number:07},Ana {number}\n" for number in range(rows))
        yield place


@contextlib.contextmanager
def bare_server(latency: float) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, HERE / "bare_server.py", str(latency)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def sandbox() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "msgc", "sandbox", "--port", "0", "--rate", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        yield next(word.rstrip(",") for word in process.stderr.readline().split() if word.startswith("http://"))
    finally:
        process.terminate()
        process.wait()


def processor_seconds(process: subprocess.Popen[bytes]) -> float:
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, status
    return usage.ru_utime + usage.ru_stime


def send(
    place: Path, url: str, rate: str, *options: str, in_flight: int = IN_FLIGHT, output: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "CONNECTLY_API_KEY": "sandbox-key", "MSGC_BUSINESS_ID": "demo"}
    command = [sys.executable, "-m", "msgc", "send", "hello", "--data", "rows.csv", "--yes", "--again", "-q"]
    command += ["--base-url", url, "--rate", rate, "--in-flight", str(in_flight), *options]
    return subprocess.Popen(command, cwd=place, env=environment, stdout=output)


def ask(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/") as answer:
        seen: dict[str, Any] = json.load(answer)
    return seen


def rate_of(seen: dict[str, Any]) -> float:
    return (seen["count"] - 1) / (seen["last"] - seen["first"])


if __name__ == "__main__":
    main()
