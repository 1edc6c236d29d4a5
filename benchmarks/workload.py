"""The workloads of all benchmarks: seeded, so that every run and every rival has the same."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from decimal import Decimal

TEN_RULES = """
policy ten_rules currency CNY

fact days_overdue days clock
fact unreachable count
fact overdue_amount money
fact cease_requested yes/no
fact dispute one of no_dispute, unverified, verified
fact risk one of low < medium < high
fact placed yes/no
fact score count between 0 and 100

action sms, automated_voice, phone_call, contact_related, visit, letter, email, push, legal_action
action credit_report, sell_debt, refer

rule r1: from day 9 to day 13 then allow sms, automated_voice
rule r2: after 13 days then allow phone_call
rule r3: after 60 days and unreachable >= 3 then allow contact_related
rule r4: never sell_debt when dispute is unverified
rule r5: after 30 days and overdue_amount > CNY 1000 then allow letter, email
rule r6: never sms, automated_voice, phone_call, contact_related, visit, email, push when cease_requested
rule r7: after 90 days and risk >= medium and not placed then allow visit
rule r8: after 120 days and overdue_amount > CNY 5000 and score < 40 then allow legal_action, credit_report
rule r9: forbid legal_action when dispute is not no_dispute
rule r10: after 180 days and placed then allow sell_debt
"""

ACTIONS = [
    "sms",
    "automated_voice",
    "phone_call",
    "contact_related",
    "visit",
    "letter",
    "email",
    "push",
    "legal_action",
    "credit_report",
    "sell_debt",
    "refer",
]

Case = dict[str, object]
Answer = dict[str, tuple[str, tuple[str, ...]]]


def by_hand(case: Case, number: Callable[[str], Decimal] | None = None) -> Answer:
    """The ten rules as somebody would write them by hand: verdicts and rule names, nothing validated.

    A sum is compared as it is. A text cannot be, so `number` makes a number of it.
    """
    verdicts: Answer = dict.fromkeys(ACTIONS, ("unsaid", ()))
    days: int = case["days_overdue"]  # type: ignore[assignment]
    amount: int = case["overdue_amount"]  # type: ignore[assignment]
    if number is not None:
        amount = number(amount)  # type: ignore[arg-type, assignment]
    if 9 <= days <= 13:
        verdicts["sms"] = ("allowed", ("r1",))
        verdicts["automated_voice"] = ("allowed", ("r1",))
    if days > 13:
        verdicts["phone_call"] = ("allowed", ("r2",))
    if days > 60 and case["unreachable"] >= 3:  # type: ignore[operator]
        verdicts["contact_related"] = ("allowed", ("r3",))
    if days > 30 and amount > 1000:
        verdicts["letter"] = ("allowed", ("r5",))
        verdicts["email"] = ("allowed", ("r5",))
    if days > 90 and case["risk"] in ("medium", "high") and not case["placed"]:
        verdicts["visit"] = ("allowed", ("r7",))
    if days > 120 and amount > 5000 and case["score"] < 40:  # type: ignore[operator]
        verdicts["legal_action"] = ("allowed", ("r8",))
        verdicts["credit_report"] = ("allowed", ("r8",))
    if days > 180 and case["placed"]:
        verdicts["sell_debt"] = ("allowed", ("r10",))
    if case["dispute"] == "unverified":
        verdicts["sell_debt"] = ("forbidden", ("r4",))
    if case["dispute"] != "no_dispute":
        verdicts["legal_action"] = ("forbidden", ("r9",))
    if case["cease_requested"]:
        for action in ("sms", "automated_voice", "phone_call", "contact_related", "visit", "email", "push"):
            verdicts[action] = ("forbidden", ("r6",))
    return verdicts


def cases(number: int = 1000, seed: int = 3) -> list[Case]:
    generator = random.Random(seed)
    return [
        {
            "days_overdue": generator.randrange(240),
            "unreachable": generator.randrange(6),
            "overdue_amount": generator.randrange(10_000),
            "cease_requested": generator.random() < 0.1,
            "dispute": generator.choice(["no_dispute", "unverified", "verified"]),
            "risk": generator.choice(["low", "medium", "high"]),
            "placed": generator.random() < 0.3,
            "score": generator.randrange(101),
        }
        for _ in range(number)
    ]


FORMS: Mapping[str, Callable[[int], object] | None] = {
    "whole numbers": None,
    "Decimal": lambda cents: Decimal(f"{cents // 100}.{cents % 100:02}"),
    "float": lambda cents: cents / 100,
    "text": lambda cents: f"{cents // 100}.{cents % 100:02}",
}
"""The forms of a sum: whole, or from its cents."""


def with_cents(cases: list[Case], form: str) -> list[Case]:
    """The same cases, with cents in each sum, in one of the `FORMS`."""
    written = FORMS[form]
    if written is None:
        return cases
    generator = random.Random(5)
    return [{**case, "overdue_amount": written(generator.randrange(1_000_000))} for case in cases]


def many_rules(number: int, seed: int = 1, at_least: int = 1) -> str:
    """A policy of many rules over eight facts and twelve actions, each of `at_least` so many comparisons."""
    generator = random.Random(seed)
    lines = [TEN_RULES.partition("rule r1")[0]]
    for index in range(number):
        parts = [_comparison(generator) for _ in range(generator.randrange(at_least, 4))]
        effect = generator.choice(["allow", "allow", "forbid"])
        actions = ", ".join(generator.sample(ACTIONS, generator.randrange(1, 3)))
        lines.append(f'rule rule_{index}:\n  {" and ".join(parts)} then {effect} {actions}\n  because "{index}"\n')
    return "\n".join(lines)


def _comparison(generator: random.Random) -> str:
    day = generator.randrange(1, 200)
    return generator.choice(
        [
            f"after {day} days",
            f"from day {day} to day {day + generator.randrange(1, 60)}",
            f"unreachable >= {generator.randrange(1, 20)}",
            f"overdue_amount > CNY {generator.randrange(1, 20_000)}",
            f"score between {day // 4} and {day // 4 + generator.randrange(1, 50)}",
            f"risk >= {generator.choice(['medium', 'high'])}",
            f"dispute is {generator.choice(['no_dispute', 'unverified', 'verified'])}",
            f"{generator.choice(['', 'not '])}{generator.choice(['placed', 'cease_requested'])}",
        ]
    )
