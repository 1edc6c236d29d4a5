"""Large input: time and memory grow with its bytes, and no faster. Each run is a process of its own."""

from __future__ import annotations

import datetime
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pytest
from attrs import frozen
from campaign import Campaign
from forking import AFRESH, server
from night import NIGHTLY

SECONDS, SECONDS_A_BYTE = 3.0, 15e-6
"""Of a processor. Reading, checking and analysing a rule file takes some microseconds a byte."""
MEMORY, MEMORY_A_BYTE = 220 * 2**20, 250
LARGE = 600 * 2**20
"""What a command may need for rows, however many bytes they have: what lies beyond 64 MB a case is refused."""


Files: TypeAlias = "dict[str, str | bytes | Callable[[Path], None]]"
"""Files by their names: what is in each, or what writes it."""


@frozen
class Grower:
    """Input of about so many parts, what is done with it, and what it may need; None where that is by its bytes."""

    write: Callable[[int], Files]
    arguments: tuple[str, ...]
    parts: int
    at_night: int
    memory: int | None = None
    seconds: float | None = None


def _policy(text: Callable[[int], str]) -> Callable[[int], Files]:
    return lambda parts: {"p.forbear": text(parts)}


RULE = "rule a: after 9 days then allow sms\n"
VALIDATE = ("validate", "p.forbear", "--limit", "3")
ASKING = "action a\nrule r: calls > 3 then allow a\n"
FORMAT = ("format", "--check", "p.forbear")


def _dense(parts: int, condition: str) -> str:
    """Rules each of which overrides all behind it that say otherwise, on every action."""
    lines = []
    for number in range(parts):
        weaker = ", ".join(f"r{other}" for other in range(number + 1, parts, 2))
        its = condition.format(day=number * 37 % parts + 1, n=number * 53 % parts)
        over = f" overrides {weaker}" if weaker else ""
        lines.append(f"rule r{number}: {its} then {'forbid' if number % 2 else 'allow'} everything{over}")
    return "\n".join(lines) + "\n"


def _misspelt(parts: int) -> str:
    facts = "".join(f"fact the_long_name_of_fact_{number:05} count\n" for number in range(parts))
    rules = "".join(f"rule r{number}: the_lnog_name_of_fact_{number:05} > 3 then allow a\n" for number in range(parts))
    return f"{facts}action a\n{rules}"


def _one_of(parts: int) -> str:
    names = ", ".join(f"v{number}" for number in range(parts))
    return f"fact x one of {names}\naction a\nrule r: x is one of {names} then allow a\n"


def _one_of_texts(parts: int) -> str:
    texts = ", ".join(f'"v{number}"' for number in range(parts))
    return f"fact x text\naction a\nrule r: x is one of {texts} then allow a\n"


def _calendars(parts: int) -> str:
    """Two calendars of so many holidays, each every other day, for working days since a date and since an event."""
    days = [datetime.date(2026, 1, 1) + datetime.timedelta(number) for number in range(2 * parts)]
    lines = ["fact today date of decision\nfact due date\nevent letter\naction a, b\n"]
    for number, name in enumerate(("first", "second")):
        lines.append(f"calendar {name} covers {days[0]} to {days[-1]}\n  weekend saturday, sunday\n")
        lines.append(f"  holidays {', '.join(map(str, days[number::2]))}\n")
        lines.append(f"fact {name}_due working days of {name} since due\nfact {name}_day working day of {name}\n")
        lines.append(f"fact {name}_letter working days of {name} since last letter\n")
    lines.append("rule a: first_day and first_due > 3 and second_letter > 5 then allow a\n")
    lines.append("rule b: second_day and second_due > 4 and first_letter > 2 and today > 2026-02-01 then allow b\n")
    return "".join(lines)


def _percentages(parts: int) -> str:
    """Rules that compare amounts with percentages of others, each with each."""
    facts = "".join(f"fact f{number} money CNY between CNY 0 and CNY 100000\n" for number in range(8))
    rules = [
        f"rule r{n}: f{n % 8} {'<>'[n % 3 % 2]} {1 + n * 37 % 300}% of f{(n + 1 + n // 8 % 7) % 8}"
        f" then {('allow', 'forbid')[n % 5 % 2]} {'abc'[n % 7 % 3]}\n"
        for n in range(parts)
    ]
    return f"{facts}action a, b, c\n{''.join(rules)}"


def _history(parts: int) -> Files:
    events = [
        {"event": "contact", "at": "2026-03-01T09:30:00Z", "id": f"c{number}", "amount": 5} for number in range(parts)
    ]
    case = {"history": events, "history_from": "2026-01-01", "zone": "America/New_York"}
    text = "event contact has amount number\nfact calls count of contact in last 7 days\n" + ASKING
    return {"p.forbear": text, "c.json": json.dumps(case)}


def _zones(zone: str) -> Callable[[int], Files]:
    def files(parts: int) -> Files:
        case = json.loads(str(_history(200)["c.json"]))
        return {**_history(200), "c.json": json.dumps({**case, "zone": [zone] * parts})}

    return files


def _sparse(name: str, head: bytes, tail: bytes, filling: bytes) -> Callable[[int], Files]:
    """A file with one line of so many megabytes."""

    def write(path: Path, parts: int) -> None:
        with path.open("wb") as file:
            file.write(head)
            for _ in range(parts):
                file.write(filling * (2**20 // len(filling)))
            file.write(tail)

    return lambda parts: {"p.forbear": RULE, name: lambda path: write(path, parts)}


def _row_group(parts: int) -> Files:
    """A Parquet file of a few bytes with as many million rows, all in one group."""

    def write(path: Path) -> None:
        frame = pl.select(pl.repeat(10, parts * 1_000_000, dtype=pl.Int64).alias("days_overdue"))
        frame.write_parquet(path, row_group_size=parts * 1_000_000)

    return {"p.forbear": RULE, "c.parquet": write}


DECIDE_AT = ("decide", "p.forbear", "--case", "c.json", "--at", "2026-03-02T12:00:00Z")
GROWERS: dict[str, Grower] = {
    "a comment": Grower(_policy(lambda n: "#" + " x" * (n // 2) + "\n" + RULE), VALIDATE, 600_000, 4_000_000),
    "a text": Grower(
        _policy(lambda n: f'rule a "{"x" * n}": after 9 days then allow sms\n'), VALIDATE, 600_000, 4_000_000
    ),
    "blanks": Grower(_policy(lambda n: " " * n + RULE), VALIDATE, 600_000, 4_000_000),
    "blanks behind a word": Grower(
        _policy(
            lambda n: (
                "rule a: limit"
                + " " * n
                + f'sms to 3 by unreachable\nexample "x": given days_overdue 3 on{" " * n}day 3\n'
            )
        ),
        FORMAT,
        600_000,
        3_000_000,
    ),
    "a comment behind a word": Grower(
        _policy(lambda n: f"rule a: limit # {'x' * n}\n sms to 3 by unreachable\n"), FORMAT, 300_000, 3_000_000
    ),
    "empty lines": Grower(_policy(lambda n: "\n" * n + RULE), FORMAT, 600_000, 4_000_000),
    "a text without an end": Grower(_policy(lambda n: 'rule a "' + '\\"' * n + "\n" + RULE), VALIDATE, 40_000, 200_000),
    "texts without an end": Grower(_policy(lambda n: 'rule a "x\n' * n), VALIDATE, 3_000, 30_000),
    "misspelt names": Grower(_policy(_misspelt), VALIDATE, 1_200, 4_000),
    "is one of": Grower(_policy(_one_of), ("compile", "p.forbear", "-o", "out.py"), 20_000, 80_000),
    "is one of, in all cases": Grower(_policy(_one_of_texts), VALIDATE, 40_000, 80_000),
    "terms of and": Grower(
        _policy(lambda n: "rule r: " + " and ".join(["after 9 days"] * n) + " then allow sms\n"),
        FORMAT,
        20_000,
        200_000,
    ),
    "overrides": Grower(
        lambda n: {
            "p.forbear": _dense(n, "always"),
            "s.forbear": "standard s\n" + _dense(n, "from day {day} to day 200 and unreachable <= {n}"),
        },
        ("conform", "p.forbear", "--to", "s.forbear"),
        150,
        150,
        seconds=25,
    ),
    "rules": Grower(
        _policy(lambda n: "".join(f"rule r{i}: after {i} days then allow sms\n" for i in range(n))),
        FORMAT,
        2_000,
        20_000,
    ),
    "broken statements": Grower(_policy(lambda n: "rule alow : then\n" * n), VALIDATE, 3_000, 30_000),
    "definitions": Grower(
        _policy(
            lambda n: "".join(f"define d{i} is d{i + 1}\n" for i in range(n)) + f"define d{n} is after 3 days\n" + RULE
        ),
        VALIDATE,
        800,
        8_000,
    ),
    "groups": Grower(
        _policy(
            lambda n: (
                "action a\n"
                + "".join(f"group g{i} is g{i + 1}\n" for i in range(n))
                + f"group g{n} is a\nalways then allow g0\n"
            )
        ),
        VALIDATE,
        1_500,
        8_000,
    ),
    "examples": Grower(
        _policy(
            lambda n: RULE + "".join(f'example "{i}": given days_overdue {i} expect sms unsaid\n' for i in range(n))
        ),
        VALIDATE,
        2_000,
        20_000,
    ),
    "zones": Grower(_zones("America/New_York"), DECIDE_AT, 10_000, 20_000),
    "zones that there are not": Grower(_zones("America/Nowhere"), DECIDE_AT, 5_000, 20_000),
    "events": Grower(_history, DECIDE_AT, 10_000, 200_000),
    "names of a case": Grower(
        lambda n: {"p.forbear": RULE, "c.json": json.dumps({f"days_ovredue{i}": 1 for i in range(n)})},
        ("decide", "p.forbear", "--case", "c.json"),
        2_000,
        9_000,
    ),
    "a line of JSON": Grower(
        _sparse("c.jsonl", b'{"days_overdue": 10, "x": "', b'"}\n', b"x" * 1024),
        ("apply", "p.forbear", "c.jsonl", "-o", "out.csv"),
        400,
        1_500,
        LARGE,
        60,
    ),
    "a line of JSON that is decided": Grower(
        _sparse("c.jsonl", b"[", b"]\n", b" " * 1024),
        ("decide", "p.forbear", "--lines", "--case", "c.jsonl"),
        400,
        1_500,
        LARGE,
        60,
    ),
    "a line of CSV": Grower(
        _sparse("c.csv", b'days_overdue\n"', b'"\n', b"x" * 1024),
        ("apply", "p.forbear", "c.csv", "-o", "out.csv"),
        400,
        1_500,
        LARGE,
        60,
    ),
    "calendars": Grower(_policy(_calendars), VALIDATE, 0, 4_000),
    "percentages": Grower(_policy(_percentages), VALIDATE, 0, 5_000, LARGE, 150),
    "rows of Parquet": Grower(
        _row_group, ("apply", "p.forbear", "c.parquet", "-o", "out.parquet"), 0, 200, 1024 * 2**20, 900
    ),
}
IN_CI = [*GROWERS] if NIGHTLY else [name for name, grower in GROWERS.items() if grower.parts][::3]


@pytest.mark.parametrize("name", IN_CI)
def test_growth(campaign: Campaign, tmp_path: Path, name: str) -> None:
    grower = GROWERS[name]

    def attack(generator: random.Random, folder: Path) -> str:
        files = grower.write(grower.at_night if NIGHTLY else grower.parts)
        for file, content in files.items():
            if callable(content):
                content(folder / file)
            else:
                (folder / file).write_bytes(content.encode() if isinstance(content, str) else content)
        size = sum(path.stat().st_size for path in folder.iterdir())
        seconds = grower.seconds or SECONDS + SECONDS_A_BYTE * size
        code, taken, memory = _measured(grower.arguments, seconds)
        assert code in (0, 1, 2), f"{name}: an exit code of {code}"
        allowed = grower.memory or MEMORY + MEMORY_A_BYTE * size
        assert memory <= allowed, f"{name}: {memory // 2**20} MB for {size:,} bytes, of {allowed // 2**20}"
        assert taken <= seconds, f"{name}: {taken:.1f} seconds for {size:,} bytes, of {seconds:.1f}"
        return "in bounds"

    campaign.once(attack, tmp_path / "run", name)
    campaign.conclude()


def _run(peak: str, seconds: int, arguments: tuple[str, ...], folder: str) -> None:
    """What `_RUN` does, in a process that has the modules already."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.chdir(folder)
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silent, stream)
    began = time.process_time()
    from forbear.cli.main import main

    try:
        main([*arguments], prog_name="forbear")
    finally:
        [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
        Path(peak).write_text(f"{line.split()[1]} {time.process_time() - began}")


_RUN = """
import resource, sys
peak, most = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_CPU, (most, most))
sys.argv[:] = ["forbear", *sys.argv[3:]]
from forbear.cli.main import main
try:
    main()
finally:
    [line] = [line for line in open("/proc/self/status") if line.startswith("VmHWM:")]
    open(peak, "w").write(line.split()[1])
"""
"""What `ru_maxrss` says of a child is at least what the process that began it had then: so the child says its own."""


def _measured(arguments: tuple[str, ...], seconds: float) -> tuple[int, float, int]:
    """The exit code of a process, the seconds of a processor that it took, and its memory at most. One that needs twice
    the time is ended by the system. By day it is forked from one that has imported the command."""
    with tempfile.NamedTemporaryFile("r") as peak:
        if not AFRESH:
            run = server().Process(target=_run, args=(peak.name, int(2 * seconds) + 1, arguments, os.getcwd()))
            run.start()
            run.join()
            assert run.exitcode is not None
            assert run.exitcode >= 0, f"ended by signal {-run.exitcode}, of {seconds:.1f} seconds"
            memory, took = peak.read().split()
            return run.exitcode, float(took), int(memory) * 1024
        command = [sys.executable, "-c", _RUN, peak.name, str(int(2 * seconds) + 1), *arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        taken = usage.ru_utime + usage.ru_stime
        assert process.returncode >= 0, f"ended after {taken:.0f} seconds, of {seconds:.1f}"
        return process.returncode, taken, int(peak.read()) * 1024
