"""Policies of dates, ages, calendars and equalities between them, with cases around each threshold: what each engine
computes by means of its own.

What follows from dates is computed here once more, by plain arithmetic, so that nothing vouches for itself.
"""

from __future__ import annotations

import datetime
import itertools
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen
from second_events import whole_months, whole_years

import forbear

DAY = datetime.timedelta(1)
WEEKEND = (5, 6)
"""Saturday and Sunday, counted from Monday."""
HOLIDAYS = ("2024-02-28", "2026-03-10", "2026-12-25")
COVERED = (datetime.date(2024, 1, 1), datetime.date(2027, 3, 31))
VOCABULARY, _, _CONDITIONS = Path(__file__).with_suffix(".txt").read_text("utf-8").partition("\n# conditions\n")
CONDITIONS = tuple(_CONDITIONS.splitlines())
ABSENT = ("", "", " optional", " or none")

OF_EVENTS = ("calls", "quiet", "formal", "waited", "call_days", "call_row", "spared_now")
"""The facts that follow from a history, or from weekly hours, where a case has these."""
AT_NOON: Mapping[str, Sequence[int]] = {
    "mon-fri 09:00-17:00": range(5),
    "sat-mon 12:00-12:01": (5, 6, 0),
    "sun 22:00-12:00, tue 00:00-12:00": (),
    "wed-thu 22:00-12:01": (3, 4),
}
"""Weekly hours, and the days on which noon is in them, counted from Monday."""
ABOUT_BIRTH = tuple(text for text in CONDITIONS if text.startswith(("birth", "age", "term")))


def is_worked(day: datetime.date) -> bool:
    return day.weekday() not in WEEKEND and str(day) not in HOLIDAYS


def of_history(case: Mapping[str, Any], today: datetime.date) -> dict[str, Any]:
    """What follows on a day from all events since the opening."""
    zone = ZoneInfo(case["zone"])
    ago: dict[str, list[int]] = {"call": [], "notice": [], "formal": []}
    for event in case["history"]:
        day = datetime.datetime.fromisoformat(event["at"]).astimezone(zone).date()
        for name in (event["event"], event.get("kind")):
            ago.setdefault(name, []).append((today - day).days)
    last = min(ago["notice"], default=None)
    called = {days for days in ago["call"] if days < 9}
    return {
        "call_days": len(called),
        "call_row": _row(called),
        "spared_now": today.weekday() in AT_NOON[case["spared"]],
        "calls": sum(days < 7 for days in ago["call"]),
        "quiet": min(ago["call"], default="none"),
        "formal": any(days < 30 for days in ago["formal"]),
        "waited": "none" if last is None else sum(is_worked(today - days * DAY) for days in range(last)),
    }


def _row(called: Collection[int]) -> int:
    """How many days in a row there are until yesterday."""
    return next(row for row in itertools.count() if row + 1 not in called)


@cache
def _of_calls() -> frozenset[tuple[int | str, int, int, int]]:
    """Of calls in nine days: the days since the last one, on how many days there are some, in a row, and in the last 7
    days."""
    every = [days for number in range(10) for days in itertools.combinations(range(9), number)]
    return frozenset((min(days, default="none"), len(days), _row(days), sum(one < 7 for one in days)) for days in every)


def is_of_events(case: Mapping[str, Any], today: datetime.date) -> bool:
    """Whether some history gives the facts of a case that follow from one: there are days of calls that give the days
    since the last one, those with calls and those in a row, with as many calls as there are, and of a formal notice in
    the last 30 days there is a last notice."""
    worked = sum(is_worked(today - days * DAY) for days in range(29))
    if case["formal"] and (case["waited"] == "none" or case["waited"] > worked):
        return False
    numbers = range(min(case["calls"], 1), case["calls"] + 1)
    return any((case["quiet"], case["call_days"], case["call_row"], number) in _of_calls() for number in numbers)


@frozen
class Dated:
    """A policy with its text, and the day around which its cases are.

    `absent` says what a date may be instead of one: "optional" or "none". `given` are the facts that each case gives
    although they follow from the day.
    """

    text: str
    policy: forbear.Policy
    day: datetime.date
    absent: Mapping[str, str]
    given: Sequence[str]

    def cases(self, chance: random.Random, number: int) -> list[dict[str, Any]]:
        return [self._case(chance) for _ in range(number)]

    def _case(self, chance: random.Random) -> dict[str, Any]:
        """A case on its day, as it may be asked without a moment."""
        case: dict[str, Any] = {
            "late": chance.randint(0, 20),
            "cap": chance.choice([0, 1, 17, 18, 19, chance.randint(0, 30)]),
            "score": chance.randint(-6, 6),
            "open_days": chance.randint(0, 20),
            "grade": chance.choice(["low", "middle", "high", None]),
            "agreed": chance.random() < 0.5,
            "today": str(self.day),
            "weekday": WEEKDAYS[self.day.weekday()],
            **{name: self.value(name, chance) for name in OF_EVENTS},
        }
        for name in ("birth", "due", "paid"):
            case[name] = self.value(name, chance)
        follows = self.following(case)
        for name in self.given:
            case[name] = follows.get(name, WRONG[name])
            if chance.random() < 0.15:
                case[name] = None if self.absent.get(OF.get(name, "")) == "optional" else WRONG[name]
        return case

    def value(self, name: str, chance: random.Random) -> Any:
        """A value of an open fact that is none of those which follow from others."""
        if name in ("birth", "due", "paid"):
            if self.absent[name] and chance.random() < 0.2:
                return "none" if self.absent[name] == "none" else None
            return str(birthday(chance, self.day) if name == "birth" else near(chance, self.day))
        own: dict[str, Sequence[Any]] = {
            "cap": (0, 1, 17, 18, 19, 30),
            "score": range(-6, 7),
            "open_days": range(20),
            "late": range(20),
            "grade": ("low", "middle", "high"),
            "agreed": (False, True),
            "calls": range(4),
            "quiet": ("none", *range(9)),
            "formal": (False, True),
            "waited": ("none", *range(9)),
            "call_days": range(4),
            "call_row": range(3),
            "spared_now": (False, True),
        }
        return chance.choice(own[name])

    def with_history(self, case: Mapping[str, Any], chance: random.Random, zone: str = "UTC") -> dict[str, Any]:
        """The case with a history in place of what follows from one, to be asked at noon, UTC."""
        noon = datetime.datetime.combine(self.day, datetime.time(12), datetime.UTC)
        history = []
        for _ in range(chance.choice([0, 1, 2, 4])):
            back = chance.choice(
                [0, 1, 719, 720, 721, 1440 * chance.choice([1, 6, 7, 8, 29, 30]), chance.randint(0, 60_000)]
            )
            happened: dict[str, Any] = {"event": "call", "at": (noon - back * datetime.timedelta(0, 60)).isoformat()}
            if chance.random() < 0.5:
                happened |= {"event": "notice", "kind": chance.choice(["plain", "formal"])}
            history.append(happened)
        kept = {name: value for name, value in case.items() if name not in ("today", "weekday", *OF_EVENTS)}
        kept["spared"] = chance.choice(list(AT_NOON))
        return {**kept, "zone": zone, "history_from": "opening", "history": history}

    def following(self, case: Mapping[str, Any], day: datetime.date | None = None) -> dict[str, Any]:
        """What follows from the dates of a case on a day. A fact that no day gives a value is left out."""
        day = self.day if day is None else day
        found: dict[str, Any] = {"today": str(day), "weekday": WEEKDAYS[day.weekday()]}
        found |= {"working": is_worked(day), "feast": str(day) in HOLIDAYS}
        if "history" in case:
            found |= of_history(case, day)
        for name, of in OF.items():
            if case[of] in (None, "none"):
                found[name] = case[of]
                continue
            date = datetime.date.fromisoformat(case[of])
            if name == "left":
                found[name] = (date - day).days
            elif name == "worked_since":
                days = range(1, abs((day - date).days) + 1)
                worked = sum(is_worked(min(day, date) + ahead * DAY) for ahead in days)
                covered = all(COVERED[0] <= end <= COVERED[1] for end in (day, date + (date < day) * DAY))
                found |= {name: worked if date < day else -worked} if covered else {}
            elif date <= day:
                found[name] = (whole_years if name == "age" else whole_months)(date, day)
        return found


OF = {"age": "birth", "term": "birth", "left": "due", "worked_since": "paid"}
"""The facts that follow from a date, each with that."""
WRONG = {"age": 3, "term": 30, "left": 2, "worked_since": 1, "working": True, "feast": True}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDERS = ("<", "<=", "=", "!=", ">=", ">")
DAYS = ("2024-02-28", "2024-02-29", "2024-03-01", "2026-03-06", "2026-03-09", "2026-03-31", "2026-12-24", "2027-02-28")


def near(chance: random.Random, day: datetime.date) -> datetime.date:
    """A day around another one, before or after it."""
    return day + chance.choice([-370, -31, -2, -1, 0, 0, 1, 2, 5, 31, 366, chance.randint(-40, 40)]) * DAY


def birthday(chance: random.Random, day: datetime.date) -> datetime.date:
    """A day of birth around which an age begins or ends; or a 29 February; or one to come."""
    if chance.random() < 0.2:
        return datetime.date(chance.choice([2004, 2008, 2028]), 2, 29)
    if chance.random() < 0.1:
        return near(chance, day)
    age = chance.choice([0, 1, 17, 18, 18, 19])
    start = datetime.date(day.year - age, day.month, min(day.day, 28))
    return start + chance.choice([-2, -1, 0, 1, 2, 3, 30]) * DAY


def drawn(chance: random.Random) -> Dated:
    """A policy of this kind."""
    day = datetime.date.fromisoformat(chance.choice(DAYS))
    absent = {name: chance.choice(("", "", "optional", "none")) for name in ("birth", "due", "paid")}
    dates = ""
    if chance.random() < 0.2:
        dates = f"\n  in force from {day - chance.randint(0, 3) * DAY} until {day + chance.randint(0, 40) * DAY}"
    written = {"": "", "optional": " optional", "none": " or none"}
    head = VOCABULARY.format(dates=dates, **{name: written[what] for name, what in absent.items()})
    text = head + "\n".join(_rules(chance, day, absent)) + "\n"
    given = chance.choice(
        [
            (),
            (),
            (),
            ("age",),
            ("left",),
            ("age", "term"),
            ("working", "feast"),
            ("term", "left", "working", "worked_since"),
        ]
    )
    return Dated(text, forbear.loads(text), day, absent, given)


def _rules(chance: random.Random, day: datetime.date, absent: Mapping[str, str]) -> Iterator[str]:
    pool = chance.choice([CONDITIONS, CONDITIONS, ABOUT_BIRTH])
    for place in range(chance.randint(1, 5)):
        parts = [_condition(chance, day, absent, pool) for _ in range(chance.choice([1, 1, 2, 3]))]
        condition = (
            parts[0] if len(parts) == 1 else chance.choice([" and ", " or "]).join(f"({part})" for part in parts)
        )
        effect = chance.choice(["allow", "allow", "allow", "forbid", "never", "require"])
        action = chance.choice(["sms", "sms", "letter"])
        along = " with letter" if (effect, action) == ("allow", "sms") and chance.random() < 0.2 else ""
        dates = ""
        if chance.random() < 0.15:
            first = day + chance.randint(-20, 20) * DAY
            dates = f" in force from {first} until {first + chance.randint(0, 20) * DAY}"
        yield f"rule r{place}: {condition} then {effect} {action}{along}{dates}"


def _condition(
    chance: random.Random, day: datetime.date, absent: Mapping[str, str], pool: Sequence[str] = CONDITIONS
) -> str:
    possible = [name for name, what in absent.items() if what]
    if possible and chance.random() < 0.1:
        name = chance.choice(possible)
        return f"{name} is known" if absent[name] == "optional" else f"{name} is {chance.choice(['', 'not '])}none"
    first, last = sorted((birthday(chance, day), near(chance, day)))
    return chance.choice(pool).format(
        order=chance.choice(ORDERS),
        not_=chance.choice(["", "not "]),
        near=near(chance, day),
        later=day + chance.choice([1, 2, 30, 800]) * DAY,
        first=first,
        last=last,
        birthday=birthday(chance, day),
        k=chance.randint(0, 9),
        few=chance.randint(0, 3),
        years=chance.choice([0, 1, 17, 18, 19]),
        months=chance.choice([0, 1, 12, 215, 216, 217]),
    )
