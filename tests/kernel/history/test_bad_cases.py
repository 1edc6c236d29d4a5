"""Cases with a history: what is wrong with each, said alike by a policy and by its compiled module."""

from __future__ import annotations

import datetime
import json
import os
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from written import Written, texts

import forbear
from forbear.targets.python.module import compile_module

POLICY = forbear.loads("""\
fact debt text
fact extra count optional
event touch
  has medium one of call, sms
  has debt text
  has minutes count usually 0
  has note text optional
event visit has minutes count
fact calls count of touch where medium is call and debt is this debt in last 7 days
fact hourly count of touch in last 24 hours optional
fact ever_ any touch ever optional
fact ago days since last touch
fact t time of decision
fact day_ date of decision
fact w weekday of decision
action a
rule r: never a when calls >= 2 or hourly > 100 or (ever_ and ago is 5000) or (t > 23:00 and w is sunday)
  or day_ is 2020-01-01
rule s: allow a when always
""")
MODULE: dict[str, Any] = {"__name__": "compiled"}
exec(compile(compile_module(POLICY.typed), "<compiled>", "exec"), MODULE)

AT = "2026-03-10T12:00:00-04:00"
GONE = object()


HALF = "an id with half a character, a surrogate without its other half"
CASE = {"debt": "A", "zone": "America/New_York", "history": [], "history_from": "opening"}
TOUCH = {"event": "touch", "at": "2026-03-09T10:00:00", "medium": "call", "debt": "A", "minutes": 0}


def case(**changes: object) -> dict[str, object]:
    return {name: value for name, value in {**CASE, **changes}.items() if value is not GONE}


def touch(**changes: object) -> dict[str, object]:
    return {name: value for name, value in {**TOUCH, **changes}.items() if value is not GONE}


def outright(**changes: object) -> dict[str, object]:
    """A case that gives what follows from events."""
    return case(**{"history": GONE, "history_from": GONE, "calls": 0, "hourly": 0, "ever_": True, "ago": 4, **changes})


def with_changes(base: Mapping[str, object], changes: Any) -> dict[str, object]:
    gone = changes.get("without", ())
    return {name: value for name, value in {**base, **changes}.items() if name not in (*gone, "without", "moment")}


def written_case(one: Written) -> tuple[dict[str, object], object, list[str]]:
    """A case, the moment of its decision, and what is wrong with it, or the rule that decides."""
    changes = json.loads(one.text)
    if one.title == "An event":
        return case(history=[with_changes(TOUCH, changes)]), AT, one.found
    given = with_changes(outright() if one.title != "A case" else CASE, changes)
    events = given.get("history")
    if isinstance(events, list):
        given["history"] = [with_changes(TOUCH, event) if isinstance(event, dict) else event for event in events]
    return given, changes.get("moment", AT), one.found


ROWS: list[tuple[dict[str, object], object, list[str]]] = [
    *map(written_case, texts(Path(__file__).with_name("bad_cases.txt"))),
    (
        case(),
        datetime.date(2026, 3, 10),
        ['`at` needs a date and time such as "2026-03-01T09:30:00-05:00", not 2026-03-10'],
    ),
    (case(zone="a" * 300), AT, [f'`zone` needs a time zone such as "America/New_York", not "{"a" * 56}...']),
    (case(zone=["UTC"] * 101), AT, ["`zone` names 101 time zones, and a case has at most 100"]),
    (case(history=[touch(id=np.int64(7)), touch(id=7)]), AT, ["decided by s"]),
    (case(history=[touch(id="\ud800")]), AT, [f"`history[0]` has {HALF}"]),
    (case(history=[touch(), touch(id="\ud800")]), AT, [f"`history[1]` has {HALF}"]),
    (case(history=[touch(id=10**4300 - 1)]), AT, ["decided by s"]),
    (case(history=[touch(id=-(10**4300))]), AT, ["`history[0]` has an id of more than 4,300 digits"]),
    (case(history=[touch(at=datetime.datetime(2026, 3, 9, 10, 0))]), AT, ["decided by s"]),
    (
        case(history=[touch(at=datetime.datetime(2026, 3, 9, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo")))]),
        AT,
        ["decided by s"],
    ),
    (case(), datetime.datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("America/New_York")), ["decided by s"]),
    (case(zone=GONE), datetime.datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("America/New_York")), ["decided by s"]),
]


@pytest.mark.parametrize(("given", "at", "expected"), ROWS)
def test_what_is_said_of_a_case(given: dict[str, object], at: object, expected: list[str]) -> None:
    if expected in (["decided by r"], ["decided by s"]):
        rule = expected[0][-1]
        assert POLICY.decide(given, at=at)["a"].rules == (rule,)  # type: ignore[arg-type]
        assert MODULE["decide"](given, None, at)["a"]["rules"] == [rule]
        return
    both: list[tuple[Any, Any]] = [(POLICY.decide, forbear.CaseError), (MODULE["decide"], MODULE["CaseError"])]
    for decide, error in both:
        with pytest.raises(error) as raised:
            decide(given, None, at)
        assert [fault.message for fault in raised.value.faults] == expected


@pytest.mark.parametrize("decide", [POLICY.decide, MODULE["decide"]], ids=["library", "compiled"])
@pytest.mark.parametrize("zone", ["Asia/Thimphu", "Mars/Base"])
def test_a_system_that_can_open_no_file_says_nothing_of_a_zone(decide: Any, zone: str) -> None:
    ZoneInfo.clear_cache()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_file = os.dup(0)
    os.close(next_file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_file, limits[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            decide(case(zone=zone), None, AT)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    error = forbear.CaseError if decide == POLICY.decide else MODULE["CaseError"]
    if zone == "Mars/Base":
        with pytest.raises(error):
            decide(case(zone=zone), None, AT)
    else:
        decide(case(zone=zone), None, AT)


def test_an_order_of_events_makes_no_fault() -> None:
    """Neither may a wrong event hide behind a right one with its id."""
    events = [touch(id="1"), touch(id="1", minutes=False)]
    for history in (events, events[::-1]):
        with pytest.raises(forbear.CaseError):
            POLICY.decide(case(history=history), at=AT)
