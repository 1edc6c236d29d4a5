"""The workload ahead: `Policy.plan` over 90 days beside one `Policy.apply` of the same frame, a million rows.

Of ten, a hundred and a thousand rules of which the clock moves alone; and of rules that read the clock and two more
numbers of days that move, which are compared anew each day.
"""

from __future__ import annotations

import sys

import numpy as np
import polars as pl
from applying import accounts
from measure import turn_by_turn, verdict
from workload import TEN_RULES, many_rules

import forbear

ROWS, DAYS = 1_000_000, 90
MORE = """
event contact
fact days_since_contact days since last contact
fact days_since_first days since first contact
rule quiet: never phone_call, sms when days_since_contact <= 6
rule early: never visit when days_since_first < 30
"""


def main() -> None:
    frame = accounts(ROWS)
    generator = np.random.default_rng(5)
    more = {name: generator.integers(0, 90, ROWS) for name in ("days_since_contact", "days_since_first")}
    held = []
    for name, text, given, most in (
        ("10 rules", TEN_RULES, frame, 10),
        ("100 rules", many_rules(100), frame, 10),
        ("1000 rules", many_rules(1000), frame, 10),
        ("12 rules, three facts move", TEN_RULES + MORE, frame.with_columns(**more), 30),
    ):
        held.append(measured(name, text, given, most))
    sys.exit(0 if all(held) else 1)


def measured(name: str, text: str, frame: pl.DataFrame, most: float) -> bool:
    policy = forbear.loads(text)
    once, plan = turn_by_turn([lambda: policy.apply(frame), lambda: policy.plan(frame, DAYS)], 3)
    print(f"{name}: apply {once * 1e3:.0f} ms, plan of {DAYS} days {plan * 1e3:.0f} ms")
    return verdict(f"{name}, to one apply", plan / once, most)


if __name__ == "__main__":
    main()
