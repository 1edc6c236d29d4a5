"""The days that matter: between two dates that a policy names, every day is like the next."""

from __future__ import annotations

import datetime

from forbear.model.policy import TypedPolicy

FIRST = datetime.date.min.toordinal()
LAST = datetime.date.max.toordinal()


def period_starts(policy: TypedPolicy) -> tuple[int, ...]:
    """The first day of each period in which the policy is in force and the same rules are; empty where no date
    matters."""
    if not policy.dated:
        return ()
    first = FIRST if policy.since is None else policy.since
    last = LAST if policy.until is None else policy.until
    starts = {first}
    for rule in policy.rules:
        starts.update(day for day in (rule.since, None if rule.until is None else rule.until + 1) if day is not None)
    return tuple(sorted(day for day in starts if first <= day <= last))


def telling_days(policy: TypedPolicy) -> tuple[int | None, ...]:
    """One day of each period: its first, or its last where it has no beginning. None alone where no date matters."""
    starts = period_starts(policy)
    if not starts:
        return (None,)
    if policy.since is not None:
        return starts
    end_of_first = starts[1] - 1 if len(starts) > 1 else LAST if policy.until is None else policy.until
    return (end_of_first, *starts[1:])
