"""What a history leaves in doubt: what is settled all the same, and what stays unknown."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import forbear
from forbear.deciding.deciders.decider import decider
from forbear.deciding.records.replay import Replayer
from forbear.kernel.cases import InPart
from forbear.semantics import meaning

VOCABULARY = """\
event contact
  has medium one of call, sms
  has reached yes/no optional
fact late days clock
fact calls count of contact where medium is call in last 7 days optional
fact needed_calls count of contact where medium is call in last 7 days
fact ever_called any contact where medium is call ever optional
fact since_talk days since last contact where medium is call and reached private
fact unreachable count of contact where medium is call and not reached since last contact where reached optional
fact clock_time time of decision
action a, b, plain
"""
AT = "2026-03-10T12:00:00-04:00"
LIMITS = "rule many: limit a to 3 by calls\n"


def policy(rules: str) -> forbear.Policy:
    return forbear.loads(VOCABULARY + rules)


def event(day: str, medium: str = "call", reached: object = False, **more: object) -> dict[str, object]:
    return {"event": "contact", "at": f"{day}T10:00:00-04:00", "medium": medium, "reached": reached, **more}


def case(history_from: str, *events: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"zone": "America/New_York", "history_from": history_from, "history": [*events], **more}


TALK = [event("2026-03-02", "sms", True)]
IN_THE_MIDST = [*TALK, event("2026-03-04"), event("2026-03-05", "sms", None), event("2026-03-06")]


SINCE_TALK = ("<= 6", ">= 7", "is none", ">= 7 or since_talk is none", "between 0 and 6")


def truth(condition: str, given: dict[str, object]) -> bool | None:
    """The truth of a condition: `a` is permitted where it holds, and `b` where it does not."""
    asked = policy(
        f"rule a: allow a when {condition}\nrule never_b: never b when {condition}\nrule b: always then allow b\n"
    )
    decision = asked.decide(given, at=AT)
    return {(True, False): True, (False, True): False, (False, False): None}[
        decision.permits("a"), decision.permits("b")
    ]


@pytest.mark.parametrize(
    ("history_from", "expected"),
    [
        ("2026-03-11", [None, None, None, None, None]),
        ("2026-03-05", [None, None, None, None, None]),
        ("2026-03-04", [False, None, None, None, False]),
        ("2016-03-10", [False, None, None, None, False]),
        ("opening", [False, False, True, True, False]),
    ],
)
def test_days_since_nothing(history_from: str, expected: list[bool | None]) -> None:
    """Seven days, the day of the decision among them, show that silence lasts longer than six."""
    assert [truth(f"since_talk {test}", case(history_from)) for test in SINCE_TALK] == expected


@pytest.mark.parametrize(
    ("condition", "events", "expected"),
    [
        ("since_talk <= 3", [event("2026-03-07", reached=True)], True),
        ("since_talk is 3", [event("2026-03-07", reached=True)], True),
        # An open event may be the last, but no longer ago than the last certain one.
        ("since_talk <= 3", [event("2026-03-07", reached=True), event("2026-03-09", reached=None)], True),
        ("since_talk is 3", [event("2026-03-07", reached=True), event("2026-03-09", reached=None)], None),
        ("since_talk is 0", [event("2026-03-07", reached=True), event("2026-03-09", reached=None)], False),
        ("since_talk is none", [event("2026-03-07", reached=True), event("2026-03-09", reached=None)], False),
        ("since_talk <= 3", [event("2026-03-07", reached=True), event("2026-03-01", reached=None)], True),
        ("since_talk is 3", [event("2026-03-07", reached=True), event("2026-03-01", reached=None)], True),
        # Before the covered days: it happened, and others may have.
        ("since_talk <= 100", [event("2026-02-20", reached=True)], True),
        ("since_talk is none", [event("2026-02-20", reached=True)], False),
        ("since_talk is 18", [event("2026-02-20", reached=True)], None),
        ("since_talk <= 8", [event("2026-02-20", reached=True)], False),
        ("ever_called", [event("2026-02-20")], True),
        ("ever_called", [event("2026-02-20"), event("2026-03-09", "sms")], True),
        ("ever_called", [event("2026-03-09", "sms")], None),
        ("calls >= 2", [event("2026-03-09")] * 2, True),
        ("calls >= 2", [event("2026-03-09")], False),
        # Five days without answer since 1 March, whenever the last conversation was.
        ("unreachable >= 3", [event(f"2026-03-0{day}") for day in (2, 3, 4)], True),
        ("unreachable >= 1", [event("2026-02-20")], None),
        ("unreachable >= 4", [event(f"2026-03-0{day}") for day in (2, 3, 4)], None),
        # An open anchor before all that is counted, and in the midst of it.
        ("unreachable is 2", [*TALK, event("2026-03-03", "sms", None), event("2026-03-04"), event("2026-03-05")], True),
        ("unreachable >= 1", IN_THE_MIDST, True),
        ("unreachable >= 2", IN_THE_MIDST, None),
        ("unreachable <= 2", IN_THE_MIDST, True),
        ("unreachable is known", [event("2026-03-04")], False),
        ("unreachable is unknown and unreachable >= 1", [event("2026-03-04")], True),
    ],
)
def test_what_is_certain_is_settled_at_once(
    condition: str, events: list[dict[str, object]], expected: bool | None
) -> None:
    assert truth(condition, case("2026-03-02", *events)) is expected


def test_a_window_that_the_history_does_not_reach() -> None:
    calls = [event("2026-03-09"), event("2026-03-08")]
    assert truth("calls >= 2", case("2026-03-08", *calls)) is True
    assert truth("calls >= 3", case("2026-03-08", *calls)) is None
    assert truth("calls >= 3", case("2026-03-05", *calls)) is None
    assert truth("calls >= 3", case("2026-03-04", *calls)) is False


@pytest.mark.parametrize(
    ("reached", "expected"), [(True, 2), (None, {"at_least": 2, "at_most": 2, "or_none": True}), (False, "none")]
)
def test_the_days_since_a_first_event_that_is_open_are_one_number_or_none(reached: object, expected: object) -> None:
    first = policy("fact first_talk days since first contact where reached\n")
    given = case("opening", event("2026-03-08", reached=reached))
    assert first.derive(given, AT)["first_talk"] == expected


RULES = """\
rule plain: after 3 days then allow plain
rule silence: never a when since_talk <= 6
rule a: always then allow a
rule night: never b when clock_time > 21:00
rule b: always then allow b
"""


def test_permits_reads_no_history_where_no_event_matters() -> None:
    """Neither its errors nor its length matter then, and a decision on all actions reports them."""
    of_all = policy(RULES)
    broken = case("never", {"event": "visit"}, late=9)
    for at in (AT, None):
        assert of_all.permits("plain", broken, at=at)
        with pytest.raises(forbear.CaseError, match="history"):
            of_all.permits("a", broken, at=at)
    assert of_all.permits("b", broken, at=AT)
    assert not of_all.permits("b", broken, at="2026-03-10T22:00:00-04:00")
    with pytest.raises(forbear.CaseError, match="zone"):
        of_all.permits("b", {**broken, "zone": "Mars/Base"}, at=AT)
    with pytest.raises(forbear.CaseError):
        of_all.decide(broken, at=AT)

    class Unread(list[object]):
        def __iter__(self) -> Any:
            raise AssertionError

        def __len__(self) -> int:
            raise AssertionError

    assert of_all.permits("plain", {**broken, "history": Unread()}, at=AT)


@pytest.mark.parametrize(
    "ask",
    [
        lambda policy, action, case: policy.permits(action, case, at=AT),
        lambda policy, action, case: policy.decide_alone(action, case, at=AT).permits(action),
        lambda policy, action, case: policy.explain(action, case, at=AT).decision.permitted,
        lambda policy, action, case: policy.ask(action, case, at=AT).permitted,
    ],
    ids=["permits", "of one action", "explain", "ask"],
)
@pytest.mark.parametrize(
    "broken", [{"history": "none"}, {"history": [{"event": "visit"}]}, {"history": [], "history_from": "never"}]
)
def test_whoever_asks_about_one_action_reads_no_history_where_no_event_matters(
    ask: Callable[[forbear.Policy, str, Mapping[str, object]], bool], broken: Mapping[str, object]
) -> None:
    of_all, asked = policy(RULES), {"zone": "America/New_York", "late": 9, **broken}
    for action in ("plain", "b"):
        assert ask(of_all, action, asked)
    with pytest.raises(forbear.CaseError, match="history"):
        ask(of_all, "a", asked)


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(
    ("condition", "permitted"),
    [("since_talk <= 6", False), ("since_talk >= 3", False), ("not (since_talk <= 2)", True)],
)
def test_either_method_permits_one_action_by_it(many: bool, condition: str, permitted: bool) -> None:
    of_a = decider(policy(f"rule talk: allow a when {condition}\n").typed, "a", many=many)
    assert of_a.permits({"since_talk": {"at_least": 3, "or_none": True}}) is permitted
    assert of_a.decide({"since_talk": {"at_least": 3, "or_none": True}}).permits("a") is permitted


def test_a_record_of_it_is_replayed(tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    counted = policy(LIMITS + "rule silence: never a when since_talk <= 6\nrule a: always then allow a\n")
    outright = {"calls": {"at_least": 1, "at_most": 2}, "since_talk": {"at_least": 9, "or_none": True}}
    for key in (None, b"0" * 32):
        with forbear.Record(file, key=key) as record:
            assert counted.decide(outright, record=record).permits("a")
            assert not counted.decide(case("2026-03-05", event("2026-03-09")), at=AT, record=record).permits("a")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["case"].get("calls") for line in lines] == [outright["calls"], None] * 2
    assert lines[0]["case"]["since_talk"] == {"private": None}
    assert lines[2]["case"]["since_talk"]["private"].startswith("hmac-sha256:")
    replayer = Replayer(counted.typed, counted.digest, counted.decide)
    for line in lines:
        assert replayer.replay(line).result in ("same", "undecided")
    assert replayer.replay(lines[1]).result == "same"


@pytest.mark.parametrize("seed", range(5))
def test_the_oracle_asks_all_that_a_number_may_be(seed: int) -> None:
    """A comparison with what is known in part is one with each value that it may be, listed."""
    conditions = ["<= 4", "> 4", "is 4", "is not 4", "between 3 and 5", "is not between 3 and 5", "is one of 2, 3, 7"]
    conditions += ["is not one of 4, 5", "is none", "is not none", "is one of 2, 3, 4, 5, 6"]
    asked = policy("".join(f"rule r{at}: allow a when since_talk {text}\n" for at, text in enumerate(conditions)))
    for low, high, none in itertools.product(range(seed, 9, 5), range(9), (False, True)):
        if high > low or (high == low and none):
            value = InPart(low, high, none)
            for rule in asked.typed.rules:
                each = {
                    meaning.truth(rule.condition, asked.typed.facts, {"since_talk": one})
                    for one in [*range(low, high + 1), *([None] if none else [])]
                }
                found = meaning.truth(rule.condition, asked.typed.facts, {"since_talk": value})
                assert found is (each.pop() if len(each) == 1 else None), (rule.name, value)
