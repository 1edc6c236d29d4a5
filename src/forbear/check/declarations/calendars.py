"""Calendars as written to typed ones: which days are worked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from forbear.base.source import Place
from forbear.check.conditions.values import day_of
from forbear.check.declarations.settings import Declared
from forbear.check.scope import Scope
from forbear.kernel.history.moments import WEEKDAYS, CalendarSpec
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name

_MOST_DAYS = 100 * 366
"""The days that a calendar may cover."""


def calendars_of(statements: Iterable[Declared], scope: Scope) -> dict[str, CalendarSpec | None]:
    """The calendars of a vocabulary; None for one in which something is wrong."""
    calendars: dict[str, CalendarSpec | None] = {}
    places: dict[str, Place] = {}
    for module, node in statements:
        if not isinstance(node, nodes.Calendar):
            continue
        name, its_scope = node.name.text, scope.within(module.source)
        if name in calendars:
            its_scope.report_twice(node.name, "calendar", places[name])
            continue
        places[name] = its_scope.place(node.name.span)
        calendars[name] = _calendar(node, its_scope)
    return calendars


def _calendar(node: nodes.Calendar, scope: Scope) -> CalendarSpec | None:
    covers = _span(node.covers, node, scope)
    if covers is None:
        return None
    first, last = covers
    sound = True

    def bad(variant: str, day: str | None = None) -> None:
        nonlocal sound
        sound = False
        scope.report_at(node.name.span, f"bad-fact.{variant}", calendar=node.name.text, day=day)

    if last - first >= _MOST_DAYS:
        bad("calendar-too-long")
        return None
    weekend = []
    for name in node.weekend:
        if name.text in WEEKDAYS:
            weekend.append(WEEKDAYS.index(name.text))
        else:
            sound = False
            scope.report_unknown(name, "unknown-name.day-of-week", WEEKDAYS)
    holidays, working = ({*_listed(days, node, scope)} for days in (node.holidays, node.working))
    for day in sorted(holidays | working):
        if not first <= day <= last:
            bad("day-not-covered", _text(day))
    for day in sorted(holidays & working):
        bad("worked-holiday", _text(day))
    if not sound:
        return None
    return CalendarSpec(
        node.name.text, first, last, tuple(sorted(set(weekend))), tuple(sorted(holidays)), tuple(sorted(working))
    )


def _text(day: int) -> str:
    return date.fromordinal(day).isoformat()


def _listed(spans: Iterable[nodes.Days], node: nodes.Calendar, scope: Scope) -> Iterator[int]:
    for span in spans:
        days = _span(span, node, scope)
        if days is not None and days[1] - days[0] < _MOST_DAYS:
            yield from range(days[0], days[1] + 1)


def _span(days: nodes.Days, node: nodes.Calendar, scope: Scope) -> tuple[int, int] | None:
    first, last = day_of(days.first, scope), day_of(days.last, scope)
    if first is None or last is None:
        return None
    if first > last:
        scope.report_at(days.first.span, "empty-span.calendar", calendar=node.name.text)
        return None
    return first, last


def report_unknown_calendar(name: Name, calendars: Mapping[str, object], scope: Scope) -> None:
    """Reports an unknown calendar."""
    scope.report_unknown(name, "unknown-name.calendar", calendars)
