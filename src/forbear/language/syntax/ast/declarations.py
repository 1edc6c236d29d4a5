"""Declarations as written: facts, events, actions, groups, ladders, definitions and settings."""

from __future__ import annotations

from typing import Literal as OneOfThese

from attrs import field

from forbear.base.frozen import frozen
from forbear.base.source import Span
from forbear.language.syntax.ast.conditions import Condition
from forbear.language.syntax.ast.parts import Actions, Name, Special, Text, Value

MeasureWord = OneOfThese[
    "count",
    "sum",
    "any",
    "days since",
    "days since first",
    "last",
    "first",
    "years since",
    "months since",
    "days until",
    "working day",
    "working days since",
]
"""How a fact follows from events or from a date."""
WindowWord = OneOfThese["days", "hours", "months", "week", "month", "at least", "between", "since", "ever"]
"""Over which time events count."""


@frozen
class Fact:
    name: Name
    type: str
    """The word of its kind; `choice`, `order` or `code` if it declares its values."""
    values: tuple[Name | Text, ...]
    currency: Name | None
    range: tuple[Value, Value] | None
    steps: Value | None
    optional: bool
    or_none: bool
    clock: bool
    this_day: bool
    rising: bool
    consent: bool
    private: bool
    usually: Value | Special | None
    description: Text | None
    not_so: Text | None
    """What it says where it is not so."""
    span: Span = field(eq=False, repr=False)


@frozen
class Event:
    """Something that happens and is counted. Its attributes are declared as facts are."""

    name: Name
    description: Text | None
    attributes: tuple[Fact, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Events:
    """The events of a name for which a condition on their attributes holds."""

    event: Name
    where: Condition | None
    span: Span = field(eq=False, repr=False)


@frozen
class Window:
    """The time in which events count. `number` goes with days, hours, months, `at least` and `between`, which has the
    lower number in `least`; `anchor` goes with `since last`."""

    word: WindowWord
    number: Value | None
    anchor: Events | None
    least: Value | None
    span: Span = field(eq=False, repr=False)


@frozen
class DerivedFact:
    """A fact that is derived from events, or from the moment of the decision.

    `count`, `sum` and `any` look at `events` in a `window`; `days since`, `days since first`, `last` and `first` at
    the last or first of `events`; an age (`years since`, `months since`, `days until`) follows from the date `of`.
    `attribute` is what is summed, or taken of the last or first. Of the moment it is
    `time`, `date` or `weekday`, as written.
    """

    name: Name
    measure: MeasureWord | OneOfThese["decision"]
    of_decision: Name | None
    of: Name | None
    calendar: Name | None
    attribute: Name | None
    events: Events | None
    window: Window | None
    optional: bool
    private: bool
    usually: Value | Special | None
    description: Text | None
    not_so: Text | None
    span: Span = field(eq=False, repr=False)


@frozen
class Days:
    """A day, or all from the first to the last."""

    first: Value
    last: Value


@frozen
class Calendar:
    """The working days from the first to the last that it covers: all but the weekend and the `holidays`, and the days
    of the weekend that are `working`."""

    name: Name
    source: Text | None
    covers: Days
    weekend: tuple[Name, ...]
    holidays: tuple[Days, ...]
    working: tuple[Days, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Action:
    names: tuple[Name, ...]
    description: Text | None
    span: Span = field(eq=False, repr=False)


@frozen
class Group:
    name: Name
    also: bool
    actions: Actions
    span: Span = field(eq=False, repr=False)


@frozen
class Ladder:
    name: Name
    rungs: tuple[Name, ...]
    rising: tuple[Name, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Define:
    name: Name
    condition: Condition
    description: Text | None
    span: Span = field(eq=False, repr=False)


@frozen
class Setting:
    """`open` leaves it to the policies under a standard. The name of one of a standard is `STANDARD.NAME`."""

    name: Name
    open: bool
    value: Value
    description: Text | None
    span: Span = field(eq=False, repr=False)
