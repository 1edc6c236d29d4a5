"""Ages: whole years and months since a date of the case, and days until it, on the day of the decision."""

from __future__ import annotations

import datetime
import itertools
import random
from collections.abc import Callable, Mapping

import polars as pl
import pytest
from second_events import whole_months, whole_years
from strategies import examples
from test_generated import run_module

import forbear
from forbear.kernel.history import moments, readings
from forbear.space.predicates.specs import specs

TEXT = """\
fact birth_date date
fact opened_on date or none
fact consent_until date optional private
fact today date of decision
fact age years since birth_date
fact term months since opened_on
fact days_left days until consent_until
action visit, call, sms
rule adults: allow visit when age >= 18
rule new: never visit when term < 3 or term is none
rule call: allow call when days_left >= 0
rule gone: forbid call when days_left is between -7 and -1
rule sms: always then allow sms
rule old: forbid sms when age >= 100
"""
POLICY = forbear.loads(TEXT)
DAYS = [
    datetime.date(year, month, day)
    for year, (month, day) in itertools.product(
        (2023, 2024, 2025),
        ((1, 1), (1, 28), (1, 29), (1, 30), (1, 31), (2, 27), (2, 28), (3, 1), (3, 30), (3, 31), (4, 30), (12, 31)),
    )
] + [datetime.date(2024, 2, 29)]


@pytest.mark.parametrize("date", DAYS)
def test_years_and_months_are_complete_when_their_day_comes_round(date: datetime.date) -> None:
    tables = specs(POLICY.typed).history
    for today in DAYS:
        if today < date:
            continue
        case = {"birth_date": date, "opened_on": date.isoformat(), "consent_until": date}
        [reading] = readings.readings(tables, case, today, None)
        found = [reading.case[name] for name in ("age", "term", "days_left")]
        expected = [whole_years(date, today), whole_months(date, today), (date - today).days]
        assert found == expected, (date, today)


def test_leap_days_and_ends_of_months() -> None:
    tables = specs(POLICY.typed).history

    def ages(date: str, today: str) -> tuple[object, object]:
        [reading] = readings.readings(tables, {"birth_date": date, "opened_on": date}, today, None)
        return reading.case["age"], reading.case["term"]

    assert ages("2008-02-29", "2026-02-28") == (17, 216)
    assert ages("2008-02-29", "2026-03-01") == (18, 216)
    assert ages("2008-02-29", "2028-02-29") == (20, 240)
    assert ages("2026-01-31", "2026-02-27") == (0, 0)
    assert ages("2026-01-31", "2026-02-28") == (0, 1)
    assert ages("2026-01-31", "2026-03-30") == (0, 1)
    assert ages("2026-01-31", "2026-03-31") == (0, 2)
    assert ages("2026-02-28", "2026-03-28") == (0, 1)


def test_an_age_may_be_given_beside_its_date_as_it_is() -> None:
    case = {"birth_date": "2000-01-01", "opened_on": "none"}
    told = {**case, "age": 26, "term": "none", "today": "2026-03-01"}
    expected = POLICY.decide({**case, "today": "2026-03-01"}, "2026-03-01").as_json()
    assert POLICY.decide(told, "2026-03-01").as_json() == expected
    adults = forbear.loads("fact d date\nfact age years since d\naction a\nrule r: allow a when age >= 18\n")
    rows = pl.DataFrame([{"d": "2000-01-01", "age": age} for age in (26, 40)])
    assert adults.apply(rows, "2026-03-01")["a"].to_list() == ["allowed", "undecided"]
    at = "2026-03-01T12:00:00Z"
    timed = {**told, "zone": "UTC"}
    del timed["today"]
    assert POLICY.decide(timed, at=at).as_json() == expected
    with pytest.raises(forbear.CaseError, match="`age` is given as 17, and by `birth_date` it is 26"):
        POLICY.decide({**timed, "age": 17}, at=at)


UNREAD = """calendar office covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
fact born date
fact age years since born
fact left days until born
fact name weekday of decision
fact today date of decision
fact worked working day of office
fact late days
action visit, call
rule visit: allow visit when born < 2010-01-01
rule call: allow call when late > 3
"""


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"age": 26, "left": -9556, "name": "sunday", "today": "2026-03-01", "worked": False}, None),
        ({"age": 25}, "`age` is given as 25, and by `born` it is 26"),
        ({"left": 0}, "`left` is given as 0, and by `born` it is -9556"),
        ({"name": "monday"}, "`name` is"),
        ({"today": "2026-03-02"}, "`today` is"),
        ({"worked": True}, "`worked` is not so by the calendar `office`"),
    ],
)
def test_what_follows_from_the_day_is_checked_if_no_rule_reads_it(
    told: Mapping[str, object], message: str | None
) -> None:
    policy = forbear.loads(UNREAD)
    case = {"born": "2000-01-01", "late": 4, **told}
    module = run_module(policy)
    frame, at, case_at = pl.DataFrame([case]), "2026-03-01T10:00Z", {**case, "zone": "UTC"}
    for name in ("name", "today") if message is None else ():  # these follow from the moment
        del case_at[name]
    doors: list[Callable[[], object]] = [
        lambda: policy.explain("call", case, "2026-03-01"),
        lambda: policy.ask("call", case, "2026-03-01"),
        lambda: policy.partial(case, [], "2026-03-01"),
    ]
    undecided = [
        policy.apply(frame, "2026-03-01")["call"][0] == "undecided",
        policy.plan(pl.DataFrame([case_at]), 1, at=at)["undecided"][0] == 1,
    ]
    if message is None:
        assert undecided == [False, False]
        for door in doors:
            door()
        assert policy.decide(case, "2026-03-01")["visit"].permitted
        assert module(case, "2026-03-01")["visit"]["verdict"] == "allowed"
        return
    with pytest.raises(forbear.CaseError, match=message):
        policy.decide(case, "2026-03-01")
    with pytest.raises(ValueError, match=message):
        module(case, "2026-03-01")
    for door in doors:
        with pytest.raises(forbear.CaseError, match=f"{message}|follows from `at`"):
            door()
    assert undecided == [True, True]
    with pytest.raises(forbear.CaseError, match=r"follows from dates and the moment|changes from day to day"):
        policy.plan(frame, 1, "2026-03-01")  # on the days after it would be wrong
    assert policy.permits("call", case, "2026-03-01")  # which looks at what its own rules read


def together() -> set[tuple[int, int, int]]:
    """The years, months and days that are complete together, of up to 800 days."""
    days = [datetime.date(2003, 3, 1) + datetime.timedelta(days=number) for number in range(400)]
    return {
        (moments.whole_years(day, today), moments.whole_months(day, today), gone)
        for day, gone in itertools.product(days, range(800))
        for today in [day + datetime.timedelta(days=gone)]
    }


TOGETHER = together()
Ages = Callable[[int, int], bool]


@pytest.mark.parametrize("seed", range(examples(40)))
def test_a_rule_is_dead_where_no_date_has_such_ages(seed: int) -> None:
    generator = random.Random(seed)
    months, days = sorted(generator.choices(range(-1, 26), k=2)), sorted(generator.choices(range(-1, 800), k=2))
    more = generator.choice([-14, -13, -12, -1, 0, 1, 12])
    share = generator.choice([8, 9, 100])
    relations: list[tuple[str, Ages]] = [
        (f"age > {share}% of term", lambda years, months: 100 * years > share * months),
        (f"{share}% of term > age", lambda years, months: 100 * years < share * months),
        (f"age < term + {more}", lambda years, months: years < months + more),
        (f"age >= term + {more}", lambda years, months: years >= months + more),
        (f"age = term + {more}", lambda years, months: years == months + more),
        ("always", lambda years, months: True),
    ]
    relation, holds = generator.choice(relations)
    by_cells = relation == "always"
    bounded = f"left between {-days[1]} and {-days[0]} and " if by_cells else ""
    text = (
        "fact begun date\nfact age years since begun\nfact term months since begun\nfact left days until begun\n"
        f"action a\nrule r: allow a when {bounded}term between {months[0]} and {months[1]} and {relation}\n"
    ).replace("between -1 and", "between 0 and")
    alive = any(
        months[0] <= term <= months[1] and (not by_cells or days[0] <= gone <= days[1]) and holds(years, term)
        for years, term, gone in TOGETHER
    )
    assert ("dead-rule" not in {one.code for one in forbear.loads(text).validate()}) is alive, text
