"""Facts that follow from the day of the decision and another day: an age, days until a date or since an event, whether
the day is worked, which day of the week it is.

A declared calendar covers some years at most, so all its days are examined. The number of days that a number of working
days takes is known exactly if one of the two days is; otherwise the fewest and the most are known, over the days that
they may be.
"""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from attrs import evolve, frozen

from forbear.kernel.history.moments import CalendarSpec, whole_months, whole_years, working_days
from forbear.language.model.derived import Measure
from forbear.space.relations.ages import day_after_months, fewest_days, most_days
from forbear.space.relations.systems import Strip, System, clipped

_MARCH = datetime.date(1, 3, 1).toordinal()
_LONG = 366
"""The length of a run of days from which those on a day of the week are found by splitting it."""
_Limits: TypeAlias = Sequence[tuple[str, int | None, int | None]]
"""Names with the least and the greatest value of each, a part of a system each."""


@frozen
class Tie(ABC):
    """A fact that follows from the day of the decision and another day: a date of the case, the day of an event, or
    that day again. If it is an `equation`, nothing else is needed of it. Such facts are whole numbers, or 0 and 1.
    """

    fact: str
    of: str
    day: str

    @property
    def names(self) -> tuple[str, str, str]:
        """The fact, the other day and the day of the decision."""
        return self.fact, self.of, self.day

    @property
    def by(self) -> tuple[str, ...]:
        """The names of which something has to be said for it to matter; empty where it matters always."""
        return ()

    @property
    def equation(self) -> Strip | None:
        """Returns the equation that defines it, if it has one."""
        return None

    @property
    def covered(self) -> Strip | None:
        """Between which days the day of the decision is, also where the fact has no value."""
        return None

    def renamed(self, names: Mapping[str, str]) -> Tie:
        """The same by other names."""
        fact, of, day = (names.get(name, name) for name in self.names)
        return evolve(self, fact=fact, of=of, day=day)

    @abstractmethod
    def value(self, of: int, day: int) -> int:
        """Returns its value for the two days."""

    @abstractmethod
    def narrowed(self, system: System) -> System | None:
        """A system without values that no days of it have; None where it has no solution."""

    def strips(self, system: System) -> list[Strip]:
        """Returns the constraints on the two days in a system."""
        return []

    def strips_for(self, number: int) -> list[Strip]:
        """Between which days it is this number, wherever they lie."""
        return []

    def split(self, system: System, candidate: Mapping[str, int]) -> list[System]:
        """Systems that have all cases of this one, and not the solution that was found, in which it is wrong."""
        return [part for limits in self._parts(system, candidate) if (part := system.within(*limits)) is not None]

    @abstractmethod
    def _parts(self, system: System, candidate: Mapping[str, int]) -> _Limits: ...


@frozen
class Dated(Tie):
    """An age, the days until a date, or the days since an event."""

    measure: Measure
    always: bool = False
    """Whether some days of the decision are before each date, so that there is no age."""

    @property
    def by(self) -> tuple[str, ...]:
        """The fact, and the date: one that has an age is not after the day."""
        if self.always or self.measure == "days since":
            return ()
        return (self.fact,) if self.measure == "days until" else (self.fact, self.of)

    @property
    def equation(self) -> Strip | None:
        """Returns the equation of days until a date, or since an event."""
        if self.measure in ("years since", "months since"):
            return None
        sign = 1 if self.measure == "days since" else -1
        return Strip(((self.fact, 1), (self.of, sign), (self.day, -sign)), 0, 0)

    @property
    def _months(self) -> int:
        return 12 if self.measure == "years since" else 1

    def value(self, of: int, day: int) -> int:
        """Returns the number of years or months that are complete on a day, since a date that is not after it."""
        dates = datetime.date.fromordinal(of), datetime.date.fromordinal(day)
        return whole_years(*dates) if self.measure == "years since" else whole_months(*dates)

    def narrowed(self, system: System) -> System | None:
        """A system without the ages that no dates of it have; None where it has no solution."""
        (first, last), (day, last_day) = system.ends(self.of), system.ends(self.day)
        if last_day < first:
            return None
        return system.within(self.fact, self.value(last, day) if day >= last else 0, self.value(first, last_day))

    def strips(self, system: System) -> list[Strip]:
        """The fewest and the most days from the date to the day. They are exact where every date of the system is of
        one segment."""
        (least, most), (first, last) = system.ends(self.fact), system.ends(self.of)
        if last <= self._segment(first)[1]:
            span = self._complete(first, max(least, 0)) - first, self._complete(first, most + 1) - first - 1
        else:
            span = fewest_days(self._months * max(least, 0)), most_days(self._months * (most + 1)) - 1
        return [Strip(((self.day, 1), (self.of, -1)), *span)]

    def strips_for(self, number: int) -> list[Strip]:
        """Returns the fewest and the most days after which this number of years or months, and no more, is complete,
        from any date.
        """
        days = most_days(self._months * number), fewest_days(self._months * (number + 1)) - 1
        return [Strip(((self.day, 1), (self.of, -1)), *days)]

    def _parts(self, system: System, candidate: Mapping[str, int]) -> _Limits:
        least, most = system.ends(self.fact)
        stated, complete = candidate[self.fact], self.value(candidate[self.of], candidate[self.day])
        low, high = sorted((stated, min(max(complete, least), most)))
        if low < high:
            lower = (low + high - 1) // 2
            return (self.fact, None, lower), (self.fact, lower + 1, None)
        start, end = self._segment(candidate[self.of])
        return (self.of, start, end), (self.of, None, start - 1), (self.of, end + 1, None)

    def _segment(self, of: int) -> tuple[int, int]:
        """The first and the last of the days around a date from which each age takes the same number of days."""
        date = datetime.date.fromordinal(of)
        if self.measure == "months since":
            return (of, of) if date.day > 28 else (of - date.day + 1, of - date.day + 28)
        year = date.year - (date.month < 3)
        first, following = (day_after_months(_MARCH, 12 * (march_year - 1)) for march_year in (year, year + 1))
        return first, following - 1

    def _complete(self, of: int, number: int) -> int:
        """The day on which so many years or months since a date are complete."""
        day = day_after_months(of, self._months * number)
        date = datetime.date.fromordinal(of)
        late = self.measure == "years since" and (date.month, date.day) == (2, 29) and number
        return day + 1 if late and day_after_months(of - 1, 12 * number) == day else day


@frozen
class WorkingDay(Tie):
    """Whether the day of the decision is worked: 1 or 0."""

    calendar: CalendarSpec

    def value(self, of: int, day: int) -> int:
        """Whether a day is worked."""
        worked = working_days(self.calendar)
        at = bisect_left(worked, day)
        return int(at < len(worked) and worked[at] == day)

    def narrowed(self, system: System) -> System | None:
        """A system without the days that the calendar does not cover, or of which something else is said; None where it
        has no solution."""
        covered = system.within(self.day, self.calendar.first, self.calendar.last)
        if covered is None:
            return None
        possible_values = {value for low, high in system.domains[self.fact] for value in range(low, high + 1)}
        by_value = [_clipped_to(covered.domains[self.day], runs) for runs in _runs_by_truth(self.calendar)]
        values = [value for value in (0, 1) if value in possible_values and by_value[value]]
        if not values:
            return None
        days = by_value[values[0]] if len(values) == 1 else covered.domains[self.day]
        runs = [(values[0], values[-1])]
        return System({**covered.domains, self.fact: runs, self.day: days}, system.strips)

    def _parts(self, system: System, candidate: Mapping[str, int]) -> _Limits:
        return [(self.fact, value, value) for value in (0, 1)]


@frozen
class Weekday(Tie):
    """The day of the week of the day of the decision: 0 on Mondays."""

    @property
    def by(self) -> tuple[str, ...]:
        """The fact."""
        return (self.fact,)

    def value(self, of: int, day: int) -> int:
        """The day of the week of a day."""
        return (day - 1) % 7

    def narrowed(self, system: System) -> System | None:
        """A system without days of the week that no day has, and without other days; None where it has no solution.

        Of a long run of days, only its ends are taken off.
        """
        possible = frozenset(value for low, high in system.domains[self.fact] for value in range(low, high + 1))
        days = system.domains[self.day]
        if len(possible) < 7:
            days = [part for low, high in days for part in _on(possible, low, high)]
        if not days:
            return None
        some = {self.value(day, day) for low, high in days for day in range(low, min(high, low + 6) + 1)}
        left = system.domains[self.fact]
        if len(some) < 7:
            left = [(value, value) for value in sorted(some & possible)]
        return System({**system.domains, self.fact: left, self.day: days}, system.strips)

    def _parts(self, system: System, candidate: Mapping[str, int]) -> _Limits:
        possible = [value for low, high in system.domains[self.fact] for value in range(low, high + 1)]
        if len(possible) == 1:
            day = candidate[self.day]
            return (self.day, None, day - 1), (self.day, day + 1, None)
        return [(self.fact, value, value) for value in possible]


@frozen
class WorkingDays(Tie):
    """The working days from an event, or a date, to the day of the decision. They are below 0 where the date is after
    that day. The calendar covers that day also where there was no event."""

    calendar: CalendarSpec
    of_event: bool = True

    @property
    def covered(self) -> Strip | None:
        """The days that the calendar covers."""
        return None if not self.of_event else Strip(((self.day, 1),), self.calendar.first, self.calendar.last)

    def value(self, of: int, day: int) -> int:
        """Returns the number of working days after a day, until another one; below 0 the reverse."""
        worked = working_days(self.calendar)
        return bisect_right(worked, day) - bisect_right(worked, of)

    def narrowed(self, system: System) -> System | None:
        """A system without what the calendar does not cover, and without numbers that no days of it have; None where it
        has no solution."""
        calendar = self.calendar
        covered = system.within(self.day, calendar.first, calendar.last)
        covered = covered and covered.within(self.of, calendar.first - 1, calendar.last)
        if covered is None:
            return None
        (first, last), (day, last_day) = covered.ends(self.of), covered.ends(self.day)
        least, most = self.value(last, day), self.value(first, last_day)
        if not self.of_event:
            return covered.within(self.fact, least, most)
        return None if last_day < first else covered.within(self.fact, max(least, 0), most)

    def strips(self, system: System) -> list[Strip]:
        """Returns the fewest and the most days from the event or date to the day of the decision. They are exact if one
        of the two is one day alone.
        """
        fact, of, day = (system.ends(name) for name in self.names)
        low, high = _span(self.calendar, of, day, fact)
        if not self.of_event and fact[0] <= 0:
            fewest, most = _span(self.calendar, day, of, (-fact[1], -fact[0]))
            spans = [span for span in ((low, high), (-most, -fewest)) if span[0] <= span[1]] or [(1, 0)]
            low, high = min(span[0] for span in spans), max(span[1] for span in spans)
        return [Strip(((self.day, 1), (self.of, -1)), low, high)]

    def _parts(self, system: System, candidate: Mapping[str, int]) -> _Limits:
        first, last = system.ends(self.day)
        name = self.day if first < last else self.fact
        middle = sum(system.ends(name)) // 2
        return (name, None, middle), (name, middle + 1, None)


@lru_cache(maxsize=1_000)
def _span(
    calendar: CalendarSpec, of: tuple[int, int], day: tuple[int, int], numbers: tuple[int, int]
) -> tuple[int, int]:
    """The fewest and the most days from one day to another, each of them from the first to the last of some days, with
    some number of working days; a contradiction where there are none."""
    worked = working_days(calendar)
    least, most = max(numbers[0], 0), numbers[1]
    first, last = of[0], min(of[1], day[1])
    before, in_time = bisect_right(worked, day[0]), bisect_right(worked, day[1])
    if least > min(in_time, most):
        return 1, 0
    if least:
        last = min(last, worked[in_time - least] - 1)
    if before > most:
        first = max(first, worked[before - most - 1])
    if first > last:
        return 1, 0
    start, end = bisect_right(worked, first), bisect_right(worked, last)
    # From a worked day to the day before the next one the number is the same; ends that the day itself sets are alike.
    starts = [first, *worked[start : min(end, max(in_time - most, start))]]
    ends = [*worked[start + most : in_time], day[1] + 1]
    high = max(min(day[1], other - 1) - one for one, other in zip(starts, ends, strict=False))
    if not least:
        return max(day[0] - last, 0), high
    skipped = min(max(before - least, start), end)
    lasts = [*[one - 1 for one in worked[skipped:end]], last]
    low = min(
        max(day[0], other) - one for one, other in zip(lasts, worked[skipped + least - 1 : end + least], strict=True)
    )
    return low, high


@lru_cache(maxsize=100)
def _runs_by_truth(calendar: CalendarSpec) -> tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]]:
    """Returns the days of a calendar that are not worked, and those that are."""
    worked = frozenset(working_days(calendar))
    return _runs([day for day in range(calendar.first, calendar.last + 1) if day not in worked]), _runs(sorted(worked))


def _runs(days: Iterable[int]) -> list[tuple[int, int]]:
    """Some days in order, as runs of adjacent ones."""
    runs: list[tuple[int, int]] = []
    for day in days:
        start = runs.pop()[0] if runs and runs[-1][1] == day - 1 else day
        runs.append((start, day))
    return runs


@lru_cache(maxsize=1_000)
def _on(weekdays: frozenset[int], low: int, high: int) -> Sequence[tuple[int, int]]:
    """The days of a run that are on some days of the week; a long run, without its ends that are not."""
    if high - low > _LONG:
        first = next(day for day in range(low, low + 7) if (day - 1) % 7 in weekdays)
        last = next(day for day in range(high, high - 7, -1) if (day - 1) % 7 in weekdays)
        return [(first, last)]
    return _runs([day for day in range(low, high + 1) if (day - 1) % 7 in weekdays])


def _clipped_to(runs: Sequence[tuple[int, int]], bounds: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Returns the values that two sets of runs have in common."""
    starts = [low for low, _ in bounds]
    common: list[tuple[int, int]] = []
    for low, high in runs:
        at = max(bisect_right(starts, low) - 1, 0)
        common += clipped(bounds[at : bisect_right(starts, high)], low, high)
    return common
