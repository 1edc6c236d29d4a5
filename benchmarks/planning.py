"""The workload ahead: `Policy.plan` over 90 days beside one `Policy.apply` of the same frame, a million rows.

Beside it, from when until when each row is permitted an action within these days (`Policy.apply(when=...)`), which has
the answer of `apply` too. Of ten, a hundred and a thousand rules of which the clock moves alone; and of rules that read
the clock and two more numbers of days that move. With the memory that the plan takes beyond the frame, at its peak.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
from applying import accounts
from measure import turn_by_turn, verdict
from workload import TEN_RULES, many_rules

import forbear

ROWS, DAYS, ON, WHEN = 1_000_000, 90, "2026-03-01", ["phone_call"]
MOST, MOST_MEMORY = 10, 200
MORE = """
event contact
fact days_since_contact days since last contact
fact days_since_first days since first contact
rule quiet: never phone_call, sms when days_since_contact <= 6
rule early: never visit when days_since_first < 30
"""


def workloads() -> list[tuple[str, str, pl.DataFrame]]:
    frame = accounts(ROWS)
    generator = np.random.default_rng(5)
    more = {name: generator.integers(0, 90, ROWS) for name in ("days_since_contact", "days_since_first")}
    return [
        ("10 rules", TEN_RULES, frame),
        ("100 rules", many_rules(100), frame),
        ("1000 rules", many_rules(1000), frame),
        ("12 rules, three facts move", TEN_RULES + MORE, frame.with_columns(**more)),
    ]


def main() -> None:
    if sys.argv[1:2] == ["--memory"]:
        print(grown(int(sys.argv[2])))
        return
    held = [measured(number, *its) for number, its in enumerate(workloads())]
    sys.exit(0 if all(held) else 1)


def measured(number: int, name: str, text: str, frame: pl.DataFrame) -> bool:
    policy = forbear.loads(text)
    ways = [
        lambda: policy.apply(frame),
        lambda: policy.plan(frame, DAYS),
        lambda: policy.apply(frame, ON, when=WHEN, days=DAYS),
    ]
    once, plan, when = turn_by_turn(ways, 3)
    print(f"{name}: apply {once * 1e3:.0f} ms, plan of {DAYS} days {plan * 1e3:.0f} ms, when {when * 1e3:.0f} ms")
    held = [
        verdict(f"{name}: plan, to one apply", plan / once, MOST),
        verdict(f"{name}: apply with when, to one apply", when / once, MOST),
        verdict(f"{name}: memory of a plan, megabytes", memory(number), MOST_MEMORY),
    ]
    return all(held)


def memory(number: int) -> float:
    """The megabytes by which a process grows at most by its first plan."""
    command = [sys.executable, __file__, "--memory", str(number)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def grown(number: int) -> float:
    """The same of this process."""
    _, text, frame = workloads()[number]
    policy = forbear.loads(text)
    policy.plan(frame[:1], DAYS)  # what it loads, it loads once
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _status("VmRSS")
    policy.plan(frame, DAYS)
    return (_status("VmHWM") - before) / 1024


def _status(name: str) -> int:
    """Kilobytes that the system counts of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
