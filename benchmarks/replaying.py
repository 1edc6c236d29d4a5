"""`forbear replay` of decisions with histories under Regulation F: by the text that decided, and by an edited one.

Each by the clock, on all cores, without the start of the command, and by the time of the processors, which other work
hardly alters. `replaying.py LINES` replays so many lines.
"""

from __future__ import annotations

import datetime
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measure import verdict

import forbear
from forbear.language.model.values import value_json
from forbear.portfolio.workers import cores

LINES = int(sys.argv[1]) if len(sys.argv) == 2 else 100_000
POLICY = """\
policy house subject to "pack:regulation/us-reg-f"
rule call: from day 10 then allow phone_call, sms
rule write: from day 20 then allow letter
rule visit: after 60 days and spoken_with then allow visit
"""
AT = datetime.datetime(2026, 3, 10, 15, tzinfo=datetime.UTC)


def cases(policy: forbear.Policy, number: int) -> Iterator[dict[str, object]]:
    """Cases, each with a history of its own, of the month before `AT`."""
    chance = random.Random(1)
    typed = policy.typed
    usual = {
        name: value_json(fact, fact.usually)
        for name, fact in typed.facts.items()
        if name not in typed.derived and not fact.optional and fact.usually is not None
    }
    for debt in range(number):
        history = [
            {
                "event": "contact",
                "at": (AT - datetime.timedelta(minutes=chance.randrange(40_000))).isoformat(),
                "medium": chance.choice(["call", "call", "sms", "letter"]),
                "direction": "outbound",
                "person": "consumer",
                "outcome": chance.choice(["reached", "message_left", "no_answer"]),
                "consented": False,
                "debt": "D",
                "place": "mobile",
            }
            for _ in range(chance.randrange(9))
        ]
        case = {**usual, "inconvenient_hours": [], "days_overdue": chance.randrange(90), "debt": f"D{debt}"}
        yield case | {"zone": "America/New_York", "history_from": "opening", "history": history}


def recorded(policy: forbear.Policy, path: Path) -> None:
    """A record of decisions, each at a moment of its own."""
    chance = random.Random(2)
    with forbear.Record(path) as record:
        for number, case in enumerate(cases(policy, LINES)):
            at = AT + datetime.timedelta(minutes=chance.randrange(40_000))
            policy.decide(case, at=at, record=record, key=str(number))


def took(record: Path, policy: Path) -> tuple[float, float]:
    """The seconds that the command takes, and those that the processors work."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "forbear", "replay", str(record), "--policy", str(policy), "--limit", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1)
    return time.perf_counter() - start, used.ru_utime + used.ru_stime


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        same, edited, record = (Path(folder) / name for name in ("house.forbear", "edited.forbear", "record.jsonl"))
        same.write_text(POLICY, encoding="utf-8")
        edited.write_text(POLICY.replace("from day 10", "from day 15"), encoding="utf-8")
        recorded(forbear.load(same), record)
        few = Path(folder) / "few.jsonl"
        few.write_bytes(record.read_bytes().partition(b"\n")[0] + b"\n")
        print(f"{LINES:,} lines of {record.stat().st_size // LINES:,} bytes, {cores()} cores")
        held = True
        for what, policy, most in (("the same text", same, 0.3), ("an edited text", edited, 1.2)):
            starts, ends = took(few, policy), took(record, policy)
            clock, processor = ((end - start) / LINES * 1_000 for start, end in zip(starts, ends, strict=True))
            print(f"{what}: {clock:.3f} ms a line by the clock, {processor:.3f} by the processors")
            print(f"  a million lines: {(clock * 1_000 + starts[0]) / 60:.1f} min by the clock")
            held &= verdict(f"{what}: milliseconds of the processors a line", processor, most)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
