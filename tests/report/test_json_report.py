"""`forbear validate --format json`: every field that the contract names, for every finding; and exact totals."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from findings_by_code import DATED, MADE, SEVERITIES, UNDATED, Made
from invoking import forbear, write

ALWAYS = {"code", "severity", "message", "file", "span", "help"}
SOMETIMES = {"rules", "actions", "by", "subsumed", "skips", "ladder", "fact", "witness", "witnesses", "accepted"}
MORE = {"related", "fix", "choices", "in_short", "also", "variant", "arguments"}


def report(path: Path, *arguments: str) -> Any:
    answer = forbear("validate", path, "--format", "json", *arguments)
    document = answer.json
    assert answer.code == (1 if document["counts"]["error"] else 0)
    return document


def each(document: Any) -> list[Mapping[str, Any]]:
    """Every finding, those among them that another of the same cause names."""
    found = [one for finding in document["findings"] for one in (finding, *finding.get("also", ()))]
    return [{field: value for field, value in one.items() if field != "also"} for one in found]


def the_finding(path: Path, code: str) -> Mapping[str, Any]:
    asked = ("--select", code) if code == "overlap" else ()
    [finding] = [finding for finding in report(path, *asked)["findings"] if finding["code"] == code]
    assert isinstance(finding, dict)
    return finding


def witnesses(finding: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return finding.get("witnesses") or ([finding["witness"]] if "witness" in finding else [])


@pytest.mark.parametrize("head", [UNDATED, DATED], ids=["undated", "dated"])
@pytest.mark.parametrize("made", MADE, ids=lambda made: made.code)
def test_a_finding_has_the_fields_of_the_contract(made: Made, head: str, tmp_path: Path) -> None:
    path = write(tmp_path, head + made.rules)
    finding = the_finding(path, made.code)
    assert finding.keys() <= ALWAYS | SOMETIMES | MORE
    assert finding.keys() >= ALWAYS
    assert finding["severity"] == SEVERITIES[made.code]
    assert finding["file"] == str(path)
    for field in ("message", "help"):
        assert finding[field]
        assert "\n" not in finding[field]
    start, end = finding["span"]["start"], finding["span"]["end"]
    assert (1, 1) <= (start["line"], start["column"]) < (end["line"], end["column"])
    named = {field: value for field, value in finding.items() if field in SOMETIMES - {"witness", "witnesses"}}
    assert named == made.fields
    assert len(witnesses(finding)) == made.witnesses
    assert ("witness" in finding) == (made.witnesses > 0)
    if made.witnesses > 1:
        assert finding["witness"] in finding["witnesses"]
    else:
        assert "witnesses" not in finding


@pytest.mark.parametrize("head", [UNDATED, DATED], ids=["undated", "dated"])
@pytest.mark.parametrize("made", [made for made in MADE if made.witnesses], ids=lambda made: made.code)
def test_a_witness_can_be_given_to_decide_as_it_is(made: Made, head: str, tmp_path: Path) -> None:
    path = write(tmp_path, head + made.rules)
    finding = the_finding(path, made.code)
    decisions = []
    for witness in witnesses(finding):
        assert ("on" in witness) == (head is DATED)
        answer = forbear("decide", path, "--case", "-", "--format", "json", given=json.dumps(witness))
        assert answer.code == 0, answer.out
        document = answer.json
        if head is DATED:
            assert "2015-09-01" <= witness["on"] <= "2015-12-31"
            assert document["on"] == witness["on"]
        decisions.append(document["decisions"])
    check_decisions(made, finding, decisions)


def check_decisions(made: Made, finding: Mapping[str, Any], decisions: list[Mapping[str, Any]]) -> None:
    """That the decisions show what is said to be found."""
    actions = finding["actions"]
    members = {"writing": ["sms", "letter"]}
    permitted = [
        any(decided[one]["permitted"] for action in actions[:1] for one in members.get(action, [action]))
        for decided in decisions
    ]
    unsaid = [
        all(decided[one]["verdict"] == "unsaid" for action in actions[:1] for one in members.get(action, [action]))
        for decided in decisions
    ]
    match made.code:
        case "contradiction" | "blocked-duty":
            assert any(decisions[0][action]["verdict"] == "forbidden" for action in actions)
        case "duplicate" | "overlap":
            assert all(decisions[0][action]["rules"] == finding["rules"] for action in actions[:1])
        case "subsumed":
            assert made.fields["subsumed"] in decisions[0][actions[0]]["rules"]
        case "masked-rule":
            assert "a" not in decisions[0][actions[0]]["rules"]
        case "none-escapes":
            assert unsaid == [True]
            assert finding["witness"][finding["fact"]] == "none"
        case "hole":
            assert permitted == [True, False, True]
            assert unsaid == [False, True, False]
            days = [witness["late"] for witness in finding["witnesses"]]
            assert days == sorted(set(days))
            assert len({json.dumps({**witness, "late": 0}) for witness in finding["witnesses"]}) == 1
        case "falling-pressure":
            assert permitted == [True, False]
            assert unsaid == [False, True]
            assert len({json.dumps({**witness, finding["fact"]: 0}) for witness in finding["witnesses"]}) == 1
        case "skipped-rung":
            assert permitted == [True]
            for rung in finding["skips"][:1]:
                assert all(decisions[0][one]["verdict"] == "unsaid" for one in members.get(rung, [rung]))
        case "no-floor" | "unguarded":
            assert permitted == [True]
        case "failed-ensure" | "failed-example":
            assert any(decisions[0][action]["permitted"] for action in actions)
        case _:
            raise AssertionError(made.code)


def test_a_mistake_has_the_arguments_of_its_message(tmp_path: Path) -> None:
    path = write(
        tmp_path, "fact n count\naction sms\nrule r: n > 08:00 then allow sms\nrule s: mm > 3 then allow sms\n"
    )
    first, second = report(path)["findings"]
    assert (first["code"], first["variant"]) == ("wrong-type", "literal")
    assert first["arguments"] == {"fact": "n", "kind": "count", "written": "time", "needed": "number"}
    assert (second["code"], second["variant"]) == ("unknown-name", "undeclared")
    assert second["arguments"] == {"what": "fact", "unknown": "mm"}


def test_rules_stand_in_file_order_and_actions_in_that_of_the_vocabulary(tmp_path: Path) -> None:
    text = """
rule z: forbid visit, call, sms when misses > 1
rule y: after 3 days then allow visit, sms, call
rule b: after 5 days then allow letter, sms
rule a: after 4 days then allow sms, letter
ensure visit, call, sms not allowed when after 9 days
"""
    findings = report(write(tmp_path, UNDATED + text))["findings"]
    by_code = {finding["code"]: finding for finding in findings}
    assert by_code["contradiction"]["rules"][0] == "z"
    assert by_code["failed-ensure"]["actions"] == ["sms", "call", "visit"]
    [subsumed] = [one for one in findings if one["code"] == "subsumed"]
    assert subsumed["rules"] == ["b", "a"]
    assert subsumed["subsumed"] == "b"
    assert subsumed["actions"] == ["sms", "letter"]
    order = ["sms", "letter", "call", "relative", "visit"]
    for finding in findings:
        known = [action for action in finding.get("actions", []) if action in order]
        assert known == sorted(known, key=order.index), finding["message"]


def test_a_failed_example_gives_its_unknown_and_none_as_a_case_does(tmp_path: Path) -> None:
    text = """
rule a: after 3 days and origin is unknown and promised is none and fee >= CNY 0.50 then allow call
example "x": given late 9, origin unknown, promised none, fee CNY 0.50 on 2015-09-21 expect call unsaid
"""
    path = write(tmp_path, DATED + text)
    witness = the_finding(path, "failed-example")["witness"]
    assert witness.get("origin") is None
    assert {**witness, "origin": None} == {
        "late": 9,
        "origin": None,
        "promised": "none",
        "fee": "0.5",
        "on": "2015-09-21",
    }
    answer = forbear("decide", path, "--case", "-", "--format", "json", given=json.dumps(witness))
    assert answer.json["decisions"]["call"]["verdict"] == "allowed"


# Totals and the limit

PERMITTING = [(number, number + 40) for number in range(60)]
FORBIDDING = [(number, number + 5) for number in range(0, 90, 3)]


def thousands() -> str:
    """A policy in which most rules meet."""
    lines = ["policy house", "fact late days clock between 0 and 200", "action sms, call"]
    for first, last in PERMITTING:
        lines.append(f"rule allow_{first}: from day {first} to day {last} then allow sms, call")
    for first, last in FORBIDDING:
        lines.append(f"rule forbid_{first}: from day {first} to day {last} then forbid sms")
    return "\n".join(lines) + "\n"


def expected_pairs() -> dict[str, int]:
    def meeting(one: tuple[int, int], other: tuple[int, int]) -> bool:
        return one[0] <= other[1] and other[0] <= one[1]

    return {
        "contradiction": sum(meeting(one, other) for one in PERMITTING for other in FORBIDDING),
        "overlap": sum(
            meeting(one, other) for rules in (PERMITTING, FORBIDDING) for one, other in itertools.combinations(rules, 2)
        ),
    }


@pytest.mark.parametrize("limit", [0, 1, 3, 100, 5000])
def test_counts_and_total_are_exact_whatever_the_limit(limit: int, tmp_path: Path) -> None:
    document = report(write(tmp_path, thousands()), "--limit", str(limit), "--select", "overlap")
    expected = expected_pairs()
    assert document["total"] == {**document["total"], **expected}
    assert sum(expected.values()) > 2500
    printed = Counter(finding["code"] for finding in each(document))
    assert printed == {code: min(limit, number) for code, number in document["total"].items() if limit}
    counts: Counter[str] = Counter()
    for code, number in document["total"].items():
        counts[SEVERITIES[code]] += number
    assert document["counts"] == {severity: counts[severity] for severity in ("error", "warning", "note")}


def test_what_a_limit_leaves_is_among_what_there_is(tmp_path: Path) -> None:
    path = write(tmp_path, thousands())
    everything = [json.dumps(finding) for finding in each(report(path, "--limit", "100000"))]
    some = [json.dumps(finding) for finding in each(report(path, "--limit", "7"))]
    assert set(some) <= set(everything)
    assert len(set(everything)) == len(everything)
