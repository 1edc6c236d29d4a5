"""Conditions of a typed policy. Every name is a fact, and every value lies on its fact's grid.

The union of classes is closed: a pass over conditions is a `match` that ends in `assert_never`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias, assert_never

from attrs import evolve, frozen

from forbear.model.facts import Grid

Operator: TypeAlias = Literal["<", "<=", "=", "!=", ">=", ">"]
NEGATED: Mapping[Operator, Operator] = {"<": ">=", "<=": ">", "=": "!=", "!=": "=", ">=": "<", ">": "<="}


@frozen
class Always:
    """Holds in every case."""


@frozen
class Compare:
    """A comparison with a value: equality for every type, order for ordered types."""

    fact: str
    operator: Operator
    value: Grid


@frozen
class Between:
    """From `low` to `high`, both included. For a time, low > high means a range over midnight."""

    fact: str
    low: int
    high: int
    negated: bool


@frozen
class OneOf:
    fact: str
    values: tuple[Grid, ...]
    negated: bool


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


Atom: TypeAlias = Compare | Between | OneOf | IsNone | IsKnown
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
            case Compare() | Between() | OneOf() | IsNone() | IsKnown() as atom:
                yield atom
            case never:
                assert_never(never)


def negation(atom: Atom) -> Atom:
    """The comparison that is true for the known values for which this one is false."""
    if isinstance(atom, Compare):
        return evolve(atom, operator=NEGATED[atom.operator])
    return evolve(atom, negated=not atom.negated)
