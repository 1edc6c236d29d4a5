"""Moments, zones and days: how a case gives them, and how many days, months and years lie between.

A day is a calendar date in the borrower's own time zone.
"""

from __future__ import annotations

import bisect
import calendar
import datetime
import re
from collections import abc
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from forbear.kernel.cases import Fault, Wrong, as_argument, nearest, own

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_ZONES: Final = 100
_MINUTES_OF_WEEK: Final = 7 * 1440
_NO_PLACES: Final = frozenset({"localtime", "posixrules", "Factory"})
"""Files next to those of zones: the location of this machine, and a placeholder for no zone."""
_MOST_MOMENTS: Final = 10_000
_MOST_ZONES_REMEMBERED: Final = 12
"""So many moments of so many zones are remembered."""

OF_CALENDAR: Final = ("working day", "holiday")
"""The measures that follow from the day of the decision by a calendar."""


class CalendarSpec(NamedTuple):
    """The working days from the `first` to the `last` day (ordinals). `weekend` has days of the week, with Monday as 0;
    `holidays` are not worked, and the `working` days of weekends are.
    """

    name: str
    first: int
    last: int
    weekend: tuple[int, ...]
    holidays: tuple[int, ...]
    working: tuple[int, ...]


def minute_of_week(local: datetime.datetime) -> int:
    return local.weekday() * 1440 + local.hour * 60 + local.minute


def is_within(hours: Sequence[tuple[int, int]], local: datetime.datetime) -> bool:
    """Returns true if a moment on the clocks of a zone is in weekly hours. The end of a span is not in it."""
    return any((minute_of_week(local) - begin) % _MINUTES_OF_WEEK < minutes for begin, minutes in hours)


def hours_turn(hours: Sequence[tuple[int, int]], local: datetime.datetime) -> int | None:
    """After how many minutes, from the full one on, weekly hours may begin or end; None if there are none."""
    ends = [end - minute_of_week(local) for begin, minutes in hours for end in (begin, begin + minutes)]
    return min([minutes % _MINUTES_OF_WEEK or _MINUTES_OF_WEEK for minutes in ends], default=None)


def of_moment(measure: str, local: datetime.datetime) -> object:
    """The time, the date or the weekday of a moment on the clocks of a zone."""
    if measure == "time":
        return local.time().replace(microsecond=0, fold=0)
    return local.date() if measure == "date" else WEEKDAYS[local.weekday()]


@lru_cache(maxsize=100)
def working_days(days: CalendarSpec) -> tuple[int, ...]:
    """The working days that a calendar covers, in order."""
    holidays, working = frozenset(days.holidays), frozenset(days.working)
    return tuple(
        [
            day
            for day in range(days.first, days.last + 1)
            if day not in holidays and (day in working or (day - 1) % 7 not in days.weekend)
        ]
    )


def worked_days(days: CalendarSpec, after: int, until: int) -> int:
    """Returns the number of working days after a day, up to and including another one."""
    worked = working_days(days)
    return max(bisect.bisect_right(worked, until) - bisect.bisect_left(worked, after + 1), 0)


def first_worked(days: CalendarSpec, number: int, today: int) -> int:
    """Returns the first of this number of last working days until today; a day that the calendar does not cover if it
    has too few.
    """
    worked = working_days(days)
    at = bisect.bisect_right(worked, today) - number
    return worked[at] if at >= 0 else days.first - 1


def worked_between(days: CalendarSpec, day: int, today: int) -> int:
    """Returns the number of working days after a day, until today; below 0, the number after today, until a future day.
    Raises `Wrong` for days that a calendar does not cover.
    """
    check_covered(days, today)
    check_covered(days, day + (day < today))
    return worked_days(days, day, today) - worked_days(days, today, day)


def check_covered(days: CalendarSpec, day: int) -> None:
    """Raises `Wrong` for a day that a calendar does not cover."""
    if not days.first <= day <= days.last:
        first, last, uncovered = (
            datetime.date.fromordinal(ordinal).isoformat() for ordinal in (days.first, days.last, max(day, 1))
        )
        raise Wrong("not-covered", {"day": uncovered}, calendar=days.name, first=first, last=last)


def whole_years(date: datetime.date, today: datetime.date) -> int:
    """Returns the number of complete years. In common years 29 February recurs on 1 March."""
    return today.year - date.year - ((today.month, today.day) < (date.month, date.day))


def whole_months(date: datetime.date, today: datetime.date) -> int:
    """Returns the number of complete months. A day that a month does not have recurs on its last day."""
    months = (today.year - date.year) * 12 + today.month - date.month
    return months - (today.day < min(date.day, month_length(today.year, today.month)))


def month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


_YEARS: Final = range(1000, 9999)
"""Years far enough from the ends of the calendar that no zone and no window exceeds them."""

MOMENT = re.compile(
    "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)  # without groups it is four times as fast
"""A moment as a text. Digits of a second beyond the sixth are read and not counted: `fromisoformat` cuts them off."""


def zones_of(case: Mapping[str, object], at: object, faults: list[Fault]) -> list[datetime.tzinfo]:
    """The time zones of a case, or the zone of `at` where the case names none."""
    import zoneinfo  # a case without moments does not need it

    raw = case.get("zone")
    if raw is None:
        own_zone = at.tzinfo if isinstance(at, datetime.datetime) else None
        if isinstance(own_zone, zoneinfo.ZoneInfo):
            return [own_zone]
        if at is not None:
            near = nearest("zone", [name for name in case if type(name) is str])
            faults.append(Fault.of("zone", "zone-missing", **({} if near is None else {"nearest": near})))
        return []
    names = None if type(raw) is str else as_list(raw)
    if names is None:
        names = [raw]
    zones: list[datetime.tzinfo] = []
    if len(names) > MOST_ZONES:
        faults.append(Fault.of("zone", "too-many-zones", number=len(names), most=MOST_ZONES))
        return []
    for name in names:
        zone = _zone(name)
        if zone is None:
            faults.append(_no_zone(name))
        else:
            zones.append(zone)
    if not names:
        faults.append(Fault.of("zone", "empty-zone"))
    return zones


def _no_zone(raw: object) -> Fault:
    """The fault of what names no zone. Who names a city alone means the zone that ends with it, if there is one."""
    import zoneinfo

    known = sorted(zoneinfo.available_timezones())
    arguments: dict[str, object] = {"given": as_argument(raw)}
    if not known:
        arguments["package"] = "tzdata"
    elif type(raw) is str:
        name = raw.strip().replace(" ", "_")
        places = [zone for zone in known if "/" in zone]  # `West` is not a misspelt `EST`
        of_city = [zone for zone in places if zone.lower().endswith(f"/{name.lower()}")]
        near = nearest(name, places) or (of_city[0] if len(of_city) == 1 else None)
        if near is not None:
            arguments["nearest"] = near
    return Fault.of("zone", "no-zone", **arguments)


def _zone(raw: object) -> datetime.tzinfo | None:
    """Returns a time zone as given; None if there is no zone of that name. Raises `OSError` if it cannot be looked up,
    for example because no more files may be opened: that says nothing about the name.
    """
    import errno
    import zoneinfo

    try:
        name = raw if isinstance(raw, datetime.tzinfo) else own(raw)
    except Exception:  # a foreign class may raise anything
        return None
    if isinstance(name, datetime.tzinfo):
        return name
    if not isinstance(name, str) or name in _NO_PLACES or name.startswith(("posix/", "right/")):
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL):
            return None  # such as "America", a folder of zones
        raise
    except Exception:  # no name of a zone
        return None


def moment_of(raw: object, zone: datetime.tzinfo, zones: int) -> datetime.datetime:
    """A moment as given, in UTC. Without an offset it is local time, if the case has one zone. Raises `Wrong`."""
    try:
        return _read_moment(own(raw), zone, zones)
    except Wrong:
        raise
    except Exception:  # a foreign class may raise anything
        raise Wrong("unreadable-moment", {"given": as_argument(raw)}) from None


def _read_moment(raw: object, zone: datetime.tzinfo, zones: int) -> datetime.datetime:
    if type(raw) is str and MOMENT.fullmatch(raw):
        try:
            moment = datetime.datetime.fromisoformat(raw)
            if raw[-6] in "+-" and raw[-2:] > "59":  # it would be added up
                raise ValueError
        except ValueError:
            raise Wrong("no-such-moment", {"given": as_argument(raw)}) from None
    elif isinstance(raw, datetime.datetime):
        moment = raw
    else:
        zoneless = {"type": "datetime64"} if type(raw).__name__ == "datetime64" else {}
        raise Wrong("no-moment", {"given": as_argument(raw), **_with_colon(raw)}, **zoneless)
    if not _YEARS.start <= moment.year < _YEARS.stop:
        raise Wrong("out-of-years", {"given": as_argument(raw)}, first=_YEARS.start, last=_YEARS.stop - 1)
    if moment.tzinfo is not None:
        return moment.astimezone(datetime.UTC)  # Python compares moments of one zone by their local times
    if zones > 1:
        raise Wrong("no-offset", {"given": as_argument(raw)})
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        twice = first.utcoffset() > second.utcoffset()  # type: ignore[operator]
        raise Wrong("shown-twice" if twice else "never-shown", {"given": as_argument(raw)})
    return first.astimezone(datetime.UTC)


def _with_colon(raw: object) -> dict[str, str]:
    """The offset with a colon, of a moment that lacks it alone, as many formatters write one: `+0000`."""
    if type(raw) is not str or not MOMENT.fullmatch(f"{raw[:-2]}:{raw[-2:]}"):
        return {}
    return {"offset": f"{raw[-5:-2]}:{raw[-2:]}"}


def remember(memory: dict[Any, Any], key: object, value: object, most: int) -> None:
    """Adds to a memory of so many, which is emptied when it is full. Threads may share it."""
    if len(memory) >= most:
        memory.clear()
    memory[key] = value


def as_list(raw: object) -> list[object] | None:
    """Any sequence as a list; None for anything else, and for a text."""
    if type(raw) is list:
        return raw
    try:
        if isinstance(raw, abc.Sequence) and not isinstance(raw, (str, bytes, bytearray, memoryview)):
            return list(raw)
    except Exception:  # a foreign class may raise anything
        pass
    return None


When: TypeAlias = "tuple[datetime.datetime, datetime.tzinfo, int]"
"""The moment of an event in UTC, and its day, as an ordinal, in a zone."""
_WHEN: Final[dict[tuple[datetime.tzinfo, bool], dict[str, When]]] = {}
"""The moments of events by the texts of their moments, for a zone, alone or one of several."""


def remembered_in(zone: datetime.tzinfo, several: bool) -> dict[str, When]:
    """Returns the remembered moments of a zone: none if its class does not distinguish zones."""
    try:
        if (zone, several) not in _WHEN:
            remember(_WHEN, (zone, several), {}, _MOST_ZONES_REMEMBERED)
        return _WHEN[zone, several]
    except Exception:  # it has no hash, or another thread has just emptied the memory
        return {}


def when_of(at: object, zone: datetime.tzinfo, zones: int, remembered: dict[str, When]) -> When:
    """Returns the moment of an event, from its text or value. Raises `Wrong`."""
    moment = moment_of(at, zone, zones)
    when = moment, zone, moment.astimezone(zone).toordinal()
    if type(at) is str:
        remember(remembered, at, when, _MOST_MOMENTS)
    return when
