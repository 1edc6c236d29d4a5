"""Small policies about days, as text, with all cases that some borrower can have: dates with their ages, the day of the
decision in a policy that is in force for a few days, its time and the borrower's weekly hours, calendars, and days
since events.

What a case can be is worked out here, day by day, from the text of the reference; nothing is shared with the analyser.
"""

from __future__ import annotations

import datetime
import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property

from oracle import Missing, Oracle, Point, Value, value_of
from second_events import whole_months, whole_years

from forbear.language.model.conditions import facts_in
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy

DAY = datetime.timedelta(days=1)
STARTS = ("2026-02-26", "2027-02-25", "2028-02-26", "2026-09-28", "2100-02-26")
BIRTHS = ("2008-02-26", "2008-02-27", "2010-02-25", "2007-12-30", "2009-09-29", "2096-02-28")
FAR = 300
"""So many days ago is longer than any rule asks about."""
ORDERED = "today age months left held waited ago worked_since ago_marked birth consent late".split()  # noqa: SIM905
DECLARED = {
    "today": "date of decision",
    "now": "date of decision",
    "name": "weekday of decision",
    "worked": "working day of c",
    "off": "holiday of c",
    "age": "years since birth",
    "months": "months since birth",
    "left": "days until consent",
    "held": "months since consent",
    "waited": "working days of c since consent",
    "ago": "days since last e",
    "ago_marked": "days since last e where x",
    "worked_since": "working days of c since last e",
    "worked_marked": "working days of k since last e where x",
    "spared": "now within own",
    "spared_too": "now within own",
    "served": "now within open",
    "hour": "time of decision",
    "late": "days clock between 0 and 2",
    "agreed": "yes/no",
}
HOURS = {"own": ("spared", "spared_too"), "open": ("served",)}
"""Weekly hours, and the facts that are so within them."""
EIGHT, TEN = 8 * 3600, 22 * 3600
TIMES = (0, *[time + more for time in (EIGHT, TEN) for more in (-1, 0, 1)])
"""Seconds of the day: those that conditions name, and one between each two of these."""
WEEK = 7 * 24 * 3600
SPANS = tuple(itertools.permutations([day * 24 * 3600 + time for day in range(7) for time in (0, EIGHT, TEN)], 2))
"""Weekly hours, in seconds since Monday: from each of some moments of the week until each other one."""
_Age = Callable[[datetime.date, datetime.date], int | None]
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class DaysOracle(Oracle):
    """The brute force over the cases that some borrower has on some day on which the policy is in force."""

    def __init__(self, policy: TypedPolicy, first: datetime.date, last: datetime.date) -> None:
        super().__init__(policy)
        read = {name for condition in self._conditions for name in facts_in(condition)}
        self.facts = [fact for fact in self.facts if fact.name in read or fact.clock]
        self._days = [datetime.date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]

    @cached_property
    def points(self) -> list[Point]:
        names = [fact.name for fact in self.facts]
        found: dict[tuple[Value | None, ...], Point] = {}
        for day, case in self._cases(set(names)):
            key = (day, *[case[name] for name in names])
            if key not in found:
                found[key] = self.point({name: case[name] for name in names}, day)
        return list(found.values())

    def lines(self, fact: str) -> Iterator[list[Point]]:
        """As above; a fact that no rule reads has none."""
        if any(one.name == fact for one in self.facts):
            for line in super().lines(fact):
                yield sorted(line, key=lambda point: point.case[fact])  # type: ignore[arg-type, return-value]

    def is_real(self, witness: Mapping[str, object]) -> bool:
        """Whether some borrower has a case as told, on its day."""
        told = {name: value_of(self.policy.facts[name], value) for name, value in witness.items() if name != "on"}
        facts = {fact.name: fact for fact in self.facts}
        absent = {name: Missing.UNKNOWN for name, fact in facts.items() if fact.optional and name not in told}
        day = datetime.date.fromisoformat(str(witness["on"])).toordinal() if "on" in witness else None
        wanted = {name: value for name, value in (told | absent).items() if name in facts}
        if "hour" in wanted:
            wanted["hour"] = max(time for time in TIMES if time <= wanted["hour"])  # type: ignore[operator]
        return any(
            point.day == day and all(point.case[name] == value for name, value in wanted.items())
            for point in self.points
        )

    def _cases(self, read: set[str]) -> Iterator[tuple[int | None, dict[str, Value]]]:
        derived = self.policy.derived
        calendars = {derived[name].calendar for name in read - {"waited"} if name in derived} - {None}
        free = [fact for fact in self.facts if fact.name in ("late", "agreed")]
        for day in self._days:
            today = day.toordinal()
            if any(not calendar.first <= today <= calendar.last for calendar in calendars if calendar):
                continue
            of_day: dict[str, Value] = {
                "today": today,
                "now": today,
                "name": day.weekday(),
                "worked": self._works("worked", day) if "worked" in derived else False,
                "off": "off" in derived and today in derived["off"].calendar.holidays,  # type: ignore[union-attr]
            }
            parts = [
                self._of_moments(read, day),
                self._of_date("birth", {"age": whole_years, "months": whole_months}, read, day),
                self._of_date("consent", {"left": _until, "held": whole_months, "waited": self._waited}, read, day),
                self._of_events(read, today),
                [dict(zip([f.name for f in free], values, strict=True)) for values in _product(free)],
            ]
            on = today if self.policy.dated else None
            for some in itertools.product(*parts):
                case = dict(of_day)
                for part in some:
                    case |= part
                yield on, case

    def _of_moments(self, read: set[str], day: datetime.date) -> list[dict[str, Value]]:
        """The times of a day, each with all weekly hours of the borrower; of unknown ones a case may give anything."""
        cases: list[dict[str, Value]] = []
        for second in TIMES if "hour" in read else TIMES[:1]:
            of_hours: list[list[dict[str, Value]]] = [[{"hour": second}]]
            for hours, every in HOURS.items():
                names = [name for name in every if name in read]
                if names:
                    left_out: list[Value] = [Missing.UNKNOWN] * self.policy.facts[hours].optional
                    of_hours.append(
                        [
                            dict(zip(names, values, strict=True))
                            for within in _is_within(day.weekday(), second)
                            for values in itertools.product((within, *left_out), repeat=len(names))
                        ]
                    )
            for some in itertools.product(*of_hours):
                cases.append({name: value for one in some for name, value in one.items()})
        return cases

    def _of_date(
        self, name: str, ages: Mapping[str, _Age], read: set[str], day: datetime.date
    ) -> list[dict[str, Value]]:
        if name not in self.policy.facts or read.isdisjoint({name, *ages}):
            return [{}]
        fact = self.policy.facts[name]
        told = [age for age in ages if age in read]
        some = fact.optional and name not in read  # a case without the date may give some of its ages
        cases: list[dict[str, Value]] = []
        for value in range(fact.low, fact.high + 1):
            since = datetime.date.fromordinal(value)
            ahead = {age for age in told if age in ("age", "months", "held") and since > day}
            if "waited" in told and self._waited(since, day) is None:
                ahead.add("waited")
            for number in range(len(told) if some else 1):
                for left_out in itertools.combinations(told, number):
                    if ahead <= set(left_out):
                        its = {age: Missing.UNKNOWN if age in left_out else ages[age](since, day) for age in told}
                        cases.append({name: value, **its})  # type: ignore[dict-item]  # what it has not is left out
        absent = [Missing.UNKNOWN] * fact.optional + [Missing.NONE] * fact.or_none
        return cases + [dict.fromkeys((name, *ages), missing) for missing in absent]

    def _of_events(self, read: set[str], today: int) -> list[dict[str, Value]]:
        names = {"ago", "ago_marked", "worked_since", "worked_marked"} & read
        if not names:
            return [{}]
        cases = []
        offsets: list[int | None] = [None, *range(12 if any("worked" in name for name in names) else 8), FAR]
        for last in offsets:
            for marked in offsets:
                if marked is not None and (last is None or marked < last):
                    continue
                case: dict[str, Value] = {}
                for name, its in (
                    ("ago", last),
                    ("ago_marked", marked),
                    ("worked_since", last),
                    ("worked_marked", marked),
                ):
                    if name not in names:
                        continue
                    counted: int | None = its
                    calendar = self.policy.derived[name].calendar
                    if calendar is not None and its is not None:
                        if today - its < calendar.first - 1:
                            break
                        counted = sum(
                            self._works(name, datetime.date.fromordinal(one))
                            for one in range(today - its + 1, today + 1)
                        )
                    case[name] = Missing.NONE if counted is None else counted
                else:
                    cases.append(case)
        return cases

    def _waited(self, since: datetime.date, day: datetime.date) -> int | None:
        """The working days after a date until a day, or the other way below 0; None where the calendar ends between."""
        calendar = self.policy.derived["waited"].calendar
        assert calendar is not None
        first, last = sorted((since.toordinal(), day.toordinal()))
        if not all(calendar.first <= end <= calendar.last for end in (first + (since < day), last)):
            return None
        days = [datetime.date.fromordinal(one) for one in range(first + 1, last + 1)]
        return sum(self._works("waited", one) for one in days) * (1 if since < day else -1)

    def _works(self, name: str, day: datetime.date) -> bool:
        calendar = self.policy.derived[name].calendar
        assert calendar is not None
        ordinal = day.toordinal()
        return ordinal not in calendar.holidays and (
            ordinal in calendar.working or day.weekday() not in calendar.weekend
        )


@cache
def _is_within(weekday: int, second: int) -> set[bool]:
    """Whether a moment is in weekly hours, for all of these."""
    at = weekday * 24 * 3600 + second
    return {False} | {(at - begins) % WEEK < (ends - begins) % WEEK for begins, ends in SPANS}


def _until(date: datetime.date, day: datetime.date) -> int:
    return (date - day).days


def _product(facts: Sequence[Fact]) -> Iterator[tuple[Value, ...]]:
    yield from itertools.product(*[(False, True) if f.name == "agreed" else range(f.low, f.high + 1) for f in facts])


def policy_about_days(seed: int) -> tuple[str, datetime.date, datetime.date]:
    """A policy as text, and the first and the last day of its cases."""
    return _Writer(random.Random(f"dated {seed}")).policy()


class _Writer:
    """Writes a policy whose conditions are close to being met by a case of a borrower."""

    def __init__(self, chosen: random.Random) -> None:
        self._chosen = chosen
        self.first = datetime.date.fromisoformat(chosen.choice(STARTS))
        self.last = self.first + chosen.randint(1, 4) * DAY
        self.facts: list[str] = []
        self._spans = {"birth": 0, "consent": 0}
        self._of_hours = ""

    def policy(self) -> tuple[str, datetime.date, datetime.date]:
        chosen = self._chosen
        families = chosen.sample(("day", "hours", "birth", "consent", "events"), chosen.choice((1, 2, 2, 2, 3)))
        head, declared = [f"policy dated in force from {self.first} until {self.last}"], []
        if "day" in families:
            self.facts += chosen.sample(("today", "name", "worked", "off", "now"), chosen.choice((1, 2, 2, 3)))
        if "hours" in families:
            self.facts += chosen.sample(("spared", "spared_too", "served", "hour"), chosen.choice((1, 2, 2, 3)))
            self._of_hours = chosen.choice(("", " optional", " or none"))
            declared += [
                f"fact {hours} weekly hours{self._of_hours}"
                for hours, its in HOURS.items()
                if not set(its).isdisjoint(self.facts)
            ]
        birth = datetime.date.fromisoformat(chosen.choice(BIRTHS))
        if "birth" in families:
            self.facts += chosen.sample(("birth", "age", "months"), chosen.choice((1, 2, 2, 3)))
            absent = chosen.choice(("", "", " optional", " or none"))
            self._spans["birth"] = chosen.randint(1, 5)
            declared.append(f"fact birth date between {birth} and {birth + self._spans['birth'] * DAY}{absent}")
        consent = self.first + chosen.randint(-70, 12) * DAY
        if "consent" in families:
            self.facts += chosen.sample(("consent", "left", "held", "waited"), chosen.choice((1, 2, 2, 3)))
            absent = chosen.choice(("", "", " optional", " or none"))
            self._spans["consent"] = chosen.randint(1, 4)
            declared.append(f"fact consent date between {consent} and {consent + self._spans['consent'] * DAY}{absent}")
        if "events" in families:
            some = ("ago", "ago_marked", "worked_since", "worked_marked")
            self.facts += chosen.sample(some, chosen.choice((1, 2, 2, 3)))
        if chosen.random() < 0.5:
            self.facts.append("late")
        if chosen.random() < 0.2:
            self.facts.append("agreed")
        declared += [f"fact {name} {DECLARED[name]}" for name in DECLARED if name in self.facts]
        self._of_date = {"birth": birth, "consent": consent}
        for name, measures in (("c", ("worked", "off", "worked_since", "waited")), ("k", ("worked_marked",))):
            if not set(measures).isdisjoint(self.facts):
                start = self.first - chosen.choice((0, 3, 12)) * DAY
                end = max(self.last + chosen.choice((-2, 0, 5)) * DAY, self.first)
                holiday = self.first + chosen.randint(0, 5) * DAY
                head.insert(
                    0,
                    f"calendar {name} covers {start} to {end}\n  weekend saturday, sunday"
                    + (f"\n  holidays {holiday}" if start <= holiday <= end else ""),
                )
        if "events" in families:
            head.insert(0, "event e has x yes/no")
        lines = [*head, *declared, "action sms, call, visit"]
        rising = [name for name in ORDERED if name in self.facts]
        rising = chosen.sample(rising, min(len(rising), chosen.choice((0, 0, 1, 1, 2))))
        if chosen.random() < 0.7:
            lines.append(
                "ladder pressure: sms, call, visit" + (f"\n  rising with {', '.join(rising)}" if rising else "")
            )
        for number in range(chosen.randint(2, 5)):
            word = chosen.choice(("allow", "allow", "allow", "forbid", "never", "require"))
            period = ""
            if chosen.random() < 0.2:
                period = f"\n  in force {chosen.choice(('from', 'until'))} {self._day()}"
            lines.append(
                f"rule r{number}: {word} {chosen.choice(('sms', 'call', 'visit'))} when {self._condition()}{period}"
            )
        rules = " ".join(line for line in lines if line.startswith("rule "))
        self.facts = [name for name in self.facts if re.search(rf"\b{name}\b", rules)]  # what they read is the case
        for _ in range(chosen.randint(0, 2)):
            expected = chosen.choice(("not allowed", "allowed", "forbidden", "unsaid", "not unsaid"))
            lines.append(f"ensure {chosen.choice(('sms', 'call', 'visit'))} {expected} when {self._condition()}")
        return "\n".join(lines) + "\n", self.first, self.last

    def _day(self) -> datetime.date:
        return self.first + self._chosen.randint(0, (self.last - self.first).days) * DAY

    def _condition(self) -> str:
        chosen = self._chosen
        parts = [self._atom() for _ in range(chosen.choice((1, 2, 2, 3)))]
        if len(parts) == 3 and chosen.random() < 0.4:
            return f"{parts[0]} and ({parts[1]} or {parts[2]})"
        return " and ".join(f"not ({part})" if chosen.random() < 0.15 else part for part in parts)

    def _atom(self) -> str:
        chosen = self._chosen
        name = chosen.choice(self.facts)
        day = self._day()
        birth = self._of_date["birth"] + chosen.randint(0, self._spans["birth"]) * DAY
        consent = self._of_date["consent"] + chosen.randint(0, self._spans["consent"]) * DAY
        near = chosen.choice((-1, 0, 0, 0, 1))
        match name:
            case "hour":
                times = chosen.choice((("08:00", "22:00"), ("22:00", "08:00")))
                if chosen.random() < 0.6:
                    return "hour from {} until {}".format(*times)
                return f"hour {self._order()} {times[0]}"
            case "spared" | "spared_too" | "served" if self._of_hours == " optional" and chosen.random() < 0.2:
                return f"{name} is {chosen.choice(('known', 'unknown'))}"
            case "worked" | "off" | "agreed" | "spared" | "spared_too" | "served":
                return chosen.choice((name, f"not {name}"))
            case "name":
                return f"name {chosen.choice(('is', 'is not', '>=', '<'))} {NAMES[day.weekday()]}"
            case "today" | "now":
                if chosen.random() < 0.4:
                    dates = [other for other in ("birth", "consent", "now") if other in self.facts and other != name]
                    if dates:
                        other = chosen.choice(dates)
                        value = {"birth": birth, "consent": consent, "now": day}[other]
                        return f"{name} {self._order()} {other} + {(day - value).days + near} days"
                value_text = str(day + near * DAY)
            case "birth":
                value_text = str(birth)
            case "consent":
                value_text = str(consent)
            case "age" | "months":
                its = (whole_years if name == "age" else whole_months)(birth, day)
                if chosen.random() < 0.3:
                    others = {
                        "age": whole_years(birth, day),
                        "months": whole_months(birth, day),
                        "held": whole_months(consent, day),
                    }
                    others = {other: o for other, o in others.items() if other in self.facts and other != name}
                    if others:
                        measured = chosen.choice(sorted(others))
                        more = its - others[measured] + near
                        return f"{name} {self._order()} {measured} {'-' if more < 0 else '+'} {abs(more)}"
                value_text = str(max(its + near, 0))
            case "held":
                value_text = str(max(whole_months(consent, day) + near, 0))
            case "left":
                value_text = str((consent - day).days + near)
            case "waited":
                value_text = str((day - consent).days * 5 // 7 + near)
            case "late":
                value_text = str(chosen.randint(0, 2))
            case _:
                if chosen.random() < 0.15:
                    return f"{name} is {chosen.choice(('', 'not '))}none"
                value_text = str(chosen.randint(0, 5))
        return f"{name} {self._order()} {value_text}"

    def _order(self) -> str:
        return self._chosen.choice(("<", "<=", ">", ">=", "=", "!="))
