"""Comparisons that a fact's declaration decides: they have the same result for every value of the fact."""

from __future__ import annotations

from typing import assert_never

from forbear.model.conditions import Between, Compare, OneOf
from forbear.model.facts import Fact


def decided(atom: Compare | Between | OneOf, fact: Fact) -> bool | None:
    """The result of an atom if it is the same for every known value of its fact; None if it is not."""
    if isinstance(atom, OneOf) and not atom.values:
        return atom.negated
    match atom:
        case OneOf(values=values, negated=negated):
            return not negated if len(set(values)) == fact.size else None
        case Between(low=low, high=high, negated=negated):
            if low <= high:
                everything = low == fact.low and high == fact.high
            else:
                everything = low == high + 1
            return not negated if everything else None
        case Compare(operator="=" | "!=" as operator):
            return operator == "=" if fact.size == 1 else None
        case Compare(operator=operator, value=value):
            assert isinstance(value, int)
            if (operator == "<" and value == fact.low) or (operator == ">" and value == fact.high):
                return False
            if (operator == ">=" and value == fact.low) or (operator == "<=" and value == fact.high):
                return True
            return None
        case never:
            assert_never(never)


def holds_for_none(atom: Compare | Between | OneOf) -> bool:
    """Whether an atom is true where its fact is none: equality and order are false, their negations true."""
    return atom.operator == "!=" if isinstance(atom, Compare) else atom.negated
