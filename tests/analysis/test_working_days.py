"""Working days, days of the week and the day of the decision: a contradiction is found where some day and events have
it, there alone."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from operator import eq, ge, le, ne

import pytest
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


DATED = """policy p
  in force from 2026-10-05 until 2026-12-31
"""


@pytest.mark.parametrize(
    ("since", "condition", "codes"),
    [
        ("2026-10-05", "wd", ["contradiction"]),
        ("2026-10-10", "wd and not other", ["contradiction"]),
        ("2026-10-11", "wd and not other", ["dead-rule"]),
        ("2026-10-14", "days_overdue > 3", ["dead-rule"]),
    ],
)
def test_the_days_of_rules_are_those_that_a_calendar_covers(since: str, condition: str, codes: list[str]) -> None:
    text = f"{DATED}{HEAD}{FACTS}fact days_overdue days clock\nrule permit: allow a, b when wd or other\n"
    text += f"rule refuse:\n  in force from {since}\n  forbid a when {condition}\n"
    diagnostics = forbear.loads(text).validate()
    assert [one.code for one in diagnostics if one.severity != "note"] == codes
    for one in diagnostics:
        if one.witness is not None:
            day = datetime.date.fromisoformat(str(one.witness["on"]))
            assert one.witness["wd"] is is_worked(day)
            assert one.witness["other"] is (day.weekday() < 5)


TWO_YEARS = """calendar cn covers 2026-01-01 to 2027-12-31
  weekend saturday, sunday
  holidays 2026-10-01 to 2026-10-07
  working 2026-10-10
event letter
fact today date of decision
fact worked working days of cn since last letter
fact ago days since last letter
fact birth date
fact age years since birth
action a, b
rule permit: allow a when worked >= {working} and age >= 18
rule refuse: forbid a when ago <= 7 and birth >= 2000-01-01
rule reading: allow b when today > 2026-01-01
"""


@pytest.mark.parametrize(("working", "witnesses"), [(6, [("2026-10-14", 6, 7)]), (7, [])])
def test_the_only_week_of_two_years_is_found(working: int, witnesses: list[tuple[str, int, int]]) -> None:
    diagnostics = forbear.loads(TWO_YEARS.format(working=working)).validate()
    found = [one.witness for one in diagnostics if one.code in ("contradiction", "undecided")]
    assert [one and (one["today"], one["worked"], one["ago"]) for one in found] == witnesses


def test_a_rule_in_a_year_that_no_calendar_covers_is_told_why() -> None:
    text = f"{DATED}{HEAD}{FACTS}rule late:\n  in force from 2026-11-01\n  allow a when wd\n"
    [dead] = [one for one in forbear.loads(text).validate() if one.code == "dead-rule"]
    assert dead.help is not None
    assert "or for days that `moved` does not cover" in dead.help


@pytest.mark.parametrize(("ago", "found"), [(4, 1), (14, 0)])
def test_some_of_the_events_are_no_later_than_the_last_of_all(ago: int, found: int) -> None:
    """On the holidays 4 days ago is no working day ago; 14 days ago are some, of whatever letter."""
    text = f"{HEAD}{FACTS}rule permit: allow a when worked_refused <= 1\nrule refuse: forbid a when ago >= {ago}\n"
    assert sum(one.code == "contradiction" for one in forbear.loads(text).validate()) == found


@pytest.mark.parametrize("policy", ["", DATED])
@pytest.mark.parametrize("condition", ["wd", "not wd", "worked >= 2", "worked is none and wd"])
def test_a_day_that_is_unknown_is_a_day_of_the_calendar(policy: str, condition: str) -> None:
    """Each witness is checked against the days: it would not be shown, but end in an error."""
    today = "fact today date of decision optional\nfact birth date\nfact age years since birth\n"
    text = f"{policy}{HEAD}{today}{FACTS}rule permit: allow a when {condition}\n"
    text += "rule refuse: forbid a when today >= 2026-11-01 and age < 18\n"
    [one] = [one for one in forbear.loads(text).validate() if one.code == "contradiction"]
    assert one.witness is not None
    assert "today" not in one.witness


AGES_TOO = """policy p
  in force from 2026-03-01
calendar plain covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
event letter
fact birth date
fact age years since birth
fact term months since birth
fact wd working day of plain
fact worked working days of plain since last letter
fact ago days since last letter
action a, b
rule adults: allow a when age >= 18
rule waited: allow b when worked >= 2
rule reading: forbid b when wd and term > 300 and ago = 1
  overrides all
ensure a not allowed when birth > {birth}
ensure b not allowed when ago < {ago}
ensure b not allowed when term < 3 and not wd
"""


@pytest.mark.parametrize(
    ("birth", "ago", "failed"),
    [("2008-12-31", 2, ["term"]), ("2008-12-30", 2, ["birth", "term"]), ("2009-01-01", 3, ["ago", "term"])],
)
def test_ages_beside_working_days_are_decided(birth: str, ago: int, failed: list[str]) -> None:
    diagnostics = forbear.loads(AGES_TOO.format(birth=birth, ago=ago)).validate()
    assert not [one for one in diagnostics if one.code == "undecided"]
    ensures = [one.place.text for one in diagnostics if one.code == "failed-ensure"]
    assert [name for text in ensures for name in ("birth", "ago", "term") if name in text] == failed


IN_A_WEEK = """policy p
  in force from 2026-03-02
fact name weekday of decision
fact second weekday of decision
fact maybe weekday of decision optional
fact today date of decision
action a
rule permit: allow a when {permit}
rule refuse:
  in force from 2026-04-01 until 2026-04-03
  forbid a when {refuse}
"""


@pytest.mark.parametrize(
    ("permit", "refuse", "code"),
    [
        ("name is friday", "second is not monday", "contradiction"),
        ("name is friday", "name >= saturday", "dead-rule"),  # from a Wednesday to a Friday
        ("name is friday", "second is thursday", None),
        ("name is friday", "maybe is thursday", "contradiction"),  # where it is unknown
        ("name is thursday", "today = 2026-04-02", "contradiction"),
        ("name is thursday", "today = 2026-04-03", None),
        ("second is thursday", "today = 2026-04-03", None),
    ],
)
def test_a_day_has_one_day_of_the_week(permit: str, refuse: str, code: str | None) -> None:
    diagnostics = forbear.loads(IN_A_WEEK.format(permit=permit, refuse=refuse)).validate()
    errors = [one for one in diagnostics if one.code not in ("unguarded", "hole", "subsumed", "unread")]
    assert [one.code for one in errors] == [code] * bool(code)
    for one in errors:
        if one.witness is not None:
            on = datetime.date.fromisoformat(str(one.witness["on"]))
            assert one.witness["name"] == WEEKDAYS[on.weekday()]
