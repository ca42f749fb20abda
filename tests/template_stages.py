"""What the templates of a leaf answer to a case file."""

import json
from pathlib import Path

from casefile import Case
from msgc.diagnostic import Rejected
from msgc.rules import finding
from msgc.source import Source, Span
from msgc.template import Environment, TemplateProblem, lint


def template(case: Case, folder: Path) -> str:
    """Every line of `leaves` is a leaf (`⏎` is a line break); `$if ` and `$for ` in front make it an expression.

    `scope.json` holds the values, `options.json` the locale and the macros, `*.j2` the files of the catalog.
    """
    scope = json.loads(case.files.get("scope.json", "{}"))
    options = json.loads(case.files.get("options.json", "{}"))

    def load(path: str, span: Span | None) -> Source:
        if path not in case.files:
            raise Rejected(finding("template-include", f"there is no file `{path}`", span))
        return Source(path, case.files[path])

    environment = Environment(options.get("locale", "en"), load, options.get("macros", {}))
    lines = [line.replace("⏎", "\n") for line in case.files["leaves"].splitlines() if line]
    return "\n".join(_answer(environment, line, scope) for line in lines)


def _answer(environment: Environment, line: str, scope: dict) -> str:
    shown = line.replace("\n", "⏎")
    word, _, text = line.partition(" ")
    leaf = text if word in ("$if", "$for") else line
    try:
        if word == "$for":
            loop = environment.compile_loop(leaf)
            rounds = [{name: inner[name] for name in loop.names} for inner in loop.rounds(scope)]
            answer = "".join(f"  round: {json.dumps(each, ensure_ascii=False)}\n" for each in rounds)
        elif word == "$if":
            answer = f"  value: {json.dumps(environment.compile_expression(leaf).evaluate(scope))}\n"
        else:
            made = environment.compile(leaf).render(scope)
            answer = f"  text: {json.dumps(made, ensure_ascii=False)}\n"
    except TemplateProblem as problem:
        answer = _describe(problem, leaf)
    for rule, start, end, message, repair in lint(leaf):
        answer += f"  {rule}: {message}\n    at: {_place(None, start, end, leaf)}\n    help: {repair}\n"
    return f"{shown}\n{answer}"


def _describe(problem: TemplateProblem, leaf: str) -> str:
    lines = [
        f"  {problem.rule}: {problem.message}",
        f"    at: {_place(problem.source, problem.start, problem.end, leaf)}",
    ]
    lines += [f"    {name}: {value}" for name in ("found", "help") if (value := getattr(problem, name)) is not None]
    lines += [f"    from: {_place(source, start, end, leaf)}" for source, start, end in problem.trace]
    finding(problem.rule, problem.message)  # the rule is in the table
    return "\n".join(lines) + "\n"


def _place(source: Source | None, start: int, end: int, leaf: str) -> str:
    text = source.text if source is not None else leaf
    name = f"{source.name} " if source is not None else ""
    return f"{name}{start}-{end} `{text[start:end]}`".replace("\n", "⏎")
