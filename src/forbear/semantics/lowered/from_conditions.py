"""Compiles conditions to guards. Apart from the oracle, only this module handles negation, unknown truth and
absence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import assert_never

from forbear.language.model.comparisons import NEGATED, Between, Compare, Comparison, OneOf, holds_for_none
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, facts_in
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.relations import Related, at_most
from forbear.semantics.lowered.guards import (
    FALSE,
    TRUE,
    Absence,
    AllOf,
    AnyOf,
    Guard,
    Guards,
    Range,
    RelatedValues,
    Values,
    among,
)

Facts = Mapping[str, Fact]


def guards(condition: Condition, facts: Facts) -> Guards:
    """The guards of a condition: where it is certainly true, and where it is possibly true."""
    certain = lower(condition, facts, when_unknown=False)
    if not any(facts[name].optional for name in facts_in(condition)):
        return Guards(certain, certain)
    return Guards(certain, lower(condition, facts, when_unknown=True))


def lower(condition: Condition, facts: Facts, *, when_unknown: bool) -> Guard:
    """The guard that holds where a condition is true, and with `when_unknown` also where it is unknown."""
    return _lower(condition, facts, True, when_unknown)


def _lower(condition: Condition, facts: Facts, holds: bool, when_unknown: bool) -> Guard:
    """The guard that holds where a condition's truth is `holds`, and with `when_unknown` also where it is unknown."""
    match condition:
        case Always():
            return TRUE if holds else FALSE
        case Not(part):
            return _lower(part, facts, not holds, when_unknown)
        case And(parts) | Or(parts):
            lowered: list[Guard] = []
            for part in parts:
                lowered.append(_lower(part, facts, holds, when_unknown))
            # De Morgan: an `and` is false if any of its parts is.
            return AllOf(tuple(lowered)) if isinstance(condition, And) == holds else AnyOf(tuple(lowered))
        case IsNone(fact, negated):
            return _is_absent(fact, holds != negated)
        case IsKnown(fact, negated):
            return _is_absent(fact, holds == negated)
        case Related():
            return _related(condition, facts, holds, when_unknown)
        case comparison:
            return _leaf(comparison, holds, _absence(comparison, facts[comparison.fact], holds, when_unknown))


def _is_absent(fact: str, yes: bool) -> Guard:
    return among(fact, (), yes, yes)


def _absence(atom: Comparison, fact: Fact, holds: bool, when_unknown: bool) -> Absence:
    if fact.optional:
        return when_unknown
    if fact.or_none:  # of none, equality and order are false, and their negations true
        return holds_for_none(atom) == holds
    return None


def _related(atom: Related, facts: Facts, holds: bool, when_unknown: bool) -> Guard:
    absences = [(name, when_unknown) for name in atom.facts if facts[name].optional]
    absences += [(name, (atom.operator == "!=") == holds) for name in atom.facts if facts[name].or_none]
    chosen = atom.operator if holds else NEGATED[atom.operator]
    at_least, negated = chosen in (">=", "<"), chosen in ("<", ">")
    leaves = []
    for needed, sign in ((not at_least, 1), (at_least or chosen in ("=", "!="), -1)):
        if needed:
            relation, truly = at_most(atom, facts, sign)
            leaves.append(RelatedValues(relation, truly != (negated or chosen == "!="), tuple(absences)))
    # Equal is at most and at least; unequal is more or less.
    return leaves[0] if len(leaves) == 1 else (AllOf if chosen == "=" else AnyOf)(tuple(leaves))


_OPEN: Mapping[str, Callable[[int], Range]] = {
    "<": lambda value: (None, value - 1),
    "<=": lambda value: (None, value),
    ">=": lambda value: (value, None),
    ">": lambda value: (value + 1, None),
}


def _leaf(atom: Comparison, holds: bool, absent: Absence) -> Guard:
    fact = atom.fact
    match atom:
        case Compare(operator="=" | "!=" as operator, value=value):
            return _among(fact, (value,), holds == (operator == "="), absent)
        case Compare(operator=operator, value=value):
            assert isinstance(value, int)
            return Values(fact, (_OPEN[operator if holds else NEGATED[operator]](value),), True, absent)
        case OneOf(values=values, negated=negated):
            return _among(fact, values, holds != negated, absent)
        case Between(low=low, high=high, negated=negated):
            if low <= high:
                return Values(fact, ((low, high),), holds != negated, absent)
            # A range of times over midnight: the times that it leaves out lie between its ends.
            return Values(fact, ((high + 1, low - 1),), holds == negated, absent)
        case never:
            assert_never(never)


def _among(fact: str, values: Sequence[Grid], inside: bool, absent: Absence) -> Guard:
    if values and all(isinstance(value, bool) for value in values):
        return among(fact, [value for value in (True, False) if (value in values) == inside], True, absent)
    return among(fact, values, inside, absent)
