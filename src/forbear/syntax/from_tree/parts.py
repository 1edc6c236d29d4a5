"""Tree to what statements are made of: names, values, texts, periods, lists of actions, clauses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, cast

from attrs import define, field
from lark import Token, Tree

from forbear.source import Span
from forbear.syntax.ast.parts import Actions, Literal, LiteralKind, Name, Period, Special, Text, Value
from forbear.syntax.literals import Mistake, Unreadable, read_date, read_number, read_string, read_time

Node: TypeAlias = "Tree[Token] | Token | None"
Nodes: TypeAlias = Sequence[Any]
"""The children of a tree: trees, tokens, and None for what was left out."""


@define
class Notes:
    """What is noticed while a statement is read: what is wrong inside it, the currency of its first sum, and whether a
    list of actions in it says `everything`."""

    mistakes: list[Mistake] = field(factory=list)
    currency: str | None = None
    everything: bool = False

    def report(self, code: str, message: str, span: Span, help: str) -> None:
        self.mistakes.append(Mistake(code, message, span, help))


def span_of(node: Any) -> Span:
    if isinstance(node, Token):
        return cast(int, node.start_pos), cast(int, node.end_pos)
    return node.meta.start_pos, node.meta.end_pos


def name_of(token: Token) -> Name:
    return Name(str(token), cast(int, token.start_pos))


def names_of(tokens: Nodes) -> tuple[Name, ...]:
    return tuple([name_of(token) for token in tokens])


def _read(reader: Callable[..., Any], node: Node, notes: Notes, *arguments: object) -> Any:
    """The value that `reader` makes of the arguments, or None and a mistake."""
    try:
        return reader(*arguments)
    except Unreadable as unreadable:
        notes.report("bad-literal", unreadable.message, span_of(node), unreadable.help)
        return None


def text_of(token: Token | None, notes: Notes) -> Text | None:
    if token is None:
        return None
    return Text(_read(read_string, token, notes, str(token)) or "", span_of(token))


def value_of(tree: Tree[Token], notes: Notes) -> Value:
    node: Any = tree.children[0]
    kind: LiteralKind
    if isinstance(node, Token):
        if node.type == "NAME":
            return name_of(node)
        if node.type == "DATE":
            kind, value = "date", _read(read_date, node, notes, str(node))
        elif node.type == "TIME":
            return time_of(node, notes)
        elif node.type == "STRING":
            kind, value = "text", _read(read_string, node, notes, str(node))
        else:
            kind, value = "flag", node.type == "YES"
        return Literal("bad" if value is None else kind, value, span_of(node))
    return _number(node, notes)


def time_of(token: Token, notes: Notes) -> Literal:
    value = _read(read_time, token, notes, str(token))
    return Literal("bad" if value is None else "time", value, span_of(token))


def count_of(token: Token, notes: Notes) -> Literal:
    value = _read(read_number, token, notes, str(token), False)
    return Literal("bad" if value is None else "number", value or Decimal(0), span_of(token))


def _number(tree: Tree[Token], notes: Notes) -> Literal:
    """A number, a percentage or a sum of money."""
    parts = tree.children
    number = _read(read_number, tree, notes, str(parts[-1]), parts[-2] is not None)
    kind = "bad" if number is None else str(tree.data)
    currency = str(parts[0]) if tree.data == "money" else None
    notes.currency = notes.currency or currency
    return Literal(cast(LiteralKind, kind), number or Decimal(0), span_of(tree), currency)


def whole_of(node: Any, notes: Notes) -> Value:
    """A number of days, or the name of a setting."""
    return name_of(node) if isinstance(node, Token) else _number(node, notes)


def special_or_value(node: Any, notes: Notes) -> Value | Special:
    if isinstance(node, Token):
        return Special("none" if node.type == "NONE" else "unknown", span_of(node))
    return value_of(node, notes)


def date_of(tree: Tree[Token] | None, notes: Notes) -> Value | None:
    return None if tree is None else value_of(tree, notes)


def actions_of(tree: Tree[Token], notes: Notes) -> Actions:
    *tokens, excepted = cast(Nodes, tree.children)
    listed = names_of(tokens)
    left_out = () if excepted is None else names_of(excepted.children)
    notes.everything = notes.everything or any(name.text == "everything" for name in (*listed, *left_out))
    return Actions(listed, left_out, span_of(tree))


def clauses_of(trees: Nodes, notes: Notes) -> dict[str, Any]:
    """The clauses of a statement by their word; a repeated one is a mistake."""
    found: dict[str, Any] = {}
    for tree in trees:
        word = _CLAUSE_WORDS.get(tree.data, str(tree.data))
        if word in found:
            notes.report(
                "repeated-clause",
                f"`{word.replace('_', ' ')}` appears twice in one statement",
                span_of(tree),
                _KEEP.get(word, "keep one of the two"),
            )
            continue
        found[word] = tree
    return found


_KEEP = {
    "unless": "keep one, and join the conditions with `or`",
    "subject_to": 'keep one, and name all standards after it: `subject to "a", "b"`',
}
"""What to do where a clause is there twice, if one of the two does not say it all."""
_CLAUSE_WORDS = {
    "in_force_until": "in_force",
    "accept_until": "until",
    "fact_range": "between",
    "fact_steps": "in steps",
    "fact_optional": "optional",
    "fact_or_none": "or none",
    "fact_usually": "usually",
    "fact_clock": "clock",
    "fact_private": "private",
}


def period_of(tree: Tree[Token] | None, notes: Notes) -> Period | None:
    if tree is None:
        return None
    children: Nodes = tree.children
    if tree.data == "in_force_until":
        return Period(None, date_of(children[0], notes), span_of(tree))
    since, until = children[-2:]
    return Period(date_of(since, notes), date_of(until, notes), span_of(tree))


def clause_text(clauses: dict[str, Any], word: str, notes: Notes) -> Text | None:
    return text_of(clauses[word].children[0], notes) if word in clauses else None
