"""Mistakes of authors in a realistic policy, each as somebody mends it who has read its message and nothing else.

What is mended loads, and means what was meant. No word of it is from elsewhere than the mistake and its message.
"""

from __future__ import annotations

import re

import pytest
from checking import found, typed

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
ROWS = [
    # the mistake, as it is mended, what is given beside GIVEN, what is expected
    (
        "fact segment one of none, standard, prime\nrule r: never sms when segment is standard",
        "fact segment one of none_, standard_, prime\nrule r: never sms when segment is standard_",
        "segment standard_",
        "sms forbidden",
    ),
    (
        "limit calls to 3 per day",
        "event calls_done\nfact calls_within_1_day count of calls_done in last 1 day\n"
        "limit calls to 3 by calls_within_1_day",
        "3 calls_done on 2026-03-01 on 2026-03-01",
        "phone_call forbidden",
    ),
    (
        "limit calls to 3 per week",
        "event calls_done\nfact calls_within_7_days count of calls_done in last 7 days\n"
        "limit calls to 3 by calls_within_7_days",
        "3 calls_done on 2026-03-01 on 2026-03-07",
        "phone_call forbidden",
    ),
    (
        "rule r: at most 3 calls per day",
        "event calls_done\nfact calls_within_1_day count of calls_done in last 1 day\n"
        "rule r: limit calls to 3 by calls_within_1_day",
        "3 calls_done on 2026-03-01 on 2026-03-01",
        "phone_call forbidden",
    ),
    (
        "limit phone_call to 3 by phone_call_within_7_days in 7 days",
        "event phone_call_done\nfact phone_call_within_7_days count of phone_call_done in last 7 days\n"
        "limit phone_call to 3 by phone_call_within_7_days",
        "3 phone_call_done on 2026-03-01 on 2026-03-07",
        "phone_call forbidden",
    ),
    (
        "rule r: after 60 days before 90 days then allow visit",
        "rule r: after 60 days and before day 90 then allow visit",
        "",
        "visit allowed",
    ),
    (
        "rule r: every 14 days then allow sms",
        "rule r: always then allow sms\nevent sms_done\nfact sms_within_14_days count of sms_done in last 14 days\n"
        "limit sms to 1 by sms_within_14_days",
        "sms_done on 2026-03-01 on 2026-03-14",
        "sms forbidden",
    ),
    (
        "rule r: after 9 days then allow sms every 14 days",
        "rule r: after 9 days then allow sms\nevent sms_done\n"
        "fact sms_within_14_days count of sms_done in last 14 days\n"
        "limit sms to 1 by sms_within_14_days",
        "sms_done on 2026-03-01 on 2026-03-15",
        "sms allowed",
    ),
    (
        "rule r: overdue_amount > 10% * credit_limit then allow visit",
        "rule r: overdue_amount > 10% of credit_limit then allow visit",
        "credit_limit CNY 4999",
        "visit allowed",
    ),
    (
        "rule r: overdue_amount > credit_limit * 0.1 then allow visit",
        "rule r: overdue_amount > 10% of credit_limit then allow visit",
        "credit_limit CNY 5000",
        "visit unsaid",
    ),
    (
        "rule r: overdue_amount / credit_limit > 10% then allow visit",
        "rule r: overdue_amount > 10% of credit_limit then allow visit",
        "credit_limit CNY 4999",
        "visit allowed",
    ),
    (
        "rule r: overdue_amount < half of balance_last_month then allow visit",
        "rule r: overdue_amount < 50% of balance_last_month then allow visit",
        "balance_last_month CNY 1001",
        "visit allowed",
    ),
    (
        "rule r: never visit when birth_date > today - 18 years",
        "fact years_since_birth_date years since birth_date\nrule r: never visit when years_since_birth_date < 18",
        "birth_date 2008-03-02 on 2026-03-01",
        "visit forbidden",
    ),
    (
        "rule r: never visit when promised_on > 3 days ago",
        "rule r: never visit when today between promised_on and promised_on + 3 days",
        "promised_on 2026-03-01, today 2026-03-04",
        "visit forbidden",
    ),
    (
        "rule r: promised_on > 3 days ago then allow visit",
        "rule r: today > promised_on + 3 days then allow visit",
        "promised_on 2026-03-01, today 2026-03-05",
        "visit allowed",
    ),
    (
        "rule r: never visit within 3 days after promised_on",
        "rule r: never visit when today between promised_on and promised_on + 3 days",
        "promised_on 2026-03-01, today 2026-03-04",
        "visit forbidden",
    ),
    (
        "rule r: never visit when today - promised_on <= 3 days",
        "rule r: never visit when today <= promised_on + 3 days",
        "promised_on 2026-03-01, today 2026-03-04",
        "visit forbidden",
    ),
    (
        "rule r: never sms when consent_until expired",
        "rule r: never sms when consent_until < today",
        "consent_until 2026-03-01, today 2026-03-02",
        "sms forbidden",
    ),
    (
        "fact earned number CNY\nrule r: never sms when earned < CNY 10",
        "fact earned money CNY\nrule r: never sms when earned < CNY 10",
        "earned CNY 9.99",
        "sms forbidden",
    ),
    (
        "setting days_off is 2026-10-01, 2026-10-02\nrule r: never sms when today is days_off",
        "rule r: never sms when today is one of 2026-10-01, 2026-10-02",
        "today 2026-10-02",
        "sms forbidden",
    ),
    (
        "rule r: allow letter and after 90 days then allow visit",
        "rule r: allow letter when always\nrule more: after 90 days then allow visit",
        "",
        "letter allowed, visit unsaid",
    ),
    ("rule r: allow letter after 60 days", "rule r: allow letter when after 60 days", "", "letter allowed"),
    ("rule 催收: never sms", 'rule dunning "催收": never sms', "", "sms forbidden"),
    (
        "rule r: never sms when （unreachable ＞ ６０）",
        "rule r: never sms when (unreachable > 60)",
        "unreachable 61",
        "sms forbidden",
    ),
    (
        "rule r: at least 3 unreachable then allow visit",
        "rule r: unreachable >= 3 then allow visit",
        "unreachable 3",
        "visit allowed",
    ),
    ("rule r: >=60 days then allow visit", "rule r: from day 60 then allow visit", "", "visit allowed"),
    (
        "rule r: 30 <= unreachable <= 60 then allow visit",
        "rule r: unreachable between 30 and 60 then allow visit",
        "unreachable 60",
        "visit allowed",
    ),
    (
        "rule r: overdue_amount >= 500 yuan then allow visit",
        "rule r: overdue_amount >= CNY 500 then allow visit",
        "",
        "visit allowed",
    ),
    (
        "rule r: overdue_amount > CNY 10 000 then allow visit",
        "rule r: overdue_amount > CNY 10_000 then allow visit",
        "",
        "visit unsaid",
    ),
    (
        "rule r: overdue_amount > 1万 then allow visit",
        "rule r: overdue_amount > CNY 10_000 then allow visit",
        "",
        "visit unsaid",
    ),
    ("ensure sms not allowed within 60 days", "ensure sms not allowed when within 60 days", "", "sms unsaid"),
    (
        'example "e":\n  given days_overdue 61\n  expect allow letter\nrule r: allow letter when always',
        'example "e":\n  given days_overdue 61\n  expect letter allowed\nrule r: allow letter when always',
        "",
        "letter allowed",
    ),
    (
        'example "e":\n  given 61 days overdue\n  expect letter unsaid',
        'example "e":\n  given days_overdue 61\n  expect letter unsaid',
        "",
        "letter unsaid",
    ),
    (
        "rule r: never visit when contact_source is missing",
        "rule r: never visit when contact_source is unknown",
        "contact_source unknown",
        "visit forbidden",
    ),
    ("rule 3.1: never sms", "rule rule_3_1: never sms", "", "sms forbidden"),
    ("rule r: 61 to 120 days then allow visit", "rule r: from day 61 to day 120 then allow visit", "", "visit allowed"),
    ("rule r: never third party", "rule r: never third_party", "", "contact_related forbidden"),
    (
        "rule r: overdue_amount > ¥100 then allow visit",
        "rule r: overdue_amount > CNY 100 then allow visit",
        "",
        "visit allowed",
    ),
    ("rule r: after 60 days then permit visit", "rule r: after 60 days then allow visit", "", "visit allowed"),
    (
        "rule r: never sms when cease_requested is true",
        "rule r: never sms when cease_requested is yes",
        "cease_requested yes",
        "sms forbidden",
    ),
    ("rule r: after sixty days then allow visit", "rule r: after 60 days then allow visit", "", "visit allowed"),
    (
        "rule r: never sms when plan active",
        "rule r: never sms when hardship is plan_active",
        "hardship plan_active",
        "sms forbidden",
    ),
    (
        "rule r: never sms when cease_requested\n  hardship is plan_active",
        "rule r: never sms when cease_requested\n  or hardship is plan_active",
        "hardship plan_active",
        "sms forbidden",
    ),
    (
        "rule r: allow fee of CNY 15",
        "fact fee_amount money\nrule r: allow fee when fee_amount <= CNY 15",
        "fee_amount CNY 15.01",
        "fee unsaid",
    ),
    (
        "rule r: after 9 days then allow visit on working days",
        "fact working_day working day of us_2026\nrule r: after 9 days and working_day then allow visit",
        "working_day yes",
        "visit allowed",
    ),
    ("rule r: never sms on sundays", "rule r: never sms when weekday is sunday", "weekday sunday", "sms forbidden"),
    (
        "rule r: send opt_out_notice with every text\nrule s: allow sms when always",
        "rule r: require opt_out_notice with sms\nrule s: allow sms when always",
        "",
        "sms allowed with opt_out_notice",
    ),
    (
        "rule r: after 9 days then allow sms and opt_out_notice together",
        "rule r: after 9 days then allow sms with opt_out_notice",
        "",
        "sms allowed with opt_out_notice",
    ),
    (
        "rule r: require opt_out_notice when sms\nrule s: allow sms when always",
        "rule r: require opt_out_notice with sms\nrule s: allow sms when always",
        "",
        "sms allowed with opt_out_notice",
    ),
    (
        "rule r: after 60 days then allow visit after letter",
        "event letter_done\nfact letter_before any letter_done ever\n"
        "rule r: after 60 days and letter_before then allow visit",
        "letter_before yes",
        "visit allowed",
    ),
    (
        "rule r: paid less than CNY 100 in the last 30 days then allow visit",
        "event payment has amount money\nfact paid_lately sum of payment.amount in last 30 days\n"
        "rule r: paid_lately < CNY 100 then allow visit",
        "payment on 2026-03-01 amount CNY 99.99 on 2026-03-30",
        "visit allowed",
    ),
]
CHOSEN = {"dunning", "more", "hardship", "rule", "r"}
"""Names that an author makes up, or looks up where the message says so."""


def policy(statement: str, given: str, expected: str) -> str:
    sep = "" if not given else " " if given.startswith("on ") else ", "
    return POLICY.format(statement=statement, given=GIVEN + sep + given, expected=expected)


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+|[^\w\s]", text))


@pytest.mark.parametrize(("mistake", "mended", "given", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_mistake_is_mended_by_its_message_alone(mistake: str, mended: str, given: str, expected: str) -> None:
    wrong = [one for one in found(policy(mistake, "", "sms unsaid")) if one.code != "failed-example"]
    message = " ".join(f"{one.message} {one.help}" for one in wrong if one.severity == "error")
    assert message
    assert words(mended) <= words(mistake) | words(message) | CHOSEN, words(mended) - words(mistake) - words(message)
    errors = list(failed_examples(typed(policy(mended, given, expected))))
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
