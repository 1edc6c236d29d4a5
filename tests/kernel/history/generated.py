"""Vocabularies with events that Hypothesis makes, and histories of them.

What follows from a history is counted a second time by the second evaluator of the JSON form.
"""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import strategies
from attrs import evolve, frozen
from hypothesis import strategies as st
from moments import MOMENTS, ZONES, moment_text
from second_evaluator import Evaluator
from strategies import Absent, Drawing, Fact, Value

KINDS = ("choice", "flag", "text", "code", "order", "count", "money", "date", "number")
WINDOWS = (
    *("days", "since", "hours", "minutes", "since", "week", "month", "quarter", "ever", "months", "at least"),
    *("between", "since day", "since day", "working days", "working days", "between", "at least"),
)
MEASURES = (
    *("count", "count", "any", "days since", "sum", "sum", "days since first", "last", "first"),
    *("days with", "days in a row", "working days since"),
)
SUMMED = ("count", "money", "number")
OF_ONE = (*SUMMED, "date")
OF_DAYS = ("days since", "days since first", "working days since")
OF_DATES = ("days with", "days in a row")
OF_WINDOW = ("count", "any", "sum", *OF_DATES)


HOLIDAYS = ("2011-12-30", "2024-02-29", "2025-12-31", "2026-03-06", "2026-03-30")
OFFICE = (
    f"calendar office covers 2000-01-01 to 2030-12-31\n  weekend saturday, sunday\n  holidays {', '.join(HOLIDAYS)}"
)


@frozen
class Selection:
    """Those events of a name that are meant, as a text."""

    event: str
    text: str


@frozen
class Derived:
    """A derived fact. `window` is one of `WINDOWS`; `number` is how many days, hours or months it has, and `least` how
    many days ago `between` ends. `attribute` is what is summed, or taken of the last or first event."""

    name: str
    measure: str
    events: Selection
    window: str
    number: int
    anchor: Selection | None
    optional: bool
    least: int = 0
    attribute: Fact | None = None
    begins: Fact | None = None
    """The fact with whose date the window begins, if it is no later."""

    @property
    def none(self) -> bool:
        """Whether it may be none, and so is never missing."""
        return self.measure in (*OF_DAYS, "last", "first")

    @property
    def text(self) -> str:
        if self.measure in OF_DAYS:
            days = "working days of office" if self.measure == "working days since" else "days"
            which = "first" if self.measure == "days since first" else "last"
            return f"fact {self.name} {days} since {which} {self.events.text}"
        its = self.attribute.name if self.attribute else ""
        if self.none:
            return f"fact {self.name} {its} of {self.measure} {self.events.text}"
        windows = {
            "days": f"in last {self.number} days",
            "hours": f"in last {self.number} hours",
            "working days": f"in last {self.number} working days of office",
            "minutes": f"in last {self.number} minutes",
            "months": f"in last {self.number} months",
            "at least": f"at least {self.number} days ago",
            "between": f"between {self.least} and {self.least + self.number} days ago",
        }
        of = {"any": "any", "days with": "days with", "days in a row": "days in a row with"}.get(
            self.measure, f"{self.measure} of"
        )
        optional = " optional" if self.optional else ""
        event = self.events.event
        events = f"{event}.{its}{self.events.text.removeprefix(event)}" if its else self.events.text
        parts = [] if self.window in ("since", "since day") else [windows.get(self.window, self.span)]
        parts += [] if self.begins is None else [f"since {self.begins.name}"]
        parts += [] if self.anchor is None else [f"since last {self.anchor.text}"]
        return f"fact {self.name} {of} {events} {' and '.join(parts)}{optional}"

    @property
    def most_days(self) -> int:
        """A number of days that may be in the window, or in a row in it."""
        of_row = self.measure == "days in a row"
        days = {
            "days": self.number - of_row,
            "between": self.number + 1 - (of_row and self.least == 0),
            "hours": 2,
            "minutes": 2,
        }
        return max(days.get(self.window, 4), 1)

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
    """What a case says: `facts` are those that events are compared with."""

    events: Sequence[Happened]
    facts: Mapping[str, Value]
    known_from: datetime.date | None
    at: datetime.datetime
    zone: ZoneInfo


@frozen
class Vocabulary:
    """Events with their attributes, the facts that these are compared with, or windows begin with, and what is
    derived."""

    events: Mapping[str, Sequence[Fact]]
    facts: Sequence[Fact]
    derived: Sequence[Derived]
    compared: Mapping[str, str]
    """By an attribute, the fact that it is compared with."""

    @property
    def text(self) -> str:
        lines = [OFFICE] * any("working" in one.window + one.measure for one in self.derived)
        lines += [fact.declaration for fact in self.facts]
        for name, attributes in self.events.items():
            lines.append(f"event {name}")
            lines += [f"  has{attribute.declaration.removeprefix('fact')}" for attribute in attributes]
        return "\n".join([*lines, *[one.text for one in self.derived]]) + "\n"


# Drawing


def _same(attribute: Fact, fact: Fact, sign: str, negated: bool) -> str:
    if sign == "=":
        return f"{attribute.name} is {'not ' if negated else ''}this {fact.name}"
    return f"{'not ' if negated else ''}{attribute.name} {sign} this {fact.name}"


def _selection(drawing: Drawing, name: str, attributes: Sequence[Fact], pairs: Mapping[str, Fact]) -> Selection:
    if drawing.chance(20):
        return Selection(name, name)
    where = strategies.condition(drawing, attributes, (), (), drawing.number(0, 2))
    compared = [attribute for attribute in attributes if attribute.name in pairs]
    if compared and drawing.chance(60):
        attribute = drawing.pick(compared)
        signs = ("=",) if attribute.kind in ("choice", "flag", "text", "code") else ("=", "<", "<=", ">", ">=")
        same = _same(attribute, pairs[attribute.name], drawing.pick(signs), drawing.chance(20))
        return Selection(name, f"{name} where {where.within(1)} {drawing.pick(('and', 'or'))} {same}")
    return Selection(name, f"{name} where {where.text}")


@st.composite
def vocabularies(draw: st.DrawFn) -> Vocabulary:
    """One or two events, and some facts derived from them."""
    drawing = Drawing(draw)
    events: dict[str, list[Fact]] = {}
    pairs: dict[str, Fact] = {}
    date = strategies.some_fact(drawing, "date", False, None, described=False)
    for name in ("touch", "payment")[: drawing.number(1, 2)]:
        attributes = []
        for _ in range(drawing.number(1, 4)):
            attribute = strategies.some_fact(drawing, drawing.pick(KINDS), False, None, described=False)
            attributes.append(attribute)
            if drawing.chance(50):
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
        measure = drawing.pick(MEASURES)
        fitting = {"sum": SUMMED, "last": OF_ONE, "first": OF_ONE}.get(measure, ())
        attributes = [its for its in events[selections[0].event] if its.kind in fitting]
        if fitting and not attributes:
            measure = "count"
        of_window = measure in OF_WINDOW
        window = "ever" if window == "since day" and not of_window else window
        derived.append(
            Derived(
                name=f"derived_{number}",
                measure=measure,
                events=selections[0],
                window=window,
                number=drawing.pick((1, 2, 3) if window == "months" else (1, 2, 7, 24, 30, 168)),
                anchor=selections[1] if window == "since" or (of_window and drawing.chance(50)) else None,
                begins=date if window == "since day" or (of_window and drawing.chance(35)) else None,
                optional=of_window and drawing.chance(60),
                least=drawing.pick((0, 1, 7)),
                attribute=drawing.pick(attributes) if attributes else None,
            )
        )
    facts = [*pairs.values(), *[date] * any(one.begins for one in derived)]
    return Vocabulary(events, tuple(facts), tuple(derived), {name: fact.name for name, fact in pairs.items()})


def drawn(vocabulary: Vocabulary, generator: random.Random) -> Case:
    """A case: a moment near a change of the clocks or an end of a year, and events before it, some at midnight."""
    zone = ZoneInfo(generator.choice(ZONES))
    at = datetime.datetime.fromisoformat(generator.choice(MOMENTS)).replace(tzinfo=datetime.UTC)
    at += datetime.timedelta(minutes=generator.choice([0, 1, 30, 719, 1440, generator.randint(-3000, 3000)]))
    facts = {fact.name: generator.choice(strategies.fact_values(fact)) for fact in vocabulary.facts}
    for fact in [one.begins for one in vocabulary.derived if one.begins]:
        near = at.astimezone(zone).toordinal() - generator.choice([-3, -1, 0, 1, 7, generator.randint(0, 40)])
        if isinstance(facts[fact.name], int) and fact.low <= near <= fact.high and generator.random() < 0.8:
            facts[fact.name] = near
    happened = []
    for _ in range(generator.choice([0, 1, 2, 5, 12])):
        back = generator.choice([0, 1, 60, 24 * 60, 7 * 24 * 60, generator.randint(0, 40 * 24 * 60)])
        moment = at - datetime.timedelta(minutes=back)
        if generator.random() < 0.4:
            midnight = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
            moment = min(at, midnight.astimezone(datetime.UTC) + datetime.timedelta(seconds=generator.choice([-1, 0])))
        name = generator.choice(list(vocabulary.events))
        values = {fact.name: generator.choice(strategies.fact_values(fact)) for fact in vocabulary.events[name]}
        for attribute in [its for its in values if its in vocabulary.compared and generator.random() < 0.4]:
            values[attribute] = facts[vocabulary.compared[attribute]]
        happened.append(Happened(name, moment, values))
    known = generator.choice([None, None, generator.randint(0, 40), generator.randint(0, 3)])
    return Case(
        happened,
        facts,
        None if known is None else at.astimezone(zone).date() - datetime.timedelta(days=known),
        at,
        zone,
    )


def completed(case: Case, vocabulary: Vocabulary, generator: random.Random) -> Case:
    """A case of which this one may be a part: nothing is unknown, and more happened before the known days."""

    def whole(fact: Fact, value: Value) -> Value:
        if value is not Absent.UNKNOWN:
            return value
        return generator.choice([one for one in strategies.fact_values(fact) if one is not Absent.UNKNOWN])

    happened = [
        evolve(event, attributes={fact.name: whole(fact, event.attributes[fact.name]) for fact in facts})
        for event in case.events
        for facts in [vocabulary.events[event.event]]
    ]
    if case.known_from is not None:
        start = datetime.datetime.combine(case.known_from, datetime.time(), case.zone).astimezone(datetime.UTC)
        for _ in range(generator.choice([0, 1, 2, 6])):
            name = generator.choice(list(vocabulary.events))
            back = generator.choice([1, 3600, 86_400, generator.randint(1, 40 * 86_400)])
            attributes = {
                fact.name: whole(fact, generator.choice(strategies.fact_values(fact)))
                for fact in vocabulary.events[name]
            }
            happened.append(Happened(name, start - datetime.timedelta(seconds=back), attributes))
    facts = {fact.name: whole(fact, case.facts[fact.name]) for fact in vocabulary.facts}
    return Case(happened, facts, None, case.at, case.zone)


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


def as_json(raw: Any) -> Any:
    """A case as another program has it."""
    return json.loads(json.dumps(raw, default=str))


def counted(evaluator: Evaluator, raw: Any, at: datetime.datetime) -> Any:
    """The facts of a case as it gives them outright, which the second evaluator counts. Raises `Refused`."""
    [(facts, _)] = evaluator.events.readings(as_json(raw), None, at.isoformat())
    return facts
