"""Working days, days of the week and the day of the decision: a contradiction is found where some day and events have
it, there alone."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from operator import eq, ge, le, ne

from strategies import examples

import forbear

FIRST, LAST = datetime.date(2026, 9, 28), datetime.date(2026, 10, 13)
"""What the calendar of the lender covers; that of the borrower begins three days later."""
HOLIDAYS = {datetime.date(2026, 10, day) for day in (1, 2, 5, 6, 7)}
MOVED = datetime.date(2026, 10, 10)
HEAD = """calendar moved covers 2026-09-28 to 2026-10-13
  weekend saturday, sunday
  holidays 2026-10-01 to 2026-10-02, 2026-10-05 to 2026-10-07
  working 2026-10-10
calendar plain covers 2026-10-01 to 2026-12-31
  weekend saturday, sunday
event letter
  has refused yes/no
"""
FACTS = """fact wd working day of moved
fact other working day of plain
fact feast holiday of moved
fact name weekday of decision
fact worked working days of moved since last letter
fact ago days since last letter
fact worked_refused working days of moved since last letter where refused
fact ago_refused days since last letter where refused
action a, b
"""
TODAY = "fact today date of decision\n"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Case = Mapping[str, object]
Condition = tuple[str, Callable[[Case], bool]]


def is_worked(day: datetime.date) -> bool:
    return day not in HOLIDAYS and (day == MOVED or day.weekday() < 5)


def worked(since: datetime.date, today: datetime.date) -> int:
    return sum(is_worked(since + datetime.timedelta(more)) for more in range(1, (today - since).days + 1))


def all_cases() -> Iterator[Case]:
    """Each day that both calendars cover, with no letter, letters none of which was refused, and one that was."""
    for number in range(3, (LAST - FIRST).days + 1):
        today = FIRST + datetime.timedelta(number)
        sent = [FIRST + datetime.timedelta(more) for more in range(-1, number + 1)]
        for last in (None, *sent):
            for refused in (None, *[day for day in sent if last is not None and day <= last]):
                yield {
                    "today": today,
                    "wd": is_worked(today),
                    "other": today.weekday() < 5,
                    "feast": today in HOLIDAYS,
                    "name": WEEKDAYS[today.weekday()],
                    "worked": None if last is None else worked(last, today),
                    "ago": None if last is None else (today - last).days,
                    "worked_refused": None if refused is None else worked(refused, today),
                    "ago_refused": None if refused is None else (today - refused).days,
                }


REAL = tuple(all_cases())


def drawn(chosen: random.Random, with_today: bool) -> Condition:
    """A condition that is close to being met by a case."""
    real = chosen.choice(REAL)
    match chosen.randrange(8 if with_today else 6):
        case 0:
            name, wanted = chosen.choice(("wd", "other", "feast")), chosen.random() < 0.5
            return name if wanted else f"not {name}", lambda case: case[name] is wanted
        case 1 | 2 | 3:
            name = chosen.choice(("worked", "ago", "worked_refused", "ago_refused"))
            value = real[name]
            if value is None:
                return f"{name} is none", lambda case: case[name] is None
            assert isinstance(value, int)
            low, high = max(value + chosen.choice((-1, 0, 0, 9)), 0), value + chosen.choice((0, 0, 9))
            low, high = min(low, high), max(low, high)
            text = f"{name} between {low} and {high}"
            return text, lambda case: isinstance(its := case[name], int) and low <= its <= high
        case 4 | 5:
            name = chosen.choice((str(real["name"]), *WEEKDAYS))
            operator, holds = chosen.choice((("is", eq), ("is not", ne), (">=", ge), ("<=", le)))
            order = WEEKDAYS.index
            return f"name {operator} {name}", lambda case: holds(order(str(case["name"])), order(name))
        case _:
            day, after = real["today"], chosen.random() < 0.5
            assert isinstance(day, datetime.date)
            text = f"today {'>=' if after else '<='} {day}"
            return text, lambda case: (case["today"] >= day) if after else (case["today"] <= day)


def decided(policy: forbear.Policy, today: datetime.date, witness: Case) -> Mapping[str, object]:
    """What the policy derives of the events that a witness tells, at the end of its day."""
    events = [
        {"event": "letter", "at": f"{today - datetime.timedelta(its)}T12:00:00Z", "refused": name == "ago_refused"}
        for name in ("ago", "ago_refused")
        if isinstance(its := witness[name], int)
    ]
    case = {"history": events, "history_from": "opening", "zone": "UTC"}
    return policy.derive(case, at=f"{today}T23:59:59Z")


def test_a_finding_has_a_real_day_and_each_real_day_is_found() -> None:
    outcomes = Counter[str]()
    for seed in range(examples(42, by_night=14)):
        chosen = random.Random(f"working days {seed}")
        with_today = chosen.random() < 0.8
        its = [drawn(chosen, with_today) for _ in range(chosen.choice((2, 3, 4)))]
        text = (
            f"{HEAD}{TODAY if with_today else ''}{FACTS}"
            f"rule permit: allow a when {its[0][0]}\n"
            f"rule refuse: forbid a when {' and '.join(text for text, _ in its[1:])}\n"
            "rule reading: allow b when wd and other and worked = 0 and ago = 0 and worked_refused = 0 and "
            f"ago_refused = 0{' and today >= 2026-09-28' if with_today else ''}\n"
        )
        expected = [case for case in REAL if all(holds(case) for _, holds in its)]
        policy = forbear.loads(text)
        diagnostics = policy.validate()
        assert not any(one.code == "undecided" for one in diagnostics), text
        found = [one.witness for one in diagnostics if one.code == "contradiction"]
        assert len(found) == bool(expected), text
        outcomes["found" if expected else "none"] += 1
        for one in found:
            assert one is not None
            told = {name: None if value == "none" else value for name, value in one.items()}
            days = [case for case in expected if all(case[name] == told[name] for name in told if name != "today")]
            assert days, (text, one)
            if with_today:
                today = datetime.date.fromisoformat(str(one["today"]))
                assert today in [case["today"] for case in days]
                derived = decided(policy, today, one)
                assert {name: derived[name] for name in one} == {**one, "today": today}
    assert min(outcomes["found"], outcomes["none"]) > 2, outcomes
