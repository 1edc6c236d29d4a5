"""Facts that follow from events, for the second evaluator of the JSON form."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from second_values import Json, Refused, read_day, read_fact, read_value, truth

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = [day[:3] for day in WEEKDAYS]
OF_CALENDAR = ("working day", "holiday")
WORDS = {"history", "history_from", "zone"}


ORDERS = {
    "=": lambda mine, other: mine == other,
    "<": lambda mine, other: mine < other,
    "<=": lambda mine, other: mine <= other,
    ">": lambda mine, other: mine > other,
    ">=": lambda mine, other: mine >= other,
}


def flags(event: Json) -> list[Json]:
    """The comparisons of an event with the case."""
    return [*event["same"], *event.get("ordered", [])]


class Events:
    """What is declared of events, and of the facts that are derived."""

    def __init__(self, policy: Json, facts: Json) -> None:
        self.facts = facts
        self.needed = policy["needed"]
        self.derivations = []
        for its in policy["derived"]:  # what follows from hours is no age
            hours = its["of"] if its["measure"] == "now within" else None
            self.derivations.append({**its, "hours": hours, "of": None if hours else its["of"]})
        self.events = {event["name"]: event for event in policy["events"]}

    def readings(self, case: Json, on: str | None, at: str | None) -> list[tuple[Json, str | None]]:
        """The facts of a case, and the day of its decision, in each of its time zones."""
        read = [its for its in self.derivations if its["fact"] in self.needed or its["fact"] in case]
        of_dates = any(its["of"] or its["measure"] in (*OF_CALENDAR, "date", "weekday") for its in read)
        if at is None and on is not None and of_dates and not WORDS & case.keys():
            day = read_day(on)
            if day is None:
                raise Refused([""])
            self.check_day(case, dt.date.fromordinal(day), read)
            return [({**case, **self.ages(case, dt.date.fromordinal(day))}, on)]
        if at is None and not (self.events and WORDS & case.keys()):
            self.check_named(case, on)
            return [(case, on)]
        given = {name: value for name, value in case.items() if name not in WORDS}
        if at is None:
            if "history" in case:
                raise Refused(["history"])
            self.check_named(given, on)
            return [(given, on)]
        zones = read_zones(case.get("zone"))
        found: list[tuple[Json, str | None]] = []
        for zone in zones:
            now = read_moment(at, zone if len(zones) == 1 else None, "at").astimezone(zone)
            if on is not None and read_day(on) != now.toordinal():
                raise Refused(["on"])
            derived = {**self.derived(case, given, now, len(zones)), **self.ages(given, now.date())}
            found.append(({**given, **derived}, now.date().isoformat()))
        return found

    def check_named(self, given: Json, on: str | None) -> None:
        """Checks what goes with the day of the decision where a case names that day itself. Nothing follows from it."""
        measures = (*OF_CALENDAR, "date", "weekday")
        told = [its for its in self.derivations if its["fact"] in given and (its["of"] or its["measure"] in measures)]
        dates = [its["fact"] for its in told if its["measure"] == "date" and given[its["fact"]] is not None]
        if on is not None or len(told) < 2 or not dates:
            return
        try:
            today = dt.date.fromordinal(read_value(self.facts[dates[0]], given[dates[0]]))
        except ValueError:
            return  # which is an error of that fact
        wrong: set[str] = set()
        for its in told:
            try:
                self.check_day(given, today, [its])
                self.ages(given, today, [its] if not its["of"] or its["of"] in given else [])
            except Refused as refused:
                wrong |= refused.names
        if wrong:
            raise Refused(wrong)

    def check_day(self, given: Json, today: dt.date, derivations: Json) -> None:
        """Checks the facts that name the day of the decision. Unknown ones name none."""
        named = {"date": today.isoformat(), "weekday": WEEKDAYS[today.weekday()]}
        others = [
            its["fact"]
            for its in derivations
            if its["measure"] in named
            and given.get(its["fact"]) is not None
            and self.is_another(its["fact"], given, named[its["measure"]])
        ]
        if others:
            raise Refused(others)

    def derived(self, case: Json, given: Json, now: dt.datetime, zones: int) -> dict[str, Json]:
        """The facts that follow from the moment of the decision, and from the history."""
        values: dict[str, Json] = {}
        history = self.history(case, now, zones) if "history" in case else None
        for derived in self.derivations:
            name = derived["fact"]
            if derived["measure"] in ("time", "date", "weekday"):
                of = {
                    "time": now.strftime("%H:%M:%S"),
                    "date": now.date().isoformat(),
                    "weekday": WEEKDAYS[now.weekday()],
                }
                values[name] = of[derived["measure"]]
            elif derived["hours"]:
                fact = self.facts[derived["hours"]]
                if derived["hours"] in given:
                    try:
                        hours = read_value(fact, given[derived["hours"]])
                    except ValueError:
                        raise Refused([derived["hours"]]) from None
                    gone = None if fact["absent"] == "unknown" else False
                    values[name] = gone if hours is None else is_in(hours, now)
            elif history is not None and not derived["of"] and derived["measure"] not in OF_CALENDAR:
                values[name] = None
                if derived["events"] is not None:  # else no rule reads it
                    values[name] = self.measured(derived, *history, now, case)
                    try:
                        read_fact(self.facts[name], values[name])
                    except ValueError:
                        raise Refused([name]) from None
        if values.keys() & given.keys():
            raise Refused(values.keys() & given.keys())
        return {name: value for name, value in values.items() if name in self.needed}

    def ages(self, given: Json, today: dt.date, derivations: Json = None) -> dict[str, Json]:
        """The facts that follow from a date of the case."""
        values: dict[str, Json] = {}
        for derived in self.derivations if derivations is None else derivations:
            name, of = derived["fact"], derived["of"]
            if name not in self.needed and name not in given:
                continue
            if derived["measure"] in OF_CALENDAR:
                if not covers(derived["calendar"], today):
                    raise Refused([name])
                holiday = today.isoformat() in derived["calendar"]["holidays"]
                so = holiday if derived["measure"] == "holiday" else is_worked(derived["calendar"], today)
                values[name] = self.same(name, given, so)
            if not of:
                continue
            fact = self.facts[of]
            if of not in given:
                if name not in given and fact["absent"] != "unknown":
                    raise Refused([of])
                continue
            try:
                day = read_value(fact, given[of])
            except ValueError:
                raise Refused([of]) from None
            if day is None:
                age = self.same(name, given, "none" if fact["absent"] == "none" else None)
                values |= {} if age is None else {name: age}
                continue
            date = dt.date.fromordinal(day)
            if derived["measure"] == "days until":
                values[name] = self.same(name, given, day - today.toordinal())
            elif derived["measure"] == "working days since":
                first, last = sorted([day, today.toordinal()])
                ends = [today, dt.date.fromordinal(day + 1) if date < today else date]
                if not all(covers(derived["calendar"], end) for end in ends):
                    raise Refused([name])
                worked = worked_after(derived["calendar"], first, dt.date.fromordinal(last))
                values[name] = self.same(name, given, worked if date < today else -worked)
            elif date > today:
                raise Refused([of])
            elif derived["measure"] == "months since":
                values[name] = self.same(name, given, whole_months(date, today))
            else:
                values[name] = self.same(name, given, whole_years(date, today))
        return values

    def same(self, name: str, given: Json, value: Json) -> Json:
        """A value that follows, which a case may give as well."""
        if name in given and self.is_another(name, given, value):
            raise Refused([name])
        return value

    def is_another(self, name: str, given: Json, value: Json) -> bool:
        """Whether a case gives another value than this one, or none that can be read."""
        fact = self.facts[name]
        try:
            return bool(read_value(fact, given[name]) != (None if value is None else read_value(fact, value)))
        except ValueError:
            return True

    def history(self, case: Json, now: dt.datetime, zones: int) -> tuple[list[Json], int, Json]:
        """The events, the first day of which all are known (0: of all days), and the zone in which they are counted."""
        first = case.get("history_from")
        since = 0 if first == "opening" else read_day(first)
        if since is None:
            raise Refused(["history_from"])
        compared = {}
        begun = {its["window"]["of"] for its in self.derivations if "of" in (its["window"] or {})}
        for fact in {flag["fact"] for event in self.events.values() for flag in flags(event)} | begun:
            try:
                if fact not in case and self.facts[fact]["absent"] != "unknown":
                    raise ValueError
                compared[fact] = read_value(self.facts[fact], case.get(fact))
            except ValueError:
                raise Refused([fact]) from None
        if not isinstance(case["history"], list):
            raise Refused(["history"])
        by_id: dict[Json, Json] = {}
        events = []
        for raw in case["history"]:
            event = self.event(raw, compared, now, zones)
            key = raw.get("id")
            if isinstance(key, bool) or not isinstance(key, (str, int, type(None))):
                raise Refused(["history"])
            if key is None or by_id.setdefault(key, event) is event:
                events.append(event)
            elif by_id[key] != event:
                raise Refused(["history"])
        return events, since, now.tzinfo

    def event(self, raw: Json, compared: Json, now: dt.datetime, zones: int) -> Json:
        """An event: its name, its moment, and the values of its attributes and flags."""
        try:
            spec = self.events[raw["event"]]
            attributes = {its["name"]: its for its in spec["attributes"]}
            if raw.keys() - attributes.keys() - {"event", "at", "id"}:
                raise ValueError
            moment = read_moment(raw["at"], now.tzinfo if zones == 1 else None, "history")
            values = {}
            for name, fact in attributes.items():
                if name not in raw and fact["absent"] != "unknown":
                    raise ValueError
                values[name] = read_value(fact, raw.get(name))
            for flag in flags(spec):
                mine, other = values[flag["attribute"]], compared[flag["fact"]]
                open_ = (mine is None and attributes[flag["attribute"]]["absent"] == "unknown") or (
                    other is None and self.facts[flag["fact"]]["absent"] == "unknown"
                )
                holds = None not in (mine, other) and ORDERS[flag.get("operator", "=")](mine, other)
                values[flag["name"]] = None if open_ else holds
        except (KeyError, TypeError, ValueError):
            raise Refused(["history"]) from None
        if moment > now:
            raise Refused(["history"])
        return spec["name"], moment, values

    def selected(self, selection: Json, event: Json) -> Json:
        name, _, values = event
        if name != selection["event"]:
            return False
        spec = self.events[name]
        facts = {its["name"]: its for its in spec["attributes"]}
        facts |= {flag["name"]: {"kind": "yes/no", "absent": "unknown"} for flag in flags(spec)}
        return truth(selection["where"], values, facts)

    def measured(self, derived: Json, events: list[Json], since: int, zone: Json, now: dt.datetime, case: Json) -> Json:
        """What the events tell of a derived fact, as a case gives it outright."""
        name = derived["attribute"]
        chosen = [self.chosen(derived["events"], event, zone, name) for event in events]
        chosen = [event for event in chosen if event.truth is not False]
        if derived["measure"] == "days since":
            return days_since(chosen, since, now.toordinal())
        if derived["measure"] == "working days since":
            try:
                return working_days_since(derived["calendar"], chosen, since, now.date())
            except ValueError:
                raise Refused([derived["fact"]]) from None
        if derived["measure"] == "days since first":
            return days_since_first(chosen, since, now.toordinal())
        attribute = self.attribute(derived["events"], name)
        if derived["measure"] in ("last", "first"):
            return of_one(chosen, attribute, derived["measure"] == "first", since, self.facts[derived["fact"]])
        window = derived["window"]
        anchors = (
            [] if window["anchor"] is None else [self.chosen(window["anchor"], each, zone, None) for each in events]
        )
        anchors = [event for event in anchors if event.truth is not False]
        date = self.facts.get(window.get("of"))
        day = None if date is None else read_value(date, case.get(window["of"]))
        any_date = date is not None and day is None and date["absent"] == "unknown"
        calendar = derived["calendar"] if window["span"] == "working days" else None
        try:
            of = derived["measure"] if derived["measure"] in ("days with", "days in a row") else None
            low, high, covers = within_window(chosen, anchors, window, day or 0, since, now, any_date, calendar, of)
        except ValueError:
            raise Refused([derived["fact"]]) from None
        if derived["measure"] == "any":
            return True if low else None if high or not covers else False
        if not covers and not of:
            low = int(self.facts[derived["fact"]]["low"]) if int(attribute["low"]) < 0 else low
            high = int(self.facts[derived["fact"]]["high"]) if int(attribute["high"]) > 0 else high
        return in_part(self.facts[derived["fact"]], low, high, False)

    def attribute(self, selection: Json, name: str | None) -> Json:
        """The attribute that is summed; an event adds one to a count."""
        of_event = self.events[selection["event"]]["attributes"]
        return next((its for its in of_event if its["name"] == name), {"low": 1, "high": 1, "absent": "needed"})

    def chosen(self, selection: Json, event: Json, zone: Json, name: str | None) -> Chosen:
        truth = self.selected(selection, event)
        attribute = self.attribute(selection, name)
        value: Json = 1
        if name is not None and truth is not False:
            value = event[2][name]
            if value is None and attribute["absent"] == "none":
                value = "none"
        low, high = (int(attribute["low"]), int(attribute["high"])) if value is None else (value, value)
        return Chosen(event[1], event[1].astimezone(zone).toordinal(), truth, low, high)


class Chosen(NamedTuple):
    """An event for a selection: its moment, its day, and whether it is selected; None is unknown, an open event. Its
    amount is from `low` to `high`; both are "none" where it is none."""

    moment: dt.datetime
    day: int
    truth: Json
    low: Json
    high: Json

    @property
    def adds(self) -> tuple[int, int]:
        """The least and the greatest that it adds."""
        if self.low == "none":
            return 0, 0
        return (self.low, self.high) if self.truth else (min(self.low, 0), max(self.high, 0))


def total(events: list[Chosen], end: int) -> int:
    """The least (0) or greatest (1) sum of some events."""
    return sum(event.adds[end] for event in events)


def in_part(fact: Json, low: int, high: int, none: bool) -> Json:
    """What is known of a value on its grid, as a case gives it."""
    least, most = int(fact["low"]), int(fact["high"])
    if low > most or high < least:
        return given(fact, low)
    low, high = max(low, least), min(high, most)
    return {"at_least": given(fact, low), "at_most": given(fact, high), **({"or_none": True} if none else {})}


def given(fact: Json, number: int) -> str:
    """A value on its grid as a text."""
    if fact["kind"] == "date":
        return dt.date.fromordinal(number).isoformat()
    if fact["kind"] == "time":
        return f"{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"
    value = Decimal(number) * Decimal(int(fact["step"][0])) / Decimal(int(fact["step"][1]))
    return format(value, "f")


def of_one(chosen: list[Chosen], attribute: Json, first: bool, since: int, fact: Json) -> Json:
    """The attribute of the last or first event, as far as it is known."""
    certain = [event.moment for event in chosen if event.truth]
    end = (min(certain) if first else max(certain)) if certain else None
    may_be = [event for event in chosen if end is None or (event.moment <= end if first else event.moment >= end)]
    others = since > 0 and (first or end is None or any(event.day < since and event.moment == end for event in may_be))
    ends = [int(event.low) for event in may_be if event.low != "none"]
    ends += [int(event.high) for event in may_be if event.high != "none"]
    ends += [int(attribute["low"]), int(attribute["high"])] if others else []
    none = end is None or any(event.low == "none" for event in may_be) or (others and attribute["absent"] == "none")
    return in_part(fact, min(ends), max(ends), none) if ends else "none"


def covers(calendar: Json, day: dt.date) -> bool:
    return bool(calendar["first"] <= day.isoformat() <= calendar["last"])


def is_worked(calendar: Json, day: dt.date) -> bool:
    text = day.isoformat()
    return text not in calendar["holidays"] and (
        text in calendar["working"] or WEEKDAYS[day.weekday()] not in calendar["weekend"]
    )


def worked_after(calendar: Json, after: int, today: dt.date) -> int:
    """The working days after a day, until today, of those that are covered."""
    days = [dt.date.fromordinal(day) for day in range(max(after + 1, 1), today.toordinal() + 1)]
    return sum(1 for day in days if covers(calendar, day) and is_worked(calendar, day))


def working_days_since(calendar: Json, chosen: list[Chosen], since: int, today: dt.date) -> Json:
    """The working days since the last event, as far as they are known. Raises `ValueError` for days not covered."""
    if not covers(calendar, today):
        raise ValueError
    latest = max([since - 1, *[event.day for event in chosen]])
    if latest <= 0:
        return "none"
    found: dict[str, Json] = {"at_least": worked_after(calendar, latest, today)}
    certain = [event.day for event in chosen if event.truth]
    first = read_day(calendar["first"]) or 0
    if certain:
        if max(certain) + 1 < first:
            raise ValueError
        return {**found, "at_most": worked_after(calendar, max(certain), today)}
    earliest = min([event.day for event in chosen], default=0)
    if since == 0 and earliest + 1 >= first:
        found["at_most"] = worked_after(calendar, earliest, today)
    return {**found, "or_none": True}


def days_since_first(chosen: list[Chosen], since: int, today: int) -> Json:
    """The days since the first event that is selected, as far as they are known."""
    certain = [event.day for event in chosen if event.truth]
    days = [event.day for event in chosen]
    earliest = {} if since > 0 else {"at_most": today - min(days)} if days else {}
    if certain:
        return {"at_least": today - min(certain), **earliest}
    if not days and since == 0:
        return "none"
    return {"at_least": max(today - max([since - 1, *days]), 0), **earliest, "or_none": True}


def days_since(chosen: list[Chosen], since: int, today: int) -> Json:
    """The days since the last event that is selected, as far as they are known."""
    certain = [event.day for event in chosen if event.truth]
    latest = max([since - 1, *[event.day for event in chosen]])
    if latest <= 0:
        return "none"
    low = max(today - latest, 0)
    if certain:
        return {"at_least": low, "at_most": today - max(certain)}
    if since > 0:
        return {"at_least": low, "or_none": True}
    return {"at_least": low, "at_most": today - min(event.day for event in chosen), "or_none": True}


def within_window(
    chosen: list[Chosen],
    anchors: list[Chosen],
    window: Json,
    day: int,
    since: int,
    now: dt.datetime,
    any_date: bool,
    calendar: Json,
    of: str | None,
) -> tuple[int, int, bool]:
    """The sum in a window, or the days `of` it, at least and at most, and whether the history covers it. `day` is the
    first that counts by a date of the case; `any_date` says that it is unknown which."""
    today = now.toordinal()
    number = window["number"]
    if window["span"] in ("hours", "minutes"):
        start = now.astimezone(dt.UTC) - dt.timedelta(**{window["span"]: window["number"]})
        first, last = start.astimezone(now.tzinfo).toordinal(), today
        within = [event for event in chosen if event.moment >= start]
    else:
        months = since_months(now.date(), number) if window["span"] == "months" else 0
        first, last = {
            "days": (today - number + 1, today),
            "working days": (first_worked(calendar, number, now.date()) if calendar else 0, today),
            "months": (months, today),
            "week": (today - now.weekday(), today),
            "month": (today - now.day + 1, today),
            "quarter": (dt.date(now.year, (1, 4, 7, 10)[(now.month - 1) // 3], 1).toordinal(), today),
            "at least": (0, today - number),
            "between": (today - number, today - window["least"]),
            "ever": (0, today),
            "since": (0, today),
        }[window["span"]]
        within = chosen
    last_anchor = max([anchor for anchor in anchors if anchor.truth], key=lambda anchor: anchor.moment, default=None)
    first = max(first, day)
    within = [event for event in within if first <= event.day <= last]
    if last_anchor is not None:
        first = max(first, last_anchor.day)
        within = [event for event in within if event.moment > last_anchor.moment]
    covers = first >= since or first > last
    ways = [within]
    if any_date:
        ways += [[event for event in within if event.day > other.day] for other in within]
    for way in list(ways):
        ways += [[event for event in way if event.moment > anchor.moment] for anchor in anchors]
        if window["anchor"] is not None and not covers:
            ways.append([event for event in way if event.day >= since])
    if of is None:
        return min(total(way, 0) for way in ways), max(total(way, 1) for way in ways), covers
    last = last if of == "days with" else min(last, today - 1)

    def days_of(days: set[int]) -> int:
        return len(days) if of == "days with" else next(it for it in itertools.count() if last - it not in days)

    least = min(days_of({event.day for event in way if event.truth}) for way in ways)
    unseen = set[int]() if covers else {since - 1} if first == 0 else set(range(first, min(last, since - 1) + 1))
    most = max(days_of({event.day for event in way} | unseen) for way in ways)
    endless = not covers and first == 0 and (of == "days with" or last - most < since)
    return least, 10**15 - 1 if endless else most, covers


def first_worked(calendar: Json, number: int, today: dt.date) -> int:
    """The first of the last working days until a day. Raises `ValueError` for days that are not covered."""
    day = today
    while True:
        if not covers(calendar, day):
            raise ValueError
        number -= is_worked(calendar, day)
        if not number:
            return day.toordinal()
        day -= dt.timedelta(days=1)


def since_months(today: dt.date, number: int) -> int:
    """The first day since which fewer than so many months are complete."""
    day = today - dt.timedelta(days=31 * number + 3)
    while whole_months(day, today) >= number:
        day += dt.timedelta(days=1)
    return day.toordinal()


def whole_years(day: dt.date, today: dt.date) -> int:
    """How many birthdays there were: that of 29 February is on 1 March in common years."""
    years = 0
    while True:
        year = day.year + years + 1
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if year > today.year:
            return years
        birthday = dt.date(year, 3, 1) if (day.month, day.day) == (2, 29) and not leap else day.replace(year=year)
        if birthday > today:
            return years
        years += 1


def whole_months(day: dt.date, today: dt.date) -> int:
    """How many months are complete since a day. The 31st completes on the last day of a shorter month."""
    length = ((today.replace(day=1) + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)).day
    months = 12 * (today.year - day.year) + today.month - day.month
    return months if today.day >= min(day.day, length) else months - 1


MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-5][0-9])?"
)


def read_moment(raw: Json, zone: dt.tzinfo | None, name: str) -> dt.datetime:
    """A moment, in UTC. Without an offset it is local time in the one zone of the case. Raises `Refused`."""
    if not isinstance(raw, str) or not MOMENT.fullmatch(raw):
        raise Refused([name])
    try:
        moment = dt.datetime.fromisoformat(raw)
    except ValueError:
        raise Refused([name]) from None
    if not 1000 <= moment.year < 9999:
        raise Refused([name])
    if moment.tzinfo is None:
        if zone is None:
            raise Refused([name])
        first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            raise Refused([name])
        moment = first
    return moment.astimezone(dt.UTC)


def read_zones(raw: Json) -> list[ZoneInfo]:
    names = raw if isinstance(raw, list) else [raw]
    if not 1 <= len(names) <= 100 or not all(isinstance(name, str) for name in names):
        raise Refused(["zone"])
    try:
        return [ZoneInfo(name) for name in names]
    except (ValueError, OSError, KeyError):
        raise Refused(["zone"]) from None


def is_in(hours: str, now: dt.datetime) -> bool:
    """Whether a moment is in weekly hours: in those of its day, or in what is left of those of the day before."""
    today, time = now.weekday(), now.strftime("%H:%M")
    for first, last, begin, end in re.findall(r"([a-z]{3})(?:-([a-z]{3}))? +([0-9:]{5})-([0-9:]{5})", hours):
        start, stop = (DAYS.index(day) for day in (first, last or first))
        on = [(start + more) % 7 for more in range((stop - start) % 7 + 1)]
        if today in on and begin <= time and (time < end or end < begin):
            return True
        if (today - 1) % 7 in on and end < begin and time < end:
            return True
    return False
