"""What a start costs: the heavy modules that each command imports, and no others."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import msgc
from program import MEMORY

# Libraries, and parts of msgc that draw in much code.
HEAVY = [
    "babel",
    "click",
    "httpx",
    "jinja2",
    "jsonpath_rfc9535",
    "jsonschema",
    "jsonschema_rs",
    "orjson",
    "tomllib",
    "wcwidth",
    "yaml",
    "hashlib",
    "msgc.check",
    "msgc.changes",
    "msgc.judge",
    "msgc.parameters.compare",
    "msgc.pipeline",
    "msgc.rows",
    "msgc.schema",
    "subprocess",
    "msgc.template.engine",
    "msgc.template.localize",
    "multiprocessing",
]
PLAIN = "description: Thanks.\nmessage:\n  text: Thank you.\n"
HELLO = "description: Hello.\nparams: {name: string}\nmessage: {text: 'Hi {{ name }}'}\nexamples: {one: {name: Ana}}\n"
DATED = "description: A date.\nmessage: {text: \"{{ '2026-01-02' | date }}\"}\n"
LONG = "description: Long.\nmessage: {text: a, replyButtonMessage: {buttons: [{id: a, text: much too long a title}]}}\n"
EXPRESSION = "description: An expression.\nmessage: {text: \"{{ 'a' | upper }}\"}\n"

SCRIPT = """
import json, os, sys
if sys.argv.pop(1) == "offline":
    def refuse(event, _):
        if event.startswith(("socket.", "subprocess.", "os.exec", "os.spawn", "os.fork", "os.system")):
            os.write(2, event.encode())
            os._exit(99)
    sys.addaudithook(refuse)
from msgc.cli import main
try:
    main()
except SystemExit as end:
    code = end.code
heavy = json.loads(os.environ["HEAVY"])
with open("modules.json", "w") as stream:
    json.dump([code, [name for name in heavy if name in sys.modules]], stream)
"""


def run(folder: Path, *words: str, mode: str = "free") -> tuple[int, list[str]]:
    command = [sys.executable, "-c", SCRIPT, mode, *words]
    done = subprocess.run(
        command, cwd=folder, env={**_environment(), "HEAVY": json.dumps(HEAVY)}, capture_output=True, timeout=60
    )
    assert (folder / "modules.json").exists(), done.stderr
    code, modules = json.loads((folder / "modules.json").read_text())
    return code, modules


def _environment() -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MSGC_")}
    return {**plain, "PYTHONPATH": str(Path(msgc.__file__).parent.parent), "MSGC_CACHE_DIR": MEMORY}


def catalog(folder: Path, **definitions: str) -> Path:
    (folder / ".git").mkdir()
    (folder / "templates").mkdir()
    for name, text in definitions.items():
        (folder / "templates" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


BASE = ["click", "jsonschema_rs", "msgc.check", "msgc.pipeline", "yaml"]
TEMPLATES = ["hashlib", "jinja2", "msgc.template.engine"]


@pytest.mark.parametrize(
    ("definition", "words", "expected"),
    [
        (PLAIN, ["--help"], ["click"]),
        (PLAIN, ["--version"], ["click"]),
        (PLAIN, ["check"], BASE),
        (HELLO, ["check"], BASE),  # plain names need no engine
        (EXPRESSION, ["check"], BASE + TEMPLATES),
        (DATED, ["check"], [*BASE, *TEMPLATES, "babel"]),
        (LONG, ["check"], [*BASE, "jsonschema"]),
        (PLAIN, ["render", "a"], [*BASE, "orjson"]),
        (HELLO, ["render", "a", "--example", "one"], [*BASE, "orjson"]),
        (EXPRESSION, ["build", "-q"], [*BASE, *TEMPLATES, "orjson"]),
        (PLAIN, ["preview", "--out", "site"], [*BASE, "hashlib", "orjson"]),
        (HELLO, ["test", "--update"], [*BASE, "hashlib", "msgc.changes"]),
        (EXPRESSION, ["test"], [*BASE, *TEMPLATES, "msgc.changes"]),
        (PLAIN, ["rules"], BASE),
        (PLAIN, ["explain", "text-length"], BASE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_imports_what_it_needs(definition: str, words: list[str], expected: list[str], tmp_path: Path):
    _, modules = run(catalog(tmp_path, a=definition), *words)
    light = {"msgc.template.localize"}  # a module without babel until a locale is needed
    assert sorted(set(modules) - light) == sorted(expected)


@pytest.mark.parametrize("definition", [PLAIN, HELLO, EXPRESSION, DATED, LONG])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_check_of_what_has_not_changed_only_reads(definition: str, form: str, tmp_path: Path):
    run(catalog(tmp_path, a=definition, _b=PLAIN), "check")
    code, modules = run(tmp_path, "check", "-f", form)
    assert (code, modules) == (int(definition is LONG), ["click"])
    (tmp_path / "templates" / "a.yaml").write_text(definition + "# a comment\n", encoding="utf-8")
    assert set(BASE) <= set(run(tmp_path, "check")[1])


def test_a_comparison_imports_what_it_needs(tmp_path: Path):
    catalog(tmp_path, a=HELLO)
    code, modules = run(tmp_path, "diff")  # `.git` is no repository
    assert code == 2
    wanted = [*BASE, "hashlib", "msgc.changes", "msgc.parameters.compare", "subprocess"]
    assert sorted(set(modules) - {"msgc.template.localize"}) == sorted(wanted)


def test_a_configuration_file_costs_its_reader(tmp_path: Path):
    (catalog(tmp_path, a=PLAIN) / "msgc.toml").write_text('locale = "en"\n')
    assert "tomllib" in run(tmp_path, "check")[1]


@pytest.mark.parametrize(
    "words",
    [["check"], ["render", "b", "--example", "one"], ["build"], ["preview", "--out", "site"], ["test", "--update"]],
    ids=" ".join,
)
def test_no_command_asks_for_the_network_or_another_program(words: list[str], tmp_path: Path):
    code, _ = run(catalog(tmp_path, a=PLAIN, b=HELLO, c=DATED), *words, mode="offline")
    assert code == 0
