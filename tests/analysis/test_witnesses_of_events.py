"""Cases of findings about events: each can be decided, goes together, and is as mild as can be."""

from __future__ import annotations

import random

import pytest
from checking import each
from strategies import examples

import forbear
from forbear.space.related import WEAKEST, related_facts

NUMBERS = (
    *("c7 count of e in last 7 days", "c3 count of e in last 3 days", "c1 count of e in last 1 day"),
    *("marked count of e where x in last 7 days", "hours count of e in last 48 hours"),
    *("month count of e in last 1 month", "earlier count of e at least 7 days ago"),
    *("span count of e between 2 and 9 days ago", "s7 sum of e.m in last 7 days"),
)
DATES = (
    *("d9 days with e in last 9 days", "d9_marked days with e where x in last 9 days"),
    *("row days in a row with e ever", "row_marked days in a row with e where x in last 9 days"),
)
DAYS = (
    "ago days since last e",
    "ago_marked days since last e where x",
    "start days since first e",
    "start_marked days since first e where x",
)
FLAGS = (
    "any7 any e in last 7 days",
    "old any e at least 7 days ago",
    "happened any e ever",
    "old_marked any e where x at least 3 days ago",
    "mid any e between 3 and 5 days ago",
)
ATTRIBUTES = ("amount m of last e", "first_amount m of first e")


class _Writer:
    def __init__(self, seed: int) -> None:
        self._chosen = random.Random(f"events {seed}")
        self._facts = self._chosen.sample(
            (*NUMBERS, *DATES, *DAYS, *FLAGS, *ATTRIBUTES), self._chosen.choice((2, 3, 3, 4, 5))
        )

    def text(self) -> str:
        chosen = self._chosen
        optional = [fact for fact in self._facts if fact in NUMBERS + DATES + FLAGS and chosen.random() < 0.15]
        rising = [fact.split()[0] for fact in self._facts if fact not in FLAGS]
        actions = ("sms", "call", "visit")
        effects = ("allow", "allow", "forbid", "never", "require")
        lines = [
            "event e\n  has x yes/no\n  has m count between 1 and 9",
            *[f"fact {fact}{' optional' if fact in optional else ''}" for fact in self._facts],
            "action sms, call, visit",
            "ladder p: sms, call, visit" + (f"\n  rising with {', '.join(rising[:2])}" if rising else ""),
        ]
        for number in range(chosen.randint(2, 4)):
            effect = f"{chosen.choice(effects)} {chosen.choice(actions)}"
            lines.append(f"rule r{number}: {effect} when {self._condition()}")
        for _ in range(chosen.randint(0, 3)):
            expected = chosen.choice(("allowed", "not allowed", "unsaid", "forbidden"))
            lines.append(f"ensure {chosen.choice(actions)} {expected} when {self._condition()}")
        return "\n".join(lines) + "\n"

    def _condition(self) -> str:
        parts = [self._atom() for _ in range(self._chosen.choice((1, 2, 2, 3)))]
        return " and ".join(f"not ({part})" if self._chosen.random() < 0.15 else part for part in parts)

    def _atom(self) -> str:
        chosen = self._chosen
        fact = chosen.choice(self._facts)
        name, order = fact.split()[0], chosen.choice(("<", "<=", ">", ">=", "=", "!="))
        if fact in FLAGS:
            return chosen.choice((name, f"not {name}"))
        if fact not in NUMBERS + DATES and chosen.random() < 0.2:
            return f"{name} is {chosen.choice(('', 'not '))}none"
        alike = [other for others in (NUMBERS[:-1], DAYS + DATES) if fact in others for other in others]
        others = [other.split()[0] for other in self._facts if other in alike and other != fact]
        if others and chosen.random() < 0.25:
            return f"{name} {order} {chosen.choice(others)}"
        return f"{name} {order} {chosen.choice((2, 3, 6, 7) if fact in ATTRIBUTES else (0, 1, 1, 2, 3, 6, 7, 8))}"


def strength(value: object, falls: bool) -> int:
    if value == "none":
        return WEAKEST
    assert isinstance(value, int)
    return -int(value) if falls else int(value)


def goes_together(policy: forbear.Policy, case: dict[str, object]) -> bool:
    facts = [name for name in case if case[name] is not None]
    return all(
        strength(case[pair.more], pair.falls[1]) >= pair.least(strength(case[pair.fewer], pair.falls[0]))
        for pair in related_facts(policy.typed, facts)
    )


@pytest.mark.parametrize("chunk", range(4))
def test_a_case_can_be_decided_and_goes_together(chunk: int) -> None:
    shown = 0
    number = examples(25, by_night=2_000)
    for seed in range(chunk * number, (chunk + 1) * number):
        text = _Writer(seed).text()
        policy = forbear.loads(text)
        for found in each(policy.validate(asked=["overlap"])):
            assert found.code != "undecided", text
            for witness in found.cases:
                case = dict(witness)
                policy.decide(case)
                assert None not in case.values(), (text, case)
                assert goes_together(policy, case), (text, case)
                assert not any(isinstance(value, int) and value > 1_000 for value in case.values()), (text, case)
                shown += 1
    assert shown > number
