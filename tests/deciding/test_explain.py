"""Explanations: what is missing and by how much, what sets a rule aside, and the nearest changes, by brute force."""

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


def rules(explanation: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in explanation["rules"]}


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


# What is missing


def test_the_complaint_of_day_34() -> None:
    explanation = explain(HOUSE, "contact_related", {"days_overdue": 34, "unreachable": 5})
    assert explanation["action"] == "contact_related"
    assert explanation["decision"]["verdict"] == "unsaid"
    assert explanation["rules"] == [
        {
            "name": "ask",
            "title": None,
            "effect": "allow",
            "standing": "does not hold",
            "matters": True,
            "clauses": [
                {
                    "condition": "days_overdue > 60",
                    "holds": False,
                    "missing": "needs days_overdue > 60, is 34: 27 more days",
                },
                {"condition": "unreachable >= 3", "holds": True, "missing": None},
            ],
            "set_aside_by": [],
            "period": None,
            "because": "only where the borrower repeatedly cannot be reached",
            "source": "Xinhua",
        }
    ]
    assert explanation["changes"] == [{"fact": "days_overdue", "value": 61, "verdict": "allowed"}]


FACTS = """
fact late days clock
fact calls count
fact score number
fact share percent
fact owed money CNY
fact risk one of low < medium < high
fact origin one of declared, referee, gift optional
fact asked yes/no
fact hour time
fact promised date or none
fact region text
fact age count optional
action act
setting grace is 5
define bad is calls > 3 and asked
"""
VALUES = {
    "late": 34,
    "calls": 2,
    "score": "0.5",
    "share": 50,
    "owed": "1000.00",
    "risk": "medium",
    "origin": "gift",
    "asked": False,
    "hour": "08:00",
    "promised": "2015-09-22",
    "region": "CA",
}


@pytest.mark.parametrize(
    ("condition", "missing"),
    [
        ("after 60 days", "needs late > 60, is 34: 27 more days"),
        ("after 34 days", "needs late > 34, is 34: 1 more day"),
        ("from day 60", "needs late >= 60, is 34: 26 more days"),
        ("before day 34", "needs late < 34, is 34: 1 fewer day"),
        ("within 9 days", "needs late <= 9, is 34: 25 fewer days"),
        ("on day 40", "needs late = 40, is 34: 6 more days"),
        ("from day 9 to day 13", "needs late between 9 and 13, is 34: 21 fewer days"),
        ("from day 40 to day 50", "needs late between 40 and 50, is 34: 6 more days"),
        ("before day grace", "needs late < 5, is 34: 30 fewer days"),
        ("calls >= 3", "needs calls >= 3, is 2: 1 more"),
        ("calls < 2", "needs calls < 2, is 2: 1 less"),
        ("calls != 2", "needs calls != 2, is 2"),
        ("score > 0.75", "needs score > 0.75, is 0.5: 0.26 more"),
        ("share >= 80%", "needs share >= 80%, is 50%: 30% more"),
        ("owed > CNY 1200.00", "needs owed > CNY 1200, is CNY 1000: CNY 200.01 more"),
        ("owed <= CNY 799.50", "needs owed <= CNY 799.50, is CNY 1000: CNY 200.50 less"),
        ("risk >= high", "needs risk >= high, is medium"),
        ("origin is declared", "needs origin is declared, is gift"),
        ("origin is not gift", "needs origin is not gift, is gift"),
        ("origin is one of declared, referee", "needs origin is one of declared, referee, is gift"),
        ("asked", "needs asked, is no"),
        ("hour < 08:00", "needs hour < 08:00, is 08:00"),
        ("promised > 2015-09-30", "needs promised > 2015-09-30, is 2015-09-22: 9 days later"),
        ("promised < 2015-09-22", "needs promised < 2015-09-22, is 2015-09-22: 1 day earlier"),
        ("promised is none", "needs promised is none, is 2015-09-22"),
        ('region is "NY"', 'needs region is "NY", is "CA"'),
        ("not within 60 days", "needs late > 60, is 34: 27 more days"),
        (
            "not (after 3 days and calls < 9)",
            "needs late <= 3, is 34: 31 fewer days, or needs calls >= 9, is 2: 7 more",
        ),
        ("calls > 3 or after 60 days", "needs calls > 3, is 2: 2 more, or needs late > 60, is 34: 27 more days"),
        ("age > 17", "needs age > 17, is unknown"),
        ("age is known", "needs age is known, is unknown"),
    ],
)
def test_what_is_missing_and_by_how_much(condition: str, missing: str) -> None:
    explanation = explain(f"{FACTS}rule a: {condition} then allow act", "act", VALUES)
    [clause] = explanation["rules"][0]["clauses"]
    assert clause["holds"] is (None if "is unknown" in missing and "known," not in missing else False)
    # `=` and `is` are one, and a sum may show its hundredths or not.
    assert plain(clause["missing"]) == plain(missing)


def plain(text: str) -> str:
    return text.replace(".00,", ",").replace(" != ", " is not ").replace(" = ", " is ")


def test_a_definition_is_reported_by_its_parts() -> None:
    explanation = explain(f"{FACTS}rule a: after 3 days and bad then allow act", "act", VALUES)
    missing = "; ".join(clause["missing"] or "" for clause in explanation["rules"][0]["clauses"])
    assert "needs calls > 3, is 2: 2 more" in missing
    assert "needs asked, is no" in missing


def test_unless_is_reported_as_what_may_not_be() -> None:
    explanation = explain(f"{FACTS}rule a: after 3 days then allow act unless calls < 9", "act", VALUES)
    assert explanation["rules"][0]["standing"] == "does not hold"
    missing = [clause["missing"] for clause in explanation["rules"][0]["clauses"] if not clause["holds"]]
    assert missing == ["needs calls >= 9, is 2: 7 more"]


def test_none_is_no_value() -> None:
    case = {**VALUES, "promised": "none"}
    explanation = explain(f"{FACTS}rule a: promised > 2015-09-30 then allow act", "act", case)
    assert explanation["rules"][0]["clauses"][0]["missing"] == "needs promised > 2015-09-30, is none"


def test_a_distance_that_the_range_does_not_have_is_not_reported() -> None:
    text = "fact late days clock between 0 and 60\naction act\nrule a: after 60 days then allow act"
    explanation = explain(text, "act", {"late": 34})
    assert explanation["rules"][0]["clauses"][0]["missing"] == "needs late > 60, is 34"
    assert explanation["changes"] == []


# Set aside, dated, unknown


OVERRIDES = """
rule calls: after 3 days then allow phone_call
rule hold: forbid phone_call when unreachable > 5
  because "a pause"
rule urgent: after 60 days then allow phone_call overrides hold
rule asked: never phone_call when cease_requested
"""


def test_a_rule_that_is_overridden_names_the_rules_that_stand() -> None:
    case = {"days_overdue": 61, "unreachable": 6, "cease_requested": False}
    explanation = explain(OVERRIDES, "phone_call", case)
    assert explanation["decision"]["verdict"] == "allowed"
    assert explanation["decision"]["rules"] == ["calls", "urgent"]
    by_name = rules(explanation)
    assert list(by_name) == ["calls", "hold", "urgent", "asked"]
    assert by_name["hold"]["standing"] == "set aside"
    assert by_name["hold"]["set_aside_by"] == ["urgent"]
    assert by_name["hold"]["effect"] == "forbid"
    assert by_name["urgent"]["standing"] == "active"
    assert by_name["urgent"]["set_aside_by"] == []
    assert by_name["asked"]["standing"] == "does not hold"
    assert by_name["asked"]["effect"] == "never"


def test_an_overriding_rule_that_does_not_stand_sets_nothing_aside() -> None:
    case = {"days_overdue": 60, "unreachable": 6, "cease_requested": False}
    explanation = explain(OVERRIDES, "phone_call", case)
    assert explanation["decision"]["rules"] == ["hold"]
    assert explanation["decision"]["because"] == ["a pause"]
    by_name = rules(explanation)
    assert (by_name["hold"]["standing"], by_name["hold"]["set_aside_by"]) == ("active", [])
    assert by_name["urgent"]["standing"] == "does not hold"
    assert by_name["calls"]["standing"] == "active"
    assert {(change["fact"], change["value"], change["verdict"]) for change in explanation["changes"]} == {
        ("days_overdue", 61, "allowed"),
        ("unreachable", 5, "allowed"),
    }


def test_a_rule_that_is_set_aside_sets_nothing_aside() -> None:
    text = """
rule a: always then allow sms
rule b: forbid sms when after 3 days overrides a
rule c: after 5 days then allow sms overrides b
"""
    explanation = explain(text, "sms", {"days_overdue": 6})
    by_name = rules(explanation)
    assert {name: its["standing"] for name, its in by_name.items()} == {
        "a": "active",
        "b": "set aside",
        "c": "active",
    }
    assert by_name["a"]["set_aside_by"] == []


def test_only_rules_on_the_action_are_reported() -> None:
    explanation = explain(
        OVERRIDES + "rule other: always then allow sms",
        "sms",
        {
            "days_overdue": 61,
            "unreachable": 6,
            "cease_requested": True,
        },
    )
    assert list(rules(explanation)) == ["other"]
    assert explanation["changes"] == []
    nothing = explain(OVERRIDES, "letter", {"days_overdue": 61, "unreachable": 6, "cease_requested": True})
    assert nothing["rules"] == []
    assert nothing["changes"] == []
    assert nothing["decision"]["verdict"] == "unsaid"


DATED = """
rule always_on: after 3 days then allow sms
rule summer: never sms in force from 2015-06-01 until 2015-08-31
rule later: forbid sms when unreachable > 1 in force from 2016-01-01
"""


@pytest.mark.parametrize(
    ("day", "summer", "later"),
    [
        ("2015-05-31", "not in force", "not in force"),
        ("2015-06-01", "active", "not in force"),
        ("2015-08-31", "active", "not in force"),
        ("2015-09-01", "not in force", "not in force"),
        ("2016-01-01", "not in force", "does not hold"),
    ],
)
def test_a_rule_that_is_not_in_force_says_when_it_is(day: str, summer: str, later: str) -> None:
    by_name = rules(explain(DATED, "sms", {"days_overdue": 5, "unreachable": 1}, day))
    assert by_name["always_on"]["standing"] == "active"
    assert by_name["always_on"]["period"] is None
    assert by_name["summer"]["standing"] == summer
    assert by_name["summer"]["period"] == "in force from 2015-06-01 until 2015-08-31"
    assert by_name["later"]["standing"] == later
    assert by_name["later"]["period"] == "in force from 2016-01-01"


def test_changes_are_those_of_the_day() -> None:
    case = {"days_overdue": 5, "unreachable": 1}
    assert [change["fact"] for change in explain(DATED, "sms", case, "2015-05-01")["changes"]] == ["days_overdue"]
    assert explain(DATED, "sms", case, "2015-06-01")["changes"] == []
    assert explain(DATED, "sms", case, "2016-01-01")["changes"] == [
        {"fact": "days_overdue", "value": 3, "verdict": "unsaid"},
        {"fact": "unreachable", "value": 2, "verdict": "forbidden"},
    ]


def test_an_overriding_rule_that_is_not_in_force_sets_nothing_aside() -> None:
    text = """
rule hold: forbid sms when after 3 days
rule lift: always then allow sms overrides hold in force from 2015-06-01
"""
    assert rules(explain(text, "sms", {"days_overdue": 5}, "2015-05-31"))["hold"]["set_aside_by"] == []
    held = rules(explain(text, "sms", {"days_overdue": 5}, "2015-06-01"))["hold"]
    assert (held["standing"], held["set_aside_by"]) == ("set aside", ["lift"])


UNKNOWN = """
rule ask: after 60 days then allow contact_related
rule private: never contact_related when contact_source is shipping_record
rule friends: forbid contact_related when after 90 days
rule declared_number: contact_source is declared and after 60 days then allow contact_related overrides friends
"""


def test_unknown_facts_leave_rules_open() -> None:
    explanation = explain(UNKNOWN, "contact_related", {"days_overdue": 91})
    assert explanation["decision"]["verdict"] == "forbidden"
    assert explanation["decision"]["rules"] == ["private"]
    assert explanation["decision"]["unknown"] == ["contact_source"]
    by_name = rules(explanation)
    assert by_name["private"]["standing"] == "open"
    assert by_name["private"]["clauses"] == [
        {
            "condition": "contact_source is shipping_record",
            "holds": None,
            "missing": "needs contact_source is shipping_record, is unknown",
        }
    ]
    assert by_name["friends"]["standing"] == "open"  # perhaps set aside
    assert by_name["friends"]["set_aside_by"] == ["declared_number"]
    assert by_name["declared_number"]["standing"] == "open"
    assert by_name["ask"]["standing"] == "active"


def test_a_known_value_is_a_change_and_a_forgotten_one_is_none() -> None:
    unknown = explain(UNKNOWN, "contact_related", {"days_overdue": 61})
    assert unknown["changes"] == [{"fact": "contact_source", "value": "declared", "verdict": "allowed"}]
    known = explain(UNKNOWN, "contact_related", {"days_overdue": 61, "contact_source": "declared"})
    assert {(change["fact"], change["value"]) for change in known["changes"]} == {
        ("days_overdue", 60),
        ("contact_source", "shipping_record"),
    }


# Errors


def test_an_action_that_is_not_there() -> None:
    with pytest.raises(forbear.CaseError, match="contact_related"):
        explain(HOUSE, "contact_relatde", {"days_overdue": 34, "unreachable": 5})


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
