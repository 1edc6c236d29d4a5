"""Tree to values and conditions: the parts that statements are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, cast

from lark import Token, Tree

from forbear.source import Span
from forbear.syntax.ast import conditions
from forbear.syntax.ast.parts import Literal, LiteralKind, Name, Special, Text, Value
from forbear.syntax.literals import Fault, Unreadable, read_date, read_number, read_string, read_time

Node: TypeAlias = "Tree[Token] | Token | None"
Nodes: TypeAlias = Sequence[Any]
"""The children of a tree: trees, tokens, and None for what was left out."""


def span_of(node: Any) -> Span:
    if isinstance(node, Token):
        return cast(int, node.start_pos), cast(int, node.end_pos)
    return node.meta.start_pos, node.meta.end_pos


def name_of(token: Token) -> Name:
    return Name(str(token), cast(int, token.start_pos))


def names_of(tokens: Nodes) -> tuple[Name, ...]:
    return tuple([name_of(token) for token in tokens])


# Values


def _read(reader: Callable[..., Any], node: Node, faults: list[Fault], *arguments: object) -> Any:
    """The value that `reader` makes of the arguments, or None and a fault."""
    try:
        return reader(*arguments)
    except Unreadable as unreadable:
        faults.append(Fault("bad-literal", unreadable.message, span_of(node), unreadable.help))
        return None


def text_of(token: Token | None, faults: list[Fault]) -> Text | None:
    if token is None:
        return None
    return Text(_read(read_string, token, faults, str(token)) or "", span_of(token))


def value_of(tree: Tree[Token], faults: list[Fault]) -> Value:
    node: Any = tree.children[0]
    kind: LiteralKind
    if isinstance(node, Token):
        if node.type == "NAME":
            return name_of(node)
        if node.type == "DATE":
            kind, value = "date", _read(read_date, node, faults, str(node))
        elif node.type == "TIME":
            return time_of(node, faults)
        elif node.type == "STRING":
            kind, value = "text", _read(read_string, node, faults, str(node))
        else:
            kind, value = "flag", node.type == "YES"
        return Literal("bad" if value is None else kind, value, span_of(node))
    return _number(node, faults)


def time_of(token: Token, faults: list[Fault]) -> Literal:
    value = _read(read_time, token, faults, str(token))
    return Literal("bad" if value is None else "time", value, span_of(token))


def count_of(token: Token, faults: list[Fault]) -> Literal:
    value = _read(read_number, token, faults, str(token), False)
    return Literal("bad" if value is None else "number", value or Decimal(0), span_of(token))


def _number(tree: Tree[Token], faults: list[Fault]) -> Literal:
    """A number, a percentage or a sum of money."""
    parts = tree.children
    number = _read(read_number, tree, faults, str(parts[-1]), parts[-2] is not None)
    kind = "bad" if number is None else str(tree.data)
    currency = str(parts[0]) if tree.data == "money" else None
    return Literal(cast(LiteralKind, kind), number or Decimal(0), span_of(tree), currency)


def whole_of(node: Any, faults: list[Fault]) -> Value:
    """A number of days, or the name of a setting."""
    return name_of(node) if isinstance(node, Token) else _number(node, faults)


def special_or_value(node: Any, faults: list[Fault]) -> Value | Special:
    if isinstance(node, Token):
        return Special("none" if node.type == "NONE" else "unknown", span_of(node))
    return value_of(node, faults)


def date_of(tree: Tree[Token] | None, faults: list[Fault]) -> Value | None:
    return None if tree is None else value_of(tree, faults)


# Conditions


def condition_of(tree: Tree[Token], faults: list[Fault]) -> conditions.Condition:
    kind = tree.data
    children: Nodes = tree.children
    if kind == "group_":
        return condition_of(children[0], faults)
    span = span_of(tree)
    if kind in ("and_", "or_"):
        parts = []
        for child in children:
            parts.append(condition_of(child, faults))
        return (conditions.And if kind == "and_" else conditions.Or)(tuple(parts), span)
    if kind == "not_":
        return conditions.Not(condition_of(children[0], faults), span)
    if kind == "comparison":
        fact, operator, value = children
        return conditions.Comparison(name_of(fact), str(operator), value_of(value, faults), span)  # type: ignore[arg-type]
    if kind == "is_":
        fact, negated, value = children
        return conditions.Comparison(name_of(fact), "is not" if negated else "is", value_of(value, faults), span)
    if kind in _CLOCK_WORDS:
        return _clock(str(kind), children, span, faults)
    if kind == "between":
        fact, negated, low, high = children
        return conditions.Between(
            name_of(fact), value_of(low, faults), value_of(high, faults), negated is not None, span
        )
    if kind == "one_of":
        fact, negated, *values = children
        return conditions.OneOf(
            name_of(fact), tuple([value_of(value, faults) for value in values]), negated is not None, span
        )
    if kind == "same":
        attribute, negated, fact = children
        return conditions.Same(name_of(attribute), name_of(fact), negated is not None, span)
    if kind == "state":
        words = " ".join([str(token) for token in children[1:] if token is not None])
        return conditions.State(name_of(children[0]), words, span)  # type: ignore[arg-type]
    if kind == "name_alone":
        return conditions.NameAlone(name_of(children[0]), span)
    assert kind == "always", kind
    return conditions.Always(span)


_CLOCK_WORDS = {"after": "after", "within": "within", "from_day": "from", "on_day": "on", "before_day": "before"}


def _clock(kind: str, children: Nodes, span: Span, faults: list[Fault]) -> conditions.Clock:
    days = [child for child in children if not (isinstance(child, Token) and child.type in ("DAYS", "ON_DAY"))]
    last = days[1] if len(days) == 2 else None
    return conditions.Clock(
        _CLOCK_WORDS[kind],  # type: ignore[arg-type]
        whole_of(days[0], faults),
        None if last is None else whole_of(last, faults),
        span,
    )
