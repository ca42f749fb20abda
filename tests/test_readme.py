"""The README is true: its files are written, its commands run, its outputs compared, its tables generated.

`pytest tests/test_readme.py --update-cases` rewrites the outputs and tables; review the diff.
"""

import contextlib
import io
import re
from pathlib import Path

import pytest

from command_stages import run
from msgc.contract import read_contract
from msgc.error_table import read_error_table
from msgc.explain_rule import rule_table
from msgc.resources import ERRORS_FILE, data_folder
from msgc.rules import RULES

README = Path(__file__).parent.parent / "README.md"
_SHOWN_RUNS = ("20261124-134502-k3f7", "20261124-134511-w6zt", "20261124-134527-b2qm")
"""Runs have other names each time; the README shows these."""
_VARYING = (
    (re.compile(r"http://127\.0\.0\.1:[0-9]+"), "http://127.0.0.1:8080"),
    (re.compile(r"\b[0-9]+ seconds? ago"), "2 seconds ago"),
)
_BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run_blocks(text: str, folder: Path) -> str:
    """The README with every console block's output as it really is; files and Python blocks are put to work."""

    def replace(match: re.Match[str]) -> str:
        language, file, body = match.groups()
        if file is not None:
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        elif language == "console":
            body = "".join(_transcript(line[2:], folder) for line in body.splitlines() if line.startswith("$ "))
        elif language == "python":
            with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()) as output:
                exec(compile(body, "README.md", "exec"), {})  # noqa: S102 - the README's own code
            assert output.getvalue(), "the code in the README prints something"
        return match.group(0).replace(match.group(3), body) if language == "console" else match.group(0)

    return _BLOCK.sub(replace, text)


def _transcript(command: str, folder: Path) -> str:
    _, output = run(command, folder)
    runs = sorted(path.stem for path in (folder / ".msgc" / "runs").glob("*.sqlite"))
    for real, shown in zip(runs, _SHOWN_RUNS, strict=False):
        output = output.replace(real, shown)
    for pattern, shown in _VARYING:
        output = pattern.sub(shown, output)
    return f"$ {command}\n{output}"


def errors_table() -> str:
    table = read_error_table(data_folder("schemas") / ERRORS_FILE)
    outcome = {
        "permanent": "`failed`",
        "window": "`failed`, or the fallback is sent",
        "stop": "the run stops; the message waits",
        "unknown": "`unknown`",
    }
    rows = ["| code or type | meaning | the message is |", "|---|---|---|"]
    known = [*table.codes.values(), *table.types.values()]
    rows += [f"| `{each.name}` | {each.sentence} | {outcome[each.meaning]} |" for each in known]
    return "\n".join(rows)


def limits_table() -> str:
    contract = read_contract(data_folder("schemas") / "payload.schema.json")
    rows = ["| rule | limit | by | severity | source |", "|---|---|---|---|---|"]
    for name, limit in contract.limits.items():
        if name in RULES or limit.of is not None:
            continue
        summary = contract.summary(name).rstrip(".").replace("|", "\\|")
        source = f"[read {limit.seen}]({limit.source})"
        rows.append(f"| `{name}` | {summary} | {limit.authority} | {limit.severity} | {source} |")
    return "\n".join(rows)


def rules_table() -> str:
    contract = read_contract(data_folder("schemas") / "payload.schema.json")
    rows = ["| rule | severity | meaning |", "|---|---|---|"]
    for name, severity, summary in rule_table(contract):
        if name in RULES:
            rows.append(f"| `{name}` | {severity} | {summary.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)


def with_tables(text: str) -> str:
    for name, table in (("errors", errors_table()), ("limits", limits_table()), ("rules", rules_table())):
        pattern = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        assert pattern.search(text), name
        text = pattern.sub(lambda match, table=table: f"{match.group(1)}\n{table}\n\n{match.group(2)}", text)
    return text


def test_the_readme_says_what_happens(tmp_path: Path, request: pytest.FixtureRequest):
    (tmp_path / ".git").mkdir()
    text = README.read_text(encoding="utf-8")
    head, rest = text.split("## Install", 1)
    rest = run_blocks(rest, tmp_path)
    picture = next(match.group(0) for match in _BLOCK.finditer(rest) if "error[button-title-length]" in match.group(0))
    head = _BLOCK.sub(lambda _: picture, head)  # the message that is broken further down
    actual = with_tables(f"{head}## Install{rest}")
    if request.config.getoption("--update-cases"):
        README.write_text(actual, encoding="utf-8")
    assert actual == README.read_text(encoding="utf-8")


def test_both_set_up_commands_are_those_that_are_tested():
    text = README.read_text(encoding="utf-8")
    script = (README.parent / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip install -e '.[test]' && pytest\n" in text
    assert "\npip install -e '.[test]' && pytest\n" in script
    assert "\npip install . && msgc build\n" in text
