"""Tree to conditions."""

from __future__ import annotations

from attrs import evolve
from lark import Token

from forbear.base.source import Span
from forbear.language.syntax import nodes
from forbear.language.syntax.from_tree.parts import Nodes, Reader, name_of, span_of
from forbear.language.syntax.tree import Tree


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
        return (nodes.And if kind == "and_" else nodes.Or)(tuple(parts), span)
    if kind == "not_":
        return nodes.Not(condition_of(children[0], read), span)
    if kind == "comparison":
        left, operator, right = children
        return nodes.Comparison(read.term(left), str(operator), read.term(right), span)  # type: ignore[arg-type]
    if kind == "is_":
        left, negated, right = children
        return nodes.Comparison(read.term(left), "is not" if negated else "is", read.term(right), span)
    if kind in _CLOCK_WORDS:
        return _clock(str(kind), children, span, read)
    if kind == "between":
        term, negated, low, high = children
        return nodes.Between(read.term(term), read.term(low), read.term(high), negated is not None, span)
    if kind == "from_until":
        term, low, high = children
        return nodes.Between(read.term(term), read.term(low), read.term(high), False, span, until=True)
    if kind == "one_of":
        fact, negated, *values = children
        return nodes.OneOf(name_of(fact), tuple([read.value(value) for value in values]), negated is not None, span)
    if kind == "same":
        attribute, negated, fact = children
        return nodes.Same(name_of(attribute), name_of(fact), negated is not None, span)
    if kind == "state":
        fact, *negated, word = children
        if word.type == "NONE":
            return nodes.State(name_of(fact), "none", negated != [None], span)
        return nodes.State(name_of(fact), "known", word.type == "UNKNOWN", span)
    if kind == "name_alone":
        return nodes.NameAlone(name_of(children[0]), span)
    assert kind == "always", kind
    return nodes.Always(span)


_CLOCK_WORDS = {"after": "after", "within": "within", "from_day": "from", "on_day": "on", "before_day": "before"}


def _clock(kind: str, children: Nodes, span: Span, read: Reader) -> nodes.Clock:
    days = [child for child in children if not (isinstance(child, Token) and child.type in ("DAYS", "ON_DAY"))]
    last = days[1] if len(days) == 2 else None
    return nodes.Clock(
        _CLOCK_WORDS[kind],  # type: ignore[arg-type]
        read.whole(days[0]),
        None if last is None else read.whole(last),
        span,
    )
