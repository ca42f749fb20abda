"""What an expression can be: each operator, key, filter and call, with `bounds.Value`s in the place of values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from msgc.bounds.numbers import printed
from msgc.bounds.values import (
    ABSENT,
    ANYTHING,
    EITHER,
    FALSE,
    NOTHING,
    TRUE,
    UNKNOWN,
    Record,
    Sequence,
    Value,
    bounded,
    constants,
    of_constant,
    of_items,
    of_number,
    of_text,
    of_truth,
    truth_of,
)
from msgc.bounds.words import EMPTY, Text
from msgc.diagnostic import nearest
from msgc.template.infer.arithmetic import binary, negated
from msgc.template.infer.compare import compare
from msgc.template.infer.narrow import assume, falsy, truthy
from msgc.template.infer.notes import Note, Notes
from msgc.template.infer.reach import cut_list, cut_text, item_at, keys_of, one_character, repeated
from msgc.template.infer.sentences import failing, kind_words, no_key, print_help
from msgc.template.infer.specials import (
    NO_ELSE,
    Absence,
    FunctionValue,
    GroupValue,
    LoopValue,
    ModuleValue,
    NamespaceValue,
    Scope,
)
from msgc.template.infer.transfer_texts import formatted
from msgc.template.problem import Place
from msgc.template.spans import Spans

_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not in"}
_FUNCTIONS = frozenset({"range", "dict", "namespace"})
_MAX_STEPS = 20_000


class TooMuch(Exception):  # noqa: N818 - named for what happened
    """The template is too large to be walked."""


class Expressions:
    """Walks expressions. `notes` takes what can go wrong; `spans` are those of the template that is walked."""

    def __init__(self, macros: Mapping[str, str], notes: Notes) -> None:
        self.notes = notes
        self.spans: Spans
        self.trace: tuple[Place, ...] = ()
        self._macros = macros
        self.wild = False
        """Whether namespaces may have been changed where that is not followed."""
        self._left = _MAX_STEPS

    # -------------------------------------------------------------------------------------------------- problems

    def note(
        self,
        rule: str,
        place: Place,
        message: str,
        *,
        certain: bool,
        help: str | None = None,  # noqa: A002
        aspect: str = "",
    ) -> None:
        """Notes a problem at a place."""
        self.notes.add(Note(rule, message, place, certain, help, self.trace, aspect))

    def demand(self, value: Value, place: Place) -> Value:
        """The value where it is there; that it may not be is noted."""
        if value.absent:
            absence = value.made if isinstance(value.made, Absence) else None
            certain = not value.kinds
            if absence is None:
                absence = Absence("undefined-variable", "this may not be there", certain)
            self.note(absence.rule, absence.place or place, absence.message, certain=certain, help=absence.help)
        elif value.special == NO_ELSE:
            self._no_else(place, certain=value.kinds == {"special"})
        return self.present(value)

    def demand_inside(self, value: Value, place: Place, depth: int = 6) -> None:
        """Notes what may be missing among the items and values inside of a value, for what looks at all of them."""
        for part in value.sequence.parts if value.sequence is not None else ():
            self._demand_part(part.item, place, depth)
        for field in value.record.fields.values() if value.record is not None else ():
            # A declared key that may not be there is simply no key: only what a template put there can be missing.
            if isinstance(field.made, Absence) or not field.absent:
                self._demand_part(field, place, depth)

    def _demand_part(self, value: Value, place: Place, depth: int) -> None:
        if value.absent or value.special == NO_ELSE:
            absence = value.made if isinstance(value.made, Absence) else None
            if absence is not None:
                self.note(absence.rule, absence.place or place, absence.message, certain=False, help=absence.help)
            else:
                self._no_else(place, certain=False)
        if depth > 0:
            self.demand_inside(value, place, depth - 1)

    def _no_else(self, place: Place, *, certain: bool) -> None:
        self.note(
            "undefined-variable",
            place,
            "an `if` without `else` gives no value here",
            certain=certain,
            help="add the `else`: `{{ a if condition else b }}`",
        )

    @staticmethod
    def present(value: Value) -> Value:
        """The value without what may be missing in it."""
        if value.absent or value.special == NO_ELSE:
            special = None if value.special == NO_ELSE else value.special
            return replace(value, absent=False, special=special, made=None)
        return value

    def text_of(self, value: Value, node: nodes.Node) -> Text | None:
        """The texts as which a value prints; what cannot be printed is noted. None where nothing can."""
        place = self.spans.place(node)
        if value.special == NO_ELSE:
            value = replace(value, special=None) | of_text(EMPTY)
        value = self.demand(value, place)
        wrong = value.kinds - {"text", "number"}
        if wrong and value.special != UNKNOWN:
            certain = wrong == value.kinds
            words = kind_words(value, ("text", "number"))
            verb = "is" if certain else "can be"
            code = f"`{place.code}` " if place.code and len(place.code) < 60 and "\n" not in place.code else "this "
            self.note(
                "unprintable-value",
                place,
                f"{code}{verb} {words}, which cannot be printed" if words else "this cannot be printed",
                certain=certain,
                help=print_help(value, place.code),
            )
        elif not wrong:
            self.notes.passed("unprintable-value", place)
        texts = [value.text] if value.text is not None else []
        if value.number is not None:
            texts.append(printed(value.number))
        if value.special == UNKNOWN:
            return ANYTHING.text
        if not texts:
            return None
        return texts[0] if len(texts) == 1 else texts[0] | texts[1]

    # ---------------------------------------------------------------------------------------------- expressions

    def evaluate(self, node: nodes.Node, scope: Scope) -> Value:
        """What an expression can be."""
        self._left -= 1
        if self._left < 0:
            raise TooMuch
        method: Callable[[Any, Scope], Value] | None = self._TABLE.get(type(node))
        return ANYTHING if method is None else method(self, node, scope)  # type: ignore[call-arg, arg-type]

    def given(self, node: nodes.Node, scope: Scope) -> Value:
        """What an expression can be, demanded."""
        return self.demand(self.evaluate(node, scope), self.spans.place(node))

    def assume(self, node: nodes.Node, truth: bool, scope: Scope) -> Scope | None:
        """The scope in which a condition is true, or false."""
        quiet = self.notes
        self.notes = Notes()
        try:
            return assume(node, truth, scope, self.evaluate)
        finally:
            self.notes = quiet

    def _const(self, node: nodes.Const, _: Scope) -> Value:
        return of_constant(node.value)

    def _name(self, node: nodes.Name, scope: Scope) -> Value:
        value = scope.get(node.name)
        if value is not None:
            if value.absent and not isinstance(value.made, Absence):
                word = f"`{node.name}` may not be set" if value.kinds else f"`{node.name}` is not set"
                made = Absence("undefined-variable", word, not value.kinds, place=self.spans.place(node))
                return replace(value, made=made)
            return value
        if node.name in self._macros:
            return Value(special=ModuleValue(self._macros[node.name]))
        if node.name in _FUNCTIONS:
            return Value(special=FunctionValue(node.name))
        near = nearest(node.name, [name for name in scope if name.isidentifier()])
        return Value(
            absent=True,
            made=Absence(
                "undefined-variable",
                f"`{node.name}` is not defined",
                True,
                f"did you mean `{near}`?" if near else None,
                self.spans.place(node),
            ),
        )

    def _attribute(self, node: nodes.Getattr, scope: Scope) -> Value:
        place = self.spans.place(node)
        return self.key(self.given(node.node, scope), node.attr, place, scope)

    def key(self, value: Value, name: str, place: Place, scope: Scope) -> Value:
        """`value.name`."""
        special = value.special
        if value.impossible:
            return NOTHING
        if special == UNKNOWN:
            return ANYTHING | ABSENT
        if special is not None:
            found = self._special_key(special, name, place, scope)
            if found is not None:
                return found
        found = NOTHING
        if value.record is not None:
            found = value.record.get(name)
            if found.absent:
                found = replace(found, made=no_key(value.record, name, place, certain=not found.kinds))
        wrong = value.kinds - {"object"}
        if wrong:
            certain = value.record is None
            self.note(
                "template-attribute",
                place,
                f"{kind_words(value, ('object',))} has no `{name}`",
                certain=certain,
                help="ask first whether it is there: `{% if x %}`" if wrong == {"null"} else None,
            )
        else:
            self.notes.passed("template-attribute", place)
        return found

    def _special_key(self, special: Any, name: str, place: Place, scope: Scope) -> Value | None:
        if isinstance(special, LoopValue):
            found = special.attribute(name)
            if found is None:
                self.note("template-attribute", place, f"the loop has no `{name}`", certain=True)
                return NOTHING
            return found
        if isinstance(special, NamespaceValue) and self.wild:
            return ANYTHING | ABSENT
        if isinstance(special, NamespaceValue):
            stored = scope.get(special.key, NOTHING)
            record = stored.record or Record({}, NOTHING)
            found = record.get(name)
            if found.absent:
                return replace(found, made=no_key(record, name, place, certain=not found.kinds))
            return found
        if isinstance(special, ModuleValue):
            return self.exported(special, name, place)
        if isinstance(special, GroupValue) and name in ("grouper", "list"):
            return special.grouper if name == "grouper" else special.items
        return None

    def exported(self, module: ModuleValue, name: str, place: Place) -> Value:  # noqa: ARG002
        """What a file of macros offers under a name."""
        return ANYTHING

    def _item(self, node: nodes.Getitem, scope: Scope) -> Value:
        place = self.spans.place(node)
        value = self.given(node.node, scope)
        if isinstance(node.arg, nodes.Slice):
            return self._slice(value, node.arg, place, scope)
        return self.item(value, self.given(node.arg, scope), place, scope)

    def item(self, value: Value, key: Value, place: Place, scope: Scope) -> Value:
        """`value[key]`."""
        if value.special == UNKNOWN or key.special == UNKNOWN:
            return ANYTHING | ABSENT
        known = constants(key, 1)
        if known and isinstance(known[0], str):
            return self.key(value, known[0], place, scope)
        self._nameable(value, key, place)
        holder = "text" if value.kinds == {"text"} else "list"
        absent = Absence(
            "undefined-key",
            f"`{place.code}` may not be there: the {holder} can be shorter",
            False,
            f"ask first: `{{% if x | length > {known[0] if known and known[0] else 0} %}}`",
            place,
        )
        found = NOTHING
        if key.text is not None and value.special is not None:
            return ANYTHING | ABSENT
        if value.record is not None and (keys := keys_of(key, value.record)) is not None:
            for name in keys:
                found = found | value.record.get(name)
        elif value.record is not None:
            for field in value.record.fields.values():
                found = found | field.present
            found = found | value.record.others | ABSENT
        if value.sequence is not None:
            found = found | item_at(value.sequence, known[0] if known and type(known[0]) is int else None)
        if value.text is not None:
            inside = known and type(known[0]) is int and -value.text.points.least <= known[0] < value.text.points.least
            found = found | of_text(one_character(value.text)) | (NOTHING if inside else ABSENT)
        return replace(found, made=absent) if found.absent else found

    def _nameable(self, value: Value, key: Value, place: Place) -> None:
        """Notes where a value has no items that a key could name."""
        whole = key.number is not None and (key.number.whole or key.number.values is None)
        if key.number is not None and key.number.values is not None:
            whole = any(isinstance(each, int) for each in key.number.values)
        fraction = key.number is not None and not key.number.whole
        holds = value.text is not None or value.sequence is not None
        good = value.record is not None or (holds and whole)
        bad = bool(key.kinds - {"text", "number"} and value.kinds - {"object"})
        bad = bad or (key.number is not None and bool(value.kinds - {"object", "text", "list"})) or (fraction and holds)
        if bad:
            self.note(
                "template-error",
                place,
                f"{kind_words(value)} {'has' if good else 'may have'} no items that {kind_words(key)} could name",
                certain=not good and key.text is None,
            )
        elif key.number is not None:
            self.notes.passed("template-error", place)
        if key.text is not None and value.kinds - {"object", "special"}:
            self.note(
                "template-attribute",
                place,
                f"{kind_words(value, ('object',))} has no keys",
                certain=value.record is None and key.kinds == {"text"},
            )

    def _slice(self, value: Value, cut: nodes.Slice, place: Place, scope: Scope) -> Value:
        bounds = [None if part is None else self.given(part, scope) for part in (cut.start, cut.stop, cut.step)]
        # What is no integer is told below; with it there is no piece.
        known = [None if bound is None else constants(bound.only("number", "null"), 1) for bound in bounds]
        known = [each if each and type(each[0]) in (int, type(None)) else None for each in known]
        plain = [each[0] if each else None for each in known]
        exact = all(bound is None or each for bound, each in zip(bounds, known, strict=True))
        wrong = value.kinds - {"text", "list"}
        if wrong and value.special != UNKNOWN:
            self.note(
                "template-error",
                place,
                f"{kind_words(value, ('text', 'list'))} cannot be cut into pieces",
                certain=wrong == value.kinds,
            )
        for bound in (bound for bound in bounds if bound is not None):
            whole = bound.null or (bound.number is not None and (bound.number.whole or bound.number.values is None))
            zero = bound is bounds[2] and bound.number is not None and bound.number.zero
            if zero or bound.kinds - {"null", "number"} or (bound.number is not None and not bound.number.whole):
                only_zero = zero and bound.number is not None and bound.number.only_zero and not bound.null
                self.note(
                    "template-error",
                    place,
                    "the bounds of a slice are integers, and its step is not 0",
                    certain=only_zero or not whole,
                )
        start, stop, step = plain
        simple = exact and step in (None, 1) and (start or 0) >= 0 and (stop is None or stop >= 0)
        found = NOTHING
        if value.sequence is not None:
            found = found | Value(sequence=cut_list(value.sequence, start or 0, stop, simple=simple))
        if value.text is not None:
            found = found | of_text(cut_text(value.text, start or 0, stop, simple=simple))
        return found

    # ------------------------------------------------------------------------------------------------ operators

    def _not(self, node: nodes.Not, scope: Scope) -> Value:
        truth = truth_of(self._asked(node.node, scope))
        return of_truth((FALSE if truth & TRUE else 0) | (TRUE if truth & FALSE else 0))

    def _asked(self, node: nodes.Node, scope: Scope) -> Value:
        """A value whose truth is asked; one of an `if` without `else` may be absent, and is false then."""
        return self._counted(self.evaluate(node, scope), self.spans.place(node))

    def _counted(self, value: Value, place: Place) -> Value:
        if value.special != NO_ELSE:
            return self.demand(value, place)
        return replace(self.demand(replace(value, special=None), place), absent=True, made=None)

    def _and(self, node: nodes.And, scope: Scope) -> Value:
        left = self._asked(node.left, scope)
        inner = self.assume(node.left, True, scope) if truth_of(left) & TRUE else None
        kept = falsy(left)
        if kept.absent:
            kept = replace(kept, absent=False, special=NO_ELSE)
        return kept if inner is None else kept | self.evaluate(node.right, inner)

    def _or(self, node: nodes.Or, scope: Scope) -> Value:
        left = self._asked(node.left, scope)
        inner = self.assume(node.left, False, scope) if truth_of(left) & FALSE else None
        kept = truthy(left)
        return kept if inner is None else kept | self.evaluate(node.right, inner)

    def _condition(self, node: nodes.CondExpr, scope: Scope) -> Value:
        truth = self.decide(node.test, scope)
        found = NOTHING
        yes = self.assume(node.test, True, scope) if truth & TRUE else None
        no = self.assume(node.test, False, scope) if truth & FALSE else None
        if yes is not None:
            found = self.evaluate(node.expr1, yes)
        if no is not None:
            other = Value(special=NO_ELSE) if node.expr2 is None else self.evaluate(node.expr2, no)
            found = found | other
        return found

    def decide(self, test: nodes.Node, scope: Scope) -> int:
        """What a condition can be; a condition that is always the same is remembered."""
        value = self.evaluate(test, scope)
        place = self.spans.place(test)
        truth = truth_of(self._counted(value, place))
        self.notes.decided(place, EITHER if value.absent else truth)
        return truth

    def _compare(self, node: nodes.Compare, scope: Scope) -> Value:
        left = self.given(node.expr, scope)
        truth = TRUE
        place = self.spans.place(node)
        for operand in node.ops:
            right = self.given(operand.expr, scope)
            if operand.op in ("eq", "ne", "in", "notin"):  # these look at what is inside
                self.demand_inside(left, place)
                self.demand_inside(right, place)
            found, certain = compare(operand.op, left, right)
            if certain is not None:
                self.note(
                    "template-error",
                    place,
                    f"`{_SIGNS[operand.op]}` cannot compare {kind_words(left)} with {kind_words(right)}",
                    certain=certain,
                )
            else:
                self.notes.passed("template-error", place)
            # All must hold: one that cannot makes it false, one that may not leaves it open.
            truth = (truth & found & TRUE) | ((truth | found) & FALSE)
            left = right
        return of_truth(truth)

    def _binary(self, node: nodes.BinExpr, scope: Scope) -> Value:
        one, two = self.given(node.left, scope), self.given(node.right, scope)
        place = self.spans.place(node)
        operator = node.operator
        found = NOTHING
        if UNKNOWN in (one.special, two.special):
            return ANYTHING
        if one.number is not None and two.number is not None:
            result, failed = binary(operator, one.number, two.number)
            found = found | (NOTHING if result is None else of_number(result))
            # A number too large for a float is no amount of anything: only what can be divided is worth a word.
            if failed and operator in ("/", "//", "%", "**"):
                self.note("template-error", place, failing(operator), certain=result is None)
        good = {("number", "number")}
        if operator == "+":
            good |= {("text", "text"), ("list", "list")}
            if one.text is not None and two.text is not None:
                found = found | of_text(one.text + two.text)
            if one.sequence is not None and two.sequence is not None:
                foreign = one.sequence.foreign or two.sequence.foreign
                found = found | Value(sequence=Sequence((*one.sequence.parts, *two.sequence.parts), foreign=foreign))
        if operator in ("+", "*"):
            self._joinable(operator, one, two, place)
        if operator == "*":
            good |= {("text", "number"), ("number", "text"), ("list", "number"), ("number", "list")}
            for holder, count in ((one, two.number), (two, one.number)):
                found = found | repeated(holder, count)
        if operator == "%" and one.text is not None:
            good |= {("text", kind) for kind in two.kinds}
            self.demand_inside(two, place)

            def fail(message: str, certain: bool) -> None:
                self.note("template-error", place, message, certain=certain and one.kinds == {"text"})

            found = found | of_text(formatted(one, (two,), {}, fail))
        pairs = {(left, right) for left in one.kinds for right in two.kinds}
        wrong = pairs - good
        if wrong:
            help_ = (
                "join texts with `~`: `{{ a ~ b }}`" if operator == "+" and "text" in one.kinds | two.kinds else None
            )
            self.note(
                "template-error",
                place,
                f"`{operator}` cannot take {kind_words(one)} and {kind_words(two)}",
                certain=wrong == pairs,
                help=help_,
            )
        elif one.number is None or two.number is None:
            self.notes.passed("template-error", place)
        return found

    def _joinable(self, operator: str, one: Value, two: Value, place: Place) -> None:
        """Notes where a range or a tuple may be added to a list, or a range repeated."""
        held = [each.sequence for each in (one, two) if each.sequence is not None]
        if any(sequence.foreign for sequence in held) and (operator == "*" or len(held) > 1):
            message = f"`{operator}` takes lists, and this may be a range"
            self.note("template-error", place, message, certain=False, help="make a list of it: `| list`")

    def _unary(self, node: nodes.UnaryExpr, scope: Scope) -> Value:
        value = self.given(node.node, scope)
        wrong = value.kinds - {"number"}
        if wrong:
            self.note(
                "template-error",
                self.spans.place(node),
                f"`{node.operator}` cannot take {kind_words(value, ('number',))}",
                certain=wrong == value.kinds,
            )
        if value.number is None:
            return NOTHING
        return of_number(negated(value.number) if node.operator == "-" else value.number)

    def _concat(self, node: nodes.Concat, scope: Scope) -> Value:
        whole = EMPTY
        for part in node.nodes:
            text = self.text_of(self.evaluate(part, scope), part)
            if text is None:
                return NOTHING
            whole = whole + text
        return of_text(whole)

    def _list(self, node: nodes.List | nodes.Tuple, scope: Scope) -> Value:
        made = of_items(self.evaluate(item, scope) for item in node.items)
        return bounded(Value(sequence=replace(made, foreign=isinstance(node, nodes.Tuple))))

    def _dict(self, node: nodes.Dict, scope: Scope) -> Value:
        fields: dict[str, Value] = {}
        others = NOTHING
        for pair in node.items:
            key, value = self.given(pair.key, scope), self.evaluate(pair.value, scope)
            known = constants(key, 1)
            if known and isinstance(known[0], str):
                fields[known[0]] = value
            else:
                others = others | value
        if not others.impossible:
            fields = {key: value | others for key, value in fields.items()}
        return bounded(Value(record=Record(fields, others)))

    # --------------------------------------------------------------------------------- what statements must know

    def _filter(self, node: nodes.Filter, scope: Scope) -> Value:
        raise NotImplementedError

    def _tested(self, node: nodes.Test, scope: Scope) -> Value:
        raise NotImplementedError

    def _call(self, node: nodes.Call, scope: Scope) -> Value:
        raise NotImplementedError

    def _dispatch_filter(self, node: nodes.Filter, scope: Scope) -> Value:
        return self._filter(node, scope)

    def _dispatch_test(self, node: nodes.Test, scope: Scope) -> Value:
        return self._tested(node, scope)

    def _dispatch_call(self, node: nodes.Call, scope: Scope) -> Value:
        return self._call(node, scope)

    _TABLE: Mapping[type[nodes.Node], Callable[..., Value]] = {
        nodes.Const: _const,
        nodes.Name: _name,
        nodes.Getattr: _attribute,
        nodes.Getitem: _item,
        nodes.Not: _not,
        nodes.And: _and,
        nodes.Or: _or,
        nodes.CondExpr: _condition,
        nodes.Compare: _compare,
        nodes.Concat: _concat,
        nodes.List: _list,
        nodes.Tuple: _list,
        nodes.Dict: _dict,
        nodes.Neg: _unary,
        nodes.Pos: _unary,
        **dict.fromkeys((nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow), _binary),
        nodes.Filter: _dispatch_filter,
        nodes.Test: _dispatch_test,
        nodes.Call: _dispatch_call,
    }
