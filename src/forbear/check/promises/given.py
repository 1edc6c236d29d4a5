"""The events that an example gives, and what is derived from them and from its moment.

An example knows one zone, and all that ever happened: its history goes back to the opening. An event happens at the
beginning of its day and a decision is made at the end of it, where they name no time.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import TypeAlias, cast

from forbear.base.source import Span
from forbear.check.conditions.unknown_names import report_unknown_attribute
from forbear.check.conditions.values import day_of
from forbear.check.declarations.events import report_unknown_event
from forbear.check.declarations.facts import given_value
from forbear.check.scope import Scope
from forbear.kernel.cases import CaseError, Fault, GridValue, InPart, in_part_text
from forbear.kernel.history.counting import OPENING
from forbear.kernel.history.readings import HistorySpec, check_day, other_days
from forbear.language.model.derived import Event
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import Past, TypedPolicy
from forbear.language.model.values import value_json
from forbear.language.syntax import nodes
from forbear.semantics.kernel_specs import fact_specs, history_spec
from forbear.semantics.past import follow

_MOST = 10_000
"""The most equal events of one `given`."""


Tables: TypeAlias = Callable[[frozenset[str]], HistorySpec]
"""Gives the tables by which the events are read from which some derived facts follow."""


def tables_of(policy: TypedPolicy) -> Tables:
    """The tables for the examples of a policy, which are made once."""
    facts = cache(partial(fact_specs, policy))
    return cache(lambda names: history_spec(policy, names, facts()))


def derived_values(
    node: nodes.Example,
    given: Mapping[str, Grid | Absent],
    read: Iterable[str],
    policy: TypedPolicy,
    tables_for: Tables,
    scope: Scope,
    day: int | None,
) -> tuple[dict[str, Grid | Absent], Past | None] | None:
    """The facts, of those that the policy reads, that follow from an example's events and its moment on a day, and
    which it does not give itself, and what they follow from; None where something is wrong with the events, or where it
    gives another day, age or working day than that which follows."""
    events = [part for part in node.given if isinstance(part, nodes.GivenEvent)]
    moment = _moment(node, day)
    if not events and moment is None:
        return {}, None

    def bad(message: str, span: Span, help: str) -> None:
        scope.report_at(span, code="bad-example", message=message, help=help)

    if moment is None:
        bad("an example with events needs its day", events[0].span, "write `on 2026-03-07` before `expect`")
        return None
    case: dict[str, object] = {"zone": datetime.UTC}
    known = {name: policy.derived[name] for name in read if name in policy.derived}
    of_case = given.keys() | {name for name in read if policy.facts[name].usually is not None}
    derived = {name: derivation for name, derivation in known.items() if name not in given}
    as_well = {
        name: given[name]
        for name, derivation in known.items()
        if name in given and (derivation.measure == "working day" or derivation.of in of_case)
    }
    dates = {
        derivation.of: given.get(derivation.of, policy.facts[derivation.of].usually)
        for name, derivation in known.items()
        if derivation.of is not None and (name in derived or name in as_well)
    }
    following = [
        name
        for name, derivation in derived.items()
        if (
            dates[derivation.of] is not None
            if derivation.of is not None
            else _follows(derivation.measure, node, events)
        )
    ]
    case.update(_held(policy.facts, {**dates, **as_well}))
    if events:
        values_of_case = _this(policy, given)
        case.update(_held(policy.facts, {name: given.get(name, value) for name, value in values_of_case.items()}))
        history = list(_history(events, moment, policy, values_of_case, scope))
        if None in history:
            return None
        case |= {"history": history, "history_from": OPENING}
    tables = tables_for(frozenset([*following, *as_well]))
    naming = {name: given[name] for name, one in known.items() if name in given and one.measure in ("date", "weekday")}
    past = Past(case, moment, tuple(following))
    try:
        by = "on" if node.on is not None else next((name for name in naming if known[name].measure == "date"), "on")
        if faults := other_days(tables_for(frozenset(naming)), _held(policy.facts, naming), moment.date(), by):
            raise CaseError(faults)
        values = follow(policy, tables, past)
    except CaseError as error:
        spans = {part.fact.text: part.span for part in node.given if isinstance(part, nodes.Given)}
        span = next((spans[fault.fact] for fault in error.faults if fault.fact in spans), node.title.span)
        where = "look at the events that it gives" if events else "look at what it gives, and on which day"
        bad("; ".join(fault.message for fault in error.faults[:3]), span, where)
        return None
    by_name, known_too_little = _whole(values, policy, tables)
    if known_too_little is not None:
        bad(known_too_little, node.title.span, "give each event what its condition reads")
        return None
    return by_name, past


def _whole(
    values: Mapping[str, Grid | Absent | InPart], policy: TypedPolicy, tables: HistorySpec
) -> tuple[dict[str, Grid | Absent], str | None]:
    """The values that follow, of which those that are known in part are absent; and what is wrong with the first that
    may not be."""
    by_name: dict[str, Grid | Absent] = {}
    for name, value in values.items():
        if isinstance(value, InPart):
            fact = policy.facts[name]
            if not fact.optional:
                part_known = in_part_text(tables.facts[name], value)
                return {}, f"`{name}` is missing: all that these events tell of it is that it is {part_known}"
            value = Absent.NONE if fact.or_none else Absent.UNKNOWN
        by_name[name] = value
    return by_name, None


def day_given(given: Mapping[str, Grid | Absent], policy: TypedPolicy) -> int | None:
    """The day of its decision that an example gives as a fact."""
    days = (given.get(name) for name, derivation in policy.derived.items() if derivation.measure == "date")
    return next((day for day in days if isinstance(day, int)), None)


def fitting_day(
    given: Mapping[str, Grid | Absent], held: Collection[str], fact: Fact, policy: TypedPolicy, tables_for: Tables
) -> int | None:
    """The day of the decision nearest to one that is assumed on which what a case says of that day is so, of the facts
    that are `held`: its weekday, whether it is worked, the ages of dates. Calendars cover it. None where none is
    found."""
    tied = {name: derivation for name, derivation in policy.derived.items() if name in given}
    names = [name for name in tied if name in held]
    dates = [of for name in names if (of := tied[name].of) is not None and of in given]
    case = _held(policy.facts, {name: given[name] for name in (*names, *dates)})
    tables = tables_for(frozenset(names))
    calendars = [derivation.calendar for derivation in tied.values() if derivation.calendar is not None]
    assumed = cast(int, given[fact.name])
    days = sorted(range(assumed - 6, assumed + 7), key=lambda day: abs(day - assumed))
    for calendar in calendars:
        days += range(calendar.first, min(calendar.first + 400, calendar.last))
    for day in days:
        if fact.low <= day <= fact.high and all(calendar.first <= day <= calendar.last for calendar in calendars):
            its = {**case, fact.name: datetime.date.fromordinal(day)}
            faults: list[Fault] = []
            check_day(tables, its, fact.name, faults)
            if not faults:
                return day
    return None


def _moment(node: nodes.Example, day: int | None) -> datetime.datetime | None:
    if day is None:
        return None
    seconds = 24 * 3600 - 1 if node.at is None or node.at.kind == "bad" else cast(int, node.at.value)
    midnight = datetime.datetime.combine(datetime.date.fromordinal(day), datetime.time(), datetime.UTC)
    return midnight + datetime.timedelta(seconds=seconds)


def _follows(measure: str, node: nodes.Example, events: Sequence[nodes.GivenEvent]) -> bool:
    if measure == "time":
        return node.at is not None
    return measure in ("date", "weekday", "working day") or bool(events)


def _this(policy: TypedPolicy, given: Mapping[str, Grid | Absent]) -> dict[str, Grid]:
    """The facts that events are compared with; one that the example does not give is the same in all of them."""
    values: dict[str, Grid] = {}
    for name in dict.fromkeys(fact for event in policy.events.values() for _, fact in event.same.values()):
        fact = policy.facts[name]
        value = given.get(name, fact.usually)
        values[name] = _some_value(fact) if value is None or isinstance(value, Absent) else value
    return values


def _some_value(fact: Fact) -> Grid:
    match fact.kind.storage:
        case Storage.FLAG:
            return False
        case Storage.TEXT:
            return "this"
        case Storage.NAME if not fact.ordered:
            return fact.names[0]
        case _:
            return fact.low


def _history(
    events: Sequence[nodes.GivenEvent],
    decision: datetime.datetime,
    policy: TypedPolicy,
    values_of_case: Mapping[str, Grid],
    scope: Scope,
) -> Iterator[dict[str, object] | None]:
    """The events as a case holds them; None for one in which something is wrong."""
    for node in events:
        event = policy.events.get(node.event.text)
        if event is None:
            report_unknown_event(node.event, policy.events, scope)
            yield None
            continue
        number = 1 if node.number is None else cast(Decimal, node.number.value)
        day = day_of(node.on, scope)
        attributes = _attributes(node, event, values_of_case, scope)
        if number not in range(1, _MOST + 1):
            scope.report_at(
                node.span,
                code="bad-example",
                message=f"so many events cannot be given: {number}",
                help=f"give a whole number from 1 to {_MOST:,}",
            )
            yield None
        elif day is None or attributes is None:
            yield None
        else:
            seconds = 0 if node.at is None or node.at.kind == "bad" else cast(int, node.at.value)
            midnight = datetime.datetime.combine(datetime.date.fromordinal(day), datetime.time(), datetime.UTC)
            at = midnight + datetime.timedelta(seconds=seconds)
            if at > decision:
                scope.report_at(
                    node.span,
                    code="bad-example",
                    message="this event comes after the decision of the example",
                    help="choose a later day, or a later time after `at`, for the decision before `expect`",
                )
                yield None
                continue
            record = {"event": event.name, "at": at, **attributes}
            yield from [record] * int(number)


def _attributes(
    node: nodes.GivenEvent, event: Event, values_of_case: Mapping[str, Grid], scope: Scope
) -> dict[str, object] | None:
    """The attributes of an event as a case holds them: given, or the case's own, or usual."""
    by_name: dict[str, GridValue | Absent] = {}
    same = {attribute: values_of_case[fact] for attribute, fact in event.same.values()}
    sound = True
    for part in node.attributes:
        attribute = event.attributes.get(part.fact.text)
        if attribute is None:
            report_unknown_attribute(part.fact, event, scope)
            sound = False
            continue
        if attribute.name in by_name:
            scope.report_at(
                part.fact.span,
                code="bad-example",
                message=f"`{attribute.name}` is given twice",
                help="give each attribute once",
            )
            sound = False
            continue
        value = given_value(attribute, part.value, scope)
        sound = sound and value is not None
        by_name[attribute.name] = value
    for attribute in event.attributes.values():
        if attribute.name not in by_name:
            by_name[attribute.name] = same.get(attribute.name, attribute.usually)
            if by_name[attribute.name] is None and not attribute.optional:
                scope.report_at(
                    node.span,
                    code="bad-example",
                    message=f"`{event.name}` has a `{attribute.name}`, and this example does not give it",
                    help=f"write `{attribute.name} ...`, or declare what it usually is",
                )
                sound = False
    if not sound:
        return None
    return _held(event.attributes, by_name)


def _held(facts: Mapping[str, Fact], values: Mapping[str, GridValue | Absent]) -> dict[str, object]:
    """Values as a case holds them, which leaves out what is unknown."""
    return {
        name: value_json(facts[name], None if isinstance(value, Absent) else value)
        for name, value in values.items()
        if value is not None and value is not Absent.UNKNOWN
    }
