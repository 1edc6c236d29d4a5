"""Comparisons of two facts: the leaves of a condition whose truth depends on two values at once.

Each is exact: an inequality of whole numbers between the values of the two facts on their grids (`Relation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor, gcd, lcm

from attrs import evolve

from forbear.base.frozen import frozen
from forbear.language.model.comparisons import Operator
from forbear.language.model.facts import Fact, Grid


@frozen
class Term:
    """A part of a fact's value, and an amount added to it: `10% of income`, `promised_on + 3 days`.

    `offset` is in the unit of the fact's type; for a date in days, for a time in seconds, and for ordered names in
    places.
    """

    fact: str
    share: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)

    def value(self, fact: Fact, value: Grid) -> Fraction:
        """The value of the term where its fact has a value on its grid."""
        return self.share * int(value) * unit(fact) + self.offset


@frozen
class Related:
    """A comparison of two facts.

    It is unknown where one of them is. Where one is none, only `!=` is true.
    """

    left: Term
    operator: Operator
    right: Term

    @property
    def facts(self) -> tuple[str, str]:
        return self.left.fact, self.right.fact

    def named(self, names: Mapping[str, str]) -> Related:
        """The same comparison, with its facts renamed."""
        left, right = (evolve(term, fact=names.get(term.fact, term.fact)) for term in (self.left, self.right))
        return Related(left, self.operator, right)


@frozen(cache_hash=True)
class Relation:
    """`factors[0] * x + factors[1] * y <= limit`, where x and y are the values of `facts` on their grids.

    The facts are in the order of their names, the first factor is above 0, and the factors have no common divisor, so
    that relations that hold of the same values are equal.
    """

    facts: tuple[str, str]
    factors: tuple[int, int]
    limit: int

    @property
    def name(self) -> str:
        """The inequality as text, which can be no fact's name."""
        (first, second), (times, factor) = self.facts, self.factors
        return f"{times} {first} {'+' if factor > 0 else '-'} {abs(factor)} {second} <= {self.limit}"

    def holds(self, first: int, second: int) -> bool:
        """Whether two values on the grids of the facts are in it."""
        return self.factors[0] * first + self.factors[1] * second <= self.limit


def meeting(atom: Related, name: str, opposite: int, facts: Mapping[str, Fact]) -> list[int]:
    """The values of one fact at and around which a comparison changes its truth, for a value of the other one."""
    own, known = (atom.left, atom.right) if atom.left.fact == name else (atom.right, atom.left)
    fact = facts[name]
    equal = (known.value(facts[known.fact], opposite) - own.offset) / own.share / unit(fact)
    near = dict.fromkeys((floor(equal) - 1, floor(equal), ceil(equal), ceil(equal) + 1))
    return [value for value in near if fact.low <= value <= fact.high]


def unit(fact: Fact) -> Fraction:
    """What a step on the grid of an ordered fact is, in the unit of its type."""
    return fact.step if fact.kind.numeric else Fraction(1)


def scaled(left: Term, right: Term, facts: Mapping[str, Fact]) -> tuple[int, int, int]:
    """Whole numbers n, m and k, so that two terms compare as n * x does with m * y + k, where x and y are the values of
    their facts on their grids."""
    numbers = (left.share * unit(facts[left.fact]), right.share * unit(facts[right.fact]), right.offset - left.offset)
    scale = Fraction(lcm(*[number.denominator for number in numbers]), gcd(*[number.numerator for number in numbers]))
    factor_left, factor_right, constant = (int(number * scale) for number in numbers)
    return factor_left, factor_right, constant


def at_most(left: Term, right: Term, facts: Mapping[str, Fact]) -> tuple[Relation, bool]:
    """The relation of which `left <= right` is the truth, or, with False, the negation."""
    factor_left, factor_right, constant = scaled(left, right, facts)
    divisor = gcd(factor_left, factor_right)
    whole = {left.fact: factor_left // divisor, right.fact: -factor_right // divisor}
    first, second = sorted(whole)
    most = constant // divisor
    if whole[first] > 0:
        return Relation((first, second), (whole[first], whole[second]), most), True
    return Relation((first, second), (-whole[first], -whole[second]), -most - 1), False
