"""Vocabularies with events that Hypothesis makes, histories of them, and what follows by hand.

What is derived is counted a second time here, with unknown attributes (Kleene's logic), over the days that `counter`
lists. Conditions come from `strategies`, which knows their truth.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

import counter
import strategies
from attrs import evolve, field, frozen
from counter import NONE, UNKNOWN
from hypothesis import strategies as st
from moments import MOMENTS, ZONES, moment_text
from strategies import FALSE, OPEN, TRUE, Absent, Condition, Drawing, Fact, Value

KINDS = ("choice", "flag", "text", "code", "order", "count", "money", "date", "number")
WINDOWS = ("days", "since", "hours", "since", "week", "month", "ever")


@frozen
class Selection:
    """Those events of a name that are meant: `truth` is asked with the attributes and the facts of the case."""

    event: str
    text: str
    truth: Callable[[Mapping[str, Value]], int] = field(eq=False)


@frozen
class Derived:
    """A derived fact. `window` is `days`, `hours`, `week`, `month`, `since` or `ever`; `number` is how many days or
    hours it has."""

    name: str
    measure: str
    events: Selection
    window: str
    number: int
    anchor: Selection | None
    optional: bool

    @property
    def text(self) -> str:
        if self.measure == "days since":
            return f"fact {self.name} days since last {self.events.text}"
        windows = {
            "days": f"in last {self.number} days",
            "hours": f"in last {self.number} hours",
            "since": f"since last {self.anchor.text if self.anchor else ''}",
        }
        of = "any" if self.measure == "any" else "count of"
        optional = " optional" if self.optional else ""
        return f"fact {self.name} {of} {self.events.text} {windows.get(self.window, self.span)}{optional}"

    @property
    def span(self) -> str:
        return "ever" if self.window == "ever" else f"this {self.window}"


@frozen
class Happened:
    """An event of a history: its attributes are those of the model."""

    event: str
    at: datetime.datetime
    attributes: Mapping[str, Value]


@frozen
class Case:
    """What a case says, and the same by hand: `facts` are those that events are compared with."""

    events: Sequence[Happened]
    facts: Mapping[str, Value]
    known_from: datetime.date | None
    at: datetime.datetime
    zone: ZoneInfo

    def days(self, span: str, number: int) -> list[datetime.date] | None:
        return counter.window(counter.Case([], self.known_from, self.at, self.zone), span, number)

    def day(self, one: Happened) -> datetime.date:
        return one.at.astimezone(self.zone).date()


@frozen
class Vocabulary:
    """Events with their attributes, the facts that these are compared with, and what is derived."""

    events: Mapping[str, Sequence[Fact]]
    facts: Sequence[Fact]
    derived: Sequence[Derived]

    @property
    def text(self) -> str:
        lines = [fact.declaration for fact in self.facts]
        for name, attributes in self.events.items():
            lines.append(f"event {name}")
            lines += [f"  has{attribute.declaration.removeprefix('fact')}" for attribute in attributes]
        return "\n".join([*lines, *[one.text for one in self.derived]]) + "\n"


# Counting by hand


def value(one: Derived, case: Case) -> int | bool | str:
    """What follows from the events of a case: a number, whether there is one, none, or unknown."""
    known = [event for event in case.events if case.known_from is None or case.day(event) >= case.known_from]
    if one.measure == "days since":
        certain = [case.day(event) for event in known if _truth(one.events, event, case) == TRUE]
        perhaps = [case.day(event) for event in known if _truth(one.events, event, case) == OPEN]
        if perhaps and (not certain or max(perhaps) > max(certain)):
            return UNKNOWN
        if not certain:
            return NONE if case.known_from is None else UNKNOWN
        return (case.at.astimezone(case.zone).date() - max(certain)).days
    within = _within(one, case, known)
    if within is None:
        return UNKNOWN
    truths = [_truth(one.events, event, case) for event in within]
    if OPEN in truths:
        return UNKNOWN
    return truths.count(TRUE) > 0 if one.measure == "any" else truths.count(TRUE)


def _within(one: Derived, case: Case, known: Sequence[Happened]) -> Sequence[Happened] | None:
    """The events of a window; None where it is unknown which they are."""
    if one.window == "since":
        assert one.anchor is not None
        certain = [event.at for event in known if _truth(one.anchor, event, case) == TRUE]
        perhaps = [event.at for event in known if _truth(one.anchor, event, case) == OPEN]
        if perhaps and (not certain or max(perhaps) > max(certain)):
            return None
        if not certain:
            return known if case.known_from is None else None
        return [event for event in known if event.at > max(certain)]
    if one.window == "hours":
        start = case.at - datetime.timedelta(hours=one.number)
        if case.known_from is not None and start.astimezone(case.zone).date() < case.known_from:
            return None
        return [event for event in case.events if event.at >= start]
    days = case.days(one.window, one.number)
    if days is None:
        return case.events if case.known_from is None else None
    if case.known_from is not None and min(days) < case.known_from:
        return None
    return [event for event in case.events if case.day(event) in days]


def _truth(selection: Selection, event: Happened, case: Case) -> int:
    if event.event != selection.event:
        return FALSE
    return selection.truth({**case.facts, **event.attributes})


# Drawing


def _same(attribute: Fact, fact: Fact, negated: bool) -> Condition:
    def truth(values: Mapping[str, Value]) -> int:
        mine, other = values[attribute.name], values[fact.name]
        if Absent.UNKNOWN in (mine, other):
            return OPEN
        same = mine == other and not isinstance(mine, Absent)
        return TRUE if same != negated else FALSE

    return Condition(f"{attribute.name} is {'not ' if negated else ''}this {fact.name}", 0, truth)


def _selection(drawing: Drawing, name: str, attributes: Sequence[Fact], pairs: Mapping[str, Fact]) -> Selection:
    if drawing.chance(20):
        return Selection(name, name, lambda values: TRUE)
    parts = [strategies.condition(drawing, attributes, (), (), drawing.number(0, 2))]
    compared = [attribute for attribute in attributes if attribute.name in pairs]
    if compared and drawing.chance(60):
        attribute = drawing.pick(compared)
        parts.append(_same(attribute, pairs[attribute.name], drawing.chance(20)))
    where = parts[0] if len(parts) == 1 else drawing.pick((strategies.conjunction, strategies.disjunction))(parts)
    return Selection(name, f"{name} where {where.text}", where.truth)


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    """One or two events, and some facts derived from them."""
    drawing = Drawing(draw)
    events: dict[str, list[Fact]] = {}
    pairs: dict[str, Fact] = {}
    for name in ("touch", "payment")[: drawing.number(1, 2)]:
        attributes = []
        for _ in range(drawing.number(1, 4)):
            attribute = strategies.some_fact(drawing, drawing.pick(KINDS), False, None, described=False)
            attributes.append(attribute)
            if drawing.chance(30):
                other = drawing.name("fact")
                declaration = attribute.declaration.replace(f"fact {attribute.name} ", f"fact {other} ", 1)
                pairs[attribute.name] = evolve(attribute, name=other, declaration=declaration)
        events[name] = attributes
    derived = []
    for number in range(drawing.number(1, 5)):
        selections = [
            _selection(drawing, name, events[name], pairs) for name in (drawing.pick(tuple(events)) for _ in range(2))
        ]
        window = drawing.pick(WINDOWS)
        measure = drawing.pick(("count", "count", "any", "days since"))
        derived.append(
            Derived(
                name=f"derived_{number}",
                measure=measure,
                events=selections[0],
                window=window,
                number=drawing.pick((1, 2, 7, 24, 30, 168)),
                anchor=selections[1] if window == "since" else None,
                optional=measure != "days since" and drawing.chance(60),
            )
        )
    return Vocabulary(events, tuple(pairs.values()), tuple(derived))


def drawn(vocabulary: Vocabulary, generator: random.Random) -> Case:
    """A case: a moment near a change of the clocks or an end of a year, and events before it, some at midnight."""
    zone = ZoneInfo(generator.choice(ZONES))
    at = datetime.datetime.fromisoformat(generator.choice(MOMENTS)).replace(tzinfo=datetime.UTC)
    at += datetime.timedelta(minutes=generator.choice([0, 1, 30, 719, 1440, generator.randint(-3000, 3000)]))
    happened = []
    for _ in range(generator.choice([0, 1, 2, 5, 12])):
        back = generator.choice([0, 1, 60, 24 * 60, 7 * 24 * 60, generator.randint(0, 40 * 24 * 60)])
        moment = at - datetime.timedelta(minutes=back)
        if generator.random() < 0.4:
            midnight = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
            moment = min(at, midnight.astimezone(datetime.UTC) + datetime.timedelta(seconds=generator.choice([-1, 0])))
        name = generator.choice(list(vocabulary.events))
        values = {fact.name: generator.choice(strategies.fact_values(fact)) for fact in vocabulary.events[name]}
        happened.append(Happened(name, moment, values))
    known = generator.choice([None, None, generator.randint(0, 40), generator.randint(0, 3)])
    return Case(
        happened,
        {fact.name: generator.choice(strategies.fact_values(fact)) for fact in vocabulary.facts},
        None if known is None else at.astimezone(zone).date() - datetime.timedelta(days=known),
        at,
        zone,
    )


def written(case: Case, vocabulary: Vocabulary, generator: random.Random) -> dict[str, object]:
    """The case as `decide` takes it: events in any order and form, some of them twice under one id."""
    records: list[dict[str, object]] = []
    for number, event in enumerate(case.events):
        record: dict[str, object] = {"event": event.event, "at": moment_text(event.at, case.zone, generator)}
        facts = {fact.name: fact for fact in vocabulary.events[event.event]}
        record |= strategies.written(facts, event.attributes, generator)
        if generator.random() < 0.3:
            record["id"] = generator.choice([number, f"id {number}"])
            records += [dict(record)] * generator.choice([0, 0, 1])
        records.append(record)
    generator.shuffle(records)
    facts = {fact.name: fact for fact in vocabulary.facts}
    return {
        **strategies.written(facts, case.facts, generator),
        "history": records,
        "history_from": "opening" if case.known_from is None else case.known_from.isoformat(),
        "zone": str(case.zone),
    }
