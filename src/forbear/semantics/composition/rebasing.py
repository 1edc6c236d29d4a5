"""Rebases conditions: converts them for other declarations of their facts, with other ranges, grids or names.

If one policy has steps of 0.5 and another whole numbers, `a > 3.5` becomes `a > 3`. A comparison with a value that the
fact no longer has becomes a comparison with no value (a `OneOf` without values), because it is still unknown where the
fact is unknown. Facts of one name have the same type. Of two ordered enumerations, one holds the names of the other in
the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import assert_never

from attrs import evolve

from forbear.language.model.comparisons import Between, Compare, Comparison, OneOf, decided, holds_for_none, ranges
from forbear.language.model.conditions import Always, And, Atom, Condition, IsKnown, IsNone, Not, Or, by_places, mapped
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.relations import Related

Facts = Mapping[str, Fact]

NEVER = Not(Always())


def rebased(condition: Condition, before: Facts, after: Facts) -> Condition:
    """The condition over the facts `after` that is true, false and unknown where this one, over `before`, is."""
    return mapped(condition, lambda atom: _rebased(atom, before, after))


def _rebased(atom: Atom, before: Facts, after: Facts) -> Condition:
    match atom:
        case IsKnown(name, negated):
            return atom if after[name].optional else NEVER if negated else Always()
        case IsNone(name, negated):
            return atom if after[name].or_none else Always() if negated else NEVER
        case Related():
            if all(before[name].names == after[name].names for name in atom.facts):
                return atom  # its numbers are in units of the facts, whatever their steps are
            return rebased(by_places(atom, before), before, after)
        case comparison:
            old, new = before[comparison.fact], after[comparison.fact]
            if (old.names, old.step) == (new.names, new.step) and new.low <= old.low and old.high <= new.high:
                return comparison
            return _ordered(comparison, old, new) if old.ordered else _unordered(comparison, new)


def renamed(condition: Condition, names: Mapping[str, str]) -> Condition:
    """The condition with some of its facts renamed."""

    def of_atom(atom: Atom) -> Atom:
        return atom.named(names) if isinstance(atom, Related) else evolve(atom, fact=names.get(atom.fact, atom.fact))

    return mapped(condition, of_atom)


def number_on_grid(value: int, before: Fact, after: Fact) -> Fraction:
    """The position of an ordered fact's value on another grid. It may lie between two values, or beyond the ends."""
    if not before.kind.named:
        return value * before.step / after.step
    name = before.names[value]
    if name in after.names:
        return Fraction(after.names.index(name))
    return sum(known in before.names[:value] for known in after.names) - Fraction(1, 2)


def _unordered(atom: Comparison, after: Fact) -> Condition:
    if not after.kind.named:
        return atom
    match atom:
        case Compare(name, operator, value):
            return atom if value in after.names else OneOf(name, (), operator == "!=")
        case OneOf(values=values):
            return _one_of(atom, [value for value in values if value in after.names])
        case _:
            raise AssertionError(atom)


def _ordered(atom: Comparison, before: Fact, after: Fact) -> Condition:
    def place(value: Grid) -> Fraction:
        assert isinstance(value, int)
        return number_on_grid(value, before, after)

    def on_grid(values: Sequence[Grid]) -> list[int]:
        places = [place(value) for value in values]
        return [int(at) for at in places if at.denominator == 1 and after.low <= at <= after.high]

    name = atom.fact
    match atom:
        case OneOf(values=values):
            return _one_of(atom, on_grid(values))
        case Between(_, low, high, negated):
            first, last = ceil(place(low)), floor(place(high))
            parts = ranges(Between(name, first, last, False), after) if first <= last or low > high else []
            if len(parts) == 2:
                return Between(name, first, last, negated)  # over midnight
            return Between(name, *parts[0], negated) if parts else OneOf(name, (), negated)
        case Compare(operator="=" | "!=" as operator, value=value):
            places = on_grid([value])
            return Compare(name, operator, places[0]) if places else OneOf(name, (), operator == "!=")
        case Compare(operator=operator, value=value):
            moved = Compare(name, operator, (ceil if operator in (">=", "<") else floor)(place(value)))
            match decided(moved, after):
                case True:
                    return Compare(name, ">=", after.low)
                case False:
                    return OneOf(name, (), False)
                case None:
                    return moved
        case never:
            assert_never(never)


def _one_of(atom: OneOf, values: Sequence[Grid]) -> Condition:
    if len(values) == 1:
        return Compare(atom.fact, "!=" if atom.negated else "=", values[0])
    return evolve(atom, values=tuple(values))


def without_decided(condition: Condition, facts: Facts, *, when_unknown: bool) -> Condition:
    """The condition without comparisons that have the same result for every value of their fact.

    It certainly holds in the same cases or, with `when_unknown`, possibly holds in the same cases. The two differ where
    a fact may be unknown.
    """
    match condition:
        case Always() | IsKnown() | IsNone() | Related():
            return condition
        case Not(part):
            inner = without_decided(part, facts, when_unknown=not when_unknown)
            return Always() if inner == NEVER else _negation(inner)
        case And(parts) | Or(parts):
            left = [without_decided(part, facts, when_unknown=when_unknown) for part in parts]
            return (
                _joined(And, left, Always(), NEVER)
                if isinstance(condition, And)
                else _joined(Or, left, NEVER, Always())
            )
        case comparison:
            return _without_decided(comparison, facts[comparison.fact], when_unknown)


def _joined(
    join: type[And] | type[Or], parts: Sequence[Condition], neutral: Condition, decisive: Condition
) -> Condition:
    left = [part for part in parts if part != neutral]
    if not left or decisive in left:
        return decisive if left else neutral
    return left[0] if len(left) == 1 else join(tuple(left))


def _negation(condition: Condition) -> Condition:
    """The shortest negation: true, false and unknown where `Not` is."""
    match condition:
        case Not(part):
            return part
        case Between(negated=negated) | OneOf(negated=negated) | IsKnown(negated=negated) | IsNone(negated=negated):
            return evolve(condition, negated=not negated)
        case Compare(operator="=" | "!=" as operator, value=value) if not isinstance(value, bool):
            return evolve(condition, operator="!=" if operator == "=" else "=")
        case _:
            return Not(condition)


def _without_decided(atom: Comparison, fact: Fact, when_unknown: bool) -> Condition:
    holds = decided(atom, fact)
    if holds is None:
        return atom
    if fact.optional and holds is not when_unknown:
        return IsKnown(fact.name, negated=when_unknown)
    if fact.or_none and holds is not holds_for_none(atom):
        return IsNone(fact.name, negated=holds)
    return Always() if holds else NEVER
