"""Derived facts: derived from events, for example by counting them, or from the moment of the decision."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import evolve, frozen

from forbear.base.source import Place
from forbear.kernel.history.moments import CalendarSpec
from forbear.language.model.conditions import Condition, facts_in
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import FLAG
from forbear.language.model.read_only import read_only
from forbear.language.syntax.nodes import MeasureWord, WindowWord

Measure: TypeAlias = MeasureWord | Literal["time", "date", "weekday"]
RESERVED_FACTS = frozenset({"history", "history_from", "zone"})
"""Names in a case that give the history. In a policy with events no fact may have them."""
ALWAYS = 10**15
"""More days ago than any event was."""


@frozen(field_transformer=read_only)
class Event:
    """A kind of event. `same` maps each flag `debt is this debt` or `amount >= this due` to the attribute and the fact
    of the case that it compares, and to the sign. With `private_id` the ids of events are hidden, as private attributes
    are."""

    name: str
    attributes: Mapping[str, Fact]
    same: Mapping[str, tuple[str, str, str]]
    flags: Mapping[str, Fact]
    description: str | None
    place: Place
    private_id: bool = False

    @property
    def hides(self) -> bool:
        """Whether its id or an attribute is private."""
        return self.private_id or any(attribute.private for attribute in self.attributes.values())

    @property
    def facts(self) -> Mapping[str, Fact]:
        """The facts that a condition on an event may read: its attributes, and then its flags."""
        return MappingProxyType({**self.attributes, **self.flags})


@frozen
class Selection:
    """The events of a kind for which a condition holds."""

    event: str
    where: Condition


@frozen
class Window:
    """The window of events that count: those of the last `number` days, working days of a calendar, hours, minutes or
    months, of this week, month or quarter, or all; or those of `at least` `number` days ago, or `between` `least` and
    `number` days ago. Of these, only those since the last event of the `anchor` and since the date in the fact `of`, if
    there are such: `since` has nothing else.
    """

    span: WindowWord
    number: int = 0
    anchor: Selection | None = None
    least: int = 0
    of: str | None = None
    calendar: CalendarSpec | None = None

    @property
    def minutes(self) -> int:
        """The length of a window of hours or minutes; 0 for one that begins with a day."""
        return {"hours": 60 * self.number, "minutes": self.number}.get(self.span, 0)

    @property
    def lies_in(self) -> tuple[int, int]:
        """Returns the fewest and the most days ago that its events may have been.

        A day has 23 hours or more, except for a day that a place skipped when it moved across the date line.
        """
        match self.span:
            case "days":
                return 0, self.number - 1
            case "hours" | "minutes":
                return 0, self.minutes // (23 * 60) + 2
            case "months":
                return 0, 31 * self.number - 1
            case "week":
                return 0, 6
            case "month":
                return 0, 30
            case "quarter":
                return 0, 91
            case "at least":
                return self.number, ALWAYS
            case "between":
                return self.least, self.number
            case _:
                return 0, ALWAYS


@frozen
class Derived:
    """How a fact is derived. `events` and `window` are None if it is derived from the moment of the decision.

    `attribute` is that of the events which a `sum` adds up, or which is taken of the `last` or `first` of them. An age
    (`years since`, `months since`, `days until`, and `working days since` without events) follows from the date that
    the fact `of` is. `working day`, `holiday` and `working days since` go by a `calendar`. `now within` follows
    from the moment and a fact's weekly `hours`.
    """

    measure: Measure
    events: Selection | None = None
    window: Window | None = None
    attribute: str | None = None
    of: str | None = None
    calendar: CalendarSpec | None = None
    hours: str | None = None

    @property
    def date(self) -> str | None:
        """The date of the case that it follows from, or with which its window begins."""
        return self.window.of if self.of is None and self.window is not None else self.of

    def sources(self, events: Mapping[str, Event]) -> dict[str, None]:
        """Returns the facts of the case from which it follows, in addition to events and the moment."""
        read = [(events[one.event].same, facts_in(one.where)) for one in self.selections]
        compared = [same[flag][1] for same, flags in read for flag in flags if flag in same]
        return dict.fromkeys([name for name in (self.date, self.hours, *compared) if name is not None])

    @property
    def selections(self) -> list[Selection]:
        """The events that it is derived from, and the events since which they are counted."""
        both = [self.events, None if self.window is None else self.window.anchor]
        return [selection for selection in both if selection is not None]

    @property
    def worked(self) -> CalendarSpec | None:
        """The calendar by whose working days it goes: for `holiday of C`, one that works on its holidays alone."""
        if self.window is not None and self.window.calendar is not None:
            return self.window.calendar
        if self.calendar is None or self.measure != "holiday":
            return self.calendar
        return self.calendar._replace(weekend=(*range(7),), holidays=(), working=self.calendar.holidays)

    @property
    def stays(self) -> bool:
        """Whether time alone never changes it: an attribute of one event, or a number without a window that moves."""
        if self.measure in ("count", "any", "sum", "days with"):
            return self.window is not None and self.window.span in ("since", "ever")
        return self.measure in ("last", "first")


def known_in_part(derived: Mapping[str, Derived]) -> frozenset[str]:
    """Returns the derived facts for which a history may show only the least and the greatest possible value."""
    return frozenset(
        [name for name, derivation in derived.items() if derivation.events is not None and derivation.measure != "any"]
    )


def same_name(attribute: str, fact: str, operator: str) -> str:
    """The name of the flag of a comparison with the case. It is the text of the comparison, which no other name is."""
    return f"{attribute} {'is' if operator == '=' else operator} this {fact}"


def compared(event: Event, attribute: Fact, fact: Fact, operator: str) -> Event:
    """The event with a flag for a comparison of an attribute with a fact of the case."""
    name = same_name(attribute.name, fact.name, operator)
    flag = Fact(
        name=name,
        kind=FLAG,
        optional=attribute.optional or fact.optional,
        description=attribute.description,
        place=attribute.place,
        private=attribute.private,
    )
    same = {**event.same, name: (attribute.name, fact.name, operator)}
    return evolve(event, same=same, flags={**event.flags, name: flag})
