"""The facts that constrain one another through the day of the decision: that day, ages and days until of dates,
calendars, and days since events.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from attrs import evolve

from forbear.language.model.derived import Derived, Selection
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy
from forbear.space.axes import Axis
from forbear.space.boundaries import FIRST, LAST
from forbear.space.related import Narrower
from forbear.space.relations.dated import Dates
from forbear.space.relations.forms import Form
from forbear.space.relations.ties import Dated, Tie, Weekday, WorkingDay, WorkingDays
from forbear.space.search.witness import minimal_value

_DAY = "the day of the decision"
"""The name of a day that is not a fact. It contains spaces, so no fact has it."""
_SOME_DAY = datetime.date(5000, 1, 1).toordinal()


def dates(
    policy: TypedPolicy, axes: Mapping[str, Axis], forms: Mapping[str, Form], periods: Sequence[tuple[int, int]]
) -> Dates | None:
    """Returns the constraints among the facts that have axes through the day of the decision: that day, dates and their
    ages. The day is in one of the periods, if there are any.

    They also fix the day of the week, and whether a day is worked, for a day that has no axis. An age whose date has no
    axis still belongs to some date in the range of its fact. None if there are no such constraints.
    """
    derived = [(name, derivation) for name, derivation in policy.derived.items() if name in axes]
    days = [name for name, derivation in derived if derivation.measure == "date"]
    day = next((name for name in days if not policy.facts[name].optional), _DAY)
    first, last = (periods[0][0], periods[-1][1]) if periods else (FIRST, LAST)
    for calendar in [derivation.calendar for _, derivation in derived if derivation.calendar is not None]:
        first, last = max(first, calendar.first), min(last, calendar.last)
    ties: list[Tie] = [
        WorkingDay(name, day, day, derivation.worked)
        for name, derivation in derived
        if derivation.worked and not derivation.events and not derivation.of
    ]
    ties += [Weekday(name, day, day) for name, derivation in derived if derivation.measure == "weekday"]
    since, later = _since_events(policy, derived, day)
    ties += since
    of = [derivation.of for _, derivation in derived]
    ages = [
        Dated(name, derivation.of, day, derivation.measure)
        for name, derivation in derived
        if derivation.of and not derivation.calendar
    ]
    worked = [
        WorkingDays(name, derivation.of, day, derivation.calendar, of_event=False)
        for name, derivation in derived
        if derivation.of and derivation.calendar
    ]
    ties += worked
    ends = (first, last) if periods or days or ties else (_SOME_DAY, _SOME_DAY)  # else any day will do for all ages
    compared = {name for form in forms.values() for name in form.facts}
    for age in ages:
        date = policy.facts[age.of]
        if (
            age.fact in compared
            or of.count(age.of) > 1
            or age.of in axes
            or not _is_free(age, date, axes[age.fact], *ends)
        ):
            ties.append(evolve(age, always=age.measure != "days until" and first < date.low))
    of_date = bool(worked) or any(isinstance(tie, Dated) for tie in ties)
    if len(days) + len(ties) < 2 and not (periods and (days or ties)) and not of_date:
        return None
    dates = {tie.of: policy.facts[tie.of] for tie in (*ages, *worked) if tie.of not in axes}
    hidden = {name: (date.low, date.high) for name, date in dates.items()}
    hidden |= {tie.of: (FIRST, LAST) for tie in since}
    hidden |= {} if day in axes else {day: (FIRST, LAST)}
    return Dates(day, [name for name in days if name != day], ties, periods, hidden, later)


def _is_free(age: Dated, date: Fact, axis: Axis, first: int, last: int) -> bool:
    """Returns true if an age may be in each of its cells, and have its value of a minimal case, on each day from a
    first to a last one.
    """
    if age.measure == "days until":
        least, most = date.low - first, date.high - last
    elif first < date.low or first > last:
        return False
    else:
        least, most = 0 if date.high >= last else age.value(date.high, last), age.value(date.low, first)
    values = [*axis.first[1:], *[minimal_value(axis, cell) for cell in range(len(axis.first))]]
    return all(least <= int(value or 0) <= most for value in values)


def _since_events(
    policy: TypedPolicy, derived: Sequence[tuple[str, Derived]], day: str
) -> tuple[list[Tie], list[tuple[str, str]]]:
    """Returns the working days since events, each with the days since that contain them or are contained in them; and
    the pairs of days of events of which the second is never earlier than the first.
    """
    counting = [derivation.events for _, derivation in derived if derivation.measure == "working days since"]
    narrower = Narrower(policy.events)
    ties: list[Tie] = []
    selections: list[Selection] = []
    for name, derivation in derived:
        if derivation.measure not in ("working days since", "days since") or derivation.events is None:
            continue
        if not any(
            narrower(derivation.events, counted) or narrower(counted, derivation.events)
            for counted in counting
            if counted
        ):
            continue
        if derivation.events not in selections:
            selections.append(derivation.events)
        of = _day_of(selections.index(derivation.events))
        ties.append(
            WorkingDays(name, of, day, derivation.calendar)
            if derivation.calendar
            else Dated(name, of, day, derivation.measure)
        )
    later = [
        (_day_of(first), _day_of(second))
        for first, few in enumerate(selections)
        for second, many in enumerate(selections)
        if first != second and narrower(few, many)
    ]
    return ties, later


def _day_of(number: int) -> str:
    """Returns the name of the day of an event. It contains spaces, so no fact has it."""
    return f"the day of event {number}"
