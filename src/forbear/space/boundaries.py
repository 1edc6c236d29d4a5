"""The values at which a policy may change its mind: each threshold with its neighbours, and the ends of the range.

Between two of these values all conditions say the same, so whatever can be told apart at all is told apart by them.
"""

from __future__ import annotations

from collections.abc import Iterable

from forbear.kernel import GridValue
from forbear.model.conditions import Atom, Between, Compare, IsKnown, IsNone, OneOf, atoms
from forbear.model.facts import Fact, Kind
from forbear.model.policy import TypedPolicy


def telling_values(policy: TypedPolicy, names: Iterable[str]) -> dict[str, tuple[GridValue, ...]]:
    """For each of the facts its telling values, in their order; None comes last where the fact may be absent."""
    by_fact: dict[str, list[Atom]] = {name: [] for name in names}
    for rule in policy.rules:
        for atom in atoms(rule.condition):
            if atom.fact in by_fact:
                by_fact[atom.fact].append(atom)
    return {name: telling_values_of(policy.facts[name], found) for name, found in by_fact.items()}


def telling_values_of(fact: Fact, found: Iterable[Atom]) -> tuple[GridValue, ...]:
    """The telling values of a fact for some comparisons with it."""
    absent: tuple[GridValue, ...] = (None,) if fact.optional or fact.or_none else ()
    if fact.kind is Kind.FLAG:
        return (False, True, *absent)
    if fact.kind is Kind.CHOICE:
        return (*fact.names, *absent)
    if fact.kind is Kind.TEXT:
        named = sorted({str(value) for atom in found for value in _thresholds(atom)})
        return (*named, another_text(named), *absent)
    values = {fact.low, fact.high}
    for atom in found:
        for threshold in _thresholds(atom):
            assert isinstance(threshold, int)
            values.update((threshold - 1, threshold, threshold + 1))
    return (*sorted(value for value in values if fact.low <= value <= fact.high), *absent)


def _thresholds(atom: Atom) -> tuple[GridValue, ...]:
    match atom:
        case Compare(value=value):
            return (value,)
        case Between(low=low, high=high):
            return low, high
        case OneOf(values=values):
            return values
        case IsNone() | IsKnown():
            return ()


def another_text(named: Iterable[str]) -> str:
    """A text that is none of those named."""
    taken = set(named)
    text = "other"
    while text in taken:
        text += "_"
    return text


def nearest_first(fact: Fact, values: Iterable[GridValue], current: GridValue) -> list[GridValue]:
    """The values other than the current one, the nearest first where there is an order; None comes last."""
    others = [value for value in values if value != current or type(value) is not type(current)]
    if fact.ordered and isinstance(current, int):
        return sorted(others, key=lambda value: (value is None, abs(value - current) if isinstance(value, int) else 0))
    return sorted(others, key=lambda value: value is None)
