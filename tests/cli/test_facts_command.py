"""`forbear facts`: what a case must hold, and a JSON Schema that agrees with `decide`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from command import HOUSE, run, write
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

import forbear

TYPES = """\
policy types
  currency CNY

fact late days clock "Days past due"
fact calls count between 1 and 50 in steps of 7 "Calls so far"
fact score number between -1 and 1 in steps of 0.001
fact odd number in steps of 2.5 optional
fact share percent between 0% and 100%
fact owed money
fact dollars money USD between USD 0.10 and USD 0.70 optional
fact risk one of low < medium < high
fact origin one of declared, referee optional
fact kind one of loan, card or none
fact asked yes/no
fact cease yes/no optional
fact hour time
fact promised date or none
fact quiet days or none
fact region text
fact note text optional
fact word text or none
fact unread count

action sms, letter

rule first: after 3 days and calls > 7 and score > 0 and odd > 0 and share > 5% then allow sms
rule second: owed > CNY 5 and dollars < USD 0.50 and risk > low and origin is declared then allow letter
rule third: never letter when asked and cease and hour > 08:00 and promised is none and quiet > 3
rule fourth: never sms when region is "CA" and note is "x" and word is "y" and kind is loan
""".replace("calls count between 1 and 50", "calls count between 7 and 49")

CASE: Mapping[str, object] = {
    "late": 5,
    "calls": 14,
    "score": 0.5,
    "share": 80,
    "owed": 12.5,
    "risk": "low",
    "kind": "none",
    "asked": True,
    "hour": "08:00",
    "promised": "none",
    "quiet": 3,
    "region": "CA",
    "word": "none",
}

ACCEPTED: Mapping[str, tuple[object, ...]] = {
    "late": (0, "0", "12", 12.0, "12.0", 999999999999999),
    "calls": (7, 49, "21"),
    "score": (-1, 1, "0.001", 0.001, -0.999, "-1"),
    "odd": (None, 2.5, -5, "7.5", 0, "7.50", 7.5),
    "share": (0, 100, "99.99", 0.01),
    "owed": (0, 0.01, "12.50", "CNY 12.50", "CNY 3", 9999999999999.99),
    "dollars": (None, 0.1, 0.7, "USD 0.70", "0.30"),
    "risk": ("low", "medium", "high"),
    "origin": (None, "declared", "referee"),
    "kind": ("none", "loan", "card"),
    "asked": (True, False),
    "cease": (None, True, False),
    "hour": ("00:00", "23:59:59", "08:00:30"),
    "promised": ("none", "2015-09-22", "0001-01-01", "9999-12-31"),
    "quiet": ("none", 0, "3"),
    "region": ("", "CA", "none", "催收"),
    "note": (None, "x"),
    "word": ("none", "y"),
    "unread": (0, 3),
    "on": ("2015-12-01",),
}
"""For each fact, values that `decide` takes."""

REFUSED: Mapping[str, tuple[object, ...]] = {
    "late": (-1, 1.5, True, None, "CNY 3", "12,5", "none", [], {}, "1e3", "+3", ""),
    "calls": (0, 8, 56, "seven", "7.5"),
    "score": (1.001, -2, True, "half", "0.0001"),
    "odd": ("none", "x", False, 2.4, 1, "2.51"),
    "share": (-0.01, 100.01, "80%", "0.001"),
    "owed": (-0.01, "USD 12.50", "CNY", "CNY 1,000", True, None, "12.501", "CNY 0.0001"),
    "dollars": (0.71, 0.09, "CNY 0.50"),
    "risk": ("LOW", "", 0, None),
    "origin": ("none", "social", 1),
    "kind": (None, "x"),
    "asked": ("yes", 1, 0, "true", None),
    "cease": ("none", 0),
    "hour": ("24:00", "8:00", "08:60", 8, "08:00:60"),
    "promised": (None, "2015-9-22", "tomorrow", 20150922, ""),
    "quiet": (None, -1),
    "region": (None, 5, True, ["CA"]),
    "note": (3, {}),
    "word": (None, 7),
    "unread": (-1, "x"),
    "unreda": (3,),
}
"""For each fact, values that `decide` refuses, and that a schema can know to be refused."""


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("types"), "types.forbear", TYPES)


@pytest.fixture(scope="module")
def schema(types: Path) -> Any:
    answer = run("facts", types, "--json-schema")
    assert answer.code == 0
    return answer.json


def test_text_names_fact_type_unit_range_and_description(types: Path) -> None:
    answer = run("facts", types)
    assert answer.code == 0
    lines = {line.split()[0]: line for line in answer.out.splitlines() if line.strip()}
    assert "days" in lines["late"]
    assert "Days past due" in lines["late"]
    assert "7" in lines["calls"]
    assert "49" in lines["calls"]
    assert "CNY" in lines["owed"]
    assert "USD" in lines["dollars"]
    assert "optional" in lines["origin"]
    assert "unread" not in lines


def test_the_range_has_limits_and_steps(types: Path) -> None:
    header, *lines = run("facts", types).out.splitlines()
    shown = {line.split()[0]: line[header.index("range") : header.index("what it is")].strip() for line in lines}
    assert {name: text for name, text in shown.items() if text} == {
        "late": "from 0",
        "calls": "from 7 to 49 in steps of 7",
        "score": "from -1 to 1 in steps of 0.001",
        "odd": "in steps of 2.5",
        "share": "from 0% to 100% in steps of 0.01%",
        "owed": "from CNY 0 in steps of CNY 0.01",
        "dollars": "from USD 0.10 to USD 0.70 in steps of USD 0.01",
        "quiet": "from 0",
    }
    facts = {fact["name"]: fact for fact in run("facts", types, "--format", "json").json["facts"]}
    steps = {name: fact["step"] for name, fact in facts.items() if fact["step"] is not None}
    assert steps == {
        "late": "1",
        "calls": "7",
        "score": "0.001",
        "odd": "2.5",
        "share": "0.01%",
        "owed": "CNY 0.01",
        "dollars": "USD 0.01",
        "quiet": "1",
    }
    described = run("facts", types, "--json-schema").json["properties"]
    assert described["calls"]["description"] == "Calls so far; from 7 to 49 in steps of 7"
    assert described["dollars"]["description"] == "from USD 0.10 to USD 0.70 in steps of USD 0.01"
    assert "description" not in described["region"]


def test_a_range_of_days_and_of_times(tmp_path: Path) -> None:
    text = """\
fact opened date between 2010-01-01 and 2029-12-31
fact hour time between 08:00 and 21:00
fact late count
action sms
rule a: opened > 2015-01-01 and hour > 09:00 and late > 3 then allow sms
"""
    path = write(tmp_path, "p.forbear", text)
    out = run("facts", path).out
    assert "from 2010-01-01 to 2029-12-31" in out
    assert "from 08:00 to 21:00" in out
    described = run("facts", path, "--json-schema").json["properties"]
    assert described["opened"]["description"] == "from 2010-01-01 to 2029-12-31"


def test_json_has_the_facts_that_are_read(types: Path) -> None:
    record = run("facts", types, "--format", "json").json
    facts = {fact["name"]: fact for fact in record["facts"]}
    assert list(facts) == [name for name in ACCEPTED if name not in ("unread", "on")]
    assert facts["late"]["unit"] == "days"
    assert facts["late"]["clock"] is True
    assert facts["late"]["description"] == "Days past due"
    assert facts["calls"]["range"] == ["7", "49"]
    assert facts["dollars"]["unit"] == "USD"
    assert facts["dollars"]["optional"] is True
    assert facts["risk"]["values"] == ["low", "medium", "high"]
    assert facts["promised"]["or_none"] is True
    everything = run("facts", types, "--format", "json", "--all").json
    assert [fact["name"] for fact in everything["facts"]] == [name for name in ACCEPTED if name != "on"]


def test_the_facts_are_those_that_decide_asks_for(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    record = run("facts", path, "--format", "json").json
    assert [fact["name"] for fact in record["facts"]] == ["days_overdue", "unreachable"]


def test_settings_are_shown_as_they_are() -> None:
    record = run("facts", "pack:huabei/redesigned", "--format", "json", "--set", "repeated_calls=5").json
    settings = {setting["name"]: setting["value"] for setting in record["settings"]}
    assert settings == {"relaunched_on": "2015-12-01", "repeated_calls": "5"}
    text = run("facts", "pack:huabei/redesigned").out
    assert "repeated_calls" in text


def test_a_policy_that_reads_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", "never disclose_item_details")
    assert run("facts", path).code == 0
    assert run("facts", path, "--format", "json").json["facts"] == []
    Draft202012Validator(run("facts", path, "--json-schema").json).validate({})


# The schema


def test_the_schema_is_one_of_draft_2020_12(schema: Any) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def decides(policy: forbear.Policy, case: object) -> bool:
    try:
        policy.decide(case)  # type: ignore[arg-type]
    except forbear.CaseError:
        return False
    return True


def cases(values: Mapping[str, tuple[object, ...]]) -> list[dict[str, object]]:
    return [{**CASE, fact: value} for fact, several in values.items() for value in several]


def test_what_decide_takes_is_valid(types: Path, schema: Any) -> None:
    policy = forbear.load(types)
    validator = Draft202012Validator(schema)
    for case in cases({fact: values for fact, values in ACCEPTED.items() if fact != "on"}):
        read = json.loads(json.dumps(case))
        assert decides(policy, read), case
        assert validator.is_valid(read), case


def test_what_the_schema_refuses_decide_refuses(types: Path, schema: Any) -> None:
    policy = forbear.load(types)
    validator = Draft202012Validator(schema)
    for case in cases(REFUSED):
        read = json.loads(json.dumps(case))
        assert not validator.is_valid(read), case
        assert not decides(policy, read), case
    for name in CASE:
        lacking = {fact: value for fact, value in CASE.items() if fact != name}
        assert not validator.is_valid(lacking), name
        assert not decides(policy, lacking), name
    for wrong in ([], [CASE], 3, "x", None, True):
        assert not validator.is_valid(wrong)
        assert not decides(policy, wrong)


def test_the_command_agrees_with_the_schema(types: Path, schema: Any) -> None:
    lines = [*cases(ACCEPTED), *cases(REFUSED)]
    answer = run("decide", types, "--lines", given="".join(json.dumps(case) + "\n" for case in lines))
    validator = Draft202012Validator(schema)
    wrong = [
        case
        for case, line in zip(lines, answer.out.splitlines(), strict=True)
        if validator.is_valid(case) == ("error" in json.loads(line))
    ]
    assert wrong == []


def test_a_schema_of_a_book_is_that_of_its_day(tmp_path: Path) -> None:
    write(tmp_path, "a.forbear", "policy p\n  in force until 2015-06-30\nrule r: after 3 days then allow sms\n")
    write(tmp_path, "b.forbear", "policy p\n  in force from 2015-07-01\nrule r: deceased then allow sms\n")
    assert run("facts", tmp_path, "--json-schema", "--on", "2015-06-30").json["required"] == ["days_overdue"]
    assert run("facts", tmp_path, "--json-schema", "--on", "2015-07-01").json["required"] == ["deceased"]
    assert run("facts", tmp_path, "--json-schema").code in (1, 2)


def test_a_schema_asks_for_the_history_or_for_what_follows_from_it(tmp_path: Path) -> None:
    text = "rule r: after 3 days and unreachable > 3 and local_time > 09:00 then allow sms\n"
    schema = run("facts", write(tmp_path, "p.forbear", text), "--json-schema").json
    validator = Draft202012Validator(schema)
    assert schema["required"] == ["days_overdue"]
    assert not validator.is_valid({"days_overdue": 4})
    assert validator.is_valid({"days_overdue": 4, "unreachable": 0})
    assert not validator.is_valid({"days_overdue": 4, "history": []})
    case = {"days_overdue": 4, "history": [], "history_from": "opening"}
    assert validator.is_valid(case)
    moments = [f"2026-03-07T10:00:00{fraction}Z" for fraction in ("", ".1", ".123456", ".123456789", ".1234567890")]
    assert [validator.is_valid({**case, "at": moment}) for moment in moments] == [True] * 4 + [False]


def test_all_shows_actions_and_groups_too(tmp_path: Path) -> None:
    text = 'fact n count\naction a, b "Tells"\naction c\ngroup g is a, c\nrule r: n > 3 then allow a\n'
    path = write(tmp_path, "p.forbear", text)
    record = run("facts", path, "--all", "--format", "json").json
    assert record["actions"] == [
        {"name": "a", "description": "Tells"},
        {"name": "b", "description": "Tells"},
        {"name": "c", "description": None},
    ]
    assert record["groups"] == {"g": ["a", "c"]}
    shown = run("facts", path, "--all").out
    assert "a, c" in shown
    assert "Tells" in shown
    assert "actions" not in run("facts", path, "--format", "json").json
    assert "Tells" not in run("facts", path).out


DERIVED = """\
fact debt text
event contact
  has medium one of call, sms
  has debt text
fact calls count of contact where medium is call and debt is this debt in last 7 days
fact ago days since last contact
fact anchored count of contact since last contact where debt is this debt
fact hour time of decision
fact plain count
action sms
rule r: never sms when calls > 3 or hour > 21:00 or plain > 3
"""


def test_what_a_case_gives_for_a_derived_fact(tmp_path: Path) -> None:
    policy = write(tmp_path, "derived.forbear", DERIVED)
    lines = run("facts", policy).out.splitlines()
    assert [line.split(None, 1) for line in lines if line.startswith(("calls ", "hour "))][2:] == [
        [
            "calls",
            "at, zone, history, history_from, debt  "
            "count of contact where medium is call and debt is this debt in last 7 days",
        ],
        ["hour", "at, zone                               time of decision"],
    ]
    assert lines[-1] == "A case gives what such a fact needs, or else the fact itself."
    facts = {one["name"]: one for one in run("facts", policy, "--all", "--format", "json").json["facts"]}
    assert (facts["plain"]["derived"], facts["plain"]["needs"]) == (None, [])
    assert (facts["hour"]["derived"], facts["hour"]["needs"]) == ("time of decision", ["at", "zone"])
    assert facts["ago"]["derived"] == "days since last contact"
    assert facts["calls"]["needs"] == facts["anchored"]["needs"] == ["at", "zone", "history", "history_from", "debt"]
    assert facts["ago"]["needs"] == ["at", "zone", "history", "history_from"]


@pytest.mark.parametrize("condition", ["calls > 3", "ago > 3", "anchored > 3", "hour > 21:00"])
def test_what_a_derived_fact_needs_is_enough(tmp_path: Path, condition: str) -> None:
    path = write(tmp_path, "one.forbear", DERIVED.replace("calls > 3 or hour > 21:00 or plain > 3", condition))
    needs = {one["name"]: one["needs"] for one in run("facts", path, "--format", "json").json["facts"]}
    entries = {"zone": "Asia/Tokyo", "history": [], "history_from": "opening", "debt": "A"}
    case = {name: value for name, value in entries.items() if name in needs[condition.split()[0]]}
    forbear.load(path).decide(case, at="2026-03-10T12:00:00Z")


@pytest.mark.parametrize("fact", ["calls", "hour"])
def test_what_a_derived_fact_needs_is_what_is_missed_without_it(tmp_path: Path, fact: str) -> None:
    policy = forbear.load(write(tmp_path, "derived.forbear", DERIVED))
    listed = run("facts", tmp_path / "derived.forbear", "--format", "json").json["facts"]
    needs = next(one["needs"] for one in listed if one["name"] == fact)
    case = {"plain": 0, "zone": "Asia/Tokyo", "history": [], "history_from": "opening", "debt": "A"}
    at = "2026-03-10T12:00:00Z"
    policy.decide(case, at=at)
    for need in needs:
        with pytest.raises(forbear.CaseError):
            policy.decide(
                {name: value for name, value in case.items() if name != need}, at=None if need == "at" else at
            )


def test_all_lists_the_events_with_their_attributes(tmp_path: Path) -> None:
    text = 'event contact "An attempt" has medium one of call, sms has note text optional\naction sms\n'
    text += "fact calls count of contact where medium is call ever\nrule a: calls > 3 then allow sms\n"
    path = write(tmp_path, "e.forbear", text)
    assert "contact  medium     one of call, sms" in run("facts", path, "--all").out
    assert "medium" not in run("facts", path, "--format", "json").out.replace("where medium", "")
    [event] = run("facts", path, "--all", "--format", "json").json["events"]
    assert event == {
        "name": "contact",
        "attributes": [{"name": "medium", "type": "one of call, sms"}, {"name": "note", "type": "text optional"}],
        "description": "An attempt",
    }
