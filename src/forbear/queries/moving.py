"""The facts of a case that change with time, each with its value at a moment, and the next moment at which it may
change.

The values are those of `history/`, which defines how facts follow from events and moments. This module decides when to
look again.
"""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from attrs import define

from forbear.kernel.cases import FactSpec, Fault, InPart, Value, Wrong, decimal_text, read_in_part, read_value
from forbear.kernel.history.counting import Count, DerivedSpec, Seen, days_in_row, days_of, length_of, start_of, told
from forbear.kernel.history.moments import OF_CALENDAR, hours_turn, is_within, of_moment
from forbear.kernel.history.readings import HistorySpec, ages_of

# When the clocks of a zone change: between two changes its local time runs on evenly.


DAY = datetime.timedelta(days=1)
"""Between two changes of one zone, since there are zones, there were never fewer than three."""
SMALLEST = datetime.timedelta(microseconds=1)


def changes(zone: datetime.tzinfo, start: datetime.datetime, stop: datetime.datetime) -> list[datetime.datetime]:
    """The moments after `start` and before `stop`, in UTC, at which the clocks of a zone are put forward or back."""
    moments = [moment for year in range(start.year, stop.year + 1) for moment in _of_year(zone, year)]
    return [moment for moment in moments if start < moment < stop]


@lru_cache(maxsize=2_000)  # the years of a hundred zones
def _of_year(zone: datetime.tzinfo, year: int) -> tuple[datetime.datetime, ...]:
    """The changes of a year of UTC, by looking at the offset on each day."""
    moment = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) - SMALLEST
    end = datetime.datetime(year + 1, 1, 1, tzinfo=datetime.UTC) - SMALLEST
    offset, moments = offset_at(zone, moment), []
    while moment < end:
        later = min(moment + DAY, end)
        later_offset = offset_at(zone, later)
        if later_offset != offset:
            moments.append(_first_other(zone, moment, offset))
        moment, offset = later, later_offset
    return tuple(moments)


def _first_other(zone: datetime.tzinfo, before: datetime.datetime, offset: datetime.timedelta) -> datetime.datetime:
    """The first moment of a day with another offset than the one before."""
    day = range(DAY // SMALLEST)
    return before + SMALLEST * bisect_left(day, True, key=lambda at: offset_at(zone, before + at * SMALLEST) != offset)


def next_midnight(zone: datetime.tzinfo, moment: datetime.datetime) -> datetime.datetime:
    """The moment, in UTC, at which the next day of a zone begins."""
    tomorrow = moment.astimezone(zone).date() + DAY
    return datetime.datetime.combine(tomorrow, datetime.time(), zone).astimezone(datetime.UTC)


def offset_at(zone: datetime.tzinfo, moment: datetime.datetime) -> datetime.timedelta:
    """Returns how far the clocks of a zone are ahead of UTC."""
    return offset_of(moment.astimezone(zone))


def offset_of(local: datetime.datetime) -> datetime.timedelta:
    """Returns how far the clocks that show a moment are ahead of UTC."""
    offset = local.utcoffset()
    assert offset is not None
    return offset


Local: TypeAlias = datetime.datetime
"""A moment on the clocks of a zone."""
Held: TypeAlias = "Value | Fault"
"""A value on its fact's grid, or the error that prevents one."""
Cuts: TypeAlias = "tuple[int, ...] | None"
"""The numbers from which on some comparison may have another truth; None where each number may make a difference."""
LONGEST = 3_660
"""Days that are looked ahead at most."""


@define(eq=False, slots=False)
class Moving(ABC):
    """A fact that time moves."""

    fact: FactSpec
    cuts: Cuts

    @property
    def work(self) -> int:
        """How many times as long it takes to look at as a fact of the moment."""
        return 1

    @abstractmethod
    def value(self, local: Local) -> Held:
        """Its value at a moment."""

    @abstractmethod
    def next(self, local: Local, value: Held) -> datetime.datetime | None:
        """The first moment, in UTC, from which on its value may be another, beyond a cut, if the clocks go on as they
        go now; None for never. `value` is that at `local`."""


def on_grid(fact: FactSpec, raw: object) -> Held:
    """Returns a value as a case gives it, on its fact's grid. None is unknown."""
    if raw is None and fact.absent == "unknown":
        return None
    try:
        if fact.cuts is not None and isinstance(raw, (InPart, Mapping)):
            return read_in_part(fact, raw)
        return read_value(fact, raw)
    except Wrong as wrong:
        return (wrong.hidden() if fact.private else wrong).fault(fact.name, name=fact.name)


def between_cuts(value: Held, cuts: Cuts) -> object:
    """A value without what makes no difference for any comparison."""
    if isinstance(value, Fault):
        return Fault, value.fact
    if cuts is None or value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, InPart):
        return bisect_right(cuts, value.low), bisect_right(cuts, value.high), value.none
    return bisect_right(cuts, value)


def midnight(local: Local, days: int, seconds: int = 0) -> datetime.datetime:
    """The moment, in UTC, of the beginning of the day that is so many days later, or of so many seconds later."""
    begin = datetime.datetime(local.year, local.month, local.day, tzinfo=datetime.UTC)
    return begin + datetime.timedelta(days, seconds) - offset_of(local)


def _days_until_cut(value: Held, fact: FactSpec, cuts: Cuts, sign: int) -> int | None:
    """After how many days a number that rises or falls by 1 a day is beyond a cut, or out of its range; None for
    never."""
    if value is None or isinstance(value, (Fault, bool, str)):
        return None
    if cuts is None:
        return 1
    ends = [value] if isinstance(value, int) else [value.low, value.high]
    if len(ends) == 2 and ends[1] == fact.high:
        del ends[1]  # it has no most, and does not move
    if sign > 0:
        days = min([(*cuts, fact.high + 1)[bisect_right(cuts, end)] - end for end in ends])
    else:
        days = min([end - (fact.low, *cuts)[bisect_right(cuts, end)] + 1 for end in ends])
    return days if days < LONGEST else None


@define(eq=False, slots=False)
class Shifted(Moving):
    """A number of days that the case gives outright: the clock, the days since something, or until something. It was
    `given` on a `first` day."""

    given: Held
    first: Local
    sign: int
    clock: bool

    def value(self, local: Local) -> Held:
        days = (local.toordinal() - self.first.toordinal()) * self.sign
        start_value = self.given
        if start_value is None or isinstance(start_value, (Fault, bool, str)) or days == 0:
            return start_value
        if isinstance(start_value, InPart):
            high = start_value.high if start_value.high == self.fact.high else start_value.high + days
            return on_grid(self.fact, InPart(start_value.low + days, high, start_value.none))
        number = start_value * Fraction(*self.fact.step) + days
        return on_grid(self.fact, number.numerator if number.denominator == 1 else decimal_text(number))

    def next(self, local: Local, value: Held) -> datetime.datetime | None:
        days = _days_until_cut(value, self.fact, self.cuts, self.sign) if self.fact.step == (1, 1) else 1
        return None if days is None else midnight(local, days)


@define(eq=False, slots=False)
class OfMoment(Moving):
    """The time, the date or the weekday of the decision."""

    spec: DerivedSpec

    def value(self, local: Local) -> Held:
        return on_grid(self.fact, of_moment(self.spec.measure, local))

    def next(self, local: Local, value: Held) -> datetime.datetime | None:
        if self.cuts == ():
            return None  # it has a value at each moment, whatever that is
        if self.spec.measure != "time":
            days = _days_until_cut(value, self.fact, self.cuts, 1) if self.spec.measure == "date" else 1
            return None if days is None else midnight(local, days)
        assert isinstance(value, int)
        if self.cuts is None:
            return midnight(local, 0, value + 1)
        later = [cut for cut in self.cuts if value < cut <= self.fact.high]
        return midnight(local, 0, later[0]) if later else midnight(local, 1)


@define(eq=False, slots=False)
class OfDay(Moving):
    """A fact that follows from the day of the decision: whether it is a working day, an age, or the days until a
    date.
    """

    spec: DerivedSpec
    specs: HistorySpec
    """The specs of this fact alone."""
    case: Mapping[str, object]

    def value(self, local: Local) -> Held:
        faults: list[Fault] = []
        ages = ages_of(self.specs, self.case, local.date(), faults)
        return faults[0] if faults else on_grid(self.fact, ages.get(self.fact.name))

    def next(self, local: Local, value: Held) -> datetime.datetime | None:
        if value is None:
            return None  # that of no date
        if isinstance(value, Fault) or self.cuts is None or self.spec.measure in OF_CALENDAR:
            return midnight(local, 1)
        if self.spec.measure == "days until":
            days = _days_until_cut(value, self.fact, self.cuts, -1)
            return None if days is None else midnight(local, days)
        now = between_cuts(value, self.cuts)
        days = bisect_left(
            range(LONGEST), True, key=lambda days: between_cuts(self.value(local + days * DAY), self.cuts) != now
        )
        return midnight(local, days) if days < LONGEST else None


@define(eq=False, slots=False)
class OfHours(Moving):
    """Whether the moment is in weekly hours, as minutes of the week with their lengths."""

    hours: list[tuple[int, int]]

    def value(self, local: Local) -> Held:
        return is_within(self.hours, local)

    def next(self, local: Local, value: Held) -> datetime.datetime | None:
        minutes = hours_turn(self.hours, local)
        return None if minutes is None else midnight(local, 0, (local.hour * 60 + local.minute + minutes) * 60)


@define(eq=False, slots=False)
class _Counting(Moving):
    """A fact that is counted from events, of which those from the day `covered` on are known."""

    count: Count
    covered: int

    def counting(self, events: Sequence[Seen], local: Local) -> list[Seen]:
        """Those events of a window that may count, by when the last anchor was, and are in the row of days."""
        events = [event for event in events if self.count.anchor is None or event.moment > self.count.anchor]
        if not self.in_row:
            return events
        last = self.count.last_day(local.toordinal())
        row = days_in_row({event.day for event in events}, last)
        return [event for event in events if last - row < event.day <= last]

    @property
    def in_row(self) -> bool:
        return self.count.spec.derived.measure == "days in a row"

    def moves_daily(self, local: Local, value: Held, days: Collection[int]) -> bool:
        """Returns true if a number of days may change at midnight: consecutive days that continue, with events on these
        days, or days that the history does not cover.
        """
        if self.in_row:
            return value != 0 or max(days, default=0) > self.count.last_day(local.toordinal())
        return self.count.spec.of_dates and self.covered > self.count.begin


class Since(_Counting):
    """The days, or the working days, since the last or first event."""

    def value(self, local: Local) -> Held:
        return counted(self.count, self.fact, local, self.covered)

    def next(self, local: Local, value: Held) -> datetime.datetime | None:
        calendar = self.count.spec.derived.calendar
        if calendar is None:
            days = _days_until_cut(value, self.fact, self.cuts, 1)
            return None if days is None else midnight(local, days)
        return midnight(local, 1 if value is not None else calendar.last + 1 - local.toordinal())


def counted(count: Count, fact: FactSpec, local: Local, covered: int) -> Held:
    """Returns the value of a counted fact at a moment."""
    value = told(count, fact, local.toordinal(), covered)
    return value if isinstance(value, Fault) else on_grid(fact, value)


@define(eq=False, slots=False)
class Windowed(_Counting):
    """A number of what happened in a window that moves with the day, or in one of hours or minutes, which begins at a
    very microsecond.
    """

    local: Local

    def __attrs_post_init__(self) -> None:
        self.seen = sorted(self.count.seen, key=lambda event: event.day)
        self._days = [event.day for event in self.seen]
        self._length = length_of(self.count.spec.derived)
        if self._length is not None:
            self._moments = sorted([event.moment for event in self.seen])
            self._covered_at = sorted(self._when_covered(self.local, self._length))

    def _when_covered(self, local: Local, length: datetime.timedelta) -> set[datetime.datetime]:
        """The moments near which the window may begin on the first day that the history covers, and those at which it
        begins on another day as the clocks changed then."""
        zone = local.tzinfo
        assert zone is not None
        start = local.astimezone(datetime.UTC) - length
        if self.covered <= start.astimezone(zone).toordinal():
            return set()
        first = datetime.datetime.fromordinal(self.covered).replace(tzinfo=zone)
        midnights = {first.replace(fold=fold).astimezone(datetime.UTC) for fold in (0, 1)}
        return {moment + length for moment in (*midnights, *changes(zone, start, max(midnights) + DAY))}

    @property
    def work(self) -> int:
        return 1 + len(self.seen) // 200 if self.in_row or self._length else 1

    def value(self, local: Local) -> Held:
        count = self.count
        count.start, count.begin, count.end = self._window(local)
        count.seen = self._within(local)
        return counted(count, self.fact, local, self.covered)

    def inside(self, local: Local) -> list[Seen]:
        """The events in the window at a moment."""
        return self.counting(self._within(local), local)

    def _within(self, local: Local) -> list[Seen]:
        start, begin, end = self._window(local)
        days = slice(bisect_left(self._days, begin), bisect_right(self._days, end))
        return [event for event in self.seen[days] if start is None or event.moment >= start]

    def _window(self, local: Local) -> tuple[datetime.datetime | None, int, int]:
        """The moment at which a window of hours begins, and the first and the last day of any."""
        start = start_of(self.count.spec.derived, local)
        begin, end = days_of(self.count.spec.derived, local, start)
        return start, max(begin, self.count.earliest), end

    def next(self, local: Local, value: Held) -> datetime.datetime | None:
        if self._length is not None:
            return self._next_moment(local, value, self._length)
        _, begin, end = self._window(local)
        days = []
        calendar, window = self.count.spec.derived.calendar, self.count.spec.derived.window
        if self.moves_daily(local, value, self._days):
            return midnight(local, 1)
        if isinstance(value, Fault):
            return midnight(local, 1) if calendar is None or local.toordinal() <= calendar.last else None
        if calendar is not None:
            days.append(calendar.last + 1 - local.toordinal())
        if window in ("at least", "between"):
            days += [day - end for day in self._days[bisect_right(self._days, max(begin - 1, end)) :][:1]]
        if window != "at least":
            leaving = [event.day for event in self._within(local)[:1]]
            leaving += [self.covered - 1] if self.covered > begin else []
            days += [self._leaves(min(leaving), local)] if leaving else []
        return midnight(local, min(days)) if days else None

    def _leaves(self, day: int, local: Local) -> int:
        """After how many days a day is before the window: the window never goes back."""
        begin = self._window(local)[1]
        if self.count.spec.derived.window in ("days", "between"):
            return min(day - begin + 1, LONGEST)
        most = min(day - begin + 100, LONGEST) if self.count.spec.derived.calendar is None else LONGEST
        return bisect_left(range(most), True, key=lambda days: self._window(local + days * DAY)[1] > day)

    def _next_moment(self, local: Local, value: Held, length: datetime.timedelta) -> datetime.datetime | None:
        now = local.astimezone(datetime.UTC)
        first = bisect_left(self._moments, now - length)
        moments = [moment + length + SMALLEST for moment in self._moments[first : first + 1]]
        moments += [moment for moment in self._covered_at if moment > now][:1]
        if self.moves_daily(local, value, self._days):
            assert local.tzinfo is not None
            moments += [midnight(local, 1), next_midnight(local.tzinfo, now - length) + length]
        return min(moments, default=None)
