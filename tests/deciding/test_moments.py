"""A case is decided at each moment as it is then, and says what it is later."""

from __future__ import annotations

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import forbear

AT = datetime.datetime(2026, 3, 7, 20, 40, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
POLICY = """
policy house
event touch
  has amount number in steps of 1
  has answered yes/no optional
fact days_overdue days clock
fact score number in steps of 0.5
fact local_time time of decision
fact touches count of touch in last 24 hours
fact total sum of touch.amount in last 7 days
fact answered any touch where answered ever optional
action call, write
rule few: touches <= 1 and total < 10 and answered is known then allow call
rule early: local_time < 16:00 then never call
rule late: after 60 days and score > 1 then allow write
"""


def case(**changed: Any) -> dict[str, Any]:
    events = [
        {"event": "touch", "at": "2026-03-06T21:30:00Z", "amount": 4, "answered": True},
        {"event": "touch", "at": "2026-03-07T20:00:00Z", "amount": 5, "answered": True},
    ]
    facts = {"days_overdue": 61, "score": 2, "zone": "America/New_York"}
    return {**facts, "history": events, "history_from": "opening", **changed}


def test_before_its_last_event_a_case_is_in_error() -> None:
    policy = forbear.loads(POLICY)
    policy.decide(case(), at=AT)
    with pytest.raises(forbear.CaseError, match="after the decision"):
        policy.decide(case(), at=AT - HOUR)


def test_within_a_day_the_time_and_windows_of_hours_go_on() -> None:
    policy = forbear.loads(POLICY)
    verdicts = [policy.decide(case(), at=AT + quarters * HOUR / 4)["call"].rules for quarters in range(5)]
    assert verdicts == [("early",)] * 2 + [()] * 2 + [("few",)]


def test_the_next_change_is_that_of_the_moment() -> None:
    policy = forbear.loads(POLICY)
    for quarters in [0, 0, 1, 4, 0, 3]:
        moment = AT + quarters * HOUR / 4
        assert policy.valid_until(case(), moment) == forbear.loads(POLICY).valid_until(case(), moment), quarters


def test_the_next_change_is_that_of_the_events_when_the_case_was_decided() -> None:
    policy, given = forbear.loads(POLICY), case()
    moment = AT + 2 * HOUR / 3
    decision = policy.decide(given, at=moment)
    given["history"].append({"event": "touch", "at": "2026-03-07T20:10:00Z", "amount": 0})
    until = forbear.loads(POLICY).valid_until(case(), moment)
    assert decision.valid_until == until != forbear.loads(POLICY).valid_until(given, moment)
    assert policy.valid_until(case(), moment) == until


def test_a_case_without_a_zone_has_that_of_its_moment() -> None:
    policy, given = forbear.loads(POLICY), case()
    del given["zone"]
    for zone in ["America/New_York", "Asia/Tokyo"] * 3:
        moment = AT.astimezone(ZoneInfo(zone))
        assert policy.decide(given, at=moment) == policy.decide(case(zone=zone), at=AT)
