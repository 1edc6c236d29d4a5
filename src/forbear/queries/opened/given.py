"""Reads a case in which some facts are open: the values of its given facts, and the conditions that remain.

An open fact will have a value, which is not known yet. A fact that is neither given nor open is unknown, or an error if
it is needed, as in any case.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product

from attrs import evolve, frozen

from forbear.kernel.cases import (
    CaseError,
    Fault,
    InPart,
    Value,
    as_dict,
    decision_day,
    in_force,
    is_unknown,
    read_case,
    read_day,
    unknown_name,
)
from forbear.kernel.faults import fault
from forbear.kernel.history.moments import OF_CALENDAR, whole_months, whole_years, worked_between
from forbear.kernel.history.readings import Reading, has_history, readings_or_all_errors
from forbear.language.model.comparisons import MIRRORED, Compare, OneOf
from forbear.language.model.conditions import Always, And, Atom, Condition, Not, Or, atoms, facts_of, mapped, solved
from forbear.language.model.derived import Derived
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.kinds import FLAG
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.relations import Related, Term, related, unit
from forbear.semantics import meaning
from forbear.semantics.composition.rebasing import NEVER
from forbear.semantics.lowered.guards import AllOf, AnyOf, Guard, Values, among
from forbear.space.axes import axes_of, leaf_cells
from forbear.space.masks import runs
from forbear.space.predicates.specs import Specs

# Ages of an open date, on a day that is told: what a rule asks of them, it asks of the date.
#
# What compares an age with another open fact cannot be said of the date, and stays as it is.


@frozen
class Following:
    """The ages that follow from open dates: all of them by name, each with its date, and those that are `compared` with
    another open fact.
    """

    dates: Mapping[str, str]
    compared: frozenset[str]


def following(tables: Specs, opened: Collection[str], day_known: bool) -> Following:
    """Returns the ages that rules read and that follow from open dates, if the day is known."""
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
            if sum(name in opened for name in names) > 1:
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
        """Yields the open dates, each with the first and the last on which an age has a value that its fact may
        have.
        """
        for name, date in self.ages.dates.items():
            yield date, *self._dates(name, self.facts[name].low, self.facts[name].high)

    def of_dates(self, guard: Guard) -> Guard:
        """A guard in which no age is compared with anything but another open fact."""
        match guard:
            case AllOf(parts):
                return AllOf(tuple([self.of_dates(part) for part in parts]))
            case AnyOf(parts):
                return AnyOf(tuple([self.of_dates(part) for part in parts]))
            case Values(fact) as leaf if fact in self.ages.dates:
                return self._of_date(leaf)
            case leaf:
                return leaf

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
        calendar = derivation.calendar
        if calendar is not None:
            is_covered = calendar.first <= self.day <= calendar.last
            known = range(calendar.first - 1, calendar.last + 1) if is_covered else range(0)
            return known.start + bisect_left(known, True, key=lambda of: worked_between(calendar, of, self.day) <= age)
        today = datetime.date.fromordinal(self.day)
        whole = whole_years if derivation.measure == "years since" else whole_months
        dates = range(1, self.day + 1)
        return 1 + bisect_left(dates, True, key=lambda of: whole(datetime.date.fromordinal(of), today) <= age)


Facts = Mapping[str, Fact]

_UNKNOWN = OneOf("an unknown value", (), False)
"""A condition that is unknown, of a fact that no policy has."""


@frozen
class Given:
    """The given part of a case, in one time zone: the values of facts on their grids, those that are unknown, the rules
    in force, a bit each, and the day as an ordinal, if it is given.
    """

    values: Mapping[str, Value]
    unknown: frozenset[str]
    in_force: int
    day: int | None


def read_given(
    tables: Specs, dates: TypedPolicy, case: object, opened: Collection[str], ages: Following, on: object, at: object
) -> list[Given]:
    """Reads a case without its open facts, and without the `ages` of open dates, in each of its time zones.

    `dates` is the whole policy, whose rules on other actions may have dates too. Raises `CaseError` with the errors of
    the case, and where a fact cannot be open.
    """
    entries = as_dict(case)
    facts = tables.policy.facts
    faults = [unknown_name(name, name, facts, "fact") for name in opened if name not in facts]
    if entries is not None:
        faults += [fault(name, "given-and-open", name=name) for name in opened if name in entries]
        faults += follows(tables, entries, opened, on, at)
    if faults:
        raise CaseError(faults)
    left_out = frozenset(opened) | ages.dates.keys()
    needed = tuple([name for name in tables.needed if name not in left_out])
    history = tables.history.but(needed=tables.history.needed - left_out)
    if has_history(history, case, on, at):
        by_zone = readings_or_all_errors(history, case, on, at, lambda facts: read_case(tables.facts, needed, facts))
    else:
        by_zone = [Reading(None, case)]  # type: ignore[arg-type]  # read_case says so where it is no mapping
    by_zone_given = [_given(tables, dates, reading, needed, on) for reading in by_zone]
    if len({zone_given.day for zone_given in by_zone_given}) > 1:
        for name in ages.compared:
            date = ages.dates[name]
            raise CaseError([fault(date, "open-on-two-days", name=date, other=name)])
    return by_zone_given


def _given(tables: Specs, dates: TypedPolicy, reading: Reading, needed: Sequence[str], on: object) -> Given:
    day = on if reading.day is None else reading.day
    number = decision_day(dates.name, dates.dated, dates.since, dates.until, day)
    values = read_case(tables.facts, needed, reading.case)
    unknown = frozenset([name for name in needed if is_unknown(tables.facts[name], values[name])])
    ordinal = None if day is None else read_day(day)
    return Given(values, unknown, in_force(tables.rules, number), ordinal)


def follows(
    tables: Specs, entries: Mapping[str, object], opened: Collection[str], on: object, at: object
) -> Iterator[Fault]:
    """Open facts that follow from what is given, or from which something follows; and why they cannot be open."""
    has_events = "history" in entries
    compared = tables.history.compared if has_events else {}
    for name in opened:
        if name in compared:
            yield fault(name, "open-for-events", name=name)
    for spec in tables.history.derived:
        name = spec.name
        if spec.of is not None and spec.of in opened and name in tables.history.needed and (on or at) is not None:
            if name in entries:
                yield fault(spec.of, "open-date", name=spec.of, other=name)
            elif name in opened:
                yield fault(name, "open-after-open-date", name=name, other=spec.of)
        if spec.hours is not None and spec.hours in opened and name in tables.history.needed:
            yield fault(spec.hours, "open-hours", name=spec.hours, other=name)
        if name not in opened:
            if spec.events is not None and name in tables.history.needed and not has_events and name not in entries:
                sources = tables.policy.derived[name].sources(tables.policy.events)
                yield from [fault(of, "open-hours", name=of, other=name) for of in opened if of in sources]
            continue
        if spec.events is not None:
            if has_events:
                yield fault(name, "open-after-history", name=name)
        elif spec.of is not None:
            if spec.of in entries and (on or at) is not None:
                yield fault(name, "open-after-date", name=name, other=spec.of)
        elif spec.hours is not None:
            if spec.hours in entries and at is not None:
                yield fault(name, "open-after-date", name=name, other=spec.hours)
        elif at is not None:
            yield fault(name, "open-after-moment", name=name)
        elif spec.measure in OF_CALENDAR and on is not None:
            yield fault(name, "open-after-day", name=name)


def facts_left(policy: TypedPolicy, opened: Collection[str], may_stay_unknown: bool) -> dict[str, Fact]:
    """Returns the facts of the conditions that remain. An open fact will have a value, and so is not unknown; or it may
    stay unknown, if it is optional.
    """
    facts = {name: fact for name, fact in policy.facts.items() if name in opened}
    left = {name: evolve(fact, optional=fact.optional and may_stay_unknown) for name, fact in facts.items()}
    return {**left, _UNKNOWN.fact: Fact(name=_UNKNOWN.fact, kind=FLAG, optional=True, place=policy.place)}


def is_unknown_value(name: str) -> bool:
    """Returns true if this name in a remaining condition is that of something unknown."""
    return name == _UNKNOWN.fact


def condition_left(
    condition: Condition, facts: Facts, values: Mapping[str, Value], opened: Collection[str]
) -> Condition:
    """Returns what remains of a condition if some facts have these values: a condition on open facts, with the same
    truth.
    """

    def of_atom(atom: Atom) -> Condition:
        left = [name for name in facts_of(atom) if name in opened]
        if not left:
            return _constant(meaning.truth(atom, facts, values))
        return _of_open(atom, left, facts, values) if isinstance(atom, Related) else atom

    return mapped(condition, of_atom)


def _constant(truth: bool | None) -> Condition:
    return _UNKNOWN if truth is None else Always() if truth else NEVER


def _of_open(atom: Related, opened: Sequence[str], facts: Facts, values: Mapping[str, Value]) -> Condition:
    """A comparison of open facts with given ones, as a condition on the open facts alone."""
    given = [name for name in atom.facts if name not in opened]
    if not given:
        return atom
    if any(isinstance(values[name], InPart) for name in given) and atom.operator in ("=", "!="):
        at_most, at_least = (evolve(atom, operator=order) for order in ("<=", ">="))
        both = And(tuple([_of_open(each, opened, facts, values) for each in (at_most, at_least)]))
        return both if atom.operator == "=" else Not(both)
    conditions: list[Condition] = []
    for of_given in product(*[InPart.each(values[name]) for name in given]):
        known = {name: value for name, value in zip(given, of_given, strict=True) if value is not None}
        absent = [name for name in given if name not in known]
        if any(facts[name].optional for name in absent):
            conditions.append(_UNKNOWN)
        elif absent:  # none is not a value; but a fact that stays unknown is so here too
            unequal = atom.operator == "!="
            optional = [name for name in opened if facts[name].optional]
            unknown = [Compare(name, ">=" if unequal else "<", facts[name].low) for name in optional]
            conditions.append(
                (And if unequal else Or)((_constant(unequal), *unknown)) if unknown else _constant(unequal)
            )
        else:
            conditions.append(_of_known(atom, opened, facts, known))
    if len(conditions) == 1:
        return conditions[0]
    # True where all are, false where none is, else unknown.
    return Or((And(tuple(conditions)), And((_UNKNOWN, Or(tuple(conditions))))))


def _of_known(atom: Related, opened: Sequence[str], facts: Facts, known: Mapping[str, Grid]) -> Condition:
    """The comparison of open facts where all others are known."""
    left, right = (Term(tuple([part for part in side.parts if part[0] in known])) for side in (atom.left, atom.right))
    more = atom.right.offset - atom.left.offset + right.value(facts, known) - left.value(facts, known)
    shares = {name: share for name, share in atom.shares.items() if name in opened}
    if len(opened) == 1:
        [(name, share)] = shares.items()
        operator = atom.operator if share > 0 else MIRRORED[atom.operator]
        return solved(facts[name], operator, more / share / unit(facts[name]))
    return related(shares, atom.operator, more)
