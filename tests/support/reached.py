"""Facts that follow from the same events by any measure and window, and the values that they have together in some
history.

All histories of some days are walked at once, event by event: kept is what they come to. Nothing is shared with the
analyser, or with what counts events.
"""

from __future__ import annotations

import datetime
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from attrs import frozen

from forbear.language.model.policy import TypedPolicy

DAY = datetime.timedelta(days=1)
NEAR = range(11, -1, -1)
AGO = (*range(103, 99, -1), *range(43, 39, -1), *NEAR)
"""How many days ago events are: as many as matter before a quarter, before a month and in days that are near."""
MANY = 4
"""Numbers of this size are alike, as no condition names one."""
HOLIDAYS = (datetime.date(2026, 4, 3), datetime.date(2026, 4, 6))
DATES = (*(datetime.date(2026, 3, 30) + number * DAY for number in range(9)), datetime.date(2026, 6, 20))
"""Days of the decision: each day of the week, and around the beginnings of a quarter and of a month."""
DECLARED = """\
calendar c covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
  holidays 2026-04-03, 2026-04-06
event e
  has x yes/no
  has m count between 1 and 9
event reply
fact agreed date or none
fact least count between 1 and 9
"""
NUMBERS = ("count of", "count of", "any", "sum of", "days with", "days in a row with")
OF_DAYS = ("days since last", "days since first")
OF_ONE = ("m of last", "m of first")
OF_DATES = ("days with", "days in a row with")
WINDOWS = (
    *(
        "in last 1 day",
        "in last 3 days",
        "in last 7 days",
        "in last 2 working days of c",
        "in last 3 working days of c",
    ),
    *("at least 1 days ago", "at least 3 days ago", "between 1 and 5 days ago", "between 2 and 9 days ago"),
    *("between 0 and 3 days ago", "in last 48 hours", "in last 90 minutes", "in last 1 month", "this week"),
    *("this month", "this quarter", "ever", ""),
)
WHERE = ("", "", "x", "not x", "m >= this least")
Event = tuple[str, bool, int]
"""Its name, and its attributes."""


class Given(NamedTuple):
    """When it is decided; how many days ago the agreed day was, None if there is none; and the least amount."""

    at: datetime.datetime
    agreed: int | None
    least: int


@frozen
class Follows:
    """A fact that follows from events. Its window may begin with the agreed day, and after the last event of a kind."""

    name: str
    measure: str
    where: str
    window: str = ""
    agreed: bool = False
    anchor: str = ""

    @property
    def text(self) -> str:
        where = f" where {self.where}" if self.where else ""
        event = "e.m" if self.measure == "sum of" else "e"
        parts = [self.window, "since agreed" * self.agreed, f"since last {self.anchor}" if self.anchor else ""]
        return f"fact {self.name} {self.measure} {event}{where} {' and '.join(filter(None, parts))}".rstrip()

    @property
    def latest(self) -> int:
        """How many days ago the window ends."""
        number = self.window.split()[2 if self.window.startswith("at") else 1] if self.window.endswith("ago") else 0
        return int(number)

    def selects(self, event: Event, least: int) -> bool:
        name, x, m = event
        its = {"": True, "x": x, "not x": not x, "m >= this least": m >= least}
        return name == "e" and its[self.where]

    def is_anchor(self, event: Event) -> bool:
        return bool(self.anchor) and (event[0] == "reply" if self.anchor == "reply" else event[0] == "e" and event[1])

    def holds(self, moment: datetime.datetime, given: Given) -> bool:
        """Whether a moment is in the window, whatever the anchors are."""
        today = given.at.date()
        ago = (today - moment.date()).days
        if self.agreed and given.agreed is not None and ago > given.agreed:
            return False
        numbers = [int(word) for word in self.window.split() if word.isdigit()]
        match self.window.split():
            case ["in", "last", _, "day" | "days"]:
                return ago < numbers[0]
            case ["in", "last", _, "working", *_]:
                return moment.date() >= _last_worked(today)[numbers[0] - 1]
            case ["in", "last", _, "hours"]:
                return given.at - moment <= datetime.timedelta(hours=numbers[0])
            case ["in", "last", _, "minutes"]:
                return given.at - moment <= datetime.timedelta(minutes=numbers[0])
            case ["at", *_]:
                return ago >= numbers[0]
            case ["between", *_]:
                return numbers[0] <= ago <= numbers[1]
            case ["this", "week"]:
                return ago <= today.weekday()
            case ["this", "month"]:
                return ago < today.day
            case ["this", "quarter"]:
                return (moment.year, (moment.month - 1) // 3) == (today.year, (today.month - 1) // 3)
            case ["in", "last", "1", "month"]:
                before = today.replace(day=1) - DAY
                return moment.date() > before.replace(day=min(today.day, before.day))
            case _:
                return True


@cache
def _last_worked(today: datetime.date) -> list[datetime.date]:
    """The last working days, the last one first."""
    days = [today - back * DAY for back in range(20)]
    return [day for day in days if day.weekday() < 5 and day not in HOLIDAYS]


def drawn(chosen: random.Random, number: int) -> list[Follows]:
    """So many facts, some of which differ in little."""
    found: list[Follows] = []
    for place in range(number):
        measure = chosen.choice((*NUMBERS, *NUMBERS, *OF_DAYS, *OF_ONE))
        if measure not in NUMBERS:
            found.append(Follows(f"f{place}", measure, chosen.choice(WHERE)))
            continue
        window = chosen.choice(WINDOWS)
        anchor = chosen.choice(("", "", "", "reply", "e where x")) if window else chosen.choice(("reply", "e where x"))
        agreed = chosen.random() < 0.2
        if found and chosen.random() < 0.5 and found[-1].window:
            window = found[-1].window if chosen.random() < 0.5 else window
            agreed, anchor = chosen.choice((True, found[-1].agreed)), chosen.choice((found[-1].anchor, anchor))
        window = window if window or anchor or agreed else "ever"
        found.append(Follows(f"f{place}", measure, chosen.choice(WHERE), window, agreed, anchor))
    return found


def condition(fact: Follows, chosen: random.Random) -> str:
    if fact.measure == "any":
        return chosen.choice((fact.name, f"not {fact.name}"))
    tests = ["<= 0", "= 0", ">= 1", "= 1", ">= 2", "<= 1", "= 2", ">= 3", "< 3"]
    if fact.measure not in NUMBERS:
        tests = ["is none", "is not none", "<= 1", ">= 2", "= 3", "<= 2", "> 3", "= 1", "between 2 and 3"]
    if fact.measure in OF_DAYS:
        tests += ["= 0", "> 0", ">= 7", "< 7", "= 6", "<= 8"]
    return f"{fact.name} {chosen.choice(tests)}"


def of_some(fact: Follows, some: bool) -> str:
    """Whether there is some event of a fact, or none."""
    if fact.measure == "any":
        return fact.name if some else f"not {fact.name}"
    if fact.measure in NUMBERS:
        return f"{fact.name} {'>= 1' if some else '<= 0'}"
    return f"{fact.name} is {'not ' * some}none"


State = tuple[Any, ...]


def values(facts: Sequence[Follows]) -> set[State]:
    """What the facts are together in some history, in their order; of none None."""
    found: set[State] = set()
    known: dict[tuple[_Step, ...], _After] = {}
    for least, windows in {(given.least, tuple(_windows(facts, given))) for given in _given(facts)}:
        found |= _of_histories(facts, least, windows, known)
    return found


def _given(facts: Sequence[Follows]) -> Iterator[Given]:
    windows = " ".join(fact.window for fact in facts)
    dates = DATES if any(word in windows for word in ("working", "this")) else DATES[:1]
    of_clock = "hours" in windows or "minutes" in windows
    times = [datetime.time(*its) for its in ((0, 30), (12, 0), (23, 30))] if of_clock else [datetime.time(23, 30)]
    agreed = (None, -1, 0, 2, 5) if any(fact.agreed for fact in facts) else (None,)
    least = (1, 4) if any("least" in fact.where for fact in facts) else (1,)
    for date, time, its, amount in itertools.product(dates, times, agreed, least):
        yield Given(datetime.datetime.combine(date, time), its, amount)


def _events(facts: Sequence[Follows]) -> list[tuple[Event, int]]:
    """What may happen at a moment, and how often."""
    marks = (False, True) if any("x" in fact.where + fact.anchor for fact in facts) else (False,)
    measures = {fact.measure for fact in facts}
    amounts = (
        (1, 2, 3, 4, 9) if measures & {"sum of", *OF_ONE} else (1, 4)[: 1 + any("least" in f.where for f in facts)]
    )
    # Before the last event of another kind there may be one moment alone, and a condition names 3.
    times = (1, 2, 3)[: 2 + any(fact.anchor for fact in facts)] if "count of" in measures else (1,)
    found = [(("e", mark, amount), number) for mark in marks for amount in amounts for number in times]
    return found + [(("reply", False, 1), 1)] * any(fact.anchor == "reply" for fact in facts)


_Windows = tuple[tuple[int, tuple[bool, ...] | None], ...]
_Step = Callable[[Any], Any] | None
"""Of what a fact keeps, what it is afterwards; None if nothing changes."""


def _windows(facts: Sequence[Follows], given: Given) -> Iterator[tuple[int, tuple[bool, ...] | None]]:
    """The moments at which something may happen: how many days ago each is, and of which facts it is in the window.
    Instead of these the midnight after each day has None."""
    for ago in AGO:
        for hour in (0, 23):
            moment = datetime.datetime.combine(given.at.date() - ago * DAY, datetime.time(hour))
            if moment <= given.at:
                yield ago, tuple([fact.holds(moment, given) for fact in facts])
        yield ago, None


class _After(dict[State, State]):
    """What facts keep after something, by what they kept before. Each has its step."""

    def __init__(self, steps: Sequence[_Step]) -> None:
        super().__init__()
        self._steps = steps

    def __missing__(self, state: State) -> State:
        parts = [part if step is None else step(part) for step, part in zip(self._steps, state, strict=True)]
        return self.setdefault(state, tuple(parts))


def _of_histories(
    facts: Sequence[Follows], least: int, windows: _Windows, known: dict[tuple[_Step, ...], _After]
) -> set[State]:
    states: set[State] = {tuple([_BEGINS.get(fact.measure, 0) for fact in facts])}
    events = _events(facts)
    for ago, within in windows:
        if within is None:
            steps = tuple([_at_midnight(fact, ago) for fact in facts])
            states = {*map(known.setdefault(steps, _After(steps)).__getitem__, states)}
            continue
        of_events = {
            tuple(
                [
                    _step(fact, event, number, ago, least if its else None)
                    for fact, its in zip(facts, within, strict=True)
                ]
            )
            for event, number in events
        }
        before = [*states]
        for steps in of_events:
            if any(steps):
                states.update(map(known.setdefault(steps, _After(steps)).__getitem__, before))
    return {tuple([_value(fact, part) for fact, part in zip(facts, state, strict=True)]) for state in states}


_BEGINS = {**dict.fromkeys(OF_DATES, (0, False)), **dict.fromkeys((*OF_DAYS, *OF_ONE), None)}
"""What a fact keeps at first: a number, or of days with events a number and whether the last day is one more."""


def _step(fact: Follows, event: Event, number: int, ago: int, least: int | None) -> _Step:
    """What so many events change of what a fact keeps. `least` is None if they are in no window."""
    if fact.is_anchor(event):
        return _set(_BEGINS.get(fact.measure, 0))
    if least is None or not fact.selects(event, least):
        return None
    match fact.measure:
        case "count of" | "any":
            return _add(number)
        case "sum of":
            return _add(number * event[2])
        case "days with" | "days in a row with":
            return _mark
        case "days since last":
            return _set(ago)
        case "days since first":
            return _set_first(ago)
        case "m of last":
            return _set(event[2])
        case _:
            return _set_first(event[2])


@cache
def _set(value: Any) -> _Step:
    return lambda part: value


@cache
def _set_first(value: Any) -> _Step:
    return lambda part: value if part is None else part


@cache
def _add(number: int) -> _Step:
    return lambda part: min(part + number, MANY)


def _mark(part: Any) -> Any:
    return part[0], True


def _at_midnight(fact: Follows, ago: int) -> _Step:
    """What changes after a day of what a fact keeps."""
    if fact.measure == "days with":
        return _end_day
    if fact.measure == "days in a row with" and ago >= max(fact.latest, 1):
        return _end_day_of_row if ago in NEAR else _set(_BEGINS[fact.measure])
    return None


def _end_day(part: Any) -> Any:
    return min(part[0] + part[1], MANY), False


def _end_day_of_row(part: Any) -> Any:
    return (min(part[0] + 1, MANY) if part[1] else 0), False


def _value(fact: Follows, part: Any) -> Any:
    if fact.measure == "any":
        return part > 0
    return part[0] if fact.measure in OF_DATES else part


def every_value(fact: Follows, high: int) -> list[int | bool | None]:
    """Values of a fact, up to the highest that it may have; all beyond some are alike."""
    if fact.measure == "any":
        return [False, True]
    return [*range(min(high, MANY) + 1)] if fact.measure in NUMBERS else [None, *range(fact.measure in OF_ONE, 10)]


def free(fact: Follows, policy: TypedPolicy) -> bool:
    """Whether a fact may by itself be each value that its declaration gives it."""
    every = {value for value in every_value(fact, policy.facts[fact.name].high) if value is None or value <= MANY}
    return every <= {value for (value,) in values([fact])}
