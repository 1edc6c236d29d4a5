"""Tree to conditions."""

from __future__ import annotations

from lark import Token, Tree

from forbear.source import Span
from forbear.syntax.ast.conditions import (
    Always,
    And,
    Between,
    Clock,
    Comparison,
    Condition,
    NameAlone,
    Not,
    OneOf,
    Or,
    Same,
    State,
)
from forbear.syntax.from_tree.parts import Nodes, Notes, name_of, span_of, value_of, whole_of


def condition_of(tree: Tree[Token], notes: Notes) -> Condition:
    kind = tree.data
    children: Nodes = tree.children
    if kind == "group_":
        return condition_of(children[0], notes)
    span = span_of(tree)
    if kind in ("and_", "or_"):
        parts = []
        for child in children:
            parts.append(condition_of(child, notes))
        return (And if kind == "and_" else Or)(tuple(parts), span)
    if kind == "not_":
        return Not(condition_of(children[0], notes), span)
    if kind == "comparison":
        fact, operator, value = children
        return Comparison(name_of(fact), str(operator), value_of(value, notes), span)  # type: ignore[arg-type]
    if kind == "is_":
        fact, negated, value = children
        return Comparison(name_of(fact), "is not" if negated else "is", value_of(value, notes), span)
    if kind in _CLOCK_WORDS:
        return _clock(str(kind), children, span, notes)
    if kind == "between":
        fact, negated, low, high = children
        return Between(name_of(fact), value_of(low, notes), value_of(high, notes), negated is not None, span)
    if kind == "one_of":
        fact, negated, *values = children
        return OneOf(name_of(fact), tuple([value_of(value, notes) for value in values]), negated is not None, span)
    if kind == "same":
        attribute, negated, fact = children
        return Same(name_of(attribute), name_of(fact), negated is not None, span)
    if kind == "state":
        fact, *negated, word = children
        if word.type == "NONE":
            return State(name_of(fact), "none", negated != [None], span)
        return State(name_of(fact), "known", word.type == "UNKNOWN", span)
    if kind == "name_alone":
        return NameAlone(name_of(children[0]), span)
    assert kind == "always", kind
    return Always(span)


_CLOCK_WORDS = {"after": "after", "within": "within", "from_day": "from", "on_day": "on", "before_day": "before"}


def _clock(kind: str, children: Nodes, span: Span, notes: Notes) -> Clock:
    days = [child for child in children if not (isinstance(child, Token) and child.type in ("DAYS", "ON_DAY"))]
    last = days[1] if len(days) == 2 else None
    return Clock(
        _CLOCK_WORDS[kind],  # type: ignore[arg-type]
        whole_of(days[0], notes),
        None if last is None else whole_of(last, notes),
        span,
    )
