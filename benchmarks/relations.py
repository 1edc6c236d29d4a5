"""Deciding by 100 rules of which 20 compare two facts: one case beside the rules by hand, many beside Polars."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import polars as pl
from measure import turn_by_turn, verdict

import forbear

RULES, RELATED, CASES, ROWS, ROUNDS = 100, 20, 300, 1_000_000, 15
ACTIONS = ("sms", "phone_call", "letter", "email", "visit", "legal_action")
WORDS = """
policy related currency CNY
fact days_overdue days clock
fact unreachable count
fact score count between 0 and 100
fact placed yes/no
fact overdue_amount money
fact credit_limit money
fact balance money
fact balance_last_month money
action sms, phone_call, letter, email, visit, legal_action
"""
VERDICTS = pl.Enum(["unsaid", "allowed", "forbidden"])
Case = dict[str, object]


class Rule(NamedTuple):
    """A rule: its conditions as an author writes them, and in Python and Polars."""

    name: str
    written: list[str]
    by_hand: list[str]
    forbids: bool
    actions: list[str]


def rules(generator: random.Random) -> list[Rule]:
    found = []
    for number in range(RULES):
        parts = [_plain(generator) for _ in range(generator.randrange(1, 3))]
        if number % (RULES // RELATED) == 0:
            parts.append(_related(generator))
        actions = generator.sample(ACTIONS, generator.randrange(1, 3))
        written, by_hand = ([part[place] for part in parts] for place in (0, 1))
        found.append(Rule(f"rule_{number}", written, by_hand, generator.random() < 0.3, actions))
    return found


def _plain(generator: random.Random) -> tuple[str, str]:
    day, number = generator.randrange(1, 200), generator.randrange(1, 20)
    return generator.choice(
        [
            (f"after {day} days", f"(days_overdue > {day})"),
            (f"unreachable >= {number}", f"(unreachable >= {number})"),
            (f"score between {number} and {3 * number}", f"(score >= {number}) & (score <= {3 * number})"),
            (f"overdue_amount > CNY {100 * day}", f"(overdue_amount > {100 * day})"),
            ("placed", "placed"),
        ]
    )


def _related(generator: random.Random) -> tuple[str, str]:
    percent, amount = generator.randrange(1, 60), generator.randrange(1, 900)
    return generator.choice(
        [
            (f"overdue_amount > {percent}% of credit_limit", f"(overdue_amount * 100 > credit_limit * {percent})"),
            (f"balance < balance_last_month - CNY {amount}", f"(balance < balance_last_month - {amount})"),
            (f"balance >= {percent}% of credit_limit", f"(balance * 100 >= credit_limit * {percent})"),
        ]
    )


def policy_of(all_rules: list[Rule]) -> forbear.Policy:
    lines = [WORDS]
    for rule in all_rules:
        effect = "forbid" if rule.forbids else "allow"
        lines.append(f"rule {rule.name}: {' and '.join(rule.written)} then {effect} {', '.join(rule.actions)}")
    return forbear.loads("\n".join(lines))


def decide_by_hand(all_rules: list[Rule]) -> Callable[[Case], dict[str, tuple[str, tuple[str, ...]]]]:
    """The rules as `if`s that validate nothing."""
    names = [line.split()[1] for line in WORDS.splitlines() if line.startswith("fact")]
    lines = ["def decide(case):", *[f"    {name} = case[{name!r}]" for name in names]]
    lines += [f"    {action}_allow = []; {action}_forbid = []" for action in ACTIONS]
    for rule in all_rules:
        lines.append(f"    if {' and '.join(rule.by_hand).replace(') & (', ') and (')}:")
        effect = "forbid" if rule.forbids else "allow"
        lines += [f"        {action}_{effect}.append({rule.name!r})" for action in rule.actions]
    lines.append("    return {")
    for action in ACTIONS:
        lines.append(f"        {action!r}: ('forbidden', tuple({action}_forbid)) if {action}_forbid else")
        lines.append(f"            ('allowed', tuple({action}_allow)) if {action}_allow else ('unsaid', ()),")
    namespace: dict[str, Any] = {}
    exec("\n".join([*lines, "    }"]), namespace)
    return namespace["decide"]  # type: ignore[no-any-return]


def polars_by_hand(all_rules: list[Rule], frame: pl.DataFrame) -> list[pl.Expr]:
    columns = {name: pl.col(name) for name in frame.columns}
    found = []
    for action in ACTIONS:
        expression = pl.lit("unsaid", VERDICTS)
        for word, forbids in (("allowed", False), ("forbidden", True)):
            own = [" & ".join(rule.by_hand) for rule in all_rules if action in rule.actions and rule.forbids == forbids]
            if own:
                holds = eval(" | ".join(f"({one})" for one in own), columns)
                expression = pl.when(holds).then(pl.lit(word, VERDICTS)).otherwise(expression)
        found.append(expression.alias(action))
    return found


def cases(generator: random.Random, number: int) -> list[Case]:
    return [
        {
            "days_overdue": generator.randrange(240),
            "unreachable": generator.randrange(25),
            "score": generator.randrange(101),
            "placed": generator.random() < 0.3,
            "overdue_amount": generator.randrange(20_000),
            "credit_limit": generator.randrange(50_000),
            "balance": generator.randrange(50_000),
            "balance_last_month": generator.randrange(50_000),
        }
        for _ in range(number)
    ]


def main() -> None:
    generator = random.Random(5)
    all_rules = rules(generator)
    policy, by_hand, asked = policy_of(all_rules), decide_by_hand(all_rules), cases(generator, CASES)
    for case in asked:
        assert {name: (its.verdict.value, its.rules) for name, its in policy.decide(case).items()} == by_hand(case)
    decided, hand = turn_by_turn(
        [lambda: [policy.decide(case) for case in asked], lambda: [by_hand(case) for case in asked]], 4 * ROUNDS
    )
    print(f"one case: decide {decided / CASES * 1e6:.1f} µs, by hand {hand / CASES * 1e6:.1f} µs")
    frame = pl.DataFrame(cases(generator, ROWS // 50)).sample(ROWS, with_replacement=True, seed=1)
    expressions = polars_by_hand(all_rules, frame)
    expected = frame.lazy().select(expressions).collect()
    assert policy.apply(frame).cast(pl.String).equals(expected.cast(pl.String))
    ours, polars, streaming = turn_by_turn(
        [
            lambda: policy.apply(frame),
            lambda: frame.lazy().select(expressions).collect(),
            lambda: frame.lazy().select(expressions).collect(engine="streaming"),
        ],
        ROUNDS,
    )
    print(f"a million rows: ours {ours:.3f} s, Polars {polars:.3f} s, streaming {streaming:.3f} s")
    held = [
        verdict("decide, to the rules by hand", decided / hand, 1.5),
        verdict("columns, to Polars by hand, the faster of its engines", ours / min(polars, streaming), 1.3),
    ]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
