"""When the clocks of a zone change: between two changes its local time runs on evenly."""

from __future__ import annotations

import datetime
from functools import lru_cache

_STEP = datetime.timedelta(days=1)
"""Between two changes of one zone, since there are zones, there were never fewer than three days."""
_SMALLEST = datetime.timedelta(microseconds=1)


def changes(zone: datetime.tzinfo, start: datetime.datetime, stop: datetime.datetime) -> list[datetime.datetime]:
    """The moments after `start` and before `stop`, in UTC, at which the clocks of a zone are put forward or back."""
    moments = [moment for year in range(start.year, stop.year + 1) for moment in _of_year(zone, year)]
    return [moment for moment in moments if start < moment < stop]


@lru_cache(maxsize=1_000)
def _of_year(zone: datetime.tzinfo, year: int) -> tuple[datetime.datetime, ...]:
    """The changes of a year of UTC, by looking at the offset on each day."""
    moment = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) - _SMALLEST
    end = datetime.datetime(year + 1, 1, 1, tzinfo=datetime.UTC) - _SMALLEST
    offset, moments = offset_at(zone, moment), []
    while moment < end:
        later = min(moment + _STEP, end)
        later_offset = offset_at(zone, later)
        if later_offset != offset:
            moments.append(_change_between(zone, moment, later, offset))
        moment, offset = later, later_offset
    return tuple(moments)


def _change_between(
    zone: datetime.tzinfo, before: datetime.datetime, after: datetime.datetime, offset: datetime.timedelta
) -> datetime.datetime:
    """The first moment with another offset than the one before."""
    while after - before > _SMALLEST:
        middle = before + (after - before) // 2
        before, after = (middle, after) if offset_at(zone, middle) == offset else (before, middle)
    return after


def next_midnight(zone: datetime.tzinfo, moment: datetime.datetime) -> datetime.datetime:
    """The moment, in UTC, at which the next day of a zone begins."""
    tomorrow = moment.astimezone(zone).date() + _STEP
    return datetime.datetime.combine(tomorrow, datetime.time(), zone).astimezone(datetime.UTC)


def offset_at(zone: datetime.tzinfo, moment: datetime.datetime) -> datetime.timedelta:
    """How far the clocks of a zone are ahead of UTC."""
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
