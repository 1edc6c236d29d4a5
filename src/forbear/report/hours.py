"""Times that repeat, in words: `each day 08:00 to 12:00 and 14:00 to 21:00, to Sat 2026-01-31, but not on Sundays`."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

from forbear.language.model.names import one_of

Span: TypeAlias = tuple[datetime.datetime, datetime.datetime]
_Hours: TypeAlias = tuple[tuple[datetime.timedelta, datetime.timedelta], ...]
"""The hours of a day, from its midnight."""
_DAY = datetime.timedelta(days=1)
_MOST = 6
"""The most days that are named."""


def repeated(spans: Iterable[Span], asked: Span) -> list[str]:
    """Returns the spans in words, days with the same hours as one. They and the `asked` span are on one clock."""
    start, end = [moment.replace(tzinfo=None) for moment in asked]
    found: dict[datetime.date, _Hours] = {}
    for first, last in [[moment.replace(tzinfo=None) for moment in span] for span in spans]:
        while first < last:
            midnight = datetime.datetime.combine(first.date(), datetime.time())
            until = min(last, midnight + _DAY)
            found[first.date()] = (*found.get(first.date(), ()), (first - midnight, until - midnight))
            first = until
    often = [hours for hours, _ in Counter(found.values()).most_common()]
    days: dict[_Hours, list[datetime.date]] = {}
    for day, of_day in found.items():  # only a part of the first and the last day is asked about
        midnight = datetime.datetime.combine(day, datetime.time())
        part = max(start - midnight, _DAY * 0), min(end - midnight, _DAY)
        same = of_day if part == (_DAY * 0, _DAY) else next(hours for hours in often if _cut(hours, *part) == of_day)
        days.setdefault(same, []).append(day)
    return [_on_days(hours, dates, start.date()) for hours, dates in days.items()]


def _cut(hours: _Hours, first: datetime.timedelta, last: datetime.timedelta) -> _Hours:
    return tuple([(max(start, first), min(end, last)) for start, end in hours if start < last and end > first])


def _on_days(hours: _Hours, days: Sequence[datetime.date], first: datetime.date) -> str:
    at = one_of([f"{_clock(start)} to {_clock(end)}" for start, end in hours], "and")
    if hours == ((_DAY * 0, _DAY),):
        at = "at all hours"
    if len(days) == 1:
        return f"{at} on {_date(days[0])}"
    weekdays = {day.weekday() for day in days}
    between = [days[0] + _DAY * at for at in range((days[-1] - days[0]).days)]
    missing = sorted({*between} - {*days})
    never = {day.weekday(): day for day in missing if day.weekday() not in weekdays}
    other = [day for day in missing if day.weekday() in weekdays]
    since = "" if days[0] == first else f"from {_date(days[0])} "
    if len(other) > min(_MOST, len(days) // 3):
        return f"{at} on {_runs(days)}"
    if len(never) > len(weekdays):
        text = f"on {_named(weekdays)} {at}, {since}to {_date(days[-1])}"
        return text + (f", but not on {one_of([_date(day) for day in other], 'or')}" if other else "")
    but = [*([_named(never)] if never else []), *[_date(day) for day in other]]
    return f"each day {at}, {since}to {_date(days[-1])}" + (f", but not on {one_of(but)}" if but else "")


def _runs(days: Sequence[datetime.date]) -> str:
    """Returns days grouped into runs of consecutive days, up to a number."""
    starts = [0, *[at for at, (day, after) in enumerate(pairwise(days), 1) if after - day > _DAY]]
    runs = [(days[at], days[end - 1]) for at, end in zip(starts, [*starts[1:], len(days)], strict=True)]
    texts = [_date(one) if one == other else f"{_date(one)} to {_date(other)}" for one, other in runs]
    return ", ".join(texts[:_MOST]) + (f" and at {len(texts) - _MOST} more times" if len(texts) > _MOST else "")


def _named(weekdays: Iterable[int]) -> str:
    monday = datetime.date(2001, 1, 1)
    return one_of([f"{monday + _DAY * number:%A}s" for number in sorted(weekdays)], "and")


def _date(day: datetime.date) -> str:
    return f"{day:%a} {day}"


def _clock(time: datetime.timedelta) -> str:
    seconds, parts = divmod(time // datetime.timedelta(microseconds=1), 1_000_000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    if seconds % 60 or parts:
        text += f":{seconds % 60:02}" + (f".{parts:06}" if parts else "")
    return text
