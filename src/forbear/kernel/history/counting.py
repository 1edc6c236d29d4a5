"""Counts events: the specs of what is counted, which events count, and the values that follow from the counts.

Whether an event counts for a fact depends on its attributes alone: a selection decides it from their values.
"""

from __future__ import annotations

import bisect
import datetime
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from forbear.kernel.cases import FactSpec, Fault, GridValue, InPart, Wrong, as_given, number_argument, tells_enough
from forbear.kernel.history.moments import CalendarSpec, check_covered, first_worked, month_length, worked_days

OPENING: Final = "opening"
"""The value of `history_from` for a history of every event since the account was opened."""
BEGINNING: Final = 0
"""The day, as an ordinal, from which a history that covers everything begins."""

OF_DATES: Final = ("days with", "days in a row")
"""The measures that count the days on which something happened."""

Where: TypeAlias = "Callable[..., bool | None]"
"""Maps the values of an event's attributes, and then of its flags, to whether the event is selected; None is
unknown.
"""


def never_counted(*values: object) -> bool | None:
    """The selection of a fact that no rule reads: no event counts."""
    return False


class EventSpec(NamedTuple):
    """How an event is read.

    `same` has, for each flag, the number of an attribute, the fact of the case that it is compared with, and the sign.
    `read` has the numbers of the attributes that selections read themselves. Error messages never show a `private_id`.
    """

    name: str
    attributes: tuple[FactSpec, ...]
    same: tuple[tuple[int, str, str], ...]
    read: tuple[int, ...]
    private_id: bool

    @property
    def hides(self) -> bool:
        """Whether the id or an attribute is private."""
        return self.private_id or any(attribute.private for attribute in self.attributes)


class Selection(NamedTuple):
    """The events of one name for which `where` is true."""

    event: str
    where: Where


class DerivedSpec(NamedTuple):
    """How a fact is derived.

    `measure` is `count`, `sum`, `any`, `days with`, `days in a row`, `days since`, `days since first`, `last`, `first`,
    `years since`, `months since`, `days until`, `working day`, `holiday`, `working days since`, `time`, `date`,
    `weekday` or `now within`.
    `window` is `days`, `working days`, `hours`, `minutes`, `months`, `week`, `month`, `quarter`, `at least`, `between`,
    `since` or `ever`. `number` is its length in such units, or how many days ago it begins or, `at least`, ends;
    `least`, how many days ago `between` ends; and `anchor` the events after which it begins. `attribute` is the number
    of that which is summed, or taken of the last or first event. `of` is the fact of the case whose date an age
    follows from, as working days without `events` do, `calendar` that of working days, `since` the fact with whose date
    a window begins, and `hours` the fact whose weekly hours the moment is in.
    """

    name: str
    measure: str
    events: Selection | None = None
    window: str = "ever"
    number: int = 0
    anchor: Selection | None = None
    least: int = 0
    attribute: int | None = None
    of: str | None = None
    calendar: CalendarSpec | None = None
    since: str | None = None
    hours: str | None = None


class Seen(NamedTuple):
    """An event that is kept: its moment and day, whether it is selected, and its least and greatest amount, which are
    None where it is none."""

    moment: datetime.datetime
    day: int
    truth: bool | None
    low: int | None
    high: int | None


class CountSpec(NamedTuple):
    """How a fact is counted, by how it is `derived`.

    `attribute` is the one that is summed, or taken of one event, and `amounts` are the least and the greatest that an
    event may add. `of_days` counts days since events, `of_one` takes a value of one event, `of_anchor` begins at one,
    and `of_dates` counts the days with events.
    """

    derived: DerivedSpec
    fact: FactSpec
    attribute: FactSpec | None
    amounts: tuple[int, int]
    of_days: bool
    of_one: bool
    of_anchor: bool
    of_dates: bool

    @classmethod
    def of(cls, derived: DerivedSpec, fact: FactSpec, event: EventSpec) -> CountSpec:
        attribute = None if derived.attribute is None else event.attributes[derived.attribute]
        return cls(
            derived,
            fact,
            attribute,
            (1, 1) if attribute is None else (attribute.low, attribute.high),
            derived.measure in ("days since", "days since first", "working days since"),
            derived.measure in ("last", "first"),
            derived.anchor is not None,
            derived.measure in OF_DATES,
        )

    def effect(self, place: int, is_anchor: bool, truth: bool | None, values: Sequence[GridValue]) -> Effect:
        """Returns the effect of an event on the fact, whose count is at `place`, by the values of its attributes."""
        low: int | None
        high: int | None
        low, high = self.amounts
        if self.attribute is not None and not is_anchor:
            assert self.derived.attribute is not None
            value = values[self.derived.attribute]
            if value is not None:
                low = high = int(value)
            elif self.attribute.absent == "none":
                low = high = None if self.of_one else 0
        if truth is None and not self.of_one:
            assert low is not None
            assert high is not None
            low, high = min(low, 0), max(high, 0)
        return place, is_anchor, truth, low, high


Effect: TypeAlias = "tuple[int, bool, bool | None, int | None, int | None]"
"""The effect of an event on a fact: the place of its count, whether the event is an anchor or counts, whether it is
selected (None is unknown), and its least and greatest amount.
"""


class Count:
    """The events that may count for one fact.

    A count is a sum of ones. An event is *open* if it is unknown whether it counts; it adds its amount or none.
    """

    anchor: datetime.datetime | None = None
    """The last event that certainly is an anchor. `anchor_day` is its day."""
    anchor_day = BEGINNING
    is_open = hidden = False
    """`is_open`: whether the date with which the window begins is unknown; `hidden`: whether messages must not show
    that.
    """
    earliest = BEGINNING
    """The date with which the window begins, if it is a later one."""

    def __init__(self, spec: CountSpec, local: datetime.datetime, kept_since: int | None = None) -> None:
        self.spec = spec
        self.start = start_of(spec.derived, local)
        """The moment at which a window of hours or minutes begins, in UTC."""
        self.begin, self.end = days_of(spec.derived, local, self.start)
        """The first and the last day of the window, as ordinals."""
        whole = spec.of_days or spec.of_one or spec.of_anchor
        self.kept_since = BEGINNING if whole else self.begin if kept_since is None else kept_since
        """The day from which on events are kept: those that count, or that still may later."""
        self.seen: list[Seen] = []
        self.open_anchors: list[datetime.datetime] = []
        """The events that may be anchors."""

    def begin_with(self, date: FactSpec, day: int | None) -> None:
        """Sets the date before which no event counts. If the date is none, all events may count."""
        self.hidden = date.private
        self.earliest = BEGINNING if day is None else day
        self.begin = max(self.begin, self.earliest)
        self.is_open = day is None and date.absent == "unknown"

    def days(self, truth: bool | None = True) -> list[int]:
        """The days of the events that certainly count, or of those that are open."""
        return [event.day for event in self.seen if event.truth is truth]

    def last_day(self, today: int) -> int:
        """The last day of the window, or of a row, which ends before today: today may still have what breaks it."""
        return min(self.end, today - 1) if self.spec.derived.measure == "days in a row" else self.end

    def counts(self, event: Seen) -> bool:
        """Returns true if an event is in the window, and after the last event that certainly is an anchor."""
        return (
            self.begin <= event.day <= self.end
            and (self.start is None or event.moment >= self.start)
            and (self.anchor is None or event.moment > self.anchor)
        )


def length_of(spec: DerivedSpec) -> datetime.timedelta | None:
    """Returns the length of a window of hours or minutes; None for one that begins with a day."""
    if spec.window not in ("hours", "minutes"):
        return None
    return datetime.timedelta(minutes=spec.number * (60 if spec.window == "hours" else 1))


def start_of(spec: DerivedSpec, local: datetime.datetime) -> datetime.datetime | None:
    """Returns the moment at which a window of hours or minutes begins, in UTC; None for one that begins with a day."""
    length = length_of(spec)
    return None if length is None else local.astimezone(datetime.UTC) - length


def days_of(spec: DerivedSpec, local: datetime.datetime, start: datetime.datetime | None) -> tuple[int, int]:
    """The first and the last day of a window."""
    today = local.toordinal()
    if start is not None:
        return start.astimezone(local.tzinfo).toordinal(), today
    match spec.window:
        case "days":
            return today - spec.number + 1, today
        case "working days":
            assert spec.calendar is not None
            return first_worked(spec.calendar, spec.number, today), today
        case "months":
            return _first_of_months(local.date(), spec.number), today
        case "week":
            return today - local.weekday(), today
        case "month":
            return today - local.day + 1, today
        case "quarter":
            return datetime.date(local.year, local.month - (local.month - 1) % 3, 1).toordinal(), today
        case "at least":
            return BEGINNING, today - spec.number
        case "between":
            return today - spec.number, today - spec.least
        case _:
            return BEGINNING, today


def _first_of_months(today: datetime.date, number: int) -> int:
    """Returns the first day since which fewer than this number of whole months are complete.

    A month is complete on the same day of a later month, or on the last day of one that has no such day.
    """
    year, month = divmod(today.year * 12 + today.month - 1 - number, 12)
    length = month_length(year, month + 1)
    is_last = today.day == month_length(today.year, today.month)
    day = length if is_last else min(today.day, length)
    return datetime.date(year, month + 1, day).toordinal() + 1


def told(count: Count, fact: FactSpec, today: int, covered: int) -> object:
    """Returns the value of a derived fact on a day, by the events: a value, an `InPart`, None if it is unknown; or a
    `Fault` if that is an error.
    """
    try:
        value = _value(count, fact, today, covered)
    except Wrong as wrong:
        return (wrong.hidden() if fact.private else wrong).fault(fact.name, name=fact.name)
    if fact.absent == "needed" and not (tells_enough(fact, value) if isinstance(value, InPart) else value is not None):
        if not _lacks_events(count, covered):
            return Fault.of(fact.name, "half-known", name=fact.name)
        needed = _first_day(count)
        told_since = needed > BEGINNING and not (fact.private or count.hidden)  # it may be the day of an event
        since = {"needed": datetime.date.fromordinal(needed).isoformat()} if told_since else {}
        first = datetime.date.fromordinal(covered).isoformat()
        return Fault.of(fact.name, "history-too-short", name=fact.name, first=first, word=OPENING, **since)
    return value


def add_effects(counts: Sequence[Count], effects: Iterable[Effect], moment: datetime.datetime, day: int) -> None:
    """Adds the effects of an event to the counts. `day` is the day of its moment, in their zone."""
    for place, is_anchor, truth, low, high in effects:
        count = counts[place]
        if is_anchor:
            if truth is None:
                count.open_anchors.append(moment)
            elif count.anchor is None or moment > count.anchor:
                count.anchor, count.anchor_day = moment, day
        elif day >= count.kept_since and (count.start is None or moment >= count.start):
            count.seen.append(Seen(moment, day, truth, low, high))


def _value(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    """Returns the value of a derived fact by the events: a value, an `InPart`, or None if it is unknown.

    Raises `Wrong` if a sum is out of its range.
    """
    if count.spec.of_days:
        since = _days_since_first if count.spec.derived.measure == "days since first" else _days_since_last
        return since(count, spec, today, covered)
    if count.spec.of_one:
        return _of_one(count, spec, covered)
    window = count.spec.derived
    if window.window == "working days":
        assert window.calendar is not None
        check_covered(window.calendar, today)
        check_covered(window.calendar, first_worked(window.calendar, window.number, today))
    low, high = _since(count, today, covered)
    lacks = _lacks_events(count, covered)
    if count.spec.derived.measure == "any":
        return True if low else None if high or lacks else False
    if lacks:
        least, most = count.spec.amounts
        low = spec.low if least < 0 else low
        high = _days_unseen(count, spec, today, covered) if count.spec.of_dates else spec.high if most > 0 else high
    if low > spec.high or high < spec.low:
        raise Wrong("sum-out-of-range", {"sum": number_argument(spec, low if low > spec.high else high)})
    low, high = max(low, spec.low), min(high, spec.high)
    return as_given(spec, low) if low == high else InPart(low, high, none=False)


def _since(count: Count, today: int, covered: int) -> tuple[int, int]:
    """The least and the greatest total of the events after the last anchor, and of those since any date if it is
    unknown which."""
    seen = list(filter(count.counts, count.seen))
    if not (count.spec.of_anchor or count.is_open or count.spec.of_dates):
        return sum([event.low or 0 for event in seen]), sum([event.high or 0 for event in seen])
    seen.sort(key=lambda event: event.moment, reverse=True)
    if not count.is_open:
        return _since_anchor(count, seen, today, covered)
    days = {event.day for event in seen}
    totals = [
        _since_anchor(count, [event for event in seen if event.day > day], today, covered) for day in (BEGINNING, *days)
    ]
    return min(low for low, _ in totals), max(high for _, high in totals)


def _since_anchor(count: Count, after_anchor: Sequence[Seen], today: int, covered: int) -> tuple[int, int]:
    """The least and the greatest total of some events, the last one first, after the last anchor, which may be any of
    the open ones."""
    lows, highs = (_totals(count, after_anchor, today, most) for most in (False, True))
    moments = [event.moment for event in reversed(after_anchor)]
    begins = {0, *(bisect.bisect_right(moments, anchor) for anchor in count.open_anchors)}
    least = [lows[len(after_anchor) - begin] for begin in begins]
    most = [highs[len(after_anchor) - begin] for begin in begins]
    # An anchor may have been just before the days of which all events are known.
    if count.spec.of_anchor and _lacks_events(count, covered):
        known = [event for event in after_anchor if event.day >= covered]
        least.append(_totals(count, known, today, False)[-1])
        most.append(_totals(count, known, today, True)[-1])
    return min(least), max(most)


def _totals(count: Count, events: Sequence[Seen], today: int, most: bool) -> list[int]:
    """Returns the least or greatest totals of the first events, from none of them to all: sums, or numbers of days."""
    totals, days, last = [0], set[int](), count.last_day(today)
    for event in events:
        amount, total = (event.high if most else event.low), totals[-1]
        if not count.spec.of_dates:
            total += amount  # type: ignore[operator]
        elif amount:
            days.add(event.day)
            total = days_in_row(days, last, total) if count.spec.derived.measure == "days in a row" else len(days)
        totals.append(total)
    return totals


def days_in_row(days: Collection[int], last: int, row: int = 0) -> int:
    """Returns the number of consecutive days up to the last one. `row` is the number of days already known to be
    consecutive.
    """
    while last - row in days:
        row += 1
    return row


def _days_unseen(count: Count, spec: FactSpec, today: int, covered: int) -> int:
    """The greatest number of days with events if there may be some on each day that the history does not cover."""
    last, first = count.last_day(today), _first_day(count)
    days = {event.day for event in filter(count.counts, count.seen) if event.day >= covered}
    number = days_in_row(days, last) if count.spec.derived.measure == "days in a row" else len(days)
    if count.spec.derived.measure == "days in a row" and last - number >= covered:
        return number
    return spec.high if first == BEGINNING else number + max(min(last, covered - 1) - first + 1, 0)


def _of_one(count: Count, spec: FactSpec, covered: int) -> object:
    """Returns what is known of an attribute of the last or first event. Events of one moment are all the last, or the
    first.
    """
    first = count.spec.derived.measure == "first"
    certain = [event.moment for event in count.seen if event.truth]
    decisive = (min(certain) if first else max(certain)) if certain else None
    may_be = [
        event
        for event in count.seen
        if decisive is None
        or event.moment == decisive
        or (event.moment < decisive if first else event.moment > decisive)
    ]
    may_be_unseen = covered > BEGINNING and (first or all(event.day < covered for event in may_be if event.truth))
    assert count.spec.attribute is not None
    none = (
        decisive is None
        or (may_be_unseen and count.spec.attribute.absent == "none")
        or any(event.low is None for event in may_be)
    )
    ends = [(event.low, event.high) for event in may_be if event.low is not None and event.high is not None]
    ends += [count.spec.amounts] if may_be_unseen else []
    if not ends:
        return "none"
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return as_given(spec, low) if low == high and not none else InPart(low, high, none)


def _days_since_first(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    # The first event may be an open one, or one on a day before those of which all events are known.
    certain, opened = count.days(), count.days(None)
    latest = min(certain) if certain else max([*opened, covered - 1])
    if latest <= BEGINNING:
        return "none"
    low = max(today - latest, 0)
    high = spec.high if covered > BEGINNING else today - min([*certain, *opened, today])
    return low if low == high and certain else InPart(low, high, none=not certain)


def _days_since_last(count: Count, spec: FactSpec, today: int, covered: int) -> object:
    """The days or, by a calendar, the working days since the last event, which may be an open one, or one on a day
    before those of which all events are known."""
    calendar = count.spec.derived.calendar

    def since(day: int) -> int:
        return max(today - day, 0) if calendar is None else worked_days(calendar, day, today)

    if calendar is not None:
        check_covered(calendar, today)
    certain, opened = count.days(), count.days(None)
    latest = max([*certain, *opened, covered - 1])
    if latest <= BEGINNING:
        return "none"
    low = since(latest)
    if certain:
        if calendar is not None:
            check_covered(calendar, min(max(certain) + 1, today))
        high = since(max(certain))
        return high if low == high else InPart(low, high, none=False)
    known = opened and covered == BEGINNING and (calendar is None or min(opened) >= calendar.first - 1)
    return InPart(low, since(min(opened)) if known else spec.high, none=True)


def _lacks_events(count: Count, covered: int) -> bool:
    """Returns true if events may count that the history lacks, because they were before the days that it covers."""
    if covered == BEGINNING:
        return False
    return _first_day(count) < covered and _first_day(count) <= count.end


def _first_day(count: Count) -> int:
    """The first day whose events may count."""
    return max(count.anchor_day, count.begin)
