"""Facts that follow from events, for the second evaluator of the JSON form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from second_values import Json, Refused, read_day, read_value, truth

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
                    if values[name] is None and self.facts[name]["absent"] != "unknown":
                        raise Refused([name])
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
        """The value of a derived fact; None where the events do not determine it."""
        window = derived["window"]
        known = [event for event in events if event[1].astimezone(zone).toordinal() >= since]
        if derived["measure"] == "days since":
            last = self.last(derived["events"], known, since, lambda moment: moment.astimezone(zone).toordinal())
            return last if last in (None, "none") else now.toordinal() - last
        if window["span"] == "since":
            anchor = self.last(window["anchor"], known, since, lambda moment: moment)
            if anchor is None:
                return None
            counted = known if anchor == "none" else [event for event in known if event[1] > anchor]
        elif window["span"] == "hours":
            start = now.astimezone(dt.UTC) - dt.timedelta(hours=window["number"])
            if start.astimezone(zone).toordinal() < since:
                return None
            counted = [event for event in events if event[1] >= start]
        else:
            today = now.toordinal()
            first = {
                "days": today - window["number"] + 1,
                "week": today - now.weekday(),
                "month": today - now.day + 1,
                "ever": 0,
            }[window["span"]]
            if first < since:
                return None
            counted = [event for event in events if event[1].astimezone(zone).toordinal() >= first]
        truths = [self.selected(derived["events"], event) for event in counted]
        if None in truths:
            return None
        return any(truths) if derived["measure"] == "any" else truths.count(True)

    def last(self, selection: Json, known: list[Json], since: int, key: Callable[[Json], Json]) -> Json:
        """When the last event of a selection was, "none" where there was never one, None where that is unknown."""
        certain = [key(event[1]) for event in known if self.selected(selection, event) is True]
        perhaps = [key(event[1]) for event in known if self.selected(selection, event) is None]
        if perhaps and (not certain or max(perhaps) > max(certain)):
            return None
        return max(certain) if certain else "none" if since == 0 else None


MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
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
