"""The days that matter: between two dates that a policy names, every day is like the next."""

from __future__ import annotations

import datetime

from forbear.policy.typed import TypedPolicy

FIRST = datetime.date.min.toordinal()
LAST = datetime.date.max.toordinal()


def telling_days(policy: TypedPolicy) -> tuple[int | None, ...]:
    """One day of each period on which the policy is in force and the same rules are; None where no date matters.

    A day is the first of its period, or the last where the period has no beginning.
    """
    if not policy.dated:
        return (None,)
    first = FIRST if policy.since is None else policy.since
    last = LAST if policy.until is None else policy.until
    starts = {first}
    for rule in policy.rules:
        starts.update(day for day in (rule.since, None if rule.until is None else rule.until + 1) if day is not None)
    inside = sorted(day for day in starts if first <= day <= last)
    if policy.since is None:
        end_of_first = inside[1] - 1 if len(inside) > 1 else last
        inside[0] = end_of_first if end_of_first != LAST else datetime.date(2000, 1, 1).toordinal()
    return tuple(inside)
