"""Comparisons of facts with each other: the leaves of a condition whose truth depends on several values at once.

Each is exact: an inequality of whole numbers between the values of the facts on their grids (`Relation`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from math import ceil, floor, gcd, lcm

from attrs import evolve, frozen

from forbear.kernel.cases import InPart, Value
from forbear.language.model.comparisons import MIRRORED, Operator
from forbear.language.model.facts import Fact, Grid


@frozen
class Term:
    """A sum of parts of facts' values, and an amount: `10% of income`, `promised_on + 3 days`, `overdue_amount + fees`.

    Each part is a fact with its share, the first of them above 0, and no two are of one fact; an amount alone has no
    parts. `offset` is in the unit of the facts' type; for a date in days, for a time in seconds, and for ordered names
    in places.
    """

    parts: tuple[tuple[str, Fraction], ...]
    offset: Fraction = Fraction(0)

    @staticmethod
    def of(fact: str, share: Fraction = Fraction(1), offset: Fraction = Fraction(0)) -> Term:
        """A part of one fact, and an amount."""
        return Term(((fact, share),), offset)

    def value(self, facts: Mapping[str, Fact], values: Mapping[str, Grid]) -> Fraction:
        """The value of the term where its facts have values on their grids."""
        return sum((share * int(values[name]) * unit(facts[name]) for name, share in self.parts), self.offset)

    def named(self, names: Mapping[str, str]) -> Term:
        """The same term, with its facts renamed."""
        return evolve(self, parts=tuple([(names.get(name, name), share) for name, share in self.parts]))


@frozen
class Related:
    """A comparison of facts. No fact is on both sides, and the left one has a fact.

    It is unknown if one of them is. If one is none, only `!=` is true.
    """

    left: Term
    operator: Operator
    right: Term

    @property
    def shares(self) -> dict[str, Fraction]:
        """The share of each fact, negative for those on the right."""
        return {**dict(self.left.parts), **{name: -share for name, share in self.right.parts}}

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple([name for name, _ in (*self.left.parts, *self.right.parts)])

    @property
    def of_two(self) -> bool:
        """Whether one fact is compared with another."""
        return len(self.left.parts) == len(self.right.parts) == 1

    def named(self, names: Mapping[str, str]) -> Related:
        """The same comparison, with its facts renamed."""
        return Related(self.left.named(names), self.operator, self.right.named(names))


@frozen(cache_hash=True)
class Relation:
    """The sum of the values of `facts` on their grids, each times its factor, is at most a limit.

    The facts are in the order of their names, the first factor is above 0, and the factors have no common divisor, so
    that relations that hold of the same values are equal.
    """

    facts: tuple[str, ...]
    factors: tuple[int, ...]
    limit: int

    @property
    def name(self) -> str:
        """The inequality as text, which can be no fact's name."""
        parts = [f"{'-+'[by > 0]} {abs(by)} {fact}" for fact, by in zip(self.facts, self.factors, strict=True)]
        return f"{' '.join(parts).removeprefix('+ ')} <= {self.limit}"

    def holds(self, *values: int) -> bool:
        """Returns true if values on the grids of the facts satisfy it."""
        return sum(factor * value for factor, value in zip(self.factors, values, strict=True)) <= self.limit


def related(shares: Mapping[str, Fraction], operator: Operator, more: Fraction) -> Related:
    """That the sum of the shares of some facts compares with a number, without what is taken off."""
    sides = [tuple([(name, sign * share) for name, share in shares.items() if sign * share > 0]) for sign in (1, -1)]
    if not sides[0]:
        sides, operator, more = sides[::-1], MIRRORED[operator], -more
    return Related(Term(sides[0]), operator, Term(sides[1], more))


def meeting(atom: Related, name: str, others: Mapping[str, Value], facts: Mapping[str, Fact]) -> Iterator[int]:
    """Yields the values of one fact at and around which a comparison changes its truth, if the others are known; if
    another is known in part, for each end of it.
    """
    fact, own = facts[name], atom.shares[name]
    names = [other for other in atom.facts if other != name]
    for values in product(*[InPart.each(others.get(other)) for other in names]):
        if all(isinstance(value, int) for value in values):
            known = {name: 0, **dict(zip(names, values, strict=True))}
            equal = (atom.right.value(facts, known) - atom.left.value(facts, known)) / own / unit(fact)
            near = dict.fromkeys((floor(equal) - 1, floor(equal), ceil(equal), ceil(equal) + 1))
            yield from [value for value in near if fact.low <= value <= fact.high]


def unit(fact: Fact) -> Fraction:
    """Returns the size of a step on the grid of an ordered fact, in the unit of its type."""
    return fact.step if fact.kind.numeric else Fraction(1)


def scaled(atom: Related, facts: Mapping[str, Fact]) -> tuple[dict[str, int], int]:
    """Whole factors of the facts, and a number, so that the sum of the values on their grids, each times its factor,
    compares with the number as the two sides do."""
    factors = {name: share * unit(facts[name]) for name, share in atom.shares.items()}
    numbers = (*factors.values(), atom.right.offset - atom.left.offset)
    scale = Fraction(lcm(*[number.denominator for number in numbers]), gcd(*[number.numerator for number in numbers]))
    return {name: int(factor * scale) for name, factor in factors.items()}, int(numbers[-1] * scale)


def at_most(atom: Related, facts: Mapping[str, Fact], sign: int = 1) -> tuple[Relation, bool]:
    """The relation of which it is the truth that the left side is at most the right one, or at least if the `sign` is
    -1; or, with False, the negation."""
    factors, number = scaled(atom, facts)
    divisor = gcd(*factors.values())
    names = tuple(sorted(factors))
    whole = tuple([sign * factors[name] // divisor for name in names])
    most = sign * number // divisor
    if whole[0] > 0:
        return Relation(names, whole, most), True
    return Relation(names, tuple([-factor for factor in whole]), -most - 1), False
