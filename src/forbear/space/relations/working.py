"""What the calendar says of the day of the decision, and of the day of an event: which day of the week is it, is it
worked, how many working days are between?

A declared calendar covers some years at most, so all days of it are looked at. How many days a number of working days
takes is known exactly where one of the two days is; else the fewest and the most are, of the days that they may be.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from attrs import astuple, evolve, frozen

from forbear.kernel.history.moments import CalendarSpec, working_days
from forbear.language.model.derived import Calendar
from forbear.space.relations.systems import Strip, System, clipped

_LONG = 366
"""In a run of more days, those on a day of the week are found by splitting it."""


@lru_cache(maxsize=100)
def _worked(calendar: Calendar) -> tuple[int, ...]:
    return working_days(CalendarSpec(*astuple(calendar)))


@frozen
class WorkingDay:
    """Whether the day of the decision is worked: its fact (1 or 0), and the name of the day."""

    fact: str
    day: str
    calendar: Calendar

    by = ()
    equation = None
    covered = None

    @property
    def of(self) -> str:
        """The day of which it is said."""
        return self.day

    @property
    def names(self) -> tuple[str, str, str]:
        """The fact, and twice the day."""
        return self.fact, self.day, self.day

    def renamed(self, names: Mapping[str, str]) -> WorkingDay:
        """The same by other names."""
        return evolve(self, fact=names.get(self.fact, self.fact), day=names.get(self.day, self.day))

    def value(self, of: int, day: int) -> int:
        """Whether a day is worked."""
        worked = _worked(self.calendar)
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

    def strips(self, system: System) -> list[Strip]:
        """Nothing: it is a matter of single days."""
        return []

    def strips_for(self, number: int) -> list[Strip]:
        """Nothing that holds wherever the days lie."""
        return []

    def split(self, system: System, candidate: Mapping[str, int]) -> Iterator[System]:
        """The systems of the days that are worked, and of those that are not."""
        for value in (0, 1):
            part = system.within(self.fact, value, value)
            if part is not None:
                yield part


@frozen
class Weekday:
    """Which day of the week the day of the decision is: its fact (0 on Mondays), and the name of the day."""

    fact: str
    day: str

    equation = None
    covered = None

    @property
    def of(self) -> str:
        """The day of which it is said."""
        return self.day

    @property
    def names(self) -> tuple[str, str, str]:
        """The fact, and twice the day."""
        return self.fact, self.day, self.day

    @property
    def by(self) -> tuple[str, ...]:
        """The fact."""
        return (self.fact,)

    def renamed(self, names: Mapping[str, str]) -> Weekday:
        """The same by other names."""
        return evolve(self, fact=names.get(self.fact, self.fact), day=names.get(self.day, self.day))

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

    def strips(self, system: System) -> list[Strip]:
        """Nothing: it is a matter of single days."""
        return []

    def strips_for(self, number: int) -> list[Strip]:
        """Nothing that holds wherever the days lie."""
        return []

    def split(self, system: System, candidate: Mapping[str, int]) -> Iterator[System]:
        """The systems of each other day of the week; of one alone, those of the days before and after the candidate."""
        possible = [value for low, high in system.domains[self.fact] for value in range(low, high + 1)]
        parts = [system.within(self.fact, value, value) for value in possible]
        if len(possible) == 1:
            day = candidate[self.day]
            parts = [system.within(self.day, None, day - 1), system.within(self.day, day + 1, None)]
        yield from [part for part in parts if part is not None]


@frozen
class WorkingDays:
    """The working days from an event to the day of the decision: its fact, and the names of the two days. The calendar
    covers that day also where there was no event."""

    fact: str
    of: str
    day: str
    calendar: Calendar

    by = ()
    equation = None

    @property
    def covered(self) -> Strip:
        """The days that the calendar covers."""
        return Strip(((self.day, 1),), self.calendar.first, self.calendar.last)

    @property
    def names(self) -> tuple[str, str, str]:
        """The fact, the day of the event and the day of the decision."""
        return self.fact, self.of, self.day

    def renamed(self, names: Mapping[str, str]) -> WorkingDays:
        """The same by other names."""
        fact, of, day = (names.get(name, name) for name in self.names)
        return evolve(self, fact=fact, of=of, day=day)

    def value(self, of: int, day: int) -> int:
        """How many working days there are after a day, until another one that is not before it."""
        worked = _worked(self.calendar)
        return bisect_right(worked, day) - bisect_right(worked, of)

    def narrowed(self, system: System) -> System | None:
        """A system without what the calendar does not cover, and without numbers that no days of it have; None where it
        has no solution."""
        calendar = self.calendar
        covered = system.within(self.day, calendar.first, calendar.last)
        covered = covered and covered.within(self.of, calendar.first - 1, calendar.last)
        if covered is None:
            return None
        (first, last), (day, last_day) = (_hull(covered.domains[name]) for name in (self.of, self.day))
        if last_day < first:
            return None
        return covered.within(self.fact, max(self.value(last, day), 0), self.value(first, last_day))

    def strips(self, system: System) -> list[Strip]:
        """The fewest and the most days from the event to the day of the decision. They are exact where one of the two
        is one day alone."""
        fact, of, day = (_hull(system.domains[name]) for name in self.names)
        low, high = _span(self.calendar, of, day, fact)
        return [Strip(((self.day, 1), (self.of, -1)), low, high)]

    def strips_for(self, number: int) -> list[Strip]:
        """Nothing that holds wherever the days lie."""
        return []

    def split(self, system: System, candidate: Mapping[str, int]) -> Iterator[System]:
        """Systems that have all cases of this one, by halves of the days of the decision, and then of the numbers."""
        name = self.day if _hull(system.domains[self.day])[0] < _hull(system.domains[self.day])[1] else self.fact
        middle = sum(_hull(system.domains[name])) // 2
        for part in (system.within(name, None, middle), system.within(name, middle + 1, None)):
            if part is not None:
                yield part


@lru_cache(maxsize=1_000)
def _span(
    calendar: Calendar, of: tuple[int, int], day: tuple[int, int], numbers: tuple[int, int]
) -> tuple[int | None, int | None]:
    """The fewest and the most days from one day to another, each of them from the first to the last of some days, with
    some number of working days; a contradiction where there are none."""
    worked = _worked(calendar)
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
def _runs_by_truth(calendar: Calendar) -> tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]]:
    """The days of a calendar that are not worked, and those that are."""
    worked = frozenset(_worked(calendar))
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
    """What some values have in common with others."""
    starts = [low for low, _ in bounds]
    common: list[tuple[int, int]] = []
    for low, high in runs:
        at = max(bisect_right(starts, low) - 1, 0)
        common += clipped(bounds[at : bisect_right(starts, high)], low, high)
    return common


def _hull(runs: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The first and the last value."""
    return runs[0][0], runs[-1][1]
