"""`forbear apply` on JSON lines beside the same rows in CSV: 3, 10 and 100 rules; files of three columns, nine, and
thirty, ten of which are money with cents. With `--jobs`, histories by all cores beside one.

Formats are compared by the time that the processors worked, which other work on the machine hardly alters, without the
start of the command. Cores are compared by the clock, so nothing else should run.
"""

from __future__ import annotations

import datetime
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from applying import accounts
from measure import verdict
from workload import many_rules

from forbear.portfolio.workers import cores

ROWS, ROUNDS = 500_000, 3
LONG = 50_000
"""Rows with histories."""
COUNTING = """
after 9 days then allow phone_call
limit phone_call to 7 by calls_in_7_days
never phone_call when days_since_conversation <= 6
"""


def took(*arguments: str) -> tuple[float, float]:
    """The seconds that `forbear apply` works, and those that it takes."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "forbear", "apply", *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    return used.ru_utime + used.ru_stime, time.perf_counter() - start


NARROW = """
policy narrow currency CNY
fact days_overdue days clock
fact unreachable count
action sms, phone_call, contact_related
"""


def narrow(rules: int) -> str:
    """Rules on two facts."""
    each = "rule r{0}: after {0} days and unreachable >= {1} then allow phone_call\n"
    return NARROW + "".join(each.format(number, number % 9) for number in range(1, rules + 1))


def wide(rules: int) -> str:
    """Rules of any kind, of a vocabulary with ten sums of money and eleven counts more."""
    more = [f"fact sum_{number} money\n" for number in range(10)] + [f"fact n_{number} count\n" for number in range(11)]
    return many_rules(rules).replace("\nfact days_overdue", f"\n{''.join(more)}fact days_overdue")


def files() -> dict[str, tuple[Callable[[int], str], pl.DataFrame]]:
    frame = accounts(ROWS)
    generator = np.random.default_rng(4)
    more = {f"sum_{number}": generator.integers(0, 2_000_000, ROWS) / 100 for number in range(10)}
    counts = {f"n_{number}": generator.integers(0, 50, ROWS) for number in range(11)}
    return {
        "3 columns": (narrow, frame.select("account", "days_overdue", "unreachable")),
        "9 columns": (many_rules, frame),
        "30 columns, with cents": (wide, frame.with_columns(**more, **counts)),
    }


def lines_and_csv(folder: Path) -> bool:
    held = []
    for what, (text, frame) in files().items():
        frame.clear().write_csv(folder / "nothing.csv")
        frame.write_csv(folder / "cases.csv")
        frame.write_ndjson(folder / "cases.jsonl")
        for rules in (3, 10, 100):
            policy = folder / "policy.forbear"
            policy.write_text(text(rules))
            each = beside_csv(folder, policy)
            print(f"{rules} rules, {what}: CSV {each['csv']:.2f} µs a row, JSON lines {each['jsonl']:.2f} µs a row")
            held.append(verdict(f"{rules} rules, {what}: JSON lines, to CSV", each["jsonl"] / each["csv"], 3))
    return all(held)


def beside_csv(folder: Path, policy: Path) -> dict[str, float]:
    """Microseconds a row by kind of file."""
    best = dict.fromkeys(("nothing", "csv", "jsonl"), float("inf"))
    names = {"nothing": "nothing.csv", "csv": "cases.csv", "jsonl": "cases.jsonl"}
    for _ in range(ROUNDS):
        for name, cases in names.items():
            out = str(folder / f"{name}.parquet")
            best[name] = min(best[name], took(str(policy), str(folder / cases), "-o", out, "--key", "account")[0])
    assert pl.read_parquet(folder / "csv.parquet").equals(pl.read_parquet(folder / "jsonl.parquet"))
    return {name: (best[name] - best["nothing"]) / ROWS * 1e6 for name in ("csv", "jsonl")}


def on_cores(folder: Path) -> bool:
    generator = random.Random(1)
    policy, cases = folder / "policy.forbear", folder / "cases.jsonl"
    policy.write_text(COUNTING)
    at = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
    call = {"event": "contact", "medium": "call", "direction": "outbound", "person": "consumer", "consented": False}
    with cases.open("w") as file:
        for account in range(LONG):
            moments = [at - datetime.timedelta(hours=generator.randrange(1, 240)) for _ in range(20)]
            outcomes = generator.choices(["no_answer", "busy", "reached"], k=20)
            events = [
                {**call, "at": moment.isoformat(), "outcome": outcome, "debt": "D", "place": "mobile"}
                for moment, outcome in zip(moments, outcomes, strict=True)
            ]
            case = {"account": account, "days_overdue": 40, "debt": "D", "zone": "America/New_York"}
            file.write(json.dumps({**case, "history_from": "opening", "history": events}) + "\n")
    given = (str(policy), str(cases), "--key", "account", "--at", at.isoformat())
    best = {1: float("inf"), cores(): float("inf")}
    for _ in range(ROUNDS):
        for jobs in best:
            out = folder / f"by{jobs}.parquet"
            best[jobs] = min(
                best[jobs],
                took(*given, "-o", str(out), "--jobs", str(jobs))[1],
            )
    assert len({(folder / f"by{jobs}.parquet").read_bytes() for jobs in best}) == 1
    print(
        f"{LONG:,} rows of 20 events: " + ", ".join(f"{jobs} processes {took_:.1f} s" for jobs, took_ in best.items())
    )
    return verdict(f"{cores()} processes, to one", best[cores()] / best[1], 1.2 / cores() + 0.1)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        held = (on_cores if "--jobs" in sys.argv else lines_and_csv)(Path(folder))
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
