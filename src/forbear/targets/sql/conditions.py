"""A condition of a rule in SQL, over the exact values of facts.

SQL has the three truth values of Kleene's logic, so a condition is translated part by part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import assert_never

from attrs import evolve, frozen
from sqlglot import exp

from forbear.kernel.cases import MAXIMUM_DIGITS
from forbear.language.model.comparisons import Between, Compare, Comparison, OneOf, holds_for_none, ranges
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, by_places
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.kinds import Storage
from forbear.language.model.relations import Related, scaled
from forbear.targets import NotWritten
from forbear.targets.sql.columns import decimals_of, literal
from forbear.targets.sql.names import OPERATORS, all_of, any_of, two_valued

# A comparison of facts with each other in SQL, in whole numbers: no dialect rounds their products.


_MOST_DIGITS = 37
"""The digits of a number, less one for a sum, that every dialect has a type for."""

_MOST_PARTS = 10
"""The most numbers whose sum has at most one more digit."""

_WIDE = 19
"""The number of digits from which DuckDB multiplies in 128 bits; a product of fewer overflows 64."""


def related(
    atom: Related, facts: Mapping[str, Fact], value_of: Callable[[Fact], exp.Expression], dialect: str
) -> exp.Expression:
    """The comparison as an expression; null where it is unknown. Raises `NotWritten` where no type is wide enough."""
    read = [facts[name] for name in atom.facts]
    values = [value_of(fact) for fact in read]
    storage = read[0].kind.storage
    known: exp.Expression
    if storage is Storage.DATE:
        days = int(atom.right.offset - atom.left.offset)
        known = OPERATORS[atom.operator](this=_days_between(values[1], values[0], dialect), expression=_whole(days))
    elif storage is Storage.TIME:
        known = OPERATORS[atom.operator](this=values[0], expression=values[1])
    else:
        known = OPERATORS[atom.operator](**_sums(atom, read, values))
    if any(fact.or_none for fact in read):
        known = two_valued(known, atom.operator == "!=")
        for fact in read:
            if fact.optional:  # unknown goes before none
                unknown = exp.Is(this=value_of(fact), expression=exp.null())
                known = exp.Case().when(unknown, exp.null()).else_(known)
    return known


def _days_between(since: exp.Expression, day: exp.Expression, dialect: str) -> exp.Expression:
    if dialect in ("duckdb", "postgres"):
        return exp.paren(exp.Sub(this=day, expression=since))
    return exp.DateDiff(this=day, expression=since, unit=exp.var("DAY"))


def _sums(atom: Related, read: Sequence[Fact], values: Sequence[exp.Expression]) -> Mapping[str, exp.Expression]:
    """The two sides of a comparison of numbers."""
    factors, constant = scaled(
        atom, {fact.name: evolve(fact, step=Fraction(1, 10 ** decimals_of(fact))) for fact in read}
    )
    on_left = len(atom.left.parts)
    parts = [
        _times(factors[fact.name] * (1 if at < on_left else -1), fact, value)
        for at, (fact, value) in enumerate(zip(read, values, strict=True))
    ]
    left, right = parts[:on_left], parts[on_left:]
    if constant or not right:
        right.append(_exact(constant))
    if max(len(left), len(right)) > _MOST_PARTS:
        raise NotWritten(
            f"`{read[0].name}` is compared in a sum of more than {_MOST_PARTS} parts: declare the sum of some as a fact"
        )
    return {"this": _sum(left), "expression": _sum(right)}


def _sum(parts: Sequence[exp.Expression]) -> exp.Expression:
    return reduce(lambda total, part: exp.Add(this=total, expression=part), parts)


def _times(factor: int, fact: Fact, value: exp.Expression) -> exp.Expression:
    """A factor of the digits of a value, which are a whole number."""
    places = decimals_of(fact)
    if MAXIMUM_DIGITS + places + len(str(abs(factor))) > _MOST_DIGITS:
        raise NotWritten(
            f"`{fact.name}` is compared with another fact to more than {_MOST_DIGITS} digits: declare larger steps, or"
            " compare with a percentage of fewer digits"
        )
    if places:
        wide = exp.cast(value, _type(MAXIMUM_DIGITS + places, places))
        value = exp.Mul(this=wide, expression=_exact(10**places))
    digits = exp.cast(value, _type(MAXIMUM_DIGITS + places))
    return digits if factor == 1 else exp.Mul(this=digits, expression=_exact(factor))


def _exact(number: int) -> exp.Expression:
    """A whole number as an exact decimal, which no product or sum makes a float."""
    return exp.cast(exp.Literal.string(str(number)), _type(len(str(abs(number)))))


def _type(digits: int, places: int = 0) -> exp.DataType:
    return exp.DataType.build(f"decimal({max(digits, _WIDE)}, {places})")


def _whole(number: int) -> exp.Expression:
    plain = exp.Literal.number(str(abs(number)))
    return exp.Neg(this=plain) if number < 0 else plain


@frozen(eq=False)
class Conditions:
    """Translates conditions. `value_of` gives the expression of a fact's value, which is null for unknown and none."""

    facts: Mapping[str, Fact]
    value_of: Callable[[Fact], exp.Expression]
    dialect: str

    def where(self, condition: Condition) -> exp.Expression:
        """The condition as an expression; null where it is unknown."""
        match condition:
            case Always():
                return exp.true()
            case Not(part):
                return exp.Not(this=exp.paren(self.where(part)))
            case And(parts):
                return all_of([self.where(part) for part in parts])
            case Or(parts):
                return any_of([self.where(part) for part in parts])
            case IsKnown(fact, negated):
                return self._is_null(self.facts[fact], negated)
            case IsNone(fact, negated):
                return self._is_null(self.facts[fact], not negated)
            case Related():
                if any(self.facts[name].names for name in condition.facts):
                    return self.where(by_places(condition, self.facts))
                return related(condition, self.facts, self.value_of, self.dialect)
            case comparison:
                compared = self.facts[comparison.fact]
                known = self._comparison(comparison, compared)
                return two_valued(known, holds_for_none(comparison)) if compared.or_none else known

    def _is_null(self, fact: Fact, yes: bool) -> exp.Expression:
        null = exp.Is(this=self.value_of(fact), expression=exp.null())
        return null if yes else exp.Not(this=null)

    def _comparison(self, atom: Comparison, fact: Fact) -> exp.Expression:
        """A comparison, for a known value."""
        value = self.value_of(fact)
        match atom:
            case Compare(operator=operator, value=limit):
                if fact.kind.storage is Storage.FLAG:
                    return value if (limit is True) == (operator == "=") else exp.Not(this=value)
                if fact.kind.named and operator not in ("=", "!="):
                    return self._among(
                        fact, [place for low, high in ranges(atom, fact) for place in range(low, high + 1)]
                    )
                compared: exp.Expression = OPERATORS[operator](this=value, expression=self._literal(fact, limit))
                return compared
            case OneOf(values=values, negated=negated):
                among = self._among(fact, values)
                return exp.Not(this=exp.paren(among)) if negated else among
            case Between(low=low, high=high, negated=negated):
                if fact.kind.named:
                    within = self._among(fact, range(low, high + 1))
                else:
                    above = exp.GTE(this=value, expression=self._literal(fact, low))
                    below = exp.LTE(this=value.copy(), expression=self._literal(fact, high))
                    within = all_of([above, below]) if low <= high else any_of([above, below])
                return exp.Not(this=exp.paren(within)) if negated else within
            case never:
                assert_never(never)

    def _among(self, fact: Fact, values: Iterable[Grid]) -> exp.Expression:
        """Returns whether a value is among `values`; null for a null value, even if there are no values."""
        tested = self.value_of(fact)
        if fact.kind.storage is Storage.FLAG:
            return any_of([tested.copy() if value else exp.Not(this=tested.copy()) for value in values])
        literals = [self._literal(fact, value) for value in values]
        if not literals:
            return exp.NEQ(this=tested, expression=tested.copy())
        return exp.In(this=tested, expressions=literals)

    def _literal(self, fact: Fact, value: Grid) -> exp.Expression:
        return literal(fact, value, self.dialect)
