"""A case that comes again is decided at each moment as if it had never been met."""

from __future__ import annotations

import copy
import datetime
import random
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import worlds
from night import NIGHTLY

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


def told(decide: Callable[[], forbear.Decision]) -> object:
    try:
        return dict(decide())
    except forbear.CaseError as error:
        return error.faults


def whole(policy: forbear.Policy, given: dict[str, Any], moment: datetime.datetime) -> object:
    return told(lambda: policy.decide(given, at=moment))


def alone(policy: forbear.Policy, given: dict[str, Any], moment: datetime.datetime) -> object:
    return told(lambda: policy.decide_alone("call", given, at=moment.isoformat()))


def case(**changed: Any) -> dict[str, Any]:
    events = [
        {"event": "touch", "at": "2026-03-06T21:30:00Z", "amount": 4, "answered": True},
        {"event": "touch", "at": "2026-03-07T20:00:00Z", "amount": 5, "answered": True},
    ]
    facts = {"days_overdue": 61, "score": 2, "zone": "America/New_York"}
    return {**facts, "history": events, "history_from": "opening", **changed}


@pytest.mark.parametrize("seed", range(2_000 if NIGHTLY else 8))
def test_a_case_that_comes_again_is_decided_as_if_it_were_new(seed: int) -> None:
    """At moments of some days in any order, before its last events too, whole and by one action, among others."""
    chance = random.Random(seed)
    text = worlds.text_of(chance)
    met = forbear.loads(text)
    zones = chance.sample(worlds.ZONES, chance.choice([1, 1, 2]))
    at = datetime.datetime.fromisoformat(chance.choice(worlds.MOMENTS)).replace(tzinfo=datetime.UTC)
    cases = [worlds.case_of(chance, at, zones) for _ in range(3)]
    days = [at, *[at + chance.randint(-1, 60) * worlds.DAY for _ in range(2)]]
    for _ in range(40):
        moment = chance.choice(days) + datetime.timedelta(seconds=chance.randint(0, 90_000))
        given = chance.choice(cases)
        anew = forbear.loads(text)
        assert whole(met, given, moment) == whole(anew, given, moment), (given, moment)
        assert alone(met, given, moment) == alone(anew, given, moment), (given, moment)


def change_event(given: dict[str, Any]) -> None:
    given["history"][1]["amount"] = 6


def change_type(given: dict[str, Any]) -> None:
    given["history"][1]["answered"] = 1


@pytest.mark.parametrize(
    "change",
    [
        change_event,
        change_type,
        lambda given: given["history"].append({"event": "touch", "at": "2026-03-07T20:10:00Z", "amount": 0}),
        lambda given: given.update(zone=["America/New_York", "Asia/Tokyo"]),
        lambda given: given.update(zone=["America/New_York", "Nowhere"]),
        lambda given: given.update(history_from="2026-03-07"),
        lambda given: given.update(days_overdue=True),
        lambda given: given.update(score=2.25),
        lambda given: given.update(score=np.float64(0.5)),
        lambda given: given.update(other=1),
    ],
)
def test_a_case_is_remembered_by_its_content(change: Callable[[dict[str, Any]], None]) -> None:
    policy, given = forbear.loads(POLICY), case()
    first = [whole(policy, given, AT + HOUR) for _ in range(3)]
    assert first[0] == first[1] == first[2]
    change(given)  # the very object
    anew = whole(forbear.loads(POLICY), copy.deepcopy(given), AT + HOUR)
    assert anew != first[0]
    for _ in range(3):
        assert whole(policy, given, AT + HOUR) == anew


def test_numbers_of_other_classes_with_the_same_bytes_are_told_apart() -> None:
    policy, half = forbear.loads(POLICY), np.float64(0.5)
    for score in [half, np.int64(half.view(np.int64)), half.tobytes()] * 3:
        given = case(score=score)
        assert whole(policy, given, AT) == whole(forbear.loads(POLICY), given, AT)


def test_before_its_last_event_a_case_is_in_error_however_often_it_was_decided() -> None:
    policy = forbear.loads(POLICY)
    for _ in range(3):
        policy.decide(case(), at=AT)
    with pytest.raises(forbear.CaseError, match="after the decision"):
        policy.decide(case(), at=AT - HOUR)


def test_within_a_day_the_time_and_windows_of_hours_go_on() -> None:
    policy = forbear.loads(POLICY)
    for _ in range(3):
        verdicts = [policy.decide(case(), at=AT + quarters * HOUR / 4)["call"].rules for quarters in range(5)]
        assert verdicts == [("early",)] * 2 + [()] * 2 + [("few",)]


def test_the_next_change_is_that_of_the_moment() -> None:
    policy = forbear.loads(POLICY)
    for quarters in [0, 0, 0, 1, 4, 0, 3, 2, 1]:
        moment = AT + quarters * HOUR / 4
        assert policy.valid_until(case(), moment) == forbear.loads(POLICY).valid_until(case(), moment), quarters


def test_the_next_change_of_a_case_that_came_again_is_that_of_its_content_when_it_was_decided() -> None:
    policy, given = forbear.loads(POLICY), case()
    moment = AT + 2 * HOUR / 3
    for _ in range(3):
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


def test_a_long_history_is_read_anew() -> None:
    policy = forbear.loads(POLICY)
    events: list[dict[str, Any]] = [{"event": "touch", "at": "2026-03-01T00:00:00Z", "amount": 0} for _ in range(1_000)]
    for _ in range(3):
        assert policy.decide(case(history=events), at=AT)["call"].rules == ("early",)
        events[0]["amount"] += 1
