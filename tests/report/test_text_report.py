"""The text report of `forbear validate`: what it quotes, what it says once, and how it counts."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from checking import typed
from invoking import forbear, write

from forbear.base.characters import printable
from forbear.language.model.cases import case_text, shortener
from forbear.language.model.names import counted
from forbear.language.model.values import value_json, value_text

# What is quoted


def test_a_rule_over_several_lines_is_underlined_without_its_comments(tmp_path: Path) -> None:
    text = """\
rule call:
  after 9 days    # a comment with a " in it
    # a comment alone

    and debt is "a # b"  # another
  then allow phone_call because "so"
rule hold: forbid phone_call when unreachable >= 3
"""
    report = forbear("validate", write(tmp_path, text)).out.splitlines()
    at = next(number for number, line in enumerate(report) if "`call` permits" in line and "-->" in line)
    assert report[at + 1 : at + 7] == [
        '    2 |   after 9 days    # a comment with a " in it',
        "      |   ^^^^^^^^^^^^",
        '    5 |     and debt is "a # b"  # another',
        "      |     ^^^^^^^^^^^^^^^^^^^",
        '    6 |   then allow phone_call because "so"',
        "      |   ^^^^^^^^^^^^^^^^^^^^^",
    ]


def test_an_exception_that_follows_is_underlined_too(tmp_path: Path) -> None:
    text = """\
rule call: after 9 days then allow phone_call
  unless deceased  # nobody is there
  because "so"
rule hold: forbid phone_call when unreachable >= 3
"""
    report = forbear("validate", write(tmp_path, text)).out
    assert "    2 |   unless deceased  # nobody is there\n      |   ^^^^^^^^^^^^^^^\n" in report
    assert "because" not in report


def test_a_place_between_two_words_is_one_mark(tmp_path: Path) -> None:
    report = forbear("validate", write(tmp_path, "rule remind after 9 days then allow sms\n")).out
    assert "    1 | rule remind after 9 days then allow sms\n      |            ^\n  help" in report


@pytest.mark.parametrize(("lines", "said"), [(9, "and 1 more line"), (12, "and 4 more lines")])
def test_a_very_long_rule_is_cut(lines: int, said: str, tmp_path: Path) -> None:
    condition = "\n  and ".join(f"unreachable != {number}" for number in range(5, 4 + lines))
    text = f"rule a: {condition}\n  then allow sms\nrule b: forbid sms when always\n"
    report = forbear("validate", write(tmp_path, text)).out
    assert f"  ... | {said}\n" in report


def test_what_cannot_be_seen_is_shown(tmp_path: Path) -> None:
    assert printable("a\x1b[2J\u200b\u202e催\tb") == "a\\u001b[2J\\u200b\\u202e催 b"
    report = forbear("validate", write(tmp_path, 'rule a "\u202e\x9b": after 3 days then allow smss\n')).out
    assert '1 | rule a "\\u202e\\u009b": after 3 days then allow smss' in report
    [shown, marks] = report.splitlines()[2:4]
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "smss"


# Contradictions


HOLDS = """\
rule hold: forbid sms, letter, visit when dispute is unverified
rule remind: after 3 days then allow sms
rule write: after 9 days then allow letter
rule write_at_last: after 85 days and unreachable >= 3 then require letter
rule call_in: after 60 days and manager_approved then allow visit
"""


def test_the_first_rules_are_quoted_and_the_others_told_in_a_line_each(tmp_path: Path) -> None:
    path = write(tmp_path, HOLDS)
    report = forbear("validate", path).out
    assert "`hold` forbids what 4 rules permit in the same case, and none overrides the other" in report
    assert re.findall(r"^  case: (.*)$", report.split("\n\n")[0], re.MULTILINE) == [
        "days_overdue 4, dispute unverified",
        "days_overdue 10, dispute unverified",
    ]
    assert "  2 more rules, each with its case; --all quotes them\n" in report
    assert re.findall(r"^  --> \S+:(\d+)  `(\w+)` (permits|requires) `(\w+)`: (.*)$", report, re.MULTILINE) == [
        ("4", "write_at_last", "requires", "letter", "days_overdue 86, dispute unverified, unreachable 3"),
        ("5", "call_in", "permits", "visit", "days_overdue 61, manager_approved yes, dispute unverified"),
    ]
    found = forbear("validate", path, "--format", "json").json
    [leading] = [finding for finding in found["findings"] if finding["code"] == "contradiction"]
    also = [other["rules"] for other in leading["also"] if other["code"] == "contradiction"]
    assert also == [["hold", "write"], ["hold", "write_at_last"], ["hold", "call_in"]]
    assert found["total"]["contradiction"] == 4


def test_all_tells_every_finding_as_long_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, HOLDS)
    report = forbear("validate", path, "--limit", "1", "--all").out
    assert len(re.findall(r"^  case: ", report.split("\n\n")[0], re.MULTILINE)) == 4
    assert "more rules" not in report
    assert "more of" not in report


def test_a_case_has_the_facts_that_matter_and_with_full_all_of_them(tmp_path: Path) -> None:
    text = "rule early: within 13 days and not deceased and not letter_returned then allow phone_call\n"
    text += "rule later: after 14 days and unreachable >= 3 and not deceased then allow phone_call\n"
    path = write(tmp_path, text)

    def cases(*options: str) -> list[str]:
        parts = forbear("validate", path, *options).out.split("\n\n")
        [hole] = [part for part in parts if part.startswith("warning[hole]")]
        return re.findall(r"^  case: (.*)$", hole, re.MULTILINE)

    assert cases() == [f"days_overdue {day}, unreachable 3" for day in (13, 14, 15)]
    given = [json.loads(case) for case in cases("--full")]
    assert given[0] == {"days_overdue": 13, "deceased": False, "unreachable": 3, "letter_returned": False}
    [found] = [one for one in forbear("validate", path, "--format", "json").json["findings"] if one["code"] == "hole"]
    assert (found["witnesses"], found["in_short"]) == (given, cases())


def test_a_fact_is_told_where_it_is_unknown_or_not_as_plain_as_it_can_be() -> None:
    """Without a usual value the mildest is left out; what a case does not give is unknown."""
    text = """\
fact late days clock
fact score count between 2 and 9
fact change number
fact told yes/no optional
fact region text
fact called date or none usually none
action sms
"""
    policy = typed(text + 'rule a: score > 2 and change < 0 and told and region is "CA" then allow sms\n')
    shorten = shortener(policy)
    plain = {"late": 0, "score": 2, "change": 0, "told": False, "region": "other", "called": "none"}
    assert shorten(plain) == {}
    assert shorten({**plain, "score": 3, "change": -1, "region": "CA", "on": "2026-03-01"}) == {
        "score": 3,
        "change": -1,
        "region": "CA",
        "on": "2026-03-01",
    }
    told = shorten({name: value for name, value in plain.items() if name != "told"})
    assert told == {"told": None}
    assert case_text(told, policy.facts) == "told unknown"
    assert case_text({}, policy.facts) == "every fact usual, or at its mildest"
    named = typed(text + 'rule a: region is "other" then allow sms\n')
    assert shortener(named)({"region": "other"}) == {"region": "other"}


def test_a_case_in_short_has_numbers_as_rules_do() -> None:
    facts = typed(
        "fact fee money CNY in steps of CNY 0.50 fact share percent fact score number fact late days\n"
        "action act always then allow act"
    ).facts
    for steps in (0, 1, 2, 9, 250):
        case = {name: value_json(fact, steps) for name, fact in facts.items()}
        assert case_text(case, facts) == ", ".join(f"{name} {value_text(facts[name], steps)}" for name in facts)
    assert case_text({"fee": Decimal("4.5"), "share": 80}, facts) == "fee CNY 4.50, share 80%"


# One cause


def test_findings_of_one_cause_are_one_that_names_the_others(tmp_path: Path) -> None:
    text = """\
rule early: from day 3 to day 13 then allow messages
rule later: after 20 days then allow messages
rule stop: never phone_call, letter, visit
rule call: after 9 days then allow phone_call
rule write: after 9 days then allow letter
rule visit_home: after 60 days then allow visit
accept masked-rule of write because "until the law is in force"
"""
    path = write(tmp_path, text)
    found = [one for one in forbear("validate", path, "--format", "json").json["findings"] if "accepted" not in one]
    [hole] = [one for one in found if one["code"] == "hole"]
    assert hole["actions"] == ["push_notification"]
    assert [(one["code"], one["actions"]) for one in hole["also"]] == [
        ("hole", ["email"]),
        ("hole", ["sms"]),
        ("falling-pressure", ["messages"]),
    ]
    assert {json.dumps(one["witnesses"][:2]) for one in (hole, *hole["also"])} == {json.dumps(hole["witnesses"][:2])}
    [masked] = [one for one in found if one["code"] == "masked-rule"]
    assert (masked["rules"], [one["rules"] for one in masked["also"]]) == (["call"], [["visit_home"]])
    report = forbear("validate", path).out
    assert "  also: `email`, `sms`; falling-pressure of `pressure`, `days_overdue`\n" in report
    assert "  also: `visit_home` (line 6)\n" in report
    assert report.splitlines()[-1].startswith("2 warnings, ")
    assert forbear("validate", path, "--all").out.count("warning[hole]") == 3
    # Where the first is left out, the next stands for the cause.
    [next_one] = [
        one
        for one in forbear("validate", path, "--format", "json", "--ignore", "hole").json["findings"]
        if one["code"] == "falling-pressure"
    ]
    assert "also" not in next_one


def test_findings_of_one_case_at_two_places_are_two(tmp_path: Path) -> None:
    text = "rule a: from day 0 then allow sms\nrule b: from day 0 then allow phone_call\n"
    found = forbear("validate", write(tmp_path, text), "--format", "json").json["findings"]
    assert [one["actions"] for one in found if one["code"] == "no-floor"] == [["messages"], ["phone_call"]]


def test_a_requirement_is_called_one(tmp_path: Path) -> None:
    text = "rule hold: forbid letter when unreachable > 3\nrule write: after 85 days then require letter\n"
    assert "`write` requires `letter`, and `hold` forbids it" in forbear("validate", write(tmp_path, text)).out


def test_a_clash_in_both_ways_says_so(tmp_path: Path) -> None:
    text = (
        "rule a: after 3 days then allow sms and forbid email\nrule b: after 9 days then forbid sms and allow email\n"
    )
    report = forbear("validate", write(tmp_path, text)).out
    assert "`a` permits `sms`, and `b` forbids it in the same case; of `email` it is the other way round" in report
    assert "`a` permits `sms` and forbids `email`" in report


def test_no_help_speaks_of_a_rule_by_a_name_that_it_lacks(tmp_path: Path) -> None:
    lines = ["after 3 days then allow sms", "after 9 days then allow sms", "unreachable > 3 then forbid sms"]
    for text in ("\n".join(lines), "\n".join(lines[1:])):
        report = forbear("validate", write(tmp_path, text)).out
        assert "overrides all" in report
        assert "overrides policy:" not in report


# Counting


def test_one_is_not_many(tmp_path: Path) -> None:
    assert (counted(0, "rule"), counted(1, "rule"), counted(2, "rule")) == ("0 rules", "1 rule", "2 rules")
    one = "rule a: after 3 days then allow sms\n"
    assert (
        "1 note not shown (unguarded); --notes shows it\n1 note in 1 file"
        in forbear("validate", write(tmp_path, one)).out
    )
    floors = "rule a: from day 0 then allow sms\nrule b: from day 0 then allow phone_call\n"
    assert "3 notes not shown (2 no-floor, 1 unguarded)" in forbear("validate", write(tmp_path, floors)).out
    old, new = write(tmp_path, one, "old.forbear"), write(tmp_path, one.replace("3", "4"), "new.forbear")
    assert "    and 1 more condition (--all)\n" in forbear("diff", old, new, "--limit", "0").out
    assert "- and 1 more condition\n" in forbear("diff", old, new, "--limit", "0", "--format", "markdown").out
