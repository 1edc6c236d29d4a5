"""Mistakes of authors in a realistic policy, each as somebody mends it who has read its message and nothing else.

What is mended loads, and means what was meant. No word of it is from elsewhere than the mistake and its message.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from checking import found, typed
from written import Written, texts

from forbear.analysis.findings.promises.failed_example import failed_examples

POLICY = """policy house "How far we go"
  currency CNY
uses collections
fact credit_limit money
fact income money
fact balance_last_month money optional
fact birth_date date
fact consent_until date or none
action fee
calendar us_2026 "holidays, US" covers 2026-01-01 to 2026-12-31
  weekend saturday, sunday
  holidays 2026-07-03

rule remind: from day 9 to day 13 then allow automated_voice
rule keep: never disclose_item_details
{statement}

example "meant":
  given {given}
  expect {expected}
"""
GIVEN = "days_overdue 70, overdue_amount CNY 500"
ROWS = texts(Path(__file__).with_name("first_try.txt"))
CHOSEN = {"dunning", "more", "hardship", "rule", "r"}
"""Names that an author makes up, or looks up where the message says so."""


def policy(statement: str, given: str, expected: str) -> str:
    sep = "" if not given else " " if given.startswith("on ") else ", "
    return POLICY.format(statement=statement, given=GIVEN + sep + given, expected=expected)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+|[^\w\s]", text))


@pytest.mark.parametrize("row", ROWS, ids=[row.text for row in ROWS])
def test_a_mistake_is_mended_by_its_message_alone(row: Written) -> None:
    mistake, (*lines, given, expected) = row.text, row.found
    mended, given = "\n".join(lines), given.removeprefix("given").strip()
    wrong = [one for one in found(policy(mistake, "", "sms unsaid")) if one.code != "failed-example"]
    message = " ".join(f"{one.message} {one.help}" for one in wrong if one.severity == "error")
    assert message
    assert words(mended) <= words(mistake) | words(message) | CHOSEN, words(mended) - words(mistake) - words(message)
    errors = list(failed_examples(typed(policy(mended, given, expected.removeprefix("expect ")))))
    assert not errors, [(one.message, one.help) for one in errors]


@pytest.mark.parametrize(
    ("mistake", "marked"),
    [
        (
            "Rule R: After 60 Days Then Allow SMS, EMAIL",
            ["Rule", "R", "After", "Days", "Then", "Allow", "SMS", "EMAIL"],
        ),
        ("rule a: UNREACHABLE BETWEEN 9 AND 13 THEN allow visit", ["UNREACHABLE", "BETWEEN", "AND", "THEN"]),
        ("rule day: never calls whenn deceased", ["day", "whenn"]),
        ("rule a: deceased && unreachable ≥ 3 || bankruptcy then allow sms", ["&&", "≥", "||"]),
        (
            "rule a: overdue_amount > $1,000 and promised_on > 21.09.2015 then alow sms",
            ["$1,000", "21.09.2015", "alow"],
        ),
        ("rule a: deceased && unreachable foo bar && after 3 days then allow sms", ["&&", "unreachable foo"]),
    ],
)
def test_the_mistakes_of_a_statement_come_together(mistake: str, marked: list[str]) -> None:
    before = len(POLICY.partition("{")[0])
    wrong = [one for one in found(policy(mistake, "", "sms unsaid")) if one.code in ("syntax", "bad-literal")]
    assert [one.place.text for one in wrong if one.place.span[0] >= before] == marked


def test_all_fixes_of_a_statement_can_be_taken_together() -> None:
    text = "rule r: Deceased && Unreachable ≥ 3 then Allow Sms, Email\n"
    fixes = [one.fix for one in found(text)]
    for fix in reversed(fixes):
        assert fix is not None
        [edit] = fix.edits
        text = text[: edit.place.span[0]] + edit.text + text[edit.place.span[1] :]
    assert text == "rule r: deceased and unreachable >= 3 then allow sms, email\n"
