"""A condition of a rule in SQL, over the exact values of facts.

SQL has the three truth values of Kleene's logic, so a condition is translated part by part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import assert_never

from attrs import frozen
from sqlglot import exp

from forbear.language.model.comparisons import Between, Compare, Comparison, OneOf, holds_for_none, ranges
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, by_places
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.kinds import Storage
from forbear.language.model.relations import Related
from forbear.targets.sql.columns import literal
from forbear.targets.sql.parts import OPERATORS, all_of, any_of, two_valued
from forbear.targets.sql.related import related


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
        """Whether a value is among `values`; null for a null value, even if there are no values."""
        tested = self.value_of(fact)
        if fact.kind.storage is Storage.FLAG:
            return any_of([tested.copy() if value else exp.Not(this=tested.copy()) for value in values])
        literals = [self._literal(fact, value) for value in values]
        if not literals:
            return exp.NEQ(this=tested, expression=tested.copy())
        return exp.In(this=tested, expressions=literals)

    def _literal(self, fact: Fact, value: Grid) -> exp.Expression:
        return literal(fact, value, self.dialect)
