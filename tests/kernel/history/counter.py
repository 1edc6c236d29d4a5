"""Counting by hand: every fact that can be derived from events, written a second time, days listed one by one.

Nothing is shared with what is tested; `zoneinfo` alone says what the clocks of a place show. It is slow and plain.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from attrs import frozen

UTC = datetime.UTC
UNKNOWN = "unknown"
NONE = "none"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@frozen
class Event:
    """An event: when it happened, and its attributes."""

    at: datetime.datetime
    attributes: Mapping[str, object]


Where = Callable[[Mapping[str, object]], bool]


@frozen
class Case:
    """What is known: the events, from which day on (None is since the opening), when and where it is decided."""

    events: Sequence[Event]
    known_from: datetime.date | None
    at: datetime.datetime
    zone: ZoneInfo

    @property
    def now(self) -> datetime.datetime:
        return self.at.astimezone(self.zone)

    def day(self, event: Event) -> datetime.date:
        """The calendar date on which an event happened, where the borrower lives."""
        return event.at.astimezone(self.zone).date()


def days_listed(last: datetime.date, number: int) -> list[datetime.date]:
    """A day and those before it, so many together."""
    days = [last]
    while len(days) < number:
        days.append(days[-1] - datetime.timedelta(days=1))
    return days


def whole_months(day: datetime.date, today: datetime.date) -> int:
    """How many months are complete since a day: the day of the month comes round, or a shorter month ends, so often."""
    months = 0
    at = day
    while at < today:
        at += datetime.timedelta(days=1)
        ends = (at + datetime.timedelta(days=1)).day == 1
        months += at.day == day.day or (ends and at.day < day.day)
    return months


@functools.cache
def _months(today: datetime.date, number: int) -> list[datetime.date]:
    days = [today]
    while whole_months(days[-1] - datetime.timedelta(days=1), today) < number:
        days.append(days[-1] - datetime.timedelta(days=1))
    return days


def window(case: Case, span: str, number: int) -> list[datetime.date] | None:
    """The days of a calendar window; None for all days."""
    today = case.now.date()
    if span == "days":
        return days_listed(today, number)
    days = [today]
    if span == "week":
        while days[-1].strftime("%A") != "Monday":
            days.append(days[-1] - datetime.timedelta(days=1))
        return days
    if span == "months":
        return _months(today, number)
    if span == "month":
        while days[-1].day != 1:
            days.append(days[-1] - datetime.timedelta(days=1))
        return days
    if span == "quarter":
        while (days[-1].month, days[-1].day) not in ((1, 1), (4, 1), (7, 1), (10, 1)):
            days.append(days[-1] - datetime.timedelta(days=1))
        return days
    return None


def count(case: Case, where: Where, span: str, number: int, anchor: Where | None = None) -> int | str:
    """How many events count; "unknown" where the history does not reach back so far."""
    if span == "since":
        assert anchor is not None
        known = [event for event in case.events if case.known_from is None or case.day(event) >= case.known_from]
        anchors = [event.at for event in known if anchor(event.attributes)]
        if not anchors:
            return UNKNOWN if case.known_from is not None else sum(where(event.attributes) for event in known)
        last = max(anchors)
        return sum(event.at > last and where(event.attributes) for event in known)
    if span in ("hours", "minutes"):
        start = case.at.astimezone(UTC) - datetime.timedelta(**{span: number})
        if case.known_from is not None and start.astimezone(case.zone).date() < case.known_from:
            return UNKNOWN
        return sum(event.at >= start and where(event.attributes) for event in case.events)
    days = window(case, span, number)
    if days is None:
        if case.known_from is not None:
            return UNKNOWN
        return sum(where(event.attributes) for event in case.events)
    if case.known_from is not None and any(day < case.known_from for day in days):
        return UNKNOWN
    return sum(case.day(event) in days and where(event.attributes) for event in case.events)


def days_since(case: Case, where: Where) -> int | str:
    """How many midnights lie between the last such event and now; none where there was none."""
    known = [event for event in case.events if case.known_from is None or case.day(event) >= case.known_from]
    days = [case.day(event) for event in known if where(event.attributes)]
    if not days:
        return UNKNOWN if case.known_from is not None else NONE
    number = 0
    day = case.now.date()
    while day != max(days):
        day -= datetime.timedelta(days=1)
        number += 1
    return number
