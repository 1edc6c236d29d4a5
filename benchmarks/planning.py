"""The workload ahead: `Policy.plan` over 90 days beside one `Policy.apply` of the same frame, a million rows.

Beside it, from when until when each row is permitted an action within these days (`Policy.apply(when=...)`), which has
the answer of `apply` too. Of ten, a hundred and a thousand rules of which the clock moves alone; and of rules that read
the clock and two more numbers of days that move; and of books of each, whose version changes (`--book` alone). With the
memory that the plan takes beyond the frame, at its peak; and of files of more and more rows, the peak of `forbear plan`
beside that of `forbear apply`.

With `--at`, the same of cases with histories, which are decided row by row, beside `Policy.apply` at that moment; and
of a lender's policy under three packs, 30 days.
"""

from __future__ import annotations

import datetime
import json
import random
import re
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout, suppress
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from applying import accounts
from lines import COUNTING
from measure import turn_by_turn, verdict
from workload import TEN_RULES, many_rules

import forbear
from forbear.language.model.facts import Absent
from forbear.language.model.values import value_json

ROWS, DAYS, ON, WHEN = 1_000_000, 90, "2026-03-01", ["phone_call"]
MOST, MOST_BY_DAY, MOST_MEMORY = 10, 100, 200
MILLIONS, MOST_TO_APPLY = (1, 4, 12), 1.5
MOST_OF_LENDER = 20
HISTORIES, AT = 500, datetime.datetime(2026, 3, 1, 17, tzinfo=datetime.UTC)
LENDER = """
policy lender
  currency USD
  uses collections
  subject to "regulation/us-reg-f", "regulation/us-fdcpa", "regulation/us-massachusetts"
from day 3 then allow messages unless cease_requested
after 10 days then allow phone_call
after 60 days and unreachable > 3 then allow contact_related
never calls when local_time < 08:00 or local_time >= 21:00
limit calls to 5 by calls_in_7_days
limit messages to 3 by messages_this_week
require opt_out_notice with sms, email
"""
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
    if sys.argv[1:2] == ["--peak"]:
        print(peak(sys.argv[2:]))
        return
    if sys.argv[1:2] == ["--at"]:
        sys.exit(0 if along_courses() else 1)
    if sys.argv[1:2] == ["--book"]:
        held = [along_a_book(*its) for its in workloads()]
        sys.exit(0 if all(held) else 1)
    held = [measured(number, *its) for number, its in enumerate(workloads())]
    held += [along_a_book(*its) for its in workloads()]
    held += [from_files(), along_courses()]
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
        verdict(f"{name}: plan, to one apply", plan / once, MOST_BY_DAY),
        verdict(f"{name}: apply with when, to one apply", when / once, MOST_BY_DAY),
        verdict(f"{name}: memory of a plan, megabytes", memory(number), MOST_MEMORY),
    ]
    return all(held)


def memory(number: int) -> float:
    """The megabytes by which a process grows at most by its first plan."""
    return float(_said("--memory", str(number)))


def grown(number: int) -> float:
    """The same of this process."""
    _, text, frame = workloads()[number]
    policy = forbear.loads(text)
    policy.plan(frame[:1], DAYS)  # what it loads, it loads once
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _status("VmRSS")
    policy.plan(frame, DAYS)
    return (_status("VmHWM") - before) / 1024


def from_files() -> bool:
    """Whether the plan of a file takes the memory of its verdicts, however many rows it has."""
    group, held = accounts(1_000_000).to_arrow(), []
    with tempfile.TemporaryDirectory() as folder:
        policy, cases, out = (str(Path(folder, name)) for name in ("p.forbear", "cases.parquet", "out.parquet"))
        Path(policy).write_text(TEN_RULES)
        for millions in MILLIONS:
            with pq.ParquetWriter(cases, group.schema) as writer:
                for _ in range(millions):
                    writer.write_table(group)
            asked = ["plan", policy, cases], ["apply", policy, cases, "-o", out]
            plan, apply = (float(_said("--peak", *arguments)) for arguments in asked)
            print(f"{millions} million rows of a file: plan {plan:.0f} MB, apply {apply:.0f} MB")
            held.append(verdict(f"{millions} million rows: peak of plan, to apply", plan / apply, MOST_TO_APPLY))
    return all(held)


def along_a_book(name: str, text: str, frame: pl.DataFrame) -> bool:
    """Two versions, of which the second has other thresholds and begins in the middle of the days."""
    middle = datetime.date.fromisoformat(ON) + datetime.timedelta(DAYS // 2)
    with tempfile.TemporaryDirectory() as folder:
        for version, days in (("1", f"until {middle - datetime.timedelta(1)}"), ("2", f"from {middle}")):
            of_version = text if version == "1" else re.sub(r"(after|to day|>=|> CNY) 1", r"\1 2", text)
            head = f'policy versions version "{version}" in force {days}'
            Path(folder, f"{version}.forbear").write_text(re.sub("^policy .*", head, of_version, flags=re.MULTILINE))
        book = forbear.load_book(folder)
    once, plan = turn_by_turn([lambda: book.apply(frame, ON), lambda: book.plan(frame, DAYS, ON)], 3)
    print(f"{name}, two versions: apply {once * 1e3:.0f} ms, plan of {DAYS} days {plan * 1e3:.0f} ms")
    return verdict(f"{name}, two versions: plan, to one apply", plan / once, MOST_BY_DAY)


def peak(arguments: list[str]) -> float:
    """The megabytes of this process at its peak, after a command."""
    from forbear.cli.main import main as forbear_command

    with open("/dev/null", "w") as nowhere, redirect_stdout(nowhere), suppress(SystemExit):
        forbear_command(arguments, standalone_mode=False)
    return _status("VmHWM") / 1024


def along_courses() -> bool:
    """Cases with 20 events each, in one process."""
    generator, rows = random.Random(1), []
    call = {"event": "contact", "medium": "call", "direction": "outbound", "person": "consumer", "consented": False}
    for account in range(HISTORIES):
        moments = [AT - datetime.timedelta(hours=generator.randrange(1, 240)) for _ in range(20)]
        outcomes = generator.choices(["no_answer", "busy", "reached"], k=20)
        events = [
            {**call, "at": moment.isoformat(), "outcome": outcome, "debt": "D", "place": "mobile"}
            for moment, outcome in zip(moments, outcomes, strict=True)
        ]
        case = {"account": account, "days_overdue": generator.randrange(40), "debt": "D", "zone": "America/New_York"}
        rows.append({**case, "history_from": "opening", "history": json.dumps(events)})
    frame, policy, lender = pl.DataFrame(rows), forbear.loads(COUNTING), forbear.loads(LENDER)
    facts = {
        name: fact for name, fact in lender.typed.facts.items() if name not in {*lender.typed.derived, *frame.columns}
    }
    usual = {name: None if isinstance(fact.usually, Absent) else fact.usually for name, fact in facts.items()}
    of_lender = frame.with_columns(**{name: pl.lit(value_json(facts[name], value)) for name, value in usual.items()})
    of_lender = of_lender.with_columns(balance=pl.lit(500), overdue_amount=pl.lit(100))  # these two are never usual
    none = [name for name, fact in facts.items() if fact.or_none]
    assert lender.plan(of_lender[:9], 30, at=AT, none=none)["permitted"].sum()
    ways = [
        lambda: policy.apply(frame, at=AT),
        lambda: policy.plan(frame, DAYS, at=AT),
        lambda: policy.apply(frame, at=AT, when=WHEN, days=DAYS),
        lambda: lender.apply(of_lender, at=AT, none=none),
        lambda: lender.plan(of_lender, 30, at=AT, none=none),
    ]

    once, plan, when, its_once, its_plan = (1e6 / HISTORIES * seconds for seconds in turn_by_turn(ways, 2))
    print(f"histories: apply {once:.0f} µs a row, plan of {DAYS} days {plan:.0f} µs, when {when:.0f} µs")
    print(f"histories, under three packs: apply {its_once:.0f} µs a row, plan of 30 days {its_plan:.0f} µs")
    return all(
        [
            verdict("histories: plan, to one apply at the moment", plan / once, MOST),
            verdict("histories: apply with when, to one apply at the moment", when / once, MOST),
            verdict("histories, under three packs: plan, to one apply", its_plan / its_once, MOST_OF_LENDER),
        ]
    )


def _said(*arguments: str) -> str:
    """What this script prints, as a process of its own."""
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _status(name: str) -> int:
    """Kilobytes that the system counts of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
