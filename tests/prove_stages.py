"""What the proof of a definition knows of its templates, as text for a case file."""

from pathlib import Path

from casefile import Case
from msgc.bounds.characters import NEWLINE, SPACES
from msgc.bounds.numbers import Number
from msgc.bounds.values import FALSE, TRUE, Sequence, Value, constants
from msgc.bounds.words import Range, Text
from msgc.diagnostic import Rejected
from msgc.load import load_yaml
from msgc.parameters import declare
from msgc.parameters.ranges import ranges_of
from msgc.rules import finding
from msgc.source import Source, Span
from msgc.template import Environment

FEW = 8


def bounds(case: Case, folder: Path) -> str:
    """Every line of `leaves` is a leaf (`⏎` is a line break); `$if ` and `$for ` in front make it an expression, and
    `= ` asks for the value of one in place of its text.

    `params.yaml` declares the parameters, `locale` names the locale; `*.j2` are files of the catalog.
    """
    document, problems = load_yaml(case.files["params.yaml"].encode(), "params.yaml")
    parameters, more = declare(document)
    assert not [*problems, *more], [*problems, *more]
    scope = ranges_of(parameters)

    def load(path: str, span: Span | None) -> Source:
        if path not in case.files:
            raise Rejected(finding("template-include", f"there is no file `{path}`", span))
        return Source(path, case.files[path])

    environment = Environment(case.files.get("locale", "en").strip(), load, {})
    lines = [line.replace("⏎", "\n") for line in case.files["leaves"].splitlines() if line]
    return "\n".join(_answer(environment, line, scope) for line in lines)


def _answer(environment: Environment, line: str, scope: dict[str, Value]) -> str:
    shown = line.replace("\n", "⏎")
    word, _, text = line.partition(" ")
    if word == "=":
        template = environment.compile(text)
        inferred = template.infer(scope, text=False)
        answer, notes = show(inferred.value), inferred.notes
    elif word == "$if":
        decided = environment.compile_expression(text).decide(scope)
        words = [name for name, each in (("true", decided.true), ("false", decided.false)) if each is not None]
        answer, notes = " or ".join(words), decided.notes
    elif word == "$for":
        looped = environment.compile_loop(text).infer(scope)
        answer = "no list" if looped.items is None else show(Value(sequence=looped.items))
        notes = looped.notes
    else:
        template = environment.compile(line)
        inferred = template.infer(scope, text=True)
        answer, notes = show(inferred.value), inferred.notes
        assert inferred.whole
    told = [
        f"  {'error' if note.certain else 'warning'} {note.rule} at `{note.place.code}`: {note.message}"
        + (f"\n    help: {note.help}" if note.help else "")
        for note in notes.problems()
    ]
    told += [f"  `{place.code}` is always {str(truth).lower()}" for place, truth in notes.constant()]
    return "\n".join([shown, f"  {answer}", *told]) + "\n"


def show(value: Value) -> str:
    """All that a value can be, in a line."""
    known = constants(value, FEW)
    if known is not None and known:
        return "one of " + ", ".join(map(repr, known)) if len(known) > 1 else repr(known[0])
    parts = []
    if value.text is not None:
        parts.append(_text(value.text))
    if value.number is not None:
        parts.append(_number(value.number))
    if value.truth:
        parts.append({TRUE: "true", FALSE: "false"}.get(value.truth, "true or false"))
    if value.null:
        parts.append("null")
    if value.sequence is not None:
        parts.append(_sequence(value.sequence))
    if value.record is not None:
        parts.append("an object of " + (", ".join(value.record.fields) or "any keys"))
    if value.special is not None:
        parts.append("something of the template's own")
    if value.absent:
        parts.append("nothing at all")
    return ", or ".join(parts) or "never anything"


def _text(text: Text) -> str:
    known = text.literals
    if known is not None and len(known) <= FEW:
        return "text: " + ", ".join(map(repr, known))
    facts = [f"{text.points} characters", f"{text.units} units", f"{text.octets} bytes"]
    if not text.solid:
        facts.append("may be blank" if text.mask & SPACES or text.points.least == 0 else "solid")
    facts += ["newlines inside"] if text.mask & NEWLINE else []
    facts += ["space first"] if text.first & SPACES else []
    facts += ["space last"] if text.last & SPACES else []
    return "text of " + ", ".join(facts)


def _number(number: Number) -> str:
    kind = "whole number" if number.whole else "number"
    ends = f"{'…' if number.least is None else number.least} to {'…' if number.most is None else number.most}"
    decimals = "" if number.decimals is None else f", {number.decimals} decimals"
    return f"{kind} {ends}{decimals}"


def _sequence(sequence: Sequence) -> str:
    if sequence.count == Range(0, 0):
        return "an empty list"
    distinct = (
        f", all different{' in ' + ', '.join(filter(None, sorted(sequence.distinct)))}" if sequence.distinct else ""
    )
    return f"list of {sequence.count} items{distinct}, each {show(sequence.item)}"
