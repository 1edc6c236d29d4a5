"""A second opinion on pair findings: the same questions put to z3, on policies larger than brute force can visit."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import forbear

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "benchmarks"))

from solver import ask_each_pair, ask_the_analyser
from workload import many_rules

sys.path.pop(0)

UNKNOWN = """
fact late days clock
fact origin one of form, friend, web optional
fact promised date or none
fact hour time
fact tries count optional
action sms, call, visit
"""
CONDITIONS = [
    *("origin is form", "origin is not form", "origin is known and late > 3", "origin is unknown or tries >= 2"),
    *("tries < 3 and not (origin is one of form, web)", "promised is none", "promised != 2015-09-21"),
    *("promised > 2015-09-20 and promised <= 2015-09-21", "hour between 22:00 and 08:00"),
    *("hour is not between 21:00 and 09:00", "hour = 21:30", "late between 3 and 9"),
    *("late > 9 or late < 3", "not (tries between 2 and 4)"),
]
RELATED = """policy house
  currency CNY
fact late days clock
fact grace days optional
fact owed money
fact owed_before money optional
fact limit money between CNY 100 and CNY 1000000 in steps of CNY 100
fact income money or none
fact promised date or none
fact runs_out date or none
fact today date
action sms, call, visit
"""
RELATIONS = [
    "owed > 10% of limit",
    "owed <= 9.99% of limit and limit > CNY 10000",
    "owed < owed_before and owed_before <= 8% of limit",
    "owed between 5% of income and 20% of income",
    "income < 40% of limit and owed > 50% of income",
    "owed = 0.07% of limit and owed > CNY 3",
    "not (owed_before - CNY 100 > owed)",
    "owed_before != owed and owed < CNY 1",
    "promised + 3 days < today",
    "promised > runs_out or today >= runs_out",
    "today > 2026-01-01 and promised + 1 day >= today and promised <= 2026-02-28",
    "not (runs_out > today) and promised < 2020-01-01",
    "late > grace + 2 and grace > 30",
    "grace between late and late + 3 and late < 9",
    "late <= 150% of grace and late is not between 5 and 60",
]
EFFECTS = ["allow sms", "forbid sms", "require sms", "never sms", "allow call and forbid visit", "forbid call, sms"]


@pytest.mark.parametrize("seed", range(3))
def test_pair_findings_are_those_of_a_solver(seed: int) -> None:
    policy = forbear.loads(many_rules(120, seed=seed))
    assert ask_the_analyser(policy) == ask_each_pair(policy.typed)


@pytest.mark.parametrize(
    ("head", "conditions"), [(UNKNOWN, CONDITIONS), (RELATED, RELATIONS)], ids=["unknown or none", "two facts"]
)
def test_pair_findings_over_conditions(head: str, conditions: list[str]) -> None:
    rules = [
        f"rule r{number}_{turn}: {condition} then {EFFECTS[(number * 5 + turn * 7) % len(EFFECTS)]}"
        for number, condition in enumerate(conditions)
        for turn in range(4)
    ]
    policy = forbear.loads(head + "\n".join(rules))
    answers = ask_the_analyser(policy)
    assert answers == ask_each_pair(policy.typed)
    assert {code for code, _, _ in answers} == {"contradiction", "blocked-duty", "common case"}
