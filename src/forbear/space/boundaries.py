"""Boundary values: the values at which a decision may change.

They are the ends of each range in which a comparison is true, with their neighbours, and the ends of the fact's range.
Between two adjacent boundary values no condition changes, so two cases that any condition distinguishes are
distinguished by boundary values.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence

from forbear.kernel.cases import GridValue, InPart, Value
from forbear.language.model.cases import another_text
from forbear.language.model.comparisons import Compare, OneOf, ranges
from forbear.language.model.conditions import Atom, IsKnown, IsNone, atoms, facts_of
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import Rule, TypedPolicy
from forbear.language.model.relations import Related, meeting


def boundary_values(
    policy: TypedPolicy, names: Iterable[str], case: Mapping[str, Value] | None = None
) -> dict[str, tuple[GridValue, ...]]:
    """Returns the boundary values of each of the facts, in ascending order, with None last if the fact may be absent.

    A fact that is compared with another one has the same boundary values in every case, unless a `case` shows where the
    two facts meet in it.
    """
    by_fact: dict[str, list[Atom]] = {name: [] for name in names}
    for rule in policy.rules:
        for atom in atoms(rule.condition):
            for name in facts_of(atom):
                if name in by_fact:
                    by_fact[name].append(atom)
    return {
        name: boundary_values_of(policy.facts[name], comparisons, _met(comparisons, name, policy.facts, case or {}))
        for name, comparisons in by_fact.items()
    }


def _met(comparisons: Iterable[Atom], name: str, facts: Mapping[str, Fact], case: Mapping[str, Value]) -> Iterator[int]:
    """The values at which a fact meets others that it is compared with."""
    for atom in comparisons:
        if isinstance(atom, Related):
            yield from meeting(atom, name, case, facts)


def boundary_values_of(fact: Fact, comparisons: Iterable[Atom], more: Iterable[int] = ()) -> tuple[GridValue, ...]:
    """The boundary values of a fact for some comparisons with it, and `more` values of it, in ascending order."""
    absent: tuple[GridValue, ...] = (None,) if fact.optional or fact.or_none else ()
    if not fact.ordered:
        return (*unordered_values(fact, [value for atom in comparisons for value in _named(atom)]), *absent)
    values = {fact.low, fact.high, *more}
    for atom in comparisons:
        if not isinstance(atom, (IsNone, IsKnown, Related)):
            values.update(end for low, high in ranges(atom, fact) for end in (low - 1, low, high, high + 1))
    return (*sorted(value for value in values if fact.low <= value <= fact.high), *absent)


def _named(atom: Atom) -> Sequence[GridValue]:
    return (atom.value,) if isinstance(atom, Compare) else atom.values if isinstance(atom, OneOf) else ()


def unordered_values(fact: Fact, named: Iterable[GridValue]) -> tuple[GridValue, ...]:
    """Returns the known values of a fact without order; for a text, those that are `named`, and one other."""
    match fact.kind.storage:
        case Storage.FLAG:
            return False, True
        case Storage.NAME:
            return fact.names
        case _:
            texts = sorted(set(map(str, named)))
            return *texts, another_text(texts)


def nearest_first(fact: Fact, values: Iterable[GridValue], current: Value) -> list[GridValue]:
    """The values without the current one: the nearest first for an ordered fact, and None last.

    Of a number that is known in part, the nearest to the least that it may be.
    """
    if isinstance(current, InPart):
        return nearest_first(fact, values, current.low)
    rest = [value for value in values if value != current or type(value) is not type(current)]
    if fact.ordered and isinstance(current, int):
        return sorted(rest, key=lambda value: (value is None, abs(value - current) if isinstance(value, int) else 0))
    return sorted(rest, key=lambda value: value is None)


# The periods of a policy: between two dates that it names, the same rules are in force on every day.


FIRST = datetime.date.min.toordinal()
LAST = datetime.date.max.toordinal()


def period_starts(policy: TypedPolicy) -> tuple[int, ...]:
    """The first day, as an ordinal, of each period in which the policy and the same rules are in force.

    Empty where no question needs a day. A policy without a first day begins with the last of the standards over it,
    where it names no day before that: what it promises, it promises under the law.
    """
    if not policy.dated:
        return ()
    starts = all_starts(policy)
    own = _starts([rule for rule in policy.rules if not rule.lasting])
    law = max(_starts([rule for rule in policy.rules if rule.lasting]) - own, default=None)
    if policy.since is None and law in starts and all(day > law for day in own):
        return starts[starts.index(law) :]
    return starts


def all_starts(policy: TypedPolicy) -> tuple[int, ...]:
    """The same on whichever day; empty where no rule has dates, and the policy has none."""
    first = FIRST if policy.since is None else policy.since
    last = LAST if policy.until is None else policy.until
    starts = _starts(policy.rules)
    if not starts and policy.since is None and policy.until is None:
        return ()
    return tuple(sorted(day for day in {first, *starts} if first <= day <= last))


def _starts(rules: Sequence[Rule]) -> set[int]:
    return {day for rule in rules for day in (rule.since, rule.until and rule.until + 1) if day is not None}


def periods_of(starts: Sequence[int], until: int | None) -> tuple[tuple[int, int], ...]:
    """The first and the last day of the periods with these first days, of a policy in force `until` a day."""
    ends = [*[start - 1 for start in starts[1:]], LAST if until is None else until]
    return tuple(zip(starts, ends, strict=True)) if starts else ()


def boundary_days(policy: TypedPolicy, starts: Sequence[int] | None = None) -> tuple[int | None, ...]:
    """Returns one day of each period, as an ordinal: the first, or the last of a period without a beginning.

    Only None if there are no periods. `starts` are those that `period_starts` returns, unless given.
    """
    starts = period_starts(policy) if starts is None else starts
    if not starts:
        return (None,)
    if policy.since is not None or starts[0] != FIRST:
        return tuple(starts)
    end_of_first = starts[1] - 1 if len(starts) > 1 else LAST if policy.until is None else policy.until
    return (end_of_first, *starts[1:])
