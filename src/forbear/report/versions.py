"""The versions of a book on some days ahead: which begins on which day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import frozen


@frozen
class Beginning:
    """The version of a policy from a day on, counted from day 0, and what it is called in sentences; None where none is
    in force."""

    day: int
    version: str | None
    label: str = "no version"


def beginnings(versions: Iterable[Any], first: datetime.date | None, days: int) -> tuple[Beginning, ...]:
    """The versions in force on day 0, the day `first`, and on so many days after it, of some policies in the order of
    their days."""
    if first is None:
        return ()
    begun: list[Beginning] = []
    end = 0
    for policy in versions:
        since, until = (_day(ordinal, first) for ordinal in (policy.typed.since, policy.typed.until))
        begin = 0 if since is None else max(since, 0)
        if begin > days or (until is not None and until < 0):
            continue
        if begun and begin > end:
            begun.append(Beginning(end, None))
        called = policy.typed.called
        begun.append(Beginning(begin, policy.typed.version or called, called))
        end = days + 1 if until is None else until + 1
    return (*begun, Beginning(end, None)) if len(begun) > 1 and end <= days else tuple(begun)


def _day(ordinal: int | None, first: datetime.date) -> int | None:
    return None if ordinal is None else ordinal - first.toordinal()


def in_turn(begun: Sequence[Beginning], days: Sequence[str]) -> str:
    """The versions with the days from which on they decide: `by version 1, from 2027-01-01 on by version 2`."""
    first, *later = begun
    return ", ".join([f"by {first.label}", *[f"from {days[each.day]} on by {each.label}" for each in later]])
