"""Explanations: the nearest changes by brute force. What is missing, and what sets a rule aside, is in
`transcripts/explained.txt`."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invoking import forbear as command
from invoking import write
from night import NIGHTLY

import forbear

HOUSE = """
rule ask: after 60 days and unreachable >= 3 then allow contact_related
  because "only where the borrower repeatedly cannot be reached" source "Xinhua"
"""


def explain(text: str, action: str, case: Mapping[str, object], on: str | None = None) -> dict[str, Any]:
    return forbear.loads(text).explain(action, case, on).as_json()


@pytest.mark.parametrize("full", [False, True])
def test_a_program_has_the_words_of_the_command(tmp_path: Path, full: bool) -> None:
    held = "".join(f"rule r{at}: forbid contact_related when unreachable > {at}0\n" for at in range(1, 6))
    policy, case = write(tmp_path, HOUSE + held), {"days_overdue": 34, "unreachable": 5}
    asked: list[str | Path] = [
        "explain",
        policy,
        "--case",
        write(tmp_path, json.dumps(case), "case.json"),
        "contact_related",
    ]
    printed = command(*asked, *(["--full"] if full else [])).out
    assert ("  (--full)" in printed) is not full
    said = forbear.load(policy).explain("contact_related", case).text(full=full)
    assert said.splitlines() == printed.replace("  (--full)", "").splitlines()


# Set aside, dated, unknown


OVERRIDES = """
rule calls: after 3 days then allow phone_call
rule hold: forbid phone_call when unreachable > 5
  because "a pause"
rule urgent: after 60 days then allow phone_call overrides hold
rule asked: never phone_call when cease_requested
"""


DATED = """
rule always_on: after 3 days then allow sms
rule summer: never sms in force from 2015-06-01 until 2015-08-31
rule later: forbid sms when unreachable > 1 in force from 2016-01-01
"""


def test_a_case_that_cannot_be_decided_cannot_be_explained() -> None:
    policy = forbear.loads(HOUSE)
    cases: list[Any] = [{"days_overdue": 34}, {"days_overdue": True, "unreachable": 5}, [], {"x": 1}]
    for case in cases:
        with pytest.raises(forbear.CaseError) as decided:
            policy.decide(case)
        with pytest.raises(forbear.CaseError) as explained:
            policy.explain("contact_related", case)
        assert explained.value.faults == decided.value.faults
    with pytest.raises(forbear.CaseError, match="day"):
        forbear.loads(DATED).explain("sms", {"days_overdue": 5, "unreachable": 1})


def test_the_day_may_be_a_date_or_a_text() -> None:
    policy = forbear.loads(DATED)
    case = {"days_overdue": 5, "unreachable": 1}
    assert policy.explain("sms", case, datetime.date(2015, 6, 1)) == policy.explain("sms", case, "2015-06-01")


def test_threads_share_a_policy() -> None:
    policy = forbear.loads(OVERRIDES)
    wanted = {days: explain(OVERRIDES, "phone_call", thread_case(days)) for days in range(55, 65)}
    wrong: list[int] = []

    def ask() -> None:
        for days, explanation in wanted.items():
            if policy.explain("phone_call", thread_case(days)).as_json() != explanation:
                wrong.append(days)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def thread_case(days: int) -> dict[str, object]:
    return {"days_overdue": days, "unreachable": 6, "cease_requested": False}


# The nearest changes, by brute force on facts so small that every value can be tried

SMALL = """
fact late days clock between 0 and 7
fact calls count between 0 and 5
fact owed money CNY between CNY 0 and CNY 0.05
fact score number between -1 and 1 in steps of 0.5 optional
fact quiet days between 0 and 4 or none
fact risk one of low < medium < high
fact origin one of a, b, c optional
fact kind one of x, y or none
fact asked yes/no
fact dated date between 2015-01-01 and 2015-01-05
fact hour time between 08:00:00 and 08:00:03
fact region text
action act, other
"""
ORDERED: Mapping[str, list[object]] = {
    "late": [0, 1, 2, 3, 4, 5, 6, 7],
    "calls": [0, 1, 2, 3, 4, 5],
    "owed": ["0", "0.01", "0.02", "0.03", "0.04", "0.05"],
    "score": ["-1", "-0.5", "0", "0.5", "1"],
    "quiet": [0, 1, 2, 3, 4],
    "risk": ["low", "medium", "high"],
    "dated": [f"2015-01-0{number}" for number in range(1, 6)],
    "hour": ["08:00", "08:00:01", "08:00:02", "08:00:03"],
}
UNORDERED: Mapping[str, list[object]] = {
    "origin": ["a", "b", "c"],
    "kind": ["x", "y", "none"],
    "asked": [False, True],
    "region": ["CA", "NY", "elsewhere"],
}
OPTIONAL = ("score", "origin")
ALL = ["late", "calls", "owed", "score", "quiet", "risk", "origin", "kind", "asked", "dated", "hour", "region"]

ATOMS = st.one_of(
    st.builds("after {} days".format, st.integers(0, 6)),
    st.builds("calls {} {}".format, st.sampled_from(["<", ">=", "="]), st.integers(1, 4)),
    st.builds("late is not between {} and {}".format, st.integers(1, 3), st.integers(4, 6)),
    st.builds("owed {} CNY 0.0{}".format, st.sampled_from(["<", ">", "!="]), st.integers(1, 4)),
    st.builds("score {} {}".format, st.sampled_from(["<=", ">", "="]), st.sampled_from(["-0.5", "0", "0.5"])),
    st.builds("quiet {} {}".format, st.sampled_from(["<", ">=", "=", "!="]), st.integers(1, 3)),
    st.builds("risk {} medium".format, st.sampled_from(["<", ">", "=", "!="])),
    st.builds("dated {} 2015-01-0{}".format, st.sampled_from(["<", ">", "="]), st.integers(2, 4)),
    st.builds("hour {} 08:00:0{}".format, st.sampled_from(["<", ">="]), st.integers(1, 2)),
    st.sampled_from(
        [
            *("score is known", "score is unknown", "quiet is none", "quiet is not none", "origin is a"),
            *("origin is not b", "origin is one of b, c", "origin is known", "kind is x", "kind is not x"),
            *("kind is none", "asked", 'region is "CA"'),
            *('region is one of "CA", "NY"', "hour between 08:00:02 and 08:00:00"),
        ]
    ),
)


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("not ({})".format, parts),
        st.builds("({} and {})".format, parts, parts),
        st.builds("({} or {})".format, parts, parts),
    )


CONDITIONS = st.recursive(ATOMS, joined, max_leaves=4)


@st.composite
def policies(draw: st.DrawFn) -> str:
    """Up to four rules on `act`, of every effect; a rule that permits may override all that forbid."""
    text = SMALL
    for number in range(draw(st.integers(1, 4))):
        effect = draw(st.sampled_from(["allow", "allow", "require", "forbid", "never"]))
        override = " overrides all" if effect in ("allow", "require") and draw(st.booleans()) else ""
        text += f"rule r{number}: {effect} act when {draw(CONDITIONS)}{override}\n"
    return text


def case_of(draw: st.DrawFn) -> dict[str, object]:
    values: dict[str, list[object]] = {**ORDERED, **UNORDERED}
    values["quiet"] = [*values["quiet"], "none"]
    return {name: draw(st.sampled_from([*values[name], None] if name in OPTIONAL else values[name])) for name in ALL}


CASES = st.composite(case_of)()


def verdicts(policy: forbear.Policy, case: Mapping[str, object], fact: str, values: list[object]) -> list[str]:
    return [policy.decide({**case, fact: value})["act"].verdict.value for value in values]


def nearest(policy: forbear.Policy, case: Mapping[str, object], fact: str, now: str) -> Iterator[tuple[object, str]]:
    """The changes of a fact that may be reported: of an ordered one, the nearest values that alter the verdict."""
    values = ORDERED[fact]
    altered = [
        (value, verdict)
        for value, verdict in zip(values, verdicts(policy, case, fact, values), strict=True)
        if verdict != now
    ]
    current = case[fact]
    if altered and current in values:
        distances = [abs(values.index(value) - values.index(current)) for value, _ in altered]
        yield from [change for change, far in zip(altered, distances, strict=True) if far == min(distances)]
    else:
        yield from altered
    if not altered and fact == "quiet" and current != "none":
        [verdict] = verdicts(policy, case, fact, ["none"])
        if verdict != now:
            yield "none", verdict


def same(reported: object, value: object) -> bool:
    """Whether a value that was reported is one of those tried: decimals are reported as numbers."""
    return str(reported) == str(value) if not isinstance(value, bool) else reported is value


@settings(max_examples=120 if NIGHTLY else 25)
@given(policies(), st.lists(CASES, min_size=1, max_size=3))
def test_each_change_alters_the_verdict_and_no_nearer_one_does(text: str, cases: list[dict[str, object]]) -> None:
    policy = forbear.loads(text)
    for case in cases:
        explanation = policy.explain("act", case).as_json()
        now = policy.decide(case)["act"].verdict.value
        changes: list[dict[str, Any]] = explanation["changes"]  # type: ignore[assignment]
        assert [ALL.index(change["fact"]) for change in changes] == sorted(
            ALL.index(change["fact"]) for change in changes
        )
        for change in changes:
            changed = policy.decide({**case, change["fact"]: change["value"]})
            assert changed["act"].verdict.value == change["verdict"] != now
        for fact in ORDERED:
            reported = [(change["value"], change["verdict"]) for change in changes if change["fact"] == fact]
            possible = list(nearest(policy, case, fact, now))
            assert len(reported) == min(1, len(possible)), (fact, reported, possible)
            for value, verdict in reported:
                assert any(same(value, its) and verdict == wanted for its, wanted in possible), (
                    fact,
                    reported,
                    possible,
                )
        for fact, values in UNORDERED.items():
            reported = [(change["value"], change["verdict"]) for change in changes if change["fact"] == fact]
            reachable = set(verdicts(policy, case, fact, values)) - {now}
            assert sorted(verdict for _, verdict in reported) == sorted(reachable), (fact, reported)


@settings(max_examples=80 if NIGHTLY else 40)
@given(policies(), CASES)
def test_standings_agree_with_the_decision(text: str, case: dict[str, object]) -> None:
    policy = forbear.loads(text)
    explanation = policy.explain("act", case)
    decision = policy.decide(case)["act"]
    assert explanation.decision == decision
    permitting = decision.permitted
    for rule in explanation.rules:
        holds = [clause.holds for clause in rule.clauses]
        if rule.standing == "does not hold":
            assert False in holds
        else:
            assert False not in holds
        if rule.standing == "set aside":
            assert rule.set_aside_by
            assert rule.effect == "forbid"
        if rule.name in decision.rules:
            assert rule.standing == "active" if permitting else rule.standing in ("active", "open")
        elif rule.standing == "active":
            # Another effect, which is stronger, decides.
            strength = ["allow", "require", "forbid", "never"]
            decided = [its.effect for its in explanation.rules if its.name in decision.rules]
            assert all(strength.index(effect) > strength.index(rule.effect) for effect in decided)
        for clause in rule.clauses:
            assert (clause.missing is None) is (clause.holds is True)
