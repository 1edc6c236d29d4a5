"""Tree to conditions."""

from __future__ import annotations

from attrs import evolve
from lark import Token

from forbear.base.source import Span
from forbear.language.syntax.ast import conditions
from forbear.language.syntax.from_tree.parts import Nodes, Reader, name_of, span_of
from forbear.language.syntax.tree import Tree


def condition_of(tree: Tree, read: Reader) -> conditions.Condition:
    kind = tree.data
    children: Nodes = tree.children
    if kind == "group_":
        inner = condition_of(children[0], read)
        if isinstance(inner, conditions.Not | conditions.And | conditions.Or):
            return evolve(inner, bracketed=True)
        return inner
    span = span_of(tree)
    if kind in ("and_", "or_"):
        parts = []
        for child in children:
            parts.append(condition_of(child, read))
        return (conditions.And if kind == "and_" else conditions.Or)(tuple(parts), span)
    if kind == "not_":
        return conditions.Not(condition_of(children[0], read), span)
    if kind == "comparison":
        left, operator, right = children
        return conditions.Comparison(read.term(left), str(operator), read.term(right), span)  # type: ignore[arg-type]
    if kind == "is_":
        left, negated, right = children
        return conditions.Comparison(read.term(left), "is not" if negated else "is", read.term(right), span)
    if kind in _CLOCK_WORDS:
        return _clock(str(kind), children, span, read)
    if kind == "between":
        term, negated, low, high = children
        return conditions.Between(read.term(term), read.term(low), read.term(high), negated is not None, span)
    if kind == "one_of":
        fact, negated, *values = children
        return conditions.OneOf(
            name_of(fact), tuple([read.value(value) for value in values]), negated is not None, span
        )
    if kind == "same":
        attribute, negated, fact = children
        return conditions.Same(name_of(attribute), name_of(fact), negated is not None, span)
    if kind == "state":
        fact, *negated, word = children
        if word.type == "NONE":
            return conditions.State(name_of(fact), "none", negated != [None], span)
        return conditions.State(name_of(fact), "known", word.type == "UNKNOWN", span)
    if kind == "name_alone":
        return conditions.NameAlone(name_of(children[0]), span)
    assert kind == "always", kind
    return conditions.Always(span)


_CLOCK_WORDS = {"after": "after", "within": "within", "from_day": "from", "on_day": "on", "before_day": "before"}


def _clock(kind: str, children: Nodes, span: Span, read: Reader) -> conditions.Clock:
    days = [child for child in children if not (isinstance(child, Token) and child.type in ("DAYS", "ON_DAY"))]
    last = days[1] if len(days) == 2 else None
    return conditions.Clock(
        _CLOCK_WORDS[kind],  # type: ignore[arg-type]
        read.whole(days[0]),
        None if last is None else read.whole(last),
        span,
    )
