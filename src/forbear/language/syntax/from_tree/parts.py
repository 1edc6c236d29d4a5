"""Tree to what statements are made of: names, values, texts, periods, lists of actions, clauses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, cast

from attrs import define, evolve, field
from lark import Token

from forbear.base.source import Span
from forbear.language.syntax import nodes
from forbear.language.syntax.literals import Mistake, Unreadable, read_date, read_number, read_string, read_time
from forbear.language.syntax.nodes import (
    Actions,
    Literal,
    LiteralKind,
    Name,
    Part,
    Period,
    Share,
    Special,
    Sum,
    Term,
    Text,
    Value,
)
from forbear.language.syntax.tree import Tree

Node: TypeAlias = Tree | Token | None
Nodes: TypeAlias = Sequence[Any]
"""The children of a tree: trees, tokens, and None for what was left out."""


def span_of(node: Any) -> Span:
    return node.start_pos, node.end_pos


def name_of(token: Token) -> Name:
    return Name(str(token), cast(int, token.start_pos))


def names_of(tokens: Nodes) -> tuple[Name, ...]:
    return tuple([name_of(token) for token in tokens])


BASES = ("second-hand", "from-memory")
"""The words after the source of a rule that nobody has compared with its text: it was reported by others, or
remembered.
"""
_READERS: Mapping[str, tuple[LiteralKind, Callable[[str], Any]]] = {
    "DATE": ("date", read_date),
    "TIME": ("time", read_time),
    "STRING": ("text", read_string),
}
_KEEP = {
    "unless": "keep one, and join the conditions: with `or` if each of them lifts the rule, with `and` if only both do,"
    " with `and not` if the second takes the first back",
    "subject_to": 'keep one, and name all standards after it: `subject to "a", "b"`',
    "omits": 'keep one, and list all texts after it: `omits "a", "b"`',
    "read": 'keep one, and list all readings after it: `read on 2026-01-31 "a", on 2026-02-28 "b"`',
}
"""The help for a clause that is there twice, if neither of the two contains the other."""
_CLAUSE_WORDS = {
    "in_force_until": "in_force",
    "cited": "source",
    "accept_until": "until",
    "fact_range": "between",
    "fact_steps": "in steps",
    "fact_optional": "optional",
    "fact_or_none": "or none",
    "fact_usually": "usually",
    "fact_clock": "clock",
    "fact_this_day": "this day",
    "fact_rising": "rising with days",
    "fact_consent": "consent",
    "fact_private": "private",
}


@define
class Reader:
    """Reads the parts of a statement. It notes what is wrong in them, the currency of the first sum, and whether a list
    of actions says `everything`."""

    mistakes: list[Mistake] = field(factory=list)
    currency: str | None = None
    everything: bool = False

    def report(self, code: str, message: str, span: Span, help: str) -> None:
        self.mistakes.append(Mistake(code, message, span, help))

    def _read(self, reader: Callable[..., Any], node: Node, *arguments: object) -> Any:
        """The value that `reader` makes of the arguments, or None and a mistake."""
        try:
            return reader(*arguments)
        except Unreadable as unreadable:
            self.report("bad-literal", unreadable.message, span_of(node), unreadable.help)
            return None

    def text(self, token: Token | None) -> Text | None:
        if token is None:
            return None
        return Text(self._read(read_string, token, str(token)) or "", span=span_of(token))

    def value(self, tree: Tree) -> Value:
        node: Any = tree.children[0]
        if not isinstance(node, Token):
            return self._number(node)
        if node.type == "NAME":
            return name_of(node)
        if node.type.removeprefix("FIRST_") in _READERS:
            return self.literal(node)
        return Literal("flag", node.type == "YES", span=span_of(node))

    def term(self, node: Any) -> Term:
        """Reads a side of a comparison: a name, a value, a percentage of a fact, or a sum of these."""
        if isinstance(node, Token):
            return name_of(node)
        if node.data == "share":
            return self._summand(node)
        if node.data == "sum":
            first, *others = node.children
            parts = [Part("+", self._summand(first), False, span=span_of(first))]
            for sign, term, days in zip(others[::3], others[1::3], others[2::3], strict=True):
                span = span_of(term)[0], span_of(term if days is None else days)[1]
                parts.append(Part(str(sign), self._summand(term), days is not None, span=span))  # type: ignore[arg-type]
            return Sum(tuple(parts), span=span_of(node))
        return self.value(node)

    def _summand(self, node: Any) -> Value | Share:
        if isinstance(node, Token) or node.data != "share":
            return self.whole(node)
        percent, fact = node.children
        return Share(self.whole(percent), name_of(fact), span=span_of(node))

    def literal(self, token: Token) -> Literal:
        """A date, a time or a text."""
        kind, reader = _READERS[token.type.removeprefix("FIRST_")]
        value = self._read(reader, token, str(token))
        return Literal("bad" if value is None else kind, value, span=span_of(token))

    def time(self, token: Token | None) -> Literal | None:
        return None if token is None else self.literal(token)

    def count(self, token: Token) -> Literal:
        value = self._read(read_number, token, str(token), False)
        return Literal("bad" if value is None else "number", value or Decimal(0), span=span_of(token))

    def _number(self, tree: Tree) -> Literal:
        """A number, a percentage or a sum of money."""
        parts = tree.children
        signed = len(parts) > 1 and isinstance(parts[-2], Token) and parts[-2].type == "MINUS"
        number = self._read(read_number, tree, str(parts[-1]), signed)
        kind = "bad" if number is None else str(tree.data)
        currency = str(parts[0]) if tree.data == "money" else None
        self.currency = self.currency or currency
        return Literal(cast(LiteralKind, kind), number or Decimal(0), span=span_of(tree), currency=currency)

    def whole(self, node: Any) -> Value:
        """A number, a percentage or a sum, or the name of a setting."""
        return name_of(node) if isinstance(node, Token) else self._number(node)

    def special_or_value(self, node: Any) -> Value | Special:
        if isinstance(node, Token):
            return Special("none" if node.type == "NONE" else "unknown", span=span_of(node))
        return self.value(node)

    def date(self, tree: Tree | None) -> Value | None:
        return None if tree is None else self.value(tree)

    def actions(self, tree: Tree) -> Actions:
        *tokens, excepted = cast(Nodes, tree.children)
        listed = names_of(tokens)
        left_out = () if excepted is None else names_of(excepted.children)
        self.everything = self.everything or any(name.text == "everything" for name in (*listed, *left_out))
        return Actions(listed, left_out, span=span_of(tree))

    def clauses(self, trees: Nodes) -> dict[str, Any]:
        """The clauses of a statement by their word; a repeated one is a mistake."""
        by_word: dict[str, Any] = {}
        for tree in trees:
            word = _CLAUSE_WORDS.get(tree.data, str(tree.data))
            if word in by_word:
                self.report(
                    "repeated-clause",
                    f"`{word.replace('_', ' ')}` appears twice in one statement",
                    span_of(tree),
                    _KEEP.get(word, "keep one of the two"),
                )
                continue
            by_word[word] = tree
        return by_word

    def period(self, tree: Tree | None) -> Period | None:
        if tree is None:
            return None
        children: Nodes = tree.children
        if tree.data == "in_force_until":
            return Period(None, self.date(children[0]), span=span_of(tree))
        since, until = children[-2:]
        return Period(self.date(since), self.date(until), span=span_of(tree))

    def cited(self, clauses: dict[str, Any]) -> tuple[Text | None, str | None]:
        """The source of a rule, and on what the rule rests, if that is not the text of the source itself."""
        if "source" not in clauses:
            return None, None
        text, basis = clauses["source"].children
        if basis is not None and basis not in BASES:
            help = f"write {' or '.join(f'`{word}`' for word in BASES)}, or nothing where the text itself was read"
            self.report("unknown-name", f"`{basis}` does not say on what a rule rests", span_of(basis), help)
            basis = None
        return self.text(text), None if basis is None else str(basis)

    def clause_text(self, clauses: dict[str, Any], word: str) -> Text | None:
        return self.text(clauses[word].children[0]) if word in clauses else None


# Tree to conditions.


def condition_of(tree: Tree, read: Reader) -> nodes.Condition:
    kind = tree.data
    children: Nodes = tree.children
    if kind == "group_":
        inner = condition_of(children[0], read)
        if isinstance(inner, nodes.Not | nodes.And | nodes.Or):
            return evolve(inner, bracketed=True)
        return inner
    span = span_of(tree)
    if kind in ("and_", "or_"):
        parts = []
        for child in children:
            parts.append(condition_of(child, read))
        return (nodes.And if kind == "and_" else nodes.Or)(tuple(parts), span=span)
    if kind == "not_":
        return nodes.Not(condition_of(children[0], read), span=span)
    if kind == "comparison":
        left, operator, right = children
        return nodes.Comparison(read.term(left), str(operator), read.term(right), span=span)  # type: ignore[arg-type]
    if kind == "is_":
        left, negated, right = children
        return nodes.Comparison(read.term(left), "is not" if negated else "is", read.term(right), span=span)
    if kind in _CLOCK_WORDS:
        return _clock(str(kind), children, span, read)
    if kind == "between":
        term, negated, low, high = children
        return nodes.Between(read.term(term), read.term(low), read.term(high), negated is not None, span=span)
    if kind == "from_until":
        term, low, high = children
        return nodes.Between(read.term(term), read.term(low), read.term(high), False, span=span, half_open=True)
    if kind == "one_of":
        fact, negated, *values = children
        return nodes.OneOf(
            name_of(fact), tuple([read.value(value) for value in values]), negated is not None, span=span
        )
    if kind == "same":
        attribute, negated, fact = children
        return nodes.Same(name_of(attribute), "=", name_of(fact), negated is not None, span=span)
    if kind == "same_order":
        attribute, sign, fact = children
        negated, operator = sign == "!=", str(sign).replace("!=", "=")
        return nodes.Same(name_of(attribute), operator, name_of(fact), negated, span=span)  # type: ignore[arg-type]
    if kind == "state":
        fact, *negated, word = children
        if word.type == "NONE":
            return nodes.State(name_of(fact), "none", negated != [None], span=span)
        return nodes.State(name_of(fact), "known", word.type == "UNKNOWN", span=span)
    if kind == "name_alone":
        return nodes.NameAlone(name_of(children[0]), span=span)
    assert kind == "always", kind
    return nodes.Always(span=span)


_CLOCK_WORDS = {"after": "after", "within": "within", "from_day": "from", "on_day": "on", "before_day": "before"}


def _clock(kind: str, children: Nodes, span: Span, read: Reader) -> nodes.Clock:
    days = [child for child in children if not (isinstance(child, Token) and child.type in ("DAYS", "ON_DAY"))]
    last = days[1] if len(days) == 2 else None
    return nodes.Clock(
        _CLOCK_WORDS[kind],  # type: ignore[arg-type]
        read.whole(days[0]),
        None if last is None else read.whole(last),
        span=span,
    )
