"""The periods of a policy: between two dates that it names, the same rules are in force on every day."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from forbear.language.model.policy import TypedPolicy

FIRST = datetime.date.min.toordinal()
LAST = datetime.date.max.toordinal()


def period_starts(policy: TypedPolicy) -> tuple[int, ...]:
    """The first day, as an ordinal, of each period in which the policy and the same rules are in force.

    Empty where the policy names no dates.
    """
    if not policy.dated:
        return ()
    first = FIRST if policy.since is None else policy.since
    last = LAST if policy.until is None else policy.until
    starts = {first}
    for rule in policy.rules:
        starts.update(day for day in (rule.since, None if rule.until is None else rule.until + 1) if day is not None)
    return tuple(sorted(day for day in starts if first <= day <= last))


def periods_of(starts: Sequence[int], until: int | None) -> tuple[tuple[int, int], ...]:
    """The first and the last day of the periods with these first days, of a policy in force `until` a day."""
    ends = [*[start - 1 for start in starts[1:]], LAST if until is None else until]
    return tuple(zip(starts, ends, strict=True)) if starts else ()


def boundary_days(policy: TypedPolicy) -> tuple[int | None, ...]:
    """One day of each period, as an ordinal: the first, or the last of a period without a beginning.

    Only None where the policy names no dates.
    """
    starts = period_starts(policy)
    if not starts:
        return (None,)
    if policy.since is not None:
        return starts
    end_of_first = starts[1] - 1 if len(starts) > 1 else LAST if policy.until is None else policy.until
    return (end_of_first, *starts[1:])
