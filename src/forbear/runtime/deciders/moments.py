"""Decisions at moments on cases that come again: what a case gives on a day is remembered.

Whoever has a queue asks of a borrower again and again, and mostly nothing has happened meanwhile. Then the events need
not be read and counted anew: from minute to minute of a day nothing moves but the time, and windows of hours.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple

from attrs import define

from forbear.history.counting import Count, CountSpec, Effect, add_effects, told
from forbear.history.events import Past
from forbear.history.moments import moment_of, of_moment, remember, zones_of
from forbear.history.readings import covered_from, readings
from forbear.kernel import CaseError, FactSpec, Fault, InPart, Value, Wrong, read_in_part, read_value
from forbear.predicates.specs import Specs
from forbear.runtime.deciders.contents import Contents
from forbear.runtime.deciders.method import Key, Method
from forbear.runtime.decision import Ahead, Find, Validity

_MOST_DAYS: Final = 4
"""So many days of a case are remembered."""


class Moments(Generic[Key]):
    """The keys of cases at moments. `values` reads the facts of a case for a day, in the order in which the method
    needs them. Threads may share it."""

    def __init__(
        self,
        tables: Specs,
        method: Method[Key],
        values: Callable[[datetime.date | None, Mapping[str, object]], list[Value]],
    ) -> None:
        self._history = tables.history
        self._method = method
        self._values = values
        self._places = {name: place for place, name in enumerate(tables.needed)}
        self._times = [
            (self._places[spec.name], tables.facts[spec.name])
            for spec in tables.history.of_moment
            if spec.measure == "time" and spec.name in self._places
        ]
        self._cases: Contents[_Case[Key]] = Contents(_Case)

    def keys(self, case: object, at: object, ahead: Ahead | None) -> list[Key] | None:
        """The key of a case in each of its zones; None where it has to be read, as one with an error has. `ahead` is
        told of its events."""
        known = self._cases.of(case)
        if known is None or not known.zones:
            return None
        try:
            now = moment_of(at, known.zones[0], len(known.zones))
        except Wrong:
            return None
        clocks = [now.astimezone(zone) for zone in known.zones]
        today = tuple([local.toordinal() for local in clocks])
        day = known.days.get(today)
        if day is None or now < day.since:
            try:
                day = self._read(known, now, clocks)
            except CaseError:
                return None
            remember(known.days, today, day, _MOST_DAYS)
        if ahead is not None:
            ahead.past, ahead.validity = day.past, day.validity
        return self._moved(day, clocks) if self._times or day.hourly else day.keys

    def _read(self, known: _Case[Key], now: datetime.datetime, clocks: Sequence[datetime.datetime]) -> Day[Key]:
        """What a case gives on the days of a moment, by the path that finds errors."""
        case = known.case
        past: Past = []
        values = [self._values(each.day, each.case) for each in readings(self._history, case, None, now, past)]
        keys = [self._key(its, local) for its, local in zip(values, clocks, strict=True)]
        hourly = []
        if "history" in case:
            covered = covered_from(case, [])
            assert covered is not None
            hourly = [
                _Hourly(self._places[spec.fact.name], spec, covered, [_events(past, place, local) for local in clocks])
                for place, spec in enumerate(self._history.counted)
                if spec.derived.window == "hours"
            ]
        return Day(known, now, values, keys, past, hourly)

    def _moved(self, day: Day[Key], clocks: Sequence[datetime.datetime]) -> list[Key] | None:
        """The keys at another moment of a day; None where that has an error."""
        keys = []
        for zone, local in enumerate(clocks):
            values = day.values[zone].copy()
            for place, fact in self._times:
                values[place] = read_value(fact, of_moment("time", local))
            for its in day.hourly:
                value = told(its.counted(zone, local), its.spec.fact, local.toordinal(), its.covered)
                if isinstance(value, Fault):
                    return None
                values[its.place] = _on_grid(its.spec.fact, value)
            keys.append(self._key(values, local))
        return keys

    def _key(self, values: Sequence[Value], local: datetime.datetime) -> Key:
        return self._method.on_day(self._method.of_values(*values), local.toordinal())


class _Case(Generic[Key]):
    """A case, its zones, and what it gives by the day in each of them."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.case = case
        # A case without a zone of its own has that of the moment, and is not remembered.
        self.zones = zones_of(case, None, [])  # errors are found by reading
        self.days: dict[tuple[int, ...], Day[Key]] = {}


@define
class Day(Generic[Key]):
    """What a case gives on a day, from the moment `since` on: before it, an event may be after the decision.

    `values` and `keys` are those in each zone; of facts that move within the day they are those at `since`.
    """

    of: _Case[Key]
    since: datetime.datetime
    values: list[list[Value]]
    keys: list[Key]
    past: Past
    hourly: Sequence[_Hourly]
    _found: tuple[datetime.datetime, Validity] | None = None
    """A moment, and how long the decision of that moment is valid."""

    def validity(self, find: Find, at: object) -> Validity:
        """How long the decision at a moment of the day is valid. It is found once: until then nothing changes."""
        now = moment_of(at, self.of.zones[0], len(self.of.zones))
        if self._found is not None:
            found_at, valid = self._found
            if now == found_at or (valid.until is not None and found_at <= now < valid.until):
                return valid
        valid = find(self.of.case, at)
        self._found = now, valid
        return valid


class _Hourly(NamedTuple):
    """A fact that is counted in a window of hours, by its place among those that rules need, and for each zone the
    events that may count: what they do to this one, their moment and day."""

    place: int
    spec: CountSpec
    covered: int
    events: Sequence[Sequence[tuple[Sequence[Effect], datetime.datetime, int]]]

    def counted(self, zone: int, local: datetime.datetime) -> Count:
        count = Count(self.spec, local, (0, 0), None)
        for effects, moment, day in self.events[zone]:
            add_effects([count], effects, moment, day)
        return count


def _events(past: Past, place: int, local: datetime.datetime) -> list[tuple[Sequence[Effect], datetime.datetime, int]]:
    """What events do to the count of a place, as if it were the only one."""
    zone = local.tzinfo
    events: list[tuple[Sequence[Effect], datetime.datetime, int]] = []
    for effects, (moment, its_zone, day) in past:
        its = [(0, *effect[1:]) for effect in effects if effect[0] == place]
        if its:
            events.append((its, moment, day if its_zone is zone else moment.astimezone(zone).toordinal()))
    return events


def _on_grid(fact: FactSpec, value: object) -> Value:
    if value is None:
        return None
    return read_in_part(fact, value) if isinstance(value, InPart) else read_value(fact, value)
