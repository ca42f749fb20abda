"""What the statements of a template put out: the texts of a body, for all ways through its conditions and loops.

Ways are kept apart as long as they are few, so that two conditions on the same value are not mixed up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Items
from dataclasses import dataclass, replace

from jinja2 import nodes

from msgc.bounds.values import (
    ABSENT,
    ANY_TEXT,
    ANYTHING,
    EITHER,
    FALSE,
    NOBODY_KNOWS,
    NOTHING,
    TRUE,
    UNKNOWN,
    Part,
    Record,
    Sequence,
    Value,
    of_text,
)
from msgc.bounds.words import ANY, EMPTY, Range, Text, literal, repeat, run
from msgc.template.generate import ROUNDS, WEIGHT
from msgc.template.infer.calls import Calls
from msgc.template.infer.inferred import Share
from msgc.template.infer.narrow import joined
from msgc.template.infer.notes import Notes
from msgc.template.infer.sentences import kind_words
from msgc.template.infer.specials import (
    Absence,
    GroupValue,
    LoopValue,
    MacroValue,
    ModuleValue,
    NamespaceValue,
    Scope,
)
from msgc.template.problem import Place
from msgc.template.spans import Spans

_MAX_WAYS = 8
_MAX_UNROLLED = 24
_MAX_DEPTH = 8
_ROUNDS = 40
_POSITIONS = frozenset({"first", "last", "previtem", "nextitem", "index", "index0", "revindex", "revindex0"})


@dataclass(frozen=True, slots=True)
class Way:
    """One way through a body: what is known on it, what was put out, and which pieces that is made of."""

    scope: Scope
    text: Text
    shares: tuple[Share, ...] = ()


class Statements(Calls):
    """Walks the bodies of templates."""

    depth = 0
    _inner = 0
    """How many bodies with names of their own stand around what is walked."""

    def __init__(self, macros: Mapping[str, str], notes: Notes) -> None:
        super().__init__(macros, notes)
        self._given: dict[tuple[int, str], Value] = {}
        self._hidden: set[str] = set()

    def run(self, body: Iterable[nodes.Node], ways: Items[Way]) -> list[Way]:
        """All ways through a body."""
        current = list(ways)
        for node in body:
            self._left -= len(current)
            current = self._step(node, current)
            if len(current) > _MAX_WAYS:
                current = [_together(current)]
        return current

    def text(self, body: Iterable[nodes.Node], scope: Scope) -> Value:
        """What a body puts out; impossible where no way leads through it."""
        ways = self.run(body, [Way(scope, EMPTY)])
        return of_text(_together(ways).text) if ways else NOTHING

    def _step(self, node: nodes.Node, ways: list[Way]) -> list[Way]:  # noqa: C901 - one case for each statement
        match node:
            case nodes.Output():
                return [made for way in ways for made in self._output(node, way)]
            case nodes.If():
                return [made for way in ways for made in self._if(node, way)]
            case nodes.For():
                return [made for way in ways for made in self._for(node, way)]
            case nodes.Assign():
                return [self._set(node, way) for way in ways]
            case nodes.AssignBlock():
                return [self._assign(node.target, self._block(node, way.scope), way) for way in ways]
            case nodes.With():
                return [made for way in ways for made in self._with(node, way)]
            case nodes.Macro():
                target = nodes.Name(node.name, "store")
                return [self._assign(target, self._macro_of(node, way.scope), way) for way in ways]
            case nodes.CallBlock():
                return [made for way in ways for made in self._put(way, self._call_block(node, way.scope), node)]
            case nodes.FilterBlock():
                return [made for way in ways for made in self._put(way, self._block(node, way.scope), node)]
            case nodes.Include():
                return [made for way in ways for made in self._put(way, self._include(node, way.scope), node)]
            case nodes.Import():
                module = Value(special=ModuleValue(str(node.template.as_const())))
                return [replace(way, scope={**way.scope, node.target: module}) for way in ways]
            case nodes.FromImport():
                return [self._from_import(node, way) for way in ways]
            case nodes.ExprStmt():
                if not (isinstance(node.node, nodes.Filter) and node.node.name == WEIGHT):
                    for way in ways:
                        self.evaluate(node.node, way.scope)
                return ways
        return ways

    # --------------------------------------------------------------------------------------------------- output

    def _output(self, node: nodes.Output, way: Way) -> list[Way]:
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                fixed = literal(child.data)
                way = replace(way, text=way.text + fixed, shares=(*way.shares, Share("", fixed)))
            else:
                text = self.text_of(self.evaluate(child, way.scope), child)
                if text is None:
                    return []
                code = self.spans.place(child).code
                way = replace(way, text=way.text + text, shares=(*way.shares, Share(code, text)))
        return [way]

    def _put(self, way: Way, value: Value, node: nodes.Node) -> list[Way]:
        if value.impossible:
            return []
        text = value.text if value.special != UNKNOWN else ANY
        if value.number is not None:
            text = self.text_of(value.only("text", "number"), node)
        text = text or EMPTY
        share = Share(self.spans.tag(node).code, text)
        return [replace(way, text=way.text + text, shares=(*way.shares, share))]

    def _if(self, node: nodes.If, way: Way) -> list[Way]:
        found: list[Way] = []
        rest: Scope | None = way.scope
        for branch in (node, *node.elif_):
            if rest is None:
                return found
            truth = self.decide(branch.test, rest)
            taken = self.assume(branch.test, True, rest) if truth & TRUE else None
            if taken is not None:
                found += self.run(branch.body, [replace(way, scope=taken)])
            rest = self.assume(branch.test, False, rest) if truth & FALSE else None
        if rest is not None:
            found += self.run(node.else_, [replace(way, scope=rest)])
        return found

    # ---------------------------------------------------------------------------------------------------- loops

    def _for(self, node: nodes.For, way: Way) -> list[Way]:
        iterated = _iterated(node)
        items = self.listed(self.given(iterated, way.scope), self.spans.place(iterated))
        if items is None:
            return []
        self.unpacks(node.target, items, self.spans.tag(node))
        sequence = self.kept(items, node.target, node.test, way.scope)
        count = sequence.count
        found: list[Way] = []
        if count.most != 0:
            scope = self._settled(node, sequence, way.scope)
            text = self._rounds(node, sequence, scope)
            if text is not None:
                inner = self._emptied(node, scope, empty=False) if count.least == 0 else scope
                share = Share(self.spans.tag(node).code, text)
                found.append(Way(inner, way.text + text, (*way.shares, share)))
        if count.least == 0:
            found += self.run(node.else_, [replace(way, scope=self._emptied(node, way.scope, empty=True))])
        return found

    def _emptied(self, node: nodes.For, scope: Scope, *, empty: bool) -> Scope:
        """The scope in which a loop has no rounds, or some, as far as its list tells."""
        if node.test is not None:
            return scope
        found = self.assume(_iterated(node), not empty, scope)
        return scope if found is None else found

    def listed(self, value: Value, place: Place) -> Sequence | None:
        """The list that a loop goes through; what else it may be is noted."""
        if value.special == UNKNOWN:
            return Sequence((Part(ANYTHING, Range(0, None)),))
        wrong = value.kinds - {"list", "special"}
        if wrong:
            self.note(
                "not-a-list",
                place,
                f"a loop goes through a list, and this {'is' if value.sequence is None else 'can be'} "
                + kind_words(value, ("list",)),
                certain=value.sequence is None,
                help="use an empty list where there is none: `x or []`" if wrong == {"null"} else None,
            )
        else:
            self.notes.passed("not-a-list", place)
        return value.sequence

    def kept(self, items: Sequence, target: nodes.Node, test: nodes.Node | None, scope: Scope) -> Sequence:
        """The items that a loop's own condition leaves."""
        if test is None:
            return items
        parts = []
        for part in items.parts:
            inner = self.bound(target, part.item, scope)
            truth = self.decide(test, inner)
            taken = self.assume(test, True, inner) if truth & TRUE else None
            if taken is None:
                continue
            item = taken.get(target.name, part.item) if isinstance(target, nodes.Name) else part.item
            parts.append(Part(item, Range(0 if truth & FALSE else part.count.least, part.count.most)))
        return Sequence(tuple(parts), items.distinct)

    def bound(self, target: nodes.Node, item: Value, scope: Scope) -> Scope:
        """The scope with what a loop or a `set` gives names to."""
        if isinstance(target, nodes.Name):
            return {**scope, target.name: item}
        if not isinstance(target, nodes.Tuple):
            return scope
        inner = dict(scope)
        parts = item.sequence.parts if item.sequence is not None else ()
        exact = item.kinds <= {"list", "special"} and len(parts) == len(target.items)
        exact = exact and all(part.count == Range(1, 1) for part in parts)
        for index, name in enumerate(target.items):
            value = parts[index].item if exact else self._piece(item)
            inner = dict(self.bound(name, value, inner))
        return inner

    @staticmethod
    def _piece(item: Value) -> Value:
        """One of the names of what is taken apart: an item, a character, a key."""
        if item.special is not None or item.absent:
            return ANYTHING
        found = NOTHING if item.sequence is None else item.sequence.item
        if item.text is not None:
            found = found | of_text(run(item.text.mask, 1, 1))
        return found | ANY_TEXT if item.record is not None else found

    def unpacks(self, target: nodes.Node, items: Sequence, place: Place) -> None:
        """Notes where what several names are given to may not have as many values."""
        if not isinstance(target, nodes.Tuple):
            return
        wanted = len(target.items)
        for part in items.parts if items.count.most != 0 else ():
            item = part.item
            known = item.kinds == {"list"} and item.sequence is not None and not item.absent
            grouped = isinstance(item.special, GroupValue) and wanted == 2
            if not grouped and not (known and item.sequence and item.sequence.count == Range(wanted, wanted)):
                self.note("template-error", place, "there may be not as many values as names", certain=False)

    def _rounds(self, node: nodes.For, sequence: Sequence, scope: Scope) -> Text | None:
        """What the rounds of a loop put out, where there is at least one; None where none of them comes to its end."""
        count = sequence.count
        parts = [part for part in sequence.parts if part.count.most != 0]
        exact = count.least == count.most and all(part.count == Range(1, 1) for part in parts)
        if exact and len(parts) <= _MAX_UNROLLED:
            whole = EMPTY
            for index, part in enumerate(parts):
                here = Range(index + 1, index + 1)
                loop = LoopValue(count, here, _bit(index == 0), _bit(index == len(parts) - 1), sequence.item)
                text = self._round(node, part.item, loop, scope)
                if text is None:
                    return None
                whole = whole + text
            return whole
        if len(parts) == 1 and _reads_position(node):
            return self._positioned(node, parts[0], scope)
        whole = EMPTY
        loop = LoopValue(count, Range(1, count.most), EITHER, EITHER, sequence.item)
        for part in parts:
            rounds = Range(max(part.count.least, 1) if len(parts) == 1 else part.count.least, part.count.most)
            text = self._round(node, part.item, loop, scope)
            if text is not None:
                whole = whole + repeat(text, rounds)
            elif rounds.least > 0:
                return None
        return whole

    def _positioned(self, node: nodes.For, part: Part, scope: Scope) -> Text | None:
        """The rounds of a loop that asks where it is: the first, the last and those between differ."""
        count, item = part.count, part.item
        found: Text | None = None
        if count.least <= 1:
            alone = LoopValue(Range(1, 1), Range(1, 1), TRUE, TRUE, item)
            found = self._round(node, item, alone, scope)
        if count.most is None or count.most > 1:
            many = Range(max(2, count.least), count.most)
            before = None if count.most is None else count.most - 1
            first = self._round(node, item, LoopValue(many, Range(1, 1), TRUE, FALSE, item), scope)
            last = self._round(node, item, LoopValue(many, Range(many.least, count.most), FALSE, TRUE, item), scope)
            between: Text | None = EMPTY
            if before is None or before > 1:
                middle = self._round(node, item, LoopValue(many, Range(2, before), FALSE, FALSE, item), scope)
                rounds = Range(many.least - 2, None if count.most is None else count.most - 2)
                between = repeat(middle, rounds) if middle is not None else EMPTY if rounds.least == 0 else None
            if first is not None and last is not None and between is not None:
                whole = first + between + last
                found = whole if found is None else found | whole
        return found

    def _round(self, node: nodes.For, item: Value, loop: LoopValue, scope: Scope) -> Text | None:
        """What one round puts out; None where it does not come to its end."""
        inner = {**self.bound(node.target, item, scope), "loop": Value(special=loop)}
        way = self._inside(node, inner)
        return None if way is None else way.text

    def _inside(self, node: nodes.For, inner: Scope) -> Way | None:
        """One round of a loop; None where no way leads through it."""
        self._hide(node.target)
        self._inner += 1
        try:
            ways = self.run(node.body, [Way(inner, EMPTY)])
            return _together(ways) if ways else None
        finally:
            self._inner -= 1

    def _settled(self, node: nodes.For, sequence: Sequence, scope: Scope) -> Scope:
        """The scope in which namespaces hold all that they can hold in any round of a loop and after it."""
        if not any(True for _ in node.find_all(nodes.NSRef)):
            return scope
        keys = [key for key in scope if key.startswith("(namespace")]
        loop = LoopValue(sequence.count, Range(1, sequence.count.most), EITHER, EITHER, sequence.item)
        rounds = sequence.count.most
        for turn in range(_ROUNDS if rounds is None else min(rounds, _ROUNDS) + 1):
            inner = {**self.bound(node.target, sequence.item, scope), "loop": Value(special=loop)}
            way = self._inside(node, inner)
            if way is None:
                return scope
            after = way.scope
            changed = {key: scope[key] | after.get(key, NOTHING) for key in keys}
            if all(changed[key] == scope[key] for key in keys):
                return scope
            if turn == _ROUNDS - 1:
                break
            scope = {**scope, **changed}
            if rounds is not None and turn + 1 >= rounds:
                return scope
        return {**scope, **{key: _loosened(scope[key]) for key in keys}}

    # ------------------------------------------------------------------------------------------ names and scopes

    def _hide(self, target: nodes.Node) -> None:
        names = target.items if isinstance(target, nodes.Tuple) else [target]
        self._hidden.update(name.name for name in names if isinstance(name, nodes.Name))

    def _hides_changes(self, node: nodes.Node) -> None:
        """What a body that is walked apart sets in namespaces around it is not followed: they may hold anything."""
        own = {
            each.target.name
            for each in node.find_all(nodes.Assign)
            if isinstance(each.target, nodes.Name) and isinstance(each.node, nodes.Call)
        }
        if any(each.name not in own for each in node.find_all(nodes.NSRef)):
            self.wild = True

    def _set(self, node: nodes.Assign, way: Way) -> Way:
        value = self.evaluate(node.node, way.scope)
        self.unpacks(node.target, Sequence((Part(value, Range(1, 1)),)), self.spans.tag(node))
        return self._assign(node.target, value, way)

    def _assign(self, target: nodes.Node, value: Value, way: Way) -> Way:
        scope = dict(way.scope)
        if isinstance(target, nodes.NSRef):
            holder = scope.get(target.name)
            if holder is not None and isinstance(holder.special, NamespaceValue):
                stored = scope.get(holder.special.key, NOTHING)
                record = stored.record or Record({}, NOTHING)
                scope[holder.special.key] = Value(record=record.with_field(target.attr, value))
            return replace(way, scope=scope)
        if isinstance(value.special, NamespaceValue) and value.special.key not in scope:
            scope[value.special.key] = Value(record=self.initial(value.special))
        bound = self.bound(target, value, scope)
        for name in (
            (each.name for each in target.find_all(nodes.Name))
            if isinstance(target, nodes.Tuple)
            else ([target.name] if isinstance(target, nodes.Name) else [])
        ):
            key = id(self.spans), name
            self._given[key] = self._given.get(key, NOTHING) | bound[name]
            if self._inner:
                self._hidden.add(name)
        return replace(way, scope=bound)

    _initials: dict[str, Record] | None = None

    def initial(self, namespace: NamespaceValue) -> Record:
        """What a namespace holds at first."""
        return (self._initials or {}).get(namespace.key, Record({}, ANYTHING))

    def _function(self, name: str, args: tuple[Value, ...], kwargs: Mapping[str, Value], node: nodes.Call) -> Value:
        made = super()._function(name, args, kwargs, node)
        if isinstance(made.special, NamespaceValue):
            record = Record({}, ANYTHING) if args or UNKNOWN in kwargs else Record(dict(kwargs), NOTHING)
            self._initials = {**(self._initials or {}), made.special.key: record}
        return made

    def _block(self, node: nodes.AssignBlock | nodes.FilterBlock, scope: Scope) -> Value:
        self._hides_changes(node)
        self._inner += 1
        made = self.text(node.body, scope)
        self._inner -= 1
        if node.filter is None or made.text is None:
            return made
        outer, self.block_text = self.block_text, made.text
        try:
            return self.evaluate(node.filter, scope)
        finally:
            self.block_text = outer

    def _with(self, node: nodes.With, way: Way) -> list[Way]:
        inner = dict(way.scope)
        for target, value in zip(node.targets, node.values, strict=True):
            inner = dict(self.bound(target, self.evaluate(value, way.scope), inner))
            self._hide(target)
        self._inner += 1
        made = self.run(node.body, [replace(way, scope=inner)])
        self._inner -= 1
        return [replace(each, scope=_outer(way.scope, each.scope)) for each in made]

    # --------------------------------------------------------------------------------------------------- macros

    def _macro_of(self, node: nodes.Macro, scope: Scope) -> Value:
        self._hides_changes(node)
        self._hidden.update(argument.name for argument in node.args)
        return Value(special=MacroValue(node, scope, self.spans))

    def _call_block(self, node: nodes.CallBlock, scope: Scope) -> Value:
        place = self.spans.place(node.call)
        function = self.given(node.call.node, scope)
        args, kwargs = self.arguments(node.call, scope)
        self._hides_changes(node)
        self._hidden.update(argument.name for argument in node.args)
        caller = Value(special=MacroValue(node, scope, self.spans))
        if isinstance(function.special, MacroValue):
            return self.macro(function.special, args, kwargs, place, caller=caller, around=scope)
        return ANY_TEXT

    def macro(
        self,
        macro: MacroValue,
        args: tuple[Value, ...],
        kwargs: Mapping[str, Value],
        place: Place,
        *,
        caller: Value | None,
        around: Scope,
    ) -> Value:
        """The text of a macro for these arguments."""
        if self.depth >= _MAX_DEPTH:
            return ANY_TEXT
        node = macro.node
        names = [argument.name for argument in node.args]
        catches = {name.name for name in node.find_all(nodes.Name) if name.name in ("varargs", "kwargs", "caller")}
        unknown = [key for key in kwargs if key not in names and key != UNKNOWN]
        label = node.name if isinstance(node, nodes.Macro) else "caller"
        if (len(args) > len(names) and "varargs" not in catches) or (unknown and "kwargs" not in catches):
            what = f"`{label}` has no argument `{unknown[0]}`" if unknown else f"`{label}` is given too many values"
            self.note("template-call", place, what, certain=True)
            return ANY_TEXT
        if caller is not None and not catches & {"caller", "kwargs"}:
            self.note("template-call", place, f"`{label}` does not use the block that it is given", certain=True)
            return NOTHING
        scope = self._seen_by(macro, around)
        given = {**dict(zip(names, args, strict=False)), **{k: v for k, v in kwargs.items() if k in names}}
        outer = self.spans, self.trace, self.depth
        self.spans, self.depth = macro.spans, self.depth + 1
        if macro.spans is not outer[0]:
            self.trace = (place, *self.trace)
        self._inner += 1
        try:
            if UNKNOWN in kwargs:
                given = {name: given.get(name, ANYTHING) for name in names}
            first_default = len(names) - len(node.defaults)
            for index, name in enumerate(names):
                if name in given:
                    scope[name] = given[name]
                elif index >= first_default:
                    scope[name] = self.evaluate(node.defaults[index - first_default], scope)
                else:
                    absence = Absence("undefined-variable", f"the argument `{name}` is not given to the macro", True)
                    scope[name] = Value(absent=True, made=absence)
            scope["varargs"] = Value(sequence=Sequence((Part(ANYTHING, Range(0, None)),)))
            scope["kwargs"] = ANYTHING.only("object")
            if caller is not None:
                scope["caller"] = caller
            elif isinstance(node, nodes.Macro):
                absence = Absence("undefined-variable", "the macro is called without a block", True)
                scope.setdefault("caller", Value(absent=True, made=absence))
            return self.text(node.body, scope)
        finally:
            self._inner -= 1
            self.spans, self.trace, self.depth = outer

    def _seen_by(self, macro: MacroValue, around: Scope) -> dict[str, Value]:
        """What a macro sees: the names around its definition, with what they have been set to until it is called.

        Where an inner name may stand for the same one at the call, it is any of what it was set to.
        """
        scope = {**macro.scope, **{key: value for key, value in around.items() if key.startswith("(")}}
        if isinstance(macro.node, nodes.CallBlock):
            return scope
        for (file, name), later in self._given.items():
            if file != id(macro.spans):
                continue
            here = around.get(name) if macro.spans is self.spans and name not in self._hidden else None
            scope[name] = here if here is not None else macro.scope.get(name, ABSENT) | later
        return scope

    # ---------------------------------------------------------------------------------------------------- files

    def exported(self, module: ModuleValue, name: str, place: Place) -> Value:
        """What a file of macros offers under a name."""
        scope = self._module(module.path, place)
        if scope is None:
            return NOBODY_KNOWS
        found = scope.get(name)
        if found is not None and not name.startswith("_"):
            return found
        absence = Absence("undefined-variable", f"`{module.path}` offers no `{name}`", True, place=place)
        return Value(absent=True, made=absence)

    def _module(self, path: str, place: Place) -> Scope | None:
        """The names that a file sets, walked once for each leaf."""
        known = self.modules.get(path)
        if known is not None:
            return known
        opened = self.opened(path, place)
        if opened is None:
            return None
        tree, spans = opened
        self.modules[path] = {}
        outer = self.spans, self.trace
        self.spans, self.trace = spans, (place, *self.trace)
        try:
            ways = self.run(tree.body, [Way({}, EMPTY)])
            self.modules[path] = _closed(_together(ways).scope) if ways else {}
        finally:
            self.spans, self.trace = outer
        return self.modules[path]

    modules: dict[str, Scope]

    def opened(self, path: str, place: Place) -> tuple[nodes.Template, Spans] | None:
        """The tree of a `.j2` file; None where it cannot be read."""
        raise NotImplementedError

    def _from_import(self, node: nodes.FromImport, way: Way) -> Way:
        place = self.spans.tag(node)
        module = ModuleValue(str(node.template.as_const()))
        scope = dict(way.scope)
        for entry in node.names:
            name, alias = entry if isinstance(entry, tuple) else (entry, entry)
            scope[alias] = self.demand(self.exported(module, name, place), place)
        return replace(way, scope=scope)

    def _include(self, node: nodes.Include, scope: Scope) -> Value:
        place = self.spans.tag(node)
        if self.depth >= _MAX_DEPTH:
            return ANY_TEXT
        opened = self.opened(str(node.template.as_const()), place)
        if opened is None:
            return ANY_TEXT
        tree, spans = opened
        self._hides_changes(tree)
        outer = self.spans, self.trace, self.depth
        self.spans, self.trace, self.depth = spans, (place, *self.trace), self.depth + 1
        try:
            return self.text(tree.body, scope if node.with_context else {})
        finally:
            self.spans, self.trace, self.depth = outer


def _iterated(node: nodes.For) -> nodes.Node:
    """What a loop goes through, without the filter that counts its rounds."""
    counted = isinstance(node.iter, nodes.Filter) and node.iter.name == ROUNDS
    return node.iter.node if counted and isinstance(node.iter, nodes.Filter) and node.iter.node else node.iter


def _closed(scope: Scope) -> Scope:
    """The names of a file, whose macros can call each other and themselves wherever they stand."""
    whole = dict(scope)
    for name, value in scope.items():
        macro = value.special
        if isinstance(macro, MacroValue):
            whole[name] = Value(special=MacroValue(macro.node, whole, macro.spans))
    return whole


def _bit(truth: bool) -> int:
    return TRUE if truth else FALSE


def _reads_position(node: nodes.For) -> bool:
    return any(
        each.attr in _POSITIONS and isinstance(each.node, nodes.Name) and each.node.name == "loop"
        for part in node.body
        for each in part.find_all(nodes.Getattr)
    )


def _outer(before: Scope, after: Scope) -> Scope:
    return {name: after.get(name, value) if name.startswith("(") else value for name, value in before.items()}


def _loosened(value: Value) -> Value:
    """A namespace after more rounds than were walked: each of its values may be anything of its kinds."""
    record = value.record or Record({}, NOTHING)
    return Value(
        record=Record({key: ANYTHING.only(*each.kinds, "absent") for key, each in record.fields.items()}, ABSENT)
    )


def _together(ways: Items[Way]) -> Way:
    """One way for several: the scope is any of theirs, the text too; the shares are those of the longest."""
    if not ways:
        return Way({}, EMPTY)
    scope: Scope | None = ways[0].scope
    text = ways[0].text
    longest = ways[0]
    for way in ways[1:]:
        scope = joined(scope, way.scope)
        text = text | way.text
        if _longer(way.text.points, longest.text.points):
            longest = way
    return Way(scope or {}, text, longest.shares)


def _longer(one: Range, two: Range) -> bool:
    return two.most is not None and (one.most is None or one.most > two.most)
