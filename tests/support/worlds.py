"""Policies that read all that time moves, with histories, and the plain meaning of `when`: to decide at each moment.

A world is a policy as an author would write it, and a case of it: events at midnight and near the changes of the
clocks among them, one zone or two, and facts that the case gives outright in place of their history.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

import forbear

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca")
"""Clocks are changed by one hour on other days, by half an hour, and for one month of the year."""
MOMENTS = (
    "2026-02-20",
    "2026-03-07",
    "2026-03-28",
    "2026-04-03",
    "2026-10-03",
    "2026-10-24",
    "2026-10-31",
    "2026-12-20",
)
DAY = datetime.timedelta(days=1)
SIGNS = {"days since": 1, "days since first": 1, "days until": -1}
"""What a number of this measure changes by each day, where the case gives it outright."""
OUTRIGHT = {"notice_days": 1, "days_since_call": 1, "days_since_first": 1, "days_left": -1}
VOCABULARY, _, _CONDITIONS = Path(__file__).with_suffix(".txt").read_text("utf-8").partition("\n# conditions\n")
CONDITIONS = tuple(_CONDITIONS.splitlines())


@frozen
class World:
    """A policy, its text, and a case of it."""

    policy: forbear.Policy
    text: str
    case: Mapping[str, Any]
    at: datetime.datetime
    outright: Mapping[str, int] = OUTRIGHT
    """By how much facts that the case may give outright change each day."""
    _of_day: dict[object, Mapping[str, Any]] = field(factory=dict, init=False, eq=False)
    """The case by zone and day, as it is asked for at each minute."""

    @property
    def zones(self) -> list[str]:
        zone = self.case["zone"]
        return zone if isinstance(zone, list) else [zone]

    def answer(self, action: str, moment: datetime.datetime) -> object:
        """What is decided of an action at a moment, by the facts that its rules read, of the case with what counts days
        moved on; the facts in error, if any."""
        return strictest(self.answers(action, moment))

    def answers(self, action: str, moment: datetime.datetime) -> list[object]:
        """The same in each zone."""
        return [self._in_zone(action, moment, zone) for zone in self.zones]

    def _in_zone(self, action: str, moment: datetime.datetime, zone: str) -> object:
        try:
            return self.policy.decide_alone(action, self.case_at(zone, moment), at=moment)[action]
        except forbear.CaseError as error:
            return frozenset(fault.fact for fault in error.faults)

    def is_decided(self, moment: datetime.datetime) -> bool:
        """Whether the case is decided as a whole at a moment: no fact of any action is missing or leaves its range."""
        try:
            return all(bool(self.policy.decide(self.case_at(zone, moment), at=moment)) for zone in self.zones)
        except forbear.CaseError:
            return False

    def case_at(self, zone: str, moment: datetime.datetime) -> Mapping[str, Any]:
        """The case as it is in a zone at a later moment: see `moved`."""
        day = zone, moment.astimezone(ZoneInfo(zone)).toordinal()
        if day not in self._of_day:
            self._of_day[day] = moved(self.case, zone, self.at, moment, self.outright)
        return self._of_day[day]


def strictest(answers: list[Any]) -> object:
    """The strictest of what is decided in several zones."""
    wrong = [answer for answer in answers if isinstance(answer, frozenset)]
    if wrong:
        return wrong[0]
    order = ["forbidden", "unsaid", "required", "allowed"]
    verdict = min((answer.verdict.value for answer in answers), key=order.index)
    giving = [answer for answer in answers if answer.verdict.value == verdict]
    unknown = sorted({name for answer in answers for name in answer.unknown})
    along: dict[str, set[str]] = {}
    for its in [its for answer in answers for its in answer.along if verdict in ("required", "allowed")]:
        along.setdefault(its.action, set()).update(its.rules)
    return verdict, {rule for answer in giving for rule in answer.rules}, unknown, along


def moved(
    case: Mapping[str, Any],
    zone: str,
    at: datetime.datetime,
    moment: datetime.datetime,
    outright: Mapping[str, int] = OUTRIGHT,
) -> Mapping[str, Any]:
    """A case as it is in a zone at a later moment: what counts days and is given outright has gone on by days."""
    days = (moment.astimezone(ZoneInfo(zone)).date() - at.astimezone(ZoneInfo(zone)).date()).days
    found = {**case, "zone": zone}
    for name, sign in {"days_overdue": 1, **outright}.items():
        value = found.get(name)
        if isinstance(value, dict):
            found[name] = {word: end if word == "or_none" else end + sign * days for word, end in value.items()}
        elif isinstance(value, int):
            found[name] = value + sign * days
    return found


def simple(answer: object) -> object:
    """A decision as what the tests compare. Of several zones rules come in the order of the zones."""
    if isinstance(answer, (frozenset, tuple)) and not hasattr(answer, "verdict"):
        return answer
    along = {its.action: set(its.rules) for its in answer.along}  # type: ignore[attr-defined]
    return answer.verdict.value, {*answer.rules}, list(answer.unknown), along  # type: ignore[attr-defined]


def rules(chance: random.Random, number: int) -> str:
    """Rules on `call` that read much of what moves, some of them with dates of their own."""
    found = []
    for place in range(number):
        parts = [_condition(chance) for _ in range(chance.choice([1, 1, 2, 3]))]
        condition = chance.choice([" and ", " or "]).join(parts)
        effect = chance.choice(["allow", "allow", "allow", "never", "forbid", "require"])
        dates = ""
        if chance.random() < 0.25:
            first = datetime.date(2026, 3, 1) + chance.randint(-20, 40) * DAY
            dates = f" in force from {first} until {first + chance.randint(0, 20) * DAY}"
        along = " with write" if effect == "allow" and chance.random() < 0.3 else ""
        found.append(f"rule r{place}: {condition} then {effect} call{along}{dates}")
    if chance.random() < 0.3:
        first = datetime.date(2026, 3, 5) + chance.choice([0, 20, 230]) * DAY
        found.append(f"rule pause: suspend call from {first} until {first + chance.randint(0, 9) * DAY}")
    found.append(f"rule writing: {_of_another_action(found)} then allow write")
    return "\n".join(found)


def _of_another_action(written: list[str]) -> str:
    """A condition for `write`, which may read what no rule on `call` does, and run out of it: a calendar that ends, as
    the clock leaves its range. It is drawn from the other rules, so that these stay as they were."""
    chance = random.Random("\n".join(written))
    return chance.choice(
        ["always", "working", "not feast", "working_since >= 2", "not working or after 80 days", _condition(chance)]
    )


def _condition(chance: random.Random) -> str:
    n = chance.randint(0, 80)
    text = chance.choice(CONDITIONS)
    return text.format(n=n, m=n + chance.randint(0, 20), d=f"{chance.randint(1, 31):02}", k=chance.randint(0, 9))


def text_of(chance: random.Random) -> str:
    dates = ""
    if chance.random() < 0.15:
        dates = f"\n  in force from 2026-01-01 until {datetime.date(2026, 4, 1) + chance.randint(0, 280) * DAY}"
    covered = chance.choice(["2026-12-31", "2027-12-31", "2027-12-31"])
    return VOCABULARY.format(dates=dates, covered=covered) + rules(chance, chance.randint(1, 7))


def case_of(chance: random.Random, at: datetime.datetime, zones: list[str]) -> dict[str, Any]:
    """A case at a moment."""
    today = at.astimezone(ZoneInfo(zones[0])).date()
    case: dict[str, Any] = {
        "zone": zones if len(zones) > 1 else zones[0],
        "days_overdue": chance.randint(0, 90),
        "least_payment": chance.choice([None, "50", "100.00", "120"]),
        "wanted_from": chance.choice(["02:00", "02:30:00", "09:00", "23:59:59", "00:00"]),
        "open_days": (open_days := chance.randint(0, 40)),
        "notice_days": open_days // 2 if open_days % 4 else "none",
        "score": chance.randint(-3, 20),
        "agreed_on": chance.choice(["none", str(today + chance.randint(-5, 40) * DAY)]),
    }
    if chance.random() < 0.7:
        case["birth"] = str((today - (18 * 365 + 4) * DAY) + chance.randint(-3, 40) * DAY)
    if chance.random() < 0.7:
        case["own_hours"] = chance.choice(
            ["mon-fri 09:00-17:30, sat 00:00-24:00", "sat-tue 22:00-03:00", "sun 02:30-02:00"]
        )
    if chance.random() < 0.7:
        case["grade"] = chance.choice(["low", "middle", "high"])
    if chance.random() < 0.2:
        outright = {"calls_week": 3, "calls_hours": 1, "working_since": 2}
        case |= {**outright, "days_since_call": chance.choice([2, "none", {"at_least": 4, "or_none": True}])}
        case |= {"days_since_first": chance.choice([9, {"at_least": 1, "at_most": 6}])}
        case.pop("agreed_on")
        return {**case, "agreed_on": "none"}
    return {**case, **history_of(chance, at, zones)}


def history_of(chance: random.Random, at: datetime.datetime, zones: list[str]) -> dict[str, Any]:
    events = []
    for _ in range(chance.choice([0, 1, 3, 8, 15])):
        moment = at - datetime.timedelta(
            minutes=chance.choice([0, 1, chance.randint(0, 3_000), chance.randint(0, 50_000)])
        )
        if chance.random() < 0.4:
            local = moment.astimezone(ZoneInfo(chance.choice(zones))).replace(hour=0, minute=0, second=0)
            moment = min(at, local.astimezone(datetime.UTC) - chance.choice([0, 1]) * datetime.timedelta(seconds=1))
        event: dict[str, Any] = {
            "event": "touch",
            "at": moment.isoformat(),
            "medium": chance.choice(["call", "call", "letter"]),
        }
        event["amount"] = chance.choice([0, 50, "100.01"])
        if chance.random() < 0.8:
            event["answered"] = chance.random() < 0.5
        events.append(event)
    back = chance.choice([None, None, 0, 3, 12, 45])
    first = "opening" if back is None else str(at.astimezone(ZoneInfo(zones[0])).date() - back * DAY)
    return {"history": events, "history_from": first}


@lru_cache(maxsize=1)
def world(seed: int) -> World | None:
    """A world; None where its case cannot be decided at first."""
    chance = random.Random(seed)
    text = text_of(chance)
    policy = forbear.loads(text)
    zones = chance.sample(ZONES, chance.choice([1, 1, 2]))
    at = datetime.datetime.fromisoformat(chance.choice(MOMENTS)).replace(tzinfo=datetime.UTC)
    at += datetime.timedelta(
        minutes=chance.choice([0, 1, chance.randint(0, 3_000)]), seconds=chance.choice([0, 0, 13.5])
    )
    case = case_of(chance, at, zones)
    found = World(policy, text, case, at)
    return None if isinstance(found.answer("call", at), frozenset) else found
