"""Vocabularies with events that Hypothesis makes, histories of them, and what follows by hand.

What is derived is counted a second time here, in every extreme of the histories of which a case may be a part, over
days that are listed one by one; `zoneinfo` alone says what the clocks of a place show. Conditions come from
`strategies`, which knows their truth.
"""

from __future__ import annotations

import datetime
import functools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from zoneinfo import ZoneInfo

import strategies
from attrs import evolve, field, frozen
from hypothesis import strategies as st
from moments import MOMENTS, ZONES, moment_text
from strategies import FALSE, OPEN, TRUE, Absent, Condition, Drawing, Fact, Value

UNKNOWN = "unknown"
NONE = "none"
KINDS = ("choice", "flag", "text", "code", "order", "count", "money", "date", "number")
WINDOWS = (
    *("days", "since", "hours", "minutes", "since", "week", "month", "quarter", "ever", "months", "at least"),
    *("between", "since day", "since day", "working days", "working days", "between", "at least"),
)
MEASURES = (
    *("count", "count", "any", "days since", "sum", "sum", "days since first", "last", "first"),
    *("days with", "days in a row"),
)
SUMMED = ("count", "money", "number")
OF_ONE = (*SUMMED, "date")
OF_DAYS = ("days since", "days since first")
OF_DATES = ("days with", "days in a row")
OF_WINDOW = ("count", "any", "sum", *OF_DATES)


DAY = datetime.timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOLIDAYS = ("2011-12-30", "2024-02-29", "2025-12-31", "2026-03-06", "2026-03-30")
OFFICE = (
    f"calendar office covers 2000-01-01 to 2030-12-31\n  weekend saturday, sunday\n  holidays {', '.join(HOLIDAYS)}"
)


def is_worked(day: datetime.date) -> bool:
    """Whether a day is one of those that the calendar says."""
    return day.weekday() < 5 and str(day) not in HOLIDAYS


def whole_months(day: datetime.date, today: datetime.date) -> int:
    """How many months are complete since a day: the day of the month comes round, or a shorter month ends, so often."""
    found = 0
    while day < today:
        today, later = today - DAY, today
        found += later.day == day.day or ((later + DAY).day == 1 and later.day < day.day)
    return found


@functools.cache
def days_of(today: datetime.date, span: str, number: int) -> list[datetime.date]:
    """The days of a calendar window, the last one first."""
    goes_on: dict[str, Callable[[datetime.date], bool]] = {
        "days": lambda last: (today - last).days + 1 < number,
        "week": lambda last: last.strftime("%A") != "Monday",
        "months": lambda last: whole_months(last - DAY, today) < number,
        "month": lambda last: last.day != 1,
        "quarter": lambda last: (last.month, last.day) not in ((1, 1), (4, 1), (7, 1), (10, 1)),
    }
    days = [today]
    while goes_on[span](days[-1]):
        days.append(days[-1] - DAY)
    return days


@frozen
class Selection:
    """Those events of a name that are meant: `truth` is asked with the attributes and the facts of the case."""

    event: str
    text: str
    truth: Callable[[Mapping[str, Value]], int] = field(eq=False)


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
            which = "first" if self.measure == "days since first" else "last"
            return f"fact {self.name} days since {which} {self.events.text}"
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
    """What a case says, and the same by hand: `facts` are those that events are compared with."""

    events: Sequence[Happened]
    facts: Mapping[str, Value]
    known_from: datetime.date | None
    at: datetime.datetime
    zone: ZoneInfo

    @property
    def today(self) -> datetime.date:
        return self.at.astimezone(self.zone).date()

    def is_within(self, one: Derived, day: datetime.date) -> bool:
        """Whether a day is one of those of a window."""
        ago = (self.today - day).days
        if one.window == "at least":
            return ago >= one.number
        if one.window == "between":
            return one.least <= ago <= one.least + one.number
        if one.window == "working days":
            worked, later = 0, self.today
            while later > day and worked < one.number:
                worked += is_worked(later)
                later -= datetime.timedelta(days=1)
            return worked < one.number
        return one.window == "ever" or day in days_of(self.today, one.window, one.number)

    def day(self, one: Happened) -> datetime.date:
        return one.at.astimezone(self.zone).date()


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
        lines = [OFFICE] * any(one.window == "working days" for one in self.derived)
        lines += [fact.declaration for fact in self.facts]
        for name, attributes in self.events.items():
            lines.append(f"event {name}")
            lines += [f"  has{attribute.declaration.removeprefix('fact')}" for attribute in attributes]
        return "\n".join([*lines, *[one.text for one in self.derived]]) + "\n"


# Counting by hand


OVERFLOW = "overflow"
"""A sum that is out of every range, which is an error of the case."""


@frozen
class Known:
    """What a history leaves in doubt: from `low` to `high` on the grid of an attribute, or none. An end is None where
    there is none."""

    low: int | None
    high: int | None
    none: bool
    of: Fact | None = None

    @property
    def given(self) -> dict[str, object]:
        """As a case gives it outright."""
        found: dict[str, object] = {"or_none": True} if self.none else {}
        found |= {} if self.high is None else {"at_most": on_paper(self.of, self.high)}
        if self.low is None and found:
            return found
        low = self.low if self.low is not None else 0 if self.of is None else self.of.low
        return found | {"at_least": on_paper(self.of, low)}

    def numbers(self, near: Sequence[int]) -> list[int | None]:
        """What it may be: its ends, and what of it is near some numbers."""
        ends = [end for end in (self.low, self.high) if end is not None]
        found = [
            one for one in near if (self.low is None or self.low <= one) and (self.high is None or one <= self.high)
        ]
        return [*ends, *found, *([None] if self.none else [])]


def on_paper(of: Fact | None, number: int) -> object:
    """A value on the grid of an attribute, or a number, as a case gives it."""
    return number if of is None else strategies.given(of, number)


@frozen
class _Certain:
    """An event of one possible history, known in full. `number` is how many of them there are, `amount` what each adds;
    None is none."""

    at: datetime.datetime
    day: datetime.date
    counts: bool
    anchor: bool
    number: int = 1
    amount: int | None = 1


_MANY = 10**15 - 1
_LONG_AGO = datetime.date(1000, 1, 1)


def limits(one: Derived) -> tuple[int | None, int]:
    """The ends of the range of a fact, on its grid."""
    its = one.attribute
    if its is None:
        return None, _MANY
    if one.none:
        return its.low, its.high
    most = int(_MANY / max(its.step, Fraction(1)))
    return (-most if its.low < 0 else None), most


def value(one: Derived, case: Case) -> int | bool | str | Known:
    """What follows from the events of a case: a value, unknown, or what it may be.

    All extremes are tried that the history may be a part of: open events count or do not, others happened before.
    """
    found = {number for history in _possible(one, case) for number in _of_possible(one, case, history)}
    if one.measure == "any":
        return bool(found.pop()) if len({bool(number) for number in found}) == 1 else UNKNOWN
    numbers = [number for number in found if number is not None]
    if not numbers:
        return NONE
    least, most = limits(one)
    if min(numbers) > most or (least is not None and max(numbers) < least):
        return OVERFLOW
    low = None if least is not None and min(numbers) <= least else min(numbers)
    high = None if max(numbers) >= (10**5 if one.measure in OF_DAYS else most) else max(numbers)
    known = Known(low, high, None in found, one.attribute)
    if min(numbers) == max(numbers) and not known.none:
        return min(numbers)
    if high is None and not known.none and (low is None or (least is None and low == 0)):
        return UNKNOWN if not one.none else known
    return known


def _amounts(one: Derived, event: Happened) -> tuple[int | None, int | None]:
    """The least and the greatest that an event adds, or has; None is none."""
    if one.attribute is None or one.events.event != event.event:
        return 1, 1
    its = event.attributes[one.attribute.name]
    if its is Absent.UNKNOWN:
        return one.attribute.low, one.attribute.high
    if its is Absent.NONE:
        return (None, None) if one.none else (0, 0)
    assert isinstance(its, int)
    return its, its


def _possible(one: Derived, case: Case) -> Iterator[list[_Certain]]:
    truths = [_truth(one.events, event, case) for event in case.events]
    anchors = [FALSE if one.anchor is None else _truth(one.anchor, event, case) for event in case.events]
    opened = [number for number, truth in enumerate(truths) if truth == OPEN]
    anchoring: list[set[int]] = [set(), *({number} for number, truth in enumerate(anchors) if truth == OPEN)]
    least, most = (1, 1) if one.attribute is None else (one.attribute.low, one.attribute.high)
    for end in (0, 1):
        amounts = [_amounts(one, event)[end] for event in case.events]
        stronger = {number for number in opened if (amounts[number] or 0) * (1, -1)[end] < 0}
        resolved = [set[int](), set(opened), stronger, set(opened) - stronger] if opened else [set[int]()]
        resolved += [{number} for number in opened] if one.none else []
        for counting in resolved:
            for begins in anchoring:
                known = [
                    _Certain(
                        event.at,
                        case.day(event),
                        truth == TRUE or number in counting,
                        anchor == TRUE or number in begins,
                        amount=amount,
                    )
                    for number, (event, truth, anchor, amount) in enumerate(
                        zip(case.events, truths, anchors, amounts, strict=True)
                    )
                ]
                yield known
                if case.known_from is not None:
                    yield from _with_unseen(one, known, case, case.known_from, (least, most)[end])


def _with_unseen(
    one: Derived, known: list[_Certain], case: Case, known_from: datetime.date, amount: int
) -> Iterator[list[_Certain]]:
    """The history with more before the days of which all events are in it."""
    day = known_from - datetime.timedelta(days=1)
    start = datetime.datetime.combine(known_from, datetime.time(), case.zone).astimezone(datetime.UTC)
    then, later = (start - datetime.timedelta(microseconds=back) for back in (2, 1))
    unseen = _Certain(then, day, True, False, _MANY, amount)
    anchor_unseen = _Certain(later, day, False, True)
    long_ago = evolve(unseen, at=datetime.datetime(1000, 1, 1, tzinfo=datetime.UTC), day=_LONG_AGO)
    if one.measure in OF_DATES:  # something on each day, more of them than any window has days, or for ever
        before = [day - datetime.timedelta(days=back) for back in range(250)]
        each = [evolve(unseen, at=then - (day - one), day=one) for one in before]
        yield [*known, *each]
        yield [*known, *each, anchor_unseen]
        yield [*known, *each, long_ago]
    yield [*known, unseen]
    yield [*known, unseen, anchor_unseen]
    yield [*known, anchor_unseen]
    yield [*known, long_ago]
    if one.window in ("between", "at least"):
        ago = one.least if one.window == "between" else one.number
        inside = min(day, case.today - datetime.timedelta(days=ago))
        end = datetime.datetime.combine(inside + datetime.timedelta(days=1), datetime.time(), case.zone)
        last = min(then, end.astimezone(datetime.UTC) - datetime.timedelta(microseconds=2))
        yield [*known, evolve(unseen, at=last, day=inside)]
    if one.none and one.attribute is not None and one.attribute.absent == "or none":
        yield [*known, evolve(unseen, amount=None)]
        yield [*known, evolve(long_ago, amount=None)]


def _of_possible(one: Derived, case: Case, history: Sequence[_Certain]) -> set[int | None]:
    """The number in one possible history, none of which is in doubt; several where two events are the last."""
    counting = [event for event in history if event.counts]
    if one.measure in OF_DAYS:
        pick = min if one.measure == "days since" else max
        return {pick(((case.today - event.day).days for event in counting), default=None)}
    if one.none:
        end = (max if one.measure == "last" else min)((event.at for event in counting), default=None)
        return {event.amount for event in counting if event.at == end} if counting else {None}
    if one.window in ("since", "since day"):
        within = counting
    elif one.window in ("hours", "minutes"):
        start = case.at - datetime.timedelta(**{one.window: one.number})
        within = [event for event in counting if event.at >= start]
    else:
        within = [event for event in counting if case.is_within(one, event.day)]
    last = max((event.at for event in history if event.anchor and one.anchor), default=None)
    within = [event for event in within if last is None or event.at > last]
    begins = [[event for event in within if day is None or event.day >= day] for day in _first_days(one, case, within)]
    if one.measure in OF_DATES:
        return {_dates(one, case, {event.day for event in its}) for its in begins}
    return {sum(event.number * (event.amount or 0) for event in its) for its in begins}


def _dates(one: Derived, case: Case, days: set[datetime.date]) -> int:
    """How many days there are, or how many in a row up to yesterday, or up to the window's end. Those of a history that
    goes back for ever are many."""
    if one.measure == "days with":
        return _MANY if _LONG_AGO in days else len(days)
    ago = {"at least": one.number, "between": one.least}.get(one.window, 0)
    day, row = case.today - datetime.timedelta(days=max(ago, 1)), 0
    while day in days:
        day, row = day - datetime.timedelta(days=1), row + 1
    return _MANY if _LONG_AGO in days and row >= 250 else row


def _first_days(one: Derived, case: Case, within: Sequence[_Certain]) -> list[datetime.date | None]:
    """The dates with which a window may begin; None is none."""
    if one.begins is None:
        return [None]
    day = case.facts[one.begins.name]
    if day is Absent.UNKNOWN:
        return [None, *[event.day + datetime.timedelta(days=1) for event in within]]
    return [datetime.date.fromordinal(int(day)) if isinstance(day, int) else None]


def _truth(selection: Selection, event: Happened, case: Case) -> int:
    if event.event != selection.event:
        return FALSE
    return selection.truth({**case.facts, **event.attributes})


# Drawing


_SIGNS = {"=": (0,), "<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}
"""By the sign of a comparison, which orders it holds in: 1 if the left side is more."""


def _same(attribute: Fact, fact: Fact, sign: str, negated: bool) -> Condition:
    def truth(values: Mapping[str, Value]) -> int:
        mine, other = values[attribute.name], values[fact.name]
        if Absent.UNKNOWN in (mine, other):
            return OPEN
        if isinstance(mine, Absent) or isinstance(other, Absent):
            return TRUE if negated else FALSE
        order = 0 if mine == other else 1 if sign == "=" or mine > other else -1  # type: ignore[operator]
        return TRUE if (order in _SIGNS[sign]) != negated else FALSE

    if sign == "=":
        return Condition(f"{attribute.name} is {'not ' if negated else ''}this {fact.name}", 0, truth)
    return Condition(f"{'not ' if negated else ''}{attribute.name} {sign} this {fact.name}", 0, truth)


def _selection(drawing: Drawing, name: str, attributes: Sequence[Fact], pairs: Mapping[str, Fact]) -> Selection:
    if drawing.chance(20):
        return Selection(name, name, lambda values: TRUE)
    parts = [strategies.condition(drawing, attributes, (), (), drawing.number(0, 2))]
    compared = [attribute for attribute in attributes if attribute.name in pairs]
    if compared and drawing.chance(60):
        attribute = drawing.pick(compared)
        signs = ("=",) if attribute.kind in ("choice", "flag", "text", "code") else tuple(_SIGNS)
        parts.append(_same(attribute, pairs[attribute.name], drawing.pick(signs), drawing.chance(20)))
    where = parts[0] if len(parts) == 1 else drawing.pick((strategies.conjunction, strategies.disjunction))(parts)
    return Selection(name, f"{name} where {where.text}", where.truth)


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
