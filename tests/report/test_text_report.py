"""The text report of `forbear validate`: what it quotes, what it says once, and how it counts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from invoking import forbear, write

from forbear.characters import printable
from forbear.report.text import counted

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
    full, second = re.findall(r"^  case: (.*)$", report.split("\n\n")[0], re.MULTILINE)
    assert json.loads(full).keys() == json.loads(second).keys()
    assert "  2 more rules, with what each one's case has other than the first; --all quotes them\n" in report
    found = re.findall(r"^  --> \S+:(\d+)  `(\w+)` (permits|requires) `(\w+)` (.*)$", report, re.MULTILINE)
    assert [(line, *rest) for line, *rest, _ in found] == [
        ("4", "write_at_last", "requires", "letter"),
        ("5", "call_in", "permits", "visit"),
    ]
    documents = forbear("validate", path, "--format", "json").json["findings"]
    witnesses = {finding["rules"][1]: finding["witness"] for finding in documents if finding["code"] == "contradiction"}
    for _, rule, _, _, other in found:
        assert {**json.loads(full), **json.loads(other)} == witnesses[rule]


def test_all_tells_every_finding_as_long_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, HOLDS)
    report = forbear("validate", path, "--limit", "1", "--all").out
    assert len(re.findall(r"^  case: \{", report.split("\n\n")[0], re.MULTILINE)) == 4
    assert "more rules" not in report
    assert "more of" not in report


def test_a_long_case_is_told_once_with_what_the_next_has_other(tmp_path: Path) -> None:
    flags = ("deceased", "bankruptcy", "employer_prohibits", "opted_out_calls", "letter_returned")
    facts = " and ".join(f"not {flag}" for flag in flags)
    text = f"rule early: within 13 days and {facts} then allow phone_call\n"
    text += f"rule later: after 14 days and {facts} then allow phone_call\n"
    report = forbear("validate", write(tmp_path, text)).out
    hole = next(part for part in report.split("\n\n") if part.startswith("warning[hole]"))
    first, *others = re.findall(r"^  case: (.*)$", hole, re.MULTILINE)
    assert json.loads(first)["days_overdue"] == 13
    assert others == ['the same with {"days_overdue": 14}', 'the same with {"days_overdue": 15}']


def test_a_fact_that_is_unknown_in_the_next_case_is_null_there() -> None:
    from forbear.report.text import other_facts

    assert other_facts({"a": 1, "c": 3}, {"a": 1, "b": 2}) == '{"c": 3, "b": null}'


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
        "1 of the note unguarded; --notes shows it\n1 note in 1 file" in forbear("validate", write(tmp_path, one)).out
    )
    two = one + "rule b: within 9 days then allow sms\nrule c: within 5 days and unreachable > 3 then allow sms\n"
    assert "2 of the note overlap; --notes shows them" in forbear("validate", write(tmp_path, two)).out
    old, new = write(tmp_path, one, "old.forbear"), write(tmp_path, one.replace("3", "4"), "new.forbear")
    assert "    and 1 more condition (--all)\n" in forbear("diff", old, new, "--limit", "0").out
    assert "- and 1 more condition\n" in forbear("diff", old, new, "--limit", "0", "--format", "markdown").out
