"""Facts that follow from events, for the second evaluator of the JSON form."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

from second_values import Json, Refused, read_day, read_fact, read_value, truth

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORDS = {"history", "history_from", "zone"}


class Events:
    """What is declared of events, and of the facts that are derived."""

    def __init__(self, policy: Json, facts: Json) -> None:
        self.facts = facts
        self.needed = policy["needed"]
        self.derivations = policy["derived"]
        self.events = {event["name"]: event for event in policy["events"]}

    def readings(self, case: Json, on: str | None, at: str | None) -> list[tuple[Json, str | None]]:
        """The facts of a case, and the day of its decision, in each of its time zones."""
        if at is None and not (self.events and WORDS & case.keys()):
            return [(case, on)]
        given = {name: value for name, value in case.items() if name not in WORDS}
        if at is None:
            if "history" in case:
                raise Refused(["history"])
            return [(given, on)]
        zones = read_zones(case.get("zone"))
        found: list[tuple[Json, str | None]] = []
        for zone in zones:
            now = read_moment(at, zone if len(zones) == 1 else None, "").astimezone(zone)
            if on is not None and read_day(on) != now.toordinal():
                raise Refused(["on"])
            derived = self.derived(case, given, now, len(zones))
            found.append(({**given, **derived}, now.date().isoformat()))
        return found

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
            elif history is not None:
                values[name] = None
                if derived["events"] is not None:  # else no rule reads it
                    values[name] = self.measured(derived, *history, now)
                    try:
                        read_fact(self.facts[name], values[name])
                    except ValueError:
                        raise Refused([name]) from None
        if values.keys() & given.keys():
            raise Refused(values.keys() & given.keys())
        return {name: value for name, value in values.items() if name in self.needed}

    def history(self, case: Json, now: dt.datetime, zones: int) -> tuple[list[Json], int, Json]:
        """The events, the first day of which all are known (0: of all days), and the zone in which they are counted."""
        first = case.get("history_from")
        since = 0 if first == "opening" else read_day(first)
        if since is None:
            raise Refused(["history_from"])
        compared = {}
        for fact in {flag["fact"] for event in self.events.values() for flag in event["same"]}:
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
            for flag in spec["same"]:
                mine, other = values[flag["attribute"]], compared[flag["fact"]]
                open_ = (mine is None and attributes[flag["attribute"]]["absent"] == "unknown") or (
                    other is None and self.facts[flag["fact"]]["absent"] == "unknown"
                )
                values[flag["name"]] = None if open_ else mine is not None and mine == other
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
        facts |= {flag["name"]: {"kind": "yes/no", "absent": "unknown"} for flag in spec["same"]}
        return truth(selection["where"], values, facts)

    def measured(self, derived: Json, events: list[Json], since: int, zone: Json, now: dt.datetime) -> Json:
        """What the events tell of a derived fact, as a case gives it outright."""
        chosen = [self.chosen(derived["events"], event, zone) for event in events]
        chosen = [event for event in chosen if event.truth is not False]
        if derived["measure"] == "days since":
            return days_since(chosen, since, now.toordinal())
        window = derived["window"]
        if window["span"] == "since":
            anchors = [self.chosen(window["anchor"], event, zone) for event in events]
            low, high = after_anchor(chosen, [event for event in anchors if event.truth is not False], since)
        else:
            low, high = within_window(chosen, window, since, now)
        if derived["measure"] == "any":
            return True if low else None if high != 0 else False
        return {"at_least": low} if high is None else {"at_least": low, "at_most": high}

    def chosen(self, selection: Json, event: Json, zone: Json) -> Chosen:
        return Chosen(event[1], event[1].astimezone(zone).toordinal(), self.selected(selection, event))


class Chosen(NamedTuple):
    """An event for a selection: its moment, its day, and whether it is selected; None is unknown, an open event."""

    moment: dt.datetime
    day: int
    truth: Json


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


def after_anchor(chosen: list[Chosen], anchors: list[Chosen], since: int) -> tuple[int, int | None]:
    """How many there are after the last anchor, at least and at most; None is any number."""
    certain = [anchor for anchor in anchors if anchor.truth]
    begins = max((anchor.moment for anchor in certain), default=None)
    latest = max((anchor.moment for anchor in anchors), default=None)
    lacks = max((anchor.day for anchor in certain), default=0) < since
    low = [event for event in chosen if event.truth and (latest is None or event.moment > latest)]
    low = [event for event in low if not lacks or event.day >= since]
    high = [event for event in chosen if begins is None or event.moment > begins]
    return len(low), None if lacks else len(high)


def within_window(chosen: list[Chosen], window: Json, since: int, now: dt.datetime) -> tuple[int, int | None]:
    """How many there are in a window of any other span, at least and at most; None is any number."""
    today = now.toordinal()
    if window["span"] == "hours":
        start = now.astimezone(dt.UTC) - dt.timedelta(hours=window["number"])
        first = start.astimezone(now.tzinfo).toordinal()
        within = [event for event in chosen if event.moment >= start]
    else:
        first = {
            "days": today - window["number"] + 1,
            "week": today - now.weekday(),
            "month": today - now.day + 1,
            "ever": 0,
        }[window["span"]]
        within = [event for event in chosen if event.day >= first]
    return sum(1 for event in within if event.truth), len(within) if first >= since else None


MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
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
