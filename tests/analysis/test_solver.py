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
    "origin is form",
    "origin is not form",
    "origin is known and late > 3",
    "origin is unknown or tries >= 2",
    "tries < 3 and not (origin is one of form, web)",
    "promised is none",
    "promised != 2015-09-21",
    "promised > 2015-09-20 and promised <= 2015-09-21",
    "hour between 22:00 and 08:00",
    "hour is not between 21:00 and 09:00",
    "hour = 21:30",
    "late between 3 and 9",
    "late > 9 or late < 3",
    "not (tries between 2 and 4)",
]
EFFECTS = ["allow sms", "forbid sms", "require sms", "never sms", "allow call and forbid visit", "forbid call, sms"]


@pytest.mark.parametrize("seed", range(3))
def test_pair_findings_are_those_of_a_solver(seed: int) -> None:
    policy = forbear.loads(many_rules(120, seed=seed))
    assert ask_the_analyser(policy) == ask_each_pair(policy.typed)


def test_pair_findings_over_what_may_be_unknown_or_none() -> None:
    rules = [
        f"rule r{number}_{turn}: {condition} then {EFFECTS[(number * 5 + turn * 7) % len(EFFECTS)]}"
        for number, condition in enumerate(CONDITIONS)
        for turn in range(4)
    ]
    policy = forbear.loads(UNKNOWN + "\n".join(rules))
    answers = ask_the_analyser(policy)
    assert answers == ask_each_pair(policy.typed)
    assert {code for code, _, _ in answers} == {"contradiction", "blocked-duty", "common case"}
