"""Events and derived facts as written to typed ones: what is counted, and over which days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

from attrs import evolve

from forbear.base.diagnostic import Diagnostic
from forbear.check.conditions.conditions import typed_condition
from forbear.check.conditions.unknown_names import report_unknown_attribute, report_unknown_fact
from forbear.check.conditions.values import on_grid
from forbear.check.declarations.calendars import calendars_of, report_unknown_calendar
from forbear.check.declarations.facts import fact_of
from forbear.check.declarations.settings import Declared
from forbear.check.scope import Scope, parts_of
from forbear.kernel.history.moments import CalendarSpec
from forbear.language.model.conditions import Always
from forbear.language.model.derived import (
    RESERVED_FACTS,
    Derived,
    Event,
    Measure,
    Selection,
    Window,
    compared,
)
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import COUNT, DATE, HOURS, Storage
from forbear.language.model.messages import diagnosis
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name, Value

RESERVED_ATTRIBUTES = frozenset({"event", "id"})
_MOST_DAYS, _MOST_MONTHS = 100_000, 1_200
"""Days or hours, and months, that a window may have."""
_SUMMED = ("money", "number", "count", "days")
_OF_ONE = (Storage.NUMBER, Storage.DATE, Storage.TIME)


def events_of(statements: Iterable[Declared], scope: Scope) -> tuple[dict[str, Event], dict[str, Derived]]:
    """The events of a vocabulary, and how its derived facts are derived from them."""
    written = list(statements)
    derived_facts = [
        (scope.within(module.source), node) for module, node in written if isinstance(node, nodes.DerivedFact)
    ]
    events: dict[str, Event] = {}
    for module, node in written:
        if isinstance(node, nodes.Event) and node.name.text not in events:
            events[node.name.text] = _event(node, scope.within(module.source))
    for its_scope, derived in derived_facts:
        for selection in _selections(derived):
            event = events.get(selection.event.text)
            if event is None:
                report_unknown_event(selection.event, events, its_scope)
            elif selection.where is not None:
                events[event.name] = _with_flags(event, selection.where, its_scope)
    derivations: dict[str, Derived] = {}
    names = {derived.name.text for _, derived in derived_facts}
    calendars = calendars_of(written, scope)
    for its_scope, derived in derived_facts:
        derivation = _derived(derived, events, names, calendars, its_scope)
        if derivation is not None:
            derivations.setdefault(derived.name.text, derivation)
    if events:
        for name in RESERVED_FACTS & scope.words.facts.keys():
            scope.report(diagnosis("bad-fact.reserved", scope.words.facts[name].place, fact=name))
    return events, derivations


def _selections(node: nodes.DerivedFact) -> Iterator[nodes.Events]:
    if node.events is not None:
        yield node.events
    if node.window is not None and node.window.anchor is not None:
        yield node.window.anchor


def _event(node: nodes.Event, scope: Scope) -> Event:
    attributes: dict[str, Fact] = {}
    private_id = False
    for attribute in node.attributes:
        name = attribute.name.text
        place = scope.place(attribute.name.span)
        if _is_private_id(attribute) and not private_id:
            private_id = True
            continue
        if name in attributes:
            scope.report_twice(attribute.name, "attribute", attributes[name].place)
            continue
        if name in RESERVED_ATTRIBUTES:
            scope.report(diagnosis(f"bad-fact.reserved-{'id' if name == 'id' else 'attribute'}", place, attribute=name))
        only_of_facts = {
            "clock": attribute.clock,
            "this day": attribute.this_day,
            "rising with days": attribute.rising,
            "consent": attribute.consent,
        }
        for word in [word for word, there in only_of_facts.items() if there]:
            scope.report(diagnosis("bad-fact.word-of-facts", place, attribute=name, word=word))
        attribute = evolve(attribute, clock=False, this_day=False, rising=False, consent=False)
        attributes[name] = fact_of(attribute, scope)
    return Event(
        node.name.text,
        attributes,
        {},
        {},
        None if node.description is None else node.description.text,
        scope.place(node.name.span),
        private_id,
    )


def _is_private_id(attribute: nodes.Fact) -> bool:
    """Returns true if an attribute only says that the `id`, which every event may have, is private."""
    of_time = (attribute.clock, attribute.this_day, attribute.rising)
    more = (attribute.optional, attribute.or_none, *of_time, attribute.range, attribute.steps, attribute.usually)
    return attribute.private and (attribute.name.text, attribute.type) == ("id", "text") and not any(more)


def _with_flags(event: Event, where: nodes.Condition, scope: Scope) -> Event:
    """The event with a flag for each `debt is this debt` of a condition on it."""
    for node in [part for part in parts_of(where) if isinstance(part, nodes.Same)]:
        attribute = event.attributes.get(node.attribute.text)
        fact = scope.words.facts.get(node.fact.text)
        if attribute is None or fact is None:
            name, known = (
                (node.fact, scope.words.facts) if attribute is not None else (node.attribute, event.attributes)
            )
            scope.report_unknown(
                name,
                "unknown-name.this-fact" if attribute is not None else "unknown-name.this-attribute",
                known,
                event=event.name,
            )
            continue
        if (attribute.kind, attribute.step, attribute.names, attribute.currency) != (
            fact.kind,
            fact.step,
            fact.names,
            fact.currency,
        ):
            scope.report_at(node.span, "wrong-type.this", attribute=attribute.name, event=event.name, fact=fact.name)
            continue
        if node.operator != "=" and not attribute.ordered:
            scope.report_at(
                node.span,
                "not-ordered.this",
                attribute=attribute.name,
                event=event.name,
                fact=fact.name,
                kind=attribute.kind.worded,
            )
            continue
        event = compared(event, attribute, fact, node.operator)
    return event


def _derived(
    node: nodes.DerivedFact,
    events: Mapping[str, Event],
    derived: Collection[str],
    calendars: Mapping[str, CalendarSpec | None],
    scope: Scope,
) -> Derived | None:
    if node.of_decision is not None:
        word = node.of_decision.text
        if word in ("time", "date", "weekday"):
            return Derived(cast(Measure, word))
        scope.report_at(node.of_decision.span, "bad-fact.of-decision", word=word)
        return None
    assert node.measure != "decision"
    if node.of is not None and node.measure == "now within":
        return Derived(node.measure, hours=node.of.text) if _is_hours(node.of, scope) else None
    calendar = None
    if node.calendar is not None:
        calendar = calendars.get(node.calendar.text)
        if node.calendar.text not in calendars:
            report_unknown_calendar(node.calendar, calendars, scope)
    of = None if node.of is None else node.of.text
    and_events = events if node.calendar is not None else ()
    if (node.of and not _is_date(node.of, and_events, derived, scope)) or (node.calendar and calendar is None):
        return None
    if node.events is None:
        return Derived(node.measure, of=of, calendar=calendar)
    selection = _selection(node.events, events, scope)
    window = None if node.window is None else _window(node.window, events, derived, calendars, scope)
    if selection is None or (node.window is not None and window is None):
        return None
    if node.attribute is not None and not _has_attribute(node, node.attribute, events[selection.event], scope):
        return None
    attribute = None if node.attribute is None else node.attribute.text
    return Derived(node.measure, selection, window or Window("ever"), attribute, calendar=calendar)


def _is_date(name: Name, events: Collection[str], derived: Collection[str], scope: Scope) -> bool:
    """Returns true if an age may follow from a fact: from a date that the case gives. Reports the fact otherwise; the
    author may have meant one of `events`.
    """
    fact = scope.words.facts.get(name.text)
    if fact is None and name.text in events:
        scope.report_at(name.span, "bad-fact.event-for-date", event=name.text)
    elif fact is None:
        report_unknown_fact(name, scope)
    elif fact.kind is not DATE:
        scope.report_at(name.span, "bad-fact.no-date", fact=name.text, kind=fact.kind.worded)
    elif name.text in derived:
        scope.report_at(name.span, "bad-fact.derived-date", fact=name.text)
    else:
        return True
    return False


def _is_hours(name: Name, scope: Scope) -> bool:
    fact = scope.words.facts.get(name.text)
    if fact is None:
        report_unknown_fact(name, scope)
    elif fact.kind is not HOURS:
        scope.report_at(name.span, "bad-fact.no-hours", fact=name.text, kind=fact.kind.worded)
    else:
        return True
    return False


def _has_attribute(node: nodes.DerivedFact, name: Name, event: Event, scope: Scope) -> bool:
    """Returns true if an attribute can be summed, or taken of one event."""
    attribute = event.attributes.get(name.text)
    if attribute is None:
        report_unknown_attribute(name, event, scope)
        return False
    about = {"attribute": name.text, "event": event.name, "kind": attribute.kind.worded}
    if node.measure == "sum" and attribute.kind.word not in _SUMMED:
        scope.report_at(name.span, "bad-fact.no-sum", **about, types=[*_SUMMED])
        return False
    if node.measure != "sum" and attribute.kind.storage not in _OF_ONE:
        scope.report_at(name.span, "bad-fact.not-of-one", **about)
        return False
    return True


def _selection(node: nodes.Events, events: Mapping[str, Event], scope: Scope) -> Selection | None:
    event = events.get(node.event.text)
    if event is None:
        return None
    if node.where is None:
        return Selection(event.name, Always())
    of_event = scope.knowing(facts=event.facts, definitions={}, clock=None, declares_itself=True, of_event=event)
    where = typed_condition(node.where, of_event)
    return None if where is None else Selection(event.name, where)


def _window(
    node: nodes.Window,
    events: Mapping[str, Event],
    derived: Collection[str],
    calendars: Mapping[str, CalendarSpec | None],
    scope: Scope,
) -> Window | None:
    calendar = None if node.calendar is None else calendars.get(node.calendar.text)
    if node.calendar is not None and node.calendar.text not in calendars:
        report_unknown_calendar(node.calendar, calendars, scope)
    anchor = None if node.anchor is None else _selection(node.anchor, events, scope)
    if (node.of and not _is_date(node.of, events, derived, scope)) or (node.anchor and anchor is None):
        return None
    if node.calendar is not None and calendar is None:
        return None
    of = None if node.of is None else node.of.text
    if node.number is None:
        return Window(node.word, 0, anchor, 0, of)
    number = _window_number(node, node.number, 0 if node.word == "between" else 1, scope)
    least = 0 if node.least is None else _window_number(node, node.least, 0, scope)
    if number is None or least is None:
        return None
    if least > number:
        scope.report_at(node.span, "empty-span.window")
        return None
    return Window(node.word, number, anchor, least, of, calendar)


def _window_number(node: nodes.Window, value: Value, fewest: int, scope: Scope) -> int | None:
    most = _MOST_MONTHS if node.word == "months" else _MOST_DAYS
    unit = "days" if node.word in ("at least", "between") else node.word
    minutes: Decimal | None = None
    if node.word == "hours" and not isinstance(value, Name) and isinstance(value.value, Decimal):
        minutes = value.value * 60
        if minutes <= 0 or not minutes % 60 or minutes % 1:
            minutes = None

    def about(diagnostic: Diagnostic) -> Diagnostic:
        if diagnostic.code == "unknown-name":
            return evolve(diagnostic, help="write a number such as `7`, or the name of a setting")
        bounds: dict[str, Any] = {"unit": unit, "fewest": fewest, "most": most, "minutes": minutes and f"{minutes:.0f}"}
        example = _WRITTEN.get(node.word, _LAST)
        return diagnosis("bad-fact.window", diagnostic.place, **bounds, example=example, related=diagnostic.related)

    count = Fact(name="number", kind=COUNT, low=fewest, high=most, place=scope.place(node.span))
    return cast(
        "int | None", on_grid(count, value, scope.reporting(lambda diagnostic: scope.report(about(diagnostic))))
    )


_LAST = "`in last 7 days`"
_WRITTEN = {
    "working days": "`in last 3 working days of CALENDAR`",
    "months": "`in last 3 months`",
    "hours": "`in last 24 hours`",
    "minutes": "`in last 30 minutes`",
    "at least": "`at least 7 days ago`",
    "between": "`between 7 and 30 days ago`",
}


def report_unknown_event(name: Name, events: Mapping[str, Event], scope: Scope) -> None:
    scope.report_unknown(name, "unknown-name.event", events)
