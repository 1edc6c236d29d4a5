"""All findings of policies in which some rules compare two facts: what they cost, and what is left undecided."""

from __future__ import annotations

import random
import sys
import time

from measure import verdict

import forbear
from forbear.analysis.run import findings

MONEY = ("overdue_amount", "balance", "balance_last_month", "credit_limit", "income", "agreed_payment")
DATES = ("promised_on", "consent_until", "today")
SIZES = ((100, 20, 5.0), (1_000, 100, 60.0))
"""Rules, how many of them compare two facts, and the seconds that their findings may take."""


def related_rules(number: int, relations: int, seed: int = 1) -> str:
    """A policy as text: some of its rules have a difference, a percentage or two dates besides other conditions."""
    chosen = random.Random(seed)
    actions = [f"act_{place}" for place in range(max(5, number // 10))]
    lines = ["policy house", "  currency CNY", "fact days_overdue days clock", "fact unreachable count"]
    lines += [f"fact {name} money" for name in MONEY]
    lines += ["fact promised_on date or none", "fact consent_until date or none", "fact today date", "fact grace days"]
    lines += ["fact segment one of prime, near, sub", f"action {', '.join(actions)}"]
    lines += [f"ladder pressure: {', '.join(actions[:5])}", "  rising with days_overdue, overdue_amount"]
    for place in range(number):
        first = chosen.randrange(90)
        condition = f"from day {first} to day {first + chosen.randrange(3, 60)}"
        if chosen.random() < 0.5:
            condition += f" and unreachable >= {chosen.randrange(1, 9)}"
        if chosen.random() < 0.4:
            condition += f" and segment is {chosen.choice(('prime', 'near', 'sub'))}"
        if place * relations // number != (place + 1) * relations // number:
            condition += f" and {_relation(chosen)}"
        effect = chosen.choice(("allow", "allow", "allow", "forbid", "never", "require"))
        lines.append(f"rule r{place}: {condition} then {effect} {chosen.choice(actions)}")
    return "\n".join(lines) + "\n"


def _relation(chosen: random.Random) -> str:
    one, other = chosen.sample(MONEY, 2)
    date, other_date = chosen.sample(DATES, 2)
    return chosen.choice(
        (
            f"{one} > {chosen.randrange(1, 100)}% of {other}",
            f"{one} <= {other}",
            f"{one} + CNY {chosen.randrange(1, 500)} < {other}",
            f"{one} between {chosen.randrange(1, 30)}% of {other} and {chosen.randrange(30, 90)}% of {other}",
            f"{date} + {chosen.randrange(2, 9)} days < {other_date}",
            "days_overdue > grace",
        )
    )


def main() -> None:
    held = True
    for number, relations, most in SIZES:
        policy = forbear.loads(related_rules(number, relations)).typed
        start = time.perf_counter()
        found = findings(policy, limit=100)
        taken = time.perf_counter() - start
        undecided = sorted({str(one.about) for one in found.diagnostics if one.code == "undecided"})
        what = f"{number:,} rules, {relations} that compare two facts: {sum(found.totals.values()):,} findings"
        held = verdict(f"{what}, in seconds", taken, most) and held
        print(f"  undecided: {', '.join(undecided) or 'nothing'}")
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
