"""Ages of an open date, on a day that is told: what a rule asks of them, it asks of the date.

What compares an age with another open fact cannot be said of the date, and stays as it is.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping

from attrs import frozen

from forbear.kernel.history.moments import whole_months, whole_years
from forbear.language.model.conditions import atoms, facts_of
from forbear.language.model.derived import Derived
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.lowered.guards import AllOf, AnyOf, Guard, Leaf, RelatedValues, Values, among
from forbear.space.axes import axes_of, leaf_cells
from forbear.space.masks import runs
from forbear.space.predicates.specs import Specs


@frozen
class Following:
    """The ages that follow from open dates: all of them by name, each with its date, and those that are `compared` with
    another open fact."""

    dates: Mapping[str, str]
    compared: frozenset[str]


def following(tables: Specs, opened: Collection[str], day_known: bool) -> Following:
    """The ages that rules read and that follow from open dates, where the day is `told`."""
    derived = tables.policy.derived if day_known else {}
    dates = {
        name: derivation.of
        for name, derivation in derived.items()
        if derivation.of is not None
        and derivation.of in opened
        and name not in opened
        and name in tables.history.needed
    }
    return Following(dates, frozenset(_compared(tables.policy, dates, {*opened, *dates})))


def _compared(policy: TypedPolicy, dates: Collection[str], opened: Collection[str]) -> Iterator[str]:
    for rule in policy.rules:
        for atom in atoms(rule.condition):
            names = facts_of(atom)
            if len(names) == 2 and all(name in opened for name in names):
                yield from [name for name in names if name in dates]


@frozen
class OnDay:
    """The conditions of rules on a day (an ordinal), with those on ages as conditions on their dates."""

    policy: TypedPolicy
    facts: Mapping[str, Fact]
    """The open facts and the ages, which have a value."""
    ages: Following
    day: int

    def limits(self) -> Iterator[tuple[str, int, int]]:
        """The open dates, each with the first and the last of which an age is one that its fact may have."""
        for name, date in self.ages.dates.items():
            yield date, *self._dates(name, self.facts[name].low, self.facts[name].high)

    def of_dates(self, guard: Guard) -> Guard:
        """A guard in which no age is compared with anything but another open fact."""
        match guard:
            case AllOf(parts):
                return AllOf(tuple([self.of_dates(part) for part in parts]))
            case AnyOf(parts):
                return AnyOf(tuple([self.of_dates(part) for part in parts]))
            case leaf:
                return self._of_leaf(leaf)

    def _of_leaf(self, leaf: Leaf) -> Guard:
        if isinstance(leaf, RelatedValues) or leaf.fact not in self.ages.dates:
            return leaf
        return self._of_date(leaf)

    def _of_date(self, leaf: Values) -> Guard:
        axis = axes_of({leaf.fact: self.facts[leaf.fact]}, [leaf])[leaf.fact]
        date = self.facts[self.ages.dates[leaf.fact]]
        absent = False if date.or_none or date.optional else None
        parts: list[Guard] = []
        for first, last in runs(leaf_cells(leaf, axis) & axis.known):
            low, high = axis.first[first], axis.last(last)
            assert isinstance(low, int)
            assert isinstance(high, int)
            parts.append(Values(date.name, (self._dates(leaf.fact, low, high),), True, absent))
        if leaf.absent and absent is False:
            parts.append(among(date.name, (), True, True))
        return AnyOf(tuple(parts))

    def _dates(self, name: str, low: int, high: int) -> tuple[int, int]:
        """The first and the last date of which an age is from `low` to `high`."""
        derivation = self.policy.derived[name]
        if derivation.measure == "days until":
            return low + self.day, high + self.day
        return self._first_after(derivation, high), self._first_after(derivation, low - 1) - 1

    def _first_after(self, derivation: Derived, age: int) -> int:
        """The first date, or the day after, of which no more than so many years or months are complete."""
        today = datetime.date.fromordinal(self.day)
        whole = whole_years if derivation.measure == "years since" else whole_months
        dates = range(1, self.day + 1)
        return 1 + bisect_left(dates, True, key=lambda of: whole(datetime.date.fromordinal(of), today) <= age)
