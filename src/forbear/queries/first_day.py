"""The day from which on days ahead are counted."""

from __future__ import annotations

import datetime
from typing import Any

from forbear.kernel.cases import CaseError, as_argument, read_on
from forbear.kernel.faults import fault


def first_day(on: Any, at: Any) -> datetime.date | None:
    """Day 0, if it is named. Raises `CaseError`."""
    if at is not None:
        return day_and_time(at).date()
    return None if on is None else datetime.date.fromordinal(read_on(on))


def day_and_time(at: Any) -> datetime.datetime:
    """The moment of day 0, of which each later day has one at the same time. Raises `CaseError`."""
    try:
        return at if isinstance(at, datetime.datetime) else datetime.datetime.fromisoformat(str(at))
    except ValueError:
        raise CaseError([fault("at", "no-day-and-time", given=as_argument(at))]) from None
