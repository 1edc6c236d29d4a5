"""Cases on which an implementation of a policy is tried, and what the oracle decides of each."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from forbear.kernel.cases import ActionDecision, CaseError, GridValue, decision_day, read_case
from forbear.kernel.history.counting import OPENING, DerivedSpec
from forbear.kernel.history.moments import OF_CALENDAR, worked_days
from forbear.kernel.history.readings import has_history, readings, strictest
from forbear.language.model.conditions import atoms, facts_of
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.values import value_json
from forbear.semantics import meaning
from forbear.space.boundaries import boundary_values, boundary_values_of
from forbear.space.predicates.specs import Specs

_SOME_DAY = datetime.date(2026, 3, 11).toordinal()
_MOST_EVENTS = 12
_MOST_ALIKE = 40
_TRIES = 30
_COUNTED = 0.7
"""The share of histories with as many events as a rule asks for."""
_LENGTHS = {"week": 7, "month": 31, "quarter": 92}
_MONTH = range(28, 32)


def whole_cases(
    boundaries: Mapping[str, Sequence[GridValue]], generator: random.Random
) -> Iterator[dict[str, GridValue]]:
    """Endless cases of boundary values. A fact takes its own in order in about half of the first ones."""
    longest = max(map(len, boundaries.values()), default=1)
    number = 0
    while True:
        yield {
            name: values[number % len(values)]
            if number < longest and generator.random() < 0.5
            else generator.choice(values)
            for name, values in boundaries.items()
        }
        number += 1


def days_around(policy: TypedPolicy) -> list[int | None]:
    """Days at and around each date of the policy and its rules, on which it is in force; None if it has no dates."""
    dates = {date for rule in policy.rules for date in (rule.since, rule.until) if date is not None}
    dates |= {date for date in (policy.since, policy.until) if date is not None}
    near = {day for date in dates for day in (date - 1, date, date + 1)}
    first = policy.since if policy.since is not None else datetime.date.min.toordinal()
    last = policy.until if policy.until is not None else datetime.date.max.toordinal()
    days: list[int | None] = [day for day in sorted(near) if first <= day <= last]
    return days if policy.dated else [None, *days]


def on_day(policy: TypedPolicy, case: Mapping[str, GridValue], day: int | None) -> dict[str, GridValue]:
    """Returns a case for a day, or for the day that it names itself, moved to one that calendars cover: its facts of
    the day of the decision are set to that day, its day of the week, and whether it is worked.
    """
    own = [case[name] for name, its in policy.derived.items() if its.measure == "date" and case.get(name) is not None]
    if day is None and not own:
        return dict(case)
    working = {name: its.worked for name, its in policy.derived.items() if its.measure in OF_CALENDAR}
    calendars = [calendar for calendar in working.values() if calendar is not None]
    if day is None:
        day = int(own[0] or 0)
        for calendar in calendars:
            day = min(max(day, calendar.first), calendar.last)
    of_day: dict[str, int] = {"date": day, "weekday": datetime.date.fromordinal(day).weekday()}
    follows: dict[str, GridValue] = {
        name: of_day[its.measure] for name, its in policy.derived.items() if its.measure in of_day
    }
    for name, calendar in zip(working, calendars, strict=True):
        if calendar.first <= day <= calendar.last:
            follows[name] = worked_days(calendar, day - 1, day) == 1
    return {name: value if value is None else follows.get(name, value) for name, value in case.items()}


class Moment(NamedTuple):
    """A case in the time zone UTC, and the moment of its decision. Moments are of the type `datetime`."""

    case: dict[str, object]
    at: datetime.datetime


def cases_with_events(policy: TypedPolicy, tables: Specs, generator: random.Random) -> Iterator[Moment]:
    """Endless cases with events at and around the ends of the windows, whose history goes back to the opening."""
    needed = [name for name in tables.needed if name not in policy.derived]
    compared = tables.history.compared
    boundaries = boundary_values(policy, dict.fromkeys([*needed, *compared]))
    attributes = _values_of_attributes(policy)
    hours = [0, 1, *[hour for spec in tables.history.derived for hour in _near_the_end(spec)]]
    days = [day for day in days_around(policy) if day is not None and day > 1_000] or [_SOME_DAY]
    calendars = [
        spec.calendar for spec in tables.history.derived if spec.calendar and spec.name in tables.history.needed
    ]
    for calendar in calendars:  # the days that all of them cover, at and around holidays
        near = {day + step for day in (*calendar.holidays, *calendar.working) for step in (-1, 0, 1)}
        days = sorted(day for day in {calendar.first, calendar.last, *near} if calendar.first <= day <= calendar.last)
    counts = boundary_values(
        policy,
        [
            spec.name
            for spec in tables.history.derived
            if spec.measure == "count" and spec.name in tables.history.needed
        ],
    )
    ages = boundary_values(
        policy, [spec.name for spec in tables.history.derived if spec.of and spec.name in tables.needed]
    )
    while True:
        at = datetime.datetime.fromordinal(generator.choice(days)).replace(hour=9, tzinfo=datetime.UTC)
        case: dict[str, object] = {"zone": datetime.UTC, "history_from": OPENING}
        for name, values in boundaries.items():
            case[name] = value_json(policy.facts[name], generator.choice(values))
        for spec in tables.history.of_hours:
            if spec.name in tables.needed and spec.hours is not None:
                case[spec.hours] = generator.choice(_WEEKLY_HOURS)
        case.update(_dates(policy, tables, ages, at.date(), generator))
        drawn = range(generator.randrange(_MOST_EVENTS) if attributes else 0)
        events = [_event(policy, attributes, case, at, hours, generator) for _ in drawn]
        if counts and events and generator.random() < _COUNTED:
            more = [_event(policy, attributes, case, at, hours, generator) for _ in range(_TRIES)]
            events = _some_that_count(counts, tables, case, at, [*events, *more], generator) or events
        if attributes:
            case["history"] = events
        yield Moment(case, at)


def _dates(
    policy: TypedPolicy,
    tables: Specs,
    ages: Mapping[str, Sequence[GridValue]],
    today: datetime.date,
    generator: random.Random,
) -> Iterator[tuple[str, object]]:
    """Dates from which ages follow, at and around their boundary values."""
    for spec in tables.history.derived:
        if spec.of is None or spec.name not in ages:
            continue
        age = generator.choice(ages[spec.name])
        if age is None:
            yield spec.of, value_json(policy.facts[spec.of], None)
        else:
            days = round(int(age) * _DAYS_OF[spec.measure]) + generator.choice([-1, 0, 0, 1])
            if spec.measure in ("years since", "months since"):
                days = max(days, 0)
            fact = policy.facts[spec.of]
            day = min(max(today.toordinal() - days, fact.low), fact.high)
            yield spec.of, value_json(fact, day)


_WEEKLY_HOURS = ("mon-fri 09:00-17:00", "sat-thu 20:00-09:00", "")
"""Some begin and some end at the moment of a drawn case."""
_DAYS_OF = {"years since": 365.2425, "months since": 30.436875, "days until": -1, "working days since": 1.4}


def _event(
    policy: TypedPolicy,
    attributes: Mapping[str, Mapping[str, Sequence[GridValue]]],
    case: Mapping[str, object],
    at: datetime.datetime,
    hours: Sequence[float],
    generator: random.Random,
) -> dict[str, object]:
    """Returns an event at or around the end of a window. Attributes that are compared with the case often have the
    case's value.
    """
    name = generator.choice(list(attributes))
    event = policy.events[name]
    written = {
        attribute: value_json(event.attributes[attribute], generator.choice(values))
        for attribute, values in attributes[name].items()
    }
    for attribute, fact, _ in event.same.values():
        if fact in case and generator.random() < 0.5:
            written[attribute] = case[fact]
    moment = at - datetime.timedelta(hours=min(generator.choice(hours), 24 * 999))
    return {"event": name, "at": moment, **written}


def _some_that_count(
    counts: Mapping[str, Sequence[GridValue]],
    tables: Specs,
    case: Mapping[str, object],
    at: datetime.datetime,
    events: Sequence[dict[str, object]],
    generator: random.Random,
) -> list[dict[str, object]]:
    """Returns as many events as a boundary value of a count, all like one that counts, and at two moments of events."""
    name = generator.choice(list(counts))
    number = generator.choice(
        [value for value in counts[name] if isinstance(value, int) and value <= _MOST_ALIKE] or [1]
    )
    for event in events:
        try:
            [reading] = readings(tables.history, {**case, "history": [event]}, None, at)
        except CaseError:  # whether it counts depends on an unknown value
            continue
        if reading.case.get(name) == 1:
            moments = generator.choices([other_event["at"] for other_event in events], k=2)
            return [{**event, "at": generator.choice(moments)} for _ in range(number)]
    return []


def _values_of_attributes(policy: TypedPolicy) -> dict[str, dict[str, tuple[GridValue, ...]]]:
    """The boundary values of the attributes of each event, by the conditions on them."""
    compared = [
        (selection.event, atom)
        for derived in policy.derived.values()
        for selection in derived.selections
        for atom in atoms(selection.where)
    ]
    return {
        event.name: {
            name: boundary_values_of(
                fact, [atom for of, atom in compared if of == event.name and name in facts_of(atom)]
            )
            for name, fact in event.attributes.items()
        }
        for event in policy.events.values()
    }


def _near_the_end(spec: DerivedSpec) -> tuple[float, ...]:
    """Hours before a decision at and around the first that count."""
    if spec.window == "hours":
        return spec.number - 1, spec.number, spec.number + 1
    if spec.window == "minutes":
        return (spec.number - 1) / 60, spec.number / 60, (spec.number + 1) / 60
    if spec.window in _LENGTHS:  # it ends with the week or the month of the decision
        return tuple(range(0, 24 * _LENGTHS[spec.window] + 1, 24 * max(1, _LENGTHS[spec.window] // 7)))
    if spec.window == "months":
        return tuple(24 * days * spec.number + hours for days in _MONTH for hours in (-24, -12, 0))
    if spec.window in ("at least", "between"):
        return tuple(24 * days + hours for days in (spec.number, spec.least) for hours in (-12, 0, 12, 24))
    days = spec.number or 1
    return 24 * days - 24, 24 * days - 12, 24 * days


def decided(policy: TypedPolicy, tables: Specs, case: object, on: object, at: object) -> Mapping[str, ActionDecision]:
    """Returns the oracle's decision of a case, on a day or at a moment. Raises `CaseError` with every error."""
    if not has_history(tables.history, case, on, at):
        return _decided(policy, tables, case, on)
    assert isinstance(case, Mapping)
    by_zone = [
        _decided(policy, tables, reading.case, on if reading.day is None else reading.day)
        for reading in readings(tables.history, case, on, at)
    ]
    return {action: strictest([decisions[action] for decisions in by_zone]) for action in policy.actions}


def _decided(policy: TypedPolicy, tables: Specs, case: object, on: object) -> dict[str, ActionDecision]:
    day = decision_day(policy.name, policy.dated, policy.since, policy.until, on)
    return meaning.decide(policy, read_case(tables.facts, tables.needed, case), day)
