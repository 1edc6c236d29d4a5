"""Conditions of a typed policy. Every name is a fact, and every value lies on its fact's grid.

The union of classes is closed: a pass over conditions is a `match` that ends in the comparisons, or in `assert_never`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias

from attrs import evolve, frozen

from forbear.language.model.comparisons import MIRRORED, NEGATED, Compare, Comparison, OneOf, Operator
from forbear.language.model.facts import Fact
from forbear.language.model.relations import Related

MAXIMUM_DEPTH = 130
MAXIMUM_COMPARISONS = 10_000
"""The deepest nesting of a condition, and the most comparisons that it may have, with its definitions written out."""


@frozen
class Always:
    """Holds in every case."""


@frozen
class IsNone:
    fact: str
    negated: bool


@frozen
class IsKnown:
    fact: str
    negated: bool


@frozen
class Not:
    part: Condition


@frozen
class And:
    parts: tuple[Condition, ...]


@frozen
class Or:
    parts: tuple[Condition, ...]


Atom: TypeAlias = Comparison | Related | IsNone | IsKnown
Condition: TypeAlias = Always | Atom | Not | And | Or


def atoms(condition: Condition) -> Iterator[Atom]:
    """The comparisons in a condition, in the order in which they are written."""
    left = [condition]
    while left:
        match left.pop():
            case Always():
                pass
            case Not(part):
                left.append(part)
            case And(parts) | Or(parts):
                left.extend(reversed(parts))
            case atom:
                yield atom


def mapped(condition: Condition, of_atom: Callable[[Atom], Condition]) -> Condition:
    """The condition with something else for each comparison."""
    match condition:
        case Always():
            return condition
        case Not(part):
            return Not(mapped(part, of_atom))
        case And(parts) | Or(parts):
            return evolve(condition, parts=tuple([mapped(part, of_atom) for part in parts]))
        case atom:
            return of_atom(atom)


def facts_of(atom: Atom) -> tuple[str, ...]:
    """The facts that a comparison reads."""
    return atom.facts if isinstance(atom, Related) else (atom.fact,)


def facts_in(condition: Condition) -> Iterator[str]:
    """The facts that a condition reads, once for each comparison that does."""
    for atom in atoms(condition):
        yield from facts_of(atom)


def negation(atom: Atom) -> Atom:
    """The comparison that is true for the known values for which this one is false."""
    if isinstance(atom, (Compare, Related)):
        return evolve(atom, operator=NEGATED[atom.operator])
    return evolve(atom, negated=not atom.negated)


def by_places(atom: Related, facts: Mapping[str, Fact]) -> Condition:
    """The comparison of two facts with ordered names, as comparisons of each with its names."""
    left, right = atom.facts  # names have no sums
    if atom.operator == "!=":
        return Not(by_places(evolve(atom, operator="="), facts))
    together = [
        And((Compare(left, "=", place), Compare(right, MIRRORED[atom.operator], place)))
        for place in range(len(facts[left].names))
    ]
    return Or((*together, OneOf(left, (), False), OneOf(right, (), False)))  # unknown where one of them is


def depth(condition: Condition) -> int:
    """Returns the nesting depth of a condition."""
    match condition:
        case Not(part):
            return 1 + depth(part)
        case And(parts) | Or(parts):
            return 1 + max(map(depth, parts))
        case _:
            return 1


def solved(fact: Fact, operator: Operator, equal: Fraction) -> Condition:
    """The comparison of a fact with a number on its grid, or between two steps of it, or out of its range."""
    below = operator in ("<", ">=")
    value = ceil(equal) if below else floor(equal)
    if operator in ("=", "!="):
        if equal.denominator == 1 and fact.low <= value <= fact.high:
            return Compare(fact.name, operator, value)
        never = Compare(fact.name, "<", fact.low)
        return never if operator == "=" else Not(never)
    if fact.low <= value <= fact.high:
        return Compare(fact.name, operator, value)
    always = (value < fact.low) == (operator in (">", ">="))
    return Compare(fact.name, ">=" if always else "<", fact.low)
