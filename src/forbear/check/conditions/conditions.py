"""Conditions as written to typed conditions.

A condition in which something is wrong becomes None, so that one mistake gives one diagnostic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never, cast

from forbear.base.diagnostic import Fix, TextEdit, replacement
from forbear.base.source import Place, Span
from forbear.check.conditions.terms import between_terms, compared_terms, is_of_one_fact
from forbear.check.conditions.unclear import always, report_always, report_unclear
from forbear.check.conditions.unknown_names import report_unknown_condition, report_unknown_fact
from forbear.check.conditions.values import described, kind_words, on_grid, range_words, report_hours, report_uncompared
from forbear.check.scope import Definition, Scope
from forbear.kernel.history.moments import WEEKDAYS
from forbear.language.model.comparisons import Between, Compare, Comparison, OneOf, Operator, decided, holds_for_none
from forbear.language.model.conditions import (
    MAXIMUM_COMPARISONS,
    MAXIMUM_DEPTH,
    Always,
    And,
    Condition,
    IsKnown,
    IsNone,
    Not,
    Or,
)
from forbear.language.model.derived import same_name
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.kinds import DAYS, HOURS, Storage
from forbear.language.model.names import bundled_in
from forbear.language.model.values import value_text
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name, Value

# Comparisons as written to typed ones: a fact that is known, and values that it can have.
#
# One that the range of its fact decides already stays as it is, with a warning.


def typed_atom(node: nodes.Condition, scope: Scope) -> Condition | None:
    match node:
        case nodes.Always():
            return Always()
        case nodes.Clock():
            return _clock(node, scope)
        case nodes.Comparison(left=name, operator=word, right=value):
            operator = cast(Operator, {"is": "=", "is not": "!="}.get(word, word))
            if not is_of_one_fact(name, (value,), scope):
                return compared_terms(name, operator, value, node.span, scope)
            fact = _fact(cast(Name, name), scope)
            if fact is None:
                return None
            if operator not in ("=", "!=") and not fact.ordered:
                _report_not_ordered(fact, node.span, scope)
                return None
            grid = on_grid(fact, cast(Value, value), scope)
            if grid is None:
                return None
            return _checked(Compare(fact.name, operator, grid), fact, node.span, scope)
        case nodes.Between(term=name, low=low_value, high=high_value, negated=negated):
            if not is_of_one_fact(name, (low_value, high_value), scope):
                return between_terms(node, scope)
            fact = _fact(cast(Name, name), scope)
            if fact is None:
                return None
            if not fact.ordered:
                _report_not_ordered(fact, node.span, scope)
                return None
            ends = cast(Value, low_value), cast(Value, high_value)
            return _span_of(fact, *ends, negated, node.span, scope, half_open=node.half_open)
        case nodes.OneOf(fact=name, values=values, negated=negated):
            fact = _fact(name, scope)
            if fact is None:
                return None
            grids = [on_grid(fact, value, scope) for value in values]
            if None in grids:
                return None
            one_of = OneOf(fact.name, cast(tuple[Grid, ...], tuple(grids)), negated)
            return _checked(one_of, fact, node.span, scope)
        case nodes.State(fact=name):
            fact = _fact(name, scope)
            return None if fact is None else _state(fact, node, scope)
        case nodes.Same(attribute=attribute, operator=operator, fact=compared, negated=negated):
            flag = same_name(attribute.text, compared.text, operator)
            if flag in scope.words.facts:
                return Compare(flag, "=", not negated)
            if not scope.words.of_event:  # else it is reported already
                scope.report_at(node.span, "wrong-type.this-elsewhere", name=compared.text)
            return None
        case nodes.NameAlone() | nodes.Not() | nodes.And() | nodes.Or():
            raise AssertionError(node)
        case never:
            assert_never(never)


def _clock(node: nodes.Clock, scope: Scope) -> Condition | None:
    clock = scope.words.clock
    if clock is None:
        days = [fact.name for fact in scope.words.facts.values() if fact.kind is DAYS]
        variant = "undeclared" if scope.words.declares_itself else "undeclared-here"
        if scope.words.of_event is not None:
            variant = "event"
        elif days:
            variant = "days"
        scope.report_at(node.span, f"no-clock.{variant}", words=[node.word], days=days)
        return None
    if node.last is not None:
        return _span_of(clock, node.first, node.last, False, node.span, scope)
    day = on_grid(clock, node.first, scope)
    if day is None:
        return None
    operator = cast(Operator, {"after": ">", "from": ">=", "on": "=", "within": "<=", "before": "<"}[node.word])
    return _checked(Compare(clock.name, operator, day), clock, node.span, scope)


def _span_of(
    fact: Fact, low_value: Value, high_value: Value, negated: bool, span: Span, scope: Scope, *, half_open: bool = False
) -> Condition | None:
    low = on_grid(fact, low_value, scope)
    high = on_grid(fact, high_value, scope)
    if low is None or high is None:
        return None
    assert isinstance(low, int)
    assert isinstance(high, int)
    if half_open and low == high:
        scope.report_at(span, "empty-span.until-itself", fact=fact.name, value=value_text(fact, low))
        return None
    if fact.names and half_open and (low < high or fact.names == WEEKDAYS):
        _report_end(fact, low, high, negated, span, scope)
        if low > high:
            return None
    elif low > high and fact.names == WEEKDAYS:
        scope.report_at(
            span,
            "empty-span.weekdays",
            low=WEEKDAYS[low],
            high=WEEKDAYS[high],
            meant=_named_between(fact, low, high, negated, span, scope),
        )
        return None
    if low > high and fact.kind.storage is not Storage.TIME:
        scope.report_at(
            span,
            "empty-span.half-open" if half_open else "empty-span.turned",
            low=value_text(fact, low),
            high=value_text(fact, high),
            fix=Fix(
                "swap the two ends",
                (
                    TextEdit(scope.place(low_value.span), scope.text(high_value.span)),
                    TextEdit(scope.place(high_value.span), scope.text(low_value.span)),
                ),
            ),
        )
        return None
    if half_open:
        return _from_until(fact, low, high, negated)
    return _checked(Between(fact.name, low, high, negated), fact, span, scope)


def _report_end(fact: Fact, low: int, high: int, negated: bool, span: Span, scope: Scope) -> None:
    """Reports `weekday from monday until friday`: people also mean the last of few named values."""
    told = [_named_between(fact, low, last, negated, span, scope) for last in ((high - 1) % len(fact.names), high)]
    scope.report_at(
        span,
        "empty-span.until-weekday" if low > high else "unclear-condition.until",
        start=fact.names[low],
        end=fact.names[high],
        without=told[0],
        having=told[1],
        choices=tuple(replacement(Place(scope.source, span), text) for text in told),
    )


def _named_between(fact: Fact, low: int, high: int, negated: bool, span: Span, scope: Scope) -> str:
    """The values from one to another, of days of the week also over its end, as a condition or as a cell."""
    values = fact.names[low : high + 1] if low <= high else (*fact.names[low:], *fact.names[: high + 1])
    in_cell, no = not scope.source.text.startswith(fact.name, span[0]), "not " if negated else ""
    if low < high:
        return (
            f"{no}{values[0]} to {values[-1]}"
            if in_cell
            else f"{fact.name} {'is not ' if negated else ''}between {values[0]} and {values[-1]}"
        )
    return (
        "" if in_cell else f"{fact.name} is "
    ) + f"{no}{'one of ' if len(values) > 1 and not in_cell else ''}{', '.join(values)}"


def _from_until(fact: Fact, low: int, high: int, negated: bool) -> Condition:
    """The comparisons of a span that leaves its end out: of times with the later end first, over midnight."""
    first, last = Compare(fact.name, ">=", low), Compare(fact.name, "<", high)
    says_nothing = [decided(first, fact) is True and not fact.or_none, decided(last, fact) is False]
    parts = [part for part, idle in zip((first, last), says_nothing, strict=True) if not idle]
    within = parts[0] if len(parts) == 1 else (And if low < high else Or)(tuple(parts))
    return Not(within) if negated else within


def _state(fact: Fact, node: nodes.State, scope: Scope) -> Condition | None:
    about_none = node.state == "none"
    if fact.or_none if about_none else fact.optional:
        return (IsNone if about_none else IsKnown)(fact.name, node.negated)
    word = "none" if about_none else "unknown"
    if fact.kind.storage is Storage.FLAG:
        absent = node.negated is not about_none  # `is none`, `is unknown`
        variant = "not" if absent else "flag"
        scope.report_at(node.span, f"wrong-type.never-so-{variant}", fact=fact.name, word=word)
    elif bundled_in(fact.place) is not None:
        report_uncompared(fact, node.span, scope, "wrong-type.never-so", word=word)
    else:
        other = fact.optional if about_none else fact.or_none
        scope.report_at(node.span, f"wrong-type.never-{word}{'-but-the-other' if other else ''}", fact=fact.name)
    return None


def _report_not_ordered(fact: Fact, span: Span, scope: Scope) -> None:
    if fact.kind.named:
        variant = "names-declared" if bundled_in(fact.place) is None and fact.words else "names"
    else:
        variant = "flag" if fact.kind.storage is Storage.FLAG else "texts"
    scope.report_at(span, f"not-ordered.{variant}", **described(fact))


def _checked(atom: Comparison, fact: Fact, span: Span, scope: Scope) -> Comparison:
    """The same atom; a warning where the range of its fact decides it already."""
    says = decided(atom, fact)
    if says is not None and not (fact.or_none and (says or holds_for_none(atom))):
        scope.report_at(
            span,
            "decided-comparison.true" if says else "decided-comparison.never",
            always=always(fact),
            fact=fact.name,
            **_why_decided(atom, fact),
            optional=fact.optional and fact.name,
        )
    return atom


def _why_decided(atom: Comparison, fact: Fact) -> dict[str, str]:
    if fact.kind.storage is Storage.FLAG:
        return {"kind": "yes or no"}
    if fact.names:
        return {"kind": kind_words(fact)}
    match atom:
        case Compare(operator="<" | ">=", value=value) if value == fact.low:
            return {"lowest": value_text(fact, value)}
        case Compare(operator=">" | "<=", value=value) if value == fact.high:
            return {"highest": value_text(fact, value)}
        case _:
            return {"range": range_words(fact)}


def _fact(name: Name, scope: Scope) -> Fact | None:
    fact = scope.words.facts.get(name.text)
    if fact is not None and fact.kind is HOURS:
        report_hours(fact, name.span, scope)
        return None
    if fact is not None:
        return fact
    if name.text in scope.words.definitions:
        scope.report_at(name.span, "wrong-type.definition", name=name.text)
    else:
        report_unknown_fact(name, scope)
    return None


def typed_condition(node: nodes.Condition, scope: Scope) -> Condition | None:
    """A typed condition, or None and diagnostics."""
    definition = measured(node, scope)
    return None if definition is None else definition.condition


def measured(node: nodes.Condition, scope: Scope) -> Definition | None:
    """A condition, within the bounds of how deep it may nest and how much it may come to."""
    typed = _typed(node, scope)
    if typed is None:
        return None
    if typed.depth > MAXIMUM_DEPTH:
        scope.report_at(node.span, "too-deep.definitions", most=MAXIMUM_DEPTH)
        return None
    if typed.comparisons > MAXIMUM_COMPARISONS:
        scope.report_at(node.span, "too-large.definitions", most=MAXIMUM_COMPARISONS)
        return None
    return typed


def _typed(
    node: nodes.Condition,
    scope: Scope,
    joined: tuple[nodes.Condition, ...] = (),
    at: int = 0,
) -> Definition | None:
    """A condition with its measure; `joined` are the parts that it is joined with, itself `at` that place of them."""
    match node:
        case nodes.And(parts) | nodes.Or(parts):
            typed_parts: list[Condition] = []
            depth = comparisons = 0
            before = joined[:at] if isinstance(node, nodes.And) and not node.bracketed else ()
            for number, part in enumerate(parts):
                typed = _typed(part, scope, (*before, *parts), len(before) + number)
                if typed is not None:
                    typed_parts.append(typed.condition)
                    depth = max(depth, typed.depth)
                    comparisons += typed.comparisons
            if len(typed_parts) < len(parts):
                return None
            if isinstance(node, nodes.Or):
                report_unclear(node, scope)
                report_always(node, typed_parts, scope)
            join = And if isinstance(node, nodes.And) else Or
            return Definition(join(tuple(typed_parts)), depth + 1, comparisons)
        case nodes.Not(part):
            typed = _typed(part, scope)
            return None if typed is None else Definition(Not(typed.condition), typed.depth + 1, typed.comparisons)
        case nodes.NameAlone(name):
            return _name_alone(name, joined, at, scope)
        case _:
            atom = typed_atom(node, scope)
            return None if atom is None else Definition(atom, 1, 1)


def _name_alone(name: Name, joined: Sequence[nodes.Condition], at: int, scope: Scope) -> Definition | None:
    if name.text in scope.defined:
        return scope.defined[name.text]
    fact = scope.words.facts.get(name.text)
    if fact is None:
        if name.text in scope.words.settings:
            scope.report_at(name.span, "wrong-type.setting-alone", name=name.text)
        else:
            report_unknown_condition(name, joined, at, scope)
        return None
    if fact.kind.storage is not Storage.FLAG:
        if fact.kind is HOURS:
            report_hours(fact, name.span, scope)
        else:
            report_uncompared(fact, name.span, scope, "wrong-type.alone")
        return None
    return Definition(Compare(fact.name, "=", True), 1, 1)
