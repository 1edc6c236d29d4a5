"""Whether the ages, days, weekdays and working days of a case fit its dates, on some day of the decision.

Findings are checked against this, day by day. It shares nothing with the search that finds them.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby

from forbear.kernel.cases import GridValue
from forbear.kernel.history.moments import (
    OF_CALENDAR,
    CalendarSpec,
    whole_months,
    whole_years,
    worked_days,
    working_days,
)
from forbear.language.model.derived import Derived
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy

_LAST = datetime.date.max.toordinal()
_Case = Mapping[str, GridValue]


def fits_some_day(policy: TypedPolicy, case: _Case, day: int | None) -> bool:
    """Returns true if the facts derived from the day of the decision fit the day of the case (an ordinal), or some day
    if the case has none. Facts that the case lacks may have any value in their range.
    """
    derived = {name: derivation for name, derivation in policy.derived.items() if name in case}
    days = {case[name] for name, derivation in derived.items() if derivation.measure == "date"} - {None}
    if day is not None:
        days.add(day)
    if days:
        [its_day, *further] = days
        return not further and _fits(derived, case, int(its_day or 0)) and _have_dates(policy, case, int(its_day or 0))
    ages = {
        name: derivation
        for name, derivation in derived.items()
        if derivation.of is not None and case.get(derivation.of) is not None
    }
    calendars = [derivation.calendar for name, derivation in derived.items() if _needs_calendar(derivation, case[name])]
    first, last = 1, _LAST
    for calendar in filter(None, calendars):
        first, last = max(first, calendar.first), min(last, calendar.last)
    for name, derivation in ages.items():
        if derivation.calendar is not None:
            continue
        first, last = (
            max(first, _first_day(derivation, case, name, 0)),
            min(last, _first_day(derivation, case, name, 1) - 1),
        )
    if not calendars:
        last = min(last, first + 6)  # the days of an age have no gaps, and a week has each day of the week
    return any(_fits(derived, case, day_tried) for day_tried in range(first, last + 1))


def _needs_calendar(derivation: Derived, value: GridValue) -> bool:
    """Returns true if a calendar must cover the day of the decision: there may have been no event."""
    return derivation.calendar is not None and (value is not None or derivation.events is not None)


def _have_dates(policy: TypedPolicy, case: _Case, day: int) -> bool:
    """Returns true if, on a day, the ages of each date that the case lacks fit some date in the range of its fact."""
    ages: dict[str, list[tuple[Derived, int]]] = {}
    for name, derivation in policy.derived.items():
        if derivation.of is not None and derivation.of not in case and (value := case.get(name)) is not None:
            ages.setdefault(derivation.of, []).append((derivation, int(value)))
    return all(_has_date(policy.facts[of], its, day) for of, its in ages.items())


def _has_date(date: Fact, ages: Sequence[tuple[Derived, int]], day: int) -> bool:
    low, high = date.low, date.high
    for derivation, age in ages:
        if derivation.calendar is not None:
            if not _covers(derivation.calendar, day):
                return False
            low, high = max(low, derivation.calendar.first - 1), min(high, derivation.calendar.last)
        elif derivation.measure != "days until":
            high = min(high, day)
        dates = range(low, high + 1)  # the later the date, the lower the age, and the more days until it
        falls = -1 if derivation.measure != "days until" else 1
        ascending = partial(_signed_age, derivation, day, falls)
        first = bisect_left(dates, falls * age, key=ascending)
        end = bisect_right(dates, falls * age, key=ascending)
        if first == end:
            return False
        low, high = dates[first], dates[end - 1]
    return True


def _signed_age(derivation: Derived, day: int, sign: int, of: int) -> int:
    return sign * _age(derivation, of, day)


def _first_day(derivation: Derived, case: _Case, name: str, more: int) -> int:
    """The first day on which an age is what it is in a case, or more; a day after the last one where none is."""
    of, age = case[derivation.of or ""], case[name]
    if age is None:
        return _LAST + 1 if not more else 1
    low, high = int(of or 0), _LAST + 1
    if derivation.measure == "days until":
        return int(of or 0) - int(age) + more
    while low < high:
        middle = (low + high) // 2
        if _age(derivation, int(of or 0), middle) >= int(age) + more:
            high = middle
        else:
            low = middle + 1
    return low


def _age(derivation: Derived, of: int, day: int) -> int:
    if derivation.measure == "days until":
        return of - day
    if derivation.calendar is not None:
        return worked_days(derivation.calendar, of, day) - worked_days(derivation.calendar, day, of)
    whole: Callable[[datetime.date, datetime.date], int] = (
        whole_years if derivation.measure == "years since" else whole_months
    )
    return whole(datetime.date.fromordinal(of), datetime.date.fromordinal(day))


def _fits(derived: Mapping[str, Derived], case: _Case, day: int) -> bool:
    for name, derivation in derived.items():
        value = case[name]
        if derivation.of is not None and derivation.of in case:
            of = case[derivation.of]
            if of is None or value is None:
                if of is not value:
                    return False
            elif not _has_age(derivation, int(of), day) or _age(derivation, int(of), day) != value:
                return False
        elif derivation.measure in OF_CALENDAR:
            calendar = derivation.calendar
            assert calendar is not None
            days = calendar.holidays if derivation.measure == "holiday" else working_days(calendar)
            if not _covers(calendar, day) or value is not (day in days):
                return False
        elif derivation.measure == "weekday" and value not in (None, datetime.date.fromordinal(day).weekday()):
            return False
    return _events_fit(derived, case, day)


def _has_age(derivation: Derived, of: int, day: int) -> bool:
    """Returns true if a date has an age on a day: the date is not in the future, or a calendar reaches up to it."""
    if derivation.calendar is not None:
        return all(_covers(derivation.calendar, covered) for covered in (day, of + (of < day)))
    return derivation.measure == "days until" or of <= day


def _events_fit(derived: Mapping[str, Derived], case: _Case, day: int) -> bool:
    """Returns true if the days and working days since each event are those since one day, and all calendars cover
    it.
    """
    if not all(
        derivation.calendar is None or derivation.events is None or _covers(derivation.calendar, day)
        for derivation in derived.values()
    ):
        return False
    since = [
        (derivation, int(value))
        for name, derivation in derived.items()
        if derivation.measure in ("days since", "working days since")
        and derivation.events is not None
        and (value := case[name]) is not None
    ]
    for _, grouped in groupby(sorted(since, key=lambda pair: repr(pair[0].events)), key=lambda pair: pair[0].events):
        group = list(grouped)
        calendars = [derivation.calendar for derivation, _ in group if derivation.calendar is not None]
        if not calendars:
            continue
        first = max(calendar.first for calendar in calendars) - 1
        if not any(
            all(_since(derivation, event, day) == value for derivation, value in group)
            for event in range(first, day + 1)
        ):
            return False
    return True


def _since(derivation: Derived, event: int, day: int) -> int:
    if derivation.calendar is None:
        return day - event
    return worked_days(derivation.calendar, event, day)


def _covers(calendar: CalendarSpec, day: int) -> bool:
    return calendar.first <= day <= calendar.last
