"""How two calendars of one name differ, in words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from forbear.language.model.derived import Calendar
from forbear.language.model.names import listed

_MOST_DAYS = 6


def differing_days(old: Calendar, new: Calendar) -> tuple[str, str]:
    """What only one of two calendars says, for each: the days covered and the working days. Empty if nothing."""
    common = range(max(old.first, new.first), min(old.last, new.last) + 1)
    worked = [{day for day in common if _is_worked(calendar, day)} for calendar in (old, new)]
    before, after = (
        [f"covers {date.fromordinal(calendar.first)} to {date.fromordinal(calendar.last)}"]
        if (old.first, old.last) != (new.first, new.last)
        else []
        for calendar in (old, new)
    )
    return "; ".join(before + _said(worked[0] - worked[1])), "; ".join(after + _said(worked[1] - worked[0]))


def _is_worked(calendar: Calendar, day: int) -> bool:
    return day not in calendar.holidays and (day in calendar.working or (day - 1) % 7 not in calendar.weekend)


def _said(days: Collection[int]) -> list[str]:
    if not days:
        return []
    shown = listed([str(date.fromordinal(day)) for day in sorted(days)], _MOST_DAYS, quote="")
    return [f"{shown} {'is' if len(days) == 1 else 'are'} worked"]
