"""What an author may have written for them where a rule does not say what none means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from forbear.editors.editing.edits import Edit
from forbear.editors.editing.offers.action import within
from forbear.editors.editing.reading import Reading
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Define, Literal, Name, Rule, Share, Shift, Statement, Term

Condition: TypeAlias = nodes.Condition
_Join: TypeAlias = type[nodes.Or] | type[nodes.And]


def saying_none(reading: Reading, node: Rule, fact: str, forbids: bool, *, permits: bool) -> tuple[Edit, ...]:
    """Edits of a rule, and of the definitions that it uses, to say that it forbids where a fact is none, or not; of one
    that permits, that it does not permit there, or does."""
    whole = () if reading.module is None else reading.module.statements
    defined = {one.name.text: one for one in whole if isinstance(one, Define)}
    join: _Join = nodes.Or if forbids else nodes.And
    word, state = ("or", "none") if forbids else ("and", "not none")
    edits: dict[tuple[int, int], tuple[Statement, Edit]] = {}
    for condition, holds in ((node.condition, not permits), (node.unless, permits)):
        for bound, statement, parent in _bounds(condition, fact, holds, defined, node, None):
            text = f"{reading.text[slice(*bound.span)]} {word} {fact} is {state}"
            alone = parent is None or isinstance(parent, join)
            edits[bound.span] = statement, Edit(bound.span, text if alone else f"({text})")
    statements = {statement.span: statement for statement, _ in edits.values()}
    return tuple(
        [
            edit
            for span, statement in statements.items()
            for edit in within(reading, statement, [edit for of, edit in edits.values() if of.span == span])
        ]
    )


def _bounds(
    condition: Condition | None,
    fact: str,
    holds: bool,
    defined: Mapping[str, Define],
    statement: Statement,
    parent: Condition | None,
) -> Iterator[tuple[Condition, Statement, Condition | None]]:
    """The comparisons by order with a fact that have to be true so that a condition is what it has to be, each with the
    statement and the condition that it is a part of."""
    match condition:
        case nodes.Not(part):
            yield from _bounds(part, fact, not holds, defined, statement, condition)
        case nodes.And(parts) | nodes.Or(parts):
            for part in parts:
                yield from _bounds(part, fact, holds, defined, statement, condition)
        case nodes.NameAlone(name) if name.text in defined:
            define = defined[name.text]
            yield from _bounds(define.condition, fact, holds, defined, define, None)
        case nodes.Comparison(left, operator, right) if holds and operator in ("<", "<=", ">", ">="):
            if fact in (_fact(left), _fact(right)):
                yield condition, statement, parent
        case nodes.Between(term, low, high, negated) if holds and not negated:
            if fact in (_fact(term), _fact(low), _fact(high)):
                yield condition, statement, parent


def _fact(term: Term) -> str | None:
    match term:
        case Name(text):
            return text
        case Share(fact=fact) | Shift(fact=fact):
            return fact.text
        case Literal():
            return None
