"""Plants a fault into what proves or into what makes programs, one at a time, and sees whether a test notices it.

    python tests/mutations_of_code.py proofs                      every fault: hours
    python tests/mutations_of_code.py proofs --every 40 --seed 3  one of forty, others for another seed
    python tests/mutations_of_code.py proofs --path arithmetic    only files whose path holds the word
    python tests/mutations_of_code.py programs --only drop        only checks of values and payloads that are left out

A fault is a comparison turned, a number off by one, `min` for `max`, `+` for `-`, `and` for `or`, a condition that is
always true or false, or a check that a program does not make. Each is planted into a copy of the repository, in which
the tests of its subject run until one fails. A survivor is a missing case, or makes no difference (a limit of effort,
a cache, a shortcut; in programs, a payload that goes the long way without need).
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACES = {
    "proofs": ("bounds", "template/infer", "prove", "parameters/ranges.py"),
    "programs": (
        "specialise",
        "native",
        "template/translate.py",
        "template/translate_filters.py",
        "template/native_pieces.py",
        "template/foreign.py",
    ),
}
TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
SWAPPED = {"min": "max", "max": "min", "all": "any", "any": "all"}
TESTS = {
    "proofs": [
        ["tests/test_cases.py", "-k", "bounds/"],
        ["tests/test_corpus.py"],
        ["tests/test_cases.py", "-k", "proofs/"],
        ["tests/test_transfer_texts.py", "tests/test_transfer_numbers.py", "tests/test_transfer_locale.py"],
        ["tests/test_arithmetic.py", "tests/test_soundness.py"],
    ],
    "programs": [["tests/test_specialise.py"]],
}

Fault = tuple[int, str, str]
"""The line, what the fault is, and the source with it."""


def faults(source: str, only: str | None) -> Iterator[Fault]:
    """Every fault of a file, or those of one kind."""
    for index in range(len(list(_sites(ast.parse(source))))):
        tree = ast.parse(source)
        node, kind, number = list(_sites(tree))[index]
        if only not in (None, kind):
            continue
        before = ast.unparse(node)
        _plant(node, kind, number)
        changed = ast.fix_missing_locations(tree)
        yield node.lineno, f"{before} -> {ast.unparse(node)}", ast.unparse(changed)


def _sites(tree: ast.AST) -> Iterator[tuple[ast.expr, str, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                yield from ((node, "turn", number) for number, each in enumerate(node.ops) if type(each) in TURNED)
            case ast.Constant(value=int()) if not isinstance(node.value, bool):
                yield node, "add", 1
                yield node, "add", -1
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                yield node, "sign", 0
            case ast.BoolOp():
                yield node, "join", 0
            case ast.Call(func=ast.Name(id=name)) if name in SWAPPED:
                yield node, "swap", 0
            case ast.Call(func=ast.Attribute(attr="add"), args=[ast.Constant(value=str(text)), *_]) if _ends(text):
                yield node, "drop", 0
            case ast.Yield() if node.value is not None:
                yield node, "drop", 0
            case ast.IfExp():
                yield node, "fix", 1
                yield node, "fix", 0


def _ends(text: str) -> bool:
    """Whether code that is written can end a program without a payload."""
    return "return None" in text


def _plant(node: ast.expr, kind: str, number: int) -> None:
    if isinstance(node, ast.Compare):
        node.ops[number] = TURNED[type(node.ops[number])]()
    elif isinstance(node, ast.Constant):
        node.value = int(str(node.value)) + number
    elif isinstance(node, ast.BinOp):
        node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif kind == "drop" and isinstance(node, ast.Call):
        node.args[0] = ast.Constant("pass")
    elif kind == "drop" and isinstance(node, ast.Yield):
        node.value = ast.parse("ast.Constant(True)", mode="eval").body
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        node.func.id = SWAPPED[node.func.id]
    elif isinstance(node, ast.IfExp) and kind == "fix":
        node.test = ast.Constant(bool(number))


def noticed(copy: Path, tests: list[list[str]]) -> bool:
    """Whether a test of the copy fails, or takes far too long."""
    environment = {**os.environ, "PYTHONPATH": f"{copy / 'compiler'}", "PYTHONDONTWRITEBYTECODE": "1"}
    for words in tests:
        command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *words]
        try:
            done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=300)
        except subprocess.TimeoutExpired:
            return True
        if done.returncode not in (0, 5):  # 5: there is no such test
            return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", choices=sorted(PLACES))
    parser.add_argument("--path", default="", help="only files whose path holds the word")
    parser.add_argument("--only", help="only faults of this kind")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    package = ROOT / "compiler" / "msgc"
    files = sorted(
        {found for place in PLACES[options.subject] for found in [package / place, *(package / place).rglob("*.py")]}
    )
    planted = [
        (path, *fault)
        for path in files
        if path.suffix == ".py" and options.path in path.as_posix()
        for fault in faults(path.read_text(encoding="utf-8"), options.only)
    ]
    chosen = random.Random(options.seed).sample(planted, len(planted) // options.every)
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("compiler", "schemas", "templates", "tests"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, copy / name)
        for path, line, fault, source in chosen:
            target = copy / path.relative_to(ROOT)
            whole = target.read_text(encoding="utf-8")
            target.write_text(source, encoding="utf-8")
            killed = noticed(copy, TESTS[options.subject])
            target.write_text(whole, encoding="utf-8")
            survivors += not killed
            print(
                f"{'killed  ' if killed else 'SURVIVED'} {path.relative_to(package)}:{line}: {fault[:140]}", flush=True
            )
    print(f"{len(chosen)} of {len(planted)} faults planted, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
