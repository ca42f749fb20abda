"""How msgc compares with what else does a part of its work, as ratios measured in one run.

    python tests/benchmarks/peers.py FOLDER [--definitions 1000] [--payloads 1000 100000] [--rounds 3]

The peers are installed into FOLDER, which is kept for the next time: check-jsonschema and jinja2-cli by pip, ajv,
ajv-formats and ajv-cli by npm. Without npm there is no ajv in the table. Bars: msgc is ahead of each of them.

- Definitions, rendered and judged: `msgc build`, which also proves them for all values, against `jinja2` (a process
  for each template and its data, as many at a time as there are processors, by xargs) and then check-jsonschema over
  the results.
- Ready-made payloads, an equal share each of a text, a message with buttons, a list of ten rows and a template, judged
  by `msgc check --payloads`, which reads JSON Lines. Of the peers ajv reads the same file, in Node, by a script that
  compiles the schema once; ajv-cli and check-jsonschema want a file for each payload, and get up to 5,000 names at a
  time, as many processes at a time as there are processors.

All use schemas/payload.schema.json. The peers know its standard keywords only, not those of msgc (sums over nested
lists, ids that differ, lengths in UTF-16 units and in bytes), and read doubled keys and rounded numbers without a
word; they have less to do. All payloads are good. Whole processes, interleaved, medians; what takes longer than a
minute is run once.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

SCHEMA = Path(__file__).parents[2] / "schemas" / "payload.schema.json"
JOBS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
BAR = 1.0
LONG = 60.0
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
TO = {"id": "+16045550100", "channelType": "whatsapp"}
DEFINITION = """\
description: Parcel {number} has left the warehouse.
params:
  name: {{type: string, minLength: 1, maxLength: 40}}
  late: boolean
  lines:
    type: array
    minItems: 1
    maxItems: 10
    items: {{type: object, properties: {{name: {{type: string, minLength: 1, maxLength: 200}}}}}}
recipient: "+16045550100"
message:
  text: "Hi {{{{ name }}}}, order {number} is on its way{{% if late %}}, with our apologies{{% endif %}}."
  listMessage:
    button: {{text: See the items}}
    sections:
      - title: Your order
        rows:
          - $for: line in lines
            id: "line:{{{{ loop.index }}}}"
            text: "{{{{ line.name | shorten(24) }}}}"
callbackData: {{order: {number}}}
examples:
  typical: {{name: Ana, late: true, lines: [{{name: Green tea}}, {{name: A whole pound of oolong from the hills}}]}}
"""
TEMPLATE = """\
{{"recipient": {{"id": "+16045550100", "channelType": "whatsapp"}},
 "message": {{
  "text": {{{{ ("Hi " ~ name ~ ", order {number} is on its way" ~ (", with our apologies" if late else "") ~ ".") | tojson }}}},
  "listMessage": {{
   "button": {{"text": "See the items"}},
   "sections": [{{"title": "Your order", "rows": [
    {{% for line in lines %}}{{"id": "line:{{{{ loop.index }}}}", "text": {{{{ line.name | truncate(24, true, "…", 0) | tojson }}}}}}
    {{%- if not loop.last %}},{{% endif %}}{{% endfor %}}]}}]}}}},
 "callbackData": {{"order": {number}}}}}
"""  # noqa: E501 - a template as somebody would write it
DATA = {"name": "Ana", "late": True, "lines": [{"name": "Green tea"}, {"name": "A whole pound of oolong"}]}
AJV = """\
const fs = require("fs"), Ajv = require("ajv/dist/2020"), formats = require("ajv-formats");
const ajv = new Ajv({ strict: false });
formats(ajv);
const validate = ajv.compile(JSON.parse(fs.readFileSync(process.argv[2], "utf8")));
let count = 0, refused = 0;
for (const line of fs.readFileSync(process.argv[3], "utf8").split("\\n")) {
  if (line === "") continue;
  count += 1;
  if (!validate(JSON.parse(line))) { refused += 1; console.log(count, validate.errors); }
}
console.log(count, "judged,", refused, "refused");
process.exit(refused ? 1 : 0);
"""


def payload(number: int) -> dict[str, object]:
    """A good payload of one of four kinds."""
    name = f"Ana {number}"
    kind = number % 4
    if kind == 3:
        parameters = [{"name": "body_1", "value": name}, {"name": "body_2", "value": f"A-{number}"}]
        return {"number": "+16045550100", "templateName": "order_sent", "language": "en", "parameters": parameters}
    message: dict[str, object] = {"text": f"Hi {name}, order *A-{number}* is on its way."}
    if kind == 1:
        buttons = [{"id": f"{word}:{number}", "text": word.title()} for word in ("yes", "no", "later")]
        message["replyButtonMessage"] = {"buttons": buttons}
    if kind == 2:
        rows = [{"id": f"line:{row}", "text": f"Tea {row}", "description": "200 g, loose leaf"} for row in range(10)]
        message["listMessage"] = {"button": {"text": "Items"}, "sections": [{"title": "Your order", "rows": rows}]}
    return {"recipient": TO, "message": message, "callbackData": {"order": f"A-{number}"}}


def install(folder: Path) -> tuple[Path, Path | None]:
    """Where the programs of the peers in Python are, and the folder of those in Node, if it can have any."""
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    if not (programs / "check-jsonschema").exists():
        venv.create(folder / "venv", with_pip=True)
        subprocess.run(
            [programs / "python", "-m", "pip", "install", "-q", "check-jsonschema", "jinja2-cli"], check=True
        )
    npm = shutil.which("npm")
    if npm is None:
        return programs, None
    if not (folder / "node_modules" / "ajv-cli").exists():
        subprocess.run([npm, "install", "--silent", "ajv@8", "ajv-formats@3", "ajv-cli@5"], cwd=folder, check=True)
    (folder / "ajv_lines.js").write_text(AJV, encoding="utf-8")
    return programs, folder


def one(*command: str | Path, folder: Path | None = None) -> Callable[[], None]:
    """A command, run as a process. Byte code is cached, as it is for whoever has installed msgc."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(command, check=True, cwd=folder, env=environment, **QUIET)

    return run


def per_process(count: int) -> int:
    """How many files each process of a peer gets: all processors work, and few processes start."""
    return min(5000, -(-count // JOBS))


def of_definitions(folder: Path, programs: Path, count: int) -> dict[str, Callable[[], None]]:
    """What renders and judges so many definitions."""
    catalog, templates, results = (folder / name for name in ("catalog", "jinja", "rendered"))
    for each in (catalog, templates, results):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir()
    names = [f"message{number}" for number in range(count)]
    for number, name in enumerate(names):
        (catalog / f"{name}.yaml").write_text(DEFINITION.format(number=number), encoding="utf-8")
        (templates / f"{name}.j2").write_text(TEMPLATE.format(number=number), encoding="utf-8")
    (templates / "data.json").write_text(json.dumps(DATA), encoding="utf-8")
    render = ["xargs", "-P", str(JOBS), "-I{}", programs / "jinja2", "{}.j2", "data.json", "-o", results / "{}.json"]
    check = ["xargs", "-P", str(JOBS), "-n", str(per_process(count)), programs / "check-jsonschema", "--schemafile"]

    def pipeline() -> None:
        given = "\n".join(names).encode()
        subprocess.run(render, input=given, cwd=templates, check=True, **QUIET)
        files = "\n".join(f"{name}.json" for name in names).encode()
        subprocess.run([*check, SCHEMA], input=files, cwd=results, check=True, **QUIET)

    msgc = [sys.executable, "-m", "msgc", "build", "--catalog", catalog, "-o", folder / "built"]
    return {"msgc build": one(*msgc), "jinja2-cli, check-jsonschema": pipeline}


def of_payloads(folder: Path, programs: Path, node: Path | None, count: int) -> dict[str, Callable[[], None]]:
    """What judges so many payloads."""
    lines, files = folder / f"{count}.jsonl", folder / f"{count}"
    if not files.exists():
        files.mkdir()
        with lines.open("w", encoding="utf-8") as stream:
            for number in range(count):
                text = json.dumps(payload(number), separators=(",", ":"), ensure_ascii=False)
                stream.write(text + "\n")
                (files / f"{number}.json").write_text(text, encoding="utf-8")
    names = "\n".join(f"{number}.json" for number in range(count)).encode()

    checker = ["xargs", "-P", str(JOBS), "-n", str(per_process(count)), programs / "check-jsonschema", "--schemafile"]

    def check() -> None:
        subprocess.run([*checker, SCHEMA], input=names, cwd=files, check=True, **QUIET)

    found = {"msgc check --payloads": one(sys.executable, "-m", "msgc", "check", "--payloads", lines)}
    if node is not None:
        found["ajv in Node"] = one("node", node / "ajv_lines.js", SCHEMA, lines)
        options = ["--spec=draft2020", "--strict=false", "-c", "ajv-formats", "-s", SCHEMA]
        pattern = str(files / "*.json")
        found["ajv-cli"] = one(node / "node_modules/.bin/ajv", "validate", *options, "-d", pattern, folder=node)
    found["check-jsonschema"] = check
    return found


def measure(commands: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Median seconds of each command, or NaN for one that does not work."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, run in commands.items():
            took = times[name]
            if turn > 1 and took and (took[0] > LONG or took[0] != took[0]):
                continue
            begin = time.perf_counter()
            try:
                run()
            except (subprocess.CalledProcessError, OSError) as error:
                print(f"{name}: {error}", file=sys.stderr)
                times[name] = [float("nan")]
                continue
            lasted = time.perf_counter() - begin
            if turn or lasted > LONG:  # the first round warms the caches
                took.append(lasted)
    return {name: statistics.median(values) for name, values in times.items()}


def rows(work: str, medians: dict[str, float]) -> Iterator[str]:
    """The lines of a table: the first of the commands is msgc's."""
    (own, seconds), *peers = medians.items()
    yield f"{work}: {own} {seconds:.2f} s"
    for name, peer in peers:
        ratio = peer / seconds
        words = "does not work here" if ratio != ratio else f"{ratio:7.1f} times as long   bar {BAR}"
        yield f"  {name:30} {peer:8.2f} s  {words}{'  missed' if ratio <= BAR else ''}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--definitions", type=int, default=1000)
    parser.add_argument("--payloads", type=int, nargs="*", default=[1000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder: Path = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    programs, node = install(folder)
    work = {}
    if options.definitions:
        work[f"{options.definitions:,} definitions"] = of_definitions(folder, programs, options.definitions)
    for count in options.payloads:
        work[f"{count:,} payloads"] = of_payloads(folder, programs, node, count)
    for name, commands in work.items():
        print(*rows(name, measure(commands, options.rounds)), sep="\n", flush=True)


if __name__ == "__main__":
    main()
