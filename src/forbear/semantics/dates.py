"""Whether the ages, the days and the working days of a case are those of its dates, on some day of the decision.

This is what findings are checked against, day by day, and shares nothing with how they are searched for.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from itertools import groupby

from attrs import astuple

from forbear.history import CalendarSpec, whole_months, whole_years, working_days
from forbear.kernel import GridValue
from forbear.model.derived import Calendar, Derived
from forbear.model.policy import TypedPolicy

_LAST = datetime.date.max.toordinal()
_Case = Mapping[str, GridValue]


def fits_some_day(policy: TypedPolicy, case: _Case, day: int | None) -> bool:
    """Whether what follows from the day of the decision fits the day of a case (an ordinal), or some day where the case
    tells none. Facts that the case lacks may be anything, and so may those of which it lacks the date."""
    derived = {name: its for name, its in policy.derived.items() if name in case}
    days = {case[name] for name, its in derived.items() if its.measure == "date"} - {None}
    if day is not None:
        days.add(day)
    if days:
        [its_day, *others] = days
        return not others and _fits(derived, case, int(its_day or 0))
    ages = {name: its for name, its in derived.items() if its.of is not None and case.get(its.of) is not None}
    calendars = [its.calendar for name, its in derived.items() if its.calendar and case[name] is not None]
    first, last = 1, _LAST
    for calendar in calendars:
        first, last = max(first, calendar.first), min(last, calendar.last)
    for name, its in ages.items():
        first, last = max(first, _first_day(its, case, name, 0)), min(last, _first_day(its, case, name, 1) - 1)
    if not calendars:
        return first <= last  # the days of an age have no gaps
    return any(_fits(derived, case, each) for each in range(first, last + 1))


def _first_day(its: Derived, case: _Case, name: str, more: int) -> int:
    """The first day on which an age is what it is in a case, or more; a day after the last one where none is."""
    of, age = case[its.of or ""], case[name]
    if age is None:
        return _LAST + 1 if not more else 1
    low, high = int(of or 0), _LAST + 1
    if its.measure == "days until":
        return int(of or 0) - int(age) + more
    while low < high:
        middle = (low + high) // 2
        if _age(its, int(of or 0), middle) >= int(age) + more:
            high = middle
        else:
            low = middle + 1
    return low


def _age(its: Derived, of: int, day: int) -> int:
    if its.measure == "days until":
        return of - day
    whole: Callable[[datetime.date, datetime.date], int] = whole_years if its.measure == "years since" else whole_months
    return whole(datetime.date.fromordinal(of), datetime.date.fromordinal(day))


def _fits(derived: Mapping[str, Derived], case: _Case, day: int) -> bool:
    for name, its in derived.items():
        value = case[name]
        if its.of is not None and its.of in case:
            of = case[its.of]
            if of is None or value is None:
                if of is not value:
                    return False
            elif (its.measure != "days until" and int(of) > day) or _age(its, int(of), day) != value:
                return False
        elif its.measure == "working day":
            assert its.calendar is not None
            if not _covers(its.calendar, day) or value is not (day in working_days(_spec(its.calendar))):
                return False
    return _events_fit(derived, case, day)


def _events_fit(derived: Mapping[str, Derived], case: _Case, day: int) -> bool:
    """Whether the days and working days since each event are those since one day, which all calendars cover."""
    since = [
        (its, int(value))
        for name, its in derived.items()
        if its.measure in ("days since", "working days since") and (value := case[name]) is not None
    ]
    for _, grouped in groupby(sorted(since, key=lambda one: repr(one[0].events)), key=lambda one: one[0].events):
        group = list(grouped)
        calendars = [its.calendar for its, _ in group if its.calendar is not None]
        if not calendars:
            continue
        first = max(calendar.first for calendar in calendars) - 1
        if not all(_covers(calendar, day) for calendar in calendars):
            return False
        if not any(all(_since(its, event, day) == value for its, value in group) for event in range(first, day + 1)):
            return False
    return True


def _since(its: Derived, event: int, day: int) -> int:
    if its.calendar is None:
        return day - event
    return sum(event < worked <= day for worked in working_days(_spec(its.calendar)))


def _covers(calendar: Calendar, day: int) -> bool:
    return calendar.first <= day <= calendar.last


def _spec(calendar: Calendar) -> CalendarSpec:
    return CalendarSpec(*astuple(calendar))
