"""Weekly hours: every engine against the second evaluator, which reads them by its own code."""

from __future__ import annotations

import datetime
import json
import random
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from moments import MOMENTS, ZONES, answer, moment_text
from second_evaluator import Evaluator
from second_values import Refused
from strategies import examples, seeds
from test_generated import run_module

import forbear
from forbear.deciding.deciders.decider import decider
from forbear.targets.json_form import json_form

POLICY = forbear.loads("""\
fact own weekly hours or none
fact now_own now within own
fact open weekly hours optional
fact now_open now within open
fact again now within open
action call, sms, mail
rule call: allow call when not now_own
rule sms: allow sms when now_open
rule mail: allow mail when again and now_own
""")
MODULE = run_module(POLICY)
EVALUATOR = Evaluator(json.loads(json_form(POLICY.typed)))
MANY = decider(POLICY.typed, many=True)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WRONG = (
    "mon",
    "mon 9:00-10:00",
    "mon 09:00-09:00",
    "mon 24:00-01:00",
    "Mon 09:00-10:00",
    "mon- 09:00-10:00",
    ",",
    5,
    None,
)
TIMES = ("00:00", "00:30", "01:30", "02:00", "02:59", "03:00", "09:00", "23:59")


def hours(generator: random.Random) -> Any:
    if generator.random() < 0.1:
        return "none"
    parts: list[Any] = []
    for _ in range(generator.choice([0, 1, 1, 2, 3])):
        first, last = generator.choices(DAYS, k=2)
        begin, end = generator.sample(TIMES, 2)
        end = generator.choice([end, end, "24:00"])
        parts.append(f"{first}{generator.choice(['', f'-{last}'])} {begin}-{end}")
    if generator.random() < 0.1:
        parts.append(generator.choice(WRONG))
    as_text = all(isinstance(part, str) for part in parts) and generator.random() < 0.5
    return generator.choice([",", ", "]).join(parts) if as_text else parts


@settings(max_examples=examples(600, by_night=150), deadline=None)
@given(seeds())
def test_every_engine_knows_whether_a_moment_is_within_hours(seed: int) -> None:
    generator = random.Random(seed)
    zone = ZoneInfo(generator.choice(ZONES))
    moment = datetime.datetime.fromisoformat(generator.choice(MOMENTS)).replace(tzinfo=datetime.UTC)
    moment += datetime.timedelta(minutes=generator.choice([-60, -30, -1, 0, 1, 30, generator.randint(-10_000, 10_000)]))
    if generator.random() < 0.7:  # at an edge, or a second before it
        time = datetime.time.fromisoformat(generator.choice(TIMES))
        edge = datetime.datetime.combine(moment.astimezone(zone).date(), time, zone).astimezone(datetime.UTC)
        moment = edge - datetime.timedelta(seconds=generator.choice([0, 0, 1]))
    given: dict[str, Any] = {"zone": zone.key}
    for name, following in {"own": ("now_own",), "open": ("now_open", "again")}.items():
        if generator.random() < 0.9:
            given[name] = hours(generator)
        else:  # what follows from the same hours is taken as it is given, alike or not
            given |= {fact: generator.random() < 0.5 for fact in following}
    given |= {name: generator.random() < 0.5 for name in ("now_own", "now_open", "again") if generator.random() < 0.1}
    at = moment_text(moment, zone, generator)
    expected = answer(POLICY.decide, given, at)
    assert answer(MODULE, given, at) == expected
    assert answer(lambda case, on, moment: MANY.decide(case, on, moment), given, at) == expected
    try:
        found = EVALUATOR.decide(given, at=moment.isoformat())
    except Refused:
        assert isinstance(expected, list)
        return
    assert isinstance(expected, dict)
    assert {name: its["verdict"] for name, its in found.items()} == {
        name: its["verdict"] for name, its in expected.items()
    }
    frame = pl.DataFrame([{name: ",".join(its) if isinstance(its, list) else its for name, its in given.items()}])
    row = POLICY.apply(frame, at=moment.isoformat()).row(0, named=True)
    assert row == {name: its["verdict"] for name, its in expected.items()}


def test_columns_without_a_moment_name_it() -> None:
    with pytest.raises(
        forbear.CaseError, match=r"there is no column of that name; it follows from `own` if `at` gives"
    ):
        POLICY.apply(pl.DataFrame({"own": ["mon 09:00-17:00"]}), "2026-03-02")


def test_what_is_derived_needs_no_hours() -> None:
    assert POLICY.derive({"zone": "UTC"}, "2026-03-02T12:00:00Z") == {"now_own": None, "now_open": None, "again": None}
