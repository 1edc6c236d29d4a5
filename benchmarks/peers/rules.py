"""The workload of all peers: seeded rules over eight facts and twelve actions, as data, and as text of the language.

Rules are as narrow as those of a policy with many of them are: two to four comparisons, a band of days first.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from workload import ACTIONS, TEN_RULES

HEAD = TEN_RULES.partition("rule r1")[0]
FACTS = {
    "days_overdue": int,
    "unreachable": int,
    "overdue_amount": int,
    "cease_requested": bool,
    "dispute": str,
    "risk": str,
    "placed": bool,
    "score": int,
}
DISPUTES = ("no_dispute", "unverified", "verified")
RISKS = ("low", "medium", "high")
Case = dict[str, object]


class Between(NamedTuple):
    """A span of a number, both ends in it."""

    fact: str
    low: int
    high: int


class AtLeast(NamedTuple):
    fact: str
    low: int


class Is(NamedTuple):
    """A name, or a flag."""

    fact: str
    value: str | bool


Comparison = Between | AtLeast | Is


class Rule(NamedTuple):
    name: str
    comparisons: tuple[Comparison, ...]
    forbids: bool
    actions: tuple[str, ...]


def rules(number: int, seed: int = 1) -> list[Rule]:
    generator = random.Random(seed)
    return [_rule(f"rule_{index}", generator) for index in range(number)]


def _rule(name: str, generator: random.Random) -> Rule:
    day, score, amount = generator.randrange(1, 220), generator.randrange(90), generator.randrange(1, 9_000)
    others: list[Comparison] = [
        Between("score", score, min(100, score + generator.randrange(5, 30))),
        Between("overdue_amount", amount, amount + generator.randrange(200, 3_000)),
        AtLeast("unreachable", generator.randrange(1, 6)),
        Is("dispute", generator.choice(DISPUTES)),
        Is("risk", generator.choice(RISKS)),
        Is("placed", generator.random() < 0.5),
        Is("cease_requested", generator.random() < 0.5),
    ]
    chosen = generator.sample(others, generator.randrange(1, 4))
    days = Between("days_overdue", day, day + generator.randrange(5, 40))
    actions = generator.sample(ACTIONS, generator.randrange(1, 3))
    return Rule(name, (days, *chosen), generator.random() < 0.4, tuple(sorted(actions, key=ACTIONS.index)))


def cases(number: int, seed: int = 3) -> list[Case]:
    generator = random.Random(seed)
    return [
        {
            "days_overdue": generator.randrange(240),
            "unreachable": generator.randrange(7),
            "overdue_amount": generator.randrange(10_000),
            "cease_requested": generator.random() < 0.2,
            "dispute": generator.choice(DISPUTES),
            "risk": generator.choice(RISKS),
            "placed": generator.random() < 0.3,
            "score": generator.randrange(101),
        }
        for _ in range(number)
    ]


def forbear_text(given: list[Rule]) -> str:
    lines = [HEAD]
    for rule in given:
        condition = " and ".join(_in_forbear(comparison) for comparison in rule.comparisons)
        effect = "forbid" if rule.forbids else "allow"
        # A forbid needs no override here: it wins over allow wherever both hold.
        lines.append(f"rule {rule.name}: {condition} then {effect} {', '.join(rule.actions)}")
    return "\n".join(lines)


def _in_forbear(comparison: Comparison) -> str:
    match comparison:
        case Between("days_overdue", low, high):
            return f"from day {low} to day {high}"
        case Between("overdue_amount", low, high):
            return f"overdue_amount between CNY {low} and CNY {high}"
        case Between(fact, low, high):
            return f"{fact} between {low} and {high}"
        case AtLeast(fact, low):
            return f"{fact} >= {low}"
        case Is(fact, bool(value)):
            return fact if value else f"not {fact}"
        case Is(fact, value):
            return f"{fact} is {value}"
