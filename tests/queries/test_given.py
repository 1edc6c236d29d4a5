"""Open facts, against a decision for each of their values. By hand it is in `transcripts/open_facts.txt`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest

import forbear
from forbear.queries.opened import answers, outcomes, questions

POLICY = """
event contact
  has debt text
  has outcome one of reached, missed
fact late days clock
fact debt text
fact calls count of contact where debt is this debt in last 7 days
fact hour time of decision
fact born date
fact age years since born
fact agreed yes/no optional
fact origin one of own, bought
action call, sms
rule call: after 3 days then allow call
rule seven: never call when calls >= 2
rule night: never call when hour < 08:00 or hour > 21:00
rule young: never call when age < 18
rule bought: forbid call when origin is bought
  overrides all
rule sms: allow sms when agreed and hour <= 20:00
"""
HISTORY = {
    "debt": "A",
    "history": [{"event": "contact", "at": "2026-03-09T12:00:00-04:00", "debt": "A", "outcome": "missed"}],
    "history_from": "opening",
}
ZONES = ["America/New_York", "America/Los_Angeles"]


@pytest.fixture(scope="module")
def policy() -> forbear.Policy:
    return forbear.loads(POLICY)


@pytest.mark.parametrize("zones", [ZONES, ZONES[::-1]])
def test_the_strictest_of_several_zones(policy: forbear.Policy, zones: list[str]) -> None:
    """In New York it is 21:30, and in Los Angeles 18:30."""
    case = {**HISTORY, "late": 5, "born": "1980-01-01", "zone": zones}
    at = "2026-03-10T21:30:00-04:00"
    partial = policy.partial(case, ["origin", "agreed"], at=at)
    for origin in ("own", "bought"):
        for agreed in (True, False):
            decided = policy.decide({**case, "origin": origin, "agreed": agreed}, at=at)
            for action in policy.actions:
                [holding] = [one for one in partial[action] if one.holds({"origin": origin, "agreed": agreed})]
                assert holding.verdict is decided[action].verdict
                assert {*holding.rules} <= {*decided[action].rules} <= {*holding.rules, *holding.sometimes}
    assert [outcome.verdict for outcome in partial["call"]] == ["forbidden"]
    earlier = policy.partial(case, ["origin", "agreed"], at="2026-03-10T20:30:00-04:00")
    assert [(outcome.verdict.value, outcome.when) for outcome in earlier["call"]] == [
        ("allowed", "origin is own"),
        ("forbidden", "origin is bought"),
    ]
    assert [outcome.verdict for outcome in earlier["sms"]] == ["unsaid"]


def test_values_of_open_facts_are_read_as_in_a_case(policy: forbear.Policy) -> None:
    [allowed, forbidden] = policy.partial({"late": 5, "origin": "own", "hour": "09:00"}, ["calls", "age"])["call"]
    assert allowed.holds({"calls": 1, "age": 18, "late": "ignored"})
    assert forbidden.holds({"calls": 2, "age": 18})
    for values, message in (
        ({"calls": 1}, "`age` is missing"),
        ({"calls": {"at_least": 0, "at_most": 1}, "age": 18}, "`calls` is unknown: an open fact has a value"),
        ({"calls": "many", "age": 18}, "`calls`"),
    ):
        with pytest.raises(forbear.CaseError, match=message):
            allowed.holds(values)
    assert policy.partial({"late": 5, "origin": "own", "calls": 0, "age": 20}, "hour").opened == ("hour",)


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        ("payment <= 10% of income", {"payment": "400.00", "income": 4000}),
        ("paid_on >= asked_on + 3 days", {"paid_on": "2026-03-04", "asked_on": "2026-03-01"}),
        ("grade > limit", {"grade": "high", "limit": "low"}),
    ],
)
def test_a_comparison_of_two_open_facts_as_data(rule: str, case: dict[str, object]) -> None:
    """What a program without Forbear makes of it: the sum of the values, each times its number."""
    policy = forbear.loads(
        "action sms\nfact income money EUR\nfact payment money EUR\nfact paid_on date or none\nfact asked_on date\n"
        "fact grade one of low < middle < high\nfact limit one of low < middle < high\n"
        f"rule it_is: allow sms when {rule}"
    )
    [allowed, unsaid] = policy.partial({}, list(case))["sms"]
    [[condition]] = [list(one.values()) for one in allowed.conditions]

    def number(name: str, value: object) -> Fraction:
        match name:
            case "grade" | "limit":
                return Fraction(("low", "middle", "high").index(str(value)))
            case "paid_on" | "asked_on":
                return Fraction(datetime.date.fromisoformat(str(value)).toordinal())
            case _:
                return Fraction(str(value))

    def holds(values: Mapping[str, object]) -> bool:
        if "none" in values.values():
            return condition.none
        total = sum(times * number(name, values[name]) for name, times in condition.sum.items())
        ranges: Any = condition.ranges
        return any((low is None or total >= low) and (high is None or total <= high) for low, high in ranges)

    for changed in ({}, {"income": "3999.99"}, {"asked_on": "2026-03-02"}, {"limit": "high"}):
        values = {**case, **changed}
        told = {name: values[name] for name in case}
        assert holds(told) is allowed.holds(told) is policy.permits("sms", told)
        assert unsaid.holds(told) is not allowed.holds(told)


COMPARED = "payment <= 10% of income and income > EUR 1000"
TOO_MANY = "there are too many cases of `income`, `payment`: open fewer facts"


@pytest.mark.parametrize(
    ("module", "limit", "condition", "message"),
    [
        (answers, "_MOST_CASES", COMPARED, TOO_MANY),
        (
            answers,
            "_MOST_WORK",
            COMPARED,
            "the possible values of `income`, `payment`, which rules compare, were not found",
        ),
        (answers, "MOST_WORK", "income > EUR 1000 and payment > EUR 9", TOO_MANY),
        (outcomes, "MOST_BOXES", " or ".join(f"(income = EUR {n} and payment = EUR {n})" for n in range(3)), TOO_MANY),
    ],
)
def test_what_would_take_too_long_is_refused(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, limit: str, condition: str, message: str
) -> None:
    policy = forbear.loads(
        f"action sms\nfact income money EUR\nfact payment money EUR\nrule affordable: allow sms when {condition}"
    )
    monkeypatch.setattr(module, limit, 2)
    with pytest.raises(forbear.CaseError, match=message):
        policy.partial({}, ["income", "payment"])


def test_a_question_of_too_many_nodes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST_NODES", 2)
    policy = forbear.loads("action sms\nfact income money EUR\nrule r: allow sms when income > EUR 1000")
    with pytest.raises(forbear.CaseError, match="there are too many cases of `income`: open fewer facts"):
        policy.ask("sms", {})


@pytest.mark.parametrize("rule", ["calls < cap", "calls >= cap", "calls = cap", "calls != cap", "cap - 1 > calls"])
@pytest.mark.parametrize("effect", ["allow", "forbid"])
def test_an_open_fact_that_is_compared_with_a_number_known_in_part(rule: str, effect: str) -> None:
    policy = forbear.loads(
        "event contact has late text\nfact calls count of contact in last 7 days optional\n"
        f"fact cap count between 0 and 9\naction call\nrule it_is: {effect} call when {rule}"
    )
    for calls in ({"at_least": 2, "at_most": 5}, {"at_least": 4, "at_most": 5}, {"at_least": 3}, 4, None):
        outcomes = policy.partial({"calls": calls}, ["cap"])["call"]
        for cap in range(10):
            decided = policy.decide({"calls": calls, "cap": cap})["call"]
            [holding] = [outcome for outcome in outcomes if outcome.holds({"cap": cap})]
            assert holding.verdict is decided.verdict, (calls, cap)
            assert {*decided.unknown} <= {*holding.unknown}
