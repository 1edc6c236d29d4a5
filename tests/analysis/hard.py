"""Policies that are made to be hard for an analyser, of any size."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

ACTIONS = ("sms", "call", "relative", "visit", "court", "letter")


def many_thresholds(facts: int, thresholds: int, rules: int, seed: int = 1) -> str:
    """Rules of three or four facts each; each fact is compared with as many values as are asked for."""
    chosen = random.Random(seed)
    values = [chosen.sample(range(1, 1000), thresholds) for _ in range(facts)]
    used = [itertools.cycle(its) for its in values]
    names = [f"f{number}" for number in range(facts)]

    def atom(number: int) -> str:
        value = next(used[number])
        match chosen.randrange(4):
            case 0:
                return f"{names[number]} >= {value}"
            case 1:
                return f"{names[number]} < {value}"
            case 2:
                return f"{names[number]} between {value} and {min(999, value + chosen.randrange(1, 400))}"
            case _:
                return f"{names[number]} is not between {value} and {min(999, value + chosen.randrange(1, 50))}"

    def written() -> Iterator[str]:
        yield "policy hard"
        yield "fact late days clock between 0 and 999"
        for number, name in enumerate(names):
            yield f"fact {name} count between 0 and 999{' optional' if number % 5 == 4 else ''}"
        yield f"action {', '.join(ACTIONS)}"
        yield f"ladder pressure: {', '.join(ACTIONS[:5])} rising with late, {', '.join(names[:3])}"
        for number in range(rules):
            about = chosen.sample(range(facts), chosen.choice((3, 4)))
            start = chosen.randrange(900)
            condition = " and ".join([f"from day {start} to day {start + chosen.randrange(100)}", *map(atom, about)])
            effect = chosen.choice(("allow", "allow", "allow", "require", "forbid", "never"))
            yield f"rule r{number}: {condition} then {effect} {chosen.choice(ACTIONS)}"
        yield "ensure court not allowed when late < 3 and f0 >= 500"

    return "\n".join(written()) + "\n"


def disjunctions(rules: int, clauses: int, facts: int = 12, seed: int = 1) -> str:
    """Rules that are an `or` of many clauses of three atoms each."""
    return _joined(rules, clauses, facts, seed, " and ", " or ")


def conjunctions(rules: int, clauses: int, facts: int = 30, seed: int = 1) -> str:
    """Rules that are an `and` of many clauses of three atoms each: 3 to the power of `clauses` boxes."""
    return _joined(rules, clauses, facts, seed, " or ", " and ")


def _joined(rules: int, clauses: int, facts: int, seed: int, within: str, between: str) -> str:
    chosen = random.Random(seed)

    def clause() -> str:
        about = chosen.sample(range(facts), 3)
        atoms = [f"f{number} {chosen.choice(('>', '<='))} {chosen.randrange(1, 9)}" for number in about]
        return f"({within.join(atoms)})"

    def written() -> Iterator[str]:
        yield "policy hard"
        yield "fact late days clock between 0 and 99"
        for number in range(facts):
            yield f"fact f{number} count between 0 and 9"
        yield f"action {', '.join(ACTIONS)}"
        yield f"ladder pressure: {', '.join(ACTIONS[:5])} rising with late, f0"
        for number in range(rules):
            effect = chosen.choice(("allow", "allow", "allow", "require", "forbid", "never"))
            condition = between.join(clause() for _ in range(clauses))
            yield f"rule r{number}: {condition} then {effect} {chosen.choice(ACTIONS)}"
        yield "ensure court not allowed when within 3 days"

    return "\n".join(written()) + "\n"


def pigeons(number: int) -> str:
    """Of `number` pigeons in one hole less, two share a hole; to see it from the rules takes a proof that grows fast.

    So `call` has no hole between day 10 and day 20, `sms` is never permitted, and both ensures hold.
    """
    holes = [f"h{hole}" for hole in range(number - 1)]
    together = [
        f"p{one} is {hole} and p{other} is {hole}"
        for one, other in itertools.combinations(range(number), 2)
        for hole in holes
    ]

    def written() -> Iterator[str]:
        yield "policy pigeons"
        yield "fact late days clock between 0 and 30"
        for pigeon in range(number):
            yield f"fact p{pigeon} one of {', '.join(holes)}"
        yield "action sms, call"
        yield "ladder pressure: sms, call rising with late"
        yield "rule early: before day 10 then allow call"
        yield "rule later: after 20 days then allow call"
        yield "rule always_sms: always then allow sms"
        for place, condition in enumerate(together):
            yield f"rule between_{place}: from day 10 to day 20 and {condition} then allow call"
            yield f"rule stop_{place}: never sms when {condition}"
        yield "ensure sms not allowed"
        yield "ensure call allowed"

    return "\n".join(written()) + "\n"


def too_large(*more: str, effect: str = "allow x") -> str:
    """`big` comes to 4,096 boxes, and holds in most cases."""
    facts = [f"fact f{number} count between 0 and 9" for number in range(24)]
    clauses = [f"(f{number} >= 3 or f{number + 1} >= 3)" for number in range(0, 24, 2)]
    lines = ["policy big", *facts, "action x, y", f"rule big: {' and '.join(clauses)} then {effect}", *more]
    return "\n".join(lines) + "\n"
