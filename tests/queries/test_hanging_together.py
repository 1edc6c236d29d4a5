"""Open facts that follow from one date or from the same events: what no case has together is not held open."""

from __future__ import annotations

import datetime
import itertools
import random
from collections.abc import Iterator, Mapping, Sequence

import pytest
import strategies
from strategies import examples

import forbear
from forbear.kernel.cases import GridValue
from forbear.kernel.history.moments import whole_months, whole_years
from forbear.language.model.policy import facts_read
from forbear.semantics import meaning

Case = Mapping[str, GridValue]

EVENTS = """event call
fact calls_today count of call in last 1 day
fact calls_in_7_days count of call in last 7 days
fact called days since last call
fact cap count between 0 and 2
action sms
"""
OF_EVENTS = [
    *[f"{name} {test}" for name in ("calls_today", "calls_in_7_days") for test in (">= 1", ">= 2", "< 1", "= 1")],
    *[f"called {test}" for test in ("is none", "<= 0", "<= 6", ">= 2", "= 3")],
    "calls_today < calls_in_7_days",
    "calls_in_7_days > cap",
    "calls_today >= cap",
]
DATES = """fact today date of decision
fact d date
fact age years since d
fact term months since d
fact left days until d
fact consent date
action sms
"""
OF_DATES = [
    *[f"age {test}" for test in (">= 2", "< 1", "= 1")],
    *[f"term {test}" for test in (">= 24", "< 11", "= 12", "= 13")],
    *[f"left {test}" for test in (">= -366", "< -364", "= -365")],
    *[f"today {test}" for test in (">= 2024-03-01", "< 2024-02-29", "= 2024-02-29")],
    *[f"d {test}" for test in (">= 2023-03-01", "< 2023-02-28", "= 2023-02-28")],
    "age + 11 <= term",
    "consent <= today",
    "d + 365 days >= today",
]


MOST = 5
"""The most calls of an enumerated case. What is given has fewer, so that open counts may be above it."""


def of_events() -> Iterator[Case]:
    for today, week, called, cap in itertools.product(range(MOST), range(MOST + 1), (None, *range(9)), range(3)):
        if today <= week and bool(today) == (called == 0) and bool(week) == (called is not None and called <= 6):
            yield {"calls_today": today, "calls_in_7_days": week, "called": called, "cap": cap}


def around(day: str) -> range:
    middle = datetime.date.fromisoformat(day).toordinal()
    return range(middle - 2, middle + 3)


def of_dates() -> Iterator[Case]:
    """Not all cases, but those around the days that conditions name."""
    days = [day for near in ("2023-02-28", "2022-02-28", "2024-02-01") for day in around(near)]
    for today, d in itertools.product(around("2024-02-29"), days):
        its = datetime.date.fromordinal(d), datetime.date.fromordinal(today)
        ages = {"age": whole_years(*its), "term": whole_months(*its), "left": d - today}
        for consent in (today - 1, today, today + 1):
            yield {"today": today, "d": d, **ages, "consent": consent}


@pytest.mark.parametrize(
    ("vocabulary", "conditions", "cases", "number", "exact"),
    [(EVENTS, OF_EVENTS, list(of_events()), 40, True), (DATES, OF_DATES, list(of_dates()), 8, False)],
)
def test_what_may_come_of_an_action_comes_of_it_in_some_case(
    vocabulary: str, conditions: Sequence[str], cases: Sequence[Case], number: int, exact: bool
) -> None:
    settled = 0
    for seed in range(examples(number)):
        chosen = random.Random(seed)
        rules = [
            f"rule r{place}: {effect} sms when {' and '.join(chosen.sample(conditions, chosen.randint(1, 3)))}"
            for place, effect in enumerate(("allow", "forbid", "require")[: chosen.randint(2, 3)])
        ]
        text = vocabulary + "\n".join(rules)
        policy = forbear.loads(text)
        typed, real = policy.typed, chosen.choice([case for case in cases if case.get("calls_in_7_days") != MOST])
        read = facts_read(typed)
        known = {name: real[name] for name in chosen.sample(read, min(len(read) - 1, chosen.choice((0, 1, 2))))}
        opened = [name for name in read if name not in known]
        complete = [case for case in cases if all(case[name] == value for name, value in known.items())]
        told = {tuple(case[name] for name in opened): verdict(policy, case) for case in complete}
        given = strategies.written(typed.facts, known)
        outcomes = policy.partial(given, opened)["sms"]
        for values, its in told.items():
            raw = {name: strategies.given(typed.facts[name], value) for name, value in zip(opened, values, strict=True)}
            assert [one.verdict for one in outcomes if one.holds(raw)] == [its], (text, given, raw)
        questions = policy.ask("sms", given)
        asked = {one.fact for one in questions}
        differ = {
            name
            for place, name in enumerate(opened)
            for one, other in itertools.combinations(told, 2)
            if told[one] != told[other] and all(one[at] == other[at] for at in range(len(opened)) if at != place)
        }
        assert differ <= asked, (text, given)
        if exact:
            assert {one.verdict for one in outcomes} == set(told.values()), (text, given)
            assert (questions.settled is not None) == (len(set(told.values())) == 1)
        settled += questions.settled is not None
    assert settled > number / 20


def verdict(policy: forbear.Policy, case: Case) -> forbear.Verdict:
    return meaning.decide(policy.typed, case, None)["sms"].verdict


def test_facts_that_follow_from_others_are_asked_until_the_verdict_is_settled() -> None:
    """None of these can change alone: the days that are left follow from the other two dates."""
    dates = DATES.replace("fact d date", "fact d date or none")
    for vocabulary, condition in (
        (
            dates.replace("fact age years since d\nfact term months since d\n", ""),
            "left >= 0 and d >= today",
        ),
        (EVENTS, "calls_today >= 1 and called = 0"),
    ):
        policy = forbear.loads(f"{vocabulary}rule permit: allow sms when {condition}\n")
        for case in ({"today": "2026-03-01", "d": "2026-03-05", "left": 4, "calls_today": 1, "called": 0},):
            told: dict[str, object] = {}
            while (questions := policy.ask("sms", told)).settled is None:
                told[questions[0].fact] = case[questions[0].fact]
            assert questions.settled.permitted
            assert set(told) <= set(case)
