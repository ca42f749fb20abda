"""Where each node of a template's tree stands, from the offset that the parser kept and the tokens around it."""

from __future__ import annotations

from jinja2 import nodes

from msgc.source import Source
from msgc.template.lexing import OPENERS, Lexed, Lexeme
from msgc.template.problem import Place


class Spans:
    """The places of the nodes of one template; `source` is None for a leaf."""

    def __init__(self, lexed: Lexed, source: Source | None) -> None:
        self._lexed = lexed
        self._source = source
        # By the node's identity; the node is kept, so that no other one can have it.
        self._known: dict[int, tuple[nodes.Node, Place]] = {}

    def place(self, node: nodes.Node) -> Place:
        """The place of an expression, or of the tag of a statement."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, self._made(*self._widened(*self._of(node))))
        return known[1]

    def name(self, node: nodes.Filter | nodes.Test) -> Place:
        """The place of a filter's or a test's name alone."""
        number = self._number(node)
        lexemes = self._lexed.lexemes
        if isinstance(node, nodes.Test):
            number += 2 if lexemes[number + 1].raw == "not" else 1
        return self._made(lexemes[number].start, lexemes[self._past_dots(number) - 1].end)

    def call(self, node: nodes.Filter | nodes.Test) -> Place:
        """The place of a filter or a test with its arguments, without the value that it is applied to."""
        return self._made(self.name(node).start, self._of(node)[1])

    def literal(self, node: nodes.TemplateData) -> Place:
        """The place of text between the tags."""
        lexeme = self._lexeme(node)
        return self._made(lexeme.start, lexeme.end)

    def tag(self, node: nodes.Node) -> Place:
        """The place of the whole tag in which a node begins."""
        return self._made(*self._lexed.tag_at(node.lineno - 1))

    def opening(self, node: nodes.Node) -> Place:
        """The place of the tag of the block that a node is the first in."""
        number = self._number(node)
        while number and self._lexed.lexemes[number].type != "block_end":
            number -= 1
        return self.at(self._lexed.lexemes[number].start)

    def at(self, offset: int) -> Place:
        """The place of the tag around an offset."""
        return self._made(*self._lexed.tag_at(offset))

    def _made(self, start: int, end: int) -> Place:
        return Place(self._source, start, end, self._lexed.text[start:end])

    def _number(self, node: nodes.Node) -> int:
        return self._lexed.index.get((node.lineno or 1) - 1, 0)

    def _lexeme(self, node: nodes.Node) -> Lexeme:
        return self._lexed.lexemes[self._number(node)]

    def _past_dots(self, number: int) -> int:
        """The position behind a name with dots in it, which begins at `number`."""
        lexemes = self._lexed.lexemes
        number += 1
        while number + 1 < len(lexemes) and lexemes[number].raw == "." and lexemes[number + 1].type == "name":
            number += 2
        return number

    def _closing(self, number: int) -> int:
        """The end of the bracket that opens at `number`."""
        return self._lexed.lexemes[self._lexed.partner.get(number, number)].end

    def _of(self, node: nodes.Node) -> tuple[int, int]:  # noqa: C901 - one case for each kind of node
        number = self._number(node)
        lexemes = self._lexed.lexemes
        match node:
            case nodes.Name():
                return lexemes[number].start, lexemes[number].end
            case nodes.Const():
                while lexemes[number].type == "string" and lexemes[number + 1 : number + 2]:
                    if lexemes[number + 1].type != "string":
                        break
                    number += 1
                return self._lexeme(node).start, lexemes[number].end
            case nodes.Getattr():
                return self._of(node.node)[0], lexemes[number + 1].end
            case nodes.Getitem():
                dotted = lexemes[number].raw == "."
                return self._of(node.node)[0], lexemes[number + 1].end if dotted else self._closing(number)
            case nodes.Call():
                return self._of(node.node)[0], self._closing(number)
            case nodes.Filter():
                start = lexemes[number].start if node.node is None else self._of(node.node)[0]
                return start, self._end_of_arguments(self._past_dots(number))
            case nodes.Test():
                name = number + (2 if lexemes[number + 1].raw == "not" else 1)
                end = self._end_of_arguments(self._past_dots(name))
                return self._of(node.node)[0], max([end, *(self._of(argument)[1] for argument in node.args)])
            case nodes.Not() if lexemes[number].raw == "is":
                return self._of(node.node)
            case nodes.Not() | nodes.Neg() | nodes.Pos():
                return lexemes[number].start, self._of(node.node)[1]
            case nodes.List() | nodes.Dict():
                return lexemes[number].start, self._closing(number)
            case nodes.CondExpr():
                return self._of(node.expr1)[0], self._of(node.expr2 or node.test)[1]
            case nodes.Expr() | nodes.Helper():
                children = [self._of(child) for child in node.iter_child_nodes()]
                if children:
                    return min(start for start, _ in children), max(end for _, end in children)
                return lexemes[number].start, lexemes[number].end
            case _:
                return self._lexed.tag_at(node.lineno - 1)

    def _end_of_arguments(self, number: int) -> int:
        lexemes = self._lexed.lexemes
        if number < len(lexemes) and lexemes[number].raw == "(" and lexemes[number].type == "operator":
            return self._closing(number)
        return lexemes[number - 1].end

    def _widened(self, start: int, end: int) -> tuple[int, int]:
        """The range, with the other halves of the brackets that it holds only one half of."""
        lexemes, partner = self._lexed.lexemes, self._lexed.partner
        first = self._lexed.index.get(start)
        if first is None:
            return start, end
        low, high = start, end
        for number in range(first, len(lexemes)):
            if lexemes[number].start >= end:
                break
            other = partner.get(number)
            if other is not None:
                low = min(low, lexemes[other].start)
                high = max(high, lexemes[other].end if lexemes[number].raw in OPENERS else end)
        return low, high
